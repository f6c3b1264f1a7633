//! The kit that every [`RecordSearch`] that is filled through a
//! [`RecordStore`](crate::RecordStore) must pass.

use solidarity_core::testing::Harness;
use solidarity_core::{Cursor, Page, Paged, PersonId, PlaceId, Residence, UnitId, Version};

use super::fixture::{day, done, from, joins, person, someone, unit};
use crate::limits::{HOLDERS_MAX, READ_MAX, TERMS_MAX};
use crate::{
    Act, Address, AttributeName, Choice, Criteria, Decimal, Error, Identifier, IdentifierScheme,
    IdentityDocument, Name, NameKind, NewPerson, NewUnit, Person, PersonTerm, Phone, RecordSearch,
    RecordSearchExt, Registry, UnitKind, UnitTerm,
};

/// Runs every conformance case against a [`Registry`](crate::Registry).
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! record_search_conformance {
    ($harness:expr $(,)?) => {
        $crate::record_search_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::record_search,
            [
                every_holder_is_found,
                holders_are_those_of_now,
                each_term_finds_exactly_its_people,
                names_are_found_however_written,
                criteria_are_tied_together,
                units_are_found,
                the_last_to_take_effect_is_searched,
                a_search_goes_on_where_it_ended,
                search_limits_hold_to_the_one,
                what_was_found_is_found_after_a_crash,
            ]
        );
    };
}

const CARD: IdentifierScheme = IdentifierScheme::from_static("national-id");
const PASS: IdentifierScheme = IdentifierScheme::from_static("refugee-card");

fn name(code: &'static str) -> AttributeName {
    AttributeName::from_static(code)
}

async fn found(store: &dyn Registry, criteria: Criteria<PersonTerm>) -> Vec<PersonId> {
    let paged = store
        .search_people(&criteria, &Page::largest())
        .await
        .unwrap();
    paged.items().iter().map(Person::id).collect()
}

fn sorted<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort_unstable();
    ids
}

/// All who hold a number are found, each number for itself.
pub async fn every_holder_is_found(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    let holds = |scheme, value: &str| {
        NewPerson::new("x").with_document(IdentityDocument::new(scheme, value))
    };
    let one = person(&store, holds(CARD, "12-3")).await;
    let other = person(
        &store,
        holds(CARD, " 12-3 ").with_document(IdentityDocument::new(PASS, "A7")),
    )
    .await;
    let third = person(&store, holds(PASS, "12-3")).await;
    let asked = [
        Identifier::new(PASS, "A7"),
        Identifier::new(CARD, "12-3"),
        Identifier::new(PASS, "a7"),
        Identifier::new(CARD, "1-23"),
        Identifier::new(PASS, "12-3 "),
    ];
    let found = store.find_by_identifiers(&asked).await.unwrap();
    assert_eq!(
        found,
        [
            vec![other],
            sorted(vec![one, other]),
            vec![],
            vec![],
            vec![third]
        ]
    );
    assert_eq!(
        store.find_by_identifier(asked[1].clone()).await.unwrap(),
        found[1]
    );
}

/// A document that a revision takes away or adds is no longer, or is, found.
pub async fn holders_are_those_of_now(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    let holds = |value: &str| NewPerson::new("x").with_document(IdentityDocument::new(CARD, value));
    let who = person(&store, holds("1")).await;
    done(
        &store,
        [Act::revise_person(who, Version::FIRST, day(1), holds("2"))],
    )
    .await;
    // True of an earlier day only, so not of now.
    done(
        &store,
        [Act::revise_person(
            who,
            Version::FIRST.next(),
            day(0),
            holds("3"),
        )],
    )
    .await;
    let asked = ["1", "2", "3"].map(|value| Identifier::new(CARD, value));
    let found = store.find_by_identifiers(&asked).await.unwrap();
    assert_eq!(found, [vec![], vec![who], vec![]]);
}

