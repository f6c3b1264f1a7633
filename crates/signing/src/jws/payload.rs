use std::borrow::Cow;
use std::fmt;

use crate::{KeyId, PartyId};

/// Bytes that were checked: who signed them, and with which key.
///
/// Only [`Rules`](super::Rules) make one. `Debug` does not show the bytes.
#[derive(Clone, Eq, PartialEq)]
pub struct VerifiedPayload<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) signed_by: PartyId,
    pub(super) key: KeyId,
    pub(super) kind: Option<String>,
}

impl VerifiedPayload<'_> {
    /// The bytes, exactly as they were signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, to keep.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_owned()
    }

    /// Whose key signed them. If the message within says that somebody else
    /// sent it, it is not to be believed.
    #[must_use]
    pub const fn signed_by(&self) -> &PartyId {
        &self.signed_by
    }

    /// The key's id.
    #[must_use]
    pub const fn key_id(&self) -> &KeyId {
        &self.key
    }

    /// The `typ` of the header, if it has one.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }
}

impl fmt::Debug for VerifiedPayload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedPayload")
            .field("signed_by", &self.signed_by)
            .field("key", &self.key)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
