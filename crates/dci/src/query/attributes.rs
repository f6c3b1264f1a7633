//! What a register lets be searched.

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};
use serde_json::Value as Json;

use super::value::{Decimal, Value};
use crate::limits::KEYS_MAX;
use crate::{Date, Rule, Term, Timestamp};

/// The attributes that may be searched, by their names.
///
/// A name is one as a whole, also where it has points in it:
/// `demographic_info.sex`. What is not declared here cannot be asked for.
///
/// ```
/// use solidarity_dci::Rule;
/// use solidarity_dci::query::{Attributes, Kind};
///
/// let attributes = Attributes::new()
///     .id("UIN")?
///     .code("demographic_info.sex", ["male", "female", "other", "unknown"])?
///     .whole("age")?
///     .decimal("poverty_score")?
///     .date("birth_date")?;
/// assert_eq!(attributes.kind("age"), Some(&Kind::Whole));
/// assert_eq!(attributes.kind("Age"), None);
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attributes(Vec<Attribute>);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Attribute {
    pub(super) name: Term,
    pub(super) kind: Kind,
}

/// The type of an attribute: what it is compared with, and how.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// A text, code point by code point: `eq`, `in`. 1 to 256 characters.
    Text,
    /// One of these codes: `eq`, `in`.
    Code(Vec<Term>),
    /// An identifier of the type that the attribute is called after: `eq`,
    /// `in`, and the queries of the type `idtype-value`. One that is written
    /// as a number is taken for its digits, since the standard lets it be
    /// written so.
    Id,
    /// A whole number: every operator.
    Whole,
    /// A number: every operator.
    Decimal,
    /// A day: every operator. One that is written as a moment is taken for
    /// its day in UTC.
    Date,
    /// A moment: every operator.
    Time,
    /// Yes or no: `eq`, `in`.
    Bool,
}

impl Attributes {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The type of the attribute `name`.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.get(name).map(|attribute| &attribute.kind)
    }

    /// The names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &Term> {
        self.0.iter().map(|attribute| &attribute.name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Attribute> {
        let found = self.position(name).ok()?;
        self.0.get(found)
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|attribute| attribute.name.as_str().cmp(name))
    }

    /// The same, and `name` of the type `kind`.
    ///
    /// # Errors
    ///
    /// The [`Rule`] that `name` breaks: those of a [`Term`],
    /// [`Rule::NotAccepted`] if it begins with `$`, [`Rule::Duplicate`], or
    /// [`Rule::TooMany`] beyond [`KEYS_MAX`] attributes.
    pub fn with(mut self, name: &str, kind: Kind) -> Result<Self, Rule> {
        if name.starts_with('$') {
            return Err(Rule::NotAccepted);
        }
        if self.0.len() == KEYS_MAX {
            return Err(Rule::TooMany);
        }
        let Err(position) = self.position(name) else {
            return Err(Rule::Duplicate);
        };
        let name = Term::new(name)?;
        self.0.insert(position, Attribute { name, kind });
        Ok(self)
    }

    /// The same, and `name`, one of the codes `codes`.
    ///
    /// # Errors
    ///
    /// As [`with`](Self::with); a [`Rule`] that a code breaks, and
    /// [`Rule::TooMany`] beyond [`KEYS_MAX`] of them.
    pub fn code<'a>(
        self,
        name: &str,
        codes: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Rule> {
        let codes = codes.into_iter().take(KEYS_MAX + 1).map(Term::new);
        let codes = codes.collect::<Result<Vec<_>, _>>()?;
        if codes.len() > KEYS_MAX {
            return Err(Rule::TooMany);
        }
        self.with(name, Kind::Code(codes))
    }
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $method:ident = $kind:ident; )+) => {
        impl Attributes {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// As [`with`](Self::with).
                pub fn $method(self, name: &str) -> Result<Self, Rule> {
                    self.with(name, Kind::$kind)
                }
            )+
        }
    };
}

kinds! {
    /// The same, and `name`, a text.
    text = Text;
    /// The same, and `name`, a type of identifier.
    id = Id;
    /// The same, and `name`, a whole number.
    whole = Whole;
    /// The same, and `name`, a number.
    decimal = Decimal;
    /// The same, and `name`, a day.
    date = Date;
    /// The same, and `name`, a moment.
    time = Time;
    /// The same, and `name`, yes or no.
    bool = Bool;
}

