//! The limits that hold for every linkage.

/// The most fields of a [`Schema`](crate::Schema).
pub const FIELDS_MAX: usize = 32;

/// The most levels of one [`Comparator`](crate::comparator::Comparator), the
/// one for *missing* among them.
pub const LEVELS_MAX: usize = 16;

/// The most records of a [`Dataset`](crate::Dataset).
pub const RECORDS_MAX: usize = 100_000_000;

/// The most bytes of a value; what is longer is refused.
pub const VALUE_MAX_BYTES: usize = 4_096;

/// The most words of a value that are compared; the rest is left out.
pub const WORDS_MAX: usize = 12;
