//! The kit that every [`RecordStore`] must pass.

use std::collections::BTreeSet;
use std::sync::Arc;

use solidarity_core::conformance::feed_is_whole;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::{Harness, block_on};
use solidarity_core::{Commitment, Cursor, Page, PersonId, UnitId, Validity, Version};

use super::fixture::{
    at, between, day, done, done_at, from, joins, membership, person, refused, someone, time, unit,
};
pub use super::roles::*;
use crate::limits::{ACTS_MAX, MEMBERSHIPS_MAX, READ_MAX};
use crate::{
    Act, AsOf, AttributeName, Choice, Command, CommandId, EntityRef, Error, MembershipId, Name,
    NameKind, NewPerson, NewUnit, Phone, RecordStore, RecordStoreExt, Refusal, Revision, Role,
    UnitKind,
};

/// Runs every conformance case against a [`RecordStore`].
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! record_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::record_store_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::record_store,
            [
                one_name_is_enough,
                what_is_registered_is_read,
                what_is_not_registered_is_not_found,
                an_id_is_registered_once,
                a_command_again_has_the_same_answer,
                an_id_with_other_acts_is_refused,
                a_command_happens_whole_or_not_at_all,
                a_command_sees_those_before_it,
                a_stale_revision_writes_nothing,
                of_many_writers_one_is_carried_out,
                a_read_is_as_of_a_day_and_a_time,
                recorded_times_never_go_back,
                history_is_whole,
                memberships_are_as_of_a_day_and_a_time,
                attributes_are_as_declared,
                limits_hold_to_the_one,
                every_write_is_told_once,
                what_was_acknowledged_survives_a_crash,
                headship_is_by_the_rules,
                headship_passes_in_one_command,
                the_rules_hold_on_every_day,
                a_person_is_in_many_units_and_in_each_once,
                a_kind_brings_its_rules,
                a_corrected_birth_is_never_refused,
                a_unit_has_so_many_members,
            ]
        );
    };
}

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
    let people = store
        .people(&[one, lost, other], AsOf::LATEST)
        .await
        .unwrap();
    let there: Vec<bool> = people.iter().map(Option::is_some).collect();
    assert_eq!(there, [true, false, true], "half a command was written");
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

/// A fact learned late is true from its own day on for those who ask now, and
/// was not known to those who ask about then.
pub async fn a_read_is_as_of_a_day_and_a_time(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let who = PersonId::generate();
    let versions = [
        ("born here", 10),
        ("moved", 40),
        ("moved before that", 20),
        ("moved, corrected", 40),
    ];
    for (n, (name, on)) in (0_u32..).zip(versions) {
        let said = NewPerson::new(name);
        let act = match Version::from_count(n.into()) {
            None => Act::register_person(who, day(on), said),
            Some(expected) => Act::revise_person(who, expected, day(on), said),
        };
        done_at(&store, [act], i64::from(n) * 100).await;
    }
    for (on, known, expected) in [
        (9, 999, None),
        (10, -1, None),
        (10, 0, Some(("born here", 1))),
        (39, 100, Some(("born here", 2))),
        (40, 99, Some(("born here", 1))),
        (40, 100, Some(("moved", 2))),
        (20, 199, Some(("born here", 2))),
        (20, 200, Some(("moved before that", 3))),
        (39, 999, Some(("moved before that", 4))),
        (40, 200, Some(("moved", 3))),
        (40, 300, Some(("moved, corrected", 4))),
        (99, 999, Some(("moved, corrected", 4))),
    ] {
        let read = store
            .people(&[who], AsOf::day(day(on)).known_at(time(known)))
            .await
            .unwrap();
        let shown = read[0]
            .as_ref()
            .map(|p| (p.said().clone(), p.version().count()));
        let expected = expected.map(|(name, version)| (NewPerson::new(name), version));
        assert_eq!(shown, expected, "as of day {on}, known at {known}");
    }
    assert_eq!(
        store.person(who).await.unwrap().said(),
        &NewPerson::new("moved, corrected")
    );
}

