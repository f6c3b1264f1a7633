//! `POST /mapper/on-update`, and the answer to `/mapper/sync/update`:
//! `UpdateResponse`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::{Address, Attribute, UpdateReason, UpdateRequest};
use crate::answers::{self, Ids};
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Locale, Note, ReferenceId, Timestamp,
    TransactionId,
};

/// What became of the changes of a [`UpdateRequest`].
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UpdateResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the mapper named the request in its acknowledgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<CorrelationId>,
    /// The answers, one for each change.
    pub update_response: Vec<UpdateResponseItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl UpdateResponse {
    /// `items`, in answer to the request that was given `correlation`; `None`
    /// in a synchronous answer, which nothing was given before.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: Option<CorrelationId>,
        items: Vec<UpdateResponseItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            update_response: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`: an answer to something else is no answer.
    ///
    /// It need not answer for every change: the rest may follow. It need not
    /// bear a correlation id, but no other than `correlation`.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`](crate::Rule::WrongAnswer), at the
    /// id that is another.
    pub fn check_answers(
        &self,
        request: &UpdateRequest,
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

/// What became of one change.
///
/// The standard's schema requires `fa` and has no such field, which is a
/// mistake of one of the two: `fa` is read where it is given, and written
/// where it is known ([`updated`](Self::updated)).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UpdateResponseItem {
    /// The request, as its sender named it.
    pub reference_id: ReferenceId,
    /// When it was answered.
    pub timestamp: Timestamp,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub id: Option<Pii<Address>>,
    /// The account from now on.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub fa: Option<Pii<Address>>,
    /// How far it has come.
    pub status: Status,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<UpdateReason>,
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

impl UpdateResponseItem {
    /// The answer to `reference`, given at `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            id: None,
            fa: None,
            status,
            status_reason_code: None,
            status_reason_message: None,
            additional_info: Vec::new(),
            locale: None,
            other: Object::default(),
        }
    }

    /// The account of the person of `reference` is `fa` now.
    #[must_use]
    pub fn updated(reference: ReferenceId, at: impl Into<Timestamp>, fa: Address) -> Self {
        Self {
            fa: Some(fa.into()),
            ..Self::new(reference, at, Status::Succeeded)
        }
    }

    /// The rejection of `reference`.
    #[must_use]
    pub fn rejected(
        reference: ReferenceId,
        at: impl Into<Timestamp>,
        reason: UpdateReason,
    ) -> Self {
        Self {
            status_reason_code: Some(reason),
            ..Self::new(reference, at, Status::Rejected)
        }
    }
}

impl Message for UpdateResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnUpdate;
    const ANSWERS: Option<Action> = Some(Action::Update);
    const ALSO: &'static [Action] = &[Action::OnSearch];

    fn count(&self) -> usize {
        self.update_response.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for UpdateResponse {
    type Item = UpdateResponseItem;
    type Reason = UpdateReason;
    const ITEMS: &'static str = "update_response";

    fn items(&self) -> &[UpdateResponseItem] {
        &self.update_response
    }

    fn items_mut(&mut self) -> &mut Vec<UpdateResponseItem> {
        &mut self.update_response
    }

    fn reference(item: &UpdateResponseItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> UpdateReason {
        UpdateReason::of(fault)
    }
}
