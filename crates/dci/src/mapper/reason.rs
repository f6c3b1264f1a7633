//! The standard's codes: what became of one request to a mapper.

use crate::reason::codes;
use crate::{Fault, Rule};

codes! {
    /// Why a pair is not linked (`LinkStatusReasonCode`).
    LinkReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        IdInvalid = "rjct.id.invalid",
        FaInvalid = "rjct.fa.invalid",
        NameInvalid = "rjct.name.invalid",
        MobileNumberInvalid = "rjct.mobile_number.invalid",
        UnknownRetry = "rjct.unknown.retry",
        OtherError = "rjct.other.error",
    }
    /// What became of a question (`ResolveStatusReasonCode`): also of one that
    /// is answered.
    ResolveReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        IdInvalid = "rjct.id.invalid",
        FaInvalid = "rjct.fa.invalid",
        ResolveTypeNotSupported = "rjct.resolve_type.not_supported",
        FaActive = "succ.fa.active",
        FaInactive = "succ.fa.inactive",
        FaNotFound = "succ.fa.not_found",
        FaNotLinkedToId = "succ.fa.not_linked_to_id",
        IdActive = "succ.id.active",
        IdInactive = "succ.id.inactive",
        IdNotFound = "succ.id.not_found",
    }
    /// Why a pair is not updated (`UpdateStatusReasonCode`). There is none for
    /// a wrong id or address.
    UpdateReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        BeneficiaryNameInvalid = "rjct.beneficiary_name.invalid",
    }
    /// Why a pair is not unlinked (`UnlinkStatusReasonCode`). There is none for
    /// a wrong id or address.
    UnlinkReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        BeneficiaryNameInvalid = "rjct.beneficiary_name.invalid",
    }
}

/// Whether what `fault` is about was there before.
fn is_duplicate(fault: &Fault) -> bool {
    fault.path().passes("reference_id") && fault.rule() == Rule::Duplicate
}

impl LinkReason {
    pub(super) fn of(fault: &Fault) -> Self {
        let passes = |field| fault.path().passes(field);
        if is_duplicate(fault) {
            Self::ReferenceIdDuplicate
        } else if passes("reference_id") {
            Self::ReferenceIdInvalid
        } else if passes("timestamp") {
            Self::TimestampInvalid
        } else if passes("additional_info") {
            Self::OtherError
        } else if passes("id") {
            Self::IdInvalid
        } else if passes("fa") {
            Self::FaInvalid
        } else if passes("name") {
            Self::NameInvalid
        } else if passes("phone_number") {
            Self::MobileNumberInvalid
        } else {
            Self::OtherError
        }
    }
}

impl ResolveReason {
    /// What the list has no code for is an invalid request: its id.
    pub(super) fn of(fault: &Fault) -> Self {
        let passes = |field| fault.path().passes(field);
        if is_duplicate(fault) {
            Self::ReferenceIdDuplicate
        } else if passes("timestamp") {
            Self::TimestampInvalid
        } else if passes("scope") {
            Self::ResolveTypeNotSupported
        } else if passes("id") {
            Self::IdInvalid
        } else if passes("fa") {
            Self::FaInvalid
        } else {
            Self::ReferenceIdInvalid
        }
    }
}

macro_rules! short_lists {
    ($($name:ident)+) => {$(
        impl $name {
            /// What the list has no code for is an invalid request: its id.
            pub(super) fn of(fault: &Fault) -> Self {
                let passes = |field| fault.path().passes(field);
                if is_duplicate(fault) {
                    Self::ReferenceIdDuplicate
                } else if passes("timestamp") {
                    Self::TimestampInvalid
                } else if passes("name") && !passes("additional_info") {
                    Self::BeneficiaryNameInvalid
                } else {
                    Self::ReferenceIdInvalid
                }
            }
        }
    )+};
}

short_lists! { UpdateReason UnlinkReason }
