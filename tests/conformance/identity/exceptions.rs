//! Registers of exceptions: a sound one, and careless ones.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{ActorId, Change, ChangeFeed, Page, Paged, PersonId, Salt, Stamp};
use solidarity_identity::conformance::{THREADS, exception_register};
use solidarity_identity::{
    AttesterTally, Exception, ExceptionId, ExceptionRegister, ExceptionRules, ExceptionUse,
    ExceptionUseId, MemoryExceptionRegister, NewException, Result, RevocationReason,
    exception_register_conformance,
};

use crate::meeting::Meeting;

fn in_memory() -> Arc<dyn ExceptionRegister> {
    Arc::new(MemoryExceptionRegister::new(ExceptionRules::default()).unwrap())
}

mod sound {
    use super::*;
    exception_register_conformance!(InMemory::new(in_memory));
}

/// What a careless register of exceptions gets wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// It lets an attester vouch for any number.
    IgnoresTheCap,
    /// It looks at the cap first, and grants afterwards.
    ChecksTheCapNotAtomically,
    /// It does not ask who the attester is.
    IgnoresStakes,
    /// It lets an exception be used more often than was granted.
    GivesMoreUses,
    /// It looks at what is left first, and writes the use down afterwards.
    CountsUsesNotAtomically,
    /// It counts the same use again.
    CountsTheSameUseTwice,
    /// It ends an exception whose review was missed.
    EndsByReview,
    /// It lets an exception be used after its end.
    OutlivesItsTime,
    /// It lets an exception be used that was revoked.
    ForgetsRevocations,
    /// It grants without bounds.
    KnowsNoBounds,
    /// It gives anybody the exception of somebody else.
    MixesPeopleUp,
    /// It uses the exception that holds longest.
    UsesTheLastToEnd,
    /// It answers the same grant again with what became of it.
    AnswersOtherwise,
    /// It leaves out the review that is most overdue.
    HidesAReview,
    /// It leaves out what a page begins with.
    SkipsAnEntry,
    /// It does not tell of uses.
    HidesUses,
}

#[derive(Debug)]
struct Faulty {
    fault: Fault,
    rules: ExceptionRules,
    inner: MemoryExceptionRegister,
    /// What is counted beside the register, and not atomically: the last
    /// exception's uses, and how many there have been.
    uses: Mutex<(u32, u32)>,
    last: Mutex<Option<Exception>>,
    readers: Meeting,
}

fn faulty(fault: Fault) -> impl Harness<dyn ExceptionRegister> {
    InMemory::new(move || {
        let rules = ExceptionRules::default();
        let mut kept = rules.clone();
        match fault {
            Fault::IgnoresTheCap | Fault::ChecksTheCapNotAtomically => {
                kept.cap_per_attester = 10_000;
            }
            Fault::KnowsNoBounds => kept.uses_max = 1_000,
            _ => {}
        }
        Arc::new(Faulty {
            fault,
            rules,
            inner: MemoryExceptionRegister::new(kept).unwrap(),
            uses: Mutex::default(),
            last: Mutex::default(),
            readers: Meeting::default(),
        }) as Arc<dyn ExceptionRegister>
    })
}

impl Faulty {
    async fn all(&self, person: PersonId) -> Result<Vec<Exception>> {
        Ok(self
            .inner
            .list(person, &Page::largest())
            .await?
            .into_items())
    }

    fn without_the_first(&self, fault: Fault, found: Paged<Exception>) -> Paged<Exception> {
        let next = found.next().cloned();
        let skipped = usize::from(self.fault == fault);
        Paged::new(found.into_items().into_iter().skip(skipped).collect(), next)
    }
}

#[async_trait]
impl ChangeFeed for Faulty {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        let told = self.inner.changes_since(page).await?;
        let next = told.next().cloned();
        let hidden =
            |change: &Change| self.fault == Fault::HidesUses && change.kind().as_str() == "use";
        let told = told.into_items().into_iter().filter(|c| !hidden(c));
        Ok(Paged::new(told.collect(), next))
    }
}

#[async_trait]
impl ExceptionRegister for Faulty {
    fn rules(&self) -> ExceptionRules {
        self.rules.clone()
    }

    async fn grant(
        &self,
        id: ExceptionId,
        mut new: NewException,
        stamp: &Stamp,
    ) -> Result<Exception> {
        match self.fault {
            Fault::IgnoresStakes => new.attester.person = None,
            Fault::GivesMoreUses => new.limit.uses += 1,
            Fault::CountsUsesNotAtomically => {
                *self.uses.lock().unwrap() = (new.limit.uses, 0);
                new.limit.uses = self.rules.uses_max;
            }
            Fault::ChecksTheCapNotAtomically => {
                let tally = self.inner.tally(new.attester.actor, stamp.at()).await?;
                let cap = u64::from(self.rules.cap_per_attester);
                if tally.standing + 1 == cap {
                    self.readers.wait_for(THREADS);
                }
            }
            _ => {}
        }
        let granted = self.inner.grant(id, new, stamp).await?;
        *self.last.lock().unwrap() = Some(granted.clone());
        match self.fault {
            Fault::AnswersOtherwise => self.inner.get(id).await,
            _ => Ok(granted),
        }
    }

    async fn get(&self, id: ExceptionId) -> Result<Exception> {
        self.inner.get(id).await
    }

    async fn find_valid(&self, person: PersonId, at: DateTime<Utc>) -> Result<Option<Exception>> {
        match self.fault {
            Fault::MixesPeopleUp => Ok(self.last.lock().unwrap().clone()),
            Fault::UsesTheLastToEnd => {
                let all = self.all(person).await?;
                Ok(all.into_iter().max_by_key(|e| e.body().limit.until))
            }
            _ => self.inner.find_valid(person, at).await,
        }
    }

