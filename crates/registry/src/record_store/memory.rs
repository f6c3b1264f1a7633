use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use solidarity_core::{
    Change, ChangeFeed, ChangeLog, Cursor, Invalid, Page, Paged, PersonId, Retry, Salt, Stamp,
    StoreFault, UnitId, Version,
};

use crate::attribute::check_count;
use crate::decision::{
    Decided, KnownMembership, KnownPerson, KnownUnit, Source, Tip, check_batch, decide, load,
};
use crate::keys::identifier_key;
use crate::limits::{HOLDERS_MAX, READ_MAX};
use crate::{
    AsOf, Command, CommandId, Content, Criteria, EntityRef, Identifier, IdentifierScheme,
    Membership, MembershipId, NewPerson, Outcome, Person, PersonTerm, RecordSearch, RecordStore,
    Result, Revision, Rules, Unit, UnitKind, UnitTerm,
};

/// A register in memory, for tests, examples and small deployments.
///
/// The reference for what [`RecordStore`] and [`RecordSearch`] mean: where the
/// words of the contracts leave a doubt, this implementation decides it.
#[derive(Debug)]
pub struct MemoryRecordStore {
    rules: Rules,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    // INVARIANT: no list is empty, and each is in the order of its versions.
    people: BTreeMap<PersonId, Vec<Revision>>,
    units: BTreeMap<UnitId, Vec<Revision>>,
    memberships: HashMap<MembershipId, Vec<Revision>>,
    // INVARIANT: what is below follows from what is above.
    commands: HashMap<CommandId, Vec<(EntityRef, Version)>>,
    in_unit: HashMap<UnitId, BTreeSet<MembershipId>>,
    of_person: HashMap<PersonId, BTreeSet<MembershipId>>,
    holders: HashMap<IdentifierScheme, HashMap<String, BTreeSet<PersonId>>>,
    changes: ChangeLog,
}

impl MemoryRecordStore {
    /// An empty register that keeps `rules`.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            state: RwLock::default(),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        // No code panics while it holds the lock, so a poisoned state is whole.
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ChangeFeed for MemoryRecordStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        Ok(self.read().changes.page(page)?)
    }
}

#[async_trait]
impl RecordStore for MemoryRecordStore {
    async fn apply(&self, batch: &[Command], stamp: &Stamp) -> Result<Vec<Outcome>> {
        check_batch(batch)?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let Ok(known) = load(batch, &*state);
        let Decided {
            outcomes,
            revisions,
        } = decide(batch, stamp, &self.rules, known, &mut Salt::generate);
        let news = revisions
            .iter()
            .map(Revision::news)
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|e| StoreFault::new("write a revision", Retry::Never, e))?;
        for (revision, news) in revisions.into_iter().zip(news) {
            state.file(revision);
            state.changes.append(news);
        }
        Ok(outcomes)
    }

    async fn people(&self, ids: &[PersonId], as_of: AsOf) -> Result<Vec<Option<Person>>> {
        check_count("ids", ids.len(), READ_MAX)?;
        let state = self.read();
        Ok(ids
            .iter()
            .map(|id| state.person_as_of(*id, as_of))
            .collect())
    }

    async fn units(&self, ids: &[UnitId], as_of: AsOf) -> Result<Vec<Option<Unit>>> {
        check_count("ids", ids.len(), READ_MAX)?;
        let state = self.read();
        Ok(ids.iter().map(|id| state.unit_as_of(*id, as_of)).collect())
    }

    async fn memberships(&self, of: &[EntityRef], on: Option<AsOf>) -> Result<Vec<Membership>> {
        check_count("ids", of.len(), READ_MAX)?;
        let state = self.read();
        let mut ids: BTreeSet<MembershipId> = BTreeSet::new();
        for entity in of {
            match entity {
                EntityRef::Person(id) => ids.extend(state.of_person.get(id).into_iter().flatten()),
                EntityRef::Unit(id) => ids.extend(state.in_unit.get(id).into_iter().flatten()),
                EntityRef::Membership(id) => ids.extend([*id]),
            }
        }
        let mut found: Vec<Membership> = ids
            .into_iter()
            .filter_map(|id| state.memberships.get(&id))
            .filter_map(|revisions| membership_as_of(revisions, on))
            .collect();
        found.sort_by_key(|m| (m.said().validity.from(), m.id()));
        Ok(found)
    }

    async fn history(&self, entity: EntityRef, page: &Page) -> Result<Paged<Revision>> {
        let done = page.cursor().map_or(Ok(0), Cursor::position)?;
        let state = self.read();
        let mut rest = state
            .revisions(entity)
            .iter()
            .filter(|r| r.version.count() > done);
        let items: Vec<Revision> = rest.by_ref().take(page.limit()).cloned().collect();
        let more = rest.next().is_some();
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| Cursor::from_position(last.version.count()));
        Ok(Paged::new(items, next))
    }
}

