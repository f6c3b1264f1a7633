use std::fmt;

use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Rule;
use crate::limits::INTEGER_MAX;

/// A decimal number (`xsd:decimal`), kept as its digits: it is compared and
/// written as it is, never rounded.
///
/// A JSON number and a string are both read, because JSON-LD writes an
/// `xsd:decimal` either way. It is written as a number wherever every reader
/// of JSON gets the same digits from it, else as a string. At most 40
/// characters; no exponent.
///
/// ```
/// use solidarity_dci::data::Decimal;
///
/// let score = Decimal::new("45.20")?;
/// assert_eq!(score, serde_json::from_str("45.2").unwrap());
/// assert_eq!(serde_json::to_string(&score).unwrap(), "45.2");
///
/// let long = Decimal::new("0.1000000000000000055")?;
/// assert_eq!(serde_json::to_string(&long).unwrap(), r#""0.1000000000000000055""#);
/// # Ok::<(), solidarity_dci::Rule>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Decimal(String);

/// Characters of a decimal.
const MAX_CHARS: usize = 40;

impl Decimal {
    /// The number that `text` writes.
    ///
    /// # Errors
    ///
    /// [`Rule::OutOfRange`] if it is not a decimal number of at most 40
    /// characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, Rule> {
        let text = text.as_ref().trim();
        if text.len() > MAX_CHARS {
            return Err(Rule::OutOfRange);
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let mut all = whole.bytes().chain(part.bytes());
        if !all.all(|byte| byte.is_ascii_digit()) || (whole.is_empty() && part.is_empty()) {
            return Err(Rule::OutOfRange);
        }
        Ok(Self(shortest(sign, whole, part)))
    }

    /// Its digits: no zeros that say nothing, and a point only before a part.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Ok(whole) = self.0.parse::<i64>() {
            return match (-INTEGER_MAX..=INTEGER_MAX).contains(&whole) {
                true => serializer.serialize_i64(whole),
                false => serializer.serialize_str(&self.0),
            };
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
            (
                "48.900000000000006",
                "48.900000000000006",
                "48.900000000000006",
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
        for text in [
            "", " ", "-", ".", "1e3", "NaN", "inf", "1,5", "--1", "1.2.3", "٣", &long,
        ] {
            assert_eq!(Decimal::new(text), Err(Rule::OutOfRange), "{text}");
        }
        for json in ["1e300", "true", "[1]", "{}", "\"x\""] {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in "-?[0-9]{0,20}\\.?[0-9]{0,15}") {
            if let Ok(decimal) = Decimal::new(&text) {
                let json = serde_json::to_string(&decimal).unwrap();
                prop_assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap(), decimal);
            }
        }
    }
}
