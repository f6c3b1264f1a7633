//! The code lists of registers: `core/v1/api-schemas`, and what the messages
//! of events say.

use super::code_list;

code_list! {
    /// The kind of a register (`reg_type`).
    ///
    /// In messages it stands within the namespace `ns:org:RegistryType:`; it
    /// is read without it too.
    RegistryType from "core/v1/api-schemas/RegistryType.jsonld" {
        Civil = "ns:org:RegistryType:Civil", "Civil" | "CRVS" | "civil registry";
        Ibr = "ns:org:RegistryType:IBR", "IBR";
        Social = "ns:org:RegistryType:Social", "Social" | "SR" | "social registry";
        Disability = "ns:org:RegistryType:DR", "DR"
            | "ns:org:RegistryType:Disability" | "disability registry";
        Farmer = "ns:org:RegistryType:FR", "FR" | "farmer registry";
        Unknown = "ns:org:RegistryType:unknown", "unknown";
    }

    /// The kind of a record (`reg_record_type`).
    ///
    /// The standard lists six and describes four of them.
    RegistryRecordType from "core/v1/api-schemas/RegistryRecordType.jsonld" {
        Person = "Person", "Person information" | "spdci-extensions-dci:Person";
        Member = "Member", "Member information" | "spdci-extensions-dci:Member";
        Group = "Group", "Group information" | "spdci-extensions-dci:Group";
        Beneficiary = "Beneficiary", "Beneficiary information"
            | "spdci-extensions-dci:Beneficiary";
        DisabledPerson = "DisabledPerson", "Disabled Person information"
            | "spdci-extensions-dci:DisabledPerson";
        Farmer = "Farmer", "Farmer information" | "spdci-extensions-dci:Farmer";
    }

    /// What happened in a register (`reg_event_type`).
    ///
    /// Four events of civil registers, and those that the other registers
    /// name in their notifications: SR, DR and FR `REGISTER`, SR
    /// `NewHouseHoldMember`, IBR its two with `ll`, ESS the same with `l`.
    RegistryEventType from "core/v1/api-schemas/RegistryEventTypeEnum.jsonld" {
        LiveBirth = "LiveBirth", "LiveBirth" | "birth" | "live birth";
        Death = "Death", "Death";
        Marriage = "Marriage", "Marriage";
        Divorce = "Divorce", "Divorce";
        Registration = "REGISTER", "registration";
        NewHouseholdMember = "NewHouseHoldMember", "new household member";
        IbrEnrolment = "enrollement", "enrolment (IBR)";
        IbrEnrolmentStatusChange = "enrollement_status_change", "change of an enrolment (IBR)";
        EssEnrolment = "enrolment", "enrolment (ESS)";
        EssEnrolmentStatusChange = "enrolment_status_change", "change of an enrolment (ESS)";
    }
}
