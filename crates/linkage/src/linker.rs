use std::fmt;
use std::hint::black_box;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::blocking::Candidates;
use crate::comparator::{self, Comparator, Memo, Pair};
use crate::dataset::Dataset;
use crate::decision::{ErrorRates, ScoredPair, Thresholds};
use crate::explanation::Explanation;
use crate::keys::Keys;
use crate::lexicon::mix;
use crate::limits::{LEVELS_MAX, PROBABILITY_MIN};
use crate::model::{Model, Tally, learn};
use crate::pattern::{self, Pattern};
use crate::progress::go_on;
use crate::{Error, Progress, Result, Schema, Stage, cluster};

/// How many pairs are compared together.
const CHUNK: usize = 32_768;

/// How many records are fetched from the memory at once.
const FETCH: usize = 16;

/// How many pairs are drawn at random, to see how strangers compare.
const RANDOM_PAIRS: usize = 50_000;

/// How a linkage goes about it. The defaults are the same for all data.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How many records may share a key and still all be compared, 2 to 1000.
    pub block_max: usize,
    /// What the draw of random pairs is seeded with.
    pub seed: u64,
    /// The errors that are put up with.
    pub rates: ErrorRates,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            block_max: 8,
            seed: 1,
            rates: ErrorRates::default(),
        }
    }
}

impl Options {
    /// The same with another limit of the blocks.
    #[must_use]
    pub const fn with_block_max(mut self, block_max: usize) -> Self {
        self.block_max = block_max;
        self
    }

    /// The same with other error rates.
    #[must_use]
    pub const fn with_rates(mut self, rates: ErrorRates) -> Self {
        self.rates = rates;
        self
    }
}

/// How many of the pairs are learned from.
const LEARN_PAIRS: usize = 120_000;

/// Links records: finds the pairs, compares them, learns what agreement is
/// worth, and says how likely each pair is one person.
///
/// Work is done on the threads of the `rayon` pool that it is called in; the
/// answer does not depend on how many there are.
pub struct Linker {
    comparators: Vec<Box<dyn Comparator>>,
    options: Options,
}

impl fmt::Debug for Linker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linker")
            .field("comparators", &self.comparators)
            .field("options", &self.options)
            .finish()
    }
}

/// What a linkage found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Linkage {
    /// The candidates whose probability is at least [`PROBABILITY_MIN`], with their
    /// classes, by their numbers. All others are [`Class::Different`](crate::Class::Different).
    pub pairs: Vec<ScoredPair>,
    /// What agreement is worth.
    pub model: Model,
    /// From which probability on a pair is in which class.
    pub thresholds: Thresholds,
    /// All pairs that were looked at, and how they were found.
    pub candidates: Candidates,
}

impl Linker {
    /// Links records of `schema`, each field with the comparator of its kind.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] for an option out of its range.
    pub fn new(schema: &Schema, options: Options) -> Result<Self> {
        if !(2..=1_000).contains(&options.block_max) {
            let (option, rule) = ("block_max", "must be 2 to 1000");
            return Err(Error::Option { option, rule });
        }
        options.rates.check()?;
        let fields = schema.fields().iter();
        Ok(Self {
            comparators: fields.map(comparator::of_field).collect(),
            options,
        })
    }

