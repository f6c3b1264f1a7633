//! Random commands and questions, over few enough ids that they meet.

use std::collections::{BTreeMap, BTreeSet};

use solidarity_core::testing::Random;
use solidarity_core::{
    ActorId, PersonId, PlaceId, Purpose, Residence, Stamp, UnitId, Validity, Version,
};

use crate::conformance::fixture::{day, time};
use crate::{
    Act, AsOf, AttributeName, Choice, Command, CommandId, Criteria, EntityRef, HowVerified,
    IdentifierScheme, IdentityDocument, MembershipId, NewMembership, NewPerson, NewUnit, Outcome,
    PersonTerm, Phone, Role, UnitKind, UnitTerm,
};

const NAMES: [&str; 4] = ["Amina Juma", "Juma", "José María", "አማን"];
const NUMBERS: [&str; 3] = ["0712345678", "+254 712 345 678", "119"];
pub(super) const CARDS: [&str; 3] = ["1", " 1", "2"];
const BIRTHS: [&str; 4] = ["1984", "1984-05", "1984-05-12", "2024"];

pub(super) const PEOPLE: u128 = 12;
pub(super) const UNITS: u128 = 10;
pub(super) const MEMBERSHIPS: u128 = 200;
const DAYS: u64 = 60;

pub(super) fn person(n: u128) -> PersonId {
    PersonId::from_uuid(uuid::Uuid::from_u128(n << 64))
}

pub(super) fn unit(n: u128) -> UnitId {
    UnitId::from_uuid(uuid::Uuid::from_u128(n << 64))
}

pub(super) fn membership(n: u128) -> MembershipId {
    MembershipId::from_uuid(uuid::Uuid::from_u128(n))
}

pub(super) fn place(n: u64) -> PlaceId {
    PlaceId::from_uuid(uuid::Uuid::from_u128(n.into()))
}

pub(super) struct Play {
    pub(super) random: Random,
    sent: Vec<Command>,
    versions: BTreeMap<EntityRef, Version>,
    /// How many commands were carried out.
    pub(super) carried_out: usize,
}

