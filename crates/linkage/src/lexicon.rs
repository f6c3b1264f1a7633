//! Every word that the records hold, once.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Tables;
use crate::dataset::MARKS;

mod merge;

/// The number of a word.
pub(crate) type Word = u32;

/// Words, each once, numbered in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    /// All words, one after the other, and where each ends.
    text: String,
    ends: Vec<u32>,
    counts: Vec<u32>,
    hashes: Vec<u64>,
    /// The number of each word under its hash, or, where another word is, under
    /// the next free one. Empty where nobody will ask.
    numbers: FxHashMap<u64, Word>,
}

impl Words {
    /// The number of `text`, which is seen once more.
    pub(crate) fn add(&mut self, text: &str) -> Word {
        self.add_hashed(text, hash_of(text))
    }

    fn add_hashed(&mut self, text: &str, hash: u64) -> Word {
        let mut place = hash;
        while let Some(word) = self.numbers.get(&place).copied() {
            if self.text(word) == text {
                if let Some(count) = self.counts.get_mut(word as usize) {
                    *count = count.saturating_add(1);
                }
                return word;
            }
            place = place.wrapping_add(1);
        }
        let word = Word::try_from(self.counts.len()).unwrap_or(Word::MAX);
        self.numbers.insert(place, word);
        self.push(text, hash, 1);
        word
    }

    fn push(&mut self, text: &str, hash: u64, times: u32) {
        self.text.push_str(text);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.counts.push(times);
        self.hashes.push(hash);
    }

    /// No more words are added: what helps with that is dropped.
    pub(crate) fn close(&mut self) {
        self.numbers = FxHashMap::default();
    }

    /// Takes the last word away.
    fn pop(&mut self) {
        let Some(last) = self.len().checked_sub(1) else {
            return;
        };
        let mut place = self.hashes.pop().unwrap_or(0);
        // Whatever came later than the last word is gone: its place is the
        // last of those after its hash.
        while self
            .numbers
            .get(&place)
            .is_some_and(|word| *word as usize != last)
        {
            place = place.wrapping_add(1);
        }
        self.numbers.remove(&place);
        self.ends.pop();
        self.counts.pop();
        self.text
            .truncate(self.ends.last().copied().unwrap_or(0) as usize);
    }

    /// How many words there are.
    pub(crate) const fn len(&self) -> usize {
        self.counts.len()
    }

    /// How many bytes they have together.
    pub(crate) const fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn text(&self, word: Word) -> &str {
        let from = (word as usize)
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let to = self.ends.get(word as usize).copied().unwrap_or(0);
        self.text
            .get(from.copied().unwrap_or(0) as usize..to as usize)
            .unwrap_or("")
    }

    pub(crate) fn count(&self, word: Word) -> u32 {
        self.counts.get(word as usize).copied().unwrap_or(0)
    }

    /// A hash of the word, which is the same in every dataset.
    pub(crate) fn hash(&self, word: Word) -> u64 {
        self.hashes.get(word as usize).copied().unwrap_or(0)
    }

    fn all(&self) -> impl Iterator<Item = Word> + use<> {
        0..Word::try_from(self.len()).unwrap_or(Word::MAX)
    }

    /// Adds the words of `other`, none of which are here, at the end.
    fn extend(&mut self, other: &Self) {
        let from = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.text.push_str(&other.text);
        self.ends
            .extend(other.ends.iter().map(|end| end.saturating_add(from)));
        self.counts.extend(&other.counts);
        self.hashes.extend(&other.hashes);
    }
}

/// The words of all records, with what is needed to compare and to find them.
/// What is looked at most lies together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    tables: Arc<Tables>,
    words: Words,
    facts: Vec<Facts>,
}

/// What a word is compared and found by.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// Which letters are in it, roughly: one change changes at most two bits.
    pub(crate) letters: u64,
    /// Hash of how it sounds.
    pub(crate) sound: u64,
    /// How many letters there are.
    pub(crate) length: u16,
    /// How many letters its skeleton has.
    pub(crate) sound_length: u8,
    /// What the tables say of it.
    marks: u8,
    /// How many bits of `letters` are set.
    bits: u8,
}

const PARTICLE: u8 = 1;
const SHORT: u8 = 2;

impl Lexicon {
    /// The words of all `parts` as one lexicon, and, for each part, the new
    /// number of each of its words.
    pub(crate) fn merge(tables: Arc<Tables>, parts: &[Words]) -> (Self, Vec<Vec<Word>>) {
        merge::merge(tables, parts)
    }

    /// Adds `words`, none of which are here, at the end.
    fn extend(&mut self, words: &Words, facts: &[Facts]) {
        self.words.extend(words);
        self.facts.extend(facts);
    }

    /// Makes ready to [`add`](Self::add) words.
    pub(crate) fn index(&mut self) {
        if self.words.numbers.is_empty() {
            for word in self.words.all() {
                let mut place = self.words.hash(word);
                while self.words.numbers.contains_key(&place) {
                    place = place.wrapping_add(1);
                }
                self.words.numbers.insert(place, word);
            }
        }
    }

    /// The number of `text`, which is seen once more. After [`index`](Self::index).
    pub(crate) fn add(&mut self, text: &str) -> Word {
        let word = self.words.add(text);
        if word as usize == self.facts.len() {
            self.facts.push(Facts::of(text, &self.tables));
        }
        word
    }

