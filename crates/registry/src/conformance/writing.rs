//! The cases about commands.

use std::collections::BTreeSet;
use std::sync::Arc;

use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::{Harness, block_on};
use solidarity_core::{Page, PersonId, UnitId, Version};

use super::fixture::{at, day, done, from, joins, membership, person, refused, someone, unit};
use crate::{
    Act, AsOf, AttributeName, Choice, Command, CommandId, EntityRef, Error, MembershipId, Name,
    NameKind, NewPerson, NewUnit, Phone, RecordStore, RecordStoreExt, Refusal, Role, UnitKind,
};

/// One name, without a birth date or a document, is a person, and reads as it
/// was written.
pub async fn one_name_is_enough(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    for name in ["Ọ", "አማን", "محمد", "李", "O'Brien-Śmith \u{1F33E}", " x "] {
        let id = person(&store, NewPerson::new(name)).await;
        let read = store.person(id).await.unwrap();
        assert_eq!(read.said(), &NewPerson::new(name));
    }
    let mut nameless = NewPerson::new("x");
    nameless.names.clear();
    let act = Act::register_person(PersonId::generate(), day(0), nameless);
    assert!(matches!(
        refused(&store, [act]).await,
        Refusal::Invalid(invalid) if invalid.field() == "names"
    ));
}

/// What a command registers is read as it was said, at the first version, and
/// each answer stands where its id stood.
pub async fn what_is_registered_is_read(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (who, which, how) = (
        PersonId::generate(),
        UnitId::generate(),
        MembershipId::generate(),
    );
    let said = NewPerson::new("Amina")
        .with_name(Name::new("Mina").of_kind(NameKind::KNOWN_AS))
        .born("1984-05".parse().unwrap())
        .with_phone(Phone::new("0712 345 678"))
        .with_attribute(AttributeName::from_static("disability"), true);
    let home = NewUnit::new(UnitKind::HOUSEHOLD)
        .with_label("Amina's")
        .with_attribute(
            AttributeName::from_static("roof"),
            Choice::from_static("tin"),
        );
    let head = membership(which, who, from(3), &[Role::HEAD, Role::COLLECTOR]);
    let applied = done(
        &store,
        [
            Act::register_person(who, day(1), said.clone()),
            Act::register_unit(which, day(2), home.clone()),
            Act::add_member(how, head.clone()),
        ],
    )
    .await;
    let written = [who.into(), which.into(), how.into()].map(|e: EntityRef| (e, Version::FIRST));
    assert_eq!(applied.written, written);

    let nobody = PersonId::generate();
    let people = store
        .people(&[nobody, who, who], AsOf::LATEST)
        .await
        .unwrap();
    assert!(people[0].is_none());
    assert_eq!(people[1], people[2]);
    let read = people[1].as_ref().unwrap();
    assert_eq!(
        (read.id(), read.version(), read.said()),
        (who, Version::FIRST, &said)
    );
    assert_eq!((read.effective_on(), read.recorded()), (day(1), &at(0)));
    let read = store.unit(which).await.unwrap();
    assert_eq!((read.version(), read.said()), (Version::FIRST, &home));
    let read = store.members(which, None).await.unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!((read[0].id(), read[0].said()), (how, &head));
    assert_eq!(store.memberships_of(who, None).await.unwrap(), read);
    assert_eq!(store.memberships(&[how.into()], None).await.unwrap(), read);
}

/// Nothing is read of, said about or joined to what is not registered.
pub async fn what_is_not_registered_is_not_found(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (who, which, how) = (
        PersonId::generate(),
        UnitId::generate(),
        MembershipId::generate(),
    );
    let (known, home) = (
        someone(&store).await,
        unit(&store, UnitKind::HOUSEHOLD).await,
    );
    let (new, v1) = (NewPerson::new("x"), Version::FIRST);
    let kind = NewUnit::new(UnitKind::SINGLE);
    for (act, missing) in [
        (
            Act::revise_person(who, v1, day(0), new),
            EntityRef::from(who),
        ),
        (Act::revise_unit(which, v1, day(0), kind), which.into()),
        (joins(which, known, from(0), &[]), which.into()),
        (joins(home, who, from(0), &[]), who.into()),
        (
            Act::change_membership(how, v1, BTreeSet::new(), from(0)),
            how.into(),
        ),
    ] {
        assert_eq!(
            refused(&store, [act]).await,
            Refusal::NotFound { entity: missing }
        );
    }
    match store.person(who).await {
        Err(Error::NotFound { entity, .. }) => assert_eq!(entity, who.into()),
        other => panic!("expected `NotFound`, got {other:?}"),
    }
    assert_eq!(store.units(&[which], AsOf::LATEST).await.unwrap(), [None]);
    assert!(
        store
            .memberships(&[who.into(), which.into(), how.into()], None)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .history(who.into(), &Page::first())
            .await
            .unwrap()
            .items()
            .is_empty()
    );
}

