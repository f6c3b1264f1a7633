use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::Harness;
use solidarity_core::{Page, Version};

use super::{
    accepted, act, at, batch, by, credited, instruction, line, lines, money, payment, record,
    rejected, released, returned, tell, totals_hold,
};
use crate::{
    Bucket, DisbursementStore, Error, EventKind, LineEvent, LineState, Outcome, Reason, Receipt,
    Refusal, Resolution,
};

/// A payment's whole life, with the totals checked at every event.
pub async fn events_move_lines_and_totals(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let id = released(&*store, &batch("b", [1, 2, 3])).await.id();
    let steps = [
        (
            EventKind::Submitting,
            LineState::Submitting,
            Bucket::InFlight,
        ),
        (
            EventKind::AnswerLost,
            LineState::Unknown,
            Bucket::Unresolved,
        ),
        (
            EventKind::NotKnown,
            LineState::Prepared,
            Bucket::NotSubmitted,
        ),
        (
            EventKind::Submitting,
            LineState::Submitting,
            Bucket::InFlight,
        ),
        (accepted(), LineState::InFlight, Bucket::InFlight),
        (credited(1), LineState::Credited, Bucket::Credited),
        (returned(1), LineState::Returned, Bucket::Returned),
    ];
    for (n, (kind, state, bucket)) in (2_i64..).zip(steps) {
        let outcome = match kind.is_act() {
            true => act(&*store, payment(1), kind).await,
            false => tell(&*store, payment(1), n, kind).await,
        };
        let version = Version::from_count(n.unsigned_abs()).unwrap();
        assert_eq!(outcome, Outcome::Recorded { version, state });
        let line = line(&*store, payment(1)).await;
        assert_eq!((line.version(), line.state()), (version, state));
        let totals = store.totals(id).await.unwrap();
        let moved = totals.bucket(bucket).amount;
        let expected = if bucket == Bucket::NotSubmitted {
            money(3_006)
        } else {
            money(1_001)
        };
        assert_eq!(moved, expected, "{bucket:?}");
        totals_hold(&*store, &[id]).await;
    }
    let line = line(&*store, payment(1)).await;
    assert_eq!((line.tries(), line.submitted_at()), (2, Some(at(5))));
    assert_eq!((line.since(), line.recorded_at()), (at(8), at(6)));
    assert_eq!(line.reason(), Some(&Reason::NotCollected));
    assert_eq!(line.reference().unwrap().as_str(), "bank-1");
}

/// The same event again, later or in the same call, is the same answer and
/// nothing more, also when the payment has gone on.
pub async fn an_event_again_changes_nothing(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    released(&*store, &batch("b", [1])).await;
    let event = LineEvent::act(
        &line(&*store, payment(1)).await,
        at(5),
        EventKind::Submitting,
    );
    let twice = [event.clone(), event.clone()];
    let outcomes = store.record(&twice, &by("service", 6)).await.unwrap();
    let (version, state) = (Version::FIRST.next(), LineState::Submitting);
    let recorded = Outcome::Recorded { version, state };
    assert_eq!(outcomes, [recorded.clone(), recorded.clone()]);
    tell(&*store, payment(1), 7, credited(1)).await;
    let now = line(&*store, payment(1)).await;
    assert_eq!(
        record(&*store, &event).await,
        recorded,
        "the answer changed"
    );
    assert_eq!(line(&*store, payment(1)).await, now);
    let history = store.history(payment(1), &Page::first()).await.unwrap();
    assert_eq!(
        history.items().len(),
        2,
        "a repeated event was recorded again"
    );
}

/// Another event under a taken id is refused.
pub async fn another_event_under_the_id_is_refused(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    released(&*store, &batch("b", [1, 2])).await;
    let event = LineEvent::act(
        &line(&*store, payment(1)).await,
        at(5),
        EventKind::Submitting,
    );
    assert!(record(&*store, &event).await.is_recorded());
    let mut other = event.clone();
    other.payment = payment(2);
    let mut later = event.clone();
    later.at = at(6);
    for other in [other, later] {
        let refused = record(&*store, &other).await;
        assert_eq!(refused, Outcome::Refused(Refusal::EventTaken));
    }
    assert_eq!(line(&*store, payment(2)).await.state(), LineState::Prepared);
}

