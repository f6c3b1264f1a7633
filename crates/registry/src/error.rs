use solidarity_core::{Invalid, Retry, StoreFault, Version};

use crate::EntityRef;
use crate::duplicate_cases::DuplicateCaseId;

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
    /// There is no such duplicate case.
    #[error("there is no duplicate case `{id}`")]
    #[non_exhaustive]
    CaseNotFound {
        /// What was asked for.
        id: DuplicateCaseId,
    },
    /// Somebody else has written since the caller read.
    #[error("duplicate case `{id}` is at version {actual}, expected {expected}: read it again")]
    #[non_exhaustive]
    CaseConflict {
        /// What was to be judged.
        id: DuplicateCaseId,
        /// The version that the caller had read.
        expected: Version,
        /// The version that the store holds.
        actual: Version,
    },
    /// A finding is judged by somebody else than whoever put it up.
    #[error("whoever put duplicate case `{id}` up does not judge it")]
    #[non_exhaustive]
    OwnFinding {
        /// What was to be judged.
        id: DuplicateCaseId,
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

    /// There is no duplicate case `id`.
    #[must_use]
    pub const fn case_not_found(id: DuplicateCaseId) -> Self {
        Self::CaseNotFound { id }
    }

    /// Duplicate case `id` is at version `actual`.
    #[must_use]
    pub const fn case_conflict(id: DuplicateCaseId, expected: Version, actual: Version) -> Self {
        Self::CaseConflict {
            id,
            expected,
            actual,
        }
    }

    /// The actor put duplicate case `id` up.
    #[must_use]
    pub const fn own_finding(id: DuplicateCaseId) -> Self {
        Self::OwnFinding { id }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::CaseNotFound { .. }
            | Self::OwnFinding { .. } => Retry::Never,
            Self::CaseConflict { .. } => Retry::AfterReread,
            Self::NotLogged(error) => error.retry(),
            Self::Store(fault) => fault.retry(),
        }
    }
}