/// A clock that goes back does not: what was known at a time stays so.
pub async fn recorded_times_never_go_back(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let who = PersonId::generate();
    done_at(
        &store,
        [Act::register_person(who, day(0), NewPerson::new("a"))],
        500,
    )
    .await;
    let as_of = AsOf::LATEST.known_at(time(400));
    assert_eq!(store.people(&[who], as_of).await.unwrap(), [None]);
    done_at(
        &store,
        [Act::revise_person(
            who,
            Version::FIRST,
            day(0),
            NewPerson::new("b"),
        )],
        100,
    )
    .await;
    assert_eq!(
        store.people(&[who], as_of).await.unwrap(),
        [None],
        "the past changed"
    );
    let history = store.history(who.into(), &Page::first()).await.unwrap();
    let recorded: Vec<_> = history.items().iter().map(|r| r.recorded.at()).collect();
    assert_eq!(recorded, [time(500), time(500)]);
    let told: Vec<_> = feed_is_whole(&store)
        .await
        .iter()
        .map(|c| c.recorded_at())
        .collect();
    assert_eq!(told, recorded);
}

/// History holds every revision, in order and page by page, with who wrote it
/// and by which command.
pub async fn history_is_whole(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let who = PersonId::generate();
    let mut commands = Vec::new();
    for n in 0..7_u32 {
        let said = NewPerson::new(n.to_string());
        let on = day(u64::from(100 - n));
        let act = match Version::from_count(n.into()) {
            None => Act::register_person(who, on, said),
            Some(expected) => Act::revise_person(who, expected, on, said),
        };
        commands.push(done_at(&store, [act], i64::from(n)).await.command);
    }
    let mut all: Vec<Revision> = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = store.history(who.into(), &page).await.unwrap();
        assert!(paged.items().len() <= 3);
        all.extend_from_slice(paged.items());
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    assert_eq!(all.len(), 7);
    for ((n, revision), command) in (0_u32..).zip(&all).zip(commands) {
        assert_eq!(revision.entity, who.into());
        assert_eq!(revision.version.count(), u64::from(n) + 1);
        assert_eq!(revision.effective_on, day(u64::from(100 - n)));
        assert_eq!(revision.recorded, at(n.into()));
        assert_eq!((revision.command, revision.act), (command, 0));
        assert_eq!(revision.content, NewPerson::new(n.to_string()).into());
    }
    let stranger = Page::first().after(Cursor::new("not of this list").unwrap());
    assert!(matches!(
        store.history(who.into(), &stranger).await,
        Err(Error::Invalid(_))
    ));
}

/// Memberships are those of the day, by what was known; without a day, all.
pub async fn memberships_are_as_of_a_day_and_a_time(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (one, other) = (someone(&store).await, someone(&store).await);
    let (home, school) = (
        unit(&store, UnitKind::HOUSEHOLD).await,
        unit(&store, UnitKind::UNKNOWN).await,
    );
    let (early, late, away) = (
        MembershipId::generate(),
        MembershipId::generate(),
        MembershipId::generate(),
    );
    let acts = [
        Act::add_member(late, membership(home, other, between(5, 20), &[])),
        Act::add_member(early, membership(home, one, from(0), &[Role::HEAD])),
        Act::add_member(away, membership(school, one, from(10), &[Role::CHILD])),
    ];
    done_at(&store, acts, 100).await;
    let ended = between(0, 9);
    done_at(
        &store,
        [Act::change_membership(
            early,
            Version::FIRST,
            BTreeSet::from([Role::MEMBER]),
            ended,
        )],
        200,
    )
    .await;
    let found = async |of: &[EntityRef], on: Option<AsOf>| -> Vec<MembershipId> {
        store
            .memberships(of, on)
            .await
            .unwrap()
            .iter()
            .map(|m| m.id())
            .collect()
    };
    let (home, school, one) = (
        EntityRef::from(home),
        EntityRef::from(school),
        EntityRef::from(one),
    );
    let on = |n| Some(AsOf::day(day(n)));
    assert_eq!(found(&[home], None).await, [early, late]);
    assert_eq!(found(&[one], None).await, [early, away]);
    assert_eq!(
        found(&[home, school, one, away.into()], None).await,
        [early, late, away],
        "each once"
    );
    assert_eq!(found(&[home], on(4)).await, [early]);
    assert_eq!(found(&[home], on(9)).await, [early, late]);
    assert_eq!(found(&[home], on(10)).await, [late]);
    assert_eq!(found(&[home], on(21)).await, []);
    let before = |n| on(n).map(|on| on.known_at(time(199)));
    assert_eq!(
        found(&[home], before(10)).await,
        [early, late],
        "by what was known then"
    );
    assert_eq!(
        found(&[home], on(10).map(|on| on.known_at(time(99)))).await,
        []
    );
    let then = store
        .memberships(&[early.into()], before(10))
        .await
        .unwrap();
    assert_eq!(
        (then[0].version(), then[0].said().has(&Role::HEAD)),
        (Version::FIRST, true)
    );
    let now = store.memberships(&[early.into()], None).await.unwrap();
    assert_eq!(now[0].said().validity, ended);
    assert_eq!(
        (now[0].version().count(), now[0].said().has(&Role::HEAD)),
        (2, false)
    );
}

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

