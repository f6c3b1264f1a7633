use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::{Harness, block_on};
use solidarity_core::{Change, Cursor, Page, PersonId, Version};

use super::fixture::{
    asked, by_hand, decision, denied, given, later, limited, permitted, policy, refused, stamp,
    use_by_law, use_of, uses_of,
};
use crate::{Consent, ConsentStore, ConsentStoreExt, Error, Outcome, Reason, Reply, Use, UseId};

/// What was granted before is not granted after.
pub async fn nothing_is_granted_on_what_was_withdrawn(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = given(PersonId::generate());
    let consent = store.record_one(&new, &stamp(0)).await.unwrap();
    assert!(permitted(&decision(&*store, new.subject, 1).await));
    store
        .withdraw(new.id, consent.version(), &by_hand(), &stamp(2))
        .await
        .unwrap();
    let after = decision(&*store, new.subject, 3).await;
    assert!(
        !permitted(&after),
        "granted on a consent that was withdrawn"
    );
    assert!(matches!(denied(&after), Reason::Withdrawn { consent } if consent.id() == new.id));
    let uses = store.uses(new.id, &Page::first()).await.unwrap();
    assert_eq!(uses.items().len(), 1, "a denial was counted");
}

/// Threads that use and a thread that withdraws: no check that begins after
/// the withdrawal returned is granted.
pub async fn nothing_is_granted_after_a_withdrawal_returned(
    harness: &dyn Harness<dyn ConsentStore>,
) {
    let store = harness.open().await;
    for round in 0..10 {
        let new = given(PersonId::generate());
        store.record_one(&new, &stamp(0)).await.unwrap();
        let (withdrawn, granted) = (AtomicBool::new(false), AtomicUsize::new(0));
        std::thread::scope(|threads| {
            for _ in 0..3 {
                threads.spawn(|| {
                    loop {
                        let late = withdrawn.load(Ordering::SeqCst);
                        let decision = block_on(decision(&*store, new.subject, 1));
                        let yes = permitted(&decision);
                        assert!(!(late && yes), "granted after the withdrawal returned");
                        granted.fetch_add(usize::from(yes), Ordering::SeqCst);
                        if late {
                            break;
                        }
                    }
                });
            }
            // In odd rounds somebody was granted before, in even ones perhaps.
            while round % 2 == 1 && granted.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            let (how, at) = (by_hand(), stamp(1));
            block_on(store.withdraw(new.id, Version::FIRST, &how, &at)).unwrap();
            withdrawn.store(true, Ordering::SeqCst);
        });
        let counted = uses_of(&*store, new.id).await;
        assert_eq!(counted, granted.load(Ordering::SeqCst));
    }
}

/// So many uses within the window, and again when it has passed.
pub async fn a_budget_is_spent_and_comes_back(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = limited(PersonId::generate(), 2, 60);
    store.record_one(&new, &stamp(0)).await.unwrap();
    for (second, granted) in [
        (1, true),
        (30, true),
        (31, false),
        (60, false),
        (61, true),
        (62, false),
        (91, true),
    ] {
        let decision = decision(&*store, new.subject, second).await;
        assert_eq!(permitted(&decision), granted, "at second {second}");
        if !granted {
            assert!(matches!(denied(&decision), Reason::BudgetSpent { .. }));
        }
    }
    assert_eq!(uses_of(&*store, new.id).await, 4);
}

