use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use solidarity_core::testing::Random;
use solidarity_core::{Clock, Cursor, Invalid, Money, Page, Paged, PaymentId, Retry};

use super::{
    Answer, BookEntry, Booked, DeduplicatingRail, EntryKind, Rail, RailBooks, Standing,
    StatementEntry, Submission,
};
use crate::disbursement::check_batch;
use crate::{EntryId, Error, RailCode, RailReference, Reason, Result};

/// What a [`SimulatedRail`] does with one try of one payment.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fate {
    /// Takes it, and credits the payee within the hour.
    Prompt,
    /// Takes it, and credits the payee a day later.
    Slow,
    /// Takes it and pays, but the answer is lost.
    LosesAnswer,
    /// The request never arrives.
    LosesRequest,
    /// Refuses it.
    Rejects(Reason),
    /// Credits the payee, and brings the money back three days later.
    Returns(Reason),
    /// Credits the payee, and books the same credit twice on its statement.
    RepeatsLine,
    /// Says that it refuses it, and credits the payee all the same.
    Contradicts,
}

/// How often a [`SimulatedRail`] does what, in percent of the tries; the rest
/// is [`Fate::Prompt`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Behavior {
    /// [`Fate::Rejects`].
    pub rejects: u8,
    /// [`Fate::LosesRequest`].
    pub loses_requests: u8,
    /// [`Fate::LosesAnswer`].
    pub loses_answers: u8,
    /// [`Fate::Slow`].
    pub slow: u8,
    /// [`Fate::Returns`].
    pub returns: u8,
    /// [`Fate::RepeatsLine`].
    pub repeats_lines: u8,
    /// [`Fate::Contradicts`].
    pub contradicts: u8,
    /// What it charges for every payment that it takes.
    pub fee: Option<Money>,
    /// What it does with the first try of these payments, whatever its seed
    /// says.
    pub script: HashMap<PaymentId, Fate>,
}

impl Behavior {
    /// Every payment is taken, credited and free.
    #[must_use]
    pub fn honest() -> Self {
        Self::default()
    }

    /// All that goes wrong on rails, in proportions that a programme sees in
    /// a bad month.
    #[must_use]
    pub fn troubled() -> Self {
        Self {
            rejects: 3,
            loses_requests: 2,
            loses_answers: 4,
            slow: 15,
            returns: 3,
            repeats_lines: 2,
            contradicts: 1,
            ..Self::default()
        }
    }

    /// The same, charging `fee` for each payment.
    #[must_use]
    pub const fn charging(mut self, fee: Money) -> Self {
        self.fee = Some(fee);
        self
    }

    /// The same, with `fate` for the first try of `payment`.
    #[must_use]
    pub fn with_fate(mut self, payment: PaymentId, fate: Fate) -> Self {
        self.script.insert(payment, fate);
        self
    }

    /// What becomes of a try, numbered from 0.
    fn fate(&self, seed: u64, payment: PaymentId, try_number: u64) -> Fate {
        if let (0, Some(fate)) = (try_number, self.script.get(&payment)) {
            return fate.clone();
        }
        let (high, low) = payment.as_uuid().as_u64_pair();
        let mut random =
            Random::new(seed ^ high ^ low.rotate_left(32) ^ try_number.rotate_left(17));
        let mut left = random.below(100);
        let reasons = [
            Reason::IncorrectPayeeAccount,
            Reason::AccountClosed,
            Reason::NameMismatch,
        ];
        let reason = random.pick(&reasons).cloned();
        let reason = reason.unwrap_or(Reason::NotSaidByAgent);
        for (percent, fate) in [
            (self.rejects, Fate::Rejects(reason.clone())),
            (self.loses_requests, Fate::LosesRequest),
            (self.loses_answers, Fate::LosesAnswer),
            (self.slow, Fate::Slow),
            (self.returns, Fate::Returns(reason)),
            (self.repeats_lines, Fate::RepeatsLine),
            (self.contradicts, Fate::Contradicts),
        ] {
            match left.checked_sub(u64::from(percent)) {
                None => return fate,
                Some(rest) => left = rest,
            }
        }
        Fate::Prompt
    }
}

