//! The kits of identity verification, and who does not pass them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::{Harness, InMemory, block_on, watched};
use solidarity_core::{ActorId, Change, ChangeFeed, Page, Paged, PersonId, Retry, Stamp};
use solidarity_identity::conformance::verifier::VerifierBench;
use solidarity_identity::conformance::{THREADS, code_store, exception_register, verifier};
use solidarity_identity::{
    Alternatives, AssuranceLevel, AttemptId, AttesterTally, Challenge, ChallengeId, Claim, ClaimId,
    CodeAnswer, CodeRules, CodeStore, CodeTag, DemographicVerifier, Error, Evidence, EvidenceItem,
    Exception, ExceptionId, ExceptionRegister, ExceptionRules, ExceptionUse, ExceptionUseId,
    FactName, FactSource, Facts, MatchPolicy, MemoryCodeStore, MemoryExceptionRegister,
    MemoryFactSource, Method, Mismatch, NewChallenge, NewException, Result, RevocationReason,
    SourceCode, Verification, Verifier, code_store_conformance, exception_register_conformance,
    verifier_conformance,
};

mod codes {
    use super::*;
    code_store_conformance!(InMemory::new(|| {
        Arc::new(MemoryCodeStore::new(CodeRules::default()).unwrap()) as Arc<dyn CodeStore>
    }));
}

mod exceptions {
    use super::*;
    exception_register_conformance!(InMemory::new(|| {
        let register = MemoryExceptionRegister::new(ExceptionRules::default()).unwrap();
        Arc::new(register) as Arc<dyn ExceptionRegister>
    }));
}

mod facts {
    use super::*;
    verifier_conformance!(InMemory::new(|| bench(None)));
}

/// What a careless store of codes gets wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum CodeLie {
    /// It reads, and writes back what it read, while others do.
    CountsNotAtomically,
    /// It does not write down that a code was right.
    LetsACodeBeUsedTwice,
    /// It counts the same try again.
    CountsTheSameTryTwice,
    /// It lets more codes through than it says.
    LetsAFloodThrough,
    /// It forgets what still counts.
    ForgetsTooSoon,
    /// It makes a code that never arrived count.
    CountsWhatNeverArrived,
}

#[derive(Debug)]
struct LyingCodes {
    lie: CodeLie,
    rules: CodeRules,
    inner: MemoryCodeStore,
    /// What `CountsNotAtomically` keeps beside the store.
    stale: Mutex<Option<Challenge>>,
    readers: Barrier,
}

fn lying_codes(lie: CodeLie) -> impl Harness<dyn CodeStore> {
    InMemory::new(move || {
        let rules = CodeRules::default();
        let mut kept = rules;
        if lie == CodeLie::LetsAFloodThrough {
            kept.sends += 1;
        }
        Arc::new(LyingCodes {
            lie,
            rules,
            inner: MemoryCodeStore::new(kept).unwrap(),
            stale: Mutex::default(),
            readers: Barrier::new(THREADS),
        }) as Arc<dyn CodeStore>
    })
}

#[async_trait]
impl CodeStore for LyingCodes {
    fn rules(&self) -> CodeRules {
        self.rules
    }

    async fn issue(&self, id: ChallengeId, new: NewChallenge, stamp: &Stamp) -> Result<Challenge> {
        let issued = self.inner.issue(id, new, stamp).await?;
        *self.stale.lock().unwrap() = Some(issued.clone());
        Ok(issued)
    }

    async fn find(&self, id: ChallengeId) -> Result<Option<Challenge>> {
        self.inner.find(id).await
    }

