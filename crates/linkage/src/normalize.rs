//! How values are brought to one form before they are compared.
//!
//! Text is put into Unicode's NFKC form (UAX #15), case is folded, marks above
//! and below letters are dropped where people leave them out (accents, Arabic
//! and Hebrew vowel points; never the vowel signs of Indic scripts), digits of
//! every script are written alike, and everything that is neither a letter nor
//! a digit parts words. A script is kept as it is: only the keys by which
//! records are *found* are romanized, never what is compared.

use std::borrow::Cow;

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
        let folded = text.nfkd().filter(|c| !is_left_out(*c));
        for c in folded.nfkc().flat_map(char::to_lowercase) {
            match c {
                '\'' | '`' | '’' | 'ʼ' | 'ʿ' | 'ʾ' | 'ـ' | JOINER | NON_JOINER => {}
                'ß' => (0..2).for_each(|_| push(Some('s'))),
                'æ' => "ae".chars().for_each(|c| push(Some(c))),
                c if c.is_alphanumeric() || is_combining_mark(c) => push(Some(alike(c))),
                _ => push(None),
            }
        }
    }
    push(None);
    words.truncate(WORDS_MAX);
    words
}

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';

/// Whether a mark is one that people write or leave out.
const fn is_left_out(c: char) -> bool {
    matches!(c,
        // Combining diacritical marks, their supplements and half marks.
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        // Hebrew points; Arabic signs and vowels, hamza above and below.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        // Nukta of Devanagari, Bengali, Gurmukhi, Gujarati, Odia and Kannada.
        | '\u{93c}' | '\u{9bc}' | '\u{a3c}' | '\u{abc}' | '\u{b3c}' | '\u{cbc}')
}

/// One of the letters, or digits, that are written for one another.
fn alike(c: char) -> char {
    match c {
        'ı' => 'i',
        'đ' | 'ð' => 'd',
        'ł' => 'l',
        'ø' => 'o',
        'ħ' => 'h',
        'ς' => 'σ',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' => 'ه',
        _ if c.is_numeric() => western(c),
        _ => c,
    }
}

/// The zeros of the scripts that have digits of their own, each with the other
/// nine after it (Unicode, general category Nd).
const ZEROS: [char; 17] = [
    '٠', '۰', '߀', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦', '๐', '໐', '༠', '၀', '០',
];

/// The same digit in European form.
fn western(digit: char) -> char {
    let code = u32::from(digit);
    let value = ZEROS.iter().find_map(|zero| {
        code.checked_sub(u32::from(*zero))
            .filter(|value| *value < 10)
    });
    value
        .and_then(|value| char::from_digit(value, 10))
        .unwrap_or(digit)
}

