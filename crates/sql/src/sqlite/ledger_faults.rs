//! The ledger over a storage that fails: at every row that it would write, for
//! want of room, and at the commit. Money is conserved, and ids keep their
//! meaning.

use std::task::{Context, Waker};
use std::thread;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use solidarity_core::testing::{block_on, watched};
use solidarity_core::{Page, Retry};
use solidarity_payments::CreateTransferStatus::{Created, Exists, LinkedEventFailed};
use solidarity_payments::{
    AMOUNT_MAX, Account, AccountBalance, AccountCode, AccountFilter, AccountFlags, AccountId,
    Batching, CreateTransferStatus, Error, Ledger, LedgerNumber, MemoryLedger, NewAccount,
    NewTransfer, Result, Transfer, TransferCode, TransferId,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::{Database, SqliteLedger};

/// How the storage fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// The statement fails that would write the nth row.
    Statement = 1,
    /// All of the transaction is lost when it would write the nth row.
    Transaction,
    /// The nth row is written, and the commit fails.
    Commit,
}

/// Counts the rows that are written to the ledger's tables, and fails at the
/// nth. The triggers are temporary: they are the connection's, not the file's.
fn arm(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TEMP TABLE fault (rows INTEGER, nth INTEGER, kind INTEGER);
         INSERT INTO fault VALUES (0, 0, 0);
         CREATE TEMP TABLE nobody (id INTEGER PRIMARY KEY);
         CREATE TEMP TABLE orphan (of INTEGER REFERENCES nobody DEFERRABLE INITIALLY DEFERRED);",
    )?;
    let mut tables = conn.prepare(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name LIKE 'ledger%'",
    )?;
    let tables: Vec<String> = tables
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    assert!(tables.len() > 3, "the ledger's tables were not found");
    for table in tables {
        for verb in ["INSERT", "UPDATE", "DELETE"] {
            conn.execute_batch(&format!(
                "CREATE TEMP TRIGGER fail_{verb}_{table} BEFORE {verb} ON main.{table} BEGIN
                    UPDATE fault SET rows = rows + 1;
                    SELECT RAISE(ABORT, 'planted') FROM fault WHERE rows = nth AND kind = 1;
                    SELECT RAISE(ROLLBACK, 'planted') FROM fault WHERE rows = nth AND kind = 2;
                    INSERT INTO orphan SELECT 1 FROM fault WHERE rows = nth AND kind = 3;
                END"
            ))?;
        }
    }
    Ok(())
}

/// A ledger in a file, and the reference that does what it did.
struct Subject {
    database: Database,
    ledger: SqliteLedger,
    memory: MemoryLedger,
    _folder: TempDir,
}

impl Subject {
    /// With accounts, money, two reservations for ever and one that ends.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("ledger.db")).unwrap();
        let subject = Self {
            ledger: SqliteLedger::new(&database),
            memory: MemoryLedger::new(),
            database,
            _folder: folder,
        };
        subject.write(arm);
        let accounts = [
            account(1, AccountFlags::NONE),
            account(2, AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS),
            account(3, AccountFlags::HISTORY),
        ];
        let transfers = [
            transfer(1, 1, 2, 1_000),
            transfer(2, 2, 3, 10).as_pending(0),
            transfer(3, 2, 3, 20).as_pending(0),
            transfer(4, 2, 3, 30).as_pending(60),
        ];
        for ledger in [&subject.ledger as &dyn Ledger, &subject.memory] {
            block_on(ledger.create_accounts(&accounts, at(0))).unwrap();
            let booked = block_on(ledger.create_transfers(&transfers, at(1))).unwrap();
            assert_eq!(booked, [Created; 4]);
        }
        subject
    }

    fn write(&self, f: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static) {
        let done = self
            .database
            .write::<_, Error>("plant", |conn| Ok(f(conn)?));
        block_on(done).unwrap();
    }

    /// The storage fails at the `nth` row from here on.
    fn plant(&self, fault: Fault, nth: u32) {
        self.write(move |conn| {
            let plant = "UPDATE fault SET rows = 0, nth = ?1, kind = ?2";
            conn.execute(plant, params![nth, fault as u8]).map(drop)
        });
    }

    fn put_right(&self) {
        self.plant(Fault::Statement, 0);
    }

    /// Everything that `ledger` holds.
    fn held(ledger: &dyn Ledger) -> Held {
        let ids: Vec<_> = (1..10).map(account_id).collect();
        let accounts = block_on(ledger.accounts(&ids, at(0))).unwrap();
        let ids: Vec<_> = (1..1_000).map(transfer_id).collect();
        let transfers = block_on(ledger.transfers(&ids)).unwrap();
        let history = AccountFilter::new(account_id(3));
        let history = block_on(ledger.account_balances(&history, &Page::first())).unwrap();
        let held = Held {
            accounts,
            transfers,
            history: history.into_items(),
        };
        held.is_balanced();
        held
    }
}

#[derive(Debug, PartialEq)]
struct Held {
    accounts: Vec<Option<Account>>,
    transfers: Vec<Option<Transfer>>,
    history: Vec<AccountBalance>,
}

