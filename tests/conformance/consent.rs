//! Outside consent stores: one sound, and one for each promise that it
//! breaks.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use solidarity_consent::{
    Collected, Consent, ConsentStore, ConsentStoreExt, Decision, Error, MemoryConsentStore,
    NewConsent, NewUse, Outcome, Policy, Recipient, Reply, Request, Result, State, Use, UseId,
    Uses, conformance, decide,
};
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{
    Change, ChangeFeed, ConsentId, Page, Paged, PersonId, Purpose, Stamp, Version, limits,
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
    /// Shows everybody's consents to anybody.
    MixesPeopleUp,
    /// Gives the outcomes of a batch in an order of its own.
    AnswersOutOfOrder,
    /// Asks a person as often as anybody likes.
    AsksWithoutEnd,
    /// Takes another answer for a repeat of the first.
    TakesASecondAnswer,
    /// Lets nobody withdraw but who said yes.
    HoldsOn,
    /// Keeps what was superseded.
    KeepsTheOldYes,
    /// Keeps a spent budget spent.
    GivesNoBudgetBack,
    /// Takes what rests on law for what rests on consent.
    AsksConsentForLaw,
    /// Leaves out what a page begins with.
    SkipsAnEntry,
}

#[derive(Debug)]
struct Faulty {
    inner: MemoryConsentStore,
    fault: Fault,
    answers: Mutex<HashMap<UseId, Decision>>,
    counts: Mutex<HashMap<PersonId, u32>>,
    denied: Mutex<HashMap<PersonId, Decision>>,
    people: Mutex<BTreeSet<PersonId>>,
    between: AtomicUsize,
}

