//! Outside ledgers: one sound, and one for each promise that it breaks.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{Page, Paged};
use solidarity_payments::conformance::ledger as kit;
use solidarity_payments::{
    AMOUNT_MAX, Account, AccountBalance, AccountFilter, AccountFlags, AccountId, Balances,
    CreateAccountStatus, CreateTransferStatus as Status, LEDGER_BATCH_MAX, Ledger, LedgerExt,
    MemoryLedger, NewAccount, NewTransfer, Result, Timestamp, Transfer, TransferCode,
    TransferFlags, TransferId,
};

mod sound {
    use super::*;

    fn harness() -> impl Harness<dyn Ledger> {
        InMemory::new(|| Arc::new(MemoryLedger::new()) as Arc<dyn Ledger>)
    }

    solidarity_payments::ledger_conformance!(harness());

    #[test]
    fn agrees_with_memory() {
        let seed = solidarity_core::testing::seed();
        block_on(kit::agrees_with_memory(&harness(), seed, 300));
    }
}

/// The promise that a ledger breaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// Gives more than it takes.
    MakesMoney,
    /// Answers before the last batch is on disk.
    LosesABatch,
    /// Tries again what failed under the same id.
    ForgetsABurntId,
    /// Takes a repeat for another transfer.
    ForgetsIdempotency,
    /// Takes another transfer under a taken id for a repeat.
    TakesAnotherBody,
    /// Posts what was posted.
    PostsAPendingTwice,
    /// Reserves for ever.
    KeepsReservations,
    /// Lets accounts be overdrawn.
    IgnoresALimit,
    /// Books what it can of a chain.
    BooksHalfAChain,
    /// Books what it can of a batch that is too large.
    BooksHalfABatch,
    /// Lets a reader in between two transfers of a batch.
    ShowsHalfABatch,
    /// Books at the time that it is told.
    TrustsTheClock,
    /// Leaves out what a page begins with.
    SkipsAnEntry,
    /// Answers in an order of its own.
    AnswersOutOfOrder,
    /// Keeps no history.
    ForgetsHistory,
    /// Books on closed accounts.
    IgnoresClosing,
    /// Keeps amounts in 64 bits.
    CutsAmounts,
    /// Takes another account under a taken id for a repeat.
    TakesAnotherAccount,
    /// Moves what is asked for, whatever is left.
    IgnoresBalancing,
    /// Books a batch from its end.
    BooksBackwards,
    /// Puts right what is malformed.
    ForgivesMistakes,
    /// Books what comes from elsewhere at its own time.
    RestampsImports,
    /// Posts all of what is pending, whatever part is asked for.
    PostsAll,
    /// Voids whatever part is asked for.
    VoidsParts,
    /// Does not look at what a post says again.
    IgnoresWhatAPostSays,
    /// Keeps in memory only which ids are burnt.
    ForgetsABurntIdInACrash,
    /// Releases what is over when somebody writes, and not before.
    ShowsWhatIsOver,
    /// Gives the statuses in an order of its own.
    MixesUpStatuses,
    /// Stops between two transfers when its caller goes away.
    StopsHalfWay,
}

#[derive(Debug)]
struct Faulty {
    inner: MemoryLedger,
    fault: Fault,
    /// Everything that was asked, for a crash to lose the end of it.
    asked: Mutex<Vec<Asked>>,
    /// Under which other ids transfers were tried again.
    aliases: Mutex<HashMap<TransferId, TransferId>>,
    /// What the caller's clock said.
    told: Mutex<HashMap<TransferId, DateTime<Utc>>>,
    reads: AtomicUsize,
}

#[derive(Clone, Debug)]
enum Asked {
    Accounts(Vec<NewAccount>, DateTime<Utc>),
    Transfers(Vec<NewTransfer>, DateTime<Utc>),
}

