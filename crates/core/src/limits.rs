//! The limits that every block keeps, by name. Nothing is unbounded.

/// The most items that one page holds.
pub const PAGE_MAX: usize = 1_000;

/// The items that a page holds when its size is not said.
pub const PAGE_DEFAULT: usize = 100;

/// The most items in one batch of commands.
pub const BATCH_MAX: usize = 10_000;

/// The most bytes in a coded word.
pub const CODE_MAX: usize = 64;

/// The most bytes in a name of a person, a unit or a place.
pub const NAME_MAX_BYTES: usize = 512;

/// The most bytes in a line of text: an address line, a phone number as
/// stated, an account.
pub const LINE_MAX_BYTES: usize = 1_024;

/// The most bytes in free text: a complaint, an answer, a reason.
pub const TEXT_MAX_BYTES: usize = 64 * 1_024;

/// The most bytes in an opaque cursor.
pub const CURSOR_MAX_BYTES: usize = 256;

/// The most levels in a hierarchy of places.
pub const PLACE_DEPTH_MAX: usize = 16;

/// The largest amount of money, in minor units, that a block takes:
/// 10^27, which leaves room for the sum of a hundred million of them.
pub const MONEY_MAX_MINOR: i128 = 1_000_000_000_000_000_000_000_000_000;
