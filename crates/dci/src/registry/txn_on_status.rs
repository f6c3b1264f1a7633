//! `POST /registry/txn/on-status`, and the answer to
//! `/registry/sync/txn/status`: `TxnStatusResponse`.

use serde::{Deserialize, Serialize};

use super::ibr::EnrolledUpdates;
use super::{
    SearchResponse, Sought, SubscribeResponse, TxnStatusRequest, TxnType, UnsubscribeResponse,
    answers,
};
use crate::header::ReplyHeader;
use crate::json::{Object, Read};
use crate::leniency::Seen;
use crate::message::Message;
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Rule, SubscriptionCode, TransactionId,
};

/// How far the requests have come that a [`TxnStatusRequest`] asked about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TxnStatusResponse {
    /// The transaction of the question.
    pub transaction_id: TransactionId,
    /// What the register named the question in its acknowledgement.
    pub correlation_id: CorrelationId,
    /// The answer.
    pub txnstatus_response: TxnStatus,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl TxnStatusResponse {
    /// `status`, in answer to the question that was given `correlation`.
    #[must_use]
    pub fn new(transaction: TransactionId, correlation: CorrelationId, status: TxnStatus) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            txnstatus_response: status,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`, and that the answer within it is about the requests
    /// that were asked about.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`], at the id that is another; or the
    /// fault of an answer that is none of its `txn_type`.
    pub fn check_answers(
        &self,
        request: &TxnStatusRequest,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        let ids = (&self.transaction_id, &self.correlation_id);
        answers::same_transaction(ids, &request.transaction_id, correlation)?;
        let within = |fault: Fault| fault.within_field("txnstatus_response");
        let asked = &request.txnstatus_request;
        let status = &self.txnstatus_response;
        if status.txn_type != asked.txn_type {
            return Err(within(Fault::field("txn_type", Rule::WrongAnswer)));
        }
        // How it is spelt is for whoever reads it, with its own leniency.
        let sought = asked.sought(&Leniency::all()).map_err(within)?.value;
        let outcome = status.outcome(&Leniency::all()).map_err(within)?.value;
        outcome
            .check_about(&sought)
            .map_err(|fault| within(fault.within_field("txn_status")))
    }
}

/// How far requests of one kind have come.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TxnStatus {
    txn_type: TxnType,
    txn_status: Object,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl TxnStatus {
    /// What `outcome` says.
    #[must_use]
    pub fn new(outcome: &TxnOutcome) -> Self {
        let written = match outcome {
            TxnOutcome::Search(answer) => Object::of(answer),
            TxnOutcome::Subscribe(answer) => Object::of(answer),
            TxnOutcome::Unsubscribe(answer) => Object::of(answer),
            TxnOutcome::Receipt(answer) => Object::of(answer),
        };
        Self {
            txn_type: outcome.txn_type(),
            // All of them are objects: nothing to fail at.
            txn_status: written.unwrap_or_default(),
            other: Object::default(),
        }
    }

    /// What kind of request it is about.
    #[must_use]
    pub const fn txn_type(&self) -> TxnType {
        self.txn_type
    }

    /// The answer, read as `txn_type` says, never by its shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is none of that type.
    pub fn outcome(&self, leniency: &Leniency) -> Result<Read<TxnOutcome>, Fault> {
        let status = &self.txn_status;
        let outcome = match self.txn_type {
            TxnType::Search => status
                .read(leniency)
                .map(|read| read.map(TxnOutcome::Search)),
            TxnType::Subscribe => status
                .read(leniency)
                .map(|read| read.map(TxnOutcome::Subscribe)),
            TxnType::Unsubscribe => status
                .read(leniency)
                .map(|read| read.map(TxnOutcome::Unsubscribe)),
            TxnType::Receipt => status
                .read(leniency)
                .map(|read| read.map(TxnOutcome::Receipt)),
        };
        outcome.seen_from_field("txn_status")
    }
}

/// What a register says of requests of one kind.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TxnOutcome {
    /// Of searches.
    Search(SearchResponse),
    /// Of subscriptions. SR and IBR list them as a `txn_type`, but their
    /// schema of the answer forgets this one.
    Subscribe(SubscribeResponse),
    /// Of the end of subscriptions (CRVS and FR).
    Unsubscribe(UnsubscribeResponse),
    /// Of the receipt of enrolments (SR and IBR).
    Receipt(Receipt),
}

impl TxnOutcome {
    /// What kind of request it is about.
    #[must_use]
    pub const fn txn_type(&self) -> TxnType {
        match self {
            Self::Search(_) => TxnType::Search,
            Self::Subscribe(_) => TxnType::Subscribe,
            Self::Unsubscribe(_) => TxnType::Unsubscribe,
            Self::Receipt(_) => TxnType::Receipt,
        }
    }

