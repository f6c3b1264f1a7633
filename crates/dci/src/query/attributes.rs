//! What a register lets be searched.

use chrono::NaiveDate;
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};
use serde_json::{Number, Value as Json};

use super::value::Value;
use crate::limits::KEYS_MAX;
use crate::{Date, Decimal, Rule, Term, Timestamp};

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
            (Self::Id, Json::Number(number)) => match take_number(number)?.whole() {
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
            (Self::Decimal, Json::String(text)) => take_digits(text).map(Value::Decimal),
            (Self::Decimal, Json::Number(number)) => take_number(number).map(Value::Decimal),
            (Self::Whole, Json::String(text)) => take_whole(&take_digits(text)?),
            (Self::Whole, Json::Number(number)) => take_whole(&take_number(number)?),
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
}

fn take_text(text: &str) -> Result<Value, Rule> {
    Term::new(text)?;
    Ok(Value::Text(text.to_owned()))
}

fn take_number(number: &Number) -> Result<Decimal, Rule> {
    let number = Decimal::deserialize(number).map_err(|_| Rule::OutOfRange)?;
    number.to_json().map(|_| number)
}

/// The number that a text writes as JSON does (RFC 8259, 6), without an
/// exponent.
fn take_digits(text: &str) -> Result<Decimal, Rule> {
    let size = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = size.split_once('.').unwrap_or((size, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let one_way = whole.len() == 1 || !whole.starts_with('0');
    if !one_way || !is_digits(whole) || !is_digits(part) {
        return Err(Rule::NotComparable);
    }
    let number = Decimal::new(text)?;
    number.to_json().map(|_| number)
}

fn take_whole(number: &Decimal) -> Result<Value, Rule> {
    number.whole().map(Value::Whole).ok_or(Rule::NotComparable)
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
    fn a_number_is_read_as_json_writes_it() {
        let read = |written: Json| match Kind::Decimal.take(&written)? {
            Value::Decimal(number) => Ok(number.to_string()),
            _ => Err(Rule::WrongType),
        };
        for (written, expected) in [
            (json!("-0"), "0"),
            (json!("0.000"), "0"),
            (json!(format!("2.5{}", "0".repeat(99))), "2.5"),
            (json!("-2.50"), "-2.5"),
            (json!("99999.9999999999"), "99999.9999999999"),
            (json!("9007199254740991"), "9007199254740991"),
            (json!(1e3), "1000"),
            (json!(12.5E+1), "125"),
            (json!(-1e-15), "-0.000000000000001"),
        ] {
            assert_eq!(read(written), Ok(expected.to_owned()), "{expected}");
        }
        for text in [
            "", "-", "25x", " 25", "25 ", "+25", "+5", "025", "-00", "2.", ".5", "1.2.3", "1e",
            "1e3", "1e400", "0x19", "NaN", "٣",
        ] {
            assert_eq!(read(json!(text)), Err(Rule::NotComparable), "{text}");
        }
        for written in [
            json!("9007199254740992"),
            json!("-9007199254740992"),
            json!("99999.99999999999"),
            json!("0.0000000000000001"),
            json!("123456789012345678901234567890"),
            json!("1".repeat(41)),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(0.300_000_000_000_000_04),
            json!(1e-16),
            json!(1e16),
            json!(1e300),
            json!(1e-300),
        ] {
            assert_eq!(read(written.clone()), Err(Rule::OutOfRange), "{written}");
        }
        let part = json!("0.30000000000000004");
        assert!(Kind::Whole.take(&part) == Err(Rule::OutOfRange));
    }

    #[test]
    fn a_literal_is_taken_for_the_attributes_type_or_refused() {
        let day = |y, m, d| Value::Date(NaiveDate::from_ymd_opt(y, m, d).unwrap());
        let decimal = |text: &str| Value::Decimal(Decimal::new(text).unwrap());
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
                Err(Rule::NotATime),
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
