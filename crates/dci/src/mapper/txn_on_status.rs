//! `POST /mapper/txn/on-status`, and the answer to
//! `/registry/sync/txn/status`: `TxnStatusResponse`.

use serde::{Deserialize, Serialize};

use super::{
    LinkResponse, ResolveResponse, TxnStatusRequest, TxnType, UnlinkResponse, UpdateResponse,
};
use crate::answers::Ids;
use crate::header::ReplyHeader;
use crate::json::{Object, Read};
use crate::leniency::Seen;
use crate::message::Message;
use crate::txn::{Sought, outcome};
use crate::{Action, CorrelationId, Deviation, Fault, Leniency, Rule, TransactionId};

/// How far the requests of a [`TxnStatusRequest`] have come.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TxnStatusResponse {
    /// The question's transaction.
    pub transaction_id: TransactionId,
    /// What the mapper named the question in its acknowledgement.
    pub correlation_id: CorrelationId,
    /// The answer.
    pub txnstatus_response: TxnStatus,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl TxnStatusResponse {
    /// `outcome`, in answer to the question that was given `correlation`.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: CorrelationId,
        outcome: &TxnOutcome,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            txnstatus_response: TxnStatus::new(outcome),
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`: an answer to something else is no answer. So is
    /// one about other requests than were asked about.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`], at what is another; or the fault
    /// of an answer that is none of its `txn_type`.
    pub fn check_answers(
        &self,
        request: &TxnStatusRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let asked = Ids {
            transaction: &request.transaction_id,
            correlation,
        };
        asked.check(&Ids {
            transaction: &self.transaction_id,
            correlation: Some(&self.correlation_id),
        })?;
        let within = |fault: Fault| fault.within_field("txnstatus_response");
        let asked = &request.txnstatus_request;
        let status = &self.txnstatus_response;
        if status.txn_type() != asked.txn_type {
            return Err(within(Fault::field("txn_type", Rule::WrongAnswer)));
        }
        // How it is spelt is for whoever reads it, with its own leniency.
        let sought = asked.sought(&Leniency::all())?.value;
        let outcome = status.outcome(&Leniency::all()).map_err(within)?.value;
        outcome
            .check_about(&sought)
            .map_err(|fault| within(fault.within_field("txn_status")))
    }
}

/// The answers to the requests, as far as there are any.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TxnStatus {
    txn_type: Answered,
    txn_status: Object,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl TxnStatus {
    fn new(outcome: &TxnOutcome) -> Self {
        let (txn_type, txn_status) = match outcome {
            TxnOutcome::Link(message) => (Answered::Link, Object::of(message)),
            TxnOutcome::Resolve(message) => (Answered::Resolve, Object::of(message)),
            TxnOutcome::Update(message) => (Answered::Update, Object::of(message)),
            TxnOutcome::Unlink(message) => (Answered::Unlink, Object::of(message)),
        };
        Self {
            txn_type,
            // All of them are objects: nothing to fail at.
            txn_status: txn_status.unwrap_or_default(),
            other: Object::default(),
        }
    }

    /// What the requests were.
    #[must_use]
    pub const fn txn_type(&self) -> TxnType {
        match self.txn_type {
            Answered::Link => TxnType::Link,
            Answered::Resolve => TxnType::Resolve,
            Answered::Update => TxnType::Update,
            Answered::Unlink => TxnType::Unlink,
        }
    }

    /// The answers, read as `txn_type` says, never by their shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they are none of that type.
    pub fn outcome(&self, leniency: &Leniency) -> Result<Read<TxnOutcome>, Fault> {
        let status = &self.txn_status;
        match self.txn_type {
            Answered::Link => outcome(status, leniency, TxnOutcome::Link),
            Answered::Resolve => outcome(status, leniency, TxnOutcome::Resolve),
            Answered::Update => outcome(status, leniency, TxnOutcome::Update),
            Answered::Unlink => outcome(status, leniency, TxnOutcome::Unlink),
        }
    }
}

/// `txn_type` of an answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum Answered {
    #[serde(rename = "on-link")]
    Link,
    #[serde(rename = "on-resolve")]
    Resolve,
    #[serde(rename = "on-update")]
    Update,
    #[serde(rename = "on-unlink")]
    Unlink,
}

