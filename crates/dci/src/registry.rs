//! The messages of the registries: social (SR), civil (CRVS), integrated
//! beneficiary (IBR), disability (DR) and farmer (FR).
//!
//! Field by field as in the standard's OpenAPI of December 2025. A field that
//! it lets be left out is an `Option`; one that it requires is an argument of
//! `new`. What a newer version adds is kept under `other`.

mod answers;
mod criteria;
pub mod dr;
mod endpoints;
pub mod ibr;
mod kind;
mod notify;
mod on_search;
mod on_subscribe;
mod on_unsubscribe;
mod purpose;
mod records;
mod search;
mod subscribe;
mod txn_on_status;
mod txn_status;
mod unsubscribe;
mod yes_no;

pub use endpoints::{Endpoint, Reply, Side};
pub use kind::Registry;
pub use notify::{NotifyData, NotifyEvent, NotifyEventRequest};
pub use on_search::{SearchData, SearchResponse, SearchResponseItem};
pub use on_subscribe::{
    SubscribeResponse, SubscribeResponseItem, Subscription, SubscriptionStatus,
};
pub use on_unsubscribe::{SubscriptionStanding, UnsubscribeResponse};
pub use purpose::{Authorize, Consent, Purpose};
pub use records::Records;
pub use search::{
    PageRequest, Pagination, ResponseEntity, SearchCriteria, SearchItem, SearchRequest, Sort,
    SortOrder,
};
pub use subscribe::{EventFrequency, SubscribeCriteria, SubscribeItem, SubscribeRequest};
pub use txn_on_status::{Receipt, TxnOutcome, TxnStatus, TxnStatusResponse};
pub use txn_status::{Sought, TxnAttribute, TxnStatusCriteria, TxnStatusRequest, TxnType};
pub use unsubscribe::UnsubscribeRequest;
pub use yes_no::YesNo;
