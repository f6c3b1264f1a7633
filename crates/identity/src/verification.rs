use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::ActorId;

use crate::{
    Alternatives, AssuranceLevel, Evidence, ExceptionBasis, ExceptionId, ExceptionLimit, Means,
};

/// What is known, after asking, about whether somebody is who they say.
///
/// It is graded, and never a plain *no*: whoever is not verified holds what
/// they can do next, whoever could not be asked is not someone who failed, and
/// an exception is an answer of its own. No variant is a reason, by itself, to
/// refuse anybody anything.
///
/// ```
/// use solidarity_identity::{Alternatives, Obstacle, Verification};
///
/// let answer = Verification::CouldNotTry {
///     reason: Obstacle::SourceDown,
///     alternatives: Alternatives::default(),
/// };
/// // The compiler asks for all four: a wildcard would turn those who could
/// // not be asked into those who failed.
/// let next = match &answer {
///     Verification::Verified { .. } | Verification::Exception { .. } => "serve".to_owned(),
///     Verification::NotVerified { alternatives, .. }
///     | Verification::CouldNotTry { alternatives, .. } => format!("offer {}", alternatives.first()),
/// };
/// assert_eq!(next, "offer in_person");
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a wildcard would turn those who could not be asked into those who failed"
)]
pub enum Verification {
    /// They are who they say, as far as `level` goes.
    Verified {
        /// How far the evidence can be relied on.
        level: AssuranceLevel,
        /// What it rests on.
        evidence: Evidence,
    },
    /// Something was compared, and differed.
    NotVerified {
        /// What differed, as coarsely as it may be told.
        reason: Mismatch,
        /// What they can do next.
        alternatives: Alternatives,
    },
    /// Nothing was compared: they lack what the method needs, or it was out of
    /// order.
    CouldNotTry {
        /// What stood in the way.
        reason: Obstacle,
        /// What they can do next.
        alternatives: Alternatives,
    },
    /// Somebody who can be named answers for them, within bounds.
    Exception {
        /// The entry in the register.
        id: ExceptionId,
        /// Why the usual methods do not serve them.
        basis: ExceptionBasis,
        /// Who answers for them.
        attester: ActorId,
        /// How often, and until when.
        limit: ExceptionLimit,
        /// When the office looks at it again.
        review_by: NaiveDate,
    },
}

impl Verification {
    /// What they can do next. `None` where they need nothing more.
    #[must_use]
    pub const fn alternatives(&self) -> Option<&Alternatives> {
        match self {
            Self::Verified { .. } | Self::Exception { .. } => None,
            Self::NotVerified { alternatives, .. } | Self::CouldNotTry { alternatives, .. } => {
                Some(alternatives)
            }
        }
    }

    /// The answer in short, for a trail or a count.
    #[must_use]
    pub fn ending(&self) -> Ending {
        match self {
            Self::Verified { .. } => Ending::Verified,
            Self::NotVerified { reason, .. } => Ending::NotVerified(reason.clone()),
            Self::CouldNotTry { reason, .. } => Ending::CouldNotTry(reason.clone()),
            Self::Exception { basis, .. } => Ending::Exception(basis.clone()),
        }
    }
}

solidarity_core::code! {
    /// A country's own reason why somebody was not verified.
    pub struct MismatchCode;
    /// A country's own reason why somebody could not be verified.
    pub struct ObstacleCode;
}

/// What differed. It says no more than that: not which fact, nor by how much,
/// or it would help a stranger to guess.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mismatch {
    /// Stated facts, and facts held.
    FactsDiffer,
    /// The code read out, and the code sent.
    CodeWrong,
    /// The person, and the document.
    NotOnDocument,
    /// The fingerprints, and those enrolled.
    PrintsDiffer,
    /// What the person says, and what those who know them say.
    NotVouchedFor,
    /// The country's own.
    Other(MismatchCode),
}

/// What stood in the way of asking. None of it speaks against the person.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Obstacle {
    /// The person has no such thing, or none that can be used.
    Lacks(Means),
    /// The source does not hold a fact that has to be compared, or not
    /// closely enough.
    FactMissing,
    /// The claim brings nothing that the method could look at.
    NothingPresented,
    /// The source did not answer.
    SourceDown,
    /// The code did not reach the person.
    NotDelivered,
    /// The method broke down.
    Broken,
    /// Nobody and nothing here offers the method.
    NotAtHand,
    /// No code was sent, or another one since.
    NoCode,
    /// The code ran out.
    CodeExpired,
    /// The code was used before.
    CodeUsed,
    /// No try is left: a new code can be sent.
    TooManyTries,
    /// No code can be sent for a while.
    TooManyCodes,
    /// No exception is registered that holds now.
    NoException,
    /// There is evidence, but not as much as was asked for.
    LevelNotReached,
    /// The country's own.
    Other(ObstacleCode),
}

/// How one attempt ended, in short.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "it mirrors `Verification`")]
pub enum Ending {
    /// See [`Verification::Verified`].
    Verified,
    /// See [`Verification::NotVerified`].
    NotVerified(Mismatch),
    /// See [`Verification::CouldNotTry`].
    CouldNotTry(Obstacle),
    /// See [`Verification::Exception`].
    Exception(ExceptionBasis),
}
