//! The five registries, endpoint by endpoint.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Value, json};
use solidarity_dci::UnsubscribeReason;
use solidarity_dci::query::QueryType;
use solidarity_dci::registry::{Endpoint, Registry, Reply, TxnType};

use crate::messages::{self as new, Fill, written};
use crate::schema::{Document, Part, faults};

fn file(registry: Registry) -> String {
    let name = registry.namespace();
    format!("spdci-openapi-2025-12-openspp-patched/{name}_api_v1.0.0.yaml")
}

/// The languages that a query which must be an object can be in.
const OBJECTS: [QueryType; 3] = [
    QueryType::IdTypeValue,
    QueryType::Expression,
    QueryType::GraphQl,
];

/// The messages that go to `path`.
fn requests(registry: Registry, path: &str, fill: Fill) -> Vec<Value> {
    let of = |kinds: &[QueryType], write: fn(QueryType, Fill) -> Value| -> Vec<Value> {
        kinds.iter().map(|kind| write(*kind, fill)).collect()
    };
    let path = path
        .trim_start_matches("/registry/")
        .trim_start_matches("sync/");
    vec![match path {
        "search" => written(&new::search(registry, fill), fill),
        "on-search" => written(&new::on_search(registry, fill), fill),
        "subscribe" => written(&new::subscribe(registry, fill), fill),
        "on-subscribe" => written(&new::on_subscribe(registry, fill), fill),
        "notify" => written(&new::notify(registry, fill), fill),
        "unsubscribe" => written(&new::unsubscribe(), fill),
        "on-unsubscribe" => return on_unsubscribe(fill),
        "txn/status" => return txn_status(registry, fill),
        "txn/on-status" => return txn_on_status(registry, fill),
        "enrollment/updates" => written(&new::enrollment_updates(), fill),
        "enrolled" => {
            return of(&OBJECTS, |kind, fill| {
                written(&new::enrolled(kind, fill), fill)
            });
        }
        "disabled" => return of(&OBJECTS, |kind, fill| written(&new::disabled(kind), fill)),
        "get-disability-support" | "get-disability-details" => {
            return of(&OBJECTS, |kind, fill| {
                written(&new::disability_support(kind), fill)
            });
        }
        other => panic!("no message for {other}"),
    }]
}

fn on_unsubscribe(fill: Fill) -> Vec<Value> {
    let reasons = UnsubscribeReason::ALL.iter();
    reasons
        .map(|reason| written(&new::on_unsubscribe(fill, reason.clone()), fill))
        .collect()
}

fn txn_status(registry: Registry, fill: Fill) -> Vec<Value> {
    let of = |txn_type: &TxnType| {
        let sought = new::sought(registry).into_iter();
        let message = |sought| written(&new::txn_status(*txn_type, sought, fill), fill);
        sought.map(message).collect::<Vec<_>>()
    };
    registry.txn_types().iter().flat_map(of).collect()
}

fn txn_on_status(registry: Registry, fill: Fill) -> Vec<Value> {
    let of = |txn_type: &TxnType| written(&new::txn_on_status(registry, *txn_type, fill), fill);
    registry.txn_types().iter().map(of).collect()
}

/// What comes back from `endpoint`.
fn responses(registry: Registry, endpoint: &Endpoint, fill: Fill) -> Vec<Value> {
    if !endpoint.is_sync() {
        return new::acks(fill);
    }
    vec![match endpoint.path.trim_start_matches("/registry/sync/") {
        "search" => written(&new::on_search(registry, fill), fill),
        "txn/status" => return txn_on_status(registry, fill),
        "enrollment/updates" => written(&new::on_enrollment_updates(fill), fill),
        "enrolled" => written(&new::on_enrolled(fill), fill),
        "disabled" => written(&new::on_disabled(fill), fill),
        "get-disability-support" => written(&new::disability_supports(fill), fill),
        "get-disability-details" => written(&new::disability_info(fill), fill),
        other => panic!("no answer for {other}"),
    }]
}

fn messages(registry: Registry, endpoint: &Endpoint, part: Part, fill: Fill) -> Vec<Value> {
    match part {
        Part::Request => requests(registry, endpoint.path, fill),
        Part::Response => responses(registry, endpoint, fill),
    }
}

/// The way from a body to the parts of its header.
const HEADER: &str = "content application/json schema properties header allOf";

