use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use solidarity_core::StatedDate;
use subtle::{Choice, ConstantTimeEq};
use unicode_normalization::UnicodeNormalization;

use crate::Fact;

/// The most words in a name that is compared.
pub const NAME_WORDS_MAX: usize = 32;

/// The most days between the earliest and the latest day of a date that is
/// compared: two years. A wider one would agree with anybody's.
pub const DATE_WIDTH_MAX_DAYS: i64 = 731;

/// How far a fact that is stated agrees with the same fact that is held.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "what does not agree must never fall under a wildcard"
)]
pub enum Likeness {
    /// They cannot both be true.
    Different,
    /// They can: one name has more words, one date is less certain.
    Partial,
    /// They say the same.
    Same,
}

/// Compares what is stated with what is held. `None` where they cannot be
/// compared: facts of two kinds, a name without a letter, a date so wide that
/// it says nothing.
///
/// Names agree whatever the case, the order of words, the width or
/// composition of letters (by the compatibility forms of Unicode, UAX #15),
/// accents, vowel points, hyphens and apostrophes. Two spellings of one name in
/// two scripts do not agree. Words are compared by their SHA-256 digests, all
/// with all, so that the time taken does not tell how much was right.
///
/// ```
/// use solidarity_core::Pii;
/// use solidarity_identity::{Fact, Likeness, compare};
///
/// let name = |s: &str| Fact::Name(Pii::new(s.to_owned()));
/// assert_eq!(compare(&name("YUSUF, amina"), &name("Amina Yusuf")), Some(Likeness::Same));
/// assert_eq!(compare(&name("Amina"), &name("Amina Yusuf")), Some(Likeness::Partial));
/// assert_eq!(compare(&name("Halima"), &name("Amina Yusuf")), Some(Likeness::Different));
/// assert_eq!(compare(&name("'"), &name("'")), None);
/// ```
#[must_use]
pub fn compare(stated: &Fact, held: &Fact) -> Option<Likeness> {
    match (stated, held) {
        (Fact::Name(stated), Fact::Name(held)) => names(stated.expose(), held.expose()),
        (Fact::Date(stated), Fact::Date(held)) => dates(stated.expose(), held.expose()),
        (Fact::Text(stated), Fact::Text(held)) => texts(stated.expose(), held.expose()),
        _ => None,
    }
}

type Word = [u8; 32];

fn names(stated: &str, held: &str) -> Option<Likeness> {
    let (stated, held) = (name_words(stated)?, name_words(held)?);
    let (shorter, longer) = if stated.len() <= held.len() {
        (stated, held)
    } else {
        (held, stated)
    };
    let contained = shorter.iter().fold(Choice::from(1), |all, word| {
        all & counts_fit(word, &shorter, &longer)
    });
    Some(
        match (bool::from(contained), shorter.len() == longer.len()) {
            (false, _) => Likeness::Different,
            (true, false) => Likeness::Partial,
            (true, true) => Likeness::Same,
        },
    )
}

/// Whether `word` is at least as often in `longer` as in `shorter`.
fn counts_fit(word: &Word, shorter: &[Word], longer: &[Word]) -> Choice {
    let count = |words: &[Word]| {
        words
            .iter()
            .fold(0_u8, |n, other| n + word.ct_eq(other).unwrap_u8())
    };
    Choice::from(u8::from(count(longer) >= count(shorter)))
}

fn dates(stated: &StatedDate, held: &StatedDate) -> Option<Likeness> {
    let narrow =
        |date: &StatedDate| (date.latest() - date.earliest()).num_days() < DATE_WIDTH_MAX_DAYS;
    if !(narrow(stated) && narrow(held)) {
        return None;
    }
    Some(if !stated.may_be(held) {
        Likeness::Different
    } else if stated.certain().is_some() && stated.certain() == held.certain() {
        Likeness::Same
    } else {
        Likeness::Partial
    })
}

fn texts(stated: &str, held: &str) -> Option<Likeness> {
    let one_word = |text: &str| {
        let folded: String = fold(text).filter(|c| !is_separator(*c)).collect();
        (!folded.is_empty()).then(|| digest(&folded))
    };
    let (stated, held) = (one_word(stated)?, one_word(held)?);
    Some(if bool::from(stated.ct_eq(&held)) {
        Likeness::Same
    } else {
        Likeness::Different
    })
}

fn name_words(name: &str) -> Option<Vec<Word>> {
    let folded: String = fold(name).collect();
    let words: Vec<Word> = folded
        .split(is_separator)
        .filter(|word| !word.is_empty())
        .take(NAME_WORDS_MAX + 1)
        .map(digest)
        .collect();
    (1..=NAME_WORDS_MAX).contains(&words.len()).then_some(words)
}

fn digest(word: &str) -> Word {
    Sha256::digest(word.as_bytes()).into()
}

/// The text in compatibility form, without case, and without the marks that
/// people leave out when they type: upper-casing first joins `ß` and `SS`, `ς`
/// and `σ`, `ı` and `I`.
fn fold(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkd()
        .filter(|c| !is_left_out(*c))
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| !is_left_out(*c))
        .nfkc()
}

