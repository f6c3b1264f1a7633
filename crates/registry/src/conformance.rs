//! The kits of this crate's traits. One line each, in a test module of your
//! own crate, runs all of it:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_core::testing::InMemory;
//! # use solidarity_registry::{MemoryRecordStore as MyStore, RecordStore, Registry};
//! use solidarity_registry::conformance::rules;
//!
//! #[cfg(test)]
//! mod keeps {
//!     solidarity_registry::record_store_conformance!(InMemory::new(|| Arc::new(MyStore::new(rules())) as Arc<dyn RecordStore>));
//! }
//! #[cfg(test)]
//! mod finds {
//!     solidarity_registry::record_search_conformance!(InMemory::new(|| Arc::new(MyStore::new(rules())) as Arc<dyn Registry>));
//! }
//! ```
//!
//! Duplicate cases are a trait of their own:
//! [`duplicate_case_store_conformance!`](crate::duplicate_case_store_conformance).
//!
//! The subject of the other two keeps the [`rules`] of the kit. A back end
//! that needs a reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`;
//! its store must then answer on any thread, for some cases start their own.
//! Cases may be added in a minor release.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

use std::collections::BTreeSet;

use crate::{
    AttributeKind, AttributeName, AttributeSchema, Choice, IdentifierScheme, Role, RoleRules,
    Rules, UnitKind,
};

mod differential;
pub mod duplicate_case_store;
mod fixture;
mod limits;
mod reading;
pub mod record_search;
pub mod record_store;
mod roles;
mod writing;

pub use differential::agrees_with_memory;

/// The rules that the subject of a kit keeps.
///
/// Households have at most one head, who is certainly not younger than 12, at
/// most one collector and at most six members; families have one head or two;
/// singles are one. Of other kinds nothing is asked.
#[must_use]
pub fn rules() -> Rules {
    let name = AttributeName::from_static;
    let roof = BTreeSet::from(["tin", "thatch"].map(Choice::from_static));
    let household = RoleRules::any()
        .with_heads(0, 1)
        .with_head_age_min(12)
        .with_collectors_max(1)
        .with_members_max(6);
    let family = RoleRules::any().with_heads(1, 2).with_roles([
        Role::HEAD,
        Role::SPOUSE,
        Role::CHILD,
        Role::COLLECTOR,
    ]);
    Rules::default()
        .with_roles(UnitKind::HOUSEHOLD, household)
        .with_roles(UnitKind::FAMILY, family)
        .with_roles(UnitKind::SINGLE, RoleRules::any().with_members_max(1))
        .with_unique_scheme(IdentifierScheme::from_static("national-id"))
        .with_person_attributes(
            AttributeSchema::new()
                .with(name("disability"), AttributeKind::Bool)
                .with(name("school-years"), AttributeKind::Integer)
                .with(name("note"), AttributeKind::Text)
                .with(name("arrived"), AttributeKind::Date),
        )
        .with_unit_attributes(
            AttributeSchema::new()
                .with(name("roof"), AttributeKind::Choice(roof))
                .with(name("hectares"), AttributeKind::Decimal),
        )
}
