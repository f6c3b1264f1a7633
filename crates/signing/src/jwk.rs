//! JWK and JWK sets: RFC 7517, RFC 7518, 6 and RFC 8037, 2.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use solidarity_core::Invalid;
use zeroize::Zeroizing;

use crate::json::{Json, Object};
use crate::limits::JWKS_MAX_BYTES;
use crate::{Algorithm, Key, KeyId, PublicKey, Result, SigningKey, base64url};

/// Why a JWK is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flaw {
    /// Another use, another algorithm, or not what the RFC asks for. In a set
    /// it is passed over (RFC 7517, 5).
    Unusable,
    /// It tells everybody its private key.
    Private,
}

impl From<Flaw> for Invalid {
    fn from(flaw: Flaw) -> Self {
        let rule = match flaw {
            Flaw::Unusable => "must be a key for signatures by a supported algorithm",
            Flaw::Private => "must not hold a private key: whoever published it must replace it",
        };
        Self::new("JWK", rule)
    }
}

/// The members as one object, in the order given. Names and values are such
/// that no escape is needed: base64url and names of types.
pub(crate) fn object(members: &[(&'static str, String)]) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// The key of one JWK.
pub(crate) fn read(json: &[u8]) -> Result<Key> {
    Ok(key(&parse("JWK", json)?).map_err(Invalid::from)?)
}

/// The keys of a JWK set, and how many were passed over.
pub(crate) fn read_set(json: &[u8]) -> Result<(Vec<Key>, usize)> {
    let object = parse("JWK set", json)?;
    let Some(Json::List(items)) = object.get("keys") else {
        return Err(Invalid::new("JWK set", "must have a list `keys`").into());
    };
    let mut keys = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let read = match item {
            Json::Object(object) => key(object),
            _ => Err(Flaw::Unusable),
        };
        match read {
            Ok(key) => keys.push(key),
            Err(Flaw::Unusable) => {}
            Err(Flaw::Private) => return Err(Invalid::from(Flaw::Private).at(position).into()),
        }
    }
    let passed_over = items.len() - keys.len();
    Ok((keys, passed_over))
}

/// The private key of one JWK.
pub(crate) fn read_private(json: &[u8]) -> Result<SigningKey> {
    let object = parse("private JWK", json)?;
    let refuse = |rule| Invalid::new("private JWK", rule);
    let public = public(&object, "sign")
        .map_err(|_| refuse("must be a key for signatures by a supported algorithm"))?;
    let secret = |name: &'static str| {
        let text = object
            .plain(name)
            .ok_or_else(|| refuse("must hold its private members"))?;
        let bytes = base64url::decode(text).map(Zeroizing::new);
        bytes.ok_or_else(|| refuse("must hold private members in base64url"))
    };
    let seed = |bytes: &[u8]| {
        <[u8; 32]>::try_from(bytes)
            .map(Zeroizing::new)
            .map_err(|_| refuse("must hold a private member of 32 bytes"))
    };
    let key = match public.algorithm() {
        Algorithm::Ed25519 => SigningKey::ed25519(&*seed(&secret("d")?)?)?,
        Algorithm::Es256 => SigningKey::es256(&*seed(&secret("d")?)?)?,
        #[cfg(feature = "rs256")]
        Algorithm::Rs256 => {
            let [n, e, d, p, q, dp, dq, qi] =
                ["n", "e", "d", "p", "q", "dp", "dq", "qi"].map(secret);
            SigningKey::of_rsa(crate::rsa::key_pair(&[n?, e?, d?, p?, q?, dp?, dq?, qi?])?)?
        }
    };
    if *key.public() != public {
        return Err(refuse("must hold the public key of its private key").into());
    }
    Ok(
        match id(&object).map_err(|_| refuse("must have a key id as `kid`"))? {
            Some(id) => key.with_id(id),
            None => key,
        },
    )
}

/// The JWK of `key`, for others to read.
pub(crate) fn write(key: &Key) -> Value {
    let mut jwk = Map::new();
    let mut put = |name: &str, value: Value| drop(jwk.insert(name.to_owned(), value));
    for (name, value) in key.public_key().members() {
        put(name, value.into());
    }
    put("alg", key.public_key().algorithm().name().into());
    put("kid", key.id().as_str().into());
    put("use", "sig".into());
    let (not_before, not_after) = key.validity();
    for (name, at) in [("nbf", not_before), ("exp", not_after)] {
        if let Some(at) = at {
            put(name, at.timestamp().into());
        }
    }
    Value::Object(jwk)
}

/// The JWK of a private key: the public members, `d`, `alg`, `kid`.
pub(crate) fn write_private(public: &PublicKey, id: &KeyId, d: &[u8]) -> Zeroizing<String> {
    let mut jwk = Zeroizing::new(String::with_capacity(1_024));
    jwk.push('{');
    for (name, value) in public.members() {
        for part in ["\"", name, "\":\"", &value, "\","] {
            jwk.push_str(part);
        }
    }
    let d = Zeroizing::new(base64url::encode(d));
    let id = Value::from(id.as_str()).to_string();
    for part in [
        "\"d\":\"",
        &d,
        "\",\"alg\":\"",
        public.algorithm().name(),
        "\",\"kid\":",
        &id,
        "}",
    ] {
        jwk.push_str(part);
    }
    jwk
}

fn parse<'a>(what: &'static str, json: &'a [u8]) -> Result<Object<'a>, Invalid> {
    if json.len() > JWKS_MAX_BYTES {
        return Err(Invalid::new(
            what,
            format!("must be at most {JWKS_MAX_BYTES} bytes"),
        ));
    }
    Object::parse(json).map_err(|_| Invalid::new(what, "must be one JSON object, each name once"))
}

fn key(object: &Object<'_>) -> Result<Key, Flaw> {
    if object.get("d").is_some() {
        return Err(Flaw::Private);
    }
    let mut key = Key::new(public(object, "verify")?);
    if let Some(id) = id(object)? {
        key = key.with_id(id);
    }
    // `nbf`, `exp` and `revoked` are those of OpenID Federation 1.0, 8.7.3. A
    // key that is said to have ended is not used because of how it is said.
    if let Some(at) = instant(object.get("nbf"))? {
        key = key.valid_from(at);
    }
    if let Some(at) = instant(object.get("exp"))? {
        key = key.valid_until(at);
    }
    if let Some(revoked) = object.get("revoked") {
        let at = match revoked {
            Json::Object(revoked) => instant(revoked.get("revoked_at"))?,
            _ => None,
        };
        key = key.revoked_from(at.unwrap_or(DateTime::<Utc>::MIN_UTC));
    }
    Ok(key)
}

fn public(object: &Object<'_>, operation: &str) -> Result<PublicKey, Flaw> {
    let text = |name| object.get(name).and_then(Json::text);
    let fixed = |name| {
        text(name)
            .and_then(base64url::decode_array::<32>)
            .ok_or(Flaw::Unusable)
    };
    let public = match (text("kty"), text("crv")) {
        (Some("OKP"), Some("Ed25519")) => PublicKey::ed25519(&fixed("x")?),
        (Some("EC"), Some("P-256")) => PublicKey::es256(&fixed("x")?, &fixed("y")?),
        #[cfg(feature = "rs256")]
        (Some("RSA"), None) => {
            let number = |name| text(name).and_then(base64url::decode).ok_or(Flaw::Unusable);
            PublicKey::rs256(&number("n")?, &number("e")?)
        }
        _ => return Err(Flaw::Unusable),
    }
    .map_err(|_| Flaw::Unusable)?;
    let fits = |name, fits: &dyn Fn(&Json<'_>) -> bool| object.get(name).is_none_or(fits);
    let for_signatures = fits("use", &|json| json.text() == Some("sig"));
    let for_operation = fits("key_ops", &|json| match json {
        Json::List(operations) => operations.iter().any(|o| o.text() == Some(operation)),
        _ => false,
    });
    let of_algorithm = fits("alg", &|json| {
        json.text().and_then(Algorithm::from_name) == Some(public.algorithm())
    });
    if for_signatures && for_operation && of_algorithm {
        Ok(public)
    } else {
        Err(Flaw::Unusable)
    }
}

fn id(object: &Object<'_>) -> Result<Option<KeyId>, Flaw> {
    match object.get("kid") {
        None => Ok(None),
        Some(Json::Text(id)) => KeyId::new(id.as_ref())
            .map(Some)
            .map_err(|_| Flaw::Unusable),
        Some(_) => Err(Flaw::Unusable),
    }
}

fn instant(seconds: Option<&Json<'_>>) -> Result<Option<DateTime<Utc>>, Flaw> {
    match seconds {
        None => Ok(None),
        Some(Json::Number(seconds)) => DateTime::from_timestamp(*seconds, 0)
            .map(Some)
            .ok_or(Flaw::Unusable),
        Some(_) => Err(Flaw::Unusable),
    }
}

#[cfg(test)]
mod tests;
