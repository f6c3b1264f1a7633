use std::cmp::Ordering;
use std::str::FromStr;

use calendrical_calculations::rata_die::RataDie;
use calendrical_calculations::{coptic, ethiopian, islamic, persian};
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::Invalid;

/// A calendar other than the Gregorian in which people state dates.
///
/// They are reckoned as the crate `calendrical_calculations` does, after
/// Reingold and Dershowitz, *Calendrical Calculations*.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Calendar {
    /// Ethiopian, in years of the Incarnation (Amete Mihret): 12 months of 30
    /// days and a thirteenth of 5 or 6.
    Ethiopian,
    /// Coptic, in years of the Martyrs.
    Coptic,
    /// Islamic, by the tabular (civil, Friday epoch) reckoning. A month begins
    /// when the crescent is seen, so a stated day is held one day wider on
    /// both sides.
    Hijri,
    /// Persian solar Hijri, by the 33-year arithmetic.
    Persian,
}

impl Calendar {
    const fn months(self) -> u8 {
        match self {
            Self::Ethiopian | Self::Coptic => 13,
            Self::Hijri | Self::Persian => 12,
        }
    }

    fn first_of(self, year: i32, month: u8) -> RataDie {
        let (year, month) = if month > self.months() {
            (year + 1, 1)
        } else {
            (year, month)
        };
        match self {
            Self::Ethiopian => ethiopian::fixed_from_ethiopian(year, month, 1),
            Self::Coptic => coptic::fixed_from_coptic(year, month, 1),
            Self::Hijri => {
                islamic::fixed_from_tabular_islamic(year, month, 1, islamic::ISLAMIC_EPOCH_FRIDAY)
            }
            Self::Persian => persian::fixed_from_fast_persian(year, month, 1),
        }
    }

    /// The days that the statement may mean, as days of the common era.
    fn bounds(self, year: i32, month: Option<u8>, day: Option<u8>) -> Option<(i64, i64)> {
        let wider = i64::from(self == Self::Hijri);
        let (first, next) = match month {
            None => (self.first_of(year, 1), self.first_of(year + 1, 1)),
            Some(m) if (1..=self.months()).contains(&m) => {
                (self.first_of(year, m), self.first_of(year, m + 1))
            }
            Some(_) => return None,
        };
        let (first, next) = (first.to_i64_date(), next.to_i64_date());
        let (earliest, latest) = match day {
            None => (first, next - 1),
            Some(d) if d >= 1 && month.is_some() && first + i64::from(d) <= next => {
                (first + i64::from(d) - 1, first + i64::from(d) - 1)
            }
            Some(_) => return None,
        };
        Some((earliest - wider, latest + wider))
    }
}

/// What a person said about a date, word for word.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "its forms are those of `StatedDate`, which matches them all"
)]
pub enum Stated {
    /// Only a year.
    Year(i32),
    /// A year and a month.
    Month {
        /// The year.
        year: i32,
        /// The month, 1 to 12.
        month: u8,
    },
    /// A full date.
    Day(NaiveDate),
    /// An age, in completed years, on a day.
    Age {
        /// The age.
        years: u16,
        /// The day on which it was stated.
        on: NaiveDate,
    },
    /// Not before one day and not after another.
    Between {
        /// The first day that it may be.
        earliest: NaiveDate,
        /// The last day that it may be.
        latest: NaiveDate,
    },
    /// A date in another calendar, as far as it is known.
    Other {
        /// The calendar.
        calendar: Calendar,
        /// The year, in that calendar.
        year: i32,
        /// The month, from 1.
        month: Option<u8>,
        /// The day of the month, from 1.
        day: Option<u8>,
    },
}

/// A date as stated, beside the earliest and the latest Gregorian day that it
/// may be.
///
/// Nothing is made up: a year stays a year. Ages come out as intervals, and
/// two dates are ordered only where the order is certain. Dates lie in the
/// Gregorian years 1 to 9999.
///
/// ```
/// use chrono::NaiveDate;
/// use solidarity_core::StatedDate;
///
/// let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
/// let born: StatedDate = "1984".parse()?;
/// assert_eq!((born.earliest(), born.latest()), (day(1984, 1, 1), day(1984, 12, 31)));
///
/// let age = born.age_on(day(2026, 6, 1)).unwrap();
/// assert_eq!((age.min(), age.max()), (41, 42));
/// assert_eq!(age.at_least(42), None); // it cannot be known
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Stated", into = "Stated")]
pub struct StatedDate {
    stated: Stated,
    earliest: NaiveDate,
    latest: NaiveDate,
}

