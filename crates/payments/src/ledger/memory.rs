use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;
use solidarity_core::{Cursor, Invalid, Page, Paged};

use super::{
    Account, AccountBalance, AccountFilter, AccountId, Balances, CreateAccountStatus,
    CreateTransferStatus, Ledger, LedgerState, NewAccount, NewTransfer, Timestamp, Transfer,
    TransferId,
};
use crate::Result;

/// A [`Ledger`] in memory: the reference, for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    books: RwLock<Books>,
}

#[derive(Debug, Default)]
struct Books {
    state: LedgerState,
    /// Which transfers are of each account, by its place: as the state counts
    /// them, which is by time.
    statements: Vec<Vec<usize>>,
    /// The balances of an account with history after one of its transfers.
    history: FxHashMap<(usize, usize), Balances>,
}

impl MemoryLedger {
    /// A ledger without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[cfg(test)]
    pub(super) fn with_state<T>(&self, change: impl FnOnce(&mut LedgerState) -> T) -> T {
        change(&mut self.books.write().unwrap().state)
    }

    /// What passes `filter` and gives a `T`, a page of it.
    fn page<T>(
        &self,
        filter: &AccountFilter,
        page: &Page,
        give: impl Fn(&Books, &Transfer, (usize, usize)) -> Option<T>,
    ) -> Result<Paged<T>, Invalid> {
        let after = page.cursor().map(Cursor::position).transpose()?;
        let after = after.map(Timestamp::from_nanos);
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        let place = books.state.place(filter.account);
        let entries = place.map_or(&[][..], |place| books.statement(place, filter, after));
        let wanted = |entry: &usize| {
            let transfer = books.state.transfers().get(*entry)?;
            filter.admits(transfer).then_some(())?;
            let item = give(&books, transfer, (place?, *entry))?;
            Some((transfer.timestamp(), item))
        };
        // One more than asked for tells whether there is a next page.
        let most = page.limit().saturating_add(1);
        let mut found: Vec<(Timestamp, T)> = if filter.latest_first {
            entries.iter().rev().filter_map(wanted).take(most).collect()
        } else {
            entries.iter().filter_map(wanted).take(most).collect()
        };
        let more = found.len() > page.limit();
        found.truncate(page.limit());
        let next = found
            .last()
            .filter(|_| more)
            .map(|(at, _)| Cursor::from_position(at.nanos()));
        let found = found.into_iter().map(|(_, item)| item).collect();
        Ok(Paged::new(found, next))
    }
}

impl Books {
    /// Files what the last batch booked under its accounts.
    fn file(&mut self) {
        let count = self.state.booked().len();
        let first = self.state.transfers().len() - count;
        self.statements
            .resize_with(self.state.account_count(), Vec::new);
        for (entry, booking) in (first..).zip(self.state.booked()) {
            for (place, after) in booking.places.into_iter().zip(booking.after) {
                if let Some(statement) = self.statements.get_mut(place) {
                    statement.push(entry);
                }
                if let Some(balances) = after {
                    self.history.insert((place, entry), *balances);
                }
            }
        }
    }

    /// The transfers of the account at `place` between the times of `filter`,
    /// those up to `after` in its order left out.
    fn statement(
        &self,
        place: usize,
        filter: &AccountFilter,
        after: Option<Timestamp>,
    ) -> &[usize] {
        let entries = self.statements.get(place).map_or(&[][..], Vec::as_slice);
        let up_to = |at: Timestamp, with: bool| {
            entries.partition_point(|entry| {
                let transfer = self.state.transfers().get(*entry);
                transfer.is_some_and(|t| t.timestamp() < at || (with && t.timestamp() == at))
            })
        };
        let mut within: Range<usize> = Range {
            start: filter.from.map_or(0, |from| up_to(from, false)),
            end: filter
                .until
                .map_or(entries.len(), |until| up_to(until, true)),
        };
        match after {
            Some(after) if filter.latest_first => within.end = within.end.min(up_to(after, false)),
            Some(after) => within.start = within.start.max(up_to(after, true)),
            None => {}
        }
        entries.get(within).unwrap_or_default()
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn create_accounts(
        &self,
        accounts: &[NewAccount],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateAccountStatus>> {
        let now = Timestamp::try_from(at)?;
        // No code panics while it holds the lock, so poisoned books are whole.
        let mut books = self.books.write().unwrap_or_else(PoisonError::into_inner);
        Ok(books.state.create_accounts(accounts, now)?)
    }

    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateTransferStatus>> {
        let now = Timestamp::try_from(at)?;
        let mut books = self.books.write().unwrap_or_else(PoisonError::into_inner);
        let statuses = books.state.create_transfers(transfers, now)?;
        books.file();
        Ok(statuses)
    }

    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>> {
        LedgerState::check_batch(ids.len())?;
        let now = Timestamp::try_from(at)?;
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        Ok(books.state.accounts_at(ids, now))
    }

    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
        LedgerState::check_batch(ids.len())?;
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        Ok(ids
            .iter()
            .map(|id| books.state.transfer(*id).copied())
            .collect())
    }

    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>> {
        Ok(self.page(filter, page, |_, transfer, _| Some(*transfer))?)
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        Ok(self.page(filter, page, |books, transfer, entry| {
            let balances = books.history.get(&entry)?;
            Some(AccountBalance::new(transfer.timestamp(), *balances))
        })?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;

    use super::*;

    crate::ledger_conformance!(InMemory::new(
        || Arc::new(MemoryLedger::new()) as Arc<dyn Ledger>
    ));
}
