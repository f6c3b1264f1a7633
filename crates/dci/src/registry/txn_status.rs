//! `POST /registry/txn/status`, `POST /registry/sync/txn/status`:
//! `TxnStatusRequest`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::header::RequestHeader;
use crate::json::{Object, Read, Reading, read_value};
use crate::leniency::Seen;
use crate::limits::ITEMS_MAX;
use crate::message::Message;
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Locale, ReferenceId, Rule, SubscriptionCode,
    TransactionId,
};

/// How far have they come, the requests that were made before?
///
/// ```
/// use solidarity_dci::registry::{Sought, TxnStatusCriteria, TxnStatusRequest, TxnType};
/// use solidarity_dci::{CorrelationId, ReferenceId, TransactionId};
///
/// let sought = Sought::Correlation(CorrelationId::new("c-1")?);
/// let criteria = TxnStatusCriteria::new(ReferenceId::new("1")?, TxnType::Search, sought);
/// let message = TxnStatusRequest::new(TransactionId::new("t-2")?, criteria);
/// assert_eq!(
///     serde_json::to_value(&message).unwrap()["txnstatus_request"],
///     serde_json::json!({
///         "reference_id": "1",
///         "txn_type": "search",
///         "attribute_type": "correlation_id",
///         "attribute_value": "c-1",
///     })
/// );
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TxnStatusRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// What is asked: one question, not a list.
    pub txnstatus_request: TxnStatusCriteria,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl TxnStatusRequest {
    /// The question `criteria`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, criteria: TxnStatusCriteria) -> Self {
        Self {
            transaction_id: transaction,
            txnstatus_request: criteria,
            other: Object::default(),
        }
    }
}

/// Which requests are asked about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TxnStatusCriteria {
    /// The question, as its sender names it.
    pub reference_id: ReferenceId,
    /// What kind of request they were.
    pub txn_type: TxnType,
    attribute_type: TxnAttribute,
    attribute_value: AttributeValue,
    /// The language of the answer's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl TxnStatusCriteria {
    /// The question `reference` about the requests of the kind `txn_type`
    /// that `sought` names.
    #[must_use]
    pub fn new(reference: ReferenceId, txn_type: TxnType, sought: Sought) -> Self {
        Self {
            reference_id: reference,
            txn_type,
            attribute_type: sought.attribute(),
            attribute_value: AttributeValue(sought.into_value()),
            locale: None,
            other: Object::default(),
        }
    }

    /// By what the requests are named.
    #[must_use]
    pub const fn attribute_type(&self) -> TxnAttribute {
        self.attribute_type
    }

    /// The names, read as `attribute_type` says, never by their shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they are none of that type.
    pub fn sought(&self, leniency: &Leniency) -> Result<Read<Sought>, Fault> {
        let reading = Reading::new(*leniency);
        let value = &self.attribute_value.0;
        let sought = match self.attribute_type {
            TxnAttribute::Transaction => read_value(value, &reading).map(Sought::Transaction),
            TxnAttribute::References => read_value(value, &reading).map(Sought::References),
            TxnAttribute::Correlation => read_value(value, &reading).map(Sought::Correlation),
            TxnAttribute::Subscriptions => read_value(value, &reading).map(Sought::Subscriptions),
        };
        let sought = sought.and_then(Sought::bounded);
        let sought = sought.map(|value| Read {
            value,
            deviations: reading.into_deviations(),
        });
        sought.seen_from_field("attribute_value")
    }
}

/// What kind of request is asked about.
///
/// SR and IBR list `search`, `subscribe` and `receipt`, CRVS and FR `search`,
/// `subscribe` and `unsubscribe`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TxnType {
    /// A [`SearchRequest`](super::SearchRequest).
    Search,
    /// A [`SubscribeRequest`](super::SubscribeRequest).
    Subscribe,
    /// An [`UnsubscribeRequest`](super::UnsubscribeRequest).
    Unsubscribe,
    /// The receipt of enrolments.
    Receipt,
}

