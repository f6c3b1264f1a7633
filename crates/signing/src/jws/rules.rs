use std::borrow::Cow;

use chrono::{DateTime, Utc};
use solidarity_core::Invalid;

use super::header::{Header, can_be_ignored};
use super::{Form, VerifiedPayload, draft};
use crate::limits::{HEADER_MAX_BYTES, PAYLOAD_MAX_BYTES, SIGNATURE_MAX_BYTES};
use crate::{Key, KeySet, Refusal, Result, Rule, base64url};

/// What is taken from others as signed.
///
/// As [`new`](Self::new) makes them:
///
/// - the header holds `alg`, and may hold `kid`, `typ` and `cty`; anything
///   else is refused, and so is a name that comes twice;
/// - the key is one of the party's, by `kid`; without one, the only key that it
///   has in force;
/// - `alg` agrees with the key, which alone decides how the signature is
///   checked;
/// - the key may be used at `now`;
/// - the signature is over the bytes that were received, not over what they
///   were read as.
///
/// That a message is new, and meant for its receiver, is for whoever reads it:
/// see [`ReplayGuard`](crate::ReplayGuard).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rules {
    kind: Option<Cow<'static, str>>,
    ignored: Vec<Cow<'static, str>>,
}

impl Rules {
    /// The strict rules.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            kind: None,
            ignored: Vec::new(),
        }
    }

    /// The rules, and `typ` must be `kind`, to the letter: so a token that was
    /// signed for one end is not taken for another (RFC 8725, 3.11).
    #[must_use]
    pub fn with_type(mut self, kind: impl Into<Cow<'static, str>>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// The rules, and a header may hold the string `field`, which is not
    /// looked at: for partners that add, say, `x5t#S256`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if `field` has a meaning
    /// here, or brings a key along (`jwk`, `jku`, `x5u`, `x5c`): those are
    /// refused in any case.
    pub fn ignoring(mut self, field: impl Into<Cow<'static, str>>) -> Result<Self> {
        let field = field.into();
        if !can_be_ignored(&field) {
            return Err(Invalid::new("field", "must not have a meaning in a JWS").into());
        }
        self.ignored.push(field);
        Ok(self)
    }

    pub(super) fn ignores(&self, field: &str) -> bool {
        self.ignored.iter().any(|ignored| ignored == field)
    }

    /// Checks the compact form: the payload is in `token`.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: why the message is not to be trusted.
    pub fn verify_compact(
        &self,
        token: &str,
        keys: &KeySet,
        now: DateTime<Utc>,
    ) -> Result<VerifiedPayload<'static>, Refusal> {
        let [header, payload, signature] = parts(token)?;
        if payload.is_empty() {
            return Err(Rule::PayloadMissing.into());
        }
        if base64url::decoded_len(payload.len()) > PAYLOAD_MAX_BYTES {
            return Err(Refusal::PayloadTooLong);
        }
        let bytes = base64url::decode(payload).ok_or(Rule::Base64)?;
        // The signature is over the first two parts and the dot between them.
        let signed = token
            .rfind('.')
            .and_then(|end| token.get(..end))
            .ok_or(Rule::Parts)?;
        let checked = self.check(
            header,
            Form::Compact,
            signed.as_bytes(),
            signature,
            keys,
            now,
        )?;
        Ok(checked.over(Cow::Owned(bytes)))
    }

    /// Checks the detached form: `token` is over `payload`, which was received
    /// beside it (RFC 7515, appendix F).
    ///
    /// # Errors
    ///
    /// [`Refusal`]: why the message is not to be trusted.
    pub fn verify_detached<'a>(
        &self,
        token: &str,
        payload: &'a [u8],
        keys: &KeySet,
        now: DateTime<Utc>,
    ) -> Result<VerifiedPayload<'a>, Refusal> {
        self.beside(token, payload, Form::Detached, keys, now)
    }

    /// Checks the form of RFC 7797: detached, and signed without base64url.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: why the message is not to be trusted.
    pub fn verify_unencoded<'a>(
        &self,
        token: &str,
        payload: &'a [u8],
        keys: &KeySet,
        now: DateTime<Utc>,
    ) -> Result<VerifiedPayload<'a>, Refusal> {
        self.beside(token, payload, Form::Unencoded, keys, now)
    }

    fn beside<'a>(
        &self,
        token: &str,
        payload: &'a [u8],
        form: Form,
        keys: &KeySet,
        now: DateTime<Utc>,
    ) -> Result<VerifiedPayload<'a>, Refusal> {
        let [header, within, signature] = parts(token)?;
        if !within.is_empty() {
            return Err(Rule::PayloadEmbedded.into());
        }
        if payload.len() > PAYLOAD_MAX_BYTES {
            return Err(Refusal::PayloadTooLong);
        }
        let signed = draft::input(header, payload, form);
        let checked = self.check(header, form, &signed, signature, keys, now)?;
        Ok(checked.over(Cow::Borrowed(payload)))
    }

    fn check<'k>(
        &self,
        header: &str,
        form: Form,
        signed: &[u8],
        signature: &str,
        keys: &'k KeySet,
        now: DateTime<Utc>,
    ) -> Result<Checked<'k>, Refusal> {
        let json = base64url::decode(header).ok_or(Rule::Base64)?;
        let signature = base64url::decode(signature).ok_or(Rule::Base64)?;
        let header = Header::parse(&json, form, self)?;
        let key = match &header.key {
            Some(id) => keys.usable(id, now)?,
            None => keys.only(now)?,
        };
        if key.public_key().algorithm() != header.algorithm {
            return Err(Refusal::WrongAlgorithm);
        }
        if self.kind.is_some() && self.kind.as_deref() != header.kind.as_deref() {
            return Err(Refusal::WrongType);
        }
        key.public_key().verify(signed, &signature)?;
        Ok(Checked {
            owner: keys,
            key,
            kind: header.kind,
        })
    }
}

/// A signature that holds.
struct Checked<'k> {
    owner: &'k KeySet,
    key: &'k Key,
    kind: Option<String>,
}

impl Checked<'_> {
    fn over(self, bytes: Cow<'_, [u8]>) -> VerifiedPayload<'_> {
        VerifiedPayload {
            bytes,
            signed_by: self.owner.owner().clone(),
            key: self.key.id().clone(),
            kind: self.kind,
        }
    }
}

/// The three parts of `token`, within their limits.
fn parts(token: &str) -> Result<[&str; 3], Refusal> {
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Rule::Parts.into());
    };
    if header.len() > HEADER_MAX_BYTES {
        return Err(Refusal::HeaderTooLong);
    }
    if signature.is_empty() {
        return Err(Rule::SignatureMissing.into());
    }
    if base64url::decoded_len(signature.len()) > SIGNATURE_MAX_BYTES {
        return Err(Refusal::BadSignature);
    }
    Ok([header, payload, signature])
}
