//! A process that is killed at every call that it makes, and the one that
//! goes on after it: nobody is paid twice, and every sum agrees.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::{Random, block_on, seed};
use solidarity_core::{
    ActorId, Change, ChangeFeed, Clock, Currency, CycleId, EntitlementId, ManualClock, Money, Page,
    Paged, PaymentId, PersonId, ProgrammeId, Purpose, Retry, Stamp, StoreFault,
};

use super::{Disburser, Terms};
use crate::{
    Account, AccountBalance, AccountFilter, AccountId, Answer, Batch, BatchDigest, BatchId,
    Behavior, Booked, Bucket, Chart, ControlTotals, CreateAccountStatus, CreateTransferStatus,
    Decision, DisbursementStore, Fate, FinancialAddress, Instruction, Ledger, LedgerExt, Line,
    LineEvent, LineState, MemoryBooks, MemoryDisbursementStore, MemoryLedger, Movement, NewAccount,
    NewBatch, NewTransfer, Outcome, Rail, RailBooks, RailCode, Reason, Recorded, Result,
    SimulatedRail, Standing, StatementEntry, Submission, Transfer, TransferId,
};

/// Burns down one call at a time; from then on nothing answers.
#[derive(Debug)]
struct Fuse {
    calls: AtomicU64,
    length: u64,
    /// Whether the call at which it ends still takes effect.
    after: bool,
}

impl Fuse {
    fn new(length: u64, after: bool) -> Arc<Self> {
        let calls = AtomicU64::new(0);
        Arc::new(Self {
            calls,
            length,
            after,
        })
    }

    fn is_burnt(&self) -> bool {
        self.calls.load(Ordering::Relaxed) >= self.length
    }

    /// Runs a call: whole, only its effect, or not at all.
    async fn run<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let dead = || StoreFault::new("live", Retry::AfterInquiry, "the process was killed");
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if number < self.length {
            return call.await;
        }
        if number == self.length && self.after {
            drop(call.await);
        }
        Err(dead().into())
    }
}

/// Something outside, as a process reaches it until its fuse is burnt.
#[derive(Debug)]
struct Fused<T>(T, Arc<Fuse>);

#[async_trait]
impl<T: DisbursementStore> ChangeFeed for Fused<T> {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        self.0.changes_since(page).await
    }
}

#[async_trait]
impl<T: DisbursementStore> DisbursementStore for Fused<T> {
    async fn draft(&self, n: &NewBatch, r: Option<BatchDigest>, s: &Stamp) -> Result<Batch> {
        self.1.run(self.0.draft(n, r, s)).await
    }

    async fn decide(&self, b: BatchId, d: BatchDigest, k: Decision, s: &Stamp) -> Result<Batch> {
        self.1.run(self.0.decide(b, d, k, s)).await
    }

    async fn get(&self, b: BatchId) -> Result<Batch> {
        self.1.run(self.0.get(b)).await
    }

    async fn list(&self, p: ProgrammeId, c: CycleId, page: &Page) -> Result<Paged<Batch>> {
        self.1.run(self.0.list(p, c, page)).await
    }

    async fn lines(&self, b: BatchId, s: &[LineState], page: &Page) -> Result<Paged<Line>> {
        self.1.run(self.0.lines(b, s, page)).await
    }

    async fn find(&self, p: &[PaymentId]) -> Result<Vec<Option<Line>>> {
        self.1.run(self.0.find(p)).await
    }

    async fn record(&self, e: &[LineEvent], s: &Stamp) -> Result<Vec<Outcome>> {
        self.1.run(self.0.record(e, s)).await
    }

    async fn history(&self, p: PaymentId, page: &Page) -> Result<Paged<Recorded>> {
        self.1.run(self.0.history(p, page)).await
    }

    async fn totals(&self, b: BatchId) -> Result<ControlTotals> {
        self.1.run(self.0.totals(b)).await
    }
}

#[async_trait]
impl<T: Ledger> Ledger for Fused<T> {
    async fn create_accounts(
        &self,
        accounts: &[NewAccount],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateAccountStatus>> {
        self.1.run(self.0.create_accounts(accounts, at)).await
    }

    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateTransferStatus>> {
        self.1.run(self.0.create_transfers(transfers, at)).await
    }

    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>> {
        self.1.run(self.0.accounts(ids, at)).await
    }

    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
        self.1.run(self.0.transfers(ids)).await
    }

    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>> {
        self.1.run(self.0.account_transfers(filter, page)).await
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        self.1.run(self.0.account_balances(filter, page)).await
    }
}

#[async_trait]
impl<T: Rail> Rail for Fused<T> {
    fn code(&self) -> &RailCode {
        self.0.code()
    }

