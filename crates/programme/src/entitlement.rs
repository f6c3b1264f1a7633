use serde::{Deserialize, Serialize};
use solidarity_core::{CycleId, EnrolmentId, EntitlementId, Money, PersonId, ProgrammeId, UnitId};

use crate::{Cycle, Enrolment, Error, Result};

/// For which cycle an entitlement is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "arrears counted as a regular amount would be paid twice"
)]
pub enum EntitlementKind {
    /// For the cycle in which it is paid.
    Regular,
    /// For a cycle in which it was withheld, as an appeal found or the office
    /// itself.
    Arrears {
        /// Which cycle.
        missed: CycleId,
    },
}

/// What one enrolment gives in one cycle.
///
/// Its id follows from the enrolment and the cycle, and of arrears also from how
/// much was set before, so that it is there once, however often it is set, and
/// the payment's id can follow from it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entitlement {
    id: EntitlementId,
    enrolment: EnrolmentId,
    programme: ProgrammeId,
    cycle: CycleId,
    unit: UnitId,
    payee: PersonId,
    amount: Money,
    kind: EntitlementKind,
}

impl Entitlement {
    /// What `enrolment` gives in `cycle`: nothing, unless it is enrolled on the
    /// day of the cycle's assessment.
    #[must_use]
    pub fn regular(enrolment: &Enrolment, cycle: &Cycle) -> Option<Self> {
        let amount = enrolment.amount_on(cycle.assessed_on())?;
        let step = format!("cycle:{}", cycle.id());
        Self::of(enrolment, cycle, amount, EntitlementKind::Regular, &step)
    }

    /// What `enrolment` is still owed for the cycle `missed`, now that an
    /// appeal was upheld or a stop taken back, to be paid in `cycle`: what was
    /// due, corrected, less what was set so far.
    ///
    /// `prior` are its entitlements so far. Its id follows from how much they
    /// set for that cycle: worked out again it is the same, and of two that were
    /// worked out from the same state only one can be set. What is corrected
    /// once more is owed once more.
    #[must_use]
    pub fn arrears(
        enrolment: &Enrolment,
        missed: &Cycle,
        cycle: &Cycle,
        prior: &[Self],
    ) -> Option<Self> {
        if !enrolment.is_corrected() || missed.programme() != enrolment.programme() {
            return None;
        }
        let due = enrolment.corrected_amount_on(missed.assessed_on())?;
        let missed = missed.id();
        let earlier = prior.iter().filter(|e| e.for_cycle() == missed);
        let set = Money::sum(due.currency(), earlier.map(|e| e.amount)).ok()?;
        let (owed, kind) = (
            due.checked_sub(set).ok()?,
            EntitlementKind::Arrears { missed },
        );
        let step = format!("arrears:{missed}:{}", set.minor());
        Self::of(enrolment, cycle, owed, kind, &step)
    }

    fn of(
        enrolment: &Enrolment,
        cycle: &Cycle,
        amount: Money,
        kind: EntitlementKind,
        step: &str,
    ) -> Option<Self> {
        let due = amount.is_positive() && cycle.programme() == enrolment.programme();
        due.then(|| Self {
            id: EntitlementId::derive(&enrolment.id(), step),
            enrolment: enrolment.id(),
            programme: enrolment.programme(),
            cycle: cycle.id(),
            unit: enrolment.unit(),
            payee: enrolment.payee_on(cycle.assessed_on()),
            amount,
            kind,
        })
    }

    /// Names the entitlement.
    #[must_use]
    pub const fn id(&self) -> EntitlementId {
        self.id
    }

    /// Of which enrolment.
    #[must_use]
    pub const fn enrolment(&self) -> EnrolmentId {
        self.enrolment
    }

    /// In which programme.
    #[must_use]
    pub const fn programme(&self) -> ProgrammeId {
        self.programme
    }

    /// In which cycle it is paid.
    #[must_use]
    pub const fn cycle(&self) -> CycleId {
        self.cycle
    }

    /// Whose it is.
    #[must_use]
    pub const fn unit(&self) -> UnitId {
        self.unit
    }

    /// Who collects it.
    #[must_use]
    pub const fn payee(&self) -> PersonId {
        self.payee
    }

    /// How much.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// For which cycle.
    #[must_use]
    pub const fn kind(&self) -> EntitlementKind {
        self.kind
    }

    /// The cycle that it is for: the one missed, of arrears.
    #[must_use]
    pub const fn for_cycle(&self) -> CycleId {
        match self.kind {
            EntitlementKind::Regular => self.cycle,
            EntitlementKind::Arrears { missed } => missed,
        }
    }
}

/// Whether an entitlement may be set: it is what the enrolment gives.
///
/// `missed` is the cycle that it is for, and `prior` are the unit's
/// entitlements for that cycle, by whatever enrolment.
///
/// # Errors
///
/// [`Error::Unfounded`] if it is another amount or payee, or nothing is due;
/// [`Error::AlreadyEnrolled`] if another enrolment of the unit has had it.
pub fn check_entitlement(
    entitlement: &Entitlement,
    enrolment: &Enrolment,
    cycle: &Cycle,
    missed: &Cycle,
    prior: &[Entitlement],
) -> Result<()> {
    let other = prior.iter().find(|e| e.enrolment != enrolment.id());
    if let Some(other) = other {
        return Err(Error::already_enrolled(enrolment.unit(), other.enrolment));
    }
    let due = match entitlement.kind {
        EntitlementKind::Regular if !prior.is_empty() => None,
        EntitlementKind::Regular => Entitlement::regular(enrolment, cycle),
        EntitlementKind::Arrears { .. } => Entitlement::arrears(enrolment, missed, cycle, prior),
    };
    if due.as_ref() == Some(entitlement) {
        Ok(())
    } else {
        Err(Error::unfounded(entitlement.id, "is not due so"))
    }
}
