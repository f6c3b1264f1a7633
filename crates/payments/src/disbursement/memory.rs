use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use solidarity_core::{
    Change, ChangeFeed, ChangeLog, Cursor, CycleId, EntitlementId, Invalid, Page, Paged, PaymentId,
    ProgrammeId, Stamp,
};

use super::{DisbursementStore, batch_news, check_batch, event_news, replace};
use crate::{
    Batch, BatchDigest, BatchId, BatchState, ControlTotals, Decision, DraftFacts, Drafted, Error,
    EventId, Line, LineEvent, LineState, NewBatch, Outcome, Recorded, Recording, Result, decide,
    draft,
};

/// A [`DisbursementStore`] in memory: the reference, for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryDisbursementStore {
    // INVARIANT: `by_batch`, `first` and `successors` say of `lines` what
    // they say themselves, and every batch has its totals.
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    batches: BTreeMap<BatchId, Batch>,
    totals: HashMap<BatchId, ControlTotals>,
    lines: HashMap<PaymentId, Line>,
    by_batch: HashMap<BatchId, BTreeSet<PaymentId>>,
    first: HashMap<EntitlementId, PaymentId>,
    successors: HashMap<PaymentId, PaymentId>,
    events: HashMap<EventId, Recorded>,
    history: HashMap<PaymentId, Vec<EventId>>,
    log: ChangeLog,
}

impl MemoryDisbursementStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        // No code panics while it holds the lock, so a poisoned state is whole.
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn draft(
        &mut self,
        new: &NewBatch,
        revises: Option<BatchDigest>,
        stamp: &Stamp,
    ) -> Result<Batch> {
        let current = self.batches.get(&new.id);
        match draft(new, revises, current, &self.facts(new), stamp)? {
            Drafted::Unchanged(batch) => Ok(*batch),
            Drafted::Written {
                batch,
                lines,
                totals,
            } => {
                let kind = if current.is_some() { "revise" } else { "draft" };
                self.remove_lines(batch.id());
                for line in lines {
                    self.insert(line);
                }
                self.totals.insert(batch.id(), *totals);
                self.put(*batch, kind, stamp)
            }
        }
    }

    fn facts(&self, new: &NewBatch) -> DraftFacts {
        let mut facts = DraftFacts::default();
        let of = |payment: &PaymentId| Some((*payment, self.lines.get(payment)?.batch()));
        for instruction in &new.instructions {
            for id in [Some(instruction.id), instruction.replaces]
                .into_iter()
                .flatten()
            {
                if let Some(line) = self.lines.get(&id) {
                    facts.lines.insert(id, line.clone());
                }
                if let Some(successor) = self.successors.get(&id).and_then(of) {
                    facts.successors.insert(id, successor);
                }
            }
            let entitlement = instruction.entitlement;
            if let Some(first) = self.first.get(&entitlement).and_then(of) {
                facts.first.insert(entitlement, first);
            }
        }
        facts
    }

    fn decide(
        &mut self,
        id: BatchId,
        digest: BatchDigest,
        decision: Decision,
        stamp: &Stamp,
    ) -> Result<Batch> {
        let batch = self.batch(id)?;
        let Some(after) = decide(batch, digest, decision, stamp)? else {
            return Ok(batch.clone());
        };
        match decision {
            Decision::Approve => {}
            Decision::Release => self.release(id, stamp)?,
            Decision::Withdraw => {
                self.remove_lines(id);
                let nothing = ControlTotals::empty(after.currency());
                self.totals.insert(id, nothing);
            }
        }
        self.put(after, decision.name(), stamp)
    }

    fn release(&mut self, id: BatchId, stamp: &Stamp) -> Result<()> {
        let mut pairs = Vec::new();
        let mut totals = BTreeMap::new();
        for line in self.by_batch.get(&id).into_iter().flatten() {
            let Some(line) = self.lines.get(line) else {
                continue;
            };
            let replaced = line.instruction().replaces;
            if let Some(old) = replaced.and_then(|old| self.lines.get(&old)) {
                if let Some(sum) = self.totals.get(&old.origin()) {
                    totals.insert(old.origin(), sum.clone());
                }
                pairs.push((line.clone(), old.clone()));
            }
        }
        let replacements = replace(&pairs, totals, stamp)?;
        for line in replacements.lines {
            self.lines.insert(line.id(), line);
        }
        self.totals.extend(replacements.totals);
        Ok(())
    }

    fn put(&mut self, batch: Batch, kind: &'static str, stamp: &Stamp) -> Result<Batch> {
        self.log.append(batch_news(&batch, kind, stamp));
        self.batches.insert(batch.id(), batch.clone());
        Ok(batch)
    }

    fn insert(&mut self, line: Line) {
        let instruction = line.instruction();
        match instruction.replaces {
            Some(replaced) => self.successors.insert(replaced, line.id()),
            None => self.first.insert(instruction.entitlement, line.id()),
        };
        self.by_batch
            .entry(line.batch())
            .or_default()
            .insert(line.id());
        self.lines.insert(line.id(), line);
    }

    fn remove_lines(&mut self, batch: BatchId) {
        for id in self.by_batch.remove(&batch).unwrap_or_default() {
            let Some(line) = self.lines.remove(&id) else {
                continue;
            };
            match line.instruction().replaces {
                Some(replaced) => self.successors.remove(&replaced),
                None => self.first.remove(&line.instruction().entitlement),
            };
        }
    }

    fn record(&mut self, events: &[LineEvent], stamp: &Stamp) -> Vec<Outcome> {
        let mut recording = Recording::default();
        for event in events {
            if let Some(known) = self.events.get(&event.id) {
                recording.known.insert(event.id, known.clone());
            }
            let Some(line) = self.lines.get(&event.payment) else {
                continue;
            };
            let released = |batch: &&Batch| batch.state() == BatchState::Released;
            if self.batches.get(&line.batch()).filter(released).is_some() {
                recording.released.insert(line.batch());
            }
            if let Some(totals) = self.totals.get(&line.origin()) {
                recording.totals.insert(line.origin(), totals.clone());
            }
            recording.lines.insert(line.id(), line.clone());
        }
        let outcomes = events
            .iter()
            .map(|event| recording.record(event, stamp))
            .collect();
        let written = recording.written();
        for line in written.lines {
            self.lines.insert(line.id(), line.clone());
        }
        for (batch, totals) in written.totals {
            self.totals.insert(batch, totals.clone());
        }
        for recorded in written.events {
            let event = recorded.event();
            self.log.append(event_news(recorded));
            self.history
                .entry(event.payment)
                .or_default()
                .push(event.id);
            self.events.insert(event.id, recorded.clone());
        }
        outcomes
    }

    fn batch(&self, id: BatchId) -> Result<&Batch> {
        self.batches
            .get(&id)
            .ok_or_else(|| Error::not_found(id.as_uuid()))
    }
}

