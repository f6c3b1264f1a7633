//! `POST /registry/subscribe`: `SubscribeRequest`.

use serde::{Deserialize, Serialize};

use super::{Authorize, criteria};
use crate::header::RequestHeader;
use crate::json::{Object, Read};
use crate::leniency::Seen;
use crate::message::{Batch, Message, check_items};
use crate::query::{Query, QueryBody, QueryType};
use crate::{
    Action, Deviation, Fault, Leniency, Locale, ReferenceId, Rule, SubscribeReason, Term,
    Timestamp, TransactionId, Version,
};

/// Events of a registry that somebody wants to be told of.
///
/// ```
/// use chrono::DateTime;
/// use solidarity_dci::query::Query;
/// use solidarity_dci::registry::{SubscribeCriteria, SubscribeItem, SubscribeRequest};
/// use solidarity_dci::{ReferenceId, Term, TransactionId};
///
/// let deaths = SubscribeCriteria::new(
///     Term::new("Death")?,
///     Query::id("UIN", "TEST-001")?,
///     Term::new("Person")?,
/// );
/// let item = SubscribeItem::new(ReferenceId::new("1")?, DateTime::UNIX_EPOCH, deaths);
/// let message = SubscribeRequest::new(TransactionId::new("t-1")?, vec![item]);
/// assert_eq!(
///     serde_json::to_value(&message).unwrap()["subscribe_request"][0]["subscribe_criteria"],
///     serde_json::json!({
///         "reg_event_type": "Death",
///         "filter_type": "idtype-value",
///         "filter": {"type": "UIN", "value": "TEST-001"},
///         "notify_record_type": "Person",
///     })
/// );
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubscribeRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The subscriptions.
    pub subscribe_request: Vec<SubscribeItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SubscribeRequest {
    /// `items`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, items: Vec<SubscribeItem>) -> Self {
        Self {
            transaction_id: transaction,
            subscribe_request: items,
            other: Object::default(),
        }
    }
}

/// One subscription.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubscribeItem {
    /// The subscription, as its sender names it.
    pub reference_id: ReferenceId,
    /// When it was asked for.
    pub timestamp: Timestamp,
    /// What is to be told.
    pub subscribe_criteria: SubscribeCriteria,
    /// The language of the answer's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SubscribeItem {
    /// The subscription `reference` to `criteria`, asked for at `at`.
    #[must_use]
    pub fn new(
        reference: ReferenceId,
        at: impl Into<Timestamp>,
        criteria: SubscribeCriteria,
    ) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            subscribe_criteria: criteria,
            locale: None,
            other: Object::default(),
        }
    }
}

/// Which events, of whom, and how they are told.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubscribeCriteria {
    /// The version of the criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The kind of register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_type: Option<Term>,
    /// The event, such as `LiveBirth` or `REGISTER`.
    pub reg_event_type: Term,
    /// From when to when, and how often; at once and for good if it is not
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<EventFrequency>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter_type: Option<QueryType>,
    filter: QueryBody,
    /// The kind of record that the notification bears.
    pub notify_record_type: Term,
    /// What authorises the subscription without consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize: Option<Authorize>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SubscribeCriteria {
    /// `event`s of whoever `filter` finds, told as records of the kind
    /// `record_type`.
    #[must_use]
    pub fn new(event: Term, filter: Query, record_type: Term) -> Self {
        Self {
            version: None,
            reg_type: None,
            reg_event_type: event,
            frequency: None,
            filter_type: Some(filter.query_type()),
            filter: filter.into_body(),
            notify_record_type: record_type,
            authorize: None,
            other: Object::default(),
        }
    }

    /// The language of the filter, if it is given.
    #[must_use]
    pub const fn filter_type(&self) -> Option<QueryType> {
        self.filter_type
    }

    /// The filter, read as `filter_type` says, never by its shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is none of that type, or if no type is given: the
    /// standard lets it be left out and does not say what that means, and a
    /// filter that is misread tells of the wrong people.
    pub fn filter(&self, leniency: &Leniency) -> Result<Read<Query>, Fault> {
        criteria::filter(self.filter_type, &self.filter, leniency)
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        if let Some(frequency) = &self.frequency {
            frequency
                .check()
                .map_err(|fault| fault.within_field("frequency"))?;
        }
        self.filter(leniency).map(|filter| filter.deviations)
    }
}

/// From when to when, and how often, somebody is told (`EventFrequency`).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventFrequency {
    /// From when on.
    pub start_time: Timestamp,
    /// Until when.
    pub end_time: Timestamp,
    /// How often, as a cron expression, which nothing here interprets.
    pub frequency: Term,
}