/// Each term finds those of whom it is so, and nobody else.
pub async fn each_term_finds_exactly_its_people(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    let (village, camp) = (PlaceId::generate(), PlaceId::generate());
    let one = person(
        &store,
        NewPerson::new("Amina Juma")
            .with_name(Name::new("Mina").of_kind(NameKind::KNOWN_AS))
            .born("1984".parse().unwrap())
            .with_phone(Phone::new("+254 712 345 678"))
            .residing(Residence::At(village))
            .with_document(IdentityDocument::new(CARD, "1"))
            .with_attribute(name("disability"), true)
            .with_attribute(name("note"), "\"é\u{1F33E}\\ -- '"),
    )
    .await;
    let other = person(
        &store,
        NewPerson::new("Juma")
            .born("1985-06-15".parse().unwrap())
            .with_phone(Phone::new("0712-345-678"))
            .with_phone(Phone::new("119"))
            .residing(Residence::NoFixedPlace)
            .with_address(Address::new(["Row 4"]).residing(Residence::At(camp)))
            .with_document(IdentityDocument::new(PASS, "1"))
            .with_attribute(name("school-years"), 7),
    )
    .await;
    let bare = person(
        &store,
        NewPerson::new("Tuti").with_attribute(name("disability"), false),
    )
    .await;
    let home = unit(&store, UnitKind::HOUSEHOLD).await;
    done(&store, [joins(home, bare, from(0), &[])]).await;
    let year = |y| chrono::NaiveDate::from_ymd_opt(y, 6, 15).unwrap();
    let card = |value: &str| PersonTerm::Identifier(CARD, value.into());
    for (term, expected) in [
        (PersonTerm::name("amina"), vec![one]),
        (PersonTerm::name("JUMA"), vec![one, other]),
        (PersonTerm::name("juma amina"), vec![one]),
        (PersonTerm::name("mina juma"), vec![]),
        (PersonTerm::name("am"), vec![]),
        (PersonTerm::phone("712345678"), vec![one, other]),
        (PersonTerm::phone("119"), vec![other]),
        (
            PersonTerm::BornBetween(year(1984), year(1985)),
            vec![one, other],
        ),
        (PersonTerm::BornBetween(year(1985), year(1985)), vec![other]),
        (PersonTerm::BornBetween(year(1986), year(1990)), vec![]),
        (PersonTerm::LivesAt(vec![village]), vec![one]),
        (PersonTerm::LivesAt(vec![camp, village]), vec![one, other]),
        (PersonTerm::LivesAt(vec![]), vec![]),
        (PersonTerm::attribute(name("disability"), true), vec![one]),
        (PersonTerm::attribute(name("disability"), false), vec![bare]),
        (PersonTerm::attribute(name("school-years"), 7), vec![other]),
        (
            PersonTerm::attribute(name("note"), "\"é\u{1F33E}\\ -- '"),
            vec![one],
        ),
        (PersonTerm::attribute(name("disability"), "true"), vec![]),
        (PersonTerm::HoldsDocument(CARD), vec![one]),
        (card(" 1"), vec![one]),
        (card("2"), vec![]),
        (PersonTerm::InUnitOfKind(UnitKind::HOUSEHOLD), vec![bare]),
        (PersonTerm::InUnitOfKind(UnitKind::FAMILY), vec![]),
    ] {
        // The term holds personal data, so `Debug` does not tell it apart.
        let said = serde_json::to_string(&term).unwrap();
        assert_eq!(
            found(&*store, Criteria::is(term.clone())).await,
            sorted(expected.clone()),
            "{said}"
        );
        let mut rest = vec![one, other, bare];
        rest.retain(|id| !expected.contains(id));
        let not = Criteria::not(Criteria::is(term));
        assert_eq!(found(&*store, not).await, sorted(rest), "not {said}");
    }
}

/// Case, accents and punctuation do not hide a name, in any script.
pub async fn names_are_found_however_written(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    for (written, asked) in [
        ("José María O’Brien-Śmith", "obrien maria"),
        ("مُحَمَّد عبد", "محمد"),
        ("አማን ተስፋዬ", "ተስፋዬ"),
        ("सीता देवी", "सीता"),
        ("李小龍", "李小龍"),
        ("N'", "n"),
    ] {
        let who = person(&store, NewPerson::new(written)).await;
        assert_eq!(
            found(&*store, Criteria::is(PersonTerm::name(asked))).await,
            [who],
            "{asked}"
        );
    }
}

