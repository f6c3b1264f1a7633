use std::fmt;

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256};
use solidarity_core::Invalid;

use crate::{Algorithm, KeyId, Refusal, base64url, jwk};

/// A key that checks signatures of one algorithm.
///
/// It was checked when it was made: a point of low order, or one that is not
/// written in its one form, is no key.
///
/// ```
/// use solidarity_signing::{Algorithm, Key};
///
/// // RFC 8037, appendix A.2.
/// let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let key = Key::from_jwk(jwk.as_bytes())?.public_key().clone();
/// assert_eq!(key.algorithm(), Algorithm::Ed25519);
/// assert_eq!(key.thumbprint().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
#[derive(Clone)]
pub struct PublicKey {
    inner: Inner,
    thumbprint: KeyId,
}

#[derive(Clone)]
enum Inner {
    Ed25519(ed25519_dalek::VerifyingKey),
    Es256(p256::ecdsa::VerifyingKey),
    #[cfg(feature = "rs256")]
    Rs256(crate::rsa::RsaPublicKey),
}

impl PublicKey {
    /// The Ed25519 key of RFC 8032, 5.1.5.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if `bytes` are no point of the curve, one of low order, or
    /// not the one way to write it.
    pub fn ed25519(bytes: &[u8; 32]) -> Result<Self, Invalid> {
        let refuse = || Invalid::new("public key", "must be an Ed25519 key in its one form");
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| refuse())?;
        if key.is_weak() || key.to_edwards().compress().as_bytes() != bytes {
            return Err(refuse());
        }
        Self::of(Inner::Ed25519(key))
    }

    /// The P-256 key with these coordinates, each in 32 bytes (RFC 7518,
    /// 6.2.1).
    ///
    /// # Errors
    ///
    /// [`Invalid`] if they are no point of the curve.
    pub fn es256(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, Invalid> {
        let mut point = vec![4];
        point.extend_from_slice(x);
        point.extend_from_slice(y);
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point)
            .map_err(|_| Invalid::new("public key", "must be a point of P-256"))?;
        Self::of(Inner::Es256(key))
    }

    /// The RSA key of this modulus and public exponent, most significant byte
    /// first and without leading zeros (RFC 7518, 6.3.1), for RS256.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the modulus has fewer than 2,048 or more than 8,192
    /// bits, or the exponent is not odd, below 65,537 or above 32 bits.
    #[cfg(feature = "rs256")]
    pub fn rs256(modulus: &[u8], exponent: &[u8]) -> Result<Self, Invalid> {
        Self::of(Inner::Rs256(crate::rsa::RsaPublicKey::new(
            modulus, exponent,
        )?))
    }

    fn of(inner: Inner) -> Result<Self, Invalid> {
        let digest = Sha256::digest(jwk::object(&inner.members()));
        let thumbprint = KeyId::new(base64url::encode(&digest))?;
        Ok(Self { inner, thumbprint })
    }

    pub(crate) fn of_es256(key: p256::ecdsa::VerifyingKey) -> Result<Self, Invalid> {
        Self::of(Inner::Es256(key))
    }

    /// How the key signs.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.inner {
            Inner::Ed25519(_) => Algorithm::Ed25519,
            Inner::Es256(_) => Algorithm::Es256,
            #[cfg(feature = "rs256")]
            Inner::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// The SHA-256 thumbprint of RFC 7638, in base64url: the key's id where
    /// it is given no other.
    #[must_use]
    pub const fn thumbprint(&self) -> &KeyId {
        &self.thumbprint
    }

    /// Checks that `signature` is the key's over exactly these bytes.
    ///
    /// It asks nothing else: not whose key it is, and not whether its time has
    /// come or gone. Messages are checked against a
    /// [`KeySet`](crate::KeySet), which does.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadSignature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let holds = match &self.inner {
            Inner::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Inner::Es256(key) => {
                p256::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
                    key.verify_prehash(&Sha256::digest(message), &signature)
                        .is_ok()
                })
            }
            #[cfg(feature = "rs256")]
            Inner::Rs256(key) => key.verify(message, signature),
        };
        if holds {
            Ok(())
        } else {
            Err(Refusal::BadSignature)
        }
    }

    /// The members of the key's JWK that say which key it is, in the order of
    /// their names: what RFC 7638, 3.2 asks for.
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        self.inner.members()
    }
}

impl Inner {
    fn members(&self) -> Vec<(&'static str, String)> {
        let of = |name: &'static str, bytes: &[u8]| (name, base64url::encode(bytes));
        match self {
            Self::Ed25519(key) => vec![
                ("crv", "Ed25519".to_owned()),
                ("kty", "OKP".to_owned()),
                of("x", key.as_bytes()),
            ],
            Self::Es256(key) => {
                let point = key.to_sec1_point(false);
                let coordinate = |bytes: Option<&_>| bytes.map(|b: &p256::FieldBytes| b.to_vec());
                vec![
                    ("crv", "P-256".to_owned()),
                    ("kty", "EC".to_owned()),
                    of("x", &coordinate(point.x()).unwrap_or_default()),
                    of("y", &coordinate(point.y()).unwrap_or_default()),
                ]
            }
            #[cfg(feature = "rs256")]
            Self::Rs256(key) => vec![
                of("e", key.exponent()),
                ("kty", "RSA".to_owned()),
                of("n", key.modulus()),
            ],
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.thumbprint == other.thumbprint
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm(), self.thumbprint)
    }
}
