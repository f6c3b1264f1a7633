use chrono::{DateTime, Utc};
use solidarity_signing::Admission;

use crate::{Ack, CorrelationId, ErrorCode, Fault, HeaderReason, Malformed, Note, Rule};

/// Why a message is not taken, with the standard's codes for it.
///
/// ```
/// use solidarity_dci::{ErrorCode, HeaderReason, Incoming};
///
/// let refusal = Incoming::parse(b"{\"header\":", None).unwrap_err();
/// assert_eq!(refusal.code(), &ErrorCode::BadRequest);
/// assert_eq!(refusal.to_string(), "err.request.bad: the message must not end before it is whole");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}: {fault}")]
pub struct Refusal {
    code: ErrorCode,
    reason: Option<HeaderReason>,
    fault: Fault,
}

impl Refusal {
    /// The code for an [acknowledgement](Ack).
    #[must_use]
    pub const fn code(&self) -> &ErrorCode {
        &self.code
    }

    /// The code for the header of a reply, where the standard has one: for
    /// `sync` requests, and for partners that are told so later.
    #[must_use]
    pub const fn reason(&self) -> Option<&HeaderReason> {
        self.reason.as_ref()
    }

    /// The field, and the rule that it breaks.
    #[must_use]
    pub const fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The acknowledgement that says so, under `correlation`.
    #[must_use]
    pub fn acknowledge(&self, correlation: CorrelationId, now: DateTime<Utc>) -> Ack {
        let message = Note::new(self.fault.to_string()).ok();
        Ack::refused(correlation, now, self.code.clone(), message)
    }

    /// Why a message is not acted on that a guard does not admit; `None` if it
    /// is [fresh](Admission::Fresh).
    ///
    /// ```
    /// use solidarity_dci::{HeaderReason, Refusal};
    /// use solidarity_signing::Admission;
    ///
    /// assert!(Refusal::of(Admission::Fresh).is_none());
    /// let again = Refusal::of(Admission::AlreadyTaken).unwrap();
    /// assert_eq!(again.reason(), Some(&HeaderReason::MessageIdDuplicate));
    /// ```
    #[must_use]
    pub fn of(admission: Admission) -> Option<Self> {
        let (field, rule) = match admission {
            Admission::Fresh => return None,
            Admission::AlreadyTaken => ("message_id", Rule::Duplicate),
            Admission::TooOld | Admission::FromTheFuture => ("message_ts", Rule::WrongTime),
        };
        Some(Fault::field(field, rule).within_field("header").into())
    }

    /// Nothing that can be decrypted, or nothing that was.
    pub(crate) const fn of_encryption(fault: Fault) -> Self {
        Self {
            code: ErrorCode::EncryptionInvalid,
            reason: None,
            fault,
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Fault::new(Rule::Malformed(malformed)).into()
    }
}

impl From<Fault> for Refusal {
    /// The codes for a message that breaks a rule as `fault` says, seen from
    /// the whole message.
    fn from(fault: Fault) -> Self {
        let mut fields = fault.path().fields();
        let (code, reason) = match (fields.next(), fields.next()) {
            (Some("signature"), _) => (of_signature(fault.rule()), None),
            (Some("header"), Some(field)) => of_header(field, fault.rule()),
            _ => (ErrorCode::BadRequest, of_message(fault.rule())),
        };
        drop(fields);
        Self {
            code,
            reason,
            fault,
        }
    }
}

fn of_signature(rule: Rule) -> ErrorCode {
    match rule {
        Rule::NotSigned => ErrorCode::SignatureMissing,
        Rule::WrongSender => ErrorCode::SenderIdInvalid,
        _ => ErrorCode::SignatureInvalid,
    }
}

fn of_header(field: &str, rule: Rule) -> (ErrorCode, Option<HeaderReason>) {
    let bad = |reason| (ErrorCode::BadRequest, Some(reason));
    match field {
        "version" => (
            ErrorCode::VersionNotSupported,
            Some(HeaderReason::VersionInvalid),
        ),
        "message_id" if rule == Rule::Duplicate => bad(HeaderReason::MessageIdDuplicate),
        "message_ts" => bad(HeaderReason::MessageTsInvalid),
        "action" if rule == Rule::WrongAction => bad(HeaderReason::ActionNotSupported),
        "action" => bad(HeaderReason::ActionInvalid),
        "total_count" if rule == Rule::TooMany => bad(HeaderReason::TotalCountLimitExceeded),
        "total_count" => bad(HeaderReason::TotalCountInvalid),
        "sender_id" => (ErrorCode::SenderIdInvalid, None),
        "sender_uri" => (ErrorCode::SenderUriInvalid, None),
        "receiver_id" => (ErrorCode::ReceiverIdInvalid, None),
        "is_msg_encrypted" => (ErrorCode::EncryptionInvalid, None),
        _ => (ErrorCode::BadRequest, None),
    }
}

fn of_message(rule: Rule) -> Option<HeaderReason> {
    (rule == Rule::TooMany).then_some(HeaderReason::ErrorsTooMany)
}