impl StatedDate {
    /// The date that `stated` says.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if there is no such date, or the interval is upside down.
    pub fn new(stated: Stated) -> Result<Self, Invalid> {
        let (earliest, latest) = bounds(stated).ok_or_else(|| {
            Invalid::new(
                "date",
                "must be a date that there is, in the years 1 to 9999",
            )
        })?;
        if earliest > latest {
            return Err(Invalid::new("date", "must not end before it begins"));
        }
        Ok(Self {
            stated,
            earliest,
            latest,
        })
    }

    /// The full date `day`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] outside the years 1 to 9999.
    pub fn day(day: NaiveDate) -> Result<Self, Invalid> {
        Self::new(Stated::Day(day))
    }

    /// What was said.
    #[must_use]
    pub const fn stated(&self) -> Stated {
        self.stated
    }

    /// The first Gregorian day that it may be.
    #[must_use]
    pub const fn earliest(&self) -> NaiveDate {
        self.earliest
    }

    /// The last Gregorian day that it may be.
    #[must_use]
    pub const fn latest(&self) -> NaiveDate {
        self.latest
    }

    /// The day, where only one is meant.
    #[must_use]
    pub fn certain(&self) -> Option<NaiveDate> {
        (self.earliest == self.latest).then_some(self.earliest)
    }

    /// The order of two dates, where it is certain.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.latest < other.earliest {
            Some(Ordering::Less)
        } else if self.earliest > other.latest {
            Some(Ordering::Greater)
        } else if self.certain().is_some() && self.certain() == other.certain() {
            Some(Ordering::Equal)
        } else {
            None
        }
    }

    /// Whether the two may mean one day.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        self.earliest <= other.latest && other.earliest <= self.latest
    }

    /// The age, in completed years, that someone born on this date has on
    /// `day`. `None` if they are certainly not born yet.
    #[must_use]
    pub fn age_on(&self, day: NaiveDate) -> Option<Age> {
        let max = years_between(self.earliest, day)?;
        Some(Age {
            min: years_between(self.latest, day).unwrap_or(0),
            max,
        })
    }
}

/// An age in completed years, as an interval.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Age {
    min: u16,
    max: u16,
}

impl Age {
    /// The least it may be.
    #[must_use]
    pub const fn min(self) -> u16 {
        self.min
    }

    /// The most it may be.
    #[must_use]
    pub const fn max(self) -> u16 {
        self.max
    }

    /// Whether the age is at least `years`, where that is certain.
    #[must_use]
    pub const fn at_least(self, years: u16) -> Option<bool> {
        if self.min >= years {
            Some(true)
        } else if self.max < years {
            Some(false)
        } else {
            None
        }
    }
}

fn years_between(born: NaiveDate, day: NaiveDate) -> Option<u16> {
    day.years_since(born)
        .and_then(|years| u16::try_from(years).ok())
}

fn bounds(stated: Stated) -> Option<(NaiveDate, NaiveDate)> {
    let (earliest, latest) = match stated {
        Stated::Year(year) => (
            NaiveDate::from_ymd_opt(year, 1, 1)?,
            NaiveDate::from_ymd_opt(year, 12, 31)?,
        ),
        Stated::Month { year, month } => {
            let first = NaiveDate::from_ymd_opt(year, month.into(), 1)?;
            (first, first.checked_add_months(Months::new(1))?.pred_opt()?)
        }
        Stated::Day(day) => (day, day),
        Stated::Age { years, on } => {
            let latest = on.checked_sub_months(Months::new(u32::from(years) * 12))?;
            let before = on.checked_sub_months(Months::new((u32::from(years) + 1) * 12))?;
            (before.checked_add_days(Days::new(1))?, latest)
        }
        Stated::Between { earliest, latest } => (earliest, latest),
        Stated::Other {
            calendar,
            year,
            month,
            day,
        } => {
            if !(1..=9999).contains(&year) {
                return None;
            }
            let (earliest, latest) = calendar.bounds(year, month, day)?;
            let gregorian = |fixed| {
                i32::try_from(fixed)
                    .ok()
                    .and_then(NaiveDate::from_num_days_from_ce_opt)
            };
            (gregorian(earliest)?, gregorian(latest)?)
        }
    };
    let held = |d: NaiveDate| (1..=9999).contains(&d.year());
    (held(earliest) && held(latest)).then_some((earliest, latest))
}

