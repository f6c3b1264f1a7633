//! The words of parts that were read one by one, as one lexicon.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Facts, Lexicon, Word, Words};
use crate::Tables;

/// Into how many shards words are put, by their hashes, to be counted on all
/// threads.
const SHARDS: usize = 64;

/// From how many times on a word is among the first. What is compared most then
/// lies together.
const FREQUENT: u32 = 8;

/// How many groups of words are made ready at once.
const GROUPS: usize = 16;

/// A word by its part and its number there.
type Told = (usize, Word);

/// The words of a shard.
struct Shard {
    /// Each word as the first part has it.
    first: Vec<Told>,
    /// How often all parts have it.
    counts: Vec<u32>,
    /// Its number in the lexicon.
    numbers: Vec<AtomicU32>,
    /// For each part, its words in this shard.
    of_parts: Vec<Vec<Word>>,
}

/// A word by its shard and its number there.
type Place = (usize, Word);

impl Shard {
    fn new(shard: usize, parts: &[Words], sharded: &[Vec<Vec<Word>>]) -> Self {
        let (mut first, mut counts): (Vec<Told>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut known: FxHashMap<u64, Word> = FxHashMap::default();
        let mut number = |n: usize, part: &Words, word: Word| {
            // As in a part: the next free place after the hash.
            let mut place = part.hash(word);
            while let Some(number) = known.get(&place) {
                let told = first.get(*number as usize);
                let text = told.and_then(|(n, word)| Some(parts.get(*n)?.text(*word)));
                if text == Some(part.text(word)) {
                    if let Some(count) = counts.get_mut(*number as usize) {
                        *count = count.saturating_add(part.count(word));
                    }
                    return *number;
                }
                place = place.wrapping_add(1);
            }
            let number = Word::try_from(first.len()).unwrap_or(Word::MAX);
            known.insert(place, number);
            first.push((n, word));
            counts.push(part.count(word));
            number
        };
        let of_parts = parts.iter().zip(sharded).enumerate();
        let of_parts = of_parts
            .map(|(n, (part, by_shard))| {
                let words = by_shard.get(shard).into_iter().flatten();
                words.map(|word| number(n, part, *word)).collect()
            })
            .collect();
        let numbers = first.iter().map(|_| AtomicU32::new(0)).collect();
        Self {
            first,
            counts,
            numbers,
            of_parts,
        }
    }

    fn count(&self, word: Word) -> u32 {
        self.counts.get(word as usize).copied().unwrap_or(0)
    }

    fn number(&self, word: Word) -> Word {
        let number = self.numbers.get(word as usize);
        number.map_or(Word::MAX, |number| number.load(Ordering::Relaxed))
    }
}

/// The words of all parts, by shard.
struct Shards<'a> {
    parts: &'a [Words],
    shards: Vec<Shard>,
}

impl<'a> Shards<'a> {
    fn new(parts: &'a [Words]) -> Self {
        let sharded: Vec<Vec<Vec<Word>>> = parts.par_iter().map(by_shard).collect();
        let shards = (0..SHARDS).into_par_iter();
        Self {
            parts,
            shards: shards
                .map(|shard| Shard::new(shard, parts, &sharded))
                .collect(),
        }
    }

    fn is_frequent(&self, (shard, word): &Place) -> bool {
        let shard = self.shards.get(*shard);
        shard.is_some_and(|shard| shard.count(*word) >= FREQUENT)
    }

    /// Whether `part` is the first that has the word.
    fn is_of(&self, part: usize, (shard, word): &Place) -> bool {
        let first = (self.shards.get(*shard)).and_then(|shard| shard.first.get(*word as usize));
        first.is_some_and(|(first, _)| *first == part)
    }

    /// The frequent words, the most frequent first.
    fn frequent(&self) -> Vec<Place> {
        let places = self.shards.iter().enumerate().flat_map(|(n, shard)| {
            let words = 0..Word::try_from(shard.first.len()).unwrap_or(0);
            words.map(move |word| (n, word))
        });
        let mut frequent: Vec<Place> = places.filter(|place| self.is_frequent(place)).collect();
        frequent.sort_by_key(|(shard, word)| {
            let count = self.shards.get(*shard).map(|shard| shard.count(*word));
            std::cmp::Reverse(count)
        });
        frequent
    }

