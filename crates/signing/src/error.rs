use solidarity_core::{BoxError, Invalid, Retry, StoreFault};

/// The result of an operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be made, signed or found out.
///
/// A message that was looked at and is not to be trusted is no error of this
/// kind: it is a [`Refusal`](crate::Refusal).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A key, a name or a limit breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),

    /// What holds the keys gave no answer: a key module, a partner's server,
    /// the system's source of randomness.
    #[error("failed to {operation}")]
    #[non_exhaustive]
    Unanswered {
        /// What was being done, as a verb phrase.
        operation: &'static str,
        /// What the caller may do next.
        retry: Retry,
        /// What it said.
        source: BoxError,
    },

    /// The guard holds as many ids of this sender as it may. It forgets none
    /// of them before its time.
    #[error("the replay guard is full: try again when older messages have expired")]
    GuardFull,

    /// The guard has forgotten ids of that time since the clock showed a later
    /// one, so it cannot tell whether the message was taken.
    #[error("the clock went back behind what the replay guard has forgotten: set it right")]
    ClockWentBack,

    /// The storage beneath failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Error {
    /// What holds the keys failed to `operation`, a verb phrase.
    pub fn unanswered(operation: &'static str, retry: Retry, source: impl Into<BoxError>) -> Self {
        Self::Unanswered {
            operation,
            retry,
            source: source.into(),
        }
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_) => Retry::Never,
            Self::GuardFull | Self::ClockWentBack => Retry::Later,
            Self::Unanswered { retry, .. } => *retry,
            Self::Store(fault) => fault.retry(),
        }
    }
}