    async fn submit(&self, submissions: &[Submission]) -> Result<Vec<Answer>> {
        self.1.run(self.0.submit(submissions)).await
    }

    async fn inquire(&self, payments: &[PaymentId]) -> Result<Vec<Standing>> {
        self.1.run(self.0.inquire(payments)).await
    }

    async fn statement(&self, page: &Page) -> Result<Paged<StatementEntry>> {
        self.1.run(self.0.statement(page)).await
    }
}

/// What outlives a process: the store, the ledger, the bank, the time.
pub(super) struct World {
    pub(super) store: Arc<MemoryDisbursementStore>,
    pub(super) ledger: Arc<MemoryLedger>,
    pub(super) books: Arc<MemoryBooks>,
    pub(super) clock: Arc<ManualClock>,
    behavior: Behavior,
    seed: u64,
    lines: Vec<Instruction>,
}

pub(super) const BANK: RailCode = RailCode::from_static("bank");
/// Long enough for money to come back.
const DAYS: usize = 4;
/// More calls than all the work takes.
const CALLS_MAX: u64 = 2_000;

pub(super) fn root() -> PersonId {
    PersonId::from_uuid(Default::default())
}

pub(super) fn kes() -> Currency {
    "KES".parse().unwrap()
}

pub(super) fn chart() -> Chart {
    Chart::new(ProgrammeId::derive(&root(), "programme"), kes())
}

pub(super) fn batch_id(name: &str) -> BatchId {
    BatchId::derive(&root(), name)
}

pub(super) fn instruction(n: usize) -> Instruction {
    let entitlement = EntitlementId::derive(&root(), &n.to_string());
    Instruction::new(
        PaymentId::derive(&entitlement, "payment"),
        PersonId::derive(&root(), &n.to_string()),
        FinancialAddress::account(BANK, n.to_string()).unwrap(),
        Money::from_minor(1_000 + i128::try_from(n).unwrap(), kes()).unwrap(),
        entitlement,
    )
}

pub(super) fn new_batch(name: &str, instructions: Vec<Instruction>) -> NewBatch {
    let programme = ProgrammeId::derive(&root(), "programme");
    let cycle = CycleId::derive(&root(), "cycle");
    NewBatch::new(batch_id(name), programme, cycle, kes(), instructions)
}

impl World {
    /// A funded programme and a bank with `behavior`, that pays `count` people.
    pub(super) fn new(count: usize, behavior: Behavior, seed: u64) -> Self {
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let world = Self {
            store: Arc::new(MemoryDisbursementStore::new()),
            ledger: Arc::new(MemoryLedger::new()),
            books: Arc::new(MemoryBooks::new()),
            clock: Arc::new(ManualClock::at(start)),
            behavior,
            seed,
            lines: (0..count).map(instruction).collect(),
        };
        block_on(async {
            let accounts = chart().accounts(&[BANK]);
            world
                .ledger
                .create_accounts(&accounts, start)
                .await
                .unwrap();
            let id = TransferId::derive(&root(), "fund");
            let money = "1000.00 KES".parse().unwrap();
            let fund = chart().transfer(id, &Movement::Fund, money).unwrap();
            assert!(
                world
                    .ledger
                    .create_transfer(fund, start)
                    .await
                    .unwrap()
                    .is_held()
            );
            world
                .approved(&new_batch("first", world.lines.clone()))
                .await
                .unwrap();
        });
        world
    }

    pub(super) fn by(&self, name: &str) -> Stamp {
        let actor = ActorId::derive(&root(), name);
        Stamp::new(self.clock.now(), actor, Purpose::from_static("payment"))
    }

    pub(super) async fn approved(&self, new: &NewBatch) -> Result<Batch> {
        let mut batch = self.store.draft(new, None, &self.by("maker")).await?;
        for who in ["first", "second"] {
            let (id, digest) = (batch.id(), batch.digest());
            let approve = Decision::Approve;
            batch = self
                .store
                .decide(id, digest, approve, &self.by(who))
                .await?;
        }
        Ok(batch)
    }

    pub(super) fn rail(&self) -> SimulatedRail {
        let (books, clock) = (self.books.clone(), self.clock.clone());
        SimulatedRail::open(BANK, self.seed, self.behavior.clone(), books, clock).unwrap()
    }

    fn process(&self, fuse: &Arc<Fuse>) -> Disburser {
        let terms = Terms::default().with_patience(TimeDelta::zero());
        Disburser::new(
            Arc::new(Fused(self.store.clone(), fuse.clone())),
            Arc::new(Fused(self.ledger.clone(), fuse.clone())),
            Arc::new(Fused(self.rail(), fuse.clone())),
            terms.with_chunk(3).unwrap(),
        )
    }

