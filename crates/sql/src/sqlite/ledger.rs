use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::{Invalid, Page, Paged, Retry, StoreFault};
use solidarity_payments::{
    Account, AccountBalance, AccountFilter, AccountId, CreateAccountStatus, CreateTransferStatus,
    Error, Ledger, LedgerState, NewAccount, NewTransfer, Result, Timestamp, Transfer, TransferId,
};

use self::batch::Ids;
use self::books::Books;
use super::database::Database;
use super::fail;

mod batch;
mod books;
mod rows;
mod standing;
mod statement;
mod writing;

type Fail = fail::Fail<Refusal>;

/// Why nothing was written.
#[derive(Debug)]
enum Refusal {
    /// An id that was taken to be new is not.
    Known,
    Error(Error),
}

impl From<StoreFault> for Refusal {
    fn from(fault: StoreFault) -> Self {
        Self::Error(fault.into())
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::Error(invalid.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Error(error) => error,
            Refusal::Known => {
                StoreFault::new("book transfers", Retry::Never, "an id is there twice").into()
            }
        }
    }
}

/// A [`Ledger`] in a SQLite file.
///
/// A batch loads what it touches, is decided by [`LedgerState`], and is
/// written back set by set in one durable transaction. The accounts that it
/// touched are remembered for the next one, as long as nobody else wrote.
#[derive(Clone, Debug)]
pub struct SqliteLedger {
    database: Database,
    books: Arc<Mutex<Books>>,
    /// Room for the next batch, which has to go to the writer.
    room: Arc<Mutex<Vec<NewTransfer>>>,
}

impl SqliteLedger {
    /// The ledger in `database`.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
            books: Arc::default(),
            room: Arc::default(),
        }
    }

    async fn book(
        &self,
        transfers: &[NewTransfer],
        now: Timestamp,
        ids: Ids,
    ) -> Result<Vec<CreateTransferStatus>, Refusal> {
        let (books, room) = (Arc::clone(&self.books), Arc::clone(&self.room));
        let mut batch = std::mem::take(&mut *lock(&room));
        batch.clear();
        batch.extend_from_slice(transfers);
        self.database
            .write("book transfers", move |conn| {
                let booked = books::with(&books, conn, |books| {
                    batch::create_transfers(conn, books, &batch, now, ids)
                });
                *lock(&room) = batch;
                booked
            })
            .await
    }
}