/// An id that is taken is refused to another command, whatever it says.
pub async fn an_id_is_registered_once(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (who, home) = (
        someone(&store).await,
        unit(&store, UnitKind::HOUSEHOLD).await,
    );
    let how = MembershipId::generate();
    let said = membership(home, who, from(0), &[]);
    done(&store, [Act::add_member(how, said.clone())]).await;
    for act in [
        Act::register_person(who, day(0), NewPerson::new("Tuti")),
        Act::register_unit(home, day(0), NewUnit::new(UnitKind::HOUSEHOLD)),
        Act::add_member(how, said),
    ] {
        let entity = act.entity();
        assert_eq!(
            refused(&store, [act]).await,
            Refusal::AlreadyExists { entity }
        );
        assert_eq!(
            store
                .history(entity, &Page::first())
                .await
                .unwrap()
                .items()
                .len(),
            1
        );
    }
}

/// A command sent again, later, or twice in one batch, happens once and has
/// the answer that it had.
pub async fn a_command_again_has_the_same_answer(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (who, home, how) = (
        PersonId::generate(),
        UnitId::generate(),
        MembershipId::generate(),
    );
    let register = Command::of(
        CommandId::generate(),
        [
            Act::register_person(who, day(0), NewPerson::new("Tuti")),
            Act::register_unit(home, day(0), NewUnit::new(UnitKind::FAMILY)),
            Act::add_member(how, membership(home, who, from(0), &[Role::HEAD])),
        ],
    );
    let roles = BTreeSet::from([Role::HEAD, Role::COLLECTOR]);
    let revise = Command::of(
        CommandId::generate(),
        [
            Act::revise_person(who, Version::FIRST, day(1), NewPerson::new("Tuti B.")),
            Act::revise_unit(
                home,
                Version::FIRST,
                day(1),
                NewUnit::new(UnitKind::FAMILY).with_label("B"),
            ),
            Act::change_membership(how, Version::FIRST, roles, from(0)),
        ],
    );
    let batch = [
        register.clone(),
        register.clone(),
        revise.clone(),
        revise.clone(),
    ];
    let first = store.apply(&batch, &at(0)).await.unwrap();
    assert!(first.iter().all(Result::is_ok), "{first:?}");
    assert_eq!((&first[0], &first[2]), (&first[1], &first[3]));
    let third = Act::revise_person(
        who,
        Version::FIRST.next(),
        day(2),
        NewPerson::new("Tuti C."),
    );
    done(&store, [third]).await;
    let again = store.apply(&batch, &at(9)).await.unwrap();
    assert_eq!(again, first, "a repeated command had another answer");
    for (entity, count) in [(who.into(), 3), (home.into(), 2), (how.into(), 2)] {
        let history = store.history(entity, &Page::first()).await.unwrap();
        assert_eq!(
            history.items().len(),
            count,
            "a repeated command happened again"
        );
    }
}

/// The id of a command that was carried out, with other acts, is refused.
pub async fn an_id_with_other_acts_is_refused(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (id, who) = (CommandId::generate(), PersonId::generate());
    let register = |name: &str, n| Act::register_person(who, day(n), NewPerson::new(name));
    let first = Command::new(id, register("Tuti", 0));
    store
        .apply(std::slice::from_ref(&first), &at(0))
        .await
        .unwrap()[0]
        .clone()
        .unwrap();
    let more = Act::register_person(PersonId::generate(), day(0), NewPerson::new("x"));
    for other in [
        Command::new(id, register("Siti", 0)),
        Command::new(id, register("Tuti", 1)),
        first.clone().and(more.clone()),
        Command::new(id, more),
        Command::new(
            id,
            Act::revise_person(who, Version::FIRST, day(0), NewPerson::new("Tuti")),
        ),
    ] {
        match store.apply_one(other, &at(0)).await.unwrap() {
            Err(refused) => assert_eq!(refused.refusal, Refusal::IdTaken),
            Ok(_) => panic!("expected `IdTaken`, the other acts were taken for a repeat"),
        }
    }
    assert_eq!(
        store
            .history(who.into(), &Page::first())
            .await
            .unwrap()
            .items()
            .len(),
        1
    );
}

/// Of a command that is refused at its last act nothing is written; the
/// others of its batch are carried out.
pub async fn a_command_happens_whole_or_not_at_all(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (one, other, lost) = (
        PersonId::generate(),
        PersonId::generate(),
        PersonId::generate(),
    );
    let home = UnitId::generate();
    let register = |id| Act::register_person(id, day(0), NewPerson::new("Tuti"));
    let batch = [
        Command::new(CommandId::generate(), register(one)),
        Command::of(
            CommandId::generate(),
            [
                register(lost),
                Act::register_unit(home, day(0), NewUnit::new(UnitKind::HOUSEHOLD)),
                joins(home, lost, from(0), &[]),
                joins(home, PersonId::generate(), from(0), &[]),
            ],
        ),
        Command::new(CommandId::generate(), register(other)),
        Command::new(CommandId::generate(), joins(home, one, from(0), &[])),
    ];
    let outcomes = store.apply(&batch, &at(0)).await.unwrap();
    let people = store
        .people(&[one, lost, other], AsOf::LATEST)
        .await
        .unwrap();
    let there: Vec<bool> = people.iter().map(Option::is_some).collect();
    assert_eq!(there, [true, false, true], "half a command was written");
    let fine: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(
        fine,
        [true, false, true, false],
        "one outcome each, in order"
    );
    let at_act = outcomes
        .iter()
        .filter_map(|o| o.as_ref().err())
        .map(|r| r.act);
    assert_eq!(at_act.collect::<Vec<_>>(), [3, 0]);
    assert!(store.members(home, None).await.unwrap().is_empty());
    assert_eq!(feed_is_whole(&store).await.len(), 2);
    // What was refused may be sent again, when it can be.
    let again = Command::of(batch[1].id, [register(lost)]);
    assert!(store.apply_one(again, &at(0)).await.unwrap().is_ok());
}

