//! Stores of duplicate cases: a sound one, and careless ones.

use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::testing::{Harness, InMemory, block_on, seed};
use solidarity_core::{ActorId, Change, ChangeFeed, Page, Paged, PersonId, Stamp, Version};
use solidarity_registry::conformance::duplicate_case_store::{self, THREADS};
use solidarity_registry::duplicate_cases::{
    DuplicateCase, DuplicateCaseId, DuplicateCaseStore, Judged, Judgement, JudgementReason,
    MemoryDuplicateCaseStore, NewDuplicateCase, Proposed, QueueOrder,
};
use solidarity_registry::limits::EVIDENCE_MAX;
use solidarity_registry::{Error, Result, duplicate_case_store_conformance};

use crate::meeting::Meeting;

fn in_memory() -> Arc<dyn DuplicateCaseStore> {
    Arc::new(MemoryDuplicateCaseStore::new())
}

mod sound {
    use super::*;

    duplicate_case_store_conformance!(InMemory::new(in_memory));

    #[test]
    fn agrees_with_memory() {
        let harness = InMemory::new(in_memory);
        block_on(duplicate_case_store::agrees_with_memory(
            &harness,
            seed(),
            2_000,
        ));
    }
}

/// What a careless store of duplicate cases gets wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// It keeps the probability and drops the evidence but for one entry.
    KeepsOneReason,
    /// It takes a pair again for news.
    OpensAgain,
    /// It looks whether there is a case first, and opens one afterwards.
    LooksThenOpens,
    /// It asks again about whoever was judged different.
    ForgetsJudgements,
    /// It takes any other version for a later one.
    TakesOldFactsForNew,
    /// It never asks again.
    AsksOnce,
    /// It asks again about whoever was judged one.
    AsksAgainOfTheSame,
    /// It shows an open case as it was first put up.
    KeepsOldEvidence,
    /// It writes the good pairs of a batch that is refused.
    WritesHalfABatch,
    /// It cuts off what is too much.
    CutsEvidence,
    /// It takes a case from the queue that somebody was unsure about.
    ClosesOnUnsure,
    /// It ignores the version expected.
    LosesUpdates,
    /// It looks at the version first, and writes afterwards.
    LooksThenJudges,
    /// It writes a judgement again that is sent again.
    ForgetsRepeats,
    /// It remembers no more than the last judgement's answer.
    ForgetsEarlierRepeats,
    /// It lets whoever put a finding up judge it.
    JudgesItsOwn,
    /// It takes judgements without end.
    CountsNothing,
    /// It lists by age, whatever is asked for.
    KnowsOneOrder,
    /// It loses the last of each page.
    LosesAtPageEnd,
    /// It finds the cases of the lower id only.
    KnowsOneSide,
    /// It tells of no judgement.
    HidesJudgements,
}

#[derive(Debug)]
struct Faulty {
    fault: Fault,
    inner: MemoryDuplicateCaseStore,
    meeting: Meeting,
}

fn faulty(fault: Fault) -> impl Harness<dyn DuplicateCaseStore> {
    InMemory::new(move || {
        Arc::new(Faulty {
            fault,
            inner: MemoryDuplicateCaseStore::new(),
            meeting: Meeting::default(),
        }) as Arc<dyn DuplicateCaseStore>
    })
}

impl Faulty {
    /// What is put up in place of `pair`.
    fn instead(&self, pair: &NewDuplicateCase, known: Option<&DuplicateCase>) -> NewDuplicateCase {
        let mut pair = pair.clone();
        match self.fault {
            Fault::KeepsOneReason => pair.evidence.truncate(1),
            Fault::CutsEvidence => pair.evidence.truncate(EVIDENCE_MAX),
            _ => {}
        }
        let Some(known) = known else { return pair };
        let (standing, versions) = (known.judgement(), known.finding().versions);
        match self.fault {
            Fault::ForgetsJudgements if standing.is_some() => {
                pair.versions = (versions.0.next(), versions.1);
            }
            Fault::TakesOldFactsForNew if standing.is_some() && pair.versions != versions => {
                pair.versions = (versions.0, versions.1.next());
            }
            Fault::AsksOnce if standing.is_some() => pair.versions = versions,
            Fault::KeepsOldEvidence => pair.versions = versions,
            _ => {}
        }
        pair
    }

    async fn find(&self, id: DuplicateCaseId) -> Option<DuplicateCase> {
        self.inner.get(id).await.ok()
    }

