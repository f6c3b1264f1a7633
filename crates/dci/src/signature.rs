//! Signatures of messages. The standard says that `signature` is over the
//! header and the message, and not how; three profiles are in use.

mod detached;
mod digest;
mod token;

use chrono::{DateTime, Utc};
use solidarity_signing::{KeyId, KeySet};

use crate::json::{Kind, Node};
use crate::{Fault, Leniency, Rule, Tolerance};

/// How a partner signs.
///
/// | | the signature is | over |
/// |---|---|---|
/// | [`Digest`](Self::Digest) | Ed25519, in the body | a digest of the body, written anew |
/// | [`Token`](Self::Token) | a compact JWS, in the body | the bytes within it |
/// | [`Detached`](Self::Detached) | a detached JWS, in the HTTP header `Signature` | the bytes of the body |
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a signature of a profile that is not known is no signature"
)]
pub enum Profile {
    /// `namespace="dci", kidId="sender|key|ed25519", …, signature="…"`: the
    /// form of the standard's example (after `draft-cavage-http-signatures`),
    /// as `OpenSPP` fills it in. The signature is over when it was made, until
    /// when it is good, and the SHA-256 of header and message, written with
    /// sorted names, without white space and in ASCII.
    Digest,
    /// A compact JWS (RFC 7515) whose payload is `{"header":…,"message":…}`,
    /// as `OpenCRVS` has it. What is read is what was signed; the body beside
    /// it must say the same.
    Token,
    /// A detached JWS (RFC 7515, appendix F) over the body, in the HTTP header
    /// `Signature`, as `OpenG2P` has it.
    Detached,
}

/// What is asked of a partner's signatures.
///
/// ```
/// use solidarity_dci::{Profile, SignaturePolicy};
///
/// // A partner that signs, and whose every message is refused without.
/// let strict = SignaturePolicy::Required(Profile::Detached);
/// // A partner that is about to begin: what it signs has to be right.
/// let beginning = SignaturePolicy::Optional(Profile::Detached);
/// assert_ne!(strict, beginning);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever decides about trust decides about every case"
)]
pub enum SignaturePolicy {
    /// None is looked for: the transport alone says who the partner is.
    None,
    /// A message without one is taken; one that is there must be right.
    Optional(Profile),
    /// A message without one is refused.
    Required(Profile),
}

/// What is known of who sent a message.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "signed or not: nothing is between")]
pub enum Trust {
    /// Nobody signed it, or nobody looked.
    Unsigned,
    /// The sender did.
    Signed {
        /// How.
        profile: Profile,
        /// With which of its keys.
        key: KeyId,
    },
}

/// A message as it was received, and what is needed to check it.
pub(crate) struct Signed<'m, 'a> {
    pub(crate) body: &'a [u8],
    pub(crate) root: Node<'m, 'a>,
    pub(crate) http_header: Option<&'a str>,
    pub(crate) keys: &'m KeySet,
    pub(crate) leniency: Leniency,
    pub(crate) now: DateTime<Utc>,
}

/// What a check found.
pub(crate) struct Checked {
    pub(crate) key: KeyId,
    /// Whether the bytes were not signed as they came.
    pub(crate) rewritten: bool,
}

impl Signed<'_, '_> {
    /// Checks the signature as `policy` asks.
    pub(crate) fn check(&self, policy: SignaturePolicy) -> Result<(Trust, bool), Fault> {
        let (profile, required) = match policy {
            SignaturePolicy::None => return Ok((Trust::Unsigned, false)),
            SignaturePolicy::Optional(profile) => (profile, false),
            SignaturePolicy::Required(profile) => (profile, true),
        };
        let in_body = match self.root.get("signature").map(Node::kind) {
            None => None,
            // Nothing is no signature.
            Some(Kind::Null) if self.leniency.allows(Tolerance::NullForAbsent) => None,
            Some(Kind::Text(text)) if text.is_empty() => None,
            Some(Kind::Text(text)) => Some(text.as_ref()),
            Some(_) => return Err(fault(Rule::WrongType)),
        };
        let in_http = self.http_header.filter(|text| !text.is_empty());
        let (offered, elsewhere) = match profile {
            Profile::Digest | Profile::Token => (in_body, in_http),
            Profile::Detached => (in_http, in_body),
        };
        if elsewhere.is_some() {
            return Err(fault(Rule::NotASignature));
        }
        let Some(signature) = offered else {
            return if required {
                Err(fault(Rule::NotSigned))
            } else {
                Ok((Trust::Unsigned, false))
            };
        };
        let checked = match profile {
            Profile::Digest => digest::check(signature, self),
            Profile::Token => token::check(signature, self),
            Profile::Detached => detached::check(signature, self),
        };
        let Checked { key, rewritten } = checked.map_err(fault)?;
        Ok((Trust::Signed { profile, key }, rewritten))
    }
}

fn fault(rule: Rule) -> Fault {
    Fault::field("signature", rule)
}

pub(crate) use detached::sign as sign_detached;
pub(crate) use digest::sign as sign_digest;
pub(crate) use token::sign as sign_token;