    /// Where the words of a part are.
    fn places(&self, part: usize, words: &Words) -> Vec<Place> {
        let mut next = [0; SHARDS];
        let place = |word| {
            let shard = shard_of(words.hash(word));
            let next = next.get_mut(shard)?;
            let known = self.shards.get(shard)?.of_parts.get(part)?.get(*next)?;
            *next += 1;
            Some((shard, *known))
        };
        words.all().filter_map(place).collect()
    }

    /// The words of a group, and what they are compared by.
    fn known(&self, group: &[Place], tables: &Tables) -> (Words, Vec<Facts>) {
        let mut words = Words::default();
        let mut facts = Vec::with_capacity(group.len());
        for (shard, word) in group {
            let told = self.shards.get(*shard).and_then(|shard| {
                let (part, told) = shard.first.get(*word as usize)?;
                Some((self.parts.get(*part)?, *told, shard.count(*word)))
            });
            if let Some((part, told, count)) = told {
                words.push(part.text(told), part.hash(told), count);
                facts.push(Facts::of(part.text(told), tables));
            }
        }
        (words, facts)
    }

    /// Numbers the words of a group from `first` on.
    fn number(&self, group: &[Place], first: usize) {
        for (number, (shard, word)) in (first..).zip(group) {
            let shard = self.shards.get(*shard);
            if let Some(place) = shard.and_then(|shard| shard.numbers.get(*word as usize)) {
                let number = Word::try_from(number).unwrap_or(Word::MAX);
                place.store(number, Ordering::Relaxed);
            }
        }
    }

    fn number_of(&self, (shard, word): &Place) -> Word {
        let shard = self.shards.get(*shard);
        shard.map_or(Word::MAX, |shard| shard.number(*word))
    }
}

/// The words of all `parts` as one lexicon, and, for each part, the new number
/// of each of its words. They do not depend on how many threads there are.
///
/// Frequent words come first. The others come in the order of the records, so
/// that those of one record lie together.
pub(super) fn merge(tables: Arc<Tables>, parts: &[Words]) -> (Lexicon, Vec<Vec<Word>>) {
    let shards = Shards::new(parts);
    let places: Vec<Vec<Place>> = (parts.par_iter().enumerate())
        .map(|(part, words)| shards.places(part, words))
        .collect();
    let own = |(part, places): (usize, &Vec<Place>)| {
        let own = places.iter().copied();
        own.filter(|place| shards.is_of(part, place) && !shards.is_frequent(place))
            .collect::<Vec<Place>>()
    };
    let mut groups: Vec<Vec<Place>> = vec![shards.frequent()];
    groups.par_extend(places.par_iter().enumerate().map(own));

    let mut lexicon = Lexicon {
        tables,
        ..Lexicon::default()
    };
    for some in groups.chunks(GROUPS) {
        let known = some
            .par_iter()
            .map(|group| shards.known(group, &lexicon.tables));
        let known: Vec<(Words, Vec<Facts>)> = known.collect();
        for ((words, facts), group) in known.iter().zip(some) {
            shards.number(group, lexicon.len());
            lexicon.extend(words, facts);
        }
    }
    let numbers = places.par_iter();
    let numbers =
        numbers.map(|places| places.iter().map(|place| shards.number_of(place)).collect());
    let numbers = numbers.collect();
    (lexicon, numbers)
}

/// The words of a part by shard, each shard's in order.
fn by_shard(words: &Words) -> Vec<Vec<Word>> {
    let mut shards = vec![Vec::new(); SHARDS];
    for word in words.all() {
        if let Some(shard) = shards.get_mut(shard_of(words.hash(word))) {
            shard.push(word);
        }
    }
    shards
}

fn shard_of(hash: u64) -> usize {
    usize::try_from(hash >> 32).unwrap_or(0) % SHARDS
}
