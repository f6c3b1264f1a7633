use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use solidarity_core::testing::{Harness, block_on};
use solidarity_core::{ActorId, Version};

use super::{
    accepted, act, actor, at, batch, batch_of, by, credited, instruction, line, lines, payment,
    rejected, released, tell, totals_hold,
};
use crate::conformance::disbursement::address;
use crate::{Bucket, DisbursementStore, Error, EventKind, LineEvent, LineState, Outcome};

/// Of many who decide to submit the same payment, one is told to.
pub async fn one_of_two_acts_wins(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let id = released(&*store, &batch("b", 0..8)).await.id();
    let submit = |store: Arc<dyn DisbursementStore>| {
        thread::spawn(move || {
            block_on(async {
                let lines = lines(&*store, super::batch_id("b")).await;
                let first = lines.iter().map(|line| {
                    let mut act = LineEvent::act(line, at(5), EventKind::Submitting);
                    act.expected = Some(Version::FIRST);
                    act
                });
                let acts: Vec<_> = first.collect();
                store.record(&acts, &by("service", 6)).await.unwrap()
            })
        })
    };
    let threads: Vec<_> = (0..4).map(|_| submit(store.clone())).collect();
    let outcomes: Vec<Vec<Outcome>> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    for n in 0..8 {
        let winners = outcomes.iter().filter(|all| all[n].is_recorded()).count();
        assert_eq!(winners, 1, "one payment was given to {winners}");
    }
    totals_hold(&*store, &[id]).await;
}

/// Of many batches that pay the same entitlement at once, one is drafted.
pub async fn drafts_together_never_pay_twice(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let draft = |n: u32, store: Arc<dyn DisbursementStore>| {
        thread::spawn(move || {
            let mut shared = instruction(1);
            shared.id = payment(100 + n);
            let new = batch_of(&format!("b{n}"), vec![instruction(10 + n), shared]);
            block_on(store.draft(&new, None, &by("maker", 0)))
        })
    };
    let threads: Vec<_> = (0..4).map(|n| draft(n, store.clone())).collect();
    let mut drafted = 0;
    for thread in threads {
        match thread.join().unwrap() {
            Ok(_) => drafted += 1,
            Err(Error::EntitlementTaken { .. }) => {}
            Err(other) => panic!("expected `EntitlementTaken`, got {other:?}"),
        }
    }
    assert_eq!(drafted, 1, "one entitlement is paid by {drafted}");
}

/// Ends a reader's loop, also when the writer fails.
struct Done(Arc<AtomicBool>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Whoever reads while a batch of events is written sees all of it or none.
pub async fn a_reader_never_sees_half_a_batch(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let id = released(&*store, &batch("b", 0..40)).await.id();
    let done = Done(Arc::default());
    let reader = {
        let (store, done) = (store.clone(), done.0.clone());
        thread::spawn(move || {
            while !done.load(Ordering::Acquire) {
                let totals = block_on(store.totals(id)).unwrap();
                let waiting = totals.bucket(Bucket::NotSubmitted).payments;
                assert!(waiting == 0 || waiting == 40, "half a batch was seen");
                assert_eq!(totals.check(), Ok(()));
            }
        })
    };
    let acts: Vec<_> = lines(&*store, id)
        .await
        .iter()
        .map(|line| LineEvent::act(line, at(5), EventKind::Submitting))
        .collect();
    let outcomes = store.record(&acts, &by("service", 6)).await;
    drop(done);
    if let Err(seen) = reader.join() {
        std::panic::resume_unwind(seen);
    }
    assert!(outcomes.unwrap().iter().all(Outcome::is_recorded));
}

/// After a crash everything that was answered is there.
pub async fn what_was_answered_survives_a_crash(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let id = released(&*store, &batch("b", 1..6)).await.id();
    for n in 1..5 {
        act(&*store, payment(n), EventKind::Submitting).await;
    }
    act(&*store, payment(1), EventKind::AnswerLost).await;
    tell(&*store, payment(2), 6, accepted()).await;
    tell(&*store, payment(3), 6, credited(3)).await;
    tell(&*store, payment(4), 6, rejected()).await;
    let reissue = instruction(4).reissue(address("new"));
    let draft = batch_of("c", vec![reissue]);
    store.draft(&draft, None, &by("maker", 7)).await.unwrap();

    let before = (
        store.get(id).await.unwrap(),
        lines(&*store, id).await,
        store.totals(id).await.unwrap(),
        store
            .history(payment(3), &solidarity_core::Page::first())
            .await
            .unwrap(),
        crate::__core::conformance::feed_is_whole(&*store).await,
    );
    let store = harness.reopen(store).await;
    let after = (
        store.get(id).await.unwrap(),
        lines(&*store, id).await,
        store.totals(id).await.unwrap(),
        store
            .history(payment(3), &solidarity_core::Page::first())
            .await
            .unwrap(),
        crate::__core::conformance::feed_is_whole(&*store).await,
    );
    assert_eq!(after, before);
    let unknown = line(&*store, payment(1)).await;
    assert_eq!(unknown.state(), LineState::Unknown);
    assert!(
        act(&*store, payment(1), EventKind::NotKnown)
            .await
            .is_recorded()
    );
    released(&*store, &draft).await;
    totals_hold(&*store, &[id, draft.id]).await;
}

/// The feed tells every write once, in order, by whom and of what.
pub async fn the_feed_tells_every_write(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let new = batch("b", [1]);
    let id = *released(&*store, &new).await.id().as_uuid();
    let submit = LineEvent::act(
        &line(&*store, payment(1)).await,
        at(5),
        EventKind::Submitting,
    );
    let events = [
        submit.clone(),
        LineEvent::news(payment(9), "nobody", at(6), rejected()),
        submit,
        LineEvent::news(payment(1), "answer", at(6), accepted()),
    ];
    store.record(&events, &by("service", 6)).await.unwrap();
    let changes = crate::__core::conformance::feed_is_whole(&*store).await;
    let told: Vec<_> = changes
        .iter()
        .map(|c| (c.entity().as_str(), c.id(), c.kind().as_str(), c.actor()))
        .collect();
    let line = *payment(1).as_uuid();
    let expected: [(&str, _, &str, ActorId); 6] = [
        ("batch", id, "draft", actor("maker")),
        ("batch", id, "approve", actor("first")),
        ("batch", id, "approve", actor("second")),
        ("batch", id, "release", actor("cashier")),
        ("payment", line, "submitting", actor("service")),
        ("payment", line, "accepted", actor("service")),
    ];
    assert_eq!(told, expected);
    let history = store
        .history(payment(1), &solidarity_core::Page::first())
        .await
        .unwrap();
    for (change, recorded) in changes[4..].iter().zip(history.items()) {
        let json = serde_json::to_vec(recorded.event()).unwrap();
        let kept = crate::__core::Commitment::to(recorded.salt(), &json);
        assert_eq!(
            change.commitment(),
            kept,
            "the commitment is not to the event"
        );
    }
}
