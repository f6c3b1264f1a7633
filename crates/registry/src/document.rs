use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::limits::LINE_MAX_BYTES;
use solidarity_core::{Invalid, Pii, check_text, exposed};

use crate::entity::check_day;

solidarity_core::code! {
    /// Who issues an identifier, and which: `urn:example:national-id`.
    pub struct IdentifierScheme;
}

/// How it was found out that a document says what the register says.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HowVerified {
    /// It was not: the person said so, which is enough to be registered.
    SelfDeclared,
    /// Somebody whom the community knows said so.
    Vouched,
    /// An officer saw the document.
    Seen,
    /// A machine read the document.
    Scanned,
    /// Whoever issued the document confirmed it.
    WithIssuer,
    /// A biometric of the person matched that of the document.
    Biometric,
}

/// A document or number by which a person is known.
///
/// Nobody needs one to be registered, and two people may hold the same: people
/// share documents, and clerks err.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IdentityDocument {
    /// Which identifier it is.
    pub scheme: IdentifierScheme,
    /// The identifier, as written on the document, at most [`LINE_MAX_BYTES`].
    #[serde(with = "exposed")]
    pub value: Pii<String>,
    /// The first day on which it is good, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<NaiveDate>,
    /// The last day on which it is good, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// How it was verified.
    pub verified: HowVerified,
    /// When it was verified, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_on: Option<NaiveDate>,
}

impl IdentityDocument {
    /// The identifier `value` of `scheme`, by the person's own word.
    pub fn new(scheme: IdentifierScheme, value: impl Into<String>) -> Self {
        Self {
            scheme,
            value: Pii::new(value.into()),
            issued_on: None,
            expires_on: None,
            verified: HowVerified::SelfDeclared,
            verified_on: None,
        }
    }

    /// The same, verified on `day`.
    #[must_use]
    pub const fn verified(mut self, how: HowVerified, day: NaiveDate) -> Self {
        self.verified = how;
        self.verified_on = Some(day);
        self
    }

    /// The same, good until `day`, that day included.
    #[must_use]
    pub const fn expires_on(mut self, day: NaiveDate) -> Self {
        self.expires_on = Some(day);
        self
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        check_text("document value", self.value.expose(), LINE_MAX_BYTES)?;
        for day in [self.issued_on, self.expires_on, self.verified_on]
            .into_iter()
            .flatten()
        {
            check_day("document date", day)?;
        }
        match (self.issued_on, self.expires_on) {
            (Some(issued), Some(expires)) if expires < issued => Err(Invalid::new(
                "document expiry",
                "must not be before it is issued",
            )),
            _ => Ok(()),
        }
    }
}