impl TryFrom<Stated> for StatedDate {
    type Error = Invalid;

    fn try_from(stated: Stated) -> Result<Self, Invalid> {
        Self::new(stated)
    }
}

impl From<StatedDate> for Stated {
    fn from(date: StatedDate) -> Self {
        date.stated
    }
}

impl FromStr for StatedDate {
    type Err = Invalid;

    /// Reads `1984`, `1984-05` or `1984-05-12` (ISO 8601-1:2019, 5.2.2).
    fn from_str(s: &str) -> Result<Self, Invalid> {
        let malformed = || Invalid::new("date", "must be YYYY, YYYY-MM or YYYY-MM-DD");
        let number = |part: &str, width: usize| {
            (part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u16>().ok())
                .flatten()
                .ok_or_else(malformed)
        };
        let mut parts = s.split('-');
        let year = i32::from(number(parts.next().unwrap_or_default(), 4)?);
        let month = parts.next().map(|p| number(p, 2)).transpose()?;
        let day = parts.next().map(|p| number(p, 2)).transpose()?;
        if parts.next().is_some() {
            return Err(malformed());
        }
        Self::new(match (month, day) {
            (None, _) => Stated::Year(year),
            (Some(month), None) => Stated::Month {
                year,
                month: u8::try_from(month).map_err(|_| malformed())?,
            },
            (Some(month), Some(day)) => Stated::Day(
                NaiveDate::from_ymd_opt(year, month.into(), day.into()).ok_or_else(|| {
                    Invalid::new(
                        "date",
                        "must be a date that there is, in the years 1 to 9999",
                    )
                })?,
            ),
        })
    }
}

/// The days from one to another, both included; open at the end while there
/// is no end.
///
/// ```
/// use chrono::NaiveDate;
/// use solidarity_core::Validity;
///
/// let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
/// let validity = Validity::new(day(2026, 1, 1), Some(day(2026, 1, 31)))?;
/// assert!(validity.holds_on(day(2026, 1, 31)));
/// assert!(!validity.holds_on(day(2026, 2, 1)));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "ValidityWire")]
pub struct Validity {
    from: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct ValidityWire {
    from: NaiveDate,
    #[serde(default)]
    to: Option<NaiveDate>,
}

impl TryFrom<ValidityWire> for Validity {
    type Error = Invalid;

    fn try_from(wire: ValidityWire) -> Result<Self, Invalid> {
        Self::new(wire.from, wire.to)
    }
}

impl Validity {
    /// From `from` to `to`, both included.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it ends before it begins.
    pub fn new(from: NaiveDate, to: Option<NaiveDate>) -> Result<Self, Invalid> {
        if to.is_some_and(|to| to < from) {
            return Err(Invalid::new("validity", "must not end before it begins"));
        }
        Ok(Self { from, to })
    }

    /// From `from` on, without an end.
    #[must_use]
    pub const fn since(from: NaiveDate) -> Self {
        Self { from, to: None }
    }

    /// The first day.
    #[must_use]
    pub const fn from(&self) -> NaiveDate {
        self.from
    }

    /// The last day, if there is one.
    #[must_use]
    pub const fn to(&self) -> Option<NaiveDate> {
        self.to
    }

