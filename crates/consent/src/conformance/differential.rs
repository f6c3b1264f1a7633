use std::fmt::Debug;

use solidarity_core::testing::{Harness, Random};
use solidarity_core::{Change, ConsentId, Page, Paged, PersonId, Version};
use uuid::Uuid;

use super::fixture::{
    asked_for, by_hand, by_voice, policy, stamp, use_by_law, wanted, wanted_special,
};
use crate::{Budget, ConsentStore, MemoryConsentStore, NewConsent, NewUse, Reply, Result, UseId};

/// Does `steps` random things, the same ones to the subject and to a
/// [`MemoryConsentStore`], and expects the same answers; at the end the same
/// lists, the same uses and the same news, also after a crash.
///
/// # Panics
///
/// If the two ever differ. `seed` replays it.
pub async fn agrees_with_memory(harness: &dyn Harness<dyn ConsentStore>, seed: u64, steps: usize) {
    println!("agrees_with_memory: seed {seed}, {steps} steps");
    let (mut subject, memory) = (harness.open().await, MemoryConsentStore::new());
    let mut random = Random::new(seed);
    for step in 0..steps {
        let at = stamp(second(&mut random, step));
        match random.below(100) {
            0..30 => {
                let count = 1 + random.below(4);
                let new: Vec<_> = (0..count).map(|_| any_consent(&mut random)).collect();
                let (one, two) = (
                    subject.record(&new, &at).await,
                    memory.record(&new, &at).await,
                );
                same_batch(step, one, two);
            }
            30..45 => {
                let (id, expected) = (any_id(&mut random), any_version(&mut random));
                let reply = any_reply(&mut random);
                same(
                    step,
                    subject.answer(id, expected, &reply, &at).await,
                    memory.answer(id, expected, &reply, &at).await,
                );
            }
            45..55 => {
                let (id, expected) = (any_id(&mut random), any_version(&mut random));
                let how = if random.chance(50) {
                    by_hand()
                } else {
                    by_voice()
                };
                same(
                    step,
                    subject.withdraw(id, expected, &how, &at).await,
                    memory.withdraw(id, expected, &how, &at).await,
                );
            }
            55..90 => {
                let count = 1 + random.below(4);
                let uses: Vec<_> = (0..count).map(|_| any_use(&mut random)).collect();
                let policy = policy();
                let one = subject.check_and_use(&uses, &policy, &at).await;
                let two = memory.check_and_use(&uses, &policy, &at).await;
                same_batch(step, one, two);
            }
            90..98 => {
                let id = any_id(&mut random);
                same(step, subject.get(id).await, memory.get(id).await);
            }
            _ => subject = harness.reopen(subject).await,
        }
    }
    everything_is_the_same(&*subject, &memory, steps).await;
    let subject = harness.reopen(subject).await;
    everything_is_the_same(&*subject, &memory, steps).await;
}

const PEOPLE: u64 = 4;
const CONSENTS: u64 = 60;
const USES: u64 = 400;

async fn everything_is_the_same(
    subject: &dyn ConsentStore,
    memory: &dyn ConsentStore,
    step: usize,
) {
    for person in 0..PEOPLE {
        let (mut one, mut two) = (Page::of(7).unwrap(), Page::of(7).unwrap());
        loop {
            let ours = subject.of_subject(person_id(person), &one).await.unwrap();
            let theirs = memory.of_subject(person_id(person), &two).await.unwrap();
            assert_eq!(ours.items(), theirs.items(), "after step {step}");
            match (ours.next(), theirs.next()) {
                (Some(ours), Some(theirs)) => {
                    (one, two) = (one.after(ours.clone()), two.after(theirs.clone()));
                }
                (None, None) => break,
                other => panic!("one list ends before the other: {other:?}"),
            }
        }
    }
    for n in 0..CONSENTS {
        let page = Page::largest();
        let id = consent_id(n);
        same(
            step,
            subject.uses(id, &page).await.map(|page| page.into_items()),
            memory.uses(id, &page).await.map(|page| page.into_items()),
        );
    }
    assert_eq!(news(subject).await, news(memory).await);
}