impl Faulty {
    fn new(fault: Fault) -> Self {
        Self {
            inner: MemoryLedger::new(),
            fault,
            asked: Mutex::default(),
            aliases: Mutex::default(),
            told: Mutex::default(),
            reads: AtomicUsize::new(0),
        }
    }

    /// What the ledger beneath is asked to book instead of `new`.
    fn twisted(&self, mut new: NewTransfer, at: DateTime<Utc>) -> NewTransfer {
        match self.fault {
            Fault::BooksHalfAChain => new.flags = new.flags.without(TransferFlags::LINKED),
            Fault::KeepsReservations => new.timeout_seconds = 0,
            Fault::IgnoresClosing => {
                let closing = TransferFlags::CLOSING_DEBIT | TransferFlags::CLOSING_CREDIT;
                new.flags = new.flags.without(closing);
            }
            Fault::ForgetsABurntId => {
                new.id = *self.aliases.lock().unwrap().get(&new.id).unwrap_or(&new.id);
            }
            Fault::CutsAmounts => new.amount = new.amount.min(u128::from(u64::MAX)),
            Fault::IgnoresBalancing => {
                let balancing = TransferFlags::BALANCING_DEBIT | TransferFlags::BALANCING_CREDIT;
                new.flags = new.flags.without(balancing);
            }
            Fault::ForgivesMistakes if new.code.get() == 0 => new.code = TransferCode::new(1),
            Fault::RestampsImports => {
                new.flags = new.flags.without(TransferFlags::IMPORTED);
                new.timestamp = Timestamp::ZERO;
            }
            Fault::PostsAll if new.flags.contains(TransferFlags::POST_PENDING) => {
                new.amount = AMOUNT_MAX;
            }
            Fault::VoidsParts if new.flags.contains(TransferFlags::VOID_PENDING) => new.amount = 0,
            Fault::IgnoresWhatAPostSays => {
                if let Some(pending) = new.pending_id {
                    new = NewTransfer::post(new.id, pending, new.amount);
                }
            }
            Fault::TrustsTheClock => {
                self.told.lock().unwrap().insert(new.id, at);
            }
            _ => {}
        }
        new
    }

    /// What the caller is told instead of `status`.
    async fn answer(&self, new: &NewTransfer, status: Status, at: DateTime<Utc>) -> Status {
        let another = |mut new: NewTransfer| {
            new.id = TransferId::generate();
            new
        };
        match (self.fault, status) {
            (Fault::ForgetsABurntId, status) if status.is_transient() => {
                let mut aliases = self.aliases.lock().unwrap();
                aliases.insert(new.id, TransferId::generate());
                status
            }
            (Fault::ForgetsIdempotency, Status::Exists) => {
                let again = self.inner.create_transfer(another(*new), at).await;
                again.unwrap()
            }
            (Fault::TakesAnotherBody, Status::ExistsWithDifferentFlags) => Status::Exists,
            (Fault::PostsAPendingTwice, Status::PendingTransferAlreadyPosted) => {
                let settled = new.pending_id.unwrap();
                let pending = self.inner.find_transfer(settled).await.unwrap().unwrap();
                let mut again = another(*pending.body());
                again.flags = TransferFlags::NONE;
                self.inner.create_transfer(again, at).await.unwrap()
            }
            (_, status) => status,
        }
    }

    /// Books one after another, and waits for a reader after the first.
    async fn one_by_one(&self, new: &[NewTransfer], at: DateTime<Utc>) -> Result<Vec<Status>> {
        let mut statuses = Vec::new();
        for (n, new) in new.iter().enumerate() {
            statuses.push(self.inner.create_transfer(*new, at).await?);
            let before = self.reads.load(Ordering::SeqCst);
            // The second read from now began after this transfer was booked.
            // A reader that has seen enough reads no more.
            for _ in 0..1_000_000 {
                if n > 0 || self.reads.load(Ordering::SeqCst) >= before + 2 {
                    break;
                }
                thread::yield_now();
            }
        }
        Ok(statuses)
    }

