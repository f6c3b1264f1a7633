use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::Stamp;

use crate::demographic::could_not_tell;
use crate::{
    Alternatives, Claim, ExceptionRegister, ExceptionUseId, Method, Obstacle, Result, Verification,
    Verifier,
};

/// Answers with the exception that is registered for a person, and counts one
/// use of it for each claim.
#[derive(Debug)]
pub struct ExceptionVerifier {
    register: Arc<dyn ExceptionRegister>,
    alternatives: Alternatives,
}

impl ExceptionVerifier {
    /// Looks in `register`.
    #[must_use]
    pub fn new(register: Arc<dyn ExceptionRegister>) -> Self {
        Self {
            register,
            alternatives: Alternatives::default(),
        }
    }

    /// The same, and who has no exception is offered `alternatives`.
    #[must_use]
    pub fn with_alternatives(mut self, alternatives: Alternatives) -> Self {
        self.alternatives = alternatives;
        self
    }

    async fn used(&self, claim: &Claim, stamp: &Stamp) -> Result<Option<Verification>> {
        let id = ExceptionUseId::derive(&claim.id, "use");
        let Some(used) = self.register.use_once(claim.person, id, stamp).await? else {
            return Ok(None);
        };
        let exception = self.register.get(used.exception()).await?;
        let body = exception.body();
        Ok(Some(Verification::Exception {
            id: exception.id(),
            basis: body.basis.clone(),
            attester: body.attester.actor,
            limit: body.limit,
            review_by: body.review_by,
        }))
    }
}

#[async_trait]
impl Verifier for ExceptionVerifier {
    fn method(&self) -> Method {
        Method::EXCEPTION
    }

    async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification> {
        claim.check()?;
        let reason = match self.used(claim, stamp).await {
            Ok(Some(exception)) => return Ok(exception),
            Ok(None) => Obstacle::NoException,
            Err(error) => could_not_tell(error)?,
        };
        Ok(Verification::CouldNotTry {
            reason,
            alternatives: self.alternatives.clone(),
        })
    }
}
