//! The limits that this crate keeps, by name. Nothing is unbounded.

use chrono::TimeDelta;

/// The most characters in the encoded header of a JWS.
pub const HEADER_MAX_BYTES: usize = 4 * 1_024;

/// The most bytes in a payload that is signed or checked as a JWS.
pub const PAYLOAD_MAX_BYTES: usize = 1_024 * 1_024;

/// The most bytes in a signature: that of an RSA key of 8,192 bits.
pub const SIGNATURE_MAX_BYTES: usize = 1_024;

/// The most bytes in a [`KeyId`](crate::KeyId), a [`PartyId`](crate::PartyId)
/// or a [`MessageId`](crate::MessageId).
pub const NAME_MAX_BYTES: usize = 256;

/// The most keys that one party has at a time.
pub const KEYS_MAX: usize = 64;

/// The most bytes in a JWK, or in a JWK set: 64 keys, with certificates that
/// are not read.
pub const JWKS_MAX_BYTES: usize = 512 * 1_024;

/// The most levels of lists and objects in the JSON that is read here.
pub const JSON_DEPTH_MAX: usize = 8;

/// The most parties that a source of keys or a guard in memory knows.
pub const PARTIES_MAX: usize = 10_000;

/// The most message ids of one sender that a guard holds, unless it is made
/// for fewer.
pub const REPLAY_IDS_MAX: usize = 1_000_000;

/// The longest time for which a guard takes messages.
pub const WINDOW_MAX: TimeDelta = TimeDelta::days(31);
