//! The limits that this block keeps, by name, beside
//! [`solidarity_core::limits`].

/// The most states in a workflow.
pub const STATES_MAX: usize = 64;

/// The most actions in a workflow.
pub const ACTIONS_MAX: usize = 256;

/// The most roles in a workflow, and that one officer holds.
pub const ROLES_MAX: usize = 64;

/// The most rungs of a ladder of escalation.
pub const LADDER_MAX: usize = 8;

/// The most holidays in a calendar.
pub const HOLIDAYS_MAX: usize = 10_000;

/// The longest clock or window, in days.
pub const SPAN_MAX_DAYS: u16 = 366;

/// The most working days by which the clocks of one round may be extended.
pub const EXTENSION_MAX_DAYS: u16 = 60;

/// The most people and offices that a case concerns.
pub const CONCERNS_MAX: usize = 32;

/// The most offices that one officer belongs to.
pub const OFFICES_MAX: usize = 64;

/// The most remedies that one case is owed.
pub const REMEDIES_MAX: usize = 16;

/// After this many writes a case takes no more comments. It can still be
/// answered, escalated and appealed.
pub const COMMENTED_VERSIONS_MAX: u64 = 1_000;
