//! What is posted, by the process that is killed and in the eyes of the one
//! that looks at what is left.

use chrono::{DateTime, Utc};
use solidarity_core::Uuid;
use solidarity_payments::CreateTransferStatus::{self as Status, Created, ExceedsCredits};
use solidarity_payments::{AccountId, LedgerNumber, NewTransfer, TransferCode, TransferId};

/// How many post at once. They take turns in two ledgers.
pub(crate) const CALLERS: u32 = 4;

/// The accounts of each ledger: a source, and two that cannot be overdrawn.
pub(crate) const ACCOUNTS: [u32; 3] = [1, 2, 3];

/// What a request is answered the first time.
pub(crate) const FIRST: [Status; 6] = [Created, Created, Created, ExceedsCredits, Created, Created];
pub(crate) fn ledgers() -> [LedgerNumber; 2] {
    [404, 800].map(LedgerNumber::new)
}

pub(crate) fn account(ledger: LedgerNumber, n: u32) -> AccountId {
    let n = u128::from(ledger.get()) << 32 | u128::from(n);
    AccountId::from_uuid(Uuid::from_u128(n))
}

/// The `n`th request of `caller` in the `run`th process.
pub(crate) fn request(run: u32, caller: u32, n: u32) -> [NewTransfer; 6] {
    let id = |leg: u128| {
        let of = u128::from(run) << 96 | u128::from(caller) << 64 | u128::from(n) << 32;
        TransferId::from_uuid(Uuid::from_u128(of | leg))
    };
    let ledger = ledgers()[usize::from(caller % 2 == 1)];
    let moved = |leg, from, to, amount| {
        let (from, to) = (account(ledger, from), account(ledger, to));
        NewTransfer::new(id(leg), from, to, ledger, amount, TransferCode::new(1))
    };
    [
        moved(1, 1, 2, 10),
        moved(2, 2, 3, 5).as_pending(0),
        NewTransfer::post(id(3), id(2), 4),
        moved(4, 3, 1, u128::MAX / 4),
        moved(5, 3, 1, 2).as_linked(),
        moved(6, 1, 3, 0),
    ]
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}
