//! `POST /registry/unsubscribe`: `UnSubscribeRequest`.

use serde::{Deserialize, Serialize};

use crate::header::RequestHeader;
use crate::json::Object;
use crate::limits::ITEMS_MAX;
use crate::message::Message;
use crate::{
    Action, Deviation, Fault, Leniency, Rule, SubscriptionCode, Timestamp, TransactionId,
    UnsubscribeReason,
};

/// Subscriptions that somebody no longer wants.
///
/// It is one request, however many subscriptions it ends: one status answers
/// it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UnsubscribeRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// When it was asked.
    pub timestamp: Timestamp,
    /// The subscriptions, as the register named them.
    pub subscription_codes: Vec<SubscriptionCode>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl UnsubscribeRequest {
    /// The end of the subscriptions `codes`, asked at `at`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        at: impl Into<Timestamp>,
        codes: Vec<SubscriptionCode>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            timestamp: at.into(),
            subscription_codes: codes,
            other: Object::default(),
        }
    }

    /// The code for a request that breaks a rule as `fault` says, seen from
    /// the message. The standard's codes name no transaction: what is wrong
    /// with it, or with anything else, is the requester's.
    #[must_use]
    pub fn reason(fault: &Fault) -> UnsubscribeReason {
        let passes = |field| fault.path().passes(field);
        if passes("timestamp") {
            UnsubscribeReason::TimestampInvalid
        } else if passes("subscription_codes") {
            UnsubscribeReason::SubscriptionCodeInvalid
        } else {
            UnsubscribeReason::RequesterInvalid
        }
    }
}

impl Message for UnsubscribeRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Unsubscribe;

    fn check(&self, _: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let rule = match self.subscription_codes.len() {
            0 => Rule::Empty,
            1..=ITEMS_MAX => return Ok(Vec::new()),
            _ => Rule::TooMany,
        };
        Err(Fault::field("subscription_codes", rule))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_has_its_code() {
        use UnsubscribeReason as R;
        let outcome = |transaction: &str, timestamp: &str, codes: serde_json::Value| {
            let message = json!({
                "transaction_id": transaction, "timestamp": timestamp, "subscription_codes": codes,
            });
            let message: Object = serde_json::from_value(message).unwrap();
            message
                .read::<UnsubscribeRequest>(&Leniency::none())
                .and_then(|read| read.value.check(&Leniency::none()))
                .map_err(|fault| UnsubscribeRequest::reason(&fault))
        };
        let now = "2026-03-01T09:30:00Z";
        assert_eq!(outcome("t", now, json!(["s-1"])), Ok(Vec::new()));
        assert_eq!(
            outcome("t", "now", json!(["s-1"])),
            Err(R::TimestampInvalid)
        );
        assert_eq!(
            outcome("t", now, json!([""])),
            Err(R::SubscriptionCodeInvalid)
        );
        assert_eq!(
            outcome("t", now, json!([])),
            Err(R::SubscriptionCodeInvalid)
        );
        assert_eq!(
            outcome("t", now, json!("s-1")),
            Err(R::SubscriptionCodeInvalid)
        );
        assert_eq!(outcome("", now, json!(["s-1"])), Err(R::RequesterInvalid));
    }
}
