use serde::{Deserialize, Serialize};

/// How much harm a case does in the wrong hands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a sensitive case must never fall under a wildcard"
)]
pub enum Sensitivity {
    /// An error, a delay, a missing payment.
    Standard,
    /// Corruption, misconduct, a breach of data.
    Sensitive,
    /// Violence, exploitation, abuse.
    HighlySensitive,
}

impl Sensitivity {
    /// Every sensitivity, the least first.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Sensitive, Self::HighlySensitive];
}

/// One value for each sensitivity. None is left to a default.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it has one field for each sensitivity, and those are exhaustive"
)]
pub struct BySensitivity<T> {
    /// For standard cases.
    pub standard: T,
    /// For sensitive cases.
    pub sensitive: T,
    /// For highly sensitive cases.
    pub highly_sensitive: T,
}

impl<T> BySensitivity<T> {
    /// `standard` for standard cases, `sealed` for all others.
    pub fn split(standard: T, sealed: T) -> Self
    where
        T: Clone,
    {
        Self {
            standard,
            sensitive: sealed.clone(),
            highly_sensitive: sealed,
        }
    }

    /// `value` for all cases.
    pub fn all(value: T) -> Self
    where
        T: Clone,
    {
        Self::split(value.clone(), value)
    }

    /// The value for `sensitivity`.
    pub const fn of(&self, sensitivity: Sensitivity) -> &T {
        match sensitivity {
            Sensitivity::Standard => &self.standard,
            Sensitivity::Sensitive => &self.sensitive,
            Sensitivity::HighlySensitive => &self.highly_sensitive,
        }
    }
}
