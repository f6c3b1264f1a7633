//! Stores of batches and payments: one that is sound, and one for each promise
//! that it breaks.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{
    ActorId, Change, ChangeFeed, CycleId, EntitlementId, Page, Paged, PaymentId, ProgrammeId,
    Stamp, Version,
};
use solidarity_payments::conformance::disbursement;
use solidarity_payments::{
    Batch, BatchDigest, BatchId, ControlTotals, Decision, DisbursementStore, Error, EventId,
    EventKind, Line, LineEvent, LineState, MemoryDisbursementStore, NewBatch, Outcome, Receipt,
    Recorded, Refusal, Result,
};

mod shared {
    use super::*;
    solidarity_payments::disbursement_store_conformance!(InMemory::new(|| {
        Arc::new(Arc::new(MemoryDisbursementStore::new())) as Arc<dyn DisbursementStore>
    }));
}

#[test]
fn two_memories_agree() {
    let harness = harness(None);
    block_on(disbursement::agrees_with_memory(&harness, 3, 200));
}

/// The promise that a store breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    // Drafts.
    /// Drops the last line of a draft.
    DraftsWithoutTheLast,
    /// Takes a repeated draft for another one.
    RefusesARepeatedDraft,
    /// Takes another draft under a taken id for a revision.
    OverwritesADraft,
    /// Revises what the reviser has not seen.
    TakesAStaleRevision,
    /// Approves a revision by whoever approved what it was before.
    KeepsApprovals,
    /// Leaves out a payment that another batch has, and says nothing.
    DropsADuplicate,
    /// Pays what another payment pays, whatever it replaces.
    PaysAnEntitlementTwice,
    /// Holds what a withdrawn batch held.
    KeepsWhatIsWithdrawn,

    // Decisions.
    /// Counts an approval of what the batch said before.
    TakesAStaleApproval,
    /// Lets a maker approve.
    TakesASelfApproval,
    /// Says that it withdrew what it had released.
    WithdrawsWhatIsReleased,

    // Events.
    /// Loses a credit.
    LosesAnEvent,
    /// Takes a repeated event for a new one.
    ForgetsIdempotency,
    /// Lets an act pass that was decided on an old version.
    IgnoresVersions,
    /// Writes a batch of events in two halves.
    SplitsABatch,
    /// Gives up a batch of events at the first that is refused.
    StopsAtARefusal,
    /// Believes the first that a rail said.
    KeepsTheFirstWord,
    /// Does not hear of a payment that another one stands in for.
    ForgetsWhatIsReplaced,
    /// Takes what a rail paid out for what a payee received.
    TakesCreditedForReceived,
    /// Tells a refused event as recorded.
    TellsTheRefused,

    // Reads.
    /// Takes more than the limit, in pieces.
    TakesTooMany,
    /// Leaves out what a page begins with.
    SkipsABatch,
    /// Lists lines of every state.
    IgnoresStates,
    /// Keeps only what was done, not what was heard.
    ForgetsHistory,
    /// Keeps the totals of the first draft.
    ForgetsItsTotals,
    /// Leaves a change out of the feed.
    SkipsAChange,
}

/// A memory store with a fault planted in it.
#[derive(Debug)]
struct Planted {
    inner: MemoryDisbursementStore,
    fault: Option<Fault>,
    reads: AtomicUsize,
    first_totals: Mutex<Vec<(BatchId, ControlTotals)>>,
    withdrawn: Mutex<HashSet<EntitlementId>>,
}

fn harness(fault: Option<Fault>) -> impl Harness<dyn DisbursementStore> {
    InMemory::new(move || {
        Arc::new(Planted {
            inner: MemoryDisbursementStore::new(),
            fault,
            reads: AtomicUsize::new(0),
            first_totals: Mutex::default(),
            withdrawn: Mutex::default(),
        }) as Arc<dyn DisbursementStore>
    })
}

impl Planted {
    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    async fn line(&self, payment: PaymentId) -> Option<Line> {
        self.inner.find(&[payment]).await.unwrap().remove(0)
    }

