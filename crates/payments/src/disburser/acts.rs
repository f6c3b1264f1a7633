//! What a [`Disburser`] does, each of its acts by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use solidarity_core::testing::block_on;
use solidarity_core::{
    Change, ChangeFeed, Clock, CycleId, Money, Page, Paged, PaymentId, ProgrammeId, Stamp,
};

use super::crash::{BANK, World, batch_id, chart, instruction, kes, new_batch, root};
use super::{Disburser, Terms};
use crate::{
    Answer, Batch, BatchDigest, BatchId, BatchState, Behavior, ControlTotals, Decision,
    DisbursementStore, Error, Fate, FinancialAddress, Finding, Instruction, LedgerExt, Line,
    LineEvent, LineState, MemoryDisbursementStore, Movement, NewBatch, Outcome, Rail, RailBooks,
    RailCode, Receipt, Recorded, Refusal, Resolution, Result, SimulatedRail, Standing,
    StatementEntry, Submission, TransferId,
};

pub(super) fn over(world: &World, rail: Arc<dyn Rail>) -> Disburser {
    let terms = Terms::default().with_patience(TimeDelta::zero());
    Disburser::new(world.store.clone(), world.ledger.clone(), rail, terms)
}

/// A world whose first payments have these fates, and a process in it that
/// released its batch.
fn released(count: usize, fates: &[Fate]) -> (World, Disburser, BatchId) {
    let script = |behavior: Behavior, (n, fate): (usize, &Fate)| {
        behavior.with_fate(instruction(n).id, fate.clone())
    };
    let behavior = fates.iter().enumerate().fold(Behavior::honest(), script);
    let world = World::new(count, behavior, 1);
    let process = over(&world, Arc::new(world.rail()));
    release(&world, &process);
    (world, process, batch_id("first"))
}

fn release(world: &World, process: &Disburser) {
    let first = batch_id("first");
    let digest = block_on(world.store.get(first)).unwrap().digest();
    block_on(process.release(first, digest, &world.by("cashier"))).unwrap();
}

fn state(world: &World, n: usize) -> LineState {
    let found = block_on(world.store.find(&[instruction(n).id])).unwrap();
    found[0].as_ref().unwrap().state()
}

fn days(world: &World, days: i64) {
    world.clock.advance(TimeDelta::days(days));
}

/// What the budget may still give.
pub(super) fn budget(world: &World) -> i128 {
    let found = world
        .ledger
        .find_account(chart().budget(), world.clock.now());
    let account = block_on(found).unwrap().unwrap();
    account.available(kes()).unwrap().minor()
}

#[test]
fn a_rail_that_recognizes_payments_is_sent_again_what_is_unknown() {
    let behavior = Behavior::honest()
        .with_fate(instruction(0).id, Fate::LosesAnswer)
        .with_fate(instruction(1).id, Fate::LosesRequest);
    let world = World::new(4, behavior, 1);
    let rail = Arc::new(world.rail().deduplicating());
    let process = over(&world, rail.clone());
    release(&world, &process);
    let first = batch_id("first");
    block_on(async {
        let sent = process.submit(first, &world.by("service")).await.unwrap();
        assert_eq!(sent[&LineState::Unknown], 2);
        let again = process
            .resend(first, &*rail, &world.by("service"))
            .await
            .unwrap();
        assert_eq!(again, [(LineState::InFlight, 2)].into());
        let nothing = process
            .resend(first, &*rail, &world.by("service"))
            .await
            .unwrap();
        assert!(nothing.is_empty(), "only what is unknown is sent again");

        let (books, clock) = (world.books.clone(), world.clock.clone());
        let code = RailCode::from_static("post");
        let other = SimulatedRail::open(code, 1, Behavior::honest(), books, clock);
        let other = other.unwrap().deduplicating();
        let refused = process.resend(first, &other, &world.by("service")).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");

        days(&world, 1);
        process.settle(None, &world.by("service")).await.unwrap();
        let totals = world.store.totals(first).await.unwrap();
        assert_eq!(totals.to_string(), "40.06 KES = 40.06 credited");
    });
    world.nobody_is_paid_twice("sent again");
}

#[test]
fn a_payment_without_news_is_overdue() {
    let (world, process, first) = released(2, &[Fate::LosesRequest]);
    let since = world.clock.now();
    block_on(process.submit(first, &world.by("service"))).unwrap();
    days(&world, 4);
    block_on(process.settle(None, &world.by("service"))).unwrap();
    let overdue = || block_on(process.overdue(first, &world.by("service"))).unwrap();
    assert_eq!(overdue(), []);
    days(&world, 1);
    let payment = instruction(0).id;
    assert_eq!(overdue(), [Finding::Missing { payment, since }]);
}

