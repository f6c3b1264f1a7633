//! `POST /disburse/txn/on-status`, and the answer to
//! `/disburse/sync/txn/status`: `TxnStatusResponse`.

use serde::{Deserialize, Serialize};

use super::{DisburseResponse, SearchResponse, TxnStatusRequest, TxnType};
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
    /// What the payer's side named the question in its acknowledgement.
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
            TxnOutcome::Disburse(message) => (Answered::Disburse, Object::of(message)),
            TxnOutcome::Search(message) => (Answered::Search, Object::of(message)),
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
            Answered::Disburse => TxnType::Disburse,
            Answered::Search => TxnType::Search,
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
            Answered::Disburse => outcome(status, leniency, TxnOutcome::Disburse),
            Answered::Search => outcome(status, leniency, TxnOutcome::Search),
        }
    }
}

/// `txn_type` of an answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum Answered {
    #[serde(rename = "on-disburse")]
    Disburse,
    #[serde(rename = "on-search")]
    Search,
}

/// The answers to requests of one type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TxnOutcome {
    /// To a [`DisburseRequest`](super::DisburseRequest).
    Disburse(DisburseResponse),
    /// To a [`SearchRequest`](super::SearchRequest).
    Search(SearchResponse),
}

impl TxnOutcome {
    /// Checks that it is about `sought`, as far as it says what it is about:
    /// the items of a search bear the ids of what was found.
    fn check_about(&self, sought: &Sought) -> Result<(), Fault> {
        match (self, sought) {
            (Self::Disburse(answer), _) => sought.check_about(
                answer,
                &answer.transaction_id,
                answer.correlation_id.as_ref(),
            ),
            (Self::Search(_), Sought::References(_)) => Ok(()),
            (Self::Search(answer), _) => sought.check_about(
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
    const ALSO: &'static [Action] = &[Action::OnDisburse, Action::OnSearch, Action::Notify];

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
    use crate::disburse::{DisbursementStatus, SearchResponseItem, TxnStatusCriteria};
    use crate::{ReferenceId, Status};

    fn reference(text: &str) -> ReferenceId {
        ReferenceId::new(text).unwrap()
    }

    fn checked(txn_type: TxnType, outcome: &TxnOutcome) -> Result<(), String> {
        let sought = Sought::References(vec![reference("1")]);
        let question = TxnStatusCriteria::new(reference("q"), txn_type, &sought);
        let transaction = || TransactionId::new("t").unwrap();
        let correlation = CorrelationId::new("c").unwrap();
        TxnStatusResponse::new(transaction(), correlation, outcome)
            .check_answers(&TxnStatusRequest::new(transaction(), question), None)
            .map_err(|fault| fault.to_string())
    }

    /// Of payments; the items of a search bear the ids of what was found.
    #[test]
    fn a_status_is_about_the_payments_that_were_asked_about() {
        let now = DateTime::UNIX_EPOCH;
        let transaction = || TransactionId::new("7").unwrap();
        let paid = |id| {
            let status = DisbursementStatus::new(reference(id), now, Status::Succeeded);
            TxnOutcome::Disburse(DisburseResponse::new(transaction(), None, vec![status]))
        };
        let wrong = "`txnstatus_response.txn_status.disbursements_status[0].reference_id` \
                     must be that of the request";
        assert_eq!(checked(TxnType::Disburse, &paid("1")), Ok(()));
        assert_eq!(
            checked(TxnType::Disburse, &paid("2")),
            Err(wrong.to_owned())
        );

        let item = SearchResponseItem::new(reference("2"), now, Status::Succeeded);
        let found = TxnOutcome::Search(SearchResponse::new(transaction(), None, vec![item]));
        assert_eq!(checked(TxnType::Search, &found), Ok(()));
        assert!(checked(TxnType::Disburse, &found).is_err());
    }
}
