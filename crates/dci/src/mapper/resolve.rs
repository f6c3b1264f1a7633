//! `POST /mapper/resolve`, `POST /mapper/sync/resolve`: `ResolveRequest`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::{Address, Attribute, ResolveReason};
use crate::header::RequestHeader;
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, Deviation, Fault, Leniency, Locale, ReferenceId, Rule, Timestamp, TransactionId,
};

/// Questions of whose account is which, each answered on its own.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ResolveRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The questions.
    pub resolve_request: Vec<ResolveItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl ResolveRequest {
    /// `items`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, items: Vec<ResolveItem>) -> Self {
        Self {
            transaction_id: transaction,
            resolve_request: items,
            other: Object::default(),
        }
    }
}

/// One question: with an account and no person, whether there is such an
/// account; with a person, which account is theirs; with both, whether that
/// account is theirs.
///
/// With neither it asks nothing, and is rejected: `rjct.fa.invalid`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ResolveItem {
    /// The question, as its sender names it.
    pub reference_id: ReferenceId,
    /// When it was asked.
    pub timestamp: Timestamp,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub fa: Option<Pii<Address>>,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub id: Option<Pii<Address>>,
    /// The person's full name, as it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub name: Option<Pii<String>>,
    /// How much is asked for; whether, if it is not given.
    #[serde(default)]
    pub scope: Scope,
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

impl ResolveItem {
    /// The question `reference`, asked at `at`, which account is that of the
    /// person `id`.
    #[must_use]
    pub fn of_person(reference: ReferenceId, at: impl Into<Timestamp>, id: Address) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::new(reference, at.into())
        }
    }

    /// The question `reference`, asked at `at`, whether there is the account
    /// `fa`.
    #[must_use]
    pub fn of_account(reference: ReferenceId, at: impl Into<Timestamp>, fa: Address) -> Self {
        Self {
            fa: Some(fa.into()),
            ..Self::new(reference, at.into())
        }
    }

    /// The question `reference`, asked at `at`, whether the account `fa` is
    /// that of the person `id`.
    #[must_use]
    pub fn of_pair(
        reference: ReferenceId,
        at: impl Into<Timestamp>,
        id: Address,
        fa: Address,
    ) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::of_account(reference, at, fa)
        }
    }

    fn new(reference: ReferenceId, at: Timestamp) -> Self {
        Self {
            reference_id: reference,
            timestamp: at,
            fa: None,
            id: None,
            name: None,
            scope: Scope::YesNo,
            additional_info: Vec::new(),
            locale: None,
            other: Object::default(),
        }
    }
}

/// How much of a pair is asked for. What the asker may be told is for the
/// mapper to decide.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Whether.
    #[default]
    YesNo,
    /// The account's provider too.
    Details,
}

impl Message for ResolveRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Resolve;
    const ALSO: &'static [Action] = &[Action::Link];

    fn count(&self) -> usize {
        self.resolve_request.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for ResolveRequest {
    type Item = ResolveItem;
    type Reason = ResolveReason;
    const ITEMS: &'static str = "resolve_request";

    fn items(&self) -> &[ResolveItem] {
        &self.resolve_request
    }

    fn items_mut(&mut self) -> &mut Vec<ResolveItem> {
        &mut self.resolve_request
    }

    fn reference(item: &ResolveItem) -> &ReferenceId {
        &item.reference_id
    }

    fn check_item(item: &ResolveItem, _: &Leniency) -> Result<Vec<Deviation>, Fault> {
        if item.fa.is_none() && item.id.is_none() {
            return Err(Fault::field("fa", Rule::Required));
        }
        Ok(Vec::new())
    }

    fn reason(fault: &Fault) -> ResolveReason {
        ResolveReason::of(fault)
    }
}
