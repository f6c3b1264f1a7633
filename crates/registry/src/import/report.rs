use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, Place};

use super::{LISTED_MAX, Quality};
use crate::BrokenRule;

/// What an import did, or would do.
///
/// Each row is counted once: `rows` is the sum of `registered`, `revised`,
/// `unchanged`, `waiting` and `rejected`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ImportReport {
    /// The rows below the header; blank lines are none.
    pub rows: u64,
    /// Rows by which a person was registered.
    pub registered: u64,
    /// Rows by which more was said about a person.
    pub revised: u64,
    /// Rows that said nothing new.
    pub unchanged: u64,
    /// Rows that wait for review. Nothing was done by them.
    pub waiting: u64,
    /// Rows that could not be read. Nothing was done by them.
    pub rejected: u64,
    /// Units that were registered, with their members.
    pub units_registered: u64,
    /// Units that were registered before and have more members now.
    pub units_extended: u64,
    /// Units of which nothing new was said.
    pub units_unchanged: u64,
    /// Units that wait for review. Nothing was done about them; their members
    /// are registered all the same.
    pub units_waiting: u64,
    /// Units of which a row was rejected or waits, so that they have more
    /// members than are registered. Each stretch of rows of one unit counts.
    pub units_incomplete: u64,
    /// How many rows broke each rule.
    pub rules: BTreeMap<String, u64>,
    /// How many rows and units wait for each reason.
    pub reasons: BTreeMap<ReviewReason, u64>,
    /// The first rejected rows, at most [`LISTED_MAX`].
    pub rejects: Vec<Rejected>,
    /// The first rows and units that wait, at most [`LISTED_MAX`].
    pub reviews: Vec<Waiting>,
    /// The places that rows name, each once, each after the one that it lies
    /// in; at most [`TRACKED_MAX`](super::TRACKED_MAX). What
    /// [`Places::new`](solidarity_core::Places::new) takes.
    pub places: Vec<Place>,
    /// What the readable rows say and leave unsaid.
    pub quality: Quality,
}

impl ImportReport {
    pub(super) fn reject(&mut self, rejected: &Rejected) {
        self.rejected = self.rejected.saturating_add(1);
        count(&mut self.rules, rejected.rule.clone());
        if self.rejects.len() < LISTED_MAX {
            self.rejects.push(rejected.clone());
        }
    }

    pub(super) fn wait(&mut self, waiting: &Waiting) {
        let counter = match waiting.subject {
            Subject::Row => &mut self.waiting,
            Subject::Unit => &mut self.units_waiting,
        };
        *counter = counter.saturating_add(1);
        for reason in &waiting.reasons {
            count(&mut self.reasons, *reason);
        }
        if self.reviews.len() < LISTED_MAX {
            self.reviews.push(waiting.clone());
        }
    }
}

fn count<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

/// A row that could not be read: where, and which rule it breaks. Never what
/// it says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rejected {
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The column, if one is to blame.
    pub column: Option<String>,
    /// The rule, as a verb phrase.
    pub rule: String,
}

impl Rejected {
    pub(super) fn column(line: u64, invalid: &Invalid) -> Self {
        Self {
            line,
            column: Some(invalid.field().to_owned()),
            rule: invalid.rule().to_owned(),
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}: `{column}` {}", self.line, self.rule),
            None => write!(f, "line {}: the row {}", self.line, self.rule),
        }
    }
}

/// A row or a unit about which somebody has to decide.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Waiting {
    /// The line on which the row begins; of a unit, its first row.
    pub line: u64,
    /// What waits.
    pub subject: Subject,
    /// Why.
    pub reasons: BTreeSet<ReviewReason>,
}

/// What waits for review.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// A row, which is about a person.
    Row,
    /// A unit with its memberships.
    Unit,
}

