//! The code lists of DR, `extensions/dr/v1/code`.

use super::code_list;

code_list! {
    /// The animal that assists.
    AnimalAssistanceType from "extensions/dr/v1/code/AnimalAssistanceEnum.jsonld" {
        ServiceDog = "service_dog", "Service Dog";
        TherapyAnimal = "therapy_animal", "Therapy Animal";
        OtherAnimal = "other", "Other";
    }

    /// A technology that assists.
    AssistiveTechnologyType from "extensions/dr/v1/code/AssistiveTechnologyEnum.jsonld" {
        Wheelchair = "1", "Wheelchairs" | "wheelchair";
        SpeechDevice = "2", "Speech-generating devices (SGDs)" | "speech-generating devices";
        HearingAid = "3", "Hearing aids" | "hearing aid";
    }

    /// How much support a person needs, as it was assessed.
    DisabilityLevel from "extensions/dr/v1/code/DisabilityLevelEnum.jsonld" {
        HighSupportNeeds = "1",
            "High Support Needs (sometimes called very severe or profound)"
                | "high support needs" | "very severe" | "profound";
        Severe = "2", "Severe";
        Moderate = "3", "Moderate";
        Mild = "4", "Mild";
    }

    /// The age at which a disability began.
    DisabilityOnset from "extensions/dr/v1/code/DisabilityOnSet.jsonld" {
        BornWith = "0", "Born With";
        Childhood = "1", "Childhood";
        WorkingAge = "2", "Working age";
        OldAge = "3", "Old age";
    }

    /// How far the assessment of a disability has come.
    DisabilityStatus from "extensions/dr/v1/code/DisabilityStatusEnum.jsonld" {
        Approved = "0", "Approved";
        Pending = "1", "Pending";
        Expired = "2", "Expired";
    }

    /// How somebody's housing is supported.
    HousingSupportType from "extensions/dr/v1/code/HousingSupportEnum.jsonld" {
        HomeAdaptation = "home_adaptation", "Home Adaptation";
        Relocation = "relocation", "Relocation";
        UtilityCost = "utility_cost", "Utility cost";
    }

    /// Where somebody lives.
    HousingType from "extensions/dr/v1/code/HousingType.jsonld" {
        OwnHome = "1", "Own home/rent";
        RelativesHome = "2", "Living in relatives’ home";
        SocialHousing = "3", "Social housing";
        CareInstitution = "4", "Care institution";
    }

    /// What another person assists in.
    HumanAssistanceType from "extensions/dr/v1/code/HumanAssistanceType.jsonld" {
        BasicActivity = "basic_activity", "Basic Activity";
        Mobility = "mobility", "mobility";
        Communication = "communication", "Communication";
        DecisionMaking = "decision_making", "Decision Making";
        Multiple = "multiple", "Multiple";
    }

    /// What is impaired.
    ///
    /// The file's name is spelt so in the standard. Words of an earlier list,
    /// such as `Physical and movement related functions`, are
    /// [`Other`](Self::Other).
    ImpairmentType from "extensions/dr/v1/code/ImpairementType.jsonld" {
        Vision = "1", "Vision";
        Hearing = "2", "Hearing";
        Mobility = "3", "Mobility";
        Cognitive = "4", "Cognitive";
        Speech = "5", "Speech";
        Mental = "6", "Mental";
    }

    /// What an impairment comes from.
    ImpairmentCause from "extensions/dr/v1/code/ImpairmentCause.jsonld" {
        Congenital = "0", "Birth congenital" | "congenital";
        BirthComplication = "1", "Birth complication";
        Illness = "2", "Illness";
        DomesticAccident = "3", "Domestic accident";
        RoadAccident = "4", "Road accident";
        WorkAccident = "5", "Work accident";
        Violence = "6", "Violence";
        ArmedConflict = "7", "Armed conflict";
        Ageing = "8", "Ageing";
    }

    /// How severe an impairment is.
    ImpairmentLevel from "extensions/dr/v1/code/ImpairmentLevel.jsonld" {
        Mild = "1", "Mild";
        Moderate = "2", "Moderate";
        Severe = "3", "Severe" | "severe impairment or difficulty";
        Extreme = "4", "Extreme";
    }

    /// The medical care that somebody needs.
    MedicalCareType from "extensions/dr/v1/code/MedicalCareEnum.jsonld" {
        MaintenanceMedicine = "maintenance_medicine", "Maintenance medicine";
        SpecializedHabitation = "specialized_habitation", "Specialized habitation";
        ConstantHealthcare = "constant_healthcare", "Constant healthcare";
    }

    /// How often somebody needs support.
    SupportFrequency from "extensions/dr/v1/code/SupportFrequency.jsonld" {
        Permanent = "1", "Permanent";
        Daily = "2", "Daily";
        Weekly = "3", "Weekly";
        Occasional = "4", "Occasional";
        NotNeeded = "5", "None";
    }

    /// Whether support is there.
    SupportStatus from "extensions/dr/v1/code/SupportStatusEnum.jsonld" {
        Needed = "0", "Needed" | "required";
        Received = "1", "Received";
    }

    /// How somebody can travel.
    TransportRequirement from "extensions/dr/v1/code/TransportRequirement.jsonld" {
        PublicTransport = "0", "Public transportation";
        PointToPoint = "1", "Point to point transportation";
        AdaptableVehicle = "2", "Adaptable vehicle" | "adaptable vehical";
    }
}
