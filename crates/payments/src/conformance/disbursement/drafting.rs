use solidarity_core::testing::Harness;
use solidarity_core::{Cursor, Page};

use super::{
    actor, address, at, batch, batch_id, batch_of, by, cycle, instruction, lines, money, payment,
    programme, released, totals_hold,
};
use crate::{BatchState, Bucket, Decision, DisbursementStore, Error, LineState, NewBatch, Receipt};

/// What was drafted is there, whole: the header, every line, the totals.
pub async fn a_draft_is_read_as_it_was_said(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let new = batch("b", [3, 1, 2]);
    let sum = new.checked().unwrap();
    let drafted = store.draft(&new, None, &by("maker", 0)).await.unwrap();
    let read = store.get(new.id).await.unwrap();
    assert_eq!(read, drafted);
    assert_eq!(
        (read.count(), read.total(), read.digest()),
        (3, sum.total, sum.digest)
    );
    assert_eq!((read.programme(), read.cycle()), (programme(), cycle()));
    assert_eq!(
        (read.state(), read.makers()),
        (BatchState::Draft, &[actor("maker")][..])
    );
    assert_eq!(read.changed_at(), at(0));

    let mut expected = new.instructions.clone();
    expected.sort_by_key(|line| line.id);
    let read = lines(&*store, new.id).await;
    let said: Vec<_> = read.iter().map(|line| line.instruction().clone()).collect();
    assert_eq!(
        said, expected,
        "every line is there, in the order of the ids"
    );
    for line in &read {
        let found = store.find(&[line.id()]).await.unwrap();
        assert_eq!(found, [Some(line.clone())]);
        assert_eq!(
            (line.state(), line.version().count()),
            (LineState::Prepared, 1)
        );
        assert_eq!((line.batch(), line.origin()), (new.id, new.id));
    }
    let totals = store.totals(new.id).await.unwrap();
    assert_eq!(totals.envelope().amount, money(3_006));
    assert_eq!(totals.bucket(Bucket::NotSubmitted), totals.envelope());
    totals_hold(&*store, &[new.id]).await;

    let unknown = batch_id("unknown");
    assert!(matches!(
        store.get(unknown).await,
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(
        store.totals(unknown).await,
        Err(Error::NotFound { .. })
    ));
    assert!(lines(&*store, unknown).await.is_empty());
    assert_eq!(store.find(&[payment(9)]).await.unwrap(), [None]);
}

/// The same draft again gives the batch as it is, however far it came, and
/// writes nothing.
pub async fn a_draft_again_changes_nothing(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let new = batch("b", [1, 2]);
    let first = store.draft(&new, None, &by("maker", 0)).await.unwrap();
    let mut turned = new.clone();
    turned.instructions.reverse();
    for again in [&new, &turned] {
        assert_eq!(
            store.draft(again, None, &by("other", 9)).await.unwrap(),
            first
        );
    }
    let now = released(&*store, &new).await;
    assert_eq!(store.draft(&new, None, &by("maker", 9)).await.unwrap(), now);
    let news = store.changes_since(&Page::first()).await.unwrap();
    assert_eq!(news.items().len(), 4, "a repeated draft tells nothing");
}

/// Another body under a taken id is refused, and changes nothing.
pub async fn another_draft_under_the_id_is_refused(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let first = store
        .draft(&batch("b", [1, 2]), None, &by("maker", 0))
        .await
        .unwrap();
    let refused = store
        .draft(&batch("b", [1, 3]), None, &by("maker", 1))
        .await;
    assert!(
        matches!(refused, Err(Error::AlreadyExists { .. })),
        "{refused:?}"
    );
    let empty = NewBatch::new(
        batch_id("c"),
        programme(),
        cycle(),
        first.currency(),
        Vec::new(),
    );
    let refused = store.draft(&empty, None, &by("maker", 1)).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(store.get(first.id()).await.unwrap(), first);
    assert_eq!(store.find(&[payment(3)]).await.unwrap(), [None]);
    let news = store.changes_since(&Page::first()).await.unwrap();
    assert_eq!(news.items().len(), 1, "a refused draft tells nothing");
}

/// A revision takes the place of all that the draft said, and of every
/// approval. Whoever revised it cannot approve it.
pub async fn a_revision_voids_approvals(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let first = store
        .draft(&batch("b", [1, 2]), None, &by("maker", 0))
        .await
        .unwrap();
    for who in ["first", "second"] {
        let approve = Decision::Approve;
        store
            .decide(first.id(), first.digest(), approve, &by(who, 1))
            .await
            .unwrap();
    }
    let mut changed = batch("b", [1, 3]);
    changed.instructions[0].address = address("elsewhere");
    let revised = store
        .draft(&changed, Some(first.digest()), &by("reviser", 2))
        .await
        .unwrap();
    assert_eq!(revised, store.get(first.id()).await.unwrap());
    assert_eq!(revised.state(), BatchState::Draft);
    assert!(
        revised.approvals().is_empty(),
        "an approval outlived what it approved"
    );
    assert_eq!(revised.makers(), [actor("maker"), actor("reviser")]);
    assert_eq!(store.find(&[payment(2)]).await.unwrap(), [None]);
    assert_eq!(lines(&*store, first.id()).await.len(), 2);
    totals_hold(&*store, &[first.id()]).await;
    let refused = store
        .decide(
            revised.id(),
            revised.digest(),
            Decision::Approve,
            &by("reviser", 3),
        )
        .await;
    assert!(
        matches!(refused, Err(Error::SelfApproval { .. })),
        "{refused:?}"
    );
    // What the draft let go is free.
    store
        .draft(&batch("c", [2]), None, &by("maker", 3))
        .await
        .unwrap();
}

/// A revision of what is not there any more, or was released, is refused.
pub async fn a_stale_revision_is_refused(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let first = store
        .draft(&batch("b", [1]), None, &by("maker", 0))
        .await
        .unwrap();
    let old = Some(first.digest());
    let missing = store.draft(&batch("c", [5]), old, &by("maker", 0)).await;
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
    let second = store
        .draft(&batch("b", [2]), old, &by("maker", 1))
        .await
        .unwrap();
    let stale = store.draft(&batch("b", [3]), old, &by("maker", 2)).await;
    assert!(
        matches!(stale, Err(Error::DigestMismatch { .. })),
        "{stale:?}"
    );
    let now = released(&*store, &batch("b", [2])).await;
    let late = store
        .draft(&batch("b", [3]), Some(second.digest()), &by("maker", 3))
        .await;
    assert!(matches!(late, Err(Error::BatchState { .. })), "{late:?}");
    assert_eq!(store.get(first.id()).await.unwrap(), now);
}

/// A payment that another batch has is refused, with its whole batch.
pub async fn a_payment_is_in_one_batch(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    store
        .draft(&batch("b", [1]), None, &by("maker", 0))
        .await
        .unwrap();
    let refused = store
        .draft(&batch("c", [2, 1]), None, &by("maker", 1))
        .await;
    match refused {
        Err(Error::PaymentTaken { payment: taken, .. }) => assert_eq!(taken, payment(1)),
        other => panic!("expected `PaymentTaken`, got {other:?}"),
    }
    assert_eq!(store.find(&[payment(2)]).await.unwrap(), [None]);
    assert!(matches!(
        store.get(batch_id("c")).await,
        Err(Error::NotFound { .. })
    ));
}

/// An entitlement that another payment pays is refused, whatever the new
/// payment is called.
pub async fn an_entitlement_is_paid_once(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    released(&*store, &batch("b", [1])).await;
    let mut other = instruction(1);
    other.id = payment(7);
    other.amount = money(1);
    let refused = store
        .draft(
            &batch_of("c", vec![instruction(2), other]),
            None,
            &by("maker", 1),
        )
        .await;
    match refused {
        Err(Error::EntitlementTaken { payment: by, .. }) => assert_eq!(by, payment(1)),
        other => panic!("expected `EntitlementTaken`, got {other:?}"),
    }
    assert_eq!(
        store.find(&[payment(2), payment(7)]).await.unwrap(),
        [None, None]
    );
}

/// A withdrawn batch pays nothing, and its payments and entitlements are free.
pub async fn a_withdrawn_batch_frees_what_it_held(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let drafted = store
        .draft(&batch("b", [1, 2]), None, &by("maker", 0))
        .await
        .unwrap();
    let withdraw = || async {
        let (id, digest) = (drafted.id(), drafted.digest());
        store
            .decide(id, digest, Decision::Withdraw, &by("maker", 1))
            .await
            .unwrap()
    };
    let withdrawn = withdraw().await;
    assert_eq!(withdrawn.state(), BatchState::Withdrawn);
    assert_eq!(withdraw().await, withdrawn);
    assert!(lines(&*store, drafted.id()).await.is_empty());
    let totals = store.totals(drafted.id()).await.unwrap();
    assert_eq!((totals.envelope().payments, totals.check()), (0, Ok(())));
    released(&*store, &batch("c", [1, 2])).await;
    totals_hold(&*store, &[drafted.id(), batch_id("c")]).await;
}

/// Batches and lines are listed in the order of their ids, page by page, and
/// a state picks its lines.
pub async fn lists_go_on_where_they_ended(harness: &dyn Harness<dyn DisbursementStore>) {
    let store = harness.open().await;
    let mut ids = Vec::new();
    for (n, name) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let first = u32::try_from(n).unwrap() * 10;
        let new = batch(name, first..first + 7);
        store.draft(&new, None, &by("maker", 0)).await.unwrap();
        ids.push(new.id);
    }
    ids.sort();
    let mut elsewhere = batch("f", [100]);
    elsewhere.cycle = solidarity_core::CycleId::derive(&elsewhere.id, "other");
    store
        .draft(&elsewhere, None, &by("maker", 0))
        .await
        .unwrap();

    let mut read = Vec::new();
    let mut page = Page::of(2).unwrap();
    loop {
        let found = store.list(programme(), cycle(), &page).await.unwrap();
        assert!(found.items().len() <= 2);
        read.extend(found.items().iter().map(crate::Batch::id));
        match found.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    assert_eq!(read, ids);

    let now = released(&*store, &batch("a", 0..7)).await;
    super::act(&*store, payment(3), crate::EventKind::Submitting).await;
    super::tell(
        &*store,
        payment(4),
        7,
        crate::EventKind::ReceiptStated {
            receipt: Receipt::Received,
        },
    )
    .await;
    let all = lines(&*store, now.id()).await;
    assert!(all.is_sorted_by_key(crate::Line::id) && all.len() == 7);
    for (states, count) in [
        (&[LineState::Submitting][..], 1),
        (&[LineState::Prepared, LineState::Submitting], 7),
        (&[LineState::Credited], 0),
    ] {
        let mut picked = all.clone();
        picked.retain(|line| states.contains(&line.state()));
        let found = store.lines(now.id(), states, &Page::first()).await.unwrap();
        assert_eq!((found.items(), found.items().len()), (&picked[..], count));
    }
    let stranger = Page::first().after(Cursor::new("not of this list").unwrap());
    assert!(store.lines(now.id(), &[], &stranger).await.is_err());
    assert!(store.list(programme(), cycle(), &stranger).await.is_err());
    assert!(store.history(payment(1), &stranger).await.is_err());
}
