//! `POST /mapper/on-resolve`, and the answer to `/mapper/sync/resolve`:
//! `ResolveResponse`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::{Address, Attribute, ResolveReason, ResolveRequest};
use crate::answers::{self, Ids};
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Locale, Note, ReferenceId, Timestamp,
    TransactionId,
};

/// What is known of the questions of a [`ResolveRequest`].
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ResolveResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the mapper named the request in its acknowledgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<CorrelationId>,
    /// The answers, one for each question.
    pub resolve_response: Vec<ResolveResponseItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl ResolveResponse {
    /// `items`, in answer to the request that was given `correlation`; `None`
    /// in a synchronous answer, which nothing was given before.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: Option<CorrelationId>,
        items: Vec<ResolveResponseItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            resolve_response: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`: an answer to something else is no answer.
    ///
    /// It need not answer for every question: the rest may follow. It need not
    /// bear a correlation id, but no other than `correlation`.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`](crate::Rule::WrongAnswer), at the
    /// id that is another.
    pub fn check_answers(
        &self,
        request: &ResolveRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let asked = Ids {
            transaction: &request.transaction_id,
            correlation,
        };
        asked.check(&Ids {
            transaction: &self.transaction_id,
            correlation: self.correlation_id.as_ref(),
        })?;
        answers::pair(request, self).map(drop)
    }
}

/// What is known of one question.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ResolveResponseItem {
    /// The question, as its sender named it.
    pub reference_id: ReferenceId,
    /// When it was answered.
    pub timestamp: Timestamp,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub fa: Option<Pii<Address>>,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub id: Option<Pii<Address>>,
    /// Where the account is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_provider_info: Option<AccountProvider>,
    /// How far it has come.
    pub status: Status,
    /// What was found, or why it was rejected: an inactive account and none
    /// are answers too, whose status is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<ResolveReason>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    /// What else both sides agreed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additional_info: Vec<Attribute>,
    /// The language of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl ResolveResponseItem {
    /// The answer to `reference`, given at `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            fa: None,
            id: None,
            account_provider_info: None,
            status,
            status_reason_code: None,
            status_reason_message: None,
            additional_info: Vec::new(),
            locale: None,
            other: Object::default(),
        }
    }

    /// What was found for `reference`: a code that begins with `succ.`.
    #[must_use]
    pub fn found(reference: ReferenceId, at: impl Into<Timestamp>, finding: ResolveReason) -> Self {
        Self {
            status_reason_code: Some(finding),
            ..Self::new(reference, at, Status::Succeeded)
        }
    }

    /// The rejection of `reference`.
    #[must_use]
    pub fn rejected(
        reference: ReferenceId,
        at: impl Into<Timestamp>,
        reason: ResolveReason,
    ) -> Self {
        Self {
            status_reason_code: Some(reason),
            ..Self::new(reference, at, Status::Rejected)
        }
    }
}

/// Where an account is (`AccountProviderInfo`). It may locate a person.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AccountProvider {
    /// The bank, or whoever holds the account.
    #[serde(with = "exposed")]
    pub name: Pii<String>,
    /// Its code.
    #[serde(with = "exposed")]
    pub code: Pii<String>,
    /// The code of its branch.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub subcode: Option<Pii<String>>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_info: Option<Note>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl AccountProvider {
    /// The provider `name`, whose code is `code`.
    #[must_use]
    pub fn new(name: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            name: Pii::new(name.into()),
            code: Pii::new(code.into()),
            subcode: None,
            additional_info: None,
            other: Object::default(),
        }
    }
}

impl Message for ResolveResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnResolve;
    const ANSWERS: Option<Action> = Some(Action::Resolve);
    const ALSO: &'static [Action] = &[Action::OnSearch];

    fn count(&self) -> usize {
        self.resolve_response.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for ResolveResponse {
    type Item = ResolveResponseItem;
    type Reason = ResolveReason;
    const ITEMS: &'static str = "resolve_response";

    fn items(&self) -> &[ResolveResponseItem] {
        &self.resolve_response
    }

    fn items_mut(&mut self) -> &mut Vec<ResolveResponseItem> {
        &mut self.resolve_response
    }

    fn reference(item: &ResolveResponseItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> ResolveReason {
        ResolveReason::of(fault)
    }
}
