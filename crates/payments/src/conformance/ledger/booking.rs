use solidarity_core::testing::Harness;

use super::{
    LEDGER, NO_FLAGS, NO_OVERDRAFT, account, account_id, answered, at, holds, open, post, transfer,
    transfer_id, void,
};
use crate::CreateTransferStatus::{
    self as Status, Created, CreditAccountAlreadyClosed, CreditAccountNotFound,
    DebitAccountAlreadyClosed, DebitAccountNotFound, ExceedsCredits, ExceedsDebits, Exists,
    IdAlreadyFailed, LinkedEventChainOpen, LinkedEventFailed,
};
use crate::{
    AMOUNT_MAX, AccountCode, AccountFlags, CreateAccountStatus, Ledger, LedgerExt, LedgerNumber,
    TransferCode, TransferFlags,
};

/// What one account gives the other has, and both say so.
pub async fn money_moves_between_two_accounts(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 3]).await;
    let batch = [transfer(1, 1, 2, 10), transfer(2, 2, 3, 4)];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[Created; 2],
        "two transfers",
    );
    holds(&*ledger, 1, 1, [0, 10, 0, 0], "the first gave 10").await;
    holds(&*ledger, 2, 1, [0, 4, 0, 10], "the second got 10, gave 4").await;
    holds(&*ledger, 3, 1, [0, 0, 0, 4], "the third got 4").await;
    let booked = ledger.find_transfer(transfer_id(2)).await.unwrap().unwrap();
    assert_eq!(booked.body(), &transfer(2, 2, 3, 4));
    assert_eq!(booked.timestamp().to_datetime(), at(1));
}

/// Nothing and everything are amounts; a sum beyond 128 bits is refused.
pub async fn zero_and_the_largest_amount_move(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let batch = [
        transfer(1, 1, 2, 0),
        transfer(2, 1, 2, AMOUNT_MAX),
        transfer(3, 1, 2, 1),
        transfer(4, 1, 2, 1).as_pending(0),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            Created,
            Created,
            Status::OverflowsDebitsPosted,
            Status::OverflowsDebitsPosted,
        ],
        "sums end at 128 bits",
    );
    holds(&*ledger, 2, 1, [0, 0, 0, AMOUNT_MAX], "all of it").await;
}

/// The same account again exists; another one under its id is told which
/// field differs, first by order, and changes nothing.
pub async fn accounts_are_opened_once(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_OVERDRAFT]).await;
    let body = account(1, NO_OVERDRAFT);
    let mut unlimited = account(1, NO_FLAGS);
    unlimited.user_data_128 = 1;
    let mut marked = body;
    (marked.user_data_128, marked.user_data_64) = (1, 1);
    let mut second_mark = body;
    (second_mark.user_data_64, second_mark.user_data_32) = (1, 1);
    let mut third_mark = body;
    (third_mark.user_data_32, third_mark.ledger) = (1, LedgerNumber::new(800));
    let mut foreign = body;
    (foreign.ledger, foreign.code) = (LedgerNumber::new(800), AccountCode::new(2));
    let mut coded = body;
    coded.code = AccountCode::new(2);
    let batch = [
        body,
        unlimited,
        marked,
        second_mark,
        third_mark,
        foreign,
        coded,
    ];
    let answers = ledger.create_accounts(&batch, at(1)).await.unwrap();
    assert_eq!(
        answers,
        [
            CreateAccountStatus::Exists,
            CreateAccountStatus::ExistsWithDifferentFlags,
            CreateAccountStatus::ExistsWithDifferentUserData128,
            CreateAccountStatus::ExistsWithDifferentUserData64,
            CreateAccountStatus::ExistsWithDifferentUserData32,
            CreateAccountStatus::ExistsWithDifferentLedger,
            CreateAccountStatus::ExistsWithDifferentCode,
        ]
    );
    let kept = ledger
        .find_account(account_id(1), at(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (kept.body(), kept.timestamp().to_datetime()),
        (&body, at(0))
    );
}

/// The same transfer again, in the same batch or later, is booked once.
pub async fn a_transfer_again_books_nothing(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let paid = transfer(1, 1, 2, 10);
    let first = ledger.create_transfers(&[paid, paid], at(1)).await;
    answered(first, &[Created, Exists], "twice in one batch");
    let again = ledger.create_transfers(&[paid], at(2)).await;
    answered(again, &[Exists], "again in another batch");
    holds(&*ledger, 2, 2, [0, 0, 0, 10], "a repeat moved money").await;
}

