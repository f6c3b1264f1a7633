//! The answer to `/registry/sync/enrolled`: `EnrolledResponse`.

use serde::{Deserialize, Serialize};

use super::EnrolledRequest;
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::registry::{SearchRequest, YesNo, answers};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Note, ReferenceId, SearchReason, Timestamp,
    TransactionId,
};

/// Whether somebody is a beneficiary.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnrolledResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the register names the request.
    pub correlation_id: CorrelationId,
    /// The answers.
    pub enrolled_response: Vec<EnrolledItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl EnrolledResponse {
    /// `items`, in answer to the request that was given `correlation`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: CorrelationId,
        items: Vec<EnrolledItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            enrolled_response: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, by its transaction: the request has
    /// no ids for what it asks.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`](crate::Rule::WrongAnswer), at the
    /// id that is another.
    pub fn check_answers(
        &self,
        request: &EnrolledRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let ids = (&self.transaction_id, &self.correlation_id);
        answers::same_transaction(ids, &request.transaction_id, correlation)
    }
}

/// One answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnrolledItem {
    /// The answer, as the register names it: the request has no id for it.
    pub reference_id: ReferenceId,
    /// When it was given.
    pub timestamp: Timestamp,
    status: Status,
    /// Why it was rejected, for people. There is no code for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    enrolled_status: YesNo,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl EnrolledItem {
    /// The answer `enrolled`, given at `at`.
    #[must_use]
    pub fn answered(reference: ReferenceId, at: impl Into<Timestamp>, enrolled: YesNo) -> Self {
        Self::new(reference, at.into(), Status::Succeeded, enrolled)
    }

    /// No answer. The standard requires one nevertheless: `no` is written,
    /// and means nothing.
    #[must_use]
    pub fn rejected(reference: ReferenceId, at: impl Into<Timestamp>, why: Option<Note>) -> Self {
        Self {
            status_reason_message: why,
            ..Self::new(reference, at.into(), Status::Rejected, YesNo::No)
        }
    }

    fn new(reference: ReferenceId, at: Timestamp, status: Status, enrolled: YesNo) -> Self {
        Self {
            reference_id: reference,
            timestamp: at,
            status,
            status_reason_message: None,
            enrolled_status: enrolled,
            other: Object::default(),
        }
    }

    /// How far it has come.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The answer, if there is one: what stands beside any status but
    /// [`Succeeded`](Status::Succeeded) is none.
    #[must_use]
    pub fn enrolled(&self) -> Option<YesNo> {
        (self.status == Status::Succeeded).then_some(self.enrolled_status)
    }
}

impl Message for EnrolledResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnSearch;
    const ANSWERS: Option<Action> = Some(Action::Search);

    fn count(&self) -> usize {
        self.enrolled_response.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

/// The standard has no codes for it. Those of searches are the nearest.
impl Batch for EnrolledResponse {
    type Item = EnrolledItem;
    type Reason = SearchReason;
    const ITEMS: &'static str = "enrolled_response";

    fn items(&self) -> &[EnrolledItem] {
        &self.enrolled_response
    }

    fn items_mut(&mut self) -> &mut Vec<EnrolledItem> {
        &mut self.enrolled_response
    }

    fn reference(item: &EnrolledItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> SearchReason {
        SearchRequest::reason(fault)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Leniency;

    #[test]
    fn what_stands_beside_no_success_is_no_answer() {
        let read = |status: &str| {
            let item = json!({
                "reference_id": "1", "timestamp": "2026-03-01T09:30:00Z",
                "status": status, "enrolled_status": "Yes",
            });
            let item: Object = serde_json::from_value(item).unwrap();
            let leniency = Leniency::none().with(crate::Tolerance::ValueSpelling);
            item.read::<EnrolledItem>(&leniency)
                .unwrap()
                .value
                .enrolled()
        };
        assert_eq!(read("succ"), Some(YesNo::Yes));
        for status in ["rcvd", "pdng", "rjct"] {
            assert_eq!(read(status), None, "{status}");
        }
        let at = chrono::DateTime::UNIX_EPOCH;
        let rejected = EnrolledItem::rejected(ReferenceId::new("1").unwrap(), at, None);
        assert_eq!(
            (rejected.status(), rejected.enrolled()),
            (Status::Rejected, None)
        );
    }
}
