use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{KeySet, PartyId, Result};

mod memory;

pub use memory::MemoryKeySource;

/// Finds the keys of the parties of an exchange.
///
/// Finding keys may mean asking a server, so it is awaited. Checking a message
/// with the [`KeySet`] that was found is not.
///
/// # Contract
///
/// - **By party.** The keys are those of the party asked for, as they were
///   agreed on or fetched from an address that was agreed on. Nothing in a
///   message leads to an address.
/// - **All its keys.** Also those whose time has not begun, the expired and the
///   revoked: the set says why a message is refused. What was revoked stays so
///   when keys are fetched again ([`KeySet::refreshed`]).
/// - **A no is no error.** `None`: there is no such party. An error: it could
///   not be found out.
/// - **Bounded.** What it remembers has a limit, and so have the bytes that it
///   fetches.
///
/// # Sharing
///
/// Shared as `Arc<dyn KeySource>`.
///
/// # Wrapping
///
/// A cache answers from memory while its copy is young at `now`. One that
/// answers with an old copy when its source does not answer says for how long
/// it does so, because that is how long a withdrawn key lives on.
///
/// # Example
///
/// ```
/// use chrono::DateTime;
/// use solidarity_core::testing::block_on;
/// use solidarity_signing::{KeySet, KeySource, MemoryKeySource, PartyId};
///
/// let party = PartyId::new("registry.example")?;
/// let source = MemoryKeySource::new();
/// source.put(KeySet::new(party.clone()))?;
/// let now = DateTime::UNIX_EPOCH;
/// assert!(block_on(source.keys_of(&party, now))?.is_some());
/// assert!(block_on(source.keys_of(&PartyId::new("stranger")?, now))?.is_none());
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
#[async_trait]
pub trait KeySource: fmt::Debug + Send + Sync + 'static {
    /// The keys of `party`, as known at `now`.
    ///
    /// # Errors
    ///
    /// [`Error::Unanswered`](crate::Error::Unanswered) if they could not be
    /// found out, and what is remembered is too old.
    async fn keys_of(&self, party: &PartyId, now: DateTime<Utc>) -> Result<Option<Arc<KeySet>>>;
}

#[async_trait]
impl<T: KeySource + ?Sized> KeySource for Arc<T> {
    async fn keys_of(&self, party: &PartyId, now: DateTime<Utc>) -> Result<Option<Arc<KeySet>>> {
        (**self).keys_of(party, now).await
    }
}
