use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
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

    /// A year that RFC 3339 can write, in UTC too.
    fn parse(text: String) -> Result<Self, Rule> {
        // Chrono reads more than RFC 3339 has: a space, another minus, a leap
        // second at any minute.
        let plain = text.is_ascii() && text.as_bytes().get(10).is_some_and(|t| b"Tt".contains(t));
        let leaps = text.get(17..19) == Some("60") && text.get(14..16) != Some("59");
        if !plain || leaps {
            return Err(Rule::NotATime);
        }
        let at = DateTime::parse_from_rfc3339(&text).map_err(|_| Rule::NotATime)?;
        let at = at.to_utc();
        if !(0..=9999).contains(&at.year()) {
            return Err(Rule::NotATime);
        }
        Ok(Self(at))
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
            // Chrono reads more than the one way to write a day.
            let plain = text.len() == 10 && day.to_string() == text;
            return plain.then_some(Self::Day(day)).ok_or(Rule::NotADate);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_a_day() {
        let parse = |text: &str| Date::parse(text.to_owned());
        for good in ["0000-01-01", "1995-09-01", "9999-12-31"] {
            assert_eq!(
                parse(good).map(|date| date.day().to_string()).as_deref(),
                Ok(good)
            );
        }
        for bad in [
            "5-1-1",
            " 1995-09-01",
            "1995- 9-01",
            "1995-9-1",
            "+12345-01-01",
            "-0001-01-01",
            "",
        ] {
            assert_eq!(parse(bad), Err(Rule::NotADate), "{bad}");
        }
    }

    #[test]
    fn what_is_read_can_be_written() {
        let parse = |text: &str| Timestamp::parse(text.to_owned());
        for bad in [
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "1995-09-01",
            "1995-09-01T00:00:00",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00\u{2212}01:00",
            "2026-03-01T12:30:60Z",
        ] {
            assert_eq!(parse(bad), Err(Rule::NotATime), "{bad}");
        }
        for good in [
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
            "2016-12-31T23:59:60Z",
        ] {
            let written = serde_json::to_string(&parse(good).unwrap()).unwrap();
            assert_eq!(written, format!("\"{good}\""));
        }
    }
}
