use std::fmt;

use async_trait::async_trait;
use ed25519_dalek::Signer as _;
use solidarity_core::{Invalid, Retry};
use zeroize::Zeroizing;

use crate::{Error, KeyId, PublicKey, Result, Signer, jwk};

/// A private key in this process's memory.
///
/// It is overwritten when it is dropped, does not show itself in `Debug`, and
/// leaves only by [`to_jwk`](Self::to_jwk). A ministry's key better lives in a
/// key module, behind a [`Signer`] of its own.
///
/// ```
/// use solidarity_signing::SigningKey;
///
/// let key = SigningKey::generate_ed25519()?;
/// let signature = key.sign_bytes(b"message")?;
/// assert!(key.public().verify(b"message", &signature).is_ok());
/// assert!(key.public().verify(b"another", &signature).is_err());
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
pub struct SigningKey {
    inner: Inner,
    public: PublicKey,
    id: KeyId,
}

enum Inner {
    Ed25519(ed25519_dalek::SigningKey),
    Es256(p256::ecdsa::SigningKey),
    #[cfg(feature = "rs256")]
    Rs256(aws_lc_rs::rsa::KeyPair),
}

impl SigningKey {
    /// A new Ed25519 key, from the system's randomness.
    ///
    /// # Errors
    ///
    /// [`Error::Unanswered`] if the system has none to give.
    pub fn generate_ed25519() -> Result<Self> {
        Self::ed25519(&*random()?)
    }

    /// A new P-256 key, from the system's randomness.
    ///
    /// # Errors
    ///
    /// [`Error::Unanswered`] if the system has none to give.
    pub fn generate_es256() -> Result<Self> {
        Self::es256(&*random()?)
    }

    /// The Ed25519 key of this seed: the private key of RFC 8032, 5.1.5.
    ///
    /// # Errors
    ///
    /// None for any seed that was drawn at random.
    pub fn ed25519(seed: &[u8; 32]) -> Result<Self> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        Self::of(
            PublicKey::ed25519(key.verifying_key().as_bytes())?,
            Inner::Ed25519(key),
        )
    }

    /// The P-256 key of this scalar, most significant byte first.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is zero or not below the order of the curve: a
    /// chance of one in 2^32 for bytes that were drawn at random.
    pub fn es256(scalar: &[u8; 32]) -> Result<Self> {
        let key = p256::ecdsa::SigningKey::from_slice(scalar)
            .map_err(|_| Invalid::new("private key", "must be a scalar of P-256"))?;
        Self::of(
            PublicKey::of_es256(*key.verifying_key())?,
            Inner::Es256(key),
        )
    }

    /// The RSA key of a PKCS#8 document in DER (RFC 5958), for RS256.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is none, or not one that
    /// [`PublicKey::rs256`] takes.
    #[cfg(feature = "rs256")]
    pub fn rs256_from_pkcs8(der: &[u8]) -> Result<Self> {
        Self::of_rsa(crate::rsa::key_pair_from_pkcs8(der)?)
    }

    #[cfg(feature = "rs256")]
    pub(crate) fn of_rsa(pair: aws_lc_rs::rsa::KeyPair) -> Result<Self> {
        let (modulus, exponent) = crate::rsa::public_numbers(&pair);
        Self::of(PublicKey::rs256(&modulus, &exponent)?, Inner::Rs256(pair))
    }

    /// The private key of a JWK (RFC 7517), with the JWK's `kid` if it has
    /// one.
    ///
    /// The caller's `json` is not overwritten.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is no private key, or its public members are
    /// not those of the private ones.
    pub fn from_jwk(json: &[u8]) -> Result<Self> {
        jwk::read_private(json)
    }

    fn of(public: PublicKey, inner: Inner) -> Result<Self> {
        let id = public.thumbprint().clone();
        Ok(Self { inner, public, id })
    }

    /// The key under another id than its thumbprint.
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.id = id;
        self
    }

    /// What others check the key's signatures with.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// What the key is called in messages.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The private key as a JWK, to be kept where nobody reads it. The text is
    /// overwritten when it is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an RSA key, which is kept where it came from.
    pub fn to_jwk(&self) -> Result<Zeroizing<String>> {
        let d = match &self.inner {
            Inner::Ed25519(key) => Zeroizing::new(key.to_bytes()),
            Inner::Es256(key) => Zeroizing::new(key.to_bytes().into()),
            #[cfg(feature = "rs256")]
            Inner::Rs256(_) => {
                return Err(Invalid::new("private key", "must not be an RSA key").into());
            }
        };
        Ok(jwk::write_private(&self.public, &self.id, &*d))
    }

    /// Signs exactly these bytes: [`Signer::sign`], without a wait.
    ///
    /// # Errors
    ///
    /// [`Error::Unanswered`] if the library beneath fails to sign.
    pub fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>> {
        let failed = |error: ed25519_dalek::SignatureError| {
            Error::unanswered("sign", Retry::Never, error.to_string())
        };
        match &self.inner {
            Inner::Ed25519(key) => key
                .try_sign(message)
                .map(|signature| signature.to_bytes().to_vec())
                .map_err(failed),
            Inner::Es256(key) => {
                let signed: Result<p256::ecdsa::Signature, _> = key.try_sign(message);
                signed.map(|signature| signature.to_vec()).map_err(failed)
            }
            #[cfg(feature = "rs256")]
            Inner::Rs256(pair) => crate::rsa::sign(pair, message),
        }
    }
}

#[async_trait]
impl Signer for SigningKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn key_id(&self) -> &KeyId {
        &self.id
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.sign_bytes(message)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.public.algorithm())
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn random() -> Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes)
        .map_err(|error| Error::unanswered("draw a random key", Retry::Later, error))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_leaves_by_its_own_door_only() {
        for key in [
            SigningKey::generate_ed25519().unwrap(),
            SigningKey::generate_es256().unwrap(),
        ] {
            let jwk = key.to_jwk().unwrap();
            let secret = jwk
                .split("\"d\":\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            assert_eq!(secret.len(), 43);
            for shown in [format!("{key:?}"), format!("{:?}", key.public())] {
                assert!(!shown.contains(secret), "{shown}");
            }
            let again = SigningKey::from_jwk(jwk.as_bytes()).unwrap();
            assert_eq!(
                (again.public(), &again.id),
                (key.public(), key.public().thumbprint())
            );
            let signature = again.sign_bytes(b"kept").unwrap();
            assert_eq!(key.public().verify(b"kept", &signature), Ok(()));
        }
    }

    #[test]
    fn two_keys_are_not_alike() {
        let (one, two) = (
            SigningKey::generate_es256().unwrap(),
            SigningKey::generate_es256().unwrap(),
        );
        assert_ne!(one.public(), two.public());
    }
}
