//! The kits of this crate's traits: one line runs a whole kit on any
//! implementation. See each module.
#![expect(
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a case fails by panicking"
)]

pub mod disbursement;
pub mod ledger;
pub mod mapper;
pub mod rail;
