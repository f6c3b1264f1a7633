use solidarity_core::{CaseId, Invalid, Retry, StoreFault, Version};

use crate::{Refusal, WorkflowCode};

/// The result of a grievance operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a grievance operation failed.
///
/// Messages name cases by id only. No message repeats what a case holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was said breaks a rule. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] Invalid),

    /// There is no such case.
    #[error("case `{id}` not found")]
    #[non_exhaustive]
    NotFound {
        /// The case asked for.
        id: CaseId,
    },

    /// The id is taken by a case that began differently. Nothing was written.
    #[error("case `{id}` already exists and began differently")]
    #[non_exhaustive]
    AlreadyExists {
        /// The case to be opened.
        id: CaseId,
    },

    /// The case has moved on since the caller read it. Nothing was written.
    #[error("case `{id}` is at version {actual}, expected {expected}")]
    #[non_exhaustive]
    Conflict {
        /// The case to be written.
        id: CaseId,
        /// The version that the caller had read.
        expected: Version,
        /// The version that the store holds.
        actual: Version,
    },

    /// The act is not allowed. Nothing was written.
    #[error("case `{id}`: {refusal}")]
    #[non_exhaustive]
    Refused {
        /// The case.
        id: CaseId,
        /// Why.
        refusal: Refusal,
    },

    /// The workflow is not among those in use.
    #[error("workflow `{code}` is not in use here")]
    #[non_exhaustive]
    NoWorkflow {
        /// The workflow that the case follows.
        code: WorkflowCode,
    },

    /// A look at a case could not be logged, so it was not shown.
    #[error("the access could not be logged")]
    #[non_exhaustive]
    NotLogged {
        /// What the access log said.
        source: solidarity_core::Error,
    },

    /// The storage beneath, or the way to tell somebody, failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Error {
    /// There is no case `id`.
    #[must_use]
    pub const fn not_found(id: CaseId) -> Self {
        Self::NotFound { id }
    }

    /// Case `id` exists and began as something else.
    #[must_use]
    pub const fn already_exists(id: CaseId) -> Self {
        Self::AlreadyExists { id }
    }

    /// Case `id` is at `actual`, though the caller expected `expected`.
    #[must_use]
    pub const fn conflict(id: CaseId, expected: Version, actual: Version) -> Self {
        Self::Conflict {
            id,
            expected,
            actual,
        }
    }

    /// An act on case `id` is not allowed.
    #[must_use]
    pub const fn refused(id: CaseId, refusal: Refusal) -> Self {
        Self::Refused { id, refusal }
    }

    /// Workflow `code` is not in use.
    #[must_use]
    pub const fn no_workflow(code: WorkflowCode) -> Self {
        Self::NoWorkflow { code }
    }

    /// Why the act is not allowed, if that is what failed.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            _ => None,
        }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::Refused { .. }
            | Self::NoWorkflow { .. } => Retry::Never,
            Self::Conflict { .. } => Retry::AfterReread,
            Self::NotLogged { source } => source.retry(),
            Self::Store(fault) => fault.retry(),
        }
    }
}
