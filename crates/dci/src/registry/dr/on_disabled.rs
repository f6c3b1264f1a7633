//! The answer to `/registry/sync/disabled`: `DisabledResponse`.

use serde::{Deserialize, Serialize};

use super::DisabledRequest;
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::registry::{SearchRequest, YesNo, answers};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Note, ReferenceId, SearchReason, Timestamp,
    TransactionId,
};

/// Whether somebody is registered as disabled.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisabledResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the register names the request.
    pub correlation_id: CorrelationId,
    /// The answers.
    pub disabled_response: Vec<DisabledItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl DisabledResponse {
    /// `items`, in answer to the request that was given `correlation`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: CorrelationId,
        items: Vec<DisabledItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            disabled_response: items,
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
        request: &DisabledRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let ids = (&self.transaction_id, &self.correlation_id);
        answers::same_transaction(ids, &request.transaction_id, correlation)
    }
}

/// One answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisabledItem {
    /// The answer, as the register names it: the request has no id for it.
    pub reference_id: ReferenceId,
    /// When it was given.
    pub timestamp: Timestamp,
    status: Status,
    /// Why it was rejected, for people. There is no code for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    disabled_status: YesNo,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl DisabledItem {
    /// The answer `disabled`, given at `at`.
    #[must_use]
    pub fn answered(reference: ReferenceId, at: impl Into<Timestamp>, disabled: YesNo) -> Self {
        Self::new(reference, at.into(), Status::Succeeded, disabled)
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

    fn new(reference: ReferenceId, at: Timestamp, status: Status, disabled: YesNo) -> Self {
        Self {
            reference_id: reference,
            timestamp: at,
            status,
            status_reason_message: None,
            disabled_status: disabled,
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
    pub fn disabled(&self) -> Option<YesNo> {
        (self.status == Status::Succeeded).then_some(self.disabled_status)
    }
}

impl Message for DisabledResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnSearch;
    const ANSWERS: Option<Action> = Some(Action::Search);

    fn count(&self) -> usize {
        self.disabled_response.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

/// The standard has no codes for it. Those of searches are the nearest.
impl Batch for DisabledResponse {
    type Item = DisabledItem;
    type Reason = SearchReason;
    const ITEMS: &'static str = "disabled_response";

    fn items(&self) -> &[DisabledItem] {
        &self.disabled_response
    }

    fn items_mut(&mut self) -> &mut Vec<DisabledItem> {
        &mut self.disabled_response
    }

    fn reference(item: &DisabledItem) -> &ReferenceId {
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
                "status": status, "disabled_status": "Yes",
            });
            let item: Object = serde_json::from_value(item).unwrap();
            let leniency = Leniency::none().with(crate::Tolerance::ValueSpelling);
            item.read::<DisabledItem>(&leniency)
                .unwrap()
                .value
                .disabled()
        };
        assert_eq!(read("succ"), Some(YesNo::Yes));
        for status in ["rcvd", "pdng", "rjct"] {
            assert_eq!(read(status), None, "{status}");
        }
        let at = chrono::DateTime::UNIX_EPOCH;
        let rejected = DisabledItem::rejected(ReferenceId::new("1").unwrap(), at, None);
        assert_eq!(
            (rejected.status(), rejected.disabled()),
            (Status::Rejected, None)
        );
    }
}
