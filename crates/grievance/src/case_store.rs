use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::{ActorId, CaseId, ChangeFeed, Cursor, Invalid, Page, Paged, Stamp, Version};

use crate::{Act, Case, Event, NewCase, ReceiptDigest, Result, Role, StateName, Workflows};

mod memory;

pub use memory::MemoryCaseStore;

/// Which cases are asked for: those that are all of what is said here.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct CaseFilter {
    /// Those that are open.
    pub open_only: bool,
    /// Those of which the complainant is still to be told something
    /// ([`Case::untold`]).
    pub untold_only: bool,
    /// Those in this state.
    pub state: Option<StateName>,
    /// Those that this role answers for.
    pub role: Option<Role>,
    /// Those that are with this officer, or with nobody.
    pub owner: Option<Ownership>,
    /// Those that have waited since before then.
    pub waiting_before: Option<DateTime<Utc>>,
}

/// With whom a case is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "what nobody owns must never fall under a wildcard"
)]
pub enum Ownership {
    /// No officer has taken it or been given it, and it is open.
    Nobody,
    /// This officer.
    Officer(ActorId),
}

impl CaseFilter {
    /// Every case.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Every open case.
    #[must_use]
    pub fn open() -> Self {
        Self {
            open_only: true,
            ..Self::default()
        }
    }

    /// Every case of which the complainant is still to be told something.
    #[must_use]
    pub fn untold() -> Self {
        Self {
            untold_only: true,
            ..Self::default()
        }
    }

    /// The same, in `state`.
    #[must_use]
    pub fn in_state(mut self, state: StateName) -> Self {
        self.state = Some(state);
        self
    }

    /// The same, with `role`.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// The same, with `owner`.
    #[must_use]
    pub const fn owned_by(mut self, owner: Ownership) -> Self {
        self.owner = Some(owner);
        self
    }

    /// The same, waiting since before `instant`.
    #[must_use]
    pub const fn waiting_before(mut self, instant: DateTime<Utc>) -> Self {
        self.waiting_before = Some(instant);
        self
    }

    /// Where a list of cases goes on after case `id`, for a store to give.
    ///
    /// # Errors
    ///
    /// [`Invalid`] never: an id fits a cursor.
    pub fn cursor(id: CaseId) -> Result<Cursor, Invalid> {
        Cursor::new(id.to_string())
    }

    /// The case that [`cursor`](Self::cursor) was given.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if another list made the cursor.
    pub fn position(cursor: &Cursor) -> Result<CaseId, Invalid> {
        let elsewhere = |_| Invalid::new("cursor", "must come from the same list");
        cursor.as_str().parse().map_err(elsewhere)
    }

    /// Whether `case` is one of them.
    #[must_use]
    pub fn matches(&self, case: &Case) -> bool {
        let post = case.post();
        let owner = post.and_then(|post| post.owner());
        let micros = |at: DateTime<Utc>| at.timestamp_micros();
        (!self.open_only || post.is_some())
            && (!self.untold_only || case.untold().is_some())
            && self
                .state
                .as_ref()
                .is_none_or(|state| case.state() == state)
            && self
                .role
                .as_ref()
                .is_none_or(|role| post.is_some_and(|post| post.role() == role))
            && self.owner.is_none_or(|wanted| match wanted {
                Ownership::Nobody => post.is_some() && owner.is_none(),
                Ownership::Officer(actor) => owner.is_some_and(|owner| owner.actor == actor),
            })
            && self
                .waiting_before
                .is_none_or(|at| micros(case.waiting_since()) < micros(at))
    }
}

