use super::words::are_one_joined;
use super::{Alike, Comparator, Level, Likeness, Pair, frequency};
use crate::lexicon::{Lexicon, Word};
use crate::limits::WORDS_MAX;

/// Compares names: spelled otherwise, in part, by an initial, or found in
/// another of the name fields, because what is a family name to one clerk is a
/// father's name to the next.
///
/// Words are near one another by the similarity of Jaro and Winkler (Winkler
/// 1990), by the distance of Damerau (1964) and Levenshtein (1966), by their
/// [sound](crate::normalize::skeleton), or because a
/// [nickname](crate::Tables) stands for the other. Their order does not matter,
/// nor whether they are written together; particles are left out.
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
        let whole = (one, other);
        let kept = &mut [[0; WORDS_MAX]; 2];
        let [of_one, of_other] = kept;
        let one = telling(one, lexicon, of_one);
        let other = telling(other, lexicon, of_other);
        let records = pair.dataset.length;
        // The commoner side says how much the likeness is worth.
        let rare = || {
            let frequency = |words| frequency(words, lexicon, records);
            usize::from(frequency(one).min(frequency(other)) > 0)
        };
        let likeness = match Likeness::of(one, other, pair) {
            // `Al Hassan` and `Alhassan`.
            less if less < Likeness::Near
                && (one, other) != whole
                && are_one_joined(whole.0, whole.1, lexicon) =>
            {
                Likeness::Near
            }
            likeness => likeness,
        };
        Some(match likeness {
            Likeness::Same => 7 + frequency(one, lexicon, records),
            Likeness::Near => 5 + rare(),
            Likeness::Part => 3 + rare(),
            _ if in_another_field(pair, field, one, other) => 2,
            Likeness::Weak | Likeness::OneNear => 1,
            Likeness::Different => 0,
        })
    }
}

/// The words of a name that say who has it: all but the particles before
/// others.
pub(crate) fn telling<'a>(
    words: &'a [Word],
    lexicon: &Lexicon,
    kept: &'a mut [Word; WORDS_MAX],
) -> &'a [Word] {
    let is_particle = |word: &Word| lexicon.facts(*word).is_particle();
    let Some((last, before)) = words
        .split_last()
        .filter(|(_, b)| b.iter().any(is_particle))
    else {
        return words;
    };
    let told = before.iter().filter(|word| !is_particle(word));
    let count = (kept.iter_mut().zip(told.chain([last]))).fold(0, |count, (place, word)| {
        *place = *word;
        count + 1
    });
    kept.get(..count).unwrap_or(words)
}

/// Whether a word of one record is in another name field of the other.
fn in_another_field(pair: Pair<'_>, field: usize, one: &[Word], other: &[Word]) -> bool {
    let lexicon = &pair.dataset.lexicon;
    let found = |words: &[Word], among: &[Word]| {
        let near = |word: &Word| {
            lexicon.facts(*word).length > 1
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
