use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::{
    ChangeFeed, ConsentId, Page, Paged, PersonId, Retry, Stamp, StoreFault, Version,
};

use crate::{Collected, Consent, Decision, Error, NewConsent, NewUse, Policy, Reply, Result, Use};

mod memory;

pub use memory::MemoryConsentStore;

/// Keeps what people were asked and what they said, and decides uses of their
/// data so that a withdrawal and a budget hold.
///
/// Nothing here knows of benefits: a no cannot change one.
///
/// # Contract
///
/// An implementation must pass [`conformance`](crate::conformance). In words:
///
/// - **Never after a withdrawal.** A check that begins after
///   [`withdraw`](Self::withdraw) returned is not granted on that consent, on
///   any thread, by any clock.
/// - **Atomic budget.** Deciding and counting are one step: however many ask
///   at once, no more uses are granted than the budget has.
/// - **A clock set back revives nothing.** A check is decided for the latest
///   moment for which this person's data were asked for.
/// - **Idempotent by id.** What was recorded, answered, withdrawn or used is
///   so once. A repeat writes nothing, and answers with what stands now: a
///   repeated check is decided again, so that it is no way around a
///   withdrawal.
/// - **A no is remembered.** A refusal and a withdrawal stay, with how they
///   were said.
/// - **Told.** Each consent written and each use counted is one change of the
///   feed: `ask`, `give`, `refuse`, `supersede`, `withdraw` of a `consent`,
///   `use` of a `consent-use`. What was refused, denied or repeated tells
///   nothing.
///
/// # Sharing
///
/// Shared as `Arc<dyn ConsentStore>`.
///
/// # Wrapping
///
/// A wrapper hands on every method, and puts nothing in front of
/// [`check_and_use`](Self::check_and_use) that remembers an answer.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use solidarity_consent::{ConsentStore, MemoryConsentStore};
///
/// let store: Arc<dyn ConsentStore> = Arc::new(MemoryConsentStore::new());
/// ```
#[async_trait]
pub trait ConsentStore: ChangeFeed {
    /// Records what people were asked, and what they said if they said it at
    /// once. One outcome each, in order, each on its own; at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX).
    ///
    /// A yes to a consent that supersedes another ends the other in the same
    /// step.
    ///
    /// Each outcome may be
    ///
    /// - [`Error::Invalid`] if a rule is broken, the consent superseded is not
    ///   the same person's, or the person has
    ///   [`SUBJECT_CONSENTS_MAX`](crate::limits::SUBJECT_CONSENTS_MAX);
    /// - [`Error::AlreadyExists`] if the id was recorded with other terms.
    ///
    /// # Errors
    ///
    /// Nothing was written:
    ///
    /// - [`Error::Invalid`] for too many.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn record(&self, new: &[NewConsent], stamp: &Stamp) -> Result<Vec<Result<Consent>>>;

    /// Answers consent `id`, which was asked and is still at `expected`.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there is no such consent.
    /// - [`Error::Conflict`] if it is no longer at `expected`.
    /// - [`Error::NotOpen`] if it waits for no answer.
    /// - [`Error::Invalid`] if `reply` breaks a rule.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn answer(
        &self,
        id: ConsentId,
        expected: Version,
        reply: &Reply,
        stamp: &Stamp,
    ) -> Result<Consent>;

    /// Takes back consent `id`, if it is still at `expected`. When this
    /// returns, nothing more is granted on it.
    ///
    /// A consent in any state can be withdrawn, by any channel, without a
    /// witness; withdrawn twice it is withdrawn once.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there is no such consent.
    /// - [`Error::Conflict`] if it is no longer at `expected`.
    /// - [`Error::Invalid`] if `collected` breaks a rule.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn withdraw(
        &self,
        id: ConsentId,
        expected: Version,
        collected: &Collected,
        stamp: &Stamp,
    ) -> Result<Consent>;

    /// Consent `id` as it stands, with its [history](Consent::history).
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there is no such consent.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn get(&self, id: ConsentId) -> Result<Consent>;

    /// What `subject` was asked, in the order in which it was recorded.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] if the cursor is not of this list.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn of_subject(&self, subject: PersonId, page: &Page) -> Result<Paged<Consent>>;

    /// Decides each of `uses` by `policy`, at the time of `stamp` or at the
    /// latest time for which the same person's data were asked for; counts
    /// those that are granted on consent. One outcome each, in order, each
    /// after the ones before; at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX).
    ///
    /// A denial is a [`Decision`], not an error. An outcome may be
    /// [`Error::AlreadyExists`] if the id was counted for another request or
    /// policy, or on other consents.
    ///
    /// # Errors
    ///
    /// Nothing was counted, and nothing may be used:
    ///
    /// - [`Error::Invalid`] for too many.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn check_and_use(
        &self,
        uses: &[NewUse],
        policy: &Policy,
        stamp: &Stamp,
    ) -> Result<Vec<Result<Decision>>>;

    /// The uses that were granted on consent `id`, in the order in which they
    /// were counted: what the person who gave it may ask to see.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there is no such consent.
    /// - [`Error::Invalid`] if the cursor is not of this list.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn uses(&self, id: ConsentId, page: &Page) -> Result<Paged<Use>>;
}

