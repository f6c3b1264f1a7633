use super::{Alike, Comparator, Level, Likeness, Pair, frequency};
use crate::lexicon::Word;

/// Compares names: spelled otherwise, in part, by an initial, or found in
/// another of the name fields, because what is a family name to one clerk is a
/// father's name to the next.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it never has anything to hold")]
pub struct NameComparator;

const LEVELS: &[Level] = &[
    Level::new("different", 0.02, 0.05),
    Level::new("weakly alike", 0.02, 0.3),
    Level::new("in another name field", 0.04, 0.7),
    Level::new("part of it, common", 0.05, 0.8),
    Level::new("part of it", 0.12, 1.0),
    Level::new("nearly the same, common", 0.12, 0.9),
    Level::new("nearly the same", 0.12, 0.9),
    Level::new("the same, common", 0.18, 1.0),
    Level::new("the same", 0.18, 1.0),
    Level::new("the same, rare", 0.12, 1.0),
];

impl Comparator for NameComparator {
    fn levels(&self) -> &[Level] {
        LEVELS
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.words(field)?;
        let lexicon = &pair.dataset.lexicon;
        let records = pair.dataset.length;
        // The commoner side says how much the likeness is worth.
        let rare = || {
            let frequency = |words| frequency(words, lexicon, records);
            usize::from(frequency(one).min(frequency(other)) > 0)
        };
        Some(match Likeness::of(one, other, pair) {
            Likeness::Same => 7 + frequency(one, lexicon, records),
            Likeness::Near => 5 + rare(),
            Likeness::Part => 3 + rare(),
            _ if in_another_field(pair, field, one, other) => 2,
            Likeness::Weak | Likeness::OneNear => 1,
            Likeness::Different => 0,
        })
    }
}

/// Whether a word of one record is in another name field of the other.
fn in_another_field(pair: Pair<'_>, field: usize, one: &[Word], other: &[Word]) -> bool {
    let lexicon = &pair.dataset.lexicon;
    let found = |words: &[Word], among: &[Word]| {
        let near = |word: &Word| {
            let whole = lexicon.facts(*word).length > 1;
            whole
                && among
                    .iter()
                    .any(|other| pair.alike(*word, *other) >= Alike::Near)
        };
        words.iter().any(near)
    };
    let fields = pair.dataset.schema().fields().iter().enumerate();
    let mut others = fields.filter(|(n, elsewhere)| *n != field && elsewhere.kind.is_name());
    others.any(|(n, _)| found(one, pair.right.words(n)) || found(other, pair.left.words(n)))
}
