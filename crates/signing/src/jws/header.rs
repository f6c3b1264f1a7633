use super::{Form, Rules};
use crate::json::{Flaw, Json, Object};
use crate::{Algorithm, KeyId, Refusal, Rule};

/// Members that bring a key along or say where to fetch one (RFC 7515, 4.1.2,
/// 4.1.3, 4.1.5, 4.1.6).
const KEY_IN_MESSAGE: [&str; 4] = ["jwk", "jku", "x5u", "x5c"];

/// Members that are understood.
const KNOWN: [&str; 6] = ["alg", "kid", "typ", "cty", "crit", "b64"];

/// Members of RFC 7515 and RFC 7518 itself, which `crit` does not name.
const REGISTERED: [&str; 19] = [
    "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc",
    "zip", "epk", "apu", "apv", "iv", "tag", "p2s",
];

/// What a protected header says that matters here.
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) key: Option<KeyId>,
    pub(super) kind: Option<String>,
}

impl Header {
    /// Reads the header of a token of `form`.
    pub(super) fn parse(json: &[u8], form: Form, rules: &Rules) -> Result<Self, Refusal> {
        let object = Object::parse(json).map_err(|flaw| match flaw {
            Flaw::Duplicate => Rule::DuplicateField,
            Flaw::NotAnObject => Rule::HeaderJson,
        })?;
        // First what is critical: it may be what makes another field known.
        extensions(&object, form)?;
        for (name, value) in &object.0 {
            known(name, value, rules)?;
        }
        let text = |name| object.get(name).and_then(Json::text);
        let algorithm = text("alg").ok_or(Rule::AlgorithmMissing)?;
        let key = text("kid")
            .map(KeyId::new)
            .transpose()
            .map_err(|_| Rule::KeyId)?;
        Ok(Self {
            algorithm: Algorithm::from_name(algorithm).ok_or(Refusal::UnsupportedAlgorithm)?,
            key,
            kind: text("typ").map(str::to_owned),
        })
    }
}

/// Nothing, if `name` may be in a header with such a value.
fn known(name: &str, value: &Json<'_>, rules: &Rules) -> Result<(), Refusal> {
    let fits = match name {
        "alg" | "kid" | "typ" | "cty" => value.text().is_some(),
        "b64" => matches!(value, Json::Bool(_)),
        "crit" => matches!(value, Json::List(_)),
        _ if KEY_IN_MESSAGE.contains(&name) => return Err(Refusal::KeyInMessage),
        _ if rules.ignores(name) => value.text().is_some(),
        _ => return Err(Refusal::UnknownField),
    };
    if fits {
        Ok(())
    } else {
        Err(Rule::FieldType.into())
    }
}

/// Nothing, if `crit` and `b64` are as `form` asks (RFC 7515, 4.1.11; RFC
/// 7797, 6).
fn extensions(object: &Object<'_>, form: Form) -> Result<(), Refusal> {
    let critical = match object.get("crit") {
        None => Vec::new(),
        Some(Json::List(names)) => {
            let names: Option<Vec<_>> = names.iter().map(Json::text).collect();
            let names = names.ok_or(Rule::FieldType)?;
            let twice = |(at, name)| names.iter().take(at).any(|before| before == name);
            if names.is_empty() || names.iter().enumerate().any(twice) {
                return Err(Rule::Critical.into());
            }
            names
        }
        Some(_) => return Err(Rule::FieldType.into()),
    };
    for name in &critical {
        if REGISTERED.contains(name) {
            return Err(Rule::Critical.into());
        }
        if *name != "b64" {
            return Err(Refusal::UnknownCritical);
        }
        if object.get(name).is_none() {
            return Err(Rule::Critical.into());
        }
    }
    let unencoded = match object.get("b64") {
        None if form == Form::Unencoded => return Err(Rule::Unencoded.into()),
        None => return Ok(()),
        Some(value) => matches!(value, Json::Bool(false)),
    };
    if unencoded && form == Form::Unencoded && !critical.is_empty() {
        Ok(())
    } else {
        Err(Rule::Unencoded.into())
    }
}

/// Whether a rule may say that `name` is ignored.
pub(super) fn can_be_ignored(name: &str) -> bool {
    !name.is_empty() && !KNOWN.contains(&name) && !KEY_IN_MESSAGE.contains(&name)
}
