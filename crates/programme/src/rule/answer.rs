use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use solidarity_core::PersonId;

use super::ReasonCode;
use crate::FactName;

/// An answer of three (Kleene's strong logic): what is not known is not false.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a missing fact must never fall under a wildcard"
)]
pub enum Truth {
    /// It holds, whatever is missing.
    True,
    /// It does not hold, whatever is missing.
    False,
    /// It hangs on what is missing.
    Unknown,
}

impl Truth {
    /// Whether both hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// Whether one of them holds.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// Whether it does not hold.
    #[must_use]
    pub const fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    /// The answer where `yes` and `no` are what is certain.
    pub(super) const fn certain(yes: bool, no: bool) -> Self {
        match (yes, no) {
            (true, _) => Self::True,
            (_, true) => Self::False,
            _ => Self::Unknown,
        }
    }
}

/// One of the conditions that decided, and the facts that it looked at.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reason {
    code: ReasonCode,
    holds: Truth,
    facts: BTreeSet<FactName>,
}

impl Reason {
    pub(crate) const fn new(code: ReasonCode, holds: Truth, facts: BTreeSet<FactName>) -> Self {
        Self { code, holds, facts }
    }

    /// The condition's code.
    #[must_use]
    pub const fn code(&self) -> &ReasonCode {
        &self.code
    }

    /// Whether the condition holds.
    #[must_use]
    pub const fn holds(&self) -> Truth {
        self.holds
    }

    /// The facts on which that hangs.
    #[must_use]
    pub const fn facts(&self) -> &BTreeSet<FactName> {
        &self.facts
    }
}

/// What to ask, so that what is open can be decided.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Question {
    /// What is the fact?
    Fact {
        /// Which fact.
        fact: FactName,
        /// Of which member; of the unit, where none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<PersonId>,
        /// What is wrong with what is known.
        gap: Gap,
    },
    /// Who else belongs to the unit?
    OtherMembers,
}

/// Why a fact does not answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Gap {
    /// Nothing is known.
    Missing,
    /// It is known too vaguely: an age of 59 to 60.
    TooVague,
    /// It is another sort of value, or in another currency, than declared.
    Unreadable,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTHS: [Truth; 3] = [Truth::False, Truth::Unknown, Truth::True];

    #[test]
    fn the_tables_are_kleene_s() {
        // In the order False < Unknown < True, `and` is the least of two and
        // `or` is the most.
        for (a, left) in TRUTHS.into_iter().enumerate() {
            assert_eq!(left.not(), TRUTHS[2 - a]);
            for (b, right) in TRUTHS.into_iter().enumerate() {
                assert_eq!(left.and(right), TRUTHS[a.min(b)]);
                assert_eq!(left.or(right), TRUTHS[a.max(b)]);
            }
        }
    }
}
