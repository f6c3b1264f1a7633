//! `POST /disburse/txn/status`, `POST /disburse/sync/txn/status`:
//! `TxnStatusRequest`.

use serde::{Deserialize, Serialize};

use crate::header::RequestHeader;
use crate::json::{Object, Read};
use crate::leniency::Seen;
use crate::message::Message;
use crate::txn::{Sought, TxnAttribute, TxnValue};
use crate::{Action, Deviation, Fault, Leniency, Locale, ReferenceId, TransactionId};

/// The question how far earlier requests have come.
///
/// ```
/// use solidarity_dci::disburse::{Sought, TxnStatusCriteria, TxnStatusRequest, TxnType};
/// use solidarity_dci::{ReferenceId, TransactionId};
///
/// let sought = Sought::Transaction(TransactionId::new("t-1")?);
/// let criteria = TxnStatusCriteria::new(ReferenceId::new("1")?, TxnType::Disburse, &sought);
/// let message = TxnStatusRequest::new(TransactionId::new("t-2")?, criteria);
/// assert_eq!(
///     serde_json::to_value(&message).unwrap()["txnstatus_request"],
///     serde_json::json!({
///         "reference_id": "1", "txn_type": "disburse",
///         "attribute_type": "transaction_id", "attribute_value": "t-1",
///     })
/// );
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TxnStatusRequest {
    /// The business transaction in which it is asked.
    pub transaction_id: TransactionId,
    /// The question: one, not a list.
    pub txnstatus_request: TxnStatusCriteria,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl TxnStatusRequest {
    /// The question `criteria`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, criteria: TxnStatusCriteria) -> Self {
        Self {
            transaction_id: transaction,
            txnstatus_request: criteria,
            other: Object::default(),
        }
    }
}

/// Which requests are asked about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TxnStatusCriteria {
    /// The question, as its sender names it.
    pub reference_id: ReferenceId,
    /// What the requests were.
    pub txn_type: TxnType,
    attribute_type: TxnAttribute,
    attribute_value: TxnValue,
    /// The language of the answer's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl TxnStatusCriteria {
    /// The question `reference`, for the requests of type `txn_type` that
    /// `sought` names.
    #[must_use]
    pub fn new(reference: ReferenceId, txn_type: TxnType, sought: &Sought) -> Self {
        Self {
            reference_id: reference,
            txn_type,
            attribute_type: sought.attribute(),
            attribute_value: sought.value(),
            locale: None,
            other: Object::default(),
        }
    }

    /// By what the requests are named.
    #[must_use]
    pub const fn attribute_type(&self) -> TxnAttribute {
        self.attribute_type
    }

    /// The requests, read as `attribute_type` says, never by its
    /// shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is none of that type, or asks of more requests than
    /// [`ITEMS_MAX`](crate::limits::ITEMS_MAX).
    pub fn sought(&self, leniency: &Leniency) -> Result<Read<Sought>, Fault> {
        Sought::read(self.attribute_type, &self.attribute_value, leniency)
    }
}

/// What the requests were.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TxnType {
    /// Payments.
    Disburse,
    /// Searches for payments.
    Search,
}

impl Message for TxnStatusRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::TxnStatus;
    const ALSO: &'static [Action] = &[
        Action::OnDisburse,
        Action::OnSearch,
        Action::Search,
        Action::Subscribe,
    ];

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let sought = self.txnstatus_request.sought(leniency);
        let met = sought.map(|sought| sought.deviations);
        met.seen_from_field("txnstatus_request")
    }
}
