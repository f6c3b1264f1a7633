//! Tokens made here are valid to another library, and those it makes are valid
//! here: `jsonwebtoken`, whose cryptography is AWS-LC's.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::HashSet;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use chrono::DateTime;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};
use solidarity_signing::jws::{Draft, Rules};
use solidarity_signing::{Key, KeySet, PartyId, Refusal, SigningKey};

fn rsa() -> (SigningKey, EncodingKey) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let key = SigningKey::rs256_from_pkcs8(der.as_ref()).unwrap();
    (key, EncodingKey::from_rsa_der(&pkcs1(der.as_ref())))
}

/// The PKCS#1 document within a PKCS#8 one.
fn pkcs1(der: &[u8]) -> Vec<u8> {
    // SEQUENCE, version, algorithm, and then an OCTET STRING with it to the end.
    let at = der
        .windows(4)
        .position(|bytes| bytes[0] == 0x04 && bytes[1] == 0x82)
        .unwrap();
    der[at + 4..].to_vec()
}

/// PKCS#8 (RFC 5958) around a private key: Ed25519's seed (RFC 8410, 7), or
/// P-256's scalar (RFC 5915, 3).
fn pkcs8(key: &SigningKey) -> Vec<u8> {
    let jwk: Value = serde_json::from_str(&key.to_jwk().unwrap()).unwrap();
    let bytes = |name: &str| decode_base64(jwk[name].as_str().unwrap());
    if jwk["kty"] == "OKP" {
        let before = [
            0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
        ];
        return [&before[..], &bytes("d")].concat();
    }
    let algorithm = [
        0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        3, 1, 7,
    ];
    let private = [
        &[0x30, 0x6b, 2, 1, 1, 4, 0x20][..],
        &bytes("d"),
        &[0xa1, 0x44, 3, 0x42, 0, 4],
        &bytes("x"),
        &bytes("y"),
    ]
    .concat();
    [
        &[0x30, 0x81, 0x87, 2, 1, 0][..],
        &algorithm,
        &[4, 0x6d],
        &private,
    ]
    .concat()
}

fn decode_base64(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .unwrap()
}

/// A key of each algorithm, here and there.
fn keys() -> Vec<(SigningKey, Algorithm, EncodingKey)> {
    let ed = SigningKey::generate_ed25519().unwrap();
    let ec = SigningKey::generate_es256().unwrap();
    let (rsa, rsa_there) = rsa();
    let (ed_there, ec_there) = (
        EncodingKey::from_ed_der(&pkcs8(&ed)),
        EncodingKey::from_ec_der(&pkcs8(&ec)),
    );
    vec![
        (ed, Algorithm::EdDSA, ed_there),
        (ec, Algorithm::ES256, ec_there),
        (rsa, Algorithm::RS256, rsa_there),
    ]
}

#[test]
fn what_is_signed_here_is_valid_there() {
    for (key, algorithm, _) in keys() {
        let jwk = Key::new(key.public().clone()).to_jwk();
        let there = DecodingKey::from_jwk(&serde_json::from_str(&jwk).unwrap()).unwrap();
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims = HashSet::new();
        for n in 0..50 {
            let claims = json!({ "n": n, "name": "Ọlá" });
            let token = Draft::compact(claims.to_string().as_bytes())
                .with_type("JWT")
                .sign_with(&key)
                .unwrap();
            let read = decode::<Value>(&token, &there, &validation).unwrap();
            assert_eq!((read.claims, read.header.alg), (claims, algorithm));
            assert_eq!(read.header.kid.as_deref(), Some(key.id().as_str()));
        }
    }
}

#[test]
fn what_is_signed_there_is_valid_here() {
    for (key, algorithm, there) in keys() {
        let mut keys = KeySet::new(PartyId::new("there").unwrap());
        keys.add(Key::new(key.public().clone())).unwrap();
        let check = |token: &str| Rules::new().verify_compact(token, &keys, DateTime::UNIX_EPOCH);
        for n in 0..50 {
            let claims = json!({ "n": n });
            let mut header = Header::new(algorithm);
            header.kid = (n % 2 == 0).then(|| key.id().as_str().to_owned());
            let token = encode(&header, &claims, &there).unwrap();
            assert_eq!(
                check(&token).unwrap().bytes(),
                claims.to_string().as_bytes()
            );
            header.jku = Some("https://keys.example/jwks.json".to_owned());
            let token = encode(&header, &claims, &there).unwrap();
            assert_eq!(check(&token).unwrap_err(), Refusal::KeyInMessage);
        }
    }
}

mod rs256 {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;
    use solidarity_signing::Signer;

    solidarity_signing::signer_conformance!(InMemory::new(
        || Arc::new(super::rsa().0) as Arc<dyn Signer>
    ));
}
