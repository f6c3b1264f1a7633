use super::{Comparator, Level, Pair};

/// Compares what is the same or not, with nothing in between: the sex, a code.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it never has anything to hold")]
pub struct ExactComparator;

const LEVELS: &[Level] = &[
    Level::new("different", 0.02, 0.0),
    Level::new("the same", 0.98, 1.0),
];

impl Comparator for ExactComparator {
    fn levels(&self) -> &[Level] {
        LEVELS
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.words(field)?;
        Some(usize::from(one == other))
    }
}
