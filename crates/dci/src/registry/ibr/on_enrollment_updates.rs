//! The answer to `/registry/sync/enrollment/updates`:
//! `EnrollmentUpdatesResponse`.

use serde::{Deserialize, Serialize};

use super::EnrollmentUpdatesRequest;
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::registry::{SubscribeRequest, answers};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Note, ReferenceId, SubscribeReason,
    Timestamp, TransactionId,
};

/// What became of an [`EnrollmentUpdatesRequest`].
///
/// The standard names no action for it: it bears that of its request,
/// `notify`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnrollmentUpdatesResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the register names the request.
    pub correlation_id: CorrelationId,
    /// What became of the updates.
    pub enrolled_response: Vec<EnrollmentUpdatesItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl EnrollmentUpdatesResponse {
    /// `items`, in answer to the request that was given `correlation`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: CorrelationId,
        items: Vec<EnrollmentUpdatesItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            enrolled_response: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, by its transaction: the request has
    /// no ids for what it tells.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`](crate::Rule::WrongAnswer), at the
    /// id that is another.
    pub fn check_answers(
        &self,
        request: &EnrollmentUpdatesRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let ids = (&self.transaction_id, &self.correlation_id);
        answers::same_transaction(ids, &request.transaction_id, correlation)
    }
}

/// What became of one update.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnrollmentUpdatesItem {
    /// The update, as the register names it: the request has no id for it.
    pub reference_id: ReferenceId,
    /// When it was answered.
    pub timestamp: Timestamp,
    /// How far it has come.
    pub status: Status,
    /// Why it was rejected, for people. There is no code for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl EnrollmentUpdatesItem {
    /// The update `reference` is `status` at `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            status,
            status_reason_message: None,
            other: Object::default(),
        }
    }
}

impl Message for EnrollmentUpdatesResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::Notify;
    const ANSWERS: Option<Action> = Some(Action::Notify);

    fn count(&self) -> usize {
        self.enrolled_response.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

/// The standard has no codes for it. Those of subscriptions, which
/// notifications have too, are the nearest.
impl Batch for EnrollmentUpdatesResponse {
    type Item = EnrollmentUpdatesItem;
    type Reason = SubscribeReason;
    const ITEMS: &'static str = "enrolled_response";

    fn items(&self) -> &[EnrollmentUpdatesItem] {
        &self.enrolled_response
    }

    fn items_mut(&mut self) -> &mut Vec<EnrollmentUpdatesItem> {
        &mut self.enrolled_response
    }

    fn reference(item: &EnrollmentUpdatesItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> SubscribeReason {
        SubscribeRequest::reason(fault)
    }
}