#[test]
fn what_is_cancelled_is_never_sent() {
    let (world, process, first) = released(3, &[]);
    let (ids, stamp) = ([0, 1].map(|n| instruction(n).id), world.by("officer"));
    block_on(async {
        let outcomes = process.cancel(&ids[..1], &stamp).await.unwrap();
        assert!(outcomes[0].is_recorded(), "{outcomes:?}");
        process.submit(first, &world.by("service")).await.unwrap();
        let late = process.cancel(&ids[1..], &stamp).await.unwrap();
        assert!(
            matches!(late[0], Outcome::Refused(Refusal::NotAllowed { .. })),
            "what the rail may have is not given up: {late:?}"
        );
        let nobody = process.cancel(&[PaymentId::generate()], &stamp).await;
        assert!(matches!(nobody, Err(Error::NotFound { .. })), "{nobody:?}");
        let sent = world.books.entries().unwrap();
        assert!(sent.iter().all(|entry| entry.payment != ids[0]) && sent.len() == 2);
        let kept = world.balance(chart().envelope(&first)).await;
        assert_eq!(kept, 1_000, "its money stays in the envelope");
    });
    let totals = block_on(world.store.totals(first)).unwrap();
    assert_eq!(
        totals.to_string(),
        "30.03 KES = 20.03 in_flight + 10.00 cancelled"
    );
}

#[test]
fn a_person_clears_up_what_the_rail_contradicts() {
    let (world, process, first) = released(1, &[Fate::Contradicts]);
    block_on(async {
        process.submit(first, &world.by("service")).await.unwrap();
        assert_eq!(state(&world, 0), LineState::Rejected);
        days(&world, 1);
        let settled = process.settle(None, &world.by("service")).await.unwrap();
        assert!(
            matches!(settled.findings[..], [Finding::Contradiction { .. }]),
            "{:?}",
            settled.findings
        );
        assert_eq!(state(&world, 0), LineState::Unresolved);
        assert_eq!(world.balance(chart().credited()).await, 0);
        let payment = instruction(0).id;
        let outcome = process
            .resolve(payment, Resolution::Credited, &world.by("officer"))
            .await
            .unwrap();
        assert!(outcome.is_recorded(), "{outcome:?}");
        assert_eq!(state(&world, 0), LineState::Credited);
        assert_eq!(world.balance(chart().credited()).await, 1_000);
    });
}

/// A program with a runtime of several threads spawns it.
#[test]
fn its_work_can_go_to_another_thread() {
    fn another_thread_s<T: Send>(_: &T) {}
    let (world, process, first) = released(1, &[]);
    let stamp = world.by("service");
    another_thread_s(&process.submit(first, &stamp));
    another_thread_s(&process.inquire(first, &stamp));
    another_thread_s(&process.settle(None, &stamp));
    another_thread_s(&process.overdue(first, &stamp));
}

/// What the rail calls credited is not received until the payee says so.
#[test]
fn the_payee_is_heard_and_moves_no_money() {
    let (world, process, first) = released(2, &[]);
    let payment = instruction(0).id;
    let hear = |receipt, source, at| {
        let stamp = world.by("line");
        let outcome = block_on(process.hear_payee(payment, receipt, source, at, &stamp));
        assert!(outcome.unwrap().is_recorded());
        let totals = block_on(world.store.totals(first)).unwrap();
        let said = (totals.confirmed_by_payee(), totals.denied_by_payee());
        assert_eq!(totals.to_string(), "20.01 KES = 20.01 credited");
        (said.0.payments, said.1.payments)
    };
    block_on(process.submit(first, &world.by("service"))).unwrap();
    days(&world, 1);
    block_on(process.settle(None, &world.by("service"))).unwrap();
    let at = world.by("line").at();
    assert_eq!(hear(Receipt::NotReceived, "first sms", at), (0, 1));
    days(&world, 1);
    // The first again, by a process that was killed meanwhile.
    assert_eq!(hear(Receipt::NotReceived, "first sms", at), (0, 1));
    let at = world.by("line").at();
    assert_eq!(hear(Receipt::Received, "second sms", at), (1, 0));
    assert_eq!(hear(Receipt::Received, "second sms", at), (1, 0));
}

