#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod attribute;
mod audited;
mod command;
#[cfg(feature = "conformance")]
pub mod conformance;
mod contact;
mod criteria;
mod decimal;
pub mod decision;
mod document;
pub mod duplicate_cases;
mod duplicates;
mod entity;
mod error;
#[cfg(feature = "import")]
pub mod import;
pub mod keys;
pub mod limits;
mod membership;
mod name;
mod person;
mod record;
mod record_search;
mod record_store;
mod role_rules;
mod rules;
mod unit;

pub use crate::attribute::{
    AttributeKind, AttributeName, AttributeRule, AttributeSchema, AttributeValue, Attributes,
    Choice,
};
pub use crate::audited::Audited;
pub use crate::command::{Act, Applied, Command, CommandId, Outcome, Refusal, Refused};
pub use crate::contact::{Address, Phone};
pub use crate::criteria::{Criteria, PersonTerm, UnitTerm};
pub use crate::decimal::Decimal;
pub use crate::document::{HowVerified, IdentifierScheme, IdentityDocument};
pub use crate::duplicates::{
    DuplicateReason, PassedOver, PossibleDuplicate, PossibleDuplicates, possible_duplicates,
};
pub use crate::entity::{AsOf, Content, EntityRef, Revision};
pub use crate::error::{Error, Result};
pub use crate::membership::{Membership, MembershipId, NewMembership, Role};
pub use crate::name::{Name, NameKind, NameParts};
pub use crate::person::{DeathClaim, FactSource, NewPerson, Person, Sex};
pub use crate::record::Record;
pub use crate::record_search::{Identifier, RecordSearch, RecordSearchExt, Registry};
pub use crate::record_store::{MemoryRecordStore, RecordStore, RecordStoreExt};
pub use crate::role_rules::{BrokenRule, Member, RoleRules, check_unit};
pub use crate::rules::Rules;
pub use crate::unit::{NewUnit, Unit, UnitKind};

#[doc(hidden)]
pub use solidarity_core as __core;