    /// The same with another comparator for a field.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] if there is no such field, the comparator has no level
    /// or more than 15, or a prior or likeness of theirs is less than nothing,
    /// not finite, or nothing for all.
    pub fn with_comparator(mut self, field: usize, new: Box<dyn Comparator>) -> Result<Self> {
        let rule = "must be of a field, and have 1 to 15 levels with priors";
        let refused = Error::Option {
            option: "comparator",
            rule,
        };
        let levels = new.levels();
        let stated = levels.iter().all(|level| {
            level.prior.is_finite() && level.prior >= 0.0 && (0.0..=1.0).contains(&level.alike)
        });
        let whole = stated
            && (1..LEVELS_MAX).contains(&levels.len())
            && levels.iter().any(|level| level.prior > 0.0);
        match self.comparators.get_mut(field) {
            Some(held) if whole => *held = new,
            _ => return Err(refused),
        }
        Ok(self)
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> Options {
        self.options
    }

    pub(crate) fn comparators(&self) -> &[Box<dyn Comparator>] {
        &self.comparators
    }

    /// Links the records of `dataset`.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub fn link(&self, dataset: &Dataset, progress: &dyn Progress) -> Result<Linkage> {
        go_on(progress, Stage::Block, 0, 1)?;
        let keys = Keys::of(dataset);
        let candidates = Candidates::find(dataset, &keys, self.options.block_max, progress)?;
        drop(keys);
        let marks = dataset.marks(self.options.seed);
        go_on(progress, Stage::Learn, 0, 2)?;
        let sample = self.tally(dataset, &sample(&candidates.pairs, &marks));
        let strangers = self.tally(dataset, &strangers(&marks));
        go_on(progress, Stage::Learn, 1, 2)?;
        let model = learn(dataset.schema(), &self.comparators, &sample, &strangers);
        let scores = sample
            .par_iter()
            .map(|(p, pairs)| (model.probability(*p), *pairs));
        let thresholds = Thresholds::new(scores.collect(), self.options.rates);
        let pairs = self.score(dataset, &candidates.pairs, &model, thresholds, progress)?;
        Ok(Linkage {
            pairs,
            model,
            thresholds,
            candidates,
        })
    }

    /// The candidates of `dataset` alone.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub fn candidates(&self, dataset: &Dataset, progress: &dyn Progress) -> Result<Candidates> {
        Candidates::find(
            dataset,
            &Keys::of(dataset),
            self.options.block_max,
            progress,
        )
    }

    /// How likely two records are one person by `model`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub fn probability(
        &self,
        dataset: &Dataset,
        model: &Model,
        left: usize,
        right: usize,
    ) -> Result<f64> {
        check(dataset, &[left, right])?;
        Ok(model.probability(self.pattern(dataset, left, right)))
    }

    /// Why two records are, or are not, taken for one person.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub fn explain(
        &self,
        dataset: &Dataset,
        model: &Model,
        left: usize,
        right: usize,
    ) -> Result<Explanation> {
        check(dataset, &[left, right])?;
        let pattern = self.pattern(dataset, left, right);
        Ok(Explanation::new(
            dataset.schema(),
            &self.comparators,
            model,
            pattern,
        ))
    }

    /// The groups of records that are one person each, of two or more.
    ///
    /// Two groups are joined only if their records resemble each other on the
    /// whole: a third record that resembles both does not make two people one.
    #[must_use]
    pub fn clusters(&self, dataset: &Dataset, linkage: &Linkage) -> Vec<Vec<u32>> {
        let score = |left: u32, right: u32| {
            let pattern = self.pattern(dataset, left as usize, right as usize);
            linkage.model.probability(pattern)
        };
        cluster::clusters(&linkage.pairs, &score)
    }

    pub(crate) fn pattern(&self, dataset: &Dataset, left: usize, right: usize) -> Pattern {
        self.remember(&Memo::none(), dataset, left, right)
    }

    fn remember(&self, memo: &Memo, dataset: &Dataset, left: usize, right: usize) -> Pattern {
        let (left, right) = (dataset.row(left), dataset.row(right));
        let pair = Pair {
            dataset,
            left,
            right,
            memo,
        };
        let said = left.said() & right.said();
        let fields = self.comparators.iter().enumerate();
        let fields = fields.filter(|(field, _)| said & (1 << field) != 0);
        fields.fold(0, |pattern, (field, comparator)| {
            pattern::with(pattern, field, comparator.compare(pair, field))
        })
    }

    /// How pairs compare, and how many of them do so.
    fn tally(&self, dataset: &Dataset, pairs: &[(u32, u32)]) -> Vec<Tally> {
        let parts: Vec<FxHashMap<Pattern, u64>> = pairs
            .par_chunks(CHUNK)
            .map(|pairs| {
                let (mut found, memo) = (FxHashMap::default(), Memo::large());
                for (left, right) in pairs {
                    let pattern = self.remember(&memo, dataset, *left as usize, *right as usize);
                    *found.entry(pattern).or_default() += 1;
                }
                found
            })
            .collect();
        let mut found: FxHashMap<Pattern, u64> = FxHashMap::default();
        for (pattern, pairs) in parts.into_iter().flatten() {
            *found.entry(pattern).or_default() += pairs;
        }
        let mut tallies: Vec<Tally> = found.into_iter().collect();
        tallies.sort_unstable();
        tallies
    }

    /// The pairs that are not unlikely one person.
    fn score(
        &self,
        dataset: &Dataset,
        pairs: &[(u32, u32)],
        model: &Model,
        thresholds: Thresholds,
        progress: &dyn Progress,
    ) -> Result<Vec<ScoredPair>> {
        // A little less, for what rounding may do.
        let least = (PROBABILITY_MIN / (1.0 - PROBABILITY_MIN)).ln() - 1e-9;
        let all = pairs.len() as u64;
        let parts: Vec<Vec<ScoredPair>> = pairs
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, pairs)| {
                go_on(progress, Stage::Compare, (chunk * CHUNK) as u64, all)?;
                let memo = Memo::large();
                let fetched = pairs.chunks(FETCH).flat_map(|pairs| {
                    black_box(dataset.fetch(pairs.iter().map(|(_, right)| *right)));
                    pairs
                });
                let scored = fetched.filter_map(|(left, right)| {
                    let (one, other) = (*left as usize, *right as usize);
                    let pattern = self.remember(&memo, dataset, one, other);
                    let probability = match model.may_reach(least, pattern) {
                        true => model.probability(pattern),
                        false => return None,
                    };
                    (probability >= PROBABILITY_MIN).then(|| ScoredPair {
                        left: *left,
                        right: *right,
                        probability,
                        class: thresholds.class(probability),
                    })
                });
                Ok(scored.collect())
            })
            .collect::<Result<_>>()?;
        go_on(progress, Stage::Compare, all, all)?;
        Ok(parts.concat())
    }
}

