//! The same random operations on a subject and on the memory reference.

use std::collections::BTreeSet;

use solidarity_core::testing::{Harness, Random};
use solidarity_core::{
    ActorId, ChangeFeed, Page, PersonId, PlaceId, Purpose, Residence, Salt, Stamp, UnitId,
    Validity, Version,
};

use super::fixture::{day, time};
use super::rules;
use crate::{
    Act, AsOf, AttributeName, Choice, Command, CommandId, Criteria, EntityRef, HowVerified,
    Identifier, IdentifierScheme, IdentityDocument, MembershipId, MemoryRecordStore, NewMembership,
    NewPerson, NewUnit, PersonTerm, Phone, RecordSearch, RecordStore, Registry, Revision, Role,
    UnitKind, UnitTerm,
};

const NAMES: [&str; 4] = ["Amina Juma", "Juma", "José María", "አማን"];
const NUMBERS: [&str; 3] = ["0712345678", "+254 712 345 678", "119"];
const CARDS: [&str; 3] = ["1", " 1", "2"];
const BIRTHS: [&str; 4] = ["1984", "1984-05", "1984-05-12", "2024"];

/// Runs `steps` random operations on a subject and on
/// [`MemoryRecordStore`], and compares every answer, what a random read says
/// after each, and at the end everything.
///
/// # Panics
///
/// At the first difference; the seed is in the message.
pub async fn agrees_with_memory(harness: &dyn Harness<dyn Registry>, seed: u64, steps: usize) {
    let mut subject = harness.open().await;
    let reference = MemoryRecordStore::new(rules());
    let mut play = Play {
        random: Random::new(seed),
        sent: Vec::new(),
    };
    for step in 0..steps {
        let about = format!("SOLIDARITY_SEED={seed}, step {step}");
        let batch = play.batch();
        let stamp = play.stamp(step);
        assert_eq!(
            subject.apply(&batch, &stamp).await.unwrap(),
            reference.apply(&batch, &stamp).await.unwrap(),
            "{about}: the outcomes differ"
        );
        { let o = reference.apply(&batch, &stamp).await.unwrap(); for x in o { let k = match x { Ok(a) => format!("ok {}", a.written.len()), Err(r) => { let d = format!("{:?}", r.refusal); d.chars().take(24).collect() } }; println!("KIND {k}"); } }
        play.remember(batch);
        play.compare(&*subject, &reference, &about).await;
        if step % 500 == 499 {
            subject = harness.reopen(subject).await;
        }
    }
    let about = format!("SOLIDARITY_SEED={seed}, at the end");
    for n in 0..PEOPLE.max(UNITS).max(MEMBERSHIPS) {
        for entity in [person(n).into(), unit(n).into(), membership(n).into()] {
            same_history(&*subject, &reference, entity, &Page::largest(), &about).await;
        }
    }
    same_feed(&*subject, &reference, &about).await;
}

const PEOPLE: u128 = 8;
const UNITS: u128 = 5;
const MEMBERSHIPS: u128 = 24;

fn person(n: u128) -> PersonId {
    PersonId::from_uuid(uuid::Uuid::from_u128(n << 64))
}

fn unit(n: u128) -> UnitId {
    UnitId::from_uuid(uuid::Uuid::from_u128(n << 64))
}

fn membership(n: u128) -> MembershipId {
    MembershipId::from_uuid(uuid::Uuid::from_u128(n))
}

fn place(n: u64) -> PlaceId {
    PlaceId::from_uuid(uuid::Uuid::from_u128(n.into()))
}

struct Play {
    random: Random,
    sent: Vec<Command>,
}

impl Play {
    fn below(&mut self, bound: u128) -> u128 {
        self.random.next() as u128 % bound
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        *self.random.pick(choices).unwrap()
    }

    fn person(&mut self) -> PersonId {
        let n = self.below(PEOPLE);
        person(n)
    }

    fn unit(&mut self) -> UnitId {
        let n = self.below(UNITS);
        unit(n)
    }

    fn membership(&mut self) -> MembershipId {
        let n = self.below(MEMBERSHIPS);
        membership(n)
    }

    fn entity(&mut self) -> EntityRef {
        match self.random.below(3) {
            0 => self.person().into(),
            1 => self.unit().into(),
            _ => self.membership().into(),
        }
    }

    fn day(&mut self) -> chrono::NaiveDate {
        day(self.random.below(30))
    }

    /// Mostly a little later, at times earlier.
    fn stamp(&mut self, step: usize) -> Stamp {
        let step = i64::try_from(step).unwrap();
        let back = i64::try_from(self.random.below(4)).unwrap() * 3;
        let actor = ActorId::from_uuid(uuid::Uuid::from_u128(self.below(3)));
        Stamp::new(time(step - back), actor, Purpose::from_static("play"))
    }

    fn version(&mut self) -> Version {
        Version::from_count(1 + self.random.below(4)).unwrap()
    }

