//! What attributes are compared with, and what records say of them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde_json::{Number, Value as Json};

use crate::limits::INTEGER_MAX;
use crate::{Rule, Term, Timestamp};

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
    /// A number with digits after its point.
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
            (Self::Whole(a), Self::Decimal(b)) => Some(b.cmp_whole(*a).reverse()),
            (Self::Decimal(a), Self::Whole(b)) => Some(a.cmp_whole(*b)),
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
            Self::Decimal(_) | Self::Bool(_) => true,
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
        match self {
            Self::Whole(_) | Self::Decimal(_) => Ok(Json::from(self.to_json()?.to_string())),
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

/// A decimal number that JSON carries from one program to another without
/// loss: at most 15 digits, at most 15 of them after the point, or a whole
/// number up to [`INTEGER_MAX`] on either side of zero.
///
/// ```
/// use solidarity_dci::{Rule, query::Decimal};
///
/// let score: Decimal = "2.50".parse()?;
/// assert_eq!(score, Decimal::new(25, 1)?);
/// assert!(score < "1e1".parse()?);
/// assert_eq!("2.5x".parse::<Decimal>(), Err(Rule::WrongType));
/// assert_eq!("0.30000000000000004".parse::<Decimal>(), Err(Rule::OutOfRange));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Decimal {
    /// The last of them is not 0, unless `scale` is.
    units: i64,
    scale: u8,
}

const DIGITS_MAX: u32 = 15;
const SCALE_MAX: u8 = 15;

impl Decimal {
    /// `units` divided by ten, `scale` times.
    ///
    /// # Errors
    ///
    /// [`Rule::OutOfRange`] beyond what JSON carries without loss.
    pub const fn new(mut units: i64, mut scale: u8) -> Result<Self, Rule> {
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        let limit = if scale == 0 {
            INTEGER_MAX
        } else {
            10_i64.pow(DIGITS_MAX) - 1
        };
        if scale > SCALE_MAX || units.unsigned_abs() > limit.unsigned_abs() {
            return Err(Rule::OutOfRange);
        }
        Ok(Self { units, scale })
    }

    /// The whole number that it is, if it is one.
    pub(super) const fn whole(self) -> Option<i64> {
        if self.scale == 0 {
            Some(self.units)
        } else {
            None
        }
    }

    /// In units of the smallest decimal.
    fn smallest(self) -> i128 {
        let steps = SCALE_MAX.saturating_sub(self.scale);
        i128::from(self.units) * 10_i128.pow(u32::from(steps))
    }

    fn cmp_whole(self, other: i64) -> Ordering {
        let other = i128::from(other) * 10_i128.pow(u32::from(SCALE_MAX));
        self.smallest().cmp(&other)
    }

    fn to_json(self) -> Result<Number, Rule> {
        match self.whole() {
            Some(whole) => Ok(whole.into()),
            None => self.to_string().parse().map_err(|_| Rule::OutOfRange),
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.smallest().cmp(&other.smallest())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let size = self.units.unsigned_abs();
        if self.scale == 0 {
            return write!(f, "{sign}{size}");
        }
        let one = 10_u64.pow(u32::from(self.scale));
        let scale = usize::from(self.scale);
        write!(f, "{sign}{}.{:0scale$}", size / one, size % one)
    }
}

/// As JSON writes a number (RFC 8259, 6).
impl FromStr for Decimal {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let (sign, size) = match text.strip_prefix('-') {
            Some(size) => (-1, size),
            None => (1, text),
        };
        let (mantissa, exponent) = match size.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (size, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(Rule::WrongType),
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let one_way = whole.len() == 1 || !whole.starts_with('0');
        if whole.is_empty() || !one_way || !is_digits(whole) || !is_digits(fraction) {
            return Err(Rule::WrongType);
        }
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        let telling = digits.trim_end_matches('0');
        if telling.is_empty() {
            return Self::new(0, 0);
        }
        let units: i64 = telling.parse().map_err(|_| Rule::OutOfRange)?;
        let zeros = i64::try_from(digits.len() - telling.len()).unwrap_or(i64::MAX);
        let after = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        let power = zeros.saturating_add(exponent).saturating_sub(after);
        let (times, scale) = if power < 0 {
            (
                1,
                u8::try_from(power.unsigned_abs()).map_err(|_| Rule::OutOfRange)?,
            )
        } else {
            let power = u32::try_from(power).map_err(|_| Rule::OutOfRange)?;
            (10_i64.checked_pow(power).ok_or(Rule::OutOfRange)?, 0)
        };
        let units = units.checked_mul(times).ok_or(Rule::OutOfRange)?;
        Self::new(sign * units, scale)
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_exponent(text: &str) -> Result<i64, Rule> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !is_digits(digits) {
        return Err(Rule::WrongType);
    }
    let exponent: i32 = text.parse().map_err(|_| Rule::OutOfRange)?;
    Ok(i64::from(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Result<String, Rule> {
        text.parse::<Decimal>().map(|decimal| decimal.to_string())
    }

    #[test]
    fn a_decimal_is_read_as_json_writes_numbers() {
        let cases = [
            ("0", "0"),
            ("-0", "0"),
            ("0.000", "0"),
            ("25", "25"),
            ("-2.50", "-2.5"),
            ("1e3", "1000"),
            ("12.5E+1", "125"),
            ("1e-7", "0.0000001"),
            ("-0.000000000000001", "-0.000000000000001"),
            ("999999999999999", "999999999999999"),
            ("9007199254740991", "9007199254740991"),
            ("99999.9999999999", "99999.9999999999"),
        ];
        for (given, expected) in cases {
            assert_eq!(decimal(given), Ok(expected.to_owned()), "{given}");
        }
    }

    #[test]
    fn what_is_no_number_or_too_great_is_refused() {
        for text in [
            "", "-", "25x", " 25", "+25", "025", "-00", "2.", ".5", "1e", "1e+", "0x19", "NaN", "٣",
        ] {
            assert_eq!(decimal(text), Err(Rule::WrongType), "{text}");
        }
        for text in [
            "9007199254740992",
            "-9007199254740992",
            "99999.99999999999",
            "0.0000000000000001",
            "1e16",
            "1e400",
            "1e-99999999999999999999",
            "123456789012345678901234567890",
        ] {
            assert_eq!(decimal(text), Err(Rule::OutOfRange), "{text}");
        }
        assert_eq!(Decimal::new(i64::MIN, 0), Err(Rule::OutOfRange));
        assert_eq!(Decimal::new(1, u8::MAX), Err(Rule::OutOfRange));
    }

    #[test]
    fn numbers_are_compared_by_what_they_are_worth() {
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
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

    proptest! {
        #[test]
        fn a_decimal_passes_through_json(units in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u8..=15) {
            let decimal = Decimal::new(units, scale).unwrap();
            let written = serde_json::to_string(&decimal.to_json().unwrap()).unwrap();
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read.to_string().parse::<Decimal>(), Ok(decimal));
            prop_assert_eq!(decimal.to_string().parse::<Decimal>(), Ok(decimal));
        }
    }
}