impl EventFrequency {
    /// From `start` until `end`, as often as the cron expression `cron` says.
    #[must_use]
    pub fn new(start: impl Into<Timestamp>, end: impl Into<Timestamp>, cron: Term) -> Self {
        Self {
            start_time: start.into(),
            end_time: end.into(),
            frequency: cron,
        }
    }

    fn check(&self) -> Result<(), Fault> {
        if self.end_time < self.start_time {
            return Err(Fault::field("end_time", Rule::OutOfRange));
        }
        Ok(())
    }
}

impl Message for SubscribeRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Subscribe;

    fn count(&self) -> usize {
        self.subscribe_request.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for SubscribeRequest {
    type Item = SubscribeItem;
    type Reason = SubscribeReason;
    const ITEMS: &'static str = "subscribe_request";

    fn items(&self) -> &[SubscribeItem] {
        &self.subscribe_request
    }

    fn items_mut(&mut self) -> &mut Vec<SubscribeItem> {
        &mut self.subscribe_request
    }

    fn reference(item: &SubscribeItem) -> &ReferenceId {
        &item.reference_id
    }

    fn check_item(item: &SubscribeItem, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let checked = item.subscribe_criteria.check(leniency);
        checked.seen_from_field("subscribe_criteria")
    }

    fn reason(fault: &Fault) -> SubscribeReason {
        let passes = |field| fault.path().passes(field);
        if passes("reference_id") {
            if fault.rule() == Rule::Duplicate {
                SubscribeReason::ReferenceIdDuplicate
            } else {
                SubscribeReason::ReferenceIdInvalid
            }
        } else if passes("timestamp") {
            SubscribeReason::TimestampInvalid
        } else if [
            "reg_type",
            "reg_event_type",
            "notify_record_type",
            "reg_record_type",
        ]
        .into_iter()
        .any(passes)
        {
            SubscribeReason::NotifyTypesInvalid
        } else {
            SubscribeReason::NotifyDetailsInvalid
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn item() -> Value {
        json!({
            "reference_id": "1",
            "timestamp": "2026-03-01T09:30:00Z",
            "subscribe_criteria": {
                "reg_event_type": "Death",
                "frequency": {
                    "start_time": "2026-03-01T00:00:00Z",
                    "end_time": "2026-04-01T00:00:00Z",
                    "frequency": "0 0 * * *",
                },
                "filter_type": "idtype-value",
                "filter": {"type": "UIN", "value": "TEST-001"},
                "notify_record_type": "Person",
            },
        })
    }

    /// What becomes of the item when the member at `pointer` is `value`.
    fn outcome(pointer: &str, value: Value) -> Result<(), (String, SubscribeReason)> {
        let mut item = item();
        *item.pointer_mut(pointer).unwrap() = value;
        let object: Object = serde_json::from_value(item).unwrap();
        object
            .read::<SubscribeItem>(&Leniency::none())
            .and_then(|item| SubscribeRequest::check_item(&item.value, &Leniency::none()))
            .map(|_| ())
            .map_err(|fault| (fault.to_string(), SubscribeRequest::reason(&fault)))
    }

    #[test]
    fn what_is_wrong_has_its_code() {
        use SubscribeReason as R;
        let cases = [
            ("/reference_id", json!(""), R::ReferenceIdInvalid),
            ("/timestamp", json!("yesterday"), R::TimestampInvalid),
            (
                "/subscribe_criteria/reg_event_type",
                json!(3),
                R::NotifyTypesInvalid,
            ),
            (
                "/subscribe_criteria/notify_record_type",
                json!(""),
                R::NotifyTypesInvalid,
            ),
            (
                "/subscribe_criteria/filter_type",
                json!("sql"),
                R::NotifyDetailsInvalid,
            ),
            (
                "/subscribe_criteria/filter_type",
                json!("predicate"),
                R::NotifyDetailsInvalid,
            ),
            (
                "/subscribe_criteria/filter",
                json!([]),
                R::NotifyDetailsInvalid,
            ),
            (
                "/subscribe_criteria/frequency/end_time",
                json!("2026-02-01T00:00:00Z"),
                R::NotifyDetailsInvalid,
            ),
        ];
        assert_eq!(outcome("/reference_id", json!("1")), Ok(()));
        for (pointer, value, reason) in cases {
            let (fault, got) = outcome(pointer, value).unwrap_err();
            assert_eq!(got, reason, "{fault}");
        }
    }

    #[test]
    fn a_filter_without_its_type_is_not_guessed_at() {
        let mut item = item();
        item["subscribe_criteria"]
            .as_object_mut()
            .unwrap()
            .remove("filter_type");
        let item: SubscribeItem = serde_json::from_value(item).unwrap();
        let fault = SubscribeRequest::check_item(&item, &Leniency::all()).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "`subscribe_criteria.filter_type` is required"
        );
        assert_eq!(
            SubscribeRequest::reason(&fault),
            SubscribeReason::NotifyDetailsInvalid
        );
    }
}