/// A bank with books of its own and all the faults of real ones, the same
/// ones for the same seed.
///
/// What it does with a payment is a pure function of its seed, the payment
/// and how often that was sent; when, of its clock. It is *not* a
/// [`DeduplicatingRail`](crate::DeduplicatingRail): a payment sent twice is
/// paid twice, and its books show it. So they prove whether a programme sent
/// anything twice.
///
/// ```
/// use std::sync::Arc;
/// use chrono::DateTime;
/// use solidarity_core::ManualClock;
/// use solidarity_payments::{Behavior, MemoryBooks, RailCode, SimulatedRail};
///
/// let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
/// let books = Arc::new(MemoryBooks::new());
/// let rail = SimulatedRail::open(RailCode::new("bank")?, 7, Behavior::troubled(), books, clock)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SimulatedRail {
    code: RailCode,
    seed: u64,
    behavior: Behavior,
    recognizes: bool,
    books: Arc<dyn RailBooks>,
    clock: Arc<dyn Clock>,
    journal: Mutex<Journal>,
}

/// What the books say, sorted for use.
#[derive(Debug, Default)]
struct Journal {
    tries: HashMap<PaymentId, Vec<BookEntry>>,
    /// What is on the statement, now or later, by when.
    statement: BTreeMap<(DateTime<Utc>, EntryId), StatementEntry>,
}

impl SimulatedRail {
    /// The rail with these books, which may hold entries already.
    ///
    /// # Errors
    ///
    /// [`Error::Rail`] if the books cannot be read.
    pub fn open(
        code: RailCode,
        seed: u64,
        behavior: Behavior,
        books: Arc<dyn RailBooks>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let entries = books
            .entries()
            .map_err(|source| Error::rail("open its books", Retry::Later, source))?;
        let rail = Self {
            code,
            seed,
            behavior,
            recognizes: false,
            books,
            clock,
            journal: Mutex::default(),
        };
        let mut journal = rail.journal();
        for entry in entries {
            rail.book(&mut journal, entry);
        }
        drop(journal);
        Ok(rail)
    }

