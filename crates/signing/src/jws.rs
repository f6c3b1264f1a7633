//! JWS: signed bytes, in the compact form of RFC 7515, 7.1, with the payload
//! within it, detached (appendix F), or detached and not encoded (RFC 7797).
//!
//! A [`Draft`] is signed; [`Rules`] say what is taken from others, and are
//! strict where nothing else is said. What comes out of a check is a
//! [`VerifiedPayload`], which nothing else makes: a function that takes one
//! cannot be handed bytes that nobody checked.
//!
//! ```
//! use chrono::DateTime;
//! use solidarity_core::testing::block_on;
//! use solidarity_signing::jws::{Draft, Rules};
//! use solidarity_signing::{Key, KeySet, PartyId, Refusal, SigningKey};
//!
//! let key = SigningKey::generate_ed25519()?;
//! let mut keys = KeySet::new(PartyId::new("registry.example")?);
//! keys.add(Key::new(key.public().clone()))?;
//! let now = DateTime::UNIX_EPOCH;
//!
//! let body = br#"{"header":{},"message":{}}"#;
//! let token = block_on(Draft::detached(body).sign(&key))?;
//! let verified = Rules::new().verify_detached(&token, body, &keys, now)?;
//! assert_eq!((verified.bytes(), verified.signed_by()), (&body[..], keys.owner()));
//!
//! let other = br#"{"header":{},"message":{"amount":1}}"#;
//! let refused = Rules::new().verify_detached(&token, other, &keys, now);
//! assert_eq!(refused.unwrap_err(), Refusal::BadSignature);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod draft;
mod header;
mod payload;
mod rules;

pub use draft::Draft;
pub use payload::VerifiedPayload;
pub use rules::Rules;

/// How a payload goes with its signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// Within the token, in base64url.
    Compact,
    /// Beside it, and signed in base64url.
    Detached,
    /// Beside it, and signed as it is.
    Unencoded,
}

#[cfg(test)]
mod cookbook;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod tests;
