use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::blocking::{neighborhood, place};
use crate::dataset::Dataset;
use crate::decision::{ScoredPair, Thresholds};
use crate::keys::{Key, keys};
use crate::lexicon::hash_bytes;
use crate::{Error, Linkage, Linker, Model, Result};

/// Records that new ones are linked with, one by one.
///
/// A new record gets the candidates, probabilities and classes that it would
/// get if it were linked with all others at once by the same model.
#[derive(Debug)]
pub struct Index {
    linker: Linker,
    dataset: Dataset,
    model: Model,
    thresholds: Thresholds,
    /// The records under each key, in order.
    under: FxHashMap<Key, Vec<u32>>,
}

/// What is saved of an index; the rest follows from it.
#[derive(Deserialize, Serialize)]
struct Saved<D, M> {
    version: u32,
    dataset: D,
    model: M,
    thresholds: Thresholds,
}

const VERSION: u32 = 2;

/// What saved bytes begin with. Then come as many bytes as tell whether the rest
/// is as it was written, and what is saved, as JSON.
const MAGIC: &[u8] = b"linkage\n";
const SUM: usize = size_of::<u64>();

impl Index {
    /// An index of `dataset`, by what `linkage` has learned.
    #[must_use]
    pub fn new(linker: Linker, dataset: Dataset, linkage: &Linkage) -> Self {
        Self::of(linker, dataset, linkage.model.clone(), linkage.thresholds)
    }

    fn of(linker: Linker, dataset: Dataset, model: Model, thresholds: Thresholds) -> Self {
        let mut index = Self {
            linker,
            dataset,
            model,
            thresholds,
            under: FxHashMap::default(),
        };
        index.dataset.lexicon.index();
        let mut of = Vec::new();
        for record in 0..index.dataset.len() {
            keys(&index.dataset, record, &mut of);
            index.hold(record, &of);
        }
        index
    }

    fn hold(&mut self, record: usize, of: &[Key]) {
        let record = u32::try_from(record).unwrap_or(u32::MAX);
        for key in of {
            self.under.entry(*key).or_default().push(record);
        }
    }

    /// The records.
    #[must_use]
    pub const fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Who a record with these values may be: every candidate, the likeliest
    /// first. `right` is the number that the record would have. It is not
    /// added.
    ///
    /// # Errors
    ///
    /// [`Error::Row`].
    pub fn find(&mut self, values: &[&str]) -> Result<Vec<ScoredPair>> {
        let record = self.dataset.push(values)?;
        let found = self.candidates(record);
        self.dataset.pop();
        Ok(found)
    }

    /// Adds a record, and gives its number.
    ///
    /// # Errors
    ///
    /// [`Error::Row`]. It was not added.
    pub fn add(&mut self, values: &[&str]) -> Result<usize> {
        let record = self.dataset.push(values)?;
        let mut of = Vec::new();
        keys(&self.dataset, record, &mut of);
        self.hold(record, &of);
        Ok(record)
    }

