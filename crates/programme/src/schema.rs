use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{FactKind, FactName};

/// Of whom a fact is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FactScope {
    /// Of the assistance unit.
    Unit,
    /// Of each member.
    Member,
}

/// How sparingly a fact is to be asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sensitivity {
    /// Like any other.
    #[default]
    Ordinary,
    /// Health, origin, belief and the like: a check of the rule points it out.
    Special,
}

/// A fact that a programme may ask for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FactDeclaration {
    /// Of whom it is.
    pub of: FactScope,
    /// Which sort of value it has.
    pub kind: FactKind,
    /// How sparingly it is to be asked for.
    #[serde(default)]
    pub sensitivity: Sensitivity,
}

impl FactDeclaration {
    /// A fact of the unit.
    #[must_use]
    pub const fn of_unit(kind: FactKind) -> Self {
        Self {
            of: FactScope::Unit,
            kind,
            sensitivity: Sensitivity::Ordinary,
        }
    }

    /// A fact of each member.
    #[must_use]
    pub const fn of_member(kind: FactKind) -> Self {
        Self {
            of: FactScope::Member,
            kind,
            sensitivity: Sensitivity::Ordinary,
        }
    }

    /// The same, in a special category.
    #[must_use]
    pub const fn special(mut self) -> Self {
        self.sensitivity = Sensitivity::Special;
        self
    }
}

/// Every fact that a programme may ask for, by name.
pub type FactSchema = BTreeMap<FactName, FactDeclaration>;
