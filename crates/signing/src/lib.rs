#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod algorithm;
mod base64url;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod json;
mod jwk;
pub mod jws;
mod key;
mod key_set;
mod key_source;
pub mod limits;
mod names;
mod pseudonym;
mod public_key;
mod refusal;
mod replay;
#[cfg(feature = "rs256")]
mod rsa;
mod signer;
mod signing_key;
#[cfg(test)]
mod testing;

pub use crate::algorithm::Algorithm;
pub use crate::error::{Error, Result};
pub use crate::key::{Key, Standing};
pub use crate::key_set::KeySet;
pub use crate::key_source::{KeySource, MemoryKeySource};
pub use crate::names::{KeyId, MessageId, PartyId};
pub use crate::pseudonym::{Pseudonym, PseudonymKey};
pub use crate::public_key::PublicKey;
pub use crate::refusal::{Refusal, Rule};
pub use crate::replay::{Admission, Arrival, MemoryReplayGuard, ReplayGuard, Window};
pub use crate::signer::Signer;
pub use crate::signing_key::SigningKey;

#[doc(hidden)]
pub use solidarity_core as __core;