    /// Takes back that `word` was seen once. The newest word is forgotten
    /// altogether when nobody has it any more, so that nothing stays of a
    /// record that was only asked about.
    pub(crate) fn forget(&mut self, word: Word) {
        if let Some(count) = self.words.counts.get_mut(word as usize) {
            *count = count.saturating_sub(1);
        }
        while self.words.counts.last() == Some(&0) {
            self.words.pop();
            self.facts.pop();
        }
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// How many words there are.
    pub(crate) const fn len(&self) -> usize {
        self.words.len()
    }

    /// How many bytes they have together.
    pub(crate) const fn bytes(&self) -> usize {
        self.words.bytes()
    }

    pub(crate) fn text(&self, word: Word) -> &str {
        self.words.text(word)
    }

    pub(crate) fn hash(&self, word: Word) -> u64 {
        self.words.hash(word)
    }

    pub(crate) fn facts(&self, word: Word) -> Facts {
        self.facts.get(word as usize).copied().unwrap_or_default()
    }

    pub(crate) fn count(&self, word: Word) -> u32 {
        self.words.count(word)
    }
}

/// As the tables, the words and how often each was seen: the rest follows.
impl Serialize for Lexicon {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&*self.tables, &self.words).serialize(serializer)
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.all().map(|word| (self.text(word), self.count(word))))
    }
}

impl<'de> Deserialize<'de> for Lexicon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (tables, words) = <(Tables, Vec<(String, u32)>)>::deserialize(deserializer)?;
        let mut lexicon = Self {
            tables: Arc::new(tables),
            ..Self::default()
        };
        for (text, count) in words {
            lexicon.words.push(&text, hash_of(&text), count);
            let facts = Facts::of(&text, &lexicon.tables);
            lexicon.facts.push(facts);
        }
        Ok(lexicon)
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
    fn of(text: &str, tables: &Tables) -> Self {
        // Only names are found and compared by their sound.
        let sound = match text.starts_with(MARKS) {
            true => String::new(),
            false => tables.sound_of(text),
        };
        let letters = letters(text);
        Self {
            letters,
            bits: u8::try_from(letters.count_ones()).unwrap_or(u8::MAX),
            sound: hash_of(&sound),
            length: u16::try_from(text.chars().count()).unwrap_or(u16::MAX),
            sound_length: u8::try_from(sound.chars().count()).unwrap_or(u8::MAX),
            marks: u8::from(tables.is_particle(text)) * PARTICLE
                + u8::from(!tables.full_names(text).is_empty()) * SHORT,
        }
    }

    /// Whether it says nothing of a person where another word follows.
    pub(crate) const fn is_particle(self) -> bool {
        self.marks & PARTICLE != 0
    }

    /// Whether it may stand for another name.
    pub(crate) const fn is_short(self) -> bool {
        self.marks & SHORT != 0
    }

    /// At least how many letters only this word has, and only the other.
    pub(crate) fn own_letters(self, other: Self) -> (u32, u32) {
        let differ = (self.letters ^ other.letters).count_ones();
        let (one, two) = (u32::from(self.bits), u32::from(other.bits));
        ((differ + one - two) / 2, (differ + two - one) / 2)
    }

    /// Whether two words may be `most` changes apart or fewer.
    pub(crate) const fn may_be_near(self, other: Self, most: u32) -> bool {
        (self.letters ^ other.letters).count_ones() <= 2 * most
            && self.length.abs_diff(other.length) as u32 <= most
    }
}

/// A hash of `text` that is the same on every machine and in every version.
pub(crate) fn hash_of(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

/// A hash that is the same on every machine and in every version.
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    let eight = |part: &[u8]| {
        let mut word = [0; size_of::<u64>()];
        word.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
        u64::from_le_bytes(word)
    };
    let parts = bytes.chunks(size_of::<u64>()).map(eight);
    parts.fold(mix(bytes.len() as u64), |sum, part| mix(sum ^ part))
}

/// Scatters the bits of `x` (the finalizer of SplitMix64).
pub(crate) const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_hash_are_told_apart() {
        let mut words = Words::default();
        let numbers = ["a", "b", "a", "c"].map(|text| words.add_hashed(text, 7));
        assert_eq!(numbers, [0, 1, 0, 2]);
        assert_eq!([0, 1, 2].map(|word| words.count(word)), [2, 1, 1]);
        words.pop();
        assert_eq!((words.len(), words.bytes()), (2, 2));
        assert_eq!(words.add_hashed("b", 7), 1);
        assert_eq!(words.add_hashed("d", 7), 2);
    }

    #[test]
    fn parts_are_merged_into_one_lexicon() {
        let part = |texts: &[&str]| {
            let mut words = Words::default();
            for text in texts {
                words.add(text);
            }
            words
        };
        let parts = [part(&["asha", "juma", "asha"]), part(&["juma", "tuti"])];
        let (mut lexicon, numbers) = Lexicon::merge(Arc::default(), &parts);
        assert_eq!(lexicon.len(), 3);
        for (part, numbers) in parts.iter().zip(&numbers) {
            for (old, new) in part.all().zip(numbers) {
                assert_eq!(part.text(old), lexicon.text(*new));
            }
        }
        let counts = |lexicon: &Lexicon| numbers[0].iter().map(|w| lexicon.count(*w)).collect();
        let found: Vec<u32> = counts(&lexicon);
        assert_eq!(found, [2, 2]);
        lexicon.index();
        assert_eq!(lexicon.add("juma"), numbers[0][1]);
        assert_eq!(lexicon.add("new"), 3);
        lexicon.forget(3);
        assert_eq!(lexicon.len(), 3);
    }
}
