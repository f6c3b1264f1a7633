use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Admission, Arrival, ReplayGuard, Window};
use crate::limits::{PARTIES_MAX, REPLAY_IDS_MAX};
use crate::{Error, MessageId, PartyId, Result};

/// A [`ReplayGuard`] in memory: the reference, for tests and for receivers
/// whose restart takes longer than their window.
///
/// It forgets everything when its process ends, and a message that was taken
/// before is then fresh again while its window lasts: elsewhere use a durable
/// guard.
#[derive(Debug)]
pub struct MemoryReplayGuard {
    window: Window,
    ids_max: usize,
    senders: Mutex<HashMap<PartyId, Sender>>,
}

#[derive(Debug, Default)]
struct Sender {
    // INVARIANT: the same ids in both.
    taken: HashSet<MessageId>,
    by_time: BTreeSet<(DateTime<Utc>, MessageId)>,
    /// The latest time of an id that was forgotten.
    forgotten: Option<DateTime<Utc>>,
}

impl MemoryReplayGuard {
    /// A guard that has taken nothing, and holds up to [`REPLAY_IDS_MAX`] ids
    /// of each of up to [`PARTIES_MAX`] senders.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            ids_max: REPLAY_IDS_MAX,
            senders: Mutex::default(),
        }
    }

    /// The guard, with room for `ids_max` ids of each sender.
    #[must_use]
    pub fn with_room_for(mut self, ids_max: usize) -> Self {
        self.ids_max = ids_max.min(REPLAY_IDS_MAX);
        self
    }
}

#[async_trait]
impl ReplayGuard for MemoryReplayGuard {
    async fn take(&self, message: &Arrival, now: DateTime<Utc>) -> Result<Admission> {
        if let Some(refusal) = self.window.refuses(message, now) {
            return Ok(refusal);
        }
        // No code panics while it holds the lock, so a poisoned map is whole.
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if !senders.contains_key(message.sender()) && senders.len() >= PARTIES_MAX {
            return Err(Error::GuardFull);
        }
        let sender = senders.entry(message.sender().clone()).or_default();
        sender.forget_before(self.window.forgets_before(now));
        sender.take(message, self.ids_max)
    }
}

impl Sender {
    fn forget_before(&mut self, horizon: DateTime<Utc>) {
        while let Some((at, _)) = self.by_time.first() {
            if *at >= horizon {
                break;
            }
            if let Some((at, id)) = self.by_time.pop_first() {
                self.taken.remove(&id);
                self.forgotten = self.forgotten.max(Some(at));
            }
        }
    }

    fn take(&mut self, message: &Arrival, ids_max: usize) -> Result<Admission> {
        if self.taken.contains(message.id()) {
            return Ok(Admission::AlreadyTaken);
        }
        if self.forgotten >= Some(message.sent_at()) {
            return Err(Error::ClockWentBack);
        }
        if self.taken.len() >= ids_max {
            return Err(Error::GuardFull);
        }
        self.taken.insert(message.id().clone());
        self.by_time
            .insert((message.sent_at(), message.id().clone()));
        Ok(Admission::Fresh)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use solidarity_core::testing::{InMemory, block_on, seed};

    use super::*;
    use crate::conformance::{self, replay_guard::window};
    use crate::testing::{noon, party};

    fn harness() -> InMemory<impl Fn() -> Arc<dyn ReplayGuard> + Send + Sync> {
        InMemory::new(|| Arc::new(MemoryReplayGuard::new(window())) as Arc<dyn ReplayGuard>)
    }

    crate::replay_guard_conformance!(harness());

    #[test]
    fn agrees_with_itself() {
        block_on(conformance::replay_guard::agrees_with_memory(
            &harness(),
            seed(),
            5_000,
        ));
    }

    fn message(sender: &str, id: usize, at: DateTime<Utc>) -> Arrival {
        Arrival::new(
            PartyId::new(sender).unwrap(),
            MessageId::new(id.to_string()).unwrap(),
            at,
        )
    }

    #[test]
    fn a_full_guard_refuses_and_forgets_nothing() {
        let guard = MemoryReplayGuard::new(window()).with_room_for(3);
        let take = |message: &Arrival, now| block_on(guard.take(message, now));
        for id in 0..3 {
            assert_eq!(
                take(&message("a", id, noon()), noon()).unwrap(),
                Admission::Fresh
            );
        }
        assert!(matches!(
            take(&message("a", 3, noon()), noon()),
            Err(Error::GuardFull)
        ));
        for id in 0..3 {
            let again = take(&message("a", id, noon()), noon()).unwrap();
            assert_eq!(again, Admission::AlreadyTaken);
        }
        // Another sender has room of its own, and time makes some.
        assert_eq!(
            take(&message("b", 0, noon()), noon()).unwrap(),
            Admission::Fresh
        );
        let later = noon() + TimeDelta::minutes(30);
        assert_eq!(
            take(&message("a", 3, later), later).unwrap(),
            Admission::Fresh
        );
    }

    #[test]
    fn memory_is_bounded_by_the_window() {
        let guard = MemoryReplayGuard::new(window());
        let mut now = noon();
        for id in 0..5_000 {
            now += TimeDelta::seconds(10);
            let _fresh = block_on(guard.take(&message(party().as_str(), id, now), now)).unwrap();
        }
        let senders = guard.senders.lock().unwrap();
        let sender = &senders[&party()];
        // Eleven minutes and a bit, six ids a minute.
        assert_eq!((sender.taken.len(), sender.by_time.len()), (67, 67));
    }

    #[test]
    fn senders_are_bounded() {
        let guard = MemoryReplayGuard::new(window());
        for n in 0..PARTIES_MAX {
            let _fresh = block_on(guard.take(&message(&n.to_string(), 0, noon()), noon())).unwrap();
        }
        let one_more = block_on(guard.take(&message("one-more", 0, noon()), noon()));
        assert!(matches!(one_more, Err(Error::GuardFull)));
    }
}
