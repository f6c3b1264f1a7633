//! The kits of the grievance block, and the faults that they catch.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a planted fault that cannot be planted fails the test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{
    ActorId, CaseId, Change, ChangeFeed, Page, Paged, SafeContact, Stamp, Version,
};
use solidarity_grievance::conformance::{case_store, notifier, workflows};
use solidarity_grievance::{
    Act, Case, CaseFilter, CaseStore, Error, Event, MemoryCaseStore, MemoryNotifier, Message,
    NewCase, Notifier, Party, ReceiptDigest, Refusal, Result, Step, Told, Workflows,
};

use crate::meeting::Meeting;

mod shared {
    use super::*;

    solidarity_grievance::case_store_conformance!(InMemory::new(|| {
        Arc::new(Arc::new(MemoryCaseStore::new(workflows()))) as Arc<dyn CaseStore>
    }));
}

mod told {
    use super::*;

    solidarity_grievance::notifier_conformance!(InMemory::new(|| {
        Arc::new(Arc::new(MemoryNotifier::new())) as Arc<dyn Notifier>
    }));
}

/// How many comment at once in the kit.
const COMMENTERS: usize = 4;

/// What a careless store does wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    DeciderDecides,
    AccusedHandles,
    LosesAnEvent,
    StoresStaleActs,
    CommentMovesTheClock,
    LeaksReceipts,
    ForgetsWhatWasOpened,
    DoesAnActTwice,
    LosesTheAnswer,
    SkipsAChange,
    TellsOfRefusals,
    EscalatesEarly,
    ChecksVersionsBeforeItWrites,
    ForgetsWhoIsOwedWord,
}

#[derive(Debug)]
struct Faulty {
    fault: Fault,
    inner: MemoryCaseStore,
    any: std::sync::Mutex<Option<Case>>,
    refused: AtomicBool,
    readers: Meeting,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// The same act, by an officer who is nobody in particular.
    fn disguised(act: &Act) -> Option<(Act, ActorId)> {
        let Party::Officer(officer) = &act.by else {
            return None;
        };
        let mut officer = officer.clone();
        officer.actor = ActorId::generate();
        officer.offices.clear();
        let actor = officer.actor;
        Some((Act::by_officer(officer, act.step.clone()), actor))
    }

    /// Does `act` at whatever version the case has come to.
    async fn write_over(&self, id: CaseId, act: Act, stamp: &Stamp) -> Result<Event> {
        loop {
            let now = self.inner.get(id).await?.version();
            match self.inner.act(id, now, act.clone(), stamp).await {
                Err(Error::Conflict { .. }) => {}
                done => return done,
            }
        }
    }

    /// The same case with a field of its JSON changed.
    fn changed(case: &Case, change: impl FnOnce(&mut serde_json::Value)) -> Case {
        let mut json = serde_json::to_value(case).unwrap();
        change(&mut json);
        serde_json::from_value(json).unwrap()
    }

    fn damaged(&self, case: Case) -> Case {
        let last = serde_json::to_value(&case).unwrap()["last_at"].clone();
        match self.fault {
            Fault::CommentMovesTheClock if case.post().is_some() => Self::changed(&case, |json| {
                json["waiting_since"] = last.clone();
                json["standing"]["open"]["since"] = last;
            }),
            Fault::LosesTheAnswer => Self::changed(&case, |json| json["answer"] = ().into()),
            _ => case,
        }
    }
}

#[async_trait]
impl ChangeFeed for Faulty {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        let changes = self.inner.changes_since(page).await?;
        let next = changes.next().cloned();
        let mut items = changes.into_items();
        if self.has(Fault::SkipsAChange) {
            items.retain(|change| change.kind().as_str() != "comment");
        }
        if self.has(Fault::TellsOfRefusals) && self.refused.load(Ordering::SeqCst) {
            items.extend(items.last().cloned());
        }
        Ok(Paged::new(items, next))
    }
}

#[async_trait]
impl CaseStore for Faulty {
    fn workflows(&self) -> &Workflows {
        self.inner.workflows()
    }

    async fn open(
        &self,
        id: CaseId,
        new: NewCase,
        receipt: ReceiptDigest,
        stamp: &Stamp,
    ) -> Result<Case> {
        let opened = self.inner.open(id, new, receipt, stamp).await?;
        *self.any.lock().unwrap() = Some(opened.clone());
        if self.has(Fault::ForgetsWhatWasOpened) {
            return self.inner.get(id).await;
        }
        Ok(opened)
    }

    async fn get(&self, id: CaseId) -> Result<Case> {
        self.inner.get(id).await.map(|case| self.damaged(case))
    }

    async fn find_by_receipt(&self, receipt: &ReceiptDigest) -> Result<Option<Case>> {
        let found = self.inner.find_by_receipt(receipt).await?;
        if found.is_none() && self.has(Fault::LeaksReceipts) {
            return Ok(self.any.lock().unwrap().clone());
        }
        Ok(found)
    }