impl Kind {
    /// Whether one value may be greater than another.
    pub(super) const fn is_ordered(&self) -> bool {
        matches!(self, Self::Whole | Self::Decimal | Self::Date | Self::Time)
    }

    /// The value that `written` is. A number may be written as text: the
    /// standard's schema of a predicate takes no other whole number.
    pub(super) fn take(&self, written: &Json) -> Result<Value, Rule> {
        match (self, written) {
            (_, Json::Null | Json::Array(_) | Json::Object(_)) => Err(Rule::WrongType),
            (Self::Text, Json::String(text)) => take_text(text),
            (Self::Id, Json::String(text)) => take_text(text),
            (Self::Id, Json::Number(number)) => match take_number(&number.to_string())?.whole() {
                Some(whole @ 0..) => Ok(Value::Text(whole.to_string())),
                _ => Err(Rule::NotComparable),
            },
            (Self::Code(codes), Json::String(text)) => {
                if codes.iter().any(|code| code.as_str() == text) {
                    Ok(Value::Text(text.clone()))
                } else {
                    Err(Rule::UnknownValue)
                }
            }
            (Self::Whole | Self::Decimal, Json::String(text)) => self.take_digits(text),
            (Self::Whole | Self::Decimal, Json::Number(number)) => {
                self.take_digits(&number.to_string())
            }
            (Self::Date, Json::String(text)) => take_day(text).map(Value::Date),
            (Self::Time, Json::String(text)) => {
                let moment = plain::<Timestamp>(text).ok_or(Rule::NotATime)?;
                let moment = Value::Time(moment);
                moment.check()?;
                Ok(moment)
            }
            (Self::Bool, Json::Bool(bool)) => Ok(Value::Bool(*bool)),
            _ => Err(Rule::NotComparable),
        }
    }

    fn take_digits(&self, digits: &str) -> Result<Value, Rule> {
        let number = take_number(digits)?;
        match self {
            Self::Decimal => Ok(Value::Decimal(number)),
            _ => number.whole().map(Value::Whole).ok_or(Rule::NotComparable),
        }
    }
}

fn take_text(text: &str) -> Result<Value, Rule> {
    Term::new(text)?;
    Ok(Value::Text(text.to_owned()))
}

fn take_number(digits: &str) -> Result<Decimal, Rule> {
    digits.parse().map_err(|rule| match rule {
        Rule::WrongType => Rule::NotComparable,
        other => other,
    })
}

/// The day, written in no other way than RFC 3339 has it.
fn take_day(text: &str) -> Result<NaiveDate, Rule> {
    let date = plain::<Date>(text).ok_or(Rule::NotADate)?;
    let same = match date {
        Date::Day(day) => day.to_string() == text,
        Date::Moment(_) => true,
    };
    let day = date.day();
    if !same || Value::Date(day).check().is_err() {
        return Err(Rule::NotADate);
    }
    Ok(day)
}

