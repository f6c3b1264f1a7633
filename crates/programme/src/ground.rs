use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::limits::{LINE_MAX_BYTES, TEXT_MAX_BYTES};
use solidarity_core::{
    ActorId, DecisionId, Invalid, Money, PersonId, Pii, ProgrammeId, check_lines, check_text,
};

use crate::Source;

/// A lawful ground for an adverse action.
///
/// These are all there are. What identity verification answers, and a hint
/// that two records may be of one person, are none: nothing here can be made
/// from them, and somebody who concludes from them anyway does so as a
/// [`HumanDecision`], under their name and with their reasons.
///
/// Each names what makes it accountable, and a store takes it for nobody else:
/// a decision is one of the unit, a closure is one of the programme, and who
/// asks, died or moved is who collects or belongs to the unit.
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
    /// Somebody of the unit asks for it, and was heard by a named person.
    RequestedByPerson(RequestedByPerson),
    /// Somebody of the unit died, as two records say.
    Death(Death),
    /// Somebody of the unit moved out of the programme's area, as a record
    /// says.
    MovedOut(MovedOut),
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
            Self::RequestedByPerson(_)
            | Self::Death(_)
            | Self::MovedOut(_)
            | Self::HumanDecision(_)
            | Self::ProgrammeClosed(_) => None,
        }
    }

    /// Whom it is about, who must collect the benefit or belong to the unit.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::RequestedByPerson(ground) => Some(ground.person),
            Self::Death(ground) => Some(ground.person),
            Self::MovedOut(ground) => Some(ground.person),
            Self::RuleNotMet(_)
            | Self::AmountRecomputed(_)
            | Self::HumanDecision(_)
            | Self::ProgrammeClosed(_) => None,
        }
    }

    /// The day on which it was asked for or confirmed.
    #[must_use]
    pub const fn on(&self) -> Option<NaiveDate> {
        match self {
            Self::RequestedByPerson(ground) => Some(ground.on),
            Self::MovedOut(ground) => Some(ground.on),
            Self::RuleNotMet(_)
            | Self::AmountRecomputed(_)
            | Self::Death(_)
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

/// What a person asked for themself, and who heard them.
///
/// ```
/// # use solidarity_core::{ActorId, PersonId};
/// use solidarity_programme::{Ground, RequestedByPerson};
///
/// # let (person, clerk) = (PersonId::generate(), ActorId::generate());
/// let on = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
/// let asked = RequestedByPerson::new(person, clerk, on);
/// assert_eq!(asked.heard_by(), clerk);
/// assert_eq!(Ground::RequestedByPerson(asked).person(), Some(person));
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RequestedByPerson {
    person: PersonId,
    heard_by: ActorId,
    on: NaiveDate,
}

impl RequestedByPerson {
    /// `person` asked for it on the day `on`, as `heard_by` answers for.
    #[must_use]
    pub const fn new(person: PersonId, heard_by: ActorId, on: NaiveDate) -> Self {
        Self {
            person,
            heard_by,
            on,
        }
    }

    /// Who asks.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// Who heard them, and answers for it.
    #[must_use]
    pub const fn heard_by(&self) -> ActorId {
        self.heard_by
    }

    /// On which day.
    #[must_use]
    pub const fn on(&self) -> NaiveDate {
        self.on
    }
}

/// A death that two records say, so that one wrong flag declares nobody dead,
/// and that somebody confirmed, so that no match of records does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "DeathWire")]
pub struct Death {
    person: PersonId,
    sources: (Source, Source),
    confirmed_by: ActorId,
}

#[derive(Deserialize)]
struct DeathWire {
    person: PersonId,
    sources: (Source, Source),
    confirmed_by: ActorId,
}

impl TryFrom<DeathWire> for Death {
    type Error = Invalid;

    fn try_from(wire: DeathWire) -> Result<Self, Invalid> {
        Self::new(
            wire.person,
            wire.sources.0,
            wire.sources.1,
            wire.confirmed_by,
        )
    }
}

impl Death {
    /// `person` died, as both sources say and `confirmed_by` answers for.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if both are one record.
    pub fn new(
        person: PersonId,
        one: Source,
        other: Source,
        confirmed_by: ActorId,
    ) -> Result<Self, Invalid> {
        if one.record() == other.record() {
            return Err(Invalid::new("sources", "must be two different records"));
        }
        Ok(Self {
            person,
            sources: (one, other),
            confirmed_by,
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

    /// Who looked at both, and answers for it.
    #[must_use]
    pub const fn confirmed_by(&self) -> ActorId {
        self.confirmed_by
    }
}

/// A move out of the programme's area, that a record says and somebody
/// confirmed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MovedOut {
    person: PersonId,
    source: Source,
    confirmed_by: ActorId,
    on: NaiveDate,
}

impl MovedOut {
    /// `person` moved out, as `source` says and `confirmed_by` answers for,
    /// who confirmed it on the day `on`.
    #[must_use]
    pub const fn new(
        person: PersonId,
        source: Source,
        confirmed_by: ActorId,
        on: NaiveDate,
    ) -> Self {
        Self {
            person,
            source,
            confirmed_by,
            on,
        }
    }

    /// Who moved.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// The record that says so.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// Who confirmed it, and answers for it.
    #[must_use]
    pub const fn confirmed_by(&self) -> ActorId {
        self.confirmed_by
    }

    /// The day on which it was confirmed.
    #[must_use]
    pub const fn on(&self) -> NaiveDate {
        self.on
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
    programme: ProgrammeId,
    act: String,
}

#[derive(Deserialize)]
struct ClosedWire {
    programme: ProgrammeId,
    act: String,
}

impl TryFrom<ClosedWire> for ProgrammeClosed {
    type Error = Invalid;

    fn try_from(wire: ClosedWire) -> Result<Self, Invalid> {
        Self::new(wire.programme, wire.act)
    }
}

impl ProgrammeClosed {
    /// `programme` is closed by `act`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the act is blank or longer than
    /// [`LINE_MAX_BYTES`](solidarity_core::limits::LINE_MAX_BYTES).
    pub fn new(programme: ProgrammeId, act: impl Into<String>) -> Result<Self, Invalid> {
        let act = act.into();
        check_text("act", &act, LINE_MAX_BYTES)?;
        Ok(Self { programme, act })
    }

    /// Which programme.
    #[must_use]
    pub const fn programme(&self) -> ProgrammeId {
        self.programme
    }

    /// The act.
    #[must_use]
    pub fn act(&self) -> &str {
        &self.act
    }
}
