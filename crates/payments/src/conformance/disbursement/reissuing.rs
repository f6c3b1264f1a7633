use solidarity_core::testing::Harness;

use super::{
    accepted, act, address, batch, batch_id, batch_of, by, credited, instruction, line, money,
    payment, rejected, released, returned, tell, totals_hold,
};
use crate::{
    BatchId, Bucket, Decision, DisbursementStore, Error, EventKind, Instruction, LineState,
};

/// Payment 1 of batch `b`, returned.
async fn failed(store: &dyn DisbursementStore) -> BatchId {
    let id = released(store, &batch("b", [1, 2])).await.id();
    act(store, payment(1), EventKind::Submitting).await;
    tell(store, payment(1), 6, credited(1)).await;
    tell(store, payment(1), 7, returned(1)).await;
    id
}

fn corrected() -> Instruction {
    instruction(1).reissue(address("corrected"))
}

/// A reissue takes the place of what it replaces, in the totals of the batch
/// that was the first to pay; its own batch's envelope is empty.
pub async fn a_reissue_counts_once(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let first = failed(&*store).await;
    let envelope = store.totals(first).await.unwrap().envelope();
    let second = released(&*store, &batch_of("c", vec![corrected(), instruction(3)]))
        .await
        .id();
    let both = [first, second];
    let totals = store.totals(first).await.unwrap();
    assert_eq!(
        totals.envelope(),
        envelope,
        "a reissue changed the envelope"
    );
    assert_eq!(totals.bucket(Bucket::Returned).payments, 0);
    assert_eq!(totals.bucket(Bucket::NotSubmitted).amount, money(2_003));
    assert_eq!(
        store.totals(second).await.unwrap().envelope().amount,
        money(1_003)
    );
    assert_eq!(store.get(second).await.unwrap().total(), money(2_004));
    totals_hold(&*store, &both).await;

    let old = line(&*store, payment(1)).await;
    assert_eq!(
        (old.state(), old.replaced_by()),
        (LineState::Returned, Some(corrected().id))
    );
    let new = line(&*store, corrected().id).await;
    assert_eq!((new.batch(), new.origin()), (second, first));
    act(&*store, corrected().id, EventKind::Submitting).await;
    tell(&*store, corrected().id, 8, accepted()).await;
    tell(&*store, corrected().id, 9, credited(1)).await;
    let totals = store.totals(first).await.unwrap();
    assert_eq!(totals.bucket(Bucket::Credited).amount, money(1_001));
    totals_hold(&*store, &both).await;
}

/// Before its release a reissue counts nowhere; withdrawn, it leaves no trace.
pub async fn a_reissue_waits_for_its_release(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let first = failed(&*store).await;
    let before = store.totals(first).await.unwrap();
    let draft = store
        .draft(&batch_of("c", vec![corrected()]), None, &by("maker", 8))
        .await
        .unwrap();
    assert_eq!(store.totals(first).await.unwrap(), before);
    assert_eq!(line(&*store, payment(1)).await.replaced_by(), None);
    let other = batch_of(
        "d",
        vec![Instruction {
            id: payment(8),
            ..corrected()
        }],
    );
    let refused = store.draft(&other, None, &by("maker", 8)).await;
    assert!(
        matches!(refused, Err(Error::Invalid(_))),
        "two stand in for one: {refused:?}"
    );
    let withdraw = Decision::Withdraw;
    store
        .decide(draft.id(), draft.digest(), withdraw, &by("maker", 9))
        .await
        .unwrap();
    assert_eq!(store.totals(first).await.unwrap(), before);
    released(&*store, &other).await;
    assert_eq!(
        line(&*store, payment(1)).await.replaced_by(),
        Some(payment(8))
    );
    totals_hold(&*store, &[first, draft.id(), other.id]).await;
}

/// A rail that contradicts itself about a replaced payment is heard: the
/// money may have been paid twice.
pub async fn a_replaced_payment_can_be_contested(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let first = failed(&*store).await;
    // The return was contradicted before the release: nothing may stand in.
    let draft = batch_of("c", vec![corrected()]);
    let drafted = store.draft(&draft, None, &by("maker", 8)).await.unwrap();
    for who in ["first", "second"] {
        let approve = Decision::Approve;
        store
            .decide(draft.id, drafted.digest(), approve, &by(who, 8))
            .await
            .unwrap();
    }
    tell(&*store, payment(1), 20, credited(1)).await;
    let release = Decision::Release;
    let refused = store
        .decide(draft.id, drafted.digest(), release, &by("cashier", 9))
        .await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");

    // Contradicted after the release: it counts no more, and is contested.
    let reason = crate::Reason::NotCollected;
    let to = crate::Resolution::Returned(reason);
    act(&*store, payment(1), EventKind::Resolved { to }).await;
    store
        .decide(draft.id, drafted.digest(), release, &by("cashier", 9))
        .await
        .unwrap();
    tell(&*store, payment(1), 21, rejected()).await;
    assert_eq!(
        line(&*store, payment(1)).await.state(),
        LineState::Unresolved
    );
    let totals = store.totals(first).await.unwrap();
    assert_eq!(
        (totals.contested().amount, totals.check()),
        (money(1_001), Ok(()))
    );
    assert_eq!(totals.bucket(Bucket::Unresolved).payments, 0);
    totals_hold(&*store, &[first, draft.id]).await;
}

/// Only what failed for good is paid again, once, to the same amount.
pub async fn only_what_failed_is_reissued(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    failed(&*store).await;
    act(&*store, payment(2), EventKind::Submitting).await;
    let mut dearer = corrected();
    dearer.amount = money(2_000);
    let mut of_another = corrected();
    of_another.entitlement = super::entitlement(5);
    let mut of_nobody = corrected();
    of_nobody.replaces = Some(payment(9));
    let under_way = instruction(2).reissue(address("x"));
    for bad in [dearer, of_another, of_nobody, under_way] {
        let refused = store
            .draft(&batch_of("c", vec![bad]), None, &by("maker", 8))
            .await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    released(&*store, &batch_of("c", vec![corrected()])).await;
    let again = Instruction {
        id: payment(7),
        ..corrected()
    };
    let refused = store
        .draft(&batch_of("d", vec![again]), None, &by("maker", 9))
        .await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let third = corrected().reissue(address("y"));
    let refused = store
        .draft(&batch_of("d", vec![third.clone()]), None, &by("maker", 9))
        .await;
    assert!(
        matches!(refused, Err(Error::Invalid(_))),
        "the second one has not failed"
    );
    act(&*store, corrected().id, EventKind::Cancelled).await;
    released(&*store, &batch_of("d", vec![third])).await;
    totals_hold(&*store, &["b", "c", "d"].map(batch_id)).await;
}
