//! A compact JWS in the body, with the message within it.

use solidarity_signing::jws::{Draft, Rules};
use solidarity_signing::{Result, Signer};

use super::{Checked, Signed};
use crate::Rule;
use crate::json::{Kind, parse};

pub(crate) async fn sign(payload: &[u8], signer: &dyn Signer) -> Result<String> {
    Draft::compact(payload).sign(signer).await
}

pub(super) fn check(token: &str, message: &Signed<'_, '_>) -> Result<Checked, Rule> {
    if !is_compact(token) {
        return Err(Rule::NotASignature);
    }
    let verified = Rules::new()
        .verify_compact(token, message.keys, message.now)
        .map_err(Rule::BadSignature)?;
    if !is_the_rest(verified.bytes(), token, message.body) {
        says_the_same(verified.bytes(), message)?;
    }
    Ok(Checked {
        key: verified.key_id().clone(),
        rewritten: false,
    })
}

/// Whether `body` is `payload` to the byte, but for the signature before it:
/// as it is written here.
fn is_the_rest(payload: &[u8], token: &str, body: &[u8]) -> bool {
    let rest = body
        .strip_prefix(br#"{"signature":""#)
        .and_then(|body| body.strip_prefix(token.as_bytes()))
        .and_then(|body| body.strip_prefix(br#"","#));
    rest.is_some() && rest == payload.strip_prefix(b"{")
}

/// What was signed is the header and the message, and both are read from the
/// body: so both must be there, and the same.
fn says_the_same(payload: &[u8], message: &Signed<'_, '_>) -> Result<(), Rule> {
    let tree = parse(payload)?;
    let payload = tree.root();
    let same = |name| match (payload.get(name), message.root.get(name)) {
        (Some(signed), Some(sent)) => signed.says_the_same(sent),
        (signed, sent) => signed.is_none() && sent.is_none(),
    };
    let known = |name: &str| name == "header" || name == "message";
    let only = *payload.kind() == Kind::Object && payload.children().all(|m| known(m.name()));
    if only && same("header") && same("message") {
        Ok(())
    } else {
        Err(Rule::DoesNotFit)
    }
}

/// Whether `text` is a token at all, and not the standard's example.
fn is_compact(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte))
}
