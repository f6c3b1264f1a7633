//! The kit that every [`ConsentStore`] must pass. One line, in a test module
//! of your own crate, runs all of it:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_consent::{ConsentStore, MemoryConsentStore as MyStore};
//! # use solidarity_core::testing::InMemory;
//! #[cfg(test)]
//! solidarity_consent::consent_store_conformance!(InMemory::new(|| Arc::new(MyStore::new()) as Arc<dyn ConsentStore>));
//! ```
//!
//! A back end that needs a reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`;
//! its store must then answer on any thread, for two cases start their own.
//! Cases may be added in a minor release.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;
use solidarity_core::conformance::feed_is_whole;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::{Harness, block_on};
use solidarity_core::{ConsentId, Cursor, Page, PersonId, Version};

use crate::limits::SUBJECT_CONSENTS_MAX;
use crate::{
    ConsentStore, ConsentStoreExt, Error, Outcome, Reason, Reply, Standing, State, UseId,
};

mod differential;
mod fixture;

pub use differential::agrees_with_memory;
use fixture::{
    asked, by_hand, by_voice, denied, given, later, limited, permitted, policy, refused, stamp,
    use_of, wanted,
};

/// Runs every conformance case against a [`ConsentStore`].
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! consent_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::consent_store_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance,
            [
                what_is_recorded_is_read,
                a_record_again_changes_nothing,
                other_terms_under_an_id_write_nothing,
                a_batch_has_one_outcome_each,
                too_large_a_batch_writes_nothing,
                a_person_is_asked_so_often_and_no_more,
                an_answer_is_given_once,
                a_stale_step_writes_nothing,
                a_consent_in_any_state_can_be_withdrawn,
                nothing_is_granted_on_what_was_withdrawn,
                nothing_is_granted_after_a_withdrawal_returned,
                a_no_is_remembered,
                a_yes_takes_the_place_of_what_it_supersedes,
                a_budget_is_spent_and_comes_back,
                a_budget_is_never_overspent,
                a_repeated_use_is_counted_once,
                a_repeated_use_is_no_way_around_a_withdrawal,
                a_clock_set_back_revives_nothing,
                law_needs_no_consent_and_is_not_counted,
                lists_go_on_where_they_ended,
                every_write_is_told_once,
                what_was_acknowledged_survives_a_crash,
            ]
        );
    };
}

/// What was recorded is read, by id and by person, and nobody else's.
pub async fn what_is_recorded_is_read(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let (one, other) = (PersonId::generate(), PersonId::generate());
    let new = [asked(one), given(one), refused(one), given(other)];
    let recorded = store.record(&new, &stamp(0)).await.unwrap();
    let recorded: Vec<_> = recorded.into_iter().map(Result::unwrap).collect();
    for ((new, consent), state) in new.iter().zip(&recorded).zip([
        State::Requested,
        State::Given,
        State::Refused,
        State::Given,
    ]) {
        assert_eq!((consent.terms(), consent.state()), (new, state));
        assert_eq!(consent.version(), Version::FIRST);
        assert_eq!(&store.get(new.id).await.unwrap(), consent);
    }
    assert_eq!(store.all_of_subject(one).await.unwrap(), recorded[..3]);
    assert_eq!(store.all_of_subject(other).await.unwrap(), recorded[3..]);
    let nobody = store.all_of_subject(PersonId::generate()).await.unwrap();
    assert!(nobody.is_empty());

    let unknown = ConsentId::generate();
    let page = Page::first();
    for refusal in [
        store.get(unknown).await.unwrap_err(),
        store.uses(unknown, &page).await.unwrap_err(),
        store
            .withdraw(unknown, Version::FIRST, &by_hand(), &stamp(1))
            .await
            .unwrap_err(),
        store
            .answer(unknown, Version::FIRST, &Reply::given(by_hand()), &stamp(1))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(refusal, Error::NotFound { id, .. } if id == unknown));
    }
}

