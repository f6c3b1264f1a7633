use std::cell::Cell;

use super::{Comparator, Level, Pair};
use crate::lexicon::{Facts, Lexicon, Word, mix};
use crate::similarity::{LETTERS, distance_of, likeness_of};

/// How alike two words are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Alike {
    No,
    Initial,
    Weak,
    Near,
    Same,
}

impl Alike {
    const ALL: [Self; 5] = [Self::No, Self::Initial, Self::Weak, Self::Near, Self::Same];
}

/// What is known of pairs of words, so that common names are compared once.
///
/// A pair is mixed into one number, from which it could be told again. Its
/// lowest bits are the place, where the others are kept with the answer.
#[derive(Debug)]
pub(crate) struct Memo(Vec<Cell<u64>>);

impl Memo {
    const SLOTS: usize = 1 << 15;
    const ANSWER: u64 = Self::SLOTS as u64 - 1;

    /// One that remembers nothing.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// One that is worth its room for many pairs.
    pub(crate) fn large() -> Self {
        Self(vec![Cell::new(Self::ANSWER); Self::SLOTS])
    }

    /// How alike the two words of a key are, worked out by `work` unless it is
    /// known.
    fn or(&self, key: u64, work: impl FnOnce() -> Alike) -> Alike {
        let pair = mix(key);
        let place = usize::try_from(pair & Self::ANSWER).unwrap_or(0);
        let Some(slot) = self.0.get(place) else {
            return work();
        };
        let (kept, pair) = (slot.get(), pair & !Self::ANSWER);
        match Alike::ALL.get(usize::try_from(kept ^ pair).unwrap_or(usize::MAX)) {
            Some(alike) => *alike,
            None => {
                let alike = work();
                slot.set(pair | alike as u64);
                alike
            }
        }
    }
}

/// A key of two words: the lower number first for how alike they are, and last
/// for whether they are near. They are never the same word.
fn key(first: Word, last: Word) -> u64 {
    u64::from(first) << 32 | u64::from(last)
}

/// From which similarity on words are weakly alike.
const WEAK: f64 = 0.85;

impl Pair<'_> {
    /// How alike two words are.
    pub(crate) fn alike(&self, one: Word, other: Word) -> Alike {
        let lexicon = &self.dataset.lexicon;
        if one == other {
            Alike::Same
        } else if are_far(lexicon.facts(one), lexicon.facts(other)) {
            Alike::No
        } else {
            let key = key(one.min(other), one.max(other));
            self.memo.or(key, || alike(one, other, lexicon))
        }
    }

    /// Whether two different words are at most so many changes apart.
    pub(crate) fn are_near(&self, one: Word, other: Word, most: u32) -> bool {
        let lexicon = &self.dataset.lexicon;
        if !lexicon.facts(one).may_be_near(lexicon.facts(other), most) {
            return false;
        }
        let near = || distance_of(lexicon.text(one), lexicon.text(other), most as usize);
        let alike = || near().map_or(Alike::No, |_| Alike::Near);
        self.memo.or(key(one.max(other), one.min(other)), alike) == Alike::Near
    }
}

/// Whether two words surely are not alike: they neither sound the same nor may
/// be near, no table knows them, and they share too few letters to be
/// [similar](crate::similarity::jaro_winkler).
fn are_far(a: Facts, b: Facts) -> bool {
    let (one, other) = (u32::from(a.length), u32::from(b.length));
    // Of the letters that only one word has, none can be matched.
    let (own, others) = a.own_letters(b);
    let matched = one.saturating_sub(own).min(other.saturating_sub(others));
    // The similarity of Jaro is then at most (matched / one + matched / other + 1) / 3,
    // and with four equal letters at the beginning, Winkler's is weak from 0.75.
    a.sound != b.sound
        && a.length.min(b.length) > 1
        && usize::from(a.length.max(b.length)) <= LETTERS
        && 4 * matched * (one + other) < 5 * one * other
        && !a.may_be_near(b, 2)
        && !a.is_short()
        && !b.is_short()
}

/// How alike two words are: the same; an initial of the other; a slip of the
/// pen or the same sound; farther off.
fn alike(one: Word, other: Word, lexicon: &Lexicon) -> Alike {
    let (a, b) = (lexicon.facts(one), lexicon.facts(other));
    let shorter = a.length.min(b.length);
    let same_sound = a.sound == b.sound;
    if shorter <= 1 {
        let first = |word| lexicon.text(word).chars().next();
        return if first(one) == first(other) {
            Alike::Initial
        } else {
            Alike::No
        };
    }
    let texts = || (lexicon.text(one), lexicon.text(other));
    let apart = match a.may_be_near(b, 2) {
        true => distance_of(texts().0, texts().1, 2),
        false => None,
    };
    // A nickname, or two of one name.
    if (a.is_short() || b.is_short()) && (lexicon.tables()).may_be_one_name(texts().0, texts().1) {
        return Alike::Near;
    }
    let sounds_alike = same_sound && (a.sound_length >= 2 || apart.is_some());
    if shorter >= 3 && (apart == Some(1) || sounds_alike) {
        return Alike::Near;
    }
    let likeness = likeness_of(texts().0, texts().1);
    if likeness >= 0.93 {
        Alike::Near
    } else if likeness >= WEAK || (apart.is_some() && shorter >= 6) {
        Alike::Weak
    } else {
        Alike::No
    }
}

