//! The state machine: what accounts and transfers become, one batch after
//! another. No clock, no store.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;
use uuid::Uuid;

use super::{
    Account, AccountId, Balances, CreateAccountStatus, CreateTransferStatus, LEDGER_BATCH_MAX,
    NewAccount, NewTransfer, Timestamp, Transfer, TransferId,
};

mod account;
mod batch;
mod chain;
mod held;
mod settle;
mod transfer;

use chain::Undo;
use held::Held;

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
/// accounts, then the transfers: those that are settled, and what is due),
/// lets the state decide, writes back what was [`booked`](Self::booked), and
/// may keep the accounts for the next batch
/// ([`forget_transfers`](Self::forget_transfers)).
///
/// Each account has a place in the state, counted from zero in the order in
/// which it was loaded or opened.
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
    /// What deciding needs of each account, by its place, and what it does
    /// not need: apart, since most of the time goes into reaching for the
    /// former.
    held: Vec<Held>,
    bodies: Vec<NewAccount>,
    places: FxHashMap<AccountId, usize>,
    /// The places of the debit and credit account of each transfer of the
    /// batch, as far as they are known: hints, to be checked.
    hints: Vec<[usize; 2]>,
    /// In the order in which they were loaded or booked.
    transfers: Vec<Transfer>,
    known: FxHashMap<TransferId, usize>,
    /// The places of the debit and credit account of each transfer that the
    /// last batch booked, which are the last of `transfers`.
    booked: Vec<[usize; 2]>,
    /// The balances of those of them that keep history, in the same order.
    history: Vec<Balances>,
    /// Ids that failed for a reason that may pass.
    burnt: FxHashSet<TransferId>,
    /// Every pending transfer, settled or not.
    pendings: FxHashMap<TransferId, PendingState>,
    /// What is still pending and has a timeout, by when it is over.
    // INVARIANT: exactly the transfers that are `Pending` and can expire.
    due: BTreeSet<(Timestamp, TransferId)>,
    /// When accounts were opened, and transfers booked.
    // INVARIANT: both ascend strictly; the last is the latest of all. They are
    // whole, or in a part of a ledger those that its store spoke of.
    account_times: Vec<Timestamp>,
    transfer_times: Vec<Timestamp>,
    /// How to undo the chain that is being booked, if one is.
    journal: Option<Vec<Undo>>,
}

