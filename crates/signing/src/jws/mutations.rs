//! Classes of changed messages, two hundred random ones of each: every one is
//! refused, for its own reason. Where it can be, the signature is good, so that
//! the rule alone stands in the way.

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use solidarity_core::testing::{Random, block_on, seed};

use super::tests::signed;
use super::*;
use crate::conformance::replay_guard::window;
use crate::testing::{noon, party};
use crate::{
    Admission, Arrival, Key, KeySet, MemoryReplayGuard, MessageId, PartyId, PublicKey, Refusal,
    ReplayGuard, Rule, SigningKey, base64url,
};

const INSTANCES: usize = 200;

struct Exchange {
    random: Random,
    /// The party's keys: two in force, and three that are not.
    ed: SigningKey,
    ec: SigningKey,
    revoked: SigningKey,
    early: SigningKey,
    late: SigningKey,
    keys: KeySet,
    /// Another party's key.
    other: SigningKey,
}

impl Exchange {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut draw = || {
            let mut bytes = [0; 32];
            for chunk in bytes.chunks_mut(8) {
                chunk.copy_from_slice(&random.next().to_be_bytes());
            }
            bytes
        };
        let mut make = || SigningKey::ed25519(&draw()).unwrap();
        let (ed, revoked, early, late, other) = (make(), make(), make(), make(), make());
        let ec = SigningKey::es256(&draw()).unwrap();
        let mut keys = KeySet::new(party());
        let day = TimeDelta::days(1);
        let key = |key: &SigningKey| Key::new(key.public().clone());
        for key in [
            key(&ed),
            key(&ec),
            key(&revoked).revoked_from(noon() - day),
            key(&early).valid_from(noon() + day),
            key(&late).valid_until(noon() - day),
        ] {
            keys.add(key).unwrap();
        }
        Self {
            random,
            ed,
            ec,
            revoked,
            early,
            late,
            keys,
            other,
        }
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        *self.random.pick(of).unwrap()
    }

    fn word(&mut self) -> String {
        format!("w{:x}", self.random.next())
    }

    fn body(&mut self) -> Vec<u8> {
        format!(
            r#"{{"message_id":"{}","amount":"{}"}}"#,
            self.word(),
            self.random.below(1_000)
        )
        .into_bytes()
    }

    /// A key in force, and its algorithm's name.
    fn key(&mut self) -> (&SigningKey, &'static str) {
        let ed = self.random.chance(50);
        let key = if ed { &self.ed } else { &self.ec };
        (key, key.public().algorithm().name())
    }

    /// A token whose header holds `fields` after `alg` and `kid`, well signed.
    fn with_fields(&mut self, fields: &str) -> String {
        let body = self.body();
        let (key, alg) = self.key();
        let header = format!(r#"{{"alg":"{alg}","kid":"{}",{fields}}}"#, key.id());
        signed(header.as_bytes(), &body, key)
    }

    /// A token with this `alg`, of a key in force, and well signed by it.
    fn with_alg(&mut self, alg: &str) -> String {
        let body = self.body();
        let (key, _) = self.key();
        signed(
            format!(r#"{{"alg":"{alg}","kid":"{}"}}"#, key.id()).as_bytes(),
            &body,
            key,
        )
    }

    /// A token with this `kid`, as JSON, well signed by a key in force.
    fn with_kid(&mut self, kid: &str) -> String {
        let body = self.body();
        let (key, alg) = self.key();
        signed(
            format!(r#"{{"alg":"{alg}","kid":{kid}}}"#).as_bytes(),
            &body,
            key,
        )
    }

    fn good(&mut self) -> String {
        let body = self.body();
        Draft::compact(&body).sign_with(self.key().0).unwrap()
    }

    fn by(&mut self, which: fn(&Self) -> &SigningKey) -> String {
        let body = self.body();
        Draft::compact(&body).sign_with(which(self)).unwrap()
    }

    fn check(&self, token: &str) -> Result<(), Refusal> {
        Rules::new()
            .verify_compact(token, &self.keys, noon())
            .map(drop)
    }
}

/// Two hundred tokens of a class, each refused as `make` says.
fn class(make: impl Fn(&mut Exchange) -> (String, Refusal)) {
    let mut exchange = Exchange::new(seed());
    for instance in 0..INSTANCES {
        let good = exchange.good();
        assert_eq!(exchange.check(&good), Ok(()), "before instance {instance}");
        let (token, expected) = make(&mut exchange);
        assert_eq!(
            exchange.check(&token),
            Err(expected),
            "instance {instance}: {token:.400}"
        );
    }
}

fn malformed(rule: Rule) -> Refusal {
    Refusal::Malformed { rule }
}

fn split(token: &str) -> [String; 3] {
    token
        .split('.')
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}

#[test]
fn class_1_no_algorithm() {
    class(|x| {
        let token = x.with_alg("none");
        let [header, payload, _] = split(&token);
        if x.random.chance(50) {
            (
                format!("{header}.{payload}."),
                malformed(Rule::SignatureMissing),
            )
        } else {
            (token, Refusal::UnsupportedAlgorithm)
        }
    });
}

#[test]
fn class_2_an_algorithm_spelled_otherwise() {
    class(|x| {
        let name = x.pick(&[
            "None", "nOnE", "NONE", "none ", "eddsa", "EDDSA", "EdDsa", "es256", "Es256", " ES256",
            "", "ED25519",
        ]);
        (x.with_alg(name), Refusal::UnsupportedAlgorithm)
    });
}

#[test]
fn class_3_the_public_key_as_a_shared_secret() {
    class(|x| {
        let body = x.body();
        let alg = x.pick(&["HS256", "HS384", "HS512"]);
        let public = x.ed.public().clone();
        let jwk = Key::new(public.clone()).to_jwk();
        let bytes = base64url::decode(&public.members()[2].1).unwrap();
        let secret = x.pick(&[bytes.as_slice(), jwk.as_bytes()]);
        let header = base64url::encode(
            format!(r#"{{"alg":"{alg}","kid":"{}"}}"#, public.thumbprint()).as_bytes(),
        );
        let input = format!("{header}.{}", base64url::encode(&body));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(input.as_bytes());
        let tag = base64url::encode(&mac.finalize().into_bytes());
        (format!("{input}.{tag}"), Refusal::UnsupportedAlgorithm)
    });
}

#[test]
fn class_4_an_algorithm_that_is_not_the_keys() {
    class(|x| {
        let body = x.body();
        let (key, alg) = x.key();
        let other = if alg == "EdDSA" { "ES256" } else { "EdDSA" };
        let header = format!(r#"{{"alg":"{other}","kid":"{}"}}"#, key.id());
        (
            signed(header.as_bytes(), &body, key),
            Refusal::WrongAlgorithm,
        )
    });
}

#[test]
fn class_5_something_critical_that_is_not_understood() {
    class(|x| {
        let word = x.word();
        let fields = match x.random.below(4) {
            0 => format!(r#""crit":["{word}"]"#),
            1 => format!(r#""crit":["{word}"],"{word}":true"#),
            2 => format!(r#""crit":["exp"],"exp":{}"#, x.random.below(1 << 40)),
            _ => format!(r#""crit":["{word}","b64"],"b64":false"#),
        };
        (x.with_fields(&fields), Refusal::UnknownCritical)
    });
}

#[test]
fn class_6_a_key_in_the_message() {
    class(|x| {
        let jwk = Key::new(x.other.public().clone()).to_jwk();
        let word = x.word();
        let field = match x.random.below(4) {
            0 => format!(r#""jwk":{jwk}"#),
            1 => format!(r#""jku":"https://{word}.example/jwks.json""#),
            2 => format!(r#""x5u":"https://{word}.example/key.pem""#),
            _ => format!(r#""x5c":["{word}"]"#),
        };
        if x.random.chance(50) {
            return (x.with_fields(&field), Refusal::KeyInMessage);
        }
        // Signed by the key that it brings.
        let body = x.body();
        let id = x.ed.id().clone();
        let header = format!(r#"{{"alg":"EdDSA","kid":"{id}",{field}}}"#);
        (
            signed(header.as_bytes(), &body, &x.other),
            Refusal::KeyInMessage,
        )
    });
}

#[test]
fn class_7_a_key_that_nobody_has() {
    class(|x| {
        let word = x.word();
        (x.with_kid(&format!("\"{word}\"")), Refusal::UnknownKey)
    });
}

#[test]
fn class_8_a_key_of_another_party() {
    class(|x| (x.by(|x| &x.other), Refusal::UnknownKey));
}

#[test]
fn class_9_a_key_id_that_is_a_path_or_a_statement() {
    class(|x| {
        let word = x.word();
        let (kid, expected) = match x.random.below(6) {
            0 => (format!("../../{word}/null"), Refusal::UnknownKey),
            1 => (format!("..%2f..%2f{word}"), Refusal::UnknownKey),
            2 => (format!("';DROP/**/TABLE/**/{word};--"), Refusal::UnknownKey),
            3 => (format!("' OR '{word}'='{word}"), malformed(Rule::KeyId)),
            4 => (format!("{word}\\u0000.pem"), malformed(Rule::KeyId)),
            _ => (word.repeat(30), malformed(Rule::KeyId)),
        };
        (x.with_kid(&format!("\"{kid}\"")), expected)
    });
}

#[test]
fn classes_10_and_11_a_key_whose_time_it_is_not() {
    class(|x| (x.by(|x| &x.revoked), Refusal::KeyRevoked));
    class(|x| (x.by(|x| &x.early), Refusal::KeyNotYetValid));
    class(|x| (x.by(|x| &x.late), Refusal::KeyExpired));
}

#[test]
fn classes_12_to_14_a_message_at_another_time_or_again() {
    let mut random = Random::new(seed());
    let guard = MemoryReplayGuard::new(window());
    let tick = TimeDelta::microseconds(1);
    for instance in 0..INSTANCES {
        let message = |id: &str, sent_at| {
            Arrival::new(
                party(),
                MessageId::new(format!("{instance}-{id}")).unwrap(),
                sent_at,
            )
        };
        let take = |message: &Arrival, now| block_on(guard.take(message, now)).unwrap();
        let further = TimeDelta::microseconds(i64::try_from(random.below(1 << 45)).unwrap());
        let old = message("old", noon() - TimeDelta::minutes(10) - tick - further);
        assert_eq!(take(&old, noon()), Admission::TooOld);
        let early = message("early", noon() + TimeDelta::minutes(1) + tick + further);
        assert_eq!(take(&early, noon()), Admission::FromTheFuture);
        let fresh = message("fresh", noon());
        assert_eq!(take(&fresh, noon()), Admission::Fresh);
        let later =
            noon() + TimeDelta::microseconds(i64::try_from(random.below(600_000_000)).unwrap());
        assert_eq!(take(&fresh, later), Admission::AlreadyTaken);
    }
}

#[test]
fn class_18_a_sender_who_is_not_the_keys_owner() {
    let mut x = Exchange::new(seed());
    let mut others = KeySet::new(PartyId::new("other.example").unwrap());
    others.add(Key::new(x.other.public().clone())).unwrap();
    for _ in 0..INSTANCES {
        // Whatever the message says: it is the other party's.
        let token = x.by(|x| &x.other);
        let verified = Rules::new()
            .verify_compact(&token, &others, noon())
            .unwrap();
        assert_eq!(verified.signed_by(), others.owner());
        assert_ne!(verified.signed_by(), x.keys.owner());
    }
}

#[test]
fn class_19_a_signature_taken_off() {
    class(|x| {
        let [header, payload, _] = split(&x.good());
        if x.random.chance(50) {
            (
                format!("{header}.{payload}."),
                malformed(Rule::SignatureMissing),
            )
        } else {
            (format!("{header}.{payload}"), malformed(Rule::Parts))
        }
    });
}

#[test]
fn class_20_a_signature_shorter_or_longer() {
    class(|x| {
        let [header, payload, signature] = split(&x.good());
        let mut bytes = base64url::decode(&signature).unwrap();
        let by = 1 + usize::try_from(x.random.below(60)).unwrap();
        if x.random.chance(50) {
            bytes.truncate(bytes.len() - by);
        } else {
            bytes.extend((0..by).map(|_| x.random.below(256).to_le_bytes()[0]));
        }
        (
            format!("{header}.{payload}.{}", base64url::encode(&bytes)),
            Refusal::BadSignature,
        )
    });
}

/// The order of Ed25519's group, least significant byte first (RFC 8032, 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn class_21_the_same_signature_written_otherwise() {
    class(|x| {
        let [header, payload, signature] = split(&x.by(|x| &x.ed));
        let mut bytes = base64url::decode(&signature).unwrap();
        let mut carry = 0;
        for (byte, add) in bytes[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        (
            format!("{header}.{payload}.{}", base64url::encode(&bytes)),
            Refusal::BadSignature,
        )
    });
    // Of ES256, numbers that are none: zero, and the order of the group or more.
    class(|x| {
        let [header, payload, signature] = split(&x.by(|x| &x.ec));
        let mut bytes = base64url::decode(&signature).unwrap();
        let half = x.pick(&[0, 32]);
        let fill = x.pick(&[0, 0xff]);
        bytes[half..half + 32].fill(fill);
        (
            format!("{header}.{payload}.{}", base64url::encode(&bytes)),
            Refusal::BadSignature,
        )
    });
}

#[test]
fn classes_22_and_23_points_of_low_order_or_of_another_form() {
    // Such keys are refused when they are read; see the tests of `jwk`.
    assert!(PublicKey::ed25519(&[0; 32]).is_err());
    class(|x| {
        let [header, payload, signature] = split(&x.by(|x| &x.ed));
        let mut bytes = base64url::decode(&signature).unwrap();
        let mut point = [0; 32];
        match x.random.below(3) {
            0 => point[0] = 1,
            1 => {}
            _ => {
                // A coordinate that is not below the prime.
                point = [0xff; 32];
                (point[0], point[31]) = (0xed + x.random.below(19).to_le_bytes()[0], 0x7f);
            }
        }
        bytes[..32].copy_from_slice(&point);
        if x.random.chance(50) {
            bytes[32..].fill(0);
        }
        (
            format!("{header}.{payload}.{}", base64url::encode(&bytes)),
            Refusal::BadSignature,
        )
    });
}

#[test]
fn class_24_base64_written_otherwise() {
    class(|x| {
        let mut parts = split(&x.good());
        let part = &mut parts[usize::try_from(x.random.below(3)).unwrap()];
        let at = usize::try_from(x.random.below(part.len() as u64)).unwrap();
        match x.random.below(5) {
            0 => part.push('='),
            1 => part.push_str("=="),
            2 => part.insert(at, *x.random.pick(&[' ', '\n', '\r', '\t', '\0']).unwrap()),
            3 => part.replace_range(
                at..=at,
                x.random.pick(&["+", "/", "~", "é", "%3D"]).unwrap(),
            ),
            // A bit of the last character that stands for nothing, or a
            // character that is one too many.
            _ if part.len().is_multiple_of(4) => part.push('A'),
            _ => {
                let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
                let value = alphabet.find(part.pop().unwrap()).unwrap();
                part.push_str(&alphabet[value ^ 1..=value ^ 1]);
            }
        }
        (parts.join("."), malformed(Rule::Base64))
    });
}

#[test]
fn classes_25_to_27_a_name_that_comes_twice() {
    class(|x| {
        let fields = match x.random.below(6) {
            0 => r#""alg":"none""#.to_owned(),
            1 => r#""\u0061lg":"none""#.to_owned(),
            2 => r#""al\u0067":"EdDSA""#.to_owned(),
            3 => format!(r#""k\u0069d":"{}""#, x.word()),
            4 => format!(r#""{0}":{{"a":1,"a":2}}"#, x.word()),
            _ => format!(r#""{0}":[{{"a":1,"\u0061":2}}]"#, x.word()),
        };
        (x.with_fields(&fields), malformed(Rule::DuplicateField))
    });
}

#[test]
fn class_28_a_field_that_is_not_known() {
    class(|x| {
        let word = x.word();
        let fields = match x.random.below(5) {
            0 => format!(r#""{word}":"{word}""#),
            1 => format!(r#""{word}":{{"{word}":[1,true,null]}}"#),
            2 => r#""ALG":"none""#.to_owned(),
            3 => r#""alg ":"none""#.to_owned(),
            _ => format!(
                r#""{}":"{word}""#,
                x.pick(&["x5t", "x5t#S256", "iat", "exp", "nonce", "url", "zip"])
            ),
        };
        (x.with_fields(&fields), Refusal::UnknownField)
    });
}

#[test]
fn classes_29_to_31_numbers() {
    class(|x| {
        let above_2_to_53 = (1_u64 << 53) + 1 + x.random.below(1 << 60);
        let (value, expected) = match x.random.below(7) {
            0 => (above_2_to_53.to_string(), malformed(Rule::FieldType)),
            1 => (u64::MAX.to_string(), malformed(Rule::HeaderJson)),
            2 => (
                format!("1e{}", x.random.below(100_000)),
                malformed(Rule::HeaderJson),
            ),
            3 => ("-0".to_owned(), malformed(Rule::HeaderJson)),
            4 => (
                format!("{}.0", x.random.below(9)),
                malformed(Rule::HeaderJson),
            ),
            5 => ("1".repeat(500), malformed(Rule::HeaderJson)),
            _ => (
                x.pick(&["01", "+1", ".1", "1.", "0x1", "NaN", "Infinity", "1_0"])
                    .to_owned(),
                malformed(Rule::HeaderJson),
            ),
        };
        (x.with_kid(&value), expected)
    });
}

#[test]
fn classes_32_and_33_depth_and_size() {
    class(|x| {
        let depth = 8 + usize::try_from(x.random.below(1_000)).unwrap();
        let deep = format!(r#""a":{}1{}"#, "[".repeat(depth), "]".repeat(depth));
        (x.with_fields(&deep), malformed(Rule::HeaderJson))
    });
    class(|x| {
        let length = 4_000 + usize::try_from(x.random.below(100_000)).unwrap();
        (
            x.with_fields(&format!(r#""typ":"{}""#, "x".repeat(length))),
            Refusal::HeaderTooLong,
        )
    });
}

#[test]
fn classes_34_to_36_texts_that_are_none_or_look_alike() {
    class(|x| {
        let body = x.body();
        let bad: &[u8] = x.pick(&[
            b"\xff".as_slice(),
            b"\xc0\xaf",
            b"\xed\xa0\x80",
            b"\\ud800",
            b"\\udc00\\ud800",
        ]);
        let (key, alg) = x.key();
        let header = format!(r#"{{"alg":"{alg}","kid":"{}"#, key.id());
        let header = [header.as_bytes(), bad, b"\"}"].concat();
        (signed(&header, &body, key), malformed(Rule::HeaderJson))
    });
    class(|x| {
        let body = x.body();
        let (key, alg) = x.key();
        let header = format!("\u{feff}{{\"alg\":\"{alg}\",\"kid\":\"{}\"}}", key.id());
        (
            signed(header.as_bytes(), &body, key),
            malformed(Rule::HeaderJson),
        )
    });
    class(|x| {
        let look = x.pick(&[
            "\u{202e}", "\u{200b}", "\u{301}", "\u{430}", "\u{ff41}", "é", "e\u{301}",
        ]);
        let word = x.word();
        (
            x.with_kid(&format!("\"{word}{look}\"")),
            malformed(Rule::KeyId),
        )
    });
}

#[test]
fn class_37_another_body() {
    let mut x = Exchange::new(seed());
    for _ in 0..INSTANCES {
        let (body, other) = (x.body(), x.body());
        let token = Draft::detached(&body).sign_with(x.key().0).unwrap();
        let check = |body: &[u8]| {
            Rules::new()
                .verify_detached(&token, body, &x.keys, noon())
                .map(drop)
        };
        assert_eq!(check(&body), Ok(()));
        assert_eq!(check(&other), Err(Refusal::BadSignature));
        assert_eq!(
            check(&[&body[..], b" "].concat()),
            Err(Refusal::BadSignature)
        );
    }
}

#[test]
fn class_38_two_payloads() {
    let mut x = Exchange::new(seed());
    for _ in 0..INSTANCES {
        let (body, other) = (x.body(), x.body());
        let [header, payload, signature] =
            split(&Draft::compact(&body).sign_with(x.key().0).unwrap());
        let check = |token: &str, body: &[u8]| {
            Rules::new()
                .verify_detached(token, body, &x.keys, noon())
                .map(drop)
        };
        let whole = format!("{header}.{payload}.{signature}");
        assert_eq!(check(&whole, &other), Err(malformed(Rule::PayloadEmbedded)));
        assert_eq!(check(&whole, &body), Err(malformed(Rule::PayloadEmbedded)));
        let detached = format!("{header}..{signature}");
        assert_eq!(check(&detached, &body), Ok(()));
        assert_eq!(check(&detached, &other), Err(Refusal::BadSignature));
        assert_eq!(x.check(&detached), Err(malformed(Rule::PayloadMissing)));
    }
}

#[test]
fn class_39_bytes_after_the_end() {
    class(|x| {
        let body = x.body();
        let word = x.word();
        let tail = x.pick(&[
            "x",
            "{}",
            "\0",
            "]",
            "}",
            "1",
            ",",
            "//",
            "\u{a0}",
            word.as_str(),
        ]);
        let (key, alg) = x.key();
        let header = format!(r#"{{"alg":"{alg}","kid":"{}"}}{tail}"#, key.id());
        (
            signed(header.as_bytes(), &body, key),
            malformed(Rule::HeaderJson),
        )
    });
    class(|x| {
        let token = x.good();
        let (tail, rule) = x.pick(&[
            (" ", Rule::Base64),
            ("\n", Rule::Base64),
            ("\0", Rule::Base64),
            (".", Rule::Parts),
            ("..", Rule::Parts),
            (".e30", Rule::Parts),
        ]);
        (format!("{token}{tail}"), malformed(rule))
    });
}
