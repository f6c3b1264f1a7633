//! How the values of two records are compared: by levels, from *the same* to
//! *different*.
//!
//! A level is what weights are learned for. What is missing on a side is no
//! level: it speaks neither for nor against.

use std::fmt;

use crate::dataset::{Dataset, MARKS, Row};
use crate::lexicon::Word;
use crate::{Field, FieldKind};

mod date;
mod exact;
mod name;
mod number;
mod place;
mod quantity;
mod spelling;
mod words;

pub use date::DateComparator;
pub use exact::ExactComparator;
pub use name::NameComparator;
pub(crate) use name::telling;
pub use number::NumberComparator;
pub use place::PlaceComparator;
pub use quantity::QuantityComparator;
pub use spelling::SpellingComparator;
pub use words::WordsComparator;
pub(crate) use words::{Alike, Likeness, Memo, frequency};

/// One way in which two values may compare.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Level {
    /// What it is called in an explanation.
    pub name: &'static str,
    /// How often two records of one person are taken to compare so, before
    /// anything is learned; relative to the other levels.
    pub prior: f64,
    /// How much it looks like one person, 0 to 1: from here learning begins.
    pub alike: f64,
}

impl Level {
    /// The level `name`.
    #[must_use]
    pub const fn new(name: &'static str, prior: f64, alike: f64) -> Self {
        Self { name, prior, alike }
    }
}

/// Two records of a dataset.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) left: Row<'a>,
    pub(crate) right: Row<'a>,
    pub(crate) memo: &'a Memo,
}

impl<'a> Pair<'a> {
    /// The words of both in the field of this number, folded. A telephone, a
    /// number, an e-mail address, a place or a quantity is one word, as
    /// [`normalize`](crate::normalize) has it; a date is none.
    #[must_use]
    pub fn texts(&self, field: usize) -> (Vec<&'a str>, Vec<&'a str>) {
        let texts = |row: Row<'a>| row.words(field).iter().map(|word| self.text(*word));
        (texts(self.left).collect(), texts(self.right).collect())
    }

    /// A word without the mark that those of some kinds have.
    pub(crate) fn text(&self, word: Word) -> &'a str {
        let text = self.dataset.lexicon.text(word);
        text.strip_prefix(MARKS).unwrap_or(text)
    }

    /// The words of both, if both have any.
    pub(crate) fn words(&self, field: usize) -> Option<(&'a [Word], &'a [Word])> {
        let (one, other) = (self.left.words(field), self.right.words(field));
        (!one.is_empty() && !other.is_empty()).then_some((one, other))
    }
}

/// Compares one field of two records.
///
/// A country adds its own: for a number with check digits, for a script, for
/// an address that follows rules.
///
/// # Contract
///
/// - The answer is the place of a level in [`levels`](Self::levels), or `None`
///   if a side says nothing.
/// - It is the same whichever record comes first, and whatever was compared
///   before.
pub trait Comparator: fmt::Debug + Send + Sync {
    /// The levels, at most 15.
    fn levels(&self) -> &[Level];

    /// Which of them holds of `pair` in the field of this number.
    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize>;
}

/// The comparator that a field has unless another is given: that of its kind,
/// or the one for numbers that are checked.
#[must_use]
pub fn of_field(field: &Field) -> Box<dyn Comparator> {
    match (field.kind, field.check) {
        (FieldKind::Identifier, Some(check)) => Box::new(NumberComparator::checked(check)),
        (kind, _) => of_kind(kind),
    }
}

/// The comparator that a kind of field has.
#[must_use]
pub fn of_kind(kind: FieldKind) -> Box<dyn Comparator> {
    match kind {
        FieldKind::GivenName
        | FieldKind::FamilyName
        | FieldKind::ParentName
        | FieldKind::FullName => Box::new(NameComparator),
        FieldKind::BirthDate => Box::new(DateComparator),
        FieldKind::Phone | FieldKind::Identifier => Box::new(NumberComparator::default()),
        FieldKind::Email => Box::new(NumberComparator::email()),
        FieldKind::Address => Box::new(WordsComparator),
        FieldKind::Place | FieldKind::Text => Box::new(PlaceComparator),
        FieldKind::Sex => Box::new(ExactComparator),
        FieldKind::Quantity => Box::new(QuantityComparator),
    }
}
