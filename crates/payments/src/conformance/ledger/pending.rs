use solidarity_core::testing::Harness;

use super::{
    NO_FLAGS, NO_OVERDRAFT, account_id, answered, at, holds, open, post, transfer, transfer_id,
    void,
};
use crate::CreateTransferStatus::{
    self as Status, Created, ExceedsCredits, Exists, PendingTransferAlreadyPosted,
    PendingTransferAlreadyVoided, PendingTransferExpired,
};
use crate::{AMOUNT_MAX, Ledger, LedgerExt, LedgerNumber, Timestamp, TransferCode, TransferFlags};

/// What is pending is posted or voided, once; a repeat of what settled it is
/// the same.
pub async fn a_pending_transfer_is_settled_once(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let batch = [
        transfer(1, 1, 2, 10).as_pending(0),
        transfer(2, 1, 2, 20).as_pending(0),
    ];
    let first = ledger.create_transfers(&batch, at(1)).await;
    answered(first, &[Created; 2], "two reservations");
    holds(&*ledger, 1, 1, [30, 0, 0, 0], "reserved, not taken").await;
    let batch = [
        post(3, 1, AMOUNT_MAX),
        post(3, 1, AMOUNT_MAX),
        post(4, 1, AMOUNT_MAX),
        void(5, 1),
        void(6, 2),
        post(7, 2, 20),
    ];
    answered(
        ledger.create_transfers(&batch, at(2)).await,
        &[
            Created,
            Exists,
            PendingTransferAlreadyPosted,
            PendingTransferAlreadyPosted,
            Created,
            PendingTransferAlreadyVoided,
        ],
        "a reservation was settled twice",
    );
    let later = [post(8, 1, 1), void(9, 2), post(10, 3, 1)];
    answered(
        ledger.create_transfers(&later, at(3)).await,
        &[
            PendingTransferAlreadyPosted,
            PendingTransferAlreadyVoided,
            Status::PendingTransferNotPending,
        ],
        "a reservation was settled twice",
    );
    holds(&*ledger, 1, 3, [0, 10, 0, 0], "posted once").await;
    holds(&*ledger, 2, 3, [0, 0, 0, 10], "posted once").await;
}

/// Less than what is pending is posted, and the rest given back; more is not
/// posted; nothing is posted too.
pub async fn a_part_is_posted_and_the_rest_released(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let batch = [
        transfer(1, 1, 2, 10).as_pending(0),
        transfer(2, 1, 2, 10).as_pending(0),
        post(3, 1, 11),
        post(4, 1, 4),
        post(4, 1, 5),
        post(4, 1, AMOUNT_MAX),
        post(5, 2, 0),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            Created,
            Created,
            Status::ExceedsPendingTransferAmount,
            Created,
            Status::ExistsWithDifferentAmount,
            Status::ExistsWithDifferentAmount,
            Created,
        ],
        "a part",
    );
    holds(&*ledger, 1, 1, [0, 4, 0, 0], "the rest is released").await;
}

/// A void gives back all of it, and only all of it.
pub async fn a_void_releases_everything(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let part = |n, amount| {
        let mut void = void(n, 1);
        void.amount = amount;
        void
    };
    let batch = [
        transfer(1, 1, 2, 10).as_pending(0),
        part(2, 9),
        part(3, 11),
        part(4, 10),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            Created,
            Status::PendingTransferHasDifferentAmount,
            Status::ExceedsPendingTransferAmount,
            Created,
        ],
        "all of it",
    );
    holds(&*ledger, 1, 1, [0; 4], "nothing is reserved").await;
    holds(&*ledger, 2, 1, [0; 4], "nothing is reserved").await;
}

/// A post may say again what was reserved, not something else; what it leaves
/// open is as reserved.
pub async fn a_post_says_nothing_else(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 3]).await;
    let pending = transfer(1, 1, 2, 10).as_pending(0).with_user_data_128(7);
    let (mut debit, mut credit) = (post(2, 1, 10), post(2, 1, 10));
    debit.debit_account = account_id(3);
    credit.credit_account = account_id(3);
    let (mut ledger_number, mut code) = (post(2, 1, 10), post(2, 1, 10));
    ledger_number.ledger = LedgerNumber::new(800);
    code.code = TransferCode::new(2);
    let mut said = post(2, 1, 10);
    (said.debit_account, said.credit_account) = (account_id(1), account_id(2));
    (said.ledger, said.code) = (pending.ledger, pending.code);
    let batch = [
        pending,
        debit,
        credit,
        ledger_number,
        code,
        said,
        post(2, 1, 10),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            Created,
            Status::PendingTransferHasDifferentDebitAccountId,
            Status::PendingTransferHasDifferentCreditAccountId,
            Status::PendingTransferHasDifferentLedger,
            Status::PendingTransferHasDifferentCode,
            Created,
            Exists,
        ],
        "what was reserved",
    );
    let booked = ledger.find_transfer(transfer_id(2)).await.unwrap().unwrap();
    let body = booked.body();
    assert_eq!((body.user_data_128, body.amount), (7, 10));
    assert_eq!(body.pending_id, Some(transfer_id(1)));
    assert_eq!(body.flags, TransferFlags::POST_PENDING);
}

