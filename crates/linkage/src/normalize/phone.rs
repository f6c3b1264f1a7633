use serde::{Deserialize, Serialize};

use super::with_western_digits;
use crate::{Error, Result};

/// The most digits of an international number (ITU-T E.164, 6.1).
const DIGITS_MAX: usize = 15;

/// The fewest digits of a number within its country.
const NATIONAL_MIN: usize = 5;

/// The digits of a telephone number that two ways of writing it share: the
/// last nine, which hold no country code or leading zero (E.164 numbers have
/// up to fifteen digits; national numbers are told apart by their last nine).
/// Where it is known from where numbers are dialed, [`phone_in`] says more.
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
    says_something(kept).then(|| kept.to_owned())
}

/// A telephone number as ITU-T E.164 has it, without the plus, dialed from
/// `region`.
///
/// A number that begins with a plus, or the prefix for abroad, is international.
/// Every other is one of the region; the digits that are only dialed within it
/// are taken off. What follows a letter, a comma, a semicolon, a slash or `#` is
/// an extension or another number, and is left out. `None` for more than 15
/// digits, for fewer than 5 after the calling code, and for one digit over and
/// over.
///
/// ```
/// use solidarity_linkage::normalize::{CallingRegion, phone_in};
///
/// let kenya = CallingRegion::new("254", "0")?;
/// for text in ["0712 345 678", "712345678", "+254 712 345678", "00254-712-345-678"] {
///     assert_eq!(phone_in(text, &kenya).as_deref(), Some("254712345678"));
/// }
/// assert_eq!(phone_in("+256 712 345678", &kenya).as_deref(), Some("256712345678"));
/// assert_eq!(phone_in("none", &kenya), None);
/// # Ok::<(), solidarity_linkage::Error>(())
/// ```
#[must_use]
pub fn phone_in(text: &str, region: &CallingRegion) -> Option<String> {
    let text = with_western_digits(text);
    let begins = text.find(|c: char| c.is_ascii_digit() || c == '+')?;
    let ends = |c: char| c.is_alphabetic() || [',', ';', '/', '#'].contains(&c);
    let number = text.get(begins..)?.split(ends).next()?;
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let dialed = digits(number);
    let abroad = dialed.strip_prefix(region.international.as_str());
    if number.starts_with('+') || abroad.is_some() {
        // `+44 (0)20 …`: for those who dial from within.
        let within = format!("({})", region.trunk);
        let dialed = digits(&number.replacen(&within, "", usize::from(within.len() > 2)));
        let begins = match number.starts_with('+') {
            true => 0,
            false => region.international.len(),
        };
        return region.international(dialed.get(begins..)?);
    }
    let with_code = region.national_digits.filter(|most| {
        dialed.len() > usize::from(*most) && dialed.starts_with(region.code.as_str())
    });
    if with_code.is_some() {
        return region.international(&dialed);
    }
    let within = dialed
        .strip_prefix(region.trunk.as_str())
        .unwrap_or(&dialed);
    region.international(&format!("{}{within}", region.code))
}

/// Whether these are enough digits, and not one over and over.
fn says_something(digits: &str) -> bool {
    let one = digits.chars().next();
    digits.len() >= NATIONAL_MIN && digits.chars().any(|digit| Some(digit) != one)
}

/// From where telephone numbers are dialed: what turns a number as people
/// write it into one that is the same all over the world.
///
/// It is data: there is no list of countries here. The numbers are in the
/// country's plan (ITU-T publishes them, and every operator knows them).
///
/// ```
/// use solidarity_linkage::CallingRegion;
///
/// let region: CallingRegion = serde_json::from_str(r#"{"code": "62", "trunk": "0"}"#)?;
/// assert_eq!(region, CallingRegion::new("62", "0")?);
/// assert!(CallingRegion::new("0062", "0").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Stated", into = "Stated")]
pub struct CallingRegion {
    code: String,
    trunk: String,
    international: String,
    national_digits: Option<u8>,
}

