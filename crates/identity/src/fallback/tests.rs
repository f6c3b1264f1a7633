use async_trait::async_trait;
use chrono::{DateTime, NaiveDate};
use solidarity_core::testing::block_on;
use solidarity_core::{ActorId, PersonId, Purpose, Retry};

use super::*;
use crate::{
    ClaimId, EvidenceItem, ExceptionBasis, ExceptionId, ExceptionLimit, LevelTable, Means,
    MeansSet, Mismatch,
};

/// Everything that a verifier can do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Does {
    Verify,
    Differ,
    NotTry,
    Except,
    Break,
    SpeakOfAnother,
    BeAbsent,
}

const ALL: [Does; 7] = [
    Does::Verify,
    Does::Differ,
    Does::NotTry,
    Does::Except,
    Does::Break,
    Does::SpeakOfAnother,
    Does::BeAbsent,
];

#[derive(Debug)]
struct Scripted(Method, Does);

#[async_trait]
impl Verifier for Scripted {
    fn method(&self) -> Method {
        self.0.clone()
    }

    async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification> {
        let alternatives = Alternatives::default();
        let found = |claim: &Claim, method| Verification::Verified {
            // What a verifier says of its own level counts for nothing.
            level: AssuranceLevel::High,
            evidence: Evidence::of(EvidenceItem::new(claim, method, stamp)),
        };
        Ok(match self.1 {
            Does::Verify => found(claim, self.method()),
            Does::SpeakOfAnother if self.0 == Method::BIOMETRIC => {
                found(claim, Method::from_static("biometrics"))
            }
            Does::SpeakOfAnother => {
                found(&Claim::new(claim.id, PersonId::generate()), self.method())
            }
            Does::Differ => Verification::NotVerified {
                reason: Mismatch::FactsDiffer,
                alternatives,
            },
            Does::NotTry => Verification::CouldNotTry {
                reason: Obstacle::SourceDown,
                alternatives,
            },
            Does::Except => Verification::Exception {
                id: ExceptionId::generate(),
                basis: ExceptionBasis::NO_DOCUMENT,
                attester: ActorId::generate(),
                limit: ExceptionLimit::new(1, DateTime::UNIX_EPOCH),
                review_by: NaiveDate::MIN,
            },
            Does::Break | Does::BeAbsent => {
                return Err(Error::unavailable("the sensor", Retry::Never, "broken"));
            }
        })
    }
}

fn stamp() -> Stamp {
    Stamp::new(
        DateTime::UNIX_EPOCH,
        ActorId::generate(),
        Purpose::from_static("test"),
    )
}

fn claim(lacks: MeansSet) -> Claim {
    let mut claim = Claim::new(ClaimId::generate(), PersonId::generate());
    claim.lacks = lacks;
    claim
}

fn run(policy: &FallbackPolicy, claim: &Claim, does: &[Does]) -> Outcome {
    let scripted: Vec<Scripted> = policy
        .steps()
        .iter()
        .zip(does)
        .filter(|(_, does)| **does != Does::BeAbsent)
        .map(|(step, does)| Scripted(step.method.clone(), *does))
        .collect();
    let verifiers: Vec<&dyn Verifier> = scripted.iter().map(|v| v as &dyn Verifier).collect();
    block_on(policy.run(claim, &stamp(), &verifiers)).unwrap()
}

/// The model: what the words of [`FallbackPolicy::run`] say, as a table over
/// the steps that the person can be asked for, at the lowest goal.
fn model(policy: &FallbackPolicy, lacks: &MeansSet, does: &[Does]) -> &'static str {
    let asked = || {
        let steps = policy.steps().iter().zip(does);
        steps
            .filter(|(s, _)| s.needs.first_in(lacks).is_none())
            .map(|(_, d)| *d)
    };
    match asked().find(|d| matches!(d, Does::Verify | Does::Except)) {
        Some(Does::Verify) => "verified",
        Some(_) => "exception",
        None if asked().any(|d| d == Does::Differ) => "not verified",
        None => "could not try",
    }
}