/// The pairs to learn from: of very many, some, drawn by what the records say,
/// and so the same ones in whatever order they come. Where so many records say
/// the same that this draws far too few or too many, every n-th.
fn sample(pairs: &[(u32, u32)], marks: &[u64]) -> Vec<(u32, u32)> {
    let limit = share(LEARN_PAIRS, pairs.len());
    let mark = |record: &u32| marks.get(*record as usize).copied().unwrap_or(0);
    let drawn = pairs.par_iter().copied();
    let drawn: Vec<(u32, u32)> = drawn
        .filter(|(left, right)| mix(mark(left).wrapping_add(mark(right))) <= limit)
        .collect();
    let wanted = LEARN_PAIRS.min(pairs.len());
    match (wanted / 2..=wanted * 2).contains(&drawn.len()) {
        true => drawn,
        false => {
            let every = pairs.len().div_ceil(LEARN_PAIRS).max(1);
            pairs.iter().step_by(every).copied().collect()
        }
    }
}

/// Pairs drawn at random, to see how strangers compare: records drawn by what
/// they say, of those that say the same one; each with the next, each with the
/// one after it, and so on.
fn strangers(marks: &[u64]) -> Vec<(u32, u32)> {
    let limit = share(2 * RANDOM_PAIRS, marks.len());
    let drawn = (0_u32..).zip(marks).filter(|(_, mark)| **mark <= limit);
    let mut drawn: Vec<(u64, u32)> = drawn.map(|(record, mark)| (*mark, record)).collect();
    drawn.par_sort_unstable();
    drawn.dedup_by_key(|(mark, _)| *mark);
    (1..drawn.len())
        .flat_map(|apart| drawn.iter().zip(drawn.iter().skip(apart)))
        .map(|((_, left), (_, right))| (*left, *right))
        .take(RANDOM_PAIRS)
        .collect()
}

/// Up to where the hashes of about `wanted` of so many lie.
fn share(wanted: usize, of: usize) -> u64 {
    (u64::MAX / (of as u64).max(1)).saturating_mul(wanted as u64)
}

fn check(dataset: &Dataset, records: &[usize]) -> Result<()> {
    let missing = records.iter().find(|record| **record >= dataset.len());
    missing.map_or(Ok(()), |record| Err(Error::NotFound { record: *record }))
}
