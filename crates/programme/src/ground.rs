use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::limits::{LINE_MAX_BYTES, TEXT_MAX_BYTES};
use solidarity_core::{
    ActorId, DecisionId, Invalid, Money, PersonId, Pii, check_lines, check_text,
};

use crate::Source;

/// A lawful ground for an adverse action.
///
/// These are all there are. What identity verification answers, and a hint
/// that two records may be of one person, are none: nothing here can be made
/// from them, and somebody who concludes from them anyway does so as a
/// [`HumanDecision`], under their name and with their reasons.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new ground to stop somebody's benefit must break whoever handles them"
)]
pub enum Ground {
    /// The eligibility rule does not hold, whatever is missing:
    /// [`Ineligible::ground`](crate::Ineligible::ground).
    RuleNotMet(RuleNotMet),
    /// A new decision gives a lower amount:
    /// [`Eligible::ground`](crate::Eligible::ground).
    AmountRecomputed(AmountRecomputed),
    /// The person asks for it.
    RequestedByPerson {
        /// Who asks.
        person: PersonId,
        /// On which day.
        on: NaiveDate,
    },
    /// Somebody died, as two sources say.
    Death(Death),
    /// The unit moved out of the programme's area, as somebody confirmed.
    MovedOut {
        /// Who confirmed it.
        confirmed_by: ActorId,
        /// On which day.
        on: NaiveDate,
    },
    /// A named person decided so, and says why.
    HumanDecision(HumanDecision),
    /// The programme is closed by an act of law.
    ProgrammeClosed(ProgrammeClosed),
}

impl Ground {
    /// The decision that it rests on, which the store must hold.
    #[must_use]
    pub const fn decision(&self) -> Option<DecisionId> {
        match self {
            Self::RuleNotMet(ground) => Some(ground.decision),
            Self::AmountRecomputed(ground) => Some(ground.decision),
            Self::RequestedByPerson { .. }
            | Self::Death(_)
            | Self::MovedOut { .. }
            | Self::HumanDecision(_)
            | Self::ProgrammeClosed(_) => None,
        }
    }
}

/// A decision found the unit ineligible. Only such a decision makes one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RuleNotMet {
    pub(crate) decision: DecisionId,
}

impl RuleNotMet {
    /// The decision.
    #[must_use]
    pub const fn decision(&self) -> DecisionId {
        self.decision
    }
}

/// A decision found the unit eligible for this amount. Only such a decision
/// makes one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AmountRecomputed {
    pub(crate) decision: DecisionId,
    pub(crate) amount: Money,
}

impl AmountRecomputed {
    /// The decision.
    #[must_use]
    pub const fn decision(&self) -> DecisionId {
        self.decision
    }

    /// The amount.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }
}

/// A death that two records say, so that one wrong flag declares nobody dead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "DeathWire")]
pub struct Death {
    person: PersonId,
    sources: (Source, Source),
}

#[derive(Deserialize)]
struct DeathWire {
    person: PersonId,
    sources: (Source, Source),
}

impl TryFrom<DeathWire> for Death {
    type Error = Invalid;

    fn try_from(wire: DeathWire) -> Result<Self, Invalid> {
        Self::new(wire.person, wire.sources.0, wire.sources.1)
    }
}

impl Death {
    /// `person` died, as both sources say.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if both are one record.
    pub fn new(person: PersonId, one: Source, other: Source) -> Result<Self, Invalid> {
        if one.record() == other.record() {
            return Err(Invalid::new("sources", "must be two different records"));
        }
        Ok(Self {
            person,
            sources: (one, other),
        })
    }

    /// Who died.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// The records that say so.
    #[must_use]
    pub const fn sources(&self) -> (Source, Source) {
        self.sources
    }
}

/// What a named person decided, and why.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "HumanWire")]
pub struct HumanDecision {
    by: ActorId,
    #[serde(with = "solidarity_core::exposed")]
    reasons: Pii<String>,
}

#[derive(Deserialize)]
struct HumanWire {
    by: ActorId,
    reasons: Pii<String>,
}

impl TryFrom<HumanWire> for HumanDecision {
    type Error = Invalid;

    fn try_from(wire: HumanWire) -> Result<Self, Invalid> {
        Self::new(wire.by, wire.reasons.into_exposed())
    }
}

impl HumanDecision {
    /// `by` decides so, for `reasons` that anyone can follow.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the reasons are blank or longer than
    /// [`TEXT_MAX_BYTES`](solidarity_core::limits::TEXT_MAX_BYTES).
    pub fn new(by: ActorId, reasons: impl Into<String>) -> Result<Self, Invalid> {
        let reasons = reasons.into();
        check_lines("reasons", &reasons, TEXT_MAX_BYTES)?;
        Ok(Self {
            by,
            reasons: Pii::new(reasons),
        })
    }

    /// Who decided.
    #[must_use]
    pub const fn by(&self) -> ActorId {
        self.by
    }

    /// Why.
    #[must_use]
    pub const fn reasons(&self) -> &Pii<String> {
        &self.reasons
    }
}

/// The act of law by which a programme is closed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "ClosedWire")]
pub struct ProgrammeClosed {
    act: String,
}

#[derive(Deserialize)]
struct ClosedWire {
    act: String,
}

impl TryFrom<ClosedWire> for ProgrammeClosed {
    type Error = Invalid;

    fn try_from(wire: ClosedWire) -> Result<Self, Invalid> {
        Self::new(wire.act)
    }
}

impl ProgrammeClosed {
    /// Closed by `act`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is blank or longer than
    /// [`LINE_MAX_BYTES`](solidarity_core::limits::LINE_MAX_BYTES).
    pub fn new(act: impl Into<String>) -> Result<Self, Invalid> {
        let act = act.into();
        check_text("act", &act, LINE_MAX_BYTES)?;
        Ok(Self { act })
    }

    /// The act.
    #[must_use]
    pub fn act(&self) -> &str {
        &self.act
    }
}
