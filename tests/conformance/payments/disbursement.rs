//! Disbursement: stores, rails and mappers as a stranger would test them, and
//! the liars that the kits must catch.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{
    ActorId, Change, ChangeFeed, CycleId, ManualClock, Money, Page, Paged, PaymentId, PersonId,
    ProgrammeId, Stamp,
};
use solidarity_payments::conformance::rail::RailHarness;
use solidarity_payments::conformance::{disbursement, mapper, rail};
use solidarity_payments::{
    AccountMapper, AddressResolution, Answer, Batch, BatchDigest, BatchId, Behavior, ControlTotals,
    Decision, DeduplicatingRail, DisbursementStore, Error, EventId, EventKind, FinancialAddress,
    Line, LineEvent, LineState, MemoryAccountMapper, MemoryBooks, MemoryDisbursementStore,
    NewBatch, Outcome, Rail, RailBooks, RailCode, Recorded, Result, SimulatedRail, Standing,
    StatementEntry, Submission,
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

/// What a careless back end gets wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    LosesAnEvent,
    TakesAStaleApproval,
    TakesASelfApproval,
    ForgetsIdempotency,
    IgnoresVersions,
    SplitsABatch,
    KeepsTheFirstWord,
    PaysAnEntitlementTwice,
    ForgetsItsTotals,
    SkipsAChange,
    TellsTheRefused,
    DraftsWithoutTheLast,
}

/// A memory store with a fault planted in it.
#[derive(Debug)]
struct Planted {
    inner: MemoryDisbursementStore,
    fault: Option<Fault>,
    reads: AtomicUsize,
    first_totals: Mutex<Vec<(BatchId, ControlTotals)>>,
}

