use solidarity_core::testing::Harness;

use super::{
    NO_FLAGS, NO_OVERDRAFT, account, account_id, answered, at, holds, open, post, transfer,
    transfer_id,
};
use crate::CreateTransferStatus::{self as Status, Created};
use crate::{
    AccountCode, AccountFlags, CreateAccountStatus, Error, LEDGER_BATCH_MAX, Ledger, LedgerExt,
    LedgerNumber, NewAccount, NewTransfer, Timestamp, TransferCode, TransferFlags,
};

/// The largest batch is booked whole; one more is refused whole.
pub async fn a_batch_over_the_limit_books_nothing(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let batch = |from: u128, count: usize| -> Vec<NewTransfer> {
        (from..).take(count).map(|n| transfer(n, 1, 2, 1)).collect()
    };
    let over = ledger
        .create_transfers(&batch(1, LEDGER_BATCH_MAX + 1), at(1))
        .await;
    assert!(matches!(over, Err(Error::Invalid(_))), "{over:?}");
    holds(&*ledger, 2, 1, [0; 4], "a refused batch moved money").await;
    let (mut from, mut sum) = (1, 0);
    for count in [LEDGER_BATCH_MAX - 1, LEDGER_BATCH_MAX] {
        let statuses = ledger.create_transfers(&batch(from, count), at(1)).await;
        answered(statuses, &vec![Created; count], "up to the limit");
        from += count as u128;
        sum += count as u128;
        holds(&*ledger, 2, 1, [0, 0, 0, sum], "all of it").await;
    }
    let accounts = vec![account(1, NO_FLAGS); LEDGER_BATCH_MAX + 1];
    let ids = vec![account_id(1); LEDGER_BATCH_MAX + 1];
    let transfers = vec![transfer_id(1); LEDGER_BATCH_MAX + 1];
    assert!(ledger.create_accounts(&accounts, at(1)).await.is_err());
    assert!(ledger.accounts(&ids, at(1)).await.is_err());
    assert!(ledger.transfers(&transfers).await.is_err());
    answered(
        ledger.create_transfers(&[], at(1)).await,
        &[],
        "nothing asked, nothing answered",
    );
}

/// What breaks a rule is told which, and changes nothing.
pub async fn what_is_malformed_is_named(harness: &dyn Harness<dyn Ledger>) {
    let ledger = open(harness, &[NO_FLAGS; 2]).await;
    let foreign = NewAccount::new(account_id(3), LedgerNumber::new(800), AccountCode::new(1));
    let opened = ledger.create_accounts(&[foreign], at(1)).await.unwrap();
    assert_eq!(opened, [CreateAccountStatus::Created]);

    let good = transfer(1, 1, 2, 1);
    let with = |change: &dyn Fn(&mut NewTransfer)| {
        let mut bad = good;
        change(&mut bad);
        bad
    };
    let cases = [
        (
            with(&|t| t.timestamp = Timestamp::from_nanos(1)),
            Status::TimestampMustBeZero,
        ),
        (
            with(&|t| t.flags = TransferFlags::from_bits(1 << 15)),
            Status::ReservedFlag,
        ),
        (with(&|t| t.id = transfer_id(0)), Status::IdMustNotBeZero),
        (
            with(&|t| t.id = transfer_id(u128::MAX)),
            Status::IdMustNotBeIntMax,
        ),
        (
            with(&|t| t.debit_account = account_id(0)),
            Status::DebitAccountIdMustNotBeZero,
        ),
        (
            with(&|t| t.credit_account = account_id(u128::MAX)),
            Status::CreditAccountIdMustNotBeIntMax,
        ),
        (
            with(&|t| t.credit_account = account_id(1)),
            Status::AccountsMustBeDifferent,
        ),
        (
            with(&|t| t.pending_id = Some(transfer_id(7))),
            Status::PendingIdMustBeZero,
        ),
        (
            with(&|t| t.timeout_seconds = 1),
            Status::TimeoutReservedForPendingTransfer,
        ),
        (
            with(&|t| t.ledger = LedgerNumber::new(0)),
            Status::LedgerMustNotBeZero,
        ),
        (
            with(&|t| t.code = TransferCode::new(0)),
            Status::CodeMustNotBeZero,
        ),
        (
            with(&|t| t.credit_account = account_id(3)),
            Status::AccountsMustHaveTheSameLedger,
        ),
        (
            with(&|t| t.ledger = LedgerNumber::new(800)),
            Status::TransferMustHaveTheSameLedgerAsAccounts,
        ),
        (
            with(&|t| t.flags = TransferFlags::PENDING | TransferFlags::POST_PENDING),
            Status::FlagsAreMutuallyExclusive,
        ),
        (
            with(&|t| t.flags = TransferFlags::VOID_PENDING),
            Status::PendingIdMustNotBeZero,
        ),
        (post(1, 1, 1), Status::PendingIdMustBeDifferent),
    ];
    let (batch, statuses): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let answers = ledger.create_transfers(&batch, at(2)).await;
    answered(answers, &statuses, "which rule is broken");
    holds(&*ledger, 1, 2, [0; 4], "what was refused moved money").await;
    let answers = ledger.create_transfers(&[good], at(2)).await;
    answered(answers, &[Created], "a broken rule burns no id");

    let both = NO_OVERDRAFT | AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS;
    let mut ledgerless = account(8, NO_FLAGS);
    ledgerless.ledger = LedgerNumber::new(0);
    let accounts = [
        account(0, NO_FLAGS),
        account(u128::MAX, NO_FLAGS),
        account(8, both),
        account(8, AccountFlags::from_bits(1 << 9)),
        ledgerless,
    ];
    let answers = ledger.create_accounts(&accounts, at(2)).await.unwrap();
    assert_eq!(
        answers,
        [
            CreateAccountStatus::IdMustNotBeZero,
            CreateAccountStatus::IdMustNotBeIntMax,
            CreateAccountStatus::FlagsAreMutuallyExclusive,
            CreateAccountStatus::ReservedFlag,
            CreateAccountStatus::LedgerMustNotBeZero,
        ]
    );
}

