use super::{Comparator, Level, Pair};
use crate::similarity::{distance, jaro_winkler};

/// Compares values as whole texts, by one measure of how they are spelled: for
/// a field of a country's own. ([`NameComparator`](super::NameComparator) puts
/// both measures, the sound and the order of words together.)
///
/// ```
/// use solidarity_linkage::comparator::{Comparator, SpellingComparator};
///
/// assert_eq!(SpellingComparator::jaro_winkler().levels().len(), 4);
/// assert_eq!(SpellingComparator::damerau_levenshtein().levels().len(), 4);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SpellingComparator {
    measure: Measure,
}

#[derive(Clone, Copy, Debug)]
enum Measure {
    JaroWinkler,
    DamerauLevenshtein,
}

const LIKENESS: &[Level] = &[
    Level::new("different", 0.1, 0.0),
    Level::new("weakly alike", 0.05, 0.3),
    Level::new("nearly the same", 0.2, 0.9),
    Level::new("the same", 0.65, 1.0),
];

const CHANGES: &[Level] = &[
    Level::new("different", 0.1, 0.0),
    Level::new("two changes", 0.05, 0.5),
    Level::new("one change", 0.2, 0.9),
    Level::new("the same", 0.65, 1.0),
];

impl SpellingComparator {
    /// By the similarity of Jaro and Winkler (Winkler 1990): nearly the same
    /// from 0.93 on, weakly alike from 0.85 on. See
    /// [`similarity::jaro_winkler`](jaro_winkler).
    #[must_use]
    pub const fn jaro_winkler() -> Self {
        let measure = Measure::JaroWinkler;
        Self { measure }
    }

    /// By the distance of Damerau (1964) and Levenshtein (1966): one change, or
    /// two. See [`similarity::distance`](distance).
    #[must_use]
    pub const fn damerau_levenshtein() -> Self {
        let measure = Measure::DamerauLevenshtein;
        Self { measure }
    }

    fn level(self, one: &str, other: &str) -> usize {
        let letters = |text: &str| text.chars().collect::<Vec<char>>();
        let (one, other) = (letters(one), letters(other));
        match self.measure {
            _ if one == other => 3,
            Measure::JaroWinkler => {
                let alike = jaro_winkler(&one, &other);
                usize::from(alike >= 0.85) + usize::from(alike >= 0.93)
            }
            Measure::DamerauLevenshtein => {
                let apart = distance(&one, &other, 2);
                apart.map_or(0, |changes| 3_usize.saturating_sub(changes.max(1)))
            }
        }
    }
}

impl Comparator for SpellingComparator {
    fn levels(&self) -> &[Level] {
        match self.measure {
            Measure::JaroWinkler => LIKENESS,
            Measure::DamerauLevenshtein => CHANGES,
        }
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.texts(field);
        let said = !one.is_empty() && !other.is_empty();
        said.then(|| self.level(&one.join(" "), &other.join(" ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_measure_has_its_levels() {
        for (one, other, likeness, changes) in [
            ("martha", "martha", 3, 3),
            ("martha", "marhta", 2, 2),
            ("dixon", "dicksonx", 0, 0),
            ("dwayne", "duane", 0, 1),
            ("dwayne", "dwain", 1, 1),
            ("abc", "xyz", 0, 0),
            ("", "ab", 0, 1),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                let by = SpellingComparator::jaro_winkler();
                assert_eq!(by.level(one, other), likeness, "{one} {other}");
                let by = SpellingComparator::damerau_levenshtein();
                assert_eq!(by.level(one, other), changes, "{one} {other}");
            }
        }
    }
}
