//! Posts to the ledger in a file until it is killed, and says of each request
//! that was answered which one it was: `caller number`, a line each.
//!
//! `ledger_poster PATH RUN`
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "it is made to be stopped at any moment"
)]

mod requests;

use std::io::Write;
use std::thread;

use solidarity_core::testing::block_on;
use solidarity_payments::{AccountCode, AccountFlags, Batching, Ledger, NewAccount};
use solidarity_sql::sqlite::{Database, SqliteLedger};

use crate::requests::{ACCOUNTS, CALLERS, FIRST, account, ledgers, now, request};

fn accounts() -> Vec<NewAccount> {
    let of = |ledger| {
        ACCOUNTS.map(|n| {
            let account = NewAccount::new(account(ledger, n), ledger, AccountCode::new(1));
            let limit = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
            account.with_flags(if n == 1 { AccountFlags::NONE } else { limit })
        })
    };
    ledgers().map(of).concat()
}

fn main() {
    let mut args = std::env::args().skip(1);
    let database = Database::open(args.next().unwrap()).unwrap();
    let run = args.next().unwrap().parse().unwrap();
    let (ledger, driver) = Batching::new(SqliteLedger::new(&database));
    thread::spawn(|| block_on(driver));
    let opened = block_on(ledger.create_accounts(&accounts(), now())).unwrap();
    assert!(opened.iter().all(|status| status.is_held()));
    let post = |caller| {
        let ledger = ledger.clone();
        move || {
            for n in 0.. {
                let new = request(run, caller, n);
                let booked = block_on(ledger.create_transfers(&new, now())).unwrap();
                assert_eq!(booked, FIRST);
                // Whoever was to read it may be gone, and then it is no use.
                writeln!(std::io::stdout().lock(), "{caller} {n}").unwrap();
            }
        }
    };
    let callers: Vec<_> = (0..CALLERS).map(|n| thread::spawn(post(n))).collect();
    for caller in callers {
        caller.join().unwrap();
    }
}
