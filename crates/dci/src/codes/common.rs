//! The code lists of `core/v1/code`.

use super::code_list;

code_list! {
    /// Whom a programme supports, and what a group is.
    AssistanceUnit from "core/v1/code/AssistanceUnit.jsonld" {
        Member = "1", "Member (Person/Individual)" | "member" | "person" | "individual";
        Household = "2", "Household";
        Family = "3", "Family";
    }

    /// What a disability limits.
    DisabilityType from "core/v1/code/DisabilityTypeEnum.jsonld" {
        Vision = "VIS_SS", "Vision";
        Hearing = "HEAR_SS", "Hearing";
        Mobility = "MOB_SS", "Mobility";
        Cognition = "COG_SS", "COGNITION (REMEMBERING)" | "cognition" | "remembering";
        SelfCare = "SC_SS", "Self care";
        Communication = "COM_SS", "Communication";
    }

    /// The highest education (the levels of ISCED 2011).
    ///
    /// Words such as `Highschool`, which may be one of two levels, are read as
    /// [`Other`](Self::Other).
    EducationLevel from "core/v1/code/EducationCode.jsonld" {
        EarlyChildhood = "0", "Early childhood education";
        Primary = "1", "Primary education" | "primary";
        LowerSecondary = "2", "Lower secondary education";
        UpperSecondary = "3", "Upper secondary education";
        PostSecondary = "4", "Post-secondary non-tertiary education";
        ShortCycleTertiary = "5", "Short-cycle tertiary education";
        Bachelor = "6", "Bachelor's or equivalent" | "bachelor";
        Master = "7", "Master's or equivalent" | "master";
        Doctorate = "8", "Doctorate or equivalent" | "doctorate";
    }

    /// Whether, and how, somebody works.
    ///
    /// The first three codes ask only whether; the others say how. The standard
    /// has both in one list.
    EmploymentStatus from "core/v1/code/EmploymentStatusEnum.jsonld" {
        Employed = "1", "Employed";
        NotEmployed = "2", "Not Employed" | "unemployed";
        Unknown = "3", "Unknown";
        Employee = "4", "Paid employment: Employee";
        Employer = "5", "Self employment: Employers";
        OwnAccountWorker = "6", "Self employment: Own-account workers";
        CooperativeMember = "7", "Self employment: Members of producers’ cooperatives";
        FamilyWorker = "8", "Self employment: Contributing family workers";
    }

    /// What a person is limited in. The standard has the same list as
    /// [`DisabilityType`] under a second name.
    FunctionalLimitation from "core/v1/code/FunctionalLimitationType.jsonld" {
        Vision = "VIS_SS", "Vision";
        Hearing = "HEAR_SS", "Hearing";
        Mobility = "MOB_SS", "Mobility";
        Cognition = "COG_SS", "COGNITION (REMEMBERING)" | "cognition" | "remembering";
        SelfCare = "SC_SS", "Self care";
        Communication = "COM_SS", "Communication";
    }

    /// How much a person is limited (the answers of the Washington Group).
    FunctionalSeverity from "core/v1/code/FunctionalSeverityEnum.jsonld" {
        NoDifficulty = "1", "No difficulty";
        SomeDifficulty = "2", "Some difficulty";
        ALotOfDifficulty = "3", "A lot difficulty" | "a lot of difficulty";
        CannotDo = "4", "Cannot do it at all";
    }

    /// The kind of an identifier.
    ///
    /// Four of many: `NID`, `NationalID` and what else a country has are
    /// [`Other`](Self::Other).
    IdentifierType from "core/v1/code/IdentifierTypeEnum.jsonld" {
        Uin = "UIN", "UIN";
        Brn = "BRN", "BRN";
        Mrn = "MRN", "MRN";
        Drn = "DRN", "DRN";
    }

    /// How much a person earns.
    ///
    /// The standard has one level and no word for it: whatever else a country
    /// has is [`Other`](Self::Other).
    IncomeLevel from "core/v1/code/IncomeLevelEnum.jsonld" {
        Level1 = "1", "1";
    }

    /// The language that a person speaks.
    ///
    /// The standard has one, English, and gives it the code `1`. Every other
    /// language is [`Other`](Self::Other).
    LanguageCode from "core/v1/code/LanguageCodeEnum.jsonld" {
        English = "1", "en" | "eng";
    }

    /// Whether a person is married.
    MaritalStatus from "core/v1/code/MaritalStatusEnum.jsonld" {
        NeverMarried = "S", "Never Married" | "single";
        Married = "M", "Married";
        Widowed = "W", "Widow" | "widowed" | "widower";
        Annulled = "A", "Annulled";
        Divorced = "D", "Divorced";
        Separated = "L", "Legally Separated" | "separated";
        Unmarried = "U", "Unmarried";
    }

    /// What a person works as: the major groups of ISCO-08.
    ///
    /// The name of a job, such as `teacher`, is [`Other`](Self::Other): which
    /// group it belongs to is not for a reader to guess.
    Occupation from "core/v1/code/OccupationEnum.jsonld" {
        ArmedForces = "0", "Armed forces occupation";
        Manager = "1", "Manager";
        Professional = "2", "Professional";
        Technician = "3", "Technician and associate professional";
        ClericalWorker = "4", "Clerical support worker";
        ServiceWorker = "5", "Service and sales worker";
        AgriculturalWorker = "6", "Skilled agricultural, forestry and fishery worker";
        CraftWorker = "7", "Craft and related trades worker";
        MachineOperator = "8", "Plant and machine operator, and assembler";
        ElementaryOccupation = "9", "Elementary occupation";
    }

    /// The sex of a person.
    Sex from "core/v1/code/SexCategoryEnum.jsonld" {
        Male = "male", "Male" | "m";
        Female = "female", "Female" | "f";
        OtherSex = "other", "Others";
        Unknown = "unknown", "Unknown";
    }
}
