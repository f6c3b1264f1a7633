use std::fmt;

use serde::Deserialize;

/// A value that names or locates a person.
///
/// `Debug` and `Display` say `[redacted]`, whatever the value. Access is
/// explicit, by [`expose`](Pii::expose). There is no `Serialize`: a field that
/// is stored or sent says so, with `#[serde(with = "solidarity_core::exposed")]`.
///
/// ```
/// use solidarity_core::Pii;
///
/// let name = Pii::new("Amina".to_owned());
/// assert_eq!(format!("{name:?} {name}"), "[redacted] [redacted]");
/// assert_eq!(name.expose(), "Amina");
/// ```
///
/// It cannot be written out by accident:
///
/// ```compile_fail
/// let name = solidarity_core::Pii::new("Amina".to_owned());
/// serde_json::to_string(&name).unwrap();
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Marks `value` as personal.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. Never put it in a log, an error, a metric or a file name.
    #[must_use]
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value, to keep.
    #[must_use]
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Pii<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pii<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// Writes a [`Pii`] field out: `#[serde(with = "solidarity_core::exposed")]`.
///
/// It also takes an `Option<Pii<T>>`, a `Vec<Pii<T>>` and the maps that hold
/// them as values.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use solidarity_core::Pii;
///
/// #[derive(Serialize, Deserialize)]
/// struct Stored {
///     #[serde(with = "solidarity_core::exposed")]
///     name: Pii<String>,
///     #[serde(default, with = "solidarity_core::exposed")]
///     phone: Option<Pii<String>>,
/// }
///
/// let stored = Stored { name: "Amina".into(), phone: None };
/// assert_eq!(serde_json::to_string(&stored).unwrap(), r#"{"name":"Amina","phone":null}"#);
/// ```
pub mod exposed {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Pii;

    /// What [`exposed`](self) can write.
    pub trait Expose {
        /// What is written in its place.
        type Exposed<'a>: Serialize
        where
            Self: 'a;

        /// The value without its cover.
        fn exposed(&self) -> Self::Exposed<'_>;
    }

    impl<T: Serialize> Expose for Pii<T> {
        type Exposed<'a>
            = &'a T
        where
            T: 'a;

        fn exposed(&self) -> &T {
            &self.0
        }
    }

    impl<E: Expose> Expose for Option<E> {
        type Exposed<'a>
            = Option<E::Exposed<'a>>
        where
            E: 'a;

        fn exposed(&self) -> Option<E::Exposed<'_>> {
            self.as_ref().map(Expose::exposed)
        }
    }

    impl<E: Expose> Expose for Vec<E> {
        type Exposed<'a>
            = Vec<E::Exposed<'a>>
        where
            E: 'a;

        fn exposed(&self) -> Vec<E::Exposed<'_>> {
            self.iter().map(Expose::exposed).collect()
        }
    }

    impl<K: Ord + Serialize, E: Expose> Expose for BTreeMap<K, E> {
        type Exposed<'a>
            = BTreeMap<&'a K, E::Exposed<'a>>
        where
            K: 'a,
            E: 'a;

        fn exposed(&self) -> BTreeMap<&K, E::Exposed<'_>> {
            self.iter().map(|(k, v)| (k, v.exposed())).collect()
        }
    }

    /// Writes the value.
    ///
    /// # Errors
    ///
    /// The serializer's own.
    pub fn serialize<E: Expose, S: Serializer>(
        value: &E,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.exposed().serialize(serializer)
    }

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// The deserializer's own.
    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}