    /// The same bank, which recognizes a payment that it has and does not pay
    /// it again.
    #[must_use]
    pub const fn deduplicating(mut self) -> RecognizingRail {
        self.recognizes = true;
        RecognizingRail(self)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        // No code panics while it holds the lock, so the state is whole.
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    fn fate(&self, payment: PaymentId, try_number: u64) -> Fate {
        self.behavior.fate(self.seed, payment, try_number)
    }

    /// Takes `entry` into account, with all that follows from it on the
    /// statement.
    fn book(&self, journal: &mut Journal, entry: BookEntry) {
        let tries = journal.tries.entry(entry.payment).or_default();
        let number = tries.len() as u64;
        tries.push(entry);
        if entry.booked != Booked::Paid {
            return;
        }
        let fate = self.fate(entry.payment, number);
        let mut line = |after: TimeDelta, kind: EntryKind, name: &str, amount| {
            let id = format!("{}-{number}-{name}", entry.payment.as_uuid().simple());
            let at = entry.at + after;
            let cursor = Cursor::new(format!("{:020}:{id}", at.timestamp_micros()));
            if let (Ok(id), Ok(cursor)) = (EntryId::new(id), cursor) {
                let payment = Some(entry.payment);
                let line = StatementEntry::new(id, cursor, at, kind, payment, amount);
                journal.statement.insert((at, line.id.clone()), line);
            }
        };
        // Later than any statement that was read before the payment came.
        let credited = credit_delay(&fate);
        line(credited, EntryKind::Credit, "credit", entry.amount);
        if let Some(fee) = self.behavior.fee {
            line(credited, EntryKind::Fee, "fee", fee);
        }
        match fate {
            Fate::Returns(reason) => {
                let kind = EntryKind::Return { reason };
                line(credited + TimeDelta::days(3), kind, "return", entry.amount);
            }
            Fate::RepeatsLine => {
                let again = credited + TimeDelta::hours(2);
                line(again, EntryKind::Credit, "credit-again", entry.amount);
            }
            _ => {}
        }
    }

    fn answer(&self, submission: &Submission, try_number: u64) -> (Booked, Answer) {
        let accepted = || Answer::Accepted {
            reference: reference(submission.payment, try_number),
        };
        match self.fate(submission.payment, try_number) {
            Fate::LosesRequest => (Booked::Lost, Answer::NoAnswer),
            Fate::Rejects(reason) => (Booked::Refused, Answer::Rejected { reason }),
            Fate::LosesAnswer => (Booked::Paid, Answer::NoAnswer),
            Fate::Contradicts => {
                let reason = Reason::NotSaidByAgent;
                (Booked::Paid, Answer::Rejected { reason })
            }
            Fate::Prompt | Fate::Slow | Fate::Returns(_) | Fate::RepeatsLine => {
                (Booked::Paid, accepted())
            }
        }
    }

    /// What a bank that recognizes payments says to one that it has.
    fn recognize(
        &self,
        journal: &Journal,
        fresh: &[BookEntry],
        payment: PaymentId,
    ) -> Option<Answer> {
        let arrived = |e: &BookEntry| e.payment == payment && e.booked != Booked::Lost;
        if !self.recognizes {
            return None;
        }
        if fresh.iter().any(arrived) {
            return Some(Answer::NoAnswer);
        }
        match self.standing(journal, payment) {
            Standing::NotKnown | Standing::NoAnswer => None,
            Standing::Credited { at, .. } => Some(Answer::Credited { at }),
            Standing::Rejected { reason, .. } => Some(Answer::Rejected { reason }),
            Standing::Accepted { reference } => Some(Answer::Accepted { reference }),
            Standing::Returned { .. } => Some(Answer::Accepted {
                reference: reference(payment, 0),
            }),
        }
    }

    fn standing(&self, journal: &Journal, payment: PaymentId) -> Standing {
        let tries = journal.tries.get(&payment).map_or(&[][..], Vec::as_slice);
        let Some((number, last)) = (0_u64..)
            .zip(tries)
            .filter(|(_, entry)| entry.booked != Booked::Lost)
            .last()
        else {
            return Standing::NotKnown;
        };
        let fate = self.fate(payment, number);
        if let (Booked::Refused, Fate::Rejects(reason)) = (last.booked, &fate) {
            let (reason, at) = (reason.clone(), last.at);
            return Standing::Rejected { reason, at };
        }
        let (now, credited_at) = (self.now(), last.at + credit_delay(&fate));
        let returned_at = credited_at + TimeDelta::days(3);
        let amount = last.amount;
        match fate {
            Fate::Returns(reason) if returned_at <= now => Standing::Returned {
                amount,
                reason,
                at: returned_at,
            },
            _ if credited_at <= now => Standing::Credited {
                amount,
                at: credited_at,
            },
            _ => Standing::Accepted {
                reference: reference(payment, number),
            },
        }
    }
}

fn credit_delay(fate: &Fate) -> TimeDelta {
    match fate {
        Fate::Slow => TimeDelta::days(1),
        _ => TimeDelta::minutes(30),
    }
}

fn reference(payment: PaymentId, try_number: u64) -> RailReference {
    let text = format!("sim-{}-{try_number}", payment.as_uuid().simple());
    RailReference::new(text).unwrap_or(const { RailReference::from_static("sim") })
}

#[async_trait]
impl Rail for SimulatedRail {
    fn code(&self) -> &RailCode {
        &self.code
    }

