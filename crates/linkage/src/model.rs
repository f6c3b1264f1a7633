//! What agreement is worth: the model of Fellegi and Sunter (1969), with more
//! than one sort of *different*, learned by expectation maximization (Dempster,
//! Laird and Rubin 1977) without labels.
//!
//! People of one household share telephone, village and family name, so that
//! these fields are not independent among pairs that are two people. The model
//! says so: such a pair is of one household, or of namesakes, or of strangers,
//! and within each sort the fields are taken to be independent.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::comparator::Comparator;
use crate::limits::LEVELS_MAX;
use crate::pattern::{Pattern, level};
use crate::{FieldKind, Schema};

/// A pattern, and how many pairs have it.
pub(crate) type Tally = (Pattern, u64);

/// The sorts of pairs.
pub(crate) const SORTS: usize = 4;
pub(crate) const MATCH: usize = 0;
const HOUSEHOLD: usize = 1;
const NAMESAKE: usize = 2;
const STRANGER: usize = 3;

const ITERATIONS: usize = 40;

/// Patterns are summed up in parts of this many, in order, so that the sum
/// does not depend on who adds which part.
const PART: usize = 2_048;

/// What the stated priors of a match weigh: as much as the matches that are
/// found, and no more than this share of the candidates. So they hold learning
/// fast where there are few matches, and give way where there are many.
const PRIOR: f64 = 0.3;

type Rows = Vec<[[f64; LEVELS_MAX]; SORTS]>;

/// How often each level is found, by sort of pair, and how often each sort.
///
/// A weight is the logarithm of how much more often a level is found among
/// pairs of one person than among those of two.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Model {
    /// The logarithm of the share of each sort among the candidates.
    shares: [f64; SORTS],
    /// The logarithm of the share of each level, by field and sort; of level
    /// zero, which is *missing*, nothing.
    levels: Rows,
}

impl Model {
    /// How likely a pair with this pattern is one person.
    pub(crate) fn probability(&self, pattern: Pattern) -> f64 {
        let logs = self.logs(pattern);
        let [one, ..] = posterior(logs);
        one
    }

    /// Whether a pair with this pattern may have at least the probability that
    /// these odds, a logarithm, stand for. Cheaper than to ask which it has.
    pub(crate) fn may_reach(&self, odds: f64, pattern: Pattern) -> bool {
        let [one, rest @ ..] = self.logs(pattern);
        rest.iter().all(|other| one - other >= odds)
    }

    /// The logarithm of how likely each sort is, with this pattern, up to a
    /// constant.
    pub(crate) fn logs(&self, pattern: Pattern) -> [f64; SORTS] {
        let fields = self.levels.iter().enumerate();
        fields.fold(self.shares, |logs, (field, rows)| {
            add(logs, rows, level(pattern, field))
        })
    }

    pub(crate) const fn shares(&self) -> [f64; SORTS] {
        self.shares
    }

    pub(crate) fn row(&self, field: usize) -> Option<&[[f64; LEVELS_MAX]; SORTS]> {
        self.levels.get(field)
    }
}

pub(crate) fn add(
    mut logs: [f64; SORTS],
    rows: &[[f64; LEVELS_MAX]; SORTS],
    level: usize,
) -> [f64; SORTS] {
    if level > 0 {
        for (log, row) in logs.iter_mut().zip(rows) {
            *log += row.get(level).copied().unwrap_or(0.0);
        }
    }
    logs
}

/// The shares that these logarithms stand for.
pub(crate) fn posterior(logs: [f64; SORTS]) -> [f64; SORTS] {
    let most = logs.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let shares = logs.map(|log| (log - most).exp());
    let sum: f64 = shares.iter().sum();
    shares.map(|share| share / sum)
}

