//! The kits of this crate's traits: one line runs a whole kit on any
//! implementation. See each module.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

pub mod ledger;
