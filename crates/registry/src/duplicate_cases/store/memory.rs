use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use solidarity_core::{Change, ChangeFeed, ChangeLog, Page, Paged, PersonId, Salt, Stamp, Version};

use super::super::decision::{Written, check_batch, judge, propose};
use super::super::{
    DuplicateCase, DuplicateCaseId, DuplicateCaseStore, Judged, Judgement, JudgementReason,
    NewDuplicateCase, Proposed, QueueKey, QueueOrder,
};
use crate::{Error, Result};

/// A [`DuplicateCaseStore`] in memory: the reference, for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryDuplicateCaseStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    // INVARIANT: each case is filed under its own id.
    cases: BTreeMap<DuplicateCaseId, DuplicateCase>,
    log: ChangeLog,
}

impl State {
    fn file(&mut self, written: Written) {
        self.cases.insert(written.case.id(), written.case);
        self.log.append(written.news);
    }

    fn get(&self, id: DuplicateCaseId) -> Result<&DuplicateCase> {
        self.cases.get(&id).ok_or_else(|| Error::case_not_found(id))
    }
}

impl MemoryDuplicateCaseStore {
    /// A store without cases.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, so a poisoned state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ChangeFeed for MemoryDuplicateCaseStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        Ok(self.locked().log.page(page)?)
    }
}

#[async_trait]
impl DuplicateCaseStore for MemoryDuplicateCaseStore {
    async fn propose(&self, batch: &[NewDuplicateCase], stamp: &Stamp) -> Result<Vec<Proposed>> {
        check_batch(batch)?;
        let mut state = self.locked();
        let known = batch
            .iter()
            .filter_map(|pair| state.cases.get(&pair.id()))
            .map(|case| (case.id(), case.clone()))
            .collect();
        let decided = propose(batch, known, stamp, &mut Salt::generate)?;
        decided.written.into_iter().for_each(|w| state.file(w));
        Ok(decided.outcomes)
    }

    async fn decide(
        &self,
        id: DuplicateCaseId,
        expected: Version,
        judgement: Judgement,
        reason: JudgementReason,
        stamp: &Stamp,
    ) -> Result<Judged> {
        let mut state = self.locked();
        let case = state.get(id)?;
        let (judged, written) = judge(case, expected, judgement, reason, stamp, Salt::generate())?;
        written.into_iter().for_each(|w| state.file(w));
        Ok(judged)
    }

    async fn get(&self, id: DuplicateCaseId) -> Result<DuplicateCase> {
        self.locked().get(id).cloned()
    }

    async fn list_open(&self, order: QueueOrder, page: &Page) -> Result<Paged<DuplicateCase>> {
        let after = QueueKey::before(order, page)?;
        let state = self.locked();
        let mut open: Vec<(QueueKey, &DuplicateCase)> = state
            .cases
            .values()
            .filter(|case| case.is_open())
            .map(|case| (QueueKey::of(case, order), case))
            .filter(|(key, _)| Some(*key) > after)
            .collect();
        open.sort_unstable_by_key(|(key, _)| *key);
        let found = open.into_iter().take(page.limit() + 1);
        let found = found.map(|(_, case)| case.clone()).collect();
        Ok(QueueKey::paged(found, order, page)?)
    }

    async fn of_person(&self, person: PersonId, page: &Page) -> Result<Paged<DuplicateCase>> {
        let after = DuplicateCaseId::before(page)?;
        let state = self.locked();
        let found = state
            .cases
            .values()
            .filter(|case| Some(case.id()) > after)
            .filter(|case| {
                let (one, other) = case.finding().people;
                person == one || person == other
            })
            .take(page.limit() + 1)
            .cloned()
            .collect();
        Ok(DuplicateCaseId::paged(found, page)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;

    use super::*;

    crate::duplicate_case_store_conformance!(InMemory::new(|| {
        Arc::new(MemoryDuplicateCaseStore::new()) as Arc<dyn DuplicateCaseStore>
    }));
}
