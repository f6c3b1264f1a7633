use chrono::{DateTime, Utc};
use solidarity_core::{ActorId, BoxError, Invalid, PersonId, Retry, StoreFault};
use uuid::Uuid;

use crate::{ChallengeId, Conflict, ExceptionId, MeansSet};

/// The result of an operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation gave no answer.
///
/// That somebody is not verified, or could not be, is no error: it is a
/// [`Verification`](crate::Verification). Messages hold ids only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was said breaks a rule. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] Invalid),

    /// There is no such exception.
    #[error("exception `{id}` not found")]
    #[non_exhaustive]
    ExceptionNotFound {
        /// The exception asked for.
        id: ExceptionId,
    },

    /// There is no such challenge.
    #[error("challenge `{id}` not found")]
    #[non_exhaustive]
    ChallengeNotFound {
        /// The challenge asked for.
        id: ChallengeId,
    },

    /// The id was used before for something else. Nothing was written.
    #[error("`{id}` was recorded before and said something else")]
    #[non_exhaustive]
    AlreadyExists {
        /// The id, of whatever kind.
        id: Uuid,
    },

    /// The person was sent as many codes as the rules allow. Nothing was
    /// written: offer another method, or wait.
    #[error("person `{person}` was sent as many codes as the rules allow: wait until {until}")]
    #[non_exhaustive]
    TooManyCodes {
        /// Whose codes.
        person: PersonId,
        /// When the next one may be sent.
        until: DateTime<Utc>,
    },

    /// The attester vouches for as many people as one attester may. Nothing
    /// was written: ask another attester.
    #[error("attester `{attester}` already vouches for {cap} people")]
    #[non_exhaustive]
    CapReached {
        /// Who vouches.
        attester: ActorId,
        /// For how many one attester may vouch at once.
        cap: u32,
    },

    /// The attester or a witness has a stake. Nothing was written: ask
    /// somebody else.
    #[error("`{attester}` cannot attest: {conflict}")]
    #[non_exhaustive]
    ConflictOfInterest {
        /// Whose stake it is.
        attester: ActorId,
        /// What it is.
        conflict: Conflict,
    },

    /// A fallback policy has no path for some people: add a step that does not
    /// need what they lack.
    #[error("the policy leaves out whoever is without {lacking}")]
    #[non_exhaustive]
    LeavesOut {
        /// What those people lack: the smallest such group.
        lacking: MeansSet,
    },

    /// A fallback policy does not end with a human being.
    #[error("the policy's last step must be done by people, and need nothing of the person")]
    NoHumanEnd,

    /// Something that a verifier asks did not answer: a register of facts, a
    /// gateway, a device.
    #[error("{port} did not answer")]
    #[non_exhaustive]
    Unavailable {
        /// What did not answer, as a noun phrase.
        port: &'static str,
        /// What the caller may do next.
        retry: Retry,
        /// What it said instead.
        source: BoxError,
    },

    /// The storage beneath failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Error {
    /// `port`, a noun phrase such as `"the fact source"`, did not answer.
    pub fn unavailable(port: &'static str, retry: Retry, source: impl Into<BoxError>) -> Self {
        Self::Unavailable {
            port,
            retry,
            source: source.into(),
        }
    }

    /// There is no exception `id`.
    #[must_use]
    pub const fn exception_not_found(id: ExceptionId) -> Self {
        Self::ExceptionNotFound { id }
    }

    /// There is no challenge `id`.
    #[must_use]
    pub const fn challenge_not_found(id: ChallengeId) -> Self {
        Self::ChallengeNotFound { id }
    }

    /// `id` was used before for something else.
    #[must_use]
    pub fn already_exists(id: &impl AsRef<Uuid>) -> Self {
        Self::AlreadyExists { id: *id.as_ref() }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::TooManyCodes { .. } => Retry::Later,
            Self::Unavailable { retry, .. } => *retry,
            Self::Store(fault) => fault.retry(),
            Self::Invalid(_)
            | Self::ExceptionNotFound { .. }
            | Self::ChallengeNotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::CapReached { .. }
            | Self::ConflictOfInterest { .. }
            | Self::LeavesOut { .. }
            | Self::NoHumanEnd => Retry::Never,
        }
    }
}
