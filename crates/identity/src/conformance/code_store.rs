//! The kit of [`CodeStore`].

use chrono::TimeDelta;
use solidarity_core::PersonId;
use solidarity_core::testing::{Harness, Random};

use super::{at_once, same, stamp, start};
use crate::{
    AttemptId, Challenge, ChallengeId, ChallengeState, Closed, CodeAnswer, CodeStore, CodeTag,
    Error, MemoryCodeStore, NewChallenge,
};

/// Runs every conformance case against a [`CodeStore`].
///
/// See [`conformance::code_store`](crate::conformance::code_store).
#[macro_export]
macro_rules! code_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::code_store_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::code_store,
            [
                a_code_is_right_once,
                the_last_try_is_the_last,
                tries_at_once_are_all_counted,
                a_code_tried_at_once_is_right_once,
                a_resend_has_all_its_tries,
                a_flood_is_stopped,
                sends_at_once_never_pass_the_limit,
                what_never_arrived_does_not_count,
                the_same_challenge_again_changes_nothing,
                the_same_try_again_counts_once,
                a_code_ends_with_its_time,
                tries_survive_a_crash,
                only_the_past_is_forgotten,
                an_unknown_challenge_is_not_found,
            ]
        );
    };
}

const RIGHT: CodeTag = CodeTag::from_bytes([1; 32]);
const WRONG: CodeTag = CodeTag::from_bytes([2; 32]);

fn new(person: PersonId) -> NewChallenge {
    NewChallenge::new(person, RIGHT)
}

async fn issued(store: &dyn CodeStore, person: PersonId, seconds: i64) -> Challenge {
    let id = ChallengeId::generate();
    let challenge = store.issue(id, new(person), &stamp(seconds)).await.unwrap();
    assert_eq!(store.find(id).await.unwrap(), Some(challenge.clone()));
    challenge
}

async fn tried(store: &dyn CodeStore, id: ChallengeId, tag: &CodeTag, seconds: i64) -> CodeAnswer {
    let attempt = AttemptId::generate();
    store
        .attempt(id, attempt, tag, &stamp(seconds))
        .await
        .unwrap()
}

async fn state(store: &dyn CodeStore, id: ChallengeId) -> ChallengeState {
    store.find(id).await.unwrap().unwrap().state()
}

/// A wrong code leaves the challenge open; the right one uses it up.
pub async fn a_code_is_right_once(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let challenge = issued(&*store, PersonId::generate(), 0).await;
    assert_eq!(challenge.state(), ChallengeState::Open);
    let id = challenge.id();
    if store.rules().tries > 1 {
        assert_eq!(tried(&*store, id, &WRONG, 1).await, CodeAnswer::Wrong);
    }
    assert_eq!(tried(&*store, id, &RIGHT, 2).await, CodeAnswer::Right);
    let again = tried(&*store, id, &RIGHT, 3).await;
    assert_eq!(
        again,
        CodeAnswer::Closed(Closed::Used),
        "a code was right twice"
    );
    assert_eq!(state(&*store, id).await, ChallengeState::Used);
}

/// After as many wrong codes as the rules allow, the right one is not looked
/// at.
pub async fn the_last_try_is_the_last(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let id = issued(&*store, PersonId::generate(), 0).await.id();
    for _ in 0..store.rules().tries {
        assert_eq!(tried(&*store, id, &WRONG, 1).await, CodeAnswer::Wrong);
    }
    let late = tried(&*store, id, &RIGHT, 1).await;
    assert_eq!(
        late,
        CodeAnswer::Closed(Closed::Exhausted),
        "a try too many was looked at"
    );
}

/// Of many wrong codes at once, as many are looked at as the rules allow.
pub async fn tries_at_once_are_all_counted(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let id = issued(&*store, PersonId::generate(), 0).await.id();
    let answers = at_once(&store, async |store, _| tried(store, id, &WRONG, 1).await);
    let looked_at = answers.iter().filter(|a| **a == CodeAnswer::Wrong).count();
    let allowed = usize::from(store.rules().tries).min(super::THREADS);
    assert_eq!(looked_at, allowed, "tries at once were not all counted");
    assert_eq!(store.find(id).await.unwrap().unwrap().tries(), allowed);
}

/// Of many who read out the right code at once, one is told that it is.
pub async fn a_code_tried_at_once_is_right_once(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let id = issued(&*store, PersonId::generate(), 0).await.id();
    let answers = at_once(&store, async |store, _| tried(store, id, &RIGHT, 1).await);
    let right = answers.iter().filter(|a| **a == CodeAnswer::Right).count();
    assert_eq!(right, 1, "a code was right twice");
}

