use std::slice::from_ref;
use std::sync::Arc;
use std::thread;

use solidarity_core::conformance::feed_is_whole;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::{Harness, block_on};
use solidarity_core::{Cursor, Page, UnitId};

use super::fixture::{World, advance, all, day, human, one, stamp};
use crate::{
    DecisionQuery, EnrolmentQuery, Entitlement, EntitlementQuery, Error, Ground, NewEnrolment,
    ProgrammeStore, ProgrammeStoreExt, Status, Step,
};

/// A batch of the largest size is taken; a larger one writes nothing.
pub async fn too_large_a_batch_writes_nothing(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let decision = world.decide(UnitId::generate(), day(0), Some("1"));
    let batch = vec![decision.clone(); BATCH_MAX + 1];
    let too_large = store.record_decisions(&batch, &stamp(day(0))).await;
    assert!(matches!(too_large, Err(Error::Invalid(_))));
    assert!(store.get_decision(decision.id()).await.is_err());
    for size in [BATCH_MAX, BATCH_MAX - 1] {
        let outcomes = store.record_decisions(&batch[..size], &stamp(day(0))).await;
        assert_eq!(outcomes.unwrap().len(), size);
    }

    let new = NewEnrolment::of(&decision, World::payee(decision.unit()), day(0));
    let enrolments = vec![new.clone(); BATCH_MAX + 1];
    let too_large = store.enrol(&enrolments, &stamp(day(0))).await;
    assert!(matches!(too_large, Err(Error::Invalid(_))));
    assert!(store.get_enrolment(new.id()).await.is_err());
    one(store.enrol(from_ref(&new), &stamp(day(0))).await).unwrap();

    let ground = Ground::HumanDecision(human());
    let stop = world.stop(new.id(), Step::Suspend, ground, day(0));
    let too_large = store
        .advance(&vec![stop; BATCH_MAX + 1], &stamp(day(0)))
        .await;
    assert!(matches!(too_large, Err(Error::Invalid(_))));
    let held = store.get_enrolment(new.id()).await.unwrap();
    assert!(held.history().is_empty());

    let cycle = world.cycle(day(1), day(2));
    let due = vec![Entitlement::regular(&held, &cycle).unwrap(); BATCH_MAX + 1];
    let too_large = store.set_entitlements(&cycle, &due, &stamp(day(0))).await;
    assert!(matches!(too_large, Err(Error::Invalid(_))));
    assert!(store.get_cycle(cycle.id()).await.is_err());
}

/// Every write is told once, in order, with its kind, day and stamp.
pub async fn every_write_is_told_once(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let begun = world.enrol(&*store, day(1), Some("1")).await;
    let ground = Ground::HumanDecision(human());
    let stop = world.stop(begun.id(), Step::Suspend, ground, day(2));
    advance(&*store, &stop, day(2)).await.unwrap();
    let cycle = world.cycle(day(3), day(4));
    let due = Entitlement::regular(&begun, &cycle).unwrap();
    let closed = cycle.clone().closed();
    for _ in 0..2 {
        let new = from_ref(&due);
        one(store.set_entitlements(&closed, new, &stamp(day(3))).await).unwrap();
    }
    let changes = feed_is_whole(&*store).await;
    let told: Vec<_> = changes
        .iter()
        .map(|change| {
            (
                change.entity().as_str(),
                change.id(),
                change.kind().as_str(),
                change.effective_on(),
                change.recorded_at(),
            )
        })
        .collect();
    let at = |n| stamp(day(n)).at();
    let (cycle, due) = (*cycle.id().as_uuid(), *due.id().as_uuid());
    let enrolment = *begun.id().as_uuid();
    let decision = *begun.began().decision().as_uuid();
    assert_eq!(
        told,
        [
            (
                "programme",
                *world.programme.id().as_uuid(),
                "put",
                None,
                at(0)
            ),
            ("decision", decision, "eligible", Some(day(1)), at(1)),
            ("enrolment", enrolment, "enrol", Some(day(1)), at(1)),
            ("enrolment", enrolment, "suspend", Some(day(16)), at(2)),
            ("cycle", cycle, "open", None, at(3)),
            ("entitlement", due, "set", Some(day(3)), at(3)),
            ("cycle", cycle, "close", None, at(3)),
        ],
        "a write was not told, or not as it was"
    );
}

