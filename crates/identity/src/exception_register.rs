use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use solidarity_core::{ActorId, ChangeFeed, Cursor, Invalid, Page, Paged, PersonId, Stamp};

use crate::{
    AttesterTally, Exception, ExceptionId, ExceptionRules, ExceptionUse, ExceptionUseId,
    NewException, Result, RevocationReason,
};

mod memory;

pub use memory::MemoryExceptionRegister;

/// Registers whom the usual methods do not serve, who answers for them, how
/// often and until when.
///
/// An exception is a result like any other, not a way around the rules: it is
/// granted by one actor on the word of another, bounded twice, counted,
/// reviewed, and seen in the change feed.
///
/// # Contract
///
/// An implementation must pass
/// [`conformance::exception_register`](crate::conformance::exception_register).
/// In words:
///
/// - **Rules in the store.** Nothing is granted that
///   [`ExceptionRules::grant`] refuses; however many grants run at once, no
///   attester passes the cap.
/// - **Counted exactly.** However many uses run at once, no exception is used
///   more often than its limit says.
/// - **Idempotent.** The same grant, use or revocation again gives the same
///   answer and counts once; another body under its id is refused, and changes
///   nothing.
/// - **Told.** A grant, a use and a revocation are each one change; what was
///   refused or repeated is none.
/// - **Only the limit ends it.** A review that nobody makes takes nothing from
///   the person.
///
/// # Sharing
///
/// Shared as `Arc<dyn ExceptionRegister>`.
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
/// use solidarity_identity::{ExceptionRegister, ExceptionRules, MemoryExceptionRegister};
///
/// let rules = ExceptionRules::default();
/// let register: Arc<dyn ExceptionRegister> = Arc::new(MemoryExceptionRegister::new(rules)?);
/// assert_eq!(register.rules().cap_per_attester, 20);
/// # Ok::<(), solidarity_identity::Error>(())
/// ```
#[async_trait]
pub trait ExceptionRegister: ChangeFeed {
    /// The rules that it keeps.
    fn rules(&self) -> ExceptionRules;

    /// Grants the exception `id`, and gives it as granted.
    ///
    /// The actor of `stamp` grants it, and is not among those who vouch.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if it is not bounded as the
    ///   rules say, or too few vouch.
    /// - [`Error::ConflictOfInterest`](crate::Error::ConflictOfInterest) if
    ///   somebody who vouches has a stake.
    /// - [`Error::CapReached`](crate::Error::CapReached) if the attester
    ///   vouches for too many.
    /// - [`Error::AlreadyExists`](crate::Error::AlreadyExists) if `id` was
    ///   granted otherwise.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn grant(&self, id: ExceptionId, new: NewException, stamp: &Stamp) -> Result<Exception>;

    /// The exception `id`, as it is now.
    ///
    /// # Errors
    ///
    /// - [`Error::ExceptionNotFound`](crate::Error::ExceptionNotFound) if
    ///   there is none.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn get(&self, id: ExceptionId) -> Result<Exception>;

    /// The exception of `person` that holds at `at`, and that
    /// [`use_once`](Self::use_once) would use.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn find_valid(&self, person: PersonId, at: DateTime<Utc>) -> Result<Option<Exception>>;

    /// Uses the exception of `person` that holds at the time of `stamp`, once.
    /// `None` if none holds.
    ///
    /// # Errors
    ///
    /// - [`Error::AlreadyExists`](crate::Error::AlreadyExists) if the use `id`
    ///   was made for somebody else.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn use_once(
        &self,
        person: PersonId,
        id: ExceptionUseId,
        stamp: &Stamp,
    ) -> Result<Option<ExceptionUse>>;

    /// Ends the exception `id` before its time.
    ///
    /// # Errors
    ///
    /// - [`Error::ExceptionNotFound`](crate::Error::ExceptionNotFound) if
    ///   there is none.
    /// - [`Error::AlreadyExists`](crate::Error::AlreadyExists) if it was ended
    ///   for another reason.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn revoke(
        &self,
        id: ExceptionId,
        reason: RevocationReason,
        stamp: &Stamp,
    ) -> Result<Exception>;

    /// All exceptions of `person`, in the order of their ids.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn list(&self, person: PersonId, page: &Page) -> Result<Paged<Exception>>;

    /// The exceptions that hold at `at` and were to be looked at again by its
    /// day (UTC) or before, the most overdue first, then in the order of their
    /// ids.
    ///
    /// A review ends in a revocation, in a new grant, or in nothing.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn due_for_review(&self, at: DateTime<Utc>, page: &Page) -> Result<Paged<Exception>>;

    /// How much `attester` vouches for at `at`.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn tally(&self, attester: ActorId, at: DateTime<Utc>) -> Result<AttesterTally>;
}

