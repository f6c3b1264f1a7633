use std::fmt;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::blocking::{BlockingReport, Candidates};
use crate::comparator::{self, Comparator, Memo, Pair};
use crate::dataset::Dataset;
use crate::decision::{ErrorRates, ScoredPair, Thresholds};
use crate::explanation::Explanation;
use crate::lexicon::mix;
use crate::limits::LEVELS_MAX;
use crate::model::{Model, Tally, learn};
use crate::pattern::{self, Pattern};
use crate::{Error, Progress, Result, Schema, Stage, cluster};

/// How many pairs are compared together.
const CHUNK: usize = 32_768;

/// How many pairs are drawn at random, to see how strangers compare.
const RANDOM_PAIRS: usize = 100_000;

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

/// How many of the pairs are learned from. Of more candidates than that, which
/// ones they are depends on the order of the records.
const LEARN_PAIRS: usize = 250_000;

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
    /// Every candidate, with its probability and class, by their numbers.
    pub pairs: Vec<ScoredPair>,
    /// What agreement is worth.
    pub model: Model,
    /// From which probability on a pair is in which class.
    pub thresholds: Thresholds,
    /// How the candidates were found.
    pub blocking: BlockingReport,
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
        let kinds = schema.fields().iter().map(|field| field.kind);
        Ok(Self {
            comparators: kinds.map(comparator::of_kind).collect(),
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
        let candidates = Candidates::find(dataset, self.options.block_max, progress)?;
        let compared = self.compare(dataset, &candidates.pairs, progress)?;
        goes_on(progress, Stage::Learn, 0, 1)?;
        let strangers = self.strangers(dataset);
        let model = learn(
            dataset.schema(),
            &self.comparators,
            &compared.tallies(),
            &strangers,
        );
        goes_on(progress, Stage::Score, 0, 1)?;
        let scores: Vec<f64> = compared
            .patterns
            .par_iter()
            .map(|(p, _)| model.probability(*p))
            .collect();
        let counts = compared.patterns.iter().map(|(_, count)| *count);
        let thresholds = Thresholds::new(
            scores.iter().copied().zip(counts).collect(),
            self.options.rates,
        );
        let pairs = candidates
            .pairs
            .par_iter()
            .zip(&compared.codes)
            .map(|((left, right), code)| {
                let probability = scores.get(*code as usize).copied().unwrap_or(0.0);
                let class = thresholds.class(probability);
                ScoredPair {
                    left: *left,
                    right: *right,
                    probability,
                    class,
                }
            })
            .collect();
        goes_on(progress, Stage::Score, 1, 1)?;
        Ok(Linkage {
            pairs,
            model,
            thresholds,
            blocking: candidates.report,
        })
    }

    /// The candidates of `dataset` alone.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub fn candidates(&self, dataset: &Dataset, progress: &dyn Progress) -> Result<Candidates> {
        Candidates::find(dataset, self.options.block_max, progress)
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
        self.remember(&Memo::new(0), dataset, left, right)
    }

    fn remember(&self, memo: &Memo, dataset: &Dataset, left: usize, right: usize) -> Pattern {
        let pair = Pair {
            dataset,
            left: dataset.row(left),
            right: dataset.row(right),
            memo,
        };
        let fields = self.comparators.iter().enumerate();
        fields.fold(0, |pattern, (field, comparator)| {
            pattern::with(pattern, field, comparator.compare(pair, field))
        })
    }

    fn compare(
        &self,
        dataset: &Dataset,
        pairs: &[(u32, u32)],
        progress: &dyn Progress,
    ) -> Result<Compared> {
        let all = pairs.len() as u64;
        let parts: Vec<Compared> = pairs
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, pairs)| {
                goes_on(progress, Stage::Compare, (chunk * CHUNK) as u64, all)?;
                let (mut found, memo) = (Found::default(), Memo::large());
                let codes = pairs.iter().map(|(left, right)| {
                    found.code(
                        self.remember(&memo, dataset, *left as usize, *right as usize),
                        1,
                    )
                });
                let codes = codes.collect();
                let patterns = found.patterns;
                Ok(Compared { patterns, codes })
            })
            .collect::<Result<_>>()?;
        let (mut found, mut codes) = (Found::default(), Vec::with_capacity(pairs.len()));
        for part in parts {
            let numbers: Vec<u32> = part
                .patterns
                .into_iter()
                .map(|(pattern, count)| found.code(pattern, count))
                .collect();
            let known = part
                .codes
                .into_iter()
                .map(|code| numbers.get(code as usize).copied().unwrap_or(0));
            codes.extend(known);
        }
        goes_on(progress, Stage::Compare, all, all)?;
        Ok(Compared {
            patterns: found.patterns,
            codes,
        })
    }

    /// How pairs that are drawn at random compare.
    fn strangers(&self, dataset: &Dataset) -> Vec<Tally> {
        let drawn = self.draw(dataset);
        // Each with the next, each with the one after it, and so on.
        let pairs: Vec<(usize, usize)> = (1..drawn.len())
            .flat_map(|apart| drawn.iter().zip(drawn.iter().skip(apart)))
            .filter(|((one, _), (other, _))| one != other)
            .map(|((_, left), (_, right))| (*left, *right))
            .take(RANDOM_PAIRS)
            .collect();
        let parts: Vec<Vec<Tally>> = pairs
            .par_chunks(CHUNK)
            .map(|pairs| {
                let (mut found, memo) = (Found::default(), Memo::large());
                for (left, right) in pairs {
                    found.code(self.remember(&memo, dataset, *left, *right), 1);
                }
                found.patterns
            })
            .collect();
        let mut found = Found::default();
        for (pattern, count) in parts.into_iter().flatten() {
            found.code(pattern, count);
        }
        found.tallies()
    }

    /// Records drawn by what they say, with a hash of it, and so in an order
    /// that does not depend on that of the file.
    fn draw(&self, dataset: &Dataset) -> Vec<(u64, usize)> {
        let wanted = (2 * RANDOM_PAIRS) as u64;
        let limit = (u64::MAX / (dataset.len() as u64).max(1)).saturating_mul(wanted);
        let drawn = (0..dataset.len())
            .into_par_iter()
            .map(|record| (mix(self.options.seed ^ dataset.hash(record)), record));
        let mut drawn: Vec<(u64, usize)> = drawn.filter(|(hash, _)| *hash <= limit).collect();
        drawn.par_sort_unstable();
        drawn
    }
}

