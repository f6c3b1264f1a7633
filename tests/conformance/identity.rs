//! The kits of identity verification, and who does not pass them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod codes;
mod exceptions;
mod verifiers;
