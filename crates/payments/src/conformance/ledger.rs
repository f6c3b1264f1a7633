//! The kit of [`Ledger`]. One line, in a test module of your own crate, runs
//! all of it:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_core::testing::InMemory;
//! # use solidarity_payments::{Ledger, MemoryLedger as MyLedger};
//! #[cfg(test)]
//! solidarity_payments::ledger_conformance!(
//!     InMemory::new(|| Arc::new(MyLedger::new()) as Arc<dyn Ledger>)
//! );
//! ```

use std::sync::Arc;

use chrono::{DateTime, Utc};
use solidarity_core::testing::Harness;
use uuid::Uuid;

use crate::{
    AccountCode, AccountFlags, AccountId, Balances, CreateAccountStatus, CreateTransferStatus,
    Ledger, LedgerExt, LedgerNumber, NewAccount, NewTransfer, TransferCode, TransferId,
};

mod agreement;
mod booking;
mod durability;
mod pending;
mod reading;
mod refusing;

pub use agreement::agrees_with_memory;
pub use booking::{
    a_broken_chain_books_nothing, a_chain_that_holds_is_booked_whole,
    a_closed_account_takes_nothing, a_limit_is_never_passed, a_transfer_again_books_nothing,
    a_transient_failure_burns_the_id, accounts_are_opened_once,
    another_transfer_under_an_id_is_refused, balancing_takes_what_is_left,
    money_moves_between_two_accounts, zero_and_the_largest_amount_move,
};
pub use durability::{
    a_dropped_call_is_whole_or_nothing, a_reader_never_sees_half_a_batch,
    a_retried_transfer_is_booked_once, spenders_together_never_overdraw,
    what_was_answered_survives_a_crash,
};
pub use pending::{
    a_part_is_posted_and_the_rest_released, a_pending_transfer_is_settled_once,
    a_post_says_nothing_else, a_reservation_counts_against_the_limit, a_reservation_expires,
    a_void_releases_everything,
};
pub use reading::{
    a_statement_goes_on_where_it_ended, answers_come_in_the_order_asked,
    history_is_kept_where_it_is_asked_for, the_ledger_s_time_never_goes_back,
};
pub use refusing::{
    a_batch_over_the_limit_books_nothing, imported_events_keep_their_times,
    what_is_malformed_is_named,
};

/// Runs every conformance case against a [`Ledger`].
///
/// See [`conformance::ledger`](crate::conformance::ledger).
#[macro_export]
macro_rules! ledger_conformance {
    ($harness:expr $(,)?) => {
        $crate::ledger_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::ledger,
            [
                money_moves_between_two_accounts,
                zero_and_the_largest_amount_move,
                accounts_are_opened_once,
                a_transfer_again_books_nothing,
                another_transfer_under_an_id_is_refused,
                a_transient_failure_burns_the_id,
                a_limit_is_never_passed,
                balancing_takes_what_is_left,
                a_closed_account_takes_nothing,
                a_chain_that_holds_is_booked_whole,
                a_broken_chain_books_nothing,
                a_batch_over_the_limit_books_nothing,
                what_is_malformed_is_named,
                imported_events_keep_their_times,
                a_pending_transfer_is_settled_once,
                a_part_is_posted_and_the_rest_released,
                a_void_releases_everything,
                a_post_says_nothing_else,
                a_reservation_counts_against_the_limit,
                a_reservation_expires,
                answers_come_in_the_order_asked,
                a_statement_goes_on_where_it_ended,
                history_is_kept_where_it_is_asked_for,
                the_ledger_s_time_never_goes_back,
                what_was_answered_survives_a_crash,
                a_retried_transfer_is_booked_once,
                spenders_together_never_overdraw,
                a_reader_never_sees_half_a_batch,
                a_dropped_call_is_whole_or_nothing,
            ]
        );
    };
}

/// Everything here is in one ledger but where a case says otherwise.
const LEDGER: LedgerNumber = LedgerNumber::new(404);
const CODE: TransferCode = TransferCode::new(1);
const NO_FLAGS: AccountFlags = AccountFlags::NONE;
const NO_OVERDRAFT: AccountFlags = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;

/// A moment, `seconds` after the case began.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap_or_default()
}

fn account_id(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

fn transfer_id(n: u128) -> TransferId {
    TransferId::from_uuid(Uuid::from_u128(n))
}

fn account(n: u128, flags: AccountFlags) -> NewAccount {
    NewAccount::new(account_id(n), LEDGER, AccountCode::new(1)).with_flags(flags)
}

/// The transfer `n` of `amount` from account `from` to account `to`.
fn transfer(n: u128, from: u128, to: u128, amount: u128) -> NewTransfer {
    let (from, to) = (account_id(from), account_id(to));
    NewTransfer::new(transfer_id(n), from, to, LEDGER, amount, CODE)
}

fn post(n: u128, pending: u128, amount: u128) -> NewTransfer {
    NewTransfer::post(transfer_id(n), transfer_id(pending), amount)
}

fn void(n: u128, pending: u128) -> NewTransfer {
    NewTransfer::void(transfer_id(n), transfer_id(pending))
}

/// A ledger with the accounts 1, 2, … of these flags.
async fn open(harness: &dyn Harness<dyn Ledger>, flags: &[AccountFlags]) -> Arc<dyn Ledger> {
    let ledger = harness.open().await;
    let accounts: Vec<_> = (1..)
        .zip(flags)
        .map(|(n, flags)| account(n, *flags))
        .collect();
    let opened = ledger.create_accounts(&accounts, at(0)).await.unwrap();
    assert_eq!(opened, vec![CreateAccountStatus::Created; flags.len()]);
    ledger
}

/// Expects `answers` to be `statuses`.
#[track_caller]
fn answered(
    answers: crate::Result<Vec<CreateTransferStatus>>,
    statuses: &[CreateTransferStatus],
    promise: &str,
) {
    assert_eq!(answers.unwrap(), statuses, "{promise}");
}

/// Expects the balances `[debits pending, debits posted, credits pending,
/// credits posted]` of account `n` at `seconds`.
async fn holds(ledger: &dyn Ledger, n: u128, seconds: i64, expected: [u128; 4], promise: &str) {
    let found = ledger.find_account(account_id(n), at(seconds)).await;
    let Balances {
        debits_pending,
        debits_posted,
        credits_pending,
        credits_posted,
    } = found.unwrap().unwrap().balances();
    let actual = [
        debits_pending,
        debits_posted,
        credits_pending,
        credits_posted,
    ];
    assert_eq!(actual, expected, "{promise}");
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = concat!(
            include_str!("ledger.rs"),
            include_str!("ledger/agreement.rs"),
            include_str!("ledger/booking.rs"),
            include_str!("ledger/durability.rs"),
            include_str!("ledger/pending.rs"),
            include_str!("ledger/reading.rs"),
            include_str!("ledger/refusing.rs"),
        );
        let unlisted = solidarity_core::testing::unlisted_cases(source);
        assert_eq!(unlisted, ["agrees_with_memory"]);
    }
}
