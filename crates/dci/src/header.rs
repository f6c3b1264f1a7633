use serde::{Deserialize, Serialize, de::DeserializeOwned};
use solidarity_signing::{MessageId, PartyId};

use crate::json::Object;
use crate::{Action, HeaderReason, Note, Timestamp, Url, Version, names};

/// How far a request has come (`RequestStatus`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[expect(
    clippy::exhaustive_enums,
    reason = "what is not known is taken neither for done nor for rejected"
)]
pub enum Status {
    /// Received.
    #[serde(rename = "rcvd")]
    Received,
    /// Under way.
    #[serde(rename = "pdng")]
    Pending,
    /// Done.
    #[serde(rename = "succ")]
    Succeeded,
    /// Not done, and it will not be.
    #[serde(rename = "rjct")]
    Rejected,
}

/// The header of a request (`MsgHeader_V1.0.0`).
///
/// The message beside it fixes `action` and `total_count` when it is written,
/// so nobody gives them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RequestHeader {
    /// The version of the protocol; 1.0.0 if it is not given.
    #[serde(default, deserialize_with = "names::or_default")]
    pub version: Version,
    /// The message, among its sender's messages.
    #[serde(with = "names")]
    pub message_id: MessageId,
    /// When it was sent.
    pub message_ts: Timestamp,
    /// What is asked for.
    pub action: Action,
    /// Who sends it.
    #[serde(with = "names")]
    pub sender_id: PartyId,
    /// Where the answer goes, unless it was agreed on before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_uri: Option<Url>,
    /// Whom it is for.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "names::optional"
    )]
    pub receiver_id: Option<PartyId>,
    /// How many requests the message holds.
    pub total_count: u32,
    /// Whether the message is an
    /// [`EncryptedMessage`](crate::EncryptedMessage).
    #[serde(default, deserialize_with = "names::or_default")]
    pub is_msg_encrypted: bool,
    /// What intermediaries may read. The standard asks that it keep privacy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Object>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl RequestHeader {
    /// The header of the message `id`, sent by `sender` at `at`.
    #[must_use]
    pub fn new(id: MessageId, at: impl Into<Timestamp>, sender: PartyId) -> Self {
        Self {
            version: Version::V1_0_0,
            message_id: id,
            message_ts: at.into(),
            action: Action::Search,
            sender_id: sender,
            sender_uri: None,
            receiver_id: None,
            total_count: 0,
            is_msg_encrypted: false,
            meta: None,
            other: Object::default(),
        }
    }

    /// The same, to `receiver`.
    #[must_use]
    pub fn to(mut self, receiver: PartyId) -> Self {
        self.receiver_id = Some(receiver);
        self
    }

    /// The same, to be answered at `url`.
    #[must_use]
    pub fn answered_at(mut self, url: Url) -> Self {
        self.sender_uri = Some(url);
        self
    }
}

/// The header of a reply or a notification (`MsgCallbackHeader_V1.0.0`).
///
/// It is written with all that the header of a request requires too, because
/// the standard declares that one for `on-subscribe` and `on-unsubscribe`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ReplyHeader {
    /// The version of the protocol; 1.0.0 if it is not given.
    #[serde(default, deserialize_with = "names::or_default")]
    pub version: Version,
    /// The message, among its sender's messages.
    #[serde(with = "names")]
    pub message_id: MessageId,
    /// When it was sent.
    pub message_ts: Timestamp,
    /// What is answered.
    pub action: Action,
    /// How far the whole request has come. `on-subscribe` and `on-unsubscribe`
    /// may lack it; the others are refused without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_code: Option<HeaderReason>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason_message: Option<Note>,
    /// How many requests the message was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u32>,
    /// How many of them are done or rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_count: Option<u32>,
    /// Who sends it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "names::optional"
    )]
    pub sender_id: Option<PartyId>,
    /// Whom it is for.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "names::optional"
    )]
    pub receiver_id: Option<PartyId>,
    /// Whether the message is an
    /// [`EncryptedMessage`](crate::EncryptedMessage).
    #[serde(default, deserialize_with = "names::or_default")]
    pub is_msg_encrypted: bool,
    /// What intermediaries may read. The standard asks that it keep privacy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Object>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl ReplyHeader {
    /// The header of the message `id`, sent by `sender` at `at`, which says
    /// `status` of the whole request.
    #[must_use]
    pub fn new(id: MessageId, at: impl Into<Timestamp>, sender: PartyId, status: Status) -> Self {
        Self {
            version: Version::V1_0_0,
            message_id: id,
            message_ts: at.into(),
            action: Action::OnSearch,
            status: Some(status),
            status_reason_code: None,
            status_reason_message: None,
            total_count: None,
            completed_count: None,
            sender_id: Some(sender),
            receiver_id: None,
            is_msg_encrypted: false,
            meta: None,
            other: Object::default(),
        }
    }

    /// The same, to `receiver`.
    #[must_use]
    pub fn to(mut self, receiver: PartyId) -> Self {
        self.receiver_id = Some(receiver);
        self
    }

    /// The same, rejected for `reason`.
    #[must_use]
    pub fn rejected_for(mut self, reason: HeaderReason) -> Self {
        self.status = Some(Status::Rejected);
        self.status_reason_code = Some(reason);
        self
    }
}

