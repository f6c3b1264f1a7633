//! The state machine: what accounts and transfers become, one batch after
//! another. No clock, no store.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;
use uuid::Uuid;

use super::{
    Account, AccountBalance, AccountFlags, AccountId, CreateAccountStatus, CreateTransferStatus,
    LEDGER_BATCH_MAX, NewAccount, NewTransfer, Timestamp, Transfer, TransferFlags, TransferId,
};

mod account;
mod batch;
mod settle;
mod transfer;

/// What became of a pending transfer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new state must break every ledger that decides on it"
)]
pub enum PendingState {
    /// It reserves its amount.
    Pending,
    /// All or part of it was made real.
    Posted,
    /// It was released.
    Voided,
    /// Its timeout was over before it was settled.
    Expired,
}

/// What a ledger holds, or the part of it that a batch touches: every
/// implementation decides by it.
///
/// A store that keeps the rest elsewhere loads what a batch names (the
/// accounts and transfers, those that are settled, and what is due), lets the
/// state decide, and writes back what became of it.
///
/// ```
/// use solidarity_payments::{
///     AccountCode, AccountId, CreateAccountStatus, LedgerNumber, LedgerState, NewAccount, Timestamp,
/// };
///
/// let mut state = LedgerState::new();
/// let account = NewAccount::new(AccountId::generate(), LedgerNumber::new(404), AccountCode::new(1));
/// let statuses = state.create_accounts(&[account, account], Timestamp::from_nanos(7))?;
/// assert_eq!(statuses, [CreateAccountStatus::Created, CreateAccountStatus::Exists]);
/// assert_eq!(state.account(account.id).unwrap().timestamp(), Timestamp::from_nanos(6));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LedgerState {
    accounts: HashMap<AccountId, Account>,
    transfers: HashMap<TransferId, Transfer>,
    /// Ids that failed for a reason that may pass.
    burnt: HashSet<TransferId>,
    /// Every pending transfer, settled or not.
    pendings: HashMap<TransferId, PendingState>,
    /// What is still pending and has a timeout, by when it is over.
    // INVARIANT: exactly the transfers that are `Pending` and can expire.
    due: BTreeSet<(Timestamp, TransferId)>,
    /// When accounts were opened, and transfers booked.
    // INVARIANT: both ascend strictly; the last is the latest of all. They are
    // whole, or in a part of a ledger those that its store spoke of.
    account_times: Vec<Timestamp>,
    transfer_times: Vec<Timestamp>,
    /// Balances of accounts with history since they were last taken.
    history: Vec<(AccountId, AccountBalance)>,
    /// How to undo the chain that is being booked, if one is.
    journal: Option<Vec<Undo>>,
}

/// How to undo one event of a chain.
#[derive(Clone, Debug)]
enum Undo {
    Account(AccountId),
    Transfer {
        id: TransferId,
        debit: Box<Account>,
        credit: Box<Account>,
        history: usize,
    },
}

impl LedgerState {
    /// A ledger without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks that a call has at most [`LEDGER_BATCH_MAX`] items.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it has more.
    pub fn check_batch(items: usize) -> Result<(), Invalid> {
        if items > LEDGER_BATCH_MAX {
            let rule = format!("must be at most {LEDGER_BATCH_MAX}");
            return Err(Invalid::new("batch", rule));
        }
        Ok(())
    }

    /// Knows `account` as a store keeps it.
    pub fn load_account(&mut self, account: Account) {
        reach(&mut self.account_times, account.timestamp());
        self.accounts.insert(account.id(), account);
    }

    /// Knows `transfer` as a store keeps it, with what became of it if it is
    /// pending.
    pub fn load_transfer(&mut self, transfer: Transfer, pending: Option<PendingState>) {
        reach(&mut self.transfer_times, transfer.timestamp());
        let id = transfer.id();
        if let Some(state) = pending {
            self.pendings.insert(id, state);
            if let (PendingState::Pending, Some(due)) = (state, transfer.expires_at()) {
                self.due.insert((due, id));
            }
        }
        self.transfers.insert(id, transfer);
    }

