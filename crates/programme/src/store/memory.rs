use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use solidarity_core::{
    Change, ChangeFeed, ChangeLog, Cursor, CycleId, DecisionId, EnrolmentId, EntitlementId,
    Invalid, NewChange, Page, Paged, ProgrammeId, Stamp, UnitId, Version,
};
use uuid::Uuid;

use crate::writes::{self, Body, Rows, check_batch};
use crate::{
    Cycle, Decision, DecisionQuery, Enrolment, EnrolmentQuery, Entitlement, EntitlementQuery,
    Error, EventId, NewEnrolment, NewEvent, Programme, ProgrammeStore, Recorded, Result,
};

/// A [`ProgrammeStore`] in memory, for tests, examples and simulations.
///
/// The reference for what [`ProgrammeStore`] means: where the words of the
/// contract leave a doubt, this implementation decides it.
#[derive(Debug, Default)]
pub struct MemoryProgrammeStore {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    programmes: BTreeMap<(ProgrammeId, Version), Programme>,
    decisions: BTreeMap<DecisionId, Decision>,
    enrolments: BTreeMap<EnrolmentId, Enrolment>,
    by_unit: HashMap<UnitId, BTreeSet<EnrolmentId>>,
    events: HashMap<EventId, EnrolmentId>,
    cycles: HashMap<CycleId, Cycle>,
    entitlements: BTreeMap<EntitlementId, Entitlement>,
    entitled: HashMap<(UnitId, CycleId), Vec<EntitlementId>>,
    changes: ChangeLog,
}

impl MemoryProgrammeStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // No code panics while it holds the lock, so a poisoned state is whole.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows for State {
    type Fail = Infallible;

    fn programme(
        &mut self,
        id: ProgrammeId,
        version: Option<Version>,
    ) -> Result<Option<Programme>, Infallible> {
        Ok(self.find_programme(id, version).cloned())
    }

    fn add_programme(&mut self, row: &Programme, _: &Body) -> Result<(), Infallible> {
        self.programmes
            .insert((row.id(), row.version()), row.clone());
        Ok(())
    }

    fn decision(&mut self, id: DecisionId) -> Result<Option<Decision>, Infallible> {
        Ok(self.decisions.get(&id).cloned())
    }

    fn add_decision(&mut self, row: &Decision, _: &Body) -> Result<(), Infallible> {
        self.decisions.insert(row.id(), row.clone());
        Ok(())
    }

    fn enrolment(&mut self, id: EnrolmentId) -> Result<Option<Enrolment>, Infallible> {
        Ok(self.enrolments.get(&id).cloned())
    }

    fn enrolments_of(&mut self, unit: UnitId) -> Result<Vec<Enrolment>, Infallible> {
        let ids = self.by_unit.get(&unit).into_iter().flatten();
        Ok(ids
            .filter_map(|id| self.enrolments.get(id).cloned())
            .collect())
    }

    fn add_enrolment(&mut self, row: &NewEnrolment, _: &Body) -> Result<(), Infallible> {
        self.by_unit.entry(row.unit()).or_default().insert(row.id());
        let enrolment = Enrolment::from_parts(row.clone(), Vec::new());
        self.enrolments.insert(row.id(), enrolment);
        Ok(())
    }

    fn event(&mut self, id: EventId) -> Result<Option<NewEvent>, Infallible> {
        let enrolment = self.events.get(&id);
        let history = enrolment.and_then(|enrolment| self.enrolments.get(enrolment));
        let recorded = history.and_then(|held| held.history().iter().find(|e| e.id == id));
        let event = |(enrolment, recorded): (&EnrolmentId, &Recorded)| {
            NewEvent::new(id, *enrolment, recorded.event.clone())
        };
        Ok(enrolment.zip(recorded).map(event))
    }

    fn add_event(
        &mut self,
        enrolment: &Enrolment,
        row: &Recorded,
        _: &Body,
    ) -> Result<(), Infallible> {
        self.events.insert(row.id, enrolment.id());
        if let Some(held) = self.enrolments.get_mut(&enrolment.id()) {
            held.record(row.clone());
        }
        Ok(())
    }

    fn cycle(&mut self, id: CycleId) -> Result<Option<Cycle>, Infallible> {
        Ok(self.cycles.get(&id).cloned())
    }

    fn put_cycle(&mut self, row: &Cycle, _: &Body) -> Result<(), Infallible> {
        self.cycles.insert(row.id(), row.clone());
        Ok(())
    }

    fn entitlement(&mut self, id: EntitlementId) -> Result<Option<Entitlement>, Infallible> {
        Ok(self.entitlements.get(&id).cloned())
    }

    fn entitlements_for(
        &mut self,
        unit: UnitId,
        cycle: CycleId,
    ) -> Result<Vec<Entitlement>, Infallible> {
        let ids = self.entitled.get(&(unit, cycle)).into_iter().flatten();
        Ok(ids
            .filter_map(|id| self.entitlements.get(id).cloned())
            .collect())
    }

    fn add_entitlement(&mut self, row: &Entitlement, _: &Body) -> Result<(), Infallible> {
        let key = (row.unit(), row.for_cycle());
        self.entitled.entry(key).or_default().push(row.id());
        self.entitlements.insert(row.id(), row.clone());
        Ok(())
    }

    fn tell(&mut self, news: NewChange) -> Result<(), Infallible> {
        self.changes.append(news);
        Ok(())
    }
}

