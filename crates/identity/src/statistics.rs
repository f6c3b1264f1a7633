use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use solidarity_core::{Age, Invalid, PlaceCode};

use crate::{Attempt, Ending, Method};

solidarity_core::code! {
    /// A sex, in the country's own words.
    pub struct SexCode;
}

/// How old somebody is, as coarsely as a table of groups needs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AgeBand {
    /// Under 18 years.
    Child,
    /// 18 to 59 years.
    Adult,
    /// 60 years and more.
    Older,
}

impl AgeBand {
    /// The band of `age`. `None` where it may be in two.
    #[must_use]
    pub const fn of(age: Age) -> Option<Self> {
        match (age.at_least(18), age.at_least(60)) {
            (Some(false), _) => Some(Self::Child),
            (Some(true), Some(false)) => Some(Self::Adult),
            (_, Some(true)) => Some(Self::Older),
            (None, _) | (_, None) => None,
        }
    }
}

/// A group of people, as coarse as the caller makes it. What is `None` is not
/// known, or not told apart.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub struct Group {
    /// How old.
    pub age: Option<AgeBand>,
    /// Of which sex.
    pub sex: Option<SexCode>,
    /// Where they live.
    pub area: Option<PlaceCode>,
}

impl Group {
    /// Everyone.
    #[must_use]
    pub const fn everyone() -> Self {
        Self {
            age: None,
            sex: None,
            area: None,
        }
    }

    /// Those of them in `age`.
    #[must_use]
    pub const fn aged(mut self, age: Option<AgeBand>) -> Self {
        self.age = age;
        self
    }

    /// Those of them of `sex`.
    #[must_use]
    pub fn of_sex(mut self, sex: SexCode) -> Self {
        self.sex = Some(sex);
        self
    }

    /// Those of them in `area`.
    #[must_use]
    pub fn living_in(mut self, area: PlaceCode) -> Self {
        self.area = Some(area);
        self
    }
}

/// How attempts ended, by group, so that it shows whom a method shuts out. It
/// knows nobody: only counts go in.
///
/// ```
/// use solidarity_identity::{AttemptStatistics, Count, Ending, Group, Method, Obstacle};
///
/// let mut statistics = AttemptStatistics::new();
/// let down = Ending::CouldNotTry(Obstacle::SourceDown);
/// for _ in 0..12 {
///     statistics.count(Group::everyone(), Method::BIOMETRIC, down.clone());
/// }
/// statistics.count(Group::everyone(), Method::BIOMETRIC, Ending::Verified);
///
/// let counts: Vec<Count> = statistics.report(5)?.cells.into_iter().map(|cell| cell.count).collect();
/// assert_eq!(counts, [Count::FewerThan(5), Count::Exactly(12)]);
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AttemptStatistics {
    counts: BTreeMap<(Method, Ending, Group), u64>,
}

/// How many, unless that would point at somebody.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a hidden count must never fall under a wildcard"
)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// At least one, and fewer than this.
    FewerThan(u64),
    /// Some: to tell how many would tell a hidden count.
    Hidden,
}

/// One line of a [`Report`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cell {
    /// Which method.
    pub method: Method,
    /// How it ended.
    pub ending: Ending,
    /// For whom. `None` in a total.
    pub group: Option<Group>,
    /// How often.
    pub count: Count,
}

/// What may be published of [`AttemptStatistics`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// How often each method ended how, for each group.
    pub cells: Vec<Cell>,
    /// The same for all groups together.
    pub totals: Vec<Cell>,
}

impl AttemptStatistics {
    /// Nothing was tried yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One attempt by `method` ended as `ending` for somebody in `group`.
    pub fn count(&mut self, group: Group, method: Method, ending: Ending) {
        let count = self.counts.entry((method, ending, group)).or_default();
        *count = count.saturating_add(1);
    }

    /// All `attempts` of one person in `group`.
    pub fn count_all(&mut self, group: &Group, attempts: &[Attempt]) {
        for attempt in attempts {
            self.count(
                group.clone(),
                attempt.method.clone(),
                attempt.ending.clone(),
            );
        }
    }

    /// Adds what others counted.
    pub fn merge(&mut self, others: Self) {
        for (key, count) in others.counts {
            let sum = self.counts.entry(key).or_default();
            *sum = sum.saturating_add(count);
        }
    }

