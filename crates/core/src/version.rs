use std::fmt;

use serde::{Deserialize, Serialize};

/// Counts the writes to one entity, from 1.
///
/// A write says the version that it expects, so that of two writers who read
/// the same version one is told to read again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Version(u64);

impl Version {
    /// The version of an entity just created.
    pub const FIRST: Self = Self(1);

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The version of an entity written `count` times, if that is not zero.
    #[must_use]
    pub const fn from_count(count: u64) -> Option<Self> {
        if count == 0 { None } else { Some(Self(count)) }
    }

    /// How often the entity has been written.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