fn harness(fault: Fault) -> InMemory<impl Fn() -> Arc<dyn ConsentStore>> {
    InMemory::new(move || {
        Arc::new(Faulty {
            inner: MemoryConsentStore::new(),
            fault,
            answers: Mutex::default(),
            counts: Mutex::default(),
            denied: Mutex::default(),
            people: Mutex::default(),
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
            Fault::GivesNoBudgetBack => {
                let person = request.subject();
                if let Some(denied) = self.denied.lock().unwrap().get(&person) {
                    return Ok(denied.clone());
                }
                let decision = self.inner.check_and_use_one(new, policy, stamp).await?;
                if !matches!(decision.outcome(), Outcome::Permit { .. }) {
                    let mut denied = self.denied.lock().unwrap();
                    denied.insert(person, decision.clone());
                }
                Ok(decision)
            }
            Fault::AsksConsentForLaw => {
                let (purpose, clinic) = ("health-outreach", Recipient::from_static("clinic"));
                let fields = request.fields().iter().cloned();
                let purpose = Purpose::from_static(purpose);
                let asked = Request::new(request.subject(), purpose, clinic, fields)?;
                let all = self.inner.all_of_subject(request.subject()).await?;
                Ok(decide(policy, &all, &Uses::none(), &asked, stamp.at()))
            }
            _ => self.inner.check_and_use_one(new, policy, stamp).await,
        }
    }

    fn skipped<T: Clone>(&self, paged: Paged<T>, page: &Page) -> Paged<T> {
        let next = paged.next().cloned();
        let skipped = usize::from(self.fault == Fault::SkipsAnEntry && page.cursor().is_some());
        Paged::new(paged.into_items().into_iter().skip(skipped).collect(), next)
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
        let people = new.iter().map(|new| new.subject);
        self.people.lock().unwrap().extend(people);
        let mut outcomes = self.inner.record(new, stamp).await?;
        if self.fault == Fault::AnswersOutOfOrder {
            outcomes.reverse();
        }
        for (new, outcome) in new.iter().zip(&mut outcomes) {
            match (self.fault, &*outcome) {
                (Fault::ForgetsIdempotency, Ok(consent)) => {
                    *outcome = Ok(consent.at_version(Version::FIRST).unwrap());
                }
                (Fault::TakesOtherTerms, Err(Error::AlreadyExists { .. })) => {
                    *outcome = self.inner.get(new.id).await;
                }
                (Fault::AsksWithoutEnd, Err(Error::Invalid(_))) => {
                    let all = self.inner.all_of_subject(new.subject).await?;
                    *outcome = Ok(all.into_iter().next().unwrap());
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
        match self.inner.answer(id, expected, reply, stamp).await {
            Err(Error::NotOpen { .. }) if self.fault == Fault::TakesASecondAnswer => {
                self.inner.get(id).await
            }
            answer => answer,
        }
    }

    async fn withdraw(
        &self,
        id: ConsentId,
        expected: Version,
        collected: &Collected,
        stamp: &Stamp,
    ) -> Result<Consent> {
        let held = self.inner.get(id).await?;
        if self.fault == Fault::HoldsOn && held.state() != State::Given {
            return Ok(held);
        }
        let expected = match self.fault {
            Fault::LosesUpdates => held.version(),
            _ => expected,
        };
        self.inner.withdraw(id, expected, collected, stamp).await
    }

    async fn get(&self, id: ConsentId) -> Result<Consent> {
        let held = self.inner.get(id).await?;
        match (self.fault, held.state()) {
            (Fault::KeepsTheOldYes, State::Superseded) => {
                Ok(held.at_version(Version::FIRST).unwrap())
            }
            _ => Ok(held),
        }
    }

    async fn of_subject(&self, subject: PersonId, page: &Page) -> Result<Paged<Consent>> {
        if self.fault == Fault::MixesPeopleUp {
            let people = self.people.lock().unwrap().clone();
            let mut all = Vec::new();
            for person in people {
                all.extend(self.inner.all_of_subject(person).await?);
            }
            return Ok(Paged::new(all, None));
        }
        let paged = self.inner.of_subject(subject, page).await?;
        let paged = self.skipped(paged, page);
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
        Ok(self.skipped(self.inner.uses(id, page).await?, page))
    }
}

macro_rules! caught {
    ($($test:ident: $fault:ident by $case:ident, $says:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $says)]
        fn $test() {
            block_on(conformance::$case(&harness(Fault::$fault)));
        }
    )+};
}

caught! {
    a_grant_after_a_withdrawal: GrantsAfterWithdrawal
        by nothing_is_granted_on_what_was_withdrawn, "granted on a consent that was withdrawn";
    a_grant_after_a_withdrawal_returned: GrantsAfterWithdrawal
        by nothing_is_granted_after_a_withdrawal_returned, "a scoped thread panicked";
    a_budget_in_two_steps: BudgetInTwoSteps
        by a_budget_is_never_overspent, "a budget of 3 was not spent to the last and no further";
    a_repeat_that_is_counted: CountsRepeats
        by a_repeated_use_is_counted_once, "a repeated use was counted again";
    an_answer_from_memory: RemembersAnswers
        by a_repeated_use_is_no_way_around_a_withdrawal, "an old id was granted after the withdrawal";
    trust_in_the_clock: TrustsTheClock
        by a_clock_set_back_revives_nothing, "a clock set back revived an expired consent";
    forgotten_idempotency: ForgetsIdempotency
        by a_record_again_changes_nothing, "a repeat revived a consent that was withdrawn";
    other_terms_taken_for_a_repeat: TakesOtherTerms
        by other_terms_under_an_id_write_nothing, "expected `AlreadyExists`";
    a_lost_update: LosesUpdates
        by a_stale_step_writes_nothing, "expected `Conflict`";
    a_forgotten_refusal: ForgetsRefusals
        by a_no_is_remembered, "a refusal was forgotten";
    half_a_batch: WritesHalfABatch
        by too_large_a_batch_writes_nothing, "a batch over the limit was written";
    a_skipped_change: SkipsChanges
        by every_write_is_told_once, "the feed does not tell what was written";
    somebody_elses_consents: MixesPeopleUp
        by what_is_recorded_is_read, "left == right";
    outcomes_out_of_order: AnswersOutOfOrder
        by a_batch_has_one_outcome_each, "left == right";
    questions_without_end: AsksWithoutEnd
        by a_person_is_asked_so_often_and_no_more, "Err(Error::Invalid(_))";
    a_second_answer: TakesASecondAnswer
        by an_answer_is_given_once, "Err(Error::NotOpen";
    a_question_that_cannot_be_withdrawn: HoldsOn
        by a_consent_in_any_state_can_be_withdrawn, "left: Requested";
    an_old_yes_that_stays: KeepsTheOldYes
        by a_yes_takes_the_place_of_what_it_supersedes, "left: Given";
    a_budget_that_does_not_come_back: GivesNoBudgetBack
        by a_budget_is_spent_and_comes_back, "at second 61";
    consent_asked_where_law_suffices: AsksConsentForLaw
        by law_needs_no_consent_and_is_not_counted, "Outcome::Permit";
    an_entry_that_is_skipped: SkipsAnEntry
        by lists_go_on_where_they_ended, "left == right";
}

/// A harness whose store is empty when it comes back.
struct LosesAll;

#[async_trait]
impl Harness<dyn ConsentStore> for LosesAll {
    async fn open(&self) -> Arc<dyn ConsentStore> {
        Arc::new(MemoryConsentStore::new())
    }

    async fn reopen(&self, _: Arc<dyn ConsentStore>) -> Arc<dyn ConsentStore> {
        self.open().await
    }
}

#[test]
#[should_panic(expected = "NotFound")]
fn a_withdrawal_that_a_crash_loses() {
    block_on(conformance::what_was_acknowledged_survives_a_crash(
        &LosesAll,
    ));
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
