//! The limits of this block, by name. Those of every block are in
//! [`solidarity_core::limits`].

/// The most fields in one consent, request or statement.
pub const FIELDS_MAX: usize = 256;

/// The most purposes, or recipients, in one statement.
pub const SCOPE_MAX: usize = 256;

/// The most statements, and the most prohibitions, in one policy.
pub const STATEMENTS_MAX: usize = 1_000;

/// The most consents that one person is ever asked for: every one of them is
/// read for a decision.
pub const SUBJECT_CONSENTS_MAX: usize = 1_000;

/// The longest that a consent may last, in days: ten years. A consent without
/// an end is none.
pub const CONSENT_DAYS_MAX: i64 = 3_660;

/// The longest that a recipient may be allowed to keep anything, in days: a
/// hundred years.
pub const RETENTION_DAYS_MAX: u32 = 36_600;

/// The longest window over which uses are counted, in seconds: a leap year.
pub const WINDOW_SECONDS_MAX: u32 = 366 * 24 * 60 * 60;