    /// Checks that it is about `sought`, as far as it says what it is about.
    fn check_about(&self, sought: &Sought) -> Result<(), Fault> {
        let (transaction, correlation) = match self {
            Self::Search(answer) => (&answer.transaction_id, Some(&answer.correlation_id)),
            Self::Subscribe(answer) => (&answer.transaction_id, Some(&answer.correlation_id)),
            Self::Unsubscribe(answer) => (&answer.transaction_id, Some(&answer.correlation_id)),
            Self::Receipt(answer) => (&answer.transaction_id, None),
        };
        let wrong = |field| Err(Fault::field(field, Rule::WrongAnswer));
        match (sought, self) {
            (Sought::Transaction(id), _) if id != transaction => wrong("transaction_id"),
            (Sought::Correlation(id), _) if correlation.is_some_and(|of| of != id) => {
                wrong("correlation_id")
            }
            (Sought::References(ids), Self::Search(answer)) => {
                let answered = answer.search_response.iter().map(|item| &item.reference_id);
                answers::all_asked("search_response", answered, |id| ids.contains(id))
            }
            (Sought::References(ids), Self::Subscribe(answer)) => {
                let answered = answer
                    .subscribe_response
                    .iter()
                    .map(|item| &item.reference_id);
                answers::all_asked("subscribe_response", answered, |id| ids.contains(id))
            }
            (Sought::Subscriptions(codes), _) if !self.codes().all(|code| codes.contains(code)) => {
                wrong("code")
            }
            _ => Ok(()),
        }
    }

    /// The subscriptions that it tells of.
    fn codes(&self) -> Box<dyn Iterator<Item = &SubscriptionCode> + '_> {
        match self {
            Self::Subscribe(answer) => {
                let items = answer.subscribe_response.iter();
                Box::new(
                    items
                        .flat_map(|item| &item.subscriptions)
                        .map(|told| &told.code),
                )
            }
            Self::Unsubscribe(answer) => {
                Box::new(answer.subscription_status.iter().map(|told| &told.code))
            }
            Self::Search(_) | Self::Receipt(_) => Box::new(std::iter::empty()),
        }
    }
}

/// What a register received of a programme: `receipt_information`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The transaction by which it was received.
    pub transaction_id: TransactionId,
    /// Who was enrolled, or whose enrolment changed.
    pub receipt_information: EnrolledUpdates,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl Receipt {
    /// `received` came with `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, received: EnrolledUpdates) -> Self {
        Self {
            transaction_id: transaction,
            receipt_information: received,
            other: Object::default(),
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
    use crate::registry::{SearchResponseItem, TxnStatusCriteria};
    use crate::{ReferenceId, Status};

    fn answer(inner: &str, reference: &str) -> SearchResponse {
        let item = SearchResponseItem::new(
            ReferenceId::new(reference).unwrap(),
            DateTime::UNIX_EPOCH,
            Status::Pending,
        );
        SearchResponse::new(
            TransactionId::new(inner).unwrap(),
            CorrelationId::new(format!("c-{inner}")).unwrap(),
            vec![item],
        )
    }

    fn checked(sought: Sought, kind: TxnType, outcome: TxnOutcome) -> Result<(), String> {
        let question = TxnStatusCriteria::new(ReferenceId::new("q").unwrap(), kind, sought);
        let asked = TxnStatusRequest::new(TransactionId::new("t").unwrap(), question);
        let correlation = CorrelationId::new("c").unwrap();
        TxnStatusResponse::new(
            TransactionId::new("t").unwrap(),
            correlation.clone(),
            TxnStatus::new(&outcome),
        )
        .check_answers(&asked, Some(&correlation))
        .map_err(|fault| fault.to_string())
    }

    #[test]
    fn the_answer_within_is_about_what_was_asked() {
        let search = |sought| {
            checked(
                sought,
                TxnType::Search,
                TxnOutcome::Search(answer("7", "1")),
            )
        };
        let transaction = |id| Sought::Transaction(TransactionId::new(id).unwrap());
        let correlation = |id| Sought::Correlation(CorrelationId::new(id).unwrap());
        let references = |id| Sought::References(vec![ReferenceId::new(id).unwrap()]);
        assert_eq!(search(transaction("7")), Ok(()));
        assert_eq!(search(correlation("c-7")), Ok(()));
        assert_eq!(search(references("1")), Ok(()));
        let wrong = |field: &str| {
            Err(format!(
                "`txnstatus_response.txn_status.{field}` must be that of the request"
            ))
        };
        assert_eq!(search(transaction("8")), wrong("transaction_id"));
        assert_eq!(search(correlation("c-8")), wrong("correlation_id"));
        assert_eq!(
            search(references("2")),
            wrong("search_response[0].reference_id")
        );
    }

    #[test]
    fn an_answer_of_another_type_is_none() {
        let other = checked(
            Sought::Transaction(TransactionId::new("7").unwrap()),
            TxnType::Subscribe,
            TxnOutcome::Search(answer("7", "1")),
        );
        let expected = "`txnstatus_response.txn_type` must be that of the request";
        assert_eq!(other, Err(expected.to_owned()));
        // The type decides, not the shape.
        let mut status = TxnStatus::new(&TxnOutcome::Search(answer("7", "1")));
        status.txn_type = TxnType::Subscribe;
        let fault = status.outcome(&Leniency::all()).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "`txn_status.subscribe_response` is required"
        );
    }
}
