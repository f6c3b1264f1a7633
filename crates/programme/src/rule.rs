use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use solidarity_core::Money;

use crate::{FactCode, FactKind, FactName};

mod answer;
mod check;
mod evaluate;

pub use answer::{Gap, Question, Reason, Truth};
pub use check::Finding;
pub(crate) use check::{Asked, Labels, check};
pub(crate) use evaluate::{View, count};

solidarity_core::code! {
    /// Why something was decided, as a word that each language has a text
    /// for: `income_above_line`.
    pub struct ReasonCode;
}

/// A stated rule: a small language of conditions over declared facts, as data.
///
/// It is total: every rule has an answer for every set of facts, after a
/// bounded number of steps, and no rule runs anybody's code. It has three
/// answers: where a fact is missing or too vague the answer is
/// [`Unknown`](Truth::Unknown), unless the others decide without it.
///
/// Each condition stands under one [`Because`](Rule::Because), whose code is
/// the reason that a person is given.
///
/// ```
/// use solidarity_programme::Rule;
///
/// let rule: Rule = serde_json::from_str(r#"{"all": [
///     {"because": {"reason": "in_rural_area", "rule": {"one_of": {"fact": "area", "codes": ["rural"]}}}},
///     {"because": {"reason": "older_member", "rule": {"members": {
///         "where": {"compare": {"fact": "age", "is": "at_least", "value": {"years": 65}}},
///         "at_least": 1
///     }}}}
/// ]}"#)?;
/// # let _ = rule;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Rule {
    /// Every one of them holds.
    All(Vec<Rule>),
    /// One of them holds at least.
    Any(Vec<Rule>),
    /// It does not hold.
    Not(Box<Rule>),
    /// A condition that has a reason code of its own.
    Because {
        /// The code.
        reason: ReasonCode,
        /// The condition.
        rule: Box<Rule>,
    },
    /// The flag is up.
    Is(FactName),
    /// The number, amount or age compares so with a constant.
    Compare {
        /// The fact.
        fact: FactName,
        /// How.
        is: Comparison,
        /// With what.
        value: Quantity,
    },
    /// The code is one of these.
    OneOf {
        /// The fact.
        fact: FactName,
        /// The codes.
        codes: BTreeSet<FactCode>,
    },
    /// So many members are such.
    Members {
        /// What must hold of a member who is counted. It asks for facts of
        /// members only, and holds no `Members` itself.
        r#where: Box<Rule>,
        /// The fewest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u32>,
        /// The most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
    },
}

/// How a value compares with a constant.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Comparison {
    /// The constant or more.
    AtLeast,
    /// The constant or less.
    AtMost,
    /// More than the constant.
    MoreThan,
    /// Less than the constant.
    LessThan,
    /// The constant.
    Equals,
}

/// A constant that a rule compares with.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quantity {
    /// A whole number.
    Integer(i64),
    /// An amount, in the programme's currency.
    Money(Money),
    /// Completed years.
    Years(u16),
}

impl Quantity {
    pub(crate) const fn kind(self) -> FactKind {
        match self {
            Self::Integer(_) => FactKind::Integer,
            Self::Money(_) => FactKind::Money,
            Self::Years(_) => FactKind::Age,
        }
    }

    pub(crate) fn number(self) -> i128 {
        match self {
            Self::Integer(number) => number.into(),
            Self::Money(money) => money.minor(),
            Self::Years(years) => years.into(),
        }
    }
}

impl Rule {
    /// `rule`, whose reason code is `reason`.
    #[must_use]
    pub fn because(reason: ReasonCode, rule: Self) -> Self {
        Self::Because {
            reason,
            rule: Box::new(rule),
        }
    }

    /// `rule` does not hold.
    #[must_use]
    pub fn negate(rule: Self) -> Self {
        Self::Not(Box::new(rule))
    }

    /// `fact` compares so with `value`.
    #[must_use]
    pub const fn compare(fact: FactName, is: Comparison, value: Quantity) -> Self {
        Self::Compare { fact, is, value }
    }

    /// `fact` is one of `codes`.
    #[must_use]
    pub fn one_of(fact: FactName, codes: impl IntoIterator<Item = FactCode>) -> Self {
        Self::OneOf {
            fact,
            codes: codes.into_iter().collect(),
        }
    }

    /// `count` members or more are such.
    #[must_use]
    pub fn members_at_least(count: u32, r#where: Self) -> Self {
        Self::Members {
            r#where: Box::new(r#where),
            at_least: Some(count),
            at_most: None,
        }
    }

    /// `count` members or fewer are such.
    #[must_use]
    pub fn members_at_most(count: u32, r#where: Self) -> Self {
        Self::Members {
            r#where: Box::new(r#where),
            at_least: None,
            at_most: Some(count),
        }
    }
}