/// A process that was killed between the reservation and the release leaves
/// money set aside, which a withdrawal or a revision gives back.
#[test]
fn what_was_reserved_for_a_batch_that_is_not_released_goes_back() {
    for withdraw in [true, false] {
        let world = World::new(3, Behavior::honest(), 1);
        let process = over(&world, Arc::new(world.rail()));
        block_on(async {
            let batch = world.store.get(batch_id("first")).await.unwrap();
            process.reserve(&batch, &world.by("cashier")).await.unwrap();
            assert_eq!(budget(&world), 100_000 - 3_003);
            if withdraw {
                let (id, digest) = (batch.id(), batch.digest());
                let gone = process.withdraw(id, digest, &world.by("maker")).await;
                assert_eq!(gone.unwrap().state(), BatchState::Withdrawn);
            } else {
                let new = new_batch("first", vec![instruction(1)]);
                let revised = process
                    .revise(&new, batch.digest(), &world.by("maker"))
                    .await
                    .unwrap();
                assert!(revised.approvals().is_empty());
            }
            assert_eq!(budget(&world), 100_000);
            process
                .resume(batch.id(), &world.by("service"))
                .await
                .unwrap();
            assert_eq!(budget(&world), 100_000);
        });
    }
}

#[test]
fn a_fee_that_the_budget_does_not_cover_is_told_and_holds_nothing_up() {
    let fee = "600.00 KES".parse().unwrap();
    let world = World::new(2, Behavior::honest().charging(fee), 1);
    let process = over(&world, Arc::new(world.rail()));
    release(&world, &process);
    block_on(process.submit(batch_id("first"), &world.by("service"))).unwrap();
    days(&world, 1);
    let settled = block_on(process.settle(None, &world.by("service"))).unwrap();
    let short = |f: &&Finding| matches!(f, Finding::FeeNotCovered { .. });
    assert_eq!(settled.findings.iter().filter(short).count(), 1);
    let totals = block_on(world.store.totals(batch_id("first"))).unwrap();
    assert_eq!(totals.to_string(), "20.01 KES = 20.01 credited");
    assert_eq!(totals.fees(), "1200.00 KES".parse().unwrap());
    assert_eq!(block_on(world.balance(chart().fees())), 60_000);
}

/// Tells what it told before with other amounts, once it is asked to.
#[derive(Debug)]
struct Altering(SimulatedRail, AtomicBool);

#[async_trait]
impl Rail for Altering {
    fn code(&self) -> &RailCode {
        self.0.code()
    }

    async fn submit(&self, submissions: &[Submission]) -> Result<Vec<Answer>> {
        self.0.submit(submissions).await
    }

    async fn inquire(&self, payments: &[PaymentId]) -> Result<Vec<Standing>> {
        self.0.inquire(payments).await
    }

    async fn statement(&self, page: &Page) -> Result<Paged<StatementEntry>> {
        let alters = self.1.load(Ordering::Relaxed);
        let more = |mut entry: StatementEntry| {
            if alters {
                entry.amount = entry.amount.checked_add(entry.amount).unwrap();
            }
            entry
        };
        Ok(self.0.statement(page).await?.map(more))
    }
}

#[test]
fn an_entry_that_is_told_otherwise_later_is_reported_and_changes_nothing() {
    let world = World::new(1, Behavior::honest(), 1);
    let rail = Arc::new(Altering(world.rail(), AtomicBool::new(false)));
    let process = over(&world, rail.clone());
    release(&world, &process);
    block_on(process.submit(batch_id("first"), &world.by("service"))).unwrap();
    days(&world, 1);
    let settle = || block_on(process.settle(None, &world.by("service"))).unwrap();
    assert!(matches!(settle().findings[..], [Finding::Exact { .. }]));
    rail.1.store(true, Ordering::Relaxed);
    let altered = |f: &Finding| matches!(f, Finding::Altered { .. });
    let findings = settle().findings;
    assert!(findings.iter().any(altered), "{findings:?}");
    assert_eq!(state(&world, 0), LineState::Credited);
}

