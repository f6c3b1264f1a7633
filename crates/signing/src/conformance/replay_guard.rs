//! The kit of [`ReplayGuard`].

use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::{Harness, Random, block_on};

use crate::{
    Admission, Arrival, Error, MemoryReplayGuard, MessageId, PartyId, ReplayGuard, Result, Window,
};

/// Runs every conformance case against a [`ReplayGuard`].
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! replay_guard_conformance {
    ($harness:expr $(,)?) => {
        $crate::replay_guard_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::replay_guard,
            [
                a_message_is_taken_once,
                another_time_makes_no_other_message,
                senders_do_not_meet,
                ids_count_to_the_byte,
                the_window_has_exact_edges,
                a_refused_message_is_not_taken,
                an_id_is_held_while_its_message_may_come,
                an_id_serves_again_after_its_time,
                a_clock_put_back_opens_nothing,
                a_small_step_back_is_no_harm,
                what_was_taken_survives_a_crash,
                what_was_forgotten_survives_a_crash,
                of_many_at_once_one_is_taken,
                a_thousand_ids_are_held,
            ]
        );
    };
}

/// The window of a guard under test: ten minutes, and one of skew.
#[must_use]
pub fn window() -> Window {
    Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap()
}

/// `seconds` after noon, UTC, on 23 November 2026.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_435_200 + seconds, 0).unwrap()
}

fn message(sender: &str, id: &str, sent_at: DateTime<Utc>) -> Arrival {
    let (sender, id) = (PartyId::new(sender).unwrap(), MessageId::new(id).unwrap());
    Arrival::new(sender, id, sent_at)
}

async fn take(guard: &dyn ReplayGuard, message: &Arrival, now: DateTime<Utc>) -> Admission {
    guard.take(message, now).await.unwrap()
}

/// The first time it is fresh, and then not.
pub async fn a_message_is_taken_once(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    let one = message("a", "1", at(0));
    assert_eq!(take(&*guard, &one, at(0)).await, Admission::Fresh);
    for later in [0, 1, 300] {
        assert_eq!(
            take(&*guard, &one, at(later)).await,
            Admission::AlreadyTaken
        );
    }
    let two = message("a", "2", at(0));
    assert_eq!(take(&*guard, &two, at(0)).await, Admission::Fresh);
}

/// A message with a known id is taken already, whatever time it says.
pub async fn another_time_makes_no_other_message(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    assert_eq!(
        take(&*guard, &message("a", "1", at(0)), at(0)).await,
        Admission::Fresh
    );
    for sent in [-60, 1, 30] {
        let again = message("a", "1", at(sent));
        assert_eq!(
            take(&*guard, &again, at(0)).await,
            Admission::AlreadyTaken,
            "sent at {sent}"
        );
    }
}

/// Two senders may use one id.
pub async fn senders_do_not_meet(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    for sender in ["a", "b", "A"] {
        let one = message(sender, "1", at(0));
        assert_eq!(
            take(&*guard, &one, at(0)).await,
            Admission::Fresh,
            "sender {sender}"
        );
    }
    // Nor do a sender and an id run together.
    for (sender, id) in [("x", "yz"), ("xy", "z")] {
        let one = message(sender, id, at(0));
        assert_eq!(
            take(&*guard, &one, at(0)).await,
            Admission::Fresh,
            "{sender} {id}"
        );
    }
}

/// Ids that differ by case, a zero or a blank-like sign are different.
pub async fn ids_count_to_the_byte(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    let longest = "x".repeat(crate::limits::NAME_MAX_BYTES);
    let nearly = "x".repeat(crate::limits::NAME_MAX_BYTES - 1);
    let ids = [
        "m",
        "M",
        "1",
        "01",
        "1.0",
        "'",
        "''",
        "%",
        "_",
        "m%",
        longest.as_str(),
        &nearly,
    ];
    for id in ids {
        assert_eq!(
            take(&*guard, &message("a", id, at(0)), at(0)).await,
            Admission::Fresh,
            "{id}"
        );
    }
    for id in ids {
        let again = take(&*guard, &message("a", id, at(0)), at(0)).await;
        assert_eq!(again, Admission::AlreadyTaken, "{id}");
    }
}

