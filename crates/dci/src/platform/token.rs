//! `POST /oauth2/client/token`: `OAuth2ClientTokenRequest`,
//! `OAuth2ClientTokenResponse` (RFC 6749, 4.4).

use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::Object;
use crate::text::read;
use crate::{Fault, Rule, Term, spelling};

/// Where tokens are given: `POST`, a form, answered by a [`TokenResponse`].
pub const TOKEN_PATH: &str = "/oauth2/client/token";

/// What a token may be for, by the standard's own list, which it calls
/// indicative. Its example writes `/` for `.`.
pub const SCOPES: &[&str] = &[
    "disburse.disburse",
    "disburse.on-disburse",
    "disburse.status",
    "disburse.on-status",
    "mapper.link",
    "mapper.unlink",
    "mapper.update",
    "mapper.on-update",
    "mapper.resolve",
    "mapper.on-resolve",
    "mapper.status",
    "mapper.on-status",
    "registry.search",
    "registry.on-search",
    "registry.subscribe",
    "registry.on-subscribe",
    "registry.notify",
];

const GRANT_TYPE: &str = "client_credentials";

macro_rules! secrets {
    ($( $(#[$doc:meta])* $name:ident up to $max:literal; )+) => {$(
        $(#[$doc])*
        ///
        /// Visible ASCII. `Debug` does not show it.
        #[derive(Clone)]
        pub struct $name(String);

        impl $name {
            /// The most characters.
            pub const MAX_CHARS: usize = $max;

            /// The secret.
            ///
            /// # Errors
            ///
            /// [`Rule::Empty`], [`Rule::TooLong`], or [`Rule::NotAccepted`] for
            /// anything but visible ASCII.
            pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
                let text = text.into();
                if text.is_empty() {
                    return Err(Rule::Empty);
                }
                if text.len() > Self::MAX_CHARS {
                    return Err(Rule::TooLong);
                }
                if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(Rule::NotAccepted);
                }
                Ok(Self(text))
            }

            /// The secret. Never put it in a log. Compare it in constant time.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )+};
}

secrets! {
    /// What a system proves with that it is itself.
    ClientSecret up to 1_024;
    /// What a system shows with each message: `Authorization: Bearer …`.
    AccessToken up to 16_384;
}

impl Serialize for AccessToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AccessToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NAME, Self::new)
    }
}

/// The request for a token, as a form
/// (`application/x-www-form-urlencoded`).
///
/// ```
/// use solidarity_dci::platform::{ClientSecret, TokenRequest};
/// use solidarity_dci::{Rule, Term};
///
/// let request = TokenRequest::new(Term::new("sp.example")?, ClientSecret::new("not-a-real-one")?)
///     .with_scope(Term::new("registry.search")?)?
///     .with_scope(Term::new("mapper.resolve")?)?;
/// assert_eq!(
///     request.form(),
///     [
///         ("grant_type", "client_credentials".to_owned()),
///         ("client_id", "sp.example".to_owned()),
///         ("client_secret", "not-a-real-one".to_owned()),
///         ("scope", "registry.search mapper.resolve".to_owned()),
///     ]
/// );
/// assert!(!format!("{request:?}").contains("not-a-real-one"));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenRequest {
    /// Who asks, as it was registered.
    pub client_id: Term,
    /// What it proves that with.
    pub client_secret: ClientSecret,
    scope: Vec<Term>,
}

impl TokenRequest {
    /// The request of the system `client`, for what it may do at all.
    #[must_use]
    pub const fn new(client: Term, secret: ClientSecret) -> Self {
        Self {
            client_id: client,
            client_secret: secret,
            scope: Vec::new(),
        }
    }

    /// The same, for `scope` too.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAccepted`] if it is no scope of RFC 6749, 3.3: visible ASCII
    /// but `"` and `\`; [`Rule::TooMany`] beyond 100.
    pub fn with_scope(mut self, scope: Term) -> Result<Self, Rule> {
        let of_scope = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if !scope.as_str().bytes().all(of_scope) {
            return Err(Rule::NotAccepted);
        }
        if self.scope.len() == 100 {
            return Err(Rule::TooMany);
        }
        self.scope.push(scope);
        Ok(self)
    }

    /// What the token is to be for: [`SCOPES`] and others.
    #[must_use]
    pub fn scope(&self) -> &[Term] {
        &self.scope
    }

