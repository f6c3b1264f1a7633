use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use solidarity_core::testing::block_on;

use super::*;
use crate::limits::{HEADER_MAX_BYTES, PAYLOAD_MAX_BYTES};
use crate::testing::{ed25519, es256, keys, noon, party};
use crate::{Key, KeyId, KeySet, Refusal, Rule, SigningKey, base64url};

/// A token with a header of one's own, signed by `key` as if all were well.
pub(super) fn signed(header: &[u8], payload: &[u8], key: &SigningKey) -> String {
    let input = format!(
        "{}.{}",
        base64url::encode(header),
        base64url::encode(payload)
    );
    let signature = key.sign_bytes(input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(&signature))
}

fn compact(token: &str, keys: &KeySet) -> Result<Vec<u8>, Refusal> {
    Rules::new()
        .verify_compact(token, keys, noon())
        .map(VerifiedPayload::into_bytes)
}

/// RFC 7515, appendix A.3.
#[test]
fn the_rfcs_es256_example_is_valid() {
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let payload =
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    assert_eq!(
        compact(token, &keys([&es256()])).unwrap(),
        payload.as_bytes()
    );
}

/// RFC 8037, appendix A.4 and A.5.
#[test]
fn the_rfcs_ed25519_example_is_valid_and_made_again() {
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(
        signed(
            br#"{"alg":"EdDSA"}"#,
            b"Example of Ed25519 signing",
            &ed25519()
        ),
        token
    );
    assert_eq!(
        compact(token, &keys([&ed25519()])).unwrap(),
        b"Example of Ed25519 signing"
    );
}

/// RFC 8032, 7.1, tests 1 to 3.
#[test]
fn the_rfcs_ed25519_signatures_are_made_again() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len() / 2)
            .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
            .collect()
    };
    for (seed, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        let key = SigningKey::ed25519(&hex(seed).try_into().unwrap()).unwrap();
        assert_eq!(key.sign_bytes(&hex(message)).unwrap(), hex(signature));
        assert_eq!(key.public().verify(&hex(message), &hex(signature)), Ok(()));
    }
}

/// RFC 6979, A.2.5: with SHA-256, message "sample".
#[test]
fn the_rfcs_deterministic_es256_signature_is_made_again() {
    let number = |text: &str| -> [u8; 32] {
        let bytes = (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap());
        bytes.collect::<Vec<_>>().try_into().unwrap()
    };
    let key = SigningKey::es256(&number(
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
    ));
    let signature = key.unwrap().sign_bytes(b"sample").unwrap();
    let expected = [
        number("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"),
        number("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"),
    ];
    // That one has the larger s, so whoever refuses those refuses the RFC's.
    assert_eq!(signature, expected.concat());
}

/// Of (r, s) and (r, n − s), ES256 takes both, and nothing else.
#[test]
fn both_signatures_of_one_nonce_are_valid_for_es256() {
    let key = es256();
    let signature = key.sign_bytes(b"message").unwrap();
    let other = p256::ecdsa::Signature::from_slice(&signature).unwrap();
    let (r, s) = other.split_scalars();
    let other = p256::ecdsa::Signature::from_scalars(r, -s)
        .unwrap()
        .to_bytes()
        .to_vec();
    assert_ne!(signature, other);
    assert_eq!(key.public().verify(b"message", &signature), Ok(()));
    assert_eq!(key.public().verify(b"message", &other), Ok(()));
    // In DER it is no signature of a JWS.
    let der = p256::ecdsa::Signature::from_slice(&signature)
        .unwrap()
        .to_der();
    assert_eq!(
        key.public().verify(b"message", der.as_bytes()),
        Err(Refusal::BadSignature)
    );
}

#[test]
fn every_form_goes_both_ways_and_is_no_other() {
    for key in [ed25519(), es256()] {
        let keys = keys([&key]);
        let (rules, body, now) = (Rules::new(), b"{\"a\":1}", noon());
        let tokens = [
            Draft::compact(body),
            Draft::detached(body),
            Draft::unencoded(body),
        ]
        .map(|draft| {
            let token = block_on(draft.sign(&key)).unwrap();
            assert_eq!(draft.sign_with(&key).unwrap(), token);
            token
        });
        let answers = tokens.map(|token| {
            [
                rules.verify_compact(&token, &keys, now).map(drop),
                rules.verify_detached(&token, body, &keys, now).map(drop),
                rules.verify_unencoded(&token, body, &keys, now).map(drop),
            ]
        });
        let no = |rule: Rule| Err(Refusal::from(rule));
        assert_eq!(
            answers,
            [
                [Ok(()), no(Rule::PayloadEmbedded), no(Rule::PayloadEmbedded)],
                [no(Rule::PayloadMissing), Ok(()), no(Rule::Unencoded)],
                [no(Rule::PayloadMissing), no(Rule::Unencoded), Ok(())],
            ]
        );
    }
}