fn harness(fault: Option<Fault>) -> impl Harness<dyn DisbursementStore> {
    InMemory::new(move || {
        Arc::new(Planted {
            inner: MemoryDisbursementStore::new(),
            fault,
            reads: AtomicUsize::new(0),
            first_totals: Mutex::default(),
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
        let drafted = self.inner.draft(&new, r, s).await;
        match drafted {
            Err(Error::EntitlementTaken { .. }) if self.has(Fault::PaysAnEntitlementTwice) => {
                for line in &mut new.instructions {
                    line.entitlement = solidarity_core::EntitlementId::generate();
                }
                self.inner.draft(&new, r, s).await
            }
            Ok(batch) => {
                let totals = self.inner.totals(batch.id()).await?;
                let mut first = self.first_totals.lock().unwrap();
                if !first.iter().any(|(id, _)| *id == batch.id()) {
                    first.push((batch.id(), totals));
                }
                Ok(batch)
            }
            refused => refused,
        }
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
        self.inner.decide(b, digest, k, &stamp).await
    }

    async fn get(&self, b: BatchId) -> Result<Batch> {
        self.inner.get(b).await
    }

    async fn list(&self, p: ProgrammeId, c: CycleId, page: &Page) -> Result<Paged<Batch>> {
        self.inner.list(p, c, page).await
    }

    async fn lines(&self, b: BatchId, s: &[LineState], page: &Page) -> Result<Paged<Line>> {
        self.inner.lines(b, s, page).await
    }

    async fn find(&self, p: &[PaymentId]) -> Result<Vec<Option<Line>>> {
        self.inner.find(p).await
    }

    async fn record(&self, events: &[LineEvent], stamp: &Stamp) -> Result<Vec<Outcome>> {
        if self.has(Fault::SplitsABatch) && events.len() > 10 {
            let (one, other) = events.split_at(events.len() / 2);
            let mut outcomes = self.inner.record(one, stamp).await?;
            self.wait_for_a_reader();
            outcomes.extend(self.inner.record(other, stamp).await?);
            return Ok(outcomes);
        }
        let mut outcomes = Vec::new();
        for event in events {
            let mut event = event.clone();
            let line = self.line(event.payment).await;
            if self.has(Fault::ForgetsIdempotency) {
                event.id = EventId::generate();
            }
            if self.has(Fault::IgnoresVersions) {
                event.expected = line.as_ref().map(Line::version);
            }
            let credit = matches!(event.kind, EventKind::Credited { .. });
            let settled = line.as_ref().filter(|l| l.state() == LineState::Credited);
            let lose = (self.has(Fault::LosesAnEvent) && credit)
                || (self.has(Fault::KeepsTheFirstWord) && settled.is_some());
            if let (true, Some(line)) = (lose, line) {
                let version = line.version().next();
                let state = LineState::Credited;
                outcomes.push(Outcome::Recorded { version, state });
                continue;
            }
            let outcome = self.inner.record(&[event], stamp).await?.remove(0);
            if self.has(Fault::TellsTheRefused) && !outcome.is_recorded() {
                let (version, state) = (solidarity_core::Version::FIRST, LineState::Prepared);
                outcomes.push(Outcome::Recorded { version, state });
            } else {
                outcomes.push(outcome);
            }
        }
        Ok(outcomes)
    }

    async fn history(&self, p: PaymentId, page: &Page) -> Result<Paged<Recorded>> {
        self.inner.history(p, page).await
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
    a_lost_event_is_caught: LosesAnEvent
        by events_move_lines_and_totals, "left == right";
    a_stale_approval_is_caught: TakesAStaleApproval
        by a_stale_approval_does_not_count, "expected `DigestMismatch`";
    a_self_approval_is_caught: TakesASelfApproval
        by two_people_approve_a_batch, "Draft";
    forgotten_idempotency_is_caught: ForgetsIdempotency
        by an_event_again_changes_nothing, "left == right";
    another_event_is_caught: ForgetsIdempotency
        by another_event_under_the_id_is_refused, "EventTaken";
    ignored_versions_are_caught: IgnoresVersions
        by a_stale_act_is_refused, "expected `Conflict`";
    a_split_batch_is_caught: SplitsABatch
        by a_reader_never_sees_half_a_batch, "half a batch was seen";
    an_overwritten_contradiction_is_caught: KeepsTheFirstWord
        by a_contradiction_is_kept, "Unresolved";
    an_entitlement_paid_twice_is_caught: PaysAnEntitlementTwice
        by an_entitlement_is_paid_once, "expected `EntitlementTaken`";
    an_entitlement_paid_twice_at_once_is_caught: PaysAnEntitlementTwice
        by drafts_together_never_pay_twice, "one entitlement is paid by 4";
    forgotten_totals_are_caught: ForgetsItsTotals
        by events_move_lines_and_totals, "left == right";
    a_reissue_counted_twice_is_caught: ForgetsItsTotals
        by a_reissue_counts_once, "left == right";
    a_skipped_change_is_caught: SkipsAChange
        by the_feed_tells_every_write, "a cursor";
    a_refusal_told_as_success_is_caught: TellsTheRefused
        by what_is_not_released_does_not_move, "NotReleased";
    two_winners_are_caught: TellsTheRefused
        by one_of_two_acts_wins, "one payment was given to";
    a_lost_line_is_caught: DraftsWithoutTheLast
        by a_draft_is_read_as_it_was_said, "left == right";
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

/// What a careless client of a rail gets wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lie {
    ForgetsWhatItAccepted,
    AnswersForSome,
    SkipsAnEntry,
    PaysTwice,
    ForgetsAfterTheEnd,
    TakesTooMany,
}

#[derive(Debug)]
struct LyingRail {
    inner: SimulatedRail,
    lie: Option<Lie>,
    sent: Mutex<HashSet<PaymentId>>,
}

impl LyingRail {
    fn lies(&self, lie: Lie) -> bool {
        self.lie == Some(lie)
    }
}

#[async_trait]
impl Rail for LyingRail {
    fn code(&self) -> &RailCode {
        self.inner.code()
    }

    async fn submit(&self, submissions: &[Submission]) -> Result<Vec<Answer>> {
        if self.lies(Lie::TakesTooMany) {
            self.inner.submit(&submissions[..1]).await?;
        }
        if self.lies(Lie::ForgetsAfterTheEnd) {
            // Keeps its keys in memory, so that a new process pays again.
            let mut answers = Vec::new();
            for one in submissions {
                answers.push(match self.sent.lock().unwrap().insert(one.payment) {
                    true => block_on(self.inner.submit(std::slice::from_ref(one)))?.remove(0),
                    false => Answer::NoAnswer,
                });
            }
            return Ok(answers);
        }
        let mut answers = self.inner.submit(submissions).await?;
        if self.lies(Lie::AnswersForSome) {
            answers.pop();
        }
        Ok(answers)
    }

    async fn inquire(&self, payments: &[PaymentId]) -> Result<Vec<Standing>> {
        let mut standings = self.inner.inquire(payments).await?;
        if self.lies(Lie::ForgetsWhatItAccepted) {
            for standing in &mut standings {
                if matches!(standing, Standing::Accepted { .. }) {
                    *standing = Standing::NotKnown;
                }
            }
        }
        Ok(standings)
    }

    async fn statement(&self, page: &Page) -> Result<Paged<StatementEntry>> {
        let found = self.inner.statement(page).await?;
        if self.lies(Lie::SkipsAnEntry) && page.cursor().is_some() && found.items().len() > 1 {
            let next = found.next().cloned();
            return Ok(Paged::new(found.into_items().split_off(1), next));
        }
        Ok(found)
    }
}

impl DeduplicatingRail for LyingRail {}

struct Bank {
    lie: Option<Lie>,
    clock: Arc<ManualClock>,
    books: Mutex<Arc<MemoryBooks>>,
}

impl Bank {
    fn new(lie: Option<Lie>) -> Self {
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        Self {
            lie,
            clock: Arc::new(ManualClock::at(start)),
            books: Mutex::default(),
        }
    }

    fn client(&self) -> Arc<dyn Rail> {
        let books: Arc<dyn RailBooks> = self.books.lock().unwrap().clone();
        let code = RailCode::from_static("bank");
        let inner = SimulatedRail::open(code, 7, Behavior::honest(), books, self.clock.clone());
        Arc::new(LyingRail {
            inner: inner.unwrap(),
            lie: self.lie,
            sent: Mutex::default(),
        })
    }
}

#[async_trait]
impl RailHarness for Bank {
    async fn open(&self) -> Arc<dyn Rail> {
        *self.books.lock().unwrap() = Arc::default();
        self.client()
    }

    async fn reopen(&self, _: Arc<dyn Rail>) -> Arc<dyn Rail> {
        self.client()
    }

    async fn let_time_pass(&self) {
        self.clock.advance(TimeDelta::days(10));
    }

    fn payable(&self) -> (FinancialAddress, Money) {
        let address = FinancialAddress::account(RailCode::from_static("bank"), "1");
        (address.unwrap(), "10.00 KES".parse().unwrap())
    }
}

mod honest_rail {
    use super::*;
    solidarity_payments::rail_conformance!(Bank::new(None));
}

macro_rules! rail_caught {
    ($($name:ident: $lie:ident by $case:ident, $message:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $message)]
        fn $name() {
            block_on(rail::$case(&Bank::new(Some(Lie::$lie))));
        }
    )+};
}

rail_caught! {
    a_rail_that_forgets_is_caught: ForgetsWhatItAccepted
        by what_was_accepted_is_known_for_ever, "an accepted payment is not known";
    a_rail_that_answers_for_some_is_caught: AnswersForSome
        by every_payment_is_answered_in_order, "one answer for each payment";
    a_statement_with_a_hole_is_caught: SkipsAnEntry
        by a_statement_goes_on_where_it_ended, "left == right";
    a_rail_that_pays_twice_is_caught: PaysTwice
        by the_same_payment_again_moves_nothing, "a payment was credited";
    a_rail_that_pays_twice_in_one_call_is_caught: PaysTwice
        by the_same_payment_twice_in_one_call_moves_once, "a payment was credited 2 times";
    a_rail_that_forgets_its_keys_is_caught: ForgetsAfterTheEnd
        by a_payment_is_recognized_for_as_long_as_it_lives, "a payment was credited 2 times";
    a_rail_that_sends_what_it_refuses_is_caught: TakesTooMany
        by too_many_are_refused, "NotKnown";
}

/// Leaves out who is not found, as a database join would.
#[derive(Debug)]
struct Joins(MemoryAccountMapper);

#[async_trait]
impl AccountMapper for Joins {
    async fn resolve(&self, payees: &[PersonId]) -> Result<Vec<AddressResolution>> {
        let mut answers = self.0.resolve(payees).await?;
        answers.retain(|answer| matches!(answer, AddressResolution::Found(_)));
        Ok(answers)
    }
}

#[test]
#[should_panic(expected = "left == right")]
fn a_mapper_that_lets_people_vanish_is_caught() {
    let make: &mapper::MakeMapper =
        &|known| Arc::new(Joins(MemoryAccountMapper::new(known.to_vec())));
    block_on(mapper::everyone_is_answered_in_order(make));
}
