use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::limits::PAGE_MAX;
use solidarity_core::{Cursor, Invalid, Page, Paged, PaymentId, Stamp, Version};

use crate::digest::LineDigest;
use crate::{
    Answer, Batch, BatchDigest, BatchId, BatchState, Decision, DeduplicatingRail,
    DisbursementStore, EntryId, Error, EventKind, Finding, Ledger, Line, LineEvent, LineState,
    NewBatch, Outcome, Rail, Receipt, Refusal, Resolution, Result, Standing, Submission, decide,
    missing, reconcile,
};

#[cfg(test)]
mod acts;
#[cfg(test)]
mod crash;
mod money;
mod posting;
#[cfg(test)]
mod reserving;

/// How a [`Disburser`] goes about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Terms {
    /// How many payments go to the rail in one call, 1 to
    /// [`PAGE_MAX`].
    pub chunk: usize,
    /// How long after a submission its fate is not asked for, so that one
    /// process does not take another's unfinished call for a lost one. Longer
    /// than the rail's client waits for an answer.
    pub patience: TimeDelta,
    /// After how long a payment without news is reported missing.
    pub missing_after: TimeDelta,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            chunk: 500,
            patience: TimeDelta::minutes(15),
            missing_after: TimeDelta::days(5),
        }
    }
}

impl Terms {
    /// The same, asking for what became of a payment `patience` after it was
    /// handed over. Zero where no other process can be at work.
    #[must_use]
    pub const fn with_patience(mut self, patience: TimeDelta) -> Self {
        self.patience = patience;
        self
    }

    /// The same, with so many payments in one call to the rail.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for none, or more than a page holds.
    pub fn with_chunk(mut self, chunk: usize) -> Result<Self, Invalid> {
        if chunk == 0 || chunk > PAGE_MAX {
            return Err(Invalid::new("chunk", format!("must be 1 to {PAGE_MAX}")));
        }
        self.chunk = chunk;
        Ok(self)
    }
}

/// What one run over a batch did: how many payments came to which state.
pub type Progress = BTreeMap<LineState, u64>;

/// What one reading of a rail's statement came to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settlement {
    /// What the entries mean, by the time of booking.
    pub findings: Vec<Finding>,
    /// Where to read on. To read again from an earlier place does no harm.
    pub next: Option<Cursor>,
}

/// Pays batches over one rail, from a ledger, through a store.
///
/// It decides nothing and remembers nothing: what may follow what is in
/// [`transition`](crate::transition), and what was done is in the store and
/// the ledger. It can be killed anywhere, and another one over the same store
/// and ledger goes on where it was:
///
/// - A payment is recorded as [`Submitting`](LineState::Submitting) before the
///   rail is called. What a killed process leaves in that state, or
///   [`Unknown`](LineState::Unknown), is asked for, and handed over again only
///   if the rail says that it does not know it.
/// - Every transfer has an id derived from the payment and the step, and all
///   steps of a payment are posted each time that it is touched, so none is
///   missing and none is booked twice. [`resume`](Self::resume) posts what a
///   killed process left for payments that nothing touches any more.
///
/// Every method may be called again, at any time, by any number of processes.
#[derive(Clone, Debug)]
pub struct Disburser {
    store: Arc<dyn DisbursementStore>,
    ledger: Arc<dyn Ledger>,
    rail: Arc<dyn Rail>,
    terms: Terms,
}

impl Disburser {
    /// Pays over `rail`.
    #[must_use]
    pub fn new(
        store: Arc<dyn DisbursementStore>,
        ledger: Arc<dyn Ledger>,
        rail: Arc<dyn Rail>,
        terms: Terms,
    ) -> Self {
        Self {
            store,
            ledger,
            rail,
            terms,
        }
    }

    /// Sets the money of an approved batch aside and lets its payments go.
    ///
    /// # Errors
    ///
    /// - What [`DisbursementStore::decide`] refuses.
    /// - [`Error::Tampered`] if the stored lines are not those approved.
    /// - [`Error::InsufficientBudget`] if the budget does not cover it.
    ///   Nothing was released.
    /// - [`Error::Ledger`] and [`Error::Store`].
    pub async fn release(
        &self,
        batch: BatchId,
        digest: BatchDigest,
        stamp: &Stamp,
    ) -> Result<Batch> {
        let approved = self.store.get(batch).await?;
        // The store decides; a budget is not tied up for what it would refuse.
        decide(&approved, digest, Decision::Release, stamp)?;
        self.verified(&approved).await?;
        self.reserve(&approved, stamp).await?;
        let released = self
            .store
            .decide(batch, digest, Decision::Release, stamp)
            .await;
        let released = match released {
            Ok(released) => released,
            // Whatever came between: it is not released, and holds nothing.
            Err(error @ (Error::Store(_) | Error::Rail { .. })) => return Err(error),
            Err(error) => {
                self.unreserve(&approved, stamp).await?;
                return Err(error);
            }
        };
        self.commit(&released, stamp).await?;
        self.post_batch(&released, true, stamp).await?;
        Ok(released)
    }

