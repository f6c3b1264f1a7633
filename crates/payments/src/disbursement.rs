use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::{
    ChangeFeed, ChangeKind, Commitment, CycleId, EntityKind, Invalid, NewChange, Page, Paged,
    PaymentId, ProgrammeId, Stamp,
};

use crate::{
    Batch, BatchDigest, BatchId, ControlTotals, Decision, Line, LineEvent, LineState, NewBatch,
    Outcome, Recorded, Result,
};

mod draft;
mod memory;
mod recording;

pub use draft::{DraftFacts, Drafted, draft};
pub use memory::MemoryDisbursementStore;
pub use recording::{Recording, Written};

/// Keeps batches, their lines and all that happened to each payment.
///
/// # Contract
///
/// An implementation must pass
/// [`conformance::disbursement`](crate::conformance::disbursement). In words:
///
/// - **The rules are the crate's.** What is decided is what [`draft`],
///   [`decide`] and [`Recording`] decide; a store loads, asks them, and writes.
/// - **Atomic.** A call writes all that it decided, its news in the change
///   feed and the control totals, or nothing. A reader never sees half.
/// - **Idempotent.** The same draft, decision or event again gives the same
///   answer and writes nothing; another one under the same id is refused.
/// - **One wins.** Of two acts decided on the same version of a line, one is
///   recorded and one is refused: who was refused must not call the rail.
/// - **Nobody is paid twice by a draft.** A payment is in one batch, an
///   entitlement has one first payment, and a payment that failed is stood in
///   for once: whatever runs at the same time.
/// - **Conserved.** After every call the control totals of every batch
///   balance. An event that would break them is refused.
/// - **Durable.** What was answered is there after a crash.
///
/// [`draft`]: crate::draft
/// [`decide`]: crate::decide
/// [`Recording`]: crate::Recording
///
/// # Sharing
///
/// Shared as `Arc<dyn DisbursementStore>`, by any number of processes.
///
/// # Wrapping
///
/// A wrapper forwards every method.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use solidarity_payments::{DisbursementStore, MemoryDisbursementStore};
///
/// let store: Arc<dyn DisbursementStore> = Arc::new(MemoryDisbursementStore::new());
/// ```
#[async_trait]
pub trait DisbursementStore: ChangeFeed {
    /// Drafts a batch, or revises the draft whose digest is `revises`: what
    /// it said before is gone, and so is every approval of it.
    ///
    /// The actor of `stamp` is a maker of the batch, and never an approver.
    /// A draft said again gives the batch as it is now, however far it came.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for what
    ///   [`NewBatch::checked`] refuses, or a payment that
    ///   [may not be reissued](Line::check_reissue).
    /// - [`Error::AlreadyExists`](crate::Error::AlreadyExists) if the batch
    ///   says something else and no revision was asked for.
    /// - [`Error::NotFound`](crate::Error::NotFound) if there is no draft to
    ///   revise; [`Error::DigestMismatch`](crate::Error::DigestMismatch) if it
    ///   was revised since; [`Error::BatchState`](crate::Error::BatchState) if
    ///   it is released or withdrawn.
    /// - [`Error::PaymentTaken`](crate::Error::PaymentTaken) and
    ///   [`Error::EntitlementTaken`](crate::Error::EntitlementTaken) if
    ///   another batch pays this already.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn draft(
        &self,
        new: &NewBatch,
        revises: Option<BatchDigest>,
        stamp: &Stamp,
    ) -> Result<Batch>;

    /// Records what the actor of `stamp` decides about exactly `digest`.
    ///
    /// A release makes the payments of the batch stand in for those that they
    /// replace; a withdrawal removes its lines, so that their payments and
    /// entitlements are free for another batch.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`](crate::Error::NotFound) if there is no such batch.
    /// - What [`decide`](crate::decide) refuses.
    /// - [`Error::Invalid`](crate::Error::Invalid) to release a payment in the
    ///   place of one that may not be reissued any more.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn decide(
        &self,
        batch: BatchId,
        digest: BatchDigest,
        decision: Decision,
        stamp: &Stamp,
    ) -> Result<Batch>;

    /// The batch `batch`.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`](crate::Error::NotFound) if there is no such batch.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn get(&self, batch: BatchId) -> Result<Batch>;

    /// The batches of a programme's cycle, in the order of their ids.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn list(
        &self,
        programme: ProgrammeId,
        cycle: CycleId,
        page: &Page,
    ) -> Result<Paged<Batch>>;

    /// The lines of a batch that are in one of `states`, or all if none is
    /// said, in the order of their payments' ids. A batch that is not there
    /// has none.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    async fn lines(&self, batch: BatchId, states: &[LineState], page: &Page)
    -> Result<Paged<Line>>;

    /// The lines of `payments`, at most [`BATCH_MAX`], in that order. `None`
    /// where there is none.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for too many payments.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn find(&self, payments: &[PaymentId]) -> Result<Vec<Option<Line>>>;

    /// Records `events`, at most [`BATCH_MAX`], one after another: one outcome
    /// each, in order. A refused event spares the others.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for too many events.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn record(&self, events: &[LineEvent], stamp: &Stamp) -> Result<Vec<Outcome>>;

    /// What happened to a payment, the first event first. One that is not
    /// there has no history.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    async fn history(&self, payment: PaymentId, page: &Page) -> Result<Paged<Recorded>>;

    /// The control totals of what the batch was the first to pay.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    async fn totals(&self, batch: BatchId) -> Result<ControlTotals>;
}

