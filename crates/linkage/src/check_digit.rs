use serde::{Deserialize, Serialize};

use crate::normalize::words;

/// How the last one or two characters of a number follow from those before
/// them, so that a slip of the pen shows.
///
/// Each finds every slip in one digit. A slip that leaves a number which holds
/// happens by chance once in ten, eleven or ninety-seven.
///
/// | | digits | two neighbors changed over |
/// |---|---|---|
/// | `Luhn` | one | found, but for 09 and 90 |
/// | `Verhoeff`, `Damm` | one | found |
/// | `Mod97` | two | found |
/// | `Mod11_2` | one, or X | found |
/// | `Mod11_10` | one | mostly found |
///
/// ```
/// use solidarity_linkage::CheckDigit;
///
/// assert!(CheckDigit::Luhn.holds("7992-7398-713"));
/// assert!(!CheckDigit::Luhn.holds("7992-7398-731"));
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckDigit {
    /// Luhn's sum modulo 10: ISO/IEC 7812-1, annex B (Luhn 1960). Cards, and
    /// the numbers of persons in several countries.
    Luhn,
    /// Verhoeff's code over the dihedral group of order ten (Verhoeff 1969).
    Verhoeff,
    /// Damm's code over a quasigroup of order ten that is totally
    /// anti-symmetric (Damm 2004), with the table that is in common use.
    Damm,
    /// ISO/IEC 7064, MOD 97-10: two digits at the end. A letter counts as 10
    /// to 35.
    Mod97,
    /// ISO/IEC 7064, MOD 11-2: a digit or X at the end.
    #[serde(rename = "mod11_2")]
    Mod11_2,
    /// ISO/IEC 7064, MOD 11,10: a digit at the end.
    #[serde(rename = "mod11_10")]
    Mod11_10,
}

impl CheckDigit {
    /// Whether the check of the number holds, read as
    /// [`normalize::identifier`](crate::normalize::identifier) reads it: digits
    /// of any script, without spaces and punctuation. A number that is shorter
    /// than its check, or holds a letter that the check does not know, fails.
    #[must_use]
    pub fn holds(self, text: &str) -> bool {
        let letters = words(text).concat();
        let values = letters.chars().map(|c| c.to_digit(36));
        let Some(values) = values.collect::<Option<Vec<u32>>>() else {
            return false;
        };
        let is_number = values.iter().all(|value| *value < 10);
        match self {
            Self::Mod97 => values.len() > 2 && mod97(&values) == 1,
            Self::Mod11_2 => values.len() > 1 && mod11_2(&values),
            _ if values.len() < 2 || !is_number => false,
            Self::Luhn => luhn(&values) == 0,
            Self::Verhoeff => verhoeff(&values) == 0,
            Self::Damm => damm(&values) == Some(0),
            Self::Mod11_10 => mod11_10(&values) == Some(1),
        }
    }
}

/// Every second digit from the right is doubled; of what has two digits then,
/// both count.
fn luhn(digits: &[u32]) -> u32 {
    let doubled = |(place, digit): (usize, &u32)| match place % 2 {
        0 => *digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>() % 10
}

/// The product, in the dihedral group of order ten, of the digits from the
/// right, each permuted as often as its place says.
fn verhoeff(digits: &[u32]) -> u32 {
    const PERMUTED: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permute = |digit: u32| PERMUTED.get(digit as usize).copied().unwrap_or(0);
    let permuted = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| (0..place % 8).fold(*digit, |digit, _| permute(digit)));
    permuted.fold(0, |product, digit| match (product < 5, digit < 5) {
        (true, true) => (product + digit) % 5,
        (true, false) => 5 + (product + digit) % 5,
        (false, true) => 5 + (product - digit) % 5,
        (false, false) => (5 + product - digit) % 5,
    })
}

fn damm(digits: &[u32]) -> Option<u32> {
    const QUASIGROUP: [[u32; 10]; 10] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ];
    digits.iter().try_fold(0_u32, |row, digit| {
        QUASIGROUP.get(row as usize)?.get(*digit as usize).copied()
    })
}

/// The number modulo 97, a letter as two digits.
fn mod97(values: &[u32]) -> u32 {
    values.iter().fold(0, |sum, value| match value {
        0..10 => (sum * 10 + value) % 97,
        _ => (sum * 100 + value) % 97,
    })
}

/// A pure system: each place counts twice as much as the one after it.
fn mod11_2(values: &[u32]) -> bool {
    let x = char::to_digit('x', 36);
    let Some((last, before)) = values.split_last() else {
        return false;
    };
    let last = if Some(*last) == x { 10 } else { *last };
    let sum = before.iter().try_fold(0, |sum, value| {
        (*value < 10).then_some((sum + value) * 2 % 11)
    });
    last <= 10 && sum.is_some_and(|sum| (sum + last) % 11 == 1)
}

