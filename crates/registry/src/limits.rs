//! The limits that this block keeps, beside those of
//! [`solidarity_core::limits`].

/// The most names that a person has at once.
pub const NAMES_MAX: usize = 20;

/// The most identity documents, phones or addresses that a person has at once.
pub const CONTACTS_MAX: usize = 50;

/// The most lines in an address.
pub const ADDRESS_LINES_MAX: usize = 10;

/// The most claims that a person has died.
pub const DEATH_CLAIMS_MAX: usize = 20;

/// The most attributes of a person or a unit.
pub const ATTRIBUTES_MAX: usize = 200;

/// The most roles in one membership.
pub const ROLES_MAX: usize = 20;

/// The most memberships that a unit or a person has, past ones included.
pub const MEMBERSHIPS_MAX: usize = 1_000;

/// The most acts in one command. Those of a batch together are at most
/// [`BATCH_MAX`](solidarity_core::limits::BATCH_MAX).
pub const ACTS_MAX: usize = 1_000;

/// The most entities that one read names.
pub const READ_MAX: usize = solidarity_core::limits::PAGE_MAX;

/// The most terms in the criteria of a search, and the most *all*, *any* and
/// *not* that tie them together.
pub const TERMS_MAX: usize = 20;

/// The most people that are told to hold one identifier.
pub const HOLDERS_MAX: usize = 100;

/// The most people in a group that is compared pair by pair when possible
/// duplicates are looked for.
pub const BUCKET_MAX: usize = 50;

/// The most entries in the evidence of a duplicate case.
pub const EVIDENCE_MAX: usize = 64;

/// The probability of what is certain, in parts per million.
pub const PROBABILITY_MAX_PPM: u32 = 1_000_000;

/// The most judgements of one duplicate case.
pub const JUDGEMENTS_MAX: usize = 100;
