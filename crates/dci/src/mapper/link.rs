//! `POST /mapper/link`, `POST /mapper/sync/link`: `LinkRequest`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::{Address, Attribute, LinkReason};
use crate::header::RequestHeader;
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{Action, Deviation, Fault, Leniency, Locale, ReferenceId, Timestamp, TransactionId};

/// Pairs of a person's id and a financial address, to be linked.
///
/// ```
/// use chrono::DateTime;
/// use solidarity_dci::mapper::{Address, LinkItem, LinkRequest};
/// use solidarity_dci::{ReferenceId, TransactionId};
///
/// let id = Address::new("vid:54321@national-id")?;
/// let account = Address::new("account:12345@bank")?;
/// let item = LinkItem::new(ReferenceId::new("1")?, DateTime::UNIX_EPOCH, id, account);
/// let message = LinkRequest::new(TransactionId::new("t-1")?, vec![item]);
/// assert_eq!(
///     serde_json::to_string(&message).unwrap(),
///     concat!(
///         r#"{"transaction_id":"t-1","link_request":[{"reference_id":"1","#,
///         r#""timestamp":"1970-01-01T00:00:00Z","id":"vid:54321@national-id","fa":"account:12345@bank"}]}"#
///     )
/// );
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LinkRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The pairs.
    pub link_request: Vec<LinkItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl LinkRequest {
    /// `items`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, items: Vec<LinkItem>) -> Self {
        Self {
            transaction_id: transaction,
            link_request: items,
            other: Object::default(),
        }
    }
}

/// One pair to link.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LinkItem {
    /// The request, as its sender names it.
    pub reference_id: ReferenceId,
    /// When it was asked.
    pub timestamp: Timestamp,
    /// The person.
    #[serde(with = "exposed")]
    pub id: Pii<Address>,
    /// The account.
    #[serde(with = "exposed")]
    pub fa: Pii<Address>,
    /// The person's full name, as it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub name: Option<Pii<String>>,
    /// The person's telephone number, best as E.164 or RFC 3966 have it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub phone_number: Option<Pii<String>>,
    /// What else both sides agreed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additional_info: Vec<Attribute>,
    /// The language of the answer's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl LinkItem {
    /// The request `reference`, made at `at`, for the account `fa` of the
    /// person `id`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, id: Address, fa: Address) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            id: id.into(),
            fa: fa.into(),
            name: None,
            phone_number: None,
            additional_info: Vec::new(),
            locale: None,
            other: Object::default(),
        }
    }
}

impl Message for LinkRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Link;

    fn count(&self) -> usize {
        self.link_request.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for LinkRequest {
    type Item = LinkItem;
    type Reason = LinkReason;
    const ITEMS: &'static str = "link_request";

    fn items(&self) -> &[LinkItem] {
        &self.link_request
    }

    fn items_mut(&mut self) -> &mut Vec<LinkItem> {
        &mut self.link_request
    }

    fn reference(item: &LinkItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> LinkReason {
        LinkReason::of(fault)
    }
}
