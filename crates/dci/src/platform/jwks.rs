//! `GET /.well-known/jwks.json`: `JWKSResponse` (RFC 7517, 5).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use solidarity_signing::{KeySet, PartyId};

use crate::json::Object;
use crate::text::read;
use crate::{Fault, Leniency, Rule, Term, spelling};

/// The public keys of a system: those by which it signs, and those for which
/// others encrypt to it.
///
/// Keys for signatures come from a [`KeySet`] and go into one; those for
/// encryption are kept beside them. The standard requires `kid`, `use` and
/// `alg` of every key, which RFC 7517 does not: a set without them is read by
/// [`KeySet::from_jwks`] alone.
///
/// ```
/// use chrono::DateTime;
/// use solidarity_dci::platform::{JwkSet, KeyUse};
/// use solidarity_signing::{Key, KeySet, PartyId, SigningKey};
///
/// let (now, owner) = (DateTime::UNIX_EPOCH, PartyId::new("sr.example")?);
/// let mut keys = KeySet::new(owner.clone());
/// keys.add(Key::new(SigningKey::generate_ed25519()?.public().clone()))?;
///
/// let document = JwkSet::of(&keys, now)?;
/// assert_eq!(document.keys[0].key_use, KeyUse::Signature);
/// assert_eq!(document.key_set(owner)?.keys(), keys.keys());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl JwkSet {
    /// The keys of `signing` that are in force at `now` or will be. Those for
    /// encryption are added to `keys`.
    ///
    /// # Errors
    ///
    /// [`Fault`], which no set of keys gives today.
    pub fn of(signing: &KeySet, now: DateTime<Utc>) -> Result<Self, Fault> {
        let document = signing.to_jwks(now);
        super::read(document.as_bytes(), &Leniency::none()).map(|read| read.value)
    }

    /// The keys for signatures, as those of `owner`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](solidarity_signing::Error::Invalid), as
    /// [`KeySet::from_jwks`].
    pub fn key_set(&self, owner: PartyId) -> solidarity_signing::Result<KeySet> {
        let signing = self
            .keys
            .iter()
            .filter(|key| key.key_use == KeyUse::Signature);
        let keys: Vec<_> = signing.collect();
        KeySet::from_jwks(
            owner,
            serde_json::json!({ "keys": keys }).to_string().as_bytes(),
        )
    }

    /// The keys for which others encrypt to the system, in the order of the
    /// document.
    pub fn encryption_keys(&self) -> impl Iterator<Item = &Jwk> {
        let of_encryption = |key: &&Jwk| key.key_use == KeyUse::Encryption;
        self.keys.iter().filter(of_encryption)
    }
}

/// One public key.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "Written")]
#[non_exhaustive]
pub struct Jwk {
    /// The family of algorithms: `OKP`, `EC`, `RSA`.
    pub kty: Term,
    /// The key, among its owner's. The standard asks for its thumbprint by
    /// RFC 7638.
    pub kid: Term,
    /// What it is for.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// By which algorithm: `EdDSA`, `ES256`, `RSA-OAEP-256`, …
    pub alg: Term,
    /// The key itself, by its family: `crv` and `x`, `n` and `e`, …
    #[serde(flatten)]
    material: Object,
}

impl Jwk {
    /// A key of the family `kty`, whose members are `material`.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAccepted`] if `material` holds members of a private or a
    /// shared key, which nobody may publish.
    pub fn new(
        kty: Term,
        kid: Term,
        key_use: KeyUse,
        alg: Term,
        material: Object,
    ) -> Result<Self, Rule> {
        // RFC 7518, 6.2.2, 6.3.2 and 6.4; RFC 8037, 2.
        let secret = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        if secret
            .iter()
            .any(|name| material.expose().contains_key(*name))
        {
            return Err(Rule::NotAccepted);
        }
        Ok(Self {
            kty,
            kid,
            key_use,
            alg,
            material,
        })
    }

    /// The key itself, by its family, and what a newer version adds.
    #[must_use]
    pub const fn material(&self) -> &Object {
        &self.material
    }
}

#[derive(Deserialize)]
struct Written {
    kty: Term,
    kid: Term,
    #[serde(rename = "use")]
    key_use: KeyUse,
    alg: Term,
    #[serde(flatten)]
    material: Object,
}

impl TryFrom<Written> for Jwk {
    type Error = Rule;

    fn try_from(key: Written) -> Result<Self, Rule> {
        Self::new(key.kty, key.kid, key.key_use, key.alg, key.material)
    }
}

/// What a key is for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyUse {
    /// Signatures: `sig`.
    Signature,
    /// Encryption: `enc`.
    Encryption,
    /// Something that the standard does not list. The key is no use here, and
    /// the others stand.
    Other(Term),
}

impl KeyUse {
    /// The use, as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Signature => "sig",
            Self::Encryption => "enc",
            Self::Other(other) => other.as_str(),
        }
    }

    fn parse(text: String) -> Result<Self, Rule> {
        match text.as_str() {
            "sig" => Ok(Self::Signature),
            "enc" => Ok(Self::Encryption),
            _ => Term::new(text).map(Self::Other),
        }
    }
}

impl Serialize for KeyUse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for KeyUse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NAME, Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn set(key: &Value) -> Result<JwkSet, String> {
        let document = json!({ "keys": [key] }).to_string();
        super::super::read(document.as_bytes(), &Leniency::none())
            .map(|read| read.value)
            .map_err(|fault| fault.to_string())
    }

    fn key() -> Value {
        json!({"kty": "RSA", "kid": "e-1", "use": "enc", "alg": "RSA-OAEP-256", "n": "AQAB", "e": "AQAB"})
    }

    #[test]
    fn keys_for_encryption_are_kept_and_are_none_for_signatures() {
        let set = set(&key()).unwrap();
        assert_eq!(set.encryption_keys().count(), 1);
        assert_eq!(serde_json::to_value(&set).unwrap()["keys"][0], key());
        let keys = set.key_set(PartyId::new("sr.example").unwrap()).unwrap();
        assert_eq!((keys.keys().len(), keys.passed_over()), (0, 0));
    }

    #[test]
    fn what_the_standard_requires_is_required() {
        for name in ["kty", "kid", "use", "alg"] {
            let mut key = key();
            drop(key.as_object_mut().unwrap().remove(name));
            assert_eq!(
                set(&key).unwrap_err(),
                format!("`keys[0].{name}` is required")
            );
        }
    }

    #[test]
    fn a_key_that_is_nobody_elses_business_is_refused() {
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            let mut key = key();
            key[name] = json!("AQAB");
            assert_eq!(
                set(&key).unwrap_err(),
                "`keys[0]` must be what the field takes",
                "{name}"
            );
        }
    }

    #[test]
    fn a_key_for_something_else_leaves_the_others_in_place() {
        let mut other = key();
        other["use"] = json!("attest");
        let set = set(&other).unwrap();
        assert_eq!(set.encryption_keys().count(), 0);
        assert_eq!(set.keys[0].key_use.as_str(), "attest");
    }
}