/// What comes from another system keeps the time that it had there, in order.
pub async fn imported_events_keep_their_times(harness: &dyn Harness<dyn Ledger>) {
    let ledger = harness.open().await;
    let old = |n, nanos| {
        let mut account = account(n, AccountFlags::IMPORTED);
        account.timestamp = Timestamp::from_nanos(nanos);
        account
    };
    let accounts = [old(1, 10), old(2, 10), old(2, 20), account(3, NO_FLAGS)];
    let answers = ledger.create_accounts(&accounts, at(0)).await.unwrap();
    assert_eq!(
        answers,
        [
            CreateAccountStatus::Created,
            CreateAccountStatus::ImportedEventTimestampMustNotRegress,
            CreateAccountStatus::Created,
            CreateAccountStatus::ImportedEventExpected,
        ]
    );
    let old = |n, nanos| {
        let mut transfer = transfer(n, 1, 2, 5).with_flags(TransferFlags::IMPORTED);
        transfer.timestamp = Timestamp::from_nanos(nanos);
        transfer
    };
    let future = Timestamp::try_from(at(1)).unwrap().nanos();
    let batch = [
        old(1, 10),
        old(1, 15),
        old(1, 20),
        old(1, 30),
        old(2, 30),
        old(2, 0),
        old(2, future),
        old(2, 40),
    ];
    answered(
        ledger.create_transfers(&batch, at(0)).await,
        &[
            Status::ImportedEventTimestampMustNotRegress,
            Status::ImportedEventTimestampMustPostdateCreditAccount,
            Status::ImportedEventTimestampMustNotRegress,
            Created,
            Status::ImportedEventTimestampMustNotRegress,
            Status::ImportedEventTimestampOutOfRange,
            Status::ImportedEventTimestampMustNotAdvance,
            Created,
        ],
        "imported times ascend",
    );
    let booked = ledger.find_transfer(transfer_id(1)).await.unwrap().unwrap();
    assert_eq!(booked.timestamp(), Timestamp::from_nanos(30));
    let mut now = account(4, NO_FLAGS);
    now.timestamp = Timestamp::ZERO;
    let answers = ledger.create_accounts(&[now], at(0)).await.unwrap();
    assert_eq!(answers, [CreateAccountStatus::Created]);
}
