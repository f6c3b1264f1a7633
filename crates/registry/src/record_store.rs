use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::{ChangeFeed, Page, Paged, PersonId, Stamp, UnitId};

use crate::{AsOf, Command, EntityRef, Error, Membership, Outcome, Person, Result, Revision, Unit};

mod memory;

pub use memory::MemoryRecordStore;

/// Keeps people, units and memberships, with every revision of each.
///
/// # Contract
///
/// An implementation must pass
/// [`record_store_conformance!`](crate::record_store_conformance). In words:
///
/// - **Whole commands.** A command happens whole or not at all, and a reader
///   never sees half of one. A refused command leaves the others of its batch
///   alone.
/// - **Idempotent.** A command that was carried out has the same answer
///   whenever it is sent again, and happens once. Its id with other acts is
///   refused. A refused command may be sent again: it is decided afresh.
/// - **No lost update.** Of two revisions that expect the same version, one is
///   carried out.
/// - **Rules kept.** What breaks the [`Rules`](crate::Rules) that the store was
///   made with is never stored. The rules about members are checked when
///   memberships or a unit's kind change; a correction of what is said about a
///   person is never refused because of them.
/// - **As of.** A read shows, of the revisions recorded up to the time asked
///   about, the one that took effect last by the day asked about; of several
///   that took effect on one day, the last recorded. For one entity recorded
///   times never go backwards, so the answer stays the same for ever.
/// - **Read your writes.** A read that starts after a write returned sees it.
///
/// # Sharing
///
/// Shared as `Arc<dyn RecordStore>`. Time is an input: it is in the stamp.
///
/// # Wrapping
///
/// A wrapper implements every method. [`Audited`](crate::Audited) is one.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use solidarity_registry::{MemoryRecordStore, RecordStore, Rules};
///
/// let store: Arc<dyn RecordStore> = Arc::new(MemoryRecordStore::new(Rules::default()));
/// ```
#[async_trait]
pub trait RecordStore: ChangeFeed {
    /// Carries out `batch`, in order, one outcome for each command; each sees
    /// what those before it did.
    ///
    /// # Errors
    ///
    /// Nothing was written, unless [`retry`](Error::retry) says to inquire:
    /// then send the same batch again.
    ///
    /// - [`Error::Invalid`] for more acts than
    ///   [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX).
    /// - [`Error::Store`] if the storage beneath fails.
    async fn apply(&self, batch: &[Command], stamp: &Stamp) -> Result<Vec<Outcome>>;

    /// The people of `ids` as of `as_of`, one answer for each id, in order;
    /// `None` for whoever is not registered then.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] for more ids than
    ///   [`READ_MAX`](crate::limits::READ_MAX).
    /// - [`Error::Store`] if the storage beneath fails.
    async fn people(&self, ids: &[PersonId], as_of: AsOf) -> Result<Vec<Option<Person>>>;

    /// The units of `ids` as of `as_of`, one answer for each id, in order;
    /// `None` for what is not registered then.
    ///
    /// # Errors
    ///
    /// As [`people`](Self::people).
    async fn units(&self, ids: &[UnitId], as_of: AsOf) -> Result<Vec<Option<Unit>>>;

    /// The memberships in the units, of the people and by the ids in `of`,
    /// each once, by first day and id: those of the day and the knowledge
    /// that `on` says, or without it all that are known, past and future.
    ///
    /// # Errors
    ///
    /// As [`people`](Self::people).
    async fn memberships(&self, of: &[EntityRef], on: Option<AsOf>) -> Result<Vec<Membership>>;

    /// The revisions of `entity`, the oldest first. Empty if it is not
    /// registered.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] if the cursor is not of this list.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn history(&self, entity: EntityRef, page: &Page) -> Result<Paged<Revision>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "see `RecordStore`, Wrapping")]
impl<T: RecordStore + ?Sized> RecordStore for Arc<T> {
    async fn apply(&self, batch: &[Command], stamp: &Stamp) -> Result<Vec<Outcome>> {
        (**self).apply(batch, stamp).await
    }

    async fn people(&self, ids: &[PersonId], as_of: AsOf) -> Result<Vec<Option<Person>>> {
        (**self).people(ids, as_of).await
    }

    async fn units(&self, ids: &[UnitId], as_of: AsOf) -> Result<Vec<Option<Unit>>> {
        (**self).units(ids, as_of).await
    }

    async fn memberships(&self, of: &[EntityRef], on: Option<AsOf>) -> Result<Vec<Membership>> {
        (**self).memberships(of, on).await
    }

    async fn history(&self, entity: EntityRef, page: &Page) -> Result<Paged<Revision>> {
        (**self).history(entity, page).await
    }
}

/// Conveniences for callers of any [`RecordStore`].
///
/// Implemented for every store; not to be implemented by hand.
#[async_trait]
pub trait RecordStoreExt: RecordStore {
    /// Carries out one command.
    ///
    /// # Errors
    ///
    /// As [`apply`](RecordStore::apply).
    async fn apply_one(&self, command: Command, stamp: &Stamp) -> Result<Outcome> {
        let outcomes = self.apply(std::slice::from_ref(&command), stamp).await?;
        outcomes.into_iter().next().ok_or_else(|| {
            solidarity_core::StoreFault::new(
                "answer a batch",
                solidarity_core::Retry::AfterInquiry,
                "the batch has no outcome",
            )
            .into()
        })
    }

    /// Person `id`, as of [`AsOf::LATEST`].
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there is no such person.
    /// - As [`people`](RecordStore::people).
    async fn person(&self, id: PersonId) -> Result<Person> {
        self.person_as_of(id, AsOf::LATEST).await
    }

    /// Person `id`, as of `as_of`.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there was no such person then.
    /// - As [`people`](RecordStore::people).
    async fn person_as_of(&self, id: PersonId, as_of: AsOf) -> Result<Person> {
        let found = self.people(&[id], as_of).await?;
        found
            .into_iter()
            .flatten()
            .next()
            .ok_or_else(|| Error::not_found(id))
    }

    /// Unit `id`, as of [`AsOf::LATEST`].
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there is no such unit.
    /// - As [`units`](RecordStore::units).
    async fn unit(&self, id: UnitId) -> Result<Unit> {
        self.unit_as_of(id, AsOf::LATEST).await
    }

    /// Unit `id`, as of `as_of`.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there was no such unit then.
    /// - As [`units`](RecordStore::units).
    async fn unit_as_of(&self, id: UnitId, as_of: AsOf) -> Result<Unit> {
        let found = self.units(&[id], as_of).await?;
        found
            .into_iter()
            .flatten()
            .next()
            .ok_or_else(|| Error::not_found(id))
    }

    /// The memberships in `unit`.
    ///
    /// # Errors
    ///
    /// As [`memberships`](RecordStore::memberships).
    async fn members(&self, unit: UnitId, on: Option<AsOf>) -> Result<Vec<Membership>> {
        self.memberships(&[unit.into()], on).await
    }

    /// The memberships of `person`.
    ///
    /// # Errors
    ///
    /// As [`memberships`](RecordStore::memberships).
    async fn memberships_of(&self, person: PersonId, on: Option<AsOf>) -> Result<Vec<Membership>> {
        self.memberships(&[person.into()], on).await
    }
}

impl<T: RecordStore + ?Sized> RecordStoreExt for T {}
