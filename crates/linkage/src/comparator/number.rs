use super::{Comparator, Level, Pair};
use crate::CheckDigit;
use crate::similarity::distance_of;

/// Compares numbers of telephones and documents, and e-mail addresses: a digit
/// may be mistyped, and a number that many have says less. Slips are counted by
/// the distance of Damerau (1964) and Levenshtein (1966).
///
/// ```
/// use solidarity_linkage::comparator::{Comparator, NumberComparator};
/// use solidarity_linkage::CheckDigit;
///
/// let checked = NumberComparator::checked(CheckDigit::Verhoeff);
/// assert_eq!(checked.levels(), NumberComparator::default().levels());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NumberComparator {
    levels: &'static [Level],
    is_email: bool,
    check: Option<CheckDigit>,
}

const NUMBER: &[Level] = &[
    Level::new("different", 0.15, 0.0),
    Level::new("two slips", 0.05, 0.5),
    Level::new("one slip", 0.1, 0.9),
    Level::new("the same, as many have it", 0.1, 1.0),
    Level::new("the same", 0.6, 1.0),
];

const EMAIL: &[Level] = &[
    Level::new("different", 0.15, 0.0),
    Level::new("two slips", 0.1, 0.6),
    Level::new("one slip", 0.15, 0.9),
    Level::new("the same, as many have it", 0.1, 1.0),
    Level::new("the same", 0.4, 1.0),
    Level::new("the same name at another host", 0.1, 0.8),
];

/// From how many records on a number is one that many have.
const MANY: u32 = 7;

impl Default for NumberComparator {
    fn default() -> Self {
        Self {
            levels: NUMBER,
            is_email: false,
            check: None,
        }
    }
}

impl NumberComparator {
    /// The same for e-mail addresses.
    #[must_use]
    pub const fn email() -> Self {
        Self {
            levels: EMAIL,
            is_email: true,
            check: None,
        }
    }

    /// The same for numbers with check digits. Two that are not the same, and
    /// of which the check of each holds, are two numbers: neither is a slip of
    /// the other. Where a check fails, a slip is believable.
    #[must_use]
    pub const fn checked(check: CheckDigit) -> Self {
        Self {
            levels: NUMBER,
            is_email: false,
            check: Some(check),
        }
    }
}

impl Comparator for NumberComparator {
    fn levels(&self) -> &[Level] {
        self.levels
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.words(field)?;
        let (one, other) = (*one.first()?, *other.first()?);
        let lexicon = &pair.dataset.lexicon;
        if one == other {
            return Some(3 + usize::from(lexicon.count(one) < MANY));
        }
        let (a, b) = (lexicon.facts(one), lexicon.facts(other));
        let apart = match a.may_be_near(b, 2) {
            true => distance_of(lexicon.text(one), lexicon.text(other), 2),
            false => None,
        };
        let holds = |check: CheckDigit| [one, other].iter().all(|n| check.holds(pair.text(*n)));
        Some(match apart {
            Some(_) if self.check.is_some_and(holds) => 0,
            Some(1) => 2,
            Some(_) if a.length.min(b.length) > 7 => 1,
            _ if self.is_email && name(lexicon.text(one)) == name(lexicon.text(other)) => 5,
            _ => 0,
        })
    }
}

fn name(email: &str) -> Option<&str> {
    email.split('@').next()
}
