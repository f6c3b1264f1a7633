use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use solidarity_core::{PersonId, Pii, Residence, StatedDate};

use super::report::ReviewReason;
use crate::keys::{identifier_key, name_tokens, phone_key};
use crate::{IdentifierScheme, IdentityDocument, NewPerson, Person};

/// What becomes of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a row that waits must never fall under a wildcard that writes"
)]
pub enum RowDecision {
    /// It is about somebody new: register them.
    Register,
    /// It says nothing that is not known of this person.
    Unchanged(PersonId),
    /// It is about this person and says more: they are as follows from now on.
    Revise(PersonId, Box<NewPerson>),
    /// Nobody can tell without looking: it waits.
    Review(BTreeSet<ReviewReason>),
}

/// Decides about `row`.
///
/// `own` is the person who was registered from this row before, if there is
/// one; `holders` are the people who hold an identifier of the row whose
/// scheme is among `unique`.
///
/// | registered from this row | holders | the row | |
/// |---|---|---|---|
/// | no | none | | register |
/// | no | one | contradicts | review |
/// | no | one | says nothing new | unchanged |
/// | no | one | says more | revise |
/// | no | several | | review |
/// | yes | somebody else too | | review |
/// | yes | | contradicts | review |
/// | yes | | says nothing new | unchanged |
/// | yes | themself | says more | revise |
/// | yes | nobody | says more | review |
///
/// A fact contradicts if it cannot be true beside what is known: no name in
/// common, another sex, a birth that cannot be the same day, another number of
/// one unique scheme. A missing fact contradicts nothing.
#[must_use]
pub fn decide_row(
    row: &NewPerson,
    own: Option<&Person>,
    holders: &[Person],
    unique: &BTreeSet<IdentifierScheme>,
) -> RowDecision {
    let review = |reason| RowDecision::Review(BTreeSet::from([reason]));
    let known = match (own, holders) {
        (None, []) => return RowDecision::Register,
        (None, [holder]) => holder,
        (None, _) => return review(ReviewReason::SeveralHolders),
        (Some(own), holders) if holders.iter().any(|h| h.id() != own.id()) => {
            return review(ReviewReason::HeldByAnother);
        }
        (Some(own), _) => own,
    };
    let contradictions = contradictions(known.said(), row, unique);
    if !contradictions.is_empty() {
        return RowDecision::Review(contradictions);
    }
    let merged = merge(known.said(), row);
    if merged == *known.said() {
        RowDecision::Unchanged(known.id())
    } else if holders.is_empty() {
        review(ReviewReason::NotIdentified)
    } else {
        RowDecision::Revise(known.id(), Box::new(merged))
    }
}

/// What `row` says that cannot be true beside what is `known`.
fn contradictions(
    known: &NewPerson,
    row: &NewPerson,
    unique: &BTreeSet<IdentifierScheme>,
) -> BTreeSet<ReviewReason> {
    let mut found = BTreeSet::new();
    let names = |person: &NewPerson| -> Vec<BTreeSet<String>> {
        let tokens = |full: &str| name_tokens(full).into_iter().collect();
        person
            .names
            .iter()
            .map(|n| tokens(n.full.expose()))
            .collect()
    };
    // A name with a part more or a part less is the same name.
    let (known_names, row_names) = (names(known), names(row));
    let alike = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.is_subset(other) || other.is_subset(one)
    };
    if !known_names
        .iter()
        .any(|k| row_names.iter().any(|r| alike(k, r)))
    {
        found.insert(ReviewReason::NameDiffers);
    }
    if let (Some(one), Some(other)) = (&known.sex, &row.sex)
        && one != other
    {
        found.insert(ReviewReason::SexDiffers);
    }
    if let (Some(one), Some(other)) = (&known.born, &row.born)
        && !one.expose().may_be(other.expose())
    {
        found.insert(ReviewReason::BirthDiffers);
    }
    for scheme in unique {
        let of_scheme = |person: &'_ NewPerson| -> BTreeSet<String> {
            let documents = person.documents.iter().filter(|d| d.scheme == *scheme);
            documents
                .map(|d| identifier_key(d.value.expose()).to_owned())
                .collect()
        };
        let (one, other) = (of_scheme(known), of_scheme(row));
        if !one.is_empty() && !other.is_empty() && one.is_disjoint(&other) {
            found.insert(ReviewReason::IdentifierDiffers);
        }
    }
    found
}

