//! Transfers per second of the ledgers, in the largest batches, beside bare
//! `rusqlite` that writes the same rows and decides nothing.
//!
//! `cargo bench -p solidarity-benches --bench ledger`
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    reason = "a benchmark stops at the first failure, and measures"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::DateTime;
use criterion::{Criterion, Throughput};
use rusqlite::{Connection, params};
use solidarity_core::testing::{Random, block_on};
use solidarity_payments::{
    AccountCode, AccountId, LEDGER_BATCH_MAX, Ledger, LedgerNumber, MemoryLedger, NewAccount,
    NewTransfer, TransferCode, TransferId,
};
use solidarity_sql::sqlite::{Database, SqliteLedger};
use uuid::Uuid;

const ACCOUNTS: u64 = 10_000;
const LEDGER: LedgerNumber = LedgerNumber::new(404);
const SCHEMA: &str = include_str!("../crates/sql/migrations/V4__ledger.sql");

/// Batches without end: ids ascend, accounts are drawn.
struct Load {
    random: Random,
    next: u128,
}

impl Load {
    const fn new() -> Self {
        Self {
            random: Random::new(7),
            next: 1,
        }
    }

    fn account(&mut self) -> u64 {
        1 + self.random.below(ACCOUNTS)
    }

    fn batch(&mut self) -> Vec<NewTransfer> {
        (0..LEDGER_BATCH_MAX)
            .map(|_| {
                let id = TransferId::from_uuid(Uuid::from_u128(self.next));
                self.next += 1;
                let debit = self.account();
                let credit = 1 + debit % ACCOUNTS;
                let code = TransferCode::new(1);
                NewTransfer::new(id, account(debit), account(credit), LEDGER, 1, code)
            })
            .collect()
    }
}

fn account(n: u64) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(u128::from(n)))
}

/// Something that books a batch.
type Book = Box<dyn FnMut(&[NewTransfer])>;

fn ledger(ledger: impl Ledger) -> Book {
    let now = DateTime::UNIX_EPOCH;
    let accounts: Vec<_> = (1..=ACCOUNTS)
        .map(|n| NewAccount::new(account(n), LEDGER, AccountCode::new(1)))
        .collect();
    for accounts in accounts.chunks(LEDGER_BATCH_MAX) {
        let opened = block_on(ledger.create_accounts(accounts, now)).unwrap();
        assert!(opened.iter().all(|status| status.is_held()));
    }
    Box::new(move |batch| {
        let booked = block_on(ledger.create_transfers(batch, now)).unwrap();
        assert!(black_box(booked).iter().all(|status| status.is_held()));
    })
}

/// The rows of the transfers, and the balances once a batch, in one durable
/// transaction.
fn bare(path: &Path) -> Book {
    let conn = Connection::open(path).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.pragma_update(None, "synchronous", "FULL").unwrap();
    conn.execute_batch(SCHEMA).unwrap();
    let zero = 0_u128.to_be_bytes();
    conn.execute_batch("BEGIN").unwrap();
    for n in 1..=ACCOUNTS {
        conn.prepare_cached(
            "INSERT INTO ledger_account VALUES (?1, ?2, 404, 1, 0, ?3, 0, 0, 0, ?3, ?3, ?3, ?3)",
        )
        .unwrap()
        .execute(params![
            account(n).as_uuid().as_bytes(),
            n.cast_signed(),
            zero
        ])
        .unwrap();
    }
    conn.execute_batch("COMMIT").unwrap();
    let mut balances: BTreeMap<AccountId, [u128; 2]> =
        (1..=ACCOUNTS).map(|n| (account(n), [0; 2])).collect();
    let mut timestamp = ACCOUNTS.cast_signed();
    Box::new(move |batch| {
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut touched = BTreeMap::new();
        let mut insert = conn
            .prepare_cached(
                "INSERT INTO ledger_transfer \
                 VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, 0, 0, 0, 404, 1, 0)",
            )
            .unwrap();
        for new in batch {
            timestamp += 1;
            let (debit, credit) = (new.debit_account, new.credit_account);
            insert
                .execute(params![
                    timestamp,
                    new.id.as_uuid().as_bytes(),
                    debit.as_uuid().as_bytes(),
                    credit.as_uuid().as_bytes(),
                    new.amount.to_be_bytes(),
                    zero,
                ])
                .unwrap();
            for (account, side) in [(debit, 0), (credit, 1)] {
                let sums = balances.get_mut(&account).unwrap();
                sums[side] += new.amount;
                touched.insert(account, *sums);
            }
        }
        let mut update = conn
            .prepare_cached(
                "UPDATE ledger_account SET closed = 0, debits_pending = ?2, debits_posted = ?3, \
                 credits_pending = ?2, credits_posted = ?4 WHERE id = ?1",
            )
            .unwrap();
        for (account, [debits, credits]) in touched {
            let (debits, credits) = (debits.to_be_bytes(), credits.to_be_bytes());
            update
                .execute(params![account.as_uuid().as_bytes(), zero, debits, credits])
                .unwrap();
        }
        drop((insert, update));
        conn.execute_batch("COMMIT").unwrap();
    })
}

/// Transfers per second over `batches` batches.
fn rate(book: &mut Book, load: &mut Load, batches: u32) -> f64 {
    let mut spent = Duration::ZERO;
    for _ in 0..batches {
        let batch = load.batch();
        let start = Instant::now();
        book(&batch);
        spent += start.elapsed();
    }
    let transfers = f64::from(batches) * f64::from(u16::try_from(LEDGER_BATCH_MAX).unwrap());
    transfers / spent.as_secs_f64()
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(folder.path().join("ledger.db")).unwrap();
    let mut subjects: [(&str, Book); 3] = [
        ("memory", ledger(MemoryLedger::new())),
        ("sqlite", ledger(SqliteLedger::new(&database))),
        ("bare rusqlite", bare(&folder.path().join("bare.db"))),
    ];
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("ledger");
    group
        .throughput(Throughput::Elements(LEDGER_BATCH_MAX as u64))
        .sample_size(10)
        .measurement_time(Duration::from_secs(2))
        .warm_up_time(Duration::from_millis(500));
    for (name, book) in &mut subjects {
        let mut load = Load::new();
        group.bench_function(*name, |bench| {
            bench.iter_batched_ref(
                || load.batch(),
                |batch| book(batch),
                criterion::BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    criterion.final_summary();

    // The ratios, on books that are equally full.
    let database = Database::open(folder.path().join("ratio.db")).unwrap();
    let mut memory = ledger(MemoryLedger::new());
    let mut sqlite = ledger(SqliteLedger::new(&database));
    let mut bare = bare(&folder.path().join("ratio-bare.db"));
    let (mut sums, rounds) = ([0.0; 3], 5.0);
    let mut loads = [Load::new(), Load::new(), Load::new()];
    for _ in 0..5 {
        let books = [&mut memory, &mut sqlite, &mut bare];
        for ((sum, book), load) in sums.iter_mut().zip(books).zip(&mut loads) {
            *sum += rate(book, load, 3) / rounds;
        }
    }
    let [memory, sqlite, bare] = sums;
    println!("transfers per second, batches of {LEDGER_BATCH_MAX}, synchronous=FULL");
    println!("memory        {memory:>12.0}");
    println!(
        "sqlite        {sqlite:>12.0}   {:.2} of bare rusqlite",
        sqlite / bare
    );
    println!("bare rusqlite {bare:>12.0}");
}
