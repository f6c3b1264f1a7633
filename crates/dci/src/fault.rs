use std::borrow::Cow;
use std::fmt;

use crate::json::Malformed;

/// Where a message breaks which rule.
///
/// It names fields of the standard and positions, never what a field holds.
///
/// ```
/// use solidarity_dci::{Leniency, json::Object, registry::Sort};
///
/// let sort: Object = serde_json::from_str(r#"{"attribute_name":"birth_date","sort_order":"up"}"#)?;
/// let fault = sort.read::<Sort>(&Leniency::none()).unwrap_err();
/// assert_eq!(fault.to_string(), "`sort_order` must be one of the standard's values");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{path} {rule}")]
pub struct Fault {
    path: FieldPath,
    rule: Rule,
}

impl Fault {
    pub(crate) const fn new(rule: Rule) -> Self {
        Self {
            path: FieldPath(Vec::new()),
            rule,
        }
    }

    pub(crate) fn field(name: &'static str, rule: Rule) -> Self {
        Self::new(rule).within(Step::Field(Cow::Borrowed(name)))
    }

    /// The same, seen from one level above.
    pub(crate) fn within(mut self, step: Step) -> Self {
        self.path.0.push(step);
        self
    }

    pub(crate) fn within_field(self, name: &str) -> Self {
        self.within(Step::Field(Cow::Owned(name.to_owned())))
    }

    pub(crate) fn within_item(self, position: usize) -> Self {
        self.within(Step::Item(position))
    }

    /// The field that breaks it.
    #[must_use]
    pub const fn path(&self) -> &FieldPath {
        &self.path
    }

    /// What it breaks.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }
}

/// The way to a field: `message.search_request[3].timestamp`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FieldPath(Vec<Step>);

/// One step of the way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Field(Cow<'static, str>),
    Item(usize),
}

impl FieldPath {
    /// From the innermost step outwards.
    pub(crate) const fn from_within(steps: Vec<Step>) -> Self {
        Self(steps)
    }

    /// The same, seen from one level above.
    pub(crate) fn within(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    pub(crate) fn into_steps(self) -> Vec<Step> {
        self.0
    }

    /// The names of the fields on the way, from the outside, without the
    /// positions.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().rev().filter_map(|step| match step {
            Step::Field(name) => Some(name.as_ref()),
            Step::Item(_) => None,
        })
    }

    /// Whether the way leads through the field `name`.
    #[must_use]
    pub fn passes(&self, name: &str) -> bool {
        self.fields().any(|field| field == name)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the message");
        }
        f.write_str("`")?;
        for (at, step) in self.0.iter().rev().enumerate() {
            match step {
                Step::Field(name) if at == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(position) => write!(f, "[{position}]")?,
            }
        }
        f.write_str("`")
    }
}

