use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::{Retry, Stamp};

use crate::{
    Alternatives, Claim, Error, Evidence, EvidenceItem, FactName, FactSource, LevelTable,
    MatchDecision, MatchPolicy, Means, Method, Mismatch, Obstacle, Result, Verification, Verifier,
};

/// Verifies by comparing facts that the person states with facts that a
/// [`FactSource`] holds.
///
/// It answers yes, no or *could not tell*, gives no fact away, and does not
/// say which of them differed. A person whom the source does not know, or of
/// whom it knows too little, could not be tried; they did not fail.
///
/// ```
/// use std::sync::Arc;
/// use solidarity_core::{ActorId, PersonId, Purpose, Stamp, testing::block_on};
/// use solidarity_identity::{
///     Claim, ClaimId, DemographicVerifier, MatchPolicy, MemoryFactSource, SourceCode, Verification,
///     Verifier,
/// };
///
/// let person = PersonId::generate();
/// let claim = |name: &str| {
///     Claim::new(ClaimId::generate(), person).with_name(name).with_birth_date("1984".parse().unwrap())
/// };
/// let source = MemoryFactSource::new(SourceCode::new("civil-register")?);
/// source.hold(person, claim("Amina Yusuf").facts);
///
/// let verifier = DemographicVerifier::new(Arc::new(source), MatchPolicy::default());
/// let stamp = Stamp::new(Default::default(), ActorId::generate(), Purpose::new("enrolment")?);
/// let ask = |name| block_on(verifier.verify(&claim(name), &stamp));
/// assert!(matches!(ask("yusuf amina")?, Verification::Verified { .. }));
/// assert!(matches!(ask("Halima")?, Verification::NotVerified { .. }));
/// # Ok::<(), solidarity_identity::Error>(())
/// ```
#[derive(Debug)]
pub struct DemographicVerifier {
    source: Arc<dyn FactSource>,
    policy: MatchPolicy,
    levels: LevelTable,
    alternatives: Alternatives,
}

impl DemographicVerifier {
    /// Compares with `source`, as `policy` says.
    #[must_use]
    pub fn new(source: Arc<dyn FactSource>, policy: MatchPolicy) -> Self {
        Self {
            source,
            policy,
            levels: LevelTable::default(),
            alternatives: Alternatives::default(),
        }
    }

    /// The same, with the levels of `levels`.
    #[must_use]
    pub fn with_levels(mut self, levels: LevelTable) -> Self {
        self.levels = levels;
        self
    }

    /// The same, and whom it cannot verify is offered `alternatives`.
    #[must_use]
    pub fn with_alternatives(mut self, alternatives: Alternatives) -> Self {
        self.alternatives = alternatives;
        self
    }

    fn could_not_try(&self, reason: Obstacle) -> Verification {
        Verification::CouldNotTry {
            reason,
            alternatives: self.alternatives.clone(),
        }
    }
}

#[async_trait]
impl Verifier for DemographicVerifier {
    fn method(&self) -> Method {
        Method::DEMOGRAPHIC
    }

    async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification> {
        claim.check()?;
        let wanted: Vec<FactName> = self.policy.facts().cloned().collect();
        let held = match self.source.facts(claim.person, &wanted).await {
            Ok(Some(held)) => held,
            Ok(None) => return Ok(self.could_not_try(Obstacle::Lacks(Means::Record))),
            Err(error) => return could_not_tell(error).map(|reason| self.could_not_try(reason)),
        };
        Ok(match self.policy.decide(&claim.facts, &held) {
            MatchDecision::Agree(facts) => {
                let item = EvidenceItem::new(claim, self.method(), stamp)
                    .comparing(facts, self.source.code());
                let evidence = Evidence::of(item);
                Verification::Verified {
                    level: self.levels.level(&evidence.methods()),
                    evidence,
                }
            }
            MatchDecision::Differ => Verification::NotVerified {
                reason: Mismatch::FactsDiffer,
                alternatives: self.alternatives.clone(),
            },
            MatchDecision::NotHeld => self.could_not_try(Obstacle::FactMissing),
            MatchDecision::NotStated => self.could_not_try(Obstacle::NothingPresented),
        })
    }
}

/// What a failure beneath a verifier means to the person: an obstacle if
/// nothing happened, else the error itself. See [`Verifier`], *Could not tell*.
pub(crate) fn could_not_tell(error: Error) -> Result<Obstacle> {
    match error.retry() {
        Retry::Later => Ok(Obstacle::SourceDown),
        Retry::Never | Retry::AfterReread | Retry::AfterInquiry => Err(error),
    }
}