#[test]
fn what_was_checked_says_who_signed_it_and_shows_no_content() {
    let key = ed25519().with_id(KeyId::new("2026-1").unwrap());
    let token = Draft::compact(b"secret")
        .with_type("dci+jws")
        .sign_with(&key)
        .unwrap();
    let verified = Rules::new()
        .with_type("dci+jws")
        .verify_compact(&token, &keys([&key]), noon())
        .unwrap();
    assert_eq!(verified.signed_by(), &party());
    assert_eq!(
        (verified.key_id().as_str(), verified.kind()),
        ("2026-1", Some("dci+jws"))
    );
    let shown = format!("{verified:?} {:?}", Draft::compact(b"secret"));
    assert!(
        !shown.contains("secret") && !shown.contains("115, 101"),
        "{shown}"
    );
}

#[test]
fn a_type_that_is_asked_for_must_be_there_to_the_letter() {
    let key = ed25519();
    let rules = Rules::new().with_type("JWT");
    for (kind, expected) in [
        (None, Err(Refusal::WrongType)),
        (Some("jwt"), Err(Refusal::WrongType)),
        (Some("JWT"), Ok(())),
    ] {
        let draft = Draft::compact(b"{}");
        let draft = kind.map_or(draft, |kind| draft.with_type(kind));
        let token = draft.sign_with(&key).unwrap();
        assert_eq!(
            rules
                .verify_compact(&token, &keys([&key]), noon())
                .map(drop),
            expected
        );
        assert_eq!(compact(&token, &keys([&key])).map(drop), Ok(()));
    }
}

