//! The kits of this crate's traits. One line, in a test module of your own
//! crate, runs a whole kit:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_core::testing::InMemory;
//! # use solidarity_signing::{MemoryReplayGuard as MyGuard, ReplayGuard, conformance};
//! #[cfg(test)]
//! solidarity_signing::replay_guard_conformance!(InMemory::new(|| {
//!     Arc::new(MyGuard::new(conformance::replay_guard::window())) as Arc<dyn ReplayGuard>
//! }));
//! ```
//!
//! A guard under test is made with [`replay_guard::window`]. A back end that
//! needs a reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`.
//!
//! A source of keys has no kit: what it promises is about where it gets them,
//! which no caller sees.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

pub mod replay_guard;
pub mod signer;
