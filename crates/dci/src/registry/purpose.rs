//! `consent` and `authorize`: why somebody's data is asked for
//! (`Consent.jsonld`, `Authorize.jsonld`).

use serde::{Deserialize, Serialize};

use crate::json::Object;
use crate::{Note, Term, Timestamp, Url};

macro_rules! ground {
    ($( $(#[$doc:meta])* $name:ident = $type:literal; )+) => {$(
        $(#[$doc])*
        ///
        /// The standard has no field for whose it is, which one it is, until
        /// when, or for its proof: a reference to a receipt goes into
        /// `purpose.ref_uri`.
        #[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
        #[non_exhaustive]
        pub struct $name {
            /// When it was given.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub ts: Option<Timestamp>,
            /// What for.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub purpose: Option<Purpose>,
            /// `@context`, `@type`, and what a partner adds, such as `id`.
            #[serde(flatten)]
            pub other: Object,
        }

        impl $name {
            /// What was given at `at` for `purpose`.
            #[must_use]
            pub fn new(at: impl Into<Timestamp>, purpose: Purpose) -> Self {
                let kind = serde_json::Value::from($type);
                Self {
                    ts: Some(at.into()),
                    purpose: Some(purpose),
                    other: Object::new([("@type".to_owned(), kind)].into_iter().collect()),
                }
            }
        }
    )+};
}

ground! {
    /// What a person agreed to.
    Consent = "Consent";
    /// What authorises without a person's consent.
    Authorize = "Authorize";
}

/// What data is used for.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Purpose {
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Note>,
    /// From a list that both sides know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Term>,
    /// Where more is said, such as the consent receipt. Written `refUri` by
    /// some.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "refUri")]
    pub ref_uri: Option<Url>,
}

impl Purpose {
    /// The purpose `code`.
    #[must_use]
    pub fn new(code: Term) -> Self {
        Self {
            code: Some(code),
            ..Self::default()
        }
    }
}