/// Why a row or a unit waits for review.
#[derive(
    Clone,
    Copy,
    Debug,
    Deserialize,
    Eq,
    Hash,
    Ord,
    PartialEq,
    PartialOrd,
    Serialize,
    thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReviewReason {
    /// Of the row.
    #[error("several people hold an identifier of the row")]
    SeveralHolders,
    /// Of the row.
    #[error("somebody else holds an identifier of the row")]
    HeldByAnother,
    /// Of the row.
    #[error("the holder of the identifier has no name in common with the row")]
    NameDiffers,
    /// Of the row.
    #[error("the sex is another one")]
    SexDiffers,
    /// Of the row.
    #[error("the birth cannot be the same day")]
    BirthDiffers,
    /// Of the row.
    #[error("the person holds another number of a unique scheme")]
    IdentifierDiffers,
    /// Of the row.
    #[error(
        "it differs from what was registered, and no unique identifier says that it is the same person"
    )]
    NotIdentified,
    /// Of the row or the unit.
    #[error("somebody else wrote in the meantime")]
    ChangedMeanwhile,
    /// Of the row or the unit.
    #[error("the register does not take it as it would be")]
    NotTaken,
    /// Of the unit.
    #[error("its rows say different things about the unit")]
    RowsDiffer,
    /// Of the unit.
    #[error("it is registered and something else is said of it")]
    UnitDiffers,
    /// Of the unit.
    #[error("a member has other roles in the register")]
    RolesDiffer,
    /// Of the unit.
    #[error("none of its members is registered")]
    NoMember,
    /// Of the unit, by the country's rules.
    #[error("it would have too few heads")]
    TooFewHeads,
    /// Of the unit, by the country's rules.
    #[error("it would have too many heads")]
    TooManyHeads,
    /// Of the unit, by the country's rules.
    #[error("it would have a head who is too young")]
    HeadTooYoung,
    /// Of the unit, by the country's rules.
    #[error("it would have too many collectors")]
    TooManyCollectors,
    /// Of the unit, by the country's rules.
    #[error("it would have too many members")]
    TooManyMembers,
    /// Of the unit, by the country's rules.
    #[error("it would have a role that such units do not have")]
    RoleNotAllowed,
}

impl From<BrokenRule> for ReviewReason {
    fn from(rule: BrokenRule) -> Self {
        match rule {
            BrokenRule::TooFewHeads => Self::TooFewHeads,
            BrokenRule::TooManyHeads => Self::TooManyHeads,
            BrokenRule::HeadTooYoung => Self::HeadTooYoung,
            BrokenRule::TooManyCollectors => Self::TooManyCollectors,
            BrokenRule::TooManyMembers => Self::TooManyMembers,
            BrokenRule::RoleNotAllowed => Self::RoleNotAllowed,
            BrokenRule::MemberTwice => Self::RolesDiffer,
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The rows that were settled.
    pub rows: u64,
    /// The bytes of the file that were read.
    pub bytes: u64,
}

/// Is told how an import goes, while it goes.
///
/// `&mut ()` is one that does not listen; [`RejectsCsv`](super::RejectsCsv)
/// writes rejects down.
pub trait Observer: Send {
    /// A batch of rows was settled.
    fn batch(&mut self, progress: Progress) {
        let _ = progress;
    }

    /// A row could not be read.
    fn rejected(&mut self, rejected: &Rejected) {
        let _ = rejected;
    }

    /// A row or a unit waits for review.
    fn waiting(&mut self, waiting: &Waiting) {
        let _ = waiting;
    }
}

impl Observer for () {}

impl<A: Observer, B: Observer> Observer for (A, B) {
    fn batch(&mut self, progress: Progress) {
        self.0.batch(progress);
        self.1.batch(progress);
    }

    fn rejected(&mut self, rejected: &Rejected) {
        self.0.rejected(rejected);
        self.1.rejected(rejected);
    }

    fn waiting(&mut self, waiting: &Waiting) {
        self.0.waiting(waiting);
        self.1.waiting(waiting);
    }
}

impl<T: Observer + ?Sized> Observer for &mut T {
    fn batch(&mut self, progress: Progress) {
        (**self).batch(progress);
    }

    fn rejected(&mut self, rejected: &Rejected) {
        (**self).rejected(rejected);
    }

    fn waiting(&mut self, waiting: &Waiting) {
        (**self).waiting(waiting);
    }
}