/// Another transfer under a taken id is told which field differs, first by
/// order, and changes nothing.
pub async fn another_transfer_under_an_id_is_refused(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 3]).await;
    let paid = transfer(1, 1, 2, 10).as_pending(60);
    let first = ledger.create_transfers(&[paid], at(1)).await;
    answered(first, &[Created], "the first of its id");
    let mut others = [(paid, Created); 8];
    for (n, (other, status)) in others.iter_mut().enumerate() {
        // Each differs in one more field than the next, so that the order shows.
        let differs = |field| n <= field;
        if differs(0) {
            (other.flags, *status) = (TransferFlags::NONE, Status::ExistsWithDifferentFlags);
        } else if differs(1) {
            other.timeout_seconds = 61;
            *status = Status::ExistsWithDifferentTimeout;
        } else if differs(2) {
            other.debit_account = account_id(3);
            *status = Status::ExistsWithDifferentDebitAccountId;
        } else if differs(3) {
            other.credit_account = account_id(3);
            *status = Status::ExistsWithDifferentCreditAccountId;
        } else if differs(4) {
            *status = Status::ExistsWithDifferentAmount;
        } else if differs(5) {
            *status = Status::ExistsWithDifferentUserData128;
        } else if differs(6) {
            *status = Status::ExistsWithDifferentLedger;
        } else {
            *status = Status::ExistsWithDifferentCode;
        }
        other.amount = if differs(4) { 11 } else { 10 };
        other.user_data_128 = u128::from(differs(5));
        other.ledger = LedgerNumber::new(if differs(6) { 800 } else { LEDGER.get() });
        other.code = TransferCode::new(2);
    }
    let (batch, statuses): (Vec<_>, Vec<_>) = others.into_iter().unzip();
    let answers = ledger.create_transfers(&batch, at(2)).await;
    answered(answers, &statuses, "the first field that differs");
    holds(
        &*ledger,
        2,
        2,
        [0, 0, 10, 0],
        "a refused transfer moved money",
    )
    .await;
    let kept = ledger.find_transfer(transfer_id(1)).await.unwrap().unwrap();
    assert_eq!(kept.body(), &paid);
}

/// What was refused for a passing reason stays refused under its id, also
/// once the reason has passed; what was refused for what it says does not.
pub async fn a_transient_failure_burns_the_id(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_OVERDRAFT, NO_FLAGS]).await;
    let batch = [
        transfer(1, 1, 2, 10),
        transfer(2, 1, 9, 0),
        transfer(3, 9, 2, 0),
        post(4, 99, 1),
        transfer(5, 1, 1, 10),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            ExceedsCredits,
            CreditAccountNotFound,
            DebitAccountNotFound,
            Status::PendingTransferNotFound,
            Status::AccountsMustBeDifferent,
        ],
        "each for its own reason",
    );
    let opened = ledger.create_accounts(&[account(9, NO_FLAGS)], at(2)).await;
    assert_eq!(opened.unwrap(), [CreateAccountStatus::Created]);
    let batch = [
        transfer(6, 2, 1, 100),
        transfer(1, 1, 2, 10),
        transfer(2, 1, 9, 0),
        transfer(3, 9, 2, 0),
        transfer(4, 1, 2, 1),
        transfer(5, 1, 2, 10),
    ];
    answered(
        ledger.create_transfers(&batch, at(3)).await,
        &[
            Created,
            IdAlreadyFailed,
            IdAlreadyFailed,
            IdAlreadyFailed,
            IdAlreadyFailed,
            Created,
        ],
        "a burnt id was forgotten",
    );
    holds(&*ledger, 1, 3, [0, 10, 0, 100], "only what was created").await;
    assert_eq!(ledger.find_transfer(transfer_id(1)).await.unwrap(), None);
}

/// An account with a limit gives and takes up to it, and not one unit more.
pub async fn a_limit_is_never_passed(harness: &dyn Harness<dyn Ledger>) {
    let no_surplus = AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS;
    let ledger = open(harness, &[NO_OVERDRAFT, NO_FLAGS, no_surplus]).await;
    let batch = [
        transfer(1, 2, 1, 10),
        transfer(2, 1, 2, 11),
        transfer(3, 1, 2, 10),
        transfer(4, 1, 2, 1),
        transfer(5, 3, 2, 7),
        transfer(6, 2, 3, 8),
        transfer(7, 2, 3, 7),
        transfer(8, 2, 3, 1),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            Created,
            ExceedsCredits,
            Created,
            ExceedsCredits,
            Created,
            ExceedsDebits,
            Created,
            ExceedsDebits,
        ],
        "a limit was ignored",
    );
    holds(&*ledger, 1, 1, [0, 10, 0, 10], "to its limit").await;
    holds(&*ledger, 3, 1, [0, 7, 0, 7], "to its limit").await;
}

/// A balancing transfer moves what the accounts let through; again, it exists
/// if as much was asked for.
pub async fn balancing_takes_what_is_left(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_OVERDRAFT, NO_FLAGS]).await;
    let most = transfer(2, 1, 2, AMOUNT_MAX).with_flags(TransferFlags::BALANCING_DEBIT);
    let mut same = most;
    same.amount = 10;
    let mut less = most;
    less.amount = 9;
    let mut nothing_left = most;
    nothing_left.id = transfer_id(3);
    let batch = [transfer(1, 2, 1, 10), most, same, less, nothing_left];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            Created,
            Created,
            Exists,
            Status::ExistsWithDifferentAmount,
            Created,
        ],
        "what is left",
    );
    let moved = ledger.find_transfer(transfer_id(2)).await.unwrap().unwrap();
    assert_eq!(moved.body().amount, 10);
    holds(&*ledger, 1, 1, [0, 10, 0, 10], "emptied").await;
}

