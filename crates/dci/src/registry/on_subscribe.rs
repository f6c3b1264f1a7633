//! `POST /registry/on-subscribe`: `SubscribeResponse`.

use serde::{Deserialize, Serialize};

use super::{EventFrequency, Pagination, SubscribeRequest, answers, criteria};
use crate::answers::pair;
use crate::header::{ReplyHeader, Status};
use crate::json::{Object, Read};
use crate::message::{Batch, Message, check_items};
use crate::query::{Query, QueryBody, QueryType};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Locale, Note, ReferenceId, SubscribeReason,
    SubscriptionCode, Term, Timestamp, TransactionId, Version,
};

/// What became of the subscriptions of a [`SubscribeRequest`].
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubscribeResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the register named the request in its acknowledgement.
    pub correlation_id: CorrelationId,
    /// The answers, one for each subscription.
    pub subscribe_response: Vec<SubscribeResponseItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SubscribeResponse {
    /// `items`, in answer to the request that was given `correlation`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: CorrelationId,
        items: Vec<SubscribeResponseItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            subscribe_response: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`: an answer to something else is no answer.
    ///
    /// It need not answer every subscription: the rest may follow.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`](crate::Rule::WrongAnswer), at the
    /// id that is another.
    pub fn check_answers(
        &self,
        request: &SubscribeRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let ids = (&self.transaction_id, &self.correlation_id);
        answers::same_transaction(ids, &request.transaction_id, correlation)?;
        pair(request, self).map(drop)
    }
}

/// What became of one subscription.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubscribeResponseItem {
    /// The subscription, as its sender named it.
    pub reference_id: ReferenceId,
    /// When it was answered.
    pub timestamp: Timestamp,
    /// How far it has come.
    pub status: Status,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<SubscribeReason>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    /// What was subscribed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<Subscription>,
    /// The page, and how many subscriptions there are in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// The language of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SubscribeResponseItem {
    /// The answer to `reference`, given at `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            status,
            status_reason_code: None,
            status_reason_message: None,
            subscriptions: Vec::new(),
            pagination: None,
            locale: None,
            other: Object::default(),
        }
    }

    /// `reference` is subscribed to, as `subscription`.
    #[must_use]
    pub fn subscribed(
        reference: ReferenceId,
        at: impl Into<Timestamp>,
        subscription: Subscription,
    ) -> Self {
        Self {
            subscriptions: vec![subscription],
            ..Self::new(reference, at, Status::Succeeded)
        }
    }

    /// The rejection of `reference`.
    #[must_use]
    pub fn rejected(
        reference: ReferenceId,
        at: impl Into<Timestamp>,
        reason: SubscribeReason,
    ) -> Self {
        Self {
            status_reason_code: Some(reason),
            ..Self::new(reference, at, Status::Rejected)
        }
    }
}

/// A subscription, as the register keeps it (`SubscriptionInfo`).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Subscription {
    /// The subscription, as the register names it.
    pub code: SubscriptionCode,
    /// Whether it is subscribed to.
    pub status: SubscriptionStatus,
    /// Since when.
    pub timestamp: Timestamp,
    /// The version of its criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The kind of register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_type: Option<Term>,
    /// The event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_event_type: Option<Term>,
    /// From when to when, and how often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<EventFrequency>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter_type: Option<QueryType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<QueryBody>,
    /// The kind of record that the notification bears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_record_type: Option<Term>,
    /// The language of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl Subscription {
    /// The subscription `code`, which has been `status` since `at`.
    #[must_use]
    pub fn new(
        code: SubscriptionCode,
        status: SubscriptionStatus,
        at: impl Into<Timestamp>,
    ) -> Self {
        Self {
            code,
            status,
            timestamp: at.into(),
            version: None,
            reg_type: None,
            reg_event_type: None,
            frequency: None,
            filter_type: None,
            filter: None,
            notify_record_type: None,
            locale: None,
            other: Object::default(),
        }
    }

    /// The same, of whoever `filter` finds.
    #[must_use]
    pub fn of(mut self, filter: Query) -> Self {
        self.filter_type = Some(filter.query_type());
        self.filter = Some(filter.into_body());
        self
    }

    /// The filter, if it is said, read as `filter_type` says, never by its
    /// shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is none of that type, or no type is given.
    pub fn filter(&self, leniency: &Leniency) -> Result<Option<Read<Query>>, Fault> {
        let filter = self.filter.as_ref();
        filter
            .map(|filter| criteria::filter(self.filter_type, filter, leniency))
            .transpose()
    }
}

