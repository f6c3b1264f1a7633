//! `POST /disburse/search`, `POST /disburse/sync/search`: `SearchRequest`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::SearchReason;
use crate::header::RequestHeader;
use crate::json::Object;
use crate::mapper::Address;
use crate::message::{Batch, Message, check_items};
use crate::{Action, Deviation, Fault, Leniency, Locale, ReferenceId, Timestamp, TransactionId};

/// Searches for payments by who pays or is paid, each answered on its own.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The searches.
    pub search_criteria: Vec<SearchItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchRequest {
    /// `items`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, items: Vec<SearchItem>) -> Self {
        Self {
            transaction_id: transaction,
            search_criteria: items,
            other: Object::default(),
        }
    }
}

/// One search.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchItem {
    /// The search, as its sender names it.
    pub reference_id: ReferenceId,
    /// When it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
    /// What is sought.
    pub request_type: RequestType,
    attribute_type: Party,
    #[serde(with = "exposed")]
    attribute_value: Pii<String>,
    /// The language of the answer's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchItem {
    /// The search `reference` for the payments whose `party` is `address`.
    #[must_use]
    pub fn new(reference: ReferenceId, party: Party, address: &Address) -> Self {
        Self {
            reference_id: reference,
            timestamp: None,
            request_type: RequestType::Disburse,
            attribute_type: party,
            attribute_value: Pii::new(address.expose().to_owned()),
            locale: None,
            other: Object::default(),
        }
    }

    /// Whether it is payer or payee that is given.
    #[must_use]
    pub const fn party(&self) -> Party {
        self.attribute_type
    }

    /// The payer's or payee's account.
    ///
    /// # Errors
    ///
    /// [`Fault`] at `payer_fa` or `payee_fa`, as `attribute_type` says, if
    /// `attribute_value` is no address.
    pub fn address(&self) -> Result<Address, Fault> {
        Address::new(self.attribute_value.expose().as_str())
            .map_err(|rule| Fault::field(self.attribute_type.name(), rule))
    }
}

/// What is sought.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestType {
    /// Payments.
    Disburse,
}

/// A side of a payment: `attribute_type`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Party {
    /// Who pays.
    #[serde(rename = "payer_fa")]
    Payer,
    /// Who is paid.
    #[serde(rename = "payee_fa")]
    Payee,
}

impl Party {
    const fn name(self) -> &'static str {
        match self {
            Self::Payer => "payer_fa",
            Self::Payee => "payee_fa",
        }
    }
}

impl Message for SearchRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Search;

    fn count(&self) -> usize {
        self.search_criteria.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for SearchRequest {
    type Item = SearchItem;
    type Reason = SearchReason;
    const ITEMS: &'static str = "search_criteria";

    fn items(&self) -> &[SearchItem] {
        &self.search_criteria
    }

    fn items_mut(&mut self) -> &mut Vec<SearchItem> {
        &mut self.search_criteria
    }

    fn reference(item: &SearchItem) -> &ReferenceId {
        &item.reference_id
    }

    fn check_item(item: &SearchItem, _: &Leniency) -> Result<Vec<Deviation>, Fault> {
        item.address().map(|_| Vec::new())
    }

    fn reason(fault: &Fault) -> SearchReason {
        SearchReason::of(fault)
    }
}