/// Every write is told once, in order, with a commitment to what was written;
/// what was refused or repeated is not told.
pub async fn every_write_is_told_once(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (who, home) = (PersonId::generate(), UnitId::generate());
    let first = Command::of(
        CommandId::generate(),
        [
            Act::register_person(who, day(3), NewPerson::new("Tuti")),
            Act::register_unit(home, day(2), NewUnit::new(UnitKind::HOUSEHOLD)),
            joins(home, who, from(5), &[]),
        ],
    );
    let bad = Command::new(CommandId::generate(), joins(home, who, from(9), &[]));
    let batch = [first.clone(), bad, first];
    let outcomes = store.apply(&batch, &at(0)).await.unwrap();
    assert_eq!(
        outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    done_at(
        &store,
        [Act::revise_person(
            who,
            Version::FIRST,
            day(1),
            NewPerson::new("T."),
        )],
        1,
    )
    .await;
    let changes = feed_is_whole(&store).await;
    let told: Vec<_> = changes
        .iter()
        .map(|c| {
            (
                c.entity().as_str(),
                c.kind().as_str(),
                c.effective_on(),
                c.recorded_at(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("person", "register", Some(day(3)), time(0)),
            ("unit", "register", Some(day(2)), time(0)),
            ("membership", "register", Some(day(5)), time(0)),
            ("person", "revise", Some(day(1)), time(1)),
        ],
        "each write is told once"
    );
    assert_eq!(
        (changes[0].id(), changes[3].id()),
        (*who.as_uuid(), *who.as_uuid())
    );
    assert_eq!(changes[0].actor(), at(0).actor());
    let history = store.history(who.into(), &Page::first()).await.unwrap();
    for (change, revision) in [&changes[0], &changes[3]].into_iter().zip(history.items()) {
        let json = revision.content.to_json().unwrap();
        assert_eq!(
            change.commitment(),
            Commitment::to(&revision.salt, json.as_bytes())
        );
    }
}

/// What was acknowledged is there after a crash: reads, history, the feed and
/// the memory of commands.
pub async fn what_was_acknowledged_survives_a_crash(harness: &dyn Harness<dyn RecordStore>) {
    let store = harness.open().await;
    let (who, home) = (PersonId::generate(), UnitId::generate());
    let command = Command::of(
        CommandId::generate(),
        [
            Act::register_person(who, day(0), NewPerson::new("Tuti")),
            Act::register_unit(home, day(0), NewUnit::new(UnitKind::HOUSEHOLD)),
            joins(home, who, from(0), &[Role::HEAD]),
        ],
    );
    let outcome = store.apply_one(command.clone(), &at(0)).await.unwrap();
    let before = (
        store.person(who).await.unwrap(),
        store.unit(home).await.unwrap(),
        store.members(home, None).await.unwrap(),
        store.history(who.into(), &Page::first()).await.unwrap(),
        feed_is_whole(&store).await,
    );
    let store = harness.reopen(store).await;
    let after = (
        store.person(who).await.unwrap(),
        store.unit(home).await.unwrap(),
        store.members(home, None).await.unwrap(),
        store.history(who.into(), &Page::first()).await.unwrap(),
        feed_is_whole(&store).await,
    );
    assert_eq!(after, before, "what was acknowledged was lost");
    assert_eq!(store.apply_one(command, &at(9)).await.unwrap(), outcome);
    assert_eq!(feed_is_whole(&store).await.len(), 3);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = concat!(include_str!("record_store.rs"), include_str!("roles.rs"));
        assert_eq!(
            solidarity_core::testing::unlisted_cases(source),
            Vec::<&str>::new()
        );
    }
}