/// `known` with what `row` says beside it.
///
/// Names, documents, telephones and addresses are added; what can be only one
/// and may change, such as a residence or an attribute, is replaced where the
/// row states it. A safe contact is never replaced: how somebody is safely
/// reached is theirs to say.
fn merge(known: &NewPerson, row: &NewPerson) -> NewPerson {
    let mut merged = known.clone();
    for name in &row.names {
        if !merged.names.iter().any(|n| n.full == name.full) {
            merged.names.push(name.clone());
        }
    }
    merged.sex = merged.sex.or_else(|| row.sex.clone());
    merged.born = match (merged.born, row.born) {
        (Some(known), Some(said)) if is_sharper(said.expose(), known.expose()) => Some(said),
        (known, said) => known.or(said),
    };
    let same = |one: &IdentityDocument, other: &IdentityDocument| {
        one.scheme == other.scheme
            && identifier_key(one.value.expose()) == identifier_key(other.value.expose())
    };
    for document in &row.documents {
        if !merged.documents.iter().any(|d| same(d, document)) {
            merged.documents.push(document.clone());
        }
    }
    let key = |number: &Pii<String>| phone_key(number.expose());
    for phone in &row.phones {
        if !merged
            .phones
            .iter()
            .any(|p| key(&p.number) == key(&phone.number))
        {
            merged.phones.push(phone.clone());
        }
    }
    for address in &row.addresses {
        if !merged.addresses.iter().any(|a| a.lines == address.lines) {
            merged.addresses.push(address.clone());
        }
    }
    if row.residence != Residence::Unknown {
        merged.residence = row.residence;
    }
    if merged.safe_contact.is_none() {
        merged.safe_contact.clone_from(&row.safe_contact);
    }
    merged.attributes.extend(row.attributes.clone());
    merged
}

/// Whether `said` narrows `known` down. A first of January often stands for a
/// year, so it does not.
fn is_sharper(said: &StatedDate, known: &StatedDate) -> bool {
    let within = known.earliest() <= said.earliest() && said.latest() <= known.latest();
    let narrower = (said.latest() - said.earliest()) < (known.latest() - known.earliest());
    within && narrower && !said.certain().is_some_and(is_first_of_january)
}