#[async_trait]
impl RecordSearch for MemoryRecordStore {
    async fn find_by_identifiers(&self, identifiers: &[Identifier]) -> Result<Vec<Vec<PersonId>>> {
        check_count("identifiers", identifiers.len(), READ_MAX)?;
        let state = self.read();
        let holders = |identifier: &Identifier| {
            state
                .holders
                .get(&identifier.scheme)
                .and_then(|of_scheme| of_scheme.get(identifier_key(identifier.value.expose())))
                .into_iter()
                .flatten()
                .take(HOLDERS_MAX)
                .copied()
                .collect()
        };
        Ok(identifiers.iter().map(holders).collect())
    }

    async fn search_people(
        &self,
        criteria: &Criteria<PersonTerm>,
        page: &Page,
    ) -> Result<Paged<Person>> {
        criteria.check()?;
        let after = page.cursor().map(id_after).transpose()?;
        let state = self.read();
        let found = state
            .people
            .keys()
            .filter(|id| after.is_none_or(|after| **id > PersonId::from_uuid(after)))
            .filter_map(|id| state.person_as_of(*id, AsOf::LATEST))
            .filter(|person| {
                let kinds = state.kinds_of(person.id());
                criteria.matches(&|term: &PersonTerm| term.matches(person.said(), &kinds))
            });
        Ok(paged(found, page, |person| person.id().to_string())?)
    }

    async fn search_units(
        &self,
        criteria: &Criteria<UnitTerm>,
        page: &Page,
    ) -> Result<Paged<Unit>> {
        criteria.check()?;
        let after = page.cursor().map(id_after).transpose()?;
        let state = self.read();
        let found = state
            .units
            .keys()
            .filter(|id| after.is_none_or(|after| **id > UnitId::from_uuid(after)))
            .filter_map(|id| state.unit_as_of(*id, AsOf::LATEST))
            .filter(|unit| criteria.matches(&|term: &UnitTerm| term.matches(unit.said())));
        Ok(paged(found, page, |unit| unit.id().to_string())?)
    }
}

/// The id in a cursor of a search.
fn id_after(cursor: &Cursor) -> Result<uuid::Uuid, Invalid> {
    uuid::Uuid::try_parse(cursor.as_str())
        .map_err(|_| Invalid::new("cursor", "must come from the same list"))
}

/// A page of `found`, which begins where the page does.
fn paged<T>(
    mut found: impl Iterator<Item = T>,
    page: &Page,
    id: impl Fn(&T) -> String,
) -> Result<Paged<T>, Invalid> {
    let items: Vec<T> = found.by_ref().take(page.limit()).collect();
    let next = match items.last() {
        Some(last) if found.next().is_some() => Some(Cursor::new(id(last))?),
        _ => None,
    };
    Ok(Paged::new(items, next))
}

/// The revision that is shown as of `as_of`, and how many are known by then.
fn shown(revisions: &[Revision], as_of: AsOf) -> Option<(&Revision, Version)> {
    let known = || {
        revisions
            .iter()
            .filter(|r| r.recorded.at() <= as_of.knowledge())
    };
    let shown = known()
        .filter(|r| r.effective_on <= as_of.effective_on())
        .max_by_key(|r| (r.effective_on, r.version))?;
    Some((shown, known().next_back()?.version))
}

/// The last revision of a membership that is known, if the day is one of its.
fn membership_as_of(revisions: &[Revision], on: Option<AsOf>) -> Option<Membership> {
    let as_of = on.unwrap_or(AsOf::LATEST);
    let last = revisions
        .iter()
        .rfind(|r| r.recorded.at() <= as_of.knowledge())?;
    let membership = Membership::of(last.clone(), last.version)?;
    let holds = on.is_none_or(|on| membership.said().validity.holds_on(on.effective_on()));
    holds.then_some(membership)
}

impl State {
    fn revisions(&self, entity: EntityRef) -> &[Revision] {
        let revisions = match entity {
            EntityRef::Person(id) => self.people.get(&id),
            EntityRef::Unit(id) => self.units.get(&id),
            EntityRef::Membership(id) => self.memberships.get(&id),
        };
        revisions.map_or(&[], Vec::as_slice)
    }

    fn person_as_of(&self, id: PersonId, as_of: AsOf) -> Option<Person> {
        let (shown, version) = shown(self.revisions(id.into()), as_of)?;
        Person::of(shown.clone(), version)
    }

    fn unit_as_of(&self, id: UnitId, as_of: AsOf) -> Option<Unit> {
        let (shown, version) = shown(self.revisions(id.into()), as_of)?;
        Unit::of(shown.clone(), version)
    }

    /// What a person says who is shown now, without copying it.
    fn said(&self, id: PersonId) -> Option<&NewPerson> {
        match shown(self.revisions(id.into()), AsOf::LATEST)? {
            (
                Revision {
                    content: Content::Person(said),
                    ..
                },
                _,
            ) => Some(said),
            _ => None,
        }
    }

    /// The kinds of the units of which the person is or was a member.
    fn kinds_of(&self, person: PersonId) -> Vec<&UnitKind> {
        let of_person = self.of_person.get(&person).into_iter().flatten();
        of_person
            .filter_map(|id| match &self.memberships.get(id)?.last()?.content {
                Content::Membership(said) => Some(said.unit),
                _ => None,
            })
            .filter_map(
                |unit| match &shown(self.units.get(&unit)?, AsOf::LATEST)?.0.content {
                    Content::Unit(said) => Some(&said.kind),
                    _ => None,
                },
            )
            .collect()
    }

