use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;

/// Writes fields so that no two lists of fields give the same bytes: each
/// field is preceded by its length, four bytes, big endian.
pub(crate) struct Encoder(Vec<u8>);

impl Encoder {
    pub(crate) fn new(domain: &'static str) -> Self {
        Self(Vec::with_capacity(256)).field(domain.as_bytes())
    }

    pub(crate) fn field(mut self, bytes: &[u8]) -> Self {
        // Every field that is encoded is below the limit of a line of text.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

macro_rules! digest {
    ($($(#[$meta:meta])* $name:ident $field:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 32]);

        impl $name {
            /// The digest with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The digest's bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(hex: &str) -> Result<Self, Invalid> {
                from_hex(hex)
                    .map(Self)
                    .ok_or_else(|| Invalid::new($field, "must be 64 lower-case hexadecimal digits"))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(hex: String) -> Result<Self, Invalid> {
                hex.parse()
            }
        }

        impl From<$name> for String {
            fn from(digest: $name) -> Self {
                digest.to_string()
            }
        }
    )+};
}

digest! {
    /// SHA-256 over all that one [`Instruction`](crate::Instruction) says.
    LineDigest "line digest";
    /// SHA-256 over all that a batch says: what its approvers approve.
    ///
    /// # Format
    ///
    /// A *field* is its length in bytes, as four bytes big endian, and then
    /// its bytes. A digest is SHA-256 over the fields in this order:
    ///
    /// - of a **line**: `solidarity.payment.v1`; the payment's id, 16 bytes;
    ///   the payee's id, 16; the rail's code; the form of the address, one
    ///   byte (1 account, 2 telephone, 3 cash point); the address, UTF-8; the
    ///   amount in minor units, 16 bytes big endian, two's complement; the
    ///   currency's three letters; the entitlement's id, 16; the replaced
    ///   payment's id, 16, or nothing.
    /// - of a **batch**: `solidarity.batch.v1`; the batch's id; the
    ///   programme's; the cycle's; the currency's three letters; the number of
    ///   lines, 8 bytes big endian; the sum of their amounts, 16 bytes; and
    ///   the digest of each line, 32 bytes, in the order of the payments' ids.
    BatchDigest "batch digest";
}

fn from_hex(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_reads_what_it_writes_and_nothing_else() {
        let digest = BatchDigest::from_bytes([0xA5; 32]);
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for bad in [
            "",
            "a5",
            &"A5".repeat(32),
            &"g5".repeat(32),
            &"é".repeat(32),
        ] {
            assert!(bad.parse::<BatchDigest>().is_err(), "{bad}");
        }
    }

    #[test]
    fn fields_cannot_run_into_one_another() {
        let ab_c = Encoder::new("t").field(b"ab").field(b"c").finish();
        let a_bc = Encoder::new("t").field(b"a").field(b"bc").finish();
        assert_ne!(ab_c, a_bc);
    }
}
