//! A detached JWS over the body, in the HTTP header `Signature`.

use solidarity_signing::jws::{Draft, Rules};
use solidarity_signing::{Refusal, Result, Signer};

use super::{Checked, Signed};
use crate::json::{Escapes, Order, rewrite};
use crate::{Rule, Tolerance};

pub(crate) async fn sign(body: &[u8], signer: &dyn Signer) -> Result<String> {
    Draft::detached(body).sign(signer).await
}

pub(super) fn check(token: &str, message: &Signed<'_, '_>) -> Result<Checked, Rule> {
    let verify = |bytes: &[u8]| {
        let verified = Rules::new().verify_detached(token, bytes, message.keys, message.now);
        verified.map(|verified| verified.key_id().clone())
    };
    let as_received = verify(message.body);
    if let Err(Refusal::BadSignature) = as_received
        && message.leniency.allows(Tolerance::RewrittenBody)
    {
        // Some sign the body as their program writes it, and send it as
        // another does.
        for escapes in [Escapes::Needed, Escapes::Ascii] {
            let body = rewrite(message.root, Order::Received, escapes);
            if let Ok(key) = verify(body.as_bytes()) {
                return Ok(Checked {
                    key,
                    rewritten: true,
                });
            }
        }
    }
    as_received
        .map(|key| Checked {
            key,
            rewritten: false,
        })
        .map_err(Rule::BadSignature)
}
