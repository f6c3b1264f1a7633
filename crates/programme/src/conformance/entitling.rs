use std::slice::from_ref;

use solidarity_core::testing::Harness;
use solidarity_core::{CaseId, CycleId, ProgrammeId};

use super::fixture::{
    World, admit, advance, all, appeal, day, decided, event, human, not_met, notice_of, one, stamp,
};
use crate::{
    Admission, AppealOutcome, Cycle, CycleState, Enrolment, Entitlement, EntitlementQuery, Error,
    Event, Ground, ProgrammeStore, ProgrammeStoreExt, Result, Status, Step,
};

async fn set(store: &dyn ProgrammeStore, cycle: &Cycle, new: &Entitlement) -> Result<()> {
    let new = from_ref(new);
    one(store
        .set_entitlements(cycle, new, &stamp(cycle.assessed_on()))
        .await)
}

/// Who is enrolled on the day of assessment is entitled, once, whole; nobody
/// else is.
pub async fn entitlements_are_set_once(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let cycle = world.cycle(day(10), day(39));
    let mut due = Vec::new();
    for _ in 0..5 {
        let begun = world.enrol(&*store, day(0), Some("1")).await;
        due.push(Entitlement::regular(&begun, &cycle).unwrap());
    }
    let late = world.enrol(&*store, day(11), Some("1")).await;
    assert_eq!(Entitlement::regular(&late, &cycle), None);

    for again in 0..2 {
        let outcomes = store
            .set_entitlements(&cycle, &due, &stamp(day(10 + again)))
            .await;
        assert!(outcomes.unwrap().iter().all(Result::is_ok));
    }
    assert_eq!(store.get_cycle(cycle.id()).await.unwrap(), cycle);
    due.sort_by_key(Entitlement::id);
    let query = EntitlementQuery::Cycle(cycle.id());
    let listed = all(async |page| store.list_entitlements(query, &page).await).await;
    assert_eq!(listed, due, "an entitlement was lost, changed or doubled");
    for query in [
        EntitlementQuery::One(due[0].id()),
        EntitlementQuery::Enrolment(due[0].enrolment()),
    ] {
        let listed = all(async |page| store.list_entitlements(query, &page).await).await;
        assert_eq!(listed, due[..1]);
    }
    let unknown = store.get_cycle(CycleId::generate()).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
}

/// An amount that the enrolment does not give is refused: another sum, a unit
/// that is suspended, waits or was never enrolled.
pub async fn what_is_not_due_is_refused(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let cycle = world.cycle(day(20), day(49));
    let begun = world.enrol(&*store, day(0), Some("1")).await;
    let due = Entitlement::regular(&begun, &cycle).unwrap();
    let mut json = serde_json::to_value(&due).unwrap();
    json["amount"]["amount"] = "900000.00".into();
    let forged: Entitlement = serde_json::from_value(json).unwrap();
    assert!(
        matches!(
            set(&*store, &cycle, &forged).await,
            Err(Error::Unfounded { .. })
        ),
        "an amount that is not due was set"
    );
    let ground = Ground::HumanDecision(human());
    let stop = world.stop(begun.id(), Step::Suspend, ground, day(2));
    advance(&*store, &stop, day(2)).await.unwrap();
    assert!(
        matches!(
            set(&*store, &cycle, &due).await,
            Err(Error::Unfounded { .. })
        ),
        "a suspended benefit was set"
    );
    let query = EntitlementQuery::Cycle(cycle.id());
    let listed = all(async |page| store.list_entitlements(query, &page).await).await;
    assert_eq!(listed, []);
}

/// A cycle is one thing, takes no more once it is closed, and stays closed;
/// what was set before is answered as before.
pub async fn a_closed_cycle_takes_no_more(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let cycle = world.cycle(day(10), day(39));
    let dues = [
        world.enrol(&*store, day(0), Some("1")).await,
        world.enrol(&*store, day(0), Some("1")).await,
    ]
    .map(|begun| Entitlement::regular(&begun, &cycle).unwrap());
    let last = cycle.clone().closed();
    set(&*store, &last, &dues[0]).await.unwrap();
    let held = store.get_cycle(cycle.id()).await.unwrap();
    assert_eq!(held.state(), CycleState::Closed);
    for cycle in [&cycle, &last] {
        set(&*store, cycle, &dues[0]).await.unwrap();
        let more = set(&*store, cycle, &dues[1]).await;
        assert!(
            matches!(more, Err(Error::CycleClosed { .. })),
            "a closed cycle took more: {more:?}"
        );
    }
    let held = store.get_cycle(cycle.id()).await.unwrap();
    assert_eq!(held.state(), CycleState::Closed);
    let moved = cycle.clone().with_assessment_on(day(11));
    let other = store.set_entitlements(&moved, &[], &stamp(day(10))).await;
    assert!(
        matches!(other, Err(Error::AlreadyExists { .. })),
        "{other:?}"
    );
    let stranger = World::new(ProgrammeId::generate()).cycle(day(1), day(2));
    let nowhere = store.set_entitlements(&stranger, &[], &stamp(day(1))).await;
    assert!(
        matches!(nowhere, Err(Error::NotFound { .. })),
        "{nowhere:?}"
    );
}