/// A rule that a field breaks, as a verb phrase.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// The bytes are no message.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A field that the standard requires is not there.
    #[error("is required")]
    Required,
    /// An object stands where a string should, and the like.
    #[error("must be of the type that the standard gives it")]
    WrongType,
    /// A number that the field does not take, such as a negative page.
    #[error("must be within the range of the field")]
    OutOfRange,
    /// A field that the standard does not have, where it may change what is
    /// asked for.
    #[error("must not hold a field that the standard does not have")]
    UnknownField,
    /// None of the values that the standard lists.
    #[error("must be one of the standard's values")]
    UnknownValue,
    /// It holds nothing.
    #[error("must not be empty")]
    Empty,
    /// More characters than the standard gives the field.
    #[error("must not be longer than the standard allows")]
    TooLong,
    /// More than [a limit](crate::limits) allows.
    #[error("must not hold more than the limit")]
    TooMany,
    /// Control characters, in a field for one line of text.
    #[error("must not hold control characters")]
    ControlCharacter,
    /// An id of a system or message with anything but visible ASCII.
    #[error("must be 1 to 256 visible ASCII characters")]
    NotAnId,
    /// No time of RFC 3339.
    #[error("must be a time of RFC 3339 with its offset from UTC")]
    NotATime,
    /// No date of RFC 3339.
    #[error("must be a date, or a time, of RFC 3339")]
    NotADate,
    /// No language of ISO 639-3.
    #[error("must be three small letters (ISO 639-3)")]
    NotALocale,
    /// No amount as G2P Connect writes it.
    #[error("must be 1 to 13 digits, a point, and 1 or 2 digits")]
    NotAnAmount,
    /// No currency of ISO 4217.
    #[error("must be three capital letters (ISO 4217)")]
    NotACurrency,
    /// No address as G2P Connect writes it.
    #[error("must be `type:id@provider`")]
    NotAnAddress,
    /// No address of the web.
    #[error("must be an http, https or sftp URL without credentials")]
    NotAUrl,
    /// Nothing that fits what stands beside it, such as a query of another
    /// type than `query_type` says.
    #[error("must be what the field beside it says")]
    DoesNotFit,
    /// It was there before.
    #[error("must be new")]
    Duplicate,
    /// It counts other than what is there.
    #[error("must be how many items there are")]
    WrongCount,
    /// Another version than 1.0.0.
    #[error("must be a version that is spoken here")]
    WrongVersion,
    /// An action of the standard, but not of this message.
    #[error("must be the action of this message")]
    WrongAction,
    /// Too long ago, or from the future.
    #[error("must be of about now")]
    WrongTime,
    /// Not whom the message comes from.
    #[error("must be the partner whose message it is")]
    WrongSender,
    /// Not whom the message goes to.
    #[error("must be who receives the message")]
    WrongReceiver,
    /// An answer to something else.
    #[error("must be that of the request")]
    WrongAnswer,
    /// Encrypted where plain text was asked for, or the other way round.
    #[error("must say whether the message is encrypted")]
    WrongEncryption,
    /// No signature, where the partner has to sign.
    #[error("must be signed")]
    NotSigned,
    /// The text that the standard gives as an example of a signature, or
    /// another that the partner's profile does not know.
    #[error("must be a signature of the partner's profile")]
    NotASignature,
    /// A signature whose time is over, or has not begun.
    #[error("must be a signature that is still good")]
    SignatureExpired,
    /// A signature that is wrong.
    #[error("must be signed by the sender: {0}")]
    BadSignature(solidarity_signing::Refusal),
    /// An attribute that was not declared.
    #[error("must name attributes that may be searched")]
    UnknownAttribute,
    /// Comparisons that the attribute does not have.
    #[error("must compare attributes as their types allow")]
    NotComparable,
    /// Anything else that the field does not take.
    #[error("must be what the field takes")]
    NotAccepted,
}

/// What a value's own type says when it is read.
const OF_VALUES: [Rule; 14] = [
    Rule::Required,
    Rule::OutOfRange,
    Rule::UnknownValue,
    Rule::Empty,
    Rule::TooLong,
    Rule::TooMany,
    Rule::ControlCharacter,
    Rule::NotAnId,
    Rule::NotATime,
    Rule::NotADate,
    Rule::NotALocale,
    Rule::NotAnAmount,
    Rule::NotACurrency,
    Rule::NotAnAddress,
];

impl Rule {
    /// The rule that reads `text`. An error of serde carries its reason as
    /// text; one that is not from here may hold what the field holds.
    pub(crate) fn from_text(text: &str) -> Self {
        OF_VALUES
            .into_iter()
            .chain([Self::NotAUrl, Self::DoesNotFit])
            .find(|rule| rule.to_string() == text)
            .unwrap_or(Self::NotAccepted)
    }
}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Rule::from_text(&message.to_string()))
    }

    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self::new(Rule::WrongType)
    }

    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self::new(Rule::OutOfRange)
    }

    fn invalid_length(_: usize, _: &dyn serde::de::Expected) -> Self {
        Self::new(Rule::WrongType)
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new(Rule::UnknownValue)
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new(Rule::UnknownField)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::field(field, Rule::Required)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::field(field, Rule::Duplicate)
    }
}
