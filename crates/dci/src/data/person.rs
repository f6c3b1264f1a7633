use super::object;
use crate::codes::RelationshipType;

/// [`Person`], and what else its register knows. Its fields are repeated and
/// not embedded, so that each keeps its path and its tolerances when it is
/// read.
macro_rules! person {
    ($(#[$meta:meta])* $name:ident { $($more:tt)* }) => {
        super::object! {
            $(#[$meta])*
            $name {
                /// By what the person is known.
                identifier: [super::Identifier],
                /// What the person is called.
                name: super::Name,
                /// The person's sex.
                sex: crate::codes::Sex,
                /// When the person was born.
                birth_date: pii crate::Date,
                /// When the person died.
                death_date: pii crate::Date,
                /// Where the person lives.
                address: [super::Address],
                /// By which telephones the person is reached (E.164 is
                /// recommended).
                phone_number: pii [String],
                /// By which mail addresses the person is reached.
                email: pii [String],
                $($more)*
                /// When the person was registered.
                registration_date: crate::Date,
                /// When the record last changed.
                last_updated: crate::Date,
            }
        }
    };
}
pub(super) use person;

person! {
    /// A person (`core/v1/data/Person.jsonld`).
    ///
    /// ```
    /// use solidarity_dci::codes::{IdentifierType, Sex};
    /// use solidarity_dci::data::{Identifier, Name, Person};
    /// use solidarity_dci::json::Object;
    ///
    /// let mut person = Person::default();
    /// person.identifier = vec![Identifier::new(IdentifierType::Uin, "TEST-001")];
    /// person.name = Some(Name::new("Amina", "Test"));
    /// person.sex = Some(Sex::Female);
    ///
    /// let record = Object::of(&person)?;
    /// assert_eq!(record.expose()["identifier"][0]["identifier_type"], "UIN");
    /// assert!(!format!("{person:?}").contains("Amina"));
    /// # Ok::<(), solidarity_dci::Fault>(())
    /// ```
    Person {}
}

object! {
    /// Somebody to whom a member is related
    /// (`core/v1/data/RelatedPerson.jsonld`).
    RelatedPerson {
        /// What that person is to the member.
        relationship_type: RelationshipType,
        /// The person. Examples of the standard put a member here, whose
        /// `member_identifier` is kept under `other`.
        related_member: Person,
    }
}

impl RelatedPerson {
    /// `person`, who is the member's `relationship`.
    #[must_use]
    pub fn new(relationship: RelationshipType, person: Person) -> Self {
        Self {
            relationship_type: Some(relationship),
            related_member: Some(person),
            ..Self::default()
        }
    }
}
