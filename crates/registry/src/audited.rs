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

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use solidarity_core::testing::block_on;
    use solidarity_core::{
        ActorId, ManualClock, MemoryAccessLog, Purpose, Retry, StoreFault, Validity,
    };

    use super::*;
    use crate::{
        Act, CommandId, IdentifierScheme, IdentityDocument, MembershipId, MemoryRecordStore,
        NewMembership, NewPerson, NewUnit, RecordStoreExt, Rules, UnitKind,
    };

    const CARD: IdentifierScheme = IdentifierScheme::from_static("card");

    struct Scene {
        log: Arc<MemoryAccessLog>,
        audited: Audited<Arc<MemoryRecordStore>>,
        one: PersonId,
        other: PersonId,
        unit: UnitId,
        membership: MembershipId,
    }

    fn context() -> Context {
        Context::new(ActorId::generate(), Purpose::from_static("enrolment"))
    }

    fn scene() -> Scene {
        let store = Arc::new(MemoryRecordStore::new(Rules::default()));
        let log = Arc::new(MemoryAccessLog::new());
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
        let (one, other) = (PersonId::generate(), PersonId::generate());
        let (unit, membership) = (UnitId::generate(), MembershipId::generate());
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let card = IdentityDocument::new(CARD, "7");
        let command = Command::of(
            CommandId::generate(),
            [
                Act::register_person(one, day, NewPerson::new("Ana").with_document(card)),
                Act::register_person(other, day, NewPerson::new("Bo")),
                Act::register_unit(unit, day, NewUnit::new(UnitKind::FAMILY)),
                Act::add_member(
                    membership,
                    NewMembership::new(unit, one, Validity::since(day)),
                ),
            ],
        );
        let stamp = context().stamp(&*clock);
        block_on(store.apply_one(command, &stamp)).unwrap().unwrap();
        Scene {
            audited: Audited::new(store, log.clone(), context(), clock),
            log,
            one,
            other,
            unit,
            membership,
        }
    }

    impl Scene {
        fn looks(&self, at: PersonId) -> Vec<String> {
            let looks = block_on(self.log.list(at, &Page::largest())).unwrap();
            let actor = self.audited.context.actor();
            assert!(
                looks
                    .items()
                    .iter()
                    .all(|look| look.stamp().actor() == actor)
            );
            looks
                .items()
                .iter()
                .map(|look| look.kind().to_string())
                .collect()
        }
    }

    #[test]
    fn every_read_is_one_entry_that_the_person_finds() {
        let scene = scene();
        let (audited, first) = (&scene.audited, &Page::first());
        let card = [Identifier::new(CARD, "7")];
        let mut expected = Vec::new();
        for kind in 0..9 {
            let name = block_on(async {
                match kind {
                    0 => audited
                        .people(&[scene.one], AsOf::LATEST)
                        .await
                        .map(|_| "person.get"),
                    1 => audited
                        .units(&[scene.unit], AsOf::LATEST)
                        .await
                        .map(|_| "unit.get"),
                    2 => audited
                        .memberships(&[scene.unit.into()], None)
                        .await
                        .map(|_| "membership.list"),
                    3 => audited
                        .history(scene.one.into(), first)
                        .await
                        .map(|_| "history.list"),
                    4 => audited
                        .history(scene.unit.into(), first)
                        .await
                        .map(|_| "history.list"),
                    5 => audited
                        .history(scene.membership.into(), first)
                        .await
                        .map(|_| "history.list"),
                    6 => audited
                        .find_by_identifiers(&card)
                        .await
                        .map(|_| "person.find_by_identifier"),
                    7 => audited
                        .search_people(&Criteria::is(PersonTerm::name("ana")), first)
                        .await
                        .map(|_| "person.search"),
                    _ => audited
                        .search_units(&Criteria::everything(), first)
                        .await
                        .map(|_| "unit.search"),
                }
            });
            expected.push(name.unwrap());
            assert_eq!(scene.looks(scene.one), expected);
        }
        assert_eq!(scene.looks(scene.other), Vec::<String>::new());
    }

    #[test]
    fn whom_one_asked_about_by_id_is_written_down_found_or_not() {
        let scene = scene();
        let nobody = PersonId::generate();
        assert_eq!(
            block_on(scene.audited.people(&[nobody], AsOf::LATEST)).unwrap(),
            [None]
        );
        assert_eq!(scene.looks(nobody), ["person.get"]);
    }

    /// A log whose disk is full.
    #[derive(Debug)]
    struct Full;

    #[async_trait]
    impl AccessLog for Full {
        async fn append(&self, _: &[Access]) -> solidarity_core::Result<()> {
            Err(StoreFault::new("append an entry", Retry::Later, "disk full").into())
        }

        async fn list(&self, _: PersonId, _: &Page) -> solidarity_core::Result<Paged<Access>> {
            Ok(Paged::new(Vec::new(), None))
        }
    }

    #[test]
    fn what_cannot_be_written_down_is_not_shown() {
        let scene = scene();
        let Audited {
            inner,
            context,
            clock,
            ..
        } = scene.audited;
        let blind = Audited::new(inner, Arc::new(Full), context, clock);
        let (one, first) = (scene.one, &Page::first());
        let refused = block_on(async {
            [
                blind.people(&[one], AsOf::LATEST).await.err(),
                blind.units(&[scene.unit], AsOf::LATEST).await.err(),
                blind.memberships(&[one.into()], None).await.err(),
                blind.history(one.into(), first).await.err(),
                blind
                    .find_by_identifiers(&[Identifier::new(CARD, "7")])
                    .await
                    .err(),
                blind
                    .search_people(&Criteria::everything(), first)
                    .await
                    .err(),
                blind
                    .search_units(&Criteria::everything(), first)
                    .await
                    .err(),
            ]
        });
        for error in refused {
            let error = error.expect("shown without an entry");
            assert!(matches!(error, Error::NotLogged(_)) && error.retry() == Retry::Later);
        }
    }
}
