use solidarity_core::{Invalid, Retry, StoreFault};

use crate::EntityRef;

/// The result of a registry operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a registry operation failed as a whole.
///
/// A command that is refused is not one of these: it is a
/// [`Refused`](crate::Refused) among the outcomes of its batch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was asked breaks a rule. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is no such entity, or there was none then.
    #[error("{entity} is not registered")]
    #[non_exhaustive]
    NotFound {
        /// What was asked for.
        entity: EntityRef,
    },
    /// The look could not be written to the access log, so nothing is shown.
    #[error("the access log did not take the entry, so nothing is shown")]
    NotLogged(#[source] solidarity_core::Error),
    /// The storage beneath failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Error {
    /// `entity` is not registered.
    pub fn not_found(entity: impl Into<EntityRef>) -> Self {
        Self::NotFound {
            entity: entity.into(),
        }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_) | Self::NotFound { .. } => Retry::Never,
            Self::NotLogged(error) => error.retry(),
            Self::Store(fault) => fault.retry(),
        }
    }
}