/// A message is within the window to the microsecond, at both its edges.
pub async fn the_window_has_exact_edges(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    let (now, tick) = (at(0), TimeDelta::microseconds(1));
    for (id, sent_at, expected) in [
        ("1", at(-600) - tick, Admission::TooOld),
        ("2", at(-600), Admission::Fresh),
        ("3", at(60), Admission::Fresh),
        ("4", at(60) + tick, Admission::FromTheFuture),
        ("5", DateTime::<Utc>::MIN_UTC, Admission::TooOld),
        ("6", DateTime::<Utc>::MAX_UTC, Admission::FromTheFuture),
        ("7", DateTime::UNIX_EPOCH, Admission::TooOld),
    ] {
        assert_eq!(
            take(&*guard, &message("a", id, sent_at), now).await,
            expected,
            "message {id}"
        );
    }
}

/// A message from the future can come when its time has come.
pub async fn a_refused_message_is_not_taken(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    let early = message("a", "1", at(300));
    assert_eq!(take(&*guard, &early, at(0)).await, Admission::FromTheFuture);
    assert_eq!(take(&*guard, &early, at(290)).await, Admission::Fresh);
    // Nor does one that is too old take the id of one that is not.
    let old = message("a", "2", at(-3_600));
    assert_eq!(take(&*guard, &old, at(290)).await, Admission::TooOld);
    assert_eq!(
        take(&*guard, &message("a", "2", at(290)), at(290)).await,
        Admission::Fresh
    );
}

/// From the first to the last moment at which a message is within the window,
/// it is taken once.
pub async fn an_id_is_held_while_its_message_may_come(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    let one = message("a", "1", at(60));
    assert_eq!(take(&*guard, &one, at(0)).await, Admission::Fresh);
    for now in [1, 60, 599, 601, 659, 660] {
        // Others come meanwhile, so that there is reason to forget.
        let other = message("a", &format!("other-{now}"), at(now));
        assert_eq!(take(&*guard, &other, at(now)).await, Admission::Fresh);
        assert_eq!(
            take(&*guard, &one, at(now)).await,
            Admission::AlreadyTaken,
            "at {now}"
        );
    }
    assert_eq!(take(&*guard, &one, at(661)).await, Admission::TooOld);
}

/// Long after, the id may be used for another message.
pub async fn an_id_serves_again_after_its_time(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    assert_eq!(
        take(&*guard, &message("a", "1", at(0)), at(0)).await,
        Admission::Fresh
    );
    let later = at(3_600);
    assert_eq!(
        take(&*guard, &message("a", "1", later), later).await,
        Admission::Fresh
    );
    assert_eq!(
        take(&*guard, &message("a", "1", later), later).await,
        Admission::AlreadyTaken
    );
}

/// A message that was taken is not fresh when the clock is put back to its
/// time, whether its id is still held or not.
pub async fn a_clock_put_back_opens_nothing(harness: &dyn Harness<dyn ReplayGuard>) {
    // The clock shows later times for the same sender's messages, or another's.
    for sender in ["a", "b"] {
        let guard = harness.open().await;
        let one = message("a", "1", at(0));
        assert_eq!(take(&*guard, &one, at(0)).await, Admission::Fresh);
        for later in [700, 3_600, 86_400] {
            let other = message(sender, &format!("other-{later}"), at(later));
            assert_eq!(take(&*guard, &other, at(later)).await, Admission::Fresh);
        }
        let answer = guard.take(&one, at(1)).await;
        assert!(
            matches!(
                answer,
                Ok(Admission::AlreadyTaken) | Err(Error::ClockWentBack)
            ),
            "a clock put back let a message in again"
        );
    }
}

/// Clocks of several receivers differ by as much as senders' may.
pub async fn a_small_step_back_is_no_harm(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    for (n, now) in [0, 300, 900, 1_500].into_iter().enumerate() {
        let id = n.to_string();
        assert_eq!(
            take(&*guard, &message("a", &id, at(now)), at(now)).await,
            Admission::Fresh
        );
        let behind = at(now - 60);
        let oldest = message(
            "a",
            &format!("{id}-oldest"),
            behind - TimeDelta::seconds(600),
        );
        assert_eq!(
            take(&*guard, &oldest, behind).await,
            Admission::Fresh,
            "at {now}"
        );
        assert_eq!(
            take(&*guard, &oldest, behind).await,
            Admission::AlreadyTaken,
            "at {now}"
        );
    }
}