/// How alike two lists of words are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Likeness {
    Different,
    /// One of the words is near one of the other's.
    OneNear,
    /// Every word of the shorter is an initial of, or weakly like, another's.
    Weak,
    /// The words of the shorter are among the longer's.
    Part,
    Near,
    Same,
}

impl Likeness {
    /// Of two lists, each of which has a word.
    pub(crate) fn of(one: &[Word], other: &[Word], pair: Pair<'_>) -> Self {
        if one == other {
            return Self::Same;
        }
        if let ([one], [other]) = (one, other) {
            return match pair.alike(*one, *other) {
                Alike::Same => Self::Same,
                Alike::Near => Self::Near,
                Alike::Weak | Alike::Initial => Self::Weak,
                Alike::No => Self::Different,
            };
        }
        match one.len().cmp(&other.len()) {
            std::cmp::Ordering::Less => Self::unequal(one, other, pair),
            std::cmp::Ordering::Greater => Self::unequal(other, one, pair),
            std::cmp::Ordering::Equal => {
                let (a, b) = (Fit::of(one, other, pair), Fit::of(other, one, pair));
                match a.max(b) {
                    Fit {
                        least: Alike::Same, ..
                    } => Self::Same,
                    Fit {
                        least: Alike::Near, ..
                    } => Self::Near,
                    Fit {
                        least: Alike::Initial,
                        ..
                    } if but_for_initials(one, other, pair)
                        && but_for_initials(other, one, pair) =>
                    {
                        Self::Part
                    }
                    Fit {
                        least: Alike::Weak | Alike::Initial,
                        ..
                    } => Self::Weak,
                    Fit {
                        best: Alike::Near | Alike::Same,
                        ..
                    } => Self::OneNear,
                    Fit { .. } => Self::Different,
                }
            }
        }
    }

    /// Of lists of which the first is shorter.
    fn unequal(short: &[Word], long: &[Word], pair: Pair<'_>) -> Self {
        let fit = Fit::of(short, long, pair);
        if fit.least >= Alike::Near {
            return Self::Part;
        }
        // One word that was written as two.
        if are_one_joined(short, long, &pair.dataset.lexicon) {
            return Self::Near;
        }
        if let Some(split) = Self::split(short, long, pair) {
            return split;
        }
        match fit {
            Fit {
                least: Alike::Initial,
                ..
            } if but_for_initials(short, long, pair) => Self::Part,
            Fit {
                least: Alike::Weak | Alike::Initial,
                ..
            } => Self::Weak,
            Fit {
                best: Alike::Near | Alike::Same,
                ..
            } => Self::OneNear,
            Fit { .. } => Self::Different,
        }
    }

    /// Of lists of which a word of the first is two neighbors of the second.
    fn split(short: &[Word], long: &[Word], pair: Pair<'_>) -> Option<Self> {
        let lexicon = &pair.dataset.lexicon;
        let mut twos = long.windows(2).enumerate();
        let (word, two) = twos.find_map(|(place, two)| {
            let joined = |word: &Word| are_one_joined(&[*word], two, lexicon);
            Some((short.iter().position(joined)?, place))
        })?;
        let without = |words: &[Word], from: usize, count: usize| -> Vec<Word> {
            let places = words.iter().enumerate();
            let kept = places.filter(|(n, _)| !(from..from + count).contains(n));
            kept.map(|(_, word)| *word).collect()
        };
        let (short, long) = (without(short, word, 1), without(long, two, 2));
        let fit = Fit::of(&short, &long, pair);
        Some(match fit.least >= Alike::Near {
            true if short.len() == long.len() => Self::Near,
            true => Self::Part,
            false => Self::OneNear,
        })
    }
}

/// Whether every whole word of one list is found in another, or an initial of
/// it is; and at least one is found whole.
fn but_for_initials(words: &[Word], among: &[Word], pair: Pair<'_>) -> bool {
    let lexicon = &pair.dataset.lexicon;
    let is_whole = |word: &&Word| lexicon.facts(**word).length > 1;
    let mut found = false;
    for word in words.iter().filter(is_whole) {
        let alike = |other: &Word| pair.alike(*word, *other);
        match among.iter().map(alike).max() {
            Some(Alike::Same | Alike::Near) => found = true,
            Some(Alike::Initial) => {}
            _ => return false,
        }
    }
    found
}

