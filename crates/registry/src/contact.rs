use serde::{Deserialize, Serialize};
use solidarity_core::limits::LINE_MAX_BYTES;
use solidarity_core::{Invalid, Language, Pii, Residence, Sharing, check_text, exposed};

use crate::limits::ADDRESS_LINES_MAX;

/// A telephone at which a person may be found.
///
/// It is not their [`SafeContact`](solidarity_core::SafeContact): it may be a
/// neighbor's, and a secret never goes there.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Phone {
    /// The number, as stated, at most [`LINE_MAX_BYTES`].
    #[serde(with = "exposed")]
    pub number: Pii<String>,
    /// Who else answers it.
    pub sharing: Sharing,
}

impl Phone {
    /// The number `number`, which others answer too as far as is known.
    pub fn new(number: impl Into<String>) -> Self {
        Self {
            number: Pii::new(number.into()),
            sharing: Sharing::Shared,
        }
    }

    /// The same, which nobody else answers.
    #[must_use]
    pub const fn private(mut self) -> Self {
        self.sharing = Sharing::Private;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        check_text("phone", self.number.expose(), LINE_MAX_BYTES)
    }
}

/// Where a letter or a visitor finds somebody.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Address {
    /// The lines, as one would write them on a letter: 1 to
    /// [`ADDRESS_LINES_MAX`], each at most [`LINE_MAX_BYTES`].
    #[serde(with = "exposed")]
    pub lines: Vec<Pii<String>>,
    /// The place that they lie in.
    pub residence: Residence,
    /// The language that they are written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Address {
    /// An address of `lines`; the place is not stated.
    pub fn new<L: Into<String>>(lines: impl IntoIterator<Item = L>) -> Self {
        Self {
            lines: lines.into_iter().map(|l| Pii::new(l.into())).collect(),
            residence: Residence::Unknown,
            language: None,
        }
    }

    /// The same, in a place.
    #[must_use]
    pub const fn residing(mut self, residence: Residence) -> Self {
        self.residence = residence;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.lines.is_empty() || self.lines.len() > ADDRESS_LINES_MAX {
            return Err(Invalid::new(
                "address",
                format!("must have 1 to {ADDRESS_LINES_MAX} lines"),
            ));
        }
        self.lines
            .iter()
            .try_for_each(|line| check_text("address line", line.expose(), LINE_MAX_BYTES))
    }
}
