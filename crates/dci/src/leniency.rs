use std::fmt;

use crate::fault::Step;
use crate::json::Read;
use crate::{Fault, FieldPath};

/// One known way in which messages of the field differ from the standard.
///
/// Each is a question of spelling. What decides about trust, such as a name
/// that comes twice or a missing signature, is nothing to be lenient about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Tolerance {
    /// A number as a string: `"total_count": "1"`.
    NumbersAsText,
    /// A string as a number: `"identifier_value": 847951632`.
    TextAsNumbers,
    /// `"0"`, `"1"`, `"true"`, `"false"`, 0 or 1 for a boolean.
    BooleansAsText,
    /// An empty string where nothing is meant, `"meta": ""`; an object of
    /// nothing for a list of nothing, `"related_person": {}`.
    EmptyForAbsent,
    /// `null` where nothing is meant.
    NullForAbsent,
    /// An empty string for an id that the standard requires. It is read as
    /// `-`.
    EmptyIds,
    /// One object for a list of one: `"address": {…}`.
    SingleForList,
    /// A list of one for what is no list: `"name": [{…}]`.
    ListForSingle,
    /// A time without its offset from UTC, or a date alone, where a time is
    /// asked for. It is read as UTC.
    TimesWithoutOffset,
    /// A language as `en` or `EN/GB`.
    LocaleSpelling,
    /// A name of a field that once was misspelt in the standard:
    /// `timesstamp`, `timesatmp`, `sunscription_codes`, `disburemsents`.
    Misspellings,
    /// A value of a list of the standard in other letters, or as partners
    /// spell it: `gte`, `member`, `ASC`, `subscibe`.
    ValueSpelling,
    /// A reply under the action of its request: `search` for `on-search`.
    ActionOfRequest,
    /// An acknowledgement with a header or a signature beside it.
    AckInEnvelope,
    /// An object within another of its own kind: `"demographic_info":
    /// {"person": {…}}`, `"member_list": [{"household_member": {…}}]`.
    WrappedObjects,
    /// A detached signature over the body as it was before it was written
    /// anew: without white space, its text escaped or not.
    RewrittenBody,
}

impl Tolerance {
    const ALL: [Self; 16] = [
        Self::NumbersAsText,
        Self::TextAsNumbers,
        Self::BooleansAsText,
        Self::EmptyForAbsent,
        Self::NullForAbsent,
        Self::EmptyIds,
        Self::SingleForList,
        Self::ListForSingle,
        Self::TimesWithoutOffset,
        Self::LocaleSpelling,
        Self::Misspellings,
        Self::ValueSpelling,
        Self::ActionOfRequest,
        Self::AckInEnvelope,
        Self::WrappedObjects,
        Self::RewrittenBody,
    ];

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// The differences from the standard that are taken from a partner.
///
/// ```
/// use solidarity_dci::{Leniency, Tolerance};
///
/// let leniency = Leniency::none().with(Tolerance::NumbersAsText);
/// assert!(leniency.allows(Tolerance::NumbersAsText));
/// assert!(!leniency.allows(Tolerance::EmptyIds));
/// ```
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct Leniency(u32);

impl Leniency {
    /// Only what the standard says.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Every difference that is known from the field.
    #[must_use]
    pub fn all() -> Self {
        Tolerance::ALL.into_iter().fold(Self::none(), Self::with)
    }

    /// The same, and `tolerance`.
    #[must_use]
    pub const fn with(self, tolerance: Tolerance) -> Self {
        Self(self.0 | tolerance.bit())
    }

    /// The same, without `tolerance`.
    #[must_use]
    pub const fn without(self, tolerance: Tolerance) -> Self {
        Self(self.0 & !tolerance.bit())
    }

    /// Whether `tolerance` is among them.
    #[must_use]
    pub const fn allows(&self, tolerance: Tolerance) -> bool {
        self.0 & tolerance.bit() != 0
    }
}

impl fmt::Debug for Leniency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed = Tolerance::ALL.iter().filter(|t| self.allows(**t));
        f.debug_set().entries(allowed).finish()
    }
}

/// A difference from the standard that was met and taken.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Deviation {
    /// The field.
    pub path: FieldPath,
    /// The difference.
    pub tolerance: Tolerance,
}

/// What was found within a field or an item, seen from the outside.
pub(crate) trait Seen: Sized {
    fn seen_from(self, step: &Step) -> Self;

    fn seen_from_field(self, name: &str) -> Self {
        self.seen_from(&Step::Field(name.to_owned().into()))
    }
}

impl Seen for Deviation {
    fn seen_from(mut self, step: &Step) -> Self {
        self.path = self.path.within(step.clone());
        self
    }
}

impl Seen for Vec<Deviation> {
    fn seen_from(self, step: &Step) -> Self {
        let deviations = self.into_iter();
        deviations
            .map(|deviation| deviation.seen_from(step))
            .collect()
    }
}

impl<T> Seen for Read<T> {
    fn seen_from(mut self, step: &Step) -> Self {
        self.deviations = self.deviations.seen_from(step);
        self
    }
}

impl<T: Seen> Seen for Result<T, Fault> {
    fn seen_from(self, step: &Step) -> Self {
        match self {
            Ok(found) => Ok(found.seen_from(step)),
            Err(fault) => Err(fault.within(step.clone())),
        }
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.path, self.tolerance)
    }
}