/// Every way in which five methods can end, for people who lack any of a
/// phone, a document and fingerprints: 134,456 lives. Each is verified, under
/// an exception, or holds something to do next that they have not failed at;
/// and nobody fails because a method did.
#[test]
fn nobody_is_left_with_nothing() {
    let policy = FallbackPolicy::of([
        Method::DEMOGRAPHIC,
        Method::BIOMETRIC,
        Method::ONE_TIME_CODE,
        Method::DOCUMENT_SEEN,
        Method::EXCEPTION,
    ])
    .unwrap();
    let lives = MeansSet::all_sets();
    let lives = lives
        .iter()
        .filter(|set| !set.iter().any(|m| matches!(m, Means::Face | Means::Record)));
    let mut counted = 0;
    for lacks in lives {
        for n in 0..7_usize.pow(5) {
            let does: Vec<Does> = (0..5).map(|p| ALL[n / 7_usize.pow(p) % 7]).collect();
            let claim = claim(lacks.clone());
            let outcome = run(&policy, &claim, &does);
            let said = match &outcome.verification {
                Verification::Verified { evidence, .. } => {
                    assert!(evidence.is_of(&claim));
                    "verified"
                }
                Verification::Exception { .. } => "exception",
                Verification::NotVerified { .. } => "not verified",
                Verification::CouldNotTry { .. } => "could not try",
            };
            assert_eq!(said, model(&policy, lacks, &does), "{lacks} {does:?}");
            if let Some(alternatives) = outcome.verification.alternatives() {
                assert!(alternatives.contains(&Method::EXCEPTION));
                assert!(
                    alternatives
                        .iter()
                        .all(|method| { method.known().unwrap().0.first_in(lacks).is_none() })
                );
                assert_eq!(outcome.attempts.len(), 5, "a method was left untried");
            }
            counted += 1;
        }
    }
    assert_eq!(counted, 8 * 7_usize.pow(5));
}

#[test]
fn nobody_is_asked_for_what_they_lack() {
    let policy = FallbackPolicy::of([Method::BIOMETRIC, Method::EXCEPTION]).unwrap();
    let claim = claim(MeansSet::nothing().and(Means::Fingerprints));
    // The sensor would say yes; it is not asked.
    let outcome = run(&policy, &claim, &[Does::Verify, Does::Except]);
    assert!(matches!(
        outcome.verification,
        Verification::Exception { .. }
    ));
    let endings: Vec<_> = outcome.attempts.into_iter().map(|a| a.ending).collect();
    assert_eq!(
        endings,
        [
            Ending::CouldNotTry(Obstacle::Lacks(Means::Fingerprints)),
            Ending::Exception(ExceptionBasis::NO_DOCUMENT),
        ]
    );
}

#[test]
fn levels_come_from_the_table_and_add_up() {
    let steps = [
        Method::DEMOGRAPHIC,
        Method::ONE_TIME_CODE,
        Method::EXCEPTION,
    ];
    let policy = FallbackPolicy::new(
        steps.into_iter().map(Step::new).collect(),
        AssuranceLevel::Substantial,
        LevelTable::default(),
    )
    .unwrap();
    let outcome = run(
        &policy,
        &claim(MeansSet::nothing()),
        &[Does::Verify, Does::Verify, Does::NotTry],
    );
    let Verification::Verified { level, evidence } = outcome.verification else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        (level, evidence.items().len()),
        (AssuranceLevel::Substantial, 2)
    );

    let outcome = run(
        &policy,
        &claim(MeansSet::nothing()),
        &[Does::Verify, Does::NotTry, Does::NotTry],
    );
    assert_eq!(outcome.level(&policy), Some(AssuranceLevel::Low));
    assert!(matches!(
        outcome.verification,
        Verification::CouldNotTry {
            reason: Obstacle::LevelNotReached,
            ..
        }
    ));
}

#[test]
fn a_verifier_that_speaks_of_another_person_or_method_is_broken() {
    let policy = FallbackPolicy::of([Method::BIOMETRIC, Method::INTRODUCER]).unwrap();
    let claim = claim(MeansSet::nothing());
    let outcome = run(
        &policy,
        &claim,
        &[Does::SpeakOfAnother, Does::SpeakOfAnother],
    );
    assert_eq!(outcome.faults.len(), 2);
    assert!(outcome.evidence.is_none());
    assert!(matches!(
        outcome.verification,
        Verification::CouldNotTry {
            reason: Obstacle::Broken,
            ..
        }
    ));
}

#[test]
fn a_second_source_is_asked_where_the_first_is_down() {
    let policy = FallbackPolicy::of([Method::DEMOGRAPHIC, Method::EXCEPTION]).unwrap();
    let down = Scripted(Method::DEMOGRAPHIC, Does::NotTry);
    let up = Scripted(Method::DEMOGRAPHIC, Does::Verify);
    let claim = claim(MeansSet::nothing());
    let outcome = block_on(policy.run(&claim, &stamp(), &[&down, &up])).unwrap();
    assert!(matches!(
        outcome.verification,
        Verification::Verified { .. }
    ));
    assert_eq!(outcome.attempts.len(), 2);
}

#[test]
fn a_claim_that_breaks_a_limit_is_refused() {
    let policy = FallbackPolicy::of([Method::EXCEPTION]).unwrap();
    let claim = claim(MeansSet::nothing()).with_name(" ");
    let refused = block_on(policy.run(&claim, &stamp(), &[]));
    assert!(matches!(refused, Err(Error::Invalid(_))));
}