    async fn propose_one(&self, pair: &NewDuplicateCase, stamp: &Stamp) -> Result<Proposed> {
        let known = self.find(pair.id()).await;
        if self.fault == Fault::LooksThenOpens {
            self.meeting.wait_for(THREADS);
        }
        let instead = self.instead(pair, known.as_ref());
        let said = self.inner.propose(&[instead], stamp).await?[0];
        Ok(match (self.fault, said) {
            (Fault::OpensAgain, Proposed::KnownOpen) => Proposed::Opened,
            (Fault::LooksThenOpens, _) if known.is_none() => Proposed::Opened,
            (Fault::AsksAgainOfTheSame, Proposed::AlreadyDecided(Judgement::Same)) => {
                Proposed::ReopenedBecauseFactsChanged
            }
            _ => said,
        })
    }

    fn cut<T>(&self, paged: Paged<T>) -> Paged<T> {
        let next = paged.next().cloned();
        let mut items = paged.into_items();
        if self.fault == Fault::LosesAtPageEnd && next.is_some() {
            items.pop();
        }
        Paged::new(items, next)
    }
}

#[async_trait]
impl ChangeFeed for Faulty {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        let told = self.inner.changes_since(page).await?;
        let next = told.next().cloned();
        let hides = self.fault == Fault::HidesJudgements;
        let told = told.into_items().into_iter();
        let told = told.filter(|change| !hides || change.kind().as_str() != "judge");
        Ok(Paged::new(told.collect(), next))
    }
}

#[async_trait]
impl DuplicateCaseStore for Faulty {
    async fn propose(&self, batch: &[NewDuplicateCase], stamp: &Stamp) -> Result<Vec<Proposed>> {
        // The batch is checked as a whole, unless that is the fault.
        if !matches!(self.fault, Fault::WritesHalfABatch | Fault::CutsEvidence) {
            solidarity_registry::duplicate_cases::decision::check_batch(batch)?;
        }
        let mut said = Vec::new();
        for (position, pair) in batch.iter().enumerate() {
            match self.propose_one(pair, stamp).await {
                Err(Error::Invalid(invalid)) => return Err(invalid.at(position).into()),
                one => said.push(one?),
            }
        }
        Ok(said)
    }

    async fn decide(
        &self,
        id: DuplicateCaseId,
        expected: Version,
        judgement: Judgement,
        reason: JudgementReason,
        stamp: &Stamp,
    ) -> Result<Judged> {
        let case = self.inner.get(id).await?;
        let (mut expected, mut stamp) = (expected, stamp.clone());
        let written = |judged: &Judged| judged.version() == expected.next();
        let repeated = case.judgements().iter().any(written);
        let repeats_last = case.judgements().last().is_some_and(written);
        match self.fault {
            Fault::LosesUpdates => expected = case.version(),
            Fault::LooksThenJudges if case.version() == expected => {
                self.meeting.wait_for(THREADS);
                // Whoever comes in between is overwritten.
                return loop {
                    let version = self.inner.get(id).await?.version();
                    let reason = reason.clone();
                    match self
                        .inner
                        .decide(id, version, judgement, reason, &stamp)
                        .await
                    {
                        Err(Error::CaseConflict { .. }) => {}
                        said => break said,
                    }
                };
            }
            Fault::ForgetsRepeats if repeated => expected = case.version(),
            Fault::ForgetsEarlierRepeats if repeated && !repeats_last => {
                return Err(Error::case_conflict(id, expected, case.version()));
            }
            Fault::JudgesItsOwn if case.found().actor() == stamp.actor() => {
                let other = ActorId::derive(&stamp.actor(), "other");
                stamp = Stamp::new(stamp.at(), other, stamp.purpose().clone());
            }
            _ => {}
        }
        let said = self
            .inner
            .decide(id, expected, judgement, reason, &stamp)
            .await;
        match said {
            Err(Error::Invalid(_)) if self.fault == Fault::CountsNothing => {
                Ok(case.judgements()[0].clone())
            }
            said => said,
        }
    }

    async fn get(&self, id: DuplicateCaseId) -> Result<DuplicateCase> {
        self.inner.get(id).await
    }

    async fn list_open(&self, order: QueueOrder, page: &Page) -> Result<Paged<DuplicateCase>> {
        let order = match self.fault {
            Fault::KnowsOneOrder => QueueOrder::LongestOpenFirst,
            _ => order,
        };
        let found = self.inner.list_open(order, page).await?;
        let next = found.next().cloned();
        let mut items = found.into_items();
        if self.fault == Fault::ClosesOnUnsure {
            items.retain(|case| case.judgements().is_empty());
        }
        Ok(self.cut(Paged::new(items, next)))
    }

