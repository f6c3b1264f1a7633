use std::slice::from_ref;

use solidarity_core::testing::Harness;
use solidarity_core::{DecisionId, PersonId, UnitId};

use super::fixture::{
    World, admit, advance, all, asked, collects, day, event, human, not_met, one, stamp,
};
use crate::{
    Admission, Draw, EnrolmentQuery, Error, Event, Ground, NewEnrolment, PayeeChange,
    ProgrammeStore, ProgrammeStoreExt, Status, Step, allocate,
};

/// Where an enrolment begins follows from its decision.
pub async fn a_decision_says_where_an_enrolment_begins(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    for (income, status, amount) in [
        (Some("1000"), Status::Enrolled, Some("110.00 KES")),
        (Some("1000.01"), Status::Applied, None),
        (None, Status::Undetermined, None),
    ] {
        let begun = world.enrol(&*store, day(1), income).await;
        assert_eq!(begun.status_on(day(1)), status);
        let due = begun.amount_on(day(1)).map(|amount| amount.to_string());
        assert_eq!(due.as_deref(), amount);
        assert_eq!(begun.amount_on(day(0)), None, "nothing is due before it");
    }
    let waits = world.decide(UnitId::generate(), day(1), Some("1"));
    let nothing = "0 KES".parse().unwrap();
    let draw = Draw::from_static("d");
    let mut allocation = allocate(&world.programme, &draw, nothing, vec![waits]).unwrap();
    let waits = allocation.waiting.remove(0);
    let begun = world.begin(&*store, &waits, day(1)).await;
    assert_eq!(begun.status_on(day(1)), Status::WaitingForBudget);
}

/// An enrolment that says other than its decision, or rests on none, is
/// refused.
pub async fn no_enrolment_without_its_decision(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let decision = world.decide(UnitId::generate(), day(0), Some("2000"));
    let new = NewEnrolment::of(&decision, World::payee(decision.unit()), day(0));
    let early = one(store.enrol(from_ref(&new), &stamp(day(0))).await);
    assert!(matches!(early, Err(Error::NotFound { .. })), "{early:?}");
    one(store.record_decisions(&[decision], &stamp(day(0))).await).unwrap();
    let mut json = serde_json::to_value(&new).unwrap();
    json["begins"] = "enrolled".into();
    json["amount"] = serde_json::json!({"amount": "9000.00", "currency": "KES"});
    let forged = serde_json::from_value(json).unwrap();
    let outcome = one(store.enrol(&[forged], &stamp(day(0))).await);
    assert!(
        matches!(outcome, Err(Error::Unfounded { .. })),
        "somebody was enrolled against the decision"
    );
    one(store.enrol(&[new], &stamp(day(0))).await).unwrap();
}

/// A unit has one enrolment in a programme that goes on; the same again is no
/// second one.
pub async fn a_unit_is_enrolled_once(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let first = world.enrol(&*store, day(0), Some("900")).await;
    let unit = first.unit();
    one(store.enrol(&[first.began().clone()], &stamp(day(5))).await).unwrap();
    let again = world.decide(unit, day(3), Some("800"));
    one(store
        .record_decisions(from_ref(&again), &stamp(day(3)))
        .await)
    .unwrap();
    let second = NewEnrolment::of(&again, World::payee(unit), day(3));
    match one(store.enrol(from_ref(&second), &stamp(day(3))).await) {
        Err(Error::AlreadyEnrolled { enrolment, .. }) => assert_eq!(enrolment, first.id()),
        other => panic!("a unit was enrolled twice: {other:?}"),
    }
    // Once the first is over there may be another.
    let stop = world.stop(
        first.id(),
        Step::End,
        Ground::HumanDecision(human()),
        day(3),
    );
    advance(&*store, &stop, day(3)).await.unwrap();
    let early = one(store.enrol(&[second], &stamp(day(3))).await);
    assert!(matches!(early, Err(Error::AlreadyEnrolled { .. })));
    let later = NewEnrolment::of(&again, World::payee(unit), day(17));
    one(store.enrol(&[later], &stamp(day(17))).await).unwrap();
    let query = EnrolmentQuery::Unit(unit);
    let listed = all(async |page| store.list_enrolments(query, &page).await).await;
    assert_eq!(listed.len(), 2);
}

/// Events are kept in the order in which they were recorded, each with its
/// stamp; the same again changes nothing, something else under its id is
/// refused.
pub async fn history_is_kept(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let begun = world.enrol(&*store, day(0), None).await;
    let admitted = admit(begun.id(), day(2), "120", Admission::Human(human()));
    let collector = PersonId::generate();
    let on = day(3);
    let moved = collects(begun.id(), collector, on, PayeeChange::Human(human()));
    advance(&*store, &admitted, day(2)).await.unwrap();
    advance(&*store, &moved, day(3)).await.unwrap();
    advance(&*store, &admitted, day(9)).await.unwrap();
    let mut other = moved.clone();
    other.event = admitted.event.clone();
    let taken = advance(&*store, &other, day(3)).await;
    assert!(
        matches!(taken, Err(Error::AlreadyExists { .. })),
        "{taken:?}"
    );

    let held = store.get_enrolment(begun.id()).await.unwrap();
    let ids: Vec<_> = held.history().iter().map(|recorded| recorded.id).collect();
    assert_eq!(ids, [admitted.id, moved.id], "an event was lost or doubled");
    assert_eq!(held.history()[0].stamp, stamp(day(2)));
    assert_eq!(held.history()[0].event, admitted.event);
    assert_eq!(held.status_on(day(1)), Status::Undetermined);
    assert_eq!(held.status_on(day(2)), Status::Enrolled);
    assert_eq!(held.payee_on(day(2)), World::payee(held.unit()));
    assert_eq!(held.payee_on(day(3)), collector);
}

