use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::normalize::skeleton;

/// The number of a word in a [`Lexicon`].
pub(crate) type Word = u32;

/// Every word that the records hold, once, with what is needed to compare and
/// to find it. What is looked at most lies apart.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Lexicon {
    /// All words, one after the other, and where each ends.
    text: String,
    ends: Vec<usize>,
    counts: Vec<u32>,
    #[serde(skip)]
    facts: Vec<Facts>,
    #[serde(skip)]
    chars: Vec<char>,
    #[serde(skip)]
    numbers: FxHashMap<Box<str>, Word>,
}

/// What a word is compared and found by.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// Which letters are in it, roughly: one change changes at most two bits.
    pub(crate) letters: u64,
    /// Hash of how it sounds.
    pub(crate) sound: u64,
    /// Where its letters begin, and how many there are.
    from: u32,
    pub(crate) length: u16,
    /// How many letters its skeleton has.
    pub(crate) sound_length: u8,
}

impl Lexicon {
    /// The number of `text`, which is seen `times` more.
    pub(crate) fn add(&mut self, text: &str, times: u32) -> Word {
        let word = self.count_in(text, times);
        if word as usize == self.facts.len() {
            let facts = Facts::of(text);
            self.know(text, facts);
        }
        word
    }

    /// The same, where [`complete`](Self::complete) follows.
    pub(crate) fn count_in(&mut self, text: &str, times: u32) -> Word {
        if let Some(word) = self.numbers.get(text) {
            if let Some(count) = self.counts.get_mut(*word as usize) {
                *count = count.saturating_add(times);
            }
            return *word;
        }
        let word = Word::try_from(self.counts.len()).unwrap_or(Word::MAX);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.counts.push(times);
        self.numbers.insert(text.into(), word);
        word
    }

    /// Works out what all words are compared and found by.
    pub(crate) fn complete(&mut self) {
        let words = Word::try_from(self.counts.len()).unwrap_or(Word::MAX);
        let facts: Vec<Facts> = (0..words)
            .into_par_iter()
            .map(|word| Facts::of(self.text(word)))
            .collect();
        let text = std::mem::take(&mut self.text);
        let mut from = 0;
        for (to, facts) in self.ends.clone().into_iter().zip(facts) {
            self.know(text.get(from..to).unwrap_or(""), facts);
            from = to;
        }
        self.text = text;
    }

    fn know(&mut self, text: &str, facts: Facts) {
        let from = u32::try_from(self.chars.len()).unwrap_or(u32::MAX);
        self.chars.extend(text.chars());
        self.facts.push(Facts { from, ..facts });
    }

    /// Takes back that `word` was seen once. The newest word is forgotten
    /// altogether when nobody has it any more, so that nothing stays of a
    /// record that was only asked about.
    pub(crate) fn forget(&mut self, word: Word) {
        if let Some(count) = self.counts.get_mut(word as usize) {
            *count = count.saturating_sub(1);
        }
        while let (Some(0), Some(last)) = (self.counts.last(), self.counts.len().checked_sub(1)) {
            let from = last.checked_sub(1).and_then(|before| self.ends.get(before));
            let gone = self.text.split_off(from.copied().unwrap_or(0));
            self.numbers.remove(gone.as_str());
            self.ends.pop();
            self.counts.pop();
            if let Some(facts) = self.facts.pop() {
                self.chars.truncate(facts.from as usize);
            }
        }
    }

    /// How many words there are.
    pub(crate) const fn len(&self) -> usize {
        self.counts.len()
    }

    /// Works out again what is not saved.
    pub(crate) fn index(&mut self) {
        let words = Word::try_from(self.counts.len()).unwrap_or(Word::MAX);
        let numbers = (0..words).map(|word| (self.text(word).into(), word));
        self.numbers = numbers.collect();
        self.complete();
    }

    pub(crate) fn text(&self, word: Word) -> &str {
        let from = (word as usize)
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let to = self.ends.get(word as usize).copied().unwrap_or(0);
        self.text.get(from.copied().unwrap_or(0)..to).unwrap_or("")
    }

    pub(crate) fn facts(&self, word: Word) -> Facts {
        self.facts.get(word as usize).copied().unwrap_or_default()
    }

    pub(crate) fn chars_of(&self, facts: Facts) -> &[char] {
        let from = facts.from as usize;
        self.chars
            .get(from..from + usize::from(facts.length))
            .unwrap_or(&[])
    }

    pub(crate) fn chars(&self, word: Word) -> &[char] {
        self.chars_of(self.facts(word))
    }

    pub(crate) fn count(&self, word: Word) -> u32 {
        self.counts.get(word as usize).copied().unwrap_or(0)
    }
}

/// Two bits for each of 32 sorts of letters: once, and more than once.
fn letters(text: &str) -> u64 {
    text.chars().fold(0, |seen, letter| {
        let once = 1_u64 << (2 * (u32::from(letter) % 32));
        seen | if seen & once == 0 { once } else { once << 1 }
    })
}

impl Facts {
    fn of(text: &str) -> Self {
        let sound = skeleton(text);
        Self {
            letters: letters(text),
            sound: hash(0x736b_656c, sound.bytes()),
            from: 0,
            length: u16::try_from(text.chars().count()).unwrap_or(u16::MAX),
            sound_length: u8::try_from(sound.chars().count()).unwrap_or(u8::MAX),
        }
    }

    /// Whether two words may be `most` changes apart or fewer.
    pub(crate) const fn may_be_near(self, other: Self, most: u32) -> bool {
        (self.letters ^ other.letters).count_ones() <= 2 * most
            && self.length.abs_diff(other.length) as u32 <= most
    }
}

/// A hash that is the same on every machine and in every version.
pub(crate) fn hash(seed: u64, bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(mix(seed), |hash, byte| mix(hash ^ u64::from(byte)))
}

/// Scatters the bits of `x` (the finalizer of SplitMix64).
pub(crate) const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
