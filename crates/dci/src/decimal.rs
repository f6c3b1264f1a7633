use std::cmp::Ordering;
use std::fmt;

use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

use crate::Rule;
use crate::limits::INTEGER_MAX;

/// A decimal number (`xsd:decimal`), kept as its digits: it is compared and
/// written as it is, never rounded.
///
/// A JSON number and a string are both read, because JSON-LD writes an
/// `xsd:decimal` either way. It is written as a number wherever every reader
/// of JSON gets the same digits from it, else as a string. At most 40
/// characters without zeros that say nothing; no exponent.
///
/// ```
/// use solidarity_dci::Decimal;
///
/// let score = Decimal::new("45.20")?;
/// assert_eq!(score, serde_json::from_str("45.2").unwrap());
/// assert_eq!(serde_json::to_string(&score).unwrap(), "45.2");
/// assert!(score > Decimal::new("9.75")?);
///
/// let long = Decimal::new("0.1000000000000000055")?;
/// assert_eq!(serde_json::to_string(&long).unwrap(), r#""0.1000000000000000055""#);
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Decimal(String);

/// Characters of a decimal.
const MAX_CHARS: usize = 40;

/// Digits that a double holds, whatever they are (`DBL_DIG` of C).
const JSON_DIGITS_MAX: usize = 15;

impl Decimal {
    /// The number that `text` writes.
    ///
    /// # Errors
    ///
    /// [`Rule::OutOfRange`] if it is not a decimal number of at most 40
    /// characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, Rule> {
        let text = text.as_ref().trim();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let mut all = whole.bytes().chain(part.bytes());
        if !all.all(|byte| byte.is_ascii_digit()) || (whole.is_empty() && part.is_empty()) {
            return Err(Rule::OutOfRange);
        }
        let digits = shortest(sign, whole, part);
        if digits.len() > MAX_CHARS {
            return Err(Rule::OutOfRange);
        }
        Ok(Self(digits))
    }

    /// Its digits: no zeros that say nothing, and a point only before a part.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole number that it is, if it is one that fits.
    pub(crate) fn whole(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// As a JSON number to compare with: of so few digits that also a reader
    /// that rounds carelessly gets them back.
    ///
    /// # Errors
    ///
    /// [`Rule::OutOfRange`] beyond 15 digits, those after the point included,
    /// and for a whole number beyond [`INTEGER_MAX`] on either side of zero.
    pub(crate) fn to_json(&self) -> Result<Number, Rule> {
        let (_, (_, whole, part)) = self.parts();
        let digits = whole.trim_start_matches('0').len() + part.len();
        match self.whole() {
            Some(whole) if whole.unsigned_abs() <= INTEGER_MAX.unsigned_abs() => Ok(whole.into()),
            None if digits <= JSON_DIGITS_MAX => {
                let number = self.0.parse().ok().and_then(Number::from_f64);
                number.ok_or(Rule::OutOfRange)
            }
            _ => Err(Rule::OutOfRange),
        }
    }

    /// Whether it is below zero, and its size: how many digits are before the
    /// point, which they are, and those after it. Of two sizes, as tuples, the
    /// greater is that of the greater number, since no digit says nothing.
    fn parts(&self) -> (bool, (usize, &str, &str)) {
        let digits = self.0.strip_prefix('-');
        let size = digits.unwrap_or(&self.0);
        let (whole, part) = size.split_once('.').unwrap_or((size, ""));
        (digits.is_some(), (whole.len(), whole, part))
    }
}

