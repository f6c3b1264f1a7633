//! By what records are found: the same keys in every store.
//!
//! A key is for looking up, never for showing: it is cut and folded so that
//! what people write differently is found all the same.

use unicode_normalization::UnicodeNormalization;

/// The digits of a telephone number that decide whether two are the same.
const PHONE_DIGITS: usize = 8;

/// The words of a name, folded: case and accents do not count, marks that
/// join words are dropped, other punctuation parts them.
///
/// Vowel signs of scripts that write them as marks are kept. Letters are
/// decomposed and composed as Unicode has it (UAX #15, NFKD and NFC).
///
/// ```
/// use solidarity_registry::keys::name_tokens;
///
/// assert_eq!(name_tokens("O’Brien-ŚMITH, José"), ["obrien", "smith", "jose"]);
/// assert_eq!(name_tokens("सीता"), ["सीता"]);
/// ```
#[must_use]
pub fn name_tokens(name: &str) -> Vec<String> {
    let folded: String = name
        .nfkd()
        .filter(|c| !is_accent(*c) && !is_joiner(*c))
        .flat_map(char::to_lowercase)
        .nfc()
        .collect();
    folded
        .split(|c: char| c.is_whitespace() || is_punctuation(c))
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Accents of Latin, Greek and Cyrillic, and the vowel points of Hebrew and
/// Arabic, which most writers leave out.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\'' | '`' | '\u{2BB}'..='\u{2BC}' | '\u{2018}'..='\u{201B}'
        | '\u{200B}'..='\u{200F}' | '\u{640}' | '\u{FEFF}')
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{A1}'..='\u{BF}' | '\u{2010}'..='\u{206F}' | '\u{3001}'..='\u{3003}'
            | '\u{30FB}' | '\u{60C}' | '\u{61B}' | '\u{61F}' | '\u{1361}'..='\u{1368}')
}

/// The last eight digits of a telephone number, whatever its script; all of
/// them if there are fewer. `None` if there are none.
///
/// The country's and the trunk prefix are sometimes written and sometimes not,
/// so they do not count.
///
/// ```
/// use solidarity_registry::keys::phone_key;
///
/// assert_eq!(phone_key("+254 712 345-678"), phone_key("0712345678"));
/// assert_eq!(phone_key("none"), None);
/// ```
#[must_use]
pub fn phone_key(number: &str) -> Option<String> {
    let digits: Vec<char> = number.nfkc().filter_map(digit).collect();
    let skip = digits.len().saturating_sub(PHONE_DIGITS);
    (!digits.is_empty()).then(|| digits.iter().skip(skip).collect())
}

/// The ASCII digit that `c` means, in the scripts that have digits of their
/// own.
fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6F0}'..='\u{6F9}' => 0x6F0,
        '\u{7C0}'..='\u{7C9}' => 0x7C0,
        '\u{966}'..='\u{96F}' => 0x966,
        '\u{9E6}'..='\u{9EF}' => 0x9E6,
        '\u{E50}'..='\u{E59}' => 0xE50,
        '\u{1040}'..='\u{1049}' => 0x1040,
        '\u{17E0}'..='\u{17E9}' => 0x17E0,
        _ => return None,
    };
    char::from_digit(u32::from(c).saturating_sub(zero), 10)
}

/// An identifier without the space around it. Nothing else is folded: `12-3`
/// and `1-23` may be two people.
#[must_use]
pub fn identifier_key(value: &str) -> &str {
    value.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_differ_and_names_are_found() {
        for (one, other) in [
            ("José María", "JOSE MARIA"),
            ("O'Brien", "O’Brien"),
            ("مُحَمَّد", "محمد"),
            ("ＡＭＩＮＡ", "amina"),
            ("Nguyễn", "Nguyen"),
            ("Ωραία", "ωραια"),
            ("Jean‑Luc", "jean luc"),
        ] {
            assert_eq!(name_tokens(one), name_tokens(other), "{one} {other}");
        }
        assert_ne!(name_tokens("कि"), name_tokens("का"));
        assert_eq!(name_tokens(" . "), Vec::<String>::new());
        assert_eq!(name_tokens("अर्जुन").len(), 1);
    }

    #[test]
    fn a_number_is_its_last_eight_digits() {
        for number in ["+254712345678", "0712-345-678", "٠٧١٢٣٤٥٦٧٨", "12345678"] {
            assert_eq!(phone_key(number).as_deref(), Some("12345678"), "{number}");
        }
        assert_eq!(phone_key("119").as_deref(), Some("119"));
    }
}
