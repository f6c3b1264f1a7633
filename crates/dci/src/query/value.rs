//! What attributes are compared with, and what records say of them.

use std::cmp::Ordering;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde_json::Value as Json;

use crate::limits::INTEGER_MAX;
use crate::{Decimal, Rule, Term, Timestamp};

/// A value of an attribute. It may be personal data: `Debug` does not show
/// it.
///
/// ```
/// use solidarity_dci::query::Value;
///
/// assert_eq!(format!("{:?}", Value::from("Amina")), "Value([redacted])");
/// ```
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A text, a code or an identifier.
    Text(String),
    /// A whole number, on either side of zero at most [`INTEGER_MAX`].
    Whole(i64),
    /// A number. One that a query compares with has at most 15 digits, or is
    /// as great as a whole number may be.
    Decimal(Decimal),
    /// A day, of the years 0 to 9999.
    Date(NaiveDate),
    /// A moment, of the years 0 to 9999 in UTC.
    Time(Timestamp),
    /// Yes or no.
    Bool(bool),
}

impl Value {
    /// Whether both are the same; `None` where they are of types that have
    /// nothing in common. Numbers are compared by what they are worth, texts
    /// code point by code point.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a == b),
            (Self::Bool(a), Self::Bool(b)) => Some(a == b),
            _ => self.order(other).map(Ordering::is_eq),
        }
    }

    /// Which is the greater; `None` where there is no such order: texts,
    /// booleans, and types that have nothing in common.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(b)),
            (Self::Whole(a), Self::Decimal(b)) => Some(Decimal::from(*a).cmp(b)),
            (Self::Decimal(a), Self::Whole(b)) => Some(a.cmp(&Decimal::from(*b))),
            (Self::Decimal(a), Self::Decimal(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// What is to be known before it is written: that it is read again.
    pub(super) fn check(&self) -> Result<(), Rule> {
        let fits = match self {
            Self::Text(text) => return Term::new(text.as_str()).map(drop),
            Self::Whole(whole) => whole.unsigned_abs() <= INTEGER_MAX.unsigned_abs(),
            Self::Date(day) => (0..=9_999).contains(&day.year()),
            Self::Time(moment) => (0..=9_999).contains(&moment.at().year()),
            Self::Decimal(decimal) => return decimal.to_json().map(drop),
            Self::Bool(_) => true,
        };
        if fits { Ok(()) } else { Err(Rule::OutOfRange) }
    }

    /// As an expression writes it: a number as a number.
    pub(super) fn to_json(&self) -> Result<Json, Rule> {
        self.check()?;
        Ok(match self {
            Self::Text(text) => Json::from(text.as_str()),
            Self::Whole(whole) => Json::from(*whole),
            Self::Decimal(decimal) => Json::Number(decimal.to_json()?),
            Self::Date(day) => Json::from(day.to_string()),
            Self::Time(moment) => serde_json::to_value(moment).map_err(|_| Rule::NotATime)?,
            Self::Bool(bool) => Json::from(*bool),
        })
    }

    /// As a predicate writes it: a number as text.
    pub(super) fn to_json_text(&self) -> Result<Json, Rule> {
        self.check()?;
        match self {
            Self::Whole(whole) => Ok(Json::from(whole.to_string())),
            Self::Decimal(decimal) => Ok(Json::from(decimal.as_str())),
            _ => self.to_json(),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value([redacted])")
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident,)+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

from! {
    &str => Text,
    String => Text,
    i32 => Whole,
    i64 => Whole,
    Decimal => Decimal,
    NaiveDate => Date,
    Timestamp => Time,
    bool => Bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_what_they_are_worth() {
        let decimal = |text: &str| Value::Decimal(Decimal::new(text).unwrap());
        assert_eq!(
            decimal("2.5").order(&Value::Whole(2)),
            Some(Ordering::Greater)
        );
        assert_eq!(
            Value::Whole(3).order(&decimal("2.5")),
            Some(Ordering::Greater)
        );
        assert_eq!(
            Value::Whole(-3).order(&decimal("-2.5")),
            Some(Ordering::Less)
        );
        assert_eq!(Value::Whole(3).equals(&decimal("3.0")), Some(true));
        assert_eq!(Value::from("3").equals(&Value::Whole(3)), None);
        assert_eq!(Value::from("a").order(&Value::from("b")), None);
        assert_eq!(Value::from(true).order(&Value::from(false)), None);
    }

    #[test]
    fn a_number_is_written_with_its_digits_or_not_at_all() {
        let decimal = |text: &str| Value::Decimal(Decimal::new(text).unwrap());
        let small = decimal("0.0000001");
        assert_eq!(small.to_json(), Ok(Json::from(1e-7)));
        assert_eq!(small.to_json_text(), Ok(Json::from("0.0000001")));
        assert_eq!(Value::Whole(-25).to_json_text(), Ok(Json::from("-25")));
        for value in [decimal("0.30000000000000004"), Value::Whole(i64::MIN)] {
            assert_eq!(value.to_json(), Err(Rule::OutOfRange));
            assert_eq!(value.to_json_text(), Err(Rule::OutOfRange));
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let day = NaiveDate::from_ymd_opt(1987, 6, 5).unwrap();
        for value in [
            Value::from("SECRET"),
            Value::from(4_711_i64),
            Value::from(day),
        ] {
            assert_eq!(format!("{value:?}"), "Value([redacted])");
        }
    }
}
