//! G2P Connect: the mapper and disbursement, endpoint by endpoint.

mod new;

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Value, json};
use solidarity_dci::mapper::*;
use solidarity_dci::registry::{Endpoint, Reply};
use solidarity_dci::{Action, Message, disburse};

use crate::messages::{Fill, acks, written};
use crate::registries::{members, without};
use crate::schema::{Document, Part, faults};

const MAPPER: &str = "g2p-connect-openapi/mapper_core_api_v1.0.0.yaml";
const DISBURSE: &str = "g2p-connect-openapi/disburse_core_api_v1.0.0.yaml";

/// The messages with the action `action` of the document `file`.
fn with_action(file: &str, action: Action, fill: Fill) -> Vec<Value> {
    vec![match (file, action) {
        (_, Action::Link) => written(&new::link(fill), fill),
        (_, Action::OnLink) => written(&new::on_link(fill), fill),
        (_, Action::Update) => written(&new::update(fill), fill),
        (_, Action::OnUpdate) => written(&new::on_update(fill), fill),
        (_, Action::Unlink) => written(&new::unlink(fill), fill),
        (_, Action::OnUnlink) => written(&new::on_unlink(fill), fill),
        (_, Action::Resolve) => written(&new::resolve(fill), fill),
        (_, Action::OnResolve) => written(&new::on_resolve(fill), fill),
        (_, Action::Disburse) => written(&new::disbursement(fill), fill),
        (_, Action::OnDisburse) => written(&new::on_disburse(fill), fill),
        (_, Action::Search) => written(&new::search(fill), fill),
        (_, Action::OnSearch) => written(&new::on_search(fill), fill),
        (MAPPER, Action::TxnStatus) => return new::mapper_status(fill),
        (MAPPER, Action::TxnOnStatus) => return new::mapper_on_status(fill),
        (_, Action::TxnStatus) => return new::disburse_status(fill),
        (_, Action::TxnOnStatus) => return new::disburse_on_status(fill),
        other => panic!("no message for {other:?}"),
    }]
}

/// What the standard's document lists for a message besides its own action.
fn also(file: &str, action: Action) -> &'static [Action] {
    match (file, action) {
        (_, Action::Link) => LinkRequest::ALSO,
        (_, Action::OnLink) => LinkResponse::ALSO,
        (_, Action::Update) => UpdateRequest::ALSO,
        (_, Action::OnUpdate) => UpdateResponse::ALSO,
        (_, Action::Unlink) => UnlinkRequest::ALSO,
        (_, Action::OnUnlink) => UnlinkResponse::ALSO,
        (_, Action::Resolve) => ResolveRequest::ALSO,
        (_, Action::OnResolve) => ResolveResponse::ALSO,
        (_, Action::Disburse) => disburse::DisburseRequest::ALSO,
        (_, Action::OnDisburse) => disburse::DisburseResponse::ALSO,
        (_, Action::Search) => disburse::SearchRequest::ALSO,
        (_, Action::OnSearch) => disburse::SearchResponse::ALSO,
        (MAPPER, Action::TxnStatus) => TxnStatusRequest::ALSO,
        (MAPPER, Action::TxnOnStatus) => TxnStatusResponse::ALSO,
        (_, Action::TxnStatus) => disburse::TxnStatusRequest::ALSO,
        (_, Action::TxnOnStatus) => disburse::TxnStatusResponse::ALSO,
        other => panic!("no message for {other:?}"),
    }
}

fn messages(file: &str, endpoint: &Endpoint, part: Part, fill: Fill) -> Vec<Value> {
    match (part, endpoint.reply) {
        (Part::Request, _) => with_action(file, endpoint.action, fill),
        (Part::Response, Reply::Answered(action)) => with_action(file, action, fill),
        (Part::Response, _) => acks(fill),
    }
}