/// The same consent again, in one batch or later, is there once, and the
/// answer is what stands: also that it was withdrawn meanwhile.
pub async fn a_record_again_changes_nothing(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = given(PersonId::generate());
    let twice = [new.clone(), new.clone()];
    let recorded = store.record(&twice, &stamp(0)).await.unwrap();
    let recorded: Vec<_> = recorded.into_iter().map(Result::unwrap).collect();
    assert_eq!(recorded[0], recorded[1]);
    assert_eq!(
        store.record_one(&new, &stamp(1)).await.unwrap(),
        recorded[0],
        "a repeat changed what was recorded"
    );
    let withdrawn = store
        .withdraw(new.id, Version::FIRST, &by_hand(), &stamp(2))
        .await
        .unwrap();
    assert_eq!(
        store.record_one(&new, &stamp(3)).await.unwrap(),
        withdrawn,
        "a repeat revived a consent that was withdrawn"
    );
    assert_eq!(store.all_of_subject(new.subject).await.unwrap().len(), 1);
    assert_eq!(feed_is_whole(&*store).await.len(), 2);
}

/// Other terms under a taken id are refused, and change nothing.
pub async fn other_terms_under_an_id_write_nothing(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = given(PersonId::generate());
    let first = store.record_one(&new, &stamp(0)).await.unwrap();
    let wider = new.clone().kept_for_days(36_000);
    match store.record_one(&wider, &stamp(1)).await {
        Err(Error::AlreadyExists { id, .. }) => assert_eq!(id, *new.id.as_uuid()),
        other => panic!("expected `AlreadyExists`, got {other:?}"),
    }
    assert_eq!(store.get(new.id).await.unwrap(), first);
    assert_eq!(feed_is_whole(&*store).await.len(), 1);
}

/// Each consent of a batch has its own outcome, in its place.
pub async fn a_batch_has_one_outcome_each(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    let (good, also_good) = (given(person), given(person));
    let unwitnessed = asked(person).answered(Reply::given(by_voice()));
    let new = [good.clone(), unwitnessed.clone(), also_good.clone()];
    let outcomes = store.record(&new, &stamp(0)).await.unwrap();
    assert_eq!(outcomes.len(), 3);
    assert_eq!(outcomes[0].as_ref().unwrap().id(), good.id);
    assert!(matches!(outcomes[1], Err(Error::Invalid(_))));
    assert_eq!(outcomes[2].as_ref().unwrap().id(), also_good.id);
    let missing = store.get(unwitnessed.id).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })));
    assert_eq!(feed_is_whole(&*store).await.len(), 2);
    assert!(store.record(&[], &stamp(1)).await.unwrap().is_empty());
}

/// A batch over the limit is refused whole.
pub async fn too_large_a_batch_writes_nothing(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = given(PersonId::generate());
    let batch = vec![new.clone(); BATCH_MAX + 1];
    let refusal = store.record(&batch, &stamp(0)).await;
    assert!(matches!(refusal, Err(Error::Invalid(_))));
    assert!(store.get(new.id).await.is_err());

    store.record_one(&new, &stamp(0)).await.unwrap();
    let batch = vec![use_of(new.subject); BATCH_MAX + 1];
    let refusal = store.check_and_use(&batch, &policy(), &stamp(1)).await;
    assert!(matches!(refusal, Err(Error::Invalid(_))));
    let none = store.uses(new.id, &Page::first()).await.unwrap();
    assert!(none.items().is_empty());
}

/// The consents of one person are limited, so that a decision reads no more.
pub async fn a_person_is_asked_so_often_and_no_more(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    let new: Vec<_> = (0..=SUBJECT_CONSENTS_MAX).map(|_| asked(person)).collect();
    let outcomes = store.record(&new, &stamp(0)).await.unwrap();
    assert!(outcomes[SUBJECT_CONSENTS_MAX - 2].is_ok());
    assert!(outcomes[SUBJECT_CONSENTS_MAX - 1].is_ok());
    assert!(matches!(
        outcomes[SUBJECT_CONSENTS_MAX],
        Err(Error::Invalid(_))
    ));
    let held = store.all_of_subject(person).await.unwrap();
    assert_eq!(held.len(), SUBJECT_CONSENTS_MAX);
    let repeat = store.record_one(&new[0], &stamp(1)).await;
    assert_eq!(repeat.unwrap(), held[0], "a repeat is not one more");
}

