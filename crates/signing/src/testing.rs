//! What this crate's unit tests share.

use chrono::{DateTime, Utc};

use crate::{Key, KeySet, PartyId, SigningKey};

/// Noon, UTC, on 23 November 2026.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_435_200, 0).unwrap()
}

pub(crate) fn party() -> PartyId {
    PartyId::new("registry.example").unwrap()
}

/// RFC 8037, appendix A.1.
pub(crate) const RFC8037_PRIVATE: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// RFC 7515, appendix A.3.1.
pub(crate) const RFC7515_A3_PRIVATE: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

pub(crate) fn ed25519() -> SigningKey {
    SigningKey::from_jwk(RFC8037_PRIVATE.as_bytes()).unwrap()
}

pub(crate) fn es256() -> SigningKey {
    SigningKey::from_jwk(RFC7515_A3_PRIVATE.as_bytes()).unwrap()
}

/// The party's keys: these, at all times.
pub(crate) fn keys<'a>(of: impl IntoIterator<Item = &'a SigningKey>) -> KeySet {
    let mut keys = KeySet::new(party());
    for key in of {
        keys.add(Key::new(key.public().clone()).with_id(key.id().clone()))
            .unwrap();
    }
    keys
}
