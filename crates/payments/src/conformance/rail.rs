//! The kits of [`Rail`] and [`DeduplicatingRail`](crate::DeduplicatingRail). A
//! test module of your own crate says how the rail is reached, and runs them:
//!
//! ```text
//! solidarity_payments::rail_conformance!(MySandbox::new());
//! solidarity_payments::deduplicating_rail_conformance!(MySandbox::new());
//! ```
//!
//! A [`RailHarness`] hands out the rail, or a bank's sandbox of it, and lets
//! its time pass.

use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::Random;
use solidarity_core::{EntitlementId, Money, Page, PaymentId, PersonId};

use crate::{
    Answer, EntryKind, Error, FinancialAddress, Instruction, Rail, Standing, StatementEntry,
    Submission,
};

/// What the kits ask of whoever runs them.
#[async_trait]
pub trait RailHarness: Send + Sync {
    /// A rail on which nothing was paid yet.
    async fn open(&self) -> Arc<dyn Rail>;

    /// The same rail, as a new process reaches it.
    async fn reopen(&self, rail: Arc<dyn Rail>) -> Arc<dyn Rail>;

    /// Lets everything that the rail took come to its end.
    async fn let_time_pass(&self);

    /// An address that the rail pays to, in a currency that it takes.
    fn payable(&self) -> (FinancialAddress, Money);
}

/// Runs every conformance case against a [`Rail`].
///
/// See [`conformance::rail`](crate::conformance::rail).
#[macro_export]
macro_rules! rail_conformance {
    ($harness:expr $(,)?) => {
        $crate::rail_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::rail,
            [
                every_payment_is_answered_in_order,
                what_was_never_sent_is_not_known,
                what_was_accepted_is_known_for_ever,
                what_is_credited_is_on_the_statement_once,
                a_statement_goes_on_where_it_ended,
                too_many_are_refused,
            ]
        );
    };
}

/// Runs every further case against a
/// [`DeduplicatingRail`](crate::DeduplicatingRail).
///
/// See [`conformance::rail`](crate::conformance::rail).
#[macro_export]
macro_rules! deduplicating_rail_conformance {
    ($harness:expr $(,)?) => {
        $crate::deduplicating_rail_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::rail,
            [
                the_same_payment_again_moves_nothing,
                the_same_payment_twice_in_one_call_moves_once,
                a_payment_is_recognized_for_as_long_as_it_lives,
            ]
        );
    };
}

fn submissions(harness: &dyn RailHarness, count: u32) -> Vec<Submission> {
    let (address, amount) = harness.payable();
    let one = |n: u32| {
        let cause = PersonId::generate();
        let payment = PaymentId::derive(&cause, &n.to_string());
        let entitlement = EntitlementId::derive(&cause, "entitlement");
        let instruction = Instruction::new(payment, cause, address.clone(), amount, entitlement);
        Submission::of(&instruction)
    };
    (0..count).map(one).collect()
}

fn ids(submissions: &[Submission]) -> Vec<PaymentId> {
    submissions.iter().map(|s| s.payment).collect()
}

async fn statement(rail: &dyn Rail, limit: usize) -> Vec<StatementEntry> {
    let mut all: Vec<StatementEntry> = Vec::new();
    let mut page = Page::of(limit).unwrap();
    loop {
        let found = rail.statement(&page).await.unwrap();
        assert!(found.items().len() <= limit);
        all.extend_from_slice(found.items());
        match found.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => return all,
        }
    }
}

fn credits(statement: &[StatementEntry], payment: PaymentId) -> usize {
    statement
        .iter()
        .filter(|entry| entry.payment == Some(payment) && entry.kind == EntryKind::Credit)
        .count()
}

/// A rail that has no word for what it never had says nothing.
fn assert_not_there(standing: &Standing) {
    let not_there = matches!(standing, Standing::NotKnown | Standing::NoAnswer);
    assert!(not_there, "what was never sent is told as {standing:?}");
}

/// One answer a payment, in order; none is lost for want of payments.
pub async fn every_payment_is_answered_in_order(harness: &dyn RailHarness) {
    let rail = harness.open().await;
    let sent = submissions(harness, 5);
    let answers = rail.submit(&sent).await.unwrap();
    assert_eq!(answers.len(), 5, "one answer for each payment");
    let mut asked = ids(&sent);
    asked.reverse();
    asked.insert(2, PaymentId::generate());
    let mut standings = rail.inquire(&asked).await.unwrap();
    assert_eq!(standings.len(), 6, "one standing for each payment");
    assert_not_there(&standings.remove(2));
    for (answer, standing) in answers.iter().zip(standings.iter().rev()) {
        if let (Answer::Accepted { reference: said }, Standing::Accepted { reference }) =
            (answer, standing)
        {
            assert_eq!(said, reference, "an answer is another payment's");
        }
    }
    assert!(rail.submit(&[]).await.unwrap().is_empty());
    assert!(rail.inquire(&[]).await.unwrap().is_empty());
}

/// A payment that was never sent is not known, and has no entry.
pub async fn what_was_never_sent_is_not_known(harness: &dyn RailHarness) {
    let rail = harness.open().await;
    let never = ids(&submissions(harness, 2));
    rail.submit(&submissions(harness, 2)).await.unwrap();
    harness.let_time_pass().await;
    let standings = rail.inquire(&never).await.unwrap();
    standings.iter().for_each(assert_not_there);
    let statement = statement(&*rail, 100).await;
    assert!(
        never
            .iter()
            .all(|payment| credits(&statement, *payment) == 0)
    );
}

