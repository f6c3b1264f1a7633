//! A message signed by another program: CPython's `json` and `hashlib`, and the
//! Ed25519 of pyca/cryptography, over the form that `Profile::Digest` says.
#![expect(clippy::unwrap_used, reason = "a test stops at the first failure")]

use chrono::{DateTime, TimeDelta};
use solidarity_core::testing::block_on;
use solidarity_dci::registry::SearchRequest;
use solidarity_dci::{
    Envelope, ErrorCode, Incoming, Partner, Profile, Reception, SignaturePolicy, Trust,
};
use solidarity_signing::{Key, KeyId, KeySet, PartyId, SigningKey, Window};

const BODY: &str = r#"{"header": {"message_id": "m-1", "message_ts": "2027-01-15T08:00:00Z", "action": "search", "sender_id": "programme.example", "receiver_id": "registry.example", "total_count": 1, "meta": {"note": "Ñandú 😀", "score": 0.1, "small": 1.5e-05, "whole": 2.0}}, "message": {"transaction_id": "t-1", "search_request": [{"reference_id": "r-1", "timestamp": "2027-01-15T08:00:00Z", "search_criteria": {"query_type": "idtype-value", "query": {"type": "UIN", "value": "Ω/1"}}}]}, "signature": SIGNATURE}"#;

const SIGNATURE: &str = r#"namespace=\"dci\", kidId=\"programme.example|key-1|ed25519\", algorithm=\"ed25519\", created=\"1800000000\", expires=\"1800000300\", headers=\"(created) (expires) digest\", signature=\"zeHFr9oa9OR4Nk2KDDO5XzbeA3ap9wynAwGdjJSO0O07mQVGjca2SSqYIWeGzPTgmk6uKxoDeW+b3NYDgFHDBw==\""#;

fn key() -> SigningKey {
    let key = SigningKey::ed25519(&[7; 32]).unwrap();
    key.with_id(KeyId::new("key-1").unwrap())
}

fn read(body: &str) -> Result<(SearchRequest, Trust), solidarity_dci::Refusal> {
    let sender = PartyId::new("programme.example").unwrap();
    let mut keys = KeySet::new(sender.clone());
    let id = key().id().clone();
    keys.add(Key::new(key().public().clone()).with_id(id))
        .unwrap();
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let reception = Reception::new(PartyId::new("registry.example").unwrap(), window);
    let partner = Partner::new(sender, SignaturePolicy::Required(Profile::Digest));
    let now = DateTime::from_timestamp(1_800_000_100, 0).unwrap();
    let opened = reception.open(
        Incoming::parse(body.as_bytes(), None)?,
        &partner,
        &keys,
        now,
    )?;
    let received = opened.read::<SearchRequest>()?;
    Ok((received.message, received.trust))
}

#[test]
fn what_another_program_signs_is_believed() {
    let body = BODY.replace("SIGNATURE", &format!("\"{SIGNATURE}\""));
    let (message, trust) = read(&body).unwrap();
    assert_eq!(message.transaction_id.as_str(), "t-1");
    let key = KeyId::new("key-1").unwrap();
    let profile = Profile::Digest;
    assert_eq!(trust, Trust::Signed { profile, key });
    // The prefix of the standard's example, and the other spelling of the key.
    for (of, with) in [("namespace", "Signature:  namespace"), ("kidId", "keyId")] {
        assert!(read(&body.replacen(of, with, 1)).is_ok(), "{with}");
    }
    for (of, with) in [
        ("Ω/1", "Ω/2"),
        ("2.0", "2"),
        ("1.5e-05", "1.6e-05"),
        ("Ñ", "N"),
    ] {
        let refusal = read(&body.replacen(of, with, 1)).unwrap_err();
        assert_eq!(refusal.code(), &ErrorCode::SignatureInvalid, "{with}");
    }
}

/// The same message signed here has the same signature: Ed25519 has but one.
#[test]
fn the_same_is_written_here() {
    let body = BODY.replace("SIGNATURE", &format!("\"{SIGNATURE}\""));
    let value: serde_json::Value = serde_json::from_str(&body).unwrap();
    let mut header: solidarity_dci::RequestHeader =
        serde_json::from_value(value["header"].clone()).unwrap();
    header.is_msg_encrypted = false;
    let message: SearchRequest = serde_json::from_value(value["message"].clone()).unwrap();
    let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let wire = block_on(Envelope::new(header, message).sign(Profile::Digest, &key(), at)).unwrap();
    // It writes the version and `is_msg_encrypted` too, so the digest is
    // another; but it is one that is believed.
    let (read, _) = read(&wire.body).unwrap();
    assert_eq!(read.transaction_id.as_str(), "t-1");
    let starts = |text: &str| text.split(", signature=").next().map(str::to_owned);
    let written: serde_json::Value = serde_json::from_str(&wire.body).unwrap();
    assert_eq!(
        starts(written["signature"].as_str().unwrap()),
        starts(&SIGNATURE.replace('\\', ""))
    );
}
