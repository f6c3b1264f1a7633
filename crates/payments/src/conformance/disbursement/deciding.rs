use solidarity_core::Page;
use solidarity_core::testing::Harness;

use super::{act, batch, batch_id, by, credited, line, lines, payment, released, tell};
use crate::{
    BatchDigest, BatchState, Decision, DisbursementStore, Error, EventKind, LineState, Outcome,
    Refusal,
};

/// Two different people, neither of whom made it, over exactly its digest.
pub async fn two_people_approve_a_batch(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let draft = store
        .draft(&batch("b", [1, 2]), None, &by("maker", 0))
        .await
        .unwrap();
    let decide = |decision, who, minutes| {
        let (store, id, digest) = (store.clone(), draft.id(), draft.digest());
        async move { store.decide(id, digest, decision, &by(who, minutes)).await }
    };
    let own = decide(Decision::Approve, "maker", 1).await;
    assert!(matches!(own, Err(Error::SelfApproval { .. })), "{own:?}");
    let once = decide(Decision::Approve, "first", 2).await.unwrap();
    assert_eq!(
        (once.state(), once.approvals().len()),
        (BatchState::Draft, 1)
    );
    let again = decide(Decision::Approve, "first", 3).await.unwrap();
    assert_eq!(again, once, "one person approved twice");
    let early = decide(Decision::Release, "first", 4).await;
    assert!(
        matches!(early, Err(Error::NotApproved { have: 1, .. })),
        "{early:?}"
    );
    let twice = decide(Decision::Approve, "second", 5).await.unwrap();
    assert_eq!(
        (twice.state(), twice.approvals().len()),
        (BatchState::Approved, 2)
    );
    assert_eq!(store.get(draft.id()).await.unwrap(), twice);
    let gone = decide(Decision::Release, "cashier", 6).await.unwrap();
    assert_eq!(gone.state(), BatchState::Released);
    assert_eq!(store.get(draft.id()).await.unwrap(), gone);
    let unknown = batch_id("unknown");
    let missing = store
        .decide(unknown, draft.digest(), Decision::Approve, &by("first", 7))
        .await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
}

/// Nothing is decided on what the batch does not say, or no longer says.
pub async fn a_stale_approval_does_not_count(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let first = store
        .draft(&batch("b", [1]), None, &by("maker", 0))
        .await
        .unwrap();
    let id = first.id();
    store
        .decide(id, first.digest(), Decision::Approve, &by("first", 1))
        .await
        .unwrap();
    let second = store
        .draft(&batch("b", [1, 2]), Some(first.digest()), &by("maker", 2))
        .await
        .unwrap();
    for digest in [first.digest(), BatchDigest::from_bytes([7; 32])] {
        for decision in [Decision::Approve, Decision::Release, Decision::Withdraw] {
            match store.decide(id, digest, decision, &by("second", 3)).await {
                Err(Error::DigestMismatch { actual, .. }) => assert_eq!(actual, second.digest()),
                other => panic!("expected `DigestMismatch`, got {other:?}"),
            }
        }
    }
    let one = store
        .decide(id, second.digest(), Decision::Approve, &by("second", 4))
        .await
        .unwrap();
    assert_eq!((one.state(), one.approvals().len()), (BatchState::Draft, 1));
}

/// A released batch is neither withdrawn nor released again; to say it again
/// is no harm.
pub async fn a_released_batch_stands(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let now = released(&*store, &batch("b", [1, 2])).await;
    let (id, digest) = (now.id(), now.digest());
    let again = store
        .decide(id, digest, Decision::Release, &by("cashier", 9))
        .await
        .unwrap();
    assert_eq!(again, now);
    let refused = store
        .decide(id, digest, Decision::Withdraw, &by("maker", 9))
        .await;
    assert!(
        matches!(refused, Err(Error::BatchState { .. })),
        "{refused:?}"
    );
    let third = store
        .decide(id, digest, Decision::Approve, &by("third", 9))
        .await;
    assert!(matches!(third, Err(Error::BatchState { .. })), "{third:?}");
    assert_eq!(lines(&*store, id).await.len(), 2);
    let news = store.changes_since(&Page::first()).await.unwrap();
    assert_eq!(
        news.items().len(),
        4,
        "a repeated or refused decision tells nothing"
    );
}

/// No payment moves before its batch is released.
pub async fn what_is_not_released_does_not_move(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let new = batch("b", [1]);
    let draft = store.draft(&new, None, &by("maker", 0)).await.unwrap();
    let refused = Outcome::Refused(Refusal::NotReleased);
    assert_eq!(
        act(&*store, payment(1), EventKind::Submitting).await,
        refused
    );
    for who in ["first", "second"] {
        store
            .decide(new.id, draft.digest(), Decision::Approve, &by(who, 1))
            .await
            .unwrap();
    }
    assert_eq!(
        act(&*store, payment(1), EventKind::Submitting).await,
        refused
    );
    assert_eq!(tell(&*store, payment(1), 2, credited(1)).await, refused);
    assert_eq!(line(&*store, payment(1)).await.state(), LineState::Prepared);
    released(&*store, &new).await;
    assert!(
        act(&*store, payment(1), EventKind::Submitting)
            .await
            .is_recorded()
    );
}