#[test]
fn a_field_is_ignored_only_where_that_was_said_and_never_a_key() {
    let key = ed25519();
    let token = signed(br#"{"alg":"EdDSA","x5t#S256":"AAAA"}"#, b"{}", &key);
    assert_eq!(compact(&token, &keys([&key])), Err(Refusal::UnknownField));
    let rules = Rules::new().ignoring("x5t#S256").unwrap();
    assert!(rules.verify_compact(&token, &keys([&key]), noon()).is_ok());
    let list = signed(br#"{"alg":"EdDSA","x5t#S256":["AAAA"]}"#, b"{}", &key);
    let refused = rules
        .verify_compact(&list, &keys([&key]), noon())
        .unwrap_err();
    assert_eq!(refused, Rule::FieldType.into());
    for never in [
        "jwk", "jku", "x5u", "x5c", "alg", "kid", "crit", "b64", "typ", "cty", "",
    ] {
        assert!(Rules::new().ignoring(never).is_err(), "{never}");
    }
}

#[test]
fn the_key_is_the_one_named_or_the_only_one() {
    let (one, two) = (ed25519(), es256());
    let unnamed = signed(br#"{"alg":"EdDSA"}"#, b"{}", &one);
    assert_eq!(compact(&unnamed, &keys([&one])).map(drop), Ok(()));
    assert_eq!(
        compact(&unnamed, &keys([&two])),
        Err(Refusal::WrongAlgorithm)
    );
    assert_eq!(
        compact(&unnamed, &keys([&one, &two])),
        Err(Refusal::KeyNotNamed)
    );
    assert_eq!(compact(&unnamed, &keys([])), Err(Refusal::UnknownKey));
    // With a second key that is not in force there is still one to take.
    let mut rotating = keys([&one]);
    rotating
        .rotate(
            Key::new(two.public().clone()),
            noon() + TimeDelta::days(1),
            TimeDelta::days(1),
        )
        .unwrap();
    assert_eq!(compact(&unnamed, &rotating).map(drop), Ok(()));
    let mut revoked = keys([&one]);
    assert!(revoked.revoke(one.id(), noon()));
    assert_eq!(compact(&unnamed, &revoked), Err(Refusal::KeyRevoked));
    assert!(!revoked.revoke(two.id(), noon()));
}

/// RFC 9864 gives Ed25519 a name of its own.
#[test]
fn ed25519_has_two_names() {
    let key = ed25519();
    for (name, expected) in [
        ("EdDSA", Ok(())),
        ("Ed25519", Ok(())),
        ("Ed448", Err(Refusal::UnsupportedAlgorithm)),
        ("ES256", Err(Refusal::WrongAlgorithm)),
    ] {
        let token = signed(format!(r#"{{"alg":"{name}"}}"#).as_bytes(), b"{}", &key);
        assert_eq!(compact(&token, &keys([&key])).map(drop), expected, "{name}");
    }
}

#[test]
fn crit_and_b64_are_as_the_rfcs_say() {
    let key = ed25519();
    let keys = keys([&key]);
    let no = |rule: Rule| Err(Refusal::from(rule));
    for (fields, expected) in [
        (r#""b64":false,"crit":["b64"]"#, Ok(())),
        (r#""crit":["b64"],"b64":false,"typ":"x""#, Ok(())),
        (r#""b64":false"#, no(Rule::Unencoded)),
        (r#""b64":true,"crit":["b64"]"#, no(Rule::Unencoded)),
        (r#""b64":"false","crit":["b64"]"#, no(Rule::Unencoded)),
        (r#""crit":["b64"]"#, no(Rule::Critical)),
        (r#""b64":false,"crit":[]"#, no(Rule::Critical)),
        (r#""b64":false,"crit":["b64","b64"]"#, no(Rule::Critical)),
        (r#""b64":false,"crit":["b64","alg"]"#, no(Rule::Critical)),
        (
            r#""b64":false,"crit":["b64","exp"]"#,
            Err(Refusal::UnknownCritical),
        ),
        (
            r#""b64":false,"crit":["B64"]"#,
            Err(Refusal::UnknownCritical),
        ),
        (r#""b64":false,"crit":"b64""#, no(Rule::FieldType)),
        (r#""b64":false,"crit":[1]"#, no(Rule::FieldType)),
        (r#""b64":false,"crit":null"#, no(Rule::FieldType)),
    ] {
        let header = base64url::encode(format!(r#"{{"alg":"EdDSA",{fields}}}"#).as_bytes());
        let body = b"any bytes . at all \xff";
        let signature = key
            .sign_bytes(&draft::input(&header, body, Form::Unencoded))
            .unwrap();
        let token = format!("{header}..{}", base64url::encode(&signature));
        let answer = Rules::new()
            .verify_unencoded(&token, body, &keys, noon())
            .map(drop);
        assert_eq!(answer, expected, "{fields}");
        // None of them is a token of another form.
        assert!(
            Rules::new()
                .verify_detached(&token, body, &keys, noon())
                .is_err()
        );
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let key = ed25519();
    let keys = keys([&key]);
    let rules = Rules::new();
    let most = vec![b'x'; PAYLOAD_MAX_BYTES];
    let more = vec![b'x'; PAYLOAD_MAX_BYTES + 1];
    for body in [&most[1..], &most, b"x"] {
        let token = Draft::compact(body).sign_with(&key).unwrap();
        assert_eq!(
            rules.verify_compact(&token, &keys, noon()).unwrap().bytes(),
            body
        );
        let token = Draft::detached(body).sign_with(&key).unwrap();
        assert!(rules.verify_detached(&token, body, &keys, noon()).is_ok());
    }
    assert!(Draft::compact(&more).sign_with(&key).is_err());
    assert!(Draft::unencoded(&more).sign_with(&key).is_err());
    assert!(Draft::compact(b"").sign_with(&key).is_err());
    let header = br#"{"alg":"EdDSA"}"#;
    let token = signed(header, &more, &key);
    assert_eq!(
        rules.verify_compact(&token, &keys, noon()).unwrap_err(),
        Refusal::PayloadTooLong
    );
    let token = Draft::detached(b"x").sign_with(&key).unwrap();
    let refused = rules
        .verify_detached(&token, &more, &keys, noon())
        .unwrap_err();
    assert_eq!(refused, Refusal::PayloadTooLong);
    // An empty body may be signed beside the token.
    let token = Draft::detached(b"").sign_with(&key).unwrap();
    assert!(rules.verify_detached(&token, b"", &keys, noon()).is_ok());

    let with_header_of = |encoded: usize| {
        let json = encoded / 4 * 3;
        let header = format!(r#"{{"alg":"EdDSA","typ":"{}"}}"#, "x".repeat(json - 24));
        assert_eq!(base64url::encode(header.as_bytes()).len(), encoded);
        signed(header.as_bytes(), b"{}", &key)
    };
    assert!(compact(&with_header_of(HEADER_MAX_BYTES), &keys).is_ok());
    assert_eq!(
        compact(&with_header_of(HEADER_MAX_BYTES + 4), &keys),
        Err(Refusal::HeaderTooLong)
    );
    assert!(
        Draft::compact(b"x")
            .with_type(&"x".repeat(HEADER_MAX_BYTES))
            .sign_with(&key)
            .is_err()
    );
}

/// Every token with one bit changed, and every beginning of one.
#[test]
fn every_flipped_bit_and_every_truncation_is_refused() {
    for key in [ed25519(), es256()] {
        let keys = keys([&key]);
        let token = Draft::compact(b"{\"n\":1}").sign_with(&key).unwrap();
        assert!(compact(&token, &keys).is_ok());
        for at in 0..token.len() {
            assert!(compact(&token[..at], &keys).is_err(), "the first {at}");
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                if let Ok(other) = String::from_utf8(bytes) {
                    assert!(compact(&other, &keys).is_err(), "bit {bit} of byte {at}");
                }
            }
        }
    }
}

/// Every bit of a detached body.
#[test]
fn every_flipped_bit_of_a_body_is_seen() {
    let key = ed25519();
    let body = br#"{"header":{"message_id":"1"},"message":{"amount":"10.00"}}"#;
    for draft in [Draft::detached(body), Draft::unencoded(body)] {
        let token = draft.sign_with(&key).unwrap();
        for bit in 0..body.len() * 8 {
            let mut other = body.to_vec();
            other[bit / 8] ^= 1 << (bit % 8);
            let (rules, keys) = (Rules::new(), keys([&key]));
            let answers = [
                rules
                    .verify_detached(&token, &other, &keys, noon())
                    .map(drop),
                rules
                    .verify_unencoded(&token, &other, &keys, noon())
                    .map(drop),
            ];
            assert!(answers.contains(&Err(Refusal::BadSignature)) && !answers.contains(&Ok(())));
        }
    }
}

fn any_key() -> impl Strategy<Value = SigningKey> {
    (any::<bool>(), any::<[u8; 32]>()).prop_filter_map("no scalar", |(curve, seed)| {
        if curve {
            SigningKey::es256(&seed).ok()
        } else {
            SigningKey::ed25519(&seed).ok()
        }
    })
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (-1_000_i64..1_000).prop_map(|seconds| noon() + TimeDelta::seconds(seconds))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_is_valid_for_its_key_only(
        key in any_key(),
        other in any_key(),
        body in proptest::collection::vec(any::<u8>(), 1..200),
        now in instant(),
    ) {
        let token = Draft::compact(&body).sign_with(&key).unwrap();
        let verified = Rules::new().verify_compact(&token, &keys([&key]), now).unwrap();
        prop_assert_eq!(verified.bytes(), &body[..]);
        if key.public() != other.public() {
            // Under the same name, too.
            let other = other.with_id(key.id().clone());
            let answer = Rules::new().verify_compact(&token, &keys([&other]), now).map(drop);
            let same_algorithm = key.public().algorithm() == other.public().algorithm();
            let expected = if same_algorithm { Refusal::BadSignature } else { Refusal::WrongAlgorithm };
            prop_assert_eq!(answer, Err(expected));
        }
    }

    #[test]
    fn no_text_makes_it_panic(token in "\\PC{0,300}", body in proptest::collection::vec(any::<u8>(), 0..50)) {
        let keys = keys([&ed25519(), &es256()]);
        prop_assert!(compact(&token, &keys).is_err());
        prop_assert!(Rules::new().verify_detached(&token, &body, &keys, noon()).is_err());
        prop_assert!(Rules::new().verify_unencoded(&token, &body, &keys, noon()).is_err());
    }

    #[test]
    fn no_header_makes_it_panic(header in proptest::collection::vec(any::<u8>(), 0..100)) {
        let token = signed(&header, b"{}", &ed25519());
        prop_assert!(compact(&token, &keys([&ed25519()])).is_err());
    }
}
