use solidarity_core::{
    CycleId, EnrolmentId, Invalid, ProgrammeId, Retry, StoreFault, UnitId, Version,
};
use uuid::Uuid;

use crate::Status;

/// The result of an operation of a programme's store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed. Messages hold ids only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was said breaks a rule. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is no such thing.
    #[error("{entity} `{id}` not found")]
    #[non_exhaustive]
    NotFound {
        /// The sort of thing.
        entity: &'static str,
        /// Which one.
        id: Uuid,
    },
    /// The id is taken by something else.
    #[error("`{id}` was recorded before and said something else")]
    #[non_exhaustive]
    AlreadyExists {
        /// Which id.
        id: Uuid,
    },
    /// A programme's versions come one after another.
    #[error("programme `{id}` is at version {actual}, so that {stated} cannot come next")]
    #[non_exhaustive]
    Conflict {
        /// Which programme.
        id: ProgrammeId,
        /// The version that was to be put.
        stated: Version,
        /// The latest that there is.
        actual: Version,
    },
    /// The unit has an enrolment in the programme that goes on.
    #[error("unit `{unit}` is enrolled already, as `{enrolment}`")]
    #[non_exhaustive]
    AlreadyEnrolled {
        /// Which unit.
        unit: UnitId,
        /// Its enrolment.
        enrolment: EnrolmentId,
    },
    /// The life cycle has no such way.
    #[error("enrolment `{id}` is {status}, which {event} does not go out from")]
    #[non_exhaustive]
    NotAllowed {
        /// Which enrolment.
        id: EnrolmentId,
        /// Where it stands.
        status: Status,
        /// What was to happen.
        event: &'static str,
    },
    /// What it rests on does not carry it.
    #[error("`{id}` {rule}")]
    #[non_exhaustive]
    Unfounded {
        /// What it rests on.
        id: Uuid,
        /// Why that is not enough, as a verb phrase.
        rule: &'static str,
    },
    /// The cycle takes no more entitlements.
    #[error("cycle `{id}` is closed")]
    #[non_exhaustive]
    CycleClosed {
        /// Which cycle.
        id: CycleId,
    },
    /// The storage beneath failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Error {
    /// There is no `entity` named `id`.
    #[must_use]
    pub fn not_found(entity: &'static str, id: impl AsRef<Uuid>) -> Self {
        let id = *id.as_ref();
        Self::NotFound { entity, id }
    }

    /// `id` is taken by something else.
    #[must_use]
    pub fn already_exists(id: impl AsRef<Uuid>) -> Self {
        Self::AlreadyExists { id: *id.as_ref() }
    }

    /// Programme `id` is at another version than the one before `stated`.
    #[must_use]
    pub const fn conflict(id: ProgrammeId, stated: Version, actual: Version) -> Self {
        Self::Conflict { id, stated, actual }
    }

    /// `unit` has `enrolment`, which goes on.
    #[must_use]
    pub const fn already_enrolled(unit: UnitId, enrolment: EnrolmentId) -> Self {
        Self::AlreadyEnrolled { unit, enrolment }
    }

    /// Enrolment `id` stands where `event` cannot happen.
    #[must_use]
    pub const fn not_allowed(id: EnrolmentId, status: Status, event: &'static str) -> Self {
        Self::NotAllowed { id, status, event }
    }

    /// `id` does not carry what is to rest on it; `rule` is a verb phrase.
    #[must_use]
    pub fn unfounded(id: impl AsRef<Uuid>, rule: &'static str) -> Self {
        let id = *id.as_ref();
        Self::Unfounded { id, rule }
    }

    /// Cycle `id` takes no more entitlements.
    #[must_use]
    pub const fn cycle_closed(id: CycleId) -> Self {
        Self::CycleClosed { id }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::Unfounded { .. }
            | Self::CycleClosed { .. } => Retry::Never,
            Self::Conflict { .. } | Self::AlreadyEnrolled { .. } | Self::NotAllowed { .. } => {
                Retry::AfterReread
            }
            Self::Store(fault) => fault.retry(),
        }
    }
}
