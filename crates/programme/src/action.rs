use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{CaseId, EnrolmentId, Invalid, Money, NoticeId};

use crate::{AppealEffect, Ground, Notice};

/// What an adverse action does.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new way to stop a benefit must break whoever handles them"
)]
pub enum Step {
    /// Refuses an application.
    Reject,
    /// Lowers the amount.
    Reduce {
        /// The amount from then on.
        to: Money,
    },
    /// Stops the benefit for a time.
    Suspend,
    /// Stops the benefit for good.
    End,
}

impl Step {
    /// The step as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Reduce { .. } => "reduce",
            Self::Suspend => "suspend",
            Self::End => "end",
        }
    }
}

/// Rejecting, reducing, suspending or ending, with its lawful ground and the
/// notice given of it.
///
/// There is no other way to stop a benefit, and no way to make one without a
/// [`Notice`] and a [`Ground`]; how the compiler refuses each attempt is shown
/// in the chapter *Programme* of the book. It has no effect before the day that
/// the notice says, nor while an appeal holds it back: see [`in_force`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Wire")]
pub struct AdverseAction {
    enrolment: EnrolmentId,
    step: Step,
    ground: Ground,
    notice: Notice,
}

#[derive(Deserialize)]
struct Wire {
    enrolment: EnrolmentId,
    step: Step,
    ground: Ground,
    notice: Notice,
}

impl TryFrom<Wire> for AdverseAction {
    type Error = Invalid;

    fn try_from(wire: Wire) -> Result<Self, Invalid> {
        Self::new(wire.enrolment, wire.step, wire.ground, wire.notice)
    }
}

impl AdverseAction {
    /// `step` upon `enrolment`, on this ground, under this notice.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the ground does not carry the step: only a new amount or
    /// a human decision reduces, to an amount above nothing; a closed programme
    /// suspends nobody.
    pub fn new(
        enrolment: EnrolmentId,
        step: Step,
        ground: Ground,
        notice: Notice,
    ) -> Result<Self, Invalid> {
        let carried = match (&ground, step) {
            (Ground::AmountRecomputed(new), Step::Reduce { to }) => new.amount() == to,
            (Ground::HumanDecision(_), _) => true,
            (Ground::AmountRecomputed(_), _) | (_, Step::Reduce { .. }) => false,
            (Ground::ProgrammeClosed(_), Step::Suspend) => false,
            (
                Ground::RuleNotMet(_)
                | Ground::RequestedByPerson { .. }
                | Ground::Death(_)
                | Ground::MovedOut { .. }
                | Ground::ProgrammeClosed(_),
                Step::Reject | Step::Suspend | Step::End,
            ) => true,
        };
        if !carried {
            return Err(Invalid::new("ground", "must be one that carries the step"));
        }
        if matches!(step, Step::Reduce { to } if !to.is_positive()) {
            return Err(Invalid::new("to", "must be above nothing"));
        }
        Ok(Self {
            enrolment,
            step,
            ground,
            notice,
        })
    }

    /// Upon which enrolment.
    #[must_use]
    pub const fn enrolment(&self) -> EnrolmentId {
        self.enrolment
    }

    /// What it does.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.step
    }

    /// On which ground.
    #[must_use]
    pub const fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Under which notice, which also names it.
    #[must_use]
    pub const fn notice(&self) -> &Notice {
        &self.notice
    }
}

/// How an appeal ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "an appeal that was upheld must never fall under a wildcard"
)]
pub enum AppealOutcome {
    /// The person was right: the action is void from the beginning.
    Upheld,
    /// The action stands.
    Dismissed,
}

/// An appeal against an adverse action. The grievance block handles the case;
/// here it says what the action may do meanwhile.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Appeal {
    /// The grievance case.
    pub case: CaseId,
    /// The action that it is against, by its notice.
    pub against: NoticeId,
    /// The day on which it was made.
    pub made: NaiveDate,
    /// The day on which it was decided, and how.
    pub decided: Option<(NaiveDate, AppealOutcome)>,
}

impl Appeal {
    /// An appeal made on `made`, still open.
    #[must_use]
    pub const fn new(case: CaseId, against: NoticeId, made: NaiveDate) -> Self {
        Self {
            case,
            against,
            made,
            decided: None,
        }
    }

    /// The same, decided on `day`.
    #[must_use]
    pub const fn decided(mut self, day: NaiveDate, outcome: AppealOutcome) -> Self {
        self.decided = Some((day, outcome));
        self
    }

    /// Whether it was upheld, by whatever day.
    #[must_use]
    pub const fn upheld(&self) -> bool {
        matches!(self.decided, Some((_, AppealOutcome::Upheld)))
    }
}

/// Whether `action` has effect on the day `on`.
///
/// It does from the day that its notice says, except while an appeal that was
/// made in time holds it back, and from the day on which one is upheld.
/// Appeals against other actions count for nothing.
#[must_use]
pub fn in_force(action: &AdverseAction, appeals: &[Appeal], on: NaiveDate) -> bool {
    let notice = action.notice();
    let holds_back = |appeal: &Appeal| match appeal.decided {
        Some((day, AppealOutcome::Upheld)) if day <= on => true,
        Some((day, AppealOutcome::Dismissed)) if day <= on => false,
        Some(_) | None => {
            notice.terms().appeal_effect == AppealEffect::Suspends
                && appeal.made <= on
                && appeal.made <= notice.appeal_until()
        }
    };
    notice.effect() <= on
        && !appeals
            .iter()
            .any(|appeal| appeal.against == notice.id() && holds_back(appeal))
}