/// Arrears are what an upheld appeal found due and was not set: no less, no
/// more, and once.
pub async fn an_upheld_appeal_is_owed_arrears(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let (missed, next) = (world.cycle(day(20), day(49)), world.cycle(day(50), day(79)));
    let reduced = world.enrol(&*store, day(0), Some("1")).await;
    let rejected = world.enrol(&*store, day(0), Some("5000")).await;
    let first = store
        .get_decision(rejected.began().decision())
        .await
        .unwrap();

    let to = "60 KES".parse().unwrap();
    let ground = Ground::HumanDecision(human());
    let reduce = world.stop(reduced.id(), Step::Reduce { to }, ground, day(1));
    let reject = world.stop(rejected.id(), Step::Reject, not_met(&first), day(1));
    for stop in [&reduce, &reject] {
        advance(&*store, stop, day(1)).await.unwrap();
    }
    let read = async |begun: &Enrolment| store.get_enrolment(begun.id()).await.unwrap();
    let now = Entitlement::regular(&read(&reduced).await, &missed).unwrap();
    assert_eq!(now.amount(), to);
    set(&*store, &missed, &now).await.unwrap();
    store
        .set_entitlements(&missed.clone().closed(), &[], &stamp(day(20)))
        .await
        .unwrap();
    let early = Entitlement::arrears(&read(&reduced).await, &missed, &next, from_ref(&now));
    assert_eq!(early, None, "no appeal was upheld");

    // Both appeal too late to hold anything back, and are right.
    for stop in [&reduce, &reject] {
        let case = CaseId::generate();
        advance(&*store, &appeal(stop, case, day(40)), day(40))
            .await
            .unwrap();
        let right = decided(stop.enrolment, case, day(45), AppealOutcome::Upheld);
        advance(&*store, &right, day(45)).await.unwrap();
        if stop.id == reject.id {
            let by = Admission::Appeal(case);
            let back = admit(stop.enrolment, day(0), "110", by);
            advance(&*store, &back, day(45)).await.unwrap();
        }
    }
    assert_eq!(read(&rejected).await.status_on(day(45)), Status::Enrolled);

    for (begun, prior, owed) in [
        (&reduced, vec![now.clone()], "50.00 KES"),
        (&rejected, Vec::new(), "110.00 KES"),
    ] {
        let begun = read(begun).await;
        let arrears = Entitlement::arrears(&begun, &missed, &next, &prior).unwrap();
        assert_eq!(arrears.amount().to_string(), owed);
        // Worked out without what was set already, it would be too much.
        if let Some(more) = Entitlement::arrears(&begun, &missed, &next, &[])
            && more != arrears
        {
            assert!(
                matches!(
                    set(&*store, &next, &more).await,
                    Err(Error::Unfounded { .. })
                ),
                "more was set than is owed"
            );
        }
        set(&*store, &next, &arrears).await.unwrap();
        set(&*store, &next, &arrears).await.unwrap();
        let regular = Entitlement::regular(&begun, &next).unwrap();
        set(&*store, &next, &regular).await.unwrap();
        let query = EntitlementQuery::Enrolment(begun.id());
        let listed = all(async |page| store.list_entitlements(query, &page).await).await;
        assert_eq!(listed.len(), prior.len() + 2);
        // Paid in arrears, the missed cycle owes nothing more.
        assert_eq!(Entitlement::arrears(&begun, &missed, &next, &listed), None);
    }
}

async fn set_so_far(store: &dyn ProgrammeStore, of: &Enrolment) -> Vec<Entitlement> {
    let query = EntitlementQuery::Enrolment(of.id());
    all(async |page| store.list_entitlements(query, &page).await).await
}