impl State {
    fn find_programme(&self, id: ProgrammeId, version: Option<Version>) -> Option<&Programme> {
        match version {
            Some(version) => self.programmes.get(&(id, version)),
            None => (self.programmes.range((id, Version::FIRST)..))
                .take_while(|((of, _), _)| *of == id)
                .last()
                .map(|(_, programme)| programme),
        }
    }
}

/// The items of `all` that are `wanted`, in the order of their ids, after the
/// page's cursor.
fn list<'a, I, T>(
    all: &'a BTreeMap<I, T>,
    page: &Page,
    wanted: impl Fn(&T) -> bool,
) -> Result<Paged<T>, Invalid>
where
    I: AsRef<Uuid>,
    T: Clone + 'a,
{
    let after = page.cursor().map(read_cursor).transpose()?;
    let mut found = all
        .iter()
        .filter(|(id, item)| Some(*(*id).as_ref()) > after && wanted(item));
    let taken: Vec<_> = found.by_ref().take(page.limit()).collect();
    let last = taken.last().filter(|_| found.next().is_some());
    let next = last.map(|(id, _)| cursor(id.as_ref())).transpose()?;
    let items = taken.into_iter().map(|(_, item)| item.clone()).collect();
    Ok(Paged::new(items, next))
}

fn cursor(id: &Uuid) -> Result<Cursor, Invalid> {
    Cursor::new(id.simple().to_string())
}

fn read_cursor(cursor: &Cursor) -> Result<Uuid, Invalid> {
    Uuid::try_parse(cursor.as_str())
        .map_err(|_| Invalid::new("cursor", "must come from the same list"))
}

#[async_trait]
impl ChangeFeed for MemoryProgrammeStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        Ok(self.read().changes.page(page)?)
    }
}

/// What nothing beneath can make fail.
fn sure<T>(outcome: Result<T, Infallible>) -> T {
    match outcome {
        Ok(outcome) => outcome,
    }
}

#[async_trait]
impl ProgrammeStore for MemoryProgrammeStore {
    async fn put_programme(&self, programme: &Programme, stamp: &Stamp) -> Result<()> {
        sure(writes::put_programme(&mut *self.write(), programme, stamp))
    }

    async fn get_programme(&self, id: ProgrammeId, version: Option<Version>) -> Result<Programme> {
        let state = self.read();
        let found = state.find_programme(id, version).cloned();
        found.ok_or_else(|| Error::not_found("programme", id))
    }

    async fn record_decisions(
        &self,
        decisions: &[Decision],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>> {
        check_batch(decisions)?;
        Ok(sure(writes::record_decisions(
            &mut *self.write(),
            decisions,
            stamp,
        )))
    }

    async fn list_decisions(&self, query: DecisionQuery, page: &Page) -> Result<Paged<Decision>> {
        Ok(list(&self.read().decisions, page, |item| match query {
            DecisionQuery::One(id) => item.id() == id,
            DecisionQuery::Unit(unit) => item.unit() == unit,
            DecisionQuery::Programme(programme) => item.programme() == programme,
        })?)
    }

    async fn enrol(&self, new: &[NewEnrolment], stamp: &Stamp) -> Result<Vec<Result<()>>> {
        check_batch(new)?;
        Ok(sure(writes::enrol(&mut *self.write(), new, stamp)))
    }

    async fn advance(&self, events: &[NewEvent], stamp: &Stamp) -> Result<Vec<Result<()>>> {
        check_batch(events)?;
        Ok(sure(writes::advance(&mut *self.write(), events, stamp)))
    }

    async fn list_enrolments(
        &self,
        query: EnrolmentQuery,
        page: &Page,
    ) -> Result<Paged<Enrolment>> {
        Ok(list(&self.read().enrolments, page, |item| match query {
            EnrolmentQuery::One(id) => item.id() == id,
            EnrolmentQuery::Unit(unit) => item.unit() == unit,
            EnrolmentQuery::Programme(programme) => item.programme() == programme,
            EnrolmentQuery::Status {
                programme,
                status,
                on,
            } => item.programme() == programme && item.status_on(on) == status,
        })?)
    }

    async fn set_entitlements(
        &self,
        cycle: &Cycle,
        entitlements: &[Entitlement],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>> {
        check_batch(entitlements)?;
        let mut state = self.write();
        sure(writes::set_entitlements(
            &mut *state,
            cycle,
            entitlements,
            stamp,
        ))
    }

    async fn get_cycle(&self, id: CycleId) -> Result<Cycle> {
        let state = self.read();
        let found = state.cycles.get(&id).cloned();
        found.ok_or_else(|| Error::not_found("cycle", id))
    }

    async fn list_entitlements(
        &self,
        query: EntitlementQuery,
        page: &Page,
    ) -> Result<Paged<Entitlement>> {
        Ok(list(&self.read().entitlements, page, |item| match query {
            EntitlementQuery::One(id) => item.id() == id,
            EntitlementQuery::Enrolment(enrolment) => item.enrolment() == enrolment,
            EntitlementQuery::Cycle(cycle) => item.cycle() == cycle,
        })?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{InMemory, block_on};

    use super::*;

    fn harness() -> InMemory<impl Fn() -> Arc<dyn ProgrammeStore> + Send + Sync> {
        InMemory::new(|| Arc::new(MemoryProgrammeStore::new()) as Arc<dyn ProgrammeStore>)
    }

    crate::programme_store_conformance!(harness());

    #[test]
    fn it_agrees_with_itself() {
        let seed = solidarity_core::testing::seed();
        let agrees = crate::conformance::agrees_with_memory;
        block_on(agrees(&harness(), seed, 300));
    }
}