/// Marks that one writer sets and the next leaves out: accents on Latin, Greek
/// and Cyrillic letters, Arabic vowel points and the stretching stroke,
/// apostrophes, and what only steers the layout. Vowel signs of other scripts
/// are letters, and stay.
const fn is_left_out(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36F}' // combining diacritical marks
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{640}' // Arabic points, tatweel
        | '\'' | '`' | '\u{2B9}'..='\u{2BF}' | '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2032}'
        | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    )
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ',' | '\u{60C}' | '.' | ';' | '/' | '_' | '-' | '·' | '\u{58A}' | '\u{2010}'
                ..='\u{2015}' | '\u{3001}' | '\u{1361}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use solidarity_core::Pii;

    use super::*;
    use Likeness::{Different, Partial, Same};

    fn like(stated: &str, held: &str) -> Option<Likeness> {
        let name = |s: &str| Fact::Name(Pii::new(s.to_owned()));
        compare(&name(stated), &name(held))
    }

    #[test]
    fn one_name_written_in_many_ways_is_one_name() {
        for (stated, held) in [
            ("amina yusuf", "Amina Yusuf"),
            ("Yusuf Amina", "Amina Yusuf"),
            ("YUSUF, AMINA", "Amina Yusuf"),
            ("Jose Núñez", "JOSÉ NUNEZ"),
            ("Jean-Pierre Ngo", "Jean Pierre Ngo"),
            ("N'Diaye", "Ndiaye"),
            ("N’Diaye", "N'DIAYE"),
            ("Weiß", "WEISS"),
            ("Σοφίας", "ΣΟΦΙΑΣ"),
            ("Işık", "ISIK"),
            ("ａｍｉｎａ", "Amina"),
            ("مُحَمَّد", "محمد"),
            ("مـحمد", "محمد"),
            ("Фёдор", "ФЕДОР"),
            ("Nguyễn", "nguyen"),
            ("李", "李"),
            ("Ọ", "ọ"),
        ] {
            assert_eq!(like(stated, held), Some(Same), "{stated} / {held}");
        }
    }

    #[test]
    fn other_names_are_other_names() {
        for (stated, held, expected) in [
            ("Amina", "Amina Yusuf", Partial),
            ("Amina Yusuf Ali", "Ali Amina", Partial),
            ("Ali Ali", "Ali Omar", Different),
            ("Ali Ali", "Ali", Partial),
            ("Amina Omar", "Amina Yusuf", Different),
            ("Aminah", "Amina", Different),
            // A vowel sign is a letter.
            ("राम", "रमा", Different),
            ("አማን", "አማነ", Different),
        ] {
            assert_eq!(like(stated, held), Some(expected), "{stated} / {held}");
        }
    }

    #[test]
    fn nothing_agrees_with_nothing() {
        for nothing in ["", " ", "'", "-", "\u{200B}", "´\u{301}'", ". , -"] {
            assert_eq!(like(nothing, nothing), None, "{nothing:?}");
            assert_eq!(texts(nothing, nothing), None, "{nothing:?}");
        }
        let long = vec!["a"; NAME_WORDS_MAX + 1].join(" ");
        assert_eq!(like(&long, &long), None);
        let longest = vec!["a"; NAME_WORDS_MAX].join(" ");
        assert_eq!(like(&longest, &longest), Some(Same));
    }

    #[test]
    fn dates_agree_as_far_as_they_are_known() {
        for (stated, held, expected) in [
            ("1984-05-12", "1984-05-12", Some(Same)),
            ("1984", "1984-05-12", Some(Partial)),
            ("1984", "1984", Some(Partial)),
            ("1984-05-12", "1984-05-13", Some(Different)),
            ("1983", "1984-05-12", Some(Different)),
        ] {
            let (stated, held) = (stated.parse().unwrap(), held.parse().unwrap());
            assert_eq!(dates(&stated, &held), expected);
            assert_eq!(dates(&held, &stated), expected);
        }
    }

    #[test]
    fn a_date_that_may_be_any_says_nothing() {
        use solidarity_core::Stated;
        let day = |s: &str| s.parse::<StatedDate>().unwrap().earliest();
        let between = |to| {
            StatedDate::new(Stated::Between {
                earliest: day("1980-01-01"),
                latest: day(to),
            })
            .unwrap()
        };
        let held = "1980-06-01".parse().unwrap();
        assert_eq!(dates(&between("1981-12-31"), &held), Some(Partial));
        assert_eq!(dates(&between("1982-01-01"), &held), None);
        assert_eq!(dates(&held, &between("2080-01-01")), None);
    }

    #[test]
    fn facts_of_two_kinds_are_not_compared() {
        let text = Fact::Text("1984".into());
        let date = Fact::Date(Pii::new("1984".parse().unwrap()));
        assert_eq!(compare(&text, &date), None);
    }

    #[test]
    fn numbers_agree_whatever_the_grouping() {
        assert_eq!(texts("AB-12 34/5", "ab12345"), Some(Same));
        assert_eq!(texts("AB12346", "ab12345"), Some(Different));
    }

    proptest! {
        #[test]
        fn comparing_is_symmetric_and_blind_to_order(mut words in prop::collection::vec("\\PC{1,8}", 1..6), other in "\\PC{0,16}") {
            let name = words.join(" ");
            prop_assert_eq!(like(&name, &other), like(&other, &name));
            words.reverse();
            let reversed = words.join(" ");
            prop_assert_eq!(like(&name, &reversed), like(&name, &name));
            prop_assert_ne!(like(&name, &name), Some(Different));
        }
    }
}