    async fn attempt(
        &self,
        id: ChallengeId,
        attempt: AttemptId,
        tag: &CodeTag,
        stamp: &Stamp,
    ) -> Result<CodeAnswer> {
        match self.lie {
            CodeLie::CountsNotAtomically => {
                let read = self.stale.lock().unwrap().clone().unwrap();
                self.readers.wait();
                let (answer, after) = self.rules.attempt(&read, attempt, tag, stamp)?;
                *self.stale.lock().unwrap() = after;
                Ok(answer)
            }
            CodeLie::LetsACodeBeUsedTwice => {
                let read = self.inner.find(id).await?.unwrap();
                match self.rules.attempt(&read.as_issued(), attempt, tag, stamp)? {
                    (CodeAnswer::Right, _) => Ok(CodeAnswer::Right),
                    _ => self.inner.attempt(id, attempt, tag, stamp).await,
                }
            }
            CodeLie::CountsTheSameTryTwice => {
                let another = AttemptId::generate();
                self.inner.attempt(id, another, tag, stamp).await
            }
            _ => self.inner.attempt(id, attempt, tag, stamp).await,
        }
    }

    async fn withdraw(&self, id: ChallengeId) -> Result<()> {
        match self.lie {
            CodeLie::CountsWhatNeverArrived => Ok(()),
            _ => self.inner.withdraw(id).await,
        }
    }

    async fn forget(&self, at: DateTime<Utc>) -> Result<u64> {
        match self.lie {
            CodeLie::ForgetsTooSoon => self.inner.forget(at + TimeDelta::days(1)).await,
            _ => self.inner.forget(at).await,
        }
    }
}

#[test]
#[should_panic(expected = "tries at once were not all counted")]
fn the_kit_catches_tries_that_are_not_counted_atomically() {
    watched("tries", || {
        let harness = lying_codes(CodeLie::CountsNotAtomically);
        block_on(code_store::tries_at_once_are_all_counted(&harness));
    });
}

#[test]
#[should_panic(expected = "a code was right twice")]
fn the_kit_catches_a_code_that_many_use_at_once() {
    watched("uses", || {
        let harness = lying_codes(CodeLie::CountsNotAtomically);
        block_on(code_store::a_code_tried_at_once_is_right_once(&harness));
    });
}

#[test]
#[should_panic(expected = "a code was right twice")]
fn the_kit_catches_a_code_that_is_used_twice() {
    let harness = lying_codes(CodeLie::LetsACodeBeUsedTwice);
    block_on(code_store::a_code_is_right_once(&harness));
}

#[test]
#[should_panic(expected = "the same try again had another answer")]
fn the_kit_catches_a_try_that_is_counted_twice() {
    let harness = lying_codes(CodeLie::CountsTheSameTryTwice);
    block_on(code_store::the_same_try_again_counts_once(&harness));
}

#[test]
#[should_panic(expected = "expected `TooManyCodes`")]
fn the_kit_catches_a_flood() {
    let harness = lying_codes(CodeLie::LetsAFloodThrough);
    block_on(code_store::a_flood_is_stopped(&harness));
}

#[test]
#[should_panic(expected = "assertion `left == right` failed")]
fn the_kit_catches_what_is_forgotten_too_soon() {
    let harness = lying_codes(CodeLie::ForgetsTooSoon);
    block_on(code_store::only_the_past_is_forgotten(&harness));
}

#[test]
#[should_panic(expected = "assertion `left == right` failed")]
fn the_kit_catches_a_code_that_counts_though_it_never_arrived() {
    let harness = lying_codes(CodeLie::CountsWhatNeverArrived);
    block_on(code_store::what_never_arrived_does_not_count(&harness));
}

/// A harness whose store is empty when it comes back.
struct LosesAll;

#[async_trait]
impl Harness<dyn CodeStore> for LosesAll {
    async fn open(&self) -> Arc<dyn CodeStore> {
        Arc::new(MemoryCodeStore::new(CodeRules::default()).unwrap())
    }

    async fn reopen(&self, _: Arc<dyn CodeStore>) -> Arc<dyn CodeStore> {
        self.open().await
    }
}

