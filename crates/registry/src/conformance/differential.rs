//! The same random operations on a subject and on the memory reference.

use solidarity_core::testing::Harness;
use solidarity_core::{ChangeFeed, Page, Salt};

use super::rules;
use crate::{
    EntityRef, Identifier, MemoryRecordStore, RecordSearch, RecordStore, Registry, Revision,
};

mod play;

use play::{CARDS, MEMBERSHIPS, PEOPLE, Play, UNITS, membership, person, unit};

/// Runs `steps` random operations on a subject and on
/// [`MemoryRecordStore`], and compares every answer, what a random read says
/// after each, and at the end everything.
///
/// # Panics
///
/// At the first difference; the seed is in the message.
pub async fn agrees_with_memory(harness: &dyn Harness<dyn Registry>, seed: u64, steps: usize) {
    let mut subject = harness.open().await;
    let reference = MemoryRecordStore::new(rules());
    let mut play = Play::new(seed);
    for step in 0..steps {
        let about = format!("SOLIDARITY_SEED={seed}, step {step}");
        let batch = if step == 0 {
            play.first()
        } else {
            play.batch()
        };
        let stamp = play.stamp(step);
        let outcomes = subject.apply(&batch, &stamp).await.unwrap();
        let expected = reference.apply(&batch, &stamp).await.unwrap();
        assert_eq!(outcomes, expected, "{about}: the outcomes differ");
        play.remember(batch, outcomes);
        compare(&mut play, &*subject, &reference, &about).await;
        if step % 500 == 499 {
            subject = harness.reopen(subject).await;
        }
    }
    let about = format!("SOLIDARITY_SEED={seed}, at the end");
    assert!(
        play.carried_out > steps / 2,
        "{about}: so little was carried out that little was compared"
    );
    for n in 0..PEOPLE.max(UNITS).max(MEMBERSHIPS) {
        for entity in [person(n).into(), unit(n).into(), membership(n).into()] {
            same_history(&*subject, &reference, entity, &Page::largest(), &about).await;
        }
    }
    same_feed(&*subject, &reference, &about).await;
}

/// Asks both one random question.
async fn compare(
    play: &mut Play,
    subject: &dyn Registry,
    reference: &MemoryRecordStore,
    about: &str,
) {
    let page = Page::of(1 + usize::try_from(play.random.below(5)).unwrap()).unwrap();
    match play.random.below(7) {
        0 => {
            let (ids, as_of) = ([play.person(), play.person()], play.as_of());
            let (one, other) = (subject.people(&ids, as_of), reference.people(&ids, as_of));
            assert_eq!(
                one.await.unwrap(),
                other.await.unwrap(),
                "{about}: people differ"
            );
        }
        1 => {
            let (ids, as_of) = ([play.unit(), play.unit()], play.as_of());
            let (one, other) = (subject.units(&ids, as_of), reference.units(&ids, as_of));
            assert_eq!(
                one.await.unwrap(),
                other.await.unwrap(),
                "{about}: units differ"
            );
        }
        2 => {
            let of = [play.entity(), play.entity()];
            let on = play.random.chance(70).then(|| play.as_of());
            let (one, other) = (subject.memberships(&of, on), reference.memberships(&of, on));
            assert_eq!(
                one.await.unwrap(),
                other.await.unwrap(),
                "{about}: memberships differ"
            );
        }
        3 => same_history(subject, reference, play.entity(), &page, about).await,
        4 => {
            let asked: Vec<_> = CARDS
                .map(|card| Identifier::new(play.scheme(), card))
                .into();
            let one = subject.find_by_identifiers(&asked);
            let other = reference.find_by_identifiers(&asked);
            assert_eq!(
                one.await.unwrap(),
                other.await.unwrap(),
                "{about}: holders differ"
            );
        }
        5 => {
            let criteria = play.people_criteria(2);
            let said = serde_json::to_string(&criteria).unwrap();
            let one = subject.search_people(&criteria, &page).await.unwrap();
            let other = reference.search_people(&criteria, &page).await.unwrap();
            assert_eq!(one, other, "{about}: the people differ of {said}");
            if let Some(cursor) = one.next() {
                let page = page.after(cursor.clone());
                let one = subject.search_people(&criteria, &page).await.unwrap();
                let other = reference.search_people(&criteria, &page).await.unwrap();
                assert_eq!(one, other, "{about}: the next page differs of {said}");
            }
        }
        _ => {
            let criteria = play.unit_criteria();
            let one = subject.search_units(&criteria, &page).await.unwrap();
            let other = reference.search_units(&criteria, &page).await.unwrap();
            assert_eq!(one, other, "{about}: the units differ");
        }
    }
}

/// Histories are the same but for their salts, which are random.
async fn same_history(
    subject: &dyn Registry,
    reference: &MemoryRecordStore,
    entity: EntityRef,
    page: &Page,
    about: &str,
) {
    let unsalted = |mut revision: Revision| {
        revision.salt = Salt::from_bytes([0; 16]);
        revision
    };
    let one = subject.history(entity, page).await.unwrap().map(unsalted);
    let other = reference.history(entity, page).await.unwrap().map(unsalted);
    assert_eq!(one.items(), other.items(), "{about}: histories differ");
    assert_eq!(
        one.next().is_some(),
        other.next().is_some(),
        "{about}: histories differ"
    );
}

/// Feeds tell the same, but for cursors and commitments.
async fn same_feed(subject: &dyn Registry, reference: &MemoryRecordStore, about: &str) {
    let (mut one_page, mut other_page) = (Page::largest(), Page::largest());
    loop {
        let one = subject.changes_since(&one_page).await.unwrap();
        let other = reference.changes_since(&other_page).await.unwrap();
        assert_eq!(
            one.items().len(),
            other.items().len(),
            "{about}: feeds differ"
        );
        for (a, b) in one.items().iter().zip(other.items()) {
            assert_eq!(
                (
                    a.entity(),
                    a.id(),
                    a.kind(),
                    a.effective_on(),
                    a.recorded_at(),
                    a.actor()
                ),
                (
                    b.entity(),
                    b.id(),
                    b.kind(),
                    b.effective_on(),
                    b.recorded_at(),
                    b.actor()
                ),
                "{about}: feeds differ"
            );
        }
        match (one.next(), other.next()) {
            (Some(one), Some(other)) => {
                one_page = one_page.after(one.clone());
                other_page = other_page.after(other.clone());
            }
            (None, None) => break,
            _ => panic!("{about}: one feed ends before the other"),
        }
    }
}
