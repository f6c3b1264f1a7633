use std::fmt;

use serde::{Deserialize, Serialize};

use crate::json::Object;

/// A message that only its receiver can read (`EncryptedMessage`): a JWE in
/// flattened JSON (RFC 7516, 7.2.2), with its header unprotected.
///
/// Nothing here encrypts or decrypts. All its fields are base64url; `Debug`
/// shows the header alone.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EncryptedMessage {
    /// By which algorithms, for which key.
    pub header: EncryptionHeader,
    /// The message.
    pub ciphertext: String,
    /// The key of the message, encrypted for its receiver.
    pub encrypted_key: String,
    /// What shows that nothing was changed.
    pub tag: String,
    /// The initialization vector.
    pub iv: String,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

/// By which algorithms a message is encrypted, and for which key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EncryptionHeader {
    /// How the key is encrypted, such as `RSA-OAEP-256`.
    pub alg: String,
    /// How the message is encrypted, such as `A256GCM`.
    pub enc: String,
    /// The receiver's key.
    pub kid: String,
}

impl EncryptionHeader {
    /// `alg` for the key `kid`, `enc` for the message.
    #[must_use]
    pub fn new(alg: impl Into<String>, enc: impl Into<String>, kid: impl Into<String>) -> Self {
        Self {
            alg: alg.into(),
            enc: enc.into(),
            kid: kid.into(),
        }
    }
}

impl EncryptedMessage {
    /// A message that was encrypted by `header`.
    #[must_use]
    pub fn new(
        header: EncryptionHeader,
        encrypted_key: impl Into<String>,
        iv: impl Into<String>,
        ciphertext: impl Into<String>,
        tag: impl Into<String>,
    ) -> Self {
        Self {
            header,
            ciphertext: ciphertext.into(),
            encrypted_key: encrypted_key.into(),
            tag: tag.into(),
            iv: iv.into(),
            other: Object::default(),
        }
    }
}

impl fmt::Debug for EncryptedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptedMessage")
            .field("header", &self.header)
            .field("length", &self.ciphertext.len())
            .finish_non_exhaustive()
    }
}
