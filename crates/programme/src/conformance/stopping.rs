use std::slice::from_ref;

use solidarity_core::testing::Harness;
use solidarity_core::{CaseId, PersonId, ProgrammeId, UnitId};

use super::fixture::{
    World, about, admit, advance, appeal, day, decided, event, human, not_met, notice_of, one,
    said, stamp,
};
use crate::{
    Admission, AdverseAction, AppealOutcome, DueProcess, Error, Event, Ground, NewEnrolment,
    NewEvent, Notice, ProgrammeClosed, ProgrammeStore, ProgrammeStoreExt, Status, Step,
    decide_eligibility,
};

/// A stop is there from the day that its notice says, and not a day sooner.
pub async fn nothing_stops_before_its_day(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    for (step, after) in [
        (Step::Suspend, Status::Suspended),
        (Step::End, Status::Ended),
    ] {
        let begun = world.enrol(&*store, day(0), Some("1")).await;
        let stop = world.stop(begun.id(), step, Ground::HumanDecision(human()), day(1));
        advance(&*store, &stop, day(1)).await.unwrap();
        let held = store.get_enrolment(begun.id()).await.unwrap();
        for n in 0..15 {
            assert_eq!(
                held.status_on(day(n)),
                Status::Enrolled,
                "a benefit stopped before the day of its notice"
            );
        }
        assert_eq!(held.status_on(day(15)), after);
        assert_eq!(held.amount_on(day(15)), None);
    }
    let begun = world.enrol(&*store, day(0), Some("1")).await;
    let to = "60 KES".parse().unwrap();
    let ground = Ground::HumanDecision(human());
    let stop = world.stop(begun.id(), Step::Reduce { to }, ground, day(1));
    advance(&*store, &stop, day(1)).await.unwrap();
    let held = store.get_enrolment(begun.id()).await.unwrap();
    assert_eq!(held.amount_on(day(14)), begun.amount_on(day(14)));
    assert_eq!(held.amount_on(day(15)), Some(to));
    assert_eq!(held.status_on(day(15)), Status::Enrolled);
}

/// A notice is given on the day on which it is recorded, and under terms no
/// worse than the programme's.
pub async fn a_backdated_or_short_notice_is_refused(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let begun = world.enrol(&*store, day(0), Some("1")).await;
    let backdated = world.stop(
        begun.id(),
        Step::Suspend,
        Ground::HumanDecision(human()),
        day(0),
    );
    let outcome = advance(&*store, &backdated, day(2)).await;
    assert!(
        matches!(outcome, Err(Error::Unfounded { .. })),
        "a backdated notice stopped a benefit"
    );
    for terms in [DueProcess::new(7, 30), DueProcess::new(14, 14)] {
        let notice = Notice::new(terms, said(day(2), day(40))).unwrap();
        let ground = Ground::HumanDecision(human());
        let short = AdverseAction::new(begun.id(), Step::Suspend, ground, notice).unwrap();
        let outcome = advance(&*store, &NewEvent::stop(short), day(2)).await;
        assert!(
            matches!(outcome, Err(Error::Unfounded { .. })),
            "a notice under worse terms stopped a benefit"
        );
    }
    assert_eq!(store.get_enrolment(begun.id()).await.unwrap(), begun);
}

/// An appeal in time holds a stop back until it is decided; dismissed, the
/// stop stands; upheld, it is void.
pub async fn an_appeal_holds_a_stop_back(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    for (outcome, after) in [
        (AppealOutcome::Dismissed, Status::Suspended),
        (AppealOutcome::Upheld, Status::Enrolled),
    ] {
        let begun = world.enrol(&*store, day(0), Some("1")).await;
        let ground = Ground::HumanDecision(human());
        let stop = world.stop(begun.id(), Step::Suspend, ground, day(1));
        advance(&*store, &stop, day(1)).await.unwrap();
        // Made on the last day of the window, which is day 31; effect on 15.
        let case = CaseId::generate();
        advance(&*store, &appeal(&stop, case, day(31)), day(31))
            .await
            .unwrap();
        let decision = decided(begun.id(), case, day(50), outcome);
        advance(&*store, &decision, day(50)).await.unwrap();
        let held = store.get_enrolment(begun.id()).await.unwrap();
        for (n, status) in [
            (14, Status::Enrolled),
            (15, Status::Suspended),
            (30, Status::Suspended),
            (31, Status::Enrolled),
            (49, Status::Enrolled),
            (50, after),
        ] {
            assert_eq!(held.status_on(day(n)), status, "{outcome:?}, day {n}");
        }
        let twice = decided(begun.id(), case, day(51), AppealOutcome::Dismissed);
        let twice = advance(&*store, &twice, day(51)).await;
        assert!(matches!(twice, Err(Error::Unfounded { .. })), "{twice:?}");
    }
}

