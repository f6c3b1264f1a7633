//! The architecture's invariants, checked from the manifests and sources.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod manifests;
mod sources;