/// What `check` does with every endpoint of every registry, both ways.
fn each(check: impl Fn(Registry, &Document, &Endpoint, Part)) {
    for registry in Registry::ALL.iter().copied() {
        let Some(document) = Document::load(&file(registry)) else {
            return;
        };
        for endpoint in registry.endpoints() {
            for part in [Part::Request, Part::Response] {
                check(registry, &document, endpoint, part);
            }
        }
    }
}

#[test]
fn what_is_written_validates() {
    each(|registry, document, endpoint, part| {
        let validator = document.validator(endpoint.path, part);
        for fill in [Fill::Required, Fill::Everything] {
            for message in messages(registry, endpoint, part, fill) {
                let faults = faults(&validator, &message);
                assert!(
                    faults.is_empty(),
                    "{registry} {} {part:?} {fill:?}: {faults:#?}\n{message:#}",
                    endpoint.path
                );
            }
        }
    });
}

/// The schemas leave their objects open, so that a misspelt field validates
/// too. Closed, they take what we write all the same.
#[test]
fn nothing_is_written_that_the_standard_does_not_name() {
    each(|registry, document, endpoint, part| {
        let validator = document.closed_validator(endpoint.path, part);
        for mut message in messages(registry, endpoint, part, Fill::Everything) {
            // An answer bears both headers at once: the one that the schema of
            // some answers declares, and the one of all others.
            let declared = format!(
                "paths {} post requestBody {HEADER} 0 properties",
                endpoint.path
            );
            let reply = document.at(&format!("{declared} status")).is_some();
            if let (Part::Request, false, true) =
                (part, reply, message["header"].get("status").is_some())
            {
                let header = message["header"].as_object_mut().unwrap();
                header.retain(|name, _| !name.starts_with("status") && name != "completed_count");
            }
            let faults = faults(&validator, &message);
            assert!(
                faults.is_empty(),
                "{registry} {} {part:?}: {faults:#?}\n{message:#}",
                endpoint.path
            );
            // The test of the test.
            message["message"]["surplus"] = json!(1);
            assert!(
                !validator.is_valid(&message),
                "{registry} {} {part:?}",
                endpoint.path
            );
        }
    });
}

/// Every member of `message`, as a JSON pointer, but those of records and of
/// queries.
pub(crate) fn members(message: &Value, at: &str, into: &mut Vec<String>) {
    let open = ["/reg_records", "/beneficiaries", "/query", "/filter"];
    if open.iter().any(|open| at.ends_with(open)) {
        return;
    }
    match message {
        Value::Object(members_of) => {
            for (name, member) in members_of {
                let at = format!("{at}/{name}");
                into.push(at.clone());
                members(member, &at, into);
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                members(item, &format!("{at}/{position}"), into);
            }
        }
        _ => {}
    }
}

pub(crate) fn without(message: &Value, pointer: &str) -> Value {
    let (above, name) = pointer.rsplit_once('/').unwrap();
    let mut message = message.clone();
    let above = message.pointer_mut(above).unwrap();
    above.as_object_mut().unwrap().remove(name).unwrap();
    message
}

/// What the messages of the next test bear, though the standard lets it be
/// left out.
const MORE_THAN_REQUIRED: &[(&str, &[&str])] = &[
    // The defaults are written.
    ("request", &["/header/is_msg_encrypted", "/header/version"]),
    ("reply", &["/header/is_msg_encrypted", "/header/version"]),
    // What one of the two headers requires and the other does not.
    (
        "reply",
        &["/header/sender_id", "/header/status", "/header/total_count"],
    ),
    // A header alone is a reply to the standard.
    ("reply", &["/message"]),
    ("ack", &["/message", "/message/error"]),
    // A query and its type go together.
    (
        "request",
        &[
            "/message/disabled_criteria/query",
            "/message/disabled_criteria/query_type",
            "/message/enrolled_criteria/query",
            "/message/enrolled_criteria/query_type",
            "/message/subscribe_request/0/subscribe_criteria/filter_type",
        ],
    ),
    // What was found, told or received.
    (
        "reply",
        &[
            "/message/enrolled_updates/beneficiaries",
            "/message/notify_event/0/data/reg_event_type",
            "/message/search_response/0/data",
            "/message/search_response/0/data/reg_record_type",
            "/message/subscribe_response/0/subscriptions",
            "/message/txnstatus_response/txn_status/receipt_information/beneficiaries",
            "/message/txnstatus_response/txn_status/search_response/0/data",
            "/message/txnstatus_response/txn_status/search_response/0/data/reg_record_type",
            "/message/txnstatus_response/txn_status/subscribe_response/0/subscriptions",
        ],
    ),
];

