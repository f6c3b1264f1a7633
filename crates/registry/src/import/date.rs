//! Dates as a mapping says that they are written.

use std::str::Chars;

use chrono::NaiveDate;
use serde::Deserialize;
use solidarity_core::{Calendar, Invalid, Stated, StatedDate};

/// How a date is written: `YYYY-MM-DD`, `DD/MM/YYYY`, `D.M.YYYY`, `YYYYMMDD`,
/// `YYYY-MM`, `YYYY`, or `age` for an age in completed years.
///
/// `YYYY` is four digits, `MM` and `DD` are two, `M` and `D` one or two;
/// anything that is not a letter stands for itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub(super) struct DateFormat(Vec<Token>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Token {
    Year,
    /// With so many digits at the least.
    Month(usize),
    Day(usize),
    Age,
    Other(char),
}

/// What a date that fits no format, or no day, is told.
const NO_FORMAT: &str = "must be a date in a format of the mapping";
const NO_DATE: &str = "must be a date that there is";

/// More than anybody's age.
const AGE_MAX: u16 = 150;

impl TryFrom<String> for DateFormat {
    type Error = Invalid;

    fn try_from(pattern: String) -> Result<Self, Invalid> {
        let broken = || {
            Invalid::new(
                "formats",
                "must be made of YYYY, MM or M, DD or D and marks between them, or be `age`",
            )
        };
        if pattern == "age" {
            return Ok(Self(vec![Token::Age]));
        }
        let mut tokens = Vec::new();
        let mut rest = pattern.as_str();
        while let Some(first) = rest.chars().next() {
            let (token, length) = if rest.starts_with("YYYY") {
                (Token::Year, 4)
            } else if rest.starts_with("MM") {
                (Token::Month(2), 2)
            } else if rest.starts_with('M') {
                (Token::Month(1), 1)
            } else if rest.starts_with("DD") {
                (Token::Day(2), 2)
            } else if rest.starts_with('D') {
                (Token::Day(1), 1)
            } else if first.is_alphanumeric() {
                return Err(broken());
            } else {
                (Token::Other(first), first.len_utf8())
            };
            tokens.push(token);
            rest = rest.get(length..).unwrap_or_default();
        }
        let count = |of: fn(&Token) -> bool| tokens.iter().filter(|t| of(t)).count();
        let years = count(|t| *t == Token::Year);
        let months = count(|t| matches!(t, Token::Month(_)));
        let days = count(|t| matches!(t, Token::Day(_)));
        if years == 1 && months <= 1 && days <= months {
            Ok(Self(tokens))
        } else {
            Err(broken())
        }
    }
}

impl DateFormat {
    pub(super) fn is_age(&self) -> bool {
        self.0 == [Token::Age]
    }

    /// Whether some text can be read by both and means two dates: `DD/MM/YYYY`
    /// and `MM/DD/YYYY`.
    pub(super) fn clashes(&self, other: &Self) -> bool {
        let swapped: Vec<_> = self
            .0
            .iter()
            .map(|token| match *token {
                Token::Month(width) => Token::Day(width),
                Token::Day(width) => Token::Month(width),
                token => token,
            })
            .map(loose)
            .collect();
        let has_day = self.0.iter().any(|t| matches!(t, Token::Day(_)));
        has_day && swapped == other.0.iter().copied().map(loose).collect::<Vec<_>>()
    }

    /// What `text` says by this format. `None` if it does not fit.
    fn read(&self, text: &str) -> Option<Parts> {
        let mut parts = Parts::default();
        let mut chars = text.chars();
        for token in &self.0 {
            match *token {
                Token::Year => parts.year = Some(digits(&mut chars, 4, 4)?),
                Token::Month(least) => parts.month = Some(digits(&mut chars, least, 2)?),
                Token::Day(least) => parts.day = Some(digits(&mut chars, least, 2)?),
                Token::Age => parts.age = Some(digits(&mut chars, 1, 3)?),
                Token::Other(mark) => {
                    if chars.next() != Some(mark) {
                        return None;
                    }
                }
            }
        }
        chars.next().is_none().then_some(parts)
    }
}

/// The token, whether it asks for one digit or for two.
const fn loose(token: Token) -> Token {
    match token {
        Token::Month(_) => Token::Month(1),
        Token::Day(_) => Token::Day(1),
        token => token,
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    year: Option<u16>,
    month: Option<u16>,
    day: Option<u16>,
    age: Option<u16>,
}

fn digits(chars: &mut Chars<'_>, least: usize, most: usize) -> Option<u16> {
    let mut count = 0;
    let mut number = 0_u16;
    while count < most {
        let Some(digit) = chars.clone().next().and_then(|c| c.to_digit(10)) else {
            break;
        };
        number = number
            .checked_mul(10)?
            .checked_add(u16::try_from(digit).ok()?)?;
        chars.next();
        count += 1;
    }
    (count >= least).then_some(number)
}

/// What `text` states, by the first of `formats` by which it is a date.
///
/// A calendar of `None` is the Gregorian; an age was stated on `age_on`.
pub(super) fn read_date(
    text: &str,
    formats: &[DateFormat],
    calendar: Option<Calendar>,
    age_on: Option<NaiveDate>,
) -> Result<StatedDate, &'static str> {
    let mut rule = NO_FORMAT;
    for format in formats {
        let Some(parts) = format.read(text) else {
            continue;
        };
        match stated(parts, calendar, age_on).map(StatedDate::new) {
            Some(Ok(date)) => return Ok(date),
            _ => rule = NO_DATE,
        }
    }
    Err(rule)
}

