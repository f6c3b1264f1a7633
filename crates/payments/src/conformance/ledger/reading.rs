use solidarity_core::testing::Harness;
use solidarity_core::{Cursor, Page};

use super::{
    NO_FLAGS, account, account_id, answered, at, holds, open, post, transfer, transfer_id,
};
use crate::CreateTransferStatus::Created;
use crate::{
    AccountFilter, AccountFlags, Error, Ledger, LedgerExt, NewTransfer, Side, Timestamp,
    TransferCode, TransferId,
};

/// Look-ups answer item by item, in order; what is not there is `None`.
pub async fn answers_come_in_the_order_asked(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 3]).await;
    let batch = [transfer(7, 1, 2, 7), transfer(5, 2, 3, 5)];
    let booked = ledger.create_transfers(&batch, at(1)).await;
    answered(booked, &[Created; 2], "two transfers");
    let ids = [5, 9, 7, 5].map(transfer_id);
    let found = ledger.transfers(&ids).await.unwrap();
    let amounts: Vec<_> = found
        .iter()
        .map(|found| found.as_ref().map(|transfer| transfer.body().amount))
        .collect();
    assert_eq!(amounts, [Some(5), None, Some(7), Some(5)]);
    let ids = [3, 9, 1, 3].map(account_id);
    let found = ledger.accounts(&ids, at(1)).await.unwrap();
    let given: Vec<_> = found
        .iter()
        .map(|found| {
            found
                .as_ref()
                .map(|account| account.balances().debits_posted)
        })
        .collect();
    assert_eq!(given, [Some(0), None, Some(7), Some(0)]);
}

/// The ids of a statement, page by page; every page but the last is full.
async fn statement(ledger: &dyn Ledger, filter: &AccountFilter) -> Vec<TransferId> {
    let (mut ids, mut page) = (Vec::new(), Page::of(2).unwrap());
    loop {
        let paged = ledger.account_transfers(filter, &page).await.unwrap();
        assert!(
            paged.items().len() <= 2,
            "a page holds more than was asked for"
        );
        ids.extend(paged.items().iter().map(|transfer| transfer.id()));
        match paged.next() {
            Some(cursor) => {
                assert_eq!(paged.items().len(), 2, "a page ends before its list");
                page = page.after(cursor.clone());
            }
            None => return ids,
        }
    }
}

/// A statement has every transfer of its account that passes the filter, once
/// and in order, however it is paged; and none that was refused.
pub async fn a_statement_goes_on_where_it_ended(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 3]).await;
    let mut batch: Vec<NewTransfer> = (1..=3).map(|n| transfer(n, 1, 2, n)).collect();
    batch.push(transfer(4, 2, 3, 4));
    batch.push(transfer(5, 2, 1, 5).with_user_data_128(9));
    batch.push(transfer(6, 1, 9, 6));
    batch.push(transfer(7, 1, 2, 7).as_pending(0));
    ledger.create_transfers(&batch, at(1)).await.unwrap();
    let mut coded = transfer(9, 3, 1, 9);
    coded.code = TransferCode::new(8);
    ledger
        .create_transfers(&[post(8, 7, 7), coded], at(2))
        .await
        .unwrap();

    let all = AccountFilter::new(account_id(1));
    let with = |change: &dyn Fn(&mut AccountFilter)| {
        let mut filter = all.clone();
        change(&mut filter);
        filter
    };
    let second = Timestamp::try_from(at(2)).unwrap().nanos();
    for (filter, expected) in [
        (all.clone(), &[1, 2, 3, 5, 7, 8, 9][..]),
        (with(&|f| f.latest_first = true), &[9, 8, 7, 5, 3, 2, 1]),
        (with(&|f| f.side = Side::Debit), &[1, 2, 3, 7, 8]),
        (with(&|f| f.side = Side::Credit), &[5, 9]),
        (with(&|f| f.user_data_128 = Some(9)), &[5]),
        (with(&|f| f.user_data_64 = Some(9)), &[]),
        (with(&|f| f.user_data_32 = Some(0)), &[1, 2, 3, 5, 7, 8, 9]),
        (with(&|f| f.code = Some(TransferCode::new(8))), &[9]),
        (
            with(&|f| f.from = Some(Timestamp::from_nanos(second - 1))),
            &[8, 9],
        ),
        (
            with(&|f| f.until = Some(Timestamp::from_nanos(second - 1))),
            &[1, 2, 3, 5, 7, 8],
        ),
        (with(&|f| f.account = account_id(9)), &[]),
    ] {
        let expected: Vec<_> = expected.iter().map(|n| transfer_id(*n)).collect();
        assert_eq!(statement(&*ledger, &filter).await, expected, "{filter:?}");
    }

    let stranger = Page::first().after(Cursor::new("not of this list").unwrap());
    let refused = ledger.account_transfers(&all, &stranger).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let refused = ledger.account_balances(&all, &stranger).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
}