    /// The fields of the form, before they are escaped. One of them is the
    /// secret.
    #[must_use]
    pub fn form(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("grant_type", GRANT_TYPE.to_owned()),
            ("client_id", self.client_id.as_str().to_owned()),
            ("client_secret", self.client_secret.expose().to_owned()),
        ];
        let scope: Vec<_> = self.scope.iter().map(Term::as_str).collect();
        if !scope.is_empty() {
            fields.push(("scope", scope.join(" ")));
        }
        fields
    }

    /// The request that a form makes, whose fields were unescaped. Fields that
    /// are not known are passed over, as RFC 6749, 3.2 asks.
    ///
    /// # Errors
    ///
    /// [`Fault`]: the field that is missing, there twice, or not as it should
    /// be.
    pub fn from_form<'a>(
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Fault> {
        let mut form = Form::default();
        for (name, value) in fields {
            form.put(name, value)?;
        }
        if required("grant_type", form.grant_type)? != GRANT_TYPE {
            return Err(Fault::field("grant_type", Rule::UnknownValue));
        }
        let client = Term::new(required("client_id", form.client_id)?)
            .map_err(|rule| Fault::field("client_id", rule))?;
        let secret = ClientSecret::new(required("client_secret", form.client_secret)?)
            .map_err(|rule| Fault::field("client_secret", rule))?;
        let mut scopes = form.scope.unwrap_or_default().split_ascii_whitespace();
        scopes
            .try_fold(Self::new(client, secret), |request, scope| {
                request.with_scope(Term::new(scope)?)
            })
            .map_err(|rule| Fault::field("scope", rule))
    }
}

#[derive(Default)]
struct Form<'a> {
    grant_type: Option<&'a str>,
    client_id: Option<&'a str>,
    client_secret: Option<&'a str>,
    scope: Option<&'a str>,
}

impl<'a> Form<'a> {
    fn put(&mut self, name: &str, value: &'a str) -> Result<(), Fault> {
        let (name, field) = match name {
            "grant_type" => ("grant_type", &mut self.grant_type),
            "client_id" => ("client_id", &mut self.client_id),
            "client_secret" => ("client_secret", &mut self.client_secret),
            "scope" => ("scope", &mut self.scope),
            _ => return Ok(()),
        };
        match field.replace(value) {
            None => Ok(()),
            Some(_) => Err(Fault::field(name, Rule::Duplicate)),
        }
    }
}

fn required<'a>(name: &'static str, value: Option<&'a str>) -> Result<&'a str, Fault> {
    value.ok_or_else(|| Fault::field(name, Rule::Required))
}

/// A token, and for how long it is good.
///
/// ```
/// use chrono::TimeDelta;
/// use solidarity_dci::Leniency;
/// use solidarity_dci::platform::{self, TokenResponse};
///
/// let json = br#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"bearer","expires_in":"36000"}"#;
/// let token = platform::read::<TokenResponse>(json, &Leniency::none())?.value;
/// assert!(token.is_bearer());
/// assert_eq!(token.expires_in.map(|expires| expires.delta()), Some(TimeDelta::hours(10)));
/// assert!(!format!("{token:?}").contains("2Yotn"));
/// # Ok::<(), solidarity_dci::Fault>(())
/// ```
#[derive(Clone, Debug, Deserialize, Serialize)]
#[non_exhaustive]
pub struct TokenResponse {
    /// The token.
    pub access_token: AccessToken,
    /// How it is shown: `bearer`.
    pub token_type: Term,
    /// For how long it is good, from when the answer was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<ExpiresIn>,
    /// What else RFC 6749 and partners add, such as `scope`.
    #[serde(flatten)]
    pub other: Object,
}

impl TokenResponse {
    /// A bearer token, good for `expires_in`.
    #[must_use]
    pub fn bearer(token: AccessToken, expires_in: ExpiresIn) -> Self {
        Self {
            access_token: token,
            token_type: Term::fixed("bearer"),
            expires_in: Some(expires_in),
            other: Object::default(),
        }
    }

    /// Whether the token is shown as `Authorization: Bearer …`, in whatever
    /// letters it is written (RFC 6749, 5.1). No other kind may be used by who
    /// does not know it.
    #[must_use]
    pub fn is_bearer(&self) -> bool {
        self.token_type.as_str().eq_ignore_ascii_case("bearer")
    }
}

/// A time to live, in whole seconds.
///
/// It is written as text, `"3600"`, as the standard has it. RFC 6749 has a
/// number, which is read where
/// [`TextAsNumbers`](crate::Tolerance::TextAsNumbers) is tolerated.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ExpiresIn(u32);

impl ExpiresIn {
    /// `delta`, without the part of a second.
    ///
    /// # Errors
    ///
    /// [`Rule::OutOfRange`] below zero or beyond 2^32 - 1 seconds.
    pub fn new(delta: TimeDelta) -> Result<Self, Rule> {
        let seconds = (delta >= TimeDelta::zero()).then(|| delta.num_seconds());
        let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
        seconds.map(Self).ok_or(Rule::OutOfRange)
    }

