use solidarity_core::{Invalid, Retry, StoreFault};

/// The result of a payments operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a payments operation failed.
///
/// Messages name payments, batches and accounts by id only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was said breaks a rule. Nothing was written.
    #[error(transparent)]
    Invalid(#[from] Invalid),

    /// The storage beneath failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl Error {
    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Invalid(_) => Retry::Never,
            Self::Store(fault) => fault.retry(),
        }
    }
}