/// Another person collects because who collects so far asks for it, or because a
/// named person decided so; and not on a day that is past.
pub async fn nobody_else_changes_the_payee(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let begun = world.enrol(&*store, day(0), Some("1")).await;
    let first = World::payee(begun.unit());
    let [second, third] = [(); 2].map(|()| PersonId::generate());
    let by = |person, n| PayeeChange::Requested(asked(person, day(n)));
    let refuse = async |by, on, words: &str| {
        let change = collects(begun.id(), PersonId::generate(), day(on), by);
        let outcome = advance(&*store, &change, day(5)).await;
        assert!(
            matches!(outcome, Err(Error::Unfounded { .. })),
            "{words} changed who collects: {outcome:?}"
        );
    };
    let allow = async |to, by| {
        let change = collects(begun.id(), to, day(5), by);
        advance(&*store, &change, day(5)).await.unwrap();
        let held = store.get_enrolment(begun.id()).await.unwrap();
        assert_eq!(held.payee_on(day(5)), to);
        assert_eq!(
            held.payee_on(day(4)),
            first,
            "a day that is past was changed"
        );
    };
    refuse(by(second, 5), 5, "a stranger").await;
    refuse(by(first, 9), 9, "a wish of a day to come").await;
    refuse(by(first, 4), 4, "a wish dated back").await;
    refuse(PayeeChange::Human(human()), 4, "a decision dated back").await;
    let held = store.get_enrolment(begun.id()).await.unwrap();
    assert_eq!(held, begun, "a refused change was recorded");
    allow(second, by(first, 4)).await;
    refuse(by(first, 5), 5, "who collected before").await;
    allow(third, by(second, 5)).await;
    allow(first, PayeeChange::Human(human())).await;
}

/// What the life cycle does not allow, or nothing carries, is refused and
/// writes nothing.
pub async fn what_is_not_allowed_writes_nothing(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let begun = world.enrol(&*store, day(0), Some("900")).await;
    let before = solidarity_core::conformance::feed_is_whole(&*store).await;
    let on = day(1);
    let decision = begun.began().decision();
    let human = || Admission::Human(human());
    let id = begun.id();
    let refused = [
        (event(id, Event::Wait { on, decision }), "NotAllowed"),
        (admit(id, on, "109.99", human()), "Unfounded"),
        (
            admit(id, on, "500", Admission::Decision(decision)),
            "Unfounded",
        ),
        (
            admit(id, on, "500", Admission::Decision(DecisionId::generate())),
            "NotFound",
        ),
        (
            admit(
                id,
                on,
                "500",
                Admission::Appeal(solidarity_core::CaseId::generate()),
            ),
            "Unfounded",
        ),
        (
            event(
                id,
                Event::Lift {
                    notice: solidarity_core::NoticeId::generate(),
                    on,
                },
            ),
            "NotFound",
        ),
        (
            admit(solidarity_core::EnrolmentId::generate(), on, "1", human()),
            "NotFound",
        ),
    ];
    for (event, expected) in &refused {
        let outcome = advance(&*store, event, on).await;
        let name = format!("{:?}", outcome.unwrap_err());
        assert!(name.starts_with(expected), "expected {expected}: {name}");
    }
    assert_eq!(store.get_enrolment(id).await.unwrap(), begun);
    let after = solidarity_core::conformance::feed_is_whole(&*store).await;
    assert_eq!(after, before, "a refused write was told");
}

/// Lists by status give, for a day, exactly those that stand so on that day.
pub async fn a_status_is_listed_for_a_day(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let mut begun = Vec::new();
    for (from, income) in [
        (0, Some("1")),
        (0, Some("2")),
        (4, Some("3")),
        (0, None),
        (0, Some("9999")),
    ] {
        begun.push(world.enrol(&*store, day(from), income).await);
    }
    let ended = &begun[1];
    let end = world.stop(
        ended.id(),
        Step::End,
        Ground::HumanDecision(human()),
        day(2),
    );
    advance(&*store, &end, day(2)).await.unwrap();
    let asked = admit(begun[3].id(), day(6), "120", Admission::Human(human()));
    advance(&*store, &asked, day(5)).await.unwrap();
    let applied = store
        .get_decision(begun[4].began().decision())
        .await
        .unwrap();
    let reject = world.stop(begun[4].id(), Step::Reject, not_met(&applied), day(0));
    advance(&*store, &reject, day(0)).await.unwrap();
    // Another programme's enrolments are never among them.
    let other = World::within(&*store).await;
    other.enrol(&*store, day(0), Some("1")).await;

    let statuses = [
        Status::Applied,
        Status::Undetermined,
        Status::Enrolled,
        Status::Rejected,
        Status::Ended,
        Status::Suspended,
    ];
    for on in [0, 3, 4, 5, 6, 13, 14, 15, 16, 40].map(day) {
        let mut counted = 0;
        for status in statuses {
            let programme = world.programme.id();
            let query = EnrolmentQuery::Status {
                programme,
                status,
                on,
            };
            let listed = all(async |page| store.list_enrolments(query, &page).await).await;
            assert!(listed.iter().all(|e| e.status_on(on) == status));
            assert!(listed.is_sorted_by_key(crate::Enrolment::id));
            counted += listed.len();
        }
        assert_eq!(counted, begun.len(), "on {on} one is in no list or in two");
    }
    let query = EnrolmentQuery::Status {
        programme: world.programme.id(),
        status: Status::Ended,
        on: day(16),
    };
    let listed = all(async |page| store.list_enrolments(query, &page).await).await;
    assert_eq!(
        listed.iter().map(crate::Enrolment::id).collect::<Vec<_>>(),
        [ended.id()]
    );
}
