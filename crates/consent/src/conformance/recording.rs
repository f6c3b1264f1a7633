use solidarity_core::conformance::feed_is_whole;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::Harness;
use solidarity_core::{ConsentId, Page, PersonId, Version};

use super::fixture::{
    asked, by_hand, by_voice, decision, denied, given, later, permitted, policy, refused, stamp,
    use_of,
};
use crate::limits::SUBJECT_CONSENTS_MAX;
use crate::{ConsentStore, ConsentStoreExt, Error, Reason, Reply, Standing, State};

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
    assert!(
        matches!(refusal, Err(Error::Invalid(_))),
        "a batch over the limit was written"
    );
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
            }) => assert_eq!(
                (id, expected, actual),
                (new.id, Version::FIRST, given.version())
            ),
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
    for new in [
        strange,
        given(first.subject).superseding(ConsentId::generate()),
    ] {
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
    assert_eq!(feed_is_whole(&*store).await.len(), 8);
}