/// The test of the tests: a message is none any more when any member is taken
/// away that is not listed.
#[test]
fn a_message_without_a_required_member_does_not_validate() {
    let met = RefCell::new(BTreeSet::new());
    each(|registry, document, endpoint, part| {
        let validator = document.validator(endpoint.path, part);
        for message in messages(registry, endpoint, part, Fill::Required) {
            let kind = match &message["header"] {
                Value::Null => "ack",
                header if header.get("status").is_some() => "reply",
                _ => "request",
            };
            let mut all = Vec::new();
            members(&message, "", &mut all);
            all.retain(|pointer| validator.is_valid(&without(&message, pointer)));
            met.borrow_mut()
                .extend(all.into_iter().map(|pointer| (kind, pointer)));
        }
    });
    let met = met.into_inner();
    if std::env::var_os("SOLIDARITY_VECTORS").is_some() {
        let listed = MORE_THAN_REQUIRED.iter().flat_map(|(kind, pointers)| {
            pointers
                .iter()
                .map(move |pointer| (*kind, (*pointer).to_owned()))
        });
        assert_eq!(met, listed.collect());
    }
}

#[test]
fn the_table_of_endpoints_is_the_standards() {
    for registry in Registry::ALL {
        let Some(document) = Document::load(&file(*registry)) else {
            return;
        };
        let paths: BTreeSet<_> = document.paths().into_iter().collect();
        let ours: BTreeSet<_> = registry
            .endpoints()
            .iter()
            .map(|endpoint| endpoint.path)
            .collect();
        assert_eq!(ours, paths, "{registry}");
        for endpoint in registry.endpoints() {
            let action = format!("{HEADER} 1 properties action");
            let post = format!("paths {} post", endpoint.path);
            let asked = document.listed(&format!("{post} requestBody {action}"));
            assert_eq!(
                asked,
                Some(vec![endpoint.action.as_str()]),
                "{registry} {}",
                endpoint.path
            );
            let answered = document.listed(&format!("{post} responses default {action}"));
            let expected = match endpoint.reply {
                Reply::Answered(action) => Some(vec![action.as_str()]),
                _ => None,
            };
            assert_eq!(answered, expected, "{registry} {}", endpoint.path);
        }
    }
}

#[test]
fn what_a_register_lists_is_the_standards() {
    let texts = |value: Value| -> Vec<String> { serde_json::from_value(value).unwrap() };
    for registry in Registry::ALL {
        let Some(document) = Document::load(&file(*registry)) else {
            return;
        };
        let listed = |way: &str| {
            let way = format!("components schemas {way}");
            document.listed(&way).map(|listed| texts(json!(listed)))
        };
        let criteria =
            "SearchRequest properties search_request items properties search_criteria properties";
        let query_types = listed(&format!("{criteria} query_type"));
        assert_eq!(
            query_types,
            Some(texts(json!(registry.query_types()))),
            "{registry}"
        );
        let entity = listed(&format!("{criteria} response_entity"));
        assert_eq!(
            entity.is_some(),
            *registry == Registry::Social,
            "{registry}"
        );

        let txn_types = listed("TxnStatusRequest properties txnstatus_request properties txn_type");
        assert_eq!(
            txn_types.unwrap_or_default(),
            texts(json!(registry.txn_types())),
            "{registry}"
        );
        let attributes =
            listed("TxnStatusRequest properties txnstatus_request properties attribute_type");
        let sought = if registry.txn_types().is_empty() {
            Vec::new()
        } else {
            new::sought(*registry)
        };
        let ours: Vec<_> = sought.iter().map(|sought| sought.attribute()).collect();
        assert_eq!(
            attributes.unwrap_or_default(),
            texts(json!(ours)),
            "{registry}"
        );

        let data = "NotifyEventRequest properties notify_event items properties data properties";
        let events = listed(&format!("{data} reg_event_type"));
        let ours = registry.event_types().map(|events| texts(json!(events)));
        assert_eq!(events, ours, "{registry}");
    }
}
