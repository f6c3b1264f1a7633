use async_trait::async_trait;
use solidarity_core::{Change, ChangeFeed, CycleId, Page, Paged, ProgrammeId, Stamp, Version};
use solidarity_programme::writes::{self, Rows, check_batch};
use solidarity_programme::{
    Cycle, Decision, DecisionQuery, Enrolment, EnrolmentQuery, Entitlement, EntitlementQuery,
    Error, NewEnrolment, NewEvent, Programme, ProgrammeStore, Result,
};

use super::database::Database;
use super::{changes, fail};

mod lists;
mod tables;

use tables::Tables;

type Fail = fail::Fail<Error>;

const FEED: &str = "programme";

/// A [`ProgrammeStore`] in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteProgrammeStore {
    database: Database,
}

impl SqliteProgrammeStore {
    /// The programmes in `database`.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
        }
    }
}

#[async_trait]
impl ChangeFeed for SqliteProgrammeStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        changes::page(&self.database, FEED, page)
    }
}

#[async_trait]
impl ProgrammeStore for SqliteProgrammeStore {
    async fn put_programme(&self, programme: &Programme, stamp: &Stamp) -> Result<()> {
        let (programme, stamp) = (programme.clone(), stamp.clone());
        self.database
            .write("put a programme", move |conn| {
                writes::put_programme(&mut Tables::new(conn), &programme, &stamp)?
                    .map_err(Fail::Refused)
            })
            .await
    }

    async fn get_programme(&self, id: ProgrammeId, version: Option<Version>) -> Result<Programme> {
        self.database.read("read a programme", |conn| {
            let found = Tables::new(conn).programme(id, version)?;
            found.ok_or_else(|| Fail::Refused(Error::not_found("programme", id)))
        })
    }

    async fn record_decisions(
        &self,
        decisions: &[Decision],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>> {
        check_batch(decisions)?;
        let (decisions, stamp) = (decisions.to_vec(), stamp.clone());
        self.database
            .write("record decisions", move |conn| {
                writes::record_decisions(&mut Tables::new(conn), &decisions, &stamp)
            })
            .await
    }

    async fn list_decisions(&self, query: DecisionQuery, page: &Page) -> Result<Paged<Decision>> {
        self.database
            .read("read decisions", |conn| lists::decisions(conn, query, page))
    }

    async fn enrol(&self, new: &[NewEnrolment], stamp: &Stamp) -> Result<Vec<Result<()>>> {
        check_batch(new)?;
        let (new, stamp) = (new.to_vec(), stamp.clone());
        self.database
            .write("enrol", move |conn| {
                writes::enrol(&mut Tables::new(conn), &new, &stamp)
            })
            .await
    }

    async fn advance(&self, events: &[NewEvent], stamp: &Stamp) -> Result<Vec<Result<()>>> {
        check_batch(events)?;
        let (events, stamp) = (events.to_vec(), stamp.clone());
        self.database
            .write("record events", move |conn| {
                writes::advance(&mut Tables::new(conn), &events, &stamp)
            })
            .await
    }

    async fn list_enrolments(
        &self,
        query: EnrolmentQuery,
        page: &Page,
    ) -> Result<Paged<Enrolment>> {
        self.database.read("read enrolments", |conn| {
            lists::enrolments(conn, query, page)
        })
    }

    async fn set_entitlements(
        &self,
        cycle: &Cycle,
        entitlements: &[Entitlement],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>> {
        check_batch(entitlements)?;
        let (cycle, new, stamp) = (cycle.clone(), entitlements.to_vec(), stamp.clone());
        self.database
            .write("set entitlements", move |conn| {
                writes::set_entitlements(&mut Tables::new(conn), &cycle, &new, &stamp)?
                    .map_err(Fail::Refused)
            })
            .await
    }

    async fn get_cycle(&self, id: CycleId) -> Result<Cycle> {
        self.database.read("read a cycle", |conn| {
            let found = Tables::new(conn).cycle(id)?;
            found.ok_or_else(|| Fail::Refused(Error::not_found("cycle", id)))
        })
    }

    async fn list_entitlements(
        &self,
        query: EntitlementQuery,
        page: &Page,
    ) -> Result<Paged<Entitlement>> {
        self.database.read("read entitlements", |conn| {
            lists::entitlements(conn, query, page)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{block_on, seed};
    use solidarity_programme::conformance::agrees_with_memory;

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn on_disk() -> OnDisk<impl Fn(&Database) -> Arc<dyn ProgrammeStore> + Send + Sync> {
        OnDisk::new(|database: &Database| {
            Arc::new(SqliteProgrammeStore::new(database)) as Arc<dyn ProgrammeStore>
        })
    }

    solidarity_programme::programme_store_conformance!(on_disk());

    #[test]
    fn it_agrees_with_memory() {
        block_on(agrees_with_memory(&on_disk(), seed(), 1_200));
    }
}
