use crate::Retry;

/// A boxed error from beneath a store or a rail.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What a store may suffer, whatever it stores.
///
/// Every block's error has one variant for it, so that a program over five
/// blocks handles a broken disk in one place.
///
/// ```
/// use solidarity_core::{Retry, StoreFault};
///
/// let fault = StoreFault::new("append a revision", Retry::Later, "disk full");
/// assert_eq!(fault.to_string(), "storage failed to append a revision");
/// assert_eq!(fault.retry(), Retry::Later);
/// ```
#[derive(Debug, thiserror::Error)]
#[error("storage failed to {operation}")]
pub struct StoreFault {
    operation: &'static str,
    retry: Retry,
    source: BoxError,
}

impl StoreFault {
    /// The storage failed to `operation`, a verb phrase.
    pub fn new(operation: &'static str, retry: Retry, source: impl Into<BoxError>) -> Self {
        Self {
            operation,
            retry,
            source: source.into(),
        }
    }

    /// What was being done, as a verb phrase.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        self.retry
    }
}
