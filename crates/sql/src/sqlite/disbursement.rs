use async_trait::async_trait;
use solidarity_core::{Change, ChangeFeed, CycleId, Page, Paged, PaymentId, ProgrammeId, Stamp};
use solidarity_payments::{
    Batch, BatchDigest, BatchId, ControlTotals, Decision, DisbursementStore, Error, Line,
    LineEvent, LineState, NewBatch, Outcome, Recorded, Result, check_batch,
};

use super::database::Database;
use super::{changes, fail};

mod lists;
mod rows;
mod writing;

type Fail = fail::Fail<Error>;

const FEED: &str = "disbursement";

/// A [`DisbursementStore`] in a SQLite file.
///
/// A call loads what it touches, asks the payments crate to decide, and
/// writes the answer back with its news in one durable transaction.
#[derive(Clone, Debug)]
pub struct SqliteDisbursementStore {
    database: Database,
}

impl SqliteDisbursementStore {
    /// The batches and payments in `database`.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
        }
    }
}

#[async_trait]
impl DisbursementStore for SqliteDisbursementStore {
    async fn draft(
        &self,
        new: &NewBatch,
        revises: Option<BatchDigest>,
        stamp: &Stamp,
    ) -> Result<Batch> {
        let (new, stamp) = (new.clone(), stamp.clone());
        self.database
            .write("draft a batch", move |conn| {
                writing::draft(conn, &new, revises, &stamp)
            })
            .await
    }

    async fn decide(
        &self,
        batch: BatchId,
        digest: BatchDigest,
        decision: Decision,
        stamp: &Stamp,
    ) -> Result<Batch> {
        let stamp = stamp.clone();
        self.database
            .write("decide on a batch", move |conn| {
                writing::decide(conn, batch, digest, decision, &stamp)
            })
            .await
    }

    async fn get(&self, batch: BatchId) -> Result<Batch> {
        self.database.read("read a batch", |conn| {
            Ok(rows::get_batch(conn, batch)?.batch)
        })
    }

    async fn list(
        &self,
        programme: ProgrammeId,
        cycle: CycleId,
        page: &Page,
    ) -> Result<Paged<Batch>> {
        self.database.read("list batches", |conn| {
            lists::batches(conn, programme, cycle, page)
        })
    }

    async fn lines(
        &self,
        batch: BatchId,
        states: &[LineState],
        page: &Page,
    ) -> Result<Paged<Line>> {
        self.database.read("list payments", |conn| {
            lists::lines(conn, batch, states, page)
        })
    }

    async fn find(&self, payments: &[PaymentId]) -> Result<Vec<Option<Line>>> {
        check_batch("payments", payments.len())?;
        self.database.read("find payments", |conn| {
            payments.iter().map(|id| rows::line(conn, *id)).collect()
        })
    }

    async fn record(&self, events: &[LineEvent], stamp: &Stamp) -> Result<Vec<Outcome>> {
        check_batch("events", events.len())?;
        let (events, stamp) = (events.to_vec(), stamp.clone());
        self.database
            .write("record what happened to payments", move |conn| {
                writing::record(conn, &events, &stamp)
            })
            .await
    }

    async fn history(&self, payment: PaymentId, page: &Page) -> Result<Paged<Recorded>> {
        self.database.read("read a payment's history", |conn| {
            lists::history(conn, payment, page)
        })
    }

    async fn totals(&self, batch: BatchId) -> Result<ControlTotals> {
        self.database.read("read control totals", |conn| {
            Ok(rows::get_batch(conn, batch)?.totals)
        })
    }
}

#[async_trait]
impl ChangeFeed for SqliteDisbursementStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        changes::page(&self.database, FEED, page)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{block_on, seed};
    use solidarity_payments::conformance::disbursement;

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn on_disk() -> OnDisk<impl Fn(&Database) -> Arc<dyn DisbursementStore>> {
        OnDisk::new(|database| {
            Arc::new(SqliteDisbursementStore::new(database)) as Arc<dyn DisbursementStore>
        })
    }

    solidarity_payments::disbursement_store_conformance!(on_disk());

    #[test]
    fn agrees_with_memory() {
        let first = seed();
        for seed in first..first + 4 {
            block_on(disbursement::agrees_with_memory(&on_disk(), seed, 500));
        }
    }
}
