#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod basis;
mod collected;
#[cfg(feature = "conformance")]
pub mod conformance;
mod consent;
mod decide;
mod decision;
mod digest;
mod error;
pub mod limits;
mod policy;
mod receipt;
mod request;
pub mod step;
mod store;
mod withdrawal;

pub use crate::basis::{Basis, Condition, Notify, SpecialCategory, SpecialCondition};
pub use crate::collected::{Answer, Budget, Collected, GivenBy, NoticeVersion, Period, Reply};
pub use crate::consent::{Consent, Event, EventKind, NewConsent, Standing, State};
pub use crate::decide::{Uses, decide};
pub use crate::decision::{
    ConsentRef, Considered, Decision, Grant, Outcome, PolicyRef, Reason, Remedy,
};
pub use crate::digest::PolicyDigest;
pub use crate::error::{Error, Result};
pub use crate::policy::{
    BasisStatement, ControllerKind, NewPolicy, Policy, Prohibition, StatementId,
};
pub use crate::receipt::{MessageKey, Receipt, ReceiptLine};
pub use crate::request::{FieldName, NewUse, Recipient, Request, Use, UseId};
pub use crate::store::{ConsentStore, ConsentStoreExt, MemoryConsentStore};
pub use crate::withdrawal::{Continues, WithdrawalEffect, withdrawal_effect};

#[doc(hidden)]
pub use solidarity_core as __core;
