use serde::{Deserialize, Serialize};

use crate::limits::PROBABILITY_MIN;
use crate::{Error, Result};

/// What is to be done with a pair.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a pair to be looked at must never fall under a wildcard"
)]
pub enum Class {
    /// Two people, as far as the error rates allow to say so.
    Different,
    /// A person has to look.
    Possible,
    /// One person, as far as the error rates allow to say so.
    Match,
}

impl Class {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Different => "different",
            Self::Possible => "possible",
            Self::Match => "match",
        }
    }
}

/// The errors that are put up with, each as a share from 0 to 1.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ErrorRates {
    /// Of the pairs called *match*, how many may be two people.
    pub false_matches: f64,
    /// Of the pairs that are one person, how many may be called *different*.
    pub missed_matches: f64,
}

impl ErrorRates {
    /// These shares, each from 0 to 1.
    #[must_use]
    pub const fn new(false_matches: f64, missed_matches: f64) -> Self {
        Self {
            false_matches,
            missed_matches,
        }
    }
}

impl ErrorRates {
    /// # Errors
    ///
    /// [`Error::Option`] for a rate that is not from 0 to 1.
    pub(crate) fn check(self) -> Result<()> {
        for (option, rate) in [
            ("false_matches", self.false_matches),
            ("missed_matches", self.missed_matches),
        ] {
            if !(0.0..=1.0).contains(&rate) {
                let rule = "must be from 0 to 1";
                return Err(Error::Option { option, rule });
            }
        }
        Ok(())
    }
}

impl Default for ErrorRates {
    fn default() -> Self {
        Self {
            false_matches: 0.1,
            missed_matches: 0.02,
        }
    }
}

/// From which probability on a pair is in which class.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Thresholds {
    /// From here on it is a match.
    pub matches: f64,
    /// From here on it is possible.
    pub possible: f64,
}

impl Thresholds {
    /// The thresholds under which the rates hold, if the probabilities are
    /// right. A pair that is more likely two people than one is never a match,
    /// and one that is nine times likelier two people is never possible.
    ///
    /// `probabilities` are those of the candidates, each with how many pairs
    /// have it.
    pub(crate) fn new(mut probabilities: Vec<(f64, u64)>, rates: ErrorRates) -> Self {
        probabilities.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let weighed = |(probability, pairs): &(f64, u64)| probability * *pairs as f64;
        let expected: f64 = probabilities.iter().map(weighed).sum();
        let mut thresholds = Self {
            matches: 1.0,
            possible: 0.5,
        };
        let (mut pairs, mut found) = (0.0, 0.0);
        for one in &probabilities {
            let (probability, count) = *one;
            pairs += count as f64;
            let missed_before = expected - found;
            found += weighed(one);
            if probability >= 0.5 && pairs - found <= rates.false_matches * pairs {
                thresholds.matches = probability;
            }
            if probability >= PROBABILITY_MIN && missed_before > rates.missed_matches * expected {
                thresholds.possible = thresholds.possible.min(probability);
            }
        }
        thresholds.possible = thresholds.possible.min(thresholds.matches);
        thresholds
    }

    /// The class of a pair with this probability.
    #[must_use]
    pub fn class(&self, probability: f64) -> Class {
        if probability >= self.matches {
            Class::Match
        } else if probability >= self.possible {
            Class::Possible
        } else {
            Class::Different
        }
    }
}

/// A pair, and how likely it is one person.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScoredPair {
    /// The record with the lower number.
    pub left: u32,
    /// The other one.
    pub right: u32,
    /// How likely they are one person, 0 to 1.
    pub probability: f64,
    /// What is to be done.
    pub class: Class,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thresholds(probabilities: &[(f64, u64)], rates: ErrorRates) -> Thresholds {
        Thresholds::new(probabilities.to_vec(), rates)
    }

    /// Sure, likely, unsure, unlikely, hardly, in no order.
    const PAIRS: [(f64, u64); 5] = [
        (0.6, 100),
        (0.99, 800),
        (0.09, 1_000),
        (0.2, 250),
        (0.9, 100),
    ];

    #[test]
    fn matches_go_down_to_where_too_many_are_false() {
        // False among those from here on: 1%, 2% (18 of 900), 5.8% (58 of 1000).
        for (rate, from) in [
            (0.005, 1.0),
            (0.01, 0.99),
            (0.019, 0.99),
            (0.02, 0.9),
            (0.057, 0.9),
            (0.058, 0.6),
            (0.9, 0.6),
        ] {
            let thresholds = thresholds(&PAIRS, ErrorRates::new(rate + 1e-9, 1.0));
            assert_eq!(thresholds.matches, from, "{rate}");
        }
    }

    #[test]
    fn asking_goes_on_until_few_are_missed() {
        // True in all: 1082. Below 0.99: 290; below 0.9: 200; below 0.6: 140.
        // Nobody is asked about those that are hardly one person.
        for (rate, from) in [(0.3, 0.5), (0.13, 0.5), (0.12, 0.2), (0.0, 0.2)] {
            let thresholds = thresholds(&PAIRS, ErrorRates::new(1.0, rate));
            assert_eq!(thresholds.possible, from, "{rate}");
        }
    }

    #[test]
    fn a_pair_likelier_two_people_is_never_a_match() {
        let rates = ErrorRates::new(1.0, 0.0);
        let thresholds = thresholds(&[(0.49, 10), (0.2, 10)], rates);
        assert_eq!(thresholds.class(0.49), Class::Possible);
        assert_eq!(thresholds.class(0.2), Class::Possible);
        assert_eq!(thresholds.class(1.0), Class::Match);
    }

    #[test]
    fn no_pairs_need_no_threshold() {
        let thresholds = thresholds(&[], ErrorRates::default());
        assert_eq!(thresholds.class(0.4), Class::Different);
        assert!(thresholds.possible <= thresholds.matches);
    }

    #[test]
    fn a_rate_is_a_share() {
        for bad in [-0.01, 1.01, f64::NAN, f64::INFINITY] {
            for rates in [ErrorRates::new(bad, 0.1), ErrorRates::new(0.1, bad)] {
                assert!(matches!(rates.check(), Err(Error::Option { .. })), "{bad}");
            }
        }
        for good in [0.0, 1.0] {
            assert!(ErrorRates::new(good, good).check().is_ok());
        }
    }

    #[test]
    fn a_threshold_is_of_the_class_above_it() {
        let thresholds = Thresholds {
            matches: 0.8,
            possible: 0.3,
        };
        let classes = [0.0, 0.299, 0.3, 0.799, 0.8, 1.0].map(|p| thresholds.class(p).as_str());
        let (no, ask, yes) = ("different", "possible", "match");
        assert_eq!(classes, [no, no, ask, ask, yes, yes]);
    }
}
