use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use solidarity_core::Invalid;

use crate::limits::WINDOW_MAX;
use crate::{MessageId, PartyId, Result};

mod memory;

pub use memory::MemoryReplayGuard;

/// A message as it arrives: whose it is, its id, and when it says that it was
/// sent.
///
/// All three come from what was signed, after the signature was checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Arrival {
    sender: PartyId,
    id: MessageId,
    sent_at: DateTime<Utc>,
}

impl Arrival {
    /// The message `id` of `sender`, sent at `sent_at`, to the microsecond.
    #[must_use]
    pub fn new(sender: PartyId, id: MessageId, sent_at: DateTime<Utc>) -> Self {
        Self {
            sender,
            id,
            sent_at: sent_at.trunc_subsecs(6),
        }
    }

    /// Who sent it.
    #[must_use]
    pub const fn sender(&self) -> &PartyId {
        &self.sender
    }

    /// What it is called among its sender's messages.
    #[must_use]
    pub const fn id(&self) -> &MessageId {
        &self.id
    }

    /// When it was sent, as it says.
    #[must_use]
    pub const fn sent_at(&self) -> DateTime<Utc> {
        self.sent_at
    }
}

/// What a guard says of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[must_use = "only a fresh message is acted on"]
#[expect(
    clippy::exhaustive_enums,
    reason = "a fresh message is told from every other"
)]
pub enum Admission {
    /// It is new, and taken now. Whoever was told so acts on it; nobody else
    /// is told so.
    Fresh,
    /// A message of this sender with this id was taken before.
    AlreadyTaken,
    /// It was sent too long ago.
    TooOld,
    /// It says that it was sent later than clocks may differ.
    FromTheFuture,
}

/// How old a message may be, and how far ahead a sender's clock.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use solidarity_signing::{Admission, Arrival, MessageId, PartyId, Window};
///
/// let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1))?;
/// let sent_at = |minutes| {
///     let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
///     Ok::<_, solidarity_signing::Error>(Arrival::new(PartyId::new("a")?, MessageId::new("1")?, at))
/// };
/// let now = DateTime::UNIX_EPOCH;
/// assert_eq!(window.refuses(&sent_at(-10)?, now), None);
/// assert_eq!(window.refuses(&sent_at(-11)?, now), Some(Admission::TooOld));
/// assert_eq!(window.refuses(&sent_at(2)?, now), Some(Admission::FromTheFuture));
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    age_max: TimeDelta,
    skew_max: TimeDelta,
}

impl Window {
    /// Messages sent at most `age_max` before now, and at most `skew_max`
    /// after it.
    ///
    /// `age_max` covers the way of a message, its retries, and a sender's
    /// clock that is behind; `skew_max` one that is ahead.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if `age_max` is below a second
    /// or above [`WINDOW_MAX`], or `skew_max` is negative or above `age_max`.
    pub fn new(age_max: TimeDelta, skew_max: TimeDelta) -> Result<Self> {
        if !(TimeDelta::seconds(1)..=WINDOW_MAX).contains(&age_max) {
            return Err(Invalid::new("age_max", "must be one second to 31 days").into());
        }
        if !(TimeDelta::zero()..=age_max).contains(&skew_max) {
            return Err(
                Invalid::new("skew_max", "must be at least zero and at most `age_max`").into(),
            );
        }
        Ok(Self { age_max, skew_max })
    }

    /// Why the window refuses `message` at `now`: it is
    /// [too old](Admission::TooOld) or [from the
    /// future](Admission::FromTheFuture). `None` if it is within the window.
    #[must_use]
    pub fn refuses(&self, message: &Arrival, now: DateTime<Utc>) -> Option<Admission> {
        let age = now.signed_duration_since(message.sent_at());
        if age > self.age_max {
            Some(Admission::TooOld)
        } else if age < -self.skew_max {
            Some(Admission::FromTheFuture)
        } else {
            None
        }
    }