/// A new challenge takes the place of the open one, and has all its tries.
pub async fn a_resend_has_all_its_tries(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    if store.rules().sends < 2 {
        return;
    }
    let (person, other) = (PersonId::generate(), PersonId::generate());
    let bystander = issued(&*store, other, 0).await.id();
    let first = issued(&*store, person, 0).await.id();
    assert_eq!(tried(&*store, first, &WRONG, 1).await, CodeAnswer::Wrong);
    let second = issued(&*store, person, 2).await.id();
    for _ in 1..store.rules().tries {
        assert_eq!(tried(&*store, second, &WRONG, 3).await, CodeAnswer::Wrong);
    }
    assert_eq!(tried(&*store, second, &RIGHT, 3).await, CodeAnswer::Right);
    if store.rules().tries > 1 {
        let stale = tried(&*store, first, &RIGHT, 3).await;
        assert_eq!(stale, CodeAnswer::Closed(Closed::Superseded));
    }
    assert_eq!(state(&*store, bystander).await, ChallengeState::Open);
}

/// A person is sent so many codes in a window; what was refused is not there.
pub async fn a_flood_is_stopped(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    for _ in 0..store.rules().sends {
        issued(&*store, person, 0).await;
    }
    let window = i64::from(store.rules().window_seconds);
    let refused = ChallengeId::generate();
    match store.issue(refused, new(person), &stamp(window - 1)).await {
        Err(Error::TooManyCodes {
            person: whose,
            until,
            ..
        }) => {
            assert_eq!(whose, person);
            assert_eq!(until, start() + TimeDelta::seconds(window));
        }
        other => panic!("expected `TooManyCodes`, got {other:?}"),
    }
    assert_eq!(store.find(refused).await.unwrap(), None);
    issued(&*store, PersonId::generate(), window - 1).await;
    issued(&*store, person, window).await;
}

/// Of many codes asked for at once, as many are sent as the rules allow, and
/// one is open.
pub async fn sends_at_once_never_pass_the_limit(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    let sent = at_once(&store, async |store, _| {
        let id = ChallengeId::generate();
        store
            .issue(id, new(person), &stamp(0))
            .await
            .ok()
            .map(|_| id)
    });
    let sent: Vec<ChallengeId> = sent.into_iter().flatten().collect();
    let allowed = usize::from(store.rules().sends).min(super::THREADS);
    assert_eq!(
        sent.len(),
        allowed,
        "codes sent at once were not all counted"
    );
    let mut open = 0;
    for id in sent {
        open += usize::from(state(&*store, id).await == ChallengeState::Open);
    }
    assert_eq!(open, 1, "a person has two open challenges");
}

/// A challenge that is withdrawn takes no answer and does not count; one that
/// was answered cannot be.
pub async fn what_never_arrived_does_not_count(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    for _ in 0..=store.rules().sends {
        let id = issued(&*store, person, 0).await.id();
        store.withdraw(id).await.unwrap();
        store.withdraw(id).await.unwrap();
        let answer = tried(&*store, id, &RIGHT, 1).await;
        assert_eq!(answer, CodeAnswer::Closed(Closed::Withdrawn));
    }
    let id = issued(&*store, person, 1).await.id();
    assert_eq!(tried(&*store, id, &RIGHT, 1).await, CodeAnswer::Right);
    store.withdraw(id).await.unwrap();
    assert_eq!(state(&*store, id).await, ChallengeState::Used);
}

/// The same challenge again is answered as it began, and undoes nothing;
/// another body is refused.
pub async fn the_same_challenge_again_changes_nothing(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    let began = issued(&*store, person, 0).await;
    let id = began.id();
    assert_eq!(tried(&*store, id, &WRONG, 1).await, CodeAnswer::Wrong);
    for _ in 0..=store.rules().sends {
        let again = store.issue(id, new(person), &stamp(2)).await.unwrap();
        assert_eq!(again, began, "the same challenge again had another answer");
    }
    assert_eq!(store.find(id).await.unwrap().unwrap().tries(), 1);
    for other in [NewChallenge::new(person, WRONG), new(PersonId::generate())] {
        match store.issue(id, other, &stamp(2)).await {
            Err(Error::AlreadyExists { id: taken, .. }) => assert_eq!(taken, *id.as_uuid()),
            other => panic!("expected `AlreadyExists`, got {other:?}"),
        }
    }
    assert_eq!(store.find(id).await.unwrap().unwrap().person(), person);
}

/// The same try again has the same answer and is counted once; another code
/// in its name is refused.
pub async fn the_same_try_again_counts_once(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    for (tag, other, answer) in [
        (WRONG, RIGHT, CodeAnswer::Wrong),
        (RIGHT, WRONG, CodeAnswer::Right),
    ] {
        let id = issued(&*store, PersonId::generate(), 0).await.id();
        let attempt = AttemptId::generate();
        for _ in 0..=store.rules().tries {
            let said = store.attempt(id, attempt, &tag, &stamp(1)).await.unwrap();
            assert_eq!(said, answer, "the same try again had another answer");
        }
        let otherwise = store.attempt(id, attempt, &other, &stamp(1)).await;
        assert!(
            matches!(otherwise, Err(Error::AlreadyExists { .. })),
            "expected `AlreadyExists`, got {otherwise:?}"
        );
        assert_eq!(store.find(id).await.unwrap().unwrap().tries(), 1);
    }
}