/// The feed without what differs from store to store: cursors and salts.
async fn news(store: &dyn ConsentStore) -> Vec<(String, Uuid, String)> {
    let told = Paged::every(|page| async move { store.changes_since(&page).await }).await;
    let line = |change: &Change| {
        let when = change.recorded_at().to_rfc3339();
        (change.kind().to_string(), change.id(), when)
    };
    told.unwrap().iter().map(line).collect()
}

/// Time goes on, with steps back.
fn second(random: &mut Random, step: usize) -> i64 {
    let step = i64::try_from(step).unwrap();
    if random.chance(10) {
        step - i64::try_from(random.below(500)).unwrap()
    } else {
        step
    }
}

fn person_id(n: u64) -> PersonId {
    PersonId::derive(&PersonId::from_uuid(Uuid::nil()), &n.to_string())
}

fn consent_id(n: u64) -> ConsentId {
    ConsentId::derive(&ConsentId::from_uuid(Uuid::nil()), &n.to_string())
}

fn any_id(random: &mut Random) -> ConsentId {
    consent_id(random.below(CONSENTS))
}

fn any_version(random: &mut Random) -> Version {
    Version::from_count(1 + random.below(3)).unwrap()
}

fn any_reply(random: &mut Random) -> Reply {
    match random.below(5) {
        0 => Reply::refused(by_voice()),
        1 => Reply::given(by_voice()),
        2 => Reply::given(by_voice().with_witness("a neighbor")),
        3 => Reply::given_explicitly(by_hand()),
        _ => Reply::given(by_hand()),
    }
}

/// The terms of an id are mostly the same, so that repeats are frequent.
fn any_consent(random: &mut Random) -> NewConsent {
    let n = random.below(CONSENTS);
    let person = person_id(n % PEOPLE);
    let request = if n.is_multiple_of(3) {
        wanted_special(person)
    } else {
        wanted(person)
    };
    let mut new = asked_for(consent_id(n), &request);
    if n.is_multiple_of(2) {
        new = new.answered(any_reply(&mut Random::new(n)));
    }
    if n.is_multiple_of(5) {
        new = new.at_most(Budget::new(2, 100).unwrap());
    }
    if n > 40 {
        new = new.superseding(consent_id(n - 4));
    }
    if random.chance(10) {
        new = new.kept_for_days(7);
    }
    new
}

fn any_use(random: &mut Random) -> NewUse {
    let n = random.below(USES);
    let person = person_id(random.below(PEOPLE));
    let mut made = match random.below(10) {
        0 => use_by_law(person),
        1..4 => NewUse::new(UseId::generate(), wanted_special(person)),
        _ => NewUse::new(UseId::generate(), wanted(person)),
    };
    made.id = UseId::derive(&UseId::from_uuid(Uuid::nil()), &n.to_string());
    made
}

fn same<T: PartialEq + Debug>(step: usize, subject: Result<T>, memory: Result<T>) {
    match (subject, memory) {
        (Ok(subject), Ok(memory)) => assert_eq!(subject, memory, "at step {step}"),
        (Err(subject), Err(memory)) => {
            assert_eq!(subject.to_string(), memory.to_string(), "at step {step}");
        }
        other => panic!("at step {step}, one answered and one did not: {other:?}"),
    }
}

fn same_batch<T: PartialEq + Debug>(
    step: usize,
    subject: Result<Vec<Result<T>>>,
    memory: Result<Vec<Result<T>>>,
) {
    match (subject, memory) {
        (Ok(subject), Ok(memory)) => {
            assert_eq!(subject.len(), memory.len(), "at step {step}");
            for (subject, memory) in subject.into_iter().zip(memory) {
                same(step, subject, memory);
            }
        }
        (subject, memory) => same(step, subject.map(|_| ()), memory.map(|_| ())),
    }
}