/// The answers to requests of one type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TxnOutcome {
    /// To a [`LinkRequest`](super::LinkRequest).
    Link(LinkResponse),
    /// To a [`ResolveRequest`](super::ResolveRequest).
    Resolve(ResolveResponse),
    /// To an [`UpdateRequest`](super::UpdateRequest).
    Update(UpdateResponse),
    /// To an [`UnlinkRequest`](super::UnlinkRequest).
    Unlink(UnlinkResponse),
}

impl TxnOutcome {
    /// Checks that it is about `sought`, as far as it says what it is about.
    fn check_about(&self, sought: &Sought) -> Result<(), Fault> {
        match self {
            Self::Link(answer) => sought.check_about(
                answer,
                &answer.transaction_id,
                answer.correlation_id.as_ref(),
            ),
            Self::Resolve(answer) => sought.check_about(
                answer,
                &answer.transaction_id,
                answer.correlation_id.as_ref(),
            ),
            Self::Update(answer) => sought.check_about(
                answer,
                &answer.transaction_id,
                answer.correlation_id.as_ref(),
            ),
            Self::Unlink(answer) => sought.check_about(
                answer,
                &answer.transaction_id,
                answer.correlation_id.as_ref(),
            ),
        }
    }
}

impl Message for TxnStatusResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::TxnOnStatus;
    const ANSWERS: Option<Action> = Some(Action::TxnStatus);

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let outcome = self.txnstatus_response.outcome(leniency);
        let met = outcome.map(|outcome| outcome.deviations);
        met.seen_from_field("txnstatus_response")
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::mapper::{LinkResponseItem, TxnStatusCriteria};
    use crate::{ReferenceId, Status};

    fn linked() -> TxnOutcome {
        let reference = ReferenceId::new("1").unwrap();
        let item = LinkResponseItem::new(reference, DateTime::UNIX_EPOCH, Status::Succeeded);
        let correlation = CorrelationId::new("c-7").unwrap();
        let transaction = TransactionId::new("7").unwrap();
        TxnOutcome::Link(LinkResponse::new(
            transaction,
            Some(correlation),
            vec![item],
        ))
    }

    fn checked(txn_type: TxnType, sought: &Sought) -> Result<(), String> {
        let question = TxnStatusCriteria::new(ReferenceId::new("q").unwrap(), txn_type, sought);
        let asked = TxnStatusRequest::new(TransactionId::new("t").unwrap(), question);
        let correlation = CorrelationId::new("c").unwrap();
        let transaction = TransactionId::new("t").unwrap();
        TxnStatusResponse::new(transaction, correlation.clone(), &linked())
            .check_answers(&asked, Some(&correlation))
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn the_answer_within_is_about_what_was_asked() {
        let transaction = |id| Sought::Transaction(TransactionId::new(id).unwrap());
        let correlation = |id| Sought::Correlation(CorrelationId::new(id).unwrap());
        let references = |id| Sought::References(vec![ReferenceId::new(id).unwrap()]);
        for good in [transaction("7"), correlation("c-7"), references("1")] {
            assert_eq!(checked(TxnType::Link, &good), Ok(()));
        }
        for (other, field) in [
            (transaction("8"), "txn_status.transaction_id"),
            (correlation("c-8"), "txn_status.correlation_id"),
            (references("2"), "txn_status.link_response[0].reference_id"),
        ] {
            let wrong = format!("`txnstatus_response.{field}` must be that of the request");
            assert_eq!(checked(TxnType::Link, &other), Err(wrong));
        }
        let wrong = "`txnstatus_response.txn_type` must be that of the request".to_owned();
        assert_eq!(checked(TxnType::Update, &transaction("7")), Err(wrong));
    }

    /// A status that says `on-update` and holds what `on-link` does.
    #[test]
    fn the_type_decides_and_not_the_shape() {
        let mut status = TxnStatus::new(&linked());
        status.txn_type = Answered::Update;
        let fault = status.outcome(&Leniency::all()).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "`txn_status.update_response` is required"
        );
    }
}
