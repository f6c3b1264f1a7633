use std::fmt;

use crate::{Error, Result};

/// What a linkage is doing.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Stage {
    /// Words are split, folded and counted.
    Prepare,
    /// Pairs that may be one person are found.
    Block,
    /// The weights are learned from some of them.
    Learn,
    /// Each pair is compared, and gets its probability.
    Compare,
}

impl Stage {
    /// Its name, in a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Block => "block",
            Self::Learn => "learn",
            Self::Compare => "compare",
        }
    }
}

/// Hears how far a linkage is, and may stop it.
///
/// Called from several threads.
pub trait Progress: fmt::Debug + Sync {
    /// `done` of `all` parts of `stage` are done. `false` stops the linkage,
    /// which then ends with [`Error::Cancelled`](crate::Error::Cancelled).
    fn goes_on(&self, stage: Stage, done: u64, all: u64) -> bool;
}

/// Hears nothing and stops nothing.
impl Progress for () {
    fn goes_on(&self, _stage: Stage, _done: u64, _all: u64) -> bool {
        true
    }
}

/// Tells how far it is.
///
/// # Errors
///
/// [`Error::Cancelled`] if it is to stop.
pub(crate) fn go_on(progress: &dyn Progress, stage: Stage, done: u64, all: u64) -> Result<()> {
    match progress.goes_on(stage, done, all) {
        true => Ok(()),
        false => Err(Error::Cancelled),
    }
}
