use super::{Comparator, Level, Pair, frequency};

/// Compares what is said in one of a few ways: a village, an occupation.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it never has anything to hold")]
pub struct PlaceComparator;

const LEVELS: &[Level] = &[
    Level::new("different", 0.15, 0.0),
    Level::new("nearly the same", 0.1, 0.8),
    Level::new("the same, common", 0.25, 1.0),
    Level::new("the same", 0.25, 1.0),
    Level::new("the same, rare", 0.25, 1.0),
];

impl Comparator for PlaceComparator {
    fn levels(&self) -> &[Level] {
        LEVELS
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.words(field)?;
        let (one, other) = (*one.first()?, *other.first()?);
        let lexicon = &pair.dataset.lexicon;
        if one == other {
            return Some(2 + frequency(&[one], lexicon, pair.dataset.length));
        }
        let length = |word| lexicon.facts(word).length;
        let most = 1 + u32::from(length(one).max(length(other)) > 7);
        let near = pair.are_near(one, other, most);
        Some(usize::from(near))
    }
}
