//! The cases about members and their roles.

use std::collections::BTreeSet;

use solidarity_core::testing::Harness;
use solidarity_core::{Validity, Version};

use super::fixture::{between, day, done, from, joins, membership, person, refused, someone, unit};
use crate::{
    Act, AsOf, BrokenRule, MembershipId, NewPerson, NewUnit, RecordStore, RecordStoreExt, Refusal,
    Role, UnitKind,
};

fn broken(refusal: Refusal) -> BrokenRule {
    match refusal {
        Refusal::BrokenRule { rule, .. } => rule,
        other => panic!("expected `BrokenRule`, got {other:?}"),
    }
}

/// A head may be absent, one, joint or a child, as the rules of the kind say;
/// the collector is not the head unless that is said.
pub async fn headship_is_by_the_rules(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let household = unit(&store, UnitKind::HOUSEHOLD).await;
    let child = person(&store, NewPerson::new("Ada").born("2013".parse().unwrap())).await;
    let toddler = person(&store, NewPerson::new("Bo").born("2023".parse().unwrap())).await;
    let adult = someone(&store).await;
    // Nobody speaks for it at first, which is fine.
    done(
        &store,
        [joins(household, adult, from(0), &[Role::COLLECTOR])],
    )
    .await;
    let young = refused(&store, [joins(household, toddler, from(0), &[Role::HEAD])]).await;
    assert_eq!(broken(young), BrokenRule::HeadTooYoung);
    done(&store, [joins(household, child, from(0), &[Role::HEAD])]).await;
    let second = refused(&store, [joins(household, toddler, from(0), &[Role::HEAD])]).await;
    assert_eq!(broken(second), BrokenRule::TooManyHeads);
    let collector = [joins(household, toddler, from(0), &[Role::COLLECTOR])];
    assert_eq!(
        broken(refused(&store, collector).await),
        BrokenRule::TooManyCollectors
    );
    let members = store
        .members(household, Some(AsOf::day(day(0))))
        .await
        .unwrap();
    let heads = members.iter().filter(|m| m.said().has(&Role::HEAD));
    assert_eq!(heads.map(|m| m.said().person).collect::<Vec<_>>(), [child]);

    let family = unit(&store, UnitKind::FAMILY).await;
    let headless = refused(&store, [joins(family, adult, from(0), &[Role::CHILD])]).await;
    assert_eq!(broken(headless), BrokenRule::TooFewHeads);
    let joint = [adult, child].map(|p| joins(family, p, from(0), &[Role::HEAD]));
    done(&store, joint).await;
    let odd = Role::from_static("lodger");
    let lodger = refused(
        &store,
        [joins(family, toddler, from(0), std::slice::from_ref(&odd))],
    )
    .await;
    assert_eq!(broken(lodger), BrokenRule::RoleNotAllowed);
    let group = unit(&store, UnitKind::from_static("savings-group")).await;
    done(&store, [joins(group, toddler, from(0), &[Role::HEAD, odd])]).await;
}

/// Headship passes from one to another in one command, and in no order of
/// two.
pub async fn headship_passes_in_one_command(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let family = unit(&store, UnitKind::FAMILY).await;
    let (old, new) = (someone(&store).await, someone(&store).await);
    let (old_id, new_id) = (MembershipId::generate(), MembershipId::generate());
    done(
        &store,
        [
            Act::add_member(old_id, membership(family, old, from(0), &[Role::HEAD])),
            Act::add_member(new_id, membership(family, new, from(0), &[Role::CHILD])),
        ],
    )
    .await;
    let head = || BTreeSet::from([Role::HEAD]);
    let ends = |id, roles| Act::change_membership(id, Version::FIRST, roles, between(0, 29));
    let alone = refused(&store, [ends(old_id, head())]).await;
    assert_eq!(
        broken(alone),
        BrokenRule::TooFewHeads,
        "the family would be headless from day 30"
    );
    done(
        &store,
        [
            ends(old_id, head()),
            ends(new_id, BTreeSet::from([Role::CHILD])),
            joins(family, new, from(30), &[Role::HEAD]),
        ],
    )
    .await;
    for (n, head) in [(29, old), (30, new)] {
        let members = store
            .members(family, Some(AsOf::day(day(n))))
            .await
            .unwrap();
        let heads = members.iter().filter(|m| m.said().has(&Role::HEAD));
        assert_eq!(
            heads.map(|m| m.said().person).collect::<Vec<_>>(),
            [head],
            "day {n}"
        );
    }
}