/// A transfer that the last batch booked.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Booking<'a> {
    /// What was booked.
    pub transfer: &'a Transfer,
    /// The places of its debit account and of its credit account.
    pub places: [usize; 2],
    /// Their balances after it, where an account keeps history.
    pub after: [Option<&'a Balances>; 2],
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

    /// Knows `account` as a store keeps it, and gives its place.
    pub fn load_account(&mut self, account: Account) -> usize {
        reach(&mut self.account_times, account.timestamp());
        if let Some(place) = self.place(account.id())
            && let Some(known) = self.held.get_mut(place)
        {
            *known = Held::from(&account);
            return place;
        }
        self.add_account(&account)
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
        self.known.insert(id, self.transfers.len());
        self.transfers.push(transfer);
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

    /// Forgets every transfer, and of the times all but the latest. A store
    /// does so after it has written what was booked.
    pub fn forget_transfers(&mut self) {
        self.transfers.clear();
        self.known.clear();
        self.booked.clear();
        self.history.clear();
        self.burnt.clear();
        self.pendings.clear();
        self.due.clear();
        for times in [&mut self.account_times, &mut self.transfer_times] {
            let earlier = times.len().saturating_sub(1);
            times.drain(..earlier);
        }
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
        if self.hints.len() != transfers.len() {
            self.look_ahead(transfers);
        }
        self.expire(now);
        self.booked.clear();
        self.history.clear();
        let statuses = batch::run(self, transfers, now);
        self.hints.clear();
        Ok(statuses)
    }

    /// Looks for the accounts of `transfers`, which are the next batch, and
    /// names those that it does not know. A store loads them; whoever has
    /// loaded all that there are need not call this.
    pub fn look_ahead(&mut self, transfers: &[NewTransfer]) -> Vec<AccountId> {
        let (mut hints, mut unknown) = (std::mem::take(&mut self.hints), Vec::new());
        hints.clear();
        hints.extend(transfers.iter().map(|new| {
            [new.debit_account, new.credit_account].map(|account| {
                let place = self.place(account);
                // A post or void leaves it to what it settles.
                if place.is_none() && !account.as_uuid().is_nil() {
                    unknown.push(account);
                }
                place.unwrap_or(usize::MAX)
            })
        }));
        self.hints = hints;
        unknown
    }

    /// What the last call of [`create_transfers`](Self::create_transfers)
    /// booked, in order.
    #[must_use]
    pub fn booked(&self) -> impl ExactSizeIterator<Item = Booking<'_>> {
        let earlier = self.transfers.len().saturating_sub(self.booked.len());
        let mut history = self.history.iter();
        let mut after = move |places: &[usize; 2]| {
            // To look at the accounts is what takes time here.
            if history.len() == 0 {
                return [None; 2];
            }
            places.map(|place| {
                let kept = self.held.get(place).is_some_and(Held::keeps_history);
                kept.then(|| history.next()).flatten()
            })
        };
        let booked = self.transfers.iter().skip(earlier).zip(&self.booked);
        booked.map(move |(transfer, places)| Booking {
            transfer,
            places: *places,
            after: after(places),
        })
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
            if let Some(transfer) = self.transfer(id) {
                let body = *transfer.body();
                for account in [body.debit_account, body.credit_account] {
                    if let Some(place) = self.place(account)
                        && let Some(held) = self.held.get_mut(place)
                    {
                        held.release(&body);
                    }
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
        let mut found: FxHashMap<AccountId, Account> = ids
            .iter()
            .filter_map(|id| Some((*id, self.account(*id)?)))
            .collect();
        let last = TransferId::from_uuid(Uuid::max());
        for (_, id) in self.due.range(..=(now, last)) {
            let Some(body) = self.transfer(*id).map(Transfer::body) else {
                continue;
            };
            for account in [body.debit_account, body.credit_account] {
                if let Some(account) = found.get_mut(&account) {
                    account.release(body);
                }
            }
        }
        ids.iter().map(|id| found.get(id).copied()).collect()
    }

    /// How many accounts it knows.
    #[must_use]
    pub const fn account_count(&self) -> usize {
        self.held.len()
    }

    /// The account at `place`, as the last batch left it.
    #[must_use]
    pub fn account_at(&self, place: usize) -> Option<Account> {
        let (held, body) = (self.held.get(place)?, self.bodies.get(place)?);
        Some(held.account(*body))
    }

    /// The transfers, in the order in which they were loaded or booked.
    #[must_use]
    pub fn transfers(&self) -> &[Transfer] {
        &self.transfers
    }

    /// The place of the account `id`.
    #[must_use]
    pub fn place(&self, id: AccountId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The account `id`, as the last batch left it.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<Account> {
        self.account_at(self.place(id)?)
    }

    /// The transfer `id`, if it was booked.
    #[must_use]
    pub fn transfer(&self, id: TransferId) -> Option<&Transfer> {
        self.transfers.get(*self.known.get(&id)?)
    }

    /// What became of the pending transfer `id`, if there is such a one.
    #[must_use]
    pub fn pending(&self, id: TransferId) -> Option<PendingState> {
        self.pendings.get(&id).copied()
    }

    /// The time of the latest event.
    fn clock(&self) -> Timestamp {
        let last = |times: &[Timestamp]| times.last().copied().unwrap_or_default();
        last(&self.account_times).max(last(&self.transfer_times))
    }

    fn add_account(&mut self, account: &Account) -> usize {
        let place = self.held.len();
        self.places.insert(account.id(), place);
        self.held.push(Held::from(account));
        self.bodies.push(*account.body());
        place
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
