use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

use crate::{ActorId, Clock, CorrelationId};

crate::code! {
    /// Why somebody acts or looks: a word of the country's own vocabulary,
    /// such as `payment` or `eligibility`.
    pub struct Purpose;
}

/// Who acts, why, and what ties together all that the act causes.
///
/// Every command and every read of personal data carries one at the service's
/// edge. A store takes a [`Stamp`] instead: the context and the time.
///
/// ```
/// use solidarity_core::{ActorId, Context, Purpose, SystemClock};
///
/// let context = Context::new(ActorId::generate(), Purpose::new("enrolment")?);
/// let stamp = context.stamp(&SystemClock);
/// assert_eq!(stamp.actor(), context.actor());
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Context {
    actor: ActorId,
    purpose: Purpose,
    correlation: CorrelationId,
}

impl Context {
    /// `actor` acts for `purpose`; the correlation is fresh.
    #[must_use]
    pub fn new(actor: ActorId, purpose: Purpose) -> Self {
        Self {
            actor,
            purpose,
            correlation: CorrelationId::generate(),
        }
    }

    /// The same, as a part of what `correlation` names.
    #[must_use]
    pub const fn within(mut self, correlation: CorrelationId) -> Self {
        self.correlation = correlation;
        self
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// Why.
    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// What ties together all that the act causes.
    #[must_use]
    pub const fn correlation(&self) -> CorrelationId {
        self.correlation
    }

    /// What a store records of an act done now.
    #[must_use]
    pub fn stamp(&self, clock: &dyn Clock) -> Stamp {
        Stamp::new(clock.now(), self.actor, self.purpose.clone()).within(self.correlation)
    }
}

/// What a store records of a write: when, who, why.
///
/// The time is cut to whole microseconds, which every back end can hold.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Stamp {
    at: DateTime<Utc>,
    actor: ActorId,
    purpose: Purpose,
    correlation: CorrelationId,
}

impl Stamp {
    /// A write at `at` by `actor` for `purpose`; the correlation is derived
    /// from the actor and the time.
    #[must_use]
    pub fn new(at: DateTime<Utc>, actor: ActorId, purpose: Purpose) -> Self {
        let at = at.trunc_subsecs(6);
        Self {
            at,
            actor,
            purpose,
            correlation: CorrelationId::derive(&actor, &at.timestamp_micros().to_string()),
        }
    }

    /// The same, as a part of what `correlation` names.
    #[must_use]
    pub const fn within(mut self, correlation: CorrelationId) -> Self {
        self.correlation = correlation;
        self
    }

    /// When the write is made.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Who makes it.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// Why.
    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// What ties it to what caused it.
    #[must_use]
    pub const fn correlation(&self) -> CorrelationId {
        self.correlation
    }
}
