use super::object;
use crate::codes::IdentifierType;

object! {
    /// By what a person, a member or a group is known
    /// (`core/v1/data/Identifier.jsonld`).
    Identifier {
        /// The kind.
        identifier_type: IdentifierType,
        /// The identifier.
        identifier_value: pii String,
    }
}

impl Identifier {
    /// The identifier `value`, of `kind`.
    #[must_use]
    pub fn new(kind: IdentifierType, value: impl Into<String>) -> Self {
        Self {
            identifier_type: Some(kind),
            identifier_value: Some(value.into().into()),
            ..Self::default()
        }
    }
}
