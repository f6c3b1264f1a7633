//! A store of programmes as a stranger would run its kit, and the lies that
//! the kit must catch.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::slice;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::Days;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{Change, ChangeFeed, CycleId, Page, Paged, ProgrammeId, Stamp, Version};
use solidarity_programme::{
    AdverseAction, Appeal, Cycle, Decision, DecisionQuery, Enrolment, EnrolmentQuery, Entitlement,
    EntitlementKind, EntitlementQuery, Error, Event, MemoryProgrammeStore, NewEnrolment, NewEvent,
    NewNotice, Notice, Programme, ProgrammeStore, ProgrammeStoreExt, Result, conformance,
};

mod sound {
    use super::*;

    solidarity_programme::programme_store_conformance!(InMemory::new(|| {
        Arc::new(Arc::new(MemoryProgrammeStore::new())) as Arc<dyn ProgrammeStore>
    }));
}

/// One broken promise.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lie {
    /// Says that a whole batch is recorded, and leaves out its last item.
    LosesADecision,
    /// Takes a decision at its word.
    DoesNotReplay,
    /// Lets a notice count from fourteen days before it was given.
    IgnoresTheDayOfEffect,
    /// Lists who stands so as if it were a fortnight later.
    ListsAnotherDay,
    /// Lets a notice be dated back.
    TakesABackdatedNotice,
    /// Lets anything be a ground.
    TakesAnyGround,
    /// Lets anybody say who collects.
    TakesAnyPayee,
    /// Forgets that somebody appealed.
    ForgetsAppeals,
    /// Lets a unit be enrolled again.
    EnrolsTwice,
    /// Sets whatever amount it is told.
    SetsWhatIsNotDue,
    /// Says that arrears are set which are not.
    SetsTwice,
    /// Lets a cycle be corrected once.
    CorrectsOnce,
    /// Owes nothing unless somebody appealed.
    WaitsForAnAppeal,
    /// Goes on after a cycle is closed.
    ReopensACycle,
    /// Does not tell of stops.
    KeepsStopsSilent,
    /// Begins a batch that it then refuses.
    WritesHalfABatch,
    /// Refuses what it has taken before.
    ForgetsIds,
    /// Puts one statement in the place of another.
    RewritesAStatement,
}

#[derive(Debug)]
struct Liar {
    inner: MemoryProgrammeStore,
    lie: Lie,
}

impl Liar {
    /// Says yes where the reference says no for this reason.
    fn says_yes(
        &self,
        lie: Lie,
        outcomes: Vec<Result<()>>,
        to: impl Fn(&Error) -> bool,
    ) -> Vec<Result<()>> {
        let yes = |outcome| match outcome {
            Err(error) if self.lie == lie && to(&error) => Ok(()),
            other => other,
        };
        outcomes.into_iter().map(yes).collect()
    }

    /// A stop whose notice was given a fortnight earlier.
    fn earlier(action: &AdverseAction) -> Event {
        let notice = action.notice();
        let back = |day: chrono::NaiveDate| day.checked_sub_days(Days::new(14)).unwrap();
        let said = NewNotice::new(
            notice.id(),
            notice.reason().clone(),
            notice.text().clone(),
            back(notice.dated()),
            back(notice.effect()),
            notice.appeal_at(),
            notice.contact().clone(),
        );
        let notice = Notice::new(notice.terms(), said).unwrap();
        let (step, ground) = (action.step(), action.ground().clone());
        let earlier = AdverseAction::new(action.enrolment(), step, ground, notice);
        Event::Stop(Box::new(earlier.unwrap()))
    }

