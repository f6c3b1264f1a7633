use std::collections::HashMap;

use crate::{Class, ScoredPair};

/// The most records of one group: what is larger is not one person's.
const GROUP_MAX: usize = 64;

/// The groups of records that are one person each, of two or more, sorted.
///
/// Matches are taken by their probability, the likeliest first. Two groups are
/// joined if their pairs are, on average, at least as likely one person as two;
/// `score` says how likely a pair is that was no candidate.
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
        if sum >= 0.5 * (a.len() * b.len()) as f64 {
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