/// An account opened with history knows its balances after each transfer, so
/// also as of any time; another one does not.
pub async fn history_is_kept_where_it_is_asked_for(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[AccountFlags::HISTORY, NO_FLAGS]).await;
    let first = [
        transfer(1, 1, 2, 10),
        transfer(2, 2, 1, 3).as_pending(0),
        transfer(3, 1, 2, 1).as_linked(),
        transfer(4, 1, 9, 1),
    ];
    ledger.create_transfers(&first, at(1)).await.unwrap();
    let then = ledger.create_transfers(&[post(5, 2, 2)], at(2)).await;
    answered(then, &[Created], "a post");

    let mut filter = AccountFilter::new(account_id(1));
    let history = ledger.account_balances(&filter, &Page::first()).await;
    let sums: Vec<[u128; 4]> = history
        .unwrap()
        .items()
        .iter()
        .map(|after| {
            let b = after.balances;
            [
                b.debits_pending,
                b.debits_posted,
                b.credits_pending,
                b.credits_posted,
            ]
        })
        .collect();
    assert_eq!(sums, [[0, 10, 0, 0], [0, 10, 3, 0], [0, 10, 0, 2]]);

    filter.until = Some(Timestamp::try_from(at(1)).unwrap());
    filter.latest_first = true;
    let then = ledger
        .account_balances(&filter, &Page::of(1).unwrap())
        .await;
    let then = then.unwrap();
    let sum = then.items().first().unwrap().balances;
    assert_eq!((sum.debits_posted, sum.credits_pending), (10, 3));
    assert!(then.next().is_some());

    for (seconds, posted) in [(0, None), (1, Some(0)), (2, Some(2)), (9, Some(2))] {
        let then = ledger.balances_as_of(account_id(1), at(seconds)).await;
        let then = then.unwrap().map(|after| after.balances.credits_posted);
        assert_eq!(then, posted, "the balance as of {seconds}");
    }

    let without = AccountFilter::new(account_id(2));
    let none = ledger.account_balances(&without, &Page::first()).await;
    assert!(none.unwrap().items().is_empty());
}

/// Timestamps strictly increase, also where the caller's clock goes back or
/// stands still; what expired stays so.
pub async fn the_ledger_s_time_never_goes_back(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let mut last = Timestamp::ZERO;
    let mut ids = 1..;
    for seconds in [100, 100, 50, -1_000, 100, 101] {
        let batch: Vec<NewTransfer> = ids.by_ref().take(3).map(|n| transfer(n, 1, 2, 1)).collect();
        let booked = ledger.create_transfers(&batch, at(seconds)).await;
        answered(booked, &[Created; 3], "at any time");
        for new in &batch {
            let found = ledger.find_transfer(new.id).await.unwrap().unwrap();
            assert!(found.timestamp() > last, "time went back at {seconds}");
            last = found.timestamp();
        }
    }
    let pending = transfer(100, 1, 2, 1).as_pending(10);
    let booked = ledger.create_transfers(&[pending], at(200)).await;
    answered(booked, &[Created], "a reservation");
    let later = ledger
        .create_accounts(&[account(3, NO_FLAGS)], at(210))
        .await
        .unwrap();
    assert!(later.iter().all(|status| status.is_held()));
    holds(
        &*ledger,
        1,
        150,
        [0, 18, 0, 0],
        "expired by the ledger's time",
    )
    .await;

    for never in [
        chrono::DateTime::<chrono::Utc>::MIN_UTC,
        chrono::DateTime::<chrono::Utc>::MAX_UTC,
    ] {
        let refused = ledger
            .create_transfers(&[transfer(101, 1, 2, 1)], never)
            .await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    holds(
        &*ledger,
        1,
        211,
        [0, 18, 0, 0],
        "a refused batch moved money",
    )
    .await;
}
