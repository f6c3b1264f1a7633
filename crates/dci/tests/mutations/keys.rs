//! Classes 1 to 11, 18 to 24, 28, 37 and 38: what a signature may not be.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use solidarity_core::testing::block_on;
use solidarity_dci::{ErrorCode, Leniency, Profile, SignaturePolicy};
use solidarity_signing::jws::Draft;
use solidarity_signing::{Key, KeySet, SigningKey};

use crate::exchange::{BAD_SIGNATURE, Exchange, Sealed, class, sender};

/// A good body under a token whose header is `header`, well signed by `key`.
fn token(x: &mut Exchange, header: &str, key: fn(&Exchange) -> &SigningKey) -> Sealed {
    let json = x.json();
    let body = json.to_string();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = encode(header.as_bytes());
    let input = format!("{header}.{}", encode(body.as_bytes()));
    let signature = encode(&key(x).sign_bytes(input.as_bytes()).unwrap());
    if x.random.chance(50) {
        Sealed {
            body: body.into_bytes(),
            signature: Some(format!("{header}..{signature}")),
            profile: Profile::Detached,
        }
    } else {
        let mut json = json;
        json["signature"] = json!(format!("{input}.{signature}"));
        Sealed {
            body: json.to_string().into_bytes(),
            signature: None,
            profile: Profile::Token,
        }
    }
}

fn ed(x: &Exchange) -> &SigningKey {
    &x.ed
}

fn other(x: &Exchange) -> &SigningKey {
    &x.other
}