#[test]
#[should_panic(expected = "on a `None` value")]
fn the_kit_catches_tries_that_do_not_survive() {
    block_on(code_store::tries_survive_a_crash(&LosesAll));
}

/// What a careless register of exceptions gets wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum RegisterLie {
    /// It lets an attester vouch for any number.
    IgnoresTheCap,
    /// It looks at the cap first, and grants afterwards.
    ChecksTheCapNotAtomically,
    /// It does not ask who the attester is.
    IgnoresStakes,
    /// It lets an exception be used more often than was granted.
    GivesMoreUses,
    /// It counts the same use again.
    CountsTheSameUseTwice,
    /// It ends an exception whose review was missed.
    EndsByReview,
    /// It does not tell of uses.
    HidesUses,
}

#[derive(Debug)]
struct LyingRegister {
    lie: RegisterLie,
    rules: ExceptionRules,
    inner: MemoryExceptionRegister,
    readers: Barrier,
}

fn lying_register(lie: RegisterLie) -> impl Harness<dyn ExceptionRegister> {
    InMemory::new(move || {
        let rules = ExceptionRules::default();
        let mut kept = rules.clone();
        if matches!(
            lie,
            RegisterLie::IgnoresTheCap | RegisterLie::ChecksTheCapNotAtomically
        ) {
            kept.cap_per_attester = 10_000;
        }
        Arc::new(LyingRegister {
            lie,
            rules,
            inner: MemoryExceptionRegister::new(kept).unwrap(),
            readers: Barrier::new(THREADS),
        }) as Arc<dyn ExceptionRegister>
    })
}

#[async_trait]
impl ChangeFeed for LyingRegister {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        let told = self.inner.changes_since(page).await?;
        let next = told.next().cloned();
        let hidden =
            |change: &Change| self.lie == RegisterLie::HidesUses && change.kind().as_str() == "use";
        let told = told.into_items().into_iter().filter(|c| !hidden(c));
        Ok(Paged::new(told.collect(), next))
    }
}

#[async_trait]
impl ExceptionRegister for LyingRegister {
    fn rules(&self) -> ExceptionRules {
        self.rules.clone()
    }

    async fn grant(
        &self,
        id: ExceptionId,
        mut new: NewException,
        stamp: &Stamp,
    ) -> Result<Exception> {
        match self.lie {
            RegisterLie::IgnoresStakes => new.attester.person = None,
            RegisterLie::GivesMoreUses => new.limit.uses += 1,
            RegisterLie::ChecksTheCapNotAtomically => {
                let tally = self.inner.tally(new.attester.actor, stamp.at()).await?;
                let cap = u64::from(self.rules.cap_per_attester);
                if tally.standing + 1 == cap {
                    self.readers.wait();
                }
            }
            _ => {}
        }
        self.inner.grant(id, new, stamp).await
    }

    async fn get(&self, id: ExceptionId) -> Result<Exception> {
        self.inner.get(id).await
    }

    async fn find_valid(&self, person: PersonId, at: DateTime<Utc>) -> Result<Option<Exception>> {
        self.inner.find_valid(person, at).await
    }

