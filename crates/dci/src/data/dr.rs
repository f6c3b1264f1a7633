//! DR: people with a disability, and what supports them.

use super::{Member, Person, Programme, object};
use crate::Date;
use crate::codes::{
    AnimalAssistanceType, AssistiveTechnologyType, DisabilityLevel, DisabilityOnset,
    DisabilityStatus, HousingSupportType, HousingType, HumanAssistanceType, ImpairmentCause,
    ImpairmentLevel, ImpairmentType, MedicalCareType, RelationshipType, SupportFrequency,
    SupportStatus, TransportRequirement,
};

object! {
    /// A person with a disability (`extensions/dr/v1/data/PWDPerson.jsonld`).
    PwdPerson {
        /// The person.
        personal_details: Member,
        /// How far the assessment has come.
        disability_status: DisabilityStatus,
        /// How much support the person needs.
        disability_status_level: DisabilityLevel,
        /// What is impaired.
        disability_details: [DisabilityDetails],
        /// What supports the person.
        disability_support: [DisabilitySupport],
        /// How the person can travel.
        transport_requirement: TransportRequirement,
        /// Where the person lives.
        housing_type: HousingType,
        /// The programmes that the person is enrolled in.
        programs_enrolments: [Programme],
        /// When the person was registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }

    /// What is impaired (`extensions/dr/v1/data/DisabilityDetails.jsonld`).
    DisabilityDetails {
        /// What.
        impairment_type: ImpairmentType,
        /// How much.
        impairment_level: ImpairmentLevel,
        /// What it comes from.
        impairment_cause: ImpairmentCause,
        /// The age at which it began.
        age_on_set: DisabilityOnset,
    }

    /// What supports a person (`extensions/dr/v1/data/DisabilitySupport.jsonld`).
    DisabilitySupport {
        /// People who assist.
        human_assistance: [HumanAssistance],
        /// Technology that assists.
        assistive_technology: [AssistiveTechnology],
        /// Support for housing.
        housing_support: [HousingSupport],
        /// Medical care.
        medical_care: [MedicalCare],
        /// Animals that assist.
        animal_assistance: [AnimalAssistance],
        /// When it was registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }

    /// Assistance by a person (`extensions/dr/v1/data/HumanAssistance.jsonld`).
    HumanAssistance {
        /// What in.
        #[serde(rename = "type")]
        kind: HumanAssistanceType,
        /// How often.
        intensity: SupportFrequency,
        /// Whether it is there. The other kinds of support call it `status`.
        support: SupportStatus,
        /// Who assists.
        caregiver: Person,
        /// What they are to the person.
        relationship: RelationshipType,
        /// When it was registered.
        registration_date: Date,
        /// When the record last changed.
        last_updated: Date,
    }
}

macro_rules! support {
    ($( $(#[$meta:meta])* $name:ident: $kind:ty; )+) => {
        object! {$(
            $(#[$meta])*
            $name {
                /// What it is.
                #[serde(rename = "type")]
                kind: $kind,
                /// Whether it is there.
                status: SupportStatus,
                /// When it was registered.
                registration_date: Date,
                /// When the record last changed.
                last_updated: Date,
            }
        )+}
    };
}

support! {
    /// Technology that assists
    /// (`extensions/dr/v1/data/AssistiveTechnology.jsonld`).
    AssistiveTechnology: AssistiveTechnologyType;
    /// Support for housing (`extensions/dr/v1/data/HousingSupport.jsonld`).
    HousingSupport: HousingSupportType;
    /// Medical care (`extensions/dr/v1/data/MedicalCare.jsonld`).
    MedicalCare: MedicalCareType;
    /// An animal that assists (`extensions/dr/v1/data/AnimalAssistance.jsonld`).
    AnimalAssistance: AnimalAssistanceType;
}