    async fn act(&self, id: CaseId, expected: Version, act: Act, stamp: &Stamp) -> Result<Event> {
        let now = self.inner.get(id).await?.version();
        let expected = match self.fault {
            Fault::StoresStaleActs | Fault::DoesAnActTwice => now,
            _ => expected,
        };
        if self.has(Fault::ChecksVersionsBeforeItWrites)
            && expected == now
            && matches!(act.step, Step::Comment { .. })
        {
            self.readers.wait_for(COMMENTERS);
            return self.write_over(id, act, stamp).await;
        }
        if self.has(Fault::EscalatesEarly) && matches!(act.step, Step::Escalate { .. }) {
            let later = stamp.at() + chrono::TimeDelta::hours(2);
            let stamp = Stamp::new(later, stamp.actor(), stamp.purpose().clone());
            return self.inner.act(id, expected, act, &stamp).await;
        }
        let done = self.inner.act(id, expected, act.clone(), stamp).await;
        let why = done.as_ref().err().and_then(Error::refusal);
        self.refused.fetch_or(why.is_some(), Ordering::SeqCst);
        let ignored = match self.fault {
            Fault::DeciderDecides => why == Some(Refusal::NotIndependent),
            Fault::AccusedHandles => why == Some(Refusal::ConflictOfInterest),
            _ => false,
        };
        match Self::disguised(&act).filter(|_| ignored) {
            Some((act, actor)) => {
                let stamp = Stamp::new(stamp.at(), actor, stamp.purpose().clone());
                self.inner.act(id, expected, act, &stamp).await
            }
            None => done,
        }
    }

    async fn events(&self, id: CaseId, page: &Page) -> Result<Paged<Event>> {
        let events = self.inner.events(id, page).await?;
        let next = events.next().cloned();
        let mut items = events.into_items();
        if self.has(Fault::LosesAnEvent) {
            items.retain(|event| !matches!(event.act().step, Step::Comment { .. }));
        }
        Ok(Paged::new(items, next))
    }

    async fn list(&self, filter: &CaseFilter, page: &Page) -> Result<Paged<Case>> {
        let found = self.inner.list(filter, page).await?;
        let next = found.next().cloned();
        let mut items = found.into_items();
        if self.has(Fault::ForgetsWhoIsOwedWord) && filter.untold_only {
            items.retain(|case| case.answer().is_some());
        }
        Ok(Paged::new(items, next))
    }
}

fn faulty(fault: Fault) -> impl Harness<dyn CaseStore> {
    InMemory::new(move || {
        Arc::new(Faulty {
            fault,
            inner: MemoryCaseStore::new(workflows()),
            any: std::sync::Mutex::default(),
            refused: AtomicBool::default(),
            readers: Meeting::default(),
        }) as Arc<dyn CaseStore>
    })
}

macro_rules! catches {
    ($($name:ident: $fault:ident by $case:ident, $said:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $said)]
        fn $name() {
            block_on(case_store::$case(&faulty(Fault::$fault)));
        }
    )+};
}

catches! {
    a_decider_who_decides_the_appeal: DeciderDecides by whoever_decided_never_decides_the_appeal, "expected `NotIndependent`";
    an_accused_who_handles_the_case: AccusedHandles by whom_it_concerns_never_handles_it, "expected `ConflictOfInterest`";
    a_lost_event: LosesAnEvent by an_act_is_remembered, "the history has a hole";
    an_act_that_is_done_twice: DoesAnActTwice by an_act_again_changes_nothing, "acting again said something else";
    a_stale_act: StoresStaleActs by a_stale_act_writes_nothing, "expected `Conflict`";
    a_clock_that_a_comment_moves: CommentMovesTheClock by a_comment_moves_no_clock, "a comment moved the clock";
    a_receipt_that_finds_anything: LeaksReceipts by a_receipt_finds_its_case_alone, "a wrong receipt found a case";
    an_opening_that_changes: ForgetsWhatWasOpened by opening_again_changes_nothing, "opening again said something else";
    an_answer_that_is_lost: LosesTheAnswer by an_answer_waits_until_it_is_read, "the answer is lost";
    a_change_that_is_skipped: SkipsAChange by every_write_is_told_once, "the feed tells something else";
    a_change_for_what_was_refused: TellsOfRefusals by a_refused_act_writes_nothing, "a refused act was told of";
    two_acts_on_one_version: ChecksVersionsBeforeItWrites by of_two_acts_one_is_done, "round 0";
    a_message_that_nobody_owes: ForgetsWhoIsOwedWord by who_is_owed_word_is_listed_until_told, "nobody would tell";
    an_escalation_before_its_time: EscalatesEarly by a_rung_comes_once, "expected `NotDue`";
}

/// A store that a crash empties.
struct Forgetful;

#[async_trait]
impl Harness<dyn CaseStore> for Forgetful {
    async fn open(&self) -> Arc<dyn CaseStore> {
        Arc::new(MemoryCaseStore::new(workflows()))
    }

    async fn reopen(&self, _subject: Arc<dyn CaseStore>) -> Arc<dyn CaseStore> {
        self.open().await
    }
}

#[test]
#[should_panic(expected = "a case was lost or changed in a crash")]
fn a_case_that_a_crash_loses() {
    block_on(case_store::cases_survive_a_crash(&Forgetful));
}

/// Says that everything arrived, and sends anything anywhere.
#[derive(Debug, Default)]
struct Careless;

#[async_trait]
impl Notifier for Careless {
    async fn tell(&self, _contact: &SafeContact, _message: &Message) -> Result<Told> {
        Ok(Told::Delivered)
    }
}

fn careless() -> impl Harness<dyn Notifier> {
    InMemory::new(|| Arc::new(Careless) as Arc<dyn Notifier>)
}

#[test]
#[should_panic(expected = "an answer went where others read it")]
fn an_answer_sent_to_a_shared_telephone() {
    let careless = careless();
    block_on(notifier::an_answer_goes_where_nobody_else_reads(&careless));
}

#[test]
#[should_panic(expected = "a message reached nobody")]
fn a_message_to_nobody() {
    block_on(notifier::who_has_no_address_is_not_reached(&careless()));
}
