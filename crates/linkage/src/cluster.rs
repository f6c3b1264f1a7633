use std::collections::HashMap;

use crate::{Class, ScoredPair};

/// The most records of one group: what is larger is not one person's.
const GROUP_MAX: usize = 64;

/// How likely the pairs of two groups are one person, on average, for the two
/// to be joined. A third record that surely is the one of two that differ makes
/// this a half, and a half must not do.
const LIKELY: f64 = 0.55;

/// The groups of records that are one person each, of two or more, sorted.
///
/// Matches are taken by their probability, the likeliest first. Two groups are
/// joined if their pairs are, on average, likelier one person than two; `score`
/// says how likely a pair is that was no candidate.
pub(crate) fn clusters(pairs: &[ScoredPair], score: &dyn Fn(u32, u32) -> f64) -> Vec<Vec<u32>> {
    let known: HashMap<(u32, u32), f64> = pairs
        .iter()
        .filter(|pair| pair.class != Class::Different)
        .map(|p| ((p.left, p.right), p.probability))
        .collect();
    let mut matches: Vec<&ScoredPair> = pairs
        .iter()
        .filter(|pair| pair.class == Class::Match)
        .collect();
    matches.sort_by(|one, other| {
        let likelier = other.probability.total_cmp(&one.probability);
        likelier.then((one.left, one.right).cmp(&(other.left, other.right)))
    });
    let mut group_of: HashMap<u32, usize> = HashMap::new();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for pair in matches {
        let mut of = |record: u32| {
            *group_of.entry(record).or_insert_with(|| {
                groups.push(vec![record]);
                groups.len() - 1
            })
        };
        let (one, other) = (of(pair.left), of(pair.right));
        if one == other {
            continue;
        }
        let (Some(a), Some(b)) = (groups.get(one), groups.get(other)) else {
            continue;
        };
        if a.len() + b.len() > GROUP_MAX {
            continue;
        }
        let likely = |left: &u32, right: &u32| {
            let pair = crate::blocking::ordered(*left, *right);
            known
                .get(&pair)
                .copied()
                .unwrap_or_else(|| score(pair.0, pair.1))
        };
        let sum: f64 = a
            .iter()
            .flat_map(|left| b.iter().map(move |right| likely(left, right)))
            .sum();
        if sum >= LIKELY * (a.len() * b.len()) as f64 {
            let (into, from) = if a.len() >= b.len() {
                (one, other)
            } else {
                (other, one)
            };
            let moved = groups.get_mut(from).map(std::mem::take).unwrap_or_default();
            for record in &moved {
                group_of.insert(*record, into);
            }
            if let Some(group) = groups.get_mut(into) {
                group.extend(moved);
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort_unstable();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(left: u32, right: u32, probability: f64) -> ScoredPair {
        let class = match probability {
            p if p >= 0.5 => Class::Match,
            p if p >= 0.3 => Class::Possible,
            _ => Class::Different,
        };
        ScoredPair {
            left,
            right,
            probability,
            class,
        }
    }

    /// The groups of `pairs`; a pair that is not named is two people.
    fn groups(pairs: &[(u32, u32, f64)]) -> Vec<Vec<u32>> {
        let pairs: Vec<_> = pairs.iter().map(|(l, r, p)| pair(*l, *r, *p)).collect();
        let score = |left, right| {
            let known = pairs
                .iter()
                .find(|pair| (pair.left, pair.right) == (left, right));
            known.map_or(0.0, |pair| pair.probability)
        };
        clusters(&pairs, &score)
    }

    #[test]
    fn a_third_record_does_not_make_two_people_one() {
        // Even if it surely is either of them, in whatever order they come.
        for (a, b, c) in [(0, 1, 2), (1, 0, 2), (0, 2, 1)] {
            let sure = |one: u32, other: u32| (one.min(other), one.max(other), 1.0);
            let apart = |p| (a.min(c), a.max(c), p);
            assert_eq!(groups(&[sure(a, b), sure(b, c)]).concat().len(), 2);
            assert_eq!(
                groups(&[sure(a, b), sure(b, c), apart(0.09)])
                    .concat()
                    .len(),
                2
            );
            assert_eq!(groups(&[sure(a, b), sure(b, c), apart(0.3)]), [[0, 1, 2]]);
        }
    }

    #[test]
    fn a_chain_is_cut_at_its_weakest_places() {
        let chain: Vec<(u32, u32, f64)> = (0..9).map(|n| (n, n + 1, 0.99)).collect();
        assert!(groups(&chain).iter().all(|group| group.len() == 2));
        let two = [(0, 1, 0.9), (1, 2, 0.8), (2, 3, 0.9)];
        assert_eq!(groups(&two), [[0, 1], [2, 3]]);
    }

    #[test]
    fn what_holds_together_is_one_group() {
        let all: Vec<(u32, u32, f64)> = (0..5)
            .flat_map(|one| (one + 1..5).map(move |other| (one, other, 0.9)))
            .collect();
        assert_eq!(groups(&all), [[0, 1, 2, 3, 4]]);
        // One of ten pairs that look different does not part them.
        let mut but_one = all;
        but_one[3].2 = 0.01;
        assert_eq!(groups(&but_one), [[0, 1, 2, 3, 4]]);
    }

    #[test]
    fn what_is_only_possible_is_no_group() {
        assert!(groups(&[(0, 1, 0.4), (1, 2, 0.49)]).is_empty());
        assert!(groups(&[]).is_empty());
    }

    #[test]
    fn no_group_grows_without_bound() {
        let size = u32::try_from(GROUP_MAX).unwrap() + 20;
        let all: Vec<(u32, u32, f64)> = (0..size)
            .flat_map(|one| (one + 1..size).map(move |other| (one, other, 1.0)))
            .collect();
        assert!(groups(&all).iter().all(|group| group.len() <= GROUP_MAX));
    }
}
