//! Rails: a client that is sound, and one for each way in which it lies.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use solidarity_core::testing::block_on;
use solidarity_core::{ManualClock, Money, Page, Paged, PaymentId};
use solidarity_payments::conformance::rail::{self, RailHarness};
use solidarity_payments::{
    Answer, Behavior, DeduplicatingRail, EntryId, FinancialAddress, MemoryBooks, Rail, RailBooks,
    RailCode, RailReference, Result, SimulatedRail, Standing, StatementEntry, Submission,
};

/// What a careless client of a rail gets wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lie {
    /// Leaves out an answer.
    AnswersForSome,
    /// Gives one payment's answer to another.
    MixesAnswersUp,
    /// Says that it has what was never sent.
    KnowsEverything,
    /// Says that it never had what it accepted.
    ForgetsWhatItAccepted,
    /// Calls every entry by one name.
    NamesEntriesAlike,
    /// Leaves out what a page begins with.
    SkipsAnEntry,
    /// Refuses a call, and sends some of it all the same.
    SendsWhatItRefuses,
    /// Does not recognize a payment.
    PaysTwice,
    /// Keeps what it recognizes in memory, so that a new process pays again.
    ForgetsAfterTheEnd,
    /// No lie: it has no word for what it never had.
    SaysNothing,
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
        if self.lies(Lie::SendsWhatItRefuses) {
            self.inner.submit(&submissions[..1]).await?;
        }
        if self.lies(Lie::ForgetsAfterTheEnd) {
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
        if self.lies(Lie::MixesAnswersUp) {
            answers.reverse();
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
        if self.lies(Lie::SaysNothing) {
            for standing in &mut standings {
                if *standing == Standing::NotKnown {
                    *standing = Standing::NoAnswer;
                }
            }
        }
        if self.lies(Lie::KnowsEverything) {
            let reference = RailReference::from_static("surely");
            let known = Standing::Accepted { reference };
            standings
                .iter_mut()
                .filter(|standing| **standing == Standing::NotKnown)
                .for_each(|standing| *standing = known.clone());
        }
        Ok(standings)
    }

    async fn statement(&self, page: &Page) -> Result<Paged<StatementEntry>> {
        let found = self.inner.statement(page).await?;
        if self.lies(Lie::SkipsAnEntry) && page.cursor().is_some() && found.items().len() > 1 {
            let next = found.next().cloned();
            return Ok(Paged::new(found.into_items().split_off(1), next));
        }
        if self.lies(Lie::NamesEntriesAlike) {
            return Ok(found.map(|mut entry| {
                entry.id = EntryId::from_static("entry");
                entry
            }));
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

mod taciturn_rail {
    use super::*;
    solidarity_payments::rail_conformance!(Bank::new(Some(Lie::SaysNothing)));
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
    a_rail_that_answers_for_some_is_caught: AnswersForSome
        by every_payment_is_answered_in_order, "one answer for each payment";
    a_rail_that_mixes_answers_up_is_caught: MixesAnswersUp
        by every_payment_is_answered_in_order, "an answer is another payment's";
    a_rail_that_knows_everything_is_caught: KnowsEverything
        by what_was_never_sent_is_not_known, "what was never sent is told as Accepted";
    a_rail_that_forgets_is_caught: ForgetsWhatItAccepted
        by what_was_accepted_is_known_for_ever, "an accepted payment is not known";
    entries_of_one_name_are_caught: NamesEntriesAlike
        by what_is_credited_is_on_the_statement_once, "two entries have one id";
    a_statement_with_a_hole_is_caught: SkipsAnEntry
        by a_statement_goes_on_where_it_ended, "left == right";
    a_rail_that_sends_what_it_refuses_is_caught: SendsWhatItRefuses
        by too_many_are_refused, "what was never sent is told as Accepted";
    a_rail_that_pays_twice_is_caught: PaysTwice
        by the_same_payment_again_moves_nothing, "a payment was credited";
    a_rail_that_pays_twice_in_one_call_is_caught: PaysTwice
        by the_same_payment_twice_in_one_call_moves_once, "a payment was credited 2 times";
    a_rail_that_forgets_its_keys_is_caught: ForgetsAfterTheEnd
        by a_payment_is_recognized_for_as_long_as_it_lives, "a payment was credited 2 times";
}
