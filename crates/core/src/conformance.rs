//! The kits of this crate's traits. One line, in a test module of your own
//! crate, runs a whole kit:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_core::{AccessLog, MemoryAccessLog as MyLog, testing::InMemory};
//! #[cfg(test)]
//! solidarity_core::access_log_conformance!(InMemory::new(|| Arc::new(MyLog::new()) as Arc<dyn AccessLog>));
//! ```
//!
//! A back end that needs a reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

use chrono::DateTime;

use crate::testing::{Harness, Random};
use crate::{
    Access, AccessId, AccessKind, AccessLog, ActorId, Change, ChangeFeed, Cursor, Error,
    MemoryAccessLog, Page, PersonId, Purpose, Stamp, Uuid,
};

/// Runs every conformance case against an [`AccessLog`].
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! access_log_conformance {
    ($harness:expr $(,)?) => {
        $crate::access_log_conformance!($harness, run = $crate::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::kit_tests!(
            $harness,
            $run,
            $crate::conformance,
            [
                what_is_appended_is_listed,
                an_entry_again_changes_nothing,
                another_entry_under_an_id_writes_nothing,
                a_list_goes_on_where_it_ended,
                entries_survive_a_crash,
            ]
        );
    };
}

fn access(id: AccessId, subjects: &[PersonId]) -> Access {
    let stamp = Stamp::new(
        DateTime::from_timestamp_micros(1_780_000_000_123_456).unwrap(),
        ActorId::derive(&id, "actor"),
        Purpose::from_static("audit"),
    );
    Access::new(
        id,
        stamp,
        AccessKind::from_static("person.get"),
        subjects.to_vec(),
    )
    .unwrap()
}

/// Each subject of an entry finds it, whole; nobody else does.
pub async fn what_is_appended_is_listed(harness: &dyn Harness<dyn AccessLog>) {
    let log = harness.open().await;
    let (one, other, third) = (
        PersonId::generate(),
        PersonId::generate(),
        PersonId::generate(),
    );
    let entry = access(AccessId::generate(), &[one, other]);
    let nobody = access(AccessId::generate(), &[]);
    log.append(&[entry.clone(), nobody]).await.unwrap();
    for subject in [one, other] {
        assert_eq!(
            log.list(subject, &Page::first()).await.unwrap().items(),
            std::slice::from_ref(&entry)
        );
    }
    assert!(
        log.list(third, &Page::first())
            .await
            .unwrap()
            .items()
            .is_empty()
    );
}

/// The same entry again, alone or twice in one group, is there once.
pub async fn an_entry_again_changes_nothing(harness: &dyn Harness<dyn AccessLog>) {
    let log = harness.open().await;
    let person = PersonId::generate();
    let entry = access(AccessId::generate(), &[person]);
    let twice = [entry.clone(), entry.clone()];
    log.append(&twice).await.unwrap();
    log.append(std::slice::from_ref(&entry)).await.unwrap();
    assert_eq!(
        log.list(person, &Page::first()).await.unwrap().items(),
        [entry]
    );
}

/// Another entry under a taken id is refused, and its whole group with it.
pub async fn another_entry_under_an_id_writes_nothing(harness: &dyn Harness<dyn AccessLog>) {
    let log = harness.open().await;
    let (one, other) = (PersonId::generate(), PersonId::generate());
    let taken = AccessId::generate();
    log.append(&[access(taken, &[one])]).await.unwrap();
    match log
        .append(&[
            access(AccessId::generate(), &[other]),
            access(taken, &[other]),
        ])
        .await
    {
        Err(Error::AlreadyExists { id, .. }) => assert_eq!(id, *taken.as_uuid()),
        other => panic!("expected `AlreadyExists`, got {other:?}"),
    }
    assert!(
        log.list(other, &Page::first())
            .await
            .unwrap()
            .items()
            .is_empty()
    );
}

/// Pages, read one after another, hold every entry once and in order.
pub async fn a_list_goes_on_where_it_ended(harness: &dyn Harness<dyn AccessLog>) {
    let log = harness.open().await;
    let person = PersonId::generate();
    let mut all = Vec::new();
    for n in 0..7 {
        let seen = access(AccessId::derive(&person, &n.to_string()), &[person]);
        log.append(&[
            access(AccessId::generate(), &[PersonId::generate()]),
            seen.clone(),
        ])
        .await
        .unwrap();
        all.push(seen);
    }
    let mut read = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = log.list(person, &page).await.unwrap();
        assert!(paged.items().len() <= 3);
        read.extend_from_slice(paged.items());
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    assert_eq!(read, all);
    let stranger = Page::first().after(Cursor::new("not of this list").unwrap());
    assert!(matches!(
        log.list(person, &stranger).await,
        Err(Error::Invalid(_))
    ));
}

/// What was acknowledged is there after a crash.
pub async fn entries_survive_a_crash(harness: &dyn Harness<dyn AccessLog>) {
    let log = harness.open().await;
    let person = PersonId::generate();
    let entry = access(AccessId::generate(), &[person]);
    log.append(std::slice::from_ref(&entry)).await.unwrap();
    let log = harness.reopen(log).await;
    assert_eq!(
        log.list(person, &Page::first()).await.unwrap().items(),
        [entry]
    );
}

/// Does `steps` random things, the same ones to the subject and to a
/// [`MemoryAccessLog`], and expects the same answers, also after a crash.
///
/// # Panics
///
/// If the two ever differ. `seed` replays it.
pub async fn agrees_with_memory(harness: &dyn Harness<dyn AccessLog>, seed: u64, steps: usize) {
    println!("agrees_with_memory: seed {seed}, {steps} steps");
    let (mut subject, memory) = (harness.open().await, MemoryAccessLog::new());
    let mut random = Random::new(seed);
    let person = |n: u64| PersonId::derive(&Uuid::nil(), &n.to_string());
    for step in 0..steps {
        match random.below(100) {
            0..60 => {
                let entries: Vec<Access> = (0..random.below(4))
                    .map(|_| {
                        let id = AccessId::derive(&Uuid::nil(), &random.below(300).to_string());
                        // Few people, so that ids come again with the same and with others.
                        let first = random.below(4);
                        let subjects: Vec<_> =
                            (first..first + random.below(3)).map(person).collect();
                        access(id, &subjects)
                    })
                    .collect();
                let (one, two) = (
                    subject.append(&entries).await,
                    memory.append(&entries).await,
                );
                assert_eq!(format!("{one:?}"), format!("{two:?}"), "step {step}");
            }
            60..95 => {
                let (of, size) = (person(random.below(6)), 1 + random.below(3));
                let size = Page::of(usize::try_from(size).unwrap()).unwrap();
                let (mut one, mut two) = (size.clone(), size);
                loop {
                    let ours = subject.list(of, &one).await.unwrap();
                    let theirs = memory.list(of, &two).await.unwrap();
                    assert_eq!(ours.items(), theirs.items(), "step {step}");
                    match (ours.next(), theirs.next()) {
                        (Some(ours), Some(theirs)) => {
                            (one, two) = (one.after(ours.clone()), two.after(theirs.clone()));
                        }
                        (None, None) => break,
                        other => panic!("step {step}: one list ends before the other: {other:?}"),
                    }
                }
            }
            _ => subject = harness.reopen(subject).await,
        }
    }
}

/// Reads `feed` to its end in small pages, and checks that it keeps its
/// promises: each page goes on where the last one ended, no change comes
/// twice, and reading again from any cursor gives the same rest.
///
/// Every store's kit calls it after writing; it returns the changes.
pub async fn feed_is_whole(feed: &dyn ChangeFeed) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = feed.changes_since(&page).await.unwrap();
        assert!(
            paged.items().len() <= 3,
            "a page holds more than was asked for"
        );
        all.extend_from_slice(paged.items());
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    for (position, change) in all.iter().enumerate() {
        assert!(
            all.iter()
                .skip(position + 1)
                .all(|later| later.cursor() != change.cursor()),
            "two changes have one cursor"
        );
        let rest = feed
            .changes_since(&Page::largest().after(change.cursor().clone()))
            .await
            .unwrap();
        let expected: Vec<_> = all
            .iter()
            .skip(position + 1)
            .take(rest.items().len())
            .cloned()
            .collect();
        assert_eq!(
            rest.items(),
            expected,
            "reading again from a cursor gave something else"
        );
        assert!(
            !rest.items().is_empty() || position + 1 == all.len(),
            "a cursor hides what came after it"
        );
    }
    let stranger = Page::first().after(Cursor::new("not of this feed").unwrap());
    assert!(matches!(
        feed.changes_since(&stranger).await,
        Err(Error::Invalid(_))
    ));
    all
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let helpers = ["agrees_with_memory", "feed_is_whole"];
        let unlisted = crate::testing::unlisted_cases(include_str!("conformance.rs"));
        assert_eq!(unlisted, helpers);
    }
}
