use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use solidarity_core::{ChangeFeed, Page, Paged, PersonId, Stamp, Version};

use super::{
    DuplicateCase, DuplicateCaseId, Judged, Judgement, JudgementReason, NewDuplicateCase,
    QueueOrder,
};
use crate::Result;

mod memory;

pub use memory::MemoryDuplicateCaseStore;

/// What became of a pair that was proposed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proposed {
    /// It is a new case.
    Opened,
    /// Its case is open already. If later records were compared than it
    /// shows, it shows the new evidence from now on.
    KnownOpen,
    /// Somebody judged it so, about the same facts, and it is not asked
    /// again.
    AlreadyDecided(Judgement),
    /// It was judged *different*, and a record has changed since: the case is
    /// open again.
    ReopenedBecauseFactsChanged,
}

/// Keeps pairs of people who may be one, and what was judged about them.
///
/// A case is a question to a person, and a judgement is the answer. Nothing
/// follows from either by itself: *same* merges no records, and no benefit
/// stops.
///
/// # Contract
///
/// An implementation must pass
/// [`duplicate_case_store_conformance!`](crate::duplicate_case_store_conformance).
/// In words:
///
/// - **One case a pair.** Two people have one case, whoever is named first,
///   however often and by however many the pair is proposed.
/// - **Not asked again.** A pair judged *different* is open again only if a
///   later record of either person is compared than was judged. One judged
///   *same* stays so, until somebody judges otherwise. A proposal that is sent
///   again changes nothing.
/// - **Unsure is open.** It stays in the queue, and shows who was unsure.
/// - **New facts are seen.** An open case shows the evidence of the latest
///   records; who read it before must read it again to judge.
/// - **No lost judgement.** Of two judgements that expect the same version,
///   one is taken. All are kept, with the records that they were about.
/// - **Idempotent.** A judgement that is sent again has its first answer.
/// - **Not one's own.** Whoever put a finding up does not judge it, so that no
///   program answers its own question.
/// - **Whole batches.** A batch with a bad pair writes nothing.
/// - **Told.** Every write is one change; what is repeated or refused is none.
///
/// # Sharing
///
/// Shared as `Arc<dyn DuplicateCaseStore>`. Time is an input: it is in the
/// stamp.
///
/// # Wrapping
///
/// A wrapper implements every method; `clippy::missing_trait_methods` checks
/// this.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use solidarity_registry::duplicate_cases::{DuplicateCaseStore, MemoryDuplicateCaseStore};
///
/// let cases: Arc<dyn DuplicateCaseStore> = Arc::new(MemoryDuplicateCaseStore::new());
/// ```
#[async_trait]
pub trait DuplicateCaseStore: ChangeFeed {
    /// Puts up the pairs of `batch`, in order, one answer for each; each sees
    /// what those before it did.
    ///
    /// A pair that is put up again is answered by where its case stands then.
    ///
    /// # Errors
    ///
    /// Nothing was written, unless [`retry`](crate::Error::retry) says to
    /// inquire: then send the same batch again.
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for more pairs than
    ///   [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX), or a pair that
    ///   breaks a rule of its fields.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn propose(&self, batch: &[NewDuplicateCase], stamp: &Stamp) -> Result<Vec<Proposed>>;

    /// Judges case `id`, as it was read at version `expected`, in the name of
    /// the actor of `stamp`.
    ///
    /// A case that is closed may be judged too: that corrects what stood.
    ///
    /// # Errors
    ///
    /// - [`Error::CaseNotFound`](crate::Error::CaseNotFound) if there is none.
    /// - [`Error::CaseConflict`](crate::Error::CaseConflict) if somebody judged
    ///   it or its facts changed since: read it again.
    /// - [`Error::OwnFinding`](crate::Error::OwnFinding) if the actor put the
    ///   finding up.
    /// - [`Error::Invalid`](crate::Error::Invalid) if it was judged
    ///   [`JUDGEMENTS_MAX`](crate::limits::JUDGEMENTS_MAX) times.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn decide(
        &self,
        id: DuplicateCaseId,
        expected: Version,
        judgement: Judgement,
        reason: JudgementReason,
        stamp: &Stamp,
    ) -> Result<Judged>;

    /// Case `id`.
    ///
    /// # Errors
    ///
    /// - [`Error::CaseNotFound`](crate::Error::CaseNotFound) if there is none.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn get(&self, id: DuplicateCaseId) -> Result<DuplicateCase>;

    /// The open cases, in `order` and then in the order of their ids.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this list in this order.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn list_open(&self, order: QueueOrder, page: &Page) -> Result<Paged<DuplicateCase>>;

    /// All cases of `person`, open and judged, in the order of their ids.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn of_person(&self, person: PersonId, page: &Page) -> Result<Paged<DuplicateCase>>;
}

#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "see `DuplicateCaseStore`, Wrapping"
)]
impl<T: DuplicateCaseStore + ?Sized> DuplicateCaseStore for Arc<T> {
    async fn propose(&self, batch: &[NewDuplicateCase], stamp: &Stamp) -> Result<Vec<Proposed>> {
        (**self).propose(batch, stamp).await
    }

    async fn decide(
        &self,
        id: DuplicateCaseId,
        expected: Version,
        judgement: Judgement,
        reason: JudgementReason,
        stamp: &Stamp,
    ) -> Result<Judged> {
        (**self)
            .decide(id, expected, judgement, reason, stamp)
            .await
    }

    async fn get(&self, id: DuplicateCaseId) -> Result<DuplicateCase> {
        (**self).get(id).await
    }

    async fn list_open(&self, order: QueueOrder, page: &Page) -> Result<Paged<DuplicateCase>> {
        (**self).list_open(order, page).await
    }

    async fn of_person(&self, person: PersonId, page: &Page) -> Result<Paged<DuplicateCase>> {
        (**self).of_person(person, page).await
    }
}