    async fn submit(&self, submissions: &[Submission]) -> Result<Vec<Answer>> {
        check_batch("submissions", submissions.len())?;
        let mut journal = self.journal();
        let mut seen: HashMap<PaymentId, u64> = HashMap::new();
        let mut entries = Vec::with_capacity(submissions.len());
        let mut answers = Vec::with_capacity(submissions.len());
        for submission in submissions {
            if let Some(answer) = self.recognize(&journal, &entries, submission.payment) {
                answers.push(answer);
                continue;
            }
            let before = journal.tries.get(&submission.payment).map_or(0, Vec::len) as u64;
            let again = seen.entry(submission.payment).or_insert(0);
            let (booked, answer) = self.answer(submission, before + *again);
            *again += 1;
            let (payment, amount) = (submission.payment, submission.amount);
            entries.push(BookEntry::new(payment, amount, self.now(), booked));
            answers.push(answer);
        }
        self.books
            .append(&entries)
            .map_err(|source| Error::rail("take payments", Retry::AfterInquiry, source))?;
        for entry in entries {
            self.book(&mut journal, entry);
        }
        Ok(answers)
    }

    async fn inquire(&self, payments: &[PaymentId]) -> Result<Vec<Standing>> {
        check_batch("payments", payments.len())?;
        let journal = self.journal();
        Ok(payments
            .iter()
            .map(|payment| self.standing(&journal, *payment))
            .collect())
    }

    async fn statement(&self, page: &Page) -> Result<Paged<StatementEntry>> {
        let after = page.cursor().map(parse).transpose()?;
        let journal = self.journal();
        let now = self.now();
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let mut items: Vec<StatementEntry> = journal
            .statement
            .range((from, std::ops::Bound::Unbounded))
            .map(|(_, entry)| entry)
            .take_while(|entry| entry.booked_at <= now)
            .take(page.limit() + 1)
            .cloned()
            .collect();
        let more = items.len() > page.limit();
        items.truncate(page.limit());
        let next = items.last().filter(|_| more).map(|e| e.cursor.clone());
        Ok(Paged::new(items, next))
    }
}

fn parse(cursor: &Cursor) -> Result<(DateTime<Utc>, EntryId), Invalid> {
    let invalid = || Invalid::new("cursor", "must come from the same list");
    let (micros, id) = cursor.as_str().split_once(':').ok_or_else(invalid)?;
    let micros: i64 = micros.parse().map_err(|_| invalid())?;
    let at = DateTime::from_timestamp_micros(micros).ok_or_else(invalid)?;
    Ok((at, EntryId::new(id).map_err(|_| invalid())?))
}

/// A [`SimulatedRail`] that recognizes the payments that it has.
#[derive(Debug)]
pub struct RecognizingRail(SimulatedRail);

#[async_trait]
impl Rail for RecognizingRail {
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
        self.0.statement(page).await
    }
}

