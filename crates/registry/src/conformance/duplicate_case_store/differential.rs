use std::fmt::Debug;
use std::sync::Arc;

use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::{Harness, Random};
use solidarity_core::{Change, Page, Paged, PersonId, Salt, Version};
use uuid::Uuid;

use super::{officer, pair};
use crate::Result;
use crate::duplicate_cases::{
    DuplicateCase, DuplicateCaseId, DuplicateCaseStore, Judged, Judgement, JudgementReason,
    MemoryDuplicateCaseStore, NewDuplicateCase, QueueOrder,
};

/// So few people that pairs come again.
const PEOPLE: u64 = 6;

/// Does `steps` random things, the same ones to the subject and to a
/// [`MemoryDuplicateCaseStore`], and expects the same answers, also after a
/// crash.
///
/// # Panics
///
/// If the two ever differ. `seed` replays it.
pub async fn agrees_with_memory(
    harness: &dyn Harness<dyn DuplicateCaseStore>,
    seed: u64,
    steps: usize,
) {
    println!("agrees_with_memory: seed {seed}, {steps} steps");
    let mut subject = harness.open().await;
    let memory = MemoryDuplicateCaseStore::new();
    let mut random = Random::new(seed);
    for step in 0..steps {
        match random.below(100) {
            0..35 => {
                let batch: Vec<_> = (0..random.below(4))
                    .map(|_| proposal(&mut random))
                    .collect();
                let by = officer(random.below(3).into(), seconds(step));
                let said = subject.propose(&batch, &by).await;
                same(step, said, memory.propose(&batch, &by).await);
            }
            35..70 => judge_both(&subject, &memory, &mut random, step).await,
            70..85 => {
                let order = *random
                    .pick(&[QueueOrder::LikeliestFirst, QueueOrder::LongestOpenFirst])
                    .unwrap();
                let page = page(&mut random);
                let (mut one, mut other) = (page.clone(), page);
                loop {
                    let said = subject.list_open(order, &one).await.unwrap();
                    let expected = memory.list_open(order, &other).await.unwrap();
                    match follow(step, said, expected, one, other) {
                        Some(next) => (one, other) = next,
                        None => break,
                    }
                }
            }
            85..98 => {
                let person = person(random.below(PEOPLE + 1));
                let page = page(&mut random);
                let (mut one, mut other) = (page.clone(), page);
                loop {
                    let said = subject.of_person(person, &one).await.unwrap();
                    let expected = memory.of_person(person, &other).await.unwrap();
                    match follow(step, said, expected, one, other) {
                        Some(next) => (one, other) = next,
                        None => break,
                    }
                }
            }
            _ => subject = harness.reopen(subject).await,
        }
    }
    let told = |change: &Change| {
        let kind = change.kind().clone();
        (change.id(), kind, change.recorded_at(), change.actor())
    };
    let said: Vec<_> = feed_is_whole(&*subject).await.iter().map(told).collect();
    let expected: Vec<_> = feed_is_whole(&memory).await.iter().map(told).collect();
    assert_eq!(said, expected, "the feeds differ");
}

async fn judge_both(
    subject: &Arc<dyn DuplicateCaseStore>,
    memory: &MemoryDuplicateCaseStore,
    random: &mut Random,
    step: usize,
) {
    let id = any_pair(random);
    let actual = memory
        .get(id)
        .await
        .map_or(0, |case| case.version().count());
    let version = actual + 1 - random.below(2).min(actual);
    let expected = Version::from_count(if random.chance(80) {
        actual.max(1)
    } else {
        version
    });
    let expected = expected.unwrap();
    let judgement = *random
        .pick(&[
            Judgement::Same,
            Judgement::Different,
            Judgement::Different,
            Judgement::Unsure,
        ])
        .unwrap();
    let reason = JudgementReason::from_static(random.pick(&["twins", "seen"]).unwrap());
    let by = officer(random.below(4).into(), seconds(step));
    let said = subject
        .decide(id, expected, judgement, reason.clone(), &by)
        .await
        .map(unsalted);
    let other = memory
        .decide(id, expected, judgement, reason.clone(), &by)
        .await;
    same(step, said, other.map(unsalted));
    // Sent again.
    let said = subject.decide(id, expected, judgement, reason.clone(), &by);
    let other = memory.decide(id, expected, judgement, reason, &by);
    same(step, said.await.map(unsalted), other.await.map(unsalted));
    let (said, expected) = (subject.get(id).await, memory.get(id).await);
    same(step, said.map(without_salts), expected.map(without_salts));
}

/// The next pages, if the lists go on; fails if they differ.
fn follow(
    step: usize,
    said: Paged<DuplicateCase>,
    expected: Paged<DuplicateCase>,
    one: Page,
    other: Page,
) -> Option<(Page, Page)> {
    let (said, expected) = (said.map(without_salts), expected.map(without_salts));
    assert_eq!(said.items(), expected.items(), "at step {step}");
    match (said.next(), expected.next()) {
        (Some(a), Some(b)) => Some((one.after(a.clone()), other.after(b.clone()))),
        (None, None) => None,
        _ => panic!("at step {step}: one list ends before the other"),
    }
}

fn same<T: Debug + PartialEq>(step: usize, said: Result<T>, expected: Result<T>) {
    match (said, expected) {
        (Ok(said), Ok(expected)) => assert_eq!(said, expected, "at step {step}"),
        (Err(said), Err(expected)) => {
            assert_eq!(said.to_string(), expected.to_string(), "at step {step}");
        }
        (said, expected) => panic!("at step {step}: {said:?}, in memory {expected:?}"),
    }
}

/// Times that come again and go back.
fn seconds(step: usize) -> i64 {
    i64::try_from(step % 97 / 3).unwrap()
}

fn page(random: &mut Random) -> Page {
    Page::of(1 + usize::try_from(random.below(5)).unwrap()).unwrap()
}

fn person(n: u64) -> PersonId {
    PersonId::derive(&Uuid::nil(), &n.to_string())
}

fn any_pair(random: &mut Random) -> DuplicateCaseId {
    let (one, other) = (random.below(PEOPLE), random.below(PEOPLE));
    DuplicateCaseId::of(person(one), person(other))
}

/// A proposal, sometimes a bad one: of one person with themself.
fn proposal(random: &mut Random) -> NewDuplicateCase {
    let one = random.below(PEOPLE);
    let other = match random.chance(2) {
        true => one,
        false => (one + 1 + random.below(PEOPLE - 1)) % PEOPLE,
    };
    let versions = (1 + random.below(9), 1 + random.below(9));
    let probability_ppm = u32::try_from(random.below(5)).unwrap() * 250_000;
    pair([person(one), person(other)], versions, probability_ppm)
}

/// Salts are random: what is left is the same in any two stores.
fn unsalted(mut judged: Judged) -> Judged {
    judged.salt = Salt::from_bytes([0; 16]);
    judged
}

fn without_salts(mut case: DuplicateCase) -> DuplicateCase {
    case.salt = Salt::from_bytes([0; 16]);
    case.judgements = case.judgements.into_iter().map(unsalted).collect();
    case
}