    /// The instant before which a message was sent whose id may be forgotten
    /// at `now`: it stays too old even if the clock is put back by as much as
    /// clocks may differ.
    #[must_use]
    pub fn forgets_before(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.trunc_subsecs(6)
            .checked_sub_signed(self.age_max)
            .and_then(|at| at.checked_sub_signed(self.skew_max))
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

/// Takes each message of a sender once.
///
/// # Contract
///
/// An implementation must pass [`conformance`](crate::conformance). In words:
///
/// - **Once.** Of all calls with one sender and one id within the guard's
///   [`Window`], on any thread and after a crash, one is answered
///   [`Admission::Fresh`]. It is the sender and the id that count, to the
///   byte, and not the time that the message says.
/// - **Each sender for itself.** What one sends, and how much, never makes
///   another's message be refused.
/// - **A refused message is not taken.** One from the future is fresh when its
///   time has come.
/// - **Bounded, and never forgetful.** An id is forgotten when messages of its
///   time are too old. Where there is no room, the answer is
///   [`Error::GuardFull`](crate::Error::GuardFull).
/// - **A clock put back opens nothing.** For a time of which it has forgotten
///   ids, the guard answers
///   [`Error::ClockWentBack`](crate::Error::ClockWentBack).
/// - **No answer is no yes.** An error says that it could not be found out;
///   the message is not acted on.
///
/// # Sharing
///
/// Shared as `Arc<dyn ReplayGuard>` by all that receive for one receiver. Two
/// processes with a guard each take a message twice.
///
/// # Wrapping
///
/// A wrapper asks once for each message, and asks again only after an error.
///
/// # Example
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use solidarity_core::testing::block_on;
/// use solidarity_signing::{
///     Admission, Arrival, MemoryReplayGuard, MessageId, PartyId, ReplayGuard, Window,
/// };
///
/// let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1))?;
/// let guard = MemoryReplayGuard::new(window);
/// let now = DateTime::UNIX_EPOCH;
/// let message = Arrival::new(PartyId::new("registry.example")?, MessageId::new("m-1")?, now);
/// assert_eq!(block_on(guard.take(&message, now))?, Admission::Fresh);
/// assert_eq!(block_on(guard.take(&message, now))?, Admission::AlreadyTaken);
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
#[async_trait]
pub trait ReplayGuard: fmt::Debug + Send + Sync + 'static {
    /// Takes `message`, which arrived at `now`, if it is new.
    ///
    /// Ask when the signature was checked, just before the message is acted on.
    ///
    /// # Errors
    ///
    /// - [`Error::GuardFull`](crate::Error::GuardFull) if there is no room.
    /// - [`Error::ClockWentBack`](crate::Error::ClockWentBack) if `now` is
    ///   before what was forgotten.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn take(&self, message: &Arrival, now: DateTime<Utc>) -> Result<Admission>;
}

#[async_trait]
impl<T: ReplayGuard + ?Sized> ReplayGuard for Arc<T> {
    async fn take(&self, message: &Arrival, now: DateTime<Utc>) -> Result<Admission> {
        (**self).take(message, now).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_bounds() {
        let window = |age: TimeDelta, skew: TimeDelta| Window::new(age, skew).is_ok();
        let (none, second) = (TimeDelta::zero(), TimeDelta::seconds(1));
        assert!(window(second, none) && window(second, second) && window(WINDOW_MAX, WINDOW_MAX));
        assert!(!window(none, none) && !window(-second, none) && !window(second, -second));
        assert!(!window(WINDOW_MAX + second, none) && !window(second, second * 2));
    }

    #[test]
    fn the_ends_of_time_are_times() {
        let window = Window::new(WINDOW_MAX, WINDOW_MAX).unwrap();
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let at = |sent| {
            Arrival::new(
                PartyId::new("a").unwrap(),
                MessageId::new("1").unwrap(),
                sent,
            )
        };
        assert_eq!(window.refuses(&at(first), last), Some(Admission::TooOld));
        assert_eq!(
            window.refuses(&at(last), first),
            Some(Admission::FromTheFuture)
        );
        assert_eq!(window.forgets_before(first), first);
    }
}
