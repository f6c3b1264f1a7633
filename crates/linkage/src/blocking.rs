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
            open: Open::default(),
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
    /// The keys of each record that too many others have.
    open: Open,
}

/// Some keys of each record, in order.
#[derive(Default)]
struct Open {
    ends: Vec<u32>,
    keys: Vec<Key>,
}

impl Open {
    fn of(&self, record: u32) -> &[Key] {
        let before = (record as usize).checked_sub(1);
        let from = before
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        let to = self.ends.get(record as usize).copied().unwrap_or(0);
        self.keys.get(from as usize..to as usize).unwrap_or(&[])
    }
}

/// A record under a key, or under several joined, and the last of its own keys
/// that took part: in one number, which is sorted faster than three.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Entry(u128);

impl Entry {
    const fn new(key: Key, record: u32, last: u8) -> Self {
        Self((key.0 as u128) << 64 | (record as u128) << 32 | last as u128)
    }

    fn key(self) -> Key {
        Key(u64::try_from(self.0 >> 64).unwrap_or(0))
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
        let mut open = vec![0_u32; self.dataset.len()];
        for part in 0..parts {
            let entries = self.entries(|record, entries| {
                let mut of = Vec::with_capacity(KEYS_MAX);
                keys(self.dataset, record as usize, &mut of);
                for (n, key) in (0..).zip(of).filter(|(_, key)| key.0 % parts == part) {
                    entries.push(Entry::new(key, record, n));
                }
            });
            for block in blocks(&entries) {
                if self.whole(block) {
                    continue;
                }
                self.report.refined += 1;
                for entry in block {
                    if let Some(open) = open.get_mut(entry.record() as usize) {
                        *open |= 1 << entry.last();
                    }
                }
            }
        }
        let mut of = Vec::with_capacity(KEYS_MAX);
        for (record, open) in open.into_iter().enumerate() {
            keys(self.dataset, record, &mut of);
            let kept = of.iter().enumerate().filter(|(n, _)| open & (1 << n) != 0);
            self.open.keys.extend(kept.map(|(_, key)| *key));
            self.open
                .ends
                .push(u32::try_from(self.open.keys.len()).unwrap_or(u32::MAX));
        }
    }

    /// Two keys, and three.
    fn joined(&mut self) {
        let each = self.open.keys.len() / self.dataset.len().max(1) + 1;
        let parts = (self.open.keys.len() * each / 2).div_ceil(PART).max(1) as u64;
        for part in 0..parts {
            let entries = self.entries(|record, entries| {
                let of = self.open.of(record);
                for (n, first) in of.iter().enumerate() {
                    for (m, second) in (0..).zip(of).skip(n + 1) {
                        let joined = first.with(*second);
                        if first.joins(*second) && joined.0 % parts == part {
                            entries.push(Entry::new(joined, record, m));
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

    /// A third key for what two do not tell apart. Who has none is paired with
    /// neighbors.
    fn third(&mut self, larger: &[Entry]) {
        let mut entries: Vec<Entry> = larger
            .par_chunks(CHUNK)
            .flat_map_iter(|chunk| {
                let mut entries = Vec::new();
                for entry in chunk {
                    let record = entry.record();
                    let mut of = self.open.of(record).iter().skip(usize::from(entry.last()));
                    let Some(second) = of.next() else { continue };
                    let before = entries.len();
                    for third in of.filter(|third| second.joins(**third)) {
                        entries.push(Entry::new(entry.key().with(*third), record, 0));
                    }
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

    /// What `make` makes of each record, sorted.
    fn entries(&self, make: impl Fn(u32, &mut Vec<Entry>) + Sync) -> Vec<Entry> {
        let records = u32::try_from(self.dataset.len()).unwrap_or(u32::MAX);
        let mut entries: Vec<Entry> = (0..self.dataset.len().div_ceil(CHUNK))
            .into_par_iter()
            .flat_map_iter(|chunk| {
                let mut entries = Vec::new();
                let from = u32::try_from(chunk * CHUNK).unwrap_or(u32::MAX);
                for record in (from..records).take(CHUNK) {
                    make(record, &mut entries);
                }
                entries
            })
            .collect();
        entries.par_sort_unstable();
        entries
    }
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
