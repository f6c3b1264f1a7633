use super::{Comparator, Level, Pair};

/// Compares how much or how many: the size of a household, an income. What is
/// between two quantities is measured by the greater.
///
/// Such things change from one record to the next, and are often guessed: half
/// of the records of one person are taken to agree, before anything is learned.
///
/// ```
/// use solidarity_linkage::comparator::{Comparator, QuantityComparator};
///
/// let levels = QuantityComparator.levels().iter().map(|level| level.name);
/// let expected = ["different", "within 20 %", "within 5 %", "the same"];
/// assert!(levels.eq(expected));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it never has anything to hold")]
pub struct QuantityComparator;

const LEVELS: &[Level] = &[
    Level::new("different", 0.2, 0.0),
    Level::new("within 20 %", 0.15, 0.3),
    Level::new("within 5 %", 0.15, 0.7),
    Level::new("the same", 0.5, 1.0),
];

impl Comparator for QuantityComparator {
    fn levels(&self) -> &[Level] {
        LEVELS
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.words(field)?;
        let (one, other) = (*one.first()?, *other.first()?);
        if one == other {
            return Some(3);
        }
        let number = |word| -> Option<f64> { pair.text(word).parse().ok() };
        Some(level(number(one)?, number(other)?))
    }
}

fn level(one: f64, other: f64) -> usize {
    let (apart, greater) = ((one - other).abs(), one.max(other));
    let within = |share: f64| apart <= greater * share;
    usize::from(within(0.2)) + usize::from(within(0.05))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_is_measured_by_the_greater() {
        for (one, other, expected) in [
            (100.0, 95.0, 2),
            (100.0, 94.9, 1),
            (100.0, 80.0, 1),
            (100.0, 79.9, 0),
            (5.0, 4.0, 1),
            (4.0, 3.0, 0),
            (0.0, 1.0, 0),
            (1e14, 1e14 - 1.0, 2),
        ] {
            assert_eq!(level(one, other), expected, "{one} {other}");
            assert_eq!(level(other, one), expected, "{other} {one}");
        }
    }
}