/// Whether two lists of words are one, but for a slip, when the words of each
/// are written together.
pub(crate) fn are_one_joined(one: &[Word], other: &[Word], lexicon: &Lexicon) -> bool {
    let letters = |words: &[Word]| -> usize {
        let each = words.iter().map(|word| lexicon.facts(*word).length);
        each.map(usize::from).sum()
    };
    let (a, b) = (letters(one), letters(other));
    if a.abs_diff(b) > 1 || a.min(b) <= 4 {
        return false;
    }
    let join =
        |words: &[Word]| -> String { words.iter().map(|word| lexicon.text(*word)).collect() };
    distance_of(&join(one), &join(other), 1).is_some()
}

/// How well the words of one list are found in another, each in a place of its
/// own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Fit {
    least: Alike,
    best: Alike,
}

impl Fit {
    fn of(words: &[Word], among: &[Word], pair: Pair<'_>) -> Self {
        let mut taken = 0_u32;
        let mut fit = Self {
            least: Alike::Same,
            best: Alike::No,
        };
        for word in words {
            let mut found = (Alike::No, 0);
            for (place, other) in among.iter().enumerate() {
                if taken & (1 << place) == 0 {
                    let alike = pair.alike(*word, *other);
                    if alike > found.0 {
                        found = (alike, place);
                    }
                }
            }
            if found.0 > Alike::No {
                taken |= 1 << found.1;
            }
            fit.least = fit.least.min(found.0);
            fit.best = fit.best.max(found.0);
        }
        fit
    }
}

/// How common the rarest of the words is: 0 common, 1 in between, 2 rare.
pub(crate) fn frequency(words: &[Word], lexicon: &Lexicon, records: usize) -> usize {
    let rarest = words
        .iter()
        .map(|word| u64::from(lexicon.count(*word)))
        .min();
    let (rarest, records) = (rarest.unwrap_or(0), records as u64);
    if rarest * 5_000 < records {
        2
    } else {
        usize::from(rarest * 500 < records)
    }
}

/// Compares addresses: as sets of words.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it never has anything to hold")]
pub struct WordsComparator;

const LEVELS: &[Level] = &[
    Level::new("different", 0.1, 0.0),
    Level::new("one word is alike", 0.1, 0.0),
    Level::new("weakly alike", 0.1, 0.0),
    Level::new("part of it", 0.1, 0.3),
    Level::new("nearly the same", 0.2, 1.0),
    Level::new("the same, common", 0.2, 1.0),
    Level::new("the same", 0.2, 1.0),
    Level::new("the same, rare", 0.2, 1.0),
];

impl Comparator for WordsComparator {
    fn levels(&self) -> &[Level] {
        LEVELS
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.words(field)?;
        let lexicon = &pair.dataset.lexicon;
        Some(match Likeness::of(one, other, pair) {
            Likeness::Same => 5 + frequency(one, lexicon, pair.dataset.length),
            other => other as usize,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Tables;

    proptest! {
        #[test]
        fn words_that_are_far_are_not_alike(one in "[a-d]{1,7}|[a-zé]{2,9}", other in "[a-d]{1,7}|[a-zé]{2,9}") {
            let tables = Tables::none().with_nickname("abc", "dcba").unwrap();
            let (mut lexicon, _) = Lexicon::merge(tables.into(), &[]);
            let (a, b) = (lexicon.add(&one), lexicon.add(&other));
            if are_far(lexicon.facts(a), lexicon.facts(b)) {
                prop_assert_eq!(alike(a, b, &lexicon), Alike::No);
            }
        }
    }

    #[test]
    fn most_words_are_far() {
        let mut lexicon = Lexicon::default();
        let mut far = |one, other| {
            let (a, b) = (lexicon.add(one), lexicon.add(other));
            are_far(lexicon.facts(a), lexicon.facts(b))
        };
        assert!(far("amina", "joseph") && far("fatuma", "said"));
        assert!(!far("amina", "aminah") && !far("amina", "a"));
    }

    #[test]
    fn a_memo_answers_what_was_worked_out() {
        let memo = Memo::large();
        for one in 0..400 {
            for other in 0..400 {
                let (key, alike) = (key(one, other), Alike::ALL[((one + other) % 5) as usize]);
                assert_eq!(memo.or(key, || alike), alike);
                // Known now.
                assert_eq!(memo.or(key, || Alike::Same), alike);
            }
        }
        assert_eq!(Memo::none().or(1, || Alike::Near), Alike::Near);
    }
}
