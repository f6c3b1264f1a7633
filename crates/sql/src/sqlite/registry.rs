use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::{Change, ChangeFeed, Invalid, Page, Paged, PersonId, Salt, Stamp, UnitId};
use solidarity_registry::decision::{check_batch, decide, load};
use solidarity_registry::limits::READ_MAX;
use solidarity_registry::{
    AsOf, Command, Criteria, EntityRef, Error, Identifier, Membership, Outcome, Person, PersonTerm,
    RecordSearch, RecordStore, Result, Revision, Rules, Unit, UnitTerm,
};

use super::database::Database;
use super::{changes, fail};

mod duplicate_cases;
mod filing;
mod keys;
mod rows;
mod search;
mod source;

pub use duplicate_cases::SqliteDuplicateCaseStore;

type Fail = fail::Fail<Error>;

const FEED: &str = "registry";

/// A register in a SQLite file: a [`RecordStore`] and a [`RecordSearch`].
#[derive(Clone, Debug)]
pub struct SqliteRecordStore {
    database: Database,
    rules: Arc<Rules>,
}

impl SqliteRecordStore {
    /// The register in `database`, which keeps `rules` from now on. What was
    /// written under other rules stays as it is, and can be read.
    #[must_use]
    pub fn new(database: &Database, rules: Rules) -> Self {
        Self {
            database: database.clone(),
            rules: Arc::new(rules),
        }
    }
}

#[async_trait]
impl ChangeFeed for SqliteRecordStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        changes::page(&self.database, FEED, page)
    }
}

#[async_trait]
impl RecordStore for SqliteRecordStore {
    async fn apply(&self, batch: &[Command], stamp: &Stamp) -> Result<Vec<Outcome>> {
        check_batch(batch)?;
        let (batch, stamp, rules) = (batch.to_vec(), stamp.clone(), Arc::clone(&self.rules));
        self.database
            .write("apply a batch", move |conn| {
                let known = load(&batch, &source::Stored(conn))?;
                let decided = decide(&batch, &stamp, &rules, known, &mut Salt::generate);
                filing::file(conn, &decided.revisions)?;
                Ok(decided.outcomes)
            })
            .await
    }

    async fn people(&self, ids: &[PersonId], as_of: AsOf) -> Result<Vec<Option<Person>>> {
        check_count("ids", ids.len())?;
        self.database.read("read people", |conn| {
            ids.iter()
                .map(|id| {
                    Ok(rows::shown(conn, (*id).into(), as_of)?.and_then(|(r, v)| Person::of(r, v)))
                })
                .collect()
        })
    }

    async fn units(&self, ids: &[UnitId], as_of: AsOf) -> Result<Vec<Option<Unit>>> {
        check_count("ids", ids.len())?;
        self.database.read("read units", |conn| {
            ids.iter()
                .map(|id| {
                    Ok(rows::shown(conn, (*id).into(), as_of)?.and_then(|(r, v)| Unit::of(r, v)))
                })
                .collect()
        })
    }

    async fn memberships(&self, of: &[EntityRef], on: Option<AsOf>) -> Result<Vec<Membership>> {
        check_count("ids", of.len())?;
        self.database
            .read("read memberships", |conn| rows::memberships(conn, of, on))
    }

    async fn history(&self, entity: EntityRef, page: &Page) -> Result<Paged<Revision>> {
        self.database
            .read("read a history", |conn| rows::history(conn, entity, page))
    }
}

#[async_trait]
impl RecordSearch for SqliteRecordStore {
    async fn find_by_identifiers(&self, identifiers: &[Identifier]) -> Result<Vec<Vec<PersonId>>> {
        check_count("identifiers", identifiers.len())?;
        self.database.read("find holders", |conn| {
            identifiers
                .iter()
                .map(|i| search::holders(conn, i))
                .collect()
        })
    }

    async fn search_people(
        &self,
        criteria: &Criteria<PersonTerm>,
        page: &Page,
    ) -> Result<Paged<Person>> {
        criteria.check()?;
        self.database
            .read("search people", |conn| search::people(conn, criteria, page))
    }

    async fn search_units(
        &self,
        criteria: &Criteria<UnitTerm>,
        page: &Page,
    ) -> Result<Paged<Unit>> {
        criteria.check()?;
        self.database
            .read("search units", |conn| search::units(conn, criteria, page))
    }
}

fn check_count(field: &'static str, count: usize) -> Result<(), Invalid> {
    if count > READ_MAX {
        return Err(Invalid::new(field, format!("must be at most {READ_MAX}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use solidarity_core::testing::{block_on, seed};
    use solidarity_registry::conformance::{agrees_with_memory, rules};
    use solidarity_registry::{
        Act, CommandId, MembershipId, NewMembership, NewPerson, NewUnit, RecordStoreExt, Registry,
        UnitKind,
    };

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn registry(database: &Database) -> Arc<dyn Registry> {
        Arc::new(SqliteRecordStore::new(database, rules()))
    }

    mod keeps {
        use super::*;

        fn store(database: &Database) -> Arc<dyn RecordStore> {
            Arc::new(SqliteRecordStore::new(database, rules()))
        }

        solidarity_registry::record_store_conformance!(OnDisk::new(store));
    }

    mod finds {
        use super::*;

        solidarity_registry::record_search_conformance!(OnDisk::new(registry));
    }

    #[test]
    fn agrees() {
        block_on(agrees_with_memory(&OnDisk::new(registry), seed(), 2_000));
    }

    /// A file that was written under laxer rules is read, and goes on under
    /// stricter ones.
    #[test]
    fn other_rules_hold_from_now_on() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("register.db")).unwrap();
        let lax = SqliteRecordStore::new(&database, Rules::default());
        let strict = SqliteRecordStore::new(&database, rules());
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let (unit, people) = (
            UnitId::generate(),
            [PersonId::generate(), PersonId::generate()],
        );
        let joins = |person| {
            let said = NewMembership::new(unit, person, solidarity_core::Validity::since(day));
            Act::add_member(MembershipId::generate(), said)
        };
        let register = |id| Act::register_person(id, day, NewPerson::new("x"));
        let stamp = Stamp::new(
            chrono::DateTime::UNIX_EPOCH,
            solidarity_core::ActorId::generate(),
            solidarity_core::Purpose::from_static("test"),
        );
        let acts = [
            register(people[0]),
            register(people[1]),
            Act::register_unit(unit, day, NewUnit::new(UnitKind::SINGLE)),
            joins(people[0]),
        ];
        let apply = |store: &SqliteRecordStore, acts: Vec<Act>| {
            let command = Command::of(CommandId::generate(), acts);
            block_on(store.apply_one(command, &stamp)).unwrap()
        };
        apply(&lax, acts.to_vec()).unwrap();
        assert!(apply(&strict, vec![joins(people[1])]).is_err());
        apply(&lax, vec![joins(people[1])]).unwrap();
        assert_eq!(block_on(strict.members(unit, None)).unwrap().len(), 2);
    }
}