    async fn use_once(
        &self,
        person: PersonId,
        id: ExceptionUseId,
        stamp: &Stamp,
    ) -> Result<Option<ExceptionUse>> {
        match self.lie {
            RegisterLie::CountsTheSameUseTwice => {
                let another = ExceptionUseId::generate();
                self.inner.use_once(person, another, stamp).await
            }
            RegisterLie::EndsByReview => {
                let found = self.inner.find_valid(person, stamp.at()).await?;
                match found {
                    Some(e) if e.body().review_by < stamp.at().date_naive() => Ok(None),
                    _ => self.inner.use_once(person, id, stamp).await,
                }
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
        self.inner.list(person, page).await
    }

    async fn due_for_review(&self, at: DateTime<Utc>, page: &Page) -> Result<Paged<Exception>> {
        self.inner.due_for_review(at, page).await
    }

    async fn tally(&self, attester: ActorId, at: DateTime<Utc>) -> Result<AttesterTally> {
        self.inner.tally(attester, at).await
    }
}

#[test]
#[should_panic(expected = "expected `CapReached`")]
fn the_kit_catches_a_register_that_ignores_the_cap() {
    let harness = lying_register(RegisterLie::IgnoresTheCap);
    block_on(exception_register::nobody_vouches_past_the_cap(&harness));
}

#[test]
#[should_panic(expected = "grants at once passed the cap")]
fn the_kit_catches_a_cap_that_is_not_atomic() {
    watched("grants", || {
        let harness = lying_register(RegisterLie::ChecksTheCapNotAtomically);
        block_on(exception_register::grants_at_once_never_pass_the_cap(
            &harness,
        ));
    });
}

#[test]
#[should_panic(expected = "expected `ConflictOfInterest`")]
fn the_kit_catches_an_attester_with_a_stake() {
    let harness = lying_register(RegisterLie::IgnoresStakes);
    block_on(exception_register::who_has_a_stake_does_not_vouch(&harness));
}

#[test]
#[should_panic(expected = "an exception was used too often")]
fn the_kit_catches_an_exception_without_its_limit() {
    let harness = lying_register(RegisterLie::GivesMoreUses);
    block_on(exception_register::an_exception_is_used_as_often_as_it_may(
        &harness,
    ));
}

#[test]
#[should_panic(expected = "the same use again had another answer")]
fn the_kit_catches_a_use_that_is_counted_twice() {
    let harness = lying_register(RegisterLie::CountsTheSameUseTwice);
    block_on(exception_register::the_same_use_again_counts_once(&harness));
}

#[test]
#[should_panic(expected = "a missed review ended an exception")]
fn the_kit_catches_a_review_that_ends_an_exception() {
    let harness = lying_register(RegisterLie::EndsByReview);
    block_on(exception_register::a_missed_review_takes_nothing(&harness));
}

#[test]
#[should_panic(expected = "a write was not told once")]
fn the_kit_catches_a_use_that_is_not_told() {
    let harness = lying_register(RegisterLie::HidesUses);
    block_on(exception_register::every_write_is_told_once(&harness));
}

/// A source of facts that can go down.
#[derive(Debug)]
struct Line {
    inner: MemoryFactSource,
    down: AtomicBool,
}

#[async_trait]
impl FactSource for Line {
    fn code(&self) -> SourceCode {
        self.inner.code()
    }

    async fn facts(&self, person: PersonId, wanted: &[FactName]) -> Result<Option<Facts>> {
        if self.down.load(Ordering::Relaxed) {
            return Err(Error::unavailable("the register", Retry::Later, "no line"));
        }
        self.inner.facts(person, wanted).await
    }
}

/// What a careless verifier gets wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum VerifierLie {
    /// It answers that the person failed when its source is down.
    BlamesThePerson,
    /// It takes nothing for an answer.
    TakesNothing,
    /// It speaks of somebody else.
    NamesAnother,
    /// It puts what was stated into its answer.
    Leaks,
    /// It knows everybody.
    KnowsAll,
}

#[derive(Debug)]
struct LyingVerifier(DemographicVerifier, VerifierLie);

#[async_trait]
impl Verifier for LyingVerifier {
    fn method(&self) -> Method {
        self.0.method()
    }

