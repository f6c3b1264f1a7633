use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, Money};
use uuid::Uuid;

use super::amount::decimal;
use super::flags::flags;
use super::{AccountId, LedgerNumber, Timestamp, TransferCode, amount_of};

solidarity_core::id! {
    /// A transfer between two accounts.
    ///
    /// Derived from what causes it (`TransferId::derive(&payment, "reserve")`),
    /// it is the same however often it is sent. All 128 bits zero or all one
    /// name no transfer.
    pub struct TransferId;
}

flags! {
    /// What kind of transfer it is.
    pub struct TransferFlags {
        /// Booked only together with the next one of the batch.
        LINKED = 0,
        /// Reserves the amount, until it is posted, voided or expired.
        PENDING = 1,
        /// Makes what is pending under `pending_id` real, all or a part; the
        /// rest is released.
        POST_PENDING = 2,
        /// Releases what is pending under `pending_id`.
        VOID_PENDING = 3,
        /// Takes at most what the debit account has left.
        BALANCING_DEBIT = 4,
        /// Gives at most what the credit account has room for.
        BALANCING_CREDIT = 5,
        /// Closes the debit account; with `PENDING` only, so that voiding it
        /// opens the account again.
        CLOSING_DEBIT = 6,
        /// Closes the credit account, likewise.
        CLOSING_CREDIT = 7,
        /// Brought from another system, with the time that it had there.
        IMPORTED = 8,
    }
}

/// What a caller says of a transfer to be booked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewTransfer {
    /// Names the transfer.
    pub id: TransferId,
    /// Where the money is taken. In a post or void: as the pending one, or
    /// zero.
    pub debit_account: AccountId,
    /// Where it is given. In a post or void: as the pending one, or zero.
    pub credit_account: AccountId,
    /// How much, in minor units. In a post [`AMOUNT_MAX`](crate::AMOUNT_MAX) is all that is
    /// pending; in a void zero is.
    #[serde(with = "decimal")]
    pub amount: u128,
    /// In a post or void: what it settles.
    pub pending_id: Option<TransferId>,
    /// What it belongs to, as the caller's own systems name it. Zero in a
    /// post or void: as the pending one.
    #[serde(with = "decimal")]
    pub user_data_128: u128,
    /// A second such mark.
    #[serde(with = "decimal")]
    pub user_data_64: u64,
    /// A third such mark.
    pub user_data_32: u32,
    /// When a pending transfer expires, in seconds from when it was booked.
    /// Zero is never.
    pub timeout_seconds: u32,
    /// Which ledger both accounts are of. Zero in a post or void: as the
    /// pending one.
    pub ledger: LedgerNumber,
    /// Why the money moves. Zero in a post or void: as the pending one.
    pub code: TransferCode,
    /// What kind of transfer it is.
    pub flags: TransferFlags,
    /// When it was booked, if [`TransferFlags::IMPORTED`]; else zero.
    pub timestamp: Timestamp,
}

impl NewTransfer {
    /// Takes `amount` from `debit_account` and gives it to `credit_account`.
    #[must_use]
    pub const fn new(
        id: TransferId,
        debit_account: AccountId,
        credit_account: AccountId,
        ledger: LedgerNumber,
        amount: u128,
        code: TransferCode,
    ) -> Self {
        Self {
            id,
            debit_account,
            credit_account,
            amount,
            pending_id: None,
            user_data_128: 0,
            user_data_64: 0,
            user_data_32: 0,
            timeout_seconds: 0,
            ledger,
            code,
            flags: TransferFlags::NONE,
            timestamp: Timestamp::ZERO,
        }
    }

    /// Takes `money` from `debit_account` and gives it to `credit_account`,
    /// in the ledger of its currency.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for less than nothing.
    pub fn of_money(
        id: TransferId,
        debit_account: AccountId,
        credit_account: AccountId,
        money: Money,
        code: TransferCode,
    ) -> Result<Self, Invalid> {
        let ledger = money.currency().into();
        Ok(Self::new(
            id,
            debit_account,
            credit_account,
            ledger,
            amount_of(money)?,
            code,
        ))
    }

    /// Makes `amount` of what is pending under `pending` real, or all of it
    /// ([`AMOUNT_MAX`](crate::AMOUNT_MAX)), and releases the rest.
    #[must_use]
    pub const fn post(id: TransferId, pending: TransferId, amount: u128) -> Self {
        Self::settle(id, pending, amount, TransferFlags::POST_PENDING)
    }

    /// Releases what is pending under `pending`.
    #[must_use]
    pub const fn void(id: TransferId, pending: TransferId) -> Self {
        Self::settle(id, pending, 0, TransferFlags::VOID_PENDING)
    }

    const fn settle(
        id: TransferId,
        pending: TransferId,
        amount: u128,
        flags: TransferFlags,
    ) -> Self {
        let same = AccountId::from_uuid(Uuid::nil());
        let mut settle = Self::new(
            id,
            same,
            same,
            LedgerNumber::new(0),
            amount,
            TransferCode::new(0),
        );
        settle.pending_id = Some(pending);
        settle.flags = flags;
        settle
    }

    /// The same, only reserved, for `timeout_seconds`; zero is for ever.
    #[must_use]
    pub const fn as_pending(mut self, timeout_seconds: u32) -> Self {
        self.flags = self.flags.with(TransferFlags::PENDING);
        self.timeout_seconds = timeout_seconds;
        self
    }

    /// The same, booked only together with the next one of the batch.
    #[must_use]
    pub const fn as_linked(self) -> Self {
        self.with_flags(TransferFlags::LINKED)
    }

    /// The same with `flags` too.
    #[must_use]
    pub const fn with_flags(mut self, flags: TransferFlags) -> Self {
        self.flags = self.flags.with(flags);
        self
    }

    /// The same, marked as belonging to `cause`.
    #[must_use]
    pub const fn with_user_data_128(mut self, cause: u128) -> Self {
        self.user_data_128 = cause;
        self
    }

    pub(super) const fn settles(&self) -> bool {
        self.flags
            .intersects(TransferFlags::POST_PENDING.with(TransferFlags::VOID_PENDING))
    }
}

/// A transfer as the ledger booked it. It never changes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Transfer {
    body: NewTransfer,
    timestamp: Timestamp,
}

impl Transfer {
    /// The transfer that a store builds from what it keeps.
    #[must_use]
    pub const fn from_parts(body: NewTransfer, timestamp: Timestamp) -> Self {
        Self { body, timestamp }
    }

    /// Names the transfer.
    #[must_use]
    pub const fn id(&self) -> TransferId {
        self.body.id
    }

    /// What was booked: the amount is the one that moved, and what a post or
    /// void left open is filled in from what it settled.
    #[must_use]
    pub const fn body(&self) -> &NewTransfer {
        &self.body
    }

    /// When it was booked.
    #[must_use]
    pub const fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// When what it reserves is released, if it is pending and has a timeout.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        if self.body.timeout_seconds == 0 || !self.body.flags.contains(TransferFlags::PENDING) {
            return None;
        }
        self.timestamp.after_seconds(self.body.timeout_seconds)
    }
}