macro_rules! forward {
    ($($pointer:ident)+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "see `ExceptionRegister`, Wrapping")]
        impl<T: ExceptionRegister + ?Sized> ExceptionRegister for $pointer<T> {
            fn rules(&self) -> ExceptionRules {
                (**self).rules()
            }

            async fn grant(&self, id: ExceptionId, new: NewException, stamp: &Stamp) -> Result<Exception> {
                (**self).grant(id, new, stamp).await
            }

            async fn get(&self, id: ExceptionId) -> Result<Exception> {
                (**self).get(id).await
            }

            async fn find_valid(&self, person: PersonId, at: DateTime<Utc>) -> Result<Option<Exception>> {
                (**self).find_valid(person, at).await
            }

            async fn use_once(
                &self,
                person: PersonId,
                id: ExceptionUseId,
                stamp: &Stamp,
            ) -> Result<Option<ExceptionUse>> {
                (**self).use_once(person, id, stamp).await
            }

            async fn revoke(
                &self,
                id: ExceptionId,
                reason: RevocationReason,
                stamp: &Stamp,
            ) -> Result<Exception> {
                (**self).revoke(id, reason, stamp).await
            }

            async fn list(&self, person: PersonId, page: &Page) -> Result<Paged<Exception>> {
                (**self).list(person, page).await
            }

            async fn due_for_review(&self, at: DateTime<Utc>, page: &Page) -> Result<Paged<Exception>> {
                (**self).due_for_review(at, page).await
            }

            async fn tally(&self, attester: ActorId, at: DateTime<Utc>) -> Result<AttesterTally> {
                (**self).tally(attester, at).await
            }
        }
    )+};
}

forward!(Arc Box);

/// Where a list of exceptions goes on: after a day of review and an id. The
/// list of one person goes by the id alone, on one day.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_structs, reason = "it is the order of the lists")]
pub struct ReviewKey {
    /// The day by which the exception is reviewed.
    pub review_by: NaiveDate,
    /// The exception.
    pub id: ExceptionId,
}

impl ReviewKey {
    /// The key of `exception`.
    #[must_use]
    pub fn of(exception: &Exception) -> Self {
        Self {
            review_by: exception.body().review_by,
            id: exception.id(),
        }
    }

    /// The cursor after the exception with this key.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the cursor would be too long, which it is not.
    pub fn cursor(self) -> Result<Cursor, Invalid> {
        Cursor::new(format!("{} {}", self.review_by, self.id))
    }

    /// A page of `found`, which holds one more than the page if there is more.
    ///
    /// # Errors
    ///
    /// [`Invalid`] as [`cursor`](Self::cursor).
    pub fn paged(mut found: Vec<Exception>, page: &Page) -> Result<Paged<Exception>, Invalid> {
        let more = found.len() > page.limit();
        found.truncate(page.limit());
        let last = found.last().filter(|_| more);
        let next = last.map(|e| Self::of(e).cursor()).transpose()?;
        Ok(Paged::new(found, next))
    }

    /// The key that a page begins after.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the cursor is of another list.
    pub fn before(page: &Page) -> Result<Option<Self>, Invalid> {
        page.cursor()
            .map(|cursor| cursor.as_str().parse())
            .transpose()
    }
}

impl FromStr for ReviewKey {
    type Err = Invalid;

    fn from_str(s: &str) -> Result<Self, Invalid> {
        let parsed = s.split_once(' ').and_then(|(day, id)| {
            Some(Self {
                review_by: day.parse().ok()?,
                id: id.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| Invalid::new("cursor", "must come from the same list"))
    }
}
