//! How values are brought to one form before they are compared.
//!
//! Text is put into Unicode's NFKC form (UAX #15), case is folded, marks above
//! and below letters are dropped, and everything that is neither a letter nor
//! a digit parts words. A script is kept as it is: only the keys by which
//! records are *found* are romanized, never what is compared.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::limits::WORDS_MAX;

/// The words of `text`, folded, at most [`WORDS_MAX`].
///
/// ```
/// use solidarity_linkage::normalize::words;
///
/// assert_eq!(words("  López-PÉREZ, O'Neil "), ["lopez", "perez", "oneil"]);
/// assert_eq!(words("ＡＢ ①"), ["ab", "1"]);
/// ```
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut push = |c: Option<char>| match c {
        Some(c) => word.push(c),
        None if word.is_empty() => {}
        None => words.push(std::mem::take(&mut word)),
    };
    if text.is_ascii() {
        for byte in text.bytes() {
            match byte {
                b if b.is_ascii_alphanumeric() => push(Some(char::from(b.to_ascii_lowercase()))),
                b'\'' | b'`' => {}
                _ => push(None),
            }
        }
    } else {
        let folded = text.nfkd().filter(|c| !is_combining_mark(*c));
        for c in folded.nfkc().flat_map(char::to_lowercase) {
            match c {
                c if c.is_alphanumeric() => push(Some(c)),
                '\'' | '`' | '’' | 'ʼ' | 'ʿ' | 'ʾ' => {}
                _ => push(None),
            }
        }
    }
    push(None);
    words.truncate(WORDS_MAX);
    words
}

/// How `word` sounds, roughly, in Latin letters: the consonants, with those
/// that scripts and clerks mix up written alike. Romanized by `any_ascii`.
///
/// It is made to find spellings of one name in many languages, and is no code
/// of a single one: `Xasan` and `Hassan`, `Wahyu` and `Wahju`, `Khouri` and
/// `Khoury` sound alike.
///
/// ```
/// use solidarity_linkage::normalize::skeleton;
///
/// assert_eq!(skeleton("xasan"), skeleton("hassan"));
/// assert_eq!(skeleton("faadumo"), skeleton("fatuma"));
/// assert_ne!(skeleton("amina"), skeleton("asha"));
/// ```
#[must_use]
pub fn skeleton(word: &str) -> String {
    let latin = match word.is_ascii() {
        true => word.to_owned(),
        false => any_ascii::any_ascii(word).to_lowercase(),
    };
    let mut sounds = String::new();
    let mut letters = latin.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        let (sound, two) = match (letter, next) {
            ('p', 'h') => ('f', true),
            ('k', 'h') => ('k', true),
            ('c', 'h') => ('j', true),
            ('s', 'h') => ('s', true),
            ('t' | 'd', 'h') => ('t', true),
            ('g', 'h') => ('g', true),
            ('d', 'z') => ('s', true),
            ('c', 'k') => ('k', true),
            ('c', 'e' | 'i') => ('s', false),
            ('a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'w' | 'h' | 'x' | '\'' | '`', _) => (' ', false),
            ('c' | 'q' | 'k', _) => ('k', false),
            ('s' | 'z', _) => ('s', false),
            ('f' | 'v', _) => ('f', false),
            ('d' | 't', _) => ('t', false),
            (other, _) => (other, false),
        };
        if two {
            letters.next();
        }
        if sound != ' ' && !sounds.ends_with(sound) {
            sounds.push(sound);
        }
    }
    if sounds.is_empty() {
        sounds.extend(latin.chars().next());
    }
    sounds
}

/// A date as far as it is known: a month or day of zero is not.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[non_exhaustive]
pub struct PartialDate {
    /// The year. Zero if there is no date.
    pub year: u16,
    /// The month, 1 to 12, or zero.
    pub month: u8,
    /// The day, 1 to 31, or zero.
    pub day: u8,
}

impl PartialDate {
    /// Reads year, month and day in this order or the reverse, with or without
    /// something between them; a year and a month; or a year.
    ///
    /// ```
    /// use solidarity_linkage::normalize::PartialDate;
    ///
    /// let day = PartialDate::parse("1984-05-12").unwrap();
    /// assert_eq!(PartialDate::parse("12/5/1984"), Some(day));
    /// assert_eq!(PartialDate::parse("19840512"), Some(day));
    /// assert_eq!(PartialDate::parse("1984").unwrap().month, 0);
    /// assert_eq!(PartialDate::parse("spring"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .take(4)
            .collect();
        let (year, month, day) = match parts.as_slice() {
            [all] if all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
            [year] => (*year, "0", "0"),
            [year, month] if year.len() == 4 => (*year, *month, "0"),
            [month, year] => (*year, *month, "0"),
            // What follows a day is a time.
            [year, month, day, ..] if year.len() == 4 => (*year, *month, *day),
            [day, month, year, ..] => (*year, *month, *day),
            [] => return None,
        };
        let (mut month, mut day) = (month.parse().ok()?, day.parse().ok()?);
        if month > 12 && day <= 12 {
            (month, day) = (day, month);
        }
        let year = year.parse().ok()?;
        let is_date = (1..=9_999).contains(&year) && month <= 12 && day <= 31;
        is_date.then_some(Self { year, month, day })
    }

    /// The date in 24 bits.
    pub(crate) const fn pack(self) -> u32 {
        (self.year as u32) << 9 | (self.month as u32) << 5 | self.day as u32
    }

    pub(crate) fn unpack(packed: u32) -> Self {
        let part = |shift: u32, mask: u32| (packed >> shift) & mask;
        Self {
            year: u16::try_from(part(9, 0x3fff)).unwrap_or(0),
            month: u8::try_from(part(5, 0xf)).unwrap_or(0),
            day: u8::try_from(part(0, 0x1f)).unwrap_or(0),
        }
    }

    /// Whether there is one.
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.year > 0
    }

    /// Whether the day is one that is often a guess: a first of January, or
    /// no day at all.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        self.month <= 1 && self.day <= 1
    }
}

/// The digits of a telephone number that two ways of writing it share: the
/// last nine, which hold no country code or leading zero (E.164 numbers have
/// up to fifteen digits; national numbers are told apart by their last nine).
///
/// ```
/// use solidarity_linkage::normalize::phone;
///
/// assert_eq!(phone("+221 82 551 06 18"), phone("0825510618"));
/// assert_eq!(phone("n/a"), None);
/// ```
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let digits: String = text.nfkc().filter(char::is_ascii_digit).collect();
    let from = digits.len().saturating_sub(9);
    let kept = digits.get(from..)?;
    let one = kept.chars().next()?;
    let says_something = kept.len() >= 5 && kept.chars().any(|digit| digit != one);
    says_something.then(|| kept.to_owned())
}

/// Letters and digits of a number that belongs to one person, folded; nothing
/// if all are the same, which is how clerks write *none*.
#[must_use]
pub fn identifier(text: &str) -> Option<String> {
    let kept: String = words(text).concat();
    let one = kept.chars().next()?;
    let says_something = kept.chars().count() >= 3 && kept.chars().any(|c| c != one);
    says_something.then_some(kept)
}

/// An e-mail address, folded.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let folded = text.trim().to_lowercase();
    let (name, host) = folded.split_once('@')?;
    (!name.is_empty() && !host.is_empty()).then(|| folded.clone())
}