    /// Whether it does not set what is due.
    async fn withholds(&self, due: &Entitlement) -> Result<bool> {
        let EntitlementKind::Arrears { missed } = due.kind() else {
            return Ok(false);
        };
        Ok(match self.lie {
            Lie::CorrectsOnce => {
                let query = EntitlementQuery::Enrolment(due.enrolment());
                let listed = self
                    .inner
                    .list_entitlements(query, &Page::largest())
                    .await?;
                let kind = EntitlementKind::Arrears { missed };
                let mut set = listed.items().iter();
                set.any(|e| e.kind() == kind && e.id() != due.id())
            }
            Lie::WaitsForAnAppeal => {
                let held = self.inner.get_enrolment(due.enrolment()).await?;
                !held.appeals().iter().any(Appeal::upheld)
            }
            _ => false,
        })
    }

    fn as_told(&self, enrolment: &Enrolment) -> Enrolment {
        let mut history = enrolment.history().to_vec();
        match self.lie {
            Lie::ForgetsAppeals => history.retain(|r| !matches!(r.event, Event::Appeal { .. })),
            Lie::IgnoresTheDayOfEffect => {
                for recorded in &mut history {
                    if let Event::Stop(action) = &recorded.event {
                        recorded.event = Self::earlier(action);
                    }
                }
            }
            _ => {}
        }
        Enrolment::from_parts(enrolment.began().clone(), history)
    }
}

#[async_trait]
impl ChangeFeed for Liar {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        let told = self.inner.changes_since(page).await?;
        if self.lie != Lie::KeepsStopsSilent {
            return Ok(told);
        }
        let next = told.next().cloned();
        let mut items = told.into_items();
        items.retain(|change| change.kind().as_str() != "suspend");
        Ok(Paged::new(items, next))
    }
}

#[async_trait]
impl ProgrammeStore for Liar {
    async fn put_programme(&self, programme: &Programme, stamp: &Stamp) -> Result<()> {
        match self.inner.put_programme(programme, stamp).await {
            Err(Error::AlreadyExists { .. }) if self.lie == Lie::RewritesAStatement => Ok(()),
            other => other,
        }
    }

    async fn get_programme(&self, id: ProgrammeId, version: Option<Version>) -> Result<Programme> {
        self.inner.get_programme(id, version).await
    }