/// Learns from how the candidates compare, and how random pairs do.
pub(crate) fn learn(
    schema: &Schema,
    comparators: &[Box<dyn Comparator>],
    candidates: &[Tally],
    strangers: &[Tally],
) -> Model {
    let kinds: Vec<FieldKind> = schema.fields().iter().map(|field| field.kind).collect();
    let found = counts(candidates, kinds.len());
    let learning = Learning {
        random: counts(strangers, kinds.len()),
        found,
        comparators,
        kinds,
    };
    let mut model = learning.begin();
    for _ in 0..ITERATIONS {
        let sums = candidates
            .par_chunks(PART)
            .map(|part| expect(&model, part))
            .collect::<Vec<_>>()
            .into_iter()
            .fold(Sums::empty(learning.kinds.len()), Sums::plus);
        let next = learning.maximize(sums);
        let moved = next
            .shares
            .iter()
            .zip(model.shares)
            .map(|(a, b)| (a - b).abs());
        let moved = moved.fold(0.0, f64::max);
        model = next;
        if moved < 1e-4 {
            break;
        }
    }
    model
}

/// How many pairs have each level, by field.
fn counts(tallies: &[Tally], fields: usize) -> Vec<[f64; LEVELS_MAX]> {
    let mut counts = vec![[0.0; LEVELS_MAX]; fields];
    for (pattern, pairs) in tallies {
        for (field, row) in counts.iter_mut().enumerate() {
            let level = level(*pattern, field);
            if let Some(count) = row.get_mut(level).filter(|_| level > 0) {
                *count += *pairs as f64;
            }
        }
    }
    counts
}

struct Learning<'a> {
    kinds: Vec<FieldKind>,
    comparators: &'a [Box<dyn Comparator>],
    found: Vec<[f64; LEVELS_MAX]>,
    random: Vec<[f64; LEVELS_MAX]>,
}

impl Learning<'_> {
    /// Where learning begins: with agreement where each sort is expected to
    /// agree.
    fn begin(&self) -> Model {
        let levels = (self.kinds.iter().zip(self.comparators).zip(&self.found))
            .map(|((kind, comparator), found)| {
                let mut rows = [[0.0; LEVELS_MAX]; SORTS];
                for (sort, row) in rows.iter_mut().enumerate() {
                    let agrees = expected_agreement(sort, *kind);
                    let levels = comparator.levels().iter().zip(found.iter().skip(1));
                    for (share, (level, found)) in row.iter_mut().skip(1).zip(levels) {
                        let alike = level.alike * agrees + (1.0 - level.alike) * (1.0 - agrees);
                        *share = (alike + 0.001) * (found + 0.5);
                    }
                }
                rows.map(logarithms)
            })
            .collect();
        Model {
            shares: [0.1_f64, 0.3, 0.2, 0.4].map(f64::ln),
            levels,
        }
    }

    /// The shares that the sums make likeliest, with the priors.
    fn maximize(&self, sums: Sums) -> Model {
        let Sums { shares, levels } = sums;
        let levels = levels.into_iter().enumerate().map(|(field, mut rows)| {
            self.hold(field, &mut rows, shares[MATCH]);
            rows.map(logarithms)
        });
        let all: f64 = shares.iter().sum::<f64>() + SORTS as f64;
        Model {
            shares: shares.map(|share| ((share + 1.0) / all).ln()),
            levels: levels.collect(),
        }
    }

    /// Adds the priors to the sums of a field, and holds fast what is not
    /// learned from the candidates: in what is a person's own, people of one
    /// household differ as strangers do.
    fn hold(&self, field: usize, rows: &mut [[f64; LEVELS_MAX]; SORTS], matches: f64) {
        let (Some(kind), Some(comparator)) = (self.kinds.get(field), self.comparators.get(field))
        else {
            return;
        };
        let empty = [0.0; LEVELS_MAX];
        let found = self.found.get(field).unwrap_or(&empty);
        let random = self.random.get(field).unwrap_or(&empty);
        let all: f64 = found.iter().sum();
        let weight = matches.min(all * PRIOR).max(1.0);
        let drawn = random.iter().sum::<f64>() + 1.0;
        let priors: f64 = comparator.levels().iter().map(|level| level.prior).sum();
        for (level, found) in found.iter().enumerate().skip(1) {
            let stranger = (random.get(level).copied().unwrap_or(0.0) + 0.3) / drawn;
            let prior = comparator
                .levels()
                .get(level - 1)
                .map_or(0.0, |level| level.prior / priors);
            for (sort, row) in rows.iter_mut().enumerate() {
                let Some(sum) = row.get_mut(level) else {
                    continue;
                };
                if *found == 0.0 {
                    // Nothing of this level is there to learn from.
                    *sum = if sort == MATCH {
                        prior * weight
                    } else {
                        stranger * all.max(1.0)
                    };
                } else if is_random(sort, *kind) {
                    *sum = stranger * all;
                } else {
                    *sum += 2.0 * found / (all + 1.0) + 0.02;
                    if sort == MATCH {
                        *sum += prior * weight;
                    }
                }
            }
        }
    }
}

