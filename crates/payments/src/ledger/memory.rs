use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
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
    /// The transfers of each account, by time.
    entries: HashMap<AccountId, Vec<Entry>>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    transfer: Transfer,
    /// The account's balances after it, if the account keeps history.
    balances: Option<Balances>,
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
        give: impl Fn(&Entry) -> Option<T>,
    ) -> Result<Paged<T>, Invalid> {
        let after = page.cursor().map(Cursor::position).transpose()?;
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        let all = books.entries.get(&filter.account).map_or(&[][..], |e| e);
        let wanted = |entry: &Entry| {
            let at = entry.transfer.timestamp().nanos();
            let ahead = after.is_none_or(|after| match filter.latest_first {
                true => at < after,
                false => at > after,
            });
            (ahead && filter.admits(&entry.transfer)).then_some(())?;
            Some((at, give(entry)?))
        };
        // One more than asked for tells whether there is a next page.
        let most = page.limit().saturating_add(1);
        let mut found: Vec<(u64, T)> = if filter.latest_first {
            all.iter().rev().filter_map(wanted).take(most).collect()
        } else {
            all.iter().filter_map(wanted).take(most).collect()
        };
        let more = found.len() > page.limit();
        found.truncate(page.limit());
        let next = found
            .last()
            .filter(|_| more)
            .map(|(at, _)| Cursor::from_position(*at));
        let found = found.into_iter().map(|(_, item)| item).collect();
        Ok(Paged::new(found, next))
    }
}

impl Books {
    /// Files what the last batch booked under its accounts.
    fn file(&mut self, transfers: &[NewTransfer], statuses: &[CreateTransferStatus]) {
        let history: HashMap<(AccountId, Timestamp), Balances> = self
            .state
            .take_history()
            .into_iter()
            .map(|(account, after)| ((account, after.timestamp), after.balances))
            .collect();
        let booked = transfers
            .iter()
            .zip(statuses)
            .filter(|(_, status)| **status == CreateTransferStatus::Created)
            .filter_map(|(new, _)| self.state.transfer(new.id));
        for transfer in booked {
            let body = transfer.body();
            for account in [body.debit_account, body.credit_account] {
                self.entries.entry(account).or_default().push(Entry {
                    transfer: *transfer,
                    balances: history.get(&(account, transfer.timestamp())).copied(),
                });
            }
        }
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
        books.file(transfers, &statuses);
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
        Ok(self.page(filter, page, |entry| Some(entry.transfer))?)
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        Ok(self.page(filter, page, |entry| {
            let at = entry.transfer.timestamp();
            Some(AccountBalance::new(at, entry.balances?))
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
