//! `POST /registry/sync/enrollment/updates`: `EnrollmentUpdatesRequest`.

use serde::{Deserialize, Serialize};

use crate::header::ReplyHeader;
use crate::json::Object;
use crate::message::Message;
use crate::{Action, TransactionId};

/// Who was enrolled in a programme, or whose enrolment changed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnrollmentUpdatesRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// Who.
    pub enrolled_updates: EnrolledUpdates,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl EnrollmentUpdatesRequest {
    /// `updates`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, updates: EnrolledUpdates) -> Self {
        Self {
            transaction_id: transaction,
            enrolled_updates: updates,
            other: Object::default(),
        }
    }
}

/// Beneficiaries who are new, or whose enrolment changed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnrolledUpdates {
    /// The beneficiaries, as records of the registry.
    #[serde(default)]
    pub beneficiaries: Vec<Object>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl EnrolledUpdates {
    /// `beneficiaries`.
    #[must_use]
    pub fn new(beneficiaries: Vec<Object>) -> Self {
        Self {
            beneficiaries,
            other: Object::default(),
        }
    }
}

/// It is told like an event, under the header of one.
impl Message for EnrollmentUpdatesRequest {
    type Header = ReplyHeader;
    const ACTION: Action = Action::Notify;

    fn count(&self) -> usize {
        self.enrolled_updates.beneficiaries.len()
    }
}
