use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{CycleId, ProgrammeId, Validity};

/// Whether a cycle takes entitlements.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a life cycle is handled whole or not at all"
)]
pub enum CycleState {
    /// It does.
    Open,
    /// It does not any more.
    Closed,
}

/// One round of a programme's payments.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cycle {
    id: CycleId,
    programme: ProgrammeId,
    period: Validity,
    assessed_on: NaiveDate,
    state: CycleState,
}

impl Cycle {
    /// An open round of `programme` for `period`, assessed on its first day.
    #[must_use]
    pub const fn open(id: CycleId, programme: ProgrammeId, period: Validity) -> Self {
        Self {
            id,
            programme,
            period,
            assessed_on: period.from(),
            state: CycleState::Open,
        }
    }

    /// The same, but who is enrolled is looked at on `day`.
    #[must_use]
    pub const fn with_assessment_on(mut self, day: NaiveDate) -> Self {
        self.assessed_on = day;
        self
    }

    /// The same, closed.
    #[must_use]
    pub const fn closed(mut self) -> Self {
        self.state = CycleState::Closed;
        self
    }

    /// The same, open.
    pub(crate) const fn opened(mut self) -> Self {
        self.state = CycleState::Open;
        self
    }

    /// Names the cycle.
    #[must_use]
    pub const fn id(&self) -> CycleId {
        self.id
    }

    /// Of which programme.
    #[must_use]
    pub const fn programme(&self) -> ProgrammeId {
        self.programme
    }

    /// For which days.
    #[must_use]
    pub const fn period(&self) -> Validity {
        self.period
    }

    /// The day on which it is looked at who is enrolled, and for how much.
    #[must_use]
    pub const fn assessed_on(&self) -> NaiveDate {
        self.assessed_on
    }

    /// Whether it takes entitlements.
    #[must_use]
    pub const fn state(&self) -> CycleState {
        self.state
    }

    /// Whether both are one cycle, in whatever state.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.clone().closed() == other.clone().closed()
    }
}
