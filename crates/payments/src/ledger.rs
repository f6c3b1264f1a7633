use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::{Page, Paged};

use crate::Result;

mod account;
mod amount;
mod batching;
mod filter;
mod flags;
mod machine;
mod memory;
#[cfg(test)]
mod model;
mod number;
mod status;
#[cfg(test)]
mod tables;
mod time;
mod transfer;

pub use account::{Account, AccountBalance, AccountFlags, AccountId, Balances, NewAccount};
pub use amount::{AMOUNT_MAX, amount_of, money_of};
pub use batching::Batching;
pub use filter::{AccountFilter, Side};
pub use machine::{Booking, LedgerState, PendingState};
pub use memory::MemoryLedger;
pub use number::{AccountCode, LedgerNumber, TransferCode};
pub use status::{CreateAccountStatus, CreateTransferStatus};
pub use time::Timestamp;
pub use transfer::{NewTransfer, Transfer, TransferFlags, TransferId};

/// The most accounts or transfers in one call: as many as TigerBeetle takes.
pub const LEDGER_BATCH_MAX: usize = 8_189;

/// Accounts, and transfers of money between them: double entry.
///
/// The model is TigerBeetle's (its reference documentation, *Accounts*,
/// *Transfers* and *Requests*), so that a cluster of it can stand behind this
/// trait: every transfer takes one amount from one account and gives it to
/// another of the same ledger; what was booked is never changed, only
/// followed by another transfer.
///
/// # Contract
///
/// An implementation must pass [`conformance`](crate::conformance::ledger). In
/// words:
///
/// - **Balanced.** In each ledger the sum of debits equals the sum of credits,
///   of what is posted and of what is pending, after every call.
/// - **Within limits.** No transfer takes an account past the limit that its
///   flags set.
/// - **Idempotent by id.** The same account or transfer again is answered
///   `exists` and changes nothing; another one under the same id is answered
///   with the first field that differs.
/// - **A transient failure burns the id.** A transfer that was refused for a
///   state of the ledger that may pass (see
///   [`is_transient`](CreateTransferStatus::is_transient)) is refused for ever under that
///   id, so that a lost answer asked for again never pays by accident.
/// - **One status an event, in order**, and `Err` only if nothing was written,
///   unless its `retry()` says `AfterInquiry`. A chain of linked events is
///   booked whole or not at all.
/// - **Reservations end.** A pending transfer is posted or voided once, or
///   expires when its timeout is over; from then on every read and every
///   limit sees its amount released.
/// - **Durable.** What was answered is there after a crash; of a batch whose
///   answer was lost, all is there or nothing.
/// - **Its own clock.** The time of a call is the caller's. Where it goes
///   back, the ledger's own time goes on: timestamps strictly increase.
/// - **Cancellation.** Dropping a returned future leaves the batch either done
///   or not begun.
///
/// # Sharing
///
/// A ledger is shared as `Arc<dyn Ledger>`.
///
/// # Wrapping
///
/// A wrapper forwards every method.
///
/// # Example
///
/// ```
/// use chrono::DateTime;
/// use solidarity_core::testing::block_on;
/// use solidarity_payments::{
///     AccountCode, AccountId, CreateTransferStatus, Ledger, LedgerNumber, MemoryLedger,
///     NewAccount, NewTransfer, TransferCode, TransferId,
/// };
///
/// # block_on(async {
/// let ledger = MemoryLedger::new();
/// let (now, kes) = (DateTime::UNIX_EPOCH, LedgerNumber::new(404));
/// let (treasury, programme) = (AccountId::generate(), AccountId::generate());
/// ledger
///     .create_accounts(
///         &[treasury, programme].map(|id| NewAccount::new(id, kes, AccountCode::new(1))),
///         now,
///     )
///     .await?;
///
/// let id = TransferId::generate();
/// let grant = NewTransfer::new(id, treasury, programme, kes, 1_000, TransferCode::new(1));
/// let first = ledger.create_transfers(&[grant], now).await?;
/// let again = ledger.create_transfers(&[grant], now).await?;
/// assert_eq!(first, [CreateTransferStatus::Created]);
/// assert_eq!(again, [CreateTransferStatus::Exists]);
/// # Ok::<(), solidarity_payments::Error>(())
/// # })?;
/// # Ok::<(), solidarity_payments::Error>(())
/// ```
#[async_trait]
pub trait Ledger: fmt::Debug + Send + Sync + 'static {
    /// Opens `accounts`, at most [`LEDGER_BATCH_MAX`], as of `at`.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for too many accounts, or a
    ///   time that the ledger cannot count to.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn create_accounts(
        &self,
        accounts: &[NewAccount],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateAccountStatus>>;

    /// Books `transfers`, at most [`LEDGER_BATCH_MAX`], one after another, as
    /// of `at`.
    ///
    /// # Errors
    ///
    /// As [`create_accounts`](Self::create_accounts).
    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateTransferStatus>>;

    /// The accounts `ids`, at most [`LEDGER_BATCH_MAX`], in that order, as
    /// they are at `at`: reservations that are over by then are released.
    /// `None` where there is none.
    ///
    /// # Errors
    ///
    /// As [`create_accounts`](Self::create_accounts).
    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>>;

    /// The transfers `ids`, at most [`LEDGER_BATCH_MAX`], in that order.
    /// `None` where there is none: also where it was refused.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for too many ids.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>>;

    /// The statement of an account: its transfers that pass `filter`, by time.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>>;

    /// What the balances of an account were after each of its transfers that
    /// passes `filter`. Empty for an account opened without
    /// [`AccountFlags::HISTORY`].
    ///
    /// # Errors
    ///
    /// As [`account_transfers`](Self::account_transfers).
    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "see `Ledger`, Wrapping")]
