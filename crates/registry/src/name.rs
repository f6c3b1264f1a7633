use serde::{Deserialize, Serialize};
use solidarity_core::limits::NAME_MAX_BYTES;
use solidarity_core::{Invalid, Pii, check_text, exposed};

solidarity_core::code! {
    /// What a name is to the person: `legal`, `known-as`, a country's own.
    pub struct NameKind;
}

impl NameKind {
    /// The name in law.
    pub const LEGAL: Self = Self::from_static("legal");
    /// The name that the person goes by.
    pub const KNOWN_AS: Self = Self::from_static("known-as");
    /// The name before a marriage or a change.
    pub const FORMER: Self = Self::from_static("former");
}

/// A name, as the person writes it.
///
/// One word in any script is a whole name. The parts are told apart only
/// where the person tells them apart.
///
/// ```
/// use solidarity_registry::Name;
///
/// let name = Name::new("Tuti");
/// assert_eq!(name.full.expose(), "Tuti");
/// assert!(!format!("{name:?}").contains("Tuti"));
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Name {
    /// What the name is to the person.
    pub kind: NameKind,
    /// The whole name, at most
    /// [`NAME_MAX_BYTES`](solidarity_core::limits::NAME_MAX_BYTES).
    #[serde(with = "exposed")]
    pub full: Pii<String>,
    /// Its parts, as far as they are told apart.
    #[serde(default, skip_serializing_if = "NameParts::is_empty")]
    pub parts: NameParts,
}

impl Name {
    /// The legal name `full`.
    pub fn new(full: impl Into<String>) -> Self {
        Self {
            kind: NameKind::LEGAL,
            full: Pii::new(full.into()),
            parts: NameParts::default(),
        }
    }

    /// The same, of `kind`.
    #[must_use]
    pub fn of_kind(mut self, kind: NameKind) -> Self {
        self.kind = kind;
        self
    }

    /// The same, with its parts told apart.
    #[must_use]
    pub fn with_parts(mut self, parts: NameParts) -> Self {
        self.parts = parts;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        check_text("name", self.full.expose(), NAME_MAX_BYTES)?;
        let NameParts {
            given,
            family,
            patronymic,
            other,
        } = &self.parts;
        for part in [given, family, patronymic, other].into_iter().flatten() {
            check_text("name part", part.expose(), NAME_MAX_BYTES)?;
        }
        Ok(())
    }
}

impl From<&str> for Name {
    fn from(full: &str) -> Self {
        Self::new(full)
    }
}

impl From<String> for Name {
    fn from(full: String) -> Self {
        Self::new(full)
    }
}

/// The parts of a name that has them.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NameParts {
    /// What the person alone is called.
    #[serde(default, with = "exposed")]
    pub given: Option<Pii<String>>,
    /// What a family is called.
    #[serde(default, with = "exposed")]
    pub family: Option<Pii<String>>,
    /// What a parent is called.
    #[serde(default, with = "exposed")]
    pub patronymic: Option<Pii<String>>,
    /// Whatever else: a title, a clan, a grandparent.
    #[serde(default, with = "exposed")]
    pub other: Option<Pii<String>>,
}

impl NameParts {
    /// A given name and a family's.
    pub fn given_and_family(given: impl Into<String>, family: impl Into<String>) -> Self {
        Self {
            given: Some(Pii::new(given.into())),
            family: Some(Pii::new(family.into())),
            ..Self::default()
        }
    }

    /// Whether no part is told apart.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.given.is_none()
            && self.family.is_none()
            && self.patronymic.is_none()
            && self.other.is_none()
    }
}