#[test]
fn classes_1_2_and_4_the_algorithm_is_not_the_keys() {
    let none: &[_] = &["none"];
    let otherwise = &[
        "None", "nOnE", "NONE", "none ", "", "eddsa", "EDDSA", "ed25519", "es256",
    ];
    let of_another = &["ES256", "RS256"];
    for names in [none, otherwise, of_another] {
        class(|x| {
            let (id, alg) = (x.ed.id().clone(), x.pick(names));
            let header = format!(r#"{{"alg":"{alg}","kid":"{id}"}}"#);
            (token(x, &header, ed), BAD_SIGNATURE)
        });
    }
    // The digest's own algorithm, beside a key that is of another.
    class(|x| {
        let profile = Profile::Digest;
        let good = Sealed::new(x.signed_by(profile, ed), profile);
        let text = good.signature();
        let changed = match x.random.below(3) {
            0 => text.replace(r#"algorithm="ed25519""#, r#"algorithm="none""#),
            1 => text.replace("|ed25519", "|ES256"),
            _ => text.replace(x.ed.id().as_str(), x.ec.id().as_str()),
        };
        (good.with_signature(&changed), BAD_SIGNATURE)
    });
}

#[test]
fn class_3_the_public_key_as_a_shared_secret() {
    class(|x| {
        let alg = x.pick(&["HS256", "HS384", "HS512"]);
        let public = Key::new(x.ed.public().clone());
        let jwk: Value = serde_json::from_str(&public.to_jwk()).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
        let secret = x
            .pick(&[bytes.as_slice(), public.to_jwk().as_bytes()])
            .to_vec();
        let header = format!(r#"{{"alg":"{alg}","kid":"{}"}}"#, public.id());
        let message = token(x, &header, ed);
        let json = match message.profile {
            Profile::Token => message.signature(),
            _ => {
                let token = message.signature();
                let body = URL_SAFE_NO_PAD.encode(&message.body);
                token.replacen("..", &format!(".{body}."), 1)
            }
        };
        let input = json.rsplit_once('.').unwrap().0;
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        mac.update(input.as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        let forged = match message.profile {
            Profile::Token => format!("{input}.{tag}"),
            _ => format!("{}..{tag}", input.split_once('.').unwrap().0),
        };
        (message.with_signature(&forged), BAD_SIGNATURE)
    });
}

#[test]
fn classes_5_6_and_28_a_header_that_asks_or_brings_something() {
    // Critical; a key, or where to fetch one; not known, or twice.
    for asked in [0..2, 2..5, 5..7] {
        class(|x| {
            let (id, word) = (x.ed.id().clone(), x.word());
            let jwk = Key::new(x.other.public().clone()).to_jwk();
            let field = match asked.start + x.random.below(asked.end - asked.start) {
                0 => format!(r#""crit":["{word}"],"{word}":true"#),
                1 => r#""crit":["b64"],"b64":false"#.to_owned(),
                2 => format!(r#""jwk":{jwk}"#),
                3 => format!(r#""jku":"https://{word}.example/jwks.json""#),
                4 => format!(r#""x5u":"https://{word}.example/key.pem""#),
                5 => format!(r#""{word}":"{word}""#),
                _ => format!(r#""alg":"EdDSA","kid":"{id}""#),
            };
            let header = format!(r#"{{"alg":"EdDSA","kid":"{id}",{field}}}"#);
            let key = if x.random.chance(50) { ed } else { other };
            (token(x, &header, key), BAD_SIGNATURE)
        });
    }
    class(|x| {
        let profile = Profile::Digest;
        let good = Sealed::new(x.signed_by(profile, ed), profile);
        let (text, word) = (good.signature(), x.word());
        let changed = match x.random.below(4) {
            0 => format!(r#"{text}, {word}="{word}""#),
            1 => format!(r#"{text}, algorithm="ed25519""#),
            2 => text.replace("(created) (expires) digest", "(created) digest"),
            _ => format!("{text} {word}"),
        };
        (good.with_signature(&changed), BAD_SIGNATURE)
    });
}

#[test]
fn classes_7_to_9_a_key_that_is_not_the_senders() {
    // Nobody's; another party's; a path or a statement.
    for named in [0..1, 1..2, 2..5] {
        class(|x| {
            let word = x.word();
            let id = match named.start + x.random.below(named.end - named.start) {
                0 => word,
                1 => x.other.id().to_string(),
                2 => format!("../../{word}"),
                3 => format!("';DROP/**/TABLE/**/{word};--"),
                _ => word.repeat(20),
            };
            let header = format!(r#"{{"alg":"EdDSA","kid":"{id}"}}"#);
            (token(x, &header, other), BAD_SIGNATURE)
        });
    }
    class(|x| {
        let profile = Profile::Digest;
        let good = Sealed::new(x.signed_by(profile, other), profile);
        let word = x.word();
        let id = x.other.id().to_string();
        let as_another = match x.random.below(3) {
            0 => id.clone(),
            1 => format!("../{word}"),
            _ => x.ed.id().to_string(),
        };
        let changed = good.signature().replace(&id, &as_another);
        (good.with_signature(&changed), BAD_SIGNATURE)
    });
}

#[test]
fn classes_10_and_11_a_key_whose_time_it_is_not() {
    let keys: [fn(&Exchange) -> &SigningKey; 3] = [|x| &x.revoked, |x| &x.early, |x| &x.late];
    for key in keys {
        class(|x| {
            let profile = x.profile();
            (
                Sealed::new(x.signed_by(profile, key), profile),
                BAD_SIGNATURE,
            )
        });
    }
}

#[test]
fn class_18_a_sender_whose_key_it_is_not() {
    class(|x| {
        let mut json = x.json();
        json["header"]["sender_id"] = json!(format!("{}.example", x.word()));
        (x.sealed_json(&json), (ErrorCode::SenderIdInvalid, None))
    });
    // The name in the signature is another's.
    class(|x| {
        let profile = Profile::Digest;
        let good = Sealed::new(x.signed_by(profile, ed), profile);
        let another = format!("\"{}.example|", x.word());
        let changed = good
            .signature()
            .replace(&format!("\"{}|", sender()), &another);
        (
            good.with_signature(&changed),
            (ErrorCode::SenderIdInvalid, None),
        )
    });
}

#[test]
fn class_19_no_signature() {
    const MISSING: (ErrorCode, Option<solidarity_dci::HeaderReason>) =
        (ErrorCode::SignatureMissing, None);
    class(|x| {
        let profile = x.profile();
        let mut good = Sealed::new(x.signed_by(profile, ed), profile);
        if profile == Profile::Detached {
            good.signature = x.random.chance(50).then(String::new);
            return (good, MISSING);
        }
        let mut json = good.json();
        match x.random.below(3) {
            0 => json["signature"] = json!(""),
            1 => json["signature"] = Value::Null,
            _ => drop(json.as_object_mut().unwrap().remove("signature")),
        }
        good.body = json.to_string().into_bytes();
        (good, MISSING)
    });
}

/// The standard's own example is no signature, wherever it stands, and even
/// where a partner need not sign.
#[test]
fn the_standards_example_is_no_signature() {
    let example = concat!(
        "Signature:  namespace=\"dci\", kidId=\"{sender_id}|{unique_key_id}|{algorithm}\", ",
        "algorithm=\"ed25519\", created=\"1606970629\", expires=\"1607030629\", ",
        "headers=\"(created) (expires) digest\", signature=\"Base64(signing content)"
    );
    class(|x| {
        let mut json = x.json();
        let end = x.pick(&["", "\""]);
        json["signature"] = json!(format!("{example}{end}"));
        let message = Sealed {
            body: json.to_string().into_bytes(),
            signature: None,
            profile: x.profile(),
        };
        let optional = SignaturePolicy::Optional(message.profile);
        let refusal = x.receive_as(&message, optional, Leniency::all());
        assert_eq!(refusal.unwrap_err().code(), &ErrorCode::SignatureInvalid);
        (message, BAD_SIGNATURE)
    });
}

#[test]
fn classes_20_21_and_24_a_signature_in_other_bytes() {
    // The order of the group of Ed25519 (RFC 8032, 5.1), least byte first.
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    // Cut, longer or with a bit changed; the same number; the same bytes.
    for kind in [0..3, 3..4, 4..7] {
        class(|x| {
            let profile = x.profile();
            let good = Sealed::new(x.signed_by(profile, ed), profile);
            let text = good.signature();
            let digest = profile == Profile::Digest;
            let start = if digest {
                text.find(", signature=\"").unwrap() + 13
            } else {
                text.rfind('.').unwrap() + 1
            };
            let end = if digest { text.len() - 1 } else { text.len() };
            let encoded = &text[start..end];
            let engine = if digest { STANDARD } else { URL_SAFE_NO_PAD };
            let mut bytes = engine.decode(encoded).unwrap();
            let changed = match kind.start + x.random.below(kind.end - kind.start) {
                0 => {
                    bytes.truncate(usize::try_from(x.random.below(64)).unwrap());
                    engine.encode(&bytes)
                }
                1 => engine.encode([bytes.as_slice(), &[0]].concat()),
                3 => {
                    // S + L is the same number, and another text.
                    let mut carry = 0;
                    for (byte, add) in bytes[32..].iter_mut().zip(order) {
                        let sum = u16::from(*byte) + u16::from(add) + carry;
                        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
                    }
                    engine.encode(&bytes)
                }
                2 => {
                    let at = usize::try_from(x.random.below(64)).unwrap();
                    bytes[at] ^= 1 << x.random.below(8);
                    engine.encode(&bytes)
                }
                4 => format!("{encoded}="),
                5 => format!("{} {}", &encoded[..20], &encoded[20..]),
                _ => {
                    // Bits that stand for nothing.
                    let plain = encoded.trim_end_matches('=');
                    let (rest, last) = plain.split_at(plain.len() - 1);
                    let next = char::from(last.as_bytes()[0] + 1);
                    format!("{rest}{next}{}", &encoded[plain.len()..])
                }
            };
            let changed = format!("{}{changed}{}", &text[..start], &text[end..]);
            (good.with_signature(&changed), BAD_SIGNATURE)
        });
    }
}

#[test]
fn classes_22_and_23_a_key_that_is_no_key() {
    // Points of low order, and points that are not written in the one way
    // (RFC 8032, 5.1.3).
    let points = [
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "7P________________________________________8",
        "7v________________________________________9_",
        "7f________________________________________9_",
        "__________________________________________8",
    ];
    for points in [&points[..2], &points[2..]] {
        class(|x| {
            let point = x.pick(points);
            let id = x.word();
            let set = format!(
                r#"{{"keys":[{{"kty":"OKP","crv":"ed25519","x":"{point}","kid":"{id}"}}]}}"#
            );
            let weak = KeySet::from_jwks(sender(), set.as_bytes());
            assert!(weak.map_or(true, |keys| keys.keys().is_empty()));
            let header = format!(r#"{{"alg":"EdDSA","kid":"{id}"}}"#);
            (token(x, &header, ed), BAD_SIGNATURE)
        });
    }
}

#[test]
fn classes_37_and_38_a_body_that_is_not_the_one_signed() {
    class(|x| {
        let profile = x.profile();
        let good = Sealed::new(x.signed_by(profile, ed), profile);
        let another = Sealed::new(x.signed_by(profile, ed), profile);
        // Another body, and the signature of the first.
        let signature = good.signature();
        (another.with_signature(&signature), BAD_SIGNATURE)
    });
    class(|x| {
        // A detached token that brings a payload; a token with more in it than
        // the body has.
        let json = x.json();
        let body = json.to_string();
        if x.random.chance(50) {
            let token = Draft::compact(body.as_bytes()).sign_with(&x.ed).unwrap();
            let message = Sealed {
                body: body.into_bytes(),
                signature: Some(token),
                profile: Profile::Detached,
            };
            return (message, BAD_SIGNATURE);
        }
        let mut signed = json.clone();
        match x.random.below(3) {
            0 => signed[x.word()] = json!(1),
            1 => signed["message"]["transaction_id"] = json!(x.word()),
            _ => signed["header"]["meta"] = json!({x.word(): 1}),
        }
        let token = Draft::compact(signed.to_string().as_bytes()).sign_with(&x.ed);
        let mut sent = json;
        sent["signature"] = json!(token.unwrap());
        let message = Sealed {
            body: sent.to_string().into_bytes(),
            signature: None,
            profile: Profile::Token,
        };
        (message, BAD_SIGNATURE)
    });
}

/// The three profiles, one after the other, over the same message.
#[test]
fn what_is_signed_in_one_profile_is_taken_in_no_other() {
    class(|x| {
        let made = x.profile();
        let mut asked = x.profile();
        while asked == made {
            asked = x.profile();
        }
        let search = x.search();
        let wire = block_on(search.sign(made, &x.ed, crate::exchange::noon())).unwrap();
        let mut message = Sealed::new(wire, made);
        message.profile = asked;
        (message, BAD_SIGNATURE)
    });
}
