use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use solidarity_core::PersonId;

use crate::keys::{identifier_key, name_tokens, phone_key};
use crate::limits::BUCKET_MAX;
use crate::{IdentifierScheme, NewPerson, Person, Rules};

/// Why two records may be of one person.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DuplicateReason {
    /// They hold one number of a scheme that gives each number to one person.
    SameIdentifier(IdentifierScheme),
    /// They have the same name and were born on the same date, as stated.
    SameNameAndBirth,
    /// They have one telephone, one's name is all in the other's, and nothing
    /// says that they were born at different times.
    SamePhoneAndSimilarName,
}

/// Two records that may be of one person: something for a human to look at.
///
/// It decides nothing. Nobody waits for it, and no benefit stops because of
/// it: twins, namesakes and families with one telephone are not one person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PossibleDuplicate {
    /// The two, the lower id first.
    pub people: (PersonId, PersonId),
    /// Why, each reason once, in order.
    pub reasons: Vec<DuplicateReason>,
}

/// What was found, and what was not looked at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PossibleDuplicates {
    /// The pairs, in the order of their ids.
    pub pairs: Vec<PossibleDuplicate>,
    /// The groups too large to be compared pair by pair: a telephone that a
    /// whole village shares, a name that everybody has.
    pub passed_over: Vec<PassedOver>,
}

/// A group that was too large to be compared pair by pair. Whatever it has in
/// common says little.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PassedOver {
    /// What they have in common; of the telephone, before names are compared.
    pub reason: DuplicateReason,
    /// How many people are in the group.
    pub people: usize,
}

/// The pairs of `people` who may be one person, by simple and exact rules.
///
/// People are put into groups by what they have in common, and each group of
/// at most [`BUCKET_MAX`] is compared pair by pair, so the work grows with the
/// number of people and not with its square. The same people in any order give
/// the same answer.
///
/// ```
/// use chrono::{DateTime, NaiveDate};
/// use solidarity_core::{ActorId, PersonId, Purpose, Stamp, Version};
/// use solidarity_registry::{NewPerson, Person, Rules, possible_duplicates};
///
/// let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
/// let stamp = Stamp::new(DateTime::UNIX_EPOCH, ActorId::generate(), Purpose::new("test")?);
/// let person = |name: &str, born: &str| -> Result<Person, solidarity_core::Invalid> {
///     let said = NewPerson::new(name).born(born.parse()?);
///     Ok(Person::from_parts(PersonId::generate(), Version::FIRST, day, stamp.clone(), said))
/// };
/// let people = [person("José Luis", "1984-05-12")?, person("LUIS, Jose", "1984-05-12")?, person("Luis", "1984")?];
/// let found = possible_duplicates(&people, &Rules::default());
/// assert_eq!(found.pairs.len(), 1);
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[must_use]
pub fn possible_duplicates(people: &[Person], rules: &Rules) -> PossibleDuplicates {
    let mut found = Found::default();
    for scheme in &rules.unique_schemes {
        let numbers = group(people, |said| {
            said.documents
                .iter()
                .filter(|document| document.scheme == *scheme)
                .map(|document| identifier_key(document.value.expose()).to_owned())
                .collect()
        });
        let reason = DuplicateReason::SameIdentifier(scheme.clone());
        found.compare(numbers, &reason, |_, _| true);
    }
    let names = group(people, |said| {
        let Some(born) = &said.born else {
            return Vec::new();
        };
        let born = serde_json::to_string(born.expose()).unwrap_or_default();
        sorted_names(said)
            .into_iter()
            .map(|name| format!("{born} {}", name.join(" ")))
            .collect()
    });
    found.compare(names, &DuplicateReason::SameNameAndBirth, |_, _| true);
    let phones = group(people, |said| {
        let phones = said.phones.iter();
        phones
            .filter_map(|p| phone_key(p.number.expose()))
            .collect()
    });
    let similar = |one: &Person, other: &Person| may_be_named(one.said(), other.said());
    found.compare(phones, &DuplicateReason::SamePhoneAndSimilarName, similar);
    found.finish()
}

/// People by a key that they have; each once under each key, by id.
fn group(
    people: &[Person],
    keys: impl Fn(&NewPerson) -> Vec<String>,
) -> BTreeMap<String, BTreeMap<PersonId, &Person>> {
    let mut groups: BTreeMap<String, BTreeMap<PersonId, &Person>> = BTreeMap::new();
    for person in people {
        for key in keys(person.said()) {
            groups.entry(key).or_default().insert(person.id(), person);
        }
    }
    groups
}

#[derive(Default)]
struct Found {
    pairs: BTreeMap<(PersonId, PersonId), Vec<DuplicateReason>>,
    passed_over: Vec<PassedOver>,
}

impl Found {
    fn compare(
        &mut self,
        groups: BTreeMap<String, BTreeMap<PersonId, &Person>>,
        reason: &DuplicateReason,
        alike: impl Fn(&Person, &Person) -> bool,
    ) {
        for group in groups.into_values() {
            if group.len() > BUCKET_MAX {
                self.passed_over.push(PassedOver {
                    reason: reason.clone(),
                    people: group.len(),
                });
                continue;
            }
            let group: Vec<&Person> = group.into_values().collect();
            for (at, one) in group.iter().enumerate() {
                for other in group.iter().skip(at + 1).filter(|other| alike(one, other)) {
                    let reasons = self.pairs.entry((one.id(), other.id())).or_default();
                    if !reasons.contains(reason) {
                        reasons.push(reason.clone());
                    }
                }
            }
        }
    }

