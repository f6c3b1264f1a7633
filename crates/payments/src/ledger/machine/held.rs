use crate::ledger::{
    Account, AccountFlags, AccountId, Balances, LedgerNumber, NewAccount, NewTransfer, Timestamp,
};

/// What deciding needs of an account.
// Never in more than two lines of a processor's cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(super) struct Held {
    pub(super) id: AccountId,
    pub(super) ledger: LedgerNumber,
    pub(super) flags: AccountFlags,
    pub(super) closed: bool,
    pub(super) timestamp: Timestamp,
    pub(super) balances: Balances,
}

impl Held {
    /// The account that it is of, which was opened as `body`.
    pub(super) const fn account(&self, body: NewAccount) -> Account {
        Account::from_parts(body, self.closed, self.balances, self.timestamp)
    }

    /// Whether its balances after each of its transfers are kept.
    pub(super) const fn keeps_history(&self) -> bool {
        self.flags.contains(AccountFlags::HISTORY)
    }

    /// Whether to take `amount` would pass the account's limit.
    pub(super) const fn debits_exceed_credits(&self, amount: u128) -> bool {
        self.flags
            .contains(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS)
            && self
                .balances
                .debits_pending
                .saturating_add(self.balances.debits_posted)
                .saturating_add(amount)
                > self.balances.credits_posted
    }

    /// Whether to give `amount` would pass the account's limit.
    pub(super) const fn credits_exceed_debits(&self, amount: u128) -> bool {
        self.flags
            .contains(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)
            && self
                .balances
                .credits_pending
                .saturating_add(self.balances.credits_posted)
                .saturating_add(amount)
                > self.balances.debits_posted
    }

    /// Releases what `pending`, a transfer from or to it, reserves.
    pub(super) fn release(&mut self, pending: &NewTransfer) {
        self.closed &= !self.balances.release(self.id, pending);
    }
}

impl From<&Account> for Held {
    fn from(account: &Account) -> Self {
        let body = account.body();
        Self {
            id: body.id,
            ledger: body.ledger,
            flags: body.flags,
            closed: account.is_closed(),
            timestamp: account.timestamp(),
            balances: account.balances(),
        }
    }
}