/// Whether `day` is the first of a year, which clerks write for the year.
pub(super) fn is_first_of_january(day: NaiveDate) -> bool {
    (day.month(), day.day()) == (1, 1)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use solidarity_core::{ActorId, PlaceId, Purpose, Stamp, Version};

    use super::*;
    use crate::{AttributeName, Phone, Sex};

    const NATIONAL: IdentifierScheme = IdentifierScheme::from_static("national-id");
    const CARD: IdentifierScheme = IdentifierScheme::from_static("card");

    fn unique() -> BTreeSet<IdentifierScheme> {
        BTreeSet::from([NATIONAL])
    }

    fn person(said: NewPerson) -> Person {
        let stamp = Stamp::new(
            DateTime::UNIX_EPOCH,
            ActorId::generate(),
            Purpose::from_static("test"),
        );
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        Person::from_parts(PersonId::generate(), Version::FIRST, day, stamp, said)
    }

    fn amina() -> NewPerson {
        NewPerson::new("Amina Juma")
            .with_sex(Sex::FEMALE)
            .born("1984".parse().unwrap())
            .with_document(IdentityDocument::new(NATIONAL, "1"))
    }

    #[derive(Debug, PartialEq)]
    enum Answer {
        Register,
        Unchanged,
        Revise,
        Review(ReviewReason),
    }

    fn answer(row: &NewPerson, own: Option<&Person>, holders: &[Person]) -> Answer {
        match decide_row(row, own, holders, &unique()) {
            RowDecision::Register => Answer::Register,
            RowDecision::Unchanged(id) | RowDecision::Revise(id, _)
                if own.into_iter().chain(holders).all(|p| p.id() != id) =>
            {
                panic!("it is about somebody else")
            }
            RowDecision::Unchanged(_) => Answer::Unchanged,
            RowDecision::Revise(..) => Answer::Revise,
            RowDecision::Review(reasons) => {
                assert_eq!(reasons.len(), 1);
                Answer::Review(reasons.into_iter().next().unwrap())
            }
        }
    }

    #[test]
    fn who_a_row_is_about_is_decided_by_this_table() {
        let known = person(amina());
        let another = person(amina());
        let more = amina().with_phone(Phone::new("0712"));
        let other =
            NewPerson::new("Rehema Said").with_document(IdentityDocument::new(NATIONAL, "1"));
        let (none, held) = (Vec::new(), vec![known.clone()]);
        let both = vec![known.clone(), another.clone()];
        let strangers = vec![another];
        for (row, own, holders, expected) in [
            (amina(), None, &none, Answer::Register),
            (amina(), None, &held, Answer::Unchanged),
            (more.clone(), None, &held, Answer::Revise),
            (
                other.clone(),
                None,
                &held,
                Answer::Review(ReviewReason::NameDiffers),
            ),
            (
                amina(),
                None,
                &both,
                Answer::Review(ReviewReason::SeveralHolders),
            ),
            (
                amina(),
                Some(&known),
                &strangers,
                Answer::Review(ReviewReason::HeldByAnother),
            ),
            (
                amina(),
                Some(&known),
                &both,
                Answer::Review(ReviewReason::HeldByAnother),
            ),
            (
                other,
                Some(&known),
                &held,
                Answer::Review(ReviewReason::NameDiffers),
            ),
            (amina(), Some(&known), &held, Answer::Unchanged),
            (amina(), Some(&known), &none, Answer::Unchanged),
            (more.clone(), Some(&known), &held, Answer::Revise),
            (
                more,
                Some(&known),
                &none,
                Answer::Review(ReviewReason::NotIdentified),
            ),
        ] {
            assert_eq!(answer(&row, own, holders), expected);
        }
    }

    #[test]
    fn what_cannot_be_true_beside_what_is_known_contradicts() {
        let held = |said| [person(said)];
        let id = |scheme, value: &str| IdentityDocument::new(scheme, value);
        for (known, row, reason) in [
            (amina(), NewPerson::new("Juma AMÍNA"), None),
            (amina(), NewPerson::new("Amina"), None),
            (
                NewPerson::new("Amina"),
                NewPerson::new("Amina Juma Said"),
                None,
            ),
            (
                amina(),
                NewPerson::new("Amina Said"),
                Some(ReviewReason::NameDiffers),
            ),
            (amina().with_name("አሚና"), NewPerson::new("አሚና"), None),
            (amina(), NewPerson::new("Amina").with_sex(Sex::FEMALE), None),
            (
                amina(),
                NewPerson::new("Amina").with_sex(Sex::MALE),
                Some(ReviewReason::SexDiffers),
            ),
            (
                amina(),
                NewPerson::new("Amina").born("1984-05".parse().unwrap()),
                None,
            ),
            (
                amina(),
                NewPerson::new("Amina").born("1985".parse().unwrap()),
                Some(ReviewReason::BirthDiffers),
            ),
            (
                amina(),
                NewPerson::new("Amina").with_document(id(NATIONAL, " 1 ")),
                None,
            ),
            (
                amina(),
                NewPerson::new("Amina").with_document(id(NATIONAL, "2")),
                Some(ReviewReason::IdentifierDiffers),
            ),
            (
                amina().with_document(id(CARD, "1")),
                NewPerson::new("Amina").with_document(id(CARD, "2")),
                None,
            ),
        ] {
            match (decide_row(&row, None, &held(known), &unique()), reason) {
                (RowDecision::Review(reasons), Some(reason)) => {
                    assert_eq!(reasons, BTreeSet::from([reason]));
                }
                (RowDecision::Revise(..) | RowDecision::Unchanged(_), None) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_birth_grows_sharper_and_never_vaguer() {
        for (known, said, merged) in [
            ("1984", "1984-05", "1984-05"),
            ("1984", "1984-05-07", "1984-05-07"),
            ("1984", "1984-01-01", "1984"),
            ("1984-05", "1984", "1984-05"),
            ("1984-05-07", "1984-05-07", "1984-05-07"),
        ] {
            let born = |said: &str| NewPerson::new("x").born(said.parse().unwrap());
            assert_eq!(
                merge(&born(known), &born(said)),
                born(merged),
                "{known} {said}"
            );
        }
    }

    #[test]
    fn a_safe_contact_is_never_replaced() {
        use solidarity_core::{Channel, Language, MessageForm, SafeContact, Sharing};
        let contact = |number| {
            let language = Language::from_static("sw");
            SafeContact::new(Channel::Sms, language, MessageForm::Text, Sharing::Private)
                .with_address(number)
                .unwrap()
        };
        let row = NewPerson::new("x").with_safe_contact(contact("2"));
        let known = NewPerson::new("x").with_safe_contact(contact("1"));
        assert_eq!(merge(&known, &row).safe_contact, Some(contact("1")));
        assert_eq!(
            merge(&NewPerson::new("x"), &row).safe_contact,
            Some(contact("2"))
        );
    }

    fn said() -> impl Strategy<Value = NewPerson> {
        (
            prop::sample::select(vec!["Amina", "Amina Juma", "Juma Amina Said", "አሚና"]),
            prop::option::of(prop::sample::select(vec![
                "1984",
                "1984-05",
                "1984-05-07",
                "1984-01-01",
            ])),
            prop::collection::vec(prop::sample::select(vec!["0712", "+2550712", "0799"]), 0..3),
            prop::collection::vec((prop::bool::ANY, "[12]"), 0..3),
            prop::option::of(prop::bool::ANY),
            prop::option::of(0_u8..2),
        )
            .prop_map(|(name, born, phones, documents, disabled, place)| {
                let mut person = NewPerson::new(name);
                person.born = born.map(|b| Pii::new(b.parse().unwrap()));
                person.phones = phones.into_iter().map(Phone::new).collect();
                for (national, value) in documents {
                    let scheme = if national { NATIONAL } else { CARD };
                    person.documents.push(IdentityDocument::new(scheme, value));
                }
                if let Some(disabled) = disabled {
                    person =
                        person.with_attribute(AttributeName::from_static("disability"), disabled);
                }
                if let Some(place) = place {
                    let root = PlaceId::from_uuid(uuid::Uuid::nil());
                    person.residence = Residence::At(PlaceId::derive(&root, &place.to_string()));
                }
                person
            })
    }

    proptest! {
        #[test]
        fn the_same_row_again_says_nothing_new(known in said(), row in said()) {
            let holder = person(known);
            if let RowDecision::Revise(id, merged) = decide_row(&row, None, std::slice::from_ref(&holder), &unique()) {
                prop_assert_eq!(id, holder.id());
                let revised = person(*merged);
                let again = decide_row(&row, None, std::slice::from_ref(&revised), &unique());
                prop_assert_eq!(again, RowDecision::Unchanged(revised.id()));
            }
        }

        #[test]
        fn nothing_that_was_known_is_lost(known in said(), row in said()) {
            let merged = merge(&known, &row);
            prop_assert!(known.names.iter().all(|n| merged.names.contains(n)));
            prop_assert!(known.documents.iter().all(|d| merged.documents.contains(d)));
            prop_assert!(known.phones.iter().all(|p| merged.phones.contains(p)));
            prop_assert!(merged.born.is_some() || known.born.is_none());
        }
    }
}
