#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod ack;
mod answers;
pub mod codes;
pub mod data;
mod decimal;
pub mod disburse;
mod encrypted;
mod envelope;
mod fault;
mod header;
mod incoming;
pub mod json;
mod leniency;
pub mod limits;
pub mod mapper;
mod message;
mod names;
pub mod platform;
mod protocol;
pub mod query;
mod reason;
mod reception;
mod refusal;
pub mod registry;
mod signature;
mod spelling;
mod text;
mod time;
mod txn;

pub use crate::ack::{Ack, AckError, AckMessage, AckStatus};
pub use crate::decimal::Decimal;
pub use crate::encrypted::{EncryptedMessage, EncryptionHeader};
pub use crate::envelope::{Envelope, Wire};
pub use crate::fault::{Fault, FieldPath, Rule};
pub use crate::header::{Header, ReplyHeader, RequestHeader, Status};
pub use crate::incoming::Incoming;
pub use crate::json::Malformed;
pub use crate::leniency::{Deviation, Leniency, Tolerance};
pub use crate::message::{Batch, Message};
pub use crate::protocol::{Action, Url, Version};
pub use crate::reason::{
    ErrorCode, HeaderReason, SearchReason, SubscribeReason, UnsubscribeReason,
};
pub use crate::reception::{Opened, Partner, Received, Reception, Rejected};
pub use crate::refusal::Refusal;
pub use crate::signature::{Profile, SignaturePolicy, Trust};
pub use crate::text::{
    CorrelationId, Locale, Note, ReferenceId, SubscriptionCode, Term, TransactionId,
};
pub use crate::time::{Date, Timestamp};
