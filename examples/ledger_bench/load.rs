//! What is booked: drawn from a seed, the same for every ledger.

use std::fmt;
use std::str::FromStr;

use solidarity_core::testing::Random;
use solidarity_payments::{
    AccountCode, AccountId, LEDGER_BATCH_MAX, LedgerNumber, NewAccount, NewTransfer, TransferCode,
    TransferId,
};
use uuid::Uuid;

/// The ledger of Kenyan shillings.
pub(crate) const LEDGER: LedgerNumber = LedgerNumber::new(404);
pub(crate) const ACCOUNT_CODE: AccountCode = AccountCode::new(1);
pub(crate) const TRANSFER_CODE: TransferCode = TransferCode::new(1);

/// How the ids of transfers are made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ids {
    /// By time, as `TransferId::generate` makes them.
    Ordered,
    /// In no order, as `TransferId::derive` makes them.
    Random,
}

impl FromStr for Ids {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "ordered" => Ok(Self::Ordered),
            "random" => Ok(Self::Random),
            _ => Err("expected `ordered` or `random`"),
        }
    }
}

impl fmt::Display for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ordered => "ordered",
            Self::Random => "random",
        })
    }
}

/// Batches without end.
pub(crate) struct Load {
    accounts: u64,
    ids: Ids,
    random: Random,
    run: u128,
    sent: u128,
}

impl Load {
    /// Transfers between `accounts` accounts. No two loads of different `run`
    /// have an id in common.
    pub(crate) fn new(accounts: usize, ids: Ids, run: u64) -> Self {
        Self {
            accounts: accounts as u64,
            ids,
            random: Random::new(run),
            run: u128::from(run),
            sent: 0,
        }
    }

    /// The accounts, in batches.
    pub(crate) fn accounts(&self) -> Vec<Vec<NewAccount>> {
        let all: Vec<NewAccount> = (0..self.accounts)
            .map(|n| NewAccount::new(account(n), LEDGER, ACCOUNT_CODE))
            .collect();
        all.chunks(LEDGER_BATCH_MAX).map(<[_]>::to_vec).collect()
    }

    pub(crate) fn batch(&mut self, count: usize) -> Vec<NewTransfer> {
        (0..count).map(|_| self.next()).collect()
    }

    fn next(&mut self) -> NewTransfer {
        self.sent += 1;
        let id = match self.ids {
            Ids::Ordered => (self.run << 64) | self.sent,
            Ids::Random => (u128::from(self.random.next()) << 64) | u128::from(self.random.next()),
        };
        let from = self.random.below(self.accounts);
        let to = (from + 1 + self.random.below(self.accounts - 1)) % self.accounts;
        let amount = u128::from(1 + self.random.below(1_000));
        let id = TransferId::from_uuid(Uuid::from_u128(id));
        NewTransfer::new(
            id,
            account(from),
            account(to),
            LEDGER,
            amount,
            TRANSFER_CODE,
        )
    }
}

/// Accounts are known by ids in no order.
fn account(n: u64) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(
        (u128::from(n) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
    ))
}
