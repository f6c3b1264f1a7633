//! The cases about what is read: as of a day and a time, as history, as news,
//! after a crash.

use std::collections::BTreeSet;

use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::Harness;
use solidarity_core::{Commitment, Cursor, Page, PersonId, UnitId, Version};

use super::fixture::{at, between, day, done_at, from, joins, membership, someone, time, unit};
use crate::{
    Act, AsOf, Command, CommandId, EntityRef, Error, MembershipId, NewPerson, NewUnit, RecordStore,
    RecordStoreExt, Revision, Role, UnitKind,
};

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