    /// Knows that `id` failed for a reason that may pass.
    pub fn load_burnt(&mut self, id: TransferId) {
        self.burnt.insert(id);
    }

    /// Knows that an account was opened at `timestamp`. A store says so of the
    /// latest, which is the ledger's own time, and of every one at which an
    /// imported event claims to be.
    pub fn load_account_time(&mut self, timestamp: Timestamp) {
        know(&mut self.account_times, timestamp);
    }

    /// Knows that a transfer was booked at `timestamp`, likewise.
    pub fn load_transfer_time(&mut self, timestamp: Timestamp) {
        know(&mut self.transfer_times, timestamp);
    }

    /// Opens `accounts`, as of `now`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for too many, or where the ledger cannot count so far.
    /// Nothing was opened.
    pub fn create_accounts(
        &mut self,
        accounts: &[NewAccount],
        now: Timestamp,
    ) -> Result<Vec<CreateAccountStatus>, Invalid> {
        let now = self.ends_at(accounts.len(), now)?;
        Ok(batch::run(self, accounts, now))
    }

    /// Books `transfers`, as of `now`. What is over by then expires first.
    ///
    /// # Errors
    ///
    /// As [`create_accounts`](Self::create_accounts).
    pub fn create_transfers(
        &mut self,
        transfers: &[NewTransfer],
        now: Timestamp,
    ) -> Result<Vec<CreateTransferStatus>, Invalid> {
        let now = self.ends_at(transfers.len(), now)?;
        self.expire(now);
        Ok(batch::run(self, transfers, now))
    }

    /// The moment of the last event of a batch of `events` that is told to be
    /// of `now`: that, or later if the ledger's own time has passed it.
    ///
    /// The events before it are each a nanosecond apart.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for too many events, or where the ledger cannot count so
    /// far.
    pub fn ends_at(&self, events: usize, now: Timestamp) -> Result<Timestamp, Invalid> {
        Self::check_batch(events)?;
        self.clock()
            .after_nanos(events as u64)
            .filter(|_| now <= Timestamp::MAX)
            .map(|earliest| earliest.max(now))
            .ok_or_else(|| Invalid::new("at", "must be a time from 1970 to 2262"))
    }

    /// Releases what is over at `now`, and says which pending transfers those
    /// are.
    pub fn expire(&mut self, now: Timestamp) -> Vec<TransferId> {
        let mut expired = Vec::new();
        while let Some(&(due, id)) = self.due.first()
            && due <= now
        {
            self.due.remove(&(due, id));
            self.pendings.insert(id, PendingState::Expired);
            if let Some(transfer) = self.transfers.get(&id) {
                let body = transfer.body();
                if let Some(debit) = self.accounts.get_mut(&body.debit_account) {
                    release_debit(debit, body);
                }
                if let Some(credit) = self.accounts.get_mut(&body.credit_account) {
                    release_credit(credit, body);
                }
            }
            expired.push(id);
        }
        expired
    }

    /// The accounts `ids` as they are at `now`, with what is over released.
    #[must_use]
    pub fn accounts_at(&self, ids: &[AccountId], now: Timestamp) -> Vec<Option<Account>> {
        let now = now.max(self.clock());
        let mut found: HashMap<AccountId, Account> = ids
            .iter()
            .filter_map(|id| Some((*id, *self.accounts.get(id)?)))
            .collect();
        let last = TransferId::from_uuid(Uuid::max());
        for (_, id) in self.due.range(..=(now, last)) {
            let Some(body) = self.transfers.get(id).map(Transfer::body) else {
                continue;
            };
            if let Some(debit) = found.get_mut(&body.debit_account) {
                release_debit(debit, body);
            }
            if let Some(credit) = found.get_mut(&body.credit_account) {
                release_credit(credit, body);
            }
        }
        ids.iter().map(|id| found.get(id).copied()).collect()
    }

