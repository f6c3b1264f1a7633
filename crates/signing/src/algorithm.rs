use std::fmt;

/// How a key signs. A key has one, for ever; a message can only agree with it.
///
/// There is no value for *none*, and none for a secret that both sides share.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519 (RFC 8032), checked strictly: no key and no signature of low
    /// order, one way to write each.
    Ed25519,
    /// ECDSA over P-256 with SHA-256 (RFC 7518, 3.4). Signatures are made
    /// deterministically (RFC 6979). Both signatures that a signer can make of
    /// one nonce, (r, s) and (r, n − s), are valid, as in FIPS 186-5: half of
    /// what other libraries and key modules sign has the larger s.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, 3.3), of 2,048 to 8,192 bits,
    /// with AWS-LC.
    #[cfg(feature = "rs256")]
    Rs256,
}

impl Algorithm {
    /// The name in a JWS header that is written: `EdDSA` (RFC 8037, 3.1),
    /// `ES256`, `RS256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "EdDSA",
            Self::Es256 => "ES256",
            #[cfg(feature = "rs256")]
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm that a header or a JWK calls `name`, to the letter.
    /// Ed25519 has two names: RFC 9864 gave it one of its own.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "EdDSA" | "Ed25519" => Some(Self::Ed25519),
            "ES256" => Some(Self::Es256),
            #[cfg(feature = "rs256")]
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
