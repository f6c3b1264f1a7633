//! `POST /mapper/on-link`, and the answer to `/mapper/sync/link`:
//! `LinkResponse`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::{Address, Attribute, LinkReason, LinkRequest};
use crate::answers::{self, Ids};
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Locale, Note, ReferenceId, Timestamp,
    TransactionId,
};

/// What became of the pairs of a [`LinkRequest`].
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LinkResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the mapper named the request in its acknowledgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<CorrelationId>,
    /// The answers, one for each pair.
    pub link_response: Vec<LinkResponseItem>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl LinkResponse {
    /// `items`, in answer to the request that was given `correlation`; `None`
    /// in a synchronous answer, which nothing was given before.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: Option<CorrelationId>,
        items: Vec<LinkResponseItem>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            link_response: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`: an answer to something else is no answer.
    ///
    /// It need not answer for every pair: the rest may follow. It need not
    /// bear a correlation id, but no other than `correlation`.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`](crate::Rule::WrongAnswer), at the
    /// id that is another.
    pub fn check_answers(
        &self,
        request: &LinkRequest,
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

/// What became of one pair.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LinkResponseItem {
    /// The request, as its sender named it.
    pub reference_id: ReferenceId,
    /// When it was answered.
    pub timestamp: Timestamp,
    /// The account that is linked.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub fa: Option<Pii<Address>>,
    /// How far it has come.
    pub status: Status,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<LinkReason>,
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

impl LinkResponseItem {
    /// The answer to `reference`, given at `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            fa: None,
            status,
            status_reason_code: None,
            status_reason_message: None,
            additional_info: Vec::new(),
            locale: None,
            other: Object::default(),
        }
    }

    /// The rejection of `reference`.
    #[must_use]
    pub fn rejected(reference: ReferenceId, at: impl Into<Timestamp>, reason: LinkReason) -> Self {
        Self {
            status_reason_code: Some(reason),
            ..Self::new(reference, at, Status::Rejected)
        }
    }
}

impl Message for LinkResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnLink;
    const ANSWERS: Option<Action> = Some(Action::Link);
    const ALSO: &'static [Action] = &[Action::OnSearch];

    fn count(&self) -> usize {
        self.link_response.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for LinkResponse {
    type Item = LinkResponseItem;
    type Reason = LinkReason;
    const ITEMS: &'static str = "link_response";

    fn items(&self) -> &[LinkResponseItem] {
        &self.link_response
    }

    fn items_mut(&mut self) -> &mut Vec<LinkResponseItem> {
        &mut self.link_response
    }

    fn reference(item: &LinkResponseItem) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> LinkReason {
        LinkReason::of(fault)
    }
}
