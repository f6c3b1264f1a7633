use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;

/// The most digits before the point: those of the largest `i64`.
const WHOLE_MAX: usize = 19;
/// The most digits after the point.
const PLACES_MAX: u32 = 12;

/// A decimal number, exact: hectares, kilograms, a score.
///
/// At most 19 digits before the point and 12 after it; written as a string,
/// never as a JSON number. `1.50` and `1.5` are the same number.
///
/// ```
/// use solidarity_registry::Decimal;
///
/// let hectares: Decimal = "1.50".parse()?;
/// assert_eq!(hectares.to_string(), "1.5");
/// assert!(hectares < "1.51".parse()?);
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal {
    // INVARIANT: the value is mantissa / 10^places; a mantissa does not end
    // in 0 unless places is 0.
    mantissa: i128,
    places: u32,
}

impl Decimal {
    /// The number in units of 10^-12, which fits.
    const fn scaled(self) -> i128 {
        let missing = PLACES_MAX.saturating_sub(self.places);
        self.mantissa.saturating_mul(10_i128.pow(missing))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.scaled().cmp(&other.scaled())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self {
            mantissa: whole.into(),
            places: 0,
        }
    }
}

impl FromStr for Decimal {
    type Err = Invalid;

    fn from_str(s: &str) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new(
                "decimal",
                "must be up to 19 digits, and after a point up to 12",
            )
        };
        let digits = s.strip_prefix('-').unwrap_or(s);
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(invalid()),
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let places = |fraction: &str| {
            let places = u32::try_from(fraction.len()).ok();
            places.filter(|p| *p <= PLACES_MAX).ok_or_else(invalid)
        };
        places(fraction)?;
        if whole.is_empty()
            || whole.len() > WHOLE_MAX
            || !all_digits(whole)
            || !all_digits(fraction)
        {
            return Err(invalid());
        }
        let fraction = fraction.trim_end_matches('0');
        let magnitude: i128 = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| invalid())?;
        Ok(Self {
            mantissa: if s.starts_with('-') {
                -magnitude
            } else {
                magnitude
            },
            places: places(fraction)?,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let magnitude = self.mantissa.unsigned_abs();
        let one = 10_u128.pow(self.places);
        let (whole, fraction) = (magnitude / one, magnitude % one);
        if self.places == 0 {
            return write!(f, "{sign}{whole}");
        }
        let width = usize::try_from(self.places).unwrap_or(0);
        write!(f, "{sign}{whole}.{fraction:0width$}")
    }
}

impl TryFrom<String> for Decimal {
    type Error = Invalid;

    fn try_from(s: String) -> Result<Self, Invalid> {
        s.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_has_one_form() {
        for (text, form) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("007.10", "7.1"),
            ("-0.05", "-0.05"),
            (
                "9999999999999999999.999999999999",
                "9999999999999999999.999999999999",
            ),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), form);
        }
        for bad in [
            "",
            "-",
            ".5",
            "5.",
            "+1",
            "1e3",
            "1,5",
            "１",
            "10000000000000000000",
            "0.0000000000001",
        ] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_whole_number_is_written_as_it_is_read() {
        for whole in [i64::MIN, -1, 0, 1, i64::MAX] {
            let decimal = Decimal::from(whole);
            assert_eq!(decimal.to_string().parse(), Ok(decimal), "{whole}");
        }
    }

    proptest! {
        #[test]
        fn order_is_that_of_the_numbers(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, zeros in 0_usize..6) {
            let text = |n: i64| format!("{}{}.{:03}{}", if n < 0 { "-" } else { "" }, n.abs() / 1_000, n.abs() % 1_000, "0".repeat(zeros));
            let (x, y): (Decimal, Decimal) = (text(a).parse().unwrap(), text(b).parse().unwrap());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x == y, a == b);
            prop_assert_eq!(x.to_string().parse::<Decimal>().unwrap(), x);
        }
    }
}
