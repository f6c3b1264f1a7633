use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use solidarity_core::{
    CaseId, Change, ChangeFeed, ChangeLog, Cursor, Invalid, Page, Paged, Salt, Stamp, Version,
};

use super::{CaseFilter, CaseStore};
use crate::{Act, Case, Error, Event, NewCase, ReceiptDigest, Result, Workflows};

/// Cases in memory: the reference for what [`CaseStore`] means.
#[derive(Debug)]
pub struct MemoryCaseStore {
    workflows: Workflows,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    cases: BTreeMap<CaseId, Entry>,
    receipts: HashMap<[u8; 32], CaseId>,
    changes: ChangeLog,
}

#[derive(Debug)]
struct Entry {
    case: Case,
    receipt: ReceiptDigest,
    // INVARIANT: the event at index i brought the case to version i + 2.
    events: Vec<Event>,
    // One for the opening and for each event: it goes when they go.
    salts: Vec<Salt>,
}

impl MemoryCaseStore {
    /// An empty store of cases that follow `workflows`.
    #[must_use]
    pub fn new(workflows: Workflows) -> Self {
        Self {
            workflows,
            state: RwLock::default(),
        }
    }

    // No code panics while it holds the lock, so a poisoned state is whole.
    fn read<T>(&self, f: impl FnOnce(&State) -> T) -> T {
        f(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl CaseStore for MemoryCaseStore {
    fn workflows(&self) -> &Workflows {
        &self.workflows
    }

    async fn open(
        &self,
        id: CaseId,
        new: NewCase,
        receipt: ReceiptDigest,
        stamp: &Stamp,
    ) -> Result<Case> {
        self.write(|state| {
            if let Some(entry) = state.cases.get(&id) {
                let known = &entry.case;
                if known.new_case() == &new && entry.receipt == receipt {
                    return self.workflows.open(id, new, known.opened());
                }
                return Err(Error::already_exists(id));
            }
            let case = self.workflows.open(id, new, stamp)?;
            if state.receipts.contains_key(receipt.as_bytes()) {
                return Err(Invalid::new("receipt", "must not be another case's").into());
            }
            let salt = Salt::generate();
            state.changes.append(case.news(&salt)?);
            state.receipts.insert(*receipt.as_bytes(), id);
            let entry = Entry {
                case: case.clone(),
                receipt,
                events: Vec::new(),
                salts: vec![salt],
            };
            state.cases.insert(id, entry);
            Ok(case)
        })
    }

    async fn get(&self, id: CaseId) -> Result<Case> {
        self.read(|state| state.entry(id).map(|entry| entry.case.clone()))
    }

    async fn find_by_receipt(&self, receipt: &ReceiptDigest) -> Result<Option<Case>> {
        self.read(|state| {
            let id = state.receipts.get(receipt.as_bytes());
            let entry = id.and_then(|id| state.cases.get(id));
            Ok(entry
                .filter(|entry| entry.receipt == *receipt)
                .map(|entry| entry.case.clone()))
        })
    }

    async fn act(&self, id: CaseId, expected: Version, act: Act, stamp: &Stamp) -> Result<Event> {
        self.write(|state| {
            let State { cases, changes, .. } = state;
            let entry = cases.get_mut(&id).ok_or_else(|| Error::not_found(id))?;
            let actual = entry.case.version();
            if actual != expected {
                let mut known = entry.events.iter();
                return known
                    .find(|event| event.version() == expected.next())
                    .filter(|event| event.repeats(&act, stamp.actor()))
                    .cloned()
                    .ok_or_else(|| Error::conflict(id, expected, actual));
            }
            let (case, event) = self.workflows.act(&entry.case, &act, stamp)?;
            let salt = Salt::generate();
            changes.append(event.news(&salt)?);
            entry.case = case;
            entry.events.push(event.clone());
            entry.salts.push(salt);
            Ok(event)
        })
    }

    async fn events(&self, id: CaseId, page: &Page) -> Result<Paged<Event>> {
        let done = page.cursor().map_or(Ok(0), Cursor::position)?;
        self.read(|state| {
            let events = state.entry(id)?.events.iter();
            let rest = events.filter(|event| event.version().count() > done);
            Ok(cut(rest.cloned(), page, |event| {
                Ok(Cursor::from_position(event.version().count()))
            })?)
        })
    }

    async fn list(&self, filter: &CaseFilter, page: &Page) -> Result<Paged<Case>> {
        let after = page.cursor().map(CaseFilter::position).transpose()?;
        self.read(|state| {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let cases = state.cases.range((from, Bound::Unbounded));
            let found = cases
                .map(|(_, entry)| &entry.case)
                .filter(|case| filter.matches(case));
            Ok(cut(found.cloned(), page, |case| {
                CaseFilter::cursor(case.id())
            })?)
        })
    }
}

#[async_trait]
impl ChangeFeed for MemoryCaseStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        Ok(self.read(|state| state.changes.page(page))?)
    }
}

impl State {
    fn entry(&self, id: CaseId) -> Result<&Entry> {
        self.cases.get(&id).ok_or_else(|| Error::not_found(id))
    }
}

/// As many of `items` as the page holds.
fn cut<T>(
    mut items: impl Iterator<Item = T>,
    page: &Page,
    cursor: impl Fn(&T) -> Result<Cursor, Invalid>,
) -> Result<Paged<T>, Invalid> {
    let taken: Vec<T> = items.by_ref().take(page.limit()).collect();
    let more = items.next().is_some();
    let next = taken.last().filter(|_| more).map(cursor);
    let next = next.transpose()?;
    Ok(Paged::new(taken, next))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;

    use super::*;
    use crate::conformance;

    crate::case_store_conformance!(InMemory::new(|| {
        Arc::new(MemoryCaseStore::new(conformance::workflows())) as Arc<dyn CaseStore>
    }));
}
