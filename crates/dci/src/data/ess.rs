//! ESS: people and their work. Its `Beneficiary` and `Programme` are those of
//! IBR.

use super::group::group;
use super::member::member;
use super::object;
use crate::Date;
use crate::codes::{EmploymentType, UnemploymentReason};

object! {
    /// One employment (`extensions/ess/v1/data/EmploymentInfo.jsonld`).
    EmploymentInfo {
        /// When it began.
        start_date: Date,
        /// When it ended.
        end_date: Date,
        /// What the person did.
        job_title: pii String,
        /// For whom.
        employer: pii String,
        /// The kind of employment.
        employment_type: EmploymentType,
    }
}

member! {
    /// A member in ESS (`extensions/ess/v1/data/Member.jsonld`).
    EssMember {
        /// The person's employments.
        employment_info: [EmploymentInfo],
        /// Why the person has no work.
        unemployment_reason: UnemploymentReason,
    }
}

group! {
    /// A group in ESS (`extensions/ess/v1/data/Group.jsonld`).
    EssGroup of EssMember
}