/// Patterns, each once, with how often it was found.
#[derive(Default)]
struct Found {
    patterns: Vec<(Pattern, u64)>,
    numbers: FxHashMap<Pattern, u32>,
}

impl Found {
    fn code(&mut self, pattern: Pattern, count: u64) -> u32 {
        let next = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(pattern).or_insert(next);
        match self.patterns.get_mut(number as usize) {
            Some((_, times)) => *times += count,
            None => self.patterns.push((pattern, count)),
        }
        number
    }

    fn tallies(self) -> Vec<Tally> {
        let mut tallies = self.patterns;
        tallies.sort_unstable();
        tallies
    }
}

struct Compared {
    patterns: Vec<(Pattern, u64)>,
    /// The number of each pair's pattern.
    codes: Vec<u32>,
}

impl Compared {
    /// How often each pattern is found among the pairs, or, of very many pairs,
    /// among every n-th.
    fn tallies(&self) -> Vec<Tally> {
        let every = self.codes.len().div_ceil(LEARN_PAIRS).max(1);
        let mut tallies = self.patterns.clone();
        if every > 1 {
            for (_, count) in &mut tallies {
                *count = 0;
            }
            for code in self.codes.iter().step_by(every) {
                if let Some((_, count)) = tallies.get_mut(*code as usize) {
                    *count += 1;
                }
            }
            tallies.retain(|(_, count)| *count > 0);
        }
        tallies.par_sort_unstable();
        tallies
    }
}

fn check(dataset: &Dataset, records: &[usize]) -> Result<()> {
    let missing = records.iter().find(|record| **record >= dataset.len());
    missing.map_or(Ok(()), |record| Err(Error::NotFound { record: *record }))
}

fn goes_on(progress: &dyn Progress, stage: Stage, done: u64, all: u64) -> Result<()> {
    match progress.goes_on(stage, done, all) {
        true => Ok(()),
        false => Err(Error::Cancelled),
    }
}
