use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use solidarity_core::{
    ChangeFeed, CycleId, DecisionId, EnrolmentId, EntitlementId, Page, Paged, ProgrammeId, Stamp,
    UnitId, Version,
};

use crate::{
    Cycle, Decision, Enrolment, Entitlement, Error, NewEnrolment, NewEvent, Programme, Result,
    Status,
};

mod memory;

pub use memory::MemoryProgrammeStore;

/// Which decisions are asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a store answers every query")]
pub enum DecisionQuery {
    /// This one.
    One(DecisionId),
    /// Those about a unit.
    Unit(UnitId),
    /// Those of a programme.
    Programme(ProgrammeId),
}

/// Which enrolments are asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a store answers every query")]
pub enum EnrolmentQuery {
    /// This one.
    One(EnrolmentId),
    /// Those of a unit.
    Unit(UnitId),
    /// Those in a programme.
    Programme(ProgrammeId),
    /// Those in a programme that stand so on a day.
    Status {
        /// Which programme.
        programme: ProgrammeId,
        /// How they stand.
        status: Status,
        /// On which day.
        on: NaiveDate,
    },
}

/// Which entitlements are asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a store answers every query")]
pub enum EntitlementQuery {
    /// This one.
    One(EntitlementId),
    /// Those of an enrolment.
    Enrolment(EnrolmentId),
    /// Those paid in a cycle.
    Cycle(CycleId),
}

/// Keeps programmes, what was decided about whom and why, who is enrolled,
/// and what they are entitled to.
///
/// # Contract
///
/// An implementation must pass [`conformance`](crate::conformance). In words:
///
/// - **Idempotent.** Whatever is written has an id of the caller's. The same
///   again is answered as the first time and changes nothing, whatever has
///   happened since; something else under the same id is refused.
/// - **Batches.** A batch gives one outcome an item, in order; a refused item
///   writes nothing and spares the others. `Err` means that nothing was
///   written.
/// - **What is written holds.** A decision replays under the statement that is
///   held. An enrolment says what its decision says, and a unit has one in a
///   programme at a time. An event follows the life cycle, and what it rests on
///   carries it. An entitlement is what its enrolment gives. The functions of
///   [`lifecycle`](crate::lifecycle) decide all of it.
/// - **No stop without notice.** The only write that rejects, reduces,
///   suspends or ends takes an [`AdverseAction`](crate::AdverseAction), given
///   on the day on which it is recorded, under terms no worse than the
///   programme's and on a ground of this unit's. It shows in no read before
///   the day that the notice says, nor while an appeal holds it back.
/// - **What is owed is owed once.** Arrears are what a correction found due less
///   what was set; of two that were worked out from the same state, one is set.
/// - **Who collects** changes on the word of who collects so far or of a named
///   person, and never in retrospect.
/// - **Lists** are in the order of ids. A cursor stays good.
/// - **Changes.** Each write appends one change to the feed, with the write;
///   what is refused or repeated appends none.
///
/// # Sharing
///
/// Shared as `Arc<dyn ProgrammeStore>`. Any number of writers; of two that
/// enrol one unit at once, one is refused.
///
/// # Wrapping
///
/// A wrapper implements every method, and passes cursors and ids through
/// untouched.
///
/// # Example
///
/// The crate's front page shows one at work.
#[async_trait]
pub trait ProgrammeStore: ChangeFeed {
    /// Puts the next version of a programme's statement.
    ///
    /// # Errors
    ///
    /// - [`Error::AlreadyExists`] if the version says something else.
    /// - [`Error::Conflict`] if it is not the next one;
    ///   [`Error::NotFound`] if there is none and it is not the first.
    /// - [`Error::Store`] if the storage beneath fails.
    async fn put_programme(&self, programme: &Programme, stamp: &Stamp) -> Result<()>;

    /// A programme's statement at `version`, or the latest.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] or [`Error::Store`].
    async fn get_programme(&self, id: ProgrammeId, version: Option<Version>) -> Result<Programme>;