    /// Revises the draft whose digest is `revises`, after giving back what a
    /// release that did not come about set aside for it.
    ///
    /// # Errors
    ///
    /// What [`DisbursementStore::draft`] refuses; [`Error::Ledger`].
    pub async fn revise(
        &self,
        new: &NewBatch,
        revises: BatchDigest,
        stamp: &Stamp,
    ) -> Result<Batch> {
        let current = self.store.get(new.id).await?;
        if current.digest() == revises && current.state() != BatchState::Released {
            self.unreserve(&current, stamp).await?;
        }
        self.store.draft(new, Some(revises), stamp).await
    }

    /// Gives up a batch that is not released.
    ///
    /// # Errors
    ///
    /// What [`DisbursementStore::decide`] refuses; [`Error::Ledger`].
    pub async fn withdraw(
        &self,
        batch: BatchId,
        digest: BatchDigest,
        stamp: &Stamp,
    ) -> Result<Batch> {
        let withdrawn = self
            .store
            .decide(batch, digest, Decision::Withdraw, stamp)
            .await?;
        self.unreserve(&withdrawn, stamp).await?;
        Ok(withdrawn)
    }

    /// Hands every payment of the batch that is for this rail and not yet
    /// submitted to it.
    ///
    /// # Errors
    ///
    /// - [`Error::BatchState`] if the batch is not released.
    /// - [`Error::Tampered`] if the stored lines are not those approved:
    ///   nothing more is sent.
    /// - [`Error::Rail`] if a call failed as a whole; its payments are
    ///   recorded as unknown.
    /// - [`Error::Ledger`] and [`Error::Store`]. Call it again.
    pub async fn submit(&self, batch: BatchId, stamp: &Stamp) -> Result<Progress> {
        let (batch, approved) = self.opened(batch, stamp).await?;
        let mut progress = Progress::new();
        let mut page = Page::of(self.terms.chunk)?;
        loop {
            let found = self
                .store
                .lines(batch.id(), &[LineState::Prepared], &page)
                .await?;
            let next = found.next().cloned();
            let lines = self.sendable(&batch, &approved, found.into_items())?;
            self.send(
                &*self.rail,
                lines,
                &EventKind::Submitting,
                stamp,
                &mut progress,
            )
            .await?;
            match next {
                Some(cursor) => page = page.after(cursor),
                None => return Ok(progress),
            }
        }
    }