/// An act decided on an old version is refused, and one the table forbids.
pub async fn a_stale_act_is_refused(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    released(&*store, &batch("b", [1])).await;
    let before = line(&*store, payment(1)).await;
    assert!(
        act(&*store, payment(1), EventKind::Submitting)
            .await
            .is_recorded()
    );
    for kind in [
        EventKind::Submitting,
        EventKind::NotKnown,
        EventKind::Cancelled,
    ] {
        let stale = LineEvent::act(&before, at(7), kind);
        match record(&*store, &stale).await {
            Outcome::Refused(Refusal::Conflict { actual, .. }) => {
                assert_eq!(actual, Version::FIRST.next());
            }
            other => panic!("expected `Conflict`, got {other:?}"),
        }
    }
    for kind in [EventKind::Submitting, EventKind::Cancelled] {
        let refused = act(&*store, payment(1), kind).await;
        assert!(
            matches!(refused, Outcome::Refused(Refusal::NotAllowed { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(
        line(&*store, payment(1)).await.version(),
        Version::FIRST.next()
    );
}

/// Outcomes come one an event, in order; a refused one spares the others; and
/// each event sees what those before it made.
pub async fn a_refused_event_spares_the_others(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let id = released(&*store, &batch("b", [1, 2])).await.id();
    let of = |n| LineEvent::act(&instruction_line(n), at(5), EventKind::Submitting);
    fn instruction_line(n: u32) -> crate::Line {
        let batch = super::batch_id("b");
        crate::Line::begin(instruction(n), batch, super::programme(), batch, at(0))
    }
    let events = [
        of(1),
        LineEvent::news(payment(9), "nobody", at(5), rejected()),
        of(2),
        LineEvent::news(payment(1), "answer", at(6), accepted()),
        of(1),
        LineEvent::news(payment(2), "answer", at(6), rejected()),
    ];
    let outcomes = store.record(&events, &by("service", 6)).await.unwrap();
    let recorded: Vec<_> = outcomes.iter().map(Outcome::is_recorded).collect();
    assert_eq!(
        recorded,
        [true, false, true, true, false, true],
        "{outcomes:?}"
    );
    assert_eq!(outcomes[1], Outcome::Refused(Refusal::UnknownPayment));
    assert_eq!(line(&*store, payment(1)).await.state(), LineState::InFlight);
    assert_eq!(line(&*store, payment(2)).await.state(), LineState::Rejected);
    totals_hold(&*store, &[id]).await;
}

/// A rail that contradicts itself, or moves another amount, leaves a payment
/// unresolved until a person decides.
pub async fn a_contradiction_is_kept(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let id = released(&*store, &batch("b", [1, 2])).await.id();
    act(&*store, payment(1), EventKind::Submitting).await;
    tell(&*store, payment(1), 6, credited(1)).await;
    tell(&*store, payment(1), 7, rejected()).await;
    act(&*store, payment(2), EventKind::Submitting).await;
    tell(&*store, payment(2), 6, credited(1)).await;
    for n in [1, 2] {
        assert_eq!(
            line(&*store, payment(n)).await.state(),
            LineState::Unresolved
        );
        tell(&*store, payment(n), 8, credited(n)).await;
        assert_eq!(
            line(&*store, payment(n)).await.state(),
            LineState::Unresolved
        );
    }
    let totals = store.totals(id).await.unwrap();
    assert_eq!(totals.bucket(Bucket::Unresolved), totals.envelope());
    let to = Resolution::Credited;
    assert!(
        act(&*store, payment(1), EventKind::Resolved { to })
            .await
            .is_recorded()
    );
    assert_eq!(line(&*store, payment(1)).await.state(), LineState::Credited);
    totals_hold(&*store, &[id]).await;
}

/// Fees and payees' words are counted, and move nothing.
pub async fn fees_and_receipts_stand_beside_the_totals(
    harness: &dyn Harness<dyn DisbursementStore>,
) {
    let store = harness.open().await;
    let id = released(&*store, &batch("b", [1, 2])).await.id();
    for n in [1, 2] {
        act(&*store, payment(n), EventKind::Submitting).await;
        tell(&*store, payment(n), 6, credited(n)).await;
        tell(
            &*store,
            payment(n),
            7,
            EventKind::FeeCharged { amount: money(25) },
        )
        .await;
    }
    let before = store.totals(id).await.unwrap();
    assert_eq!(before.fees(), money(50));
    assert_eq!(before.bucket(Bucket::Credited).amount, money(2_003));
    assert_eq!(
        before.confirmed_by_payee().payments,
        0,
        "credited is not received"
    );
    let said = |receipt| EventKind::ReceiptStated { receipt };
    tell(&*store, payment(1), 8, said(Receipt::NotReceived)).await;
    tell(&*store, payment(2), 8, said(Receipt::Received)).await;
    let now = store.totals(id).await.unwrap();
    assert_eq!(now.confirmed_by_payee().amount, money(1_002));
    assert_eq!(now.denied_by_payee().amount, money(1_001));
    assert_eq!(
        now.bucket(Bucket::Credited),
        before.bucket(Bucket::Credited)
    );
    tell(&*store, payment(1), 9, said(Receipt::Received)).await;
    let now = store.totals(id).await.unwrap();
    assert_eq!(
        (
            now.confirmed_by_payee().payments,
            now.denied_by_payee().payments
        ),
        (2, 0)
    );
    totals_hold(&*store, &[id]).await;
}

/// The history of a payment is every event recorded, whole and in order.
pub async fn history_tells_every_event(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    released(&*store, &batch("b", [1, 2])).await;
    let mut events = Vec::new();
    let submit = LineEvent::act(
        &line(&*store, payment(1)).await,
        at(5),
        EventKind::Submitting,
    );
    events.push(submit);
    events.push(LineEvent::news(payment(1), "answer", at(6), accepted()));
    events.push(LineEvent::news(payment(1), "statement", at(7), credited(1)));
    events.push(LineEvent::news(payment(1), "late", at(5), accepted()));
    for event in &events {
        assert!(record(&*store, event).await.is_recorded());
    }
    act(&*store, payment(2), EventKind::Submitting).await;
    let mut read = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let found = store.history(payment(1), &page).await.unwrap();
        read.extend_from_slice(found.items());
        match found.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    let told: Vec<_> = read.iter().map(|r| r.event().clone()).collect();
    assert_eq!(told, events);
    let versions: Vec<_> = read.iter().map(|r| r.version().count()).collect();
    assert_eq!(versions, [2, 3, 4, 5]);
    assert!(read.iter().all(|r| *r.stamp() == by("service", 6)));
    assert_eq!(read[3].state(), LineState::Credited);
    assert!(
        store
            .history(payment(9), &Page::first())
            .await
            .unwrap()
            .items()
            .is_empty()
    );
}

/// A batch over the limit is refused whole.
pub async fn too_many_at_once_are_refused(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let id = released(&*store, &batch("b", [1])).await.id();
    let ids = vec![payment(1); BATCH_MAX + 1];
    assert_eq!(store.find(&ids[1..]).await.unwrap().len(), BATCH_MAX);
    assert!(matches!(store.find(&ids).await, Err(Error::Invalid(_))));
    let event = LineEvent::news(payment(1), "x", at(5), rejected());
    let events = vec![event; BATCH_MAX + 1];
    let refused = store.record(&events, &by("service", 6)).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(lines(&*store, id).await[0].state(), LineState::Prepared);
    let taken = store.record(&events[1..], &by("service", 6)).await.unwrap();
    assert_eq!(taken.len(), BATCH_MAX);
}