    async fn of_person(&self, person: PersonId, page: &Page) -> Result<Paged<DuplicateCase>> {
        let found = self.inner.of_person(person, page).await?;
        let next = found.next().cloned();
        let mut items = found.into_items();
        if self.fault == Fault::KnowsOneSide {
            items.retain(|case| case.finding().people.0 == person);
        }
        Ok(self.cut(Paged::new(items, next)))
    }
}

macro_rules! caught {
    ($($test:ident: $fault:ident by $case:ident, $says:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $says)]
        fn $test() {
            block_on(duplicate_case_store::$case(&faulty(Fault::$fault)));
        }
    )+};
}

caught! {
    evidence_that_is_dropped: KeepsOneReason
        by a_pair_is_opened_with_its_evidence, "the case shows something else";
    a_pair_that_is_opened_again: OpensAgain by a_pair_again_is_known, "a pair again was news";
    an_opening_that_is_not_atomic: LooksThenOpens
        by proposals_at_once_open_one_case, "a pair was opened more than once";
    a_judgement_that_is_forgotten: ForgetsJudgements
        by a_pair_judged_different_is_not_asked_again, "a pair judged different was asked again";
    old_facts_taken_for_new: TakesOldFactsForNew
        by a_pair_judged_different_is_not_asked_again, "a pair judged different was asked again";
    new_facts_that_nobody_sees: AsksOnce
        by changed_facts_reopen_a_pair_judged_different, "changed facts did not open a case again";
    a_judgement_that_does_not_last: AsksAgainOfTheSame
        by a_pair_judged_same_stays_judged, "a pair judged same was asked again";
    evidence_that_is_old: KeepsOldEvidence
        by an_open_case_shows_newer_evidence, "a case shows old evidence";
    half_a_batch: WritesHalfABatch
        by a_bad_pair_writes_nothing_of_its_batch, "a refused batch wrote something";
    evidence_that_is_cut: CutsEvidence by limits_hold_to_the_one, "65 entries of evidence";
    unsure_that_closes: ClosesOnUnsure
        by unsure_leaves_it_open, "who is unsure took it out of the queue";
    an_update_that_is_lost: LosesUpdates
        by a_stale_judgement_writes_nothing, "expected `CaseConflict`";
    a_judgement_that_is_not_atomic: LooksThenJudges
        by of_many_who_judge_one_is_heard, "not one was heard";
    a_judgement_that_counts_twice: ForgetsRepeats
        by a_judgement_again_has_the_same_answer, "a judgement again had another answer";
    an_answer_that_is_forgotten: ForgetsEarlierRepeats
        by a_judgement_again_has_the_same_answer, "CaseConflict";
    a_program_that_answers_itself: JudgesItsOwn
        by nobody_judges_what_they_put_up, "expected `OwnFinding`";
    judgements_without_end: CountsNothing
        by a_judgement_is_corrected_and_none_is_lost, "Ok(Judged";
    an_order_that_is_ignored: KnowsOneOrder
        by open_cases_are_listed_in_both_orders, "LikeliestFirst";
    a_case_lost_between_pages: LosesAtPageEnd
        by open_cases_are_listed_in_both_orders, "LikeliestFirst";
    a_persons_case_lost_between_pages: LosesAtPageEnd
        by a_persons_cases_are_listed, "a person does not find their cases";
    a_side_that_is_forgotten: KnowsOneSide
        by a_persons_cases_are_listed, "a person does not find their cases";
    a_judgement_that_is_not_told: HidesJudgements
        by every_write_is_told_once, "a write was not told once";
}

/// A harness whose store is empty when it comes back.
struct LosesAll;

#[async_trait]
impl Harness<dyn DuplicateCaseStore> for LosesAll {
    async fn open(&self) -> Arc<dyn DuplicateCaseStore> {
        in_memory()
    }

    async fn reopen(&self, _: Arc<dyn DuplicateCaseStore>) -> Arc<dyn DuplicateCaseStore> {
        self.open().await
    }
}

#[test]
#[should_panic(expected = "CaseNotFound")]
fn what_a_crash_takes() {
    block_on(duplicate_case_store::cases_survive_a_crash(&LosesAll));
}