    /// The account `id`, as the last batch left it.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// The transfer `id`, if it was booked.
    #[must_use]
    pub fn transfer(&self, id: TransferId) -> Option<&Transfer> {
        self.transfers.get(&id)
    }

    /// What became of the pending transfer `id`, if there is such a one.
    #[must_use]
    pub fn pending(&self, id: TransferId) -> Option<PendingState> {
        self.pendings.get(&id).copied()
    }

    /// The balances of accounts with history after each of their transfers,
    /// since they were last taken.
    pub fn take_history(&mut self) -> Vec<(AccountId, AccountBalance)> {
        std::mem::take(&mut self.history)
    }

    /// The time of the latest event.
    fn clock(&self) -> Timestamp {
        let last = |times: &[Timestamp]| times.last().copied().unwrap_or_default();
        last(&self.account_times).max(last(&self.transfer_times))
    }

    /// From here on, what is booked can be rolled back.
    fn open_chain(&mut self) {
        self.journal = Some(Vec::new());
    }

    /// What was booked since the chain was opened stays.
    fn close_chain(&mut self) {
        self.journal = None;
    }

    /// Undoes what was booked since the chain was opened.
    fn roll_back(&mut self) {
        for undo in self.journal.take().into_iter().flatten().rev() {
            match undo {
                Undo::Account(id) => {
                    self.accounts.remove(&id);
                    self.account_times.pop();
                }
                Undo::Transfer {
                    id,
                    debit,
                    credit,
                    history,
                } => {
                    self.accounts.insert(debit.id(), *debit);
                    self.accounts.insert(credit.id(), *credit);
                    self.history.truncate(history);
                    self.transfer_times.pop();
                    self.unbook(id);
                }
            }
        }
    }

    /// Forgets the transfer `id`; what it settled is pending again.
    fn unbook(&mut self, id: TransferId) {
        let Some(transfer) = self.transfers.remove(&id) else {
            return;
        };
        if self.pendings.remove(&id).is_some()
            && let Some(due) = transfer.expires_at()
        {
            self.due.remove(&(due, id));
        }
        if let Some(settled) = transfer.body().pending_id {
            self.pendings.insert(settled, PendingState::Pending);
            if let Some(due) = self.transfers.get(&settled).and_then(Transfer::expires_at) {
                self.due.insert((due, settled));
            }
        }
    }
}

/// Adds `timestamp` to `times` if it is later than all of them.
fn reach(times: &mut Vec<Timestamp>, timestamp: Timestamp) {
    if times.last().is_none_or(|last| *last < timestamp) {
        times.push(timestamp);
    }
}

/// Adds `timestamp` to `times`.
fn know(times: &mut Vec<Timestamp>, timestamp: Timestamp) {
    if let Err(place) = times.binary_search(&timestamp) {
        times.insert(place, timestamp);
    }
}

/// Gives back to `debit` what the pending transfer `body` took.
fn release_debit(debit: &mut Account, body: &NewTransfer) {
    // The amount is a part of the sum.
    debit.balances.debits_pending = debit.balances.debits_pending.saturating_sub(body.amount);
    if body.flags.contains(TransferFlags::CLOSING_DEBIT) {
        debit.closed = false;
    }
}

/// Takes back from `credit` what the pending transfer `body` gave.
fn release_credit(credit: &mut Account, body: &NewTransfer) {
    credit.balances.credits_pending = credit.balances.credits_pending.saturating_sub(body.amount);
    if body.flags.contains(TransferFlags::CLOSING_CREDIT) {
        credit.closed = false;
    }
}

/// Whether `flags` keep the balances of an account.
const fn keeps_history(flags: AccountFlags) -> bool {
    flags.contains(AccountFlags::HISTORY)
}