/// What is reserved cannot be spent; what is released can.
pub async fn a_reservation_counts_against_the_limit(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_OVERDRAFT, NO_FLAGS]).await;
    let batch = [
        transfer(1, 2, 1, 10),
        transfer(2, 1, 2, 7).as_pending(0),
        transfer(3, 1, 2, 4),
        transfer(4, 1, 2, 4).as_pending(0),
        transfer(5, 1, 2, 3),
        post(6, 2, 5),
        transfer(7, 1, 2, 2),
    ];
    answered(
        ledger.create_transfers(&batch, at(1)).await,
        &[
            Created,
            Created,
            ExceedsCredits,
            ExceedsCredits,
            Created,
            Created,
            Created,
        ],
        "a limit was ignored",
    );
    holds(&*ledger, 1, 1, [0, 10, 0, 10], "to the limit").await;
    let incoming = [transfer(8, 2, 1, 5).as_pending(0), transfer(9, 1, 2, 1)];
    answered(
        ledger.create_transfers(&incoming, at(2)).await,
        &[Created, ExceedsCredits],
        "what is only promised cannot be spent",
    );
}

/// When its timeout is over, a reservation is released: reads say so, limits
/// see it, and it can no longer be settled.
pub async fn a_reservation_expires(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_OVERDRAFT, NO_FLAGS]).await;
    let batch = [
        transfer(1, 2, 1, 10),
        transfer(2, 1, 2, 6).as_pending(59),
        transfer(3, 1, 2, 4)
            .as_pending(89)
            .with_flags(TransferFlags::CLOSING_CREDIT),
    ];
    let first = ledger.create_transfers(&batch, at(1)).await;
    answered(first, &[Created; 3], "two reservations");
    holds(&*ledger, 1, 59, [10, 0, 0, 10], "before the end").await;
    holds(
        &*ledger,
        1,
        60,
        [4, 0, 0, 10],
        "an expired reservation is shown",
    )
    .await;
    holds(
        &*ledger,
        2,
        60,
        [0, 10, 4, 0],
        "an expired reservation is shown",
    )
    .await;
    holds(&*ledger, 1, 59, [10, 0, 0, 10], "a read changes nothing").await;
    let read = ledger.find_account(account_id(2), at(60)).await.unwrap();
    assert!(read.unwrap().is_closed());
    let read = ledger.find_account(account_id(2), at(90)).await.unwrap();
    assert!(!read.unwrap().is_closed(), "what closed it is over");

    let late = [post(4, 2, 6), void(5, 2), transfer(6, 1, 2, 7)];
    answered(
        ledger.create_transfers(&late, at(90)).await,
        &[PendingTransferExpired, PendingTransferExpired, Created],
        "an expired reservation was settled",
    );
    let more = [transfer(7, 1, 2, 4), transfer(8, 1, 2, 3)];
    answered(
        ledger.create_transfers(&more, at(91)).await,
        &[ExceedsCredits, Created],
        "what was released can be spent",
    );
    holds(
        &*ledger,
        1,
        91,
        [0, 10, 0, 10],
        "all spent, nothing reserved",
    )
    .await;
    holds(
        &*ledger,
        2,
        91,
        [0, 10, 0, 10],
        "all spent, nothing reserved",
    )
    .await;

    let near_the_end = Timestamp::from_nanos(Timestamp::MAX.nanos() - 2_000_000_000);
    let pending = |n, seconds| transfer(n, 2, 1, 1).as_pending(seconds);
    let batch = [pending(9, 1), pending(10, 3)];
    answered(
        ledger
            .create_transfers(&batch, near_the_end.to_datetime())
            .await,
        &[Created, Status::OverflowsTimeout],
        "beyond the last moment",
    );
}