    async fn use_once(
        &self,
        person: PersonId,
        id: ExceptionUseId,
        stamp: &Stamp,
    ) -> Result<Option<ExceptionUse>> {
        match self.fault {
            Fault::CountsUsesNotAtomically => {
                let (most, used) = *self.uses.lock().unwrap();
                self.readers.wait_for(THREADS);
                if used >= most {
                    return Ok(None);
                }
                self.uses.lock().unwrap().1 += 1;
                self.inner.use_once(person, id, stamp).await
            }
            Fault::CountsTheSameUseTwice => {
                let another = ExceptionUseId::generate();
                self.inner.use_once(person, another, stamp).await
            }
            Fault::EndsByReview => {
                let found = self.inner.find_valid(person, stamp.at()).await?;
                match found {
                    Some(e) if e.body().review_by < stamp.at().date_naive() => Ok(None),
                    _ => self.inner.use_once(person, id, stamp).await,
                }
            }
            Fault::OutlivesItsTime => {
                let sooner = stamp.at() - TimeDelta::seconds(1);
                let stamp = Stamp::new(sooner, stamp.actor(), stamp.purpose().clone());
                self.inner.use_once(person, id, &stamp).await
            }
            Fault::ForgetsRevocations => {
                let all = self.all(person).await?;
                let granted: Vec<_> = all.iter().map(Exception::as_granted).collect();
                let used = Exception::use_first(&granted, id, stamp, Salt::generate());
                Ok(used.map(|(_, used)| used))
            }
            _ => self.inner.use_once(person, id, stamp).await,
        }
    }

    async fn revoke(
        &self,
        id: ExceptionId,
        reason: RevocationReason,
        stamp: &Stamp,
    ) -> Result<Exception> {
        self.inner.revoke(id, reason, stamp).await
    }

    async fn list(&self, person: PersonId, page: &Page) -> Result<Paged<Exception>> {
        let found = self.inner.list(person, page).await?;
        match page.cursor() {
            Some(_) => Ok(self.without_the_first(Fault::SkipsAnEntry, found)),
            None => Ok(found),
        }
    }

    async fn due_for_review(&self, at: DateTime<Utc>, page: &Page) -> Result<Paged<Exception>> {
        let found = self.inner.due_for_review(at, page).await?;
        Ok(self.without_the_first(Fault::HidesAReview, found))
    }

    async fn tally(&self, attester: ActorId, at: DateTime<Utc>) -> Result<AttesterTally> {
        self.inner.tally(attester, at).await
    }
}

macro_rules! caught {
    ($($test:ident: $fault:ident by $case:ident, $says:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $says)]
        fn $test() {
            block_on(exception_register::$case(&faulty(Fault::$fault)));
        }
    )+};
}

caught! {
    a_register_that_ignores_the_cap: IgnoresTheCap
        by nobody_vouches_past_the_cap, "expected `CapReached`";
    a_cap_that_is_not_atomic: ChecksTheCapNotAtomically
        by grants_at_once_never_pass_the_cap, "grants at once passed the cap";
    an_attester_with_a_stake: IgnoresStakes
        by who_has_a_stake_does_not_vouch, "expected `ConflictOfInterest`";
    an_exception_without_its_limit: GivesMoreUses
        by an_exception_is_used_as_often_as_it_may, "an exception was used too often";
    a_limit_that_is_not_atomic: CountsUsesNotAtomically
        by uses_at_once_never_pass_the_limit, "uses at once were not all counted";
    a_use_that_is_counted_twice: CountsTheSameUseTwice
        by the_same_use_again_counts_once, "the same use again had another answer";
    a_review_that_ends_an_exception: EndsByReview
        by a_missed_review_takes_nothing, "a missed review ended an exception";
    an_exception_past_its_time: OutlivesItsTime
        by an_exception_ends_with_its_time, "an exception outlived its limit";
    a_use_of_what_was_revoked: ForgetsRevocations
        by a_revoked_exception_ends, "a revoked exception was used";
    an_exception_without_bounds: KnowsNoBounds
        by what_has_no_bounds_is_refused, "25 uses in 1 days: Ok(";
    somebody_elses_exception: MixesPeopleUp by what_is_granted_is_found, "left: Some(";
    the_last_to_end_used_first: UsesTheLastToEnd
        by the_first_to_end_is_used_first, "left == right";
    a_grant_again_with_another_answer: AnswersOtherwise
        by the_same_grant_again_changes_nothing, "the same grant again had another answer";
    a_review_that_nobody_sees: HidesAReview
        by reviews_are_listed_by_their_day, "left == right";
    an_entry_that_is_skipped: SkipsAnEntry by lists_go_on_where_they_ended, "left == right";
    a_use_that_is_not_told: HidesUses
        by every_write_is_told_once, "a write was not told once";
}

/// A harness whose register is empty when it comes back.
struct LosesAll;

#[async_trait]
impl Harness<dyn ExceptionRegister> for LosesAll {
    async fn open(&self) -> Arc<dyn ExceptionRegister> {
        in_memory()
    }

    async fn reopen(&self, _: Arc<dyn ExceptionRegister>) -> Arc<dyn ExceptionRegister> {
        self.open().await
    }
}

#[test]
#[should_panic(expected = "ExceptionNotFound")]
fn an_exception_that_a_crash_loses() {
    block_on(exception_register::the_register_survives_a_crash(&LosesAll));
}