    fn file(&mut self, revision: Revision) {
        self.commands
            .entry(revision.command)
            .or_default()
            .push((revision.entity, revision.version));
        match revision.entity {
            EntityRef::Person(id) => {
                self.index_documents(id, false);
                self.people.entry(id).or_default().push(revision);
                self.index_documents(id, true);
            }
            EntityRef::Unit(id) => self.units.entry(id).or_default().push(revision),
            EntityRef::Membership(id) => {
                if let Content::Membership(said) = &revision.content {
                    self.in_unit.entry(said.unit).or_default().insert(id);
                    self.of_person.entry(said.person).or_default().insert(id);
                }
                self.memberships.entry(id).or_default().push(revision);
            }
        }
    }

    /// Enters the person's documents among the holders, or takes them out.
    fn index_documents(&mut self, id: PersonId, enter: bool) {
        let Some(said) = self.said(id) else { return };
        let documents: Vec<_> = said
            .documents
            .iter()
            .map(|d| {
                (
                    d.scheme.clone(),
                    identifier_key(d.value.expose()).to_owned(),
                )
            })
            .collect();
        for (scheme, value) in documents {
            let holders = self
                .holders
                .entry(scheme)
                .or_default()
                .entry(value)
                .or_default();
            if enter {
                holders.insert(id);
            } else {
                holders.remove(&id);
            }
        }
    }
}

fn tip(revision: &Revision) -> Tip {
    Tip {
        version: revision.version,
        recorded_at: revision.recorded.at(),
    }
}

fn known_membership(revisions: &[Revision]) -> Option<KnownMembership> {
    let last = revisions.last()?;
    match &last.content {
        Content::Membership(said) => Some(KnownMembership {
            tip: tip(last),
            said: (**said).clone(),
        }),
        _ => None,
    }
}

impl Source for State {
    type Error = Infallible;

    fn command(&self, id: CommandId) -> Result<Vec<Revision>, Infallible> {
        let written = self.commands.get(&id).into_iter().flatten();
        Ok(written
            .filter_map(|(entity, version)| {
                self.revisions(*entity)
                    .iter()
                    .find(|r| r.version == *version)
                    .cloned()
            })
            .collect())
    }

    fn person(&self, id: PersonId) -> Result<Option<KnownPerson>, Infallible> {
        let revisions = self.revisions(id.into());
        let shown = shown(revisions, AsOf::LATEST).map(|(shown, _)| shown);
        Ok(match (revisions.last(), shown, self.said(id)) {
            (Some(last), Some(shown), Some(said)) => Some(KnownPerson {
                tip: tip(last),
                effective_on: shown.effective_on,
                born: said.born.as_ref().map(|born| *born.expose()),
            }),
            _ => None,
        })
    }

    fn unit(&self, id: UnitId) -> Result<Option<KnownUnit>, Infallible> {
        let revisions = self.revisions(id.into());
        let kinds = revisions.iter().filter_map(|r| match &r.content {
            Content::Unit(said) => Some((r.effective_on, said.kind.clone())),
            _ => None,
        });
        Ok(revisions.last().map(|last| KnownUnit {
            tip: tip(last),
            kinds: kinds.collect(),
        }))
    }

    fn membership(&self, id: MembershipId) -> Result<Option<KnownMembership>, Infallible> {
        Ok(self.memberships.get(&id).and_then(|r| known_membership(r)))
    }

    fn in_unit(&self, unit: UnitId) -> Result<Vec<(MembershipId, KnownMembership)>, Infallible> {
        let ids = self.in_unit.get(&unit).into_iter().flatten();
        Ok(ids
            .filter_map(|id| Some((*id, known_membership(self.memberships.get(id)?)?)))
            .collect())
    }

    fn count(&self, person: PersonId) -> Result<usize, Infallible> {
        Ok(self.of_person.get(&person).map_or(0, BTreeSet::len))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{InMemory, block_on};

    use super::*;
    use crate::conformance::rules;

    mod keeps {
        use super::*;
        crate::record_store_conformance!(InMemory::new(|| {
            Arc::new(MemoryRecordStore::new(rules())) as Arc<dyn RecordStore>
        }));
    }

    mod finds {
        use super::*;
        use crate::Registry;
        crate::record_search_conformance!(InMemory::new(|| {
            Arc::new(MemoryRecordStore::new(rules())) as Arc<dyn Registry>
        }));
    }

    /// Two runs of one seed agree, so whatever differs elsewhere is the store's.
    #[test]
    fn agrees_with_itself() {
        let harness =
            InMemory::new(|| Arc::new(MemoryRecordStore::new(rules())) as Arc<dyn crate::Registry>);
        let seed = solidarity_core::testing::seed();
        block_on(crate::conformance::agrees_with_memory(&harness, seed, 500));
    }
}
