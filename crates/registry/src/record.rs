use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{Stamp, Version};

/// What a register says about a person, a unit or a membership: a [`Person`],
/// a [`Unit`] or a [`Membership`].
///
/// Of all its revisions known at the time of the read it shows the one that
/// took effect last.
///
/// [`Person`]: crate::Person
/// [`Unit`]: crate::Unit
/// [`Membership`]: crate::Membership
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Record<I, S> {
    id: I,
    version: Version,
    effective_on: NaiveDate,
    recorded: Stamp,
    said: S,
}

impl<I: Copy, S> Record<I, S> {
    /// The record that a store builds.
    #[must_use]
    pub const fn from_parts(
        id: I,
        version: Version,
        effective_on: NaiveDate,
        recorded: Stamp,
        said: S,
    ) -> Self {
        Self {
            id,
            version,
            effective_on,
            recorded,
            said,
        }
    }

    /// Names it.
    #[must_use]
    pub const fn id(&self) -> I {
        self.id
    }

    /// How often it had been written by the time of the read: what the next
    /// write expects.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// From which day on what is shown is so.
    #[must_use]
    pub const fn effective_on(&self) -> NaiveDate {
        self.effective_on
    }

    /// Who recorded what is shown, when and why.
    #[must_use]
    pub const fn recorded(&self) -> &Stamp {
        &self.recorded
    }

    /// What is said.
    #[must_use]
    pub const fn said(&self) -> &S {
        &self.said
    }

    /// What is said, to keep and change.
    #[must_use]
    pub fn into_said(self) -> S {
        self.said
    }
}
