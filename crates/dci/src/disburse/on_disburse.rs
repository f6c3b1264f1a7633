//! `POST /on-disburse`, and the answer to `/disburse/sync/disburse`:
//! `DisburseResponse`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Pii, exposed};

use super::{Amount, CurrencyCode, DisburseReason, DisburseRequest, Disbursement};
use crate::answers::{self, Ids};
use crate::header::{ReplyHeader, Status};
use crate::json::Object;
use crate::mapper::Address;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, CorrelationId, Deviation, Fault, Leniency, Locale, Note, ReferenceId, Rule, Timestamp,
    TransactionId,
};

/// How far the payments of a [`DisburseRequest`] have come.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisburseResponse {
    /// The request's transaction.
    pub transaction_id: TransactionId,
    /// What the payer's side named the request in its acknowledgement. The
    /// standard asks for it in every answer, and its schema forgets it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<CorrelationId>,
    /// The answers, one for each payment.
    pub disbursements_status: Vec<DisbursementStatus>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl DisburseResponse {
    /// `items`, in answer to the request that was given `correlation`; `None`
    /// in a synchronous answer, which nothing was given before.
    #[must_use]
    pub fn new(
        transaction: TransactionId,
        correlation: Option<CorrelationId>,
        items: Vec<DisbursementStatus>,
    ) -> Self {
        Self {
            transaction_id: transaction,
            correlation_id: correlation,
            disbursements_status: items,
            other: Object::default(),
        }
    }

    /// Checks that it answers `request`, which was acknowledged under
    /// `correlation`: an answer to something else is no answer, and one of
    /// another amount is one to something else.
    ///
    /// It need not answer for every payment: the rest may follow. It need not
    /// bear a correlation id, but no other than `correlation`; it need not say
    /// the amount again, but no other.
    ///
    /// # Errors
    ///
    /// [`Fault`] with [`Rule::WrongAnswer`], at what is another.
    pub fn check_answers(
        &self,
        request: &DisburseRequest,
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
        for (position, (asked, answer)) in answers::pair(request, self)?.into_iter().enumerate() {
            let within = |fault: Fault| {
                fault
                    .within_item(position)
                    .within_field("disbursements_status")
            };
            answer.check_money(asked).map_err(within)?;
        }
        Ok(())
    }
}

/// How far one payment has come.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisbursementStatus {
    /// The payment, as its sender named it.
    pub reference_id: ReferenceId,
    /// Since when it is so.
    pub timestamp: Timestamp,
    /// How far it has come.
    pub status: Status,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<DisburseReason>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    /// What the systems between are to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<Note>,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The account that pays.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub payer_fa: Option<Pii<Address>>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub payer_name: Option<Pii<String>>,
    /// The account that is paid.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub payee_fa: Option<Pii<Address>>,
    /// The name of the person who is paid.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub payee_name: Option<Pii<String>>,
    /// The currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<CurrencyCode>,
    /// The language of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl DisbursementStatus {
    /// `status` of the payment `reference`, as of `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            status,
            status_reason_code: None,
            status_reason_message: None,
            instruction: None,
            amount: None,
            payer_fa: None,
            payer_name: None,
            payee_fa: None,
            payee_name: None,
            currency_code: None,
            locale: None,
            other: Object::default(),
        }
    }

    /// `status` of `payment`, as of `at`, with its amount and currency.
    #[must_use]
    pub fn of(payment: &Disbursement, at: impl Into<Timestamp>, status: Status) -> Self {
        Self {
            amount: Some(payment.amount.clone()),
            currency_code: payment.currency_code.clone(),
            ..Self::new(payment.reference_id.clone(), at, status)
        }
    }

    /// The rejection of the payment `reference`.
    #[must_use]
    pub fn rejected(
        reference: ReferenceId,
        at: impl Into<Timestamp>,
        reason: DisburseReason,
    ) -> Self {
        Self {
            status_reason_code: Some(reason),
            ..Self::new(reference, at, Status::Rejected)
        }
    }

    fn check_money(&self, asked: &Disbursement) -> Result<(), Fault> {
        if self
            .amount
            .as_ref()
            .is_some_and(|amount| *amount != asked.amount)
        {
            return Err(Fault::field("amount", Rule::WrongAnswer));
        }
        match (&self.currency_code, &asked.currency_code) {
            (Some(said), Some(asked)) if said != asked => {
                Err(Fault::field("currency_code", Rule::WrongAnswer))
            }
            _ => Ok(()),
        }
    }
}

impl Message for DisburseResponse {
    type Header = ReplyHeader;
    const ACTION: Action = Action::OnDisburse;
    const ANSWERS: Option<Action> = Some(Action::Disburse);
    const ALSO: &'static [Action] = &[Action::OnSearch];

    fn count(&self) -> usize {
        self.disbursements_status.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for DisburseResponse {
    type Item = DisbursementStatus;
    type Reason = DisburseReason;
    const ITEMS: &'static str = "disbursements_status";

    fn items(&self) -> &[DisbursementStatus] {
        &self.disbursements_status
    }

    fn items_mut(&mut self) -> &mut Vec<DisbursementStatus> {
        &mut self.disbursements_status
    }

    fn reference(item: &DisbursementStatus) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> DisburseReason {
        DisburseReason::of(fault)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn an_answer_of_another_amount_answers_something_else() {
        let address = |text| Address::new(text).unwrap();
        let payment = |id: &str, money: &str| {
            let (payer, payee) = (address("account:1@treasury"), address("token:1@nid"));
            let reference = ReferenceId::new(id).unwrap();
            Disbursement::of_money(reference, payer, payee, money.parse().unwrap()).unwrap()
        };
        let transaction = || TransactionId::new("t").unwrap();
        let asked = [payment("1", "10.50 KES"), payment("2", "7.00 KES")];
        let request = DisburseRequest::new(transaction(), asked.into());
        let checked = |answered: &str| {
            let first = payment("1", "10.50 KES");
            let items = [first, payment("2", answered)].map(|payment| {
                DisbursementStatus::of(&payment, DateTime::UNIX_EPOCH, Status::Succeeded)
            });
            DisburseResponse::new(transaction(), None, items.into())
                .check_answers(&request, None)
                .map_err(|fault| fault.to_string())
        };
        let wrong = |field: &str| {
            Err(format!(
                "`disbursements_status[1].{field}` must be that of the request"
            ))
        };
        assert_eq!(checked("7.00 KES"), Ok(()));
        assert_eq!(checked("7.01 KES"), wrong("amount"));
        assert_eq!(checked("7 UGX"), wrong("currency_code"));
    }

    #[test]
    fn nothing_of_the_payee_is_shown() {
        let reference = ReferenceId::new("1").unwrap();
        let mut status = DisbursementStatus::new(reference, DateTime::UNIX_EPOCH, Status::Pending);
        status.payee_fa = Some(Address::new("token:77777@nid").unwrap().into());
        status.payee_name = Some("Xanthippe".into());
        status.instruction = Some(Note::new("Xanthippe, 77777").unwrap());
        let shown = format!("{status:?}");
        assert!(
            !shown.contains("77777") && !shown.contains("Xanthippe"),
            "{shown}"
        );
    }
}
