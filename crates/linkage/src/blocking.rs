//! Which pairs are looked at.
//!
//! Two records are *candidates* if there is a set of at most three keys that
//! both have and that no more records than the limit have: one rare key, or two
//! that are rarer together, or three. (A set is only tried where its parts are
//! too common: the pruning of Apriori, Agrawal and Srikant 1994.) What is still
//! too common with three keys is put in order, and each record is paired with
//! its neighbors (the sorted neighborhood of Hernández and Stolfo 1995), so
//! that no block is dropped and none is squared.

use rayon::prelude::*;
use serde::Serialize;

use crate::dataset::Dataset;
use crate::keys::{KEYS_MAX, Key, keys};
use crate::{Error, Progress, Result, Stage};

/// How many neighbors each record of a block that stays too large is paired with.
pub(crate) const NEIGHBORS: usize = 1;

/// About how many entries are sorted at once.
const PART: usize = 6_000_000;

/// How many records are taken together.
const CHUNK: usize = 16_384;

/// The pairs to compare, each once, the lower number first, in order.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    pub(crate) pairs: Vec<(u32, u32)>,
    pub(crate) report: BlockingReport,
}

/// What the search for candidates came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BlockingReport {
    /// Blocks that were compared whole.
    pub blocks: u64,
    /// Blocks that were too large, and were refined by another key.
    pub refined: u64,
    /// Blocks that stayed too large, and were compared by neighbors.
    pub neighborhoods: u64,
}

impl Candidates {
    /// The pairs, by the numbers of their records.
    #[must_use]
    pub fn pairs(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// How they were found.
    #[must_use]
    pub const fn report(&self) -> BlockingReport {
        self.report
    }

    pub(crate) fn find(dataset: &Dataset, most: usize, progress: &dyn Progress) -> Result<Self> {
        let mut search = Search {
            dataset,
            most,
            pairs: Vec::new(),
            report: BlockingReport::default(),
            open: vec![0; dataset.len()],
        };
        let parts = 3;
        let goes_on = |done| match progress.goes_on(Stage::Block, done, parts) {
            true => Ok(()),
            false => Err(Error::Cancelled),
        };
        goes_on(0)?;
        search.single();
        goes_on(1)?;
        search.joined();
        goes_on(2)?;
        let mut pairs = search.pairs;
        pairs.par_sort_unstable();
        pairs.dedup();
        goes_on(3)?;
        Ok(Self {
            pairs,
            report: search.report,
        })
    }
}

struct Search<'a> {
    dataset: &'a Dataset,
    most: usize,
    pairs: Vec<(u32, u32)>,
    report: BlockingReport,
    /// Which keys of each record too many others have.
    open: Vec<u32>,
}

/// A record under a key, or under several joined, and the last of its own keys
/// that took part: in one number, which is sorted faster than three.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Entry(u128);

impl Entry {
    const fn new(hash: u64, record: u32, last: u8) -> Self {
        Self((hash as u128) << 64 | (record as u128) << 32 | last as u128)
    }

    fn hash(self) -> u64 {
        u64::try_from(self.0 >> 64).unwrap_or(0)
    }

    fn record(self) -> u32 {
        u32::try_from((self.0 >> 32) & 0xffff_ffff).unwrap_or(0)
    }

    fn last(self) -> u8 {
        u8::try_from(self.0 & 0xff).unwrap_or(0)
    }

    fn shares_keys(&self, other: &Self) -> bool {
        self.0 >> 64 == other.0 >> 64
    }
}