/// By what requests are named.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum TxnAttribute {
    /// Their transaction.
    #[serde(rename = "transaction_id")]
    Transaction,
    /// What their sender named them.
    #[serde(rename = "reference_id_list")]
    References,
    /// What their receiver named them.
    #[serde(rename = "correlation_id")]
    Correlation,
    /// The subscriptions that they made or ended (CRVS and FR).
    #[serde(rename = "subscription_code_list")]
    Subscriptions,
}

/// The requests that are asked about.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Sought {
    /// Those of a transaction.
    Transaction(TransactionId),
    /// Those that their sender named so.
    References(Vec<ReferenceId>),
    /// The one that its receiver named so.
    Correlation(CorrelationId),
    /// Those that made or ended these subscriptions (CRVS and FR).
    Subscriptions(Vec<SubscriptionCode>),
}

impl Sought {
    /// By what they are named.
    #[must_use]
    pub const fn attribute(&self) -> TxnAttribute {
        match self {
            Self::Transaction(_) => TxnAttribute::Transaction,
            Self::References(_) => TxnAttribute::References,
            Self::Correlation(_) => TxnAttribute::Correlation,
            Self::Subscriptions(_) => TxnAttribute::Subscriptions,
        }
    }

    fn bounded(self) -> Result<Self, Fault> {
        let named = match &self {
            Self::Transaction(_) | Self::Correlation(_) => 1,
            Self::References(ids) => ids.len(),
            Self::Subscriptions(codes) => codes.len(),
        };
        match named {
            0 => Err(Fault::new(Rule::Empty)),
            1..=ITEMS_MAX => Ok(self),
            _ => Err(Fault::new(Rule::TooMany)),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Transaction(id) => id.as_str().into(),
            Self::References(ids) => ids.iter().map(ReferenceId::as_str).collect(),
            Self::Correlation(id) => id.as_str().into(),
            Self::Subscriptions(codes) => codes.iter().map(SubscriptionCode::as_str).collect(),
        }
    }
}

/// `attribute_value` as it is written: a text or a list of texts.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
struct AttributeValue(Value);

impl fmt::Debug for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttributeValue([redacted])")
    }
}

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}

impl Message for TxnStatusRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::TxnStatus;

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let sought = self.txnstatus_request.sought(leniency);
        let met = sought.map(|sought| sought.deviations);
        met.seen_from_field("txnstatus_request")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_type_decides_how_the_value_is_read() {
        let read = |kind: &str, value: Value, leniency: Leniency| {
            let criteria: TxnStatusCriteria = serde_json::from_value(json!({
                "reference_id": "1", "txn_type": "search",
                "attribute_type": kind, "attribute_value": value,
            }))
            .unwrap();
            let sought = criteria.sought(&leniency);
            sought
                .map(|sought| sought.value)
                .map_err(|fault| fault.to_string())
        };
        let id = |text| TransactionId::new(text).unwrap();
        let strict = Leniency::none();
        assert_eq!(
            read("transaction_id", json!("7"), strict),
            Ok(Sought::Transaction(id("7")))
        );
        assert_eq!(
            read("correlation_id", json!("7"), strict),
            Ok(Sought::Correlation(CorrelationId::new("7").unwrap()))
        );
        let wrong =
            Err("`attribute_value` must be of the type that the standard gives it".to_owned());
        assert_eq!(read("transaction_id", json!(["7"]), strict), wrong);
        assert_eq!(read("reference_id_list", json!("7"), strict), wrong);
        assert_eq!(
            read("reference_id_list", json!("7"), Leniency::all()),
            Ok(Sought::References(vec![ReferenceId::new("7").unwrap()]))
        );
        assert_eq!(
            read("reference_id_list", json!(["7", ""]), strict),
            Err("`attribute_value[1]` must not be empty".to_owned())
        );
        let empty = Err("`attribute_value` must not be empty".to_owned());
        assert_eq!(read("reference_id_list", json!([]), strict), empty);
        assert_eq!(read("subscription_code_list", json!([]), strict), empty);
    }
}
