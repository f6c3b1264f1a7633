use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Case, CategoryCode, ClockState, Outcome, Result, StateName, Workflows, clock_state};

/// How many, as far as it may be told.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a number that is kept back must never pass for zero"
)]
pub enum Count {
    /// So many. Zero is told.
    Exactly(u64),
    /// Some, but so few that the number could point at people; or kept back
    /// because it would tell another that is.
    Few,
}

/// Half of all cases were answered within the first, nine in ten within the
/// second, in whole hours, worked or not: percentiles by the nearest rank.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HoursToAnswer {
    /// Half.
    pub half: u64,
    /// Nine in ten.
    pub nine_in_ten: u64,
}

/// How complaints are dealt with, in numbers to publish.
///
/// What did not happen is told as zero, so that *no complaints* and *no
/// report* are told apart. Numbers below a threshold are kept back, and one
/// more where a single one kept back could be found by subtraction.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Complaints received.
    pub received: Count,
    /// Those being worked on.
    pub open: Count,
    /// Those of them whose clock has run out.
    pub overdue: Count,
    /// Those of them that nobody has taken.
    pub unowned: Count,
    /// Those that ended and were appealed before, or are in appeal.
    pub appealed: Count,
    /// Those in which the appeal was upheld, also in part.
    pub appeals_upheld: Count,
    /// Answers that the complainant does not have yet.
    pub answers_waiting: Count,
    /// Remedies that were granted and not carried out.
    pub remedies_owed: Count,
    /// By category. Every category that was asked for is there.
    pub by_category: BTreeMap<CategoryCode, Count>,
    /// By state. Every state of every workflow is there.
    pub by_state: BTreeMap<StateName, Count>,
    /// By outcome, of those that ended. Every outcome is there.
    pub by_outcome: BTreeMap<Outcome, Count>,
    /// How long it took from when a complaint came in to its last answer.
    /// `None` where so few were answered that it is kept back.
    pub hours_to_answer: Option<HoursToAnswer>,
}

impl Statistics {
    /// The numbers of `cases` at `now`, in these `categories`, keeping back
    /// what is below `threshold` and not zero.
    ///
    /// A case counts under the nearest of `categories` that it is within.
    ///
    /// # Errors
    ///
    /// [`Error::NoWorkflow`](crate::Error::NoWorkflow) if a case follows none of
    /// `workflows`.
    pub fn new<'a>(
        workflows: &Workflows,
        cases: impl IntoIterator<Item = &'a Case>,
        categories: &[CategoryCode],
        threshold: u64,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let mut tally = Tally::default();
        let zero = |category: &CategoryCode| (category.clone(), 0);
        tally.by_category.extend(categories.iter().map(zero));
        let states = workflows.iter().flat_map(|w| &w.data().states);
        tally.by_state.extend(states.map(|s| (s.name.clone(), 0)));
        tally
            .by_outcome
            .extend(Outcome::ALL.map(|outcome| (outcome, 0)));
        for case in cases {
            let workflow = workflows.of(case)?;
            let overdue = matches!(clock_state(workflow, case, now), ClockState::Overdue { .. });
            tally.add(case, overdue, categories);
        }
        Ok(tally.publish(threshold))
    }
}

#[derive(Default)]
struct Tally {
    received: u64,
    open: u64,
    overdue: u64,
    unowned: u64,
    appealed: u64,
    appeals_upheld: u64,
    answers_waiting: u64,
    remedies_owed: u64,
    by_category: BTreeMap<CategoryCode, u64>,
    by_state: BTreeMap<StateName, u64>,
    by_outcome: BTreeMap<Outcome, u64>,
    hours: Vec<u64>,
}

