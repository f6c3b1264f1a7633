//! The cases about what a register takes and what it does not.

use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::Harness;
use solidarity_core::{Page, PersonId, UnitId, Validity};

use super::fixture::{at, between, day, done, from, joins, refused, someone, unit};
use crate::limits::{ACTS_MAX, MEMBERSHIPS_MAX, READ_MAX};
use crate::{
    Act, AsOf, AttributeName, Choice, Command, CommandId, EntityRef, Error, NewPerson, NewUnit,
    RecordStore, RecordStoreExt, Refusal, UnitKind,
};

/// An attribute that is not declared, or is not of its kind, is refused.
pub async fn attributes_are_as_declared(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let name = AttributeName::from_static;
    let says = |attribute, value: crate::AttributeValue| {
        let said = NewPerson::new("x").with_attribute(name(attribute), value);
        Act::register_person(PersonId::generate(), day(0), said)
    };
    done(
        &store,
        [says("school-years", 7.into()), says("note", "x".into())],
    )
    .await;
    for act in [
        says("school-years", "seven".into()),
        says("roof", Choice::from_static("tin").into()),
        says("undeclared", true.into()),
    ] {
        assert!(matches!(refused(&store, [act]).await, Refusal::Invalid(_)));
    }
    let straw = NewUnit::new(UnitKind::HOUSEHOLD)
        .with_attribute(name("roof"), Choice::from_static("straw"));
    let act = Act::register_unit(UnitId::generate(), day(0), straw);
    assert!(matches!(refused(&store, [act]).await, Refusal::Invalid(_)));
}

/// As many acts, ids and years as the limits say, and no more.
pub async fn limits_hold_to_the_one(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let register = |_| Act::register_person(PersonId::generate(), day(0), NewPerson::new("x"));
    for (count, fits) in [
        (0, false),
        (ACTS_MAX - 1, true),
        (ACTS_MAX, true),
        (ACTS_MAX + 1, false),
    ] {
        let command = Command::of(CommandId::generate(), (0..count).map(register));
        let outcome = store.apply_one(command, &at(0)).await.unwrap();
        assert_eq!(outcome.is_ok(), fits, "{count} acts");
    }
    // Commands that are refused, so that the batch costs little.
    let nothing = || Command::of(CommandId::generate(), []);
    for (count, fits) in [
        (BATCH_MAX - 1, true),
        (BATCH_MAX, true),
        (BATCH_MAX + 1, false),
    ] {
        let batch: Vec<_> = (0..count).map(|_| nothing()).collect();
        match store.apply(&batch, &at(0)).await {
            Ok(outcomes) => assert!(fits && outcomes.len() == count, "{count} commands"),
            Err(Error::Invalid(_)) => assert!(!fits, "{count} commands"),
            Err(error) => panic!("expected `Invalid`, got {error:?}"),
        }
    }
    let full = || Command::of(CommandId::generate(), (0..ACTS_MAX).map(register));
    let batch: Vec<_> = (0..=BATCH_MAX / ACTS_MAX).map(|_| full()).collect();
    assert!(matches!(
        store.apply(&batch, &at(0)).await,
        Err(Error::Invalid(_))
    ));
    let first = batch[0].acts[0].entity();
    assert!(
        store
            .history(first, &Page::first())
            .await
            .unwrap()
            .items()
            .is_empty()
    );

    for (count, fits) in [
        (READ_MAX - 1, true),
        (READ_MAX, true),
        (READ_MAX + 1, false),
    ] {
        let people = vec![PersonId::generate(); count];
        let units = vec![UnitId::generate(); count];
        let of: Vec<EntityRef> = people.iter().copied().map(EntityRef::from).collect();
        assert_eq!(
            store.people(&people, AsOf::LATEST).await.is_ok(),
            fits,
            "{count} people"
        );
        assert_eq!(
            store.units(&units, AsOf::LATEST).await.is_ok(),
            fits,
            "{count} units"
        );
        assert_eq!(
            store.memberships(&of, None).await.is_ok(),
            fits,
            "{count} entities"
        );
    }
    let late = chrono::NaiveDate::MAX;
    let act = Act::register_person(PersonId::generate(), late, NewPerson::new("x"));
    assert!(matches!(refused(&store, [act]).await, Refusal::Invalid(_)));
    let (who, home) = (someone(&store).await, unit(&store, UnitKind::UNKNOWN).await);
    let act = joins(home, who, Validity::since(late), &[]);
    assert!(matches!(refused(&store, [act]).await, Refusal::Invalid(_)));
}

/// A unit has as many memberships as the limit says, and no more.
pub async fn a_unit_has_so_many_members(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let camp = unit(&store, UnitKind::UNKNOWN).await;
    let who = someone(&store).await;
    let stays = |n: u64| joins(camp, who, between(n * 2, n * 2), &[]);
    let days = MEMBERSHIPS_MAX as u64;
    done(&store, (0..days - 1).map(stays)).await;
    done(&store, [stays(days - 1)]).await;
    assert!(matches!(
        refused(&store, [stays(days)]).await,
        Refusal::Invalid(_)
    ));
    assert_eq!(
        store.members(camp, None).await.unwrap().len(),
        MEMBERSHIPS_MAX
    );
    let elsewhere = unit(&store, UnitKind::UNKNOWN).await;
    let act = joins(elsewhere, who, from(0), &[]);
    assert!(matches!(refused(&store, [act]).await, Refusal::Invalid(_)));
}
