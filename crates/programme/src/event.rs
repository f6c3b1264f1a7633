use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{CaseId, DecisionId, EnrolmentId, Money, NoticeId, PersonId, Stamp};

use crate::{AdverseAction, AppealOutcome, HumanDecision, RequestedByPerson};

solidarity_core::id! {
    /// Something that happened to an enrolment.
    pub struct EventId;
}

/// What can happen to an enrolment.
///
/// Nothing among it sets a state: the state follows from what happened, and to
/// stop anything takes an [`AdverseAction`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a life cycle is handled whole or not at all"
)]
pub enum Event {
    /// The unit is eligible, and there is not money for it yet.
    Wait {
        /// From which day.
        on: NaiveDate,
        /// The decision that says so.
        decision: DecisionId,
    },
    /// The benefit begins, or rises.
    Admit {
        /// From which day.
        on: NaiveDate,
        /// The amount in each cycle.
        amount: Money,
        /// On whose word.
        by: Admission,
    },
    /// Notice is given of an adverse action.
    Stop(Box<AdverseAction>),
    /// Somebody appeals.
    Appeal {
        /// The grievance case.
        case: CaseId,
        /// Against the action of this notice.
        against: NoticeId,
        /// On which day.
        on: NaiveDate,
    },
    /// An appeal is decided.
    DecideAppeal {
        /// The grievance case.
        case: CaseId,
        /// On which day.
        on: NaiveDate,
        /// How.
        outcome: AppealOutcome,
    },
    /// An action is taken back: a suspension ends, or an office corrects
    /// itself.
    Lift {
        /// The notice of the action.
        notice: NoticeId,
        /// From which day. What was withheld from that day on is owed: who was
        /// wrong from the beginning says the day of the action's effect.
        on: NaiveDate,
    },
    /// Another person collects.
    ChangePayee {
        /// Who.
        to: PersonId,
        /// From which day, which is no day before it is recorded.
        on: NaiveDate,
        /// On whose word.
        by: PayeeChange,
    },
}

/// On whose word a benefit begins or rises.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Admission {
    /// A decision that finds the unit eligible for the amount.
    Decision(DecisionId),
    /// An appeal that was upheld.
    Appeal(CaseId),
    /// A named person, who says why.
    Human(HumanDecision),
}

/// On whose word another person collects.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new way to lead money elsewhere must break whoever handles them"
)]
pub enum PayeeChange {
    /// Who collects so far asks for it.
    Requested(RequestedByPerson),
    /// A named person decides so, and says why.
    Human(HumanDecision),
}

impl Event {
    /// The event as a word.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Wait { .. } => "wait",
            Self::Admit { .. } => "admit",
            Self::Stop(action) => action.step().as_str(),
            Self::Appeal { .. } => "appeal",
            Self::DecideAppeal { .. } => "decide_appeal",
            Self::Lift { .. } => "lift",
            Self::ChangePayee { .. } => "change_payee",
        }
    }

    /// The day from which it has effect: of a stop, the one that its notice
    /// says.
    #[must_use]
    pub fn on(&self) -> NaiveDate {
        match self {
            Self::Stop(action) => action.notice().effect(),
            Self::Wait { on, .. }
            | Self::Admit { on, .. }
            | Self::Appeal { on, .. }
            | Self::DecideAppeal { on, .. }
            | Self::Lift { on, .. }
            | Self::ChangePayee { on, .. } => *on,
        }
    }

    /// The decision that it rests on, which the store must hold.
    #[must_use]
    pub fn decision(&self) -> Option<DecisionId> {
        match self {
            Self::Wait { decision, .. } => Some(*decision),
            Self::Admit { by, .. } => match by {
                Admission::Decision(decision) => Some(*decision),
                Admission::Appeal(_) | Admission::Human(_) => None,
            },
            Self::Stop(action) => action.ground().decision(),
            Self::Appeal { .. }
            | Self::DecideAppeal { .. }
            | Self::Lift { .. }
            | Self::ChangePayee { .. } => None,
        }
    }
}

/// An event to be recorded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewEvent {
    /// Names the event.
    pub id: EventId,
    /// Of which enrolment.
    pub enrolment: EnrolmentId,
    /// What happened.
    pub event: Event,
}

impl NewEvent {
    /// `event` happened to `enrolment`.
    #[must_use]
    pub const fn new(id: EventId, enrolment: EnrolmentId, event: Event) -> Self {
        Self {
            id,
            enrolment,
            event,
        }
    }

    /// Notice is given of `action`; the notice names the event.
    #[must_use]
    pub fn stop(action: AdverseAction) -> Self {
        Self {
            id: EventId::derive(&action.notice().id(), "stop"),
            enrolment: action.enrolment(),
            event: Event::Stop(Box::new(action)),
        }
    }
}

/// An event as it was recorded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Recorded {
    /// Names the event.
    pub id: EventId,
    /// What happened.
    pub event: Event,
    /// When it was recorded, by whom, why.
    pub stamp: Stamp,
}

impl Recorded {
    /// `new`, as recorded at `stamp`.
    #[must_use]
    pub fn new(new: NewEvent, stamp: Stamp) -> Self {
        Self {
            id: new.id,
            event: new.event,
            stamp,
        }
    }
}
