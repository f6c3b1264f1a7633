//! What an import writes to: the register, or for a rehearsal a copy in
//! memory of what it touches.

use std::collections::HashSet;

use solidarity_core::{Page, PersonId, Stamp, UnitId};

use crate::limits::READ_MAX;
use crate::{
    Act, AsOf, Command, CommandId, EntityRef, Identifier, Membership, MemoryRecordStore, Outcome,
    Person, RecordSearch, RecordStore, Result, Rules, Unit,
};

#[derive(Debug)]
pub(super) struct Target<'a> {
    store: &'a dyn RecordStore,
    search: &'a dyn RecordSearch,
    stamp: &'a Stamp,
    scratch: Option<Scratch>,
}

/// What a rehearsal writes to. It begins empty, and whatever is read is copied
/// from the register first, so that rows see what earlier rows would have done.
#[derive(Debug)]
struct Scratch {
    store: MemoryRecordStore,
    people: HashSet<PersonId>,
    units: HashSet<UnitId>,
}

impl<'a> Target<'a> {
    /// The register itself.
    pub(super) const fn register(
        store: &'a dyn RecordStore,
        search: &'a dyn RecordSearch,
        stamp: &'a Stamp,
    ) -> Self {
        Self {
            store,
            search,
            stamp,
            scratch: None,
        }
    }

    /// A copy of what is touched of the register, which is not written.
    pub(super) fn rehearsal(self, rules: &Rules) -> Self {
        Self {
            scratch: Some(Scratch {
                store: MemoryRecordStore::new(rules.clone()),
                people: HashSet::new(),
                units: HashSet::new(),
            }),
            ..self
        }
    }

    pub(super) async fn apply(&self, batch: &[Command]) -> Result<Vec<Outcome>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        match &self.scratch {
            Some(scratch) => scratch.store.apply(batch, self.stamp).await,
            None => self.store.apply(batch, self.stamp).await,
        }
    }

    pub(super) async fn people(&mut self, ids: &[PersonId]) -> Result<Vec<Option<Person>>> {
        let mut people = Vec::with_capacity(ids.len());
        for ids in ids.chunks(READ_MAX) {
            people.extend(match &mut self.scratch {
                Some(scratch) => {
                    scratch.copy_people(ids, self.store, self.stamp).await?;
                    scratch.store.people(ids, AsOf::LATEST).await?
                }
                None => self.store.people(ids, AsOf::LATEST).await?,
            });
        }
        Ok(people)
    }

    pub(super) async fn holders(&mut self, of: &[Identifier]) -> Result<Vec<Vec<PersonId>>> {
        let mut holders = Vec::with_capacity(of.len());
        for of in of.chunks(READ_MAX) {
            let found = self.search.find_by_identifiers(of).await?;
            holders.extend(match &mut self.scratch {
                Some(scratch) => {
                    let ids: Vec<PersonId> = found.into_iter().flatten().collect();
                    for ids in ids.chunks(READ_MAX) {
                        scratch.copy_people(ids, self.store, self.stamp).await?;
                    }
                    scratch.store.find_by_identifiers(of).await?
                }
                None => found,
            });
        }
        Ok(holders)
    }

    pub(super) async fn units(&mut self, ids: &[UnitId]) -> Result<Vec<Option<Unit>>> {
        let mut units = Vec::with_capacity(ids.len());
        for ids in ids.chunks(READ_MAX) {
            units.extend(match &mut self.scratch {
                Some(scratch) => {
                    scratch.copy_units(ids, self.store, self.stamp).await?;
                    scratch.store.units(ids, AsOf::LATEST).await?
                }
                None => self.store.units(ids, AsOf::LATEST).await?,
            });
        }
        Ok(units)
    }

    /// All memberships in `unit`, which was read before.
    pub(super) async fn memberships(&self, unit: UnitId) -> Result<Vec<Membership>> {
        let of = [EntityRef::Unit(unit)];
        match &self.scratch {
            Some(scratch) => scratch.store.memberships(&of, None).await,
            None => self.store.memberships(&of, None).await,
        }
    }

    /// Whether `command` wrote to `entity`.
    pub(super) async fn was_done(&self, command: CommandId, entity: EntityRef) -> Result<bool> {
        let scratch = self.scratch.as_ref().map(|s| &s.store as &dyn RecordStore);
        for store in std::iter::once(self.store).chain(scratch) {
            let mut page = Page::largest();
            loop {
                let history = store.history(entity, &page).await?;
                if history.items().iter().any(|r| r.command == command) {
                    return Ok(true);
                }
                match history.next() {
                    Some(cursor) => page = page.after(cursor.clone()),
                    None => break,
                }
            }
        }
        Ok(false)
    }
}

impl Scratch {
    async fn copy_people(
        &mut self,
        ids: &[PersonId],
        from: &dyn RecordStore,
        stamp: &Stamp,
    ) -> Result<()> {
        let mut new: Vec<PersonId> = ids.to_vec();
        new.retain(|id| self.people.insert(*id));
        let people = from.people(&new, AsOf::LATEST).await?;
        let copies: Vec<Command> = people
            .into_iter()
            .flatten()
            .map(|person| {
                let (id, on) = (person.id(), person.effective_on());
                let act = Act::register_person(id, on, person.into_said());
                Command::new(CommandId::derive(&id, "copy"), act)
            })
            .collect();
        self.store.apply(&copies, stamp).await?;
        Ok(())
    }

    async fn copy_units(
        &mut self,
        ids: &[UnitId],
        from: &dyn RecordStore,
        stamp: &Stamp,
    ) -> Result<()> {
        let mut new: Vec<UnitId> = ids.to_vec();
        new.retain(|id| self.units.insert(*id));
        for unit in from.units(&new, AsOf::LATEST).await?.into_iter().flatten() {
            let members = from.memberships(&[unit.id().into()], None).await?;
            let people: Vec<PersonId> = members.iter().map(|m| m.said().person).collect();
            self.copy_people(&people, from, stamp).await?;
            let (id, on) = (unit.id(), unit.effective_on());
            let acts = std::iter::once(Act::register_unit(id, on, unit.into_said())).chain(
                members
                    .into_iter()
                    .map(|m| Act::add_member(m.id(), m.into_said())),
            );
            let copy = Command::of(CommandId::derive(&id, "copy"), acts);
            self.store.apply(&[copy], stamp).await?;
        }
        Ok(())
    }
}