    async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification> {
        let verified = |item| Verification::Verified {
            level: AssuranceLevel::Low,
            evidence: Evidence::of(item),
        };
        let answer = self.0.verify(claim, stamp).await?;
        Ok(match (self.1, answer) {
            (VerifierLie::BlamesThePerson, Verification::CouldNotTry { .. }) => {
                Verification::NotVerified {
                    reason: Mismatch::FactsDiffer,
                    alternatives: Alternatives::default(),
                }
            }
            (VerifierLie::TakesNothing, Verification::CouldNotTry { .. })
            | (VerifierLie::KnowsAll, Verification::NotVerified { .. }) => {
                verified(EvidenceItem::new(claim, self.method(), stamp))
            }
            (VerifierLie::NamesAnother, Verification::Verified { .. }) => {
                let another = Claim::new(claim.id, PersonId::generate());
                verified(EvidenceItem::new(&another, self.method(), stamp))
            }
            (VerifierLie::Leaks, Verification::Verified { .. }) => {
                let stated = SourceCode::from_static("Genuine");
                let item = EvidenceItem::new(claim, self.method(), stamp);
                verified(item.comparing(vec![FactName::NAME], stated))
            }
            (_, answer) => answer,
        })
    }
}

#[derive(Debug)]
struct Bench {
    line: Arc<Line>,
    verifier: Arc<dyn Verifier>,
    person: PersonId,
}

fn fresh(person: PersonId) -> Claim {
    Claim::new(ClaimId::generate(), person).with_birth_date("1984".parse().unwrap())
}

fn bench(lie: Option<VerifierLie>) -> Arc<dyn VerifierBench> {
    let person = PersonId::generate();
    let inner = MemoryFactSource::new(SourceCode::from_static("register"));
    inner.hold(person, fresh(person).with_name("Genuine").facts);
    let line = Arc::new(Line {
        inner,
        down: AtomicBool::new(false),
    });
    let honest = DemographicVerifier::new(line.clone(), MatchPolicy::default());
    Arc::new(Bench {
        line,
        verifier: match lie {
            Some(lie) => Arc::new(LyingVerifier(honest, lie)),
            None => Arc::new(honest),
        },
        person,
    })
}

fn lying_verifier(lie: VerifierLie) -> impl Harness<dyn VerifierBench> {
    InMemory::new(move || bench(Some(lie)))
}

#[async_trait]
impl VerifierBench for Bench {
    fn verifier(&self) -> Arc<dyn Verifier> {
        self.verifier.clone()
    }

    async fn genuine(&self) -> Claim {
        fresh(self.person).with_name("Genuine")
    }

    async fn impostor(&self) -> Option<Claim> {
        Some(fresh(self.person).with_name("Impostor"))
    }

    async fn unprovided(&self) -> Claim {
        fresh(self.person)
    }

    async fn break_down(&self) {
        self.line.down.store(true, Ordering::Relaxed);
    }

    async fn mend(&self) {
        self.line.down.store(false, Ordering::Relaxed);
    }
}

#[test]
#[should_panic(expected = "a broken method gave")]
fn the_kit_catches_a_verifier_that_blames_the_person() {
    let harness = lying_verifier(VerifierLie::BlamesThePerson);
    block_on(verifier::a_breakdown_is_nobodys_failure(&harness));
}

#[test]
#[should_panic(expected = "expected `CouldNotTry`")]
fn the_kit_catches_a_verifier_that_takes_nothing_for_an_answer() {
    let harness = lying_verifier(VerifierLie::TakesNothing);
    block_on(verifier::who_has_nothing_to_show_could_not_try(&harness));
}

#[test]
#[should_panic(expected = "the evidence is of another claim")]
fn the_kit_catches_evidence_of_somebody_else() {
    let harness = lying_verifier(VerifierLie::NamesAnother);
    block_on(verifier::the_genuine_are_known(&harness));
}

#[test]
#[should_panic(expected = "an answer holds what the claim states")]
fn the_kit_catches_an_answer_that_tells_what_was_stated() {
    let harness = lying_verifier(VerifierLie::Leaks);
    block_on(verifier::no_answer_holds_a_value(&harness));
}

#[test]
#[should_panic(expected = "expected `NotVerified`")]
fn the_kit_catches_a_verifier_that_knows_everybody() {
    let harness = lying_verifier(VerifierLie::KnowsAll);
    block_on(verifier::impostors_are_not_verified(&harness));
}