    fn batch(&mut self) -> Vec<Command> {
        (0..1 + self.random.below(3))
            .map(|_| {
                // At times one that was sent before, or its id with other acts.
                let before = self.random.pick(&self.sent).cloned();
                match (before, self.random.below(10)) {
                    (Some(before), 0) => before,
                    (Some(before), 1) => Command::of(before.id, self.acts()),
                    _ => {
                        let id = uuid::Uuid::from_u128(self.random.next().into());
                        Command::of(CommandId::from_uuid(id), self.acts())
                    }
                }
            })
            .collect()
    }

    fn remember(&mut self, batch: Vec<Command>) {
        self.sent.extend(batch);
        let old = self.sent.len().saturating_sub(50);
        self.sent.drain(..old);
    }

    fn acts(&mut self) -> Vec<Act> {
        (0..self.random.below(4)).map(|_| self.act()).collect()
    }

    fn act(&mut self) -> Act {
        match self.random.below(8) {
            0 => Act::register_person(self.person(), self.day(), self.said()),
            1 | 2 => Act::revise_person(self.person(), self.version(), self.day(), self.said()),
            3 => Act::register_unit(self.unit(), self.day(), self.home()),
            4 => Act::revise_unit(self.unit(), self.version(), self.day(), self.home()),
            5 | 6 => {
                let mut said = NewMembership::new(self.unit(), self.person(), self.days());
                said.roles = self.roles();
                Act::add_member(self.membership(), said)
            }
            _ => {
                let (roles, days) = (self.roles(), self.days());
                Act::change_membership(self.membership(), self.version(), roles, days)
            }
        }
    }

    fn days(&mut self) -> Validity {
        let (from, long) = (self.random.below(30), self.random.below(10));
        let to = self.random.chance(70).then(|| day(from + long));
        Validity::new(day(from), to).unwrap()
    }

    fn roles(&mut self) -> BTreeSet<Role> {
        let roles = [Role::HEAD, Role::CHILD, Role::COLLECTOR, Role::MEMBER];
        let kept: Vec<Role> = roles
            .into_iter()
            .filter(|_| self.random.chance(35))
            .collect();
        kept.into_iter().collect()
    }

    fn said(&mut self) -> NewPerson {
        let mut said = NewPerson::new(self.one_of(&NAMES));
        if self.random.chance(50) {
            said = said.born(self.one_of(&BIRTHS).parse().unwrap());
        }
        for _ in 0..self.random.below(3) {
            said = said.with_phone(Phone::new(self.one_of(&NUMBERS)));
        }
        for _ in 0..self.random.below(3) {
            let how = self.one_of(&[HowVerified::Seen, HowVerified::WithIssuer]);
            let card = IdentityDocument::new(self.scheme(), self.one_of(&CARDS));
            said = said.with_document(card.verified(how, self.day()));
        }
        if self.random.chance(40) {
            let years = i64::try_from(self.random.below(3)).unwrap();
            said = said.with_attribute(AttributeName::from_static("school-years"), years);
        }
        said.residing(self.residence())
    }

    fn scheme(&mut self) -> IdentifierScheme {
        let schemes = ["national-id", "refugee-card"];
        IdentifierScheme::from_static(self.one_of(&schemes))
    }

    fn residence(&mut self) -> Residence {
        match self.random.below(4) {
            0 => Residence::NoFixedPlace,
            1 => Residence::Unknown,
            n => Residence::At(place(n)),
        }
    }

    fn kind(&mut self) -> UnitKind {
        UnitKind::from_static(self.one_of(&["household", "family", "single", "unknown"]))
    }

    fn home(&mut self) -> NewUnit {
        let unit = NewUnit::new(self.kind()).residing(self.residence());
        let roof = Choice::from_static(self.one_of(&["tin", "thatch", "undeclared"]));
        unit.with_attribute(AttributeName::from_static("roof"), roof)
    }

    fn as_of(&mut self) -> AsOf {
        let as_of = AsOf::day(self.day());
        match self.random.below(3) {
            0 => AsOf::LATEST,
            1 => as_of,
            _ => as_of.known_at(time(i64::try_from(self.random.below(3_000)).unwrap())),
        }
    }

    fn people_criteria(&mut self, depth: u64) -> Criteria<PersonTerm> {
        match self.random.below(if depth == 0 { 1 } else { 4 }) {
            0 => Criteria::is(match self.random.below(7) {
                0 => PersonTerm::name(self.one_of(&["juma", "AMINA", "maria jose", "አማን"])),
                1 => PersonTerm::phone(self.one_of(&NUMBERS)),
                2 => PersonTerm::BornBetween(
                    chrono::NaiveDate::from_ymd_opt(1984, 5, 20).unwrap(),
                    chrono::NaiveDate::from_ymd_opt(1990, 1, 1).unwrap(),
                ),
                3 => PersonTerm::LivesAt(vec![place(2), place(9)]),
                4 => PersonTerm::attribute(AttributeName::from_static("school-years"), 1),
                5 => PersonTerm::HoldsDocument(self.scheme()),
                _ => PersonTerm::InUnitOfKind(self.kind()),
            }),
            1 => Criteria::not(self.people_criteria(depth - 1)),
            n => {
                let some: Vec<_> = (0..self.random.below(3))
                    .map(|_| self.people_criteria(depth - 1))
                    .collect();
                if n == 2 {
                    Criteria::all(some)
                } else {
                    Criteria::any(some)
                }
            }
        }
    }

