//! `HttpErrorResponse`, the errors of gateways and of what stands before a
//! system; and the acknowledgement that says the same.

use serde::{Deserialize, Serialize};

use crate::json::Object;
use crate::{Ack, AckMessage, CorrelationId, ErrorCode, Note, Term, Timestamp};

/// What a gateway says: errors of HTTP, which are no acknowledgement.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HttpErrorResponse {
    /// The errors. The standard lets them be left out.
    #[serde(default)]
    pub errors: Vec<HttpError>,
    /// What a partner adds.
    #[serde(flatten)]
    pub other: Object,
}

impl HttpErrorResponse {
    /// `errors`.
    #[must_use]
    pub fn new(errors: Vec<HttpError>) -> Self {
        Self {
            errors,
            other: Object::default(),
        }
    }
}

/// One error of HTTP.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HttpError {
    /// Its code, from no list of the standard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Term>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Note>,
    /// What a partner adds.
    #[serde(flatten)]
    pub other: Object,
}

impl HttpError {
    /// The error `code`.
    #[must_use]
    pub fn new(code: Term, message: Option<Note>) -> Self {
        Self {
            code: Some(code),
            message,
            other: Object::default(),
        }
    }
}

/// An acknowledgement that refuses, with the errors of HTTP beside it: what a
/// system sends with a status of 4xx or 5xx.
///
/// The standard's document for those statuses is [`HttpErrorResponse`];
/// deployed clients look for an [`Ack`]. This is both.
///
/// ```
/// use chrono::DateTime;
/// use solidarity_dci::{CorrelationId, ErrorCode, platform::ErrorEnvelope};
///
/// let correlation = CorrelationId::new("c-1")?;
/// let error = ErrorEnvelope::new(correlation, DateTime::UNIX_EPOCH, ErrorCode::Unauthorized, None);
/// assert_eq!(error.status(), 401);
/// assert_eq!(
///     serde_json::to_value(&error).unwrap(),
///     serde_json::json!({
///         "message": {
///             "ack_status": "ERR", "timestamp": "1970-01-01T00:00:00Z",
///             "error": {"code": "err.request.unauthorized"}, "correlation_id": "c-1",
///         },
///         "errors": [{"code": "err.request.unauthorized"}],
///     })
/// );
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ErrorEnvelope {
    /// The acknowledgement.
    pub message: AckMessage,
    /// The same, as errors of HTTP.
    #[serde(default)]
    pub errors: Vec<HttpError>,
    /// What a partner adds.
    #[serde(flatten)]
    pub other: Object,
}

impl ErrorEnvelope {
    /// The refusal for `code`, made at `at`.
    #[must_use]
    pub fn new(
        correlation: CorrelationId,
        at: impl Into<Timestamp>,
        code: ErrorCode,
        message: Option<Note>,
    ) -> Self {
        Ack::refused(correlation, at, code, message).into()
    }

    /// The status of HTTP that goes with it. A code that the standard does not
    /// list, and none, are a bad request.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match &self.message.error.code {
            Some(
                ErrorCode::Unauthorized | ErrorCode::SignatureMissing | ErrorCode::SignatureInvalid,
            ) => 401,
            Some(ErrorCode::Forbidden) => 403,
            Some(ErrorCode::NotFound) => 404,
            Some(ErrorCode::Timeout) => 408,
            Some(ErrorCode::TooManyRequests) => 429,
            Some(ErrorCode::ServiceUnavailable) => 503,
            _ => 400,
        }
    }
}

impl From<Ack> for ErrorEnvelope {
    /// The acknowledgement, and its error once more.
    fn from(ack: Ack) -> Self {
        let error = &ack.message.error;
        let code = error.code.as_ref().map(|code| Term::new(code.as_str()));
        let errors = match code {
            Some(Ok(code)) => vec![HttpError::new(code, error.message.clone())],
            _ => Vec::new(),
        };
        Self {
            message: ack.message,
            errors,
            other: ack.other,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{AckStatus, Leniency};

    #[test]
    fn every_code_has_a_status_of_an_error() {
        let status = |code: &ErrorCode| {
            let correlation = CorrelationId::new("c-1").unwrap();
            ErrorEnvelope::new(correlation, DateTime::UNIX_EPOCH, code.clone(), None).status()
        };
        let statuses: Vec<_> = ErrorCode::ALL.iter().map(status).collect();
        let expected = [
            400, 401, 403, 404, 408, 400, 429, 400, 400, 400, 401, 401, 400, 503,
        ];
        assert_eq!(statuses, expected);
    }

    #[test]
    fn what_is_sent_is_read_as_either_of_the_two() {
        let correlation = CorrelationId::new("c-1").unwrap();
        let note = Note::new("a token is needed").unwrap();
        let code = ErrorCode::Unauthorized;
        let sent = ErrorEnvelope::new(correlation, DateTime::UNIX_EPOCH, code.clone(), Some(note));
        let json = serde_json::to_vec(&sent).unwrap();
        let strict = Leniency::none();
        let ack = super::super::read::<Ack>(&json, &strict).unwrap().value;
        assert_eq!(
            (ack.message.ack_status, ack.message.error.code),
            (AckStatus::Err, Some(code))
        );
        let errors = super::super::read::<HttpErrorResponse>(&json, &strict)
            .unwrap()
            .value;
        assert_eq!(errors.errors, sent.errors);
        assert_eq!(
            super::super::read::<ErrorEnvelope>(&json, &strict)
                .unwrap()
                .value,
            sent
        );
    }
}
