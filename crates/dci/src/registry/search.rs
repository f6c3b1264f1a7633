//! `POST /registry/search`, `POST /registry/sync/search`: `SearchRequest`.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Authorize, Consent};
use crate::header::RequestHeader;
use crate::json::{Object, Read};
use crate::leniency::Seen;
use crate::message::{Batch, Message, check_items};
use crate::query::{Query, QueryBody, QueryType};
use crate::{
    Action, Deviation, Fault, Leniency, Locale, ReferenceId, Rule, SearchReason, Term, Timestamp,
    TransactionId, Version, limits, names,
};

/// Searches of a registry, each answered on its own.
///
/// ```
/// use chrono::DateTime;
/// use solidarity_dci::query::Query;
/// use solidarity_dci::registry::{SearchCriteria, SearchItem, SearchRequest};
/// use solidarity_dci::{ReferenceId, TransactionId};
///
/// let criteria = SearchCriteria::new(Query::id("UIN", "TEST-001")?);
/// let item = SearchItem::new(ReferenceId::new("1")?, DateTime::UNIX_EPOCH, criteria);
/// let message = SearchRequest::new(TransactionId::new("t-1")?, vec![item]);
/// assert_eq!(
///     serde_json::to_value(&message).unwrap()["search_request"][0]["search_criteria"],
///     serde_json::json!({"query_type": "idtype-value", "query": {"type": "UIN", "value": "TEST-001"}})
/// );
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The searches.
    pub search_request: Vec<SearchItem>,
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
            search_request: items,
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
    pub timestamp: Timestamp,
    /// What is sought.
    pub search_criteria: SearchCriteria,
    /// The language of the answer's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchItem {
    /// The search `reference` for `criteria`, asked at `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, criteria: SearchCriteria) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            search_criteria: criteria,
            locale: None,
            other: Object::default(),
        }
    }
}

/// What is sought, and how it is to be answered.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchCriteria {
    /// The version of the criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The kind of register, such as `ns:org:RegistryType:Social`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_type: Option<Term>,
    /// The kind of record, such as `Person`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_record_type: Option<Term>,
    query_type: QueryType,
    query: QueryBody,
    /// Whether groups or members are asked for (SR alone).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_entity: Option<ResponseEntity>,
    /// The order of the records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sort: Vec<Sort>,
    /// The page that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PageRequest>,
    /// What the person consented to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// What authorises the search without consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize: Option<Authorize>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl SearchCriteria {
    /// All that `query` finds.
    #[must_use]
    pub fn new(query: Query) -> Self {
        Self {
            version: None,
            reg_type: None,
            reg_record_type: None,
            query_type: query.query_type(),
            query: query.into_body(),
            response_entity: None,
            sort: Vec::new(),
            pagination: None,
            consent: None,
            authorize: None,
            other: Object::default(),
        }
    }

    /// The language of the query.
    #[must_use]
    pub const fn query_type(&self) -> QueryType {
        self.query_type
    }

    /// The query, read as `query_type` says, never by its shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is none of that type.
    pub fn query(&self, leniency: &Leniency) -> Result<Read<Query>, Fault> {
        Query::read(self.query_type, &self.query, leniency).seen_from_field("query")
    }
}

/// Whether groups or members are asked for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum ResponseEntity {
    /// Households and other groups.
    Group,
    /// People.
    Member,
}

/// One attribute by which records are put in order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sort {
    /// The attribute.
    pub attribute_name: Term,
    /// Which way; upwards if it is not given.
    #[serde(default, deserialize_with = "names::or_default")]
    pub sort_order: SortOrder,
}

impl Sort {
    /// By `attribute`, in `order`.
    #[must_use]
    pub const fn new(attribute: Term, order: SortOrder) -> Self {
        Self {
            attribute_name: attribute,
            sort_order: order,
        }
    }
}

/// Which way records are put in order.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum SortOrder {
    /// The least first.
    #[default]
    #[serde(rename = "asc")]
    Ascending,
    /// The greatest first.
    #[serde(rename = "desc")]
    Descending,
}

/// The page that is asked for. Pages are counted from 1.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PageRequest {
    /// Records on a page.
    pub page_size: u32,
    /// The page, from 1 on.
    #[serde(default = "first")]
    pub page_number: u32,
}

const fn first() -> u32 {
    1
}

impl PageRequest {
    /// The page `number` (from 1) of pages of `size` records.
    #[must_use]
    pub const fn new(size: u32, number: u32) -> Self {
        Self {
            page_size: size,
            page_number: number,
        }
    }

    fn check(self) -> Result<(), Fault> {
        if !(1..=limits::PAGE_SIZE_MAX).contains(&self.page_size) {
            return Err(Fault::field("page_size", Rule::OutOfRange));
        }
        if self.page_number == 0 {
            return Err(Fault::field("page_number", Rule::OutOfRange));
        }
        Ok(())
    }
}

/// The page that is given, and of how many records in all.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Pagination {
    /// Records on a page.
    pub page_size: u32,
    /// The page, from 1 on.
    pub page_number: u32,
    /// Records on all pages. The standard requires it; partners whose
    /// [leniency](crate::Tolerance::EmptyForAbsent) allows it leave it empty.
    #[serde(deserialize_with = "known")]
    pub total_count: Option<u32>,
}

/// A number that has to be there, if only to say nothing.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Option::deserialize(deserializer)
}

impl Pagination {
    /// The page that `asked` asks for, of `total` records.
    #[must_use]
    pub const fn new(asked: PageRequest, total: u32) -> Self {
        Self {
            page_size: asked.page_size,
            page_number: asked.page_number,
            total_count: Some(total),
        }
    }
}

impl Message for SearchRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Search;

    fn count(&self) -> usize {
        self.search_request.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for SearchRequest {
    type Item = SearchItem;
    type Reason = SearchReason;
    const ITEMS: &'static str = "search_request";

    fn items(&self) -> &[SearchItem] {
        &self.search_request
    }

    fn items_mut(&mut self) -> &mut Vec<SearchItem> {
        &mut self.search_request
    }

    fn reference(item: &SearchItem) -> &ReferenceId {
        &item.reference_id
    }

    fn check_item(item: &SearchItem, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let criteria = &item.search_criteria;
        let checked = match criteria.pagination.map(PageRequest::check) {
            Some(Err(fault)) => Err(fault.within_field("pagination")),
            _ => criteria.query(leniency).map(|query| query.deviations),
        };
        checked.seen_from_field("search_criteria")
    }

    fn reason(fault: &Fault) -> SearchReason {
        let passes = |field| fault.path().passes(field);
        if passes("reference_id") {
            if fault.rule() == Rule::Duplicate {
                SearchReason::ReferenceIdDuplicate
            } else {
                SearchReason::ReferenceIdInvalid
            }
        } else if passes("sort") {
            SearchReason::SortInvalid
        } else if passes("pagination") {
            SearchReason::PaginationInvalid
        } else if passes("timestamp") {
            SearchReason::TimestampInvalid
        } else {
            SearchReason::SearchCriteriaInvalid
        }
    }
}