/// A region as it is written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    code: String,
    #[serde(default)]
    trunk: String,
    #[serde(default = "double_zero")]
    international: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    national_digits: Option<u8>,
}

fn double_zero() -> String {
    "00".to_owned()
}

impl CallingRegion {
    /// The region of this calling code, 1 to 3 digits of which the first is
    /// no zero, where numbers within it are dialed with `trunk` before them: up
    /// to 4 digits, mostly `0`, or none. Abroad is dialed with `00`.
    ///
    /// A number that begins with the trunk prefix is taken to have it.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] for anything else.
    pub fn new(code: &str, trunk: &str) -> Result<Self> {
        Self::try_from(Stated {
            code: code.to_owned(),
            trunk: trunk.to_owned(),
            international: double_zero(),
            national_digits: None,
        })
    }

    /// The same where abroad is dialed with another prefix, 1 to 5 digits.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] for anything else, and if it is the trunk prefix.
    pub fn with_international(self, prefix: &str) -> Result<Self> {
        Self::try_from(Stated {
            international: prefix.to_owned(),
            ..Stated::from(self)
        })
    }

    /// The same where no number has more digits than `most` after the calling
    /// code, 5 to 14. Then `254712345678` is known to be written with the code,
    /// though there is no plus.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] for anything else.
    pub fn with_national_digits(self, most: u8) -> Result<Self> {
        Self::try_from(Stated {
            national_digits: Some(most),
            ..Stated::from(self)
        })
    }

    /// The calling code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What is dialed before a number of the region; empty if nothing is.
    #[must_use]
    pub fn trunk(&self) -> &str {
        &self.trunk
    }

    /// What is dialed before a number abroad.
    #[must_use]
    pub fn international_prefix(&self) -> &str {
        &self.international
    }

    /// The most digits of a number after the calling code, if that is stated.
    #[must_use]
    pub const fn national_digits(&self) -> Option<u8> {
        self.national_digits
    }

    /// An international number, if it can be one.
    fn international(&self, digits: &str) -> Option<String> {
        // Of another country, one digit at the least is the code's.
        let from = digits
            .starts_with(self.code.as_str())
            .then_some(self.code.len());
        let after = digits.get(from.unwrap_or(1)..)?;
        let is_one =
            !digits.starts_with('0') && digits.len() <= DIGITS_MAX && says_something(after);
        is_one.then(|| digits.to_owned())
    }
}

impl TryFrom<Stated> for CallingRegion {
    type Error = Error;

    fn try_from(stated: Stated) -> Result<Self> {
        let Stated {
            code,
            trunk,
            international,
            national_digits,
        } = stated;
        let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
            lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let rule = if !digits(&code, 1..=3) || code.starts_with('0') {
            "must have a calling code of 1 to 3 digits, the first no zero"
        } else if !digits(&trunk, 0..=4) {
            "must have a trunk prefix of at most 4 digits"
        } else if !digits(&international, 1..=5) || international == trunk {
            "must have a prefix for abroad of 1 to 5 digits, other than the trunk prefix"
        } else if national_digits.is_some_and(|most| !(5..=14).contains(&most)) {
            "must have at most 5 to 14 national digits"
        } else {
            return Ok(Self {
                code,
                trunk,
                international,
                national_digits,
            });
        };
        let option = "region";
        Err(Error::Option { option, rule })
    }
}

