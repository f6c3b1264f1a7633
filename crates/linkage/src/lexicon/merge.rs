//! The words of parts that were read one by one, as one lexicon.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use super::{Facts, Lexicon, Word, Words};
use crate::Tables;

/// Into how many shards words are put, by their hashes, to be counted on all
/// threads.
const SHARDS: usize = 64;

/// From how many times on a word is among the first. What is compared most then
/// lies together.
const FREQUENT: u32 = 8;

/// The words of a shard.
struct Shard {
    words: Words,
    /// The first part that has each word.
    first: Vec<usize>,
    /// The number of each word in the lexicon.
    numbers: Vec<AtomicU32>,
    /// For each part, its words in this shard.
    of_parts: Vec<Vec<Word>>,
}

/// A word by its shard and its number there.
type Place = (usize, Word);

impl Shard {
    fn new(shard: usize, parts: &[Words], sharded: &[Vec<Vec<Word>>]) -> Self {
        let (mut words, mut first) = (Words::default(), Vec::new());
        let of_parts = parts.iter().zip(sharded).enumerate();
        let of_parts = of_parts
            .map(|(n, (part, by_shard))| {
                let of_shard = by_shard.get(shard).into_iter().flatten();
                let known = of_shard.map(|word| {
                    let known =
                        words.add_hashed(part.text(*word), part.hash(*word), part.count(*word));
                    if known as usize == first.len() {
                        first.push(n);
                    }
                    known
                });
                known.collect()
            })
            .collect();
        words.close();
        let numbers = first.iter().map(|_| AtomicU32::new(0)).collect();
        Self {
            words,
            first,
            numbers,
            of_parts,
        }
    }

    fn number(&self, word: Word) -> Word {
        let number = self.numbers.get(word as usize);
        number.map_or(Word::MAX, |number| number.load(Ordering::Relaxed))
    }
}

/// The words of all `parts` as one lexicon, and, for each part, the new number
/// of each of its words. They do not depend on how many threads there are.
///
/// Frequent words come first. The others come in the order of the records, so
/// that those of one record lie together.
pub(super) fn merge(tables: Arc<Tables>, parts: &[Words]) -> (Lexicon, Vec<Vec<Word>>) {
    let sharded: Vec<Vec<Vec<Word>>> = parts.par_iter().map(by_shard).collect();
    let shards: Vec<Shard> = (0..SHARDS)
        .into_par_iter()
        .map(|shard| Shard::new(shard, parts, &sharded))
        .collect();
    let places: Vec<Vec<Place>> = (parts.par_iter().enumerate())
        .map(|(part, words)| places(part, words, &shards))
        .collect();

    let is_frequent = |(shard, word): &Place| {
        let shard = shards.get(*shard);
        shard.is_some_and(|shard| shard.words.count(*word) >= FREQUENT)
    };
    let mut frequent: Vec<Place> = (shards.iter().enumerate())
        .flat_map(|(n, shard)| shard.words.all().map(move |word| (n, word)))
        .filter(is_frequent)
        .collect();
    frequent.sort_by_key(|(shard, word)| {
        let count = shards.get(*shard).map(|shard| shard.words.count(*word));
        std::cmp::Reverse(count)
    });
    let own = |(part, places): (usize, &Vec<Place>)| {
        let is_own = |(shard, word): &Place| {
            let first = shards.get(*shard).and_then(|s| s.first.get(*word as usize));
            first == Some(&part)
        };
        let own = places
            .iter()
            .filter(|place| is_own(place) && !is_frequent(place));
        own.copied().collect::<Vec<Place>>()
    };
    let mut groups: Vec<Vec<Place>> = vec![frequent];
    groups.par_extend(places.par_iter().enumerate().map(own));

    let known = groups
        .par_iter()
        .map(|group| known(group, &shards, &tables));
    let known: Vec<(Words, Vec<Facts>)> = known.collect();
    let mut lexicon = Lexicon {
        tables,
        ..Lexicon::default()
    };
    for ((words, facts), group) in known.iter().zip(&groups) {
        for (number, (shard, word)) in (lexicon.len()..).zip(group) {
            let place = shards
                .get(*shard)
                .and_then(|s| s.numbers.get(*word as usize));
            if let Some(place) = place {
                place.store(
                    Word::try_from(number).unwrap_or(Word::MAX),
                    Ordering::Relaxed,
                );
            }
        }
        lexicon.extend(words, facts);
    }
    let number = |(shard, word): &Place| shards.get(*shard).map_or(Word::MAX, |s| s.number(*word));
    let numbers = places
        .par_iter()
        .map(|places| places.iter().map(number).collect());
    (lexicon, numbers.collect())
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

/// Where the words of a part are.
fn places(part: usize, words: &Words, shards: &[Shard]) -> Vec<Place> {
    let mut next = [0; SHARDS];
    let place = |word| {
        let shard = shard_of(words.hash(word));
        let next = next.get_mut(shard)?;
        let known = shards.get(shard)?.of_parts.get(part)?.get(*next)?;
        *next += 1;
        Some((shard, *known))
    };
    words.all().filter_map(place).collect()
}

/// The words of a group, and what they are compared by.
fn known(group: &[Place], shards: &[Shard], tables: &Tables) -> (Words, Vec<Facts>) {
    let mut words = Words::default();
    let mut facts = Vec::with_capacity(group.len());
    for (shard, word) in group {
        if let Some(shard) = shards.get(*shard) {
            let from = &shard.words;
            words.push(from.text(*word), from.hash(*word), from.count(*word));
            facts.push(Facts::of(from.text(*word), tables));
        }
    }
    (words, facts)
}
