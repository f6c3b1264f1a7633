use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::Stamp;

use crate::{
    AttemptId, Challenge, ChallengeId, CodeAnswer, CodeRules, CodeTag, NewChallenge, Result,
};

mod memory;

pub use memory::MemoryCodeStore;

/// Keeps the codes that were sent, as tags that only the sender can make, and
/// counts the tries.
///
/// It is not a [`ChangeFeed`](solidarity_core::ChangeFeed): nothing in it is
/// worth telling to a replica, and nothing outlives its minutes.
///
/// # Contract
///
/// An implementation must pass
/// [`conformance::code_store`](crate::conformance::code_store). In words:
///
/// - **Counted exactly.** However many tries run at once, no more than
///   [`CodeRules::tries`] are looked at, and one code is right once.
/// - **One at a time.** A new challenge takes the place of the person's open
///   one. The new one has all its tries.
/// - **Flood-limited.** No person is sent more than [`CodeRules::sends`] codes
///   in a window, however many are asked for at once. A withdrawn one does not
///   count.
/// - **Idempotent.** The same challenge or try again gives the same answer and
///   counts once; another body under its id is refused, and changes nothing.
/// - **Durable.** A try that was answered is counted after a crash.
///
/// # Sharing
///
/// Shared as `Arc<dyn CodeStore>`.
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
/// use solidarity_identity::{CodeRules, CodeStore, MemoryCodeStore};
///
/// let store: Arc<dyn CodeStore> = Arc::new(MemoryCodeStore::new(CodeRules::default())?);
/// assert_eq!(store.rules().digits, 6);
/// # Ok::<(), solidarity_identity::Error>(())
/// ```
#[async_trait]
pub trait CodeStore: fmt::Debug + Send + Sync + 'static {
    /// The rules that it keeps.
    fn rules(&self) -> CodeRules;

    /// Records that a code is about to be sent, as
    /// [`CodeRules::issue`] decides, and gives the challenge as it began.
    ///
    /// # Errors
    ///
    /// - [`Error::TooManyCodes`](crate::Error::TooManyCodes) within a window.
    /// - [`Error::AlreadyExists`](crate::Error::AlreadyExists) if `id` was
    ///   issued otherwise.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn issue(&self, id: ChallengeId, new: NewChallenge, stamp: &Stamp) -> Result<Challenge>;

    /// The challenge `id`, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn find(&self, id: ChallengeId) -> Result<Option<Challenge>>;

    /// Tries `tag` on the challenge `id`, as [`CodeRules::attempt`] decides.
    ///
    /// # Errors
    ///
    /// - [`Error::ChallengeNotFound`](crate::Error::ChallengeNotFound) if
    ///   there is none.
    /// - [`Error::AlreadyExists`](crate::Error::AlreadyExists) if the same try
    ///   came before with another tag.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn attempt(
        &self,
        id: ChallengeId,
        attempt: AttemptId,
        tag: &CodeTag,
        stamp: &Stamp,
    ) -> Result<CodeAnswer>;

    /// Takes back the challenge `id`, if it is open: it never reached the
    /// person, and does not count against them.
    ///
    /// # Errors
    ///
    /// - [`Error::ChallengeNotFound`](crate::Error::ChallengeNotFound) if
    ///   there is none.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn withdraw(&self, id: ChallengeId) -> Result<()>;

    /// Forgets the challenges on which nothing hangs any longer at `at`, as
    /// [`CodeRules::is_past`] says, and tells how many.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn forget(&self, at: DateTime<Utc>) -> Result<u64>;
}

macro_rules! forward {
    ($($pointer:ident)+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "see `CodeStore`, Wrapping")]
        impl<T: CodeStore + ?Sized> CodeStore for $pointer<T> {
            fn rules(&self) -> CodeRules {
                (**self).rules()
            }

            async fn issue(&self, id: ChallengeId, new: NewChallenge, stamp: &Stamp) -> Result<Challenge> {
                (**self).issue(id, new, stamp).await
            }

            async fn find(&self, id: ChallengeId) -> Result<Option<Challenge>> {
                (**self).find(id).await
            }

            async fn attempt(
                &self,
                id: ChallengeId,
                attempt: AttemptId,
                tag: &CodeTag,
                stamp: &Stamp,
            ) -> Result<CodeAnswer> {
                (**self).attempt(id, attempt, tag, stamp).await
            }

            async fn withdraw(&self, id: ChallengeId) -> Result<()> {
                (**self).withdraw(id).await
            }

            async fn forget(&self, at: DateTime<Utc>) -> Result<u64> {
                (**self).forget(at).await
            }
        }
    )+};
}

forward!(Arc Box);
