use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{DecisionId, EntitlementId, Money, PaymentId, PersonId};

use crate::ReasonCode;

/// What a complainant who was right is owed.
///
/// This block records the debt; whoever composes it with the others carries
/// it out, under an id derived from the case and the remedy's position, such
/// as `PaymentId::derive(&case_id, "remedy 0")`, so that it is done once.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remedy {
    /// Pay what was not paid.
    Pay {
        /// What was owed.
        entitlement: Option<EntitlementId>,
        /// The payment that went wrong.
        payment: Option<PaymentId>,
        /// How much, where that is already known.
        amount: Option<Money>,
    },
    /// Decide again about a benefit.
    DecideAgain {
        /// The decision that was wrong.
        decision: Option<DecisionId>,
    },
    /// Correct what the register says.
    CorrectRecord {
        /// Whose record.
        person: Option<PersonId>,
    },
    /// Say that it was wrong.
    Apologize,
    /// Something of the country's own.
    Other {
        /// What.
        kind: ReasonCode,
    },
}

/// A remedy, and whether it was carried out.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OwedRemedy {
    remedy: Remedy,
    carried_out_at: Option<DateTime<Utc>>,
}

impl OwedRemedy {
    pub(crate) const fn new(remedy: Remedy) -> Self {
        Self {
            remedy,
            carried_out_at: None,
        }
    }

    /// Marks it carried out; `false` if it was before.
    pub(crate) const fn carry_out(&mut self, at: DateTime<Utc>) -> bool {
        let first = self.carried_out_at.is_none();
        if first {
            self.carried_out_at = Some(at);
        }
        first
    }

    /// What is owed.
    #[must_use]
    pub const fn remedy(&self) -> &Remedy {
        &self.remedy
    }

    /// When it was carried out. `None` while it is owed.
    #[must_use]
    pub const fn carried_out_at(&self) -> Option<DateTime<Utc>> {
        self.carried_out_at
    }
}
