//! The architecture's invariants, checked from the manifests and sources.

mod manifests;
mod sources;
