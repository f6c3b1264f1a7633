use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use solidarity_core::{Currency, Invalid, Money};

use super::amount::decimal;
use super::flags::flags;
use super::{AccountCode, LedgerNumber, NewTransfer, Timestamp, TransferFlags, money_of};

solidarity_core::id! {
    /// An account of a ledger.
    ///
    /// All 128 bits zero or all one name no account.
    pub struct AccountId;
}

flags! {
    /// How an account behaves.
    pub struct AccountFlags {
        /// Opened only together with the next one of the batch.
        LINKED = 0,
        /// What was taken and what is reserved never exceeds what was given:
        /// the account cannot be overdrawn.
        DEBITS_MUST_NOT_EXCEED_CREDITS = 1,
        /// The reverse limit.
        CREDITS_MUST_NOT_EXCEED_DEBITS = 2,
        /// Its balances after each transfer are kept.
        HISTORY = 3,
        /// Brought from another system, with the time that it had there.
        IMPORTED = 4,
        /// Takes no transfer but the voiding of what is pending.
        CLOSED = 5,
    }
}

/// What a caller says of an account to be opened.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewAccount {
    /// Names the account.
    pub id: AccountId,
    /// Which ledger it is of.
    pub ledger: LedgerNumber,
    /// What it is for.
    pub code: AccountCode,
    /// How it behaves.
    pub flags: AccountFlags,
    /// What it belongs to, as the caller's own systems name it.
    #[serde(with = "decimal")]
    pub user_data_128: u128,
    /// A second such mark.
    #[serde(with = "decimal")]
    pub user_data_64: u64,
    /// A third such mark.
    pub user_data_32: u32,
    /// When it was opened, if [`AccountFlags::IMPORTED`]; else zero.
    pub timestamp: Timestamp,
}

impl NewAccount {
    /// An account of `ledger` for what `code` says, without limits.
    #[must_use]
    pub const fn new(id: AccountId, ledger: LedgerNumber, code: AccountCode) -> Self {
        Self {
            id,
            ledger,
            code,
            flags: AccountFlags::NONE,
            user_data_128: 0,
            user_data_64: 0,
            user_data_32: 0,
            timestamp: Timestamp::ZERO,
        }
    }

    /// The same with `flags` too.
    #[must_use]
    pub const fn with_flags(mut self, flags: AccountFlags) -> Self {
        self.flags = self.flags.with(flags);
        self
    }

    /// The same, marked as belonging to `owner`.
    #[must_use]
    pub const fn with_user_data_128(mut self, owner: u128) -> Self {
        self.user_data_128 = owner;
        self
    }
}

/// What was taken from an account (debits) and given to it (credits).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "double entry with reservations has these four sums"
)]
pub struct Balances {
    /// Taken, but only reserved.
    #[serde(with = "decimal")]
    pub debits_pending: u128,
    /// Taken.
    #[serde(with = "decimal")]
    pub debits_posted: u128,
    /// Given, but only reserved.
    #[serde(with = "decimal")]
    pub credits_pending: u128,
    /// Given.
    #[serde(with = "decimal")]
    pub credits_posted: u128,
}

/// An account as the ledger holds it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Account {
    body: NewAccount,
    closed: bool,
    balances: Balances,
    timestamp: Timestamp,
}

impl Account {
    /// The account that a store builds from what it keeps.
    #[must_use]
    pub const fn from_parts(
        body: NewAccount,
        closed: bool,
        balances: Balances,
        timestamp: Timestamp,
    ) -> Self {
        Self {
            body,
            closed,
            balances,
            timestamp,
        }
    }

