use std::cell::Cell;

use super::{Comparator, Level, Pair};
use crate::lexicon::{Lexicon, Word, mix};
use crate::similarity::{distance, jaro_winkler};

/// How alike two words are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Alike {
    No,
    Initial,
    Weak,
    Near,
    Same,
}

/// What is known of pairs of words, so that common names are compared once.
#[derive(Debug)]
pub(crate) struct Memo(Vec<Cell<(u64, Alike)>>);

impl Memo {
    const SLOTS: usize = 1 << 15;

    pub(crate) fn new(slots: usize) -> Self {
        Self(vec![Cell::new((u64::MAX, Alike::No)); slots])
    }

    /// One that is worth its room for many pairs.
    pub(crate) fn large() -> Self {
        Self::new(Self::SLOTS)
    }

    fn alike(&self, one: Word, other: Word, lexicon: &Lexicon) -> Alike {
        if one == other {
            return Alike::Same;
        }
        let words = u64::from(one.min(other)) << 32 | u64::from(one.max(other));
        let slot = usize::try_from(mix(words)).unwrap_or(0) & (self.0.len().max(1) - 1);
        let Some(slot) = self.0.get(slot) else {
            return alike(one, other, lexicon);
        };
        match slot.get() {
            (known, alike) if known == words => alike,
            _ => {
                let alike = alike(one, other, lexicon);
                slot.set((words, alike));
                alike
            }
        }
    }
}

impl Pair<'_> {
    /// How alike two words are.
    pub(crate) fn alike(&self, one: Word, other: Word) -> Alike {
        self.memo.alike(one, other, &self.dataset.lexicon)
    }
}

/// How alike two words are: the same; an initial of the other; a slip of the
/// pen or the same sound; farther off.
fn alike(one: Word, other: Word, lexicon: &Lexicon) -> Alike {
    let (a, b) = (lexicon.facts(one), lexicon.facts(other));
    let shorter = a.length.min(b.length);
    let same_sound = a.sound == b.sound;
    if shorter <= 1 {
        let first = |facts| lexicon.chars_of(facts).first();
        return if first(a) == first(b) {
            Alike::Initial
        } else {
            Alike::No
        };
    }
    let letters = || (lexicon.chars_of(a), lexicon.chars_of(b));
    let apart = match a.may_be_near(b, 2) {
        true => distance(letters().0, letters().1, 2),
        false => None,
    };
    let sounds_alike = same_sound && (a.sound_length >= 2 || apart.is_some());
    if shorter >= 3 && (apart == Some(1) || sounds_alike) {
        return Alike::Near;
    }
    // Words that share too few letters cannot come near.
    if apart.is_none() && (a.letters & b.letters).count_ones() < 3 {
        return Alike::No;
    }
    let likeness = jaro_winkler(letters().0, letters().1);
    if likeness >= 0.93 {
        Alike::Near
    } else if likeness >= 0.85 || (apart.is_some() && shorter >= 6) {
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
        let lexicon = &pair.dataset.lexicon;
        let fit = Fit::of(short, long, pair);
        if fit.least >= Alike::Near {
            return Self::Part;
        }
        // One word that was written as two.
        let join = |words: &[Word]| -> Vec<char> {
            words
                .iter()
                .flat_map(|word| lexicon.chars(*word))
                .copied()
                .collect()
        };
        let (short, long) = (join(short), join(long));
        if short.len() > 4 && distance(&short, &long, 1).is_some() {
            return Self::Near;
        }
        match fit {
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