    /// What a process does from start to end: pay, wait, ask, read the
    /// statement; then pay again to corrected addresses what failed.
    async fn work(&self, process: &Disburser) -> Result<()> {
        let first = batch_id("first");
        let digest = self.store.get(first).await?.digest();
        process.release(first, digest, &self.by("cashier")).await?;
        self.days(process, first).await?;
        // What fails later than this is another batch's.
        let second = match self.store.get(batch_id("second")).await {
            Ok(second) => second,
            Err(_) => match self.reissues(first).await {
                reissues if reissues.is_empty() => return Ok(()),
                reissues => self.approved(&new_batch("second", reissues)).await?,
            },
        };
        process
            .release(second.id(), second.digest(), &self.by("cashier"))
            .await?;
        self.days(process, second.id()).await
    }

    async fn reissues(&self, batch: BatchId) -> Vec<Instruction> {
        let corrected = |line: &Line| {
            let address = FinancialAddress::account(BANK, "corrected").unwrap();
            let again = line.instruction().reissue(address);
            line.check_reissue(&again).ok().map(|()| again)
        };
        self.all(batch).await.iter().filter_map(corrected).collect()
    }

    async fn days(&self, process: &Disburser, batch: BatchId) -> Result<()> {
        for _ in 0..DAYS {
            process.submit(batch, &self.by("service")).await?;
            process.inquire(batch, &self.by("service")).await?;
            self.clock.advance(TimeDelta::days(1));
            process.settle(None, &self.by("service")).await?;
        }
        process.resume(batch, &self.by("service")).await
    }

    async fn all(&self, batch: BatchId) -> Vec<Line> {
        let found = self.store.lines(batch, &[], &Page::largest()).await;
        found.unwrap().into_items()
    }

    /// What must hold whenever a process was killed.
    pub(super) fn nobody_is_paid_twice(&self, place: &str) {
        let mut paid: HashMap<PaymentId, u32> = HashMap::new();
        for entry in self.books.entries().unwrap() {
            if entry.booked == Booked::Paid {
                *paid.entry(entry.payment).or_default() += 1;
            }
        }
        assert!(
            paid.values().all(|times| *times == 1),
            "{place}: paid twice"
        );
    }

    /// What must hold when the work is done.
    async fn everything_agrees(&self, place: &str) {
        self.nobody_is_paid_twice(place);
        let mut sum = ControlTotals::empty(kes());
        let mut envelopes = 0;
        for name in ["first", "second"] {
            let Ok(totals) = self.store.totals(batch_id(name)).await else {
                continue;
            };
            assert_eq!(totals.check(), Ok(()), "{place}");
            let of = |bucket| totals.bucket(bucket).amount.minor();
            let kept = of(Bucket::NotSubmitted) + of(Bucket::Rejected) + of(Bucket::Cancelled);
            let envelope = self.balance(chart().envelope(&batch_id(name))).await;
            assert_eq!(envelope, kept, "{place}: the envelope of {name}");
            envelopes += envelope;
            sum = sum.plus(&totals).unwrap();
            for line in self.all(batch_id(name)).await {
                let settled = !matches!(
                    line.state(),
                    LineState::Prepared
                        | LineState::Submitting
                        | LineState::InFlight
                        | LineState::Unknown
                );
                assert!(settled, "{place}: a payment is {:?}", line.state());
            }
        }
        let of = |bucket| sum.bucket(bucket).amount.minor();
        let in_transit = of(Bucket::InFlight) + of(Bucket::Unresolved);
        let fees = sum.fees().minor();
        let envelope = sum.envelope().amount.minor();
        for (account, expected) in [
            (chart().in_transit(&BANK), in_transit),
            (chart().credited(), of(Bucket::Credited)),
            (chart().returned(), of(Bucket::Returned)),
            (chart().fees(), fees),
            (chart().budget(), 100_000 - envelope - fees),
        ] {
            let balance = self.balance(account).await;
            assert_eq!(balance, expected, "{place}: {sum}");
        }
        assert_eq!(
            envelopes + in_transit + of(Bucket::Credited) + of(Bucket::Returned),
            envelope
        );
    }

    pub(super) async fn balance(&self, account: AccountId) -> i128 {
        let found = self.ledger.find_account(account, self.clock.now()).await;
        found
            .unwrap()
            .map_or(0, |a| a.balance(kes()).unwrap().minor())
    }

    /// Lets a process work until its fuse is burnt; whether it got to the end.
    fn run(&self, length: u64, after: bool) -> bool {
        let fuse = Fuse::new(length, after);
        let process = self.process(&fuse);
        match block_on(self.work(&process)) {
            Ok(()) => true,
            Err(_) if fuse.is_burnt() => false,
            Err(error) => panic!("stopped alive: {error:?}"),
        }
    }
}

