//! Outside consent stores: one sound, and one for each promise that it
//! breaks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use solidarity_consent::{
    Collected, Consent, ConsentStore, ConsentStoreExt, Decision, Error, MemoryConsentStore,
    NewConsent, NewUse, Outcome, Policy, Reply, Result, State, Use, UseId, Uses, conformance,
    decide,
};
use solidarity_core::testing::{InMemory, block_on};
use solidarity_core::{
    Change, ChangeFeed, ConsentId, Page, Paged, PersonId, Stamp, Version, limits,
};

mod sound {
    use super::*;

    solidarity_consent::consent_store_conformance!(InMemory::new(|| Arc::new(
        MemoryConsentStore::new()
    )
        as Arc<dyn ConsentStore>));

    #[test]
    fn agrees_with_memory() {
        let harness =
            InMemory::new(|| Arc::new(MemoryConsentStore::new()) as Arc<dyn ConsentStore>);
        let seed = solidarity_core::testing::seed();
        block_on(conformance::agrees_with_memory(&harness, seed, 1_000));
    }
}

/// The promise that a store breaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// Decides by what people said first.
    GrantsAfterWithdrawal,
    /// Reads the count, then counts: two may read the same.
    BudgetInTwoSteps,
    /// Takes a repeated check for another one.
    CountsRepeats,
    /// Answers a repeated check from memory.
    RemembersAnswers,
    /// Decides by the clock as it stands.
    TrustsTheClock,
    /// Records what was recorded before as if it were new.
    ForgetsIdempotency,
    /// Takes other terms under a taken id for a repeat.
    TakesOtherTerms,
    /// Ignores the version expected.
    LosesUpdates,
    /// Keeps no refusals.
    ForgetsRefusals,
    /// Writes as much of a batch as it may.
    WritesHalfABatch,
    /// Tells of no uses.
    SkipsChanges,
}

#[derive(Debug)]
struct Faulty {
    inner: MemoryConsentStore,
    fault: Fault,
    answers: Mutex<HashMap<UseId, Decision>>,
    counts: Mutex<HashMap<PersonId, u32>>,
    between: AtomicUsize,
}

fn harness(fault: Fault) -> InMemory<impl Fn() -> Arc<dyn ConsentStore>> {
    InMemory::new(move || {
        Arc::new(Faulty {
            inner: MemoryConsentStore::new(),
            fault,
            answers: Mutex::default(),
            counts: Mutex::default(),
            between: AtomicUsize::new(0),
        }) as Arc<dyn ConsentStore>
    })
}

impl Faulty {
    async fn check(&self, new: &NewUse, policy: &Policy, stamp: &Stamp) -> Result<Decision> {
        let request = &new.request;
        match self.fault {
            Fault::GrantsAfterWithdrawal => {
                self.inner.check_and_use_one(new, policy, stamp).await?;
                let all = self.inner.all_of_subject(request.subject()).await?;
                let first: Vec<_> = all
                    .iter()
                    .filter_map(|c| c.at_version(Version::FIRST))
                    .collect();
                Ok(decide(policy, &first, &Uses::none(), request, stamp.at()))
            }
            Fault::BudgetInTwoSteps => {
                let person = request.subject();
                let read = self.counts.lock().unwrap().get(&person).copied();
                self.between.fetch_add(1, Ordering::SeqCst);
                for _ in 0..100_000 {
                    if self.between.load(Ordering::SeqCst) > 1 {
                        break;
                    }
                    std::thread::yield_now();
                }
                let all = self.inner.all_of_subject(person).await?;
                let used = read.unwrap_or(0);
                let uses = all
                    .iter()
                    .fold(Uses::none(), |uses, c| uses.with(c.id(), used));
                let decision = decide(policy, &all, &uses, request, stamp.at());
                if matches!(decision.outcome(), Outcome::Permit { .. }) {
                    *self.counts.lock().unwrap().entry(person).or_default() += 1;
                }
                Ok(decision)
            }
            Fault::CountsRepeats => {
                let another = NewUse::new(UseId::generate(), request.clone());
                self.inner.check_and_use_one(&another, policy, stamp).await
            }
            Fault::RemembersAnswers => {
                if let Some(known) = self.answers.lock().unwrap().get(&new.id) {
                    return Ok(known.clone());
                }
                let decision = self.inner.check_and_use_one(new, policy, stamp).await?;
                self.answers
                    .lock()
                    .unwrap()
                    .insert(new.id, decision.clone());
                Ok(decision)
            }
            Fault::TrustsTheClock => {
                let all = self.inner.all_of_subject(request.subject()).await?;
                Ok(decide(policy, &all, &Uses::none(), request, stamp.at()))
            }
            _ => self.inner.check_and_use_one(new, policy, stamp).await,
        }
    }
}

#[async_trait]
impl ChangeFeed for Faulty {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        let paged = self.inner.changes_since(page).await?;
        if self.fault != Fault::SkipsChanges {
            return Ok(paged);
        }
        let told = paged
            .items()
            .iter()
            .filter(|change| change.kind().as_str() != "use");
        Ok(Paged::new(told.cloned().collect(), paged.next().cloned()))
    }
}

#[async_trait]
impl ConsentStore for Faulty {
    async fn record(&self, new: &[NewConsent], stamp: &Stamp) -> Result<Vec<Result<Consent>>> {
        let new = match self.fault {
            Fault::WritesHalfABatch => new.get(..limits::BATCH_MAX).unwrap_or(new),
            _ => new,
        };
        let mut outcomes = self.inner.record(new, stamp).await?;
        for (new, outcome) in new.iter().zip(&mut outcomes) {
            match (self.fault, &*outcome) {
                (Fault::ForgetsIdempotency, Ok(consent)) => {
                    *outcome = Ok(consent.at_version(Version::FIRST).unwrap());
                }
                (Fault::TakesOtherTerms, Err(Error::AlreadyExists { .. })) => {
                    *outcome = self.inner.get(new.id).await;
                }
                _ => {}
            }
        }
        Ok(outcomes)
    }

