#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod chart;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod ledger;

#[doc(hidden)]
pub use solidarity_core as __core;

pub use crate::address::{AddressForm, FinancialAddress, RailCode};
pub use crate::chart::{Chart, Movement};
pub use crate::error::{Error, Result};
pub use crate::ledger::{
    AMOUNT_MAX, Account, AccountBalance, AccountCode, AccountFilter, AccountFlags, AccountId,
    Balances, CreateAccountStatus, CreateTransferStatus, LEDGER_BATCH_MAX, Ledger, LedgerExt,
    LedgerNumber, LedgerState, MemoryLedger, NewAccount, NewTransfer, PendingState, Side,
    Timestamp, Transfer, TransferCode, TransferFlags, TransferId, amount_of, money_of,
};