    /// Lets somebody else read twice; who fails at the first does not come
    /// again.
    fn wait_for_a_reader(&self) {
        let before = self.reads.load(Ordering::SeqCst);
        for _ in 0..1_000_000 {
            if self.reads.load(Ordering::SeqCst) >= before + 2 {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// What is made of a draft that the rules refuse.
    async fn wave_through(&self, error: Error, new: &NewBatch, s: &Stamp) -> Result<Batch> {
        let mut new = new.clone();
        match error {
            Error::AlreadyExists { .. } if self.has(Fault::OverwritesADraft) => {
                let digest = self.inner.get(new.id).await?.digest();
                self.inner.draft(&new, Some(digest), s).await
            }
            Error::DigestMismatch { actual, .. } if self.has(Fault::TakesAStaleRevision) => {
                self.inner.draft(&new, Some(actual), s).await
            }
            Error::PaymentTaken { payment, .. } if self.has(Fault::DropsADuplicate) => {
                new.instructions.retain(|line| line.id != payment);
                self.inner.draft(&new, None, s).await
            }
            Error::EntitlementTaken { .. } | Error::Invalid(_)
                if self.has(Fault::PaysAnEntitlementTwice) =>
            {
                for line in &mut new.instructions {
                    line.entitlement = EntitlementId::generate();
                    line.replaces = None;
                }
                self.inner.draft(&new, None, s).await
            }
            error => Err(error),
        }
    }

    /// What becomes of one event.
    async fn hear(&self, event: &LineEvent, stamp: &Stamp) -> Result<Outcome> {
        let mut event = event.clone();
        let line = self.line(event.payment).await;
        if self.has(Fault::ForgetsIdempotency) {
            event.id = EventId::generate();
        }
        if self.has(Fault::IgnoresVersions) {
            event.expected = line.as_ref().map(Line::version);
        }
        let credit = matches!(event.kind, EventKind::Credited { .. });
        let is = |state| line.as_ref().is_some_and(|line| line.state() == state);
        let replaced = line.as_ref().is_some_and(|l| l.replaced_by().is_some());
        let lose = (self.has(Fault::LosesAnEvent) && credit)
            || (self.has(Fault::KeepsTheFirstWord) && is(LineState::Credited))
            || (self.has(Fault::ForgetsWhatIsReplaced) && replaced);
        if let (true, Some(line)) = (lose, line) {
            let version = line.version().next();
            let state = LineState::Credited;
            return Ok(Outcome::Recorded { version, state });
        }
        let (payment, at) = (event.payment, event.at);
        let outcome = self.inner.record(&[event], stamp).await?.remove(0);
        if self.has(Fault::TakesCreditedForReceived) && credit {
            let receipt = Receipt::Received;
            let said = EventKind::ReceiptStated { receipt };
            let news = LineEvent::news(payment, "the bank", at, said);
            self.inner.record(&[news], stamp).await?;
        }
        if self.has(Fault::TellsTheRefused) && !outcome.is_recorded() {
            let (version, state) = (Version::FIRST, LineState::Prepared);
            return Ok(Outcome::Recorded { version, state });
        }
        Ok(outcome)
    }
}

#[async_trait]
impl ChangeFeed for Planted {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        let mut page = self.inner.changes_since(page).await?;
        if self.has(Fault::SkipsAChange) && page.items().len() > 1 {
            let next = page.next().cloned();
            let mut items = page.into_items();
            items.remove(1);
            page = Paged::new(items, next);
        }
        Ok(page)
    }
}

#[async_trait]
impl DisbursementStore for Planted {
    async fn draft(&self, n: &NewBatch, r: Option<BatchDigest>, s: &Stamp) -> Result<Batch> {
        let mut new = n.clone();
        if self.has(Fault::DraftsWithoutTheLast) && new.instructions.len() > 1 {
            new.instructions.pop();
        }
        for line in &new.instructions {
            if self.withdrawn.lock().unwrap().contains(&line.entitlement) {
                return Err(Error::entitlement_taken(line.entitlement, line.id));
            }
        }
        let before = self.inner.get(new.id).await.ok();
        if self.has(Fault::RefusesARepeatedDraft) && before.is_some() && r.is_none() {
            return Err(Error::already_exists(new.id.as_uuid()));
        }
        let batch = match self.inner.draft(&new, r, s).await {
            Ok(batch) => batch,
            Err(error) => self.wave_through(error, &new, s).await?,
        };
        let totals = self.inner.totals(batch.id()).await?;
        // Who looks for a batch finds the first entry.
        let first = (batch.id(), totals);
        self.first_totals.lock().unwrap().push(first);
        let before = before.filter(|before| before.digest() != batch.digest());
        if let (true, Some(before)) = (self.has(Fault::KeepsApprovals), before) {
            for approval in before.approvals() {
                let (id, digest) = (batch.id(), batch.digest());
                let approve = Decision::Approve;
                self.inner
                    .decide(id, digest, approve, &approval.stamp)
                    .await?;
            }
            return self.inner.get(batch.id()).await;
        }
        Ok(batch)
    }

    async fn decide(&self, b: BatchId, d: BatchDigest, k: Decision, s: &Stamp) -> Result<Batch> {
        let batch = self.inner.get(b).await?;
        let digest = match self.has(Fault::TakesAStaleApproval) {
            true => batch.digest(),
            false => d,
        };
        let mut stamp = s.clone();
        if self.has(Fault::TakesASelfApproval) && batch.makers().contains(&s.actor()) {
            let somebody = ActorId::derive(&s.actor(), "somebody");
            stamp = Stamp::new(s.at(), somebody, s.purpose().clone());
        }
        if self.has(Fault::KeepsWhatIsWithdrawn) && k == Decision::Withdraw {
            let lines = self.inner.lines(b, &[], &Page::largest()).await?;
            let held = lines.items().iter().map(|l| l.instruction().entitlement);
            self.withdrawn.lock().unwrap().extend(held);
        }
        match self.inner.decide(b, digest, k, &stamp).await {
            Err(Error::BatchState { .. }) if self.has(Fault::WithdrawsWhatIsReleased) => Ok(batch),
            answer => answer,
        }
    }

    async fn get(&self, b: BatchId) -> Result<Batch> {
        self.inner.get(b).await
    }

    async fn list(&self, p: ProgrammeId, c: CycleId, page: &Page) -> Result<Paged<Batch>> {
        let found = self.inner.list(p, c, page).await?;
        if self.has(Fault::SkipsABatch) && page.cursor().is_some() {
            let next = found.next().cloned();
            return Ok(Paged::new(found.into_items().split_off(1), next));
        }
        Ok(found)
    }

    async fn lines(&self, b: BatchId, s: &[LineState], page: &Page) -> Result<Paged<Line>> {
        let states = if self.has(Fault::IgnoresStates) {
            &[]
        } else {
            s
        };
        self.inner.lines(b, states, page).await
    }

    async fn find(&self, p: &[PaymentId]) -> Result<Vec<Option<Line>>> {
        if self.has(Fault::TakesTooMany) {
            let mut found = Vec::new();
            for some in p.chunks(BATCH_MAX) {
                found.extend(self.inner.find(some).await?);
            }
            return Ok(found);
        }
        self.inner.find(p).await
    }

    async fn record(&self, events: &[LineEvent], stamp: &Stamp) -> Result<Vec<Outcome>> {
        if self.fault.is_none() || self.has(Fault::TakesTooMany) {
            return self.inner.record(events, stamp).await;
        }
        if self.has(Fault::SplitsABatch) && events.len() > 10 {
            let (one, other) = events.split_at(events.len() / 2);
            let mut outcomes = self.inner.record(one, stamp).await?;
            self.wait_for_a_reader();
            outcomes.extend(self.inner.record(other, stamp).await?);
            return Ok(outcomes);
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        for event in events {
            let stopped = outcomes.iter().any(|outcome| !outcome.is_recorded());
            outcomes.push(match stopped && self.has(Fault::StopsAtARefusal) {
                true => Outcome::Refused(Refusal::UnknownPayment),
                false => self.hear(event, stamp).await?,
            });
        }
        Ok(outcomes)
    }

    async fn history(&self, p: PaymentId, page: &Page) -> Result<Paged<Recorded>> {
        let found = self.inner.history(p, page).await?;
        if self.has(Fault::ForgetsHistory) {
            let next = found.next().cloned();
            let mut items = found.into_items();
            items.retain(|recorded| recorded.event().kind.is_act());
            return Ok(Paged::new(items, next));
        }
        Ok(found)
    }

    async fn totals(&self, b: BatchId) -> Result<ControlTotals> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.has(Fault::ForgetsItsTotals) {
            let first = self.first_totals.lock().unwrap();
            if let Some((_, totals)) = first.iter().find(|(id, _)| *id == b) {
                return Ok(totals.clone());
            }
        }
        self.inner.totals(b).await
    }
}

/// Declares a test in which a case of the kit must catch a fault.
macro_rules! caught {
    ($($name:ident: $fault:ident by $case:ident, $message:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $message)]
        fn $name() {
            block_on(disbursement::$case(&harness(Some(Fault::$fault))));
        }
    )+};
}

