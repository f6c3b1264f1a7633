use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::limits::PAGE_MAX;
use crate::{Invalid, Page, Paged, PersonId, Result, Stamp};

mod memory;

pub use memory::MemoryAccessLog;

crate::id! {
    /// One look at personal data.
    pub struct AccessId;
}

crate::code! {
    /// What was done: `person.get`, `person.search`.
    pub struct AccessKind;
}

/// One call that read personal data: who looked at whom, when and why.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Access {
    id: AccessId,
    stamp: Stamp,
    kind: AccessKind,
    subjects: Vec<PersonId>,
}

impl Access {
    /// A look of `kind` at `subjects`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for more subjects than a page holds.
    pub fn new(
        id: AccessId,
        stamp: Stamp,
        kind: AccessKind,
        subjects: Vec<PersonId>,
    ) -> Result<Self, Invalid> {
        if subjects.len() > PAGE_MAX {
            return Err(Invalid::new(
                "subjects",
                format!("must be at most {PAGE_MAX}"),
            ));
        }
        Ok(Self {
            id,
            stamp,
            kind,
            subjects,
        })
    }

    /// Names the look.
    #[must_use]
    pub const fn id(&self) -> AccessId {
        self.id
    }

    /// When, who, why.
    #[must_use]
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// What was done.
    #[must_use]
    pub const fn kind(&self) -> &AccessKind {
        &self.kind
    }

    /// Whose data were read. Empty where a search found nobody.
    #[must_use]
    pub fn subjects(&self) -> &[PersonId] {
        &self.subjects
    }
}

/// Remembers who looked at whose data, for the person concerned to ask.
///
/// # Contract
///
/// An implementation must pass [`conformance`](crate::conformance). In words:
///
/// - **All or nothing.** A group of entries is written whole or not at all.
///   Whoever reads personal data writes the entry first, and reads nothing if
///   that fails.
/// - **Idempotent by id.** The same entry again changes nothing; another entry
///   under the same id is refused.
/// - **Append only.** Nothing is changed or removed.
///
/// # Sharing
///
/// Shared as `Arc<dyn AccessLog>`.
///
/// # Wrapping
///
/// A wrapper answers `Ok` only once what it wraps has.
///
/// # Example
///
/// ```
/// use solidarity_core::testing::block_on;
/// use solidarity_core::{
///     Access, AccessId, AccessKind, AccessLog, ActorId, Context, MemoryAccessLog, Page, PersonId,
///     Purpose, SystemClock,
/// };
///
/// let (log, person) = (MemoryAccessLog::new(), PersonId::generate());
/// let stamp = Context::new(ActorId::generate(), Purpose::new("payment")?).stamp(&SystemClock);
/// let look = Access::new(AccessId::generate(), stamp, AccessKind::new("person.get")?, vec![person])?;
/// block_on(log.append(&[look.clone()]))?; // and only now is the person shown
/// assert_eq!(block_on(log.list(person, &Page::first()))?.items(), [look]);
/// # Ok::<(), solidarity_core::Error>(())
/// ```
#[async_trait]
pub trait AccessLog: fmt::Debug + Send + Sync + 'static {
    /// Appends `entries`, at most [`BATCH_MAX`](crate::limits::BATCH_MAX).
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for too many entries.
    /// - [`Error::AlreadyExists`](crate::Error::AlreadyExists) if an id is
    ///   taken by another entry. Nothing was written.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn append(&self, entries: &[Access]) -> Result<()>;

    /// The looks at `subject`, in the order in which they were appended.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn list(&self, subject: PersonId, page: &Page) -> Result<Paged<Access>>;
}

#[async_trait]
impl<T: AccessLog + ?Sized> AccessLog for Arc<T> {
    async fn append(&self, entries: &[Access]) -> Result<()> {
        (**self).append(entries).await
    }

    async fn list(&self, subject: PersonId, page: &Page) -> Result<Paged<Access>> {
        (**self).list(subject, page).await
    }
}