    /// Books one after another, and gives way after each.
    async fn step_by_step(&self, new: &[NewTransfer], at: DateTime<Utc>) -> Result<Vec<Status>> {
        let mut statuses = Vec::new();
        for new in new {
            statuses.push(self.inner.create_transfer(*new, at).await?);
            let mut gave_way = false;
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                match std::mem::replace(&mut gave_way, true) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            })
            .await;
        }
        Ok(statuses)
    }

    /// Files what burnt its id as if it had burnt another one.
    fn forget_failures(&self, statuses: &[Status]) {
        if let Some(Asked::Transfers(last, _)) = self.asked.lock().unwrap().last_mut() {
            for (new, _) in last
                .iter_mut()
                .zip(statuses)
                .filter(|(_, s)| s.is_transient())
            {
                new.id = TransferId::generate();
            }
        }
    }

    /// What is there after a crash.
    async fn crashed(&self) -> Self {
        let after = Self::new(self.fault);
        let mut asked = self.asked.lock().unwrap().clone();
        if self.fault == Fault::LosesABatch {
            asked.pop();
        }
        for asked in asked {
            match asked {
                Asked::Accounts(new, at) => {
                    after.create_accounts(&new, at).await.unwrap();
                }
                Asked::Transfers(new, at) => {
                    after.create_transfers(&new, at).await.unwrap();
                }
            }
        }
        after
    }
}

#[async_trait]
impl Ledger for Faulty {
    async fn create_accounts(
        &self,
        accounts: &[NewAccount],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateAccountStatus>> {
        let mut accounts = accounts.to_vec();
        let limits = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS
            | AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS;
        for account in &mut accounts {
            match self.fault {
                Fault::IgnoresALimit => account.flags = account.flags.without(limits),
                Fault::ForgetsHistory => {
                    account.flags = account.flags.without(AccountFlags::HISTORY);
                }
                _ => {}
            }
        }
        let asked = Asked::Accounts(accounts.clone(), at);
        self.asked.lock().unwrap().push(asked);
        let mut statuses = self.inner.create_accounts(&accounts, at).await?;
        if self.fault == Fault::TakesAnotherAccount {
            for status in &mut statuses {
                if *status == CreateAccountStatus::ExistsWithDifferentFlags {
                    *status = CreateAccountStatus::Exists;
                }
            }
        }
        Ok(statuses)
    }

    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<Status>> {
        if self.fault == Fault::BooksHalfABatch && transfers.len() > LEDGER_BATCH_MAX {
            let half = transfers.iter().take(LEDGER_BATCH_MAX).copied();
            let half: Vec<_> = half.collect();
            self.inner.create_transfers(&half, at).await?;
        }
        let twisted: Vec<_> = transfers.iter().map(|new| self.twisted(*new, at)).collect();
        let asked = Asked::Transfers(twisted.clone(), at);
        self.asked.lock().unwrap().push(asked);
        if self.fault == Fault::ShowsHalfABatch {
            return self.one_by_one(&twisted, at).await;
        }
        if self.fault == Fault::BooksBackwards {
            let backwards: Vec<_> = twisted.into_iter().rev().collect();
            let mut statuses = self.inner.create_transfers(&backwards, at).await?;
            statuses.reverse();
            return Ok(statuses);
        }
        if self.fault == Fault::StopsHalfWay {
            return self.step_by_step(&twisted, at).await;
        }
        let mut statuses = self.inner.create_transfers(&twisted, at).await?;
        match self.fault {
            Fault::ForgetsABurntIdInACrash => self.forget_failures(&statuses),
            Fault::MixesUpStatuses => statuses.reverse(),
            _ => {}
        }
        for (new, status) in transfers.iter().zip(&mut statuses) {
            *status = self.answer(new, *status, at).await;
        }
        Ok(statuses)
    }

    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>> {
        let at = match self.fault {
            Fault::ShowsWhatIsOver => DateTime::UNIX_EPOCH,
            _ => at,
        };
        let mut accounts = self.inner.accounts(ids, at).await?;
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.fault == Fault::AnswersOutOfOrder {
            accounts.reverse();
        }
        if self.fault == Fault::MakesMoney {
            for account in accounts.iter_mut().flatten() {
                let sums = account.balances();
                let more = Balances {
                    credits_posted: sums.credits_posted.saturating_mul(2),
                    ..sums
                };
                *account = Account::from_parts(*account.body(), false, more, account.timestamp());
            }
        }
        Ok(accounts)
    }

    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
        let mut transfers = self.inner.transfers(ids).await?;
        for transfer in transfers.iter_mut().flatten() {
            if let Some(at) = self.told.lock().unwrap().get(&transfer.id()) {
                let at = Timestamp::try_from(*at)?;
                *transfer = Transfer::from_parts(*transfer.body(), at);
            }
        }
        Ok(transfers)
    }

    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>> {
        let paged = self.inner.account_transfers(filter, page).await?;
        let skipped = usize::from(self.fault == Fault::SkipsAnEntry && page.cursor().is_some());
        let next = paged.next().cloned();
        let items = paged.into_items().into_iter().skip(skipped).collect();
        Ok(Paged::new(items, next))
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        self.inner.account_balances(filter, page).await
    }
}

