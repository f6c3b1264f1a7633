use solidarity_core::{
    ActorId, BoxError, EntitlementId, Invalid, Money, PaymentId, Retry, StoreFault,
};
use uuid::Uuid;

use crate::{Batch, BatchDigest, BatchId, BatchState, CreateTransferStatus, Imbalance, TransferId};

/// The result of a payments operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a payments operation failed.
///
/// Messages name payments, batches and accounts by id only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was said breaks a rule. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] Invalid),

    /// The storage beneath failed.
    #[error(transparent)]
    Store(#[from] StoreFault),

    /// There is nothing under this id.
    #[error("there is no `{id}`")]
    #[non_exhaustive]
    NotFound {
        /// The id.
        id: Uuid,
    },

    /// The id is taken by something else. Nothing was written.
    #[error("`{id}` was recorded before and said something else")]
    #[non_exhaustive]
    AlreadyExists {
        /// The id.
        id: Uuid,
    },

    /// The batch says something else than what was decided on: read it again,
    /// look at it again. Nothing was written.
    #[error("batch `{batch}` has the digest {actual}, not the one decided on")]
    #[non_exhaustive]
    DigestMismatch {
        /// The batch.
        batch: BatchId,
        /// What it says now.
        actual: BatchDigest,
    },

    /// The approver prepared or revised the batch. Nothing was written.
    #[error("`{actor}` had a hand in batch `{batch}` and cannot approve it")]
    #[non_exhaustive]
    SelfApproval {
        /// The batch.
        batch: BatchId,
        /// The approver.
        actor: ActorId,
    },

    /// Too few people approved the batch as it is. Nothing was written.
    #[error("batch `{batch}` has {have} of {} approvals", crate::APPROVALS_NEEDED)]
    #[non_exhaustive]
    NotApproved {
        /// The batch.
        batch: BatchId,
        /// How many approvals count.
        have: usize,
    },

    /// The batch is too far on, or not far enough. Nothing was written.
    #[error("batch `{batch}` is {state:?}")]
    #[non_exhaustive]
    BatchState {
        /// The batch.
        batch: BatchId,
        /// How far it has come.
        state: BatchState,
    },

    /// The payment is another batch's. Nothing was written.
    #[error("payment `{payment}` is in another batch")]
    #[non_exhaustive]
    PaymentTaken {
        /// The payment.
        payment: PaymentId,
    },

    /// Another payment pays the entitlement. Nothing was written.
    #[error("entitlement `{entitlement}` is paid by `{payment}`: reissue that, if it failed")]
    #[non_exhaustive]
    EntitlementTaken {
        /// The entitlement.
        entitlement: EntitlementId,
        /// The payment that pays it.
        payment: PaymentId,
    },

    /// The stored lines are not those that were approved. Nothing was sent.
    #[error("batch `{batch}` was changed behind its approval")]
    #[non_exhaustive]
    Tampered {
        /// The batch.
        batch: BatchId,
    },

    /// The budget does not cover the batch. Nothing was reserved.
    #[error("the budget does not cover the {needed} of batch `{batch}`")]
    #[non_exhaustive]
    InsufficientBudget {
        /// The batch.
        batch: BatchId,
        /// What it takes.
        needed: Money,
    },

    /// The control totals would not balance. Nothing was written.
    #[error(transparent)]
    Imbalance(#[from] Imbalance),

    /// The ledger refused a transfer that follows from what was recorded.
    #[error("the ledger answered `{status}` to transfer `{transfer}`")]
    #[non_exhaustive]
    Ledger {
        /// The transfer.
        transfer: TransferId,
        /// The ledger's answer.
        status: CreateTransferStatus,
    },

    /// The rail did not answer the call as a whole.
    #[error("the rail failed to {operation}")]
    #[non_exhaustive]
    Rail {
        /// What was being done, as a verb phrase.
        operation: &'static str,
        /// What the caller may do next.
        retry: Retry,
        /// What the rail's client said.
        source: BoxError,
    },
}

impl Error {
    /// The rail failed to `operation`, a verb phrase.
    pub fn rail(operation: &'static str, retry: Retry, source: impl Into<BoxError>) -> Self {
        Self::Rail {
            operation,
            retry,
            source: source.into(),
        }
    }

    /// There is nothing under `id`.
    #[must_use]
    pub const fn not_found(id: &Uuid) -> Self {
        Self::NotFound { id: *id }
    }

    /// `id` is taken by something else.
    #[must_use]
    pub const fn already_exists(id: &Uuid) -> Self {
        Self::AlreadyExists { id: *id }
    }

    /// `batch` says something else than what was decided on.
    #[must_use]
    pub const fn digest_mismatch(batch: &Batch) -> Self {
        Self::DigestMismatch {
            batch: batch.id(),
            actual: batch.digest(),
        }
    }

    /// `actor` had a hand in `batch`.
    #[must_use]
    pub const fn self_approval(batch: BatchId, actor: ActorId) -> Self {
        Self::SelfApproval { batch, actor }
    }

    /// Only `have` approvals of `batch` count.
    #[must_use]
    pub const fn not_approved(batch: BatchId, have: usize) -> Self {
        Self::NotApproved { batch, have }
    }

    /// `batch` is too far on, or not far enough.
    #[must_use]
    pub const fn batch_state(batch: &Batch) -> Self {
        Self::BatchState {
            batch: batch.id(),
            state: batch.state(),
        }
    }

    /// `payment` is another batch's.
    #[must_use]
    pub const fn payment_taken(payment: PaymentId) -> Self {
        Self::PaymentTaken { payment }
    }

    /// `payment` pays `entitlement`.
    #[must_use]
    pub const fn entitlement_taken(entitlement: EntitlementId, payment: PaymentId) -> Self {
        Self::EntitlementTaken {
            entitlement,
            payment,
        }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::SelfApproval { .. }
            | Self::BatchState { .. }
            | Self::PaymentTaken { .. }
            | Self::EntitlementTaken { .. }
            | Self::Tampered { .. }
            | Self::Imbalance(_)
            | Self::Ledger { .. } => Retry::Never,
            Self::NotApproved { .. } | Self::InsufficientBudget { .. } => Retry::Later,
            Self::DigestMismatch { .. } => Retry::AfterReread,
            Self::Store(fault) => fault.retry(),
            Self::Rail { retry, .. } => *retry,
        }
    }
}