/// All, any and not mean what they say; of nothing, all is everything and any
/// is nothing.
pub async fn criteria_are_tied_together(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    let ids = [
        person(&store, NewPerson::new("a b")).await,
        person(&store, NewPerson::new("b c")).await,
        person(&store, NewPerson::new("c a")).await,
    ];
    let is = |word: &str| Criteria::is(PersonTerm::name(word));
    for (n, (criteria, expected)) in [
        (Criteria::everything(), vec![0, 1, 2]),
        (Criteria::any([]), vec![]),
        (Criteria::all([is("a"), is("b")]), vec![0]),
        (Criteria::any([is("a"), is("b")]), vec![0, 1, 2]),
        (Criteria::all([is("a"), Criteria::not(is("b"))]), vec![2]),
        (
            Criteria::not(Criteria::any([is("a"), Criteria::any([])])),
            vec![1],
        ),
        (
            Criteria::any([Criteria::all([is("a"), is("c")]), Criteria::not(is("a"))]),
            vec![1, 2],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let expected = sorted(expected.into_iter().map(|i: usize| ids[i]).collect());
        assert_eq!(found(&*store, criteria).await, expected, "criteria {n}");
    }
}

/// Units are found by kind, place and attribute.
pub async fn units_are_found(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    let village = PlaceId::generate();
    let (tin, hectares) = (
        Choice::from_static("tin"),
        "1.50".parse::<Decimal>().unwrap(),
    );
    let register = async |said: NewUnit| {
        let id = UnitId::generate();
        done(&store, [Act::register_unit(id, day(0), said)]).await;
        id
    };
    let one = register(
        NewUnit::new(UnitKind::HOUSEHOLD)
            .residing(Residence::At(village))
            .with_attribute(name("roof"), tin.clone()),
    )
    .await;
    let other =
        register(NewUnit::new(UnitKind::FAMILY).with_attribute(name("hectares"), hectares)).await;
    let half = "1.5".parse::<Decimal>().unwrap();
    for (term, expected) in [
        (UnitTerm::Kind(UnitKind::HOUSEHOLD), vec![one]),
        (UnitTerm::Kind(UnitKind::UNKNOWN), vec![]),
        (
            UnitTerm::LivesAt(vec![village, PlaceId::generate()]),
            vec![one],
        ),
        (UnitTerm::attribute(name("roof"), tin), vec![one]),
        (UnitTerm::attribute(name("hectares"), half), vec![other]),
    ] {
        let said = serde_json::to_string(&term).unwrap();
        let paged = store
            .search_units(&Criteria::is(term), &Page::first())
            .await
            .unwrap();
        assert_eq!(paged.map(|u| u.id()).items(), expected, "{said}");
    }
    let all = store.list_units(&Page::first()).await.unwrap();
    assert_eq!(all.map(|u| u.id()).items(), sorted(vec![one, other]));
}

/// A search looks at what takes effect last, also when it was not written
/// last, and shows what a read shows.
pub async fn the_last_to_take_effect_is_searched(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    let (who, home) = (PersonId::generate(), UnitId::generate());
    let says = |name: &str, phone: &str| NewPerson::new(name).with_phone(Phone::new(phone));
    let kind = |kind| NewUnit::new(kind);
    let village = || UnitKind::from_static("village");
    done(
        &store,
        [
            Act::register_person(who, day(0), says("Old", "1")),
            Act::register_unit(home, day(0), kind(UnitKind::UNKNOWN)),
            joins(home, who, from(0), &[]),
        ],
    )
    .await;
    let (v1, v2) = (Version::FIRST, Version::FIRST.next());
    done(
        &store,
        [
            Act::revise_person(who, v1, day(9), says("New", "2")),
            Act::revise_unit(home, v1, day(9), kind(village())),
        ],
    )
    .await;
    done(
        &store,
        [
            Act::revise_person(who, v2, day(5), says("Between", "3")),
            Act::revise_unit(home, v2, day(5), kind(UnitKind::SINGLE)),
        ],
    )
    .await;
    for (term, expected) in [
        (PersonTerm::name("new"), true),
        (PersonTerm::name("old"), false),
        (PersonTerm::name("between"), false),
        (PersonTerm::phone("2"), true),
        (PersonTerm::phone("3"), false),
        (PersonTerm::InUnitOfKind(village()), true),
        (PersonTerm::InUnitOfKind(UnitKind::SINGLE), false),
    ] {
        let said = serde_json::to_string(&term).unwrap();
        let paged = store
            .search_people(&Criteria::is(term), &Page::first())
            .await
            .unwrap();
        assert_eq!(!paged.items().is_empty(), expected, "{said}");
        let read = store.people(&[who], crate::AsOf::LATEST).await.unwrap();
        assert!(
            paged
                .items()
                .iter()
                .map(Some)
                .all(|shown| shown == read[0].as_ref())
        );
    }
}

/// Pages, read one after another, hold everything once, by id.
pub async fn a_search_goes_on_where_it_ended(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    let (mut people, mut units) = (Vec::new(), Vec::new());
    for n in 0..7 {
        people.push(person(&store, NewPerson::new(if n == 3 { "odd" } else { "even" })).await);
        units.push(unit(&store, UnitKind::HOUSEHOLD).await);
    }
    people.remove(3);
    let even = Criteria::is(PersonTerm::name("even"));
    let mut page = Page::of(2).unwrap();
    let mut read = Vec::new();
    loop {
        let paged = store.search_people(&even, &page).await.unwrap();
        assert!(paged.items().len() <= 2);
        read.extend(paged.items().iter().map(Person::id));
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    assert_eq!(read, sorted(people));
    let first: Paged<crate::Unit> = store.list_units(&Page::of(4).unwrap()).await.unwrap();
    let rest = Page::first().after(first.next().unwrap().clone());
    let rest = store.list_units(&rest).await.unwrap();
    let read: Vec<_> = first
        .items()
        .iter()
        .chain(rest.items())
        .map(|u| u.id())
        .collect();
    assert_eq!(read, sorted(units));
    let stranger = Page::first().after(Cursor::from_position(3));
    assert!(matches!(
        store.list_people(&stranger).await,
        Err(Error::Invalid(_))
    ));
    assert!(matches!(
        store.list_units(&stranger).await,
        Err(Error::Invalid(_))
    ));
}

/// As many terms, identifiers and holders as the limits say, and no more.
pub async fn search_limits_hold_to_the_one(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    for (count, fits) in [
        (TERMS_MAX - 1, true),
        (TERMS_MAX, true),
        (TERMS_MAX + 1, false),
    ] {
        let people =
            Criteria::any((0..count).map(|n| Criteria::is(PersonTerm::name(n.to_string()))));
        let units =
            Criteria::any((0..count).map(|_| Criteria::is(UnitTerm::Kind(UnitKind::SINGLE))));
        assert_eq!(
            store.search_people(&people, &Page::first()).await.is_ok(),
            fits,
            "{count}"
        );
        assert_eq!(
            store.search_units(&units, &Page::first()).await.is_ok(),
            fits,
            "{count}"
        );
    }
    for (count, fits) in [
        (READ_MAX - 1, true),
        (READ_MAX, true),
        (READ_MAX + 1, false),
    ] {
        let asked = vec![Identifier::new(CARD, "1"); count];
        assert_eq!(
            store.find_by_identifiers(&asked).await.is_ok(),
            fits,
            "{count}"
        );
    }
    let shared = |_| {
        let said = NewPerson::new("x").with_document(IdentityDocument::new(CARD, "shared"));
        Act::register_person(PersonId::generate(), day(0), said)
    };
    done(&store, (0..=HOLDERS_MAX).map(shared)).await;
    let holders = store
        .find_by_identifier(Identifier::new(CARD, "shared"))
        .await
        .unwrap();
    assert_eq!(holders.len(), HOLDERS_MAX);
}

/// What was acknowledged is found after a crash.
pub async fn what_was_found_is_found_after_a_crash(harness: &dyn Harness<dyn Registry>) {
    let store = harness.open().await;
    let said = NewPerson::new("Amina")
        .with_phone(Phone::new("0712345678"))
        .with_document(IdentityDocument::new(CARD, "7"));
    let who = person(&store, said).await;
    someone(&store).await;
    let store = harness.reopen(store).await;
    let both = Criteria::all([
        Criteria::is(PersonTerm::name("amina")),
        Criteria::is(PersonTerm::phone("712345678")),
    ]);
    assert_eq!(found(&*store, both).await, [who]);
    let holders = store
        .find_by_identifiers(&[Identifier::new(CARD, "7")])
        .await
        .unwrap();
    assert_eq!(holders, [vec![who]]);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = include_str!("record_search.rs");
        assert_eq!(
            solidarity_core::testing::unlisted_cases(source),
            Vec::<&str>::new()
        );
    }
}
