//! The conformance kits, run as a stranger would run them, and the planted
//! faults that each must catch.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod access;
mod consent;
mod grievance;
mod identity;
mod meeting;
mod payments;
mod programme;
mod registry;
mod signing;
