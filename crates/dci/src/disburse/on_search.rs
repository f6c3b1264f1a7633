//! `POST /disburse/on-search`, and the answer to `/disburse/sync/search`:
//! `SearchResponse`.

use serde::{Deserialize, Serialize};

use super::{SearchReason, SearchRequest};
use crate::answers::Ids;
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Locale, Note, ReferenceId, Timestamp,
    TransactionId,
};

/// How far the payments have come that a [`SearchRequest`] found.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the payer's side named the request in its acknowledgement. The
    /// standard asks for it in every answer, and its schema forgets it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<CorrelationId>,
    /// The payments that were found, and the searches that were rejected.
    pub disbursements_status: Vec<SearchResponseItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchResponse {
    /// `items`, in answer to the request that was given `correlation`; `None`
    /// in a synchronous answer, which nothing was given before.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: Option<CorrelationId>,
        items: Vec<SearchResponseItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            disbursements_status: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`: an answer to something else is no answer.
    ///
    /// Its items are no help: their ids are those of the payments that were
    /// found. It need not bear a correlation id, but no other than
    /// `correlation`.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`](crate::Rule::WrongAnswer), at the
    /// id that is another.
    pub fn check_answers(
        &self,
        request: &SearchRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let asked = Ids {
            transaction: &request.transaction_id,
            correlation,
        };
        asked.check(&Ids {
            transaction: &self.transaction_id,
            correlation: self.correlation_id.as_ref(),
        })
    }
}

/// How far one payment has come, or why one search was rejected.
///
/// The standard does not say whose `reference_id` is. A search finds many
/// payments, so it is the payment's; of a search that is rejected or finds
/// nothing, it is the search's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchResponseItem {
    /// The payment, or the search, as its sender named it.
    pub reference_id: ReferenceId,
    /// Since when it is so.
    pub timestamp: Timestamp,
    /// How far it has come.
    pub status: Status,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<SearchReason>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    /// The language of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchResponseItem {
    /// `status` of the payment `reference`, as of `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            status,
            status_reason_code: None,
            status_reason_message: None,
            locale: None,
            other: Object::default(),
        }
    }

    /// The rejection of the search `reference`.
    #[must_use]
    pub fn rejected(
        reference: ReferenceId,
        at: impl Into<Timestamp>,
        reason: SearchReason,
    ) -> Self {
        Self {
            status_reason_code: Some(reason),
            ..Self::new(reference, at, Status::Rejected)
        }
    }
}

impl Message for SearchResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnSearch;
    const ANSWERS: Option<Action> = Some(Action::Search);

    fn count(&self) -> usize {
        self.disbursements_status.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for SearchResponse {
    type Item = SearchResponseItem;
    type Reason = SearchReason;
    const ITEMS: &'static str = "disbursements_status";

    fn items(&self) -> &[SearchResponseItem] {
        &self.disbursements_status
    }

    fn items_mut(&mut self) -> &mut Vec<SearchResponseItem> {
        &mut self.disbursements_status
    }

    fn reference(item: &SearchResponseItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> SearchReason {
        SearchReason::of(fault)
    }
}
