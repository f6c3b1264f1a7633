use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// No run of days off is longer; a search for a working day ends here.
const DAYS_LOOKED_AT_MAX: u16 = 3_660;

/// Which days are worked, and where a day begins.
///
/// ```
/// use solidarity_grievance::WorkingCalendar;
///
/// // Friday and Saturday are the weekend; the clocks say UTC+3.
/// let calendar: WorkingCalendar = toml::from_str(r#"
///     weekend = ["Fri", "Sat"]
///     holidays = ["2026-04-21"]
///     utc_offset_minutes = 180
/// "#)?;
/// assert!(!calendar.is_working("2026-04-21".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WorkingCalendar {
    /// The days of the week on which nobody works.
    pub weekend: Vec<Weekday>,
    /// The days of the year on which nobody works.
    #[serde(default)]
    pub holidays: BTreeSet<NaiveDate>,
    /// How far local time is ahead of UTC, in minutes; below zero, behind. At
    /// most 18 hours either way, without summer time.
    #[serde(default)]
    pub utc_offset_minutes: i16,
}

impl WorkingCalendar {
    /// A calendar without holidays, by UTC.
    #[must_use]
    pub const fn new(weekend: Vec<Weekday>) -> Self {
        Self {
            weekend,
            holidays: BTreeSet::new(),
            utc_offset_minutes: 0,
        }
    }

    /// The same, with these days off.
    #[must_use]
    pub fn with_holidays(mut self, holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.holidays.extend(holidays);
        self
    }

    /// Whether `day` is worked.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> bool {
        !self.weekend.contains(&day.weekday()) && !self.holidays.contains(&day)
    }

    /// The local day of `at`.
    #[must_use]
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.checked_add_signed(self.ahead())
            .unwrap_or(at)
            .date_naive()
    }

    /// The end of the `days`th working day after the day of `from`.
    #[must_use]
    pub fn add_working_days(&self, from: DateTime<Utc>, days: u16) -> DateTime<Utc> {
        let mut day = self.day_of(from);
        let mut left = days;
        for _ in 0..DAYS_LOOKED_AT_MAX {
            if left == 0 {
                break;
            }
            day = day.succ_opt().unwrap_or(day);
            left -= u16::from(self.is_working(day));
        }
        self.end_of(day)
    }

    fn add_days(&self, from: DateTime<Utc>, days: u16) -> DateTime<Utc> {
        let day = self.day_of(from);
        self.end_of(
            day.checked_add_days(Days::new(days.into()))
                .unwrap_or(NaiveDate::MAX),
        )
    }

    fn end_of(&self, day: NaiveDate) -> DateTime<Utc> {
        day.succ_opt()
            .map(|next| next.and_time(NaiveTime::MIN).and_utc())
            .and_then(|midnight| midnight.checked_sub_signed(self.ahead()))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn ahead(&self) -> TimeDelta {
        TimeDelta::minutes(self.utc_offset_minutes.into())
    }
}

/// How long something may take. Days end at local midnight; the day on which
/// the clock starts does not count.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever shows a deadline must name its unit"
)]
pub enum Span {
    /// Hours, worked or not.
    Hours(u16),
    /// Days, worked or not.
    Days(u16),
    /// Working days.
    WorkingDays(u16),
}

impl Span {
    /// When a clock of this length, started at `from`, runs out.
    #[must_use]
    pub fn after(self, from: DateTime<Utc>, calendar: &WorkingCalendar) -> DateTime<Utc> {
        match self {
            Self::Hours(hours) => from
                .checked_add_signed(TimeDelta::hours(hours.into()))
                .unwrap_or(DateTime::<Utc>::MAX_UTC),
            Self::Days(days) => calendar.add_days(from, days),
            Self::WorkingDays(days) => calendar.add_working_days(from, days),
        }
    }

    /// Whether it is at least one unit and at most
    /// [`SPAN_MAX_DAYS`](crate::limits::SPAN_MAX_DAYS).
    #[must_use]
    pub const fn is_sensible(self) -> bool {
        let (count, most) = match self {
            Self::Hours(hours) => (hours, crate::limits::SPAN_MAX_DAYS * 24),
            Self::Days(days) | Self::WorkingDays(days) => (days, crate::limits::SPAN_MAX_DAYS),
        };
        count >= 1 && count <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn calendar() -> WorkingCalendar {
        WorkingCalendar::new(vec![Weekday::Sat, Weekday::Sun])
            .with_holidays(["2026-12-25".parse().unwrap(), "2026-12-28".parse().unwrap()])
    }

    #[test]
    fn spans_end_where_a_person_would_say() {
        // 2026-12-24 is a Thursday.
        for (span, from, ends) in [
            (
                Span::Hours(24),
                "2026-12-24T10:30:00Z",
                "2026-12-25T10:30:00Z",
            ),
            (
                Span::Days(1),
                "2026-12-24T10:30:00Z",
                "2026-12-26T00:00:00Z",
            ),
            (
                Span::WorkingDays(0),
                "2026-12-24T10:30:00Z",
                "2026-12-25T00:00:00Z",
            ),
            // Friday is a holiday, then the weekend, then another holiday.
            (
                Span::WorkingDays(1),
                "2026-12-24T10:30:00Z",
                "2026-12-30T00:00:00Z",
            ),
            (
                Span::WorkingDays(3),
                "2026-12-24T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            // A complaint on a Saturday starts its clock on Monday's morning.
            (
                Span::WorkingDays(1),
                "2026-12-19T23:59:59Z",
                "2026-12-22T00:00:00Z",
            ),
        ] {
            assert_eq!(
                span.after(at(from), &calendar()),
                at(ends),
                "{span:?} {from}"
            );
        }
    }

    #[test]
    fn a_day_is_a_local_day() {
        let mut calendar = calendar();
        calendar.utc_offset_minutes = 345; // UTC+5:45
        // 20:00 on Thursday the 17th in UTC is Friday the 18th here.
        assert_eq!(
            Span::WorkingDays(1).after(at("2026-12-17T20:00:00Z"), &calendar),
            at("2026-12-21T18:15:00Z")
        );
    }

    #[test]
    fn a_calendar_without_working_days_still_ends() {
        let never = WorkingCalendar::new(vec![
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
            Weekday::Sat,
            Weekday::Sun,
        ]);
        let end = Span::WorkingDays(u16::MAX).after(at("2026-01-01T00:00:00Z"), &never);
        assert!(end < at("2037-01-01T00:00:00Z"));
        let far = Span::Days(u16::MAX).after(DateTime::<Utc>::MAX_UTC, &never);
        assert_eq!(far, DateTime::<Utc>::MAX_UTC);
    }
}