impl Tally {
    fn add(&mut self, case: &Case, overdue: bool, categories: &[CategoryCode]) {
        self.received += 1;
        self.overdue += u64::from(overdue);
        self.appealed += u64::from(case.appeals > 0);
        let owed = case
            .remedies
            .iter()
            .filter(|r| r.carried_out_at().is_none());
        self.remedies_owed += owed.count() as u64;
        let within = categories.iter().filter(|c| case.new.category.is_within(c));
        if let Some(nearest) = within.max_by_key(|category| category.as_str().len()) {
            *self.by_category.entry(nearest.clone()).or_default() += 1;
        }
        *self.by_state.entry(case.state.clone()).or_default() += 1;
        if let Some(post) = case.post() {
            self.open += 1;
            self.unowned += u64::from(post.owner.is_none());
        }
        if let Some(ending) = case.ending() {
            *self.by_outcome.entry(ending.outcome).or_default() += 1;
            let upheld = case.appeals > 0 && ending.outcome.is_for_the_complainant();
            self.appeals_upheld += u64::from(upheld);
            let arrived = case
                .answer
                .as_ref()
                .is_none_or(|a| matches!(a.delivery, crate::Delivery::Reached { .. }));
            self.answers_waiting += u64::from(!arrived);
            if ending.outcome != Outcome::Withdrawn {
                let took = ending.at.signed_duration_since(case.new.received_at);
                self.hours.push(took.num_hours().max(0).unsigned_abs());
            }
        }
    }

    fn publish(mut self, threshold: u64) -> Statistics {
        let one = |count| kept_back(count, threshold);
        self.hours.sort_unstable();
        let enough = !self.hours.is_empty() && self.hours.len() as u64 >= threshold;
        let hours = |percent| nearest_rank(&self.hours, percent);
        Statistics {
            received: one(self.received),
            open: one(self.open),
            overdue: one(self.overdue),
            unowned: one(self.unowned),
            appealed: one(self.appealed),
            appeals_upheld: one(self.appeals_upheld),
            answers_waiting: one(self.answers_waiting),
            remedies_owed: one(self.remedies_owed),
            hours_to_answer: enough.then(|| HoursToAnswer {
                half: hours(50),
                nine_in_ten: hours(90),
            }),
            by_category: table(self.by_category, threshold),
            by_state: table(self.by_state, threshold),
            by_outcome: table(self.by_outcome, threshold),
        }
    }
}

const fn kept_back(count: u64, threshold: u64) -> Count {
    if count != 0 && count < threshold {
        Count::Few
    } else {
        Count::Exactly(count)
    }
}

/// A table whose total is known: one number kept back alone could be found by
/// subtraction, so the least of the others is kept back with it.
fn table<K: Clone + Ord>(counts: BTreeMap<K, u64>, threshold: u64) -> BTreeMap<K, Count> {
    let few = |count: u64| kept_back(count, threshold) == Count::Few;
    let alone = counts.values().filter(|count| few(**count)).count() == 1;
    let others = counts
        .iter()
        .filter(|(_, count)| **count > 0 && !few(**count));
    let with_it = others
        .min_by_key(|(_, count)| **count)
        .filter(|_| alone)
        .map(|(key, _)| key.clone());
    let told = |(key, count): (K, u64)| {
        let kept = with_it.as_ref() == Some(&key);
        let count = if kept {
            Count::Few
        } else {
            kept_back(count, threshold)
        };
        (key, count)
    };
    counts.into_iter().map(told).collect()
}

/// The least of `sorted` that `percent` of it do not exceed.
fn nearest_rank(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(counts: &[(char, u64)]) -> Vec<Count> {
        let counts = counts.iter().copied().collect();
        table(counts, 5).into_values().collect()
    }

    #[test]
    fn nothing_is_found_by_subtraction() {
        use Count::{Exactly, Few};
        assert_eq!(of(&[('a', 0), ('b', 5)]), [Exactly(0), Exactly(5)]);
        assert_eq!(
            of(&[('a', 4), ('b', 9), ('c', 7), ('d', 0)]),
            [Few, Exactly(9), Few, Exactly(0)]
        );
        assert_eq!(of(&[('a', 4), ('b', 1), ('c', 7)]), [Few, Few, Exactly(7)]);
        assert_eq!(of(&[('a', 4), ('b', 0)]), [Few, Exactly(0)]);
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let hours: Vec<u64> = (1..=10).collect();
        assert_eq!((nearest_rank(&hours, 50), nearest_rank(&hours, 90)), (5, 9));
        assert_eq!(nearest_rank(&[7], 50), 7);
        assert_eq!(nearest_rank(&[], 50), 0);
    }
}
