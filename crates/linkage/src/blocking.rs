//! Which pairs are looked at.
//!
//! Two records are *candidates* if there is a set of at most three keys that
//! both have and that no more records than the limit have: one rare key, or two
//! that are rarer together, or three. (A set is only tried where its parts are
//! too common: the pruning of Apriori, Agrawal and Srikant 1994.) What is still
//! too common with three keys is put in order, and each record is paired with
//! its neighbors (the sorted neighborhood of Hernández and Stolfo 1995), so
//! that no block is dropped and none is squared.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use crate::dataset::Dataset;
use crate::keys::{Key, Keys};
use crate::{Error, Progress, Result, Stage};

/// How many neighbors each record of a block that stays too large is paired with.
pub(crate) const NEIGHBORS: usize = 1;

/// About how many entries are held at once.
const PART: usize = 8_000_000;

/// How many records are taken together.
const CHUNK: usize = 16_384;

/// Into how many buckets entries, and pairs, are put, to be sorted bucket by
/// bucket.
const BUCKETS: usize = 128;

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

    pub(crate) fn find(
        dataset: &Dataset,
        keys: &Keys,
        most: usize,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut found = vec![];
        let goes_on = |done, all| match progress.goes_on(Stage::Block, done, all) {
            true => Ok(()),
            false => Err(Error::Cancelled),
        };
        goes_on(0, 3)?;
        let open = single(keys, most, &mut found);
        let joined = Joined {
            most,
            keys: &open,
            places: places(dataset),
        };
        let parts = joined.parts();
        for part in 0..parts {
            goes_on(1 + part, parts + 2)?;
            joined.sweep(part, parts, &mut found);
        }
        goes_on(1 + parts, parts + 2)?;
        let report = found
            .iter()
            .fold(BlockingReport::default(), |sum, found| BlockingReport {
                blocks: sum.blocks + found.report.blocks,
                refined: sum.refined + found.report.refined,
                neighborhoods: sum.neighborhoods + found.report.neighborhoods,
            });
        let pairs = merged(&found, dataset.len());
        goes_on(2 + parts, parts + 2)?;
        Ok(Self { pairs, report })
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

    fn bucket(self) -> usize {
        usize::try_from((self.0 >> 80) & 0xffff).unwrap_or(0) % BUCKETS
    }

    fn shares_keys(&self, other: &Self) -> bool {
        self.0 >> 64 == other.0 >> 64
    }
}

/// What was found under some of the keys.
#[derive(Default)]
struct Found {
    /// The pairs, the lower number in the upper half, sorted in the end.
    pairs: Vec<u64>,
    report: BlockingReport,
}

impl Found {
    /// Pairs a block if it is small enough.
    fn whole(&mut self, block: &[Entry], most: usize) -> bool {
        if block.len() > most {
            return false;
        }
        self.report.blocks += u64::from(block.len() > 1);
        for (n, one) in block.iter().enumerate() {
            for other in block.iter().skip(n + 1) {
                if one.record() != other.record() {
                    self.pair(one.record(), other.record());
                }
            }
        }
        true
    }

    fn pair(&mut self, one: u32, other: u32) {
        let (left, right) = ordered(one, other);
        self.pairs.push(u64::from(left) << 32 | u64::from(right));
    }
}

/// All pairs, each once, in order.
fn merged(found: &[Found], records: usize) -> Vec<(u32, u32)> {
    let each = records.div_ceil(BUCKETS).max(1) as u64;
    let of = |bucket: usize| {
        let bucket = bucket as u64;
        let (from, to) = ((bucket * each) << 32, ((bucket + 1) * each) << 32);
        let mut pairs = Vec::new();
        for found in found {
            let at = |pair| found.pairs.partition_point(|found| *found < pair);
            pairs.extend(found.pairs.get(at(from)..at(to)).unwrap_or(&[]));
        }
        pairs.sort();
        pairs.dedup();
        pairs
    };
    let buckets: Vec<Vec<u64>> = (0..BUCKETS).into_par_iter().map(of).collect();
    let mut pairs = Vec::with_capacity(buckets.iter().map(Vec::len).sum());
    for bucket in buckets {
        let half = |part: u64| u32::try_from(part & u64::from(u32::MAX)).unwrap_or(0);
        pairs.extend(bucket.iter().map(|pair| (half(pair >> 32), half(*pair))));
    }
    pairs
}

/// Finds the pairs under one key. The answer is the keys of each record that
/// too many others have.
fn single(keys: &Keys, most: usize, found: &mut Vec<Found>) -> Keys {
    let open: Vec<AtomicU32> = (0..keys.records()).map(|_| AtomicU32::new(0)).collect();
    let parts = keys.len().div_ceil(PART).max(1) as u64;
    for part in 0..parts {
        let make = |record: u32, put: &mut dyn FnMut(Entry)| {
            for (n, key) in (0..).zip(keys.keys_of(record)) {
                if key.0 % parts == part {
                    put(Entry::new(*key, record, n));
                }
            }
        };
        sweep(keys.records(), &make, found, &|block, found| {
            if found.whole(block, most) {
                return;
            }
            found.report.refined += 1;
            for entry in block {
                if let Some(open) = open.get(entry.record() as usize) {
                    open.fetch_or(1 << entry.last(), Ordering::Relaxed);
                }
            }
        });
    }
    keys.filter(|record, n| {
        let open = open
            .get(record)
            .map_or(0, |open| open.load(Ordering::Relaxed));
        open & (1 << n) != 0
    })
}

