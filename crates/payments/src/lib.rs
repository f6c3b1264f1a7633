#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod approval;
mod batch;
mod chart;
#[cfg(feature = "conformance")]
pub mod conformance;
mod digest;
mod disbursement;
mod disburser;
mod error;
mod event;
mod instruction;
mod ledger;
mod line;
mod mapper;
mod rail;
mod reason;
mod reconciliation;
mod totals;
mod transition;

#[doc(hidden)]
pub use solidarity_core as __core;

pub use crate::address::{AddressForm, FinancialAddress, RailCode};
pub use crate::approval::{Decision, decide};
pub use crate::batch::{
    APPROVALS_NEEDED, Approval, Batch, BatchId, BatchState, ControlSum, LINES_MAX, NewBatch,
};
pub use crate::chart::{Chart, Movement};
pub use crate::digest::{BatchDigest, LineDigest};
pub use crate::disbursement::{
    DisbursementStore, DraftFacts, Drafted, MemoryDisbursementStore, Recording, Replacements,
    Written, batch_news, check_batch, draft, event_news, replace,
};
pub use crate::disburser::{Disburser, Progress, Settlement, Terms};
pub use crate::error::{Error, Result};
pub use crate::event::{EventId, EventKind, LineEvent, Outcome, Recorded, Refusal, Resolution};
pub use crate::instruction::Instruction;
pub use crate::ledger::{
    AMOUNT_MAX, Account, AccountBalance, AccountCode, AccountFilter, AccountFlags, AccountId,
    Balances, Batching, Booking, CreateAccountStatus, CreateTransferStatus, LEDGER_BATCH_MAX,
    Ledger, LedgerExt, LedgerNumber, LedgerState, MemoryLedger, NewAccount, NewTransfer,
    PendingState, Side, Timestamp, Transfer, TransferCode, TransferFlags, TransferId, amount_of,
    money_of,
};
pub use crate::line::{EntryId, Line, LineState, RailReference, Receipt, TRIES_MAX};
pub use crate::mapper::{AccountMapper, AddressResolution, MemoryAccountMapper};
pub use crate::rail::{
    Answer, Behavior, BookEntry, Booked, DeduplicatingRail, EntryKind, Fate, MemoryBooks, Rail,
    RailBooks, RecognizingRail, SimulatedRail, Standing, StatementEntry, Submission,
};
pub use crate::reason::{Reason, ReasonCode, ReissueAdvice};
pub use crate::reconciliation::{Finding, Reconciliation, missing, reconcile};
pub use crate::totals::{Bucket, ControlTotals, Imbalance, Tally};
pub use crate::transition::transition;
