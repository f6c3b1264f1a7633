use std::fmt;

use serde::Serialize;
use solidarity_core::Invalid;

use super::Form;
use crate::limits::{HEADER_MAX_BYTES, PAYLOAD_MAX_BYTES};
use crate::{KeyId, PublicKey, Result, Signer, SigningKey, base64url};

/// A payload that is to be signed.
///
/// The header names the algorithm and the id of the signer's key, and, if that
/// is asked for, a type. `Debug` does not show the payload.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    payload: &'a [u8],
    form: Form,
    kind: Option<&'a str>,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    b64: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crit: Option<[&'static str; 1]>,
    kid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'a str>,
}

impl<'a> Draft<'a> {
    /// `payload` within the token: `header.payload.signature`.
    #[must_use]
    pub const fn compact(payload: &'a [u8]) -> Self {
        Self {
            payload,
            form: Form::Compact,
            kind: None,
        }
    }

    /// `payload` beside the token, which is `header..signature` (RFC 7515,
    /// appendix F).
    #[must_use]
    pub const fn detached(payload: &'a [u8]) -> Self {
        Self {
            payload,
            form: Form::Detached,
            kind: None,
        }
    }

    /// `payload` beside the token and signed without base64url (RFC 7797):
    /// for what is large and signed often.
    #[must_use]
    pub const fn unencoded(payload: &'a [u8]) -> Self {
        Self {
            payload,
            form: Form::Unencoded,
            kind: None,
        }
    }

    /// The draft with a type, as `typ` in the header.
    #[must_use]
    pub const fn with_type(mut self, kind: &'a str) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The token, signed by `signer`.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the payload is longer than
    ///   [`PAYLOAD_MAX_BYTES`], or empty in the compact form, or the type is
    ///   too long.
    /// - The signer's own.
    pub async fn sign(self, signer: &dyn Signer) -> Result<String> {
        let (header, input) = self.signing_input(signer.public_key(), signer.key_id())?;
        let signature = signer.sign(&input).await?;
        self.token(&header, input, &signature)
    }

    /// The token, signed by a key in memory: [`sign`](Self::sign), without a
    /// wait.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_with(self, key: &SigningKey) -> Result<String> {
        let (header, input) = self.signing_input(key.public(), key.id())?;
        let signature = key.sign_bytes(&input)?;
        self.token(&header, input, &signature)
    }

    /// The encoded header, and the bytes to sign (RFC 7515, 5.1; RFC 7797, 5).
    fn signing_input(&self, key: &PublicKey, id: &KeyId) -> Result<(String, Vec<u8>)> {
        if self.payload.len() > PAYLOAD_MAX_BYTES {
            let rule = format!("must be at most {PAYLOAD_MAX_BYTES} bytes");
            return Err(Invalid::new("payload", rule).into());
        }
        if self.payload.is_empty() && self.form == Form::Compact {
            return Err(Invalid::new("payload", "must not be empty").into());
        }
        let unencoded = self.form == Form::Unencoded;
        let header = Header {
            alg: key.algorithm().name(),
            b64: unencoded.then_some(false),
            crit: unencoded.then_some(["b64"]),
            kid: id.as_str(),
            typ: self.kind,
        };
        let header =
            serde_json::to_vec(&header).map_err(|_| Invalid::new("header", "must be JSON"))?;
        let header = base64url::encode(&header);
        if header.len() > HEADER_MAX_BYTES {
            return Err(Invalid::new("type", "must leave the header within its limit").into());
        }
        let input = input(&header, self.payload, self.form);
        Ok((header, input))
    }

    fn token(&self, header: &str, input: Vec<u8>, signature: &[u8]) -> Result<String> {
        let mut token = match self.form {
            Form::Compact => {
                String::from_utf8(input).map_err(|_| Invalid::new("token", "must be ASCII"))?
            }
            Form::Detached | Form::Unencoded => format!("{header}."),
        };
        token.push('.');
        token.push_str(&base64url::encode(signature));
        Ok(token)
    }
}

/// The bytes that the signature of a detached payload is over.
pub(super) fn input(header: &str, payload: &[u8], form: Form) -> Vec<u8> {
    let encoded;
    let payload = if form == Form::Unencoded {
        payload
    } else {
        encoded = base64url::encode(payload);
        encoded.as_bytes()
    };
    [header.as_bytes(), b".", payload].concat()
}

impl fmt::Debug for Draft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("form", &self.form)
            .field("length", &self.payload.len())
            .finish_non_exhaustive()
    }
}
