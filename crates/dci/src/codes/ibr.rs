//! The code lists of IBR, `extensions/ibr/v1/code`.

use super::code_list;

code_list! {
    /// What a benefit is.
    BenefitType from "extensions/ibr/v1/code/BenefitTypeEnum.jsonld" {
        Cash = "1", "Cash";
        Voucher = "2", "Voucher";
        InKind = "3", "In-kind";
        Training = "4", "Training";
        WorkOpportunity = "5", "Work Opportunity";
        Insurance = "6", "Insurance";
    }

    /// Whether beneficiaries contribute.
    ContributionType from "extensions/ibr/v1/code/ContributionTypeEnum.jsonld" {
        Mandatory = "1", "Contributory – mandatory";
        Voluntary = "2", "Contributory – voluntary";
        NonContributory = "3", "Non-contributory";
    }

    /// Where a beneficiary stands, in IBR.
    ///
    /// Not the list of ESS, [`EnrolmentStatus`](super::EnrolmentStatus): `3` is
    /// *exited* there and *graduated* here.
    EnrollmentStatus from "extensions/ibr/v1/code/EnrollmentStatusEnum.jsonld" {
        Active = "1", "Active";
        Deceased = "2", "Deceased";
        Graduated = "3", "Graduated";
        Suspended = "4", "Suspended";
    }

    /// Who runs a programme.
    InstitutionType from "extensions/ibr/v1/code/InstitutionEnum.jsonld" {
        Public = "1", "Public";
        Private = "2", "Private";
        International = "3", "International Organization";
        Ngo = "4", "NGO";
        Cso = "5", "CSO";
        Religious = "6", "Religious institution";
        Philanthropy = "7", "Philanthropy";
        OtherInstitution = "8", "Other";
    }

    /// What a programme rests on.
    LegalStatus from "extensions/ibr/v1/code/LegalStatusEnum.jsonld" {
        Anchored = "1", "Anchored in national legislation";
        NotAnchored = "2", "Not anchored (charity, NGO etc)" | "not anchored";
        NotImplemented = "3", "Not yet implemented";
    }

    /// The kind of a programme.
    ProgrammeType from "extensions/ibr/v1/code/ProgrammeTypeEnum.jsonld" {
        UnconditionalCash = "1", "Unconditional cash transfers (poverty targeted)";
        ConditionalCash = "2", "Conditional cash transfers (poverty targeted)";
        Universal = "3", "Universal categorical";
        InKind = "4", "Food and in-kind transfers";
        SchoolFeeding = "5", "School feeding";
        PublicWorks = "6", "Public works, workfare and direct job creation";
        FeeWaivers = "7", "Fee waivers and targeted subsidies";
        OtherAssistance = "8", "Other social assistance";
        SocialInsurance = "9", "Social insurance (maternity, health, unemployment)";
        ProvidentFund = "10", "Provident fund";
        OccupationalPension = "11", "Occupational pension";
        NotionalContribution = "12", "Notional defined contribution";
        EmployerLiability = "13", "Employer liability";
        OtherEmployment = "14", "Other employment-related";
    }

    /// What a programme protects from.
    SocialProtectionFunction from "extensions/ibr/v1/code/SocialProtectionFunctionEnum.jsonld" {
        OldAge = "1", "Old Age";
        Invalidity = "2", "Invalidity / Disability Survivorships";
        Sickness = "3", "Sickness (in cash)";
        Maternity = "4", "Maternity / Paternity Children";
        Family = "5", "Family";
        Education = "6", "Access to Education";
        Unemployment = "7", "Unemployment";
        EmploymentInjury = "8", "Employment Injury";
        Healthcare = "9", "Healthcare";
        SocialWork = "10", "Social Work Services";
        PublicWorks = "11", "Public Works Programs";
        Housing = "12", "Housing Subsidies";
        FoodAndNutrition = "13", "Food and Nutrition";
        PovertyReduction = "14", "Social Assistance targeted at poverty reduction";
        OtherSupport = "15", "Other support/assistance";
    }
}
