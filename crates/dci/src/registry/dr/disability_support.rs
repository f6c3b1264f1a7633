//! `POST /registry/sync/get-disability-support`:
//! `GetDisabilitySupportRequest`.

use serde::{Deserialize, Serialize};

use super::DisabledCriteria;
use crate::header::RequestHeader;
use crate::json::Object;
use crate::leniency::Seen;
use crate::message::Message;
use crate::{Action, Deviation, Fault, Leniency, TransactionId};

/// Which support does somebody need or receive for a disability?
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GetDisabilitySupportRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// Who.
    pub disabled_criteria: DisabledCriteria,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl GetDisabilitySupportRequest {
    /// The question about `criteria`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, criteria: DisabledCriteria) -> Self {
        Self {
            transaction_id: transaction,
            disabled_criteria: criteria,
            other: Object::default(),
        }
    }
}

impl Message for GetDisabilitySupportRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Search;

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let query = self.disabled_criteria.query(leniency);
        let met = query.map(|query| query.deviations);
        met.seen_from_field("disabled_criteria")
    }
}
