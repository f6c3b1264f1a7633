use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::PersonId;

use crate::{FinancialAddress, Result};

mod memory;

pub use memory::MemoryAccountMapper;

/// What a mapper says about one person.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "who could not be looked up must never fall under who has no account"
)]
pub enum AddressResolution {
    /// This is where they are paid.
    Found(FinancialAddress),
    /// They have said nowhere where they are paid: ask them, or pay cash.
    NotFound,
    /// It could not be told now: ask again.
    CouldNotTell,
}

/// Knows where people are paid: an account mapper, a financial address
/// registry.
///
/// # Contract
///
/// An implementation must pass
/// [`conformance::mapper`](crate::conformance::mapper). In words:
///
/// - **One answer a person, in order**; asked twice, answered twice.
/// - **Nobody vanishes.** Who is not found is said to be not found, and what
///   could not be looked up is neither.
///
/// # Sharing
///
/// Shared as `Arc<dyn AccountMapper>`.
///
/// # Wrapping
///
/// A wrapper that caches forgets what it was told when an address changes.
///
/// # Example
///
/// ```
/// use solidarity_core::{PersonId, testing::block_on};
/// use solidarity_payments::{AccountMapper, AddressResolution, FinancialAddress, MemoryAccountMapper, RailCode};
///
/// let (known, other) = (PersonId::generate(), PersonId::generate());
/// let address = FinancialAddress::cash_point(RailCode::new("post-office")?, "Kwale 3")?;
/// let mapper = MemoryAccountMapper::new([(known, address.clone())]);
/// let answers = block_on(mapper.resolve(&[known, other]))?;
/// assert_eq!(answers, [AddressResolution::Found(address), AddressResolution::NotFound]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait AccountMapper: fmt::Debug + Send + Sync + 'static {
    /// Where `payees` are paid, at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX).
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for too many.
    /// - [`Error::Store`](crate::Error::Store) if nobody could be looked up.
    async fn resolve(&self, payees: &[PersonId]) -> Result<Vec<AddressResolution>>;
}

#[async_trait]
impl<T: AccountMapper + ?Sized> AccountMapper for Arc<T> {
    async fn resolve(&self, payees: &[PersonId]) -> Result<Vec<AddressResolution>> {
        (**self).resolve(payees).await
    }
}

#[async_trait]
impl<T: AccountMapper + ?Sized> AccountMapper for Box<T> {
    async fn resolve(&self, payees: &[PersonId]) -> Result<Vec<AddressResolution>> {
        (**self).resolve(payees).await
    }
}
