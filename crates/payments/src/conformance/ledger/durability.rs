use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;

use solidarity_core::testing::{Harness, block_on};

use super::{
    NO_FLAGS, NO_OVERDRAFT, account_id, answered, at, holds, open, post, transfer, transfer_id,
    void,
};
use crate::CreateTransferStatus::{
    self as Status, Created, ExceedsCredits, Exists, IdAlreadyFailed, PendingTransferAlreadyPosted,
    PendingTransferAlreadyVoided, PendingTransferExpired,
};
use crate::{AccountFlags, Ledger, LedgerExt, TransferFlags};

/// After a crash everything that was answered is as it was: balances, ids,
/// burnt ones too, what is pending, settled, expired or closed, and time.
pub async fn what_was_answered_survives_a_crash(harness: &dyn Harness<dyn Ledger>) {
    let flags = [NO_FLAGS, NO_OVERDRAFT, AccountFlags::HISTORY];
    let ledger = open(harness, &flags).await;
    let batch = [
        transfer(1, 1, 2, 10),
        transfer(2, 2, 3, 11),
        transfer(3, 2, 3, 1).as_pending(0),
        transfer(4, 2, 3, 2).as_pending(0),
        transfer(5, 2, 3, 3).as_pending(60),
        post(6, 3, 1),
        void(7, 4),
        transfer(8, 1, 3, 0)
            .as_pending(0)
            .with_flags(TransferFlags::CLOSING_DEBIT),
    ];
    let statuses = [
        Created,
        ExceedsCredits,
        Created,
        Created,
        Created,
        Created,
        Created,
        Created,
    ];
    let booked = ledger.create_transfers(&batch, at(10)).await;
    answered(booked, &statuses, "before the crash");
    let everything = async |ledger: &dyn Ledger| {
        let ids = [1, 2, 3].map(account_id);
        let accounts = ledger.accounts(&ids, at(10)).await.unwrap();
        let ids = [1, 2, 3, 4, 5, 6, 7, 8].map(transfer_id);
        (accounts, ledger.transfers(&ids).await.unwrap())
    };
    let before = everything(&*ledger).await;

    let ledger = harness.reopen(ledger).await;
    assert_eq!(everything(&*ledger).await, before, "a batch was lost");
    let batch = [
        transfer(1, 1, 2, 10),
        transfer(2, 2, 3, 1),
        post(9, 3, 1),
        post(10, 4, 1),
        transfer(11, 1, 2, 1),
    ];
    answered(
        ledger.create_transfers(&batch, at(0)).await,
        &[
            Exists,
            IdAlreadyFailed,
            PendingTransferAlreadyPosted,
            PendingTransferAlreadyVoided,
            Status::DebitAccountAlreadyClosed,
        ],
        "after the crash",
    );
    let late = ledger.create_transfers(&[post(12, 5, 3)], at(70)).await;
    answered(late, &[PendingTransferExpired], "after the timeout");

    let ledger = harness.reopen(ledger).await;
    holds(&*ledger, 2, 0, [0, 1, 0, 10], "what expired stays expired").await;
    let batch = [post(13, 5, 3), transfer(11, 1, 2, 1), transfer(12, 2, 3, 9)];
    answered(
        ledger.create_transfers(&batch, at(0)).await,
        &[PendingTransferExpired, IdAlreadyFailed, Created],
        "after a second crash",
    );
}