/// A code is looked at to the last second of its time, and not after.
pub async fn a_code_ends_with_its_time(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let lifetime = i64::from(store.rules().lifetime_seconds);
    for (seconds, expected) in [
        (lifetime - 1, CodeAnswer::Right),
        (lifetime, CodeAnswer::Closed(Closed::Expired)),
        (lifetime + 1, CodeAnswer::Closed(Closed::Expired)),
    ] {
        let id = issued(&*store, PersonId::generate(), 0).await.id();
        assert_eq!(tried(&*store, id, &RIGHT, seconds).await, expected);
    }
}

/// What was tried and sent is counted after a crash.
pub async fn tries_survive_a_crash(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    let (used, open) = (PersonId::generate(), issued(&*store, person, 0).await.id());
    let used = issued(&*store, used, 0).await.id();
    assert_eq!(tried(&*store, open, &WRONG, 1).await, CodeAnswer::Wrong);
    assert_eq!(tried(&*store, used, &RIGHT, 1).await, CodeAnswer::Right);
    let store = harness.reopen(store).await;
    assert_eq!(store.find(open).await.unwrap().unwrap().tries(), 1);
    let again = tried(&*store, used, &RIGHT, 1).await;
    assert_eq!(again, CodeAnswer::Closed(Closed::Used));
    for _ in 1..store.rules().sends {
        issued(&*store, person, 2).await;
    }
    let flood = store
        .issue(ChallengeId::generate(), new(person), &stamp(2))
        .await;
    assert!(
        matches!(flood, Err(Error::TooManyCodes { .. })),
        "{flood:?}"
    );
}

/// What can still be answered, or counts against somebody, is kept.
pub async fn only_the_past_is_forgotten(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let rules = store.rules();
    let past = i64::from(rules.lifetime_seconds.max(rules.window_seconds));
    let person = PersonId::generate();
    let (old, new) = (
        issued(&*store, person, 0).await,
        issued(&*store, PersonId::generate(), 1).await,
    );
    assert_eq!(store.forget(stamp(past - 1).at()).await.unwrap(), 0);
    assert_eq!(store.forget(stamp(past).at()).await.unwrap(), 1);
    assert_eq!(store.find(old.id()).await.unwrap(), None);
    assert_eq!(store.find(new.id()).await.unwrap(), Some(new));
    assert_eq!(store.forget(stamp(past).at()).await.unwrap(), 0);
}

/// What was never issued is not found.
pub async fn an_unknown_challenge_is_not_found(harness: &dyn Harness<dyn CodeStore>) {
    let store = harness.open().await;
    let unknown = ChallengeId::generate();
    assert_eq!(store.find(unknown).await.unwrap(), None);
    let tried = store
        .attempt(unknown, AttemptId::generate(), &RIGHT, &stamp(0))
        .await;
    assert!(matches!(tried, Err(Error::ChallengeNotFound { id, .. }) if id == unknown));
    let withdrawn = store.withdraw(unknown).await;
    assert!(matches!(withdrawn, Err(Error::ChallengeNotFound { id, .. }) if id == unknown));
}

/// Does the same random things to a fresh subject and to the memory store of
/// the same rules, and fails if they ever say something else.
pub async fn agrees_with_memory(harness: &dyn Harness<dyn CodeStore>, seed: u64, steps: usize) {
    let store = harness.open().await;
    let memory = MemoryCodeStore::new(store.rules()).unwrap();
    let mut random = Random::new(seed);
    let people: Vec<PersonId> = (0..3).map(|_| PersonId::generate()).collect();
    let ids: Vec<ChallengeId> = (0..40).map(|_| ChallengeId::generate()).collect();
    let attempts: Vec<AttemptId> = (0..60).map(|_| AttemptId::generate()).collect();
    let mut seconds = 0;
    for step in 0..steps {
        seconds += i64::try_from(random.below(60)).unwrap();
        let stamp = stamp(seconds);
        let id = *random.pick(&ids).unwrap();
        let tag = *random.pick(&[RIGHT, WRONG]).unwrap();
        match random.below(10) {
            0..=2 => {
                let new = NewChallenge::new(*random.pick(&people).unwrap(), tag);
                let said = store.issue(id, new.clone(), &stamp).await;
                same(step, said, memory.issue(id, new, &stamp).await);
            }
            3..=6 => {
                let attempt = *random.pick(&attempts).unwrap();
                let said = store.attempt(id, attempt, &tag, &stamp).await;
                same(step, said, memory.attempt(id, attempt, &tag, &stamp).await);
            }
            7 => same(step, store.withdraw(id).await, memory.withdraw(id).await),
            8 if random.chance(20) => {
                same(
                    step,
                    store.forget(stamp.at()).await,
                    memory.forget(stamp.at()).await,
                );
            }
            _ => {}
        }
        same(step, store.find(id).await, memory.find(id).await);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let helpers = ["agrees_with_memory"];
        let unlisted = solidarity_core::testing::unlisted_cases(include_str!("code_store.rs"));
        assert_eq!(unlisted, helpers);
    }
}