    /// Whether `day` is among the days.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Whether the two have a day in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn every_form_has_its_bounds() {
        let other = |calendar, year, month, day| Stated::Other {
            calendar,
            year,
            month,
            day,
        };
        for (stated, earliest, latest) in [
            (Stated::Year(1984), day(1984, 1, 1), day(1984, 12, 31)),
            (
                Stated::Month {
                    year: 2024,
                    month: 2,
                },
                day(2024, 2, 1),
                day(2024, 2, 29),
            ),
            (
                Stated::Age {
                    years: 30,
                    on: day(2026, 6, 15),
                },
                day(1995, 6, 16),
                day(1996, 6, 15),
            ),
            // 1 Meskerem 2000, the Ethiopian millennium, was 12 September 2007.
            (
                other(Calendar::Ethiopian, 2000, Some(1), Some(1)),
                day(2007, 9, 12),
                day(2007, 9, 12),
            ),
            (
                other(Calendar::Ethiopian, 2000, Some(13), None),
                day(2008, 9, 6),
                day(2008, 9, 10),
            ),
            // 1 Farvardin 1400 was 21 March 2021.
            (
                other(Calendar::Persian, 1400, Some(1), Some(1)),
                day(2021, 3, 21),
                day(2021, 3, 21),
            ),
            // 1 Ramadan 1445 was seen on the eve of 11 or 12 March 2024.
            (
                other(Calendar::Hijri, 1445, Some(9), Some(1)),
                day(2024, 3, 10),
                day(2024, 3, 12),
            ),
        ] {
            let date = StatedDate::new(stated).unwrap();
            assert_eq!(
                (date.earliest(), date.latest()),
                (earliest, latest),
                "{stated:?}"
            );
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for bad in [
            "",
            "84",
            "1984-13",
            "1984-02-30",
            "1984-5-1",
            "1984-05-12-1",
            "0000",
            "１９８４",
            "1984-05-12T00",
        ] {
            assert!(bad.parse::<StatedDate>().is_err(), "{bad}");
        }
        for bad in [
            Stated::Month {
                year: 1984,
                month: 0,
            },
            Stated::Age {
                years: u16::MAX,
                on: day(2026, 1, 1),
            },
            Stated::Between {
                earliest: day(2026, 1, 2),
                latest: day(2026, 1, 1),
            },
            Stated::Other {
                calendar: Calendar::Ethiopian,
                year: 2000,
                month: Some(13),
                day: Some(7),
            },
            Stated::Other {
                calendar: Calendar::Persian,
                year: 1400,
                month: None,
                day: Some(1),
            },
        ] {
            assert!(StatedDate::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_order_is_given_only_where_it_is_certain() {
        let date = |s: &str| s.parse::<StatedDate>().unwrap();
        assert_eq!(date("1984").compare(&date("1985")), Some(Ordering::Less));
        assert_eq!(date("1984").compare(&date("1984-05")), None);
        assert_eq!(date("1984").compare(&date("1984")), None);
        assert_eq!(
            date("1984-05-01").compare(&date("1984-05-01")),
            Some(Ordering::Equal)
        );
        assert!(date("1984").may_be(&date("1984-05")));
    }

    #[test]
    fn nobody_has_an_age_before_birth() {
        let born = "2026".parse::<StatedDate>().unwrap();
        assert_eq!(born.age_on(day(2025, 12, 31)), None);
        assert_eq!(
            born.age_on(day(2026, 6, 1)).map(|a| (a.min(), a.max())),
            Some((0, 0))
        );
    }

    proptest! {
        #[test]
        fn an_age_interval_holds_the_true_age(days in 0_i32..20_000, years in 0_u16..90) {
            let on = day(2026, 3, 1);
            let stated = StatedDate::new(Stated::Age { years, on }).unwrap();
            let asked = on.checked_add_days(Days::new(days.unsigned_abs().into())).unwrap();
            let age = stated.age_on(asked).unwrap();
            for born in [stated.earliest(), stated.latest()] {
                let truth = years_between(born, asked).unwrap();
                prop_assert!(age.min() <= truth && truth <= age.max());
            }
            prop_assert!(age.max() - age.min() <= 1);
            prop_assert_eq!(stated.age_on(on).map(|a| (a.min(), a.max())), Some((years, years)));
        }

        #[test]
        fn what_is_written_is_read_back(y in 1_i32..=9999, m in prop::option::of(1_u8..=12), d in prop::option::of(1_u8..=29)) {
            let date = StatedDate::new(Stated::Other { calendar: Calendar::Ethiopian, year: y.min(9990), month: m, day: m.and(d) }).unwrap();
            let json = serde_json::to_string(&date).unwrap();
            prop_assert_eq!(serde_json::from_str::<StatedDate>(&json).unwrap(), date);
        }
    }
}
