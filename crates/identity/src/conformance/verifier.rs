//! The kit of [`Verifier`].

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::limits::NAME_MAX_BYTES;
use solidarity_core::testing::Harness;

use super::stamp;
use crate::{Claim, Error, Fact, Verification, Verifier};

/// What the kit asks of whoever runs it: a verifier, people to ask, and a way
/// to break what is beneath it.
///
/// Every claim has a fresh id.
#[async_trait]
pub trait VerifierBench: fmt::Debug + Send + Sync + 'static {
    /// The verifier under test.
    fn verifier(&self) -> Arc<dyn Verifier>;

    /// The claim of somebody who is who they say, and can show it.
    async fn genuine(&self) -> Claim;

    /// A claim that the method compares, and finds to differ. `None` for a
    /// method that cannot differ.
    async fn impostor(&self) -> Option<Claim>;

    /// The claim of somebody who lacks what the method needs, or brings
    /// nothing.
    async fn unprovided(&self) -> Claim;

    /// Breaks what the verifier stands on: its source, its network, its
    /// sensor. It is mended by [`mend`](Self::mend).
    async fn break_down(&self);

    /// Mends what was broken.
    async fn mend(&self);
}

/// Runs every conformance case against a [`Verifier`], on a [`VerifierBench`].
///
/// See [`conformance::verifier`](crate::conformance::verifier).
#[macro_export]
macro_rules! verifier_conformance {
    ($harness:expr $(,)?) => {
        $crate::verifier_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::verifier,
            [
                the_genuine_are_known,
                impostors_are_not_verified,
                who_has_nothing_to_show_could_not_try,
                a_breakdown_is_nobodys_failure,
                a_breakdown_uses_up_nothing,
                the_same_claim_again_has_the_same_answer,
                a_claim_over_a_limit_is_refused,
                no_answer_holds_a_value,
            ]
        );
    };
}

/// Whoever is who they say is verified, with evidence of this claim by this
/// method, or is under an exception.
pub async fn the_genuine_are_known(harness: &dyn Harness<dyn VerifierBench>) {
    let bench = harness.open().await;
    let (verifier, claim, stamp) = (bench.verifier(), bench.genuine().await, stamp(0));
    match verifier.verify(&claim, &stamp).await.unwrap() {
        Verification::Verified { evidence, .. } => {
            assert!(evidence.is_of(&claim), "the evidence is of another claim");
            assert_eq!(evidence.methods(), [verifier.method()].into());
            assert!(
                evidence
                    .items()
                    .iter()
                    .all(|item| item.by() == stamp.actor())
            );
        }
        Verification::Exception { .. } => {}
        other => panic!("the genuine were not known: {other:?}"),
    }
}

/// Whoever is somebody else is not verified.
pub async fn impostors_are_not_verified(harness: &dyn Harness<dyn VerifierBench>) {
    let bench = harness.open().await;
    let Some(claim) = bench.impostor().await else {
        return;
    };
    let answer = bench.verifier().verify(&claim, &stamp(0)).await.unwrap();
    assert!(
        matches!(answer, Verification::NotVerified { .. }),
        "expected `NotVerified`, got {answer:?}"
    );
}

/// Whoever has nothing to show did not fail.
pub async fn who_has_nothing_to_show_could_not_try(harness: &dyn Harness<dyn VerifierBench>) {
    let bench = harness.open().await;
    let claim = bench.unprovided().await;
    let answer = bench.verifier().verify(&claim, &stamp(0)).await.unwrap();
    assert!(
        matches!(answer, Verification::CouldNotTry { .. }),
        "expected `CouldNotTry`, got {answer:?}"
    );
}

/// While what is beneath is broken nobody is verified and nobody fails.
pub async fn a_breakdown_is_nobodys_failure(harness: &dyn Harness<dyn VerifierBench>) {
    let bench = harness.open().await;
    let claims = [Some(bench.genuine().await), bench.impostor().await];
    bench.break_down().await;
    for claim in claims.iter().flatten() {
        match bench.verifier().verify(claim, &stamp(0)).await {
            Ok(Verification::CouldNotTry { .. }) => {}
            Err(error) if !matches!(error, Error::Invalid(_)) => {}
            other => panic!("a broken method gave {other:?}"),
        }
    }
}

/// A claim that could not be tried is as good as before when all is mended.
pub async fn a_breakdown_uses_up_nothing(harness: &dyn Harness<dyn VerifierBench>) {
    let bench = harness.open().await;
    let (verifier, claim) = (bench.verifier(), bench.genuine().await);
    bench.break_down().await;
    for _ in 0..20 {
        drop(verifier.verify(&claim, &stamp(0)).await);
    }
    bench.mend().await;
    let answer = verifier.verify(&claim, &stamp(1)).await.unwrap();
    assert_eq!(
        answer.alternatives(),
        None,
        "a breakdown used something up: {answer:?}"
    );
}

/// A claim that is sent again is answered again, and counted once.
pub async fn the_same_claim_again_has_the_same_answer(harness: &dyn Harness<dyn VerifierBench>) {
    let bench = harness.open().await;
    let (verifier, stamp) = (bench.verifier(), stamp(0));
    let claims = [
        Some(bench.genuine().await),
        bench.impostor().await,
        Some(bench.unprovided().await),
    ];
    for claim in claims.iter().flatten() {
        let first = verifier.verify(claim, &stamp).await.unwrap();
        for _ in 0..5 {
            let again = verifier.verify(claim, &stamp).await.unwrap();
            assert_eq!(again, first, "the same claim again had another answer");
        }
    }
}

/// A claim that breaks a limit is the caller's mistake, not the person's.
pub async fn a_claim_over_a_limit_is_refused(harness: &dyn Harness<dyn VerifierBench>) {
    let bench = harness.open().await;
    for name in [" ".to_owned(), "n".repeat(NAME_MAX_BYTES + 1)] {
        let claim = bench.genuine().await.with_name(name);
        let answer = bench.verifier().verify(&claim, &stamp(0)).await;
        assert!(
            matches!(answer, Err(Error::Invalid(_))),
            "expected `Invalid`, got {answer:?}"
        );
    }
}

/// No answer repeats what the claim states, in any form.
pub async fn no_answer_holds_a_value(harness: &dyn Harness<dyn VerifierBench>) {
    let bench = harness.open().await;
    let claims = [Some(bench.genuine().await), bench.impostor().await];
    for claim in claims.iter().flatten() {
        let answer = bench.verifier().verify(claim, &stamp(0)).await.unwrap();
        let shown = format!("{answer:?} {}", serde_json::to_string(&answer).unwrap());
        let stated = claim.facts.values().filter_map(|fact| match fact {
            Fact::Name(text) | Fact::Text(text) => Some(text.expose().clone()),
            Fact::Date(_) => None,
        });
        let code = claim.code.iter().map(|(_, code)| code.expose().clone());
        for value in stated.chain(code).filter(|value| value.len() > 3) {
            assert!(
                !shown.contains(&value),
                "an answer holds what the claim states"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = include_str!("verifier.rs");
        assert!(solidarity_core::testing::unlisted_cases(source).is_empty());
    }
}
