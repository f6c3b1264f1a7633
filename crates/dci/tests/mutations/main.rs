//! Forty classes of changed messages, two hundred random ones of each: every
//! one is refused with the standard's code, and none is read in part. Where it
//! can be, the signature is good, so that the rule alone stands in the way.
//!
//! Class 15, a message again after a restart, needs a guard that outlives it:
//! it is in `tests/journeys`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure"
)]

mod bytes;
mod exchange;
mod headers;
mod keys;