#[test]
fn a_budget_that_does_not_suffice_releases_nothing() {
    let world = World::new(3, Behavior::honest(), 1);
    let big = Money::from_minor(99_000, kes()).unwrap();
    let dear = Instruction {
        amount: big,
        ..instruction(9)
    };
    block_on(async {
        let batch = world
            .approved(&new_batch("dear", vec![dear]))
            .await
            .unwrap();
        let process = over(&world, Arc::new(world.rail()));
        let first = world.store.get(batch_id("first")).await.unwrap();
        process
            .release(first.id(), first.digest(), &world.by("cashier"))
            .await
            .unwrap();
        let refused = process
            .release(batch.id(), batch.digest(), &world.by("cashier"))
            .await;
        match refused {
            Err(Error::InsufficientBudget { needed, .. }) => assert_eq!(needed, big),
            other => panic!("expected `InsufficientBudget`, got {other:?}"),
        }
        assert_eq!(
            world.store.get(batch.id()).await.unwrap().state(),
            BatchState::Approved
        );
        let early = process.submit(batch.id(), &world.by("service")).await;
        assert!(matches!(early, Err(Error::BatchState { .. })), "{early:?}");
        // More money comes, and the same release is made again.
        let id = TransferId::derive(&root(), "more");
        let more = chart().transfer(id, &Movement::Fund, big).unwrap();
        world
            .ledger
            .create_transfer(more, world.clock.now())
            .await
            .unwrap();
        let released = process
            .release(batch.id(), batch.digest(), &world.by("cashier"))
            .await;
        assert_eq!(released.unwrap().state(), BatchState::Released);
    });
}

/// A line that was changed behind the approval is not sent, nor any other.
#[test]
fn a_tampered_batch_is_not_sent() {
    #[derive(Debug)]
    struct Tampered(Arc<MemoryDisbursementStore>, Mutex<bool>);

    impl Tampered {
        fn swap(&self, mut line: Line) -> Line {
            if *self.1.lock().unwrap() && line.id() == instruction(2).id {
                line.instruction.address = FinancialAddress::account(BANK, "a cousin's").unwrap();
            }
            line
        }
    }

    #[async_trait]
    impl ChangeFeed for Tampered {
        async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
            self.0.changes_since(page).await
        }
    }

    #[async_trait]
    impl DisbursementStore for Tampered {
        async fn draft(&self, n: &NewBatch, r: Option<BatchDigest>, s: &Stamp) -> Result<Batch> {
            self.0.draft(n, r, s).await
        }

        async fn decide(
            &self,
            b: BatchId,
            d: BatchDigest,
            k: Decision,
            s: &Stamp,
        ) -> Result<Batch> {
            self.0.decide(b, d, k, s).await
        }

        async fn get(&self, b: BatchId) -> Result<Batch> {
            self.0.get(b).await
        }

        async fn list(&self, p: ProgrammeId, c: CycleId, page: &Page) -> Result<Paged<Batch>> {
            self.0.list(p, c, page).await
        }

        async fn lines(&self, b: BatchId, s: &[LineState], page: &Page) -> Result<Paged<Line>> {
            let found = self.0.lines(b, s, page).await?;
            Ok(found.map(|line| self.swap(line)))
        }

        async fn find(&self, p: &[PaymentId]) -> Result<Vec<Option<Line>>> {
            self.0.find(p).await
        }

        async fn record(&self, e: &[LineEvent], s: &Stamp) -> Result<Vec<Outcome>> {
            self.0.record(e, s).await
        }

        async fn history(&self, p: PaymentId, page: &Page) -> Result<Paged<Recorded>> {
            self.0.history(p, page).await
        }

        async fn totals(&self, b: BatchId) -> Result<ControlTotals> {
            self.0.totals(b).await
        }
    }

    let world = World::new(4, Behavior::honest(), 1);
    let store = Arc::new(Tampered(world.store.clone(), Mutex::new(true)));
    let rail = Arc::new(world.rail());
    let process = Disburser::new(store.clone(), world.ledger.clone(), rail, Terms::default());
    let first = batch_id("first");
    block_on(async {
        let digest = world.store.get(first).await.unwrap().digest();
        let refused = process.release(first, digest, &world.by("cashier")).await;
        assert!(
            matches!(refused, Err(Error::Tampered { .. })),
            "{refused:?}"
        );
        *store.1.lock().unwrap() = false;
        process
            .release(first, digest, &world.by("cashier"))
            .await
            .unwrap();
        *store.1.lock().unwrap() = true;
        let refused = process.submit(first, &world.by("service")).await;
        assert!(
            matches!(refused, Err(Error::Tampered { .. })),
            "{refused:?}"
        );
        assert!(world.books.entries().unwrap().is_empty());
    });
}