/// One of the two headers: what both have.
pub trait Header: Clone + Serialize + DeserializeOwned + sealed::Sealed {
    /// The version of the protocol.
    fn version(&self) -> &Version;
    /// The message, among its sender's messages.
    fn message_id(&self) -> &MessageId;
    /// When it was sent.
    fn message_ts(&self) -> Timestamp;
    /// What is asked for or answered.
    fn action(&self) -> Action;
    /// Who sends it, if it says so.
    fn sender_id(&self) -> Option<&PartyId>;
    /// Whom it is for, if it says so.
    fn receiver_id(&self) -> Option<&PartyId>;
    /// How many requests the message is about, if it says so.
    fn total_count(&self) -> Option<u32>;
    /// Whether the message is encrypted.
    fn is_msg_encrypted(&self) -> bool;
}

pub(crate) mod sealed {
    /// What a message fixes of its header.
    pub trait Sealed {
        /// Whether `total_count` is the number of items beside it.
        const COUNTS_ITEMS: bool;

        /// Whether it lacks the status that a reply has.
        fn lacks_status(&self) -> bool {
            false
        }

        fn settle(&mut self, action: super::Action, count: u32, encrypted: bool);
    }
}

impl Header for RequestHeader {
    fn version(&self) -> &Version {
        &self.version
    }
    fn message_id(&self) -> &MessageId {
        &self.message_id
    }
    fn message_ts(&self) -> Timestamp {
        self.message_ts
    }
    fn action(&self) -> Action {
        self.action
    }
    fn sender_id(&self) -> Option<&PartyId> {
        Some(&self.sender_id)
    }
    fn receiver_id(&self) -> Option<&PartyId> {
        self.receiver_id.as_ref()
    }
    fn total_count(&self) -> Option<u32> {
        Some(self.total_count)
    }
    fn is_msg_encrypted(&self) -> bool {
        self.is_msg_encrypted
    }
}

impl sealed::Sealed for RequestHeader {
    const COUNTS_ITEMS: bool = true;

    fn settle(&mut self, action: Action, count: u32, encrypted: bool) {
        self.action = action;
        self.total_count = count;
        self.is_msg_encrypted = encrypted;
    }
}

impl Header for ReplyHeader {
    fn version(&self) -> &Version {
        &self.version
    }
    fn message_id(&self) -> &MessageId {
        &self.message_id
    }
    fn message_ts(&self) -> Timestamp {
        self.message_ts
    }
    fn action(&self) -> Action {
        self.action
    }
    fn sender_id(&self) -> Option<&PartyId> {
        self.sender_id.as_ref()
    }
    fn receiver_id(&self) -> Option<&PartyId> {
        self.receiver_id.as_ref()
    }
    fn total_count(&self) -> Option<u32> {
        self.total_count
    }
    fn is_msg_encrypted(&self) -> bool {
        self.is_msg_encrypted
    }
}

impl sealed::Sealed for ReplyHeader {
    /// An answer may come in several messages, each with a part of the items.
    const COUNTS_ITEMS: bool = false;

    fn lacks_status(&self) -> bool {
        self.status.is_none()
    }

    fn settle(&mut self, action: Action, count: u32, encrypted: bool) {
        self.action = action;
        self.total_count.get_or_insert(count);
        self.is_msg_encrypted = encrypted;
    }
}
