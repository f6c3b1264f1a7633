use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How letters are written in others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Transliteration {
    /// By the first letter, then the longest first.
    pairs: Vec<(String, String)>,
}

impl Transliteration {
    pub(super) const fn none() -> Self {
        Self { pairs: Vec::new() }
    }

    pub(super) const fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Adds a pair, or says that there is one for these letters.
    pub(super) fn add(&mut self, from: String, to: String) -> bool {
        let key = |from: &str| (first(from), Reverse(from.len()), from.to_owned());
        let place = self
            .pairs
            .binary_search_by_key(&key(&from), |(known, _)| key(known));
        match place {
            Ok(_) => false,
            Err(place) => {
                self.pairs.insert(place, (from, to));
                true
            }
        }
    }

    /// The word as it is written: of the pairs that fit the longest, and what
    /// was written is not looked at again.
    pub(super) fn write<'a>(&self, word: &'a str) -> Cow<'a, str> {
        if self.pairs.is_empty() {
            return Cow::Borrowed(word);
        }
        let mut written = String::new();
        let mut rest = word;
        while let Some(letter) = rest.chars().next() {
            let begins = |pair: &(String, String)| first(&pair.0);
            let from = self
                .pairs
                .partition_point(|pair| begins(pair) < Some(letter));
            let fits = (self.pairs.iter().skip(from))
                .take_while(|pair| begins(pair) == Some(letter))
                .find_map(|(from, to)| Some((to, rest.strip_prefix(from.as_str())?)));
            match fits {
                Some((to, after)) => {
                    written.push_str(to);
                    rest = after;
                }
                None => {
                    written.push(letter);
                    rest = rest.strip_prefix(letter).unwrap_or("");
                }
            }
        }
        // Words of which nothing is heard are not all one.
        match written.is_empty() {
            true => Cow::Borrowed(word),
            false => Cow::Owned(written),
        }
    }

    pub(super) fn into_pairs(self) -> BTreeMap<String, String> {
        self.pairs.into_iter().collect()
    }
}

fn first(word: &str) -> Option<char> {
    word.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_sequence_is_written() {
        let mut table = Transliteration::none();
        for (from, to) in [
            ("s", "z"),
            ("sch", "sh"),
            ("sc", "k"),
            ("ж", "zh"),
            ("h", ""),
        ] {
            assert!(table.add(from.to_owned(), to.to_owned()));
        }
        assert!(!table.add("sc".to_owned(), "x".to_owned()));
        for (word, written) in [
            ("schas", "shaz"),
            ("scs", "kz"),
            ("sss", "zzz"),
            ("жаh", "zhа"),
            ("hh", "hh"),
            ("", ""),
        ] {
            assert_eq!(table.write(word), written, "{word}");
        }
    }
}