/// However many ask at once, no more are granted than the budget has.
pub async fn a_budget_is_never_overspent(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    for _ in 0..5 {
        let new = limited(PersonId::generate(), 3, 3_600);
        store.record_one(&new, &stamp(0)).await.unwrap();
        let granted = AtomicUsize::new(0);
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..3 {
                        let decision = block_on(decision(&*store, new.subject, 1));
                        granted.fetch_add(usize::from(permitted(&decision)), Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(
            granted.load(Ordering::SeqCst),
            3,
            "a budget of 3 was not spent to the last and no further"
        );
    }
    // A batch is many that ask at once.
    let new = limited(PersonId::generate(), 3, 3_600);
    store.record_one(&new, &stamp(0)).await.unwrap();
    let batch: Vec<_> = (0..5).map(|_| use_of(new.subject)).collect();
    let outcomes = store.check_and_use(&batch, &policy(), &stamp(1)).await;
    let outcomes = outcomes.unwrap();
    let granted: Vec<_> = outcomes
        .iter()
        .map(|outcome| permitted(outcome.as_ref().unwrap()))
        .collect();
    assert_eq!(granted, [true, true, true, false, false]);
}

/// A check made again, for want of an answer, is counted once; another request
/// under its id is refused.
pub async fn a_repeated_use_is_counted_once(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = limited(PersonId::generate(), 1, 3_600);
    store.record_one(&new, &stamp(0)).await.unwrap();
    let once = use_of(new.subject);
    let first = store
        .check_and_use_one(&once, &policy(), &stamp(1))
        .await
        .unwrap();
    assert!(permitted(&first));
    let again = store
        .check_and_use_one(&once, &policy(), &stamp(1))
        .await
        .unwrap();
    assert!(permitted(&again), "a repeated use was counted again");
    assert_eq!(again.outcome(), first.outcome());
    assert_eq!(uses_of(&*store, new.id).await, 1);

    let mut other = use_of(PersonId::generate());
    other.id = once.id;
    let refusal = store.check_and_use_one(&other, &policy(), &stamp(2)).await;
    assert!(matches!(refusal, Err(Error::AlreadyExists { id, .. }) if id == *once.id.as_uuid()));
    assert!(!permitted(&decision(&*store, new.subject, 2).await));
}

/// A use that was granted is not granted again once the consent is withdrawn,
/// under the same id either.
pub async fn a_repeated_use_is_no_way_around_a_withdrawal(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = given(PersonId::generate());
    store.record_one(&new, &stamp(0)).await.unwrap();
    let once = use_of(new.subject);
    let check = |at| {
        let (store, once) = (store.clone(), once.clone());
        async move { store.check_and_use_one(&once, &policy(), &stamp(at)).await }
    };
    assert!(permitted(&check(1).await.unwrap()));
    store
        .withdraw(new.id, Version::FIRST, &by_hand(), &stamp(2))
        .await
        .unwrap();
    assert!(
        !permitted(&check(3).await.unwrap()),
        "an old id was granted after the withdrawal"
    );
    // Whoever says yes again says it to another use.
    let anew = given(new.subject);
    store.record_one(&anew, &stamp(4)).await.unwrap();
    assert!(matches!(check(5).await, Err(Error::AlreadyExists { .. })));
    assert_eq!(uses_of(&*store, anew.id).await, 0);
}

/// What has expired, or is spent, is so for good, whatever the clock says
/// next.
pub async fn a_clock_set_back_revives_nothing(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = given(PersonId::generate());
    store.record_one(&new, &stamp(0)).await.unwrap();
    let past = new.period.until();
    let seconds = (past - later(0)).num_seconds();
    for second in [seconds, 1, seconds - 1] {
        let decision = decision(&*store, new.subject, second).await;
        assert!(
            !permitted(&decision),
            "a clock set back revived an expired consent"
        );
        assert!(matches!(denied(&decision), Reason::Expired { .. }));
        assert_eq!(decision.at(), past);
    }
    // Another person's data are decided by the clock as it stands.
    let other = given(PersonId::generate());
    store.record_one(&other, &stamp(0)).await.unwrap();
    assert!(permitted(&decision(&*store, other.subject, 1).await));
}

/// What rests on law is permitted without consent, whatever was refused, and
/// counts against none.
pub async fn law_needs_no_consent_and_is_not_counted(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = refused(PersonId::generate());
    store.record_one(&new, &stamp(0)).await.unwrap();
    let by_law = use_by_law(new.subject);
    let decision = store
        .check_and_use_one(&by_law, &policy(), &stamp(1))
        .await
        .unwrap();
    assert!(matches!(decision.outcome(), Outcome::Permit { withheld, .. } if withheld.is_empty()));
    assert!(decision.consents_used().is_empty());
    assert_eq!(uses_of(&*store, new.id).await, 0);
    assert_eq!(feed_is_whole(&*store).await.len(), 1);
}

/// Pages, read one after another, hold everything once and in order.
pub async fn lists_go_on_where_they_ended(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    let new: Vec<_> = (0..7).map(|_| given(person)).collect();
    store.record(&new, &stamp(0)).await.unwrap();
    let ids: Vec<UseId> = (0..7).map(|_| UseId::generate()).collect();
    for id in &ids {
        let mut made = use_of(person);
        made.id = *id;
        let decision = store.check_and_use_one(&made, &policy(), &stamp(1)).await;
        assert!(permitted(&decision.unwrap()));
    }
    // Of several yeses said at one moment, the highest id counts as the last.
    let granted_on = new.iter().map(|new| new.id).max().unwrap();

    let (mut consents, mut uses) = (Vec::new(), Vec::new());
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = store.of_subject(person, &page).await.unwrap();
        assert!(paged.items().len() <= 3);
        consents.extend(paged.items().iter().map(Consent::id));
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    assert_eq!(consents, new.iter().map(|new| new.id).collect::<Vec<_>>());
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = store.uses(granted_on, &page).await.unwrap();
        assert!(paged.items().len() <= 3);
        uses.extend(paged.items().iter().map(Use::id));
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    assert_eq!(uses, ids);
    let stranger = Page::first().after(Cursor::new("not of this list").unwrap());
    let (one, other) = (
        store.of_subject(person, &stranger).await.unwrap_err(),
        store.uses(granted_on, &stranger).await.unwrap_err(),
    );
    assert!(matches!(
        (one, other),
        (Error::Invalid(_), Error::Invalid(_))
    ));
}

/// Each write is one change, in order; what wrote nothing tells nothing.
pub async fn every_write_is_told_once(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    let (first, second, no) = (given(person), asked(person), refused(PersonId::generate()));
    let second = second.superseding(first.id);
    let new = [first.clone(), second.clone(), no.clone()];
    store.record(&new, &stamp(0)).await.unwrap();
    let made = use_of(person);
    store
        .check_and_use_one(&made, &policy(), &stamp(1))
        .await
        .unwrap();
    let yes = Reply::given(by_hand());
    store
        .answer(second.id, Version::FIRST, &yes, &stamp(2))
        .await
        .unwrap();
    store
        .withdraw(second.id, Version::FIRST.next(), &by_hand(), &stamp(3))
        .await
        .unwrap();
    let silent = decision(&*store, person, 4).await;
    assert!(!permitted(&silent));

    let changes = feed_is_whole(&*store).await;
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.kind().as_str(), change.id(), change.recorded_at()))
        .collect();
    let expected = [
        ("give", *first.id.as_uuid(), later(0)),
        ("ask", *second.id.as_uuid(), later(0)),
        ("refuse", *no.id.as_uuid(), later(0)),
        ("use", *made.id.as_uuid(), later(1)),
        ("give", *second.id.as_uuid(), later(2)),
        ("supersede", *first.id.as_uuid(), later(2)),
        ("withdraw", *second.id.as_uuid(), later(3)),
    ];
    assert_eq!(told, expected, "the feed does not tell what was written");
    let commitments: HashSet<_> = changes.iter().map(Change::commitment).collect();
    assert_eq!(
        commitments.len(),
        changes.len(),
        "two changes commit to one content"
    );
}

