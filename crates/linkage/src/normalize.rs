//! How values are brought to one form before they are compared.
//!
//! Text is put into Unicode's NFKC form (UAX #15), case is folded, marks above
//! and below letters are dropped where people leave them out (accents, Arabic
//! and Hebrew vowel points; never the vowel signs of Indic scripts), digits of
//! every script are written alike, and everything that is neither a letter nor
//! a digit parts words. A script is kept as it is: only the keys by which
//! records are *found* are romanized, never what is compared.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::limits::WORDS_MAX;

mod date;
mod phone;
mod quantity;

pub use date::PartialDate;
pub use phone::{CallingRegion, phone, phone_in};
pub use quantity::quantity;

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
    fold(text)
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The words of `text`, folded, at most [`WORDS_MAX`], with a space between.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 1);
    let (mut words, mut parted) = (0, true);
    let mut push = |c: Option<char>| {
        let Some(c) = c else {
            parted = true;
            return;
        };
        if parted {
            words += 1;
            if words <= WORDS_MAX && !folded.is_empty() {
                folded.push(' ');
            }
            parted = false;
        }
        if words <= WORDS_MAX {
            folded.push(c);
        }
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
        let plain = text.nfkd().filter(|c| !is_left_out(*c));
        for c in plain.nfkc().flat_map(char::to_lowercase) {
            match c {
                '\'' | '`' | '’' | 'ʼ' | 'ʿ' | 'ʾ' | 'ـ' | JOINER | NON_JOINER => {}
                'ß' => (0..2).for_each(|_| push(Some('s'))),
                'æ' => "ae".chars().for_each(|c| push(Some(c))),
                c if c.is_alphanumeric() || is_combining_mark(c) => push(Some(alike(c))),
                _ => push(None),
            }
        }
    }
    folded
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
        true => Cow::Borrowed(word),
        false => Cow::Owned(any_ascii::any_ascii(word).to_lowercase()),
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
    if sounds.is_empty() {
        sounds.push_str(word);
    }
    sounds
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
    }
}
