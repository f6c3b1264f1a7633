//! The limits of this crate, by name.

/// The most conditions and connectives in one rule.
pub const RULE_NODES_MAX: usize = 256;

/// The most rules nested in one another.
pub const RULE_DEPTH_MAX: usize = 16;

/// The most codes that one condition names.
pub const CODES_MAX: usize = 256;

/// The most facts that one programme declares.
pub const FACTS_MAX: usize = 64;

/// The most people in one assistance unit.
pub const MEMBERS_MAX: usize = 1_000;

/// The most grounds of priority in one programme.
pub const PRIORITIES_MAX: usize = 32;

/// The most events in the history of one enrolment.
pub const EVENTS_MAX: usize = 1_000;

/// The fewest days between a notice and its effect that any programme gives.
pub const NOTICE_DAYS_MIN: u16 = 7;

/// The fewest days within which any programme takes an appeal.
pub const APPEAL_DAYS_MIN: u16 = 14;

/// The most days of notice, and of an appeal window.
pub const DAYS_MAX: u16 = 366;
