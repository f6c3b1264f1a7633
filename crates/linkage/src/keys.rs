use crate::FieldKind;
use crate::dataset::{Dataset, Row};
use crate::lexicon::{hash, mix};

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

    const fn is_place(self) -> bool {
        self.0 >> 61 >= Sort::Address as u64
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

/// The keys of `record`, sorted, each once.
pub(crate) fn keys(dataset: &Dataset, record: usize, keys: &mut Vec<Key>) {
    keys.clear();
    let row = dataset.row(record);
    for (n, field) in dataset.schema().fields().iter().enumerate() {
        of_field(dataset, n, field.kind, row, keys);
    }
    keys.sort_unstable();
    keys.dedup();
    keys.truncate(KEYS_MAX);
}

fn of_field(dataset: &Dataset, field: usize, kind: FieldKind, row: Row<'_>, keys: &mut Vec<Key>) {
    let words = row.words(field);
    let mut push = |sort, hash| keys.push(Key::new(sort, hash));
    let whole = |seed: u64| {
        let words = words.iter().map(|word| u64::from(*word));
        let mut words: Vec<u64> = words.map(mix).collect();
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
            let name = text.trim_start_matches('&').split('@').next().unwrap_or("");
            let letters = || name.chars().filter(|c| c.is_alphabetic());
            if letters().count() >= 3 {
                let bytes = letters().flat_map(|c| u32::from(c).to_le_bytes());
                push(Sort::Number, hash(0x6e61, bytes));
            }
            for part in name.split(|c: char| !c.is_alphabetic()) {
                let sound = crate::normalize::skeleton(part);
                if part.len() >= 3 && sound.len() >= 2 {
                    push(Sort::Sound, hash(0x736b_656c, sound.bytes()));
                }
            }
        }
        FieldKind::GivenName
        | FieldKind::FamilyName
        | FieldKind::ParentName
        | FieldKind::FullName => {
            for word in words {
                push(Sort::Sound, dataset.lexicon.facts(*word).sound);
            }
        }
        FieldKind::BirthDate => {
            let date = row.date(field);
            if date.is_some() {
                let [high, low] = date.year.to_le_bytes();
                push(Sort::Date, hash(0x6461, [high, low, date.month, date.day]));
            }
        }
        FieldKind::Address => push(Sort::Address, whole(0x6164)),
        FieldKind::Place => push(Sort::Place, whole(0x706c ^ ((field as u64) << 32))),
        FieldKind::Sex | FieldKind::Text => {}
    }
}