    /// The time.
    #[must_use]
    pub fn delta(self) -> TimeDelta {
        TimeDelta::seconds(self.0.into())
    }

    fn parse(text: String) -> Result<Self, Rule> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = digits.then(|| text.parse().ok()).flatten();
        seconds.map(Self).ok_or(Rule::OutOfRange)
    }
}

impl Serialize for ExpiresIn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ExpiresIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NAME, Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Leniency, Tolerance};

    fn form<'a>(change: &[(&'a str, &'a str)]) -> Result<TokenRequest, String> {
        let good = [
            ("grant_type", "client_credentials"),
            ("client_id", "sp.example"),
            ("client_secret", "s3cret"),
        ];
        let kept = good
            .iter()
            .filter(|(name, _)| change.iter().all(|(other, _)| other != name));
        let changed = change.iter().filter(|(_, value)| *value != "(none)");
        TokenRequest::from_form(kept.chain(changed).copied()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_form_comes_back_as_it_was_made() {
        let request = form(&[("scope", "registry.search  mapper.link"), ("state", "x")]).unwrap();
        let fields = request.form();
        let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
        let again = TokenRequest::from_form(fields).unwrap();
        assert_eq!(again.form(), request.form());
        assert_eq!(again.scope().len(), 2);
    }

    #[test]
    fn a_form_that_is_no_request_is_refused() {
        for (change, said) in [
            (
                vec![("grant_type", "password")],
                "`grant_type` must be one of the standard's values",
            ),
            (vec![("grant_type", "(none)")], "`grant_type` is required"),
            (vec![("client_id", "(none)")], "`client_id` is required"),
            (
                vec![("client_secret", "(none)")],
                "`client_secret` is required",
            ),
            (
                vec![("client_secret", "a b")],
                "`client_secret` must be what the field takes",
            ),
            (
                vec![("client_secret", "a"), ("client_secret", "b")],
                "`client_secret` must be new",
            ),
            (
                vec![("scope", "a\"b")],
                "`scope` must be what the field takes",
            ),
        ] {
            assert_eq!(form(&change).unwrap_err(), said);
        }
    }

    #[test]
    fn a_scope_with_a_space_is_two_and_so_none() {
        let request = form(&[]).unwrap();
        let two = Term::new("registry.search mapper.link").unwrap();
        assert_eq!(request.with_scope(two).map(drop), Err(Rule::NotAccepted));
    }

    #[test]
    fn a_lifetime_is_text_unless_a_number_is_tolerated() {
        let read = |expires: &str, leniency| {
            let json =
                format!(r#"{{"access_token":"t","token_type":"Bearer","expires_in":{expires}}}"#);
            super::super::read::<TokenResponse>(json.as_bytes(), &leniency)
                .map(|token| token.value.expires_in.unwrap().delta().num_seconds())
                .map_err(|fault| fault.rule())
        };
        let numbers = Leniency::none().with(Tolerance::TextAsNumbers);
        assert_eq!(read(r#""3600""#, Leniency::none()), Ok(3_600));
        assert_eq!(read("3600", Leniency::none()), Err(Rule::WrongType));
        assert_eq!(read("3600", numbers), Ok(3_600));
        for bad in [
            r#""-1""#,
            r#""+1""#,
            r#""1.5""#,
            r#""""#,
            r#""4294967296""#,
            "-1",
            "1.5",
        ] {
            assert_eq!(read(bad, numbers), Err(Rule::OutOfRange), "{bad}");
        }
    }

    #[test]
    fn a_lifetime_is_never_negative() {
        assert_eq!(
            ExpiresIn::new(TimeDelta::milliseconds(-1)),
            Err(Rule::OutOfRange)
        );
        assert_eq!(
            ExpiresIn::new(TimeDelta::seconds(1 << 32)),
            Err(Rule::OutOfRange)
        );
        let kept = ExpiresIn::new(TimeDelta::milliseconds(1_999)).unwrap();
        assert_eq!(serde_json::to_string(&kept).unwrap(), r#""1""#);
    }

    #[test]
    fn a_token_that_would_break_its_header_is_refused() {
        for bad in ["", "a b", "a\r\nX: y", "é"] {
            assert!(AccessToken::new(bad).is_err(), "{bad:?}");
        }
        assert!(AccessToken::new("x".repeat(AccessToken::MAX_CHARS)).is_ok());
        assert!(AccessToken::new("x".repeat(AccessToken::MAX_CHARS + 1)).is_err());
    }
}