fn stated(parts: Parts, calendar: Option<Calendar>, age_on: Option<NaiveDate>) -> Option<Stated> {
    if let Some(years) = parts.age {
        let on = age_on.filter(|_| years <= AGE_MAX)?;
        return Some(Stated::Age { years, on });
    }
    let year = i32::from(parts.year?);
    let part = |part: Option<u16>| part.map(u8::try_from).transpose().ok();
    let (month, day) = (part(parts.month)?, part(parts.day)?);
    if let Some(calendar) = calendar {
        return Some(Stated::Other {
            calendar,
            year,
            month,
            day,
        });
    }
    match (month, day) {
        (None, _) => Some(Stated::Year(year)),
        (Some(month), None) => Some(Stated::Month { year, month }),
        (Some(month), Some(day)) => {
            NaiveDate::from_ymd_opt(year, month.into(), day.into()).map(Stated::Day)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn formats(patterns: &[&str]) -> Vec<DateFormat> {
        patterns
            .iter()
            .map(|p| DateFormat::try_from((*p).to_owned()).unwrap())
            .collect()
    }

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn each_format_reads_its_own() {
        let on = day(2026, 11, 1);
        let full = Stated::Day(day(1984, 5, 7));
        for (pattern, text, expected) in [
            ("YYYY-MM-DD", "1984-05-07", full),
            ("YYYYMMDD", "19840507", full),
            ("DD/MM/YYYY", "07/05/1984", full),
            ("MM/DD/YYYY", "05/07/1984", full),
            ("D.M.YYYY", "7.5.1984", full),
            ("D.M.YYYY", "07.05.1984", full),
            (
                "YYYY-MM",
                "1984-05",
                Stated::Month {
                    year: 1984,
                    month: 5,
                },
            ),
            ("YYYY", "1984", Stated::Year(1984)),
            ("age", "42", Stated::Age { years: 42, on }),
            ("age", "0", Stated::Age { years: 0, on }),
        ] {
            let read = read_date(text, &formats(&[pattern]), None, Some(on));
            assert_eq!(read.map(|d| d.stated()), Ok(expected), "{pattern} {text}");
        }
        let ethiopian = read_date(
            "1976-13-05",
            &formats(&["YYYY-MM-DD"]),
            Some(Calendar::Ethiopian),
            None,
        );
        assert_eq!(ethiopian.map(|d| d.earliest()), Ok(day(1984, 9, 10)));
    }

    #[test]
    fn what_is_no_date_is_told_why() {
        let all = formats(&["YYYY-MM-DD", "DD/MM/YYYY", "YYYY", "age"]);
        for (text, rule) in [
            ("1984-02-30", NO_DATE),
            ("31/04/1984", NO_DATE),
            ("0000", NO_DATE),
            ("151", NO_DATE),
            ("5/7/1984", NO_FORMAT),
            ("1984-05-07 ", NO_FORMAT),
            ("1984-5-7", NO_FORMAT),
            ("May 1984", NO_FORMAT),
            ("-5", NO_FORMAT),
            ("١٩٨٤", NO_FORMAT),
        ] {
            assert_eq!(
                read_date(text, &all, None, Some(day(2026, 1, 1))),
                Err(rule),
                "{text}"
            );
        }
    }

    #[test]
    fn a_pattern_is_checked() {
        for bad in [
            "",
            "MM-DD",
            "YYYY-DD",
            "YYYY-MM-MM",
            "yyyy",
            "YYYY MMM",
            "Age",
            "YY-MM-DD",
        ] {
            assert!(DateFormat::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn formats_that_mean_two_dates_clash() {
        for (one, other, expected) in [
            ("DD/MM/YYYY", "MM/DD/YYYY", true),
            ("D/M/YYYY", "MM/DD/YYYY", true),
            ("YYYYMMDD", "YYYYDDMM", true),
            ("DD/MM/YYYY", "DD-MM-YYYY", false),
            ("DD/MM/YYYY", "DD/MM/YYYY", false),
            ("YYYY-MM", "YYYY", false),
        ] {
            let read = formats(&[one, other]);
            let (one, other) = (read.first().unwrap(), read.last().unwrap());
            assert_eq!(one.clashes(other), expected, "{one:?} {other:?}");
            assert_eq!(other.clashes(one), expected);
        }
    }

    proptest! {
        #[test]
        fn a_day_is_read_back(days in 1_i32..3_652_059) {
            let day = NaiveDate::from_num_days_from_ce_opt(days).unwrap();
            for pattern in ["YYYY-MM-DD", "YYYYMMDD", "DD/MM/YYYY"] {
                let strftime = pattern.replace("YYYY", "%Y").replace("MM", "%m").replace("DD", "%d");
                let text = day.format(&strftime).to_string();
                let read = read_date(&text, &formats(&[pattern]), None, None);
                prop_assert_eq!(read.map(|d| d.stated()), Ok(Stated::Day(day)));
            }
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,12}", pattern in "[YMD/.\\-]{0,12}") {
            if let Ok(format) = DateFormat::try_from(pattern) {
                let _ = read_date(&text, &[format], Some(Calendar::Hijri), None);
            }
        }
    }
}