macro_rules! forward {
    ($ptr:ident) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "see `ConsentStore`, Wrapping")]
        impl<T: ConsentStore + ?Sized> ConsentStore for $ptr<T> {
            async fn record(
                &self,
                new: &[NewConsent],
                stamp: &Stamp,
            ) -> Result<Vec<Result<Consent>>> {
                (**self).record(new, stamp).await
            }

            async fn answer(
                &self,
                id: ConsentId,
                expected: Version,
                reply: &Reply,
                stamp: &Stamp,
            ) -> Result<Consent> {
                (**self).answer(id, expected, reply, stamp).await
            }

            async fn withdraw(
                &self,
                id: ConsentId,
                expected: Version,
                collected: &Collected,
                stamp: &Stamp,
            ) -> Result<Consent> {
                (**self).withdraw(id, expected, collected, stamp).await
            }

            async fn get(&self, id: ConsentId) -> Result<Consent> {
                (**self).get(id).await
            }

            async fn of_subject(&self, subject: PersonId, page: &Page) -> Result<Paged<Consent>> {
                (**self).of_subject(subject, page).await
            }

            async fn check_and_use(
                &self,
                uses: &[NewUse],
                policy: &Policy,
                stamp: &Stamp,
            ) -> Result<Vec<Result<Decision>>> {
                (**self).check_and_use(uses, policy, stamp).await
            }

            async fn uses(&self, id: ConsentId, page: &Page) -> Result<Paged<Use>> {
                (**self).uses(id, page).await
            }
        }
    };
}

forward!(Arc);
forward!(Box);

/// Conveniences for callers of any [`ConsentStore`].
///
/// Implemented for every store; not to be implemented by hand.
#[async_trait]
pub trait ConsentStoreExt: ConsentStore {
    /// Records one consent: [`record`](ConsentStore::record), of one.
    ///
    /// # Errors
    ///
    /// Those of [`record`](ConsentStore::record) and of its outcome.
    async fn record_one(&self, new: &NewConsent, stamp: &Stamp) -> Result<Consent> {
        only(self.record(std::slice::from_ref(new), stamp).await?)
    }

    /// Decides one use: [`check_and_use`](ConsentStore::check_and_use), of
    /// one.
    ///
    /// # Errors
    ///
    /// Those of [`check_and_use`](ConsentStore::check_and_use) and of its
    /// outcome.
    async fn check_and_use_one(
        &self,
        new: &NewUse,
        policy: &Policy,
        stamp: &Stamp,
    ) -> Result<Decision> {
        let new = std::slice::from_ref(new);
        only(self.check_and_use(new, policy, stamp).await?)
    }

    /// All that `subject` was asked: at most
    /// [`SUBJECT_CONSENTS_MAX`](crate::limits::SUBJECT_CONSENTS_MAX).
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the storage beneath fails.
    async fn all_of_subject(&self, subject: PersonId) -> Result<Vec<Consent>> {
        Paged::every(|page| async move { self.of_subject(subject, &page).await }).await
    }
}

impl<T: ConsentStore + ?Sized> ConsentStoreExt for T {}

fn only<T>(mut outcomes: Vec<Result<T>>) -> Result<T> {
    outcomes.pop().unwrap_or_else(|| {
        let source = "the store gave no outcome for what it was given";
        let fault = StoreFault::new("answer a batch of one", Retry::AfterInquiry, source);
        Err(Error::Store(fault))
    })
}
