use super::{AccountId, Timestamp, Transfer, TransferCode};

/// Which side of a transfer an account is on.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a transfer has two sides")]
pub enum Side {
    /// Either.
    #[default]
    Both,
    /// Money is taken from it.
    Debit,
    /// Money is given to it.
    Credit,
}

/// Which transfers of an account are asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AccountFilter {
    /// The account.
    pub account: AccountId,
    /// The side that it is on.
    pub side: Side,
    /// Only those so marked.
    pub user_data_128: Option<u128>,
    /// Only those so marked.
    pub user_data_64: Option<u64>,
    /// Only those so marked.
    pub user_data_32: Option<u32>,
    /// Only those with this code.
    pub code: Option<TransferCode>,
    /// Only those at or after this moment.
    pub from: Option<Timestamp>,
    /// Only those at or before this moment.
    pub until: Option<Timestamp>,
    /// The latest come first.
    pub latest_first: bool,
}

impl AccountFilter {
    /// All transfers of `account`, from the first on.
    #[must_use]
    pub const fn new(account: AccountId) -> Self {
        Self {
            account,
            side: Side::Both,
            user_data_128: None,
            user_data_64: None,
            user_data_32: None,
            code: None,
            from: None,
            until: None,
            latest_first: false,
        }
    }

    /// Whether `transfer` is asked for.
    #[must_use]
    pub fn admits(&self, transfer: &Transfer) -> bool {
        let (body, at) = (transfer.body(), transfer.timestamp());
        let side = match self.side {
            Side::Both => body.debit_account == self.account || body.credit_account == self.account,
            Side::Debit => body.debit_account == self.account,
            Side::Credit => body.credit_account == self.account,
        };
        side && self.user_data_128.is_none_or(|d| d == body.user_data_128)
            && self.user_data_64.is_none_or(|d| d == body.user_data_64)
            && self.user_data_32.is_none_or(|d| d == body.user_data_32)
            && self.code.is_none_or(|code| code == body.code)
            && self.from.is_none_or(|from| from <= at)
            && self.until.is_none_or(|until| at <= until)
    }
}
