use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{at_most, read};
use crate::{Rule, spelling};

/// A line on a statement of account (`note`, `purpose`): at most 99 characters,
/// none of control. `Debug` does not show it, since it may be about a person.
///
/// ```
/// use solidarity_dci::{Rule, disburse::ShortNote};
///
/// let note = ShortNote::new("Farmer Relief 2023")?;
/// assert_eq!((note.as_str(), format!("{note:?}")), ("Farmer Relief 2023", "ShortNote(18)".to_owned()));
/// assert_eq!(ShortNote::new("é".repeat(100)), Err(Rule::TooLong));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct ShortNote(String);

impl ShortNote {
    /// The most characters: `maxLength` in the standard's OpenAPI.
    pub const MAX_CHARS: usize = 99;

    /// The text, if it fits.
    ///
    /// # Errors
    ///
    /// [`Rule::TooLong`] or [`Rule::ControlCharacter`].
    pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
        let text = text.into();
        at_most(&text, Self::MAX_CHARS)?;
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ShortNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShortNote({})", self.0.chars().count())
    }
}

impl Serialize for ShortNote {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ShortNote {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NOTE, Self::new)
    }
}