    async fn record_decisions(
        &self,
        decisions: &[Decision],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>> {
        if self.lie == Lie::WritesHalfABatch && decisions.len() > BATCH_MAX {
            self.inner.record_decisions(&decisions[..1], stamp).await?;
        }
        if self.lie == Lie::LosesADecision && decisions.len() > 1 {
            let (_, rest) = decisions.split_last().unwrap();
            let mut outcomes = self.inner.record_decisions(rest, stamp).await?;
            outcomes.push(Ok(()));
            return Ok(outcomes);
        }
        let outcomes = self.inner.record_decisions(decisions, stamp).await?;
        Ok(self.says_yes(Lie::DoesNotReplay, outcomes, |error| {
            matches!(error, Error::Unfounded { .. })
        }))
    }

    async fn list_decisions(&self, query: DecisionQuery, page: &Page) -> Result<Paged<Decision>> {
        self.inner.list_decisions(query, page).await
    }

    async fn enrol(&self, new: &[NewEnrolment], stamp: &Stamp) -> Result<Vec<Result<()>>> {
        let outcomes = self.inner.enrol(new, stamp).await?;
        Ok(self.says_yes(Lie::EnrolsTwice, outcomes, |error| {
            matches!(error, Error::AlreadyEnrolled { .. })
        }))
    }

    async fn advance(&self, events: &[NewEvent], stamp: &Stamp) -> Result<Vec<Result<()>>> {
        if self.lie == Lie::ForgetsIds
            && let [event] = events
        {
            let query = EnrolmentQuery::One(event.enrolment);
            let held = self.inner.list_enrolments(query, &Page::first()).await?;
            let mut known = held.items().iter().flat_map(Enrolment::history);
            if known.any(|recorded| recorded.id == event.id) {
                return Ok(vec![Err(Error::already_exists(event.id))]);
            }
        }
        let outcomes = self.inner.advance(events, stamp).await?;
        let unfounded = |error: &Error| matches!(error, Error::Unfounded { .. });
        let outcomes = self.says_yes(Lie::TakesABackdatedNotice, outcomes, unfounded);
        let payee = |event: &NewEvent| matches!(event.event, Event::ChangePayee { .. });
        if events.iter().all(payee) {
            return Ok(self.says_yes(Lie::TakesAnyPayee, outcomes, unfounded));
        }
        Ok(self.says_yes(Lie::TakesAnyGround, outcomes, unfounded))
    }

    async fn list_enrolments(
        &self,
        query: EnrolmentQuery,
        page: &Page,
    ) -> Result<Paged<Enrolment>> {
        let query = match query {
            EnrolmentQuery::Status {
                programme,
                status,
                on,
            } if self.lie == Lie::ListsAnotherDay => EnrolmentQuery::Status {
                programme,
                status,
                on: on.checked_add_days(Days::new(14)).unwrap(),
            },
            other => other,
        };
        let listed = self.inner.list_enrolments(query, page).await?;
        Ok(listed.map(|enrolment| self.as_told(&enrolment)))
    }

    async fn set_entitlements(
        &self,
        cycle: &Cycle,
        entitlements: &[Entitlement],
        stamp: &Stamp,
    ) -> Result<Vec<Result<()>>> {
        if let [due] = entitlements
            && self.withholds(due).await?
        {
            return Ok(vec![Err(Error::unfounded(due.id(), "is not due so"))]);
        }
        let set = self.inner.set_entitlements(cycle, entitlements, stamp);
        let outcomes = self.says_yes(Lie::SetsWhatIsNotDue, set.await?, |error| {
            matches!(error, Error::Unfounded { .. })
        });
        let outcomes = self.says_yes(Lie::SetsTwice, outcomes, |error| {
            matches!(error, Error::AlreadyExists { .. })
        });
        Ok(self.says_yes(Lie::ReopensACycle, outcomes, |error| {
            matches!(error, Error::CycleClosed { .. })
        }))
    }

    async fn get_cycle(&self, id: CycleId) -> Result<Cycle> {
        self.inner.get_cycle(id).await
    }

    async fn list_entitlements(
        &self,
        query: EntitlementQuery,
        page: &Page,
    ) -> Result<Paged<Entitlement>> {
        self.inner.list_entitlements(query, page).await
    }
}

fn telling(lie: Lie) -> InMemory<impl Fn() -> Arc<dyn ProgrammeStore>> {
    InMemory::new(move || {
        let inner = MemoryProgrammeStore::new();
        Arc::new(Liar { inner, lie }) as Arc<dyn ProgrammeStore>
    })
}

/// `lie` is caught by `case`, which says `words`.
macro_rules! caught {
    ($($test:ident: $lie:ident by $case:ident, $words:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $words)]
        fn $test() {
            block_on(conformance::$case(&telling(Lie::$lie)));
        }
    )+};
}