/// Whether pairs of this sort agree in such a field by chance alone.
const fn is_random(sort: usize, kind: FieldKind) -> bool {
    match kind {
        FieldKind::Sex | FieldKind::Identifier | FieldKind::Email => sort != MATCH,
        FieldKind::BirthDate => matches!(sort, HOUSEHOLD | NAMESAKE),
        FieldKind::GivenName => matches!(sort, HOUSEHOLD | STRANGER),
        // It holds what a family shares, too.
        FieldKind::FullName => sort == STRANGER,
        _ => false,
    }
}

const fn expected_agreement(sort: usize, kind: FieldKind) -> f64 {
    match (sort, kind) {
        (MATCH, _) => 0.9,
        (HOUSEHOLD, kind) => {
            if kind.is_personal() {
                0.08
            } else {
                0.85
            }
        }
        (NAMESAKE, kind) => {
            if kind.is_name() {
                0.85
            } else {
                0.1
            }
        }
        (_, kind) => {
            if kind.is_personal() {
                0.15
            } else {
                0.1
            }
        }
    }
}

fn logarithms(row: [f64; LEVELS_MAX]) -> [f64; LEVELS_MAX] {
    let sum: f64 = row.iter().skip(1).sum();
    let mut logs = row.map(|share| (share / sum).max(1e-12).ln());
    if let Some(missing) = logs.first_mut() {
        *missing = 0.0;
    }
    logs
}

struct Sums {
    shares: [f64; SORTS],
    levels: Rows,
}

impl Sums {
    fn empty(fields: usize) -> Self {
        Self {
            shares: [0.0; SORTS],
            levels: vec![[[0.0; LEVELS_MAX]; SORTS]; fields],
        }
    }

    fn plus(mut self, other: Self) -> Self {
        for (sum, more) in self.shares.iter_mut().zip(other.shares) {
            *sum += more;
        }
        let rows = self.levels.iter_mut().flatten().flatten();
        for (sum, more) in rows.zip(other.levels.iter().flatten().flatten()) {
            *sum += more;
        }
        self
    }
}

/// How many of the pairs of `part` are of each sort, and which levels they
/// have, as far as `model` can tell.
fn expect(model: &Model, part: &[Tally]) -> Sums {
    let mut sums = Sums::empty(model.levels.len());
    for (pattern, pairs) in part {
        let weights = posterior(model.logs(*pattern)).map(|share| share * *pairs as f64);
        for (sum, weight) in sums.shares.iter_mut().zip(weights) {
            *sum += weight;
        }
        for (field, rows) in sums.levels.iter_mut().enumerate() {
            let level = level(*pattern, field);
            if level > 0 {
                for (row, weight) in rows.iter_mut().zip(weights) {
                    if let Some(sum) = row.get_mut(level) {
                        *sum += weight;
                    }
                }
            }
        }
    }
    sums
}
