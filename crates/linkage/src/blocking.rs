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
use crate::progress::go_on;
use crate::{Progress, Result, Stage};

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
        Self::in_parts(PART, dataset, keys, most, progress)
    }

    /// The same, with about so many entries held at once.
    fn in_parts(
        held: usize,
        dataset: &Dataset,
        keys: &Keys,
        most: usize,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut found = Found::new(dataset.len(), held);
        go_on(progress, Stage::Block, 0, 3)?;
        let open = single(keys, most, held, &mut found);
        let joined = Joined {
            most,
            keys: &open,
            places: places(dataset),
        };
        let parts = joined.entries().div_ceil(held).max(1) as u64;
        for part in 0..parts {
            go_on(progress, Stage::Block, 1 + part, parts + 2)?;
            joined.sweep(part, parts, &mut found);
        }
        go_on(progress, Stage::Block, 1 + parts, parts + 2)?;
        let report = found.report;
        let pairs = found.pairs();
        go_on(progress, Stage::Block, 2 + parts, parts + 2)?;
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

/// All pairs found so far.
struct Found {
    records: usize,
    /// About how many pairs more than there must be are held at once.
    held: usize,
    /// Lists of pairs in order; a pair may be in several.
    lists: Vec<Vec<u64>>,
    /// How many pairs there were when each was last in one list alone.
    merged: usize,
    report: BlockingReport,
}

impl Found {
    const fn new(records: usize, held: usize) -> Self {
        Self {
            records,
            held,
            lists: Vec::new(),
            merged: 0,
            report: BlockingReport {
                blocks: 0,
                refined: 0,
                neighborhoods: 0,
            },
        }
    }

    fn take(&mut self, buckets: Vec<Bucket>) {
        for bucket in buckets {
            self.report.blocks += bucket.report.blocks;
            self.report.refined += bucket.report.refined;
            self.report.neighborhoods += bucket.report.neighborhoods;
            self.lists.push(bucket.pairs);
        }
        let pairs: usize = self.lists.iter().map(Vec::len).sum();
        if pairs > 2 * self.merged + self.held {
            self.merge();
            self.merged = self.lists.iter().map(Vec::len).sum();
        }
    }

    /// Makes lists of which each pair is in one, and the next has the next
    /// pairs.
    fn merge(&mut self) {
        let each = self.records.div_ceil(BUCKETS).max(1) as u64;
        let lists = std::mem::take(&mut self.lists);
        let of = |bucket: usize| {
            let bucket = bucket as u64;
            let (from, to) = ((bucket * each) << 32, ((bucket + 1) * each) << 32);
            let mut pairs = Vec::new();
            for list in &lists {
                let at = |pair| list.partition_point(|found| *found < pair);
                pairs.extend(list.get(at(from)..at(to)).unwrap_or(&[]));
            }
            pairs.sort();
            pairs.dedup();
            pairs.shrink_to_fit();
            pairs
        };
        self.lists = (0..BUCKETS).into_par_iter().map(of).collect();
    }

    /// All pairs, each once, in order.
    fn pairs(mut self) -> Vec<(u32, u32)> {
        self.merge();
        let mut pairs = Vec::with_capacity(self.lists.iter().map(Vec::len).sum());
        for list in self.lists {
            let half = |part: u64| u32::try_from(part & u64::from(u32::MAX)).unwrap_or(0);
            pairs.extend(list.iter().map(|pair| (half(pair >> 32), half(*pair))));
        }
        pairs
    }
}

/// What was found under the keys of a bucket.
#[derive(Default)]
struct Bucket {
    /// The pairs, the lower number in the upper half, sorted in the end.
    pairs: Vec<u64>,
    report: BlockingReport,
}

impl Bucket {
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

/// Finds the pairs under one key. The answer is the keys of each record that
/// too many others have.
fn single(keys: &Keys, most: usize, held: usize, found: &mut Found) -> Keys {
    let open: Vec<AtomicU32> = (0..keys.records()).map(|_| AtomicU32::new(0)).collect();
    let parts = keys.len().div_ceil(held).max(1) as u64;
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
    /// At most how many entries of two keys there are.
    fn entries(&self) -> usize {
        let records = 0..u32::try_from(self.keys.records()).unwrap_or(u32::MAX);
        let keys = records.map(|record| self.keys.keys_of(record).len());
        keys.map(|keys| keys * keys.saturating_sub(1) / 2).sum()
    }

    /// Two keys, and three.
    fn sweep(&self, part: u64, parts: u64, found: &mut Found) {
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
    fn third(&self, block: &[Entry], found: &mut Bucket) {
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
    found: &mut Found,
    each: &(dyn Fn(&[Entry], &mut Bucket) + Sync),
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
        let mut found = Bucket::default();
        for block in blocks(&entries) {
            each(block, &mut found);
        }
        found.pairs.sort_unstable();
        found.pairs.dedup();
        found.pairs.shrink_to_fit();
        found
    };
    found.take((0..BUCKETS).into_par_iter().map(of).collect());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DatasetBuilder, Field, FieldKind, Schema};

    /// Names of a few sounds, a few dates and places: blocks of all sizes.
    fn dataset(records: usize) -> Dataset {
        let fields = [
            Field::new("name", FieldKind::FullName),
            Field::new("born", FieldKind::BirthDate),
            Field::new("village", FieldKind::Place),
        ];
        let names = ["amina", "juma", "tuti", "kato", "hassan", "roy", "sita"];
        let mut builder = DatasetBuilder::new(Schema::new(fields).unwrap());
        for n in 0..records {
            let name = |by: usize| names[n / by % names.len()];
            let born = format!("{}-{:02}-03", 1960 + n % 50, 1 + n / 50 % 12);
            let village = format!("village {}", n % 13);
            let row = [&format!("{} {}", name(1), name(5)), &born, &village];
            builder.push(&row.map(String::as_str)).unwrap();
        }
        builder.build(&()).unwrap()
    }

    #[test]
    fn it_does_not_matter_in_how_many_parts_the_work_is_done() {
        let dataset = dataset(20_000);
        let keys = Keys::of(&dataset);
        let found = |held| Candidates::in_parts(held, &dataset, &keys, 8, &()).unwrap();
        let whole = found(usize::MAX / 4);
        assert!(whole.report.neighborhoods > 0 && whole.report.blocks > 0);
        assert!(whole.pairs.windows(2).all(|two| two[0] < two[1]));
        for held in [5_000, 40_000] {
            let parts = found(held);
            assert!(parts.pairs == whole.pairs && parts.report == whole.report);
        }
    }
}
