use crate::{Invalid, Retry, StoreFault};

/// The result of an operation of this crate's own traits.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a change feed or an access log did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was said breaks a rule. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The id is taken by something else. Nothing was written.
    #[error("`{id}` was recorded before and said something else")]
    #[non_exhaustive]
    AlreadyExists {
        /// The id, as text.
        id: uuid::Uuid,
    },
    /// The storage beneath failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Error {
    /// `id` is taken by something else.
    #[must_use]
    pub const fn already_exists(id: uuid::Uuid) -> Self {
        Self::AlreadyExists { id }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_) | Self::AlreadyExists { .. } => Retry::Never,
            Self::Store(fault) => fault.retry(),
        }
    }
}
