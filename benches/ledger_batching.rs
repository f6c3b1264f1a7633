//! Transfers per second of callers who book one at a time on SQLite: through
//! `Batching`, alone and sixteen together, beside one who does without.
//!
//! `cargo bench -p solidarity-benches --bench ledger_batching -- --quick`
#![expect(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a benchmark stops at the first failure, and measures"
)]

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use chrono::DateTime;
use solidarity_core::testing::block_on;
use solidarity_payments::{
    AccountCode, AccountId, Batching, CreateTransferStatus, Ledger, LedgerExt, LedgerNumber,
    NewAccount, NewTransfer, TransferCode, TransferId,
};
use solidarity_sql::sqlite::{Database, SqliteLedger};
use uuid::Uuid;

const LEDGER: LedgerNumber = LedgerNumber::new(404);
const TOGETHER: u32 = 16;
/// How many transfers each caller books in a round.
const EACH: u32 = 100;

fn account(n: u32) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(u128::from(n + 1)))
}

/// What `callers` callers take to book [`EACH`] each, one after another.
fn round(ledger: &Arc<dyn Ledger>, callers: u32) -> Duration {
    let call = |caller: u32| {
        let ledger = Arc::clone(ledger);
        move || {
            for _ in 0..EACH {
                let (from, to) = (account(caller), account(caller + 1));
                let (id, code) = (TransferId::generate(), TransferCode::new(1));
                let new = NewTransfer::new(id, from, to, LEDGER, 1, code);
                let status = block_on(ledger.create_transfer(new, DateTime::UNIX_EPOCH));
                assert_eq!(status.unwrap(), CreateTransferStatus::Created);
            }
        }
    };
    let start = Instant::now();
    let callers: Vec<_> = (0..callers).map(|n| thread::spawn(call(n))).collect();
    callers
        .into_iter()
        .for_each(|caller| caller.join().unwrap());
    start.elapsed()
}

fn main() {
    let rounds = if std::env::args().any(|arg| arg == "--quick") {
        16
    } else {
        48
    };
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(folder.path().join("ledger.db")).unwrap();
    let sqlite = SqliteLedger::new(&database);
    let (batching, driver) = Batching::new(sqlite.clone());
    let booking = thread::spawn(|| block_on(driver));
    let accounts: Vec<_> = (0..=TOGETHER)
        .map(|n| NewAccount::new(account(n), LEDGER, AccountCode::new(1)))
        .collect();
    block_on(sqlite.create_accounts(&accounts, DateTime::UNIX_EPOCH)).unwrap();

    let (bare, joined): (Arc<dyn Ledger>, Arc<dyn Ledger>) = (Arc::new(sqlite), Arc::new(batching));
    let subjects = [
        ("one caller, without", &bare, 1),
        ("one caller", &joined, 1),
        ("16 callers, without", &bare, TOGETHER),
        ("16 callers", &joined, TOGETHER),
    ];
    // In turns, so that what slows the machine down slows all of them; and the
    // median, so that a stalled disk slows none.
    let mut spent = [const { Vec::new() }; 4];
    let mut turns: Vec<_> = spent.iter_mut().zip(subjects).collect();
    for _ in 0..rounds {
        for (spent, (_, ledger, callers)) in &mut turns {
            spent.push(round(ledger, *callers));
        }
        // Nobody always comes after the largest.
        turns.rotate_left(1);
    }
    let mut rates = [0.0; 4];
    println!("transfers per second, one a call, synchronous=FULL");
    for ((rate, spent), (name, _, callers)) in rates.iter_mut().zip(&mut spent).zip(subjects) {
        spent.sort_unstable();
        let median = spent.get(spent.len() / 2).unwrap();
        *rate = f64::from(callers * EACH) / median.as_secs_f64();
        println!("{name:<20} {rate:>9.0}");
    }
    let [bare, one, _, together] = rates;
    println!("one caller: {:.2} of the rate without", one / bare);
    println!("16 callers: {:.1} times one caller", together / one);
    drop(joined);
    booking.join().unwrap();
}