/// The rules hold on every day that a change touches, and on no other.
pub async fn the_rules_hold_on_every_day(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let household = unit(&store, UnitKind::HOUSEHOLD).await;
    let people = [someone(&store).await, someone(&store).await];
    let head = |n: usize, validity: Validity| joins(household, people[n], validity, &[Role::HEAD]);
    let first = MembershipId::generate();
    let said = membership(household, people[0], between(0, 9), &[Role::HEAD]);
    done(&store, [Act::add_member(first, said.clone())]).await;
    let overlap = refused(&store, [head(1, between(9, 20))]).await;
    let Refusal::BrokenRule { on, rule, .. } = overlap else {
        panic!("expected `BrokenRule`, got {overlap:?}");
    };
    assert_eq!((on, rule), (day(9), BrokenRule::TooManyHeads));
    done(&store, [head(1, from(10))]).await;
    // The first head's days cannot be made longer afterwards.
    let longer = Act::change_membership(first, Version::FIRST, said.roles, between(0, 10));
    assert_eq!(
        broken(refused(&store, [longer]).await),
        BrokenRule::TooManyHeads
    );
}

/// A person belongs to several units at once, and to each only once on a day.
pub async fn a_person_is_in_many_units_and_in_each_once(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let who = someone(&store).await;
    let homes = [
        unit(&store, UnitKind::HOUSEHOLD).await,
        unit(&store, UnitKind::HOUSEHOLD).await,
        unit(&store, UnitKind::UNKNOWN).await,
    ];
    done(
        &store,
        homes.map(|home| joins(home, who, between(0, 9), &[])),
    )
    .await;
    assert_eq!(store.memberships_of(who, None).await.unwrap().len(), 3);
    for home in homes {
        let twice = refused(&store, [joins(home, who, from(9), &[])]).await;
        assert_eq!(broken(twice), BrokenRule::MemberTwice);
        done(&store, [joins(home, who, from(10), &[])]).await;
    }
}

/// A unit whose kind changes is held to the rules of the new kind from that
/// day on.
pub async fn a_kind_brings_its_rules(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let group = unit(&store, UnitKind::UNKNOWN).await;
    for _ in 0..2 {
        let who = someone(&store).await;
        done(&store, [joins(group, who, between(0, 19), &[])]).await;
    }
    let becomes = |expected, n, kind| Act::revise_unit(group, expected, day(n), NewUnit::new(kind));
    let v1 = Version::FIRST;
    let single = refused(&store, [becomes(v1, 10, UnitKind::SINGLE)]).await;
    assert_eq!(broken(single), BrokenRule::TooManyMembers);
    // When they have left it may be one; what came before stays as it was.
    done(&store, [becomes(v1, 20, UnitKind::SINGLE)]).await;
    let label = NewUnit::new(UnitKind::UNKNOWN).with_label("x");
    done(&store, [Act::revise_unit(group, v1.next(), day(5), label)]).await;
    let (one, other) = (someone(&store).await, someone(&store).await);
    done(&store, [joins(group, one, from(15), &[])]).await;
    let second = refused(&store, [joins(group, other, from(15), &[])]).await;
    assert_eq!(broken(second), BrokenRule::TooManyMembers);
}

/// What is learned about a person is written, whatever the rules about heads
/// say of it.
pub async fn a_corrected_birth_is_never_refused(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let household = unit(&store, UnitKind::HOUSEHOLD).await;
    let head = someone(&store).await;
    done(&store, [joins(household, head, from(0), &[Role::HEAD])]).await;
    let said = NewPerson::new("Tuti").born("2024".parse().unwrap());
    done(
        &store,
        [Act::revise_person(head, Version::FIRST, day(0), said)],
    )
    .await;
    // Yet from then on it counts.
    let other = unit(&store, UnitKind::HOUSEHOLD).await;
    let young = refused(&store, [joins(other, head, from(0), &[Role::HEAD])]).await;
    assert_eq!(broken(young), BrokenRule::HeadTooYoung);
}
