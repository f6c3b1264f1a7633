//! `Amount` and `CurrencyCode`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use solidarity_core::{Currency, Money};

use crate::text::read;
use crate::{Rule, spelling};

/// An amount as G2P Connect writes it: 1 to 13 digits, a point, 1 or 2 digits.
///
/// It is text from end to end. A JSON number is refused, whatever is tolerated
/// otherwise: it went through somebody's float. Amounts are compared by value,
/// so `10.5` is `10.50`; what was written is kept.
///
/// The standard has neither negative amounts nor a third decimal, which the
/// currencies with mills would need.
///
/// ```
/// use solidarity_core::Money;
/// use solidarity_dci::{Rule, disburse::Amount};
///
/// let amount = Amount::of("10.50 KES".parse::<Money>()?)?;
/// assert_eq!(amount.as_str(), "10.50");
/// assert_eq!(amount, Amount::new("10.5")?);
/// assert_eq!(amount.money("KES".parse()?), Ok("10.50 KES".parse()?));
///
/// // There are no cents in Uganda, and no thousandths on the wire.
/// assert_eq!(Amount::of("1050 UGX".parse()?)?.as_str(), "1050.00");
/// assert_eq!(amount.money("UGX".parse()?), Err(Rule::DoesNotFit));
/// assert_eq!(Amount::of("1.055 BHD".parse()?), Err(Rule::NotAnAmount));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Amount {
    text: String,
    // At most 15 digits.
    hundredths: u64,
}

impl Amount {
    /// The amount, if it is written as one.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAnAmount`].
    pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
        let text = text.into();
        let hundredths = hundredths(&text).ok_or(Rule::NotAnAmount)?;
        Ok(Self { text, hundredths })
    }

    /// `money`, with two decimals, whatever its currency has.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAnAmount`] if it is negative, has 14 digits before the point,
    /// or thousandths: nothing is rounded.
    pub fn of(money: Money) -> Result<Self, Rule> {
        let hundredths = match money.currency().exponent() {
            places @ 0..=2 => money.minor().checked_mul(power_of_ten(2 - places)),
            places => {
                let scale = power_of_ten(places - 2);
                (money.minor() % scale == 0).then_some(money.minor() / scale)
            }
        };
        let hundredths = hundredths
            .and_then(|n| u64::try_from(n).ok())
            .ok_or(Rule::NotAnAmount)?;
        Self::new(format!("{}.{:02}", hundredths / 100, hundredths % 100))
    }

    /// The amount of `currency`.
    ///
    /// # Errors
    ///
    /// [`Rule::DoesNotFit`] if it has decimals that the currency has not.
    pub fn money(&self, currency: Currency) -> Result<Money, Rule> {
        let hundredths = i128::from(self.hundredths);
        let minor = match currency.exponent() {
            places @ 0..=2 => {
                let scale = power_of_ten(2 - places);
                (hundredths % scale == 0).then_some(hundredths / scale)
            }
            places => hundredths.checked_mul(power_of_ten(places - 2)),
        };
        let money = minor.and_then(|minor| Money::from_minor(minor, currency).ok());
        money.ok_or(Rule::DoesNotFit)
    }

    /// The amount, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

const fn power_of_ten(exponent: u8) -> i128 {
    10_i128.pow(exponent as u32)
}

fn hundredths(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.')?;
    let digits = |s: &str| s.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=13).contains(&whole.len()) || !digits(whole) || !digits(decimals) {
        return None;
    }
    let scale = match decimals.len() {
        1 => 10,
        2 => 1,
        _ => return None,
    };
    let whole: u64 = whole.parse().ok()?;
    let decimals: u64 = decimals.parse().ok()?;
    whole.checked_mul(100)?.checked_add(decimals * scale)
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.hundredths == other.hundredths
    }
}

impl Eq for Amount {}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        self.hundredths.cmp(&other.hundredths)
    }
}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Amount {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hundredths.hash(state);
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount, as text")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
                Amount::new(text).map_err(E::custom)
            }
        }
        // Not as a string, which a number is taken for where that is tolerated.
        deserializer.deserialize_any(Text)
    }
}