/// The search under keys that too many have, joined.
struct Joined<'a> {
    most: usize,
    keys: &'a Keys,
    places: Vec<Place>,
}

impl Joined<'_> {
    /// In how many parts the entries of two keys fit the memory.
    fn parts(&self) -> u64 {
        let each = self.keys.len() / self.keys.records().max(1) + 1;
        (self.keys.len() * each / 2).div_ceil(PART).max(1) as u64
    }

    /// Two keys, and three.
    fn sweep(&self, part: u64, parts: u64, found: &mut Vec<Found>) {
        let make = |record: u32, put: &mut dyn FnMut(Entry)| {
            let keys = self.keys.keys_of(record);
            for (n, first) in keys.iter().enumerate() {
                for (m, second) in (0..).zip(keys).skip(n + 1) {
                    let joined = first.with(*second);
                    if first.joins(*second) && joined.0 % parts == part {
                        put(Entry::new(joined, record, m));
                    }
                }
            }
        };
        sweep(self.keys.records(), &make, found, &|block, found| {
            if !found.whole(block, self.most) {
                found.report.refined += 1;
                self.third(block, found);
            }
        });
    }

    /// A third key for what two do not tell apart. Who has none is paired with
    /// neighbors.
    fn third(&self, block: &[Entry], found: &mut Found) {
        let mut entries = Vec::with_capacity(block.len());
        for entry in block {
            let keys = self.keys.keys_of(entry.record()).iter();
            let mut keys = keys.skip(usize::from(entry.last()));
            let Some(second) = keys.next() else { continue };
            let before = entries.len();
            for third in keys.filter(|third| second.joins(**third)) {
                entries.push(Entry::new(entry.key().with(*third), entry.record(), 0));
            }
            if entries.len() == before {
                entries.push(*entry);
            }
        }
        entries.sort_unstable();
        for block in blocks(&entries) {
            if !found.whole(block, self.most) {
                found.report.neighborhoods += 1;
                let place = |record: u32| {
                    let place = self.places.get(record as usize);
                    place.copied().unwrap_or_default()
                };
                let records = block.iter().map(|entry| entry.record());
                for (one, other) in neighborhood(records, place) {
                    found.pair(one, other);
                }
            }
        }
    }
}

/// Makes the entries of a record.
type Make<'a> = dyn Fn(u32, &mut dyn FnMut(Entry)) + Sync + 'a;

/// Puts what `make` makes of each of so many records in order, and has `each`
/// find pairs in what shares its keys.
fn sweep(
    records: usize,
    make: &Make<'_>,
    found: &mut Vec<Found>,
    each: &(dyn Fn(&[Entry], &mut Found) + Sync),
) {
    let chunks: Vec<Vec<Vec<Entry>>> = (0..records.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut buckets = vec![Vec::new(); BUCKETS];
            for record in (chunk * CHUNK..records).take(CHUNK) {
                make(u32::try_from(record).unwrap_or(u32::MAX), &mut |entry| {
                    if let Some(bucket) = buckets.get_mut(entry.bucket()) {
                        bucket.push(entry);
                    }
                });
            }
            buckets
        })
        .collect();
    let of = |bucket: usize| {
        let parts = chunks.iter().filter_map(|chunk| chunk.get(bucket));
        let mut entries: Vec<Entry> = parts.flatten().copied().collect();
        entries.sort_unstable();
        let mut found = Found::default();
        for block in blocks(&entries) {
            each(block, &mut found);
        }
        found.pairs.sort_unstable();
        found.pairs.dedup();
        found
    };
    found.par_extend((0..BUCKETS).into_par_iter().map(of));
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

/// Where a record is in the order of neighbors: its date, and the sound of its
/// first name.
pub(crate) type Place = (u32, u64);

/// Each of `records` with its next neighbors, in the order of their places and
/// numbers.
pub(crate) fn neighborhood(
    records: impl Iterator<Item = u32>,
    place: impl Fn(u32) -> Place,
) -> Vec<(u32, u32)> {
    let mut records: Vec<_> = records.map(|record| (place(record), record)).collect();
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

fn places(dataset: &Dataset) -> Vec<Place> {
    let records = 0..dataset.len();
    records
        .into_par_iter()
        .map(|record| place(dataset, record))
        .collect()
}

pub(crate) fn place(dataset: &Dataset, record: usize) -> Place {
    let (mut date, mut name) = (0, 0);
    let row = dataset.row(record);
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