impl From<CallingRegion> for Stated {
    fn from(region: CallingRegion) -> Self {
        Self {
            code: region.code,
            trunk: region.trunk,
            international: region.international,
            national_digits: region.national_digits,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn region(code: &str, trunk: &str) -> CallingRegion {
        CallingRegion::new(code, trunk).unwrap()
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let kenya = region("254", "0");
        for text in [
            "+254 712 345 678",
            "+254 (0) 712 345 678",
            "00 254 712 345 678",
            "(0712) 345-678",
            "712.345.678",
            "Tel. 0712345678 ext. 12",
            "0712345678/0733111222",
            "٠٧١٢٣٤٥٦٧٨",
            "＋254712345678",
        ] {
            let read = phone_in(text, &kenya);
            assert_eq!(read.as_deref(), Some("254712345678"), "{text}");
        }
    }

    #[test]
    fn each_region_dials_in_its_own_way() {
        let is = |text: &str| Some(text.to_owned());
        let russia = region("7", "8").with_international("810").unwrap();
        let italy = region("39", "");
        let america = region("1", "1").with_international("011").unwrap();
        let kenya = region("254", "0");
        let known = kenya.clone().with_national_digits(9).unwrap();
        for (region, text, expected) in [
            (&russia, "8 912 345-67-89", is("79123456789")),
            (&russia, "810 254 712345678", is("254712345678")),
            (&italy, "06 6982 1234", is("390669821234")),
            (&america, "1 (415) 555-0132", is("14155550132")),
            (&america, "415 555 0132", is("14155550132")),
            (&america, "011 254 712 345678", is("254712345678")),
            // Without a plus it is told by its length, if that is known.
            (&known, "254712345678", is("254712345678")),
            (&known, "254712345", is("254254712345")),
            (&kenya, "254712345678", is("254254712345678")),
        ] {
            assert_eq!(phone_in(text, region), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        let kenya = region("254", "0");
        for (text, taken) in [
            ("0 1234", false),
            ("0 12345", true),
            ("+254 1234", false),
            ("+254 12345", true),
            ("+1 1234", false),
            ("+1 12345", true),
            ("+254 123456789012", true),
            ("+254 1234567890123", false),
            ("0 123456789012", true),
            ("0 1234567890123", false),
            ("+0712345678", false),
            ("0000000000", false),
            ("0999999999", false),
            ("+", false),
            ("", false),
            ("n/a", false),
        ] {
            assert_eq!(phone_in(text, &kenya).is_some(), taken, "{text}");
        }
    }

    #[test]
    fn a_region_is_checked_however_it_comes() {
        for (code, trunk, abroad, digits, taken) in [
            ("254", "0", "000", None, true),
            ("1", "", "011", Some(10), true),
            ("7", "8888", "12345", Some(5), true),
            ("254", "0", "00", Some(14), true),
            ("", "0", "00", None, false),
            ("1234", "0", "00", None, false),
            ("02", "0", "00", None, false),
            ("٢٥", "0", "00", None, false),
            ("254", "00000", "00", None, false),
            ("254", "x", "00", None, false),
            ("254", "0", "", None, false),
            ("254", "0", "123456", None, false),
            ("254", "0", "0", None, false),
            ("254", "0", "00", Some(4), false),
            ("254", "0", "00", Some(15), false),
        ] {
            let mut made =
                CallingRegion::new(code, trunk).and_then(|made| made.with_international(abroad));
            if let Some(digits) = digits {
                made = made.and_then(|made| made.with_national_digits(digits));
            }
            let stated = serde_json::json!({
                "code": code, "trunk": trunk, "international": abroad, "national_digits": digits,
            });
            let read = serde_json::from_value::<CallingRegion>(stated);
            assert_eq!((made.is_ok(), read.is_ok()), (taken, taken), "{code}");
            if let (Ok(made), Ok(read)) = (made, read) {
                assert_eq!(made, read);
                let again = serde_json::to_string(&made).unwrap();
                assert_eq!(serde_json::from_str::<CallingRegion>(&again).unwrap(), made);
            }
        }
        let unknown = r#"{"code": "254", "country": "KE"}"#;
        assert!(serde_json::from_str::<CallingRegion>(unknown).is_err());
    }

    proptest! {
        #[test]
        fn what_is_read_is_international(text in "[+]?[0-9() .x/-]{0,24}|\\PC{0,20}") {
            let kenya = region("254", "0");
            if let Some(read) = phone_in(&text, &kenya) {
                prop_assert!((6..=15).contains(&read.len()) && !read.starts_with('0'));
                let digits = read.bytes().all(|byte| byte.is_ascii_digit());
                prop_assert!(digits);
                // And is read as what it is.
                prop_assert_eq!(phone_in(&format!("+{read}"), &kenya), Some(read));
            }
        }
    }
}