    fn candidates(&self, record: usize) -> Vec<ScoredPair> {
        let mut of = Vec::new();
        keys(&self.dataset, record, &mut of);
        let new = u32::try_from(record).unwrap_or(u32::MAX);
        let most = self.linker.options().block_max;
        let mut found = Vec::new();
        let mut open: Vec<(Key, &[u32])> = Vec::new();
        for key in &of {
            let under = self.under(*key);
            if under.len() < most {
                found.extend(under);
            } else {
                open.push((*key, under));
            }
        }
        for (n, (first, under)) in open.iter().enumerate() {
            for (m, (second, other)) in open.iter().enumerate().skip(n + 1) {
                if !first.joins(*second) {
                    continue;
                }
                let both = common(under, other);
                if both.len() < most {
                    found.extend(&both);
                    continue;
                }
                let mut has_third = false;
                for (third, other) in open.iter().skip(m + 1) {
                    if second.joins(*third) {
                        has_third = true;
                        self.take(common(&both, other), new, &mut found);
                    }
                }
                if !has_third {
                    let alone = both
                        .into_iter()
                        .filter(|other| !self.has_third(*other, *second));
                    self.take(alone.collect(), new, &mut found);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let mut pairs: Vec<ScoredPair> = found
            .into_iter()
            .map(|left| self.score(left, new))
            .collect();
        pairs.sort_by(|one, other| {
            other
                .probability
                .total_cmp(&one.probability)
                .then(one.left.cmp(&other.left))
        });
        pairs
    }

    fn under(&self, key: Key) -> &[u32] {
        self.under.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Takes the records of a block, or, if it is too large, the neighbors of
    /// the new record in it.
    fn take(&self, block: Vec<u32>, new: u32, found: &mut Vec<u32>) {
        if block.len() < self.linker.options().block_max {
            found.extend(block);
            return;
        }
        let place = |record: u32| place(&self.dataset, record as usize);
        let near = neighborhood(block.into_iter().chain([new]), place);
        found.extend(
            near.into_iter()
                .filter(|(_, right)| *right == new)
                .map(|(left, _)| left),
        );
    }

    /// Whether a record has a common key that joins those up to `second`.
    fn has_third(&self, record: u32, second: Key) -> bool {
        let mut of = Vec::new();
        keys(&self.dataset, record as usize, &mut of);
        let after = of
            .into_iter()
            .filter(|key| *key > second && second.joins(*key));
        let most = self.linker.options().block_max;
        after.into_iter().any(|key| self.under(key).len() > most)
    }

    fn score(&self, left: u32, right: u32) -> ScoredPair {
        let pattern = self
            .linker
            .pattern(&self.dataset, left as usize, right as usize);
        let probability = self.model.probability(pattern);
        let class = self.thresholds.class(probability);
        ScoredPair {
            left,
            right,
            probability,
            class,
        }
    }

    /// The index as bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] if it cannot be written as such.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let saved = Saved {
            version: VERSION,
            dataset: &self.dataset,
            model: &self.model,
            thresholds: self.thresholds,
        };
        let mut bytes = [MAGIC, &[0; SUM]].concat();
        serde_json::to_writer(&mut bytes, &saved)
            .map_err(|error| Error::Unreadable(error.into()))?;
        if let Some((head, body)) = bytes.split_at_mut_checked(MAGIC.len() + SUM)
            && let Some(sum) = head.last_chunk_mut()
        {
            *sum = hash_bytes(body).to_le_bytes();
        }
        Ok(bytes)
    }

    /// The index that was saved as `bytes`, for a linker with the same
    /// comparators and options.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] also for a single byte that changed on the way.
    pub fn from_bytes(linker: Linker, bytes: &[u8]) -> Result<Self> {
        let unreadable = |why: &str| Error::Unreadable(why.into());
        let body = bytes
            .strip_prefix(MAGIC)
            .and_then(<[u8]>::split_first_chunk)
            .ok_or_else(|| unreadable("no index begins so"))
            .and_then(|(sum, body)| match *sum == hash_bytes(body).to_le_bytes() {
                true => Ok(body),
                false => Err(unreadable("it is damaged")),
            })?;
        let saved: Saved<Dataset, Model> =
            serde_json::from_slice(body).map_err(|error| Error::Unreadable(error.into()))?;
        if saved.version != VERSION {
            return Err(unreadable("it is of another version"));
        }
        let dataset = saved.dataset;
        dataset.check(linker.comparators().len())?;
        Ok(Self::of(linker, dataset, saved.model, saved.thresholds))
    }
}

/// What is in both of two lists in order.
fn common(one: &[u32], other: &[u32]) -> Vec<u32> {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    short
        .iter()
        .copied()
        .filter(|record| long.binary_search(record).is_ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{DatasetBuilder, Field, FieldKind, Options, Schema};

    fn schema() -> Schema {
        let fields = [
            Field::new("name", FieldKind::FullName),
            Field::new("born", FieldKind::BirthDate),
            Field::new("phone", FieldKind::Phone),
        ];
        Schema::new(fields).unwrap()
    }

    fn linker() -> Linker {
        Linker::new(&schema(), Options::default()).unwrap()
    }

    fn saved() -> Vec<u8> {
        let mut builder = DatasetBuilder::new(schema());
        for row in [
            ["Asha Juma", "1984-05-12", "0712345678"],
            ["Asha", "1984", ""],
            ["Tuti", "", "0712345678"],
        ] {
            builder.push(&row).unwrap();
        }
        let dataset = builder.build(&()).unwrap();
        let linkage = linker().link(&dataset, &()).unwrap();
        Index::new(linker(), dataset, &linkage).to_bytes().unwrap()
    }

    /// The bytes with a sum that is right, whoever changed them.
    fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
        let body = MAGIC.len() + SUM;
        let sum = hash_bytes(&bytes[body..]).to_le_bytes();
        bytes[MAGIC.len()..body].copy_from_slice(&sum);
        bytes
    }

    #[test]
    fn what_is_saved_is_signed() {
        assert_eq!(signed(saved()), saved());
    }

    #[test]
    fn another_version_or_width_is_refused() {
        let text = String::from_utf8(saved()[MAGIC.len() + SUM..].to_vec()).unwrap();
        let with = |from: &str, to: &str| {
            assert!(text.contains(from), "{text}");
            let bytes = [MAGIC, &[0; SUM], text.replacen(from, to, 1).as_bytes()].concat();
            Index::from_bytes(linker(), &signed(bytes))
        };
        assert!(with("\"version\":2", "\"version\":2").is_ok());
        let refused = with("\"version\":2", "\"version\":1");
        assert!(matches!(refused, Err(Error::Unreadable(_))));
        let fewer = Schema::new([Field::new("name", FieldKind::FullName)]).unwrap();
        let fewer = Linker::new(&fewer, Options::default()).unwrap();
        assert!(matches!(
            Index::from_bytes(fewer, &saved()),
            Err(Error::Unreadable(_))
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

        /// Bytes that somebody wrote on purpose are refused, or make an index
        /// that answers: nothing panics.
        #[test]
        fn no_bytes_make_it_panic(at in any::<prop::sample::Index>(), put in "[0-9]{1,10}|[\\[\\]{},:\"a-z.-]{0,3}", long in 0_usize..4) {
            static SAVED: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
            let mut bytes = SAVED.get_or_init(saved).clone();
            let body = MAGIC.len() + SUM;
            let from = body + at.index(bytes.len() - body);
            let to = (from + long).min(bytes.len());
            bytes.splice(from..to, put.bytes());
            match Index::from_bytes(linker(), &signed(bytes)) {
                Ok(mut index) => {
                    let row = ["Asha Juma", "1984-05-12", "0712345678"];
                    for found in index.find(&row).unwrap() {
                        prop_assert!((found.left as usize) < index.dataset().len());
                    }
                    index.add(&row).unwrap();
                }
                Err(error) => prop_assert!(matches!(error, Error::Unreadable(_))),
            }
        }
    }
}