/// A cycle that is corrected twice is owed both differences, each once, however
/// often and wherever it is set.
pub async fn each_correction_is_owed_once(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let (missed, next) = (world.cycle(day(20), day(49)), world.cycle(day(50), day(79)));
    let later = world.cycle(day(80), day(109));
    let begun = world.enrol(&*store, day(0), Some("1")).await;
    let mut cases = Vec::new();
    for (n, to) in [(1, "80 KES"), (2, "60 KES")] {
        let to = to.parse().unwrap();
        let ground = Ground::HumanDecision(human());
        let stop = world.stop(begun.id(), Step::Reduce { to }, ground, day(n));
        advance(&*store, &stop, day(n)).await.unwrap();
        let case = CaseId::generate();
        cases.push(case);
        advance(&*store, &appeal(&stop, case, day(40)), day(40))
            .await
            .unwrap();
    }
    let read = async || store.get_enrolment(begun.id()).await.unwrap();
    let least = Entitlement::regular(&read().await, &missed).unwrap();
    assert_eq!(least.amount().to_string(), "60.00 KES");
    set(&*store, &missed, &least).await.unwrap();

    // First against the lower amount, then against the other.
    let mut set_in_next = Vec::new();
    for (case, owed) in cases.into_iter().rev().zip(["20.00 KES", "30.00 KES"]) {
        let right = decided(begun.id(), case, day(45), AppealOutcome::Upheld);
        advance(&*store, &right, day(45)).await.unwrap();
        let (held, prior) = (read().await, set_so_far(&*store, &begun).await);
        let arrears = Entitlement::arrears(&held, &missed, &next, &prior).unwrap();
        assert_eq!(arrears.amount().to_string(), owed);
        let elsewhere = Entitlement::arrears(&held, &missed, &later, &prior).unwrap();
        let first = set(&*store, &next, &arrears).await;
        assert!(first.is_ok(), "what was corrected is not paid: {first:?}");
        set(&*store, &next, &arrears).await.unwrap();
        let twice = set(&*store, &later, &elsewhere).await;
        assert!(
            matches!(twice, Err(Error::AlreadyExists { .. })),
            "what is owed was set twice: {twice:?}"
        );
        set_in_next.push(arrears);
        let prior = set_so_far(&*store, &begun).await;
        assert_eq!(Entitlement::arrears(&held, &missed, &next, &prior), None);
        // Worked out as if nothing had been set, it is too much.
        let whole = Entitlement::arrears(&held, &missed, &later, &[]).unwrap();
        let whole = set(&*store, &later, &whole).await;
        assert!(matches!(whole, Err(Error::Unfounded { .. })), "{whole:?}");
    }
    let mut expected = vec![least];
    expected.extend(set_in_next);
    expected.sort_by_key(Entitlement::id);
    assert_eq!(set_so_far(&*store, &begun).await, expected);
}

/// An office that takes a stop back owes what was withheld since the day that it
/// says, without anybody's appeal; of a suspension that was right and is over,
/// nothing.
pub async fn a_stop_taken_back_is_owed_arrears(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let (missed, next) = (world.cycle(day(20), day(49)), world.cycle(day(50), day(79)));
    store
        .set_entitlements(&missed, &[], &stamp(day(20)))
        .await
        .unwrap();
    // Suspended from day 15 on; taken back on day 40.
    for (from, owed) in [(15, Some("110.00 KES")), (40, None)] {
        let begun = world.enrol(&*store, day(0), Some("1")).await;
        let ground = Ground::HumanDecision(human());
        let stop = world.stop(begun.id(), Step::Suspend, ground, day(1));
        advance(&*store, &stop, day(1)).await.unwrap();
        let held = store.get_enrolment(begun.id()).await.unwrap();
        assert_eq!(Entitlement::regular(&held, &missed), None);
        assert_eq!(Entitlement::arrears(&held, &missed, &next, &[]), None);

        let (notice, on) = (notice_of(&stop), day(from));
        let lift = event(begun.id(), Event::Lift { notice, on });
        advance(&*store, &lift, day(40)).await.unwrap();
        let held = store.get_enrolment(begun.id()).await.unwrap();
        let arrears = Entitlement::arrears(&held, &missed, &next, &[]);
        let amount = arrears.as_ref().map(|due| due.amount().to_string());
        assert_eq!(amount.as_deref(), owed);
        for due in arrears.iter().chain(arrears.iter()) {
            let outcome = set(&*store, &next, due).await;
            assert!(
                outcome.is_ok(),
                "an office's own correction is not paid: {outcome:?}"
            );
        }
        let prior = set_so_far(&*store, &begun).await;
        assert_eq!(prior, arrears.into_iter().collect::<Vec<_>>());
        assert_eq!(Entitlement::arrears(&held, &missed, &next, &prior), None);
    }
}