    /// Names the account.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.body.id
    }

    /// What was said when it was opened.
    #[must_use]
    pub const fn body(&self) -> &NewAccount {
        &self.body
    }

    /// Whether it takes no transfers now.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// What was taken and given.
    #[must_use]
    pub const fn balances(&self) -> Balances {
        self.balances
    }

    /// When it was opened.
    #[must_use]
    pub const fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// What was given less what was taken, posted only. Below zero where more
    /// was taken.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the account is not of `currency`, or holds more than
    /// money can be.
    pub fn balance(&self, currency: Currency) -> Result<Money, Invalid> {
        let Balances {
            debits_posted,
            credits_posted,
            ..
        } = self.balances;
        self.difference(credits_posted, debits_posted, currency)
    }

    /// What may still be taken: [`balance`](Self::balance) less what is
    /// reserved.
    ///
    /// # Errors
    ///
    /// As [`balance`](Self::balance).
    pub fn available(&self, currency: Currency) -> Result<Money, Invalid> {
        let Balances {
            debits_pending,
            debits_posted,
            credits_posted,
            ..
        } = self.balances;
        let taken = debits_posted.saturating_add(debits_pending);
        self.difference(credits_posted, taken, currency)
    }

    fn difference(&self, plus: u128, minus: u128, currency: Currency) -> Result<Money, Invalid> {
        if self.body.ledger != LedgerNumber::from(currency) {
            return Err(Invalid::new("currency", "must be the account's own"));
        }
        let size = money_of(plus.abs_diff(minus), currency)
            .map_err(|e| Invalid::new("balance", e.to_string()))?;
        match plus.cmp(&minus) {
            Ordering::Less => Money::from_minor(-size.minor(), currency)
                .map_err(|e| Invalid::new("balance", e.to_string())),
            Ordering::Equal | Ordering::Greater => Ok(size),
        }
    }

    /// Releases what `pending`, a transfer from or to it, reserves: the account
    /// as it is once that is over.
    pub fn release(&mut self, pending: &NewTransfer) {
        self.closed &= !self.balances.release(self.body.id, pending);
    }
}

impl Balances {
    /// Releases what `pending` reserves of the account `id`, and says whether
    /// it had closed the account.
    pub(super) fn release(&mut self, id: AccountId, pending: &NewTransfer) -> bool {
        // The amount is a part of the sum.
        if pending.debit_account == id {
            self.debits_pending = self.debits_pending.saturating_sub(pending.amount);
            pending.flags.contains(TransferFlags::CLOSING_DEBIT)
        } else {
            self.credits_pending = self.credits_pending.saturating_sub(pending.amount);
            pending.flags.contains(TransferFlags::CLOSING_CREDIT)
        }
    }
}

/// What the balances of an account were after one of its transfers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AccountBalance {
    /// The transfer's own time.
    pub timestamp: Timestamp,
    /// The balances after it.
    pub balances: Balances,
}

impl AccountBalance {
    /// The `balances` after the transfer of `timestamp`.
    #[must_use]
    pub const fn new(timestamp: Timestamp, balances: Balances) -> Self {
        Self {
            timestamp,
            balances,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_is_money_of_the_account_s_own_currency() {
        let kes: Currency = "KES".parse().unwrap();
        let ugx: Currency = "UGX".parse().unwrap();
        let body = NewAccount::new(AccountId::generate(), kes.into(), AccountCode::new(1));
        let balances = Balances {
            debits_pending: 300,
            debits_posted: 500,
            credits_pending: 9,
            credits_posted: 700,
        };
        let account = Account::from_parts(body, false, balances, Timestamp::ZERO);
        let minor = |money: Result<Money, Invalid>| money.unwrap().minor();
        assert_eq!(minor(account.balance(kes)), 200);
        assert_eq!(minor(account.available(kes)), -100);
        assert_eq!(account.balance(ugx).unwrap_err().field(), "currency");
    }

    #[test]
    fn amounts_are_written_as_strings() {
        let balances = Balances {
            credits_posted: u128::MAX,
            ..Balances::default()
        };
        let json = serde_json::to_string(&balances).unwrap();
        assert!(json.contains(r#""credits_posted":"340282366920938463463374607431768211455""#));
        assert_eq!(serde_json::from_str::<Balances>(&json).unwrap(), balances);
        let number = json.replace("\"0\"", "0");
        assert!(serde_json::from_str::<Balances>(&number).is_err());
    }
}
