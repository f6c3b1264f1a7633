use solidarity_core::{Currency, Invalid, Money, MoneyError};

/// The largest amount. To post it is to post all of what is pending.
pub const AMOUNT_MAX: u128 = u128::MAX;

/// `money` as a ledger's amount: minor units, never below zero.
///
/// ```
/// use solidarity_core::Money;
/// use solidarity_payments::{amount_of, money_of};
///
/// let money: Money = "10.50 KES".parse()?;
/// assert_eq!(amount_of(money)?, 1_050);
/// assert_eq!(money_of(1_050, money.currency()), Ok(money));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
///
/// # Errors
///
/// [`Invalid`] for less than nothing: a ledger turns the accounts round
/// instead.
pub fn amount_of(money: Money) -> Result<u128, Invalid> {
    u128::try_from(money.minor()).map_err(|_| Invalid::new("amount", "must not be negative"))
}

/// A ledger's amount as money of `currency`.
///
/// # Errors
///
/// [`MoneyError::OutOfRange`] for more than money can be.
pub fn money_of(amount: u128, currency: Currency) -> Result<Money, MoneyError> {
    let minor = i128::try_from(amount).map_err(|_| MoneyError::OutOfRange)?;
    Money::from_minor(minor, currency)
}

/// A whole number as a string of digits: a JSON number loses those beyond
/// 2^53.
pub(super) mod decimal {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(in super::super) fn serialize<T: Display, S: Serializer>(
        number: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(in super::super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr,
        D: Deserializer<'de>,
    {
        let digits = String::deserialize(deserializer)?;
        digits
            .parse()
            .map_err(|_| de::Error::custom("expected a whole number as a string of digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_an_amount_and_back_up_to_its_largest() {
        let kes: Currency = "KES".parse().unwrap();
        let most = solidarity_core::limits::MONEY_MAX_MINOR;
        for minor in [0, 1, most] {
            let money = Money::from_minor(minor, kes).unwrap();
            assert_eq!(money_of(amount_of(money).unwrap(), kes), Ok(money));
        }
        for beyond in [most.unsigned_abs() + 1, AMOUNT_MAX] {
            assert_eq!(money_of(beyond, kes), Err(MoneyError::OutOfRange));
        }
        let owed = Money::from_minor(-1, kes).unwrap();
        assert_eq!(amount_of(owed).unwrap_err().field(), "amount");
    }
}