    async fn answer(
        &self,
        id: ConsentId,
        expected: Version,
        reply: &Reply,
        stamp: &Stamp,
    ) -> Result<Consent> {
        self.inner.answer(id, expected, reply, stamp).await
    }

    async fn withdraw(
        &self,
        id: ConsentId,
        expected: Version,
        collected: &Collected,
        stamp: &Stamp,
    ) -> Result<Consent> {
        let expected = match self.fault {
            Fault::LosesUpdates => self.inner.get(id).await?.version(),
            _ => expected,
        };
        self.inner.withdraw(id, expected, collected, stamp).await
    }

    async fn get(&self, id: ConsentId) -> Result<Consent> {
        self.inner.get(id).await
    }

    async fn of_subject(&self, subject: PersonId, page: &Page) -> Result<Paged<Consent>> {
        let paged = self.inner.of_subject(subject, page).await?;
        if self.fault != Fault::ForgetsRefusals {
            return Ok(paged);
        }
        let kept = paged
            .items()
            .iter()
            .filter(|consent| consent.state() != State::Refused);
        Ok(Paged::new(kept.cloned().collect(), paged.next().cloned()))
    }

    async fn check_and_use(
        &self,
        uses: &[NewUse],
        policy: &Policy,
        stamp: &Stamp,
    ) -> Result<Vec<Result<Decision>>> {
        let mut outcomes = Vec::new();
        for new in uses {
            outcomes.push(self.check(new, policy, stamp).await);
        }
        Ok(outcomes)
    }

    async fn uses(&self, id: ConsentId, page: &Page) -> Result<Paged<Use>> {
        self.inner.uses(id, page).await
    }
}

#[test]
#[should_panic(expected = "granted on a consent that was withdrawn")]
fn the_kit_catches_a_grant_after_a_withdrawal() {
    block_on(conformance::nothing_is_granted_on_what_was_withdrawn(
        &harness(Fault::GrantsAfterWithdrawal),
    ));
}

#[test]
#[should_panic(expected = "a scoped thread panicked")]
fn the_kit_catches_a_grant_after_a_withdrawal_returned() {
    block_on(conformance::nothing_is_granted_after_a_withdrawal_returned(
        &harness(Fault::GrantsAfterWithdrawal),
    ));
}

#[test]
#[should_panic(expected = "a budget of 3 was not spent to the last and no further")]
fn the_kit_catches_a_budget_in_two_steps() {
    block_on(conformance::a_budget_is_never_overspent(&harness(
        Fault::BudgetInTwoSteps,
    )));
}

#[test]
#[should_panic(expected = "a repeated use was counted again")]
fn the_kit_catches_a_repeat_that_is_counted() {
    block_on(conformance::a_repeated_use_is_counted_once(&harness(
        Fault::CountsRepeats,
    )));
}

#[test]
#[should_panic(expected = "an old id was granted after the withdrawal")]
fn the_kit_catches_an_answer_from_memory() {
    block_on(conformance::a_repeated_use_is_no_way_around_a_withdrawal(
        &harness(Fault::RemembersAnswers),
    ));
}

#[test]
#[should_panic(expected = "a clock set back revived an expired consent")]
fn the_kit_catches_trust_in_the_clock() {
    block_on(conformance::a_clock_set_back_revives_nothing(&harness(
        Fault::TrustsTheClock,
    )));
}

#[test]
#[should_panic(expected = "a repeat revived a consent that was withdrawn")]
fn the_kit_catches_forgotten_idempotency() {
    block_on(conformance::a_record_again_changes_nothing(&harness(
        Fault::ForgetsIdempotency,
    )));
}

#[test]
#[should_panic(expected = "expected `AlreadyExists`")]
fn the_kit_catches_other_terms_taken_for_a_repeat() {
    block_on(conformance::other_terms_under_an_id_write_nothing(
        &harness(Fault::TakesOtherTerms),
    ));
}

#[test]
#[should_panic(expected = "expected `Conflict`")]
fn the_kit_catches_a_lost_update() {
    block_on(conformance::a_stale_step_writes_nothing(&harness(
        Fault::LosesUpdates,
    )));
}

#[test]
#[should_panic(expected = "a refusal was forgotten")]
fn the_kit_catches_a_forgotten_refusal() {
    block_on(conformance::a_no_is_remembered(&harness(
        Fault::ForgetsRefusals,
    )));
}

#[test]
#[should_panic(expected = "a batch over the limit was written")]
fn the_kit_catches_half_a_batch() {
    block_on(conformance::too_large_a_batch_writes_nothing(&harness(
        Fault::WritesHalfABatch,
    )));
}

#[test]
#[should_panic(expected = "the feed does not tell what was written")]
fn the_kit_catches_a_skipped_change() {
    block_on(conformance::every_write_is_told_once(&harness(
        Fault::SkipsChanges,
    )));
}

/// What forwards to a sound store is sound, so what is caught above is the
/// fault.
mod forwarded {
    use super::*;

    solidarity_consent::consent_store_conformance!(InMemory::new(|| {
        let inner: Box<dyn ConsentStore> = Box::new(MemoryConsentStore::new());
        Arc::new(inner) as Arc<dyn ConsentStore>
    }));
}
