//! `POST /registry/on-search`, and the answer to `/registry/sync/search`:
//! `SearchResponse`.

use serde::{Deserialize, Serialize};

use super::{Pagination, Records, SearchRequest, answers};
use crate::answers::pair;
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Locale, Note, ReferenceId, SearchReason,
    Term, Timestamp, TransactionId, Version,
};

/// What the searches of a [`SearchRequest`] found.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the register named the request in its acknowledgement.
    pub correlation_id: CorrelationId,
    /// The answers, one for each search.
    pub search_response: Vec<SearchResponseItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchResponse {
    /// `items`, in answer to the request that was given `correlation`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: CorrelationId,
        items: Vec<SearchResponseItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            search_response: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`: an answer to something else is no answer.
    ///
    /// It need not answer every search: the rest may follow.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`](crate::Rule::WrongAnswer), at the id that is another.
    pub fn check_answers(
        &self,
        request: &SearchRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let ids = (&self.transaction_id, &self.correlation_id);
        answers::same_transaction(ids, &request.transaction_id, correlation)?;
        pair(request, self).map(drop)
    }
}

/// What one search found.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchResponseItem {
    /// The search, as its sender named it.
    pub reference_id: ReferenceId,
    /// When it was answered.
    pub timestamp: Timestamp,
    /// How far it has come.
    pub status: Status,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<SearchReason>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<SearchData>,
    /// The page, and how many records there are in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// The language of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchResponseItem {
    /// The answer to `reference`, given at `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            status,
            status_reason_code: None,
            status_reason_message: None,
            data: None,
            pagination: None,
            locale: None,
            other: Object::default(),
        }
    }

    /// The records that were found for `reference`.
    #[must_use]
    pub fn found(reference: ReferenceId, at: impl Into<Timestamp>, data: SearchData) -> Self {
        Self {
            data: Some(data),
            ..Self::new(reference, at, Status::Succeeded)
        }
    }

    /// The rejection of `reference`.
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

/// Records of a register.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchData {
    /// The version of the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The kind of register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_type: Option<Term>,
    /// The kind of record: `Person`, `Member`, `Group`, … Required by DR and
    /// FR.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_record_type: Option<Term>,
    /// The records.
    pub reg_records: Records,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchData {
    /// The records of `kind`, as a list: SR, CRVS, IBR and FR.
    #[must_use]
    pub fn list(kind: Term, records: Vec<Object>) -> Self {
        Self::new(kind, Records::List(records))
    }

    /// The record of `kind`, alone: DR.
    #[must_use]
    pub fn one(kind: Term, record: Object) -> Self {
        Self::new(kind, Records::One(record))
    }

    fn new(kind: Term, records: Records) -> Self {
        Self {
            version: None,
            reg_type: None,
            reg_record_type: Some(kind),
            reg_records: records,
            other: Object::default(),
        }
    }
}

impl Message for SearchResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnSearch;
    const ANSWERS: Option<Action> = Some(Action::Search);

    fn count(&self) -> usize {
        self.search_response.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for SearchResponse {
    type Item = SearchResponseItem;
    type Reason = SearchReason;
    const ITEMS: &'static str = "search_response";

    fn items(&self) -> &[SearchResponseItem] {
        &self.search_response
    }

    fn items_mut(&mut self) -> &mut Vec<SearchResponseItem> {
        &mut self.search_response
    }

    fn reference(item: &SearchResponseItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> SearchReason {
        SearchRequest::reason(fault)
    }
}
