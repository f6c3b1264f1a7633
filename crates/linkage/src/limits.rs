//! The limits that hold for every linkage.

/// The most fields of a [`Schema`](crate::Schema).
pub const FIELDS_MAX: usize = 32;

/// The most full names that one nickname stands for.
pub const FULL_NAMES_MAX: usize = 16;

/// The most levels of one [`Comparator`](crate::comparator::Comparator), the
/// one for *missing* among them.
pub const LEVELS_MAX: usize = 16;

/// The most nicknames of [`Tables`](crate::Tables).
pub const NICKNAMES_MAX: usize = 10_000;

/// The most particles of [`Tables`](crate::Tables).
pub const PARTICLES_MAX: usize = 256;

/// The most records of a [`Dataset`](crate::Dataset).
pub const RECORDS_MAX: usize = 100_000_000;

/// The most bytes of a word of [`Tables`](crate::Tables); what is longer is
/// refused.
pub const TABLE_WORD_MAX_BYTES: usize = 64;

/// The most sequences of letters that [`Tables`](crate::Tables) write otherwise.
pub const TRANSLITERATIONS_MAX: usize = 1_024;

/// The most bytes of a value; what is longer is refused.
pub const VALUE_MAX_BYTES: usize = 4_096;

/// The most words of a value that are compared; the rest is left out.
pub const WORDS_MAX: usize = 12;

/// Under this probability nobody is asked to look at a pair, whatever the
/// [`ErrorRates`](crate::ErrorRates): of ten such pairs nine are two people.
/// [`Linkage::pairs`](crate::Linkage) does not hold it.
pub const PROBABILITY_MIN: f64 = 0.1;