impl Search<'_> {
    /// One key.
    fn single(&mut self) {
        let parts = (self.dataset.len() * 8).div_ceil(PART).max(1) as u64;
        for part in 0..parts {
            let entries = self.entries(|_, keys, entries, record| {
                for (n, key) in (0..).zip(keys) {
                    if key.hash % parts == part {
                        entries.push(Entry::new(key.hash, record, n));
                    }
                }
            });
            for block in blocks(&entries) {
                if self.whole(block) {
                    continue;
                }
                self.report.refined += 1;
                for entry in block {
                    if let Some(open) = self.open.get_mut(entry.record() as usize) {
                        *open |= 1 << entry.last();
                    }
                }
            }
        }
    }

    /// Two keys, and three.
    fn joined(&mut self) {
        let open: usize = self
            .open
            .par_iter()
            .map(|open| open.count_ones() as usize)
            .sum();
        let each = open / self.dataset.len().max(1) + 1;
        let parts = (open * each / 2).div_ceil(PART).max(1) as u64;
        for part in 0..parts {
            let entries = self.entries(|open, keys, entries, record| {
                for (n, first) in (0..).zip(keys).filter(|(n, _)| open & (1 << n) != 0) {
                    for (m, second) in (0..).zip(keys).skip(n + 1) {
                        let joined = first.with(*second);
                        let tried = open & (1 << m) != 0 && first.joins(*second);
                        if tried && joined.hash % parts == part {
                            let last = u8::try_from(m).unwrap_or(u8::MAX);
                            entries.push(Entry::new(joined.hash, record, last));
                        }
                    }
                }
            });
            let mut larger = Vec::new();
            for block in blocks(&entries) {
                if !self.whole(block) {
                    self.report.refined += 1;
                    larger.extend_from_slice(block);
                }
            }
            self.third(&larger);
        }
    }

    /// A third key for what two do not tell apart.
    fn third(&mut self, larger: &[Entry]) {
        let mut entries: Vec<Entry> = larger
            .par_chunks(CHUNK)
            .flat_map_iter(|chunk| {
                let (mut of, mut entries) = (Vec::new(), Vec::new());
                for entry in chunk {
                    let record = entry.record();
                    keys(self.dataset, record as usize, &mut of);
                    let open = self.open.get(record as usize).copied().unwrap_or(0);
                    let joined = thirds(&of, open, entry.last(), entry.hash());
                    let before = entries.len();
                    entries.extend(joined.map(|hash| Entry::new(hash, record, 0)));
                    if entries.len() == before {
                        entries.push(*entry);
                    }
                }
                entries
            })
            .collect();
        entries.par_sort_unstable();
        for block in blocks(&entries) {
            if self.whole(block) {
                continue;
            }
            self.report.neighborhoods += 1;
            let neighbors = neighborhood(self.dataset, block.iter().map(|entry| entry.record()));
            self.pairs.extend(neighbors);
        }
    }

    /// Pairs a block if it is small enough.
    fn whole(&mut self, block: &[Entry]) -> bool {
        if block.len() > self.most {
            return false;
        }
        self.report.blocks += u64::from(block.len() > 1);
        for (n, one) in block.iter().enumerate() {
            for other in block.iter().skip(n + 1) {
                if one.record() != other.record() {
                    self.pairs.push(ordered(one.record(), other.record()));
                }
            }
        }
        true
    }

    /// What `make` makes of the open keys and keys of each record, sorted.
    fn entries(&self, make: impl Fn(u32, &[Key], &mut Vec<Entry>, u32) + Sync) -> Vec<Entry> {
        let mut entries: Vec<Entry> = (0..self.dataset.len().div_ceil(CHUNK))
            .into_par_iter()
            .flat_map_iter(|chunk| {
                let (mut of, mut entries) = (Vec::with_capacity(KEYS_MAX), Vec::new());
                for record in chunk * CHUNK..((chunk + 1) * CHUNK).min(self.dataset.len()) {
                    keys(self.dataset, record, &mut of);
                    let open = self.open.get(record).copied().unwrap_or(0);
                    let record = u32::try_from(record).unwrap_or(u32::MAX);
                    make(open, &of, &mut entries, record);
                }
                entries
            })
            .collect();
        entries.par_sort_unstable();
        entries
    }
}

/// The hashes of two keys, which have `hash` and of which `last` is the second,
/// with each third that is open, too.
pub(crate) fn thirds(of: &[Key], open: u32, last: u8, hash: u64) -> impl Iterator<Item = u64> {
    let second = of.get(usize::from(last)).copied();
    let after = of.iter().enumerate().skip(usize::from(last) + 1);
    after.filter_map(move |(n, key)| {
        let second = second?;
        let joined = Key {
            sort: second.sort,
            hash,
        };
        (open & (1 << n) != 0 && second.joins(*key)).then(|| joined.with(*key).hash)
    })
}

fn blocks(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    entries.chunk_by(Entry::shares_keys)
}

pub(crate) const fn ordered(one: u32, other: u32) -> (u32, u32) {
    if one < other {
        (one, other)
    } else {
        (other, one)
    }
}

/// Each of `records` with its next neighbors, in the order of their dates,
/// names and numbers.
pub(crate) fn neighborhood(
    dataset: &Dataset,
    records: impl Iterator<Item = u32>,
) -> Vec<(u32, u32)> {
    let mut records: Vec<_> = records
        .map(|record| (order(dataset, record), record))
        .collect();
    records.sort_unstable();
    records.dedup();
    let mut pairs = Vec::new();
    for (n, (_, one)) in records.iter().enumerate() {
        for (_, other) in records.iter().skip(n + 1).take(NEIGHBORS) {
            pairs.push(ordered(*one, *other));
        }
    }
    pairs
}

fn order(dataset: &Dataset, record: u32) -> (u32, u64) {
    let (mut date, mut name) = (0, 0);
    let row = dataset.row(record as usize);
    for (n, field) in dataset.schema().fields().iter().enumerate() {
        if field.kind == crate::FieldKind::BirthDate {
            date = row.date(n).pack();
        }
        if field.kind.is_name() && name == 0 {
            let first = row.words(n).first();
            name = first.map_or(0, |word| dataset.lexicon.facts(*word).sound);
        }
    }
    (date, name)
}