/// A closed account takes nothing but the end of what is pending; voiding
/// what closed it opens it again.
pub async fn a_closed_account_takes_nothing(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let closing = transfer(2, 1, 2, 0)
        .as_pending(0)
        .with_flags(TransferFlags::CLOSING_DEBIT);
    let mut not_pending = closing;
    (not_pending.id, not_pending.flags) = (transfer_id(9), TransferFlags::CLOSING_DEBIT);
    let batch = [
        transfer(1, 1, 2, 5).as_pending(0),
        not_pending,
        closing,
        transfer(3, 1, 2, 1),
        transfer(4, 2, 1, 1),
        post(5, 1, AMOUNT_MAX),
        void(6, 1),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            Created,
            Status::ClosingTransferMustBePending,
            Created,
            DebitAccountAlreadyClosed,
            CreditAccountAlreadyClosed,
            DebitAccountAlreadyClosed,
            Created,
        ],
        "a closed account moved",
    );
    let closed = ledger
        .find_account(account_id(1), at(1))
        .await
        .unwrap()
        .unwrap();
    assert!(closed.is_closed());
    let batch = [void(7, 2), transfer(3, 1, 2, 1), transfer(8, 1, 2, 1)];
    answered(
        ledger.create_transfers(&batch, at(2)).await,
        &[Created, IdAlreadyFailed, Created],
        "open again",
    );
    holds(&*ledger, 1, 2, [0, 1, 0, 0], "what was booked after").await;
}

/// Linked events that all succeed are all booked.
pub async fn a_chain_that_holds_is_booked_whole(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS, NO_OVERDRAFT]).await;
    let batch = [
        transfer(1, 1, 2, 10).as_linked(),
        transfer(2, 2, 1, 10).as_pending(0).as_linked(),
        post(3, 2, 4),
        transfer(4, 2, 1, 6),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[Created; 4],
        "each sees what came before it",
    );
    holds(&*ledger, 2, 1, [0, 10, 0, 10], "all of the chain").await;
}

/// Where one of a chain fails, it says why, the others that it failed, and
/// nothing of it is booked; the chain after it is its own.
pub async fn a_broken_chain_books_nothing(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS, NO_OVERDRAFT]).await;
    let pending = transfer(1, 1, 2, 5).as_pending(0);
    let first = ledger.create_transfers(&[pending], at(1)).await;
    answered(first, &[Created], "a reservation");
    let batch = [
        transfer(2, 1, 2, 10).as_linked(),
        post(3, 1, AMOUNT_MAX).as_linked(),
        transfer(4, 2, 1, 16).as_linked(),
        transfer(5, 1, 2, 1),
        transfer(6, 1, 2, 7).as_linked(),
        transfer(7, 2, 1, 7),
        transfer(8, 1, 2, 1).as_linked(),
        transfer(9, 1, 2, 1).as_linked(),
    ];
    answered(
        ledger.create_transfers(&batch, at(2)).await,
        &[
            LinkedEventFailed,
            LinkedEventFailed,
            ExceedsCredits,
            LinkedEventFailed,
            Created,
            Created,
            LinkedEventFailed,
            LinkedEventChainOpen,
        ],
        "a chain is whole or nothing",
    );
    holds(&*ledger, 2, 2, [0, 7, 5, 7], "half a chain was booked").await;
    let batch = [
        transfer(2, 1, 2, 1),
        transfer(4, 2, 1, 0),
        post(3, 1, AMOUNT_MAX),
    ];
    answered(
        ledger.create_transfers(&batch, at(3)).await,
        &[Created, IdAlreadyFailed, Created],
        "only what failed of itself is burnt; what it settled is pending again",
    );

    let linked = |n| account(n, AccountFlags::LINKED);
    let mut bad = account(12, NO_FLAGS);
    bad.code = AccountCode::new(0);
    let accounts = [
        linked(10),
        linked(11),
        bad,
        account(11, NO_FLAGS),
        linked(13),
    ];
    let answers = ledger.create_accounts(&accounts, at(4)).await.unwrap();
    assert_eq!(
        answers,
        [
            CreateAccountStatus::LinkedEventFailed,
            CreateAccountStatus::LinkedEventFailed,
            CreateAccountStatus::CodeMustNotBeZero,
            CreateAccountStatus::Created,
            CreateAccountStatus::LinkedEventChainOpen,
        ]
    );
    let found = ledger
        .accounts(&[10, 11, 12, 13].map(account_id), at(4))
        .await
        .unwrap();
    let there: Vec<bool> = found.iter().map(Option::is_some).collect();
    assert_eq!(
        there,
        [false, true, false, false],
        "half a chain was opened"
    );
}
