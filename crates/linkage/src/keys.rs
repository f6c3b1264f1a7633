use rayon::prelude::*;

use crate::FieldKind;
use crate::comparator::telling;
use crate::dataset::{Dataset, Row};
use crate::lexicon::{hash_bytes, hash_of, mix};

/// The most keys of one record.
pub(crate) const KEYS_MAX: usize = 24;

/// What two records may share by which they are found: a number, the sound of
/// a name, a date, a place. Its sort is in the upper three bits, so that keys
/// are ordered by sort.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key(pub(crate) u64);

/// In the order in which keys are joined.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sort {
    Number,
    Sound,
    Date,
    Address,
    Place,
}

impl Key {
    const fn new(sort: Sort, hash: u64) -> Self {
        Self((sort as u64) << 61 | hash >> 3)
    }

    const fn is_after(self, sort: Sort) -> bool {
        self.0 >> 61 > sort as u64
    }

    const fn is_place(self) -> bool {
        self.is_after(Sort::Date)
    }

    /// Whether sharing both says more than sharing one: a village lies in one
    /// district.
    pub(crate) const fn joins(self, other: Self) -> bool {
        !(self.is_place() && other.is_place())
    }

    /// Both keys as one, of the sort of the second.
    pub(crate) const fn with(self, other: Self) -> Self {
        let sort = other.0 >> 61 << 61;
        Self(sort | mix(self.0 ^ other.0.rotate_left(23)) >> 3)
    }
}

/// Some keys of each record, in order.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    ends: Vec<u32>,
    keys: Vec<Key>,
}

/// How many records are taken together.
const CHUNK: usize = 16_384;

impl Keys {
    /// All keys of all records.
    pub(crate) fn of(dataset: &Dataset) -> Self {
        Self::made(dataset.len(), |record, found| keys(dataset, record, found))
    }

    /// Those that are `kept`, by record and place.
    pub(crate) fn filter(&self, kept: impl Fn(usize, usize) -> bool + Sync) -> Self {
        Self::made(self.ends.len(), |record, found| {
            let keys = self.of_record(record).iter().enumerate();
            found.clear();
            found.extend(keys.filter(|(n, _)| kept(record, *n)).map(|(_, key)| *key));
        })
    }

    fn made(records: usize, make: impl Fn(usize, &mut Vec<Key>) + Sync) -> Self {
        let chunks: Vec<Self> = (0..records.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let (mut part, mut found) = (Self::default(), Vec::with_capacity(KEYS_MAX));
                for record in (chunk * CHUNK..records).take(CHUNK) {
                    make(record, &mut found);
                    part.keys.extend(&found);
                    part.ends
                        .push(u32::try_from(part.keys.len()).unwrap_or(u32::MAX));
                }
                part
            })
            .collect();
        let mut all = Self::default();
        all.keys.reserve_exact(chunks.iter().map(Self::len).sum());
        all.ends.reserve_exact(records);
        for part in chunks {
            let from = u32::try_from(all.keys.len()).unwrap_or(u32::MAX);
            all.keys.extend(part.keys);
            all.ends
                .extend(part.ends.iter().map(|end| end.saturating_add(from)));
        }
        all
    }

    pub(crate) fn keys_of(&self, record: u32) -> &[Key] {
        self.of_record(record as usize)
    }

    fn of_record(&self, record: usize) -> &[Key] {
        let from = record
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let to = self.ends.get(record).copied().unwrap_or(0) as usize;
        self.keys
            .get(from.copied().unwrap_or(0) as usize..to)
            .unwrap_or(&[])
    }

    /// How many records there are.
    pub(crate) const fn records(&self) -> usize {
        self.ends.len()
    }

    /// How many keys there are.
    pub(crate) const fn len(&self) -> usize {
        self.keys.len()
    }
}

/// The keys of `record`, sorted, each once.
pub(crate) fn keys(dataset: &Dataset, record: usize, keys: &mut Vec<Key>) {
    keys.clear();
    let row = dataset.row(record);
    for (n, field) in dataset.schema().fields().iter().enumerate() {
        of_field(dataset, n, field.kind, row, keys);
    }
    keys.sort_unstable();
    keys.dedup();
    // Of too many, sounds are left out first: nicknames have many.
    let excess = keys.len().saturating_sub(KEYS_MAX);
    let sounds = keys.partition_point(|key| !key.is_after(Sort::Number))
        ..keys.partition_point(|key| !key.is_after(Sort::Sound));
    keys.drain(sounds.end.saturating_sub(excess).max(sounds.start)..sounds.end);
    keys.truncate(KEYS_MAX);
}

fn of_field(dataset: &Dataset, field: usize, kind: FieldKind, row: Row<'_>, keys: &mut Vec<Key>) {
    let words = row.words(field);
    let mut push = |sort, hash| keys.push(Key::new(sort, hash));
    let whole = |seed: u64| {
        let words = words.iter().map(|word| dataset.lexicon.hash(*word));
        let mut words: Vec<u64> = words.collect();
        words.sort_unstable();
        words
            .into_iter()
            .fold(mix(seed), |hash, word| mix(hash ^ word))
    };
    match kind {
        _ if words.is_empty() && kind != FieldKind::BirthDate => {}
        FieldKind::Phone | FieldKind::Identifier => push(Sort::Number, whole(0x6e75)),
        FieldKind::Email => {
            push(Sort::Number, whole(0x656d));
            let text = words.first().map_or("", |word| dataset.lexicon.text(*word));
            let name = text
                .strip_prefix('&')
                .unwrap_or(text)
                .split('@')
                .next()
                .unwrap_or("");
            let letters = || name.chars().filter(|c| c.is_alphabetic());
            if letters().count() >= 3 {
                let letters: String = letters().collect();
                push(Sort::Number, mix(0x6e61 ^ hash_of(&letters)));
            }
            for part in name.split(|c: char| !c.is_alphabetic()) {
                let sound = crate::normalize::skeleton(part);
                if part.len() >= 3 && sound.len() >= 2 {
                    push(Sort::Sound, hash_of(&sound));
                }
            }
        }
        FieldKind::GivenName
        | FieldKind::FamilyName
        | FieldKind::ParentName
        | FieldKind::FullName => {
            let lexicon = &dataset.lexicon;
            for word in telling(words, lexicon, &mut Default::default()) {
                let facts = lexicon.facts(*word);
                push(Sort::Sound, facts.sound);
                if facts.is_short() {
                    let tables = lexicon.tables();
                    for name in tables.full_names(lexicon.text(*word)) {
                        push(Sort::Sound, hash_of(&tables.sound_of(name)));
                    }
                }
            }
        }
        FieldKind::BirthDate => {
            let date = row.date(field);
            if date.is_some() {
                let [high, low] = date.year.to_le_bytes();
                push(Sort::Date, hash_bytes(&[high, low, date.month, date.day]));
            }
        }
        FieldKind::Address => push(Sort::Address, whole(0x6164)),
        FieldKind::Place => push(Sort::Place, whole(0x706c ^ ((field as u64) << 32))),
        FieldKind::Sex | FieldKind::Quantity | FieldKind::Text => {}
    }
}
