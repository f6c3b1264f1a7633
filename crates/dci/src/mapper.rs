//! G2P Connect, the mapper: which account is whose (`mapper_core_api`, 1.0.0
//! of 29 November 2023).
//!
//! A mapper holds pairs of a person's id and a financial address, both written
//! `type:id@provider` ([`Address`]). [`LinkRequest`] adds a pair,
//! [`UpdateRequest`] changes the account of a person, [`UnlinkRequest`] ends a
//! pair, [`ResolveRequest`] asks for one.
//!
//! Every synchronous operation declares the action `link`, and `on-search` for
//! its answer, whatever it is: a mistake of the standard. Those are read too
//! ([`Message::ALSO`](crate::Message::ALSO)); the operation's own action is
//! written.

mod address;
mod attribute;
mod endpoints;
mod link;
mod on_link;
mod on_resolve;
mod on_unlink;
mod on_update;
mod reason;
mod resolve;
mod txn_on_status;
mod txn_status;
mod unlink;
mod update;

pub use crate::txn::{Sought, TxnAttribute};
pub use address::Address;
pub use attribute::Attribute;
pub use endpoints::ENDPOINTS;
pub(crate) use endpoints::{asked, sync, told};
pub use link::{LinkItem, LinkRequest};
pub use on_link::{LinkResponse, LinkResponseItem};
pub use on_resolve::{AccountProvider, ResolveResponse, ResolveResponseItem};
pub use on_unlink::{UnlinkResponse, UnlinkResponseItem};
pub use on_update::{UpdateResponse, UpdateResponseItem};
pub use reason::{LinkReason, ResolveReason, UnlinkReason, UpdateReason};
pub use resolve::{ResolveItem, ResolveRequest, Scope};
pub use txn_on_status::{TxnOutcome, TxnStatus, TxnStatusResponse};
pub use txn_status::{TxnStatusCriteria, TxnStatusRequest, TxnType};
pub use unlink::{UnlinkItem, UnlinkRequest};
pub use update::{UpdateItem, UpdateRequest};
