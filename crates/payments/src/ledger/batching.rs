use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::{Page, Paged};

use super::{
    Account, AccountBalance, AccountFilter, AccountId, CreateAccountStatus, CreateTransferStatus,
    Ledger, LedgerState, NewAccount, NewTransfer, Timestamp, Transfer, TransferId,
};
use crate::Result;

mod queue;
mod request;
#[cfg(test)]
mod tests;

use queue::{Entrance, Queue};
use request::{Event, unknown};

/// Joins what many callers book at once into batches over another [`Ledger`].
///
/// To book a batch costs about as much as to book one transfer, so callers
/// that each have one are served many times faster together. A handle is
/// cheap to clone, and all clones share one driver, a future that the program
/// runs wherever it likes: as a task, or on a thread. Nothing is ever waited
/// for: whatever has gathered while one batch was booked goes next, so a
/// caller who is alone is booked at once.
///
/// # What a caller gets
///
/// Each gets the statuses of its own events, as if nobody else had asked. A
/// request is never split, its chains never meet another's, and requests go in
/// the order in which they were made. A batch is booked as of the latest time
/// that is told in it.
///
/// Where a batch fails, nothing of it was booked, or it is not known whether
/// it was: everybody in it is told so with the same
/// [`retry`](crate::Error::retry). Where it is refused for good, each request
/// is asked again by itself, so that nobody answers for what another one said.
///
/// A caller that is dropped takes back what is not begun, and leaves the
/// others as they are. Once the driver is dropped, everybody is answered with
/// an error: [`Later`](solidarity_core::Retry::Later) if it was not begun,
/// [`AfterInquiry`](solidarity_core::Retry::AfterInquiry) if it was.
///
/// # Memory
///
/// At most [`LEDGER_BATCH_MAX`](crate::LEDGER_BATCH_MAX) events are waiting,
/// besides those that are being booked. A caller who finds no room waits in
/// line for it; one in line who is neither polled nor dropped holds up those
/// behind. Reads pass straight through.
///
/// # Example
///
/// ```
/// use chrono::DateTime;
/// use solidarity_core::testing::block_on;
/// use solidarity_payments::{AccountId, Batching, Ledger, MemoryLedger};
///
/// let (ledger, driver) = Batching::new(MemoryLedger::new());
/// let booking = std::thread::spawn(|| block_on(driver));
///
/// let caller = ledger.clone();
/// let none = block_on(caller.create_accounts(&[], DateTime::UNIX_EPOCH))?;
/// assert!(none.is_empty());
///
/// // The driver ends with the last handle.
/// drop((ledger, caller));
/// booking.join().expect("the driver does not panic");
/// # Ok::<(), solidarity_payments::Error>(())
/// ```
pub struct Batching<L> {
    ledger: Arc<L>,
    callers: Arc<Callers>,
}

impl<L: Ledger> Batching<L> {
    /// A handle to `ledger`, and the driver that books what is asked through
    /// it and its clones. Until the driver runs, callers wait.
    pub fn new(ledger: L) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (ledger, queue) = (Arc::new(ledger), Arc::new(Queue::default()));
        let handle = Self {
            ledger: Arc::clone(&ledger),
            callers: Arc::new(Callers(Arc::clone(&queue))),
        };
        let driver = Driver(queue);
        let drive = async move {
            while let Some(batch) = poll_fn(|cx| driver.0.poll_next(cx)).await {
                batch.book(&*ledger).await;
            }
        };
        (handle, drive)
    }

    async fn ask<E: Event>(&self, events: &[E], at: DateTime<Utc>) -> Result<Vec<E::Status>> {
        // What is refused for itself must not join others.
        LedgerState::check_batch(events.len())?;
        Timestamp::try_from(at)?;
        let mut entrance = Entrance::new(&self.callers.0);
        let answer = poll_fn(|cx| entrance.poll_enter(cx, events, at)).await?;
        let unanswered = |_| Err(unknown("the driver went away while it booked"));
        answer.await.unwrap_or_else(unanswered)
    }
}

/// Tells the driver when the last handle is gone.
struct Callers(Arc<Queue>);

impl Drop for Callers {
    fn drop(&mut self) {
        self.0.leave_callers();
    }
}

/// Tells the callers when the driver is gone.
struct Driver(Arc<Queue>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.leave_driver();
    }
}

impl<L> Clone for Batching<L> {
    fn clone(&self) -> Self {
        Self {
            ledger: Arc::clone(&self.ledger),
            callers: Arc::clone(&self.callers),
        }
    }
}

impl<L: fmt::Debug> fmt::Debug for Batching<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Batching").field(&self.ledger).finish()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "see `Ledger`, Wrapping")]
impl<L: Ledger> Ledger for Batching<L> {
    async fn create_accounts(
        &self,
        accounts: &[NewAccount],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateAccountStatus>> {
        self.ask(accounts, at).await
    }

    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateTransferStatus>> {
        self.ask(transfers, at).await
    }

    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>> {
        self.ledger.accounts(ids, at).await
    }

    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
        self.ledger.transfers(ids).await
    }

    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>> {
        self.ledger.account_transfers(filter, page).await
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        self.ledger.account_balances(filter, page).await
    }
}