/// The text with its digits in European form.
fn with_western_digits(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => text.nfkc().map(western).collect(),
    }
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
    // Nothing but vowels, or a script that is not romanized: that is no reason
    // to take all such words for one.
    if sounds.is_empty() {
        sounds.extend(latin.chars().next());
    }
    match sounds.is_empty() {
        true => word.to_owned(),
        false => sounds,
    }
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
    /// something between them; a year and a month; or a year. A year has four
    /// digits: what two would mean, or an age, nobody can tell.
    ///
    /// ```
    /// use solidarity_linkage::normalize::PartialDate;
    ///
    /// let day = PartialDate::parse("1984-05-12").unwrap();
    /// assert_eq!(PartialDate::parse("12/5/1984"), Some(day));
    /// assert_eq!(PartialDate::parse("19840512"), Some(day));
    /// assert_eq!(PartialDate::parse("1984").unwrap().month, 0);
    /// assert_eq!(PartialDate::parse("spring"), None);
    /// assert_eq!(PartialDate::parse("12/5/84"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = with_western_digits(text);
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
        let is_date = (1_000..=9_999).contains(&year) && month <= 12 && day <= 31;
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
    let text = with_western_digits(text);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_name_become_the_same_words() {
        for (one, other) in [
            ("JOSÉ  María", "jose-maria"),
            ("Nguyễn Đức", "NGUYEN DUC"),
            ("O’Neil", "oneil"),
            ("Straße", "STRASSE"),
            ("Iłżecki", "ilzecki"),
            ("İbrahim Işık", "ibrahim isik"),
            ("Γιώργος", "ΓΙΩΡΓΟΣ"),
            // With and without vowel points, tatweel, hamza; Farsi letters.
            ("مُحَمَّد", "محمـد"),
            ("أحمد فاطمة", "احمد فاطمه"),
            ("علی", "علي"),
            // Composed and decomposed; full width.
            ("\u{b2e4}", "\u{1103}\u{1161}"),
            ("Ａｂ", "ab"),
            ("ज़ैनब", "जैनब"),
        ] {
            assert_eq!(words(one), words(other), "{one} {other}");
            assert!(!words(one).is_empty());
        }
    }

    #[test]
    fn different_names_stay_different() {
        for (one, other) in [
            ("Amina", "Amin"),
            // Kamal and Kamala: a vowel sign tells a man from a woman.
            ("कमल", "कमला"),
            ("မောင်", "မောင"),
            ("か", "が"),
            ("محمد", "محمود"),
        ] {
            assert_ne!(words(one), words(other));
            assert_eq!(words(one).len(), 1, "{one} is one word");
            assert_eq!(words(other).len(), 1, "{other} is one word");
        }
    }

    #[test]
    fn a_name_is_read_in_any_form() {
        for (text, expected) in [
            ("", &[][..]),
            (" -.' ", &[]),
            ("M.", &["m"]),
            ("Al-Masri", &["al", "masri"]),
            ("'Abd al-Rahman", &["abd", "al", "rahman"]),
            ("२१ गली", &["21", "गली"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(words(&"a ".repeat(WORDS_MAX + 1)).len(), WORDS_MAX);
    }

    #[test]
    fn a_date_is_read_in_many_forms() {
        let date = |year, month, day| Some(PartialDate { year, month, day });
        for (text, expected) in [
            ("1984-05-12", date(1984, 5, 12)),
            ("12.05.1984", date(1984, 5, 12)),
            ("5/13/1984", date(1984, 5, 13)),
            ("1984/5/12 00:00:00", date(1984, 5, 12)),
            ("19840512", date(1984, 5, 12)),
            ("١٩٨٤-٠٥-١٢", date(1984, 5, 12)),
            ("1984-05", date(1984, 5, 0)),
            ("05/1984", date(1984, 5, 0)),
            ("1984", date(1984, 0, 0)),
            ("1984-00-00", date(1984, 0, 0)),
            ("1984-13-13", None),
            ("1984-05-32", None),
            ("84", None),
            ("0000-00-00", None),
            ("99999", None),
            ("123456789012345678901", None),
            ("", None),
            ("n/a", None),
        ] {
            assert_eq!(PartialDate::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_guessed_date_is_weak() {
        for (text, weak) in [
            ("1984-01-01", true),
            ("1984", true),
            ("1984-01", true),
            ("1984-01-02", false),
            ("1984-02-01", false),
        ] {
            assert_eq!(PartialDate::parse(text).unwrap().is_weak(), weak, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_in_many_forms() {
        let is = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("+221 82 551 06 18", is("825510618")),
            ("(082) 551-0618", is("825510618")),
            ("०८२५५१०६१८", is("825510618")),
            ("551 06", is("55106")),
            ("5510", None),
            ("0000000000", None),
            ("none", None),
        ] {
            assert_eq!(phone(text), expected, "{text}");
        }
        for (text, expected) in [
            ("AB-12 34", is("ab1234")),
            ("12", None),
            ("999999", None),
            ("--", None),
        ] {
            assert_eq!(identifier(text), expected, "{text}");
        }
        for (text, expected) in [
            (" A.B@C.org ", is("a.b@c.org")),
            ("@c.org", None),
            ("a@", None),
            ("a.b", None),
        ] {
            assert_eq!(email(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_folding_is_done_once(text in "\\PC{0,40}") {
            let once = words(&text);
            prop_assert_eq!(words(&once.join(" ")), once.clone());
            for word in &once {
                prop_assert!(!word.is_empty() && !skeleton(word).is_empty());
            }
            for kept in [phone(&text), identifier(&text), email(&text)].into_iter().flatten() {
                prop_assert!(kept.len() >= 3);
            }
            if let Some(date) = PartialDate::parse(&text) {
                prop_assert!(date.is_some());
            }
        }

        #[test]
        fn a_written_date_is_read_back(year in 1_000_u16..10_000, month in 1_u8..13, day in 1_u8..32) {
            let date = Some(PartialDate { year, month, day });
            for text in [
                format!("{year}-{month:02}-{day:02}"),
                format!("{year}{month:02}{day:02}"),
                format!("{day}.{month}.{year}"),
            ] {
                prop_assert_eq!(PartialDate::parse(&text), date, "{}", text);
            }
        }
    }
}