caught! {
    a_lost_line_is_caught: DraftsWithoutTheLast
        by a_draft_is_read_as_it_was_said, "left == right";
    a_repeat_that_is_refused_is_caught: RefusesARepeatedDraft
        by a_draft_again_changes_nothing, "AlreadyExists";
    an_overwritten_draft_is_caught: OverwritesADraft
        by another_draft_under_the_id_is_refused, "Ok(Batch";
    an_approval_that_outlives_a_revision_is_caught: KeepsApprovals
        by a_revision_voids_approvals, "left: Approved";
    a_stale_revision_is_caught: TakesAStaleRevision
        by a_stale_revision_is_refused, "Ok(Batch";
    a_duplicate_that_is_dropped_is_caught: DropsADuplicate
        by a_payment_is_in_one_batch, "expected `PaymentTaken`";
    an_entitlement_paid_twice_is_caught: PaysAnEntitlementTwice
        by an_entitlement_is_paid_once, "expected `EntitlementTaken`";
    an_entitlement_paid_twice_at_once_is_caught: PaysAnEntitlementTwice
        by drafts_together_never_pay_twice, "one entitlement is paid by 4";
    two_reissues_of_one_payment_are_caught: PaysAnEntitlementTwice
        by a_reissue_waits_for_its_release, "two stand in for one";
    a_reissue_of_what_did_not_fail_is_caught: PaysAnEntitlementTwice
        by only_what_failed_is_reissued, "Ok(Batch";
    what_a_withdrawal_does_not_free_is_caught: KeepsWhatIsWithdrawn
        by a_withdrawn_batch_frees_what_it_held, "EntitlementTaken";

    a_stale_approval_is_caught: TakesAStaleApproval
        by a_stale_approval_does_not_count, "expected `DigestMismatch`";
    a_self_approval_is_caught: TakesASelfApproval
        by two_people_approve_a_batch, "Draft";
    a_withdrawal_after_the_release_is_caught: WithdrawsWhatIsReleased
        by a_released_batch_stands, "Ok(Batch";

    a_lost_event_is_caught: LosesAnEvent
        by events_move_lines_and_totals, "left == right";
    forgotten_idempotency_is_caught: ForgetsIdempotency
        by an_event_again_changes_nothing, "left == right";
    another_event_is_caught: ForgetsIdempotency
        by another_event_under_the_id_is_refused, "EventTaken";
    ignored_versions_are_caught: IgnoresVersions
        by a_stale_act_is_refused, "expected `Conflict`";
    a_refusal_told_as_success_is_caught: TellsTheRefused
        by what_is_not_released_does_not_move, "NotReleased";
    two_winners_are_caught: TellsTheRefused
        by one_of_two_acts_wins, "one payment was given to";
    a_split_batch_is_caught: SplitsABatch
        by a_reader_never_sees_half_a_batch, "half a batch was seen";
    a_batch_that_stops_at_a_refusal_is_caught: StopsAtARefusal
        by a_refused_event_spares_the_others, "left == right";
    an_overwritten_contradiction_is_caught: KeepsTheFirstWord
        by a_contradiction_is_kept, "Unresolved";
    a_replaced_payment_that_is_not_heard_is_caught: ForgetsWhatIsReplaced
        by a_replaced_payment_can_be_contested, "left: Returned";
    credited_told_as_received_is_caught: TakesCreditedForReceived
        by fees_and_receipts_stand_beside_the_totals, "credited is not received";

    too_large_a_batch_is_caught: TakesTooMany
        by too_many_at_once_are_refused, "store.find(&ids)";
    a_skipped_batch_is_caught: SkipsABatch
        by lists_go_on_where_they_ended, "left == right";
    lines_of_another_state_are_caught: IgnoresStates
        by lists_go_on_where_they_ended, "left == right";
    a_forgotten_event_is_caught: ForgetsHistory
        by history_tells_every_event, "left == right";
    forgotten_totals_are_caught: ForgetsItsTotals
        by events_move_lines_and_totals, "left == right";
    a_reissue_counted_twice_is_caught: ForgetsItsTotals
        by a_reissue_counts_once, "left == right";
    a_skipped_change_is_caught: SkipsAChange
        by the_feed_tells_every_write, "a cursor";
}

/// Random histories find what the cases find.
#[test]
#[should_panic(expected = "seed 3, step")]
fn a_random_history_catches_a_lost_event() {
    let harness = harness(Some(Fault::LosesAnEvent));
    block_on(disbursement::agrees_with_memory(&harness, 3, 200));
}

/// Comes back from a crash with nothing.
struct Forgetful;

#[async_trait]
impl Harness<dyn DisbursementStore> for Forgetful {
    async fn open(&self) -> Arc<dyn DisbursementStore> {
        Arc::new(MemoryDisbursementStore::new())
    }

    async fn reopen(&self, _: Arc<dyn DisbursementStore>) -> Arc<dyn DisbursementStore> {
        self.open().await
    }
}

#[test]
#[should_panic(expected = "NotFound")]
fn a_store_that_does_not_survive_a_crash_is_caught() {
    block_on(disbursement::what_was_answered_survives_a_crash(&Forgetful));
}
