//! The short texts of which messages are made.

use std::fmt;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::Rule;
use crate::limits::{ID_MAX_CHARS, NOTE_MAX_CHARS};
use crate::spelling;

/// Reads a text, under the name by which the reader knows its kind.
pub(crate) fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    kind: &'static str,
    make: fn(String) -> Result<T, Rule>,
) -> Result<T, D::Error> {
    struct Text<T>(fn(String) -> Result<T, Rule>);
    impl<'de, T> Visitor<'de> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(
            self,
            deserializer: D,
        ) -> Result<T, D::Error> {
            deserializer.deserialize_string(self)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            self.visit_string(text.to_owned())
        }

        fn visit_string<E: serde::de::Error>(self, text: String) -> Result<T, E> {
            (self.0)(text).map_err(E::custom)
        }
    }
    deserializer.deserialize_newtype_struct(kind, Text(make))
}

macro_rules! text {
    ($(
        $(#[$meta:meta])*
        $name:ident as $kind:ident, $check:path;
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(String);

        impl $name {
            /// The text, if it keeps the rules of its kind.
            ///
            /// # Errors
            ///
            /// The [`Rule`] that it breaks.
            pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
                let text = text.into();
                $check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer, spelling::$kind, Self::new)
            }
        }
    )+};
}
text! {
    /// A transaction, as the system that begins it names it: one business
    /// transaction may take several messages.
    ///
    /// 1 to 99 characters (`SearchRequest.transaction_id`). The standard lets
    /// it be empty; here it may not, since nothing could answer to it.
    TransactionId as ID, id;
    /// What a receiver names the work that it takes on, in its acknowledgement
    /// and in the answer to it. 1 to 99 characters.
    CorrelationId as ID, id;
    /// One request of a message, as its sender names it. 1 to 99 characters.
    ReferenceId as ID, id;
    /// A subscription, as the register names it. 1 to 99 characters.
    SubscriptionCode as ID, id;
    /// The language of what people read: three small letters of ISO 639-3
    /// (pattern `^[a-z]{3,3}$`).
    Locale as LOCALE, locale;
    /// The name of something in a list that stays open: a register, a kind of
    /// record, an event, a type of id. 1 to 256 characters, none of control.
    Term as NAME, name;
}

impl Term {
    /// A name of the standard itself.
    pub(crate) fn fixed(name: &'static str) -> Self {
        Self(name.to_owned())
    }
}

fn id(text: &str) -> Result<(), Rule> {
    bounded(text, ID_MAX_CHARS)
}

fn name(text: &str) -> Result<(), Rule> {
    bounded(text, 256)
}

fn bounded(text: &str, max: usize) -> Result<(), Rule> {
    if text.trim().is_empty() {
        return Err(Rule::Empty);
    }
    at_most(text, max)
}

/// At most `max` characters, none of control.
pub(crate) fn at_most(text: &str, max: usize) -> Result<(), Rule> {
    if text.len() > max && text.chars().count() > max {
        return Err(Rule::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(Rule::ControlCharacter);
    }
    Ok(())
}

fn locale(text: &str) -> Result<(), Rule> {
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Ok(())
    } else {
        Err(Rule::NotALocale)
    }
}

/// A message for people, such as `status_reason_message`: at most 999
/// characters. `Debug` does not show it, since it may be about a person.
///
/// ```
/// use solidarity_dci::{Note, Rule};
///
/// let note = Note::new("try again tomorrow")?;
/// assert_eq!((note.as_str(), format!("{note:?}")), ("try again tomorrow", "Note(18)".to_owned()));
/// assert_eq!(Note::new("x".repeat(1_000)), Err(Rule::TooLong));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Note(String);

impl Note {
    /// The text, if it is not too long.
    ///
    /// # Errors
    ///
    /// [`Rule::TooLong`].
    pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
        let text = text.into();
        if text.len() > NOTE_MAX_CHARS && text.chars().count() > NOTE_MAX_CHARS {
            return Err(Rule::TooLong);
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({})", self.0.chars().count())
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Note {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NOTE, Self::new)
    }
}