/// A missing fact rejects nobody: neither by its own decision nor by another
/// unit's.
pub async fn an_undetermined_decision_rejects_nobody(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let open = world.enrol(&*store, day(0), None).await;
    // Somebody writes the ground by hand.
    let forged = |decision| -> Ground {
        let json = serde_json::json!({"rule_not_met": {"decision": decision}});
        serde_json::from_value(json).unwrap()
    };
    let other = world.enrol(&*store, day(0), Some("5000")).await;
    for decision in [open.began().decision(), other.began().decision()] {
        let stop = world.stop(open.id(), Step::Reject, forged(decision), day(0));
        let outcome = advance(&*store, &stop, day(0)).await;
        assert!(
            matches!(outcome, Err(Error::Unfounded { .. })),
            "a decision that is no ground rejected somebody"
        );
    }
    // Once the fact is known it may.
    let asked = world.decide(open.unit(), day(1), Some("5000"));
    one(store
        .record_decisions(from_ref(&asked), &stamp(day(1)))
        .await)
    .unwrap();
    let stop = world.stop(open.id(), Step::Reject, not_met(&asked), day(1));
    advance(&*store, &stop, day(1)).await.unwrap();
    let held = store.get_enrolment(open.id()).await.unwrap();
    assert_eq!(held.status_on(day(14)), Status::Undetermined);
    assert_eq!(held.status_on(day(15)), Status::Rejected);
}

/// A decision that a later admission has overtaken is no ground any more.
pub async fn an_overtaken_decision_ends_nothing(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let unit = UnitId::generate();
    let old = world.decide(unit, day(0), Some("5000"));
    let begun = world.begin(&*store, &old, day(0)).await;
    let new = world.decide(unit, day(5), Some("500"));
    one(store.record_decisions(from_ref(&new), &stamp(day(5))).await).unwrap();
    let by = Admission::Decision(new.id());
    let admitted = admit(begun.id(), day(5), "110", by);
    advance(&*store, &admitted, day(5)).await.unwrap();
    let stop = world.stop(begun.id(), Step::End, not_met(&old), day(6));
    let outcome = advance(&*store, &stop, day(6)).await;
    assert!(
        matches!(outcome, Err(Error::Unfounded { .. })),
        "an overtaken decision ended a benefit: {outcome:?}"
    );
}

/// Who asks, died or moved collects the benefit or belongs to the unit, as the
/// decision says on which it rests, and a closure is the programme's. Nothing
/// of strangers ends a benefit.
pub async fn a_stranger_ends_no_benefit(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let (unit, payee) = (UnitId::generate(), PersonId::generate());
    let [member, joined, stranger] = [(); 3].map(|()| PersonId::generate());
    let with = |person, n| {
        let facts = World::facts(unit, day(n), Some("1")).with_member(person);
        decide_eligibility(&world.programme, &facts)
    };
    let first = with(member, 0);
    one(store
        .record_decisions(from_ref(&first), &stamp(day(0)))
        .await)
    .unwrap();
    let new = NewEnrolment::of(&first, payee, day(0));
    one(store.enrol(from_ref(&new), &stamp(day(0))).await).unwrap();
    let id = new.id();
    let end = async |ground, on| {
        let stop = world.stop(id, Step::End, ground, on);
        advance(&*store, &stop, on).await
    };
    let refuse = async |ground, on, words: &str| {
        let outcome = end(ground, on).await;
        assert!(
            matches!(outcome, Err(Error::Unfounded { .. })),
            "{words} ended a benefit: {outcome:?}"
        );
    };
    let closed = |programme| {
        let closed = ProgrammeClosed::new(programme, "Act 9").unwrap();
        Ground::ProgrammeClosed(closed)
    };

    for ground in about(stranger, day(1)) {
        refuse(ground, day(1), "a stranger").await;
    }
    let [asks, ..] = about(payee, day(9));
    refuse(asks, day(1), "a wish of a day to come").await;
    let other = closed(ProgrammeId::generate());
    refuse(other, day(1), "another programme's closure").await;
    let held = store.get_enrolment(id).await.unwrap();
    assert_eq!(held.history(), [], "a refused stop was recorded");

    for person in [payee, member] {
        for ground in about(person, day(1)) {
            end(ground, day(1)).await.unwrap();
        }
    }
    end(closed(world.programme.id()), day(1)).await.unwrap();

    // Another now belongs to the unit, and the one from before does not.
    let second = with(joined, 2);
    one(store
        .record_decisions(from_ref(&second), &stamp(day(2)))
        .await)
    .unwrap();
    let by = Admission::Decision(second.id());
    advance(&*store, &admit(id, day(2), "120", by), day(2))
        .await
        .unwrap();
    for ground in about(member, day(2)) {
        refuse(ground, day(2), "a former member").await;
    }
    for ground in about(joined, day(2)) {
        end(ground, day(2)).await.unwrap();
    }
}

/// What is taken back has no effect from that day on, and is taken back once.
pub async fn a_stop_is_taken_back(harness: &dyn Harness<dyn ProgrammeStore>) {
    let store = harness.open().await;
    let world = World::within(&*store).await;
    let begun = world.enrol(&*store, day(0), Some("1")).await;
    let ground = Ground::HumanDecision(human());
    let stop = world.stop(begun.id(), Step::Suspend, ground, day(0));
    advance(&*store, &stop, day(0)).await.unwrap();
    let notice = notice_of(&stop);
    let lift = event(
        begun.id(),
        Event::Lift {
            notice,
            on: day(20),
        },
    );
    advance(&*store, &lift, day(20)).await.unwrap();
    let again = event(
        begun.id(),
        Event::Lift {
            notice,
            on: day(21),
        },
    );
    assert!(advance(&*store, &again, day(21)).await.is_err());
    let held = store.get_enrolment(begun.id()).await.unwrap();
    for (n, status) in [
        (13, Status::Enrolled),
        (14, Status::Suspended),
        (19, Status::Suspended),
        (20, Status::Enrolled),
    ] {
        assert_eq!(held.status_on(day(n)), status, "day {n}");
    }
}
