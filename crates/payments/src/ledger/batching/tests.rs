use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use solidarity_core::testing::{Harness, InMemory, Random, block_on, seed, watched};
use solidarity_core::{Invalid, Retry, StoreFault};
use uuid::Uuid;

use super::*;
use crate::CreateTransferStatus::{Created, ExceedsCredits, LinkedEventChainOpen};
use crate::conformance::ledger as kit;
use crate::ledger::{
    AccountCode, AccountFlags, LEDGER_BATCH_MAX, LedgerExt, LedgerNumber, MemoryLedger,
    TransferCode, TransferFlags,
};
use crate::{Error, ledger_conformance};

/// A handle whose driver runs on a thread, until the handle is dropped.
fn driven(ledger: impl Ledger) -> Arc<dyn Ledger> {
    let (handle, driver) = Batching::new(ledger);
    thread::spawn(|| block_on(driver));
    Arc::new(handle)
}

fn harness() -> impl Harness<dyn Ledger> {
    InMemory::new(|| driven(MemoryLedger::new()))
}

ledger_conformance!(harness());

#[test]
fn agrees_with_memory() {
    block_on(kit::agrees_with_memory(&harness(), seed(), 300));
}

/// What becomes of one call, besides what the ledger makes of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// Nothing is booked.
    Before(Retry),
    /// It is booked, and the answer is lost.
    After,
    /// One status too few is answered.
    Miscounts,
    /// It never ends.
    Hangs,
}

/// A ledger that remembers how it was asked, and fails as it is told. It
/// refuses what has the code [`REFUSED`].
#[derive(Debug, Default)]
struct Scripted {
    inner: MemoryLedger,
    asked: Mutex<Vec<Asked>>,
    faults: Mutex<VecDeque<Fault>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Asked {
    Accounts(usize, i64),
    Transfers(usize, i64),
}

const REFUSED: TransferCode = TransferCode::new(99);

impl Scripted {
    fn told(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn fail(&self, fault: Fault) {
        self.faults.lock().unwrap().push_back(fault);
    }
}

#[async_trait]
impl Ledger for Scripted {
    async fn create_accounts(
        &self,
        accounts: &[NewAccount],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateAccountStatus>> {
        let asked = Asked::Accounts(accounts.len(), at.timestamp());
        self.asked.lock().unwrap().push(asked);
        self.inner.create_accounts(accounts, at).await
    }

    async fn create_transfers(
        &self,
        transfers: &[NewTransfer],
        at: DateTime<Utc>,
    ) -> Result<Vec<CreateTransferStatus>> {
        let asked = Asked::Transfers(transfers.len(), at.timestamp());
        self.asked.lock().unwrap().push(asked);
        if transfers.iter().any(|new| new.code == REFUSED) {
            return Err(Invalid::new("code", "must be another one").into());
        }
        let fault = self.faults.lock().unwrap().pop_front();
        let lost = |retry| Err(StoreFault::new("book", retry, "planted").into());
        match fault {
            None => self.inner.create_transfers(transfers, at).await,
            Some(Fault::Before(retry)) => lost(retry),
            Some(Fault::Hangs) => std::future::pending().await,
            Some(fault) => {
                let mut statuses = self.inner.create_transfers(transfers, at).await?;
                statuses.pop();
                match fault {
                    Fault::Miscounts => Ok(statuses),
                    _ => lost(Retry::AfterInquiry),
                }
            }
        }
    }

    async fn accounts(&self, ids: &[AccountId], at: DateTime<Utc>) -> Result<Vec<Option<Account>>> {
        self.inner.accounts(ids, at).await
    }

    async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
        self.inner.transfers(ids).await
    }

