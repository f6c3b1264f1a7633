use serde::{Deserialize, Serialize};
use solidarity_core::limits::NAME_MAX_BYTES;
use solidarity_core::{Invalid, Pii, Residence, UnitId, check_text, exposed};

use crate::{AttributeName, AttributeSchema, AttributeValue, Attributes, Record};

solidarity_core::code! {
    /// What sort of assistance unit a unit is: one of the constants, or the
    /// country's own.
    pub struct UnitKind;
}

impl UnitKind {
    /// People who live and eat together.
    pub const HOUSEHOLD: Self = Self::from_static("household");
    /// People who are related.
    pub const FAMILY: Self = Self::from_static("family");
    /// One person who is assisted alone.
    pub const SINGLE: Self = Self::from_static("single");
    /// It was not stated who belongs together. It is not a household of one.
    pub const UNKNOWN: Self = Self::from_static("unknown");
}

/// What a register says about an assistance unit.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewUnit {
    /// What sort of unit it is.
    pub kind: UnitKind,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub label: Option<Pii<String>>,
    /// Where it lives.
    pub residence: Residence,
    /// What else is declared.
    #[serde(
        default,
        skip_serializing_if = "Attributes::is_empty",
        with = "exposed"
    )]
    pub attributes: Attributes,
}

impl NewUnit {
    /// A unit of `kind`.
    #[must_use]
    pub const fn new(kind: UnitKind) -> Self {
        Self {
            kind,
            label: None,
            residence: Residence::Unknown,
            attributes: Attributes::new(),
        }
    }

    /// The same, called `label`.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(Pii::new(label.into()));
        self
    }

    /// The same, living there.
    #[must_use]
    pub const fn residing(mut self, residence: Residence) -> Self {
        self.residence = residence;
        self
    }

    /// The same, with an attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: AttributeName, value: impl Into<AttributeValue>) -> Self {
        self.attributes.insert(name, Pii::new(value.into()));
        self
    }

    /// Checks what a store checks before it writes.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the field and the rule.
    pub fn check(&self, schema: &AttributeSchema) -> Result<(), Invalid> {
        if let Some(label) = &self.label {
            check_text("unit label", label.expose(), NAME_MAX_BYTES)?;
        }
        schema.check(&self.attributes)
    }
}

/// An assistance unit, as a register has it.
pub type Unit = Record<UnitId, NewUnit>;
