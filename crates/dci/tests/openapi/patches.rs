//! Where the standard's own documents are broken, and how they are mended
//! before anything is checked against them.

use serde_json::{Value, json};

/// What is done at a place.
enum Change {
    /// Another value, given as JSON.
    Set(&'static str),
    /// `oneOf` becomes `anyOf`.
    AnyOf,
    /// One more alternative of `oneOf`, given as JSON.
    Also(&'static str),
    /// What stands beside the member, which is `null`, goes into it.
    Nest(&'static str),
    /// The actions that are listed, separated by spaces, and the one that is
    /// meant.
    Action(&'static str, &'static str),
}

struct Patch {
    /// The end of the document's name.
    file: &'static str,
    /// The place, as a JSON pointer.
    at: &'static str,
    change: Change,
    /// Printed when the patch does not apply.
    reason: &'static str,
}

/// The actions of a message in one of G2P Connect's documents, which are those
/// of other operations.
macro_rules! misnamed {
    ($file:literal, $path:literal, $part:literal, $listed:literal, $meant:literal) => {
        Patch {
            file: concat!($file, "_core_api_v1.0.0.yaml"),
            at: concat!(
                "/paths/",
                $path,
                "/post/",
                $part,
                "/content/application~1json/schema/properties/header/allOf/1/properties/action/enum"
            ),
            change: Change::Action($listed, $meant),
            reason: "the actions are those of other operations",
        }
    };
}

/// All of them.
const PATCHES: &[Patch] = &[
    Patch {
        file: "fr_api_v1.0.0.yaml",
        at: "/paths/~1registry~1on-subscribe",
        change: Change::Nest("post"),
        reason: "the operation is written beside an empty `post`",
    },
    Patch {
        file: "ibr_api_v1.0.0.yaml",
        at: "/paths/~1registry~1sync~1enrolled/post/responses/default",
        change: Change::Set(
            r##"{"content": {"application/json": {"schema": {
                "type": "object",
                "properties": {
                    "signature": {"$ref": "#/components/schemas/MsgSignature"},
                    "header": {"allOf": [
                        {"$ref": "#/components/schemas/MsgCallbackHeader_V1.0.0"},
                        {"properties": {"action": {"enum": ["on-search"]}}}
                    ]},
                    "message": {"$ref": "#/components/schemas/EnrolledResponse"}
                },
                "required": ["header"]
            }}}}"##,
        ),
        reason: "the `$ref` of a response leads to a schema; DR's `disabled`, its twin, has this envelope",
    },
    Patch {
        file: "ibr_api_v1.0.0.yaml",
        at: "/paths/~1registry~1sync~1enrollment~1updates/post/responses/default",
        change: Change::Set(
            r##"{"content": {"application/json": {"schema": {
                "type": "object",
                "properties": {
                    "signature": {"$ref": "#/components/schemas/MsgSignature"},
                    "header": {"allOf": [
                        {"$ref": "#/components/schemas/MsgCallbackHeader_V1.0.0"},
                        {"properties": {"action": {"enum": ["notify"]}}}
                    ]},
                    "message": {"$ref": "#/components/schemas/EnrollmentUpdatesResponse"}
                },
                "required": ["header"]
            }}}}"##,
        ),
        reason: "the `$ref` of a response leads to a schema; there is no action but the request's",
    },
    Patch {
        file: "social_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusResponse/properties/txnstatus_response/properties/txn_status",
        change: Change::Also(r##"{"$ref": "#/components/schemas/SubscribeResponse"}"##),
        reason: "`txn_type` lists `subscribe`, `txn_status` does not",
    },
    Patch {
        file: "social_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusResponse/properties/txnstatus_response/properties/txn_status/oneOf/0",
        change: Change::Set(r##"{"$ref": "#/components/schemas/SearchResponse"}"##),
        reason: "a `$ref` into an example",
    },
    Patch {
        file: "ibr_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusResponse/properties/txnstatus_response/properties/txn_status",
        change: Change::Also(r##"{"$ref": "#/components/schemas/SubscribeResponse"}"##),
        reason: "`txn_type` lists `subscribe`, `txn_status` does not",
    },
    Patch {
        file: "crvs_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusResponse/properties/txnstatus_response/properties/txn_status/oneOf/0",
        change: Change::Set(r##"{"$ref": "#/components/schemas/SearchResponse"}"##),
        reason: "a `$ref` into an example, with one record where a search has a list",
    },
    Patch {
        file: "fr_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusResponse/properties/txnstatus_response/properties/txn_status/oneOf/0",
        change: Change::Set(r##"{"$ref": "#/components/schemas/SearchResponse"}"##),
        reason: "a `$ref` into an example, with one record where a search has a list",
    },
    Patch {
        file: "mapper_core_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusRequest/properties/txnstatus_request/properties/attribute_value",
        change: Change::AnyOf,
        reason: "two of the alternatives are the same, so that one alone never matches",
    },
    Patch {
        file: "disburse_core_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusRequest/properties/txnstatus_request/properties/attribute_value",
        change: Change::AnyOf,
        reason: "two of the alternatives are the same, so that one alone never matches",
    },
    Patch {
        file: "mapper_core_api_v1.0.0.yaml",
        at: "/components/schemas/UpdateResponse/properties/update_response/items/required",
        change: Change::Set(r#"["reference_id", "timestamp", "status"]"#),
        reason: "`fa` is required, and is none of the properties",
    },
    Patch {
        file: "disburse_core_api_v1.0.0.yaml",
        at: "/components/schemas/DisburseRequest/required/1",
        change: Change::Set(r#""disbursements""#),
        reason: "`disburemsents` is required, and is none of the properties",
    },
    Patch {
        file: "disburse_core_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusResponse/properties/txnstatus_response/properties/txn_status/oneOf/1",
        change: Change::Set(r##"{"$ref": "#/components/schemas/SearchResponse"}"##),
        reason: "the status of a search is told by its request",
    },
    Patch {
        file: "disburse_core_api_v1.0.0.yaml",
        at: "/components/schemas/TxnStatusResponse/properties/txnstatus_response/properties/txn_status",
        change: Change::AnyOf,
        reason: "the two answers differ in nothing that they require",
    },
    misnamed!(
        "mapper",
        "~1mapper~1sync~1link",
        "responses/default",
        "on-search",
        "on-link"
    ),
    misnamed!(
        "mapper",
        "~1mapper~1sync~1update",
        "requestBody",
        "link",
        "update"
    ),
    misnamed!(
        "mapper",
        "~1mapper~1sync~1update",
        "responses/default",
        "on-search",
        "on-update"
    ),
    misnamed!(
        "mapper",
        "~1mapper~1sync~1unlink",
        "requestBody",
        "link",
        "unlink"
    ),
    misnamed!(
        "mapper",
        "~1mapper~1sync~1unlink",
        "responses/default",
        "on-search",
        "on-unlink"
    ),
    misnamed!(
        "mapper",
        "~1mapper~1sync~1resolve",
        "requestBody",
        "link",
        "resolve"
    ),
    misnamed!(
        "mapper",
        "~1mapper~1sync~1resolve",
        "responses/default",
        "on-search",
        "on-resolve"
    ),
    misnamed!(
        "disburse",
        "~1disburse~1sync~1disburse",
        "requestBody",
        "search",
        "disburse"
    ),
    misnamed!(
        "disburse",
        "~1disburse~1sync~1disburse",
        "responses/default",
        "on-search",
        "on-disburse"
    ),
    misnamed!(
        "disburse",
        "~1disburse~1txn~1status",
        "requestBody",
        "on-disburse on-search",
        "txn-status"
    ),
    misnamed!(
        "disburse",
        "~1disburse~1txn~1on-status",
        "requestBody",
        "on-disburse on-search",
        "txn-on-status"
    ),
    misnamed!(
        "disburse",
        "~1disburse~1sync~1txn~1status",
        "requestBody",
        "search subscribe",
        "txn-status"
    ),
    misnamed!(
        "disburse",
        "~1disburse~1sync~1txn~1status",
        "responses/default",
        "on-search notify",
        "txn-on-status"
    ),
];

/// Mends `document`, which was read from `file`.
///
/// # Panics
///
/// If a patch is not needed, or does not fit: the document is another then.
pub(crate) fn apply(file: &str, document: &mut Value) {
    for patch in PATCHES.iter().filter(|patch| file.ends_with(patch.file)) {
        let stale = || panic!("{file}{}: not as it was when {}", patch.at, patch.reason);
        let place = document.pointer_mut(patch.at).unwrap_or_else(stale);
        let before = place.clone();
        match patch.change {
            Change::Set(value) => *place = serde_json::from_str(value).unwrap(),
            Change::AnyOf => {
                let members = place.as_object_mut().unwrap();
                let alternatives = members.remove("oneOf").unwrap_or_else(|| stale().clone());
                members.insert("anyOf".to_owned(), alternatives);
            }
            Change::Also(value) => {
                let alternatives = place["oneOf"].as_array_mut().unwrap();
                alternatives.push(serde_json::from_str(value).unwrap());
            }
            Change::Nest(name) => {
                let mut members = place.clone();
                let empty = members.as_object_mut().unwrap().remove(name);
                assert_eq!(empty, Some(Value::Null), "{}", patch.reason);
                *place = json!({name: members});
            }
            Change::Action(listed, meant) => {
                let mut actions: Vec<_> = listed.split(' ').collect();
                assert_eq!(*place, json!(actions), "{}", patch.reason);
                actions.push(meant);
                *place = json!(actions);
            }
        }
        assert_ne!(*place, before, "{}", patch.reason);
    }
}
