use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use solidarity_core::Invalid;

/// SHA-256 over a policy's compact JSON, its members in the order in which
/// they are declared and its sets sorted: two policies that say the same have
/// one digest. Written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct PolicyDigest([u8; 32]);

impl PolicyDigest {
    pub(crate) fn of(policy: &impl Serialize) -> Result<Self, Invalid> {
        Ok(Self(Sha256::digest(canonical(policy)?).into()))
    }

    /// The digest's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for PolicyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PolicyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<PolicyDigest> for String {
    fn from(digest: PolicyDigest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for PolicyDigest {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let malformed = || Invalid::new("digest", "must be 64 lower-case hexadecimal digits");
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(malformed());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or_else(malformed)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| malformed())?;
        }
        Ok(Self(bytes))
    }
}

/// The bytes that are digested and committed to: compact JSON. What this
/// crate writes holds sorted sets and no floating point, so that one value has
/// one form.
pub(crate) fn canonical(value: &impl Serialize) -> Result<Vec<u8>, Invalid> {
    serde_json::to_vec(value).map_err(|_| Invalid::new("value", "must have a JSON form"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_was_written() {
        let digest = PolicyDigest::of(&"x").unwrap();
        assert_eq!(PolicyDigest::try_from(digest.to_string()), Ok(digest));
        for bad in ["", "é", &"A".repeat(64), &"a".repeat(63), &"é".repeat(32)] {
            assert!(PolicyDigest::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