/// A crash does not make a message fresh.
pub async fn what_was_taken_survives_a_crash(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    let one = message("a", "1", at(0));
    assert_eq!(take(&*guard, &one, at(0)).await, Admission::Fresh);
    let guard = harness.reopen(guard).await;
    assert_eq!(take(&*guard, &one, at(1)).await, Admission::AlreadyTaken);
    assert_eq!(
        take(&*guard, &message("a", "2", at(1)), at(1)).await,
        Admission::Fresh
    );
}

/// A crash does not make the guard forget that it has forgotten.
pub async fn what_was_forgotten_survives_a_crash(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    let one = message("a", "1", at(0));
    assert_eq!(take(&*guard, &one, at(0)).await, Admission::Fresh);
    let later = message("a", "2", at(86_400));
    assert_eq!(take(&*guard, &later, at(86_400)).await, Admission::Fresh);
    let guard = harness.reopen(guard).await;
    assert!(
        matches!(
            guard.take(&one, at(1)).await,
            Ok(Admission::AlreadyTaken) | Err(Error::ClockWentBack)
        ),
        "a crash and a clock put back let a message in again"
    );
}

/// Of many threads that bring one message, one is told to act on it.
pub async fn of_many_at_once_one_is_taken(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    for round in 0..20 {
        let one = message("a", &round.to_string(), at(0));
        let fresh = thread::scope(|scope| {
            let takers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| block_on(guard.take(&one, at(0))).unwrap()))
                .collect();
            let answers = takers.into_iter().map(|taker| taker.join().unwrap());
            answers.filter(|answer| *answer == Admission::Fresh).count()
        });
        assert_eq!(fresh, 1, "in round {round}");
    }
}

/// A guard has room for a thousand messages of a sender within a window.
pub async fn a_thousand_ids_are_held(harness: &dyn Harness<dyn ReplayGuard>) {
    let guard = harness.open().await;
    for expected in [Admission::Fresh, Admission::AlreadyTaken] {
        for id in 0..1_000_i64 {
            let one = message("a", &id.to_string(), at(-id % 600));
            assert_eq!(take(&*guard, &one, at(0)).await, expected, "message {id}");
        }
    }
}

/// Does `steps` random things, the same ones to the subject and to a
/// [`MemoryReplayGuard`], and expects the same answers, also after a crash.
///
/// # Panics
///
/// If the two ever differ. `seed` replays it.
pub async fn agrees_with_memory(harness: &dyn Harness<dyn ReplayGuard>, seed: u64, steps: usize) {
    println!("agrees_with_memory: seed {seed}, {steps} steps");
    let (mut subject, memory) = (harness.open().await, MemoryReplayGuard::new(window()));
    let mut random = Random::new(seed);
    let mut now = at(0);
    let shown = |answer: Result<Admission>| match answer {
        Ok(admission) => format!("{admission:?}"),
        Err(error) => error.to_string(),
    };
    let between = |random: &mut Random, least: i64, most: i64| {
        least + i64::try_from(random.below((most - least).unsigned_abs())).unwrap()
    };
    for step in 0..steps {
        let moved = match random.below(100) {
            0..80 => between(&mut random, 0, 4_000_000),
            80..92 => -between(&mut random, 0, 90_000_000),
            92..97 => between(&mut random, 0, 900_000_000),
            97 => -between(&mut random, 0, 1_800_000_000),
            _ => {
                subject = harness.reopen(subject).await;
                0
            }
        };
        now += TimeDelta::microseconds(moved);
        // Few ids and senders, so that they come again.
        let sender = random.below(3).to_string();
        let id = random.below(150).to_string();
        let sent_at = now + TimeDelta::microseconds(between(&mut random, -700_000_000, 80_000_000));
        let one = message(&sender, &id, sent_at);
        let (ours, theirs) = (subject.take(&one, now).await, memory.take(&one, now).await);
        assert_eq!(shown(ours), shown(theirs), "step {step}");
    }
}

#[cfg(test)]
mod tests {
    use solidarity_core::testing::unlisted_cases;

    #[test]
    fn every_case_is_listed() {
        let unlisted = unlisted_cases(include_str!("replay_guard.rs"));
        assert_eq!(unlisted, ["agrees_with_memory"]);
    }
}
