use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{Commitment, Invalid, Money, PaymentId, Salt, Stamp, Version};

use crate::{EntryId, Imbalance, Line, LineState, RailReference, Reason, Receipt};

solidarity_core::id! {
    /// One event in the life of a payment.
    pub struct EventId;
}

/// What a person decides about a payment that no rail can clear up.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the table of states matches it whole"
)]
pub enum Resolution {
    /// The payee's account has it.
    Credited,
    /// No money left.
    Rejected(Reason),
    /// The money came back.
    Returned(Reason),
}

/// What happened to a payment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the table of states matches it whole"
)]
pub enum EventKind {
    /// We are about to hand it to the rail. *An act.*
    Submitting,
    /// We are about to hand it again to a rail that recognizes it. *An act*,
    /// and only for a [`DeduplicatingRail`](crate::DeduplicatingRail).
    Resubmitting,
    /// The rail took it.
    Accepted {
        /// What the rail calls it.
        reference: RailReference,
    },
    /// The rail's answer was lost. *An act*: it ends our own try.
    AnswerLost,
    /// The rail says that it never had it and will not take what was sent
    /// before. *An act*: it frees the payment to be handed over again.
    NotKnown,
    /// The rail refused it.
    Rejected {
        /// Why.
        reason: Reason,
    },
    /// The rail paid it out.
    Credited {
        /// How much.
        amount: Money,
        /// The entry of the statement that says so.
        entry: Option<EntryId>,
    },
    /// The money came back.
    Returned {
        /// How much.
        amount: Money,
        /// Why.
        reason: Reason,
        /// The entry of the statement that says so.
        entry: Option<EntryId>,
    },
    /// We give it up before the rail had it. *An act.*
    Cancelled,
    /// A person decided what is so. *An act.*
    Resolved {
        /// What they decided.
        to: Resolution,
    },
    /// The rail charged for it.
    FeeCharged {
        /// How much.
        amount: Money,
    },
    /// The payee said whether they have it.
    ReceiptStated {
        /// What they said.
        receipt: Receipt,
    },
}

impl EventKind {
    /// Whether it is an act of ours, which states the version of the line
    /// that it was decided on. Everything else is news, taken in any state.
    #[must_use]
    pub const fn is_act(&self) -> bool {
        match self {
            Self::Submitting
            | Self::Resubmitting
            | Self::AnswerLost
            | Self::NotKnown
            | Self::Cancelled
            | Self::Resolved { .. } => true,
            Self::Accepted { .. }
            | Self::Rejected { .. }
            | Self::Credited { .. }
            | Self::Returned { .. }
            | Self::FeeCharged { .. }
            | Self::ReceiptStated { .. } => false,
        }
    }

    /// Its name, as the change feed has it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submitting => "submitting",
            Self::Resubmitting => "resubmitting",
            Self::Accepted { .. } => "accepted",
            Self::AnswerLost => "answer-lost",
            Self::NotKnown => "not-known",
            Self::Rejected { .. } => "rejected",
            Self::Credited { .. } => "credited",
            Self::Returned { .. } => "returned",
            Self::Cancelled => "cancelled",
            Self::Resolved { .. } => "resolved",
            Self::FeeCharged { .. } => "fee-charged",
            Self::ReceiptStated { .. } => "receipt-stated",
        }
    }
}

/// One event, as it is recorded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LineEvent {
    /// Names the event: the same news under the same id is recorded once.
    pub id: EventId,
    /// Which payment.
    pub payment: PaymentId,
    /// For an act, the version of the line that it was decided on.
    pub expected: Option<Version>,
    /// When it happened, by the word of whoever tells it.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: EventKind,
}

impl LineEvent {
    /// An act on `line` as it was read. Its id is fresh: of two processes
    /// that decide the same act on the same line, one meets a conflict, and
    /// never takes the other's act for its own.
    #[must_use]
    pub fn act(line: &Line, at: DateTime<Utc>, kind: EventKind) -> Self {
        Self {
            id: EventId::generate(),
            payment: line.id(),
            expected: Some(line.version()),
            at: at.trunc_subsecs(6),
            kind,
        }
    }

    /// News about `payment`. `source` says where it comes from, so that the
    /// same news is the same event: an entry of a statement, a callback.
    #[must_use]
    pub fn news(payment: PaymentId, source: &str, at: DateTime<Utc>, kind: EventKind) -> Self {
        let step = format!("{source}:{}", kind.name());
        Self {
            id: EventId::derive(&payment, &step),
            payment,
            expected: None,
            at: at.trunc_subsecs(6),
            kind,
        }
    }
}

/// Why an event was not recorded. Nothing was written for it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such payment.
    #[error("there is no such payment")]
    UnknownPayment,
    /// The batch is not released: nothing of it moves.
    #[error("the payment's batch is not released")]
    NotReleased,
    /// The event id was recorded before and said something else.
    #[error("the event was recorded before and said something else")]
    EventTaken,
    /// The line is at another version: read it again.
    #[error("the payment is at version {actual}, not the one expected")]
    #[non_exhaustive]
    Conflict {
        /// The version that it is at.
        actual: Version,
    },
    /// The table of states does not allow it.
    #[error("`{event}` is not for a payment that is {state:?}")]
    #[non_exhaustive]
    NotAllowed {
        /// What the payment is.
        state: LineState,
        /// The event's name.
        event: &'static str,
    },
    /// The event breaks a rule of its own.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The control totals would not balance.
    #[error(transparent)]
    Imbalance(#[from] Imbalance),
}

/// What became of one event of a batch of events.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "who forgets a refusal submits what is not theirs to submit"
)]
pub enum Outcome {
    /// It is recorded, now or before: the line came to this.
    Recorded {
        /// The version that the event made.
        version: Version,
        /// What the payment was then.
        state: LineState,
    },
    /// It is not recorded.
    Refused(Refusal),
}

impl Outcome {
    /// Whether the event is recorded.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        matches!(self, Self::Recorded { .. })
    }
}

/// An event in a payment's history.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Recorded {
    event: LineEvent,
    stamp: Stamp,
    version: Version,
    state: LineState,
    salt: Salt,
}

/// The salt, which hides the event behind its commitment, takes no part.
impl PartialEq for Recorded {
    fn eq(&self, other: &Self) -> bool {
        let said = |r: &Self| (r.version, r.state);
        said(self) == said(other) && self.event == other.event && self.stamp == other.stamp
    }
}

impl Eq for Recorded {}

impl Recorded {
    pub(crate) fn new(event: LineEvent, stamp: Stamp, line: &Line) -> Self {
        Self {
            event,
            stamp,
            version: line.version(),
            state: line.state(),
            salt: Salt::generate(),
        }
    }

    /// What happened.
    #[must_use]
    pub const fn event(&self) -> &LineEvent {
        &self.event
    }

    /// When it was recorded, by whom, why.
    #[must_use]
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// The version that it made.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// What the payment was then.
    #[must_use]
    pub const fn state(&self) -> LineState {
        self.state
    }

    /// What hides the event behind its commitment in the change feed, which
    /// is to the event as JSON.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }

    pub(crate) fn commitment(&self) -> Commitment {
        // An event is made of ids, codes and numbers, which JSON always takes.
        let bytes = serde_json::to_vec(&self.event).unwrap_or_default();
        Commitment::to(&self.salt, &bytes)
    }

    pub(crate) const fn outcome(&self) -> Outcome {
        Outcome::Recorded {
            version: self.version,
            state: self.state,
        }
    }
}