fn shortest(sign: &str, whole: &str, part: &str) -> String {
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    match part.trim_end_matches('0') {
        "" if whole == "0" => whole.to_owned(),
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self(whole.to_string())
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.parts(), other.parts()) {
            ((false, a), (false, b)) => a.cmp(&b),
            ((true, a), (true, b)) => b.cmp(&a),
            ((a, _), (b, _)) => b.cmp(&a),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Ok(number) = self.to_json() {
            return number.serialize(serializer);
        }
        match self.0.parse::<f64>() {
            Ok(number) if self.0.contains('.') && number.to_string() == self.0 => {
                serializer.serialize_f64(number)
            }
            _ => serializer.serialize_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal number")
            }

            fn visit_i64<E: serde::de::Error>(self, whole: i64) -> Result<Decimal, E> {
                Ok(whole.into())
            }

            fn visit_u64<E: serde::de::Error>(self, whole: u64) -> Result<Decimal, E> {
                Decimal::new(whole.to_string()).map_err(E::custom)
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Decimal, E> {
                Decimal::new(number.to_string()).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Decimal, E> {
                Decimal::new(text).map_err(E::custom)
            }

            fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Decimal, E> {
                Err(E::invalid_type(Unexpected::Other("a boolean"), &self))
            }
        }
        deserializer.deserialize_any(Digits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_kept() {
        let cases = [
            ("4.0", "4", "4"),
            ("-0", "0", "0"),
            ("-0.50", "-0.5", "-0.5"),
            ("+007.125", "7.125", "7.125"),
            (".5", "0.5", "0.5"),
            ("5.", "5", "5"),
            ("0.0000001", "0.0000001", "1e-7"),
            ("-0.000000000000001", "-0.000000000000001", "-1e-15"),
            ("099999.99999999990", "99999.9999999999", "99999.9999999999"),
            (
                "48.900000000000006",
                "48.900000000000006",
                "48.900000000000006",
            ),
            (
                "-9007199254740992",
                "-9007199254740992",
                "\"-9007199254740992\"",
            ),
            ("9007199254740991", "9007199254740991", "9007199254740991"),
            (
                "9007199254740992",
                "9007199254740992",
                "\"9007199254740992\"",
            ),
            (
                "99999999999999999999",
                "99999999999999999999",
                "\"99999999999999999999\"",
            ),
            (
                "12345678901234.56789",
                "12345678901234.56789",
                "\"12345678901234.56789\"",
            ),
        ];
        for (text, digits, written) in cases {
            let decimal = Decimal::new(text).unwrap();
            assert_eq!(decimal.as_str(), digits, "{text}");
            let json = serde_json::to_string(&decimal).unwrap();
            assert_eq!(json, written, "{text}");
            assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap(), decimal);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long = "1".repeat(41);
        let longer = format!(".{}", "1".repeat(39));
        for text in [
            "", " ", "-", ".", "1e3", "NaN", "inf", "1,5", "--1", "1.2.3", "٣", &long, &longer,
        ] {
            assert_eq!(Decimal::new(text), Err(Rule::OutOfRange), "{text}");
        }
        for json in ["1e300", "true", "[1]", "{}", "\"x\""] {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn only_a_number_without_a_part_is_whole() {
        let whole = |text| Decimal::new(text).unwrap().whole();
        assert_eq!(whole("-25.0"), Some(-25));
        assert_eq!(whole("25.5"), None);
        assert_eq!(whole("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(whole("9223372036854775808"), None);
    }

    /// `units` divided by ten, `scale` times.
    fn scaled(units: i64, scale: u32) -> Decimal {
        let one = 10_u64.pow(scale);
        let sign = if units < 0 { "-" } else { "" };
        let size = units.unsigned_abs();
        let width = usize::try_from(scale).unwrap();
        Decimal::new(format!("{sign}{}.{:0width$}", size / one, size % one)).unwrap()
    }

    fn units() -> impl Strategy<Value = i64> {
        prop_oneof![-120_i64..120, any::<i64>()]
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_numbers(a in units(), b in units(), scales in (0_u32..=18, 0_u32..=18)) {
            let value = |units: i64, scale: u32| i128::from(units) * 10_i128.pow(18 - scale);
            let expected = value(a, scales.0).cmp(&value(b, scales.1));
            let (a, b) = (scaled(a, scales.0), scaled(b, scales.1));
            prop_assert_eq!(a.cmp(&b), expected, "{} {}", a, b);
            prop_assert_eq!(a == b, expected.is_eq());
        }

        #[test]
        fn a_json_number_has_the_same_digits(units in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u32..=15) {
            let decimal = scaled(units, scale);
            let written = decimal.to_json().unwrap().to_string();
            prop_assert_eq!(serde_json::from_str::<Decimal>(&written).unwrap(), decimal);
        }

        #[test]
        fn what_is_written_is_read(text in "-?[0-9]{0,20}\\.?[0-9]{0,15}") {
            if let Ok(decimal) = Decimal::new(&text) {
                let json = serde_json::to_string(&decimal).unwrap();
                prop_assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap(), decimal);
            }
        }
    }
}
