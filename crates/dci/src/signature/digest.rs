//! The form of the standard's example: named parts, in the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use solidarity_signing::{Algorithm, KeyId, PartyId, Refusal, Result, Signer};

use super::{Checked, Signed};
use crate::Rule;
use crate::json::{Escapes, Node, Order, write};

/// How long a signature is good.
const LIFE: TimeDelta = TimeDelta::seconds(300);

/// How far clocks may differ.
const SKEW: TimeDelta = TimeDelta::seconds(60);

const HEADERS: &str = "(created) (expires) digest";

/// The signature of `sender` over `root`, made at `now`.
pub(crate) async fn sign(
    root: Node<'_, '_>,
    sender: &PartyId,
    signer: &dyn Signer,
    now: DateTime<Utc>,
) -> Result<String> {
    if signer.public_key().algorithm() != Algorithm::Ed25519 {
        let rule = "must be an Ed25519 key: this profile has no other";
        return Err(solidarity_core::Invalid::new("key", rule).into());
    }
    let splits = |text: &str| text.contains(['|', '"']);
    if splits(sender.as_str()) || splits(signer.key_id().as_str()) {
        let rule = "must not hold | or \" in this profile";
        return Err(solidarity_core::Invalid::new("sender_id or key id", rule).into());
    }
    let created = now.timestamp();
    let expires = created + LIFE.num_seconds();
    let text = signing_text(root, &created.to_string(), &expires.to_string());
    let signature = STANDARD.encode(signer.sign(text.as_bytes()).await?);
    let key = signer.key_id();
    Ok(format!(
        r#"namespace="dci", kidId="{sender}|{key}|ed25519", algorithm="ed25519", created="{created}", expires="{expires}", headers="{HEADERS}", signature="{signature}""#
    ))
}

pub(super) fn check(text: &str, message: &Signed<'_, '_>) -> Result<Checked, Rule> {
    let parts = Parts::parse(text).ok_or(Rule::NotASignature)?;
    let mut key = parts.key.split('|');
    let (Some(sender), Some(key), Some("ed25519"), None) =
        (key.next(), key.next(), key.next(), key.next())
    else {
        return Err(Rule::NotASignature);
    };
    if parts.algorithm != "ed25519" || parts.headers != HEADERS {
        return Err(Rule::NotASignature);
    }
    if sender != message.keys.owner().as_str() {
        return Err(Rule::WrongSender);
    }
    let time = |text: &str| {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 12;
        let seconds = plain.then(|| text.parse().ok()).flatten()?;
        DateTime::from_timestamp(seconds, 0)
    };
    let created = time(parts.created).ok_or(Rule::NotASignature)?;
    let expires = time(parts.expires).ok_or(Rule::NotASignature)?;
    if expires < created || created > message.now + SKEW || expires + SKEW < message.now {
        return Err(Rule::SignatureExpired);
    }
    let key = KeyId::new(key).map_err(|_| Rule::NotASignature)?;
    let signature = STANDARD
        .decode(parts.signature)
        .map_err(|_| Rule::NotASignature)?;
    let known = message.keys.keys().iter().find(|known| *known.id() == key);
    if known.is_some_and(|known| known.public_key().algorithm() != Algorithm::Ed25519) {
        return Err(Rule::BadSignature(Refusal::WrongAlgorithm));
    }
    let text = signing_text(message.root, parts.created, parts.expires);
    message
        .keys
        .verify(&key, text.as_bytes(), &signature, message.now)
        .map_err(Rule::BadSignature)?;
    Ok(Checked {
        key,
        rewritten: false,
    })
}

/// What is signed: when it was made, until when it is good, and the digest.
fn signing_text(root: Node<'_, '_>, created: &str, expires: &str) -> String {
    let mut text = String::from("{");
    for name in ["header", "message"] {
        let Some(part) = root.get(name) else { continue };
        if text.len() > 1 {
            text.push(',');
        }
        text.push('"');
        text.push_str(name);
        text.push_str("\":");
        write(part, Order::Sorted, Escapes::Ascii, &mut text);
    }
    text.push('}');
    let digest = STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!("(created): {created}\n(expires): {expires}\ndigest: {digest}")
}

/// The parts of the text, each once.
#[derive(Default)]
struct Parts<'a> {
    key: &'a str,
    algorithm: &'a str,
    created: &'a str,
    expires: &'a str,
    headers: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = Self::default();
        let mut namespace = "";
        let mut rest = text.strip_prefix("Signature:").unwrap_or(text).trim_start();
        loop {
            let (name, after) = rest.split_once("=\"")?;
            let (value, after) = after.split_once('"')?;
            let part = match name {
                "namespace" => &mut namespace,
                "kidId" | "keyId" => &mut parts.key,
                "algorithm" => &mut parts.algorithm,
                "created" => &mut parts.created,
                "expires" => &mut parts.expires,
                "headers" => &mut parts.headers,
                "signature" => &mut parts.signature,
                _ => return None,
            };
            if !part.is_empty() || value.is_empty() {
                return None;
            }
            *part = value;
            match after.strip_prefix(',') {
                Some(after) => rest = after.trim_start(),
                None if after.is_empty() => return Some(parts),
                None => return None,
            }
        }
    }
}
