/// What a caller may do with an operation that failed.
///
/// Exhaustive on purpose: a caller that forgot [`AfterInquiry`] behind a
/// wildcard arm would send twice what may already have happened. A new variant
/// is a breaking change.
///
/// [`AfterInquiry`]: Retry::AfterInquiry
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new variant must break every caller that decides on it"
)]
pub enum Retry {
    /// The same call fails again.
    Never,
    /// Nothing was changed; the same call may succeed later.
    Later,
    /// Someone else changed the value: read it again, decide again, call again.
    AfterReread,
    /// The call may or may not have taken effect. Ask for its outcome, by
    /// id, before doing anything else.
    AfterInquiry,
}
