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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::disburse::{DisburseRequest, SearchRequest};
    use crate::json::Object;
    use crate::{Batch, Leniency};

    /// What is said of `item` with `change` made to it; `null` takes the member
    /// away.
    fn said<M: Batch>(mut item: Value, change: &Value) -> Option<String> {
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => drop(item.as_object_mut().unwrap().remove(name)),
                value => item[name] = value.clone(),
            }
        }
        let item: Object = serde_json::from_value(item).unwrap();
        let strict = Leniency::none();
        let checked = item.read::<M::Item>(&strict);
        let checked = checked.and_then(|item| M::check_item(&item.value, &strict));
        checked.err().map(|fault| M::reason(&fault).to_string())
    }

    #[test]
    fn a_bad_payment_gets_its_own_code() {
        let good = json!({
            "reference_id": "1", "payer_fa": "account:1@treasury", "payee_fa": "token:1@nid",
            "amount": "10.50", "currency_code": "KES",
        });
        for (change, code) in [
            (json!({}), None),
            (json!({"currency_code": null}), None),
            (
                json!({"reference_id": null}),
                Some("rjct.reference_id.invalid"),
            ),
            (
                json!({"payer_fa": "treasury"}),
                Some("rjct.payer_fa.invalid"),
            ),
            (json!({"payee_fa": null}), Some("rjct.payee_fa.invalid")),
            (json!({"amount": "10"}), Some("rjct.amount.invalid")),
            (json!({"amount": 10.5}), Some("rjct.amount.invalid")),
            (json!({"currency_code": "UGX"}), Some("rjct.amount.invalid")),
            (json!({"currency_code": "UGX", "amount": "10.0"}), None),
            (
                json!({"currency_code": "ZZZ"}),
                Some("rjct.currency_code.invalid"),
            ),
            (
                json!({"currency_code": "kes"}),
                Some("rjct.currency_code.invalid"),
            ),
            (
                json!({"scheduled_timestamp": "now"}),
                Some("rjct.schedule_ts.invalid"),
            ),
            (
                json!({"note": "x".repeat(100)}),
                Some("rjct.reference_id.invalid"),
            ),
        ] {
            let said = said::<DisburseRequest>(good.clone(), &change);
            assert_eq!(said.as_deref(), code, "{change}");
        }
        let fault = Fault::field("reference_id", Rule::Duplicate);
        assert_eq!(
            DisburseReason::of(&fault),
            DisburseReason::ReferenceIdDuplicate
        );
    }

    #[test]
    fn a_bad_search_gets_its_own_code() {
        let good = json!({
            "reference_id": "1", "request_type": "disburse", "attribute_type": "payee_fa",
            "attribute_value": "token:1@nid",
        });
        for (change, code) in [
            (json!({}), None),
            (json!({"timestamp": "now"}), Some("rjct.timestamp.invalid")),
            (
                json!({"request_type": "link"}),
                Some("rjct.request_type.invalid"),
            ),
            (
                json!({"attribute_type": "payee"}),
                Some("rjct.attribute_type.invalid"),
            ),
            (
                json!({"attribute_value": "1"}),
                Some("rjct.srch_payee_fa.invalid"),
            ),
            (
                json!({"attribute_type": "payer_fa", "attribute_value": "1"}),
                Some("rjct.srch_payer_fa.invalid"),
            ),
            (
                json!({"attribute_value": null}),
                Some("rjct.attribute_type.invalid"),
            ),
            (json!({"locale": "en"}), Some("rjct.reference_id.invalid")),
        ] {
            let said = said::<SearchRequest>(good.clone(), &change);
            assert_eq!(said.as_deref(), code, "{change}");
        }
        let fault = Fault::field("reference_id", Rule::Duplicate);
        assert_eq!(SearchReason::of(&fault), SearchReason::ReferenceIdDuplicate);
    }
}