    fn unit_criteria(&mut self) -> Criteria<UnitTerm> {
        let roof = UnitTerm::attribute(
            AttributeName::from_static("roof"),
            Choice::from_static("tin"),
        );
        Criteria::any([
            Criteria::is(UnitTerm::Kind(self.kind())),
            Criteria::all([
                Criteria::is(UnitTerm::LivesAt(vec![place(3)])),
                Criteria::not(Criteria::is(roof)),
            ]),
        ])
    }

    /// Asks both one random question.
    async fn compare(
        &mut self,
        subject: &dyn Registry,
        reference: &MemoryRecordStore,
        about: &str,
    ) {
        let page = Page::of(1 + usize::try_from(self.random.below(5)).unwrap()).unwrap();
        match self.random.below(7) {
            0 => {
                let (ids, as_of) = ([self.person(), self.person()], self.as_of());
                let (one, other) = (subject.people(&ids, as_of), reference.people(&ids, as_of));
                assert_eq!(
                    one.await.unwrap(),
                    other.await.unwrap(),
                    "{about}: people differ"
                );
            }
            1 => {
                let (ids, as_of) = ([self.unit(), self.unit()], self.as_of());
                let (one, other) = (subject.units(&ids, as_of), reference.units(&ids, as_of));
                assert_eq!(
                    one.await.unwrap(),
                    other.await.unwrap(),
                    "{about}: units differ"
                );
            }
            2 => {
                let of = [self.entity(), self.entity()];
                let on = self.random.chance(70).then(|| self.as_of());
                let (one, other) = (subject.memberships(&of, on), reference.memberships(&of, on));
                assert_eq!(
                    one.await.unwrap(),
                    other.await.unwrap(),
                    "{about}: memberships differ"
                );
            }
            3 => same_history(subject, reference, self.entity(), &page, about).await,
            4 => {
                let asked: Vec<_> = CARDS
                    .map(|card| Identifier::new(self.scheme(), card))
                    .into();
                let one = subject.find_by_identifiers(&asked);
                let other = reference.find_by_identifiers(&asked);
                assert_eq!(
                    one.await.unwrap(),
                    other.await.unwrap(),
                    "{about}: holders differ"
                );
            }
            5 => {
                let criteria = self.people_criteria(2);
                let said = serde_json::to_string(&criteria).unwrap();
                let one = subject.search_people(&criteria, &page).await.unwrap();
                let other = reference.search_people(&criteria, &page).await.unwrap();
                assert_eq!(one, other, "{about}: the people differ of {said}");
                if let Some(cursor) = one.next() {
                    let page = page.after(cursor.clone());
                    let one = subject.search_people(&criteria, &page).await.unwrap();
                    let other = reference.search_people(&criteria, &page).await.unwrap();
                    assert_eq!(one, other, "{about}: the next page differs of {said}");
                }
            }
            _ => {
                let criteria = self.unit_criteria();
                let one = subject.search_units(&criteria, &page).await.unwrap();
                let other = reference.search_units(&criteria, &page).await.unwrap();
                assert_eq!(one, other, "{about}: the units differ");
            }
        }
    }
}

/// Histories are the same but for their salts, which are random.
async fn same_history(
    subject: &dyn Registry,
    reference: &MemoryRecordStore,
    entity: EntityRef,
    page: &Page,
    about: &str,
) {
    let unsalted = |mut revision: Revision| {
        revision.salt = Salt::from_bytes([0; 16]);
        revision
    };
    let one = subject.history(entity, page).await.unwrap().map(unsalted);
    let other = reference.history(entity, page).await.unwrap().map(unsalted);
    assert_eq!(one.items(), other.items(), "{about}: histories differ");
    assert_eq!(
        one.next().is_some(),
        other.next().is_some(),
        "{about}: histories differ"
    );
}

/// Feeds tell the same, but for cursors and commitments.
async fn same_feed(subject: &dyn Registry, reference: &MemoryRecordStore, about: &str) {
    let (mut one_page, mut other_page) = (Page::largest(), Page::largest());
    loop {
        let one = subject.changes_since(&one_page).await.unwrap();
        let other = reference.changes_since(&other_page).await.unwrap();
        assert_eq!(
            one.items().len(),
            other.items().len(),
            "{about}: feeds differ"
        );
        for (a, b) in one.items().iter().zip(other.items()) {
            assert_eq!(
                (
                    a.entity(),
                    a.id(),
                    a.kind(),
                    a.effective_on(),
                    a.recorded_at(),
                    a.actor()
                ),
                (
                    b.entity(),
                    b.id(),
                    b.kind(),
                    b.effective_on(),
                    b.recorded_at(),
                    b.actor()
                ),
                "{about}: feeds differ"
            );
        }
        match (one.next(), other.next()) {
            (Some(one), Some(other)) => {
                one_page = one_page.after(one.clone());
                other_page = other_page.after(other.clone());
            }
            (None, None) => break,
            _ => panic!("{about}: one feed ends before the other"),
        }
    }
}