macro_rules! forward {
    ($ptr:ident) => {
        #[async_trait]
        #[deny(
            clippy::missing_trait_methods,
            reason = "see `DisbursementStore`, Wrapping"
        )]
        impl<T: DisbursementStore + ?Sized> DisbursementStore for $ptr<T> {
            async fn draft(
                &self,
                new: &NewBatch,
                revises: Option<BatchDigest>,
                stamp: &Stamp,
            ) -> Result<Batch> {
                (**self).draft(new, revises, stamp).await
            }

            async fn decide(
                &self,
                batch: BatchId,
                digest: BatchDigest,
                decision: Decision,
                stamp: &Stamp,
            ) -> Result<Batch> {
                (**self).decide(batch, digest, decision, stamp).await
            }

            async fn get(&self, batch: BatchId) -> Result<Batch> {
                (**self).get(batch).await
            }

            async fn list(
                &self,
                programme: ProgrammeId,
                cycle: CycleId,
                page: &Page,
            ) -> Result<Paged<Batch>> {
                (**self).list(programme, cycle, page).await
            }

            async fn lines(
                &self,
                batch: BatchId,
                states: &[LineState],
                page: &Page,
            ) -> Result<Paged<Line>> {
                (**self).lines(batch, states, page).await
            }

            async fn find(&self, payments: &[PaymentId]) -> Result<Vec<Option<Line>>> {
                (**self).find(payments).await
            }

            async fn record(&self, events: &[LineEvent], stamp: &Stamp) -> Result<Vec<Outcome>> {
                (**self).record(events, stamp).await
            }

            async fn history(&self, payment: PaymentId, page: &Page) -> Result<Paged<Recorded>> {
                (**self).history(payment, page).await
            }

            async fn totals(&self, batch: BatchId) -> Result<ControlTotals> {
                (**self).totals(batch).await
            }
        }
    };
}

forward!(Arc);
forward!(Box);

/// Checks the size of a batch of commands or ids. For implementers of
/// [`DisbursementStore`].
///
/// # Errors
///
/// [`Invalid`] for more than [`BATCH_MAX`].
pub fn check_batch(field: &'static str, count: usize) -> Result<(), Invalid> {
    if count > BATCH_MAX {
        return Err(Invalid::new(field, format!("must be at most {BATCH_MAX}")));
    }
    Ok(())
}

/// The news that a batch was drafted, revised or decided on. For implementers
/// of [`DisbursementStore`].
#[must_use]
pub fn batch_news(batch: &Batch, kind: &'static str, stamp: &Stamp) -> NewChange {
    // A batch is made of ids, codes and numbers, which JSON always takes.
    let bytes = serde_json::to_vec(batch).unwrap_or_default();
    NewChange::new(
        stamp.clone(),
        EntityKind::from_static("batch"),
        &batch.id(),
        ChangeKind::from_static(kind),
        Commitment::to(batch.salt(), &bytes),
    )
}

/// The news of an event of a payment. For implementers of
/// [`DisbursementStore`].
#[must_use]
pub fn event_news(recorded: &Recorded) -> NewChange {
    NewChange::new(
        recorded.stamp().clone(),
        EntityKind::from_static("payment"),
        &recorded.event().payment,
        ChangeKind::from_static(recorded.event().kind.name()),
        recorded.commitment(),
    )
}

/// What a store keeps under a batch's change of state, beside the batch.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Replacements {
    /// The lines that change: those that stand in, and those stood in for.
    pub lines: Vec<Line>,
    /// The control totals that change, each whole.
    pub totals: Vec<(BatchId, ControlTotals)>,
}

/// What the release of a batch makes of its reissues: each of `pairs` is a
/// line of the batch and the one that it replaces. `totals` are those of the
/// replaced lines' origins. For implementers of [`DisbursementStore`].
///
/// # Errors
///
/// As [`DisbursementStore::decide`].
pub fn replace(
    pairs: &[(Line, Line)],
    mut totals: BTreeMap<BatchId, ControlTotals>,
    stamp: &Stamp,
) -> Result<Replacements> {
    let mut lines = Vec::with_capacity(pairs.len() * 2);
    for (new, old) in pairs {
        let (counted, replaced) = new.stand_in_for(old, stamp.at())?;
        if let Some(sum) = totals.get_mut(&old.origin()) {
            *sum = sum.changed(&[new, old], &[&counted, &replaced])?;
        }
        lines.extend([counted, replaced]);
    }
    Ok(Replacements {
        lines,
        totals: totals.into_iter().collect(),
    })
}
