use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::limits::PAGE_MAX;
use solidarity_core::{
    Access, AccessId, AccessKind, AccessLog, Change, ChangeFeed, Clock, Context, Page, Paged,
    PersonId, Stamp, UnitId,
};

use crate::limits::READ_MAX;
use crate::{
    AsOf, Command, Content, Criteria, EntityRef, Error, Identifier, Membership, Outcome, Person,
    PersonTerm, RecordSearch, RecordStore, Result, Revision, Unit, UnitTerm,
};

/// A register that writes down who looked at whom before it shows anything.
///
/// Each read of personal data is one call to the access log, with the people
/// whose data are shown; of a unit, those who are or were its members. An
/// answer is held back until the log has taken the entry, and dropped if it
/// does not. Writes pass: the change feed tells of them.
///
/// One is made for each request, with that request's context.
///
/// ```
/// use std::sync::Arc;
/// use solidarity_core::{ActorId, Context, MemoryAccessLog, Purpose, SystemClock};
/// use solidarity_registry::{Audited, MemoryRecordStore, Rules};
///
/// let context = Context::new(ActorId::generate(), Purpose::new("enrolment")?);
/// let log = Arc::new(MemoryAccessLog::new());
/// let store = MemoryRecordStore::new(Rules::default());
/// let audited = Audited::new(store, log, context, Arc::new(SystemClock));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Debug)]
pub struct Audited<S> {
    inner: S,
    log: Arc<dyn AccessLog>,
    context: Context,
    clock: Arc<dyn Clock>,
}

impl<S> Audited<S> {
    /// `inner`, whose reads in `context` are written to `log`.
    pub fn new(inner: S, log: Arc<dyn AccessLog>, context: Context, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            log,
            context,
            clock,
        }
    }

    /// Shows `answer` if the log takes the entry.
    async fn show<T: Send>(
        &self,
        kind: &'static str,
        subjects: BTreeSet<PersonId>,
        answer: T,
    ) -> Result<T> {
        let stamp = self.context.stamp(&*self.clock);
        let subjects: Vec<PersonId> = subjects.into_iter().collect();
        let entry = |subjects: &[PersonId]| {
            let kind = AccessKind::from_static(kind);
            Access::new(AccessId::generate(), stamp.clone(), kind, subjects.to_vec())
        };
        let entries = if subjects.is_empty() {
            vec![entry(&[])?]
        } else {
            subjects
                .chunks(PAGE_MAX)
                .map(entry)
                .collect::<Result<_, _>>()?
        };
        self.log.append(&entries).await.map_err(Error::NotLogged)?;
        Ok(answer)
    }
}

impl<S: RecordStore> Audited<S> {
    /// Who is or was a member of one of `units`.
    async fn members_of(&self, units: impl Iterator<Item = UnitId>) -> Result<BTreeSet<PersonId>> {
        let units: Vec<EntityRef> = units.map(EntityRef::Unit).collect();
        let mut members = BTreeSet::new();
        for units in units.chunks(READ_MAX) {
            let memberships = self.inner.memberships(units, None).await?;
            members.extend(memberships.iter().map(|m| m.said().person));
        }
        Ok(members)
    }
}

#[async_trait]
impl<S: RecordStore> ChangeFeed for Audited<S> {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        self.inner.changes_since(page).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "see `RecordStore`, Wrapping")]
impl<S: RecordStore> RecordStore for Audited<S> {
    async fn apply(&self, batch: &[Command], stamp: &Stamp) -> Result<Vec<Outcome>> {
        self.inner.apply(batch, stamp).await
    }

    async fn people(&self, ids: &[PersonId], as_of: AsOf) -> Result<Vec<Option<Person>>> {
        let found = self.inner.people(ids, as_of).await?;
        // Whom one asked about by id is written down, found or not.
        self.show("person.get", ids.iter().copied().collect(), found)
            .await
    }

    async fn units(&self, ids: &[UnitId], as_of: AsOf) -> Result<Vec<Option<Unit>>> {
        let found = self.inner.units(ids, as_of).await?;
        let members = self.members_of(ids.iter().copied()).await?;
        self.show("unit.get", members, found).await
    }

    async fn memberships(&self, of: &[EntityRef], on: Option<AsOf>) -> Result<Vec<Membership>> {
        let found = self.inner.memberships(of, on).await?;
        let asked = of.iter().filter_map(|entity| match entity {
            EntityRef::Person(id) => Some(*id),
            EntityRef::Unit(_) | EntityRef::Membership(_) => None,
        });
        let subjects = found.iter().map(|m| m.said().person).chain(asked).collect();
        self.show("membership.list", subjects, found).await
    }

    async fn history(&self, entity: EntityRef, page: &Page) -> Result<Paged<Revision>> {
        let found = self.inner.history(entity, page).await?;
        let subjects = match entity {
            EntityRef::Person(id) => BTreeSet::from([id]),
            EntityRef::Unit(id) => self.members_of(std::iter::once(id)).await?,
            EntityRef::Membership(_) => found
                .items()
                .iter()
                .filter_map(|revision| match &revision.content {
                    Content::Membership(said) => Some(said.person),
                    Content::Person(_) | Content::Unit(_) => None,
                })
                .collect(),
        };
        self.show("history.list", subjects, found).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "see `RecordSearch`, Wrapping")]
impl<S: RecordStore + RecordSearch> RecordSearch for Audited<S> {
    async fn find_by_identifiers(&self, identifiers: &[Identifier]) -> Result<Vec<Vec<PersonId>>> {
        let found = self.inner.find_by_identifiers(identifiers).await?;
        let subjects = found.iter().flatten().copied().collect();
        self.show("person.find_by_identifier", subjects, found)
            .await
    }

    async fn search_people(
        &self,
        criteria: &Criteria<PersonTerm>,
        page: &Page,
    ) -> Result<Paged<Person>> {
        let found = self.inner.search_people(criteria, page).await?;
        let subjects = found.items().iter().map(Person::id).collect();
        self.show("person.search", subjects, found).await
    }

    async fn search_units(
        &self,
        criteria: &Criteria<UnitTerm>,
        page: &Page,
    ) -> Result<Paged<Unit>> {
        let found = self.inner.search_units(criteria, page).await?;
        let members = self.members_of(found.items().iter().map(Unit::id)).await?;
        self.show("unit.search", members, found).await
    }
}
