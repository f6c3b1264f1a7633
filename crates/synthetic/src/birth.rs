//! What people say about when they were born.

use chrono::{Datelike, NaiveDate};
use solidarity_core::{Calendar, Stated, StatedDate};

use crate::Region;
use crate::random::Random;

#[derive(Clone, Copy)]
enum Form {
    Missing,
    FirstOfJanuary,
    Year,
    Age,
    Month,
    Day,
}

/// What somebody born on `born` says on `on`.
pub(crate) fn statement(
    born: NaiveDate,
    on: NaiveDate,
    region: Region,
    random: &mut Random,
) -> Option<Stated> {
    let form = random.share(
        &[
            (9, Form::Missing),
            (14, Form::FirstOfJanuary),
            (16, Form::Year),
            (12, Form::Age),
            (3, Form::Month),
        ],
        Form::Day,
    );
    match form {
        Form::Missing => None,
        Form::FirstOfJanuary => NaiveDate::from_ymd_opt(born.year(), 1, 1).map(Stated::Day),
        Form::Year => Some(Stated::Year(born.year())),
        Form::Age => Some(Stated::Age {
            years: u16::try_from(on.years_since(born).unwrap_or(0)).unwrap_or(0),
            on,
        }),
        Form::Month => Some(Stated::Month {
            year: born.year(),
            month: u8::try_from(born.month()).unwrap_or(1),
        }),
        Form::Day => match region {
            Region::Ethiopia if random.percent(60) => in_calendar(Calendar::Ethiopian, born),
            Region::Arabic if random.percent(30) => in_calendar(Calendar::Hijri, born),
            _ => Some(Stated::Day(born)),
        },
    }
}

/// `day` in another calendar.
fn in_calendar(calendar: Calendar, day: NaiveDate) -> Option<Stated> {
    let (around, wider) = match calendar {
        Calendar::Ethiopian => (day.year() - 8, 0),
        Calendar::Hijri => ((day.year() - 622) * 33 / 32, 1),
        _ => return None,
    };
    for year in around - 1..=around + 2 {
        for month in 1..=13 {
            let of = |day| Stated::Other {
                calendar,
                year,
                month: Some(month),
                day,
            };
            let Ok(bounds) = StatedDate::new(of(None)) else {
                continue;
            };
            // A month of the Hijri calendar is held a day wider on both sides.
            let first = bounds.earliest() + chrono::TimeDelta::days(wider);
            let last = bounds.latest() - chrono::TimeDelta::days(wider);
            if (first..=last).contains(&day) {
                let nth = u8::try_from((day - first).num_days() + 1).ok()?;
                return Some(of(Some(nth)));
            }
        }
    }
    None
}

/// The birth as the file has it: the words and the calendar.
pub(crate) fn written(birth: Option<Stated>) -> (String, &'static str) {
    match birth {
        None => (String::new(), ""),
        Some(Stated::Year(year)) => (format!("{year:04}"), "gregorian"),
        Some(Stated::Month { year, month }) => (format!("{year:04}-{month:02}"), "gregorian"),
        Some(Stated::Day(day)) => (day.to_string(), "gregorian"),
        Some(Stated::Age { years, .. }) => (years.to_string(), "gregorian"),
        // The generator makes no intervals.
        Some(Stated::Between { earliest, .. }) => (earliest.to_string(), "gregorian"),
        Some(Stated::Other {
            calendar,
            year,
            month,
            day,
        }) => {
            let mut words = format!("{year:04}");
            for part in [month, day].into_iter().flatten() {
                words.push_str(&format!("-{part:02}"));
            }
            let calendar = match calendar {
                Calendar::Ethiopian => "ethiopian",
                Calendar::Coptic => "coptic",
                Calendar::Hijri => "hijri",
                Calendar::Persian => "persian",
                _ => "other",
            };
            (words, calendar)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    proptest! {
        #[test]
        fn a_statement_may_mean_the_day_of_birth_or_is_the_first_of_january(
            ago in 0_u64..36_000,
            seed in any::<u64>(),
        ) {
            let on = day(2026, 11, 1);
            let born = on - chrono::Days::new(ago);
            let mut random = Random::of(seed, 0, 0);
            for region in [Region::Ethiopia, Region::Arabic, Region::Java] {
                let Some(stated) = statement(born, on, region, &mut random) else { continue };
                let date = StatedDate::new(stated).unwrap();
                let holds = date.earliest() <= born && born <= date.latest();
                let weak = stated == Stated::Day(day(born.year(), 1, 1));
                prop_assert!(holds || weak, "{:?} {:?}", born, stated);
            }
        }

        #[test]
        fn a_day_in_another_calendar_is_that_day(ago in 0_u64..36_000) {
            let born = day(2026, 11, 1) - chrono::Days::new(ago);
            for calendar in [Calendar::Ethiopian, Calendar::Hijri] {
                let date = StatedDate::new(in_calendar(calendar, born).unwrap()).unwrap();
                prop_assert!(date.earliest() <= born && born <= date.latest());
                prop_assert!((date.latest() - date.earliest()).num_days() <= 2);
            }
        }
    }
}
