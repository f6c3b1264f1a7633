use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::limits::MONEY_MAX_MINOR;

/// A currency of ISO 4217 that has minor units.
///
/// ```
/// use solidarity_core::Currency;
///
/// assert_eq!("KES".parse::<Currency>()?.exponent(), 2);
/// assert_eq!("UGX".parse::<Currency>()?.exponent(), 0);
/// assert!("XAU".parse::<Currency>().is_err()); // gold has no minor unit
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Copy, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Currency {
    iso: iso_currency::Currency,
    exponent: u8,
}

impl Currency {
    /// The currency's three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// How many decimal digits the minor unit takes (ISO 4217, table A.1):
    /// 2 for most, 0 for some, 3 for a few.
    #[must_use]
    pub const fn exponent(self) -> u8 {
        self.exponent
    }

    /// The currency's number in ISO 4217, which a ledger takes as its own.
    #[must_use]
    pub fn number(self) -> u16 {
        self.iso.numeric()
    }

    /// Minor units in one major unit.
    const fn scale(self) -> i128 {
        10_i128.pow(self.exponent as u32)
    }
}

impl FromStr for Currency {
    type Err = Invalid;

    fn from_str(code: &str) -> Result<Self, Invalid> {
        let iso = iso_currency::Currency::from_code(code)
            .ok_or_else(|| Invalid::new("currency", "must be a code of ISO 4217"))?;
        match iso.exponent().map(u8::try_from) {
            Some(Ok(exponent)) if exponent <= 6 => Ok(Self { iso, exponent }),
            _ => Err(Invalid::new("currency", "must have minor units")),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = Invalid;

    fn try_from(code: String) -> Result<Self, Invalid> {
        code.parse()
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> Self {
        currency.code()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money: whole minor units of one currency.
///
/// It is never a float and never rounds by itself. On the wire it is
/// `{"amount":"10.50","currency":"KES"}`: a string, with as many decimals as
/// the currency has; a JSON number is refused. Amounts beyond
/// [`MONEY_MAX_MINOR`](crate::limits::MONEY_MAX_MINOR) either way are refused.
///
/// ```
/// use solidarity_core::Money;
///
/// let amount: Money = "10.50 KES".parse()?;
/// assert_eq!(amount.minor(), 1_050);
/// assert_eq!(serde_json::to_string(&amount).unwrap(), r#"{"amount":"10.50","currency":"KES"}"#);
///
/// // Shared among four, which does not come out even: nothing is lost.
/// let parts = amount.split(4)?;
/// assert_eq!(parts.iter().map(|p| p.minor()).collect::<Vec<_>>(), [263, 263, 262, 262]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Money {
    minor: i128,
    currency: Currency,
}

/// Why an amount of money could not be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Two currencies in one sum.
    #[error("amounts of {left} and {right} do not add up")]
    #[non_exhaustive]
    Mixed {
        /// The first amount's currency.
        left: Currency,
        /// The second amount's currency.
        right: Currency,
    },
    /// Beyond the largest amount.
    #[error("an amount of money is beyond the largest that is taken")]
    OutOfRange,
    /// Not a decimal number with the currency's decimals.
    #[error("an amount of {currency} must be a decimal number with at most {} decimals", currency.exponent())]
    #[non_exhaustive]
    Malformed {
        /// The currency whose amount was written.
        currency: Currency,
    },
    /// No parts, or parts that weigh nothing.
    #[error("money cannot be split into parts that weigh nothing")]
    NoParts,
}

type Result<T, E = MoneyError> = std::result::Result<T, E>;

impl Money {
    /// `minor` minor units of `currency`: cents, where it has cents.
    ///
    /// # Errors
    ///
    /// [`MoneyError::OutOfRange`] beyond the largest amount.
    pub const fn from_minor(minor: i128, currency: Currency) -> Result<Self> {
        if minor > MONEY_MAX_MINOR || minor < -MONEY_MAX_MINOR {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self { minor, currency })
    }

    /// No money, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a decimal amount: `"10.50"`, `"10.5"`, `"10"` or `"-3"`.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Malformed`] for anything else, more decimals than the
    /// currency has among them; [`MoneyError::OutOfRange`] if it is too much.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self> {
        let malformed = MoneyError::Malformed { currency };
        let unsigned = amount.strip_prefix('-').unwrap_or(amount);
        let (whole, decimals) = match unsigned.split_once('.') {
            Some((_, "")) => return Err(malformed),
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let places = usize::from(currency.exponent);
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || decimals.len() > places || !digits(whole) || !digits(decimals) {
            return Err(malformed);
        }
        if whole.len() > 30 {
            return Err(MoneyError::OutOfRange);
        }
        let minor: i128 = format!("{whole}{decimals:0<places$}")
            .parse()
            .map_err(|_| MoneyError::OutOfRange)?;
        let sign = if amount.starts_with('-') { -1 } else { 1 };
        Self::from_minor(sign * minor, currency)
    }

    /// The amount in whole minor units.
    #[must_use]
    pub const fn minor(self) -> i128 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether there is no money at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// The amount as a decimal string, without the currency: `"10.50"`.
    #[must_use]
    pub fn amount(self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (minor, scale) = (
            self.minor.unsigned_abs(),
            self.currency.scale().unsigned_abs(),
        );
        match usize::from(self.currency.exponent) {
            0 => format!("{sign}{minor}"),
            places => format!("{sign}{}.{:0places$}", minor / scale, minor % scale),
        }
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Mixed`] or [`MoneyError::OutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self> {
        self.same_currency(other)?;
        // Neither is over 10^27, so the sum cannot overflow an i128.
        Self::from_minor(self.minor + other.minor, self.currency)
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Mixed`] or [`MoneyError::OutOfRange`].
    pub fn checked_sub(self, other: Self) -> Result<Self> {
        self.same_currency(other)?;
        Self::from_minor(self.minor - other.minor, self.currency)
    }

    /// `times` the amount.
    ///
    /// # Errors
    ///
    /// [`MoneyError::OutOfRange`].
    pub fn checked_mul(self, times: u32) -> Result<Self> {
        let minor = self
            .minor
            .checked_mul(i128::from(times))
            .ok_or(MoneyError::OutOfRange)?;
        Self::from_minor(minor, self.currency)
    }

    /// The sum of `amounts`, zero if there are none.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Mixed`] or [`MoneyError::OutOfRange`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self> {
        amounts
            .into_iter()
            .try_fold(Self::zero(currency), Self::checked_add)
    }

    /// Which of two amounts of one currency is more.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Mixed`].
    pub fn compare(self, other: Self) -> Result<std::cmp::Ordering> {
        self.same_currency(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    /// `parts` parts that differ by one minor unit at most and add up to the
    /// whole; the first parts are the larger ones.
    ///
    /// # Errors
    ///
    /// [`MoneyError::NoParts`] if `parts` is zero.
    pub fn split(self, parts: u16) -> Result<Vec<Self>> {
        self.split_by(&vec![1; usize::from(parts)])
    }

    /// Parts in proportion to `weights`, which add up to the whole: the method
    /// of the largest remainder, where of equal remainders the first comes first.
    ///
    /// # Errors
    ///
    /// [`MoneyError::NoParts`] if the weights add up to zero.
    pub fn split_by(self, weights: &[u32]) -> Result<Vec<Self>> {
        let total: i128 = weights.iter().copied().map(i128::from).sum();
        if total == 0 {
            return Err(MoneyError::NoParts);
        }
        let sign = if self.minor < 0 { -1 } else { 1 };
        let whole = self.minor.abs();
        let mut parts = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().copied().enumerate() {
            // At most 10^27 * 2^32, well below 2^127.
            let share = whole * i128::from(weight);
            parts.push((index, share / total, share % total));
        }
        let left = whole - parts.iter().map(|(_, floor, _)| floor).sum::<i128>();
        parts.sort_by_key(|&(index, _, remainder)| (std::cmp::Reverse(remainder), index));
        for (_, floor, _) in parts
            .iter_mut()
            .take(usize::try_from(left).unwrap_or(usize::MAX))
        {
            *floor += 1;
        }
        parts.sort_by_key(|&(index, _, _)| index);
        parts
            .into_iter()
            .map(|(_, minor, _)| Self::from_minor(sign * minor, self.currency))
            .collect()
    }

    fn same_currency(self, other: Self) -> Result<()> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Mixed {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

impl FromStr for Money {
    type Err = Invalid;

    fn from_str(s: &str) -> Result<Self, Invalid> {
        let (amount, currency) = s
            .split_once(' ')
            .ok_or_else(|| Invalid::new("money", "must be an amount, a space and a currency"))?;
        Self::parse(amount, currency.parse()?).map_err(|e| Invalid::new("money", e.to_string()))
    }
}

#[derive(Deserialize, Serialize)]
struct Wire {
    amount: String,
    currency: Currency,
}

impl TryFrom<Wire> for Money {
    type Error = MoneyError;

    fn try_from(wire: Wire) -> Result<Self> {
        Self::parse(&wire.amount, wire.currency)
    }
}

impl From<Money> for Wire {
    fn from(money: Money) -> Self {
        Self {
            amount: money.amount(),
            currency: money.currency,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_are_written_with_the_currency_s_decimals() {
        for (minor, code, written) in [
            (1_050, "KES", "10.50"),
            (-5, "KES", "-0.05"),
            (1_050, "UGX", "1050"),
            (1_050, "BHD", "1.050"),
            (0, "KES", "0.00"),
        ] {
            let money = Money::from_minor(minor, currency(code)).unwrap();
            assert_eq!(money.amount(), written);
            assert_eq!(Money::parse(written, currency(code)), Ok(money));
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        let kes = currency("KES");
        for bad in [
            "", ".", "1.", ".5", "1.234", "1e3", "+1", "--1", "1,000", " 1", "١", "0x1", "-",
        ] {
            assert_eq!(
                Money::parse(bad, kes),
                Err(MoneyError::Malformed { currency: kes }),
                "{bad}"
            );
        }
        let vast = "9".repeat(40);
        assert_eq!(Money::parse(&vast, kes), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn a_json_number_is_refused() {
        for json in [
            r#"{"amount":10.5,"currency":"KES"}"#,
            r#"{"amount":10,"currency":"KES"}"#,
        ] {
            assert!(serde_json::from_str::<Money>(json).is_err());
        }
    }

    #[test]
    fn currencies_do_not_mix() {
        let (kes, ugx) = (currency("KES"), currency("UGX"));
        let mixed = Err(MoneyError::Mixed {
            left: kes,
            right: ugx,
        });
        assert_eq!(Money::zero(kes).checked_add(Money::zero(ugx)), mixed);
        assert_eq!(Money::zero(kes).checked_sub(Money::zero(ugx)), mixed);
    }

    #[test]
    fn the_largest_amount_is_the_last_one_taken() {
        let kes = currency("KES");
        let most = Money::from_minor(MONEY_MAX_MINOR, kes).unwrap();
        let cent = Money::from_minor(1, kes).unwrap();
        assert_eq!(most.checked_add(cent), Err(MoneyError::OutOfRange));
        assert_eq!(most.checked_mul(2), Err(MoneyError::OutOfRange));
        assert_eq!(most.checked_sub(cent).unwrap().minor(), MONEY_MAX_MINOR - 1);
    }

    proptest! {
        #[test]
        fn a_split_loses_nothing_and_is_fair(
            minor in -1_000_000_000_000_i128..1_000_000_000_000,
            weights in prop::collection::vec(0_u32..10_000, 1..40),
        ) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let whole = Money::from_minor(minor, currency("KES")).unwrap();
            let parts = whole.split_by(&weights).unwrap();
            prop_assert_eq!(Money::sum(whole.currency(), parts.iter().copied()), Ok(whole));
            let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                // Each part is within one minor unit of its exact share.
                let off = (part.minor() * total - minor * i128::from(*weight)).abs();
                prop_assert!(off < total);
            }
        }

        #[test]
        fn what_is_written_is_read_back(minor in -MONEY_MAX_MINOR..=MONEY_MAX_MINOR, code in "(KES|UGX|BHD|CLF)") {
            let money = Money::from_minor(minor, currency(&code)).unwrap();
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
        }
    }
}
