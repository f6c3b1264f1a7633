//! IBR: who gets what from which programme.

use super::{Group, Member, object};
use crate::Date;
use crate::Decimal;
use crate::codes::{
    AssistanceUnit, BenefitType, ContributionType, EnrollmentStatus, InstitutionType, LegalStatus,
    ProgrammeType, SocialProtectionFunction,
};

object! {
    /// Who benefits from a programme
    /// (`extensions/ibr/v1/data/Beneficiary.jsonld`; ESS has the same).
    Beneficiary {
        /// Whether a person, a household or a family benefits.
        assistance_unit: AssistanceUnit,
        /// The household or family.
        group: Group,
        /// The person.
        member: Member,
        /// The programmes: whole, under a name that promises less.
        programme_identifier: [Programme],
        /// When it was enrolled.
        enrollment_date: Date,
        /// Where it stands.
        enrollment_status: EnrollmentStatus,
        /// When that changed.
        status_change_date: [Date],
        /// What it received.
        benefits: [Benefit],
        /// What else is known.
        additional_attributes: pii [String],
    }

    /// What a programme gives (`extensions/ibr/v1/data/Benefit.jsonld`).
    Benefit {
        /// What it is.
        benefit_type: BenefitType,
        /// When it was given.
        benefit_date: Date,
        /// How much it is worth, with its currency: `EUR 85`.
        benefit_value: pii String,
        /// What it is, in words.
        benefit_description: pii String,
        /// How many.
        benefit_quantity: u64,
    }

    /// A programme (`extensions/ibr/v1/data/Programme.jsonld`; ESS has the
    /// same). It is public: nothing in it but its benefits is personal.
    Programme {
        /// What it is called.
        programme_name: String,
        /// By what it is known.
        programme_identifier: String,
        /// What it is for.
        programme_description: String,
        /// Who runs it.
        implementing_institution: String,
        /// What they are.
        institution_type: InstitutionType,
        /// What it rests on.
        legal_status: LegalStatus,
        /// What it protects from.
        social_protection_functions: [SocialProtectionFunction],
        /// Whether beneficiaries contribute.
        contribution_type: ContributionType,
        /// The kind of programme.
        programme_type: ProgrammeType,
        /// What it gives.
        benefit: [Benefit],
        /// How often it gives.
        benefit_frequency: [BenefitFrequency],
    }

    /// How often a programme gives, in the terms of a recurrence rule of
    /// iCalendar (`extensions/ibr/v1/code/BenefitFrequency.jsonld`, an object
    /// among the code lists).
    BenefitFrequency {
        /// How often: `MONTHLY`, …
        freq: String,
        /// From when.
        dtstart: Date,
        /// How many of `freq` between two times; 1 if it is not given.
        interval: Decimal,
        /// The day on which weeks begin: `MO`, …
        wkst: String,
        /// How many times.
        count: u32,
        /// Until when.
        until: Date,
    }
}
