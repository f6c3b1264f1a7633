use std::fmt;

use serde::{Deserialize, Serialize};
use solidarity_core::Currency;

macro_rules! number {
    ($($(#[$meta:meta])* $name:ident($of:ty);)+) => {$(
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
        )]
        #[serde(transparent)]
        pub struct $name($of);

        impl $name {
            /// The one of this number. Zero is refused by the ledger.
            #[must_use]
            pub const fn new(number: $of) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> $of {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )+};
}

number! {
    /// Which ledger: one a currency, by its ISO 4217 number.
    LedgerNumber(u32);
    /// What an account is for: see [`Chart`](crate::Chart).
    AccountCode(u16);
    /// Why money moves: see [`Movement`](crate::Movement).
    TransferCode(u16);
}

impl From<Currency> for LedgerNumber {
    fn from(currency: Currency) -> Self {
        Self(u32::from(currency.number()))
    }
}
