//! Day 0: seven households are registered.

use solidarity_core::testing::block_on;
use solidarity_core::{Validity, Version};
use solidarity_registry::{
    Act, AsOf, Command, CommandId, Decimal, MembershipId, NewMembership, NewPerson, NewUnit, Phone,
    RecordStoreExt, Refusal, Role, UnitKind,
};

use crate::auditing::changes;
use crate::cast::{CHILD_HEADED, HOUSEHOLDS, Household, INCOME, Member, people, person, unit};
use crate::world::{World, day};

pub(crate) fn everybody(world: &World) {
    world.wait_until(0, 9);
    let commands: Vec<Command> = HOUSEHOLDS.iter().map(registration).collect();
    let stamp = world.by("tablet", "registration");
    let outcomes = block_on(world.registry.apply(&commands, &stamp)).unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

/// A household with all its members: one command, whole or not at all.
fn registration(household: &Household) -> Command {
    let unit = unit(household.name);
    let said = what_is_said(household);
    let mut acts = vec![Act::register_unit(unit, day(0), said)];
    for member in household.members {
        let person = person(member.key);
        let belongs = NewMembership::new(unit, person, Validity::since(day(0)));
        let belongs = belongs.with_role(Role::from_static(member.role));
        acts.push(Act::register_person(person, day(0), as_stated(member)));
        acts.push(Act::add_member(membership(member.key), belongs));
    }
    Command::of(CommandId::derive(&unit, "register"), acts)
}

/// What a household said about itself.
pub(crate) fn what_is_said(household: &Household) -> NewUnit {
    let said = NewUnit::new(UnitKind::HOUSEHOLD);
    let said = said.with_attribute(CHILD_HEADED, household.child_headed);
    match household.income {
        Some(income) => said.with_attribute(INCOME, income.parse::<Decimal>().unwrap()),
        None => said,
    }
}

fn as_stated(member: &Member) -> NewPerson {
    let mut person = NewPerson::new(member.name);
    if let Some(born) = member.born {
        person = person.born(born.parse().unwrap());
    }
    if let Some(number) = member.phone {
        person = person.with_phone(Phone::new(number).private());
    }
    match member.safe_contact() {
        Some(contact) => person.with_safe_contact(contact),
        None => person,
    }
}

fn membership(key: &str) -> MembershipId {
    MembershipId::derive(&person(key), "membership")
}

/// A child heads a household, one name is enough to be somebody, and whoever
/// collects is not the head for that. The rules are kept by the store, and
/// what it refuses leaves nothing behind.
pub(crate) fn one_name_is_enough(world: &World) {
    block_on(async {
        let on = AsOf::day(day(0));
        let members = world
            .registry
            .members(unit("juma"), Some(on))
            .await
            .unwrap();
        let with = |role| {
            let mut holders = members.iter().filter(|m| m.said().has(&role));
            (holders.next().unwrap().said().person, holders.count())
        };
        assert_eq!(with(Role::HEAD), (person("asha"), 0));
        assert_eq!(with(Role::COLLECTOR), (person("rehema"), 0));

        let asha = world.registry.person(person("asha")).await.unwrap();
        let born = asha.said().born.as_ref().unwrap().expose();
        let age = born.age_on(day(0)).unwrap();
        assert_eq!((age.min(), age.max()), (15, 15));

        let tuti = world.registry.person(person("tuti")).await.unwrap();
        assert_eq!(tuti.said().names.len(), 1);
        assert!(tuti.said().born.is_none() && tuti.said().documents.is_empty());

        let both = [Role::COLLECTOR, Role::HEAD].into();
        let since = Validity::since(day(0));
        let second = Act::change_membership(membership("rehema"), Version::FIRST, both, since);
        let command = Command::new(CommandId::derive(&unit("juma"), "second head"), second);
        let before = changes(&world.registry);
        let stamp = world.by("tablet", "registration");
        let refused = world.registry.apply_one(command, &stamp).await.unwrap();
        let refusal = refused.unwrap_err().refusal;
        assert!(matches!(refusal, Refusal::BrokenRule { .. }), "{refusal}");
        assert_eq!(changes(&world.registry), before);
        // A unit, and a person and a membership for each of its members.
        assert_eq!(before.len(), HOUSEHOLDS.len() + 2 * people().count());
    });
}
