//! `POST /mapper/unlink`, `POST /mapper/sync/unlink`: `UnlinkRequest`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::{Address, Attribute, UnlinkReason};
use crate::header::RequestHeader;
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{Action, Deviation, Fault, Leniency, Locale, ReferenceId, Timestamp, TransactionId};

/// Pairs of a person's id and a financial address, to be ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UnlinkRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The pairs.
    pub unlink_request: Vec<UnlinkItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl UnlinkRequest {
    /// `items`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, items: Vec<UnlinkItem>) -> Self {
        Self {
            transaction_id: transaction,
            unlink_request: items,
            other: Object::default(),
        }
    }
}

/// One pair to end.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UnlinkItem {
    /// The request, as its sender names it.
    pub reference_id: ReferenceId,
    /// When it was asked.
    pub timestamp: Timestamp,
    /// The person.
    #[serde(with = "exposed")]
    pub id: Pii<Address>,
    /// The account; whichever the person has, if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub fa: Option<Pii<Address>>,
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

impl UnlinkItem {
    /// The request `reference`, made at `at`, to end what links the person
    /// `id`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, id: Address) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            id: id.into(),
            fa: None,
            additional_info: Vec::new(),
            locale: None,
            other: Object::default(),
        }
    }
}

impl Message for UnlinkRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Unlink;
    const ALSO: &'static [Action] = &[Action::Link];

    fn count(&self) -> usize {
        self.unlink_request.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for UnlinkRequest {
    type Item = UnlinkItem;
    type Reason = UnlinkReason;
    const ITEMS: &'static str = "unlink_request";

    fn items(&self) -> &[UnlinkItem] {
        &self.unlink_request
    }

    fn items_mut(&mut self) -> &mut Vec<UnlinkItem> {
        &mut self.unlink_request
    }

    fn reference(item: &UnlinkItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> UnlinkReason {
        UnlinkReason::of(fault)
    }
}