    /// What may be published: no count from 1 to `least - 1`, and no total
    /// from which one could be worked out.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if `least` is under 2: nothing would be hidden.
    pub fn report(&self, least: u64) -> Result<Report, Invalid> {
        if least < 2 {
            return Err(Invalid::new("least", "must be at least 2"));
        }
        let mut report = Report {
            cells: Vec::new(),
            totals: Vec::new(),
        };
        let mut sums: BTreeMap<(&Method, &Ending), Sum> = BTreeMap::new();
        for ((method, ending, group), count) in &self.counts {
            report.cells.push(Cell {
                method: method.clone(),
                ending: ending.clone(),
                group: Some(group.clone()),
                count: if *count < least {
                    Count::FewerThan(least)
                } else {
                    Count::Exactly(*count)
                },
            });
            let sum = sums.entry((method, ending)).or_default();
            sum.add(*count, least);
        }
        report.totals = sums
            .into_iter()
            .map(|((method, ending), sum)| Cell {
                method: method.clone(),
                ending: ending.clone(),
                group: None,
                count: sum.published(least),
            })
            .collect();
        Ok(report)
    }
}

#[derive(Default)]
struct Sum {
    all: u64,
    small: u64,
    small_cells: u64,
}

impl Sum {
    const fn add(&mut self, count: u64, least: u64) {
        self.all = self.all.saturating_add(count);
        if count < least {
            self.small = self.small.saturating_add(count);
            self.small_cells += 1;
        }
    }

    /// Whoever takes the counts told from a total is left with the sum of the
    /// hidden ones. It must be that of two cells at least, and not so small or
    /// so large that there is only one way to make it up.
    const fn published(&self, least: u64) -> Count {
        let (fewest, most) = (self.small_cells, self.small_cells * (least - 1));
        let told_apart = self.small_cells >= 2 && self.small > fewest && self.small < most;
        if self.small_cells == 0 || told_apart && self.small >= least {
            Count::Exactly(self.all)
        } else if self.all < least {
            Count::FewerThan(least)
        } else {
            Count::Hidden
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use solidarity_core::StatedDate;

    use super::*;
    use crate::Obstacle;

    #[test]
    fn an_age_that_may_be_in_two_bands_is_in_none() {
        let day = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
        for (born, band) in [
            ("2010", Some(AgeBand::Child)),
            ("2008", None),
            ("1990", Some(AgeBand::Adult)),
            ("1966", None),
            ("1960", Some(AgeBand::Older)),
        ] {
            let age = born.parse::<StatedDate>().unwrap().age_on(day).unwrap();
            assert_eq!(AgeBand::of(age), band, "{born}");
        }
    }

    #[test]
    fn a_threshold_that_hides_nothing_is_refused() {
        assert!(AttemptStatistics::new().report(1).is_err());
        assert!(AttemptStatistics::new().report(2).is_ok());
    }

    #[test]
    fn counts_add_up_across_offices() {
        let mut one = AttemptStatistics::new();
        let attempt = Attempt {
            method: Method::BIOMETRIC,
            ending: Ending::CouldNotTry(Obstacle::Broken),
        };
        one.count_all(&Group::everyone(), &[attempt.clone(), attempt]);
        let mut both = one.clone();
        both.merge(one);
        let report = both.report(2).unwrap();
        assert_eq!(report.cells.len(), 1);
        assert_eq!(report.totals[0].count, Count::Exactly(4));
    }

    proptest! {
        /// An attacker who knows the whole report tries every set of counts
        /// that could have given it: for every hidden cell more than one
        /// remains possible.
        #[test]
        fn no_hidden_count_can_be_worked_out(counts in prop::collection::vec(1_u64..8, 1..5), least in 3_u64..6) {
            let mut statistics = AttemptStatistics::new();
            for (n, count) in counts.iter().enumerate() {
                let area = PlaceCode::new(format!("area-{n}")).unwrap();
                for _ in 0..*count {
                    statistics.count(Group::everyone().living_in(area.clone()), Method::BIOMETRIC, Ending::Verified);
                }
            }
            let report = statistics.report(least).unwrap();
            let hidden: Vec<usize> = (0..counts.len()).filter(|n| counts[*n] < least).collect();
            for (cell, count) in report.cells.iter().zip(&counts) {
                prop_assert_eq!(cell.count == Count::Exactly(*count), *count >= least);
            }
            let Count::Exactly(total) = report.totals[0].count else { return Ok(()) };
            prop_assert_eq!(total, counts.iter().sum::<u64>());
            let told: u64 = counts.iter().filter(|c| **c >= least).sum();
            let ways = (least - 1).pow(u32::try_from(hidden.len()).unwrap());
            let possible: Vec<Vec<u64>> = (0..ways)
                .map(|w| (0..hidden.len()).map(|p| w / (least - 1).pow(u32::try_from(p).unwrap()) % (least - 1) + 1).collect())
                .filter(|guess: &Vec<u64>| guess.iter().sum::<u64>() == total - told)
                .collect();
            for cell in 0..hidden.len() {
                prop_assert!(possible.iter().any(|guess| guess[cell] != possible[0][cell]));
            }
        }
    }
}
