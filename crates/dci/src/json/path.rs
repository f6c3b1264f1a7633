use std::borrow::Cow;

use crate::fault::Step;
use crate::{Fault, FieldPath};

/// Where a reading stands.
#[derive(Clone, Copy)]
pub(crate) struct Path<'p> {
    above: Option<&'p Path<'p>>,
    at: At<'p>,
}

#[derive(Clone, Copy)]
enum At<'p> {
    Root,
    Field(&'p str),
    Item(usize),
}

impl At<'_> {
    fn step(self) -> Option<Step> {
        match self {
            Self::Root => None,
            Self::Field(name) => Some(Step::Field(Cow::Owned(shown(name).to_owned()))),
            Self::Item(position) => Some(Step::Item(position)),
        }
    }
}

impl<'p> Path<'p> {
    pub(crate) const ROOT: Self = Self {
        above: None,
        at: At::Root,
    };

    pub(crate) const fn field(&'p self, name: &'p str) -> Self {
        Self {
            above: Some(self),
            at: At::Field(name),
        }
    }

    pub(crate) const fn item(&'p self, position: usize) -> Self {
        Self {
            above: Some(self),
            at: At::Item(position),
        }
    }

    /// The steps, from the innermost outwards.
    fn steps(&self) -> impl Iterator<Item = Step> + use<'_, 'p> {
        std::iter::successors(Some(self), |path| path.above).filter_map(|path| path.at.step())
    }

    pub(crate) fn to_fields(self) -> FieldPath {
        FieldPath::from_within(self.steps().collect())
    }

    /// `fields`, which lead on from here, seen from the outside.
    pub(super) fn above(&self, fields: FieldPath) -> FieldPath {
        FieldPath::from_within(
            fields
                .into_steps()
                .into_iter()
                .chain(self.steps())
                .collect(),
        )
    }

    /// `fault`, which was found from here on, seen from the outside.
    pub(crate) fn onto(&self, fault: Fault) -> Fault {
        self.steps().fold(fault, Fault::within)
    }
}

/// The fields of the standard have shorter names.
const NAME_MAX_BYTES: usize = 64;

fn shown(name: &str) -> &str {
    if name.len() <= NAME_MAX_BYTES {
        name
    } else {
        "…"
    }
}
