//! The code lists of ESS, `extensions/ess/v1/code`.

use super::code_list;

code_list! {
    /// The kind of an employment.
    EmploymentType from "extensions/ess/v1/code/EmploymentType.jsonld" {
        Permanent = "1", "Permanent";
        FixedTerm = "2", "Fixed-term";
        Casual = "3", "Casual";
        Seasonal = "4", "Seasonal";
        Apprenticeship = "5", "Paid apprentices, trainees and interns";
    }

    /// Where a beneficiary stands, in ESS.
    ///
    /// Not the list of IBR, [`EnrollmentStatus`](super::EnrollmentStatus): `3` is
    /// *graduated* there and *exited* here.
    EnrolmentStatus from "extensions/ess/v1/code/EnrolmentStatus.jsonld" {
        Active = "1", "Active";
        Deceased = "2", "Deceased";
        Exited = "3", "Exited";
        Suspended = "4", "Suspended";
        Inactive = "5", "Inactive";
        Reinstated = "6", "Reinstated";
        AwaitingRenewal = "7", "Awaiting Renewal";
    }

    /// Why somebody has no work.
    UnemploymentReason from "extensions/ess/v1/code/UnemploymentReason.jsonld" {
        Dismissed = "1", "Dismissed or made redundant";
        JobEnded = "2", "A job of limited duration has ended";
        Family = "3", "Personal or family responsibilities";
        Illness = "4", "Own illness or disability";
        Education = "5", "Education or training";
        Retirement = "6", "Retirement";
        Service = "7", "Military or community service";
        OtherReason = "8", "Other reasons";
    }
}