    /// Records decisions, at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for too many, [`Error::Store`]. Of an item:
    /// [`Error::NotFound`] for a statement that is not held,
    /// [`Error::Unfounded`] if it does not replay, [`Error::AlreadyExists`].
    async fn record_decisions(
        &self,
        decisions: &[Decision],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>>;

    /// The decisions asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the cursor is not of this list, [`Error::Store`].
    async fn list_decisions(&self, query: DecisionQuery, page: &Page) -> Result<Paged<Decision>>;

    /// Begins enrolments, at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX), whose decisions are
    /// held.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for too many, [`Error::Store`]. Of an item:
    /// [`Error::NotFound`] for its decision, [`Error::Unfounded`] if it says
    /// otherwise, [`Error::AlreadyEnrolled`], [`Error::AlreadyExists`].
    async fn enrol(&self, new: &[NewEnrolment], stamp: &Stamp) -> Result<Vec<Result<()>>>;

    /// Records what happened to enrolments, at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX) events.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for too many, [`Error::Store`]. Of an item:
    /// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Unfounded`],
    /// [`Error::AlreadyExists`]; see
    /// [`check_event`](crate::lifecycle::check_event).
    async fn advance(&self, events: &[NewEvent], stamp: &Stamp) -> Result<Vec<Result<()>>>;

    /// The enrolments asked for, each with its history.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the cursor is not of this list, [`Error::Store`].
    async fn list_enrolments(&self, query: EnrolmentQuery, page: &Page)
    -> Result<Paged<Enrolment>>;

    /// Sets entitlements in `cycle`, at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX). A cycle that is new
    /// begins with it; one that is handed in closed is closed after them.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for too many, [`Error::AlreadyExists`] if the cycle
    /// was begun otherwise, [`Error::NotFound`] for its programme,
    /// [`Error::Store`]. Of an item: [`Error::NotFound`],
    /// [`Error::CycleClosed`], [`Error::Unfounded`] if it is not due so,
    /// [`Error::AlreadyEnrolled`] if another enrolment of the unit has had it,
    /// [`Error::AlreadyExists`].
    async fn set_entitlements(
        &self,
        cycle: &Cycle,
        entitlements: &[Entitlement],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>>;

    /// A cycle as it stands.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] or [`Error::Store`].
    async fn get_cycle(&self, id: CycleId) -> Result<Cycle>;

    /// The entitlements asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the cursor is not of this list, [`Error::Store`].
    async fn list_entitlements(
        &self,
        query: EntitlementQuery,
        page: &Page,
    ) -> Result<Paged<Entitlement>>;
}

#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "see `ProgrammeStore`, Wrapping"
)]
impl<T: ProgrammeStore + ?Sized> ProgrammeStore for Arc<T> {
    async fn put_programme(&self, programme: &Programme, stamp: &Stamp) -> Result<()> {
        (**self).put_programme(programme, stamp).await
    }

    async fn get_programme(&self, id: ProgrammeId, version: Option<Version>) -> Result<Programme> {
        (**self).get_programme(id, version).await
    }

    async fn record_decisions(
        &self,
        decisions: &[Decision],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>> {
        (**self).record_decisions(decisions, stamp).await
    }

    async fn list_decisions(&self, query: DecisionQuery, page: &Page) -> Result<Paged<Decision>> {
        (**self).list_decisions(query, page).await
    }

    async fn enrol(&self, new: &[NewEnrolment], stamp: &Stamp) -> Result<Vec<Result<()>>> {
        (**self).enrol(new, stamp).await
    }

    async fn advance(&self, events: &[NewEvent], stamp: &Stamp) -> Result<Vec<Result<()>>> {
        (**self).advance(events, stamp).await
    }

    async fn list_enrolments(
        &self,
        query: EnrolmentQuery,
        page: &Page,
    ) -> Result<Paged<Enrolment>> {
        (**self).list_enrolments(query, page).await
    }

    async fn set_entitlements(
        &self,
        cycle: &Cycle,
        entitlements: &[Entitlement],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>> {
        (**self).set_entitlements(cycle, entitlements, stamp).await
    }

    async fn get_cycle(&self, id: CycleId) -> Result<Cycle> {
        (**self).get_cycle(id).await
    }

    async fn list_entitlements(
        &self,
        query: EntitlementQuery,
        page: &Page,
    ) -> Result<Paged<Entitlement>> {
        (**self).list_entitlements(query, page).await
    }
}

/// Conveniences for callers of any [`ProgrammeStore`].
///
/// Implemented for every store; not to be implemented by hand.
#[async_trait]
pub trait ProgrammeStoreExt: ProgrammeStore {
    /// One decision.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] or [`Error::Store`].
    async fn get_decision(&self, id: DecisionId) -> Result<Decision> {
        let (query, page) = (DecisionQuery::One(id), Page::first());
        let found = self.list_decisions(query, &page).await?;
        let found = found.into_items().pop();
        found.ok_or_else(|| Error::not_found("decision", id))
    }

    /// One enrolment, with its history.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] or [`Error::Store`].
    async fn get_enrolment(&self, id: EnrolmentId) -> Result<Enrolment> {
        let (query, page) = (EnrolmentQuery::One(id), Page::first());
        let found = self.list_enrolments(query, &page).await?;
        let found = found.into_items().pop();
        found.ok_or_else(|| Error::not_found("enrolment", id))
    }
}

impl<T: ProgrammeStore + ?Sized> ProgrammeStoreExt for T {}