caught! {
    a_lost_decision: LosesADecision by decisions_are_read_as_recorded, "NotFound";
    a_forged_decision: DoesNotReplay by a_forged_decision_is_refused, "a forged decision was recorded";
    a_stop_before_its_day: IgnoresTheDayOfEffect by nothing_stops_before_its_day, "before the day of its notice";
    a_list_of_another_day: ListsAnotherDay by a_status_is_listed_for_a_day, "status_on(on) == status";
    a_backdated_notice: TakesABackdatedNotice by a_backdated_or_short_notice_is_refused, "a backdated notice stopped a benefit";
    a_missing_fact_that_rejects: TakesAnyGround by an_undetermined_decision_rejects_nobody, "no ground rejected somebody";
    an_overtaken_ground: TakesAnyGround by an_overtaken_decision_ends_nothing, "an overtaken decision ended a benefit";
    a_stranger_s_wish: TakesAnyGround by a_stranger_ends_no_benefit, "a stranger ended a benefit";
    a_payee_of_anybody_s: TakesAnyPayee by nobody_else_changes_the_payee, "a stranger changed who collects";
    a_forgotten_appeal: ForgetsAppeals by an_appeal_holds_a_stop_back, "day 31";
    a_second_enrolment: EnrolsTwice by a_unit_is_enrolled_once, "a unit was enrolled twice";
    a_second_enrolment_at_once: EnrolsTwice by writers_at_once_enrol_a_unit_once, "enrolled twice at once";
    an_amount_that_is_not_due: SetsWhatIsNotDue by what_is_not_due_is_refused, "not due was set";
    arrears_beyond_what_is_owed: SetsWhatIsNotDue by an_upheld_appeal_is_owed_arrears, "more was set than is owed";
    arrears_set_twice: SetsTwice by each_correction_is_owed_once, "what is owed was set twice";
    a_second_correction: CorrectsOnce by each_correction_is_owed_once, "what was corrected is not paid";
    an_office_s_own_correction: WaitsForAnAppeal by a_stop_taken_back_is_owed_arrears, "own correction is not paid";
    a_cycle_that_goes_on: ReopensACycle by a_closed_cycle_takes_no_more, "a closed cycle took more";
    a_stop_that_is_not_told: KeepsStopsSilent by every_write_is_told_once, "a write was not told";
    half_a_batch: WritesHalfABatch by too_large_a_batch_writes_nothing, "get_decision(decision.id())";
    a_forgotten_id: ForgetsIds by history_is_kept, "AlreadyExists";
    a_rewritten_statement: RewritesAStatement by versions_follow_one_another, "at a version that is taken";
}

/// Comes back from a crash without the last thing that happened.
struct LosesTheTail;

#[async_trait]
impl Harness<dyn ProgrammeStore> for LosesTheTail {
    async fn open(&self) -> Arc<dyn ProgrammeStore> {
        Arc::new(MemoryProgrammeStore::new())
    }

    async fn reopen(&self, subject: Arc<dyn ProgrammeStore>) -> Arc<dyn ProgrammeStore> {
        let fresh = MemoryProgrammeStore::new();
        let told = subject.changes_since(&Page::largest()).await.unwrap();
        for change in told.items() {
            let stamp = Stamp::new(
                change.recorded_at(),
                change.actor(),
                change.purpose().clone(),
            )
            .within(change.correlation());
            copy(&*subject, &fresh, change, &stamp).await;
        }
        Arc::new(fresh)
    }
}

/// Writes again what `change` tells of, unless it is an event.
async fn copy(from: &dyn ProgrammeStore, to: &dyn ProgrammeStore, change: &Change, stamp: &Stamp) {
    let page = Page::first();
    match change.entity().as_str() {
        "programme" => {
            let id = ProgrammeId::from_uuid(change.id());
            let programme = from.get_programme(id, None).await.unwrap();
            to.put_programme(&programme, stamp).await.unwrap();
        }
        "decision" => {
            let id = solidarity_core::DecisionId::from_uuid(change.id());
            let found = from.list_decisions(DecisionQuery::One(id), &page).await;
            to.record_decisions(found.unwrap().items(), stamp)
                .await
                .unwrap();
        }
        "enrolment" if change.kind().as_str() == "enrol" => {
            let id = solidarity_core::EnrolmentId::from_uuid(change.id());
            let found = from.list_enrolments(EnrolmentQuery::One(id), &page).await;
            let found = found.unwrap().into_items().remove(0);
            to.enrol(slice::from_ref(found.began()), stamp)
                .await
                .unwrap();
        }
        _ => {}
    }
}

#[test]
#[should_panic(expected = "an event was lost in a crash")]
fn a_tail_lost_in_a_crash() {
    block_on(conformance::what_was_acknowledged_survives_a_crash(
        &LosesTheTail,
    ));
}