/// Opens faulty ledgers, and remembers them so that they can crash.
struct FaultyHarness {
    fault: Fault,
    opened: Mutex<Vec<Arc<Faulty>>>,
}

impl FaultyHarness {
    const fn of(fault: Fault) -> Self {
        Self {
            fault,
            opened: Mutex::new(Vec::new()),
        }
    }

    fn keep(&self, ledger: Faulty) -> Arc<dyn Ledger> {
        let ledger = Arc::new(ledger);
        self.opened.lock().unwrap().push(Arc::clone(&ledger));
        ledger
    }
}

#[async_trait]
impl Harness<dyn Ledger> for FaultyHarness {
    async fn open(&self) -> Arc<dyn Ledger> {
        self.keep(Faulty::new(self.fault))
    }

    async fn reopen(&self, _: Arc<dyn Ledger>) -> Arc<dyn Ledger> {
        let last = self.opened.lock().unwrap().last().cloned().unwrap();
        self.keep(last.crashed().await)
    }
}

macro_rules! caught {
    ($($test:ident: $fault:ident by $case:ident, $says:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $says)]
        fn $test() {
            block_on(kit::$case(&FaultyHarness::of(Fault::$fault)));
        }
    )+};
}

caught! {
    money_made: MakesMoney by money_moves_between_two_accounts, "the second got 10, gave 4";
    a_lost_batch: LosesABatch by what_was_answered_survives_a_crash, "a batch was lost";
    a_forgotten_burnt_id: ForgetsABurntId by a_transient_failure_burns_the_id,
        "a burnt id was forgotten";
    a_forgotten_repeat: ForgetsIdempotency by a_transfer_again_books_nothing,
        "twice in one batch";
    a_repeat_beside_others: ForgetsIdempotency by a_retried_transfer_is_booked_once,
        "one effect a key";
    another_body: TakesAnotherBody by another_transfer_under_an_id_is_refused,
        "the first field that differs";
    a_second_post: PostsAPendingTwice by a_pending_transfer_is_settled_once,
        "a reservation was settled twice";
    a_reservation_kept: KeepsReservations by a_reservation_expires,
        "an expired reservation is shown";
    an_overdraft: IgnoresALimit by a_limit_is_never_passed, "a limit was ignored";
    a_reserved_overdraft: IgnoresALimit by a_reservation_counts_against_the_limit,
        "a limit was ignored";
    an_overdraft_together: IgnoresALimit by spenders_together_never_overdraw,
        "what was answered is what there was";
    half_a_chain: BooksHalfAChain by a_broken_chain_books_nothing,
        "a chain is whole or nothing";
    half_a_batch: BooksHalfABatch by a_batch_over_the_limit_books_nothing,
        "a refused batch moved money";
    half_a_batch_seen: ShowsHalfABatch by a_reader_never_sees_half_a_batch,
        "a reader saw half a batch";
    time_going_back: TrustsTheClock by the_ledger_s_time_never_goes_back, "time went back";
    a_skipped_entry: SkipsAnEntry by a_statement_goes_on_where_it_ended,
        "a page ends before its list";
    answers_out_of_order: AnswersOutOfOrder by answers_come_in_the_order_asked,
        "[Some(0), None, Some(7), Some(0)]";
    no_history: ForgetsHistory by history_is_kept_where_it_is_asked_for, "left == right";
    amounts_cut: CutsAmounts by zero_and_the_largest_amount_move, "sums end at 128 bits";
    another_account: TakesAnotherAccount by accounts_are_opened_once, "left: [Exists, Exists,";
    balancing_ignored: IgnoresBalancing by balancing_takes_what_is_left, "what is left";
    a_batch_from_its_end: BooksBackwards by a_chain_that_holds_is_booked_whole,
        "each sees what came before it";
    mistakes_put_right: ForgivesMistakes by what_is_malformed_is_named, "which rule is broken";
    times_of_its_own: RestampsImports by imported_events_keep_their_times,
        "imported times ascend";
    a_part_posted_whole: PostsAll by a_part_is_posted_and_the_rest_released, "a part";
    a_part_voided: VoidsParts by a_void_releases_everything, "all of it";
    a_post_to_somebody_else: IgnoresWhatAPostSays by a_post_says_nothing_else,
        "what was reserved";
    a_closed_account_that_moves: IgnoresClosing by a_closed_account_takes_nothing,
        "a closed account moved";
    a_burnt_id_lost: ForgetsABurntIdInACrash by what_was_answered_survives_a_crash,
        "after the crash";
    a_reservation_shown: ShowsWhatIsOver by a_reservation_expires,
        "an expired reservation is shown";
    statuses_mixed_up: MixesUpStatuses by a_limit_is_never_passed, "a limit was ignored";
    half_a_batch_left: StopsHalfWay by a_dropped_call_is_whole_or_nothing,
        "a dropped call left half a batch";
}

