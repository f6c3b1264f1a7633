//! `POST /registry/on-unsubscribe`: `UnSubscribeResponse`.

use serde::{Deserialize, Serialize};

use super::{SubscriptionStatus, UnsubscribeRequest, answers};
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::Message;
use crate::{
    Action, CorrelationId, Fault, Note, Rule, SubscriptionCode, Timestamp, TransactionId,
    UnsubscribeReason,
};

/// What became of an [`UnsubscribeRequest`].
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UnsubscribeResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the register named the request in its acknowledgement.
    pub correlation_id: CorrelationId,
    /// When it was answered.
    pub timestamp: Timestamp,
    /// How far it has come.
    pub status: Status,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<UnsubscribeReason>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    /// How the subscriptions stand now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subscription_status: Vec<SubscriptionStanding>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

/// How one subscription stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionStanding {
    /// The subscription, as the register named it.
    pub code: SubscriptionCode,
    /// Whether it is subscribed to.
    pub status: SubscriptionStatus,
}

impl SubscriptionStanding {
    /// The subscription `code` is `status`.
    #[must_use]
    pub const fn new(code: SubscriptionCode, status: SubscriptionStatus) -> Self {
        Self { code, status }
    }
}

impl UnsubscribeResponse {
    /// The answer to the request that was given `correlation`, given at `at`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: CorrelationId,
        at: impl Into<Timestamp>,
        status: Status,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            timestamp: at.into(),
            status,
            status_reason_code: None,
            status_reason_message: None,
            subscription_status: Vec::new(),
            other: Object::default(),
        }
    }

    /// The same, rejected for `reason`.
    #[must_use]
    pub fn rejected_for(mut self, reason: UnsubscribeReason) -> Self {
        self.status = Status::Rejected;
        self.status_reason_code = Some(reason);
        self
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`, and tells of no other subscriptions.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`], at the id or code that is
    /// another.
    pub fn check_answers(
        &self,
        request: &UnsubscribeRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let ids = (&self.transaction_id, &self.correlation_id);
        answers::same_transaction(ids, &request.transaction_id, correlation)?;
        let mut told = self.subscription_status.iter();
        match told.position(|told| !request.subscription_codes.contains(&told.code)) {
            Some(position) => Err(Fault::field("code", Rule::WrongAnswer)
                .within_item(position)
                .within_field("subscription_status")),
            None => Ok(()),
        }
    }
}

impl Message for UnsubscribeResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnUnsubscribe;
    const ANSWERS: Option<Action> = Some(Action::Unsubscribe);
    const MAY_LACK_STATUS: bool = true;
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn an_answer_tells_of_no_other_subscription() {
        let code = |text| SubscriptionCode::new(text).unwrap();
        let transaction = || TransactionId::new("t").unwrap();
        let correlation = CorrelationId::new("c").unwrap();
        let at = DateTime::UNIX_EPOCH;
        let asked = UnsubscribeRequest::new(transaction(), at, vec![code("1"), code("2")]);
        let mut answer =
            UnsubscribeResponse::new(transaction(), correlation.clone(), at, Status::Succeeded);
        let ended = |text| SubscriptionStanding::new(code(text), SubscriptionStatus::Unsubscribe);
        answer.subscription_status = vec![ended("2")];
        assert_eq!(answer.check_answers(&asked, Some(&correlation)), Ok(()));
        answer.subscription_status.push(ended("3"));
        let fault = answer
            .check_answers(&asked, Some(&correlation))
            .unwrap_err();
        let expected = "`subscription_status[1].code` must be that of the request";
        assert_eq!(fault.to_string(), expected);
    }
}
