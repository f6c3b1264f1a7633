//! The kits of this crate's traits. One line, in a test module of your own
//! crate, runs a whole kit:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_core::testing::InMemory;
//! # use solidarity_identity::{CodeRules, CodeStore, MemoryCodeStore as MyStore};
//! #[cfg(test)]
//! solidarity_identity::code_store_conformance!(InMemory::new(|| {
//!     Arc::new(MyStore::new(CodeRules::default()).unwrap()) as Arc<dyn CodeStore>
//! }));
//! ```
//!
//! A back end that needs a reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

pub mod code_store;
pub mod exception_register;
pub mod verifier;

use std::fmt;
use std::sync::Arc;
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::block_on;
use solidarity_core::{ActorId, Purpose, Stamp};

use crate::Result;

/// How many threads a concurrent case starts.
pub const THREADS: usize = 8;

/// When the cases begin.
fn start() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_780_000_000_123_456).unwrap()
}

/// A stamp of a fresh actor, `seconds` after the start.
fn stamp(seconds: i64) -> Stamp {
    let at = start() + TimeDelta::seconds(seconds);
    Stamp::new(at, ActorId::generate(), Purpose::from_static("kit"))
}

/// Runs `act` on [`THREADS`] threads at once and gives what each said.
fn at_once<S, T>(subject: &Arc<S>, act: impl AsyncFn(&S, usize) -> T + Copy + Send + Sync) -> Vec<T>
where
    S: ?Sized + Send + Sync,
    T: Send,
{
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|n| scope.spawn(move || block_on(act(subject, n))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// Fails if two stores did not say the same.
fn same<T: fmt::Debug + PartialEq>(step: usize, subject: Result<T>, memory: Result<T>) {
    match (subject, memory) {
        (Ok(subject), Ok(memory)) => assert_eq!(subject, memory, "at step {step}"),
        (Err(subject), Err(memory)) => {
            assert_eq!(subject.to_string(), memory.to_string(), "at step {step}");
        }
        (subject, memory) => panic!("at step {step}: {subject:?}, in memory {memory:?}"),
    }
}
