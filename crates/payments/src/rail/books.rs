use std::fmt;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{BoxError, Money, PaymentId};

/// What a simulated rail did with one submission.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Booked {
    /// It never arrived.
    Lost,
    /// It was refused.
    Refused,
    /// It was taken: money will move.
    Paid,
}

/// One line of a rail's own books.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BookEntry {
    /// Which payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// When it came.
    pub at: DateTime<Utc>,
    /// What was done with it.
    pub booked: Booked,
}

impl BookEntry {
    pub(crate) const fn new(
        payment: PaymentId,
        amount: Money,
        at: DateTime<Utc>,
        booked: Booked,
    ) -> Self {
        Self {
            payment,
            amount,
            at,
            booked,
        }
    }
}

/// Where a [`SimulatedRail`](crate::SimulatedRail) keeps its books, so that
/// the bank outlives the process that calls it.
///
/// Entries are only ever appended, and come back in the same order.
pub trait RailBooks: fmt::Debug + Send + Sync + 'static {
    /// Appends `entries`, all or none.
    ///
    /// # Errors
    ///
    /// Whatever the storage says. None was written.
    fn append(&self, entries: &[BookEntry]) -> Result<(), BoxError>;

    /// All entries.
    ///
    /// # Errors
    ///
    /// Whatever the storage says.
    fn entries(&self) -> Result<Vec<BookEntry>, BoxError>;
}

impl<T: RailBooks + ?Sized> RailBooks for std::sync::Arc<T> {
    fn append(&self, entries: &[BookEntry]) -> Result<(), BoxError> {
        (**self).append(entries)
    }

    fn entries(&self) -> Result<Vec<BookEntry>, BoxError> {
        (**self).entries()
    }
}

/// Books in memory.
#[derive(Debug, Default)]
pub struct MemoryBooks(Mutex<Vec<BookEntry>>);

impl MemoryBooks {
    /// Empty books.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl RailBooks for MemoryBooks {
    fn append(&self, entries: &[BookEntry]) -> Result<(), BoxError> {
        let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        books.extend_from_slice(entries);
        Ok(())
    }

    fn entries(&self) -> Result<Vec<BookEntry>, BoxError> {
        Ok(self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone())
    }
}