/// After a crash, what was withdrawn stays withdrawn, what was spent stays
/// spent, and no clock has been set back.
pub async fn what_was_acknowledged_survives_a_crash(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let (kept, spent, aged) = (
        given(PersonId::generate()),
        limited(PersonId::generate(), 1, 3_600),
        given(PersonId::generate()),
    );
    let new = [kept.clone(), spent.clone(), aged.clone()];
    store.record(&new, &stamp(0)).await.unwrap();
    assert!(permitted(&decision(&*store, spent.subject, 1).await));
    let expired = (aged.period.until() - later(0)).num_seconds();
    assert!(!permitted(&decision(&*store, aged.subject, expired).await));
    let withdrawn = store
        .withdraw(kept.id, Version::FIRST, &by_hand(), &stamp(2))
        .await
        .unwrap();
    let changes = feed_is_whole(&*store).await;

    let store = harness.reopen(store).await;
    assert_eq!(store.get(kept.id).await.unwrap(), withdrawn);
    assert_eq!(feed_is_whole(&*store).await, changes);
    assert_eq!(uses_of(&*store, spent.id).await, 1);
    for person in [kept.subject, spent.subject, aged.subject] {
        let decision = decision(&*store, person, 3).await;
        assert!(!permitted(&decision), "a crash revived what was over");
    }
}
