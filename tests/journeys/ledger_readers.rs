//! Readers beside a writer of one ledger file see whole batches only.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chrono::{DateTime, Utc};
use solidarity_core::testing::{block_on, watched};
use solidarity_core::{Page, Uuid};
use solidarity_payments::{
    AccountCode, AccountFilter, AccountFlags, AccountId, CreateTransferStatus, Ledger,
    LedgerNumber, NewAccount, NewTransfer, TransferCode, TransferId,
};
use solidarity_sql::sqlite::{Database, SqliteLedger};

const LEDGER: LedgerNumber = LedgerNumber::new(404);
const ACCOUNTS: u128 = 10;
/// How often each batch goes round all accounts.
const ROUNDS: u128 = 5;
/// How many different states of the books each reader is to see.
const STATES: usize = 25;

fn account(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n + 1))
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

/// Money goes round: after the batch each account gave what it got.
fn batch(n: u128) -> Vec<NewTransfer> {
    let legs = 0..ACCOUNTS * ROUNDS;
    let leg = |leg: u128| {
        let id = TransferId::from_uuid(Uuid::from_u128((n << 32) + leg + 1));
        let (from, to) = (account(leg % ACCOUNTS), account((leg + 1) % ACCOUNTS));
        NewTransfer::new(id, from, to, LEDGER, 7, TransferCode::new(1))
    };
    legs.map(leg).collect()
}

/// Reads until it has seen the books in so many states.
fn read(ledger: &SqliteLedger) {
    let ids: Vec<_> = (0..ACCOUNTS).map(account).collect();
    let mut states = vec![0];
    while states.len() <= STATES {
        let found = block_on(ledger.accounts(&ids, now())).unwrap();
        let given = found.iter().flatten().map(|account| {
            let sums = account.balances();
            assert_eq!(sums.debits_posted, sums.credits_posted, "half a batch");
            sums.debits_posted
        });
        let given: Vec<_> = given.collect();
        assert!(
            given.iter().all(|sum| *sum == given[0]),
            "half a batch: {given:?}"
        );
        let batches = given[0] / (7 * ROUNDS);
        assert_eq!(given[0] % (7 * ROUNDS), 0, "half a batch");
        if states.last().is_some_and(|last| *last == batches) {
            thread::yield_now();
            continue;
        }
        assert!(
            states.is_sorted() && states.last() < Some(&batches),
            "time went back"
        );
        states.push(batches);

        // What it has not seen yet may be there by now, as a whole.
        for n in [batches - 1, batches, batches + 1] {
            let ids: Vec<_> = batch(n).iter().map(|new| new.id).collect();
            let found = block_on(ledger.transfers(&ids)).unwrap();
            let there = found.iter().flatten().count();
            assert!(
                [0, ids.len()].contains(&there),
                "{there} transfers of a batch"
            );
            assert!(there > 0 || n >= batches, "a batch is gone");
        }
        let mut latest = AccountFilter::new(account(3));
        latest.latest_first = true;
        let last = block_on(ledger.account_balances(&latest, &Page::of(1).unwrap())).unwrap();
        let last = last.items()[0].balances;
        assert_eq!(last.debits_posted, last.credits_posted, "half a batch");
    }
}

/// Three threads read while a fourth writes; one of them has opened the file
/// for itself, as another process would.
#[test]
fn readers_beside_a_writer_never_see_half_a_batch() {
    watched("readers_beside_a_writer", || {
        let folder = tempfile::tempdir().unwrap();
        beside_a_writer(&folder.path().join("ledger.db"));
    });
}

fn beside_a_writer(path: &Path) {
    let database = Database::open(path).unwrap();
    let ledger = SqliteLedger::new(&database);
    let accounts: Vec<_> = (0..ACCOUNTS)
        .map(|n| {
            let new = NewAccount::new(account(n), LEDGER, AccountCode::new(1));
            new.with_flags(AccountFlags::HISTORY)
        })
        .collect();
    block_on(ledger.create_accounts(&accounts, now())).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (ledger, done) = (ledger.clone(), Arc::clone(&done));
        thread::spawn(move || {
            for n in 0.. {
                let batch = batch(n);
                let booked = block_on(ledger.create_transfers(&batch, now())).unwrap();
                assert!(booked.iter().all(|s| *s == CreateTransferStatus::Created));
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        })
    };
    let elsewhere = SqliteLedger::new(&Database::open(path).unwrap());
    let readers = [ledger.clone(), ledger, elsewhere];
    let readers = readers.map(|ledger| thread::spawn(move || read(&ledger)));
    let read = readers.map(thread::JoinHandle::join);
    done.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    for read in read {
        read.unwrap();
    }
}