/// A payment that was accepted is never *not known*: not at once, not later,
/// not for a new process.
pub async fn what_was_accepted_is_known_for_ever(harness: &dyn RailHarness) {
    let mut rail = harness.open().await;
    let sent = submissions(harness, 8);
    let answers = rail.submit(&sent).await.unwrap();
    let accepted: Vec<PaymentId> = sent
        .iter()
        .zip(&answers)
        .filter(|(_, a)| matches!(a, Answer::Accepted { .. } | Answer::Credited { .. }))
        .map(|(submission, _)| submission.payment)
        .collect();
    assert!(
        !accepted.is_empty(),
        "the rail accepts nothing: the kit shows nothing"
    );
    for round in 0..3 {
        for standing in rail.inquire(&accepted).await.unwrap() {
            let known = !matches!(standing, Standing::NotKnown);
            assert!(known, "an accepted payment is not known in round {round}");
        }
        match round {
            0 => harness.let_time_pass().await,
            _ => rail = harness.reopen(rail).await,
        }
    }
}

/// What the rail says that it credited is on its statement, with the amount
/// that was asked for, and not twice under one id.
pub async fn what_is_credited_is_on_the_statement_once(harness: &dyn RailHarness) {
    let rail = harness.open().await;
    let sent = submissions(harness, 8);
    rail.submit(&sent).await.unwrap();
    harness.let_time_pass().await;
    let statement = statement(&*rail, 100).await;
    let standings = rail.inquire(&ids(&sent)).await.unwrap();
    for (submission, standing) in sent.iter().zip(standings) {
        if let Standing::Credited { amount, .. } = standing {
            assert_eq!(amount, submission.amount);
            assert!(credits(&statement, submission.payment) > 0);
        }
    }
    let mut names: Vec<_> = statement.iter().map(|entry| entry.id.clone()).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "two entries have one id");
}

/// Read in pages or at once, now or later, the statement is the same, and
/// what comes later comes after.
pub async fn a_statement_goes_on_where_it_ended(harness: &dyn RailHarness) {
    let rail = harness.open().await;
    rail.submit(&submissions(harness, 5)).await.unwrap();
    harness.let_time_pass().await;
    let first = statement(&*rail, 100).await;
    assert_eq!(statement(&*rail, 2).await, first);
    assert!(first.is_sorted_by_key(|entry| entry.booked_at));
    rail.submit(&submissions(harness, 5)).await.unwrap();
    harness.let_time_pass().await;
    let rail = harness.reopen(rail).await;
    let all = statement(&*rail, 3).await;
    assert_eq!(
        all[..first.len()],
        first[..],
        "what was told is told otherwise"
    );
    let last = first.last().unwrap().cursor.clone();
    let rest = rail.statement(&Page::largest().after(last)).await.unwrap();
    assert_eq!(rest.items(), &all[first.len()..], "an entry was skipped");
}

/// More than the limit is refused, and nothing is sent.
pub async fn too_many_are_refused(harness: &dyn RailHarness) {
    let rail = harness.open().await;
    let one = submissions(harness, 1);
    let too_many = vec![one[0].clone(); BATCH_MAX + 1];
    assert!(matches!(
        rail.submit(&too_many).await,
        Err(Error::Invalid(_))
    ));
    let payments = vec![one[0].payment; BATCH_MAX + 1];
    assert!(matches!(
        rail.inquire(&payments).await,
        Err(Error::Invalid(_))
    ));
    let standings = rail.inquire(&ids(&one)).await.unwrap();
    standings.iter().for_each(assert_not_there);
}

/// The same payment sent again, at once and later, is credited once.
pub async fn the_same_payment_again_moves_nothing(harness: &dyn RailHarness) {
    let rail = harness.open().await;
    let sent = submissions(harness, 6);
    let mut random = Random::new(7);
    for round in 0..4 {
        let again: Vec<_> = match round {
            0 => sent.clone(),
            _ => sent.iter().filter(|_| random.chance(60)).cloned().collect(),
        };
        rail.submit(&again).await.unwrap();
        if round == 2 {
            harness.let_time_pass().await;
        }
    }
    harness.let_time_pass().await;
    paid_once(&*rail, &sent).await;
}

/// The same payment twice in one call is credited once.
pub async fn the_same_payment_twice_in_one_call_moves_once(harness: &dyn RailHarness) {
    let rail = harness.open().await;
    let mut sent = submissions(harness, 3);
    sent.extend(sent.clone());
    assert_eq!(rail.submit(&sent).await.unwrap().len(), 6);
    harness.let_time_pass().await;
    paid_once(&*rail, &sent).await;
}

/// A payment is recognized after it came to its end, and by a new process.
pub async fn a_payment_is_recognized_for_as_long_as_it_lives(harness: &dyn RailHarness) {
    let rail = harness.open().await;
    let sent = submissions(harness, 6);
    rail.submit(&sent).await.unwrap();
    harness.let_time_pass().await;
    let rail = harness.reopen(rail).await;
    rail.submit(&sent).await.unwrap();
    harness.let_time_pass().await;
    paid_once(&*rail, &sent).await;
}

async fn paid_once(rail: &dyn Rail, sent: &[Submission]) {
    let statement = statement(rail, 100).await;
    for submission in sent {
        let times = credits(&statement, submission.payment);
        assert!(times <= 1, "a payment was credited {times} times");
    }
    let any = sent.iter().any(|s| credits(&statement, s.payment) == 1);
    assert!(any, "the rail pays nothing: the kit shows nothing");
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = include_str!("rail.rs");
        assert!(solidarity_core::testing::unlisted_cases(source).is_empty());
    }
}
