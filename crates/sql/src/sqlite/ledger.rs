use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::Connection;
use solidarity_core::{Page, Paged};
use solidarity_payments::{
    Account, AccountBalance, AccountFilter, AccountId, CreateAccountStatus, CreateTransferStatus,
    Error, Ledger, LedgerState, NewAccount, NewTransfer, Result, Timestamp, Transfer, TransferId,
};

use super::database::Database;
use super::fail;

mod batch;
mod rows;
mod statement;

type Fail = fail::Fail<Error>;

/// A [`Ledger`] in a SQLite file.
///
/// A batch loads the accounts and transfers that it touches, is decided by
/// [`LedgerState`], and is written back set by set in one durable transaction.
#[derive(Clone, Debug)]
pub struct SqliteLedger {
    database: Database,
}

impl SqliteLedger {
    /// The ledger in `database`.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
        }
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn create_accounts(
        &self,
        accounts: &[NewAccount],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateAccountStatus>> {
        LedgerState::check_batch(accounts.len())?;
        let (accounts, now) = (accounts.to_vec(), Timestamp::try_from(at)?);
        self.database
            .write("open accounts", move |conn| {
                batch::create_accounts(conn, &accounts, now)
            })
            .await
    }

    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateTransferStatus>> {
        LedgerState::check_batch(transfers.len())?;
        let (transfers, now) = (transfers.to_vec(), Timestamp::try_from(at)?);
        self.database
            .write("book transfers", move |conn| {
                batch::create_transfers(conn, &transfers, now)
            })
            .await
    }

    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>> {
        LedgerState::check_batch(ids.len())?;
        let now = Timestamp::try_from(at)?;
        self.database
            .read("read accounts", |conn| accounts_at(conn, ids, now))
    }

    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
        LedgerState::check_batch(ids.len())?;
        self.database.read("read transfers", |conn| {
            ids.iter().map(|id| rows::transfer(conn, *id)).collect()
        })
    }

    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>> {
        self.database.read("read a statement", |conn| {
            statement::transfers(conn, filter, page)
        })
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        self.database.read("read an account's history", |conn| {
            statement::balances(conn, filter, page)
        })
    }
}

/// Nothing is written: what is over by `now` is released in memory only.
fn accounts_at(
    conn: &Connection,
    ids: &[AccountId],
    now: Timestamp,
) -> Result<Vec<Option<Account>>, Fail> {
    let mut state = rows::state(conn)?;
    let mut wanted = HashSet::new();
    for id in ids {
        if wanted.insert(*id)
            && let Some(account) = rows::account(conn, *id)?
        {
            state.load_account(account);
        }
    }
    let now = state.ends_at(0, now).map_err(Fail::refused)?;
    rows::each_due(conn, now, |transfer, pending| {
        let body = transfer.body();
        if wanted.contains(&body.debit_account) || wanted.contains(&body.credit_account) {
            state.load_transfer(transfer, Some(pending));
        }
    })?;
    Ok(state.accounts_at(ids, now))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{block_on, seed};
    use solidarity_payments::conformance::ledger;
    use solidarity_payments::{
        AccountCode, LEDGER_BATCH_MAX, LedgerExt, LedgerNumber, TransferCode,
    };

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn on_disk() -> OnDisk<impl Fn(&Database) -> Arc<dyn Ledger>> {
        OnDisk::new(|database| Arc::new(SqliteLedger::new(database)) as Arc<dyn Ledger>)
    }

    solidarity_payments::ledger_conformance!(on_disk());

    #[test]
    fn more_than_a_batch_expires_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("ledger.db")).unwrap();
        let ledger = SqliteLedger::new(&database);
        let (number, code) = (LedgerNumber::new(404), TransferCode::new(1));
        let ids = [AccountId::generate(), AccountId::generate()];
        let accounts = ids.map(|id| NewAccount::new(id, number, AccountCode::new(1)));
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let reserve = |seconds| {
            let [debit, credit] = ids;
            NewTransfer::new(TransferId::generate(), debit, credit, number, 1, code)
                .as_pending(seconds)
        };
        let balances = |seconds| {
            let found = block_on(ledger.find_account(ids[0], at(seconds)));
            found.unwrap().unwrap().balances().debits_pending
        };
        block_on(async {
            ledger.create_accounts(&accounts, at(1_000)).await.unwrap();
            for count in [LEDGER_BATCH_MAX, 10] {
                let batch: Vec<_> = (0..count).map(|_| reserve(60)).collect();
                ledger.create_transfers(&batch, at(1_001)).await.unwrap();
            }
            assert_eq!(balances(1_060), LEDGER_BATCH_MAX as u128 + 10);
            assert_eq!(balances(1_062), 0);
            ledger
                .create_transfers(&[reserve(1)], at(1_062))
                .await
                .unwrap();
        });
        let still_due: i64 = database
            .read::<_, Error>("count", |conn| {
                let count = "SELECT count(*) FROM ledger_pending WHERE due IS NOT NULL";
                Ok(conn.query_row(count, [], |row| row.get(0))?)
            })
            .unwrap();
        assert_eq!((still_due, balances(1_062)), (1, 1));
    }

    #[test]
    fn agrees_with_memory() {
        let first = seed();
        for seed in first..first + 6 {
            block_on(ledger::agrees_with_memory(&on_disk(), seed, 500));
        }
    }
}