#[test]
fn every_case_catches_a_fault() {
    let kit = include_str!("../../../crates/payments/src/conformance/ledger.rs");
    let list = kit.split("$crate::conformance::ledger,").nth(1).unwrap();
    let list = list.split(['[', ']']).nth(1).unwrap();
    let cases: Vec<_> = list
        .split(',')
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .collect();
    assert!(cases.len() > 25, "the cases were not found");
    for case in cases {
        let caught = include_str!("ledger.rs").contains(&format!(" by {case},"));
        assert!(caught, "no fault is caught by `{case}`");
    }
}

#[test]
fn the_book_tells_what_every_status_means() {
    let statuses = include_str!("../../../crates/payments/src/ledger/status.rs");
    let book = include_str!("../../../docs/src/ledger.md");
    let (accounts, transfers) = statuses
        .split_once("pub enum CreateTransferStatus")
        .unwrap();
    let (of_transfers, of_accounts) = book.split_once("| accounts | what it says").unwrap();
    for (statuses, page) in [(transfers, of_transfers), (accounts, of_accounts)] {
        let names: Vec<_> = statuses
            .lines()
            .filter_map(|line| line.split_once(" = \""))
            .collect();
        assert!(names.len() > 20, "the statuses were not found");
        for (_, name) in names {
            let name = name.trim_end_matches("\",");
            assert!(
                page.contains(&format!("`{name}`")),
                "{name} is not in the book"
            );
        }
    }
}
