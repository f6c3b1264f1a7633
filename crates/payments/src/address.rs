use serde::{Deserialize, Serialize};
use solidarity_core::limits::LINE_MAX_BYTES;
use solidarity_core::{Invalid, Pii, check_text};

solidarity_core::code! {
    /// A rail by its short name: `national-switch`, `m-wallet`, `post-office`.
    pub struct RailCode;
}

/// What the words of a [`FinancialAddress`] are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "who has no account must never fall under a wildcard"
)]
pub enum AddressForm {
    /// An account at a bank or a post office.
    Account,
    /// A telephone number that holds a wallet.
    Phone,
    /// A place where cash is handed out, for who has no account.
    CashPoint,
}

/// Where a payee is paid: a rail, and an account, a telephone or a cash point
/// on it.
///
/// ```
/// use solidarity_payments::{FinancialAddress, RailCode};
///
/// let wallet = FinancialAddress::phone(RailCode::new("m-wallet")?, "+254712000000")?;
/// assert!(!format!("{wallet:?}").contains("2547"));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Wire")]
pub struct FinancialAddress {
    rail: RailCode,
    form: AddressForm,
    #[serde(with = "solidarity_core::exposed")]
    value: Pii<String>,
}

#[derive(Deserialize)]
struct Wire {
    rail: RailCode,
    form: AddressForm,
    value: String,
}

impl TryFrom<Wire> for FinancialAddress {
    type Error = Invalid;

    fn try_from(wire: Wire) -> Result<Self, Invalid> {
        Self::new(wire.rail, wire.form, wire.value)
    }
}

impl FinancialAddress {
    /// The address `value`, of this form, on `rail`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is blank, holds control characters or is longer than
    /// [`LINE_MAX_BYTES`].
    pub fn new(
        rail: RailCode,
        form: AddressForm,
        value: impl Into<String>,
    ) -> Result<Self, Invalid> {
        let value = value.into();
        check_text("financial address", &value, LINE_MAX_BYTES)?;
        Ok(Self {
            rail,
            form,
            value: Pii::new(value),
        })
    }

    /// An account on `rail`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn account(rail: RailCode, account: impl Into<String>) -> Result<Self, Invalid> {
        Self::new(rail, AddressForm::Account, account)
    }

    /// The wallet behind a telephone number.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn phone(rail: RailCode, number: impl Into<String>) -> Result<Self, Invalid> {
        Self::new(rail, AddressForm::Phone, number)
    }

    /// A cash point of `rail`, for a payee with no account.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn cash_point(rail: RailCode, point: impl Into<String>) -> Result<Self, Invalid> {
        Self::new(rail, AddressForm::CashPoint, point)
    }

    /// The rail that reaches it.
    #[must_use]
    pub const fn rail(&self) -> &RailCode {
        &self.rail
    }

    /// What its words are.
    #[must_use]
    pub const fn form(&self) -> AddressForm {
        self.form
    }

    /// The account, number or point.
    #[must_use]
    pub const fn value(&self) -> &Pii<String> {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_is_checked_again_when_it_is_read() {
        let address =
            FinancialAddress::cash_point(RailCode::from_static("post"), "Kwale 3").unwrap();
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(
            json,
            r#"{"rail":"post","form":"cash_point","value":"Kwale 3"}"#
        );
        assert_eq!(
            serde_json::from_str::<FinancialAddress>(&json).unwrap(),
            address
        );
        assert!(serde_json::from_str::<FinancialAddress>(&json.replace("Kwale 3", " ")).is_err());
    }
}