/// What was acknowledged is there after a crash: statements, decisions,
/// histories, cycles, entitlements and changes.
pub async fn what_was_acknowledged_survives_a_crash(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let begun = world.enrol(&*store, day(0), Some("1")).await;
    let cycle = world.cycle(day(5), day(9));
    let due = Entitlement::regular(&begun, &cycle).unwrap();
    let new = from_ref(&due);
    one(store.set_entitlements(&cycle, new, &stamp(day(5))).await).unwrap();
    let ground = Ground::HumanDecision(human());
    let stop = world.stop(begun.id(), Step::End, ground, day(6));
    advance(&*store, &stop, day(6)).await.unwrap();
    let held = store.get_enrolment(begun.id()).await.unwrap();
    let decision = store.get_decision(begun.began().decision()).await.unwrap();
    let told = feed_is_whole(&*store).await;

    let store = harness.reopen(store).await;
    let programme = store.get_programme(world.programme.id(), None).await;
    assert_eq!(programme.unwrap(), world.programme);
    assert_eq!(store.get_decision(decision.id()).await.unwrap(), decision);
    let after = store.get_enrolment(begun.id()).await.unwrap();
    assert_eq!(after, held, "an event was lost in a crash");
    assert_eq!(after.status_on(day(20)), Status::Ended);
    assert_eq!(store.get_cycle(cycle.id()).await.unwrap(), cycle);
    let query = EntitlementQuery::One(due.id());
    let listed = all(async |page| store.list_entitlements(query, &page).await).await;
    assert_eq!(listed, [due]);
    assert_eq!(feed_is_whole(&*store).await, told);
    advance(&*store, &stop, day(7)).await.unwrap();
    assert_eq!(feed_is_whole(&*store).await, told, "a repeat wrote again");
}

/// Of many who enrol one unit at once one succeeds, and of many who record one
/// event it is there once.
pub async fn writers_at_once_enrol_a_unit_once(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let unit = UnitId::generate();
    // Decisions on different days, so that each enrolment is another.
    let decisions: Vec<_> = (0..8)
        .map(|n| world.decide(unit, day(n), Some("1")))
        .collect();
    let recorded = store.record_decisions(&decisions, &stamp(day(9))).await;
    assert!(recorded.unwrap().iter().all(Result::is_ok));
    let new: Vec<_> = (decisions.iter())
        .map(|decision| NewEnrolment::of(decision, World::payee(unit), day(9)))
        .collect();
    let enrol = |new: NewEnrolment| {
        let store = Arc::clone(&store);
        thread::spawn(move || block_on(async { one(store.enrol(&[new], &stamp(day(9))).await) }))
    };
    let threads: Vec<_> = new.into_iter().map(enrol).collect();
    let outcomes: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    let enrolled = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(enrolled, 1, "a unit was enrolled twice at once");

    let query = EnrolmentQuery::Unit(unit);
    let listed = all(async |page| store.list_enrolments(query, &page).await).await;
    assert_eq!(listed.len(), 1);
    let ground = Ground::HumanDecision(human());
    let stop = world.stop(listed[0].id(), Step::Suspend, ground, day(9));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (store, stop) = (Arc::clone(&store), stop.clone());
            thread::spawn(move || block_on(advance(&*store, &stop, day(9))))
        })
        .collect();
    assert!(threads.into_iter().all(|t| t.join().unwrap().is_ok()));
    let held = store.get_enrolment(listed[0].id()).await.unwrap();
    assert_eq!(held.history().len(), 1);
    let changes = feed_is_whole(&*store).await;
    assert_eq!(changes.len(), 1 + 8 + 1 + 1);
}

/// A cursor of another list is refused, in every list.
pub async fn a_stranger_s_cursor_is_refused(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let unit = UnitId::generate();
    let page = Page::first().after(Cursor::new("not of this list").unwrap());
    let decisions = store.list_decisions(DecisionQuery::Unit(unit), &page).await;
    assert!(matches!(decisions, Err(Error::Invalid(_))));
    let enrolments = store
        .list_enrolments(EnrolmentQuery::Unit(unit), &page)
        .await;
    assert!(matches!(enrolments, Err(Error::Invalid(_))));
    let cycle = EntitlementQuery::Cycle(solidarity_core::CycleId::generate());
    let entitlements = store.list_entitlements(cycle, &page).await;
    assert!(matches!(entitlements, Err(Error::Invalid(_))));
}
