use super::object;
use crate::codes::{FunctionalLimitation, FunctionalSeverity};

/// [`Member`], and what else its register knows.
macro_rules! member {
    ($(#[$meta:meta])* $name:ident { $($more:tt)* }) => {
        super::object! {
            $(#[$meta])*
            $name {
                /// By what the member is known within the group.
                member_identifier: [super::Identifier],
                /// The person.
                demographic_info: super::Person,
                /// To whom the person is related, and how.
                related_person: [super::RelatedPerson],
                /// Whether the person is disabled.
                is_disabled: bool,
                /// What the person is limited in, and how much.
                disability_info: [super::DisabilityInfo],
                /// Whether the person is married.
                marital_status: crate::codes::MaritalStatus,
                /// Whether, and how, the person works.
                employment_status: crate::codes::EmploymentStatus,
                /// What the person works as.
                occupation: crate::codes::Occupation,
                /// How much the person earns.
                income_level: crate::codes::IncomeLevel,
                /// The language that the person speaks.
                language_code: crate::codes::LanguageCode,
                /// The person's highest education.
                education_level: crate::codes::EducationLevel,
                $($more)*
                /// What else is known.
                additional_attributes: [crate::json::Object],
                /// When the member was registered.
                registration_date: crate::Date,
                /// When the record last changed.
                last_updated: crate::Date,
            }
        }
    };
}
pub(super) use member;

member! {
    /// A person as a member of a group (`core/v1/data/Member.jsonld`).
    ///
    /// ```
    /// use solidarity_dci::codes::{MaritalStatus, RelationshipType};
    /// use solidarity_dci::data::{Member, Name, Person, RelatedPerson};
    ///
    /// let mut person = Person::default();
    /// person.name = Some(Name::new("Amina", "Test"));
    ///
    /// let mut member = Member::default();
    /// member.demographic_info = Some(person);
    /// member.marital_status = Some(MaritalStatus::Married);
    /// member.related_person = vec![RelatedPerson::new(RelationshipType::Wife, Person::default())];
    ///
    /// let json = serde_json::to_value(&member)?;
    /// assert_eq!(json["marital_status"], "M");
    /// assert_eq!(json["related_person"][0]["relationship_type"], "WIFE");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Member {}
}

object! {
    /// What somebody is limited in, and how much
    /// (`core/v1/data/DisabilityInfo.jsonld`).
    DisabilityInfo {
        /// What in.
        disability_limitation_type: FunctionalLimitation,
        /// How much.
        functional_severity: FunctionalSeverity,
    }
}

impl DisabilityInfo {
    /// Limited in `limitation`, so much.
    #[must_use]
    pub fn new(limitation: FunctionalLimitation, severity: FunctionalSeverity) -> Self {
        Self {
            disability_limitation_type: Some(limitation),
            functional_severity: Some(severity),
            ..Self::default()
        }
    }
}
