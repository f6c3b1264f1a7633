use chrono::DateTime;

use super::*;
use crate::testing::{RFC7515_A3_PRIVATE, RFC8037_PRIVATE, ed25519, es256, noon, party};
use crate::{KeySet, Standing};

/// RFC 7638, 3.1.
#[cfg(feature = "rs256")]
const RFC7638: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;

/// A public JWK with the members of `json`, some of them changed.
fn changed(json: &str, changes: &[(&str, Value)]) -> Vec<u8> {
    let mut jwk: Map<String, Value> = serde_json::from_str(json).unwrap();
    for (name, value) in changes {
        match value {
            Value::Null => drop(jwk.remove(*name)),
            value => drop(jwk.insert((*name).to_owned(), value.clone())),
        }
    }
    Value::Object(jwk).to_string().into_bytes()
}

#[cfg(feature = "rs256")]
#[test]
fn the_rfcs_thumbprint_of_an_rsa_key() {
    let key = read(RFC7638.as_bytes()).unwrap();
    assert_eq!(
        key.public_key().thumbprint().as_str(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    assert_eq!(key.id().as_str(), "2011-04-29");
    assert_eq!(read(key.to_jwk().as_bytes()).unwrap(), key);
}

#[test]
fn a_public_key_is_read_as_it_was_written() {
    for signing in [ed25519(), es256()] {
        let key = Key::new(signing.public().clone())
            .with_id(KeyId::new(r#"a"b\c"#).unwrap())
            .valid_from(noon())
            .valid_until(noon() + chrono::TimeDelta::days(1));
        assert_eq!(read(key.to_jwk().as_bytes()).unwrap(), key);
        let private = signing.with_id(key.id().clone()).to_jwk().unwrap();
        assert_eq!(read_private(private.as_bytes()).unwrap().id(), key.id());
    }
}

#[test]
fn members_that_are_not_known_are_passed_over() {
    let json = changed(
        RFC8037_PRIVATE,
        &[
            ("d", Value::Null),
            ("x5t", "A".into()),
            ("ext", true.into()),
        ],
    );
    assert_eq!(read(&json).unwrap().public_key(), ed25519().public());
}

#[test]
fn what_is_no_key_for_signatures_is_refused() {
    let (ed, ec) = (RFC8037_PRIVATE, RFC7515_A3_PRIVATE);
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let cases: Vec<(&str, &str, Value)> = vec![
        (ed, "kty", Value::Null),
        (ed, "kty", "oct".into()),
        (ed, "kty", "okp".into()),
        (ed, "crv", "X25519".into()),
        (ed, "crv", "Ed448".into()),
        (ed, "crv", Value::Null),
        (ed, "x", Value::Null),
        (ed, "x", 1.into()),
        (ed, "x", format!("{x}=").into()),
        (ed, "x", format!("{x}A").into()),
        (ed, "x", "AAAA".into()),
        (ed, "use", "enc".into()),
        (ed, "use", 1.into()),
        (ed, "key_ops", "verify".into()),
        (ed, "key_ops", Value::Array(vec!["sign".into()])),
        (ed, "alg", "ES256".into()),
        (ed, "alg", "none".into()),
        (ed, "alg", "EDDSA".into()),
        (ed, "kid", 1.into()),
        (ed, "kid", "".into()),
        (ed, "kid", "a b".into()),
        (ed, "nbf", "2026-11-23".into()),
        (ed, "exp", true.into()),
        (ed, "exp", i64::MAX.into()),
        (ec, "crv", "P-384".into()),
        (ec, "crv", "secp256k1".into()),
        (ec, "y", Value::Null),
        // Not on the curve.
        (
            ec,
            "y",
            "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1".into(),
        ),
        (
            ec,
            "y",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
        ),
        (ec, "alg", "RS256".into()),
    ];
    for (json, name, value) in cases {
        let json = changed(json, &[("d", Value::Null), (name, value.clone())]);
        assert!(read(&json).is_err(), "{name} {value}");
    }
    for text in ["", "[]", "{}", "null", r#"{"kty":"OKP","kty":"OKP"}"#] {
        assert!(read(text.as_bytes()).is_err(), "{text}");
    }
    let name = "\"kty\":\"OKP\"";
    let twice = RFC8037_PRIVATE.replace(name, r#""kty":"EC","\u006bty":"OKP""#);
    assert!(read_private(twice.as_bytes()).is_err());
}

/// The points of small order, and every way to write a point with a coordinate
/// that is not below the field's prime.
#[test]
fn weak_points_and_second_spellings_are_no_keys() {
    let hex = |text: &str| {
        let bytes = (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap());
        <[u8; 32]>::try_from(bytes.collect::<Vec<_>>()).unwrap()
    };
    let mut bad: Vec<[u8; 32]> = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        // The identity and the point of order two with the sign that x = 0 has not.
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ]
    .map(hex)
    .to_vec();
    for low in 0xed..=0xff_u8 {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            bad.push(bytes);
        }
    }
    for bytes in bad {
        assert!(PublicKey::ed25519(&bytes).is_err(), "{bytes:02x?}");
        let jwk = changed(
            RFC8037_PRIVATE,
            &[("d", Value::Null), ("x", base64url::encode(&bytes).into())],
        );
        assert!(read(&jwk).is_err());
    }
}

#[cfg(feature = "rs256")]
#[test]
fn weak_rsa_keys_are_no_keys() {
    let parts: Map<String, Value> = serde_json::from_str(RFC7638).unwrap();
    let modulus = base64url::decode(parts["n"].as_str().unwrap()).unwrap();
    let with = |modulus: &[u8], exponent: &[u8]| PublicKey::rs256(modulus, exponent).is_ok();
    assert!(with(&modulus, &[1, 0, 1]));
    for exponent in [
        &[][..],
        &[1],
        &[3],
        &[17],
        &[0xff, 0xff],
        &[1, 0, 0],
        &[1, 0, 2],
        &[0, 1, 0, 1],
        &[1, 0, 0, 0, 1],
    ] {
        assert!(!with(&modulus, exponent), "{exponent:?}");
    }
    let zero_first = [&[0][..], &modulus].concat();
    let too_long = vec![0xff; 1_025];
    for modulus in [&modulus[1..], &modulus[..128], &[], &zero_first, &too_long] {
        assert!(!with(modulus, &[1, 0, 1]), "{}", modulus.len());
    }
}

#[test]
fn a_private_key_must_be_that_of_its_public_members() {
    let other = ed25519().to_jwk().unwrap().replace("nWGx", "nWGy");
    assert!(read_private(other.as_bytes()).is_err());
    for (json, name, value) in [
        (RFC8037_PRIVATE, "d", Value::Null),
        (RFC8037_PRIVATE, "d", "AAAA".into()),
        (RFC8037_PRIVATE, "d", 1.into()),
        (RFC8037_PRIVATE, "x", Value::Null),
        (RFC8037_PRIVATE, "kid", "a b".into()),
        (
            RFC8037_PRIVATE,
            "key_ops",
            Value::Array(vec!["verify".into()]),
        ),
        (
            RFC7515_A3_PRIVATE,
            "d",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
        ),
        (
            RFC7515_A3_PRIVATE,
            "d",
            "__________________________________________8".into(),
        ),
    ] {
        assert!(
            read_private(&changed(json, &[(name, value)])).is_err(),
            "{name}"
        );
    }
    let signs = changed(
        RFC8037_PRIVATE,
        &[("key_ops", Value::Array(vec!["sign".into()]))],
    );
    assert!(read_private(&signs).is_ok());
}

fn set(keys: &[Value]) -> Vec<u8> {
    serde_json::json!({ "keys": keys }).to_string().into_bytes()
}

fn public(key: &SigningKey) -> Value {
    write(&Key::new(key.public().clone()))
}

#[test]
fn a_set_passes_over_what_it_cannot_use() {
    let mut encryption = public(&es256());
    encryption["use"] = "enc".into();
    let others = [
        serde_json::json!({"kty":"oct","k":"AAAA"}),
        serde_json::json!({"kty":"EC","crv":"P-521"}),
        1.into(),
    ];
    let all = [&[public(&ed25519()), encryption][..], &others].concat();
    let keys = KeySet::from_jwks(party(), &set(&all)).unwrap();
    assert_eq!((keys.keys().len(), keys.passed_over()), (1, 4));
    assert_eq!(keys.keys()[0].public_key(), ed25519().public());
    let none = KeySet::from_jwks(party(), br#"{"keys":[],"other":{"deep":[1]}}"#).unwrap();
    assert_eq!((none.keys().len(), none.passed_over()), (0, 0));
}

#[test]
fn a_set_that_is_none_or_tells_a_secret_is_refused() {
    let private: Value = serde_json::from_str(RFC8037_PRIVATE).unwrap();
    let mut one_id = public(&es256());
    one_id["kid"] = ed25519().public().thumbprint().as_str().into();
    let mut other_id = public(&ed25519());
    other_id["kid"] = "other".into();
    let long = vec![b' '; JWKS_MAX_BYTES + 1];
    for bad in [
        set(&[public(&es256()), private]),
        set(&[public(&ed25519()), one_id]),
        set(&[public(&ed25519()), other_id]),
        b"[]".to_vec(),
        b"{}".to_vec(),
        br#"{"keys":{}}"#.to_vec(),
        br#"{"keys":[],"keys":[]}"#.to_vec(),
        long,
    ] {
        assert!(KeySet::from_jwks(party(), &bad).is_err());
    }
}

#[test]
fn a_set_has_at_most_so_many_keys() {
    let keys = |count: u8| {
        let of = |n| public(&SigningKey::ed25519(&[n; 32]).unwrap());
        KeySet::from_jwks(party(), &set(&(0..count).map(of).collect::<Vec<_>>()))
    };
    assert_eq!(keys(64).unwrap().keys().len(), crate::limits::KEYS_MAX);
    assert!(keys(65).is_err());
    let mut full = keys(64).unwrap();
    assert!(full.add(Key::new(es256().public().clone())).is_err());
}

#[test]
fn a_key_that_is_said_to_have_ended_has() {
    let day = chrono::TimeDelta::days(1);
    let standing = |name: &str, value: Value| {
        let mut jwk = public(&ed25519());
        jwk[name] = value;
        read(jwk.to_string().as_bytes()).unwrap().standing(noon())
    };
    let seconds = |at: DateTime<Utc>| Value::from(at.timestamp());
    assert_eq!(
        standing("nbf", seconds(noon() + day)),
        Standing::NotYetValid
    );
    assert_eq!(standing("nbf", seconds(noon())), Standing::InForce);
    assert_eq!(standing("exp", seconds(noon())), Standing::Expired);
    assert_eq!(standing("exp", seconds(noon() + day)), Standing::InForce);
    let revoked = |at| serde_json::json!({"revoked_at": at, "reason": "compromised"});
    assert_eq!(
        standing("revoked", revoked(seconds(noon()))),
        Standing::Revoked
    );
    assert_eq!(
        standing("revoked", revoked(seconds(noon() + day))),
        Standing::InForce
    );
    for unclear in [true.into(), serde_json::json!({}), "yes".into()] {
        assert_eq!(standing("revoked", unclear), Standing::Revoked);
    }
}

#[test]
fn what_is_published_can_be_used_and_names_no_secret() {
    let day = chrono::TimeDelta::days(1);
    let (one, two) = (ed25519(), es256());
    let mut keys = KeySet::new(party());
    keys.add(Key::new(one.public().clone())).unwrap();
    keys.rotate(Key::new(two.public().clone()), noon() + day, day)
        .unwrap();
    let published = keys.to_jwks(noon());
    assert!(!published.contains("\"d\""));
    let read = KeySet::from_jwks(party(), published.as_bytes()).unwrap();
    assert_eq!(read.keys(), keys.keys());
    // When the old one has ended, and when the new one was withdrawn.
    let ids = |keys: &KeySet, at| {
        let read = KeySet::from_jwks(party(), keys.to_jwks(at).as_bytes()).unwrap();
        read.keys()
            .iter()
            .map(|key| key.public_key().algorithm().name())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&keys, noon() + day * 2), ["ES256"]);
    assert!(keys.revoke(two.public().thumbprint(), noon()));
    assert_eq!(ids(&keys, noon()), ["EdDSA"]);
}
