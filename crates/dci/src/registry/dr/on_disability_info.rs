//! The answers to `/registry/sync/get-disability-details` and
//! `/registry/sync/get-disability-support`: `GetDisabilityInfoResponse`,
//! `GetDisabilitySupportResponse`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::GetDisabilitySupportRequest;
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message};
use crate::registry::{Pagination, SearchRequest, answers};
use crate::{
    Action, CorrelationId, Fault, Locale, Note, ReferenceId, SearchReason, Timestamp,
    TransactionId, Version,
};

/// Which disabilities people have: one record for each of them.
pub type GetDisabilityInfoResponse = DisabilityResponse<Object>;

/// Which support people need or receive: a list of records for each of them.
pub type GetDisabilitySupportResponse = DisabilityResponse<Vec<Object>>;

/// What the disability registry says of people, in a `R` for each of them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisabilityResponse<R> {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the register names the request.
    pub correlation_id: CorrelationId,
    /// The answers.
    pub search_response: Vec<DisabilityItem<R>>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl<R> DisabilityResponse<R> {
    /// `items`, in answer to the request that was given `correlation`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: CorrelationId,
        items: Vec<DisabilityItem<R>>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            search_response: items,
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
        request: &GetDisabilitySupportRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let ids = (&self.transaction_id, &self.correlation_id);
        answers::same_transaction(ids, &request.transaction_id, correlation)
    }
}

/// One answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisabilityItem<R> {
    /// The answer, as the register names it: the request has no id for it.
    pub reference_id: ReferenceId,
    /// When it was given.
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
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub data: Option<DisabilityData<R>>,
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

/// `None`, without asking that `R` have a default.
const fn none<T>() -> Option<T> {
    None
}

impl<R> DisabilityItem<R> {
    /// The answer `reference`, given at `at`.
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

    /// The `records` that were found.
    #[must_use]
    pub fn found(reference: ReferenceId, at: impl Into<Timestamp>, records: Vec<R>) -> Self {
        Self {
            data: Some(DisabilityData {
                version: None,
                reg_records: records,
                other: Object::default(),
            }),
            ..Self::new(reference, at, Status::Succeeded)
        }
    }

    /// The rejection for `reason`.
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

/// What was found.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisabilityData<R> {
    /// The version of the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The records.
    pub reg_records: Vec<R>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

/// What [`DisabilityResponse`] holds of each person.
trait Told: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned {}

impl Told for Object {}
impl Told for Vec<Object> {}

impl<R: Told> Message for DisabilityResponse<R> {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnSearch;
    const ANSWERS: Option<Action> = Some(Action::Search);

    fn count(&self) -> usize {
        self.search_response.len()
    }
}

impl<R: Told> Batch for DisabilityResponse<R> {
    type Item = DisabilityItem<R>;
    type Reason = SearchReason;
    const ITEMS: &'static str = "search_response";

    fn items(&self) -> &[DisabilityItem<R>] {
        &self.search_response
    }

    fn items_mut(&mut self) -> &mut Vec<DisabilityItem<R>> {
        &mut self.search_response
    }

    fn reference(item: &DisabilityItem<R>) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> SearchReason {
        SearchRequest::reason(fault)
    }
}
