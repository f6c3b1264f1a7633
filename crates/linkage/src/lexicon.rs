use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::normalize::skeleton;

/// The number of a word in a [`Lexicon`].
pub(crate) type Word = u32;

/// Every word that the records hold, once, with what is needed to compare and
/// to find it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Lexicon {
    words: Vec<Entry>,
    #[serde(skip)]
    numbers: FxHashMap<Box<str>, Word>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Entry {
    text: Box<str>,
    chars: Box<[char]>,
    /// Hash of how it sounds, by which it is found.
    sound: u64,
    /// How many letters its skeleton has.
    sound_length: u8,
    count: u32,
}

impl Lexicon {
    /// The number of `text`, which is seen `times` more.
    pub(crate) fn add(&mut self, text: &str, times: u32) -> Word {
        if let Some(word) = self.numbers.get(text) {
            if let Some(entry) = self.words.get_mut(*word as usize) {
                entry.count = entry.count.saturating_add(times);
            }
            return *word;
        }
        let word = Word::try_from(self.words.len()).unwrap_or(Word::MAX);
        let sound = skeleton(text);
        self.words.push(Entry {
            text: text.into(),
            chars: text.chars().collect(),
            sound: hash(0x736b_656c, sound.bytes()),
            sound_length: u8::try_from(sound.chars().count()).unwrap_or(u8::MAX),
            count: times,
        });
        self.numbers.insert(text.into(), word);
        word
    }

    /// Takes back that `word` was seen once.
    pub(crate) fn forget(&mut self, word: Word) {
        if let Some(entry) = self.words.get_mut(word as usize) {
            entry.count = entry.count.saturating_sub(1);
        }
    }

    /// Every word with its count, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.words.iter().map(|entry| (&*entry.text, entry.count))
    }

    /// Makes the words of a lexicon that was read findable by their text.
    pub(crate) fn index(&mut self) {
        self.numbers = (0..)
            .zip(&self.words)
            .map(|(n, e)| (e.text.clone(), n))
            .collect();
    }

    pub(crate) fn text(&self, word: Word) -> &str {
        self.words
            .get(word as usize)
            .map_or("", |entry| &entry.text)
    }

    pub(crate) fn chars(&self, word: Word) -> &[char] {
        self.words
            .get(word as usize)
            .map_or(&[], |entry| &entry.chars)
    }

    pub(crate) fn sound(&self, word: Word) -> (u64, u8) {
        let entry = self.words.get(word as usize);
        entry.map_or((0, 0), |entry| (entry.sound, entry.sound_length))
    }

    pub(crate) fn count(&self, word: Word) -> u32 {
        self.words.get(word as usize).map_or(0, |entry| entry.count)
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