impl DeduplicatingRail for RecognizingRail {}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use solidarity_core::ManualClock;

    use super::*;
    use crate::conformance::rail::RailHarness;
    use crate::{FinancialAddress, MemoryBooks};

    /// A bank whose books and clock outlive each client of it.
    #[derive(Debug)]
    struct Bank {
        behavior: Behavior,
        deduplicating: bool,
        clock: Arc<ManualClock>,
        books: Mutex<Arc<MemoryBooks>>,
    }

    impl Bank {
        fn new(behavior: Behavior, deduplicating: bool) -> Self {
            Self {
                behavior,
                deduplicating,
                clock: Arc::new(ManualClock::at(
                    DateTime::UNIX_EPOCH + TimeDelta::days(9_000),
                )),
                books: Mutex::default(),
            }
        }

        fn client(&self) -> Arc<dyn Rail> {
            let books = self.books.lock().unwrap().clone();
            let code = RailCode::from_static("bank");
            let behavior = self.behavior.clone();
            let rail = SimulatedRail::open(code, 7, behavior, books, self.clock.clone()).unwrap();
            match self.deduplicating {
                true => Arc::new(rail.deduplicating()),
                false => Arc::new(rail),
            }
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
            let rail = RailCode::from_static("bank");
            let address = FinancialAddress::account(rail, "1").unwrap();
            (address, "10.00 KES".parse().unwrap())
        }
    }

    mod honest {
        use super::{Bank, Behavior};
        crate::rail_conformance!(Bank::new(Behavior::honest(), false));
    }

    mod troubled {
        use super::{Bank, Behavior};
        crate::rail_conformance!(Bank::new(Behavior::troubled(), false));
    }

    mod recognizing {
        use super::{Bank, Behavior};
        // A bank that reports a line twice is told from one that pays twice
        // by its books alone, so this one reports each once.
        fn behavior() -> Behavior {
            let mut behavior = Behavior::troubled();
            behavior.repeats_lines = 0;
            behavior.loses_requests = 20;
            behavior
        }
        crate::rail_conformance!(Bank::new(behavior(), true));
        crate::deduplicating_rail_conformance!(Bank::new(behavior(), true));
    }

    /// Each fate is what its name says, whatever is asked first.
    #[test]
    fn a_scripted_fate_is_what_it_says() {
        use solidarity_core::testing::block_on;
        let reason = || Reason::AccountClosed;
        for (fate, answered, credits, returns) in [
            (Fate::Prompt, "accepted", 1, 0),
            (Fate::Slow, "accepted", 1, 0),
            (Fate::LosesAnswer, "nothing", 1, 0),
            (Fate::LosesRequest, "nothing", 0, 0),
            (Fate::Rejects(reason()), "rejected", 0, 0),
            (Fate::Returns(reason()), "accepted", 1, 1),
            (Fate::RepeatsLine, "accepted", 2, 0),
            (Fate::Contradicts, "rejected", 1, 0),
        ] {
            let payment = PaymentId::generate();
            let bank = Bank::new(Behavior::honest().with_fate(payment, fate.clone()), false);
            let rail = bank.client();
            let (address, amount) = bank.payable();
            let submission = Submission {
                payment,
                address,
                amount,
            };
            let answer = block_on(rail.submit(&[submission])).unwrap().remove(0);
            let said = match answer {
                Answer::Accepted { .. } => "accepted",
                Answer::Credited { .. } => "credited",
                Answer::Rejected { .. } => "rejected",
                Answer::NoAnswer => "nothing",
            };
            assert_eq!(said, answered, "{fate:?}");
            let nothing = block_on(rail.statement(&Page::first())).unwrap();
            assert!(
                nothing.items().is_empty(),
                "{fate:?} is on the statement too early"
            );
            bank.clock.advance(TimeDelta::days(10));
            let statement = block_on(rail.statement(&Page::first())).unwrap();
            let of = |kind: fn(&EntryKind) -> bool| {
                statement.items().iter().filter(|e| kind(&e.kind)).count()
            };
            assert_eq!(of(|k| *k == EntryKind::Credit), credits, "{fate:?}");
            assert_eq!(
                of(|k| matches!(k, EntryKind::Return { .. })),
                returns,
                "{fate:?}"
            );
        }
    }

    #[test]
    fn a_payment_sent_twice_is_paid_twice_and_the_books_show_it() {
        use solidarity_core::testing::block_on;
        let bank = Bank::new(Behavior::honest(), false);
        let (address, amount) = bank.payable();
        let submission = Submission {
            payment: PaymentId::generate(),
            address,
            amount,
        };
        for _ in 0..2 {
            block_on(bank.client().submit(std::slice::from_ref(&submission))).unwrap();
        }
        let books = bank.books.lock().unwrap().entries().unwrap();
        assert_eq!(books.iter().filter(|e| e.booked == Booked::Paid).count(), 2);
    }
}
