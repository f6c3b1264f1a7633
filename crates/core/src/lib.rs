#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod access;
mod change;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod contact;
mod context;
mod date;
mod error;
mod fault;
mod id;
mod invalid;
pub mod limits;
mod money;
mod page;
mod pii;
mod place;
mod retry;
pub mod testing;
mod version;

pub use crate::access::{Access, AccessId, AccessKind, AccessLog, MemoryAccessLog};
pub use crate::change::{
    Change, ChangeFeed, ChangeKind, ChangeLog, Commitment, EntityKind, NewChange, Salt,
};
pub use crate::clock::{Clock, ManualClock, SystemClock};
pub use crate::contact::{Channel, Language, MessageForm, SafeContact, Sharing};
pub use crate::context::{Context, Purpose, Stamp};
pub use crate::date::{Age, Calendar, Stated, StatedDate, Validity};
pub use crate::error::{Error, Result};
pub use crate::fault::{BoxError, StoreFault};
pub use crate::id::{
    ActorId, CaseId, ConsentId, CorrelationId, CycleId, DecisionId, EnrolmentId, EntitlementId,
    NoticeId, ParseIdError, PaymentId, PersonId, PlaceId, ProgrammeId, UnitId,
};
pub use crate::invalid::{Invalid, check_code, check_lines, check_text};
pub use crate::money::{Currency, Money, MoneyError};
pub use crate::page::{Cursor, Page, Paged};
pub use crate::pii::{Pii, exposed};
pub use crate::place::{Place, PlaceCode, PlaceLevel, Places, Residence};
pub use crate::retry::Retry;
pub use crate::version::Version;
/// The UUID beneath every id.
pub use uuid::Uuid;

#[doc(hidden)]
pub mod __private {
    pub use crate::id::derive;
    pub use crate::invalid::is_code;
    pub use {serde, uuid};
}