/// A hybrid system, of modulo 10 and 11 by turns.
fn mod11_10(digits: &[u32]) -> Option<u32> {
    let (last, before) = digits.split_last()?;
    let carried = before.iter().fold(10, |carried, digit| {
        let sum = (carried + digit) % 10;
        if sum == 0 { 20 % 11 } else { sum * 2 % 11 }
    });
    Some((carried + last) % 10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [CheckDigit; 6] = [
        CheckDigit::Luhn,
        CheckDigit::Verhoeff,
        CheckDigit::Damm,
        CheckDigit::Mod97,
        CheckDigit::Mod11_2,
        CheckDigit::Mod11_10,
    ];

    #[test]
    fn published_numbers_hold() {
        use CheckDigit::*;
        for (check, number) in [
            // The usual example of Luhn's sum; a card for tests.
            (Luhn, "79927398713"),
            (Luhn, "4111 1111 1111 1111"),
            (Verhoeff, "2363"),
            (Verhoeff, "123451"),
            (Verhoeff, "1428570"),
            (Damm, "5724"),
            // ISO/IEC 7064: 794 gets 44, 0794 gets 0, 0794 gets 5.
            (Mod97, "79444"),
            (Mod11_2, "07940"),
            (Mod11_10, "07945"),
            // A legal entity's identifier (ISO 17442), two of researchers.
            (Mod97, "5493001KJTIIGC8Y1R12"),
            (Mod11_2, "0000-0002-1825-0097"),
            (Mod11_2, "0000-0002-1694-233X"),
            (Mod11_2, "0000-0002-1694-233x"),
            // Digits of other scripts.
            (Luhn, "٧٩٩٢٧٣٩٨٧١٣"),
        ] {
            assert!(check.holds(number), "{check:?} {number}");
        }
    }

    #[test]
    fn what_cannot_hold_fails() {
        for check in ALL {
            for text in ["", " ", "0", "-", "12a!", "नाम", "é", "00000000x0"] {
                assert!(!check.holds(text), "{check:?} {text}");
            }
        }
        for (check, text) in [
            (CheckDigit::Luhn, "7992739871x"),
            (CheckDigit::Mod11_2, "00000002169423X3"),
            (CheckDigit::Mod11_2, "0794a"),
            (CheckDigit::Mod97, "01"),
        ] {
            assert!(!check.holds(text), "{check:?} {text}");
        }
        // Luhn's sum does not see this one.
        assert!(CheckDigit::Luhn.holds("1090") == CheckDigit::Luhn.holds("1900"));
        assert!(CheckDigit::Luhn.holds("0901") == CheckDigit::Luhn.holds("9001"));
    }

    #[test]
    fn they_are_written_as_they_are_called() {
        let written = serde_json::to_string(&ALL).unwrap();
        let expected = r#"["luhn","verhoeff","damm","mod97","mod11_2","mod11_10"]"#;
        assert_eq!(written, expected);
        assert_eq!(
            serde_json::from_str::<[CheckDigit; 6]>(&written).unwrap(),
            ALL
        );
    }

    /// The number with its check.
    fn complete(check: CheckDigit, number: &str) -> String {
        let one = ('0'..='9').chain(['X']).map(String::from);
        let two = (0..100).map(|n| format!("{n:02}"));
        let ends: Vec<String> = match check {
            CheckDigit::Mod97 => two.collect(),
            _ => one.collect(),
        };
        let mut complete = ends.iter().map(|end| format!("{number}{end}"));
        complete.find(|text| check.holds(text)).unwrap()
    }

    proptest! {
        #[test]
        fn a_slip_is_caught(number in "[0-9]{1,18}") {
            for check in ALL {
                let whole = complete(check, &number);
                for place in 0..whole.len() {
                    for digit in "0123456789".chars().filter(|digit| !whole[place..].starts_with(*digit)) {
                        let mut slip = whole.clone();
                        slip.replace_range(place..=place, &digit.to_string());
                        prop_assert!(!check.holds(&slip), "{:?} {} {}", check, whole, slip);
                    }
                }
            }
        }

        #[test]
        fn neighbors_changed_over_are_caught_where_that_is_promised(number in "[0-9]{1,18}") {
            for check in ALL.into_iter().filter(|check| *check != CheckDigit::Mod11_10) {
                let whole = complete(check, &number);
                let pairs = whole.as_bytes().windows(2).enumerate();
                for (place, pair) in pairs.filter(|(_, pair)| pair[0] != pair[1]) {
                    let blind = check == CheckDigit::Luhn && matches!(pair, b"09" | b"90");
                    let mut slip = whole.clone().into_bytes();
                    slip.swap(place, place + 1);
                    let slip = String::from_utf8(slip).unwrap();
                    prop_assert_eq!(check.holds(&slip), blind, "{:?} {} {}", check, whole, slip);
                }
            }
        }

        #[test]
        fn any_text_is_read(text in "\\PC{0,40}") {
            for check in ALL {
                let held = check.holds(&text);
                prop_assert!(!held || text.chars().count() > 1);
            }
        }
    }
}