/// A currency, as it is written: three capital letters.
///
/// Any three, since the standard's own example (`SLL`) is one that ended;
/// [`currency`](Self::currency) says whether there is such a currency.
///
/// ```
/// use solidarity_dci::{Rule, disburse::CurrencyCode};
///
/// assert_eq!(CurrencyCode::new("KES")?.currency(), Ok("KES".parse().unwrap()));
/// assert_eq!(CurrencyCode::new("ZZZ")?.currency(), Err(Rule::NotACurrency));
/// assert_eq!(CurrencyCode::new("kes"), Err(Rule::NotACurrency));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CurrencyCode(String);

impl CurrencyCode {
    /// The code, if it is three capital letters.
    ///
    /// # Errors
    ///
    /// [`Rule::NotACurrency`].
    pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
        let text = text.into();
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(Self(text))
        } else {
            Err(Rule::NotACurrency)
        }
    }

    /// The currency.
    ///
    /// # Errors
    ///
    /// [`Rule::NotACurrency`] if ISO 4217 has none such with minor units.
    pub fn currency(&self) -> Result<Currency, Rule> {
        self.0.parse().map_err(|_| Rule::NotACurrency)
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Currency> for CurrencyCode {
    fn from(currency: Currency) -> Self {
        Self(currency.code().to_owned())
    }
}

impl Serialize for CurrencyCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CurrencyCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NAME, Self::new)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Leniency;
    use crate::json::Object;

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in [
            "",
            ".",
            "1",
            "1.",
            ".5",
            "1.234",
            "-1.00",
            "+1.00",
            "1e3",
            "1,50",
            "1.5.0",
            " 1.00",
            "1.00\n",
            "\u{661}.00",
            "12345678901234.00",
            "0x1.00",
            "NaN",
        ] {
            assert_eq!(Amount::new(text), Err(Rule::NotAnAmount), "{text:?}");
        }
    }

    #[test]
    fn what_was_written_is_kept_and_values_are_compared() {
        let amounts = ["0010.5", "10.50", "10.5"].map(|text| Amount::new(text).unwrap());
        assert!(amounts.iter().all(|amount| *amount == amounts[0]));
        assert_eq!(
            serde_json::to_string(&amounts).unwrap(),
            r#"["0010.5","10.50","10.5"]"#
        );
        assert!(Amount::new("9.99").unwrap() < amounts[0]);
        assert!(Amount::new("10.51").unwrap() > amounts[0]);
    }

    #[derive(Debug, Deserialize)]
    struct Holder {
        amount: Amount,
    }

    /// Even by a reader that tolerates all else.
    #[test]
    fn a_json_number_is_never_an_amount() {
        for (json, read) in [
            (r#"{"amount":"10.50"}"#, Ok("10.50")),
            (r#"{"amount":10.50}"#, Err(Rule::WrongType)),
            (r#"{"amount":10}"#, Err(Rule::WrongType)),
            (r#"{"amount":null}"#, Err(Rule::WrongType)),
        ] {
            let object: Object = serde_json::from_str(json).unwrap();
            let holder = object.read::<Holder>(&Leniency::all());
            let amount = holder.map(|holder| holder.value.amount.as_str().to_owned());
            assert_eq!(
                amount.as_deref().map_err(crate::Fault::rule),
                read,
                "{json}"
            );
        }
    }

    #[test]
    fn money_that_does_not_fit_is_refused() {
        let money = |text: &str| text.parse::<Money>().unwrap();
        for text in [
            "-0.01 KES",
            "10000000000000.00 KES",
            "10000000000000 UGX",
            "0.001 BHD",
            "10000000000000.000 BHD",
        ] {
            assert_eq!(Amount::of(money(text)), Err(Rule::NotAnAmount), "{text}");
        }
        for (text, written) in [
            ("9999999999999.99 KES", "9999999999999.99"),
            ("0.05 KES", "0.05"),
            ("9999999999999 UGX", "9999999999999.00"),
            ("1.050 BHD", "1.05"),
        ] {
            assert_eq!(Amount::of(money(text)).unwrap().as_str(), written);
        }
    }

    proptest! {
        #[test]
        fn money_that_fits_comes_back(
            hundredths in 0_i128..1_000_000_000_000_000,
            code in "(KES|UGX|BHD)",
        ) {
            let currency: Currency = code.parse().unwrap();
            let minor = match currency.exponent() {
                0 => hundredths / 100,
                3 => hundredths * 10,
                _ => hundredths,
            };
            let money = Money::from_minor(minor, currency).unwrap();
            prop_assert_eq!(Amount::of(money).unwrap().money(currency), Ok(money));
        }
    }
}