    async fn account_transfers(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<Transfer>> {
        self.inner.account_transfers(filter, page).await
    }

    async fn account_balances(
        &self,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Paged<AccountBalance>> {
        self.inner.account_balances(filter, page).await
    }
}

type Driving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A handle to a scripted ledger in which the accounts 1 to 3 are open, of
/// which 3 cannot be overdrawn; and its driver, which runs when it is polled.
fn scripted() -> (Batching<Scripted>, Driving) {
    let ledger = Scripted::default();
    let mut accounts = [1, 2, 3].map(account);
    accounts[2] = accounts[2].with_flags(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS);
    block_on(ledger.inner.create_accounts(&accounts, at(0))).unwrap();
    let (handle, driver) = Batching::new(ledger);
    (handle, Box::pin(driver))
}

fn poll<F: Future + Unpin + ?Sized>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// What `caller` was answered.
fn answer<T>(mut caller: impl Future<Output = T> + Unpin) -> T {
    match poll(&mut caller) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("nobody answered"),
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_000 + seconds, 0).unwrap()
}

fn id(n: u128) -> TransferId {
    TransferId::from_uuid(Uuid::from_u128(n))
}

fn account(n: u128) -> NewAccount {
    let id = AccountId::from_uuid(Uuid::from_u128(n));
    NewAccount::new(id, LedgerNumber::new(404), AccountCode::new(1))
}

/// The transfer `n` of 1 from account 1 to account 2.
fn one(n: u128) -> NewTransfer {
    let [from, to] = [1, 2].map(|n| account(n).id);
    let (ledger, code) = (LedgerNumber::new(404), TransferCode::new(1));
    NewTransfer::new(id(n), from, to, ledger, 1, code)
}

/// One that account 3 has no money for.
fn overdraft(n: u128) -> NewTransfer {
    let mut new = one(n);
    new.debit_account = account(3).id;
    new
}

/// How much account 2 was given.
fn given(ledger: &impl Ledger) -> u128 {
    let found = block_on(ledger.find_account(account(2).id, at(0)));
    found.unwrap().unwrap().balances().credits_posted
}

#[test]
fn what_gathers_is_one_batch_and_each_gets_its_own_answers() {
    let (ledger, mut driver) = scripted();
    let batches = [vec![one(1), overdraft(2)], vec![], vec![one(3)]];
    let mut callers: Vec<_> = (1..)
        .zip(&batches)
        .map(|(seconds, batch)| ledger.create_transfers(batch, at(10 - seconds)))
        .collect();
    for caller in &mut callers {
        assert!(poll(caller).is_pending());
    }
    assert!(poll(&mut driver).is_pending());
    assert_eq!(ledger.ledger.told(), [Asked::Transfers(3, 1_009)]);
    let answers: Vec<_> = callers.into_iter().map(|c| answer(c).unwrap()).collect();
    assert_eq!(
        answers,
        [vec![Created, ExceedsCredits], vec![], vec![Created]]
    );
}

/// Events that would be a part of another's chain, or of another's import, and
/// accounts and transfers, are in batches of their own, in order.
#[test]
fn what_would_change_another_s_answer_is_not_joined() {
    let (ledger, mut driver) = scripted();
    let imported = |n| {
        let mut old = one(n).with_flags(TransferFlags::IMPORTED);
        old.timestamp = Timestamp::from_nanos(1_003_000_000_000 + u64::try_from(n).unwrap());
        old
    };
    let batches = [
        vec![one(1).as_linked(), one(2)],
        vec![one(3), one(4).as_linked()],
        vec![one(5)],
        vec![imported(6)],
        vec![imported(7)],
        vec![one(8)],
    ];
    let mut callers: Vec<_> = (1..)
        .zip(&batches)
        .map(|(seconds, batch)| ledger.create_transfers(batch, at(seconds)))
        .collect();
    let opened = [account(4)];
    let mut opening = ledger.create_accounts(&opened, at(7));
    let to_new = [NewTransfer {
        credit_account: account(4).id,
        ..one(9)
    }];
    let mut last = ledger.create_transfers(&to_new, at(8));
    for caller in &mut callers {
        assert!(poll(caller).is_pending());
    }
    assert!(poll(&mut opening).is_pending() && poll(&mut last).is_pending());
    assert!(poll(&mut driver).is_pending());

    let [transfers, accounts] = [Asked::Transfers, Asked::Accounts];
    assert_eq!(
        ledger.ledger.told(),
        [
            transfers(4, 1_002),
            transfers(1, 1_003),
            transfers(2, 1_005),
            transfers(1, 1_006),
            accounts(1, 1_007),
            transfers(1, 1_008),
        ]
    );
    let mut answers = callers.into_iter().map(|caller| answer(caller).unwrap());
    assert_eq!(answers.next().unwrap(), [Created; 2]);
    assert_eq!(answers.next().unwrap(), [Created, LinkedEventChainOpen]);
    assert!(answers.all(|statuses| statuses == [Created]));
    assert_eq!(
        answer(last).unwrap(),
        [Created],
        "it is opened before it is used"
    );
}

/// Who finds no room waits in line. Nobody overtakes, and who leaves the line
/// holds up nobody.
#[test]
fn a_full_queue_makes_callers_wait_their_turn() {
    let (ledger, mut driver) = scripted();
    let many = |from: u128, count| (from..).take(count).map(one).collect::<Vec<_>>();
    let (full, most) = (many(1, LEDGER_BATCH_MAX), many(10_000, LEDGER_BATCH_MAX));
    let (few, fewer) = (many(20_000, 2), many(30_000, 1));
    let mut first = ledger.create_transfers(&full, at(1));
    let mut second = ledger.create_transfers(&most, at(2));
    let mut third = ledger.create_transfers(&few, at(3));
    let mut fourth = ledger.create_transfers(&fewer, at(4));
    let mut in_turn = || {
        let callers = [&mut first, &mut second, &mut third, &mut fourth];
        callers.map(|caller| poll(caller).is_ready())
    };
    assert_eq!(in_turn(), [false; 4]);
    assert!(poll(&mut driver).is_pending());
    assert_eq!(
        ledger.ledger.told(),
        [Asked::Transfers(LEDGER_BATCH_MAX, 1_001)]
    );
    // The second has room now. The others have none, though they need little.
    assert_eq!(in_turn(), [true, false, false, false]);
    drop(third);
    assert!(poll(&mut fourth).is_pending());
    assert!(poll(&mut driver).is_pending());
    assert_eq!(
        ledger.ledger.told(),
        [Asked::Transfers(LEDGER_BATCH_MAX, 1_002)]
    );
    assert!(poll(&mut fourth).is_pending());
    assert!(poll(&mut driver).is_pending());
    assert_eq!(ledger.ledger.told(), [Asked::Transfers(1, 1_004)]);
    assert_eq!(answer(second).unwrap(), [Created; LEDGER_BATCH_MAX]);
    assert_eq!(answer(fourth).unwrap(), [Created]);
    assert_eq!(block_on(ledger.transfers(&[id(20_000)])).unwrap(), [None]);

    let over = many(40_000, LEDGER_BATCH_MAX + 1);
    let refused = answer(ledger.create_transfers(&over, at(5)));
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let never = answer(ledger.create_transfers(&fewer, DateTime::<Utc>::MAX_UTC));
    assert!(matches!(never, Err(Error::Invalid(_))), "{never:?}");
}

/// Who leaves the line lets in those behind for whom there is room.
#[test]
fn who_leaves_the_line_wakes_the_next() {
    #[derive(Default)]
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let (ledger, mut driver) = scripted();
    let [many, two, single] = [LEDGER_BATCH_MAX - 1, 2, 1].map(|count| {
        (count as u128 * 10_000..)
            .take(count)
            .map(one)
            .collect::<Vec<_>>()
    });
    let mut first = ledger.create_transfers(&many, at(1));
    let mut second = ledger.create_transfers(&two, at(1));
    let mut third = ledger.create_transfers(&single, at(1));
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    let waiting = third.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(waiting.is_pending() && !woken.0.load(Ordering::SeqCst));
    drop(second);
    assert!(woken.0.load(Ordering::SeqCst));
    assert!(poll(&mut third).is_pending());
    assert!(poll(&mut driver).is_pending());
    let all = Asked::Transfers(LEDGER_BATCH_MAX, 1_001);
    assert_eq!(ledger.ledger.told(), [all], "the third joined the first");
}

/// A caller that goes away takes back what is not begun. What is begun ends,
/// and nobody waits for who went away.
#[test]
fn a_cancelled_caller_strands_nobody() {
    let (ledger, mut driver) = scripted();
    let batches = [1, 2, 3].map(|n| [one(n)]);
    let mut callers: Vec<_> = batches
        .iter()
        .map(|batch| ledger.create_transfers(batch, at(1)))
        .collect();
    for caller in &mut callers {
        assert!(poll(caller).is_pending());
    }
    drop(callers.remove(1));
    assert!(poll(&mut driver).is_pending());
    assert_eq!(ledger.ledger.told(), [Asked::Transfers(2, 1_001)]);
    for caller in callers {
        assert_eq!(answer(caller).unwrap(), [Created]);
    }

    // Everybody in it, and so nothing is asked.
    let mut gone = ledger.create_transfers(&batches[1], at(1));
    assert!(poll(&mut gone).is_pending());
    drop(gone);
    assert!(poll(&mut driver).is_pending());
    assert_eq!(ledger.ledger.told(), []);
    assert_eq!(given(&ledger), 2);
}

/// Who was being booked does not know, the others know that they were not.
#[test]
fn without_a_driver_everybody_is_told() {
    let (ledger, mut driver) = scripted();
    ledger.ledger.fail(Fault::Hangs);
    let (begun, waiting, in_line) = ([one(1)], [one(2)], vec![one(3); LEDGER_BATCH_MAX]);
    let mut begun = ledger.create_transfers(&begun, at(1));
    assert!(poll(&mut begun).is_pending());
    assert!(poll(&mut driver).is_pending());
    let mut waiting = ledger.create_transfers(&waiting, at(1));
    let mut in_line = ledger.create_transfers(&in_line, at(1));
    assert!(poll(&mut waiting).is_pending() && poll(&mut in_line).is_pending());
    drop(driver);

    let retry = |answer: Result<Vec<_>>| answer.unwrap_err().retry();
    assert_eq!(retry(answer(begun)), Retry::AfterInquiry);
    for caller in [waiting, in_line] {
        assert_eq!(retry(answer(caller)), Retry::Later);
    }
    assert_eq!(ledger.ledger.told().len(), 1);
    let late = [one(4)];
    assert_eq!(
        retry(answer(ledger.create_transfers(&late, at(1)))),
        Retry::Later
    );

    let (ledger, driver) = scripted();
    drop(driver);
    let never = [account(4)];
    let never = answer(ledger.create_accounts(&never, at(1)));
    assert_eq!(never.unwrap_err().retry(), Retry::Later);
}

#[test]
fn the_driver_ends_with_the_last_handle() {
    let (ledger, mut driver) = scripted();
    let clone = ledger.clone();
    drop(ledger);
    assert!(poll(&mut driver).is_pending());
    drop(clone);
    assert!(poll(&mut driver).is_ready());
}

/// Everybody in a batch that failed is told so, alike.
#[test]
fn an_error_is_everybody_s() {
    for (fault, retry, booked) in [
        (Fault::Before(Retry::Later), Retry::Later, 0),
        (Fault::Before(Retry::AfterReread), Retry::AfterReread, 0),
        (Fault::After, Retry::AfterInquiry, 3),
        (Fault::Miscounts, Retry::AfterInquiry, 3),
    ] {
        let (ledger, mut driver) = scripted();
        ledger.ledger.fail(fault);
        let batches = [1, 2, 3].map(|n| [one(n)]);
        let mut callers: Vec<_> = batches
            .iter()
            .map(|batch| ledger.create_transfers(batch, at(1)))
            .collect();
        for caller in &mut callers {
            assert!(poll(caller).is_pending());
        }
        assert!(poll(&mut driver).is_pending());
        for caller in callers {
            let error = answer(caller).unwrap_err();
            assert_eq!(error.retry(), retry, "{fault:?}");
            assert!(std::error::Error::source(&error).is_some());
        }
        assert_eq!(ledger.ledger.told().len(), 1, "{fault:?}: asked again");
        assert_eq!(given(&ledger), booked, "{fault:?}");
    }
}

/// Where a batch is refused for good, only who is to blame is refused.
#[test]
fn nobody_answers_for_another() {
    let (ledger, mut driver) = scripted();
    let mut batches = [1, 2, 3].map(|n| [one(n)]);
    batches[1][0].code = REFUSED;
    let mut callers: Vec<_> = (1..)
        .zip(&batches)
        .map(|(seconds, batch)| ledger.create_transfers(batch, at(seconds)))
        .collect();
    for caller in &mut callers {
        assert!(poll(caller).is_pending());
    }
    assert!(poll(&mut driver).is_pending());
    let (joined, alone) = (Asked::Transfers(3, 1_003), |at| Asked::Transfers(1, at));
    assert_eq!(
        ledger.ledger.told(),
        [joined, alone(1_001), alone(1_002), alone(1_003)]
    );
    let answers: Vec<_> = callers.into_iter().map(answer).collect();
    assert!(matches!(
        &answers[..],
        [Ok(_), Err(Error::Invalid(_)), Ok(_)]
    ));
    assert_eq!(given(&ledger), 2);
}

/// Sixteen callers at once, of whom some give up: no more is spent than there
/// was, what was answered is booked, each caller's transfers follow one
/// another, and money neither appears nor is lost.
#[test]
fn many_callers_keep_the_books() {
    const CALLERS: u128 = 16;
    const FUNDS: u128 = 200;
    watched("many_callers_keep_the_books", || {
        let seed = seed();
        let ledger = driven(MemoryLedger::new());
        let limit = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
        let accounts = [account(1), account(2).with_flags(limit), account(3)];
        block_on(ledger.create_accounts(&accounts, at(0))).unwrap();
        let fund = NewTransfer {
            amount: FUNDS,
            ..one(1)
        };
        assert_eq!(
            block_on(ledger.create_transfer(fund, at(0))).unwrap(),
            Created
        );
        let callers: Vec<_> = (1..=CALLERS)
            .map(|caller| {
                let ledger = Arc::clone(&ledger);
                let random = Random::new(seed ^ u64::try_from(caller).unwrap());
                thread::spawn(move || spend(&*ledger, caller, random))
            })
            .collect();
        let told: Vec<Vec<_>> = callers.into_iter().map(|c| c.join().unwrap()).collect();
        let mut spent = 0;
        for (caller, answered) in (1..).zip(told) {
            let ids: Vec<_> = (0..40).map(|n| id(caller * 1_000 + n)).collect();
            let booked = block_on(ledger.transfers(&ids)).unwrap();
            let booked: Vec<_> = booked.into_iter().flatten().collect();
            assert!(booked.is_sorted_by(|a, b| a.timestamp() < b.timestamp()));
            let is_booked = |id| booked.iter().any(|booked| booked.id() == id);
            for (id, status) in answered {
                assert_eq!(
                    is_booked(id),
                    status == Created,
                    "{id} was answered {status}"
                );
            }
            spent += booked.iter().map(|b| b.body().amount).sum::<u128>();
        }
        let sums = |n| {
            let found = block_on(ledger.find_account(account(n).id, at(0)));
            let sums = found.unwrap().unwrap().balances();
            (sums.debits_posted, sums.credits_posted)
        };
        assert_eq!(sums(1), (FUNDS, 0));
        assert_eq!(sums(2), (spent, FUNDS));
        assert_eq!(sums(3), (0, spent));
        assert_eq!(spent, FUNDS, "everything is spent");
    });
}

/// Spends from account 2 one by one or by linked pairs, and gives what was
/// answered. One call in eight is given up.
fn spend(
    ledger: &dyn Ledger,
    caller: u128,
    mut random: Random,
) -> Vec<(TransferId, CreateTransferStatus)> {
    let mut answered = Vec::new();
    for n in 0..20 {
        let new = |leg: u128| NewTransfer {
            debit_account: account(2).id,
            credit_account: account(3).id,
            ..one(caller * 1_000 + n * 2 + leg)
        };
        let batch = if random.chance(30) {
            vec![new(0).as_linked(), new(1)]
        } else {
            vec![new(0)]
        };
        let mut call = ledger.create_transfers(&batch, at(1));
        if random.chance(12) {
            let _given_up = poll(&mut call);
            continue;
        }
        let statuses = block_on(call).unwrap();
        assert_eq!(statuses.len(), batch.len());
        answered.extend(batch.iter().map(|new| new.id).zip(statuses));
    }
    answered
}

/// More at once than there is room for: all are served.
#[test]
fn who_waits_in_line_is_served() {
    watched("who_waits_in_line_is_served", || {
        let ledger = driven(MemoryLedger::new());
        block_on(ledger.create_accounts(&[1, 2].map(account), at(0))).unwrap();
        let callers: Vec<_> = (1..=8)
            .map(|caller: u128| {
                let ledger = Arc::clone(&ledger);
                let batch: Vec<_> = (caller * 10_000..).take(3_000).map(one).collect();
                thread::spawn(move || block_on(ledger.create_transfers(&batch, at(1))).unwrap())
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.join().unwrap(), [Created; 3_000]);
        }
        assert_eq!(given(&ledger), 24_000);
    });
}