impl Held {
    fn is_balanced(&self) {
        let sums = |side: fn(&Account) -> [u128; 2]| {
            let each = self.accounts.iter().flatten().map(side);
            each.fold([0; 2], |[a, b], [c, d]| [a + c, b + d])
        };
        let debits = sums(|a| [a.balances().debits_pending, a.balances().debits_posted]);
        let credits = sums(|a| [a.balances().credits_pending, a.balances().credits_posted]);
        assert_eq!(debits, credits, "money appeared or was lost");
    }

    fn holds(&self, new: &NewTransfer) -> bool {
        self.transfers.iter().flatten().any(|t| t.id() == new.id)
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_000 + seconds, 0).unwrap()
}

fn account_id(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

fn account(n: u128, flags: AccountFlags) -> NewAccount {
    let ledger = LedgerNumber::new(404);
    NewAccount::new(account_id(n), ledger, AccountCode::new(1)).with_flags(flags)
}

/// Ids that are nowhere near each other, so that they fill many pages.
fn transfer_id(n: u128) -> TransferId {
    TransferId::derive(&Uuid::from_u128(n), "fault")
}

fn transfer(n: u128, from: u128, to: u128, amount: u128) -> NewTransfer {
    let (from, to) = (account_id(from), account_id(to));
    let (ledger, code) = (LedgerNumber::new(404), TransferCode::new(1));
    NewTransfer::new(transfer_id(n), from, to, ledger, amount, code)
}

/// What is booked, of each kind, and when.
fn operations() -> Vec<(&'static str, Vec<NewTransfer>, DateTime<Utc>)> {
    let post = |n, pending, amount| NewTransfer::post(transfer_id(n), transfer_id(pending), amount);
    let void = |n, pending| NewTransfer::void(transfer_id(n), transfer_id(pending));
    let mut create: Vec<_> = (10..80).map(|n| transfer(n, 2, 1, 1)).collect();
    create.extend([
        transfer(80, 2, 3, 5_000),
        transfer(81, 2, 3, 5).as_pending(30),
        transfer(82, 1, 2, 7).as_linked(),
        transfer(83, 2, 9, 7),
        transfer(10, 2, 1, 1),
    ]);
    vec![
        ("create", create, at(2)),
        (
            "post",
            vec![post(90, 2, 4), transfer(1, 1, 2, 1_000), post(91, 80, 1)],
            at(3),
        ),
        ("void", vec![void(92, 3), post(93, 3, AMOUNT_MAX)], at(4)),
        (
            "expire",
            vec![post(94, 4, 1), post(95, 81, 1), transfer(96, 1, 3, 1)],
            at(90),
        ),
    ]
}

/// Books each operation while the storage fails at its first row, then at its
/// second, and so on until nothing fails.
fn at_every_row(fault: Fault, retry: &[Retry]) {
    let subject = Subject::new();
    for (name, batch, now) in operations() {
        let before = Subject::held(&subject.ledger);
        let mut rows = 0;
        let booked = loop {
            subject.plant(fault, rows + 1);
            let answer = block_on(subject.ledger.create_transfers(&batch, now));
            subject.put_right();
            let error = match answer {
                Ok(booked) => break booked,
                Err(error) => error,
            };
            let context = format!("{name}, row {}: {error:?}", rows + 1);
            assert!(retry.contains(&error.retry()), "{context}");
            assert_eq!(Subject::held(&subject.ledger), before, "{context}");
            rows += 1;
        };
        assert!(rows > 2, "{name}: only {rows} rows");
        let expected = block_on(subject.memory.create_transfers(&batch, now)).unwrap();
        assert_eq!(booked, expected, "{name}");
        agree(&subject, &batch, now, name);
    }
}

/// The ledger holds what the reference does, and answers the same again as it
/// does.
fn agree(subject: &Subject, batch: &[NewTransfer], now: DateTime<Utc>, context: &str) {
    let held = Subject::held(&subject.ledger);
    assert_eq!(held, Subject::held(&subject.memory), "{context}");
    let again = block_on(subject.ledger.create_transfers(batch, now)).unwrap();
    let expected = block_on(subject.memory.create_transfers(batch, now)).unwrap();
    assert_eq!(again, expected, "{context}, again");
    assert!(!again.contains(&Created), "{context}, again");
}

#[test]
fn the_nth_statement_fails() {
    at_every_row(Fault::Statement, &[Retry::Never]);
}

#[test]
fn the_transaction_is_lost_at_the_nth_row() {
    at_every_row(Fault::Transaction, &[Retry::Never, Retry::Later]);
}

/// Then it is not known what was written: the caller asks, and is told.
#[test]
fn the_commit_fails_after_the_nth_row() {
    at_every_row(Fault::Commit, &[Retry::AfterInquiry]);
}

#[test]
fn accounts_are_opened_or_not() {
    let subject = Subject::new();
    let accounts = [4, 5, 6].map(|n| account(n, AccountFlags::HISTORY));
    for fault in [Fault::Statement, Fault::Transaction, Fault::Commit] {
        let before = Subject::held(&subject.ledger);
        for nth in 1..=3 {
            subject.plant(fault, nth);
            let failed = block_on(subject.ledger.create_accounts(&accounts, at(2)));
            subject.put_right();
            assert!(failed.is_err(), "{fault:?} at row {nth}");
            assert_eq!(
                Subject::held(&subject.ledger),
                before,
                "{fault:?} at row {nth}"
            );
        }
    }
    for ledger in [&subject.ledger as &dyn Ledger, &subject.memory] {
        let opened = block_on(ledger.create_accounts(&accounts, at(2))).unwrap();
        assert!(opened.iter().all(|status| status.is_held()));
    }
    agree_after_a_transfer(&subject);
}

/// What the ledger remembers of its accounts is what is in its file.
fn agree_after_a_transfer(subject: &Subject) {
    let batch = [
        transfer(97, 1, 4, 1),
        transfer(98, 4, 5, 1),
        transfer(99, 2, 6, 1),
    ];
    for ledger in [&subject.ledger as &dyn Ledger, &subject.memory] {
        let booked = block_on(ledger.create_transfers(&batch, at(3))).unwrap();
        assert_eq!(booked, [Created; 3]);
    }
    agree(
        subject,
        &batch,
        at(3),
        "on accounts that were not opened at once",
    );
}

/// The file may grow by no page, then by one, and so on.
#[test]
fn the_disk_is_full_at_the_nth_page() {
    let subject = Subject::new();
    let batch: Vec<_> = (100..900).map(|n| transfer(n, 2, 3, 1)).collect();
    let grow_by = |pages: i64| {
        subject.write(move |conn| {
            let now: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
            conn.pragma_update_and_check(None, "max_page_count", now + pages, |_| Ok(()))
        });
    };
    let before = Subject::held(&subject.ledger);
    let mut pages = 0;
    loop {
        grow_by(pages);
        match block_on(subject.ledger.create_transfers(&batch, at(2))) {
            Ok(booked) => break assert_eq!(booked, [Created; 800]),
            Err(error) => assert_eq!(error.retry(), Retry::Later, "{error:?}"),
        }
        assert_eq!(Subject::held(&subject.ledger), before, "{pages} pages");
        pages += 1;
    }
    assert!(pages > 5, "only {pages} pages");
    grow_by(1_000);
    block_on(subject.memory.create_transfers(&batch, at(2))).unwrap();
    agree(&subject, &batch, at(2), "room again");
}

/// Three callers whose requests are joined: whatever fails, each is told what
/// became of its own.
#[test]
fn callers_in_one_batch_are_told_the_truth() {
    watched("callers_in_one_batch_are_told_the_truth", || {
        for fault in [Fault::Statement, Fault::Transaction, Fault::Commit] {
            let requests = [10, 20, 30].map(|n| {
                let first = transfer(n, 2, 3, 1).as_linked();
                [first, transfer(n + 1, 2, 3, 2).as_pending(0)]
            });
            let mut rows = 0;
            loop {
                let subject = Subject::new();
                subject.plant(fault, rows + 1);
                let answers = joined(&subject.ledger, &requests);
                subject.put_right();
                let held = Subject::held(&subject.ledger);
                for (request, answer) in requests.iter().zip(&answers) {
                    let expected = match answer {
                        Ok(statuses) => {
                            assert_eq!(statuses, &[Created; 2]);
                            [true; 2]
                        }
                        Err(_) => [false; 2],
                    };
                    let booked = [held.holds(&request[0]), held.holds(&request[1])];
                    assert_eq!(booked, expected, "{fault:?} at row {}", rows + 1);
                    let retry = answer.as_ref().map_or_else(Error::retry, |_| Retry::Never);
                    assert_eq!(
                        retry == Retry::AfterInquiry,
                        answer.is_err() && fault == Fault::Commit
                    );
                }
                // Sent again, each is booked, and none twice.
                for (answer, first) in joined(&subject.ledger, &requests).iter().zip(&answers) {
                    let expected = match first {
                        // A chain ends at the first of it that exists.
                        Ok(_) => [Exists, LinkedEventFailed],
                        Err(_) => [Created; 2],
                    };
                    assert_eq!(answer.as_ref().unwrap(), &expected);
                }
                Subject::held(&subject.ledger).is_balanced();
                if answers.iter().all(Result::is_ok) {
                    break;
                }
                rows += 1;
            }
            assert!(rows > 5, "only {rows} rows");
        }
    });
}

/// What each request is answered, all of them in one batch.
fn joined(
    ledger: &SqliteLedger,
    requests: &[[NewTransfer; 2]],
) -> Vec<Result<Vec<CreateTransferStatus>>> {
    let (ledger, driver) = Batching::new(ledger.clone());
    let mut callers: Vec<_> = requests
        .iter()
        .map(|request| ledger.create_transfers(request, at(2)))
        .collect();
    for caller in &mut callers {
        let waiting = caller
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(waiting.is_pending());
    }
    let driver = thread::spawn(|| block_on(driver));
    let answers = callers.into_iter().map(block_on).collect();
    drop(ledger);
    driver.join().unwrap();
    answers
}
