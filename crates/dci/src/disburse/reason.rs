//! The standard's codes: why one disbursement, or one search for them, is
//! rejected.

use crate::reason::codes;
use crate::{Fault, Rule};

codes! {
    /// Why a disbursement is rejected (`DisburseStatusReasonCode`). There is
    /// none for a closed account, for too little money, or for money that came
    /// back.
    DisburseReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        PayerFaInvalid = "rjct.payer_fa.invalid",
        PayeeFaInvalid = "rjct.payee_fa.invalid",
        AmountInvalid = "rjct.amount.invalid",
        ScheduleTsInvalid = "rjct.schedule_ts.invalid",
        CurrencyCodeInvalid = "rjct.currency_code.invalid",
    }
    /// Why a search for disbursements is rejected (`SearchStatusReasonCode`).
    /// Two codes have an underscore where the others have a point (sic).
    SearchReason {
        ReferenceIdInvalid = "rjct.reference_id.invalid",
        ReferenceIdDuplicate = "rjct.reference_id.duplicate",
        TimestampInvalid = "rjct.timestamp.invalid",
        RequestTypeInvalid = "rjct.request_type.invalid",
        AttributeTypeInvalid = "rjct.attribute_type.invalid",
        SrchTransactionIdInvalid = "rjct.srch_transaction_id.invalid",
        SrchTransactionIdNotFound = "rjct.srch_transaction_id.not_found",
        SrchReferenceIdInvalid = "rjct_srch_reference_id.invalid",
        SrchReferenceIdNotFound = "rjct_srch_reference_id.not_found",
        TooManyRecordsFound = "rjct.srch.too_many_records_found",
        SrchPayerFaInvalid = "rjct.srch_payer_fa.invalid",
        SrchPayeeFaInvalid = "rjct.srch_payee_fa.invalid",
        ShareAttributesInvalid = "rjct.share_attributes.invalid",
    }
}

/// Whether what `fault` is about was there before.
fn is_duplicate(fault: &Fault) -> bool {
    fault.path().passes("reference_id") && fault.rule() == Rule::Duplicate
}

impl DisburseReason {
    /// What the list has no code for is an invalid request: its id.
    pub(super) fn of(fault: &Fault) -> Self {
        let passes = |field| fault.path().passes(field);
        if is_duplicate(fault) {
            Self::ReferenceIdDuplicate
        } else if passes("payer_fa") {
            Self::PayerFaInvalid
        } else if passes("payee_fa") {
            Self::PayeeFaInvalid
        } else if passes("amount") {
            Self::AmountInvalid
        } else if passes("currency_code") {
            Self::CurrencyCodeInvalid
        } else if passes("scheduled_timestamp") {
            Self::ScheduleTsInvalid
        } else if passes("timestamp") {
            Self::TimestampInvalid
        } else {
            Self::ReferenceIdInvalid
        }
    }
}

impl SearchReason {
    /// What the list has no code for is an invalid request: its id.
    pub(super) fn of(fault: &Fault) -> Self {
        let passes = |field| fault.path().passes(field);
        if is_duplicate(fault) {
            Self::ReferenceIdDuplicate
        } else if passes("timestamp") {
            Self::TimestampInvalid
        } else if passes("request_type") {
            Self::RequestTypeInvalid
        } else if passes("payer_fa") {
            Self::SrchPayerFaInvalid
        } else if passes("payee_fa") {
            Self::SrchPayeeFaInvalid
        } else if passes("attribute_type") || passes("attribute_value") {
            Self::AttributeTypeInvalid
        } else {
            Self::ReferenceIdInvalid
        }
    }
}
