use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{Cursor, Money, Page, Paged, PaymentId};

use crate::{EntryId, FinancialAddress, Instruction, RailCode, RailReference, Reason, Result};

mod books;
mod simulated;

pub use books::{BookEntry, Booked, MemoryBooks, RailBooks};
pub use simulated::{Behavior, Fate, RecognizingRail, SimulatedRail};

/// One payment, handed to a rail.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Submission {
    /// Names the payment: the one id by which the rail and we speak of it.
    pub payment: PaymentId,
    /// Where it goes.
    pub address: FinancialAddress,
    /// How much.
    pub amount: Money,
}

impl Submission {
    /// What `instruction` asks of a rail.
    #[must_use]
    pub fn of(instruction: &Instruction) -> Self {
        Self {
            payment: instruction.id,
            address: instruction.address.clone(),
            amount: instruction.amount,
        }
    }

    /// The payment's id as rails write it: 32 hexadecimal digits, which fit
    /// the 35 characters of an `EndToEndId` of ISO 20022.
    #[must_use]
    pub fn end_to_end_id(&self) -> String {
        self.payment.as_uuid().simple().to_string()
    }
}

/// What a rail says to one submission.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "no answer must never fall under a wildcard and become a failure"
)]
pub enum Answer {
    /// It has it, and will carry it out.
    Accepted {
        /// What it calls it.
        reference: RailReference,
    },
    /// It carried it out at once.
    Credited {
        /// When.
        at: DateTime<Utc>,
    },
    /// It refused it; no money left.
    Rejected {
        /// Why.
        reason: Reason,
    },
    /// Nothing came back: it may or may not have it.
    NoAnswer,
}

/// What a rail says of a payment when it is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "no answer must never fall under a wildcard and become `not known`"
)]
pub enum Standing {
    /// It never had it, *and* takes nothing more of what was sent before it
    /// was asked. Only this frees a payment to be sent again; a rail that has
    /// no such word gives [`NoAnswer`](Self::NoAnswer).
    NotKnown,
    /// It has it and has not carried it out.
    Accepted {
        /// What it calls it.
        reference: RailReference,
    },
    /// It carried it out.
    Credited {
        /// How much.
        amount: Money,
        /// When.
        at: DateTime<Utc>,
    },
    /// It refused it.
    Rejected {
        /// Why.
        reason: Reason,
        /// When.
        at: DateTime<Utc>,
    },
    /// It carried it out, and the money came back.
    Returned {
        /// How much.
        amount: Money,
        /// Why.
        reason: Reason,
        /// When.
        at: DateTime<Utc>,
    },
    /// Nothing came back.
    NoAnswer,
}

/// What one entry of a rail's statement books.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "money that moved must never fall under a wildcard"
)]
pub enum EntryKind {
    /// Money went to a payee.
    Credit,
    /// Money came back.
    Return {
        /// Why.
        reason: Reason,
    },
    /// The rail took a fee.
    Fee,
}

/// One entry of a rail's statement.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StatementEntry {
    /// Names the entry on this rail.
    pub id: EntryId,
    /// Where the statement goes on after it.
    pub cursor: Cursor,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// What it books.
    pub kind: EntryKind,
    /// The payment that it names, if it names one.
    pub payment: Option<PaymentId>,
    /// How much.
    pub amount: Money,
}

impl StatementEntry {
    /// The entry `id`, booked at `booked_at`.
    #[must_use]
    pub const fn new(
        id: EntryId,
        cursor: Cursor,
        booked_at: DateTime<Utc>,
        kind: EntryKind,
        payment: Option<PaymentId>,
        amount: Money,
    ) -> Self {
        Self {
            id,
            cursor,
            booked_at,
            kind,
            payment,
            amount,
        }
    }
}

/// Carries payments: a bank, a wallet operator, a post office, a switch.
///
/// A rail is outside, and may fail in every way: it may lose a request or an
/// answer, be slow, say the same thing twice, contradict itself, and send
/// money back weeks later. The trait lets it say so.
///
/// # Contract
///
/// An implementation, which is our client of the rail, must pass
/// [`conformance::rail`](crate::conformance::rail). In words:
///
/// - **One answer an item, in order.** Where a rail answers only for some, or
///   for the whole, the rest is [`Answer::NoAnswer`]. A payment that was
///   accepted has one reference, whenever it is asked for.
/// - **Never a guess.** What is not known is said to be not known: a time-out
///   is not a rejection, and [`Standing::NotKnown`] is what the rail *says*.
/// - **Never a retry.** A call sends each payment at most once. Whether to
///   send again is decided elsewhere, by who kept a record of it.
/// - **A statement that stands.** Entries come in the order in which they
///   were booked; an entry, once told, is told the same again; reading on
///   from the last entry's cursor skips none.
///
/// What submits must cope with a rail that pays again when it is sent the
/// same payment again. One that does not is a [`DeduplicatingRail`].
///
/// # Sharing
///
/// Shared as `Arc<dyn Rail>`.
///
/// # Wrapping
///
/// A wrapper forwards every method, and sends nothing of its own.
#[async_trait]
pub trait Rail: fmt::Debug + Send + Sync + 'static {
    /// The rail's short name, as in the addresses that it reaches.
    fn code(&self) -> &RailCode;

    /// Hands over `submissions`, at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX).
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for too many. Nothing was
    ///   sent.
    /// - [`Error::Rail`](crate::Error::Rail) if the call failed as a whole.
    ///   Whatever its `retry()` says, a careful caller inquires first.
    async fn submit(&self, submissions: &[Submission]) -> Result<Vec<Answer>>;

    /// Asks what became of `payments`, at most
    /// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX).
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit); nothing changes.
    async fn inquire(&self, payments: &[PaymentId]) -> Result<Vec<Standing>>;

    /// The statement's entries after the page's cursor, the oldest first.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the cursor is not of
    ///   this statement.
    /// - [`Error::Rail`](crate::Error::Rail) if the call failed.
    async fn statement(&self, page: &Page) -> Result<Paged<StatementEntry>>;
}

/// A rail that recognizes a payment by its id, for as long as the payment
/// lives, and carries it out once however often it is sent.
///
/// Only to such a rail may a payment be sent again while its fate is unknown;
/// [`Disburser::resend`](crate::Disburser::resend) takes no other.
///
/// # Contract
///
/// Beside that of [`Rail`], an implementation must pass
/// [`deduplicating_rail_conformance!`](crate::deduplicating_rail_conformance):
/// the same submission again moves no money and is answered as the payment
/// stands.
pub trait DeduplicatingRail: Rail {}

macro_rules! forward {
    ($ptr:ident) => {
        #[async_trait]
        impl<T: Rail + ?Sized> Rail for $ptr<T> {
            fn code(&self) -> &RailCode {
                (**self).code()
            }

            async fn submit(&self, submissions: &[Submission]) -> Result<Vec<Answer>> {
                (**self).submit(submissions).await
            }

            async fn inquire(&self, payments: &[PaymentId]) -> Result<Vec<Standing>> {
                (**self).inquire(payments).await
            }

            async fn statement(&self, page: &Page) -> Result<Paged<StatementEntry>> {
                (**self).statement(page).await
            }
        }

        impl<T: DeduplicatingRail + ?Sized> DeduplicatingRail for $ptr<T> {}
    };
}

forward!(Arc);
forward!(Box);
