use super::{Comparator, Level, Pair, frequency};
use crate::similarity::distance;

/// Compares what is said in one of a few ways: a village, an occupation.
#[derive(Clone, Copy, Debug)]
pub struct PlaceComparator {
    levels: &'static [Level],
}

const PLACE: &[Level] = &[
    Level::new("different", 0.15, 0.0),
    Level::new("nearly the same", 0.1, 0.8),
    Level::new("the same, common", 0.25, 1.0),
    Level::new("the same", 0.25, 1.0),
    Level::new("the same, rare", 0.25, 1.0),
];

const EXACT: &[Level] = &[
    Level::new("different", 0.02, 0.0),
    Level::new("the same", 0.98, 1.0),
];

impl Default for PlaceComparator {
    fn default() -> Self {
        Self { levels: PLACE }
    }
}

impl PlaceComparator {
    /// The same or not, as for sex.
    #[must_use]
    pub const fn exact() -> Self {
        Self { levels: EXACT }
    }
}

impl Comparator for PlaceComparator {
    fn levels(&self) -> &[Level] {
        self.levels
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.words(field)?;
        let (one, other) = (*one.first()?, *other.first()?);
        if self.levels.len() == EXACT.len() {
            return Some(usize::from(one == other));
        }
        let lexicon = &pair.dataset.lexicon;
        if one == other {
            return Some(2 + frequency(&[one], lexicon, pair.dataset.length));
        }
        let (a, b) = (lexicon.facts(one), lexicon.facts(other));
        let most = 1 + u32::from(a.length.max(b.length) > 7);
        let near = a.may_be_near(b, most)
            && distance(lexicon.chars_of(a), lexicon.chars_of(b), most as usize).is_some();
        Some(usize::from(near))
    }
}
