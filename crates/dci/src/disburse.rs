//! G2P Connect, disbursement: payments from a government to persons
//! (`disburse_core_api`, 1.0.0 of 29 November 2023).
//!
//! Payer and payee are [addresses](crate::mapper::Address); an [`Amount`] is
//! decimal text, never a float.
//!
//! The synchronous disbursement declares the actions of a search, and the
//! status the actions of what it is about: mistakes of the standard. Those are
//! read too ([`Message::ALSO`](crate::Message::ALSO)); the operation's own
//! action is written.

mod amount;
mod disburse_request;
mod endpoints;
mod on_disburse;
mod on_search;
mod reason;
mod search;
mod text;
mod txn_on_status;
mod txn_status;

pub use crate::txn::{Sought, TxnAttribute};
pub use amount::{Amount, CurrencyCode};
pub use disburse_request::{DisburseRequest, Disbursement};
pub use endpoints::ENDPOINTS;
pub use on_disburse::{DisburseResponse, DisbursementStatus};
pub use on_search::{SearchResponse, SearchResponseItem};
pub use reason::{DisburseReason, SearchReason};
pub use search::{Party, RequestType, SearchItem, SearchRequest};
pub use text::ShortNote;
pub use txn_on_status::{TxnOutcome, TxnStatus, TxnStatusResponse};
pub use txn_status::{TxnStatusCriteria, TxnStatusRequest, TxnType};
