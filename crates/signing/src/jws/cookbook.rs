//! Published examples, read from the folder that `SOLIDARITY_VECTORS` names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::testing::{noon, party};
use crate::{Key, KeySet, Refusal, SigningKey};

fn folder() -> Option<PathBuf> {
    let Some(vectors) = std::env::var_os("SOLIDARITY_VECTORS") else {
        println!("skipped: no vectors");
        return None;
    };
    Some(Path::new(&vectors).join("identity-consent/jose-cookbook"))
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The examples in `sub`, all of which `expected` names.
fn examples(folder: &Path, sub: &str, expected: &[&str]) -> Vec<Value> {
    let entries = std::fs::read_dir(folder.join(sub)).unwrap();
    let names: BTreeSet<_> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    let json: Vec<_> = names
        .iter()
        .filter(|name| name.ends_with(".json"))
        .map(String::as_str)
        .collect();
    assert_eq!(json, expected);
    expected
        .iter()
        .map(|name| read(&folder.join(sub).join(name)))
        .collect()
}

/// The keys of an example without their private members.
fn keys_of(key: &Value) -> KeySet {
    let mut keys = KeySet::new(party());
    let mut public = key.clone();
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        public.as_object_mut().unwrap().remove(private);
    }
    if let Ok(key) = Key::from_jwk(public.to_string().as_bytes()) {
        keys.add(key).unwrap();
    }
    keys
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap()
}

/// RFC 7520, 4: one example in RS256; the others are in algorithms that are
/// not taken, or in forms that are not compact.
#[test]
fn the_jws_cookbook() {
    let Some(folder) = folder() else { return };
    let all = examples(
        &folder,
        "jws",
        &[
            "4_1.rsa_v15_signature.json",
            "4_2.rsa-pss_signature.json",
            "4_3.ecdsa_signature.json",
            "4_4.hmac-sha2_integrity_protection.json",
            "4_5.signature_with_detached_content.json",
            "4_6.protecting_specific_header_fields.json",
            "4_7.protecting_content_only.json",
            "4_8.multiple_signatures.json",
        ],
    );
    let rs256 = &all[0];
    let keys = keys_of(&rs256["input"]["key"]);
    let token = text(rs256, "/output/compact");
    let verified = Rules::new().verify_compact(token, &keys, noon());
    assert_eq!(
        verified.unwrap().bytes(),
        text(rs256, "/input/payload").as_bytes()
    );
    // The signature is deterministic.
    let key = SigningKey::from_jwk(rs256["input"]["key"].to_string().as_bytes()).unwrap();
    let signature = key
        .sign_bytes(text(rs256, "/signing/sig-input").as_bytes())
        .unwrap();
    assert_eq!(
        crate::base64url::encode(&signature),
        text(rs256, "/signing/sig")
    );

    for other in &all[1..4] {
        let answer = Rules::new().verify_compact(text(other, "/output/compact"), &keys, noon());
        assert_eq!(answer.map(drop), Err(Refusal::UnsupportedAlgorithm));
    }
    let detached = text(&all[4], "/output/compact");
    let payload = text(&all[4], "/input/payload").as_bytes();
    let answer = Rules::new().verify_detached(detached, payload, &keys, noon());
    assert_eq!(answer.map(drop), Err(Refusal::UnsupportedAlgorithm));
    for json_only in &all[5..] {
        assert!(json_only["output"].get("compact").is_none());
    }
    // Of several signatures, the one in RS256 holds, put as a compact token.
    let many = &all[7]["output"]["json"];
    let token = [
        "/signatures/0/protected",
        "/payload",
        "/signatures/0/signature",
    ]
    .map(|p| text(many, p))
    .join(".");
    let answer = Rules::new().verify_compact(&token, &keys, noon());
    assert_eq!(
        answer.unwrap().bytes(),
        text(&all[7], "/input/payload").as_bytes()
    );
}

/// RFC 7520, 3: the RSA keys are read; P-521 and secrets are no keys here.
#[test]
fn the_jwk_cookbook() {
    let Some(folder) = folder() else { return };
    let all = examples(
        &folder,
        "jwk",
        &[
            "3_1.ec_public_key.json",
            "3_2.ec_private_key.json",
            "3_3.rsa_public_key.json",
            "3_4.rsa_private_key.json",
            "3_5.symmetric_key_mac_computation.json",
            "3_6.symmetric_key_encryption.json",
        ],
    );
    let json = |at: usize| all[at].to_string().into_bytes();
    for other in [0, 1, 4, 5] {
        assert!(
            Key::from_jwk(&json(other)).is_err() && SigningKey::from_jwk(&json(other)).is_err()
        );
    }
    let public = Key::from_jwk(&json(2)).unwrap();
    assert_eq!(public.id().as_str(), "bilbo.baggins@hobbiton.example");
    let private = SigningKey::from_jwk(&json(3)).unwrap();
    assert_eq!(private.public(), public.public_key());
    assert!(
        Key::from_jwk(&json(3)).is_err(),
        "a private key is none to publish"
    );
    assert!(private.to_jwk().is_err());
}

/// RFC 8037's example, and one of encryption, which is not for here.
#[test]
fn the_curve25519_cookbook() {
    let Some(folder) = folder() else { return };
    let all = examples(&folder, "curve25519", &["ecdh-es.json", "jws.json"]);
    let (keys, token) = (
        keys_of(&all[1]["input"]["key"]),
        text(&all[1], "/output/compact"),
    );
    let verified = Rules::new().verify_compact(token, &keys, noon());
    assert_eq!(
        verified.unwrap().bytes(),
        text(&all[1], "/input/payload").as_bytes()
    );
}

/// RFC 7797's examples are all in HS256, which is not taken.
#[test]
fn the_rfc_7797_cookbook() {
    let Some(folder) = folder() else { return };
    let all = examples(
        &folder,
        "rfc7797",
        &["4.2.hmac-sha2_b64_false.json", "hmac-sha2_b64_false.json"],
    );
    for example in &all {
        let keys = keys_of(&example["input"]["key"]);
        assert_eq!(keys.keys().len(), 0);
        let json = &example["output"]["json"];
        let payload = text(json, "/payload").as_bytes();
        let [header, signature] =
            ["/signatures/0/protected", "/signatures/0/signature"].map(|p| text(json, p));
        let answer = Rules::new().verify_unencoded(
            &format!("{header}..{signature}"),
            payload,
            &keys,
            noon(),
        );
        assert!(answer.is_err());
        println!("{}: {:?}", text(example, "/title"), answer.map(drop));
    }
}
