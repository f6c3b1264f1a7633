//! What a message may hold at most.

/// A body, in bytes: 1 MiB.
pub const BODY_MAX_BYTES: usize = 1_024 * 1_024;

/// Values in a body: with this many objects of one member each, the most
/// costly, a reading holds about 64 MiB. Messages hold one in 16 bytes or more.
pub const VALUES_MAX: usize = 65_536;

/// Lists and objects within each other.
pub const DEPTH_MAX: usize = 32;

/// Members of one object.
pub const KEYS_MAX: usize = 1_000;

/// A string, in bytes after its escapes are resolved.
pub const STRING_MAX_BYTES: usize = 64 * 1_024;

/// The greatest whole number: what every JSON reader holds exactly (RFC 7493,
/// 2.2).
pub const INTEGER_MAX: i64 = (1 << 53) - 1;

/// Requests, events or answers in one message.
pub const ITEMS_MAX: usize = 1_000;

/// Items of one message that are refused one by one. With more, the whole
/// message is: `rjct.errors.too_many`.
pub const REJECTED_MAX: usize = 100;

/// The characters of an id of a transaction, a request, a subscription:
/// `maxLength` in the standard's OpenAPI.
pub const ID_MAX_CHARS: usize = 99;

/// The characters of a message for people: `maxLength` in the standard's
/// OpenAPI.
pub const NOTE_MAX_CHARS: usize = 999;

/// Records on a page.
pub const PAGE_SIZE_MAX: u32 = 1_000;

/// Comparisons in one query.
pub const QUERY_TERMS_MAX: usize = 20;

/// Conditions within each other in one query.
pub const QUERY_DEPTH_MAX: usize = 8;

/// Values that `in` compares with.
pub const QUERY_VALUES_MAX: usize = 100;
