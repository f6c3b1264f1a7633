use chrono::{Datelike, NaiveDate};
use solidarity_core::Stated;

use crate::names::Spelling;
use crate::random::{Random, nth};
use crate::{Name, SyntheticPerson};

/// How a later record of a person differs from the first.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Variation {
    /// Another clerk's spelling of every word of the name.
    Spelling,
    /// A slip in one word of the name.
    Typo,
    /// Day and month of the birth changed places.
    SwappedDate,
    /// The birth is not stated any more.
    LostBirth,
    /// The document is not stated any more.
    LostDocument,
    /// Another telephone, or none.
    OtherPhone,
    /// Another village.
    Moved,
}

impl Variation {
    /// The word of the truth file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Spelling => "spelling",
            Self::Typo => "typo",
            Self::SwappedDate => "swapped_date",
            Self::LostBirth => "lost_birth",
            Self::LostDocument => "lost_document",
            Self::OtherPhone => "other_phone",
            Self::Moved => "moved",
        }
    }
}

/// Changes what `person` says as time and another clerk change it.
pub(crate) fn vary(person: &mut SyntheticPerson, random: &mut Random) {
    if random.percent(35) {
        respell(person);
    } else if random.percent(55) {
        mistype(&mut person.name, random);
        person.variations.push(Variation::Typo);
    }
    if random.percent(30)
        && let Some(Stated::Day(day)) = person.birth
        && let Some(swapped) = swapped(day)
    {
        person.birth = Some(Stated::Day(swapped));
        person.variations.push(Variation::SwappedDate);
    } else if random.percent(10) && person.birth.take().is_some() {
        person.variations.push(Variation::LostBirth);
    }
    if random.percent(55) && person.document.take().is_some() {
        person.variations.push(Variation::LostDocument);
    }
}

fn respell(person: &mut SyntheticPerson) {
    person.name = person
        .lineage
        .name(person.region, person.named_as, person.born, Spelling::Other);
    person.variations.push(Variation::Spelling);
}

/// `day` with its day and its month in each other's place, where that is
/// another date.
fn swapped(day: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(day.year(), day.day(), day.month()).filter(|other| *other != day)
}

/// Leaves out, repeats or exchanges letters in one word; the first letter of
/// a longer word stays.
fn mistype(name: &mut Name, random: &mut Random) {
    let count = u32::try_from(name.parts.len()).unwrap_or(0);
    let at = usize::try_from(random.below(count)).unwrap_or(0);
    let Some((_, word)) = name.parts.get_mut(at) else {
        return;
    };
    let mut letters: Vec<char> = word.chars().collect();
    let length = u32::try_from(letters.len()).unwrap_or(0);
    let at = random.between(1, length.saturating_sub(1).max(1));
    let at = usize::try_from(at).unwrap_or(1);
    let next = at.saturating_add(1);
    let (one, other) = (letters.get(at).copied(), letters.get(next).copied());
    match (random.below(3), one, other) {
        (0, Some(one), Some(other)) if one != other => letters.swap(at, next),
        (1, Some(_), _) if letters.len() > 2 => {
            letters.remove(at);
        }
        _ => {
            let last = nth(&letters, length.saturating_sub(1)).unwrap_or('a');
            letters.push(last);
        }
    }
    *word = letters.into_iter().collect();
    name.native = None;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::NamePart;

    proptest! {
        #[test]
        fn a_typo_changes_a_name_and_never_empties_it(word in "[A-Za-zÀ-ž' ]{1,9}", seed in any::<u64>()) {
            let mut name = Name {
                parts: vec![(NamePart::Given, word.clone())],
                native: Some("x".to_owned()),
            };
            mistype(&mut name, &mut Random::of(seed, 0, 0));
            let typed = name.full();
            prop_assert_ne!(&typed, &word);
            prop_assert!(!typed.is_empty());
            let (before, after) = (word.chars().count(), typed.chars().count());
            prop_assert!(before.abs_diff(after) <= 1);
        }
    }

    #[test]
    fn only_a_date_that_can_be_is_swapped() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(swapped(day(1990, 3, 11)), Some(day(1990, 11, 3)));
        assert_eq!(swapped(day(1990, 3, 13)), None);
        assert_eq!(swapped(day(1990, 4, 4)), None);
    }
}
