use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{KeyId, PublicKey, Result};

/// Signs bytes with one key, wherever the key lives.
///
/// [`SigningKey`](crate::SigningKey) holds it in memory. A ministry's key
/// lives in a key module or a key service, which is why signing is awaited;
/// checking is not.
///
/// # Contract
///
/// An implementation must pass [`conformance`](crate::conformance). In words:
///
/// - **The bytes as they are.** The signature is over exactly the bytes given,
///   not over a hash of them that somebody else made.
/// - **In the form of JWS** (RFC 7518, 3; RFC 8037, 3.1): 64 bytes for
///   Ed25519; r and s in 32 bytes each for ES256, not the DER that many
///   modules give; as long as the modulus for RS256.
/// - **One key.** The key and its id stay the same while the signer lives.
///   After a rotation there is another signer.
///
/// # Sharing
///
/// Shared as `Arc<dyn Signer>`; any number of threads may sign at once.
///
/// # Wrapping
///
/// A wrapper passes on the bytes and the signature unchanged.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use solidarity_core::testing::block_on;
/// use solidarity_signing::{Signer, SigningKey};
///
/// let signer: Arc<dyn Signer> = Arc::new(SigningKey::generate_ed25519()?);
/// let signature = block_on(signer.sign(b"message"))?;
/// assert!(signer.public_key().verify(b"message", &signature).is_ok());
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
#[async_trait]
pub trait Signer: fmt::Debug + Send + Sync + 'static {
    /// What others check the signatures with.
    fn public_key(&self) -> &PublicKey;

    /// What the key is called in messages.
    fn key_id(&self) -> &KeyId;

    /// The signature over `message`.
    ///
    /// # Errors
    ///
    /// [`Error::Unanswered`](crate::Error::Unanswered) if what holds the key
    /// does not sign.
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>>;
}

#[async_trait]
impl<T: Signer + ?Sized> Signer for Arc<T> {
    fn public_key(&self) -> &PublicKey {
        (**self).public_key()
    }

    fn key_id(&self) -> &KeyId {
        (**self).key_id()
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        (**self).sign(message).await
    }
}
