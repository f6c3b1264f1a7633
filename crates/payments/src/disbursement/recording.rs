use std::collections::{BTreeSet, HashMap, HashSet};

use solidarity_core::{PaymentId, Stamp};

use crate::{
    BatchId, ControlTotals, EventId, Line, LineEvent, Outcome, Recorded, Refusal, transition,
};

/// What a batch of events touches, as a store has loaded it, and what the
/// events make of it. For implementers of
/// [`DisbursementStore`](crate::DisbursementStore): load, [`record`] each
/// event in order, write back what [`written`](Self::written) holds.
///
/// [`record`]: Self::record
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Recording {
    /// The lines of the payments that the events name.
    pub lines: HashMap<PaymentId, Line>,
    /// Which of those lines' batches are released.
    pub released: HashSet<BatchId>,
    /// The control totals of those lines' origins.
    pub totals: HashMap<BatchId, ControlTotals>,
    /// What was recorded before under the events' ids.
    pub known: HashMap<EventId, Recorded>,
    fresh: Vec<Recorded>,
    touched: BTreeSet<PaymentId>,
}

/// What a [`Recording`] came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Written<'a> {
    /// The new events, in order. The news of each is appended to the feed.
    pub events: &'a [Recorded],
    /// The lines that changed.
    pub lines: Vec<&'a Line>,
    /// The control totals that changed.
    pub totals: Vec<(BatchId, &'a ControlTotals)>,
}

impl Recording {
    /// Decides on one event.
    pub fn record(&mut self, event: &LineEvent, stamp: &Stamp) -> Outcome {
        match self.known.get(&event.id) {
            Some(known) if known.event() == event => return known.outcome(),
            Some(_) => return Outcome::Refused(Refusal::EventTaken),
            None => {}
        }
        match self.apply(event, stamp) {
            Ok(outcome) => outcome,
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    fn apply(&mut self, event: &LineEvent, stamp: &Stamp) -> Result<Outcome, Refusal> {
        let before = self
            .lines
            .get_mut(&event.payment)
            .ok_or(Refusal::UnknownPayment)?;
        if !self.released.contains(&before.batch()) {
            return Err(Refusal::NotReleased);
        }
        let after = transition(before, event, stamp.at())?;
        let totals = self
            .totals
            .get_mut(&before.origin())
            .ok_or(Refusal::UnknownPayment)?;
        *totals = totals.moved(before, &after)?;
        let recorded = Recorded::new(event.clone(), stamp.clone(), &after);
        let outcome = recorded.outcome();
        *before = after;
        self.touched.insert(event.payment);
        self.known.insert(event.id, recorded.clone());
        self.fresh.push(recorded);
        Ok(outcome)
    }

    /// What is to be written.
    #[must_use]
    pub fn written(&self) -> Written<'_> {
        let lines: Vec<&Line> = self
            .touched
            .iter()
            .filter_map(|id| self.lines.get(id))
            .collect();
        let origins: BTreeSet<BatchId> = lines.iter().map(|line| line.origin()).collect();
        Written {
            events: &self.fresh,
            totals: origins
                .into_iter()
                .filter_map(|id| Some((id, self.totals.get(&id)?)))
                .collect(),
            lines,
        }
    }
}
