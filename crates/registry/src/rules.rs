use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{AttributeSchema, IdentifierScheme, RoleRules, UnitKind};

/// What a country declares about its register, as data. A store is given it
/// when it is made, and writes nothing that breaks it.
///
/// By default no attribute is declared, anybody may have any role, and no
/// identifier is unique.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Rules {
    /// The attributes of people.
    pub person_attributes: AttributeSchema,
    /// The attributes of units.
    pub unit_attributes: AttributeSchema,
    /// What is asked of the members of units, by kind. Of a kind that is not
    /// here, nothing.
    pub roles: BTreeMap<UnitKind, RoleRules>,
    /// The schemes that give each number to one person only.
    ///
    /// A store refuses nothing because of it, since people share documents
    /// and clerks err. An import updates a person only through such a scheme,
    /// and two people who hold one number of it are a possible duplicate.
    pub unique_schemes: BTreeSet<IdentifierScheme>,
}

impl Rules {
    /// The same, with `rules` for the members of units of `kind`.
    #[must_use]
    pub fn with_roles(mut self, kind: UnitKind, rules: RoleRules) -> Self {
        self.roles.insert(kind, rules);
        self
    }

    /// The same, with these attributes of people.
    #[must_use]
    pub fn with_person_attributes(mut self, schema: AttributeSchema) -> Self {
        self.person_attributes = schema;
        self
    }

    /// The same, with these attributes of units.
    #[must_use]
    pub fn with_unit_attributes(mut self, schema: AttributeSchema) -> Self {
        self.unit_attributes = schema;
        self
    }

    /// The same, with a scheme that gives each number to one person only.
    #[must_use]
    pub fn with_unique_scheme(mut self, scheme: IdentifierScheme) -> Self {
        self.unique_schemes.insert(scheme);
        self
    }
}