/// Whether something is subscribed to (`SubscriptionStatus`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a register tells somebody, or it does not"
)]
pub enum SubscriptionStatus {
    /// It is.
    Subscribe,
    /// It no longer is.
    Unsubscribe,
}

impl Message for SubscribeResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnSubscribe;
    const ANSWERS: Option<Action> = Some(Action::Subscribe);
    const MAY_LACK_STATUS: bool = true;

    fn count(&self) -> usize {
        self.subscribe_response.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for SubscribeResponse {
    type Item = SubscribeResponseItem;
    type Reason = SubscribeReason;
    const ITEMS: &'static str = "subscribe_response";

    fn items(&self) -> &[SubscribeResponseItem] {
        &self.subscribe_response
    }

    fn items_mut(&mut self) -> &mut Vec<SubscribeResponseItem> {
        &mut self.subscribe_response
    }

    fn reference(item: &SubscribeResponseItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> SubscribeReason {
        SubscribeRequest::reason(fault)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::registry::{SubscribeCriteria, SubscribeItem};

    fn asked() -> SubscribeRequest {
        let filter = Query::id("UIN", "TEST-001").unwrap();
        let term = |text| Term::new(text).unwrap();
        let criteria = SubscribeCriteria::new(term("Death"), filter, term("Person"));
        let reference = ReferenceId::new("1").unwrap();
        let item = SubscribeItem::new(reference, DateTime::UNIX_EPOCH, criteria);
        SubscribeRequest::new(TransactionId::new("t").unwrap(), vec![item])
    }

    #[test]
    fn an_answer_to_something_else_is_none() {
        let outcome = |transaction: &str, correlation: &str, reference: &str| {
            let reason = SubscribeReason::AlreadySubscribed;
            let reference = ReferenceId::new(reference).unwrap();
            let item = SubscribeResponseItem::rejected(reference, DateTime::UNIX_EPOCH, reason);
            let expected = CorrelationId::new("c").unwrap();
            SubscribeResponse::new(
                TransactionId::new(transaction).unwrap(),
                CorrelationId::new(correlation).unwrap(),
                vec![item],
            )
            .check_answers(&asked(), Some(&expected))
            .map_err(|fault| fault.to_string())
        };
        assert_eq!(outcome("t", "c", "1"), Ok(()));
        for (transaction, correlation, reference, at) in [
            ("u", "c", "1", "transaction_id"),
            ("t", "d", "1", "correlation_id"),
            ("t", "c", "2", "subscribe_response[0].reference_id"),
        ] {
            let expected = format!("`{at}` must be that of the request");
            assert_eq!(outcome(transaction, correlation, reference), Err(expected));
        }
    }

    #[test]
    fn a_subscription_without_a_filter_is_one() {
        let told = json!({"code": "s", "status": "subscribe", "timestamp": "2026-03-01T09:30:00Z"});
        let told: Subscription = serde_json::from_value(told).unwrap();
        assert_eq!(told.filter(&Leniency::none()), Ok(None));
        let query = Query::id("UIN", "TEST-001").unwrap();
        let read = told.of(query.clone()).filter(&Leniency::none()).unwrap();
        assert_eq!(read.map(|read| read.value), Some(query));
    }
}