fn plain<T: DeserializeOwned>(text: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<Error>::new(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_declared_is_bounded_and_told_apart() {
        let all = |count: usize| {
            (0..count).try_fold(Attributes::new(), |all, n| all.text(&format!("a{n}")))
        };
        assert_eq!(
            all(KEYS_MAX - 1).map(|all| all.names().count()),
            Ok(KEYS_MAX - 1)
        );
        assert_eq!(all(KEYS_MAX).map(|all| all.names().count()), Ok(KEYS_MAX));
        assert_eq!(all(KEYS_MAX + 1), Err(Rule::TooMany));

        let new = Attributes::new;
        assert_eq!(
            new().text("a").and_then(|a| a.id("a")),
            Err(Rule::Duplicate)
        );
        assert_eq!(new().text("$where"), Err(Rule::NotAccepted));
        assert_eq!(new().text(" "), Err(Rule::Empty));
        assert_eq!(new().text(&"a".repeat(257)), Err(Rule::TooLong));
        assert_eq!(new().code("sex", ["male", ""]), Err(Rule::Empty));
    }

    #[test]
    fn a_literal_is_taken_for_the_attributes_type_or_refused() {
        let day = |y, m, d| Value::Date(NaiveDate::from_ymd_opt(y, m, d).unwrap());
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        let sexes = Kind::Code(vec![
            Term::new("male").unwrap(),
            Term::new("female").unwrap(),
        ]);
        let noon = json!("2026-03-01T12:00:00+03:00");
        let cases = [
            (Kind::Whole, json!(25), Ok(Value::Whole(25))),
            (Kind::Whole, json!("25"), Ok(Value::Whole(25))),
            (Kind::Whole, json!(25.0), Ok(Value::Whole(25))),
            (Kind::Whole, json!("-3"), Ok(Value::Whole(-3))),
            (Kind::Whole, json!("25x"), Err(Rule::NotComparable)),
            (Kind::Whole, json!("025"), Err(Rule::NotComparable)),
            (Kind::Whole, json!(""), Err(Rule::NotComparable)),
            (Kind::Whole, json!(2.5), Err(Rule::NotComparable)),
            (Kind::Whole, json!(true), Err(Rule::NotComparable)),
            (Kind::Whole, json!(null), Err(Rule::WrongType)),
            (Kind::Whole, json!([25]), Err(Rule::WrongType)),
            (Kind::Whole, json!({"$gt": 25}), Err(Rule::WrongType)),
            (
                Kind::Whole,
                json!(9_007_199_254_740_992_i64),
                Err(Rule::OutOfRange),
            ),
            (
                Kind::Whole,
                json!("99999999999999999999"),
                Err(Rule::OutOfRange),
            ),
            (Kind::Decimal, json!(5), Ok(decimal("5"))),
            (Kind::Decimal, json!("2.5"), Ok(decimal("2.5"))),
            (Kind::Decimal, json!(1e-7), Ok(decimal("0.0000001"))),
            (Kind::Decimal, json!("low"), Err(Rule::NotComparable)),
            (Kind::Date, json!("1950-08-18"), Ok(day(1950, 8, 18))),
            (
                Kind::Date,
                json!("1950-08-18T23:30:00-01:00"),
                Ok(day(1950, 8, 19)),
            ),
            (Kind::Date, json!("1950-8-18"), Err(Rule::NotADate)),
            (Kind::Date, json!(" 1950-08-18"), Err(Rule::NotADate)),
            (Kind::Date, json!("1950-02-30"), Err(Rule::NotADate)),
            (Kind::Date, json!("+12345-01-01"), Err(Rule::NotADate)),
            (
                Kind::Date,
                json!("9999-12-31T23:00:00-02:00"),
                Err(Rule::NotADate),
            ),
            (Kind::Date, json!(1950), Err(Rule::NotComparable)),
            (Kind::Time, json!("2026-03-01"), Err(Rule::NotATime)),
            (
                Kind::Time,
                json!("9999-12-31T23:00:00-02:00"),
                Err(Rule::OutOfRange),
            ),
            (Kind::Bool, json!(false), Ok(Value::Bool(false))),
            (Kind::Bool, json!("false"), Err(Rule::NotComparable)),
            (Kind::Text, json!("Kasulu"), Ok(Value::from("Kasulu"))),
            (Kind::Text, json!(""), Err(Rule::Empty)),
            (Kind::Text, json!("a\u{0}"), Err(Rule::ControlCharacter)),
            (Kind::Text, json!("a".repeat(257)), Err(Rule::TooLong)),
            (Kind::Text, json!(25), Err(Rule::NotComparable)),
            (Kind::Id, json!("0471"), Ok(Value::from("0471"))),
            (Kind::Id, json!(471), Ok(Value::from("471"))),
            (Kind::Id, json!(-471), Err(Rule::NotComparable)),
            (Kind::Id, json!(4.5), Err(Rule::NotComparable)),
            (Kind::Id, json!(true), Err(Rule::NotComparable)),
            (sexes.clone(), json!("female"), Ok(Value::from("female"))),
            (sexes.clone(), json!("f"), Err(Rule::UnknownValue)),
            (sexes, json!(1), Err(Rule::NotComparable)),
        ];
        for (kind, written, expected) in cases {
            assert!(kind.take(&written) == expected, "{kind:?} {written}");
        }
        assert!(
            matches!(Kind::Time.take(&noon), Ok(Value::Time(at)) if at.at().timestamp() == 1_772_355_600)
        );
    }
}