/// One payment of every fate.
fn every_fate() -> World {
    let fee = Money::from_minor(15, kes()).unwrap();
    let mut behavior = Behavior::honest().charging(fee);
    for (n, fate) in [
        Fate::Prompt,
        Fate::LosesAnswer,
        Fate::LosesRequest,
        Fate::Rejects(Reason::AccountClosed),
        Fate::Returns(Reason::NotCollected),
        Fate::Slow,
        Fate::RepeatsLine,
        Fate::Contradicts,
    ]
    .into_iter()
    .enumerate()
    {
        behavior = behavior.with_fate(instruction(n).id, fate);
    }
    World::new(8, behavior, 1)
}

/// Kills a process at its first call, at its second, and so on to its last.
fn kill_at_every_call(after: bool) {
    for length in 1..CALLS_MAX {
        let world = every_fate();
        let place = format!("killed at call {length}, after its effect: {after}");
        let finished = world.run(length, after);
        world.nobody_is_paid_twice(&place);
        assert!(world.run(u64::MAX, false), "{place}");
        block_on(world.everything_agrees(&place));
        if finished {
            assert!(length > 150, "the work took only {length} calls");
            return;
        }
    }
    panic!("the work takes more than {CALLS_MAX} calls");
}

#[test]
fn killed_before_any_call_and_run_again_it_goes_on() {
    kill_at_every_call(false);
}

#[test]
fn killed_after_any_call_and_run_again_it_goes_on() {
    kill_at_every_call(true);
}

/// Many kills in a row, at random, on a rail that does everything wrong.
#[test]
fn killed_again_and_again_it_comes_to_the_end() {
    let seed = seed();
    let mut random = Random::new(seed);
    for history in 0..60 {
        let place = format!("seed {seed}, history {history}");
        let mut behavior = Behavior::troubled();
        behavior.loses_answers = 30;
        behavior.loses_requests = 15;
        let world = World::new(12, behavior, random.next());
        for _ in 0..random.below(6) {
            world.run(1 + random.below(250), random.chance(50));
            world.nobody_is_paid_twice(&place);
        }
        // The last words of a slow rail come after the last kill.
        for _ in 0..3 {
            assert!(world.run(u64::MAX, false), "{place}");
        }
        block_on(world.everything_agrees(&place));
    }
}

#[test]
fn every_fate_ends_as_it_should() {
    let world = every_fate();
    assert!(world.run(u64::MAX, false));
    let states: Vec<LineState> = block_on(async {
        let mut states = Vec::new();
        for instruction in &world.lines {
            let line = world.store.find(&[instruction.id]).await.unwrap().remove(0);
            states.push(line.unwrap().state());
        }
        states
    });
    let expected = [
        LineState::Credited,
        LineState::Credited,
        LineState::Credited,
        LineState::Rejected,
        LineState::Returned,
        LineState::Credited,
        LineState::Credited,
        LineState::Unresolved,
    ];
    assert_eq!(states, expected);
    let totals = block_on(world.store.totals(batch_id("first"))).unwrap();
    // 0 to 6 were credited, two of them by a reissue; 7 is contradicted.
    assert_eq!(
        totals.to_string(),
        "80.28 KES = 70.21 credited + 10.07 unresolved"
    );
}

/// Two processes at once: one of them sends each payment.
#[test]
fn two_processes_pay_nobody_twice() {
    for round in 0..20 {
        let world = World::new(12, Behavior::troubled(), round);
        let first = batch_id("first");
        let open = Fuse::new(u64::MAX, false);
        block_on(async {
            let process = world.process(&open);
            let digest = world.store.get(first).await.unwrap().digest();
            process
                .release(first, digest, &world.by("cashier"))
                .await
                .unwrap();
        });
        // One bank for both, as there is one bank.
        let rail: Arc<dyn Rail> = Arc::new(world.rail());
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let terms = Terms::default().with_chunk(2).unwrap();
                    let (store, ledger) = (world.store.clone(), world.ledger.clone());
                    let process = Disburser::new(store, ledger, rail.clone(), terms);
                    block_on(async {
                        process.submit(first, &world.by("service")).await.unwrap();
                        process.inquire(first, &world.by("service")).await.unwrap();
                    });
                });
            }
        });
        world.nobody_is_paid_twice(&format!("round {round}"));
        let books = world.books.entries().unwrap();
        assert_eq!(
            books.len(),
            12,
            "each is sent once: patience keeps them from asking"
        );
    }
}