    fn finish(self) -> PossibleDuplicates {
        let pairs = self.pairs.into_iter().map(|(people, mut reasons)| {
            reasons.sort();
            PossibleDuplicate { people, reasons }
        });
        PossibleDuplicates {
            pairs: pairs.collect(),
            passed_over: self.passed_over,
        }
    }
}

/// The words of each name, in order of the alphabet: families come first or
/// last. A name without a word is none.
fn sorted_names(said: &NewPerson) -> Vec<Vec<String>> {
    let names = said.names.iter().map(|name| {
        let mut words = name_tokens(name.full.expose());
        words.sort();
        words.dedup();
        words
    });
    names.filter(|words| !words.is_empty()).collect()
}

fn may_be_named(one: &NewPerson, other: &NewPerson) -> bool {
    let within = |a: &[String], b: &[String]| a.iter().all(|word| b.contains(word));
    let names = sorted_names(other);
    let similar = sorted_names(one)
        .iter()
        .any(|a| names.iter().any(|b| within(a, b) || within(b, a)));
    let births = one.born.as_ref().zip(other.born.as_ref());
    similar && births.is_none_or(|(a, b)| a.expose().may_be(b.expose()))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use proptest::prelude::*;
    use solidarity_core::{ActorId, Purpose, Stamp, Version};
    use uuid::Uuid;

    use super::*;
    use crate::{IdentityDocument, Phone};

    const CARD: IdentifierScheme = IdentifierScheme::from_static("national-id");

    fn person(n: usize, said: NewPerson) -> Person {
        let actor = ActorId::from_uuid(Uuid::nil());
        Person::from_parts(
            PersonId::from_uuid(Uuid::from_u128(n as u128)),
            Version::FIRST,
            NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            Stamp::new(DateTime::UNIX_EPOCH, actor, Purpose::from_static("test")),
            said,
        )
    }

    fn named(name: &str, born: Option<&str>) -> NewPerson {
        let said = NewPerson::new(name);
        match born {
            Some(born) => said.born(born.parse().unwrap()),
            None => said,
        }
    }

    fn reasons(one: NewPerson, other: NewPerson) -> Vec<DuplicateReason> {
        let rules = Rules::default().with_unique_scheme(CARD);
        let found = possible_duplicates(&[person(1, one), person(2, other)], &rules);
        found.pairs.into_iter().flat_map(|p| p.reasons).collect()
    }

    #[test]
    fn each_reason_holds_where_it_should_and_nowhere_else() {
        use DuplicateReason::*;
        let card = |said: NewPerson, scheme, value: &str| {
            said.with_document(IdentityDocument::new(scheme, value))
        };
        let other = IdentifierScheme::from_static("church-card");
        let phone = |said: NewPerson, number: &str| said.with_phone(Phone::new(number));
        let (ana, bo) = (|| named("Ana", None), || named("Bo", None));
        for (n, (one, other, expected)) in [
            (
                card(ana(), CARD, "7"),
                card(bo(), CARD, " 7"),
                vec![SameIdentifier(CARD)],
            ),
            (card(ana(), CARD, "7"), card(bo(), CARD, "8"), vec![]),
            (
                card(ana(), other.clone(), "7"),
                card(bo(), other, "7"),
                vec![],
            ),
            (
                named("José Luis", Some("1984")),
                named("LUIS, Jose", Some("1984")),
                vec![SameNameAndBirth],
            ),
            (
                named("Luis", Some("1984")),
                named("Luis", Some("1984-05")),
                vec![],
            ),
            (named("Luis", None), named("Luis", None), vec![]),
            (
                phone(named("Ana Souza", None), "+254712345678"),
                phone(named("ana", Some("1984")), "0712 345 678"),
                vec![SamePhoneAndSimilarName],
            ),
            (
                phone(named("Ana", Some("1984")), "1"),
                phone(named("Ana", Some("1985")), "1"),
                vec![],
            ),
            (
                phone(named("Ana Souza", None), "1"),
                phone(named("Rui Souza", None), "1"),
                vec![],
            ),
            (
                card(named("A", Some("1984")), CARD, "7"),
                card(named("A", Some("1984")), CARD, "7"),
                vec![SameIdentifier(CARD), SameNameAndBirth],
            ),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(reasons(one, other), expected, "case {n}");
        }
    }

    #[test]
    fn a_group_too_large_is_counted_and_not_compared() {
        for (count, pairs, passed_over) in [
            (BUCKET_MAX, BUCKET_MAX * (BUCKET_MAX - 1) / 2, 0),
            (BUCKET_MAX + 1, 0, 1),
        ] {
            let people: Vec<_> = (0..count)
                .map(|n| person(n, named("Ana", Some("1984"))))
                .collect();
            let found = possible_duplicates(&people, &Rules::default());
            assert_eq!(
                (found.pairs.len(), found.passed_over.len()),
                (pairs, passed_over)
            );
            assert!(found.passed_over.iter().all(|group| group.people == count));
        }
    }

    proptest! {
        #[test]
        fn order_does_not_matter(names in prop::collection::vec(0_usize..3, 0..20), turn in 0_usize..20) {
            let mut people: Vec<_> = names
                .iter()
                .enumerate()
                .map(|(n, name)| person(n, named(["Ana", "Bo", "Ana Bo"][*name], Some("1984")).with_phone(Phone::new("1"))))
                .collect();
            let found = possible_duplicates(&people, &Rules::default());
            people.rotate_left(turn.min(names.len()));
            prop_assert_eq!(possible_duplicates(&people, &Rules::default()), found);
        }
    }
}
