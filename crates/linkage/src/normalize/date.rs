use serde::{Deserialize, Serialize};

use super::with_western_digits;

/// A date as far as it is known: a month or day of zero is not.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[non_exhaustive]
pub struct PartialDate {
    /// The year. Zero if there is no date.
    pub year: u16,
    /// The month, 1 to 12, or zero.
    pub month: u8,
    /// The day, 1 to 31, or zero.
    pub day: u8,
}

impl PartialDate {
    /// Reads year, month and day in this order or the reverse, with or without
    /// something between them; a year and a month; or a year. A year has four
    /// digits: what two would mean, or an age, nobody can tell.
    ///
    /// ```
    /// use solidarity_linkage::normalize::PartialDate;
    ///
    /// let day = PartialDate::parse("1984-05-12").unwrap();
    /// assert_eq!(PartialDate::parse("12/5/1984"), Some(day));
    /// assert_eq!(PartialDate::parse("19840512"), Some(day));
    /// assert_eq!(PartialDate::parse("1984").unwrap().month, 0);
    /// assert_eq!(PartialDate::parse("spring"), None);
    /// assert_eq!(PartialDate::parse("12/5/84"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = with_western_digits(text);
        let parts: Vec<&str> = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .take(4)
            .collect();
        let (year, month, day) = match parts.as_slice() {
            [all] if all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
            [year] => (*year, "0", "0"),
            [year, month] if year.len() == 4 => (*year, *month, "0"),
            [month, year] => (*year, *month, "0"),
            // What follows a day is a time.
            [year, month, day, ..] if year.len() == 4 => (*year, *month, *day),
            [day, month, year, ..] => (*year, *month, *day),
            [] => return None,
        };
        let (mut month, mut day) = (month.parse().ok()?, day.parse().ok()?);
        if month > 12 && day <= 12 {
            (month, day) = (day, month);
        }
        let year = year.parse().ok()?;
        let is_date = (1_000..=9_999).contains(&year) && month <= 12 && day <= 31;
        is_date.then_some(Self { year, month, day })
    }

    /// The date in 24 bits.
    pub(crate) const fn pack(self) -> u32 {
        (self.year as u32) << 9 | (self.month as u32) << 5 | self.day as u32
    }

    pub(crate) fn unpack(packed: u32) -> Self {
        let part = |shift: u32, mask: u32| (packed >> shift) & mask;
        Self {
            year: u16::try_from(part(9, 0x3fff)).unwrap_or(0),
            month: u8::try_from(part(5, 0xf)).unwrap_or(0),
            day: u8::try_from(part(0, 0x1f)).unwrap_or(0),
        }
    }

    /// Whether there is one.
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.year > 0
    }

    /// Whether the day is one that is often a guess: a first of January, or
    /// no day at all.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        self.month <= 1 && self.day <= 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_date_is_read_in_many_forms() {
        let date = |year, month, day| Some(PartialDate { year, month, day });
        for (text, expected) in [
            ("1984-05-12", date(1984, 5, 12)),
            ("12.05.1984", date(1984, 5, 12)),
            ("5/13/1984", date(1984, 5, 13)),
            ("1984/5/12 00:00:00", date(1984, 5, 12)),
            ("19840512", date(1984, 5, 12)),
            ("١٩٨٤-٠٥-١٢", date(1984, 5, 12)),
            ("1984-05", date(1984, 5, 0)),
            ("05/1984", date(1984, 5, 0)),
            ("1984", date(1984, 0, 0)),
            ("1984-00-00", date(1984, 0, 0)),
            ("1984-13-13", None),
            ("1984-05-32", None),
            ("84", None),
            ("0000-00-00", None),
            ("99999", None),
            ("123456789012345678901", None),
            ("", None),
            ("n/a", None),
        ] {
            assert_eq!(PartialDate::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_guessed_date_is_weak() {
        for (text, weak) in [
            ("1984-01-01", true),
            ("1984", true),
            ("1984-01", true),
            ("1984-01-02", false),
            ("1984-02-01", false),
        ] {
            assert_eq!(PartialDate::parse(text).unwrap().is_weak(), weak, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_written_date_is_read_back(year in 1_000_u16..10_000, month in 1_u8..13, day in 1_u8..32) {
            let date = Some(PartialDate { year, month, day });
            for text in [
                format!("{year}-{month:02}-{day:02}"),
                format!("{year}{month:02}{day:02}"),
                format!("{day}.{month}.{year}"),
            ] {
                prop_assert_eq!(PartialDate::parse(&text), date, "{}", text);
            }
        }
    }
}
