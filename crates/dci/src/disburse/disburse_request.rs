//! `POST /disburse`, `POST /disburse/sync/disburse`: `DisburseRequest`.

use serde::{Deserialize, Serialize};
use solidarity_core::{Money, Pii, exposed};

use super::{Amount, CurrencyCode, DisburseReason, ShortNote};
use crate::header::RequestHeader;
use crate::json::Object;
use crate::mapper::Address;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, Deviation, Fault, Leniency, Locale, Note, ReferenceId, Rule, Timestamp, TransactionId,
};

/// Payments to make, each answered on its own.
///
/// ```
/// use solidarity_dci::disburse::{DisburseRequest, Disbursement};
/// use solidarity_dci::mapper::Address;
/// use solidarity_dci::{ReferenceId, TransactionId};
///
/// let payer = Address::new("account:1@treasury")?;
/// let payee = Address::new("token:12345@national-id")?;
/// let item = Disbursement::of_money(ReferenceId::new("1")?, payer, payee, "10.50 KES".parse()?)?;
/// let message = DisburseRequest::new(TransactionId::new("t-1")?, vec![item]);
/// assert_eq!(
///     serde_json::to_value(&message)?["disbursements"][0],
///     serde_json::json!({
///         "reference_id": "1", "payer_fa": "account:1@treasury",
///         "payee_fa": "token:12345@national-id", "amount": "10.50", "currency_code": "KES",
///     })
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisburseRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The payments. The standard's schema requires `disburemsents` (sic),
    /// which it does not have.
    pub disbursements: Vec<Disbursement>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl DisburseRequest {
    /// `items`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, items: Vec<Disbursement>) -> Self {
        Self {
            transaction_id: transaction,
            disbursements: items,
            other: Object::default(),
        }
    }
}

/// One payment, at once or at a time to come.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Disbursement {
    /// The payment, as its sender names it.
    pub reference_id: ReferenceId,
    /// The account that pays.
    #[serde(with = "exposed")]
    pub payer_fa: Pii<Address>,
    /// The account that is paid.
    #[serde(with = "exposed")]
    pub payee_fa: Pii<Address>,
    /// How much.
    pub amount: Amount,
    /// When; at once, if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_timestamp: Option<Timestamp>,
    /// The name of the account that pays, often that of a programme.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub payer_name: Option<Pii<String>>,
    /// The name of the person who is paid.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub payee_name: Option<Pii<String>>,
    /// What payer and payee read on their statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<ShortNote>,
    /// What the payment is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<ShortNote>,
    /// What the systems between are to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<Note>,
    /// What else both sides agreed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Object>,
    /// The currency. It may be left out; then both sides know it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<CurrencyCode>,
    /// The language of the answer's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl Disbursement {
    /// The payment `reference`, of `amount` in the currency that both sides
    /// know. [`of_money`](Self::of_money) says the currency too.
    #[must_use]
    pub fn new(
        reference: ReferenceId,
        payer_fa: Address,
        payee_fa: Address,
        amount: Amount,
    ) -> Self {
        Self {
            reference_id: reference,
            payer_fa: payer_fa.into(),
            payee_fa: payee_fa.into(),
            amount,
            scheduled_timestamp: None,
            payer_name: None,
            payee_name: None,
            note: None,
            purpose: None,
            instruction: None,
            meta: None,
            currency_code: None,
            locale: None,
            other: Object::default(),
        }
    }

    /// The payment `reference`, of `money`.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAnAmount`] if the standard has no way to write so much, or so
    /// small a part.
    pub fn of_money(
        reference: ReferenceId,
        payer_fa: Address,
        payee_fa: Address,
        money: Money,
    ) -> Result<Self, Rule> {
        Ok(Self {
            currency_code: Some(money.currency().into()),
            ..Self::new(reference, payer_fa, payee_fa, Amount::of(money)?)
        })
    }

    /// How much of which currency.
    ///
    /// # Errors
    ///
    /// [`Fault`]: at `currency_code` if it is not given or there is none such,
    /// at `amount` if it has decimals that the currency has not.
    pub fn money(&self) -> Result<Money, Fault> {
        let code = self.currency_code.as_ref();
        let code = code.ok_or_else(|| Fault::field("currency_code", Rule::Required))?;
        let currency = code
            .currency()
            .map_err(|rule| Fault::field("currency_code", rule))?;
        self.amount
            .money(currency)
            .map_err(|rule| Fault::field("amount", rule))
    }
}

impl Message for DisburseRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Disburse;
    const ALSO: &'static [Action] = &[Action::Search];

    fn count(&self) -> usize {
        self.disbursements.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

impl Batch for DisburseRequest {
    type Item = Disbursement;
    type Reason = DisburseReason;
    const ITEMS: &'static str = "disbursements";

    fn items(&self) -> &[Disbursement] {
        &self.disbursements
    }

    fn items_mut(&mut self) -> &mut Vec<Disbursement> {
        &mut self.disbursements
    }

    fn reference(item: &Disbursement) -> &ReferenceId {
        &item.reference_id
    }

    fn check_item(item: &Disbursement, _: &Leniency) -> Result<Vec<Deviation>, Fault> {
        match item.currency_code {
            Some(_) => item.money().map(|_| Vec::new()),
            None => Ok(Vec::new()),
        }
    }

    fn reason(fault: &Fault) -> DisburseReason {
        DisburseReason::of(fault)
    }
}
