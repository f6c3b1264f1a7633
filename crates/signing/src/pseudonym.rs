use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use solidarity_core::Invalid;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{PartyId, Result, base64url};

/// Says first what the hash is for, so that no other use of the secret gives
/// the same one.
const KEY_LABEL: &[u8] = b"solidarity-signing/pseudonym-key/1";
const VALUE_LABEL: &[u8] = b"solidarity-signing/pseudonym/1";

/// Turns identifiers into pseudonyms for one partner: the same person is the
/// same pseudonym to one partner, and another to every other partner, who
/// cannot tell that the two are one.
///
/// A pseudonym is HMAC-SHA-256 (RFC 2104) under a key of the partner's own,
/// which is HMAC-SHA-256 of the partner's id under the secret. Whoever has the
/// secret can try every identifier; whoever has not learns nothing.
///
/// ```
/// use solidarity_signing::{PartyId, PseudonymKey};
///
/// let secret = [7; 32]; // drawn at random, and kept
/// let health = PseudonymKey::new(&secret, &PartyId::new("health.example")?);
/// let school = PseudonymKey::new(&secret, &PartyId::new("school.example")?);
///
/// let child = health.pseudonym("national-id", b"1234567890");
/// assert_eq!(child, health.pseudonym("national-id", b"1234567890"));
/// assert_ne!(child, school.pseudonym("national-id", b"1234567890"));
/// assert_ne!(child, health.pseudonym("birth-record", b"1234567890"));
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
pub struct PseudonymKey {
    key: Zeroizing<[u8; 32]>,
}

impl PseudonymKey {
    /// The key for `partner`, from a secret that was drawn at random.
    #[must_use]
    pub fn new(secret: &[u8; 32], partner: &PartyId) -> Self {
        let key = hash(secret, &[KEY_LABEL, partner.as_str().as_bytes()]);
        Self {
            key: Zeroizing::new(key),
        }
    }

    /// The pseudonym of `value`, which is an identifier of the sort `kind`.
    ///
    /// The value is taken byte by byte: bring it to one form first.
    #[must_use]
    pub fn pseudonym(&self, kind: &str, value: &[u8]) -> Pseudonym {
        Pseudonym(hash(&self.key, &[VALUE_LABEL, kind.as_bytes(), value]))
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey([redacted])")
    }
}

/// What somebody is called to one partner: 256 bits, compared in constant
/// time.
///
/// It still is about a person: `Debug` does not show it.
#[derive(Clone, Copy)]
pub struct Pseudonym([u8; 32]);

impl Pseudonym {
    /// The pseudonym as 43 characters of base64url.
    #[must_use]
    pub fn to_text(&self) -> String {
        base64url::encode(&self.0)
    }

    /// The pseudonym that [`to_text`](Self::to_text) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if `text` is none.
    pub fn from_text(text: &str) -> Result<Self> {
        let bytes = base64url::decode_array(text);
        let invalid = || Invalid::new("pseudonym", "must be 32 bytes in base64url").into();
        bytes.map(Self).ok_or_else(invalid)
    }
}

impl PartialEq for Pseudonym {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Pseudonym {}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonym([redacted])")
    }
}

/// HMAC-SHA-256 of the parts, each after its length, so that no two lists of
/// parts are one text.
fn hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a key that is shorter than a block up with zeros (RFC 2104, 2).
    let mut block = Zeroizing::new([0; 64]);
    block
        .iter_mut()
        .zip(key)
        .for_each(|(into, byte)| *into = *byte);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn key(secret: u8, partner: &str) -> PseudonymKey {
        PseudonymKey::new(&[secret; 32], &PartyId::new(partner).unwrap())
    }

    /// Another secret, partner, sort or value, or the same letters cut
    /// elsewhere, is another pseudonym.
    #[test]
    fn nothing_that_differs_gives_the_same_pseudonym() {
        let mut seen = HashSet::new();
        for (secret, partner) in [(1, "a"), (2, "a"), (1, "ab"), (1, "b")] {
            for (kind, value) in [
                ("id", "12"),
                ("id1", "2"),
                ("i", "d12"),
                ("", "id12"),
                ("id12", ""),
                ("id", "13"),
            ] {
                let pseudonym = key(secret, partner).pseudonym(kind, value.as_bytes());
                assert!(seen.insert(pseudonym.to_text()));
            }
        }
    }

    /// The value, computed with another implementation of HMAC from the
    /// definition above.
    #[test]
    fn a_pseudonym_stays_the_same_for_ever() {
        let pseudonym = key(7, "health.example").pseudonym("national-id", b"1234567890");
        assert_eq!(
            pseudonym.to_text(),
            "KHzrbucdX1AOwV5X7DQwIWLSl5mEjbNmJANEMZ4Bz_0"
        );
        assert_eq!(
            Pseudonym::from_text(&pseudonym.to_text()).unwrap(),
            pseudonym
        );
    }

    #[test]
    fn neither_key_nor_pseudonym_shows_itself() {
        let key = key(7, "a");
        let pseudonym = key.pseudonym("id", b"1");
        assert_eq!(
            format!("{key:?} {pseudonym:?}"),
            "PseudonymKey([redacted]) Pseudonym([redacted])"
        );
    }

    #[test]
    fn what_is_no_pseudonym_is_refused() {
        for bad in ["", "AA", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43)] {
            assert!(Pseudonym::from_text(bad).is_err(), "{bad}");
        }
    }
}