impl Play {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            sent: Vec::new(),
            versions: BTreeMap::new(),
            carried_out: 0,
        }
    }

    pub(super) fn below(&mut self, bound: u128) -> u128 {
        self.random.next() as u128 % bound
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        *self.random.pick(choices).unwrap()
    }

    pub(super) fn person(&mut self) -> PersonId {
        let n = self.below(PEOPLE);
        person(n)
    }

    pub(super) fn unit(&mut self) -> UnitId {
        let n = self.below(UNITS);
        unit(n)
    }

    pub(super) fn membership(&mut self) -> MembershipId {
        let n = self.below(MEMBERSHIPS);
        membership(n)
    }

    pub(super) fn entity(&mut self) -> EntityRef {
        match self.random.below(3) {
            0 => self.person().into(),
            1 => self.unit().into(),
            _ => self.membership().into(),
        }
    }

    pub(super) fn day(&mut self) -> chrono::NaiveDate {
        day(self.random.below(DAYS))
    }

    /// Mostly a little later, at times earlier.
    pub(super) fn stamp(&mut self, step: usize) -> Stamp {
        let step = i64::try_from(step).unwrap();
        let back = i64::try_from(self.random.below(4)).unwrap() * 3;
        let actor = ActorId::from_uuid(uuid::Uuid::from_u128(self.below(3)));
        Stamp::new(time(step - back), actor, Purpose::from_static("play"))
    }

    /// Mostly the version that there is, at times another.
    pub(super) fn version(&mut self, entity: EntityRef) -> Version {
        let actual = self.versions.get(&entity).copied();
        match (actual, self.random.below(10)) {
            (Some(actual), 1..) => actual,
            (_, n) => Version::from_count(n + 1).unwrap(),
        }
    }

    /// Mostly one that is not taken yet.
    pub(super) fn fresh<T: Copy + Into<EntityRef>>(&mut self, pool: impl Fn(&mut Self) -> T) -> T {
        let mut id = pool(self);
        for _ in 0..5 {
            if !self.versions.contains_key(&id.into()) {
                break;
            }
            id = pool(self);
        }
        id
    }

    /// Mostly one that there is.
    pub(super) fn known_membership(&mut self) -> MembershipId {
        let known: Vec<MembershipId> = self
            .versions
            .keys()
            .filter_map(|entity| match entity {
                EntityRef::Membership(id) => Some(*id),
                EntityRef::Person(_) | EntityRef::Unit(_) => None,
            })
            .collect();
        match self.random.pick(&known) {
            Some(id) if self.random.chance(90) => *id,
            _ => self.membership(),
        }
    }

    /// Registers half of the people and of the units that there can be.
    pub(super) fn first(&mut self) -> Vec<Command> {
        let people: Vec<_> = (0..PEOPLE / 2)
            .map(|n| Act::register_person(person(n), self.day(), self.said()))
            .collect();
        let units: Vec<_> = (0..UNITS / 2)
            .map(|n| Act::register_unit(unit(n), self.day(), NewUnit::new(self.kind())))
            .collect();
        let acts = people.into_iter().chain(units).enumerate();
        acts.map(|(n, act)| {
            let id = uuid::Uuid::from_u128(n as u128);
            Command::new(CommandId::from_uuid(id), act)
        })
        .collect()
    }

    pub(super) fn batch(&mut self) -> Vec<Command> {
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

    pub(super) fn remember(&mut self, batch: Vec<Command>, outcomes: Vec<Outcome>) {
        for applied in outcomes.into_iter().flatten() {
            self.carried_out += 1;
            for (entity, version) in applied.written {
                let known = self.versions.entry(entity).or_insert(version);
                *known = version.max(*known);
            }
        }
        self.sent.extend(batch);
        let old = self.sent.len().saturating_sub(50);
        self.sent.drain(..old);
    }

    pub(super) fn acts(&mut self) -> Vec<Act> {
        let count = match self.random.below(20) {
            0 => 0,
            1..=12 => 1,
            n => n - 11,
        };
        (0..count.min(4)).map(|_| self.act()).collect()
    }

    pub(super) fn act(&mut self) -> Act {
        match self.random.below(16) {
            0 => Act::register_person(self.fresh(Self::person), self.day(), self.said()),
            1 => Act::register_unit(self.fresh(Self::unit), self.day(), self.home()),
            2..=5 => {
                let id = self.person();
                Act::revise_person(id, self.version(id.into()), self.day(), self.said())
            }
            6 | 7 => {
                let id = self.unit();
                Act::revise_unit(id, self.version(id.into()), self.day(), self.home())
            }
            8..=12 => {
                let mut said = NewMembership::new(self.unit(), self.person(), self.days());
                said.roles = self.roles();
                Act::add_member(self.fresh(Self::membership), said)
            }
            _ => {
                let id = self.known_membership();
                let (roles, days) = (self.roles(), self.days());
                Act::change_membership(id, self.version(id.into()), roles, days)
            }
        }
    }

    pub(super) fn days(&mut self) -> Validity {
        let (from, long) = (self.random.below(DAYS), self.random.below(10));
        let to = self.random.chance(90).then(|| day(from + long));
        Validity::new(day(from), to).unwrap()
    }

    pub(super) fn roles(&mut self) -> BTreeSet<Role> {
        let roles = [Role::HEAD, Role::CHILD, Role::COLLECTOR, Role::MEMBER];
        let kept: Vec<Role> = roles
            .into_iter()
            .filter(|_| self.random.chance(35))
            .collect();
        kept.into_iter().collect()
    }

    pub(super) fn said(&mut self) -> NewPerson {
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

    pub(super) fn scheme(&mut self) -> IdentifierScheme {
        let schemes = ["national-id", "refugee-card"];
        IdentifierScheme::from_static(self.one_of(&schemes))
    }

    pub(super) fn residence(&mut self) -> Residence {
        match self.random.below(4) {
            0 => Residence::NoFixedPlace,
            1 => Residence::Unknown,
            n => Residence::At(place(n)),
        }
    }

    pub(super) fn kind(&mut self) -> UnitKind {
        UnitKind::from_static(self.one_of(&["household", "family", "single", "unknown"]))
    }

    pub(super) fn home(&mut self) -> NewUnit {
        let unit = NewUnit::new(self.kind()).residing(self.residence());
        let roof = Choice::from_static(self.one_of(&[
            "tin",
            "tin",
            "thatch",
            "thatch",
            "thatch",
            "undeclared",
        ]));
        unit.with_attribute(AttributeName::from_static("roof"), roof)
    }

    pub(super) fn as_of(&mut self) -> AsOf {
        let as_of = AsOf::day(self.day());
        match self.random.below(3) {
            0 => AsOf::LATEST,
            1 => as_of,
            _ => as_of.known_at(time(i64::try_from(self.random.below(3_000)).unwrap())),
        }
    }

    pub(super) fn people_criteria(&mut self, depth: u64) -> Criteria<PersonTerm> {
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

    pub(super) fn unit_criteria(&mut self) -> Criteria<UnitTerm> {
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
}
