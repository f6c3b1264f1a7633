use solidarity_core::testing::Harness;
use solidarity_core::{ProgrammeId, UnitId, Version};

use super::fixture::{World, all, day, one, stamp};
use crate::{
    Decision, DecisionQuery, Draw, Error, Programme, ProgrammeStore, ProgrammeStoreExt, allocate,
};

/// Every version of a statement is read as it was put; without a version, the
/// latest is.
pub async fn a_programme_is_read_as_it_was_put(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let first = world.programme;
    let mut stated = first.stated().clone().at_version(Version::FIRST.next());
    stated.name = "Another name".to_owned();
    let second = Programme::new(stated).unwrap();
    store.put_programme(&second, &stamp(day(1))).await.unwrap();
    let get = async |version| store.get_programme(first.id(), version).await.unwrap();
    assert_eq!(get(Some(Version::FIRST)).await, first);
    assert_eq!(get(Some(Version::FIRST.next())).await, second);
    assert_eq!(get(None).await, second);
    assert_eq!(get(None).await.digest(), second.digest());
    let unknown = store.get_programme(ProgrammeId::generate(), None).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
}

/// A version is put once, and the next one follows.
pub async fn versions_follow_one_another(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let id = ProgrammeId::generate();
    let put = async |version: u64, name: &str| {
        let version = Version::from_count(version).unwrap();
        let mut stated = World::stated(id).at_version(version);
        stated.name = name.to_owned();
        let programme = Programme::new(stated).unwrap();
        store.put_programme(&programme, &stamp(day(0))).await
    };
    assert!(matches!(put(2, "a").await, Err(Error::NotFound { .. })));
    put(1, "a").await.unwrap();
    put(1, "a").await.unwrap();
    let other = put(1, "b").await;
    assert!(
        matches!(other, Err(Error::AlreadyExists { .. })),
        "another statement at a version that is taken: {other:?}"
    );
    let gap = put(3, "a").await;
    assert!(matches!(gap, Err(Error::Conflict { .. })), "{gap:?}");
    put(2, "b").await.unwrap();
    put(1, "a").await.unwrap();
    let latest = store.get_programme(id, None).await.unwrap();
    assert_eq!((latest.version().count(), latest.name()), (2, "b"));
}

/// What was recorded is listed by unit and by programme, whole, and read by
/// id: all four outcomes.
pub async fn decisions_are_read_as_recorded(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let unit = UnitId::generate();
    let mut decisions: Vec<Decision> = [Some("900"), Some("1100"), None]
        .into_iter()
        .enumerate()
        .map(|(n, income)| world.decide(unit, day(n as u64), income))
        .collect();
    let waits = world.decide(UnitId::generate(), day(0), Some("1"));
    let nothing = "0 KES".parse().unwrap();
    let draw = Draw::from_static("2026-11");
    let allocation = allocate(&world.programme, &draw, nothing, vec![waits]).unwrap();
    decisions.extend(allocation.waiting);
    let outcomes: Vec<&str> = decisions.iter().map(|d| d.outcome().as_str()).collect();
    assert_eq!(
        outcomes,
        [
            "eligible",
            "ineligible",
            "undetermined",
            "waiting_for_budget"
        ]
    );

    let recorded = store.record_decisions(&decisions, &stamp(day(3))).await;
    assert!(recorded.unwrap().iter().all(Result::is_ok));
    for decision in &decisions {
        let read = store.get_decision(decision.id()).await.unwrap();
        assert_eq!(&read, decision, "a decision was lost or changed");
    }
    let mut ordered = decisions.clone();
    ordered.sort_by_key(Decision::id);
    let query = DecisionQuery::Programme(world.programme.id());
    let listed = all(async |page| store.list_decisions(query, &page).await).await;
    assert_eq!(listed, ordered, "a decision was lost or changed");
    let query = DecisionQuery::Unit(unit);
    let listed = all(async |page| store.list_decisions(query, &page).await).await;
    ordered.retain(|decision| decision.unit() == unit);
    assert_eq!(listed, ordered);
}

/// A decision that somebody changed does not replay, and is not recorded.
pub async fn a_forged_decision_is_refused(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let open = world.decide(UnitId::generate(), day(0), None);
    let mut json = serde_json::to_value(&open).unwrap();
    json["outcome"] = serde_json::json!({"ineligible": {"decision": open.id()}});
    let forged: Decision = serde_json::from_value(json).unwrap();
    let sound = world.decide(UnitId::generate(), day(0), Some("5"));
    let stranger = World::new(ProgrammeId::generate());
    let elsewhere = stranger.decide(UnitId::generate(), day(0), Some("5"));
    let batch = [forged, elsewhere, sound.clone()];
    let outcomes = store
        .record_decisions(&batch, &stamp(day(0)))
        .await
        .unwrap();
    assert!(
        matches!(outcomes[0], Err(Error::Unfounded { .. })),
        "a forged decision was recorded"
    );
    assert!(matches!(outcomes[1], Err(Error::NotFound { .. })));
    assert!(outcomes[2].is_ok(), "a refused item spares the others");
    let query = DecisionQuery::Programme(world.programme.id());
    let listed = all(async |page| store.list_decisions(query, &page).await).await;
    assert_eq!(listed, [sound], "a refused item wrote something");
}

/// The same decision again is answered the same, and is there once.
pub async fn a_decision_again_changes_nothing(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let decision = world.decide(UnitId::generate(), day(0), Some("5"));
    let twice = [decision.clone(), decision.clone()];
    for _ in 0..2 {
        let outcomes = store.record_decisions(&twice, &stamp(day(0))).await;
        assert!(outcomes.unwrap().iter().all(Result::is_ok));
    }
    one(store.record_decisions(&twice[..1], &stamp(day(9))).await).unwrap();
    let query = DecisionQuery::Unit(decision.unit());
    let listed = all(async |page| store.list_decisions(query, &page).await).await;
    assert_eq!(listed, [decision]);
    let changes = solidarity_core::conformance::feed_is_whole(&*store).await;
    assert_eq!(changes.len(), 2, "a repeated write was told again");
}
