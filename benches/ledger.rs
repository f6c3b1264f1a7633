//! Transfers per second of the ledgers, in the largest batches and one at a
//! time, beside bare `rusqlite` that is given the same transfers and writes the
//! same rows, but decides nothing.
//!
//! `cargo bench -p solidarity-benches --bench ledger`
#![expect(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a benchmark stops at the first failure, and measures"
)]

#[path = "../examples/ledger_bench/bare.rs"]
mod bare;
#[path = "../examples/ledger_bench/load.rs"]
mod load;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use solidarity_core::testing::block_on;
use solidarity_payments::{LEDGER_BATCH_MAX, Ledger, MemoryLedger, NewTransfer, Timestamp};
use solidarity_sql::sqlite::{Database, SqliteLedger};

use crate::bare::Bare;
use crate::load::{Ids, Load};

const ACCOUNTS: usize = 10_000;
const NOW: Timestamp = Timestamp::from_nanos(1_780_000_000_000_000_000);
const NAMES: [&str; 3] = ["memory", "sqlite", "bare rusqlite"];

/// Something that books a batch.
type Book = Box<dyn FnMut(&[NewTransfer])>;

fn load() -> Load {
    Load::new(ACCOUNTS, Ids::Ordered, NOW.nanos())
}

fn ledger(ledger: impl Ledger) -> Book {
    for accounts in load().accounts() {
        let opened = block_on(ledger.create_accounts(&accounts, NOW.to_datetime())).unwrap();
        assert!(opened.iter().all(|status| status.is_held()));
    }
    Box::new(move |batch| {
        let booked = block_on(ledger.create_transfers(batch, NOW.to_datetime())).unwrap();
        assert!(black_box(booked).iter().all(|status| status.is_held()));
    })
}

/// Each in files of its own, as [`NAMES`] names them, and how the baseline
/// makes a batch durable.
fn books(folder: &Path) -> ([Book; 3], &'static str) {
    let database = Database::open(folder.join("ledger.db")).unwrap();
    let mut bare = Bare::create(&folder.join("bare.db"), &load().accounts(), NOW).unwrap();
    let synchronous = bare.synchronous().unwrap();
    let books: [Book; 3] = [
        ledger(MemoryLedger::new()),
        ledger(SqliteLedger::new(&database)),
        Box::new(move |batch| bare.book(batch, NOW).unwrap()),
    ];
    (books, synchronous)
}

/// Transfers per second of `count` batches of `batch` each, in turn, so that
/// the books are equally full.
fn rates(books: &mut [Book; 3], load: &mut Load, count: u32, batch: usize) -> [f64; 3] {
    let mut spent = [Duration::ZERO; 3];
    for _ in 0..count {
        let transfers = load.batch(batch);
        for (book, spent) in books.iter_mut().zip(&mut spent) {
            let start = Instant::now();
            book(&transfers);
            *spent += start.elapsed();
        }
    }
    let transfers = f64::from(count) * f64::from(u32::try_from(batch).unwrap());
    spent.map(|spent| transfers / spent.as_secs_f64())
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut criterion = Criterion::default().configure_from_args();
    for (group, batch) in [("ledger", LEDGER_BATCH_MAX), ("ledger, one at a time", 1)] {
        let mut group = criterion.benchmark_group(group);
        group
            .throughput(Throughput::Elements(batch as u64))
            .sample_size(10)
            .measurement_time(Duration::from_secs(2))
            .warm_up_time(Duration::from_millis(500));
        let folder = tempfile::tempdir_in(&folder).unwrap();
        let (mut books, _) = books(folder.path());
        for (name, book) in NAMES.into_iter().zip(&mut books) {
            let mut load = load();
            group.bench_function(name, |bench| {
                bench.iter_batched_ref(
                    || load.batch(batch),
                    |transfers| book(transfers),
                    criterion::BatchSize::PerIteration,
                );
            });
        }
        group.finish();
    }
    criterion.final_summary();

    let ((mut books, synchronous), mut load) = (books(folder.path()), load());
    println!("transfers per second, synchronous={synchronous}");
    for (count, batch) in [(15, LEDGER_BATCH_MAX), (1_000, 1)] {
        let rates = rates(&mut books, &mut load, count, batch);
        let [.., bare] = rates;
        for (name, rate) in NAMES.into_iter().zip(rates) {
            let ratio = rate / bare;
            println!("batches of {batch:<5} {name:<14} {rate:>10.0}   {ratio:.2} of bare rusqlite");
        }
    }
}