    /// Hands every payment of the batch whose fate is unknown to `rail`
    /// again: it recognizes a payment that it has.
    ///
    /// The rail is this disburser's own. Any other rail takes no payment again
    /// unless it says that it does not know it:
    ///
    /// ```compile_fail
    /// # async fn f(d: solidarity_payments::Disburser, rail: solidarity_payments::SimulatedRail,
    /// #   batch: solidarity_payments::BatchId, stamp: solidarity_core::Stamp) {
    /// d.resend(batch, &rail, &stamp).await; // a `SimulatedRail` pays again
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit); [`Error::Invalid`] for another rail.
    pub async fn resend(
        &self,
        batch: BatchId,
        rail: &dyn DeduplicatingRail,
        stamp: &Stamp,
    ) -> Result<Progress> {
        if rail.code() != self.rail.code() {
            return Err(Invalid::new("rail", "must be the disburser's own").into());
        }
        let (batch, approved) = self.opened(batch, stamp).await?;
        let mut progress = Progress::new();
        let mut page = Page::of(self.terms.chunk)?;
        let lost = [LineState::Submitting, LineState::Unknown];
        loop {
            let found = self.store.lines(batch.id(), &lost, &page).await?;
            let next = found.next().cloned();
            let mut lines = self.sendable(&batch, &approved, found.into_items())?;
            lines.retain(|line| self.may_ask(line, stamp.at()));
            self.send(rail, lines, &EventKind::Resubmitting, stamp, &mut progress)
                .await?;
            match next {
                Some(cursor) => page = page.after(cursor),
                None => return Ok(progress),
            }
        }
    }

    /// Asks the rail what became of every payment of the batch that it may
    /// have.
    ///
    /// # Errors
    ///
    /// [`Error::Rail`], [`Error::Ledger`] and [`Error::Store`]. Call it again.
    pub async fn inquire(&self, batch: BatchId, stamp: &Stamp) -> Result<Progress> {
        let open = [
            LineState::Submitting,
            LineState::Unknown,
            LineState::InFlight,
        ];
        let mut progress = Progress::new();
        let mut page = Page::of(self.terms.chunk)?;
        loop {
            let found = self.store.lines(batch, &open, &page).await?;
            let next = found.next().cloned();
            let mut lines = found.into_items();
            lines.retain(|line| self.is_ours(line) && self.may_ask(line, stamp.at()));
            let ids: Vec<PaymentId> = lines.iter().map(Line::id).collect();
            let standings = match ids.as_slice() {
                [] => Vec::new(),
                ids => self.rail.inquire(ids).await?,
            };
            let standings = standings
                .into_iter()
                .chain(std::iter::repeat(Standing::NoAnswer));
            let events: Vec<LineEvent> = lines
                .iter()
                .zip(standings)
                .filter_map(|(line, standing)| self.learnt(line, standing, stamp.at()))
                .collect();
            for line in self.record(&events, stamp).await? {
                *progress.entry(line.state()).or_default() += 1;
            }
            match next {
                Some(cursor) => page = page.after(cursor),
                None => return Ok(progress),
            }
        }
    }

    /// Reads the rail's statement after `since`, and records what it says.
    ///
    /// # Errors
    ///
    /// [`Error::Rail`], [`Error::Ledger`] and [`Error::Store`]. Call it again
    /// with the same `since`.
    pub async fn settle(&self, since: Option<Cursor>, stamp: &Stamp) -> Result<Settlement> {
        let mut settlement = Settlement {
            findings: Vec::new(),
            next: since,
        };
        loop {
            let page = match &settlement.next {
                Some(cursor) => Page::largest().after(cursor.clone()),
                None => Page::largest(),
            };
            let statement = self.rail.statement(&page).await?;
            let more = statement.next().is_some();
            let entries = statement.into_items();
            let ids: BTreeSet<PaymentId> = entries.iter().filter_map(|e| e.payment).collect();
            let ids: Vec<PaymentId> = ids.into_iter().collect();
            let lines = self.find(&ids).await?;
            self.commit_for(&lines, stamp).await?;
            let mut found = reconcile(self.rail.code(), &lines, &entries);
            let (told, events): (Vec<EntryId>, Vec<LineEvent>) = found.events.into_iter().unzip();
            let outcomes = self.store.record(&events, stamp).await?;
            for (entry, outcome) in told.into_iter().zip(outcomes) {
                if outcome == Outcome::Refused(Refusal::EventTaken) {
                    found.findings.push(Finding::Altered { entry });
                }
            }
            self.post(&self.find(&ids).await?, stamp).await?;
            self.charge(&mut found.findings, &lines, stamp).await?;
            settlement.findings.append(&mut found.findings);
            if let Some(last) = entries.last() {
                settlement.next = Some(last.cursor.clone());
            }
            if !more {
                return Ok(settlement);
            }
        }
    }

    /// The payments of the batch that were handed over long ago and of which
    /// nothing is known.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub async fn overdue(&self, batch: BatchId, stamp: &Stamp) -> Result<Vec<Finding>> {
        let open = [
            LineState::Submitting,
            LineState::Unknown,
            LineState::InFlight,
        ];
        let lines = self.all_lines(batch, &open).await?;
        Ok(missing(&lines, stamp.at(), self.terms.missing_after))
    }

    /// Gives up payments that were not handed over: one outcome each.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a payment that is not there; [`Error::Store`].
    pub async fn cancel(&self, payments: &[PaymentId], stamp: &Stamp) -> Result<Vec<Outcome>> {
        let mut events = Vec::with_capacity(payments.len());
        for (payment, line) in payments.iter().zip(self.store.find(payments).await?) {
            let line = line.ok_or_else(|| Error::not_found(payment.as_uuid()))?;
            events.push(LineEvent::act(&line, stamp.at(), EventKind::Cancelled));
        }
        let outcomes = self.store.record(&events, stamp).await?;
        self.post(&self.find(payments).await?, stamp).await?;
        Ok(outcomes)
    }

    /// Records what a person, the actor of `stamp`, decided about a payment
    /// that no rail could clear up.
    ///
    /// # Errors
    ///
    /// As [`cancel`](Self::cancel).
    pub async fn resolve(
        &self,
        payment: PaymentId,
        to: Resolution,
        stamp: &Stamp,
    ) -> Result<Outcome> {
        let line = self.line(payment).await?;
        let act = LineEvent::act(&line, stamp.at(), EventKind::Resolved { to });
        self.record_one(act, stamp).await
    }

    /// Records what the payee said at `at`. `source` names the statement, such
    /// as a call or a message: the same one again is recorded once, and a later
    /// one counts.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub async fn hear_payee(
        &self,
        payment: PaymentId,
        receipt: Receipt,
        source: &str,
        at: DateTime<Utc>,
        stamp: &Stamp,
    ) -> Result<Outcome> {
        let kind = EventKind::ReceiptStated { receipt };
        let source = format!("payee:{source}");
        self.record_one(LineEvent::news(payment, &source, at, kind), stamp)
            .await
    }

    /// Posts to the ledger whatever follows from the batch and is not there:
    /// what a killed process left undone.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`] and [`Error::Store`]. Call it again.
    pub async fn resume(&self, batch: BatchId, stamp: &Stamp) -> Result<()> {
        let batch = self.store.get(batch).await?;
        match batch.state() {
            BatchState::Draft | BatchState::Approved => Ok(()),
            BatchState::Withdrawn => self.unreserve(&batch, stamp).await,
            BatchState::Released => {
                self.commit(&batch, stamp).await?;
                self.post_batch(&batch, false, stamp).await
            }
        }
    }

    /// The batch, ready to be paid, and what was approved of each line.
    async fn opened(
        &self,
        batch: BatchId,
        stamp: &Stamp,
    ) -> Result<(Batch, HashMap<PaymentId, LineDigest>)> {
        let batch = self.store.get(batch).await?;
        if batch.state() != BatchState::Released {
            return Err(Error::batch_state(&batch));
        }
        crate::approval::check_approved(&batch)?;
        let approved = self.verified(&batch).await?;
        self.commit(&batch, stamp).await?;
        self.post_batch(&batch, true, stamp).await?;
        Ok((batch, approved))
    }

    /// The digest of each line of `batch`, which together are what was
    /// approved.
    async fn verified(&self, batch: &Batch) -> Result<HashMap<PaymentId, LineDigest>> {
        let mut digests = Vec::new();
        let mut page = Page::largest();
        loop {
            let found = self.store.lines(batch.id(), &[], &page).await?;
            let of = |line: &Line| (line.id(), line.instruction().digest());
            digests.extend(found.items().iter().map(of));
            match found.next() {
                Some(cursor) => page = page.after(cursor.clone()),
                None => break,
            }
        }
        digests.sort_unstable();
        let counted = digests.len() as u64 == batch.count();
        if !counted || batch.digest_of(digests.iter().map(|(_, d)| d)) != batch.digest() {
            return Err(Error::Tampered { batch: batch.id() });
        }
        Ok(digests.into_iter().collect())
    }

    /// Those of `lines` that are for this rail, each checked again: it is
    /// read a second time, and may have been changed since.
    fn sendable(
        &self,
        batch: &Batch,
        approved: &HashMap<PaymentId, LineDigest>,
        mut lines: Vec<Line>,
    ) -> Result<Vec<Line>> {
        for line in &lines {
            if approved.get(&line.id()) != Some(&line.instruction().digest()) {
                return Err(Error::Tampered { batch: batch.id() });
            }
        }
        lines.retain(|line| self.is_ours(line));
        Ok(lines)
    }

    fn is_ours(&self, line: &Line) -> bool {
        line.instruction().address.rail() == self.rail.code()
    }

    /// Whether no call about `line` can still be under way.
    fn may_ask(&self, line: &Line, now: DateTime<Utc>) -> bool {
        line.state() == LineState::InFlight
            || line
                .submitted_at()
                .is_none_or(|at| now - at >= self.terms.patience)
    }

    /// Hands `lines` to `rail`: writes first, calls then, and writes what it
    /// answered.
    async fn send(
        &self,
        rail: &dyn Rail,
        lines: Vec<Line>,
        act: &EventKind,
        stamp: &Stamp,
        progress: &mut Progress,
    ) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let acts: Vec<LineEvent> = lines
            .iter()
            .map(|line| LineEvent::act(line, stamp.at(), act.clone()))
            .collect();
        let outcomes = self.store.record(&acts, stamp).await?;
        // Who was refused lost the payment to somebody else.
        let won: Vec<(Line, Version)> = lines
            .into_iter()
            .zip(outcomes)
            .filter_map(|(line, outcome)| match outcome {
                Outcome::Recorded { version, .. } => Some((line, version)),
                Outcome::Refused(_) => None,
            })
            .collect();
        let ids: Vec<PaymentId> = won.iter().map(|(line, _)| line.id()).collect();
        // The ledger first: no money leaves that it does not see leaving.
        self.post(&self.find(&ids).await?, stamp).await?;
        let submissions: Vec<Submission> = won
            .iter()
            .map(|(line, _)| Submission::of(line.instruction()))
            .collect();
        let (answers, failed) = match submissions.as_slice() {
            [] => (Vec::new(), None),
            submissions => match rail.submit(submissions).await {
                Ok(answers) => (answers, None),
                Err(error) => (Vec::new(), Some(error)),
            },
        };
        let answers = answers
            .into_iter()
            .chain(std::iter::repeat(Answer::NoAnswer));
        let events: Vec<LineEvent> = won
            .iter()
            .zip(answers)
            .map(|((line, version), answer)| self.answered(line, *version, answer, stamp.at()))
            .collect();
        for line in self.record(&events, stamp).await? {
            *progress.entry(line.state()).or_default() += 1;
        }
        failed.map_or(Ok(()), Err)
    }

    /// What the rail's answer to the submission that made `version` means.
    fn answered(
        &self,
        line: &Line,
        version: Version,
        answer: Answer,
        now: DateTime<Utc>,
    ) -> LineEvent {
        let (at, kind) = match answer {
            Answer::Accepted { reference } => (now, EventKind::Accepted { reference }),
            Answer::Rejected { reason } => (now, EventKind::Rejected { reason }),
            Answer::Credited { at } => {
                let (amount, entry) = (line.amount(), None);
                (at, EventKind::Credited { amount, entry })
            }
            Answer::NoAnswer => {
                let mut act = LineEvent::act(line, now, EventKind::AnswerLost);
                act.expected = Some(version);
                return act;
            }
        };
        let source = format!("{}:answer:{version}", self.rail.code());
        LineEvent::news(line.id(), &source, at, kind)
    }

    /// What the rail's word on `line` means; `None` if it says nothing new.
    fn learnt(&self, line: &Line, standing: Standing, now: DateTime<Utc>) -> Option<LineEvent> {
        let entry = None;
        let (at, kind) = match standing {
            Standing::NoAnswer if line.state() == LineState::Submitting => {
                return Some(LineEvent::act(line, now, EventKind::AnswerLost));
            }
            Standing::NoAnswer => return None,
            Standing::NotKnown => return Some(LineEvent::act(line, now, EventKind::NotKnown)),
            Standing::Accepted { .. } if line.state() == LineState::InFlight => return None,
            Standing::Accepted { reference } => (now, EventKind::Accepted { reference }),
            Standing::Credited { amount, at } => (at, EventKind::Credited { amount, entry }),
            Standing::Rejected { reason, at } => (at, EventKind::Rejected { reason }),
            Standing::Returned { amount, reason, at } => {
                let kind = EventKind::Returned {
                    amount,
                    reason,
                    entry,
                };
                (at, kind)
            }
        };
        let source = format!("{}:inquiry:{}", self.rail.code(), at.timestamp_micros());
        Some(LineEvent::news(line.id(), &source, at, kind))
    }

    /// Records `events`, posts what follows, and gives the lines of those
    /// that were recorded.
    async fn record(&self, events: &[LineEvent], stamp: &Stamp) -> Result<Vec<Line>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let outcomes = self.store.record(events, stamp).await?;
        let ids: Vec<PaymentId> = events
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| outcome.is_recorded())
            .map(|(event, _)| event.payment)
            .collect();
        let lines = self.find(&ids).await?;
        self.post(&lines, stamp).await?;
        Ok(lines)
    }

    async fn record_one(&self, event: LineEvent, stamp: &Stamp) -> Result<Outcome> {
        let payment = event.payment;
        let outcomes = self.store.record(&[event], stamp).await?;
        self.post(&self.find(&[payment]).await?, stamp).await?;
        outcomes
            .into_iter()
            .next()
            .ok_or_else(|| Error::not_found(payment.as_uuid()))
    }

    async fn line(&self, payment: PaymentId) -> Result<Line> {
        let found = self.find(&[payment]).await?.pop();
        found.ok_or_else(|| Error::not_found(payment.as_uuid()))
    }

    async fn find(&self, payments: &[PaymentId]) -> Result<Vec<Line>> {
        if payments.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.store.find(payments).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn all_lines(&self, batch: BatchId, states: &[LineState]) -> Result<Vec<Line>> {
        Paged::every(|page| async move { self.store.lines(batch, states, &page).await }).await
    }
}