/// A question is answered once; the same answer again is no other.
pub async fn an_answer_is_given_once(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = asked(PersonId::generate());
    store.record_one(&new, &stamp(0)).await.unwrap();
    let pending = decision(&*store, new.subject, 1).await;
    assert!(matches!(denied(&pending), Reason::Unanswered { .. }));

    let yes = Reply::given(by_voice().with_witness("a neighbor"));
    let answer = |reply, expected, at| {
        let store = store.clone();
        async move { store.answer(new.id, expected, &reply, &stamp(at)).await }
    };
    let first = answer(yes.clone(), Version::FIRST, 2).await.unwrap();
    assert_eq!((first.state(), first.reply()), (State::Given, Some(&yes)));
    assert_eq!(first.version(), Version::FIRST.next());
    let again = answer(yes, Version::FIRST, 3).await.unwrap();
    assert_eq!(again, first);
    assert!(permitted(&decision(&*store, new.subject, 4).await));

    let no = answer(Reply::refused(by_hand()), first.version(), 5).await;
    assert!(matches!(no, Err(Error::NotOpen { id, .. }) if id == new.id));
    assert_eq!(store.get(new.id).await.unwrap(), first);
}

/// A step that expects another version is refused, and changes nothing.
pub async fn a_stale_step_writes_nothing(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = asked(PersonId::generate());
    store.record_one(&new, &stamp(0)).await.unwrap();
    let yes = Reply::given(by_hand());
    let given = store
        .answer(new.id, Version::FIRST, &yes, &stamp(1))
        .await
        .unwrap();
    let no = Reply::refused(by_hand());
    for stale in [
        store
            .withdraw(new.id, Version::FIRST, &by_hand(), &stamp(2))
            .await,
        store.answer(new.id, Version::FIRST, &no, &stamp(2)).await,
    ] {
        match stale {
            Err(Error::Conflict {
                id,
                expected,
                actual,
                ..
            }) => assert_eq!((id, expected, actual), (new.id, Version::FIRST, given.version())),
            other => panic!("expected `Conflict`, got {other:?}"),
        }
    }
    assert_eq!(store.get(new.id).await.unwrap(), given);
    assert_eq!(feed_is_whole(&*store).await.len(), 2);
}

/// Whatever was said before, it can be taken back, by voice and without a
/// witness; and only once.
pub async fn a_consent_in_any_state_can_be_withdrawn(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    for new in [asked(person), given(person), refused(person)] {
        store.record_one(&new, &stamp(0)).await.unwrap();
        let withdrawn = store
            .withdraw(new.id, Version::FIRST, &by_voice(), &stamp(1))
            .await
            .unwrap();
        assert_eq!(withdrawn.state(), State::Withdrawn);
        assert_eq!(withdrawn.withdrawal(), Some(&by_voice()));
        assert_eq!(withdrawn.version(), Version::FIRST.next());
        let again = store
            .withdraw(new.id, withdrawn.version(), &by_hand(), &stamp(2))
            .await
            .unwrap();
        assert_eq!(again, withdrawn);
    }
    assert_eq!(feed_is_whole(&*store).await.len(), 6);
}

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
            let withdrawal = store.withdraw(new.id, Version::FIRST, &by_hand(), &FIRST);
            block_on(withdrawal).unwrap();
            withdrawn.store(true, Ordering::SeqCst);
        });
        let counted = uses_of(&*store, new.id).await;
        assert_eq!(counted, granted.load(Ordering::SeqCst));
    }
}

