use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Rule, spelling, text};

/// A moment, as RFC 3339 writes it with its offset from UTC (`date-time` in
/// the standard's OpenAPI).
///
/// ```
/// use solidarity_dci::Timestamp;
///
/// let at: Timestamp = serde_json::from_str(r#""2026-03-01T09:30:00+03:00""#)?;
/// assert_eq!(serde_json::to_string(&at)?, r#""2026-03-01T06:30:00Z""#);
/// assert!(serde_json::from_str::<Timestamp>(r#""2026-03-01T09:30:00""#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The moment `at`.
    #[must_use]
    pub const fn new(at: DateTime<Utc>) -> Self {
        Self(at)
    }

    /// The moment.
    #[must_use]
    pub const fn at(self) -> DateTime<Utc> {
        self.0
    }

    fn parse(text: String) -> Result<Self, Rule> {
        DateTime::parse_from_rfc3339(&text)
            .map(|at| Self(at.to_utc()))
            .map_err(|_| Rule::NotATime)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::read(deserializer, spelling::TIME, Self::parse)
    }
}

/// A date in a record, which the standard's examples write as a day or as a
/// moment.
///
/// ```
/// use solidarity_dci::Date;
///
/// for text in [r#""1995-09-21""#, r#""1995-09-21T11:20:00Z""#] {
///     let date: Date = serde_json::from_str(text)?;
///     assert_eq!(date.day().to_string(), "1995-09-21");
///     assert_eq!(serde_json::to_string(&date)?, text);
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Date {
    /// A day.
    Day(NaiveDate),
    /// A moment.
    Moment(Timestamp),
}

impl Date {
    /// The day; of a moment, the day in UTC.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Moment(moment) => moment.at().date_naive(),
        }
    }

    fn parse(text: String) -> Result<Self, Rule> {
        if let Ok(day) = NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            return Ok(Self::Day(day));
        }
        let moment = Timestamp::parse(text).map_err(|_| Rule::NotADate)?;
        Ok(Self::Moment(moment))
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Day(day) => day.serialize(serializer),
            Self::Moment(moment) => moment.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::read(deserializer, spelling::DATE, Self::parse)
    }
}
