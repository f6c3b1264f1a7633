use solidarity_core::{ConsentId, Invalid, Retry, StoreFault, Version};
use uuid::Uuid;

/// The result of an operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a consent store did not do as it was told.
///
/// A *no* to a request for data is not here: it is a
/// [`Decision`](crate::Decision).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was said breaks a rule. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is no such consent.
    #[error("consent `{id}` not found")]
    #[non_exhaustive]
    NotFound {
        /// The consent asked for.
        id: ConsentId,
    },
    /// The id is taken by something that says otherwise. Nothing was written.
    #[error("`{id}` was recorded before and said something else")]
    #[non_exhaustive]
    AlreadyExists {
        /// The id of a consent or of a use.
        id: Uuid,
    },
    /// The consent is no longer at the version expected. Nothing was written.
    #[error("consent `{id}` is at version {actual}, not {expected}: read it again")]
    #[non_exhaustive]
    Conflict {
        /// The consent.
        id: ConsentId,
        /// The version that the caller knew.
        expected: Version,
        /// The version that it is at.
        actual: Version,
    },
    /// The consent is answered already, or no longer asked for. Nothing was
    /// written; a person who changed their mind withdraws, or is asked anew.
    #[error("consent `{id}` waits for no answer")]
    #[non_exhaustive]
    NotOpen {
        /// The consent.
        id: ConsentId,
    },
    /// The storage beneath failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Error {
    /// There is no consent `id`.
    #[must_use]
    pub const fn not_found(id: ConsentId) -> Self {
        Self::NotFound { id }
    }

    /// `id` is taken by something that says otherwise.
    #[must_use]
    pub fn already_exists(id: &impl AsRef<Uuid>) -> Self {
        Self::AlreadyExists { id: *id.as_ref() }
    }

    /// Consent `id` is at `actual`, not at `expected`.
    #[must_use]
    pub const fn conflict(id: ConsentId, expected: Version, actual: Version) -> Self {
        Self::Conflict {
            id,
            expected,
            actual,
        }
    }

    /// Consent `id` waits for no answer.
    #[must_use]
    pub const fn not_open(id: ConsentId) -> Self {
        Self::NotOpen { id }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::NotOpen { .. } => Retry::Never,
            Self::Conflict { .. } => Retry::AfterReread,
            Self::Store(fault) => fault.retry(),
        }
    }
}