/// A refusal stays, with how it was said, and permits nothing.
pub async fn a_no_is_remembered(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let new = refused(PersonId::generate());
    store.record_one(&new, &stamp(0)).await.unwrap();
    let decision = decision(&*store, new.subject, 1).await;
    assert!(matches!(denied(&decision), Reason::Refused { consent } if consent.id() == new.id));
    let held = store.all_of_subject(new.subject).await.unwrap();
    assert_eq!(held.len(), 1, "a refusal was forgotten");
    assert_eq!(held[0].reply(), new.reply.as_ref());
    assert_eq!(held[0].standing(later(400)), Standing::Refused);
}

/// A yes ends the consent that it supersedes; a question and a no do not; and
/// nobody supersedes another's.
pub async fn a_yes_takes_the_place_of_what_it_supersedes(harness: &dyn Harness<dyn ConsentStore>) {
    let store = harness.open().await;
    let first = given(PersonId::generate());
    store.record_one(&first, &stamp(0)).await.unwrap();
    let strange = given(PersonId::generate()).superseding(first.id);
    for new in [strange, given(first.subject).superseding(ConsentId::generate())] {
        let refusal = store.record_one(&new, &stamp(1)).await;
        assert!(matches!(refusal, Err(Error::Invalid(_))));
    }
    let second = asked(first.subject).superseding(first.id);
    let no = refused(first.subject).superseding(first.id);
    store.record_one(&no, &stamp(0)).await.unwrap();
    store.record_one(&second, &stamp(1)).await.unwrap();
    assert_eq!(store.get(first.id).await.unwrap().state(), State::Given);

    let yes = Reply::given(by_hand());
    store
        .answer(second.id, Version::FIRST, &yes, &stamp(2))
        .await
        .unwrap();
    let ended = store.get(first.id).await.unwrap();
    assert_eq!(ended.state(), State::Superseded);
    assert_eq!(ended.superseded_by(), Some(second.id));
    let decision = decision(&*store, first.subject, 3).await;
    let rests_on = decision.consents_used();
    assert!(rests_on.iter().all(|consent| consent.id() == second.id) && rests_on.len() == 1);
    let third = given(first.subject).superseding(second.id);
    store.record_one(&third, &stamp(4)).await.unwrap();
    let ended = store.get(second.id).await.unwrap();
    assert_eq!(ended.superseded_by(), Some(third.id));
    assert_eq!(feed_is_whole(&*store).await.len(), 7);
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
    let by_law = fixture::use_by_law(new.subject);
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
    let granted_on = ConsentId::from_uuid(*new.iter().map(|new| &new.id).max().unwrap().as_uuid());

    let (mut consents, mut uses) = (Vec::new(), Vec::new());
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = store.of_subject(person, &page).await.unwrap();
        assert!(paged.items().len() <= 3);
        consents.extend(paged.items().iter().map(crate::Consent::id));
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
        uses.extend(paged.items().iter().map(crate::Use::id));
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
    assert!(matches!((one, other), (Error::Invalid(_), Error::Invalid(_))));
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
    let commitments: std::collections::HashSet<_> =
        changes.iter().map(solidarity_core::Change::commitment).collect();
    assert_eq!(commitments.len(), changes.len(), "two changes commit to one content");
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
    let _ = TimeDelta::zero();
    let _ = wanted(kept.subject);
}

/// Every store decides as the kit's policy has it.
async fn decision(
    store: &dyn ConsentStore,
    subject: PersonId,
    second: i64,
) -> crate::Decision {
    store
        .check_and_use_one(&use_of(subject), &policy(), &stamp(second))
        .await
        .unwrap()
}

async fn uses_of(store: &dyn ConsentStore, id: ConsentId) -> usize {
    let uses = store.uses(id, &Page::largest()).await.unwrap();
    assert_eq!(uses.next(), None);
    uses.items().len()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let unlisted = solidarity_core::testing::unlisted_cases(include_str!("conformance.rs"));
        assert!(unlisted.is_empty(), "{unlisted:?}");
    }
}