/// Keeps cases and their history.
///
/// # Contract
///
/// An implementation must pass [`conformance::case_store`](crate::conformance::case_store).
/// In words:
///
/// - **One rule.** A case changes only as [`Workflows::act`] says, under the
///   workflows that the store was made with. What is refused writes nothing.
/// - **Atomic.** The case, its line of history and the change that tells of
///   it are written together or not at all.
/// - **No lost update.** Of two acts that expect the same version, one
///   succeeds.
/// - **Idempotent.** The same opening, or the same act by the same actor at
///   the same expected version, gives the same answer and writes nothing.
/// - **Sealed.** A receipt code finds its own case and no other; no list, no
///   history and no change tells it.
///
/// # Sharing
///
/// Shared as `Arc<dyn CaseStore>`. It gives whole cases, with what is sealed in
/// them: between it and an officer stands a [`CaseView`](crate::CaseView).
///
/// # Wrapping
///
/// A wrapper forwards every method.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use solidarity_grievance::{CaseStore, MemoryCaseStore, Workflows, standard_workflow};
///
/// let workflows = Workflows::new([standard_workflow().check()?])?;
/// let store: Arc<dyn CaseStore> = Arc::new(MemoryCaseStore::new(workflows));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait CaseStore: ChangeFeed {
    /// The workflows that the store was made with.
    fn workflows(&self) -> &Workflows;

    /// Stores `new` under `id`, to be found under `receipt`.
    ///
    /// The caller makes the id and the code, so that a call whose answer was
    /// lost can be made again: the same id, `new` and `receipt` give the case
    /// as it was opened.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for what breaks a limit,
    ///   and for the receipt of another case. Nothing was written.
    /// - [`Error::AlreadyExists`](crate::Error::AlreadyExists) if `id` was
    ///   opened otherwise. Nothing was written.
    /// - [`Error::NoWorkflow`](crate::Error::NoWorkflow) for a workflow that
    ///   the store was not made with. Nothing was written.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn open(
        &self,
        id: CaseId,
        new: NewCase,
        receipt: ReceiptDigest,
        stamp: &Stamp,
    ) -> Result<Case>;

    /// Case `id` as it is now.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`](crate::Error::NotFound) if there is none.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn get(&self, id: CaseId) -> Result<Case>;

    /// The case that `receipt` belongs to.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn find_by_receipt(&self, receipt: &ReceiptDigest) -> Result<Option<Case>>;

    /// Does `act` on case `id`, if it is still at `expected`.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`](crate::Error::NotFound) if there is none.
    /// - [`Error::Conflict`](crate::Error::Conflict) if it is no longer at
    ///   `expected`. Nothing was written.
    /// - [`Error::Invalid`](crate::Error::Invalid) and
    ///   [`Error::Refused`](crate::Error::Refused) as [`Workflows::act`] says.
    ///   Nothing was written.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn act(&self, id: CaseId, expected: Version, act: Act, stamp: &Stamp) -> Result<Event>;

    /// What was done to case `id`, the oldest first. Its opening is no event.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`](crate::Error::NotFound) if there is none.
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn events(&self, id: CaseId, page: &Page) -> Result<Paged<Event>>;

    /// The cases that `filter` asks for, by id.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   such a list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn list(&self, filter: &CaseFilter, page: &Page) -> Result<Paged<Case>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "see `CaseStore`, Wrapping")]
impl<T: CaseStore + ?Sized> CaseStore for Arc<T> {
    fn workflows(&self) -> &Workflows {
        (**self).workflows()
    }

    async fn open(
        &self,
        id: CaseId,
        new: NewCase,
        receipt: ReceiptDigest,
        stamp: &Stamp,
    ) -> Result<Case> {
        (**self).open(id, new, receipt, stamp).await
    }

    async fn get(&self, id: CaseId) -> Result<Case> {
        (**self).get(id).await
    }

    async fn find_by_receipt(&self, receipt: &ReceiptDigest) -> Result<Option<Case>> {
        (**self).find_by_receipt(receipt).await
    }

    async fn act(&self, id: CaseId, expected: Version, act: Act, stamp: &Stamp) -> Result<Event> {
        (**self).act(id, expected, act, stamp).await
    }

    async fn events(&self, id: CaseId, page: &Page) -> Result<Paged<Event>> {
        (**self).events(id, page).await
    }

    async fn list(&self, filter: &CaseFilter, page: &Page) -> Result<Paged<Case>> {
        (**self).list(filter, page).await
    }
}