/// Whatever a panic left is emptied or checked before it is used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        let books = Arc::clone(&self.books);
        let opened = self.database.write("open accounts", move |conn| {
            books::with(&books, conn, |books| {
                batch::create_accounts(conn, books, &accounts, now)
            })
        });
        Ok(opened.await?)
    }

    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateTransferStatus>> {
        LedgerState::check_batch(transfers.len())?;
        let now = Timestamp::try_from(at)?;
        // Hardly ever is an id sent twice, and to look for each costs as much
        // as to book it: the file's own index says so where one is.
        match self.book(transfers, now, Ids::New).await {
            Err(Refusal::Known) => Ok(self.book(transfers, now, Ids::Any).await?),
            answer => Ok(answer?),
        }
    }

    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>> {
        LedgerState::check_batch(ids.len())?;
        let now = Timestamp::try_from(at)?;
        let found = self
            .database
            .read("read accounts", |conn| rows::accounts_at(conn, ids, now));
        Ok(found?)
    }

    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
        LedgerState::check_batch(ids.len())?;
        let found = self.database.read("read transfers", |conn| {
            ids.iter()
                .map(|id| Ok(rows::transfer(conn, *id)?.map(|found| found.transfer)))
                .collect::<Result<_, Fail>>()
        });
        Ok(found?)
    }

    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>> {
        let found = self.database.read("read a statement", |conn| {
            statement::transfers(conn, filter, page)
        });
        Ok(found?)
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        let found = self.database.read("read an account's history", |conn| {
            statement::balances(conn, filter, page)
        });
        Ok(found?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{block_on, seed};
    use solidarity_payments::conformance::ledger;
    use solidarity_payments::{
        AccountCode, AccountFlags, LEDGER_BATCH_MAX, LedgerExt, LedgerNumber, TransferCode,
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

    /// Some accounts, and what moves between them, each under a new id.
    struct World {
        ids: [AccountId; 2],
        sent: u128,
    }

    impl World {
        fn open(ledger: &dyn Ledger) -> Self {
            let ids = [1, 2].map(|n| AccountId::from_uuid(uuid::Uuid::from_u128(n)));
            let flags = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
            let code = AccountCode::new(1);
            let [open, limited] = ids.map(|id| NewAccount::new(id, KES, code));
            let accounts = [open, limited.with_flags(flags)];
            block_on(ledger.create_accounts(&accounts, now())).unwrap();
            Self { ids, sent: 0 }
        }

        /// To the limited account, or from it.
        fn moves(&mut self, amount: i128) -> NewTransfer {
            self.sent += 1;
            let id = TransferId::from_uuid(uuid::Uuid::from_u128(self.sent));
            let [open, limited] = self.ids;
            let (from, to) = if amount > 0 {
                (open, limited)
            } else {
                (limited, open)
            };
            let amount = amount.unsigned_abs();
            NewTransfer::new(id, from, to, KES, amount, TransferCode::new(1))
        }
    }

    const KES: LedgerNumber = LedgerNumber::new(404);

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    fn book(ledger: &dyn Ledger, new: NewTransfer) -> CreateTransferStatus {
        block_on(ledger.create_transfer(new, now())).unwrap()
    }

    /// Each remembers accounts, and none what another one wrote since.
    #[test]
    fn ledgers_of_one_file_see_each_other_s_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let database = Database::open(&path).unwrap();
        let ledgers = [
            SqliteLedger::new(&database),
            SqliteLedger::new(&database),
            SqliteLedger::new(&Database::open(&path).unwrap()),
        ];
        let mut world = World::open(&ledgers[0]);
        for round in 0..30 {
            let (giver, taker) = (&ledgers[round % 3], &ledgers[(round / 3 + round + 1) % 3]);
            assert_eq!(book(giver, world.moves(5)), CreateTransferStatus::Created);
            assert_eq!(book(taker, world.moves(-5)), CreateTransferStatus::Created);
            let over = book(giver, world.moves(-1));
            assert_eq!(over, CreateTransferStatus::ExceedsCredits, "{round}");
        }
    }

    /// What a write that failed had changed is not remembered.
    #[test]
    fn a_batch_that_fails_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("ledger.db")).unwrap();
        let ledger = SqliteLedger::new(&database);
        let mut world = World::open(&ledger);
        assert_eq!(book(&ledger, world.moves(5)), CreateTransferStatus::Created);
        let rename = |from: &'static str, to: &'static str| {
            let sql = format!("ALTER TABLE ledger_{from} RENAME TO ledger_{to}");
            let rename = move |conn: &rusqlite::Connection| Ok(conn.execute_batch(&sql)?);
            block_on(database.write::<_, Error>("rename", rename)).unwrap();
        };
        // The last that a batch writes, then an earlier one.
        for table in ["mark", "standing", "transfer"] {
            rename(table, "away");
            let failed = block_on(ledger.create_transfer(world.moves(100), now()));
            assert!(failed.is_err(), "{table}");
            rename("away", table);
            let over = book(&ledger, world.moves(-6));
            assert_eq!(over, CreateTransferStatus::ExceedsCredits, "{table}");
        }
        assert_eq!(
            book(&ledger, world.moves(-5)),
            CreateTransferStatus::Created
        );
    }

    /// More transfers of one account than lie between two milestones, in
    /// batches of one and of many rows to a statement.
    #[test]
    fn a_long_statement_reads_the_same_from_both_ends() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("ledger.db")).unwrap();
        let ledger = SqliteLedger::new(&database);
        let mut world = World::open(&ledger);
        for count in [1, 70, 128, 1, 63, 64] {
            let batch: Vec<_> = (0..count).map(|_| world.moves(1)).collect();
            block_on(ledger.create_transfers(&batch, now())).unwrap();
        }
        let statement = |filter: &AccountFilter, limit| {
            let (mut ids, mut page) = (Vec::new(), Page::of(limit).unwrap());
            loop {
                let found = block_on(ledger.account_transfers(filter, &page)).unwrap();
                ids.extend(found.items().iter().map(|one| one.id().as_uuid().as_u128()));
                match found.next() {
                    Some(next) => page = page.after(next.clone()),
                    None => return ids,
                }
            }
        };
        let all: Vec<u128> = (1..=world.sent).collect();
        let back: Vec<u128> = all.iter().rev().copied().collect();
        let mut filter = AccountFilter::new(world.ids[1]);
        for limit in [1, 7, 64, 100, 500] {
            filter.latest_first = false;
            assert_eq!(statement(&filter, limit), all, "by {limit}");
            filter.latest_first = true;
            assert_eq!(statement(&filter, limit), back, "back by {limit}");
        }
        let at = |n: u128| {
            let id = TransferId::from_uuid(uuid::Uuid::from_u128(n));
            let found = block_on(ledger.find_transfer(id)).unwrap();
            Some(found.unwrap().timestamp())
        };
        for (from, until) in [(1, 1), (60, 70), (64, 64), (65, 129), (300, 327)] {
            (filter.from, filter.until) = (at(from), at(until));
            filter.latest_first = false;
            let within: Vec<u128> = (from..=until).collect();
            assert_eq!(statement(&filter, 9), within);
            filter.latest_first = true;
            let within: Vec<u128> = (from..=until).rev().collect();
            assert_eq!(statement(&filter, 9), within);
        }
    }

    #[test]
    fn agrees_with_memory() {
        let first = seed();
        for seed in first..first + 6 {
            block_on(ledger::agrees_with_memory(&on_disk(), seed, 500));
        }
    }
}
