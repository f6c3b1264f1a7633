use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

use crate::{Class, ScoredPair};

/// How right a linkage was, measured against the truth, pair by pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// Pairs that are one person.
    pub true_pairs: u64,
    /// Pairs that were called one.
    pub called: u64,
    /// Of these, those that are.
    pub right: u64,
}

impl Evaluation {
    /// The share of the called pairs that are right; 1 if none was called.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.right, self.called)
    }

    /// The share of the true pairs that were called; 1 if there is none.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.right, self.true_pairs)
    }

    /// The harmonic mean of the two.
    #[must_use]
    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.called + self.true_pairs)
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// Measures the pairs of class *match*, and the pairs from whatever
/// probability, of those in `pairs`, gives the best F1. `truth` names the person
/// of each record.
#[must_use]
pub fn evaluate<T: Eq + Hash>(pairs: &[ScoredPair], truth: &[T]) -> (Evaluation, Evaluation) {
    let true_pairs = pairs_of(truth);
    let is_one = |pair: &ScoredPair| {
        let (left, right) = (
            truth.get(pair.left as usize),
            truth.get(pair.right as usize),
        );
        left.is_some() && left == right
    };
    let called = Evaluation {
        true_pairs,
        ..Evaluation::default()
    };
    let at = pairs
        .iter()
        .filter(|pair| pair.class == Class::Match)
        .fold(called, |sum, pair| Evaluation {
            called: sum.called + 1,
            right: sum.right + u64::from(is_one(pair)),
            ..sum
        });
    let mut sorted: Vec<(f64, bool)> = pairs.iter().map(|p| (p.probability, is_one(p))).collect();
    sorted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let (mut sum, mut best) = (called, called);
    for same in sorted.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        sum.called += same.len() as u64;
        sum.right += same.iter().filter(|(_, is_one)| *is_one).count() as u64;
        if sum.f1() > best.f1() || best.called == 0 {
            best = sum;
        }
    }
    (at, best)
}

/// How many pairs of records are of one group.
#[must_use]
pub fn pairs_of<T: Eq + Hash>(groups: &[T]) -> u64 {
    let mut sizes: HashMap<&T, u64> = HashMap::new();
    for group in groups {
        *sizes.entry(group).or_default() += 1;
    }
    sizes.values().map(|size| size * (size - 1) / 2).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(left: u32, right: u32, probability: f64, class: Class) -> ScoredPair {
        ScoredPair {
            left,
            right,
            probability,
            class,
        }
    }

    #[test]
    fn called_pairs_are_measured_against_the_truth() {
        // Three records of one person, two of another, one alone: four pairs.
        let truth = ["a", "a", "a", "b", "b", "c"];
        let pairs = [
            pair(0, 1, 0.9, Class::Match),
            pair(2, 5, 0.8, Class::Match),
            pair(3, 4, 0.6, Class::Possible),
            pair(1, 2, 0.6, Class::Possible),
            pair(0, 5, 0.1, Class::Different),
        ];
        let (at, best) = evaluate(&pairs, &truth);
        assert_eq!((at.true_pairs, at.called, at.right), (4, 2, 1));
        assert_eq!((at.precision(), at.recall()), (0.5, 0.25));
        assert!((at.f1() - 1.0 / 3.0).abs() < 1e-12);
        // All pairs of the same probability are called, or none.
        assert_eq!((best.called, best.right), (4, 3));
        assert_eq!(best.f1(), 0.75);
    }

    #[test]
    fn nothing_called_and_nothing_true_is_right() {
        let (at, best) = evaluate::<u8>(&[], &[]);
        assert_eq!([at.precision(), at.recall(), at.f1(), best.f1()], [1.0; 4]);
        let (at, _) = evaluate(&[], &[1, 1]);
        assert_eq!([at.precision(), at.recall(), at.f1()], [1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_record_of_unknown_truth_is_never_right() {
        let (at, _) = evaluate(&[pair(7, 8, 1.0, Class::Match)], &["a"]);
        assert_eq!((at.called, at.right), (1, 0));
    }

    #[test]
    fn pairs_are_counted_by_group() {
        assert_eq!(pairs_of::<u8>(&[]), 0);
        assert_eq!(pairs_of(&[1, 2, 3]), 0);
        assert_eq!(pairs_of(&[1, 1, 1, 1, 2, 2, 3]), 7);
    }
}
