//! Verifiers by facts: a sound one, and careless ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{PersonId, Retry, Stamp};
use solidarity_identity::conformance::verifier;
use solidarity_identity::conformance::verifier::VerifierBench;
use solidarity_identity::{
    Alternatives, AssuranceLevel, Claim, ClaimId, DemographicVerifier, Error, Evidence,
    EvidenceItem, FactName, FactSource, Facts, MatchPolicy, MemoryFactSource, Method, Mismatch,
    Result, SourceCode, Verification, Verifier, verifier_conformance,
};

mod sound {
    use super::*;
    verifier_conformance!(InMemory::new(|| bench(None)));
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
