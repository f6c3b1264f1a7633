//! `POST /mapper/update`, `POST /mapper/sync/update`: `UpdateRequest`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::{Address, Attribute, UpdateReason};
use crate::header::RequestHeader;
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{Action, Deviation, Fault, Leniency, Locale, ReferenceId, Timestamp, TransactionId};

/// People whose account is to be another from now on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UpdateRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The changes.
    pub update_request: Vec<UpdateItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl UpdateRequest {
    /// `items`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, items: Vec<UpdateItem>) -> Self {
        Self {
            transaction_id: transaction,
            update_request: items,
            other: Object::default(),
        }
    }
}

/// One person's new account.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UpdateItem {
    /// The request, as its sender names it.
    pub reference_id: ReferenceId,
    /// When it was asked.
    pub timestamp: Timestamp,
    /// The person.
    #[serde(with = "exposed")]
    pub id: Pii<Address>,
    /// The account from now on.
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

impl UpdateItem {
    /// The request `reference`, made at `at`, for `fa` as the account
    /// of the person `id` from now on.
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

impl Message for UpdateRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Update;
    const ALSO: &'static [Action] = &[Action::Link];

    fn count(&self) -> usize {
        self.update_request.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for UpdateRequest {
    type Item = UpdateItem;
    type Reason = UpdateReason;
    const ITEMS: &'static str = "update_request";

    fn items(&self) -> &[UpdateItem] {
        &self.update_request
    }

    fn items_mut(&mut self) -> &mut Vec<UpdateItem> {
        &mut self.update_request
    }

    fn reference(item: &UpdateItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> UpdateReason {
        UpdateReason::of(fault)
    }
}
