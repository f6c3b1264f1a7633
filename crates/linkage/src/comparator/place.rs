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
        let column = pair.column(field)?;
        let one = *column.words(pair.left).first()?;
        let other = *column.words(pair.right).first()?;
        if self.levels.len() == EXACT.len() {
            return Some(usize::from(one == other));
        }
        let lexicon = &pair.dataset.lexicon;
        if one == other {
            return Some(2 + frequency(&[one], lexicon, pair.dataset.length));
        }
        let (a, b) = (lexicon.chars(one), lexicon.chars(other));
        let slips = 1 + usize::from(a.len().max(b.len()) > 7);
        Some(usize::from(distance(a, b, slips).is_some()))
    }
}
