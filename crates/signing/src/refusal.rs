/// Why a message is not to be trusted.
///
/// It says which rule stood in the way and nothing of what the message says,
/// so that it can go to a log and, as the code that a protocol has for it, to
/// the sender.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The bytes are not a JWS of the form that was asked for.
    #[error("malformed: {rule}")]
    #[non_exhaustive]
    Malformed {
        /// The rule that they break.
        rule: Rule,
    },
    /// The header is longer than
    /// [`HEADER_MAX_BYTES`](crate::limits::HEADER_MAX_BYTES).
    #[error("the header is too long")]
    HeaderTooLong,
    /// The payload is longer than
    /// [`PAYLOAD_MAX_BYTES`](crate::limits::PAYLOAD_MAX_BYTES).
    #[error("the payload is too long")]
    PayloadTooLong,
    /// The header carries a key or says where to fetch one: `jwk`, `jku`,
    /// `x5u` or `x5c`. A message does not say by which key it is to be
    /// believed.
    #[error("the message brings its own key")]
    KeyInMessage,
    /// The header has a field that is neither known nor
    /// [ignored](crate::jws::Rules::ignoring).
    #[error("the header has a field that is not known")]
    UnknownField,
    /// The header declares something critical that is not understood here
    /// (RFC 7515, 4.1.11).
    #[error("the header asks for an extension that is not understood")]
    UnknownCritical,
    /// The header's `alg` is none of this crate's: `none`, `HS256`, `es256`.
    #[error("the algorithm is not supported")]
    UnsupportedAlgorithm,
    /// The header's `alg` is not the algorithm of the key.
    #[error("the algorithm is not the key's")]
    WrongAlgorithm,
    /// The header's `typ` is not the one that was asked for.
    #[error("the type is not the one expected")]
    WrongType,
    /// The header names no key, and the party has more than one in force.
    #[error("the message names no key and the party has several")]
    KeyNotNamed,
    /// The party has no such key.
    #[error("the key is not the party's")]
    UnknownKey,
    /// The key's time has not begun.
    #[error("the key is not yet valid")]
    KeyNotYetValid,
    /// The key's time is over.
    #[error("the key has expired")]
    KeyExpired,
    /// The key was withdrawn.
    #[error("the key was revoked")]
    KeyRevoked,
    /// The signature is not that of the key over these bytes.
    #[error("the signature is wrong")]
    BadSignature,
}

/// How a JWS is malformed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// It is three parts with a dot between each two.
    #[error("must have three parts")]
    Parts,
    /// Each part is base64url without padding, without line breaks, and with
    /// no bit set that stands for nothing (RFC 7515, 2; RFC 4648, 3.5).
    #[error("must be base64url, without padding, white space or stray bits")]
    Base64,
    /// The header is one JSON object in UTF-8, and nothing after it.
    #[error("the header must be one JSON object")]
    HeaderJson,
    /// No name comes twice in one object, however it is written (RFC 7515, 4).
    #[error("no field may come twice")]
    DuplicateField,
    /// `alg`, `kid`, `typ` and `cty` are strings, `b64` is a Boolean, `crit` a
    /// list of strings.
    #[error("a field of the header must be of its type")]
    FieldType,
    /// `alg` is there.
    #[error("the header must name an algorithm")]
    AlgorithmMissing,
    /// `crit` names fields that are there, each once, and none that RFC 7515
    /// itself defines; it is not empty.
    #[error("`crit` must name extensions that are there")]
    Critical,
    /// `b64` is false, and critical, where the payload is not encoded, and
    /// absent elsewhere (RFC 7797, 6).
    #[error("`b64` must be as the form asks")]
    Unencoded,
    /// `kid` is a [`KeyId`](crate::KeyId).
    #[error("`kid` must be a key id")]
    KeyId,
    /// A compact JWS has a payload.
    #[error("the payload must not be empty")]
    PayloadMissing,
    /// A detached JWS has no payload within it.
    #[error("the payload must be detached")]
    PayloadEmbedded,
    /// There is a signature.
    #[error("the signature must not be empty")]
    SignatureMissing,
}

impl From<Rule> for Refusal {
    fn from(rule: Rule) -> Self {
        Self::Malformed { rule }
    }
}
