//! `POST /registry/notify`: `NotifyEventRequest`.

use serde::{Deserialize, Serialize};

use super::{Records, SubscribeRequest};
use crate::header::ReplyHeader;
use crate::json::Object;
use crate::message::{Batch, Message, check_items};
use crate::{
    Action, Deviation, Fault, Leniency, Locale, ReferenceId, SubscribeReason, Term, Timestamp,
    TransactionId, Version,
};

/// Events of a register, told to whoever subscribed to them.
///
/// Nothing answers it but an [`Ack`](crate::Ack).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NotifyEventRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// The events.
    pub notify_event: Vec<NotifyEvent>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl NotifyEventRequest {
    /// `events`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, events: Vec<NotifyEvent>) -> Self {
        Self {
            transaction_id: transaction,
            notify_event: events,
            other: Object::default(),
        }
    }
}

/// One event.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NotifyEvent {
    /// The event, as the register names it.
    pub reference_id: ReferenceId,
    /// When it was told.
    pub timestamp: Timestamp,
    /// What happened, and to whom.
    pub data: NotifyData,
    /// The language of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl NotifyEvent {
    /// The event `reference`, told at `at`.
    #[must_use]
    pub fn new(reference: ReferenceId, at: impl Into<Timestamp>, data: NotifyData) -> Self {
        Self {
            reference_id: reference,
            timestamp: at.into(),
            data,
            locale: None,
            other: Object::default(),
        }
    }
}

/// What happened, and to whom.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NotifyData {
    /// The version of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The kind of register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_type: Option<Term>,
    /// The event, such as `REGISTER`, `NewHouseHoldMember` or `LiveBirth`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_event_type: Option<Term>,
    /// The kind of record: `Person`, `Member`, `Group`, …
    pub reg_record_type: Term,
    /// The record: one, unlike the records of a search. A list is read too.
    pub reg_records: Records,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl NotifyData {
    /// `event` happened to the `record` of the kind `record_type`.
    #[must_use]
    pub fn new(event: Term, record_type: Term, record: Object) -> Self {
        Self {
            version: None,
            reg_type: None,
            reg_event_type: Some(event),
            reg_record_type: record_type,
            reg_records: Records::One(record),
            other: Object::default(),
        }
    }
}

impl Message for NotifyEventRequest {
    type Header = ReplyHeader;
    const ACTION: Action = Action::Notify;

    fn count(&self) -> usize {
        self.notify_event.len()
    }

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        check_items(self, leniency)
    }
}

/// The standard has no codes for what is wrong with an event. Those of
/// subscriptions, which name what is notified, are the nearest.
impl Batch for NotifyEventRequest {
    type Item = NotifyEvent;
    type Reason = SubscribeReason;
    const ITEMS: &'static str = "notify_event";

    fn items(&self) -> &[NotifyEvent] {
        &self.notify_event
    }

    fn items_mut(&mut self) -> &mut Vec<NotifyEvent> {
        &mut self.notify_event
    }

    fn reference(item: &NotifyEvent) -> &ReferenceId {
        &item.reference_id
    }

    fn reason(fault: &Fault) -> SubscribeReason {
        SubscribeRequest::reason(fault)
    }
}