/// Where a list that is ordered by id goes on.
fn after<T: std::str::FromStr>(page: &Page) -> Result<Option<T>, Invalid> {
    let parse = |cursor: &Cursor| cursor.as_str().parse();
    page.cursor()
        .map(parse)
        .transpose()
        .map_err(|_| Invalid::new("cursor", "must come from the same list"))
}

/// A page of a list that is ordered by id.
fn page<T>(
    items: impl Iterator<Item = T>,
    page: &Page,
    id: impl Fn(&T) -> String,
) -> Result<Paged<T>> {
    let mut items: Vec<T> = items.take(page.limit() + 1).collect();
    let more = items.len() > page.limit();
    items.truncate(page.limit());
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| Cursor::new(id(last)));
    Ok(Paged::new(items, next.transpose()?))
}

#[async_trait]
impl DisbursementStore for MemoryDisbursementStore {
    async fn draft(
        &self,
        new: &NewBatch,
        revises: Option<BatchDigest>,
        stamp: &Stamp,
    ) -> Result<Batch> {
        self.write(|state| state.draft(new, revises, stamp))
    }

    async fn decide(
        &self,
        batch: BatchId,
        digest: BatchDigest,
        decision: Decision,
        stamp: &Stamp,
    ) -> Result<Batch> {
        self.write(|state| state.decide(batch, digest, decision, stamp))
    }

    async fn get(&self, batch: BatchId) -> Result<Batch> {
        self.read().batch(batch).cloned()
    }

    async fn list(
        &self,
        programme: ProgrammeId,
        cycle: CycleId,
        asked: &Page,
    ) -> Result<Paged<Batch>> {
        let state = self.read();
        let from = after::<BatchId>(asked)?.map_or(Bound::Unbounded, Bound::Excluded);
        let found = state
            .batches
            .range((from, Bound::Unbounded))
            .map(|(_, batch)| batch)
            .filter(|batch| (batch.programme(), batch.cycle()) == (programme, cycle))
            .cloned();
        page(found, asked, |batch| batch.id().to_string())
    }

    async fn lines(
        &self,
        batch: BatchId,
        states: &[LineState],
        asked: &Page,
    ) -> Result<Paged<Line>> {
        let state = self.read();
        let from = after::<PaymentId>(asked)?.map_or(Bound::Unbounded, Bound::Excluded);
        let none = BTreeSet::new();
        let found = state
            .by_batch
            .get(&batch)
            .unwrap_or(&none)
            .range((from, Bound::Unbounded))
            .filter_map(|id| state.lines.get(id))
            .filter(|line| states.is_empty() || states.contains(&line.state()))
            .cloned();
        page(found, asked, |line| line.id().to_string())
    }

    async fn find(&self, payments: &[PaymentId]) -> Result<Vec<Option<Line>>> {
        check_batch("payments", payments.len())?;
        let state = self.read();
        Ok(payments
            .iter()
            .map(|id| state.lines.get(id).cloned())
            .collect())
    }

    async fn record(&self, events: &[LineEvent], stamp: &Stamp) -> Result<Vec<Outcome>> {
        check_batch("events", events.len())?;
        Ok(self.write(|state| state.record(events, stamp)))
    }

    async fn history(&self, payment: PaymentId, asked: &Page) -> Result<Paged<Recorded>> {
        let done = asked.cursor().map_or(Ok(0), Cursor::position)?;
        let state = self.read();
        let events = state.history.get(&payment).map_or(&[][..], Vec::as_slice);
        let rest = usize::try_from(done)
            .ok()
            .and_then(|done| events.get(done..));
        let rest = rest.unwrap_or_default();
        let items: Vec<Recorded> = rest
            .iter()
            .take(asked.limit())
            .filter_map(|id| state.events.get(id).cloned())
            .collect();
        let more = items.len() < rest.len();
        let next = more.then(|| Cursor::from_position(done + items.len() as u64));
        Ok(Paged::new(items, next))
    }

    async fn totals(&self, batch: BatchId) -> Result<ControlTotals> {
        let state = self.read();
        let totals = state.totals.get(&batch).cloned();
        totals.ok_or_else(|| Error::not_found(batch.as_uuid()))
    }
}

#[async_trait]
impl ChangeFeed for MemoryDisbursementStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        Ok(self.read().log.page(page)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;

    use super::*;

    crate::disbursement_store_conformance!(InMemory::new(|| {
        Arc::new(MemoryDisbursementStore::new()) as Arc<dyn DisbursementStore>
    }));
}
