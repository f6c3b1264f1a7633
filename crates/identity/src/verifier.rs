use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::Stamp;

use crate::{Claim, Method, Result, Verification};

/// Finds out, by one method, whether somebody is who they say.
///
/// # Contract
///
/// An implementation must pass [`conformance::verifier`](crate::conformance::verifier).
/// In words:
///
/// - **A broken method is never a failed person.** `NotVerified` means that
///   something was compared and differed, and nothing else. A source that is
///   down, a fact that it does not hold, a code that did not arrive and a
///   claim that brings nothing are `CouldNotTry`.
/// - **Could not tell.** Where something beneath fails, its
///   [`retry`](crate::Error::retry) decides: `Later` is `CouldNotTry`, because
///   nothing happened; everything else is an `Err`. After `AfterInquiry` the
///   same claim is sent again.
/// - **Nothing is not enough.** An empty fact, code or picture verifies nobody.
/// - **Idempotent by claim.** The same claim again gives the same answer, and
///   uses up nothing twice.
/// - **Own words only.** Evidence names this verifier's
///   [`method`](Self::method) and the claim's person; no answer holds a value
///   of a fact.
///
/// # Sharing
///
/// Shared as `Arc<dyn Verifier>`, or lent as `&dyn Verifier` to
/// [`FallbackPolicy::run`](crate::FallbackPolicy::run).
///
/// # Wrapping
///
/// A wrapper passes `method` through untouched and never turns a
/// `CouldNotTry` or an `Err` into a `NotVerified`.
///
/// # Example
///
/// An officer's own eyes are a verifier:
///
/// ```
/// use async_trait::async_trait;
/// use solidarity_core::{PersonId, Stamp};
/// use solidarity_identity::{
///     Alternatives, AssuranceLevel, Claim, Evidence, EvidenceItem, Method, Obstacle, Result,
///     Verification, Verifier,
/// };
///
/// #[derive(Debug)]
/// struct SeenByOfficer {
///     seen: Vec<PersonId>,
/// }
///
/// #[async_trait]
/// impl Verifier for SeenByOfficer {
///     fn method(&self) -> Method {
///         Method::DOCUMENT_SEEN
///     }
///
///     async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification> {
///         Ok(if self.seen.contains(&claim.person) {
///             Verification::Verified {
///                 level: AssuranceLevel::Low,
///                 evidence: Evidence::of(EvidenceItem::new(claim, self.method(), stamp)),
///             }
///         } else {
///             Verification::CouldNotTry {
///                 reason: Obstacle::NothingPresented,
///                 alternatives: Alternatives::default(),
///             }
///         })
///     }
/// }
/// ```
#[async_trait]
pub trait Verifier: fmt::Debug + Send + Sync + 'static {
    /// How it finds out.
    fn method(&self) -> Method;

    /// Finds out whether `claim` is true, at the time and for the actor of
    /// `stamp`.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the claim breaks a limit.
    /// - [`Error::Unavailable`](crate::Error::Unavailable) or
    ///   [`Error::Store`](crate::Error::Store) if something beneath failed and
    ///   its advice is not `Later`.
    async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification>;
}

macro_rules! forward {
    ($($pointer:ident)+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "see `Verifier`, Wrapping")]
        impl<T: Verifier + ?Sized> Verifier for $pointer<T> {
            fn method(&self) -> Method {
                (**self).method()
            }

            async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification> {
                (**self).verify(claim, stamp).await
            }
        }
    )+};
}

forward!(Arc Box);

#[cfg(test)]
mod tests;
