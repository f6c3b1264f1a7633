use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;

use super::amount::decimal;

/// A moment as the ledger counts: whole nanoseconds since 1970, no two events
/// at the same one.
///
/// ```
/// use chrono::DateTime;
/// use solidarity_payments::Timestamp;
///
/// let moment = Timestamp::try_from(DateTime::UNIX_EPOCH)?;
/// assert_eq!(moment.to_datetime(), DateTime::UNIX_EPOCH);
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct Timestamp(#[serde(with = "decimal")] u64);

impl Timestamp {
    /// No moment: what an event says that leaves its time to the ledger.
    pub const ZERO: Self = Self(0);

    /// The last moment that a ledger can count to, in the year 2262.
    pub const MAX: Self = Self(u64::MAX >> 1);

    /// The moment `nanos` nanoseconds after the beginning of 1970.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the beginning of 1970.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The same moment, for people.
    #[must_use]
    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(i64::try_from(self.0).unwrap_or(i64::MAX))
    }

    /// This moment `seconds` later, if the ledger can count to it.
    pub(crate) fn after_seconds(self, seconds: u32) -> Option<Self> {
        let nanos = u64::from(seconds) * 1_000_000_000;
        self.after_nanos(nanos)
    }

    /// This moment `nanos` later, if the ledger can count to it.
    pub(crate) fn after_nanos(self, nanos: u64) -> Option<Self> {
        self.0
            .checked_add(nanos)
            .map(Self)
            .filter(|moment| *moment <= Self::MAX)
    }
}

impl TryFrom<DateTime<Utc>> for Timestamp {
    type Error = Invalid;

    fn try_from(at: DateTime<Utc>) -> Result<Self, Invalid> {
        at.timestamp_nanos_opt()
            .and_then(|nanos| u64::try_from(nanos).ok())
            .map(Self)
            .ok_or_else(|| Invalid::new("at", "must be a time from 1970 to 2262"))
    }
}