/// Of many who send one transfer at once, one books it and the others are
/// told that it exists.
pub async fn a_retried_transfer_is_booked_once(harness: &dyn Harness<dyn Ledger>) {
    const KEYS: u128 = 20;
    const CALLERS: usize = 4;
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let ledger = Arc::clone(&ledger);
            thread::spawn(move || {
                (1..=KEYS)
                    .map(|n| {
                        let paid = [transfer(n, 1, 2, n)];
                        block_on(ledger.create_transfers(&paid, at(1))).unwrap()
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let answers: Vec<_> = callers
        .into_iter()
        .map(|caller| caller.join().unwrap())
        .collect();
    for key in 0..usize::try_from(KEYS).unwrap() {
        let of_key: Vec<_> = answers
            .iter()
            .filter_map(|answers| answers.get(key)?.first().copied())
            .collect();
        let created = of_key.iter().filter(|status| **status == Created).count();
        let exists = of_key.iter().filter(|status| **status == Exists).count();
        assert_eq!((created, exists), (1, CALLERS - 1), "one effect a key");
    }
    let sum = KEYS * (KEYS + 1) / 2;
    holds(&*ledger, 2, 1, [0, 0, 0, sum], "each once").await;
}

/// A call that is dropped, however far it has come, leaves all of its batch or
/// nothing, and nobody else in the way.
pub async fn a_dropped_call_is_whole_or_nothing(harness: &dyn Harness<dyn Ledger>) {
    const CALLS: u128 = 6;
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    for polls in 0..CALLS {
        let batch = [1, 2, 3].map(|n| transfer(polls * 3 + n, 1, 2, 5));
        let mut call = ledger.create_transfers(&batch, at(1));
        let mut context = Context::from_waker(Waker::noop());
        // What is ready is not polled again.
        let _ready = (0..polls).any(|_| call.as_mut().poll(&mut context).is_ready());
        drop(call);
        let again = ledger.create_transfers(&batch, at(1)).await.unwrap();
        assert!(
            [[Created; 3], [Exists; 3]]
                .iter()
                .any(|whole| again == *whole),
            "a dropped call left half a batch: {again:?}"
        );
    }
    holds(&*ledger, 2, 1, [0, 0, 0, CALLS * 15], "each once").await;
}

/// However many spend from one account at once, no more is spent than it has.
pub async fn spenders_together_never_overdraw(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS, NO_OVERDRAFT]).await;
    let given = ledger
        .create_transfers(&[transfer(1, 1, 2, 30)], at(1))
        .await;
    answered(given, &[Created], "what there is to spend");
    let spenders: Vec<_> = (1..=4)
        .map(|spender: u128| {
            let ledger = Arc::clone(&ledger);
            thread::spawn(move || {
                let spend = |n: u128| {
                    let new = transfer(spender * 1_000 + n, 2, 1, 1);
                    block_on(ledger.create_transfers(&[new], at(2))).unwrap()
                };
                (0..10)
                    .flat_map(spend)
                    .filter(|status| *status == Created)
                    .count()
            })
        })
        .collect();
    let spent: usize = spenders
        .into_iter()
        .map(|spender| spender.join().unwrap())
        .sum();
    assert_eq!(spent, 30, "what was answered is what there was");
    holds(&*ledger, 2, 2, [0, 30, 0, 30], "nothing is overdrawn").await;
}

/// A read beside a write sees all of a batch or nothing.
pub async fn a_reader_never_sees_half_a_batch(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 3]).await;
    let writer = {
        let ledger = Arc::clone(&ledger);
        thread::spawn(move || {
            for n in 0..30 {
                // Goes round: after the batch every account gave what it got.
                let round = [(1, 2), (2, 3), (3, 1)];
                let batch: Vec<_> = (1..)
                    .zip(round)
                    .map(|(leg, (from, to))| transfer(n * 3 + leg, from, to, 5))
                    .collect();
                block_on(ledger.create_transfers(&batch, at(1))).unwrap();
            }
        })
    };
    let mut done = false;
    while !done {
        done = writer.is_finished();
        let ids = [1, 2, 3].map(account_id);
        let accounts = ledger.accounts(&ids, at(1)).await.unwrap();
        let sums: Vec<_> = accounts
            .iter()
            .flatten()
            .map(|account| account.balances().debits_posted)
            .collect();
        let first = sums.first().copied();
        assert!(
            sums.iter().all(|sum| Some(*sum) == first) && sums.len() == 3,
            "a reader saw half a batch: {sums:?}"
        );
    }
    writer.join().unwrap();
    let found = ledger.find_account(account_id(1), at(1)).await;
    assert_eq!(found.unwrap().unwrap().balances().debits_posted, 150);
}
