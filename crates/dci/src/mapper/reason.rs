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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::json::Object;
    use crate::mapper::{LinkRequest, ResolveRequest, UnlinkRequest, UpdateRequest};
    use crate::{Batch, Leniency};

    /// What is said of a good item with `change` made to it; `null` takes the
    /// member away.
    fn said<M: Batch>(change: &Value) -> Option<String> {
        let mut item = json!({
            "reference_id": "1", "timestamp": "2026-03-01T09:30:00Z",
            "id": "vid:1@nid", "fa": "account:1@bank",
        });
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
    fn a_bad_item_gets_its_own_code() {
        for (change, [link, update, unlink, resolve]) in [
            (json!({}), ["", "", "", ""]),
            (json!({"reference_id": null}), ["reference_id.invalid"; 4]),
            (json!({"reference_id": ""}), ["reference_id.invalid"; 4]),
            (json!({"timestamp": "2026-03-01"}), ["timestamp.invalid"; 4]),
            (
                json!({"id": "1@"}),
                [
                    "id.invalid",
                    "reference_id.invalid",
                    "reference_id.invalid",
                    "id.invalid",
                ],
            ),
            (
                json!({"fa": "bank"}),
                [
                    "fa.invalid",
                    "reference_id.invalid",
                    "reference_id.invalid",
                    "fa.invalid",
                ],
            ),
            (
                json!({"fa": null}),
                ["fa.invalid", "reference_id.invalid", "", ""],
            ),
            (
                json!({"id": null}),
                [
                    "id.invalid",
                    "reference_id.invalid",
                    "reference_id.invalid",
                    "",
                ],
            ),
            (
                json!({"id": null, "fa": null}),
                [
                    "id.invalid",
                    "reference_id.invalid",
                    "reference_id.invalid",
                    "fa.invalid",
                ],
            ),
            (
                json!({"name": 7}),
                [
                    "name.invalid",
                    "beneficiary_name.invalid",
                    "",
                    "reference_id.invalid",
                ],
            ),
            (
                json!({"phone_number": 7}),
                ["mobile_number.invalid", "reference_id.invalid", "", ""],
            ),
            (
                json!({"scope": "all"}),
                ["", "", "", "resolve_type.not_supported"],
            ),
            (
                json!({"additional_info": [{"name": "", "value": "x"}]}),
                [
                    "other.error",
                    "reference_id.invalid",
                    "reference_id.invalid",
                    "reference_id.invalid",
                ],
            ),
        ] {
            let expected = |code: &str| (!code.is_empty()).then(|| format!("rjct.{code}"));
            assert_eq!(
                said::<LinkRequest>(&change),
                expected(link),
                "link {change}"
            );
            assert_eq!(
                said::<UpdateRequest>(&change),
                expected(update),
                "update {change}"
            );
            assert_eq!(
                said::<UnlinkRequest>(&change),
                expected(unlink),
                "unlink {change}"
            );
            assert_eq!(
                said::<ResolveRequest>(&change),
                expected(resolve),
                "resolve {change}"
            );
        }
    }

    #[test]
    fn an_id_that_was_there_before_is_a_duplicate() {
        let fault = Fault::field("reference_id", Rule::Duplicate);
        let duplicate = "rjct.reference_id.duplicate";
        assert_eq!(LinkReason::of(&fault).as_str(), duplicate);
        assert_eq!(UpdateReason::of(&fault).as_str(), duplicate);
        assert_eq!(UnlinkReason::of(&fault).as_str(), duplicate);
        assert_eq!(ResolveReason::of(&fault).as_str(), duplicate);
    }
}