/// What `check` does with every endpoint of both documents, both ways.
fn each(check: impl Fn(&'static str, &Document, &Endpoint, Part)) {
    for (file, endpoints) in [(MAPPER, ENDPOINTS), (DISBURSE, disburse::ENDPOINTS)] {
        let Some(document) = Document::load(file) else {
            return;
        };
        for endpoint in endpoints {
            for part in [Part::Request, Part::Response] {
                check(file, &document, endpoint, part);
            }
        }
    }
}

#[test]
fn what_is_written_validates() {
    each(|file, document, endpoint, part| {
        let validator = document.validator(endpoint.path, part);
        for fill in [Fill::Required, Fill::Everything] {
            for message in messages(file, endpoint, part, fill) {
                let faults = faults(&validator, &message);
                let path = endpoint.path;
                assert!(
                    faults.is_empty(),
                    "{path} {part:?} {fill:?}: {faults:#?}\n{message:#}"
                );
            }
        }
    });
}

/// Where the answer of a disbursement stands, alone or as a status.
const WITHOUT_CORRELATION: [&str; 2] = ["/message", "/message/txnstatus_response/txn_status"];

#[test]
fn nothing_is_written_that_the_standard_does_not_name() {
    each(|file, document, endpoint, part| {
        let validator = document.closed_validator(endpoint.path, part);
        for mut message in messages(file, endpoint, part, Fill::Everything) {
            for place in WITHOUT_CORRELATION {
                let place = message.pointer_mut(place).and_then(Value::as_object_mut);
                // The schema forgets the correlation id of these answers alone.
                if let Some(place) =
                    place.filter(|place| place.contains_key("disbursements_status"))
                {
                    assert!(place.remove("correlation_id").is_some());
                }
            }
            let faults = faults(&validator, &message);
            assert!(
                faults.is_empty(),
                "{} {part:?}: {faults:#?}\n{message:#}",
                endpoint.path
            );
        }
    });
}

/// What the messages of the next test bear, though the standard lets it be
/// left out.
const MORE_THAN_REQUIRED: &[(&str, &[&str])] = &[
    // The defaults are written.
    ("request", &["/header/is_msg_encrypted", "/header/version"]),
    ("reply", &["/header/is_msg_encrypted", "/header/version"]),
    ("request", &["/message/resolve_request/0/scope"]),
    // What the header of a request requires.
    ("reply", &["/header/sender_id", "/header/total_count"]),
    // A header alone is a reply to the standard.
    ("reply", &["/message"]),
    ("ack", &["/message", "/message/error"]),
    // A question of nobody and of no account is one to the standard.
    ("request", &["/message/resolve_request/0/id"]),
];

/// The test of the tests: a message is none any more when any member is taken
/// away that is not listed.
#[test]
fn a_message_without_a_required_member_does_not_validate() {
    let met = RefCell::new(BTreeSet::new());
    each(|file, document, endpoint, part| {
        let validator = document.validator(endpoint.path, part);
        for message in messages(file, endpoint, part, Fill::Required) {
            let kind = match &message["header"] {
                Value::Null => "ack",
                header if header.get("status").is_some() => "reply",
                _ => "request",
            };
            let mut all = Vec::new();
            members(&message, "", &mut all);
            all.retain(|pointer| validator.is_valid(&without(&message, pointer)));
            let all = all.into_iter().map(|pointer| (kind, pointer));
            met.borrow_mut().extend(all);
        }
    });
    let met = met.into_inner();
    if std::env::var_os("SOLIDARITY_VECTORS").is_some() {
        let listed = MORE_THAN_REQUIRED.iter().flat_map(|(kind, pointers)| {
            let pointers = pointers.iter();
            pointers.map(move |pointer| (*kind, (*pointer).to_owned()))
        });
        assert_eq!(met, listed.collect());
    }
}

/// Values that the standard lists or bounds, with others in their place.
#[test]
fn a_message_with_another_value_does_not_validate() {
    let long = "x".repeat(1_000);
    let changes = [
        (MAPPER, "/mapper/link", "/header/action", json!("unlink")),
        (
            MAPPER,
            "/mapper/resolve",
            "/message/resolve_request/0/scope",
            json!("all"),
        ),
        (
            MAPPER,
            "/mapper/on-link",
            "/message/link_response/0/status",
            json!("done"),
        ),
        (
            MAPPER,
            "/mapper/on-link",
            "/message/link_response/1/status_reason_code",
            json!("succ.id.active"),
        ),
        (
            MAPPER,
            "/mapper/on-update",
            "/message/update_response/1/status_reason_code",
            json!("rjct.fa.invalid"),
        ),
        (
            MAPPER,
            "/mapper/on-resolve",
            "/message/resolve_response/0/account_provider_info/additional_info",
            json!(long),
        ),
        (
            MAPPER,
            "/mapper/txn/status",
            "/message/txnstatus_request/txn_type",
            json!("on-link"),
        ),
        (
            MAPPER,
            "/mapper/txn/on-status",
            "/message/txnstatus_response/txn_type",
            json!("link"),
        ),
        (
            DISBURSE,
            "/disburse",
            "/message/disbursements/0/amount",
            json!("10"),
        ),
        (
            DISBURSE,
            "/disburse",
            "/message/disbursements/0/amount",
            json!(10.5),
        ),
        (
            DISBURSE,
            "/disburse",
            "/message/disbursements/0/currency_code",
            json!("kes"),
        ),
        (
            DISBURSE,
            "/disburse",
            "/message/disbursements/0/note",
            json!("x".repeat(100)),
        ),
        (
            DISBURSE,
            "/disburse",
            "/message/disbursements/0/locale",
            json!("en"),
        ),
        (
            DISBURSE,
            "/disburse/search",
            "/message/search_criteria/0/attribute_type",
            json!("payer"),
        ),
        (
            DISBURSE,
            "/on-disburse",
            "/message/disbursements_status/0/timestamp",
            json!("yesterday"),
        ),
    ];
    for (file, path, at, value) in changes {
        let Some(document) = Document::load(file) else {
            return;
        };
        let endpoints = if file == MAPPER {
            ENDPOINTS
        } else {
            disburse::ENDPOINTS
        };
        let endpoint = endpoints
            .iter()
            .find(|endpoint| endpoint.path == path)
            .unwrap();
        let validator = document.validator(path, Part::Request);
        let mut message = messages(file, endpoint, Part::Request, Fill::Everything).remove(0);
        assert!(validator.is_valid(&message), "{path}");
        *message.pointer_mut(at).unwrap() = value;
        assert!(!validator.is_valid(&message), "{path} {at}");
    }
}

/// The actions too, and what the standard lists by mistake is what is read
/// besides.
#[test]
fn the_tables_of_endpoints_are_the_standards() {
    for (file, endpoints) in [(MAPPER, ENDPOINTS), (DISBURSE, disburse::ENDPOINTS)] {
        let Some(document) = Document::load(file) else {
            return;
        };
        let paths: BTreeSet<_> = document.paths().into_iter().collect();
        assert_eq!(
            paths,
            endpoints.iter().map(|endpoint| endpoint.path).collect()
        );

        let header = "content application/json schema properties header allOf 1 properties action";
        let mut mistaken = BTreeSet::new();
        let mut listed = |path: &str, part: &str, action: Action| {
            let all = document
                .listed(&format!("paths {path} post {part} {header}"))
                .unwrap();
            let others = all.iter().filter(|listed| **listed != action.as_str());
            mistaken.extend(others.map(|other| (action.as_str(), (*other).to_owned())));
            assert!(all.contains(&action.as_str()), "{path}: {all:?}");
        };
        for endpoint in endpoints {
            listed(endpoint.path, "requestBody", endpoint.action);
            if let Reply::Answered(action) = endpoint.reply {
                listed(endpoint.path, "responses default", action);
            }
        }
        let actions: BTreeSet<_> = endpoints.iter().map(|endpoint| endpoint.action).collect();
        let read = actions.into_iter().flat_map(|action| {
            let also = also(file, action).iter();
            also.map(move |also| (action.as_str(), also.as_str().to_owned()))
        });
        assert_eq!(mistaken, read.collect(), "{file}");
    }
}

#[test]
fn the_lists_of_codes_are_the_standards() {
    fn written<R: serde::Serialize>(codes: &[R]) -> Vec<String> {
        serde_json::from_value(json!(codes)).unwrap()
    }
    let lists = [
        (MAPPER, "LinkStatusReasonCode", written(LinkReason::ALL)),
        (
            MAPPER,
            "ResolveStatusReasonCode",
            written(ResolveReason::ALL),
        ),
        (MAPPER, "UpdateStatusReasonCode", written(UpdateReason::ALL)),
        (MAPPER, "UnlinkStatusReasonCode", written(UnlinkReason::ALL)),
        (
            DISBURSE,
            "DisburseStatusReasonCode",
            written(disburse::DisburseReason::ALL),
        ),
        (
            DISBURSE,
            "SearchStatusReasonCode",
            written(disburse::SearchReason::ALL),
        ),
    ];
    for (file, name, ours) in lists {
        let Some(document) = Document::load(file) else {
            return;
        };
        let theirs = document
            .listed(&format!("components schemas {name}"))
            .unwrap();
        assert_eq!(ours, theirs, "{name}");
    }
}