impl<T: Ledger + ?Sized> Ledger for Arc<T> {
    async fn create_accounts(
        &self,
        accounts: &[NewAccount],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateAccountStatus>> {
        (**self).create_accounts(accounts, at).await
    }

    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateTransferStatus>> {
        (**self).create_transfers(transfers, at).await
    }

    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>> {
        (**self).accounts(ids, at).await
    }

    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
        (**self).transfers(ids).await
    }

    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>> {
        (**self).account_transfers(filter, page).await
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        (**self).account_balances(filter, page).await
    }
}

/// Conveniences for callers of any [`Ledger`].
///
/// Implemented for every ledger; not to be implemented by hand.
#[async_trait]
pub trait LedgerExt: Ledger {
    /// Books one transfer.
    ///
    /// # Errors
    ///
    /// As [`Ledger::create_transfers`].
    async fn create_transfer(
        &self,
        transfer: NewTransfer,
        at: DateTime<Utc>,
    ) -> Result<CreateTransferStatus> {
        let statuses = self.create_transfers(&[transfer], at).await?;
        one(statuses, "create a transfer")
    }

    /// The account `id` as it is at `at`, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Ledger::accounts`].
    async fn find_account(&self, id: AccountId, at: DateTime<Utc>) -> Result<Option<Account>> {
        one(self.accounts(&[id], at).await?, "find an account")
    }

    /// The transfer `id`, if it was booked.
    ///
    /// # Errors
    ///
    /// As [`Ledger::transfers`].
    async fn find_transfer(&self, id: TransferId) -> Result<Option<Transfer>> {
        one(self.transfers(&[id]).await?, "find a transfer")
    }

    /// The balances of the account `id` as they were at `at`, if it keeps
    /// history and had any transfer by then.
    ///
    /// They are those after its last transfer by then: a reservation whose
    /// timeout was over since counts until the next one.
    ///
    /// # Errors
    ///
    /// As [`Ledger::account_balances`], and
    /// [`Error::Invalid`](crate::Error::Invalid) for a time that the ledger
    /// cannot count to.
    async fn balances_as_of(
        &self,
        id: AccountId,
        at: DateTime<Utc>,
    ) -> Result<Option<AccountBalance>> {
        let mut filter = AccountFilter::new(id);
        filter.until = Some(Timestamp::try_from(at)?);
        filter.latest_first = true;
        let found = self.account_balances(&filter, &Page::of(1)?).await?;
        Ok(found.into_items().into_iter().next())
    }
}

impl<T: Ledger + ?Sized> LedgerExt for T {}

/// The one answer to a batch of one.
fn one<T>(answers: Vec<T>, operation: &'static str) -> Result<T> {
    let mut answers = answers.into_iter();
    match (answers.next(), answers.next()) {
        (Some(answer), None) => Ok(answer),
        _ => Err(solidarity_core::StoreFault::new(
            operation,
            solidarity_core::Retry::AfterInquiry,
            "a batch of one had another number of answers",
        )
        .into()),
    }
}
