use serde::{Deserialize, Serialize};
use solidarity_core::Stamp;

use crate::{
    Alternatives, AssuranceLevel, Claim, Ending, Error, Evidence, FallbackPolicy, Method, Obstacle,
    Result, Step, Verification, Verifier,
};

/// One method tried, and how it ended. It holds no personal data.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Which method.
    pub method: Method,
    /// How it ended.
    pub ending: Ending,
}

/// A verifier that broke down while a policy ran: for the operator, not for
/// the person.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fault {
    /// Which method.
    pub method: Method,
    /// What it said.
    pub error: Error,
}

/// What came of a policy: the answer, and how it was come to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The answer. `Verified` means that the level asked for is reached.
    pub verification: Verification,
    /// All that was tried, in order.
    pub attempts: Vec<Attempt>,
    /// What was found, also where it is not enough.
    pub evidence: Option<Evidence>,
    /// The verifiers that broke down.
    pub faults: Vec<Fault>,
}

impl FallbackPolicy {
    /// Tries the steps in order with those `verifiers` that offer them, until
    /// the level asked for is reached or an exception holds.
    ///
    /// Nobody is asked for what they say they lack. A method that nobody here
    /// offers, that is out of order or that breaks down is one that could not
    /// be tried, and the next one is. The answer is then
    ///
    /// - `Verified` or `Exception`, if the steps came to that;
    /// - else `NotVerified`, if something was compared and differed;
    /// - else `CouldNotTry`;
    ///
    /// and the last two carry the methods that the person has left.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the claim breaks a limit, and nothing else.
    pub async fn run(
        &self,
        claim: &Claim,
        stamp: &Stamp,
        verifiers: &[&dyn Verifier],
    ) -> Result<Outcome> {
        claim.check()?;
        let mut trail = Trail::default();
        for step in self.steps() {
            if let Some(means) = step.needs.first_in(&claim.lacks) {
                trail.could_not_try(step, Obstacle::Lacks(means));
                continue;
            }
            let mut offered = false;
            for verifier in verifiers.iter().filter(|v| v.method() == step.method) {
                offered = true;
                let answer = verifier.verify(claim, stamp).await;
                if let Some(answer) = self.take(claim, step, answer, &mut trail) {
                    return Ok(trail.ended(answer));
                }
            }
            if !offered {
                trail.could_not_try(step, Obstacle::NotAtHand);
            }
        }
        let left = trail.left();
        Ok(trail.ended(left))
    }

    /// Takes one verifier's answer down; gives the policy's, if it is reached.
    fn take(
        &self,
        claim: &Claim,
        step: &Step,
        answer: Result<Verification>,
        trail: &mut Trail,
    ) -> Option<Verification> {
        match answer {
            Ok(Verification::Verified { evidence, .. }) => {
                if let Err(error) = trail.find(claim, step, evidence) {
                    trail.broke(step, error);
                    return None;
                }
                trail.ended_as(step, Ending::Verified);
                let evidence = trail.evidence.clone()?;
                let level = self.levels().level(&evidence.methods());
                (level >= self.goal()).then_some(Verification::Verified { level, evidence })
            }
            Ok(exception @ Verification::Exception { .. }) => {
                trail.ended_as(step, exception.ending());
                Some(exception)
            }
            Ok(other) => {
                trail.ended_as(step, other.ending());
                None
            }
            Err(error) => {
                trail.broke(step, error);
                None
            }
        }
    }
}

#[derive(Debug, Default)]
struct Trail {
    attempts: Vec<Attempt>,
    evidence: Option<Evidence>,
    faults: Vec<Fault>,
}

impl Trail {
    fn ended_as(&mut self, step: &Step, ending: Ending) {
        self.attempts.push(Attempt {
            method: step.method.clone(),
            ending,
        });
    }

    fn could_not_try(&mut self, step: &Step, obstacle: Obstacle) {
        self.ended_as(step, Ending::CouldNotTry(obstacle));
    }

    fn broke(&mut self, step: &Step, error: Error) {
        self.could_not_try(step, Obstacle::Broken);
        self.faults.push(Fault {
            method: step.method.clone(),
            error,
        });
    }

    /// Adds `evidence` to what was found, if it is of this claim and this
    /// step's method: a verifier that speaks of something else is broken.
    fn find(&mut self, claim: &Claim, step: &Step, evidence: Evidence) -> Result<()> {
        let of_step = evidence.items().iter().all(|i| *i.method() == step.method);
        if !(of_step && evidence.is_of(claim)) {
            let rule = "must be of the claim and the method that were asked for";
            return Err(solidarity_core::Invalid::new("evidence", rule).into());
        }
        self.evidence = Some(match self.evidence.take() {
            Some(before) => before.and(evidence)?,
            None => evidence,
        });
        Ok(())
    }

    /// The answer when every step was tried and none was enough.
    fn left(&self) -> Verification {
        let endings = || self.attempts.iter().map(|attempt| &attempt.ending);
        let mismatch = endings().find_map(|ending| match ending {
            Ending::NotVerified(reason) => Some(reason.clone()),
            _ => None,
        });
        let obstacle = endings().find_map(|ending| match ending {
            Ending::CouldNotTry(reason) => Some(reason.clone()),
            _ => None,
        });
        let alternatives = self.alternatives();
        match (mismatch, &self.evidence, obstacle) {
            (Some(reason), _, _) => Verification::NotVerified {
                reason,
                alternatives,
            },
            (None, None, Some(reason)) => Verification::CouldNotTry {
                reason,
                alternatives,
            },
            (None, _, _) => Verification::CouldNotTry {
                reason: Obstacle::LevelNotReached,
                alternatives,
            },
        }
    }

    /// What the person has left: the methods that could not be tried but may
    /// be another time or elsewhere, and what always remains.
    fn alternatives(&self) -> Alternatives {
        let may_still = |attempt: &&Attempt| match &attempt.ending {
            Ending::CouldNotTry(Obstacle::Lacks(_)) => false,
            Ending::CouldNotTry(_) => true,
            Ending::Verified | Ending::NotVerified(_) | Ending::Exception(_) => false,
        };
        let left: Vec<Method> = self
            .attempts
            .iter()
            .filter(may_still)
            .map(|attempt| attempt.method.clone())
            .chain(Vec::from(Alternatives::default()))
            .collect();
        Alternatives::try_from(left).unwrap_or_default()
    }

    fn ended(self, verification: Verification) -> Outcome {
        Outcome {
            verification,
            attempts: self.attempts,
            evidence: self.evidence,
            faults: self.faults,
        }
    }
}

impl Outcome {
    /// The level that the evidence found reaches by itself, also where it is
    /// not what was asked for. `None` without evidence.
    #[must_use]
    pub fn level(&self, policy: &FallbackPolicy) -> Option<AssuranceLevel> {
        let evidence = self.evidence.as_ref()?;
        Some(policy.levels().level(&evidence.methods()))
    }
}

#[cfg(test)]
mod tests;
