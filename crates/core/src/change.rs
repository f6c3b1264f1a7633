use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{ActorId, CorrelationId, Cursor, Page, Paged, Purpose, Result, Stamp};

mod log;

pub use log::ChangeLog;

crate::code! {
    /// The sort of thing that changed: `person`, `unit`, `case`.
    pub struct EntityKind;
    /// What happened to it, as a verb: `create`, `replace`, `withdraw`.
    pub struct ChangeKind;
}

/// A random value that hides a content behind its commitment.
///
/// It is kept beside the content. Where both are erased, the commitment says
/// nothing more to anyone.
#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Salt(Uuid);

impl Salt {
    /// A fresh salt of 122 random bits.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }

    /// The salt's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The salt kept before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// SHA-256 (FIPS 180-4) over a salt's 16 bytes and then a content's: proves
/// later what was written, without telling now.
///
/// ```
/// use solidarity_core::{Commitment, Salt};
///
/// let salt = Salt::generate();
/// let commitment = Commitment::to(&salt, b"what was written");
/// assert_eq!(Commitment::to(&salt, b"what was written"), commitment);
/// assert_ne!(Commitment::to(&Salt::generate(), b"what was written"), commitment);
/// ```
#[derive(Clone, Copy, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// The commitment to `content` under `salt`.
    #[must_use]
    pub fn to(salt: &Salt, content: &[u8]) -> Self {
        let digest = Sha256::new()
            .chain_update(salt.as_bytes())
            .chain_update(content)
            .finalize();
        Self(digest.into())
    }

    /// A commitment made before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Commitment(")?;
        self.0
            .iter()
            .take(4)
            .try_for_each(|b| write!(f, "{b:02x}"))?;
        f.write_str("..)")
    }
}

/// News of a write that is about to be appended to a feed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewChange {
    /// When it was recorded, by whom, why.
    pub stamp: Stamp,
    /// When what was written became true, if that is another day.
    pub effective_on: Option<NaiveDate>,
    /// The sort of thing written.
    pub entity: EntityKind,
    /// Which one.
    pub id: Uuid,
    /// What happened to it.
    pub kind: ChangeKind,
    /// A commitment to what was written.
    pub commitment: Commitment,
}

impl NewChange {
    /// News that `kind` happened to the `entity` named `id`.
    #[must_use]
    pub fn new(
        stamp: Stamp,
        entity: EntityKind,
        id: &impl AsRef<Uuid>,
        kind: ChangeKind,
        commitment: Commitment,
    ) -> Self {
        Self {
            stamp,
            effective_on: None,
            entity,
            id: *id.as_ref(),
            kind,
            commitment,
        }
    }

    /// The same, true from `day` on.
    #[must_use]
    pub const fn effective_on(mut self, day: NaiveDate) -> Self {
        self.effective_on = Some(day);
        self
    }
}

/// News of a write: who wrote what, when and why, and never the content.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Change {
    cursor: Cursor,
    #[serde(flatten)]
    news: NewChange,
}

impl Change {
    /// The change that a feed holds at `cursor`.
    #[must_use]
    pub const fn from_parts(cursor: Cursor, news: NewChange) -> Self {
        Self { cursor, news }
    }

    /// Where the feed goes on after this change.
    #[must_use]
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// When it was recorded.
    #[must_use]
    pub const fn recorded_at(&self) -> DateTime<Utc> {
        self.news.stamp.at()
    }

    /// When what was written became true, if that is another day.
    #[must_use]
    pub const fn effective_on(&self) -> Option<NaiveDate> {
        self.news.effective_on
    }

    /// Who wrote.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.news.stamp.actor()
    }

    /// Why.
    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        self.news.stamp.purpose()
    }

    /// What ties it to what caused it.
    #[must_use]
    pub const fn correlation(&self) -> CorrelationId {
        self.news.stamp.correlation()
    }

    /// The sort of thing written.
    #[must_use]
    pub const fn entity(&self) -> &EntityKind {
        &self.news.entity
    }

    /// Which one.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.news.id
    }

    /// What happened to it.
    #[must_use]
    pub const fn kind(&self) -> &ChangeKind {
        &self.news.kind
    }

    /// The commitment to what was written.
    #[must_use]
    pub const fn commitment(&self) -> Commitment {
        self.news.commitment
    }
}

/// Tells what was written, in the order in which it was committed.
///
/// Most stores are one: a replica, a cache, a notifier or an evidence log
/// follows it from the last cursor that it knows. There is no other bus.
///
/// # Contract
///
/// An implementation must pass [`conformance`](crate::conformance). In words:
///
/// - **With the write.** A change appears in the same instant as the write
///   that it tells of, once, and a refused or repeated write tells nothing.
/// - **In order.** A reader that goes on from each page's last change sees
///   every change exactly once, also with many writers at work.
/// - **For ever.** A cursor stays good.
/// - **Silent.** No change holds any content.
///
/// # Sharing
///
/// Shared as `Arc<dyn ChangeFeed>`; any number of readers, each with its own
/// cursor.
///
/// # Wrapping
///
/// A wrapper passes cursors through untouched.
///
/// # Example
///
/// ```
/// use solidarity_core::testing::block_on;
/// use solidarity_core::{ChangeFeed, Page};
///
/// /// How many changes a feed holds.
/// fn count(feed: &dyn ChangeFeed) -> solidarity_core::Result<usize> {
///     let (mut page, mut count) = (Page::largest(), 0);
///     loop {
///         let changes = block_on(feed.changes_since(&page))?;
///         count += changes.items().len();
///         match changes.next() {
///             Some(cursor) => page = page.after(cursor.clone()),
///             None => return Ok(count),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait ChangeFeed: fmt::Debug + Send + Sync + 'static {
    /// The changes after the page's cursor, the oldest first.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this feed.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn changes_since(&self, page: &Page) -> Result<Paged<Change>>;
}

#[async_trait]
impl<T: ChangeFeed + ?Sized> ChangeFeed for Arc<T> {
    async fn changes_since(&self, page: &Page) -> Result<Paged<Change>> {
        (**self).changes_since(page).await
    }
}

#[async_trait]
impl<T: ChangeFeed + ?Sized> ChangeFeed for Box<T> {
    async fn changes_since(&self, page: &Page) -> Result<Paged<Change>> {
        (**self).changes_since(page).await
    }
}