/// A command of a batch builds on those before it.
pub async fn a_command_sees_those_before_it(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (who, v1) = (PersonId::generate(), Version::FIRST);
    let revise = |expected, name: &str| {
        Command::new(
            CommandId::generate(),
            Act::revise_person(who, expected, day(0), NewPerson::new(name)),
        )
    };
    let batch = [
        Command::new(
            CommandId::generate(),
            Act::register_person(who, day(0), NewPerson::new("a")),
        ),
        revise(v1, "b"),
        revise(v1, "stale"),
        revise(v1.next(), "c"),
    ];
    let outcomes = store.apply(&batch, &at(0)).await.unwrap();
    let fine: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, true, false, true]);
    let read = store.person(who).await.unwrap();
    assert_eq!(
        (read.version().count(), read.said()),
        (3, &NewPerson::new("c"))
    );
}

/// A revision that expects an old version is refused and changes nothing.
pub async fn a_stale_revision_writes_nothing(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (who, home, how) = (
        someone(&store).await,
        unit(&store, UnitKind::HOUSEHOLD).await,
        MembershipId::generate(),
    );
    done(
        &store,
        [Act::add_member(how, membership(home, who, from(0), &[]))],
    )
    .await;
    let acts = |expected, name: &str| {
        [
            Act::revise_person(who, expected, day(0), NewPerson::new(name)),
            Act::revise_unit(
                home,
                expected,
                day(0),
                NewUnit::new(UnitKind::HOUSEHOLD).with_label(name),
            ),
            Act::change_membership(how, expected, BTreeSet::from([Role::MEMBER]), from(0)),
        ]
    };
    done(&store, acts(Version::FIRST, "first")).await;
    let ahead = Version::FIRST.next().next();
    for expected in [Version::FIRST, ahead] {
        for act in acts(expected, "second") {
            let entity = act.entity();
            let actual = Version::FIRST.next();
            let conflict = Refusal::Conflict {
                entity,
                expected,
                actual,
            };
            let command = Command::new(CommandId::generate(), act);
            match store.apply_one(command, &at(0)).await.unwrap() {
                Err(refused) => assert_eq!(refused.refusal, conflict),
                Ok(_) => panic!("expected `Conflict`, an update was lost"),
            }
        }
    }
    assert_eq!(
        store.person(who).await.unwrap().said(),
        &NewPerson::new("first")
    );
}

/// Of many writers who all expect the same version, one is carried out, round
/// after round.
pub async fn of_many_writers_one_is_carried_out(harness: &dyn Harness<dyn RecordStore>) {
    const ROUNDS: u64 = 20;
    let store = harness.open().await;
    let who = someone(&store).await;
    let carried_out: Vec<Vec<Version>> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..6)
            .map(|writer: u64| {
                let store = Arc::clone(&store);
                scope.spawn(move || block_on(write_rounds(&*store, who, writer, ROUNDS)))
            })
            .collect();
        writers
            .into_iter()
            .map(|w| w.join().expect("a writer panicked"))
            .collect()
    });
    let read = store.person(who).await.unwrap();
    let mut expected: Vec<Version> = carried_out.into_iter().flatten().collect();
    expected.sort_unstable();
    let each_once: Vec<Version> = (1..read.version().count())
        .filter_map(Version::from_count)
        .collect();
    assert_eq!(expected, each_once, "an update was lost");
    assert!(expected.len() as u64 >= ROUNDS);
    let changes = feed_is_whole(&store).await;
    assert_eq!(changes.len() as u64, read.version().count());
}

/// Reads and revises, round after round, and tells which versions were
/// expected by what was carried out.
async fn write_rounds(
    store: &dyn RecordStore,
    who: PersonId,
    writer: u64,
    rounds: u64,
) -> Vec<Version> {
    let mut carried_out = Vec::new();
    for round in 0..rounds {
        let read = store.person(who).await.unwrap();
        let said = NewPerson::new(format!("writer {writer} round {round}"));
        let act = Act::revise_person(who, read.version(), day(round), said);
        let command = Command::new(CommandId::generate(), act);
        match store.apply_one(command, &at(0)).await.unwrap() {
            Ok(_) => carried_out.push(read.version()),
            Err(refused) => assert!(matches!(refused.refusal, Refusal::Conflict { .. })),
        }
    }
    carried_out
}
