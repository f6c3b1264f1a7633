//! The acknowledgement of a message that is answered later (`Response`): bare,
//! without a header and without a signature.

use serde::{Deserialize, Serialize};

use crate::json::{Object, Path, Read, Reading, parse, read};
use crate::{CorrelationId, ErrorCode, Fault, Leniency, Note, Refusal, Rule, Timestamp, Tolerance};

/// What a receiver says at once to a message that it answers later.
///
/// ```
/// use chrono::DateTime;
/// use solidarity_dci::{Ack, AckStatus, CorrelationId};
///
/// let ack = Ack::accepted(CorrelationId::new("c-1")?, DateTime::UNIX_EPOCH);
/// assert_eq!(
///     serde_json::to_string(&ack).unwrap(),
///     r#"{"message":{"ack_status":"ACK","timestamp":"1970-01-01T00:00:00Z","error":{},"correlation_id":"c-1"}}"#
/// );
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Ack {
    /// What it says.
    pub message: AckMessage,
    /// What a partner adds.
    #[serde(flatten)]
    pub other: Object,
}

/// What an acknowledgement says.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AckMessage {
    /// Whether the message is taken.
    pub ack_status: AckStatus,
    /// When it was looked at.
    pub timestamp: Timestamp,
    /// What is wrong with it. It is always written, empty if nothing is: some
    /// deployed checkers require it, and none takes `null`.
    #[serde(default)]
    pub error: AckError,
    /// What the receiver names the work; the answer bears it too.
    pub correlation_id: CorrelationId,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

/// Whether a message is taken.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(
    clippy::exhaustive_enums,
    reason = "an answer is waited for, or not: nothing is between"
)]
pub enum AckStatus {
    /// It is in order, and an answer follows.
    Ack,
    /// It is in order, and nothing follows.
    Nack,
    /// It is not in order; `error` says why.
    Err,
}

/// What is wrong with a message (`Error`).
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AckError {
    /// The standard's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Note>,
}

impl Ack {
    /// Reads an acknowledgement as it was received, in answer to a message.
    ///
    /// It is bare, so nobody signed it: it says whether an answer is to be
    /// waited for, and nothing that is to be believed.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the body is no acknowledgement, or stands within an
    /// envelope and [`Tolerance::AckInEnvelope`] is not allowed.
    pub fn read(body: &[u8], leniency: &Leniency) -> Result<Read<Self>, Refusal> {
        let tree = parse(body)?;
        let reading = Reading::new(*leniency);
        for field in ["header", "signature"] {
            let path = Path::ROOT;
            if tree.root().get(field).is_some()
                && !reading.allows(Tolerance::AckInEnvelope, &path.field(field))
            {
                return Err(Fault::field(field, Rule::UnknownField).into());
            }
        }
        let value = read(tree.root(), &Path::ROOT, &reading)?;
        Ok(Read {
            value,
            deviations: reading.into_deviations(),
        })
    }

    /// The message is in order, and the answer follows under `correlation`.
    #[must_use]
    pub fn accepted(correlation: CorrelationId, at: impl Into<Timestamp>) -> Self {
        Self::new(AckStatus::Ack, correlation, at)
    }

    /// The message is in order, and nothing follows.
    #[must_use]
    pub fn noted(correlation: CorrelationId, at: impl Into<Timestamp>) -> Self {
        Self::new(AckStatus::Nack, correlation, at)
    }

    /// The message is not in order.
    #[must_use]
    pub fn refused(
        correlation: CorrelationId,
        at: impl Into<Timestamp>,
        code: ErrorCode,
        message: Option<Note>,
    ) -> Self {
        let mut ack = Self::new(AckStatus::Err, correlation, at);
        ack.message.error = AckError {
            code: Some(code),
            message,
        };
        ack
    }

    fn new(status: AckStatus, correlation: CorrelationId, at: impl Into<Timestamp>) -> Self {
        Self {
            message: AckMessage {
                ack_status: status,
                timestamp: at.into(),
                error: AckError::default(),
                correlation_id: correlation,
                other: Object::default(),
            },
            other: Object::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, leniency: Leniency) -> Result<Read<Ack>, Refusal> {
        Ack::read(body.as_bytes(), &leniency)
    }

    #[test]
    fn an_acknowledgement_is_bare_unless_that_is_tolerated() {
        let bare = r#"{"message":{"ack_status":"NACK","timestamp":"1970-01-01T00:00:00Z",
            "correlation_id":"c-1"}}"#;
        let ack = read(bare, Leniency::none()).unwrap();
        assert_eq!(ack.value.message.ack_status, AckStatus::Nack);
        assert!(ack.deviations.is_empty());

        let within = bare.replacen('{', r#"{"header":{"status":"acknowledged"},"#, 1);
        let refusal = read(&within, Leniency::all().without(Tolerance::AckInEnvelope));
        assert_eq!(refusal.unwrap_err().code(), &ErrorCode::BadRequest);
        let ack = read(&within, Leniency::none().with(Tolerance::AckInEnvelope)).unwrap();
        assert_eq!(ack.deviations[0].to_string(), "`header`: AckInEnvelope");
    }

    #[test]
    fn what_is_no_acknowledgement_is_refused() {
        for (body, said) in [
            ("{}", "`message` is required"),
            (r#"{"message":{}}"#, "`message.ack_status` is required"),
            (
                r#"{"message":{"ack_status":"ok"}}"#,
                "`message.ack_status` must be one of the standard's values",
            ),
            (
                "[]",
                "the message must be of the type that the standard gives it",
            ),
            (
                r#"{"message":{"ack_status":"ERR","timestamp":"1970-01-01T00:00:00Z",
                    "correlation_id":"c-1","error":null}}"#,
                "`message.error` must be of the type that the standard gives it",
            ),
        ] {
            let refusal = read(body, Leniency::none()).unwrap_err();
            assert_eq!(refusal.fault().to_string(), said);
        }
    }
}
