//! Every field of a search missing, of another type, too long or out of range:
//! each gets the standard's own code, for the message or for the one search.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure"
)]

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use solidarity_dci::registry::SearchRequest;
use solidarity_dci::{Incoming, Partner, Reception, SignaturePolicy};
use solidarity_signing::{KeySet, PartyId, Window};

fn search() -> Value {
    let item = |reference: &str| {
        json!({
            "reference_id": reference,
            "timestamp": "1970-01-01T00:00:00Z",
            "search_criteria": {
                "query_type": "idtype-value",
                "query": {"type": "UIN", "value": "1"},
                "sort": [{"attribute_name": "age", "sort_order": "asc"}],
                "pagination": {"page_size": 10, "page_number": 1},
            },
            "locale": "eng",
        })
    };
    json!({
        "header": {
            "version": "1.0.0", "message_id": "m-1", "message_ts": "1970-01-01T00:00:00Z",
            "action": "search", "sender_id": "sp", "sender_uri": "https://sp.example/",
            "receiver_id": "sr", "total_count": 2, "is_msg_encrypted": false, "meta": {},
        },
        "message": {"transaction_id": "t-1", "search_request": [item("r-1"), item("r-2")]},
    })
}

/// The codes: of the message, or of its second search.
fn said(body: &str) -> Result<String, String> {
    let sender = PartyId::new("sp").unwrap();
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let reception = Reception::new(PartyId::new("sr").unwrap(), window);
    let partner = Partner::new(sender.clone(), SignaturePolicy::None);
    let refused = |refusal: solidarity_dci::Refusal| match refusal.reason() {
        Some(reason) => format!("{} {reason}", refusal.code()),
        None => refusal.code().to_string(),
    };
    let incoming = Incoming::parse(body.as_bytes(), None).map_err(refused)?;
    let opened = reception
        .open(
            incoming,
            &partner,
            &KeySet::new(sender),
            DateTime::UNIX_EPOCH,
        )
        .map_err(refused)?;
    let received = opened.read_items::<SearchRequest>().map_err(refused)?;
    // The other search is taken, whatever is wrong with this one.
    assert_eq!(
        received.message.search_request[0].reference_id.as_str(),
        "r-1"
    );
    Ok(received.rejected.first().map_or(String::new(), |rejected| {
        assert_eq!(rejected.position, 1);
        rejected.reason.to_string()
    }))
}

/// The search with what stands at `pointer` put in its place, or taken away.
fn with(pointer: &str, value: Option<Value>) -> String {
    let mut body = search();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(parent.insert(name.to_owned(), value)),
        None => drop(parent.remove(name).unwrap()),
    }
    body.to_string()
}

#[test]
fn every_field_of_the_header_has_its_code() {
    assert_eq!(said(&search().to_string()), Ok(String::new()));
    let absent = None;
    let long = json!("x".repeat(300));
    let version = "err.version.not_supported rjct.version.invalid";
    let time = "err.request.bad rjct.message_ts.invalid";
    let action = "err.request.bad rjct.action.invalid";
    let count = "err.request.bad rjct.total_count.invalid";
    let cases = [
        ("version", Some(json!("2.0.0")), version),
        ("version", Some(json!(1)), version),
        ("message_id", absent.clone(), "err.request.bad"),
        ("message_id", Some(json!("")), "err.request.bad"),
        ("message_id", Some(long.clone()), "err.request.bad"),
        ("message_id", Some(json!(["m-1"])), "err.request.bad"),
        ("message_ts", absent.clone(), time),
        ("message_ts", Some(json!("yesterday")), time),
        ("message_ts", Some(json!("1970-01-01T00:00:00")), time),
        ("message_ts", Some(json!("1970-01-01T00:00:00+25:00")), time),
        ("message_ts", Some(json!("1965-01-01T00:00:00Z")), time),
        ("message_ts", Some(json!("2030-01-01T00:00:00Z")), time),
        ("message_ts", Some(json!(0)), time),
        ("action", absent.clone(), action),
        ("action", Some(json!("verify")), action),
        ("action", Some(json!("Search")), action),
        ("action", Some(json!(1)), action),
        (
            "action",
            Some(json!("notify")),
            "err.request.bad rjct.action.not_supported",
        ),
        ("sender_id", absent.clone(), "err.sender_id.invalid"),
        ("sender_id", Some(json!("other")), "err.sender_id.invalid"),
        ("sender_id", Some(json!(1)), "err.sender_id.invalid"),
        ("sender_id", Some(long), "err.sender_id.invalid"),
        (
            "sender_uri",
            Some(json!("sp.example")),
            "err.sender_uri.invalid",
        ),
        (
            "sender_uri",
            Some(json!("file:///x")),
            "err.sender_uri.invalid",
        ),
        ("sender_uri", Some(json!({})), "err.sender_uri.invalid"),
        (
            "receiver_id",
            Some(json!("other")),
            "err.receiver_id.invalid",
        ),
        ("receiver_id", Some(json!(false)), "err.receiver_id.invalid"),
        ("total_count", absent.clone(), count),
        ("total_count", Some(json!(-1)), count),
        ("total_count", Some(json!(1)), count),
        ("total_count", Some(json!("2")), count),
        ("total_count", Some(json!(2.0)), count),
        (
            "is_msg_encrypted",
            Some(json!(true)),
            "err.encryption.invalid",
        ),
        (
            "is_msg_encrypted",
            Some(json!("false")),
            "err.encryption.invalid",
        ),
        ("meta", Some(json!("")), "err.request.bad"),
        ("meta", Some(json!([])), "err.request.bad"),
    ];
    for (field, value, expected) in cases {
        let body = with(&format!("/header/{field}"), value.clone());
        assert_eq!(said(&body), Err(expected.to_owned()), "{field}: {value:?}");
    }
    for (part, value) in [
        ("/header", absent.clone()),
        ("/header", Some(json!([]))),
        ("/message", absent.clone()),
        ("/message", Some(json!("x"))),
        ("/message/transaction_id", absent.clone()),
        ("/message/transaction_id", Some(json!("x".repeat(100)))),
        ("/message/transaction_id", Some(json!(""))),
        ("/message/search_request", absent),
        ("/message/search_request", Some(json!({}))),
    ] {
        assert_eq!(
            said(&with(part, value)),
            Err("err.request.bad".to_owned()),
            "{part}"
        );
    }
    let none = with("/message/search_request", Some(json!([])));
    assert_eq!(said(&none), Err(count.to_owned()));
}

#[test]
fn every_field_of_a_search_has_its_code() {
    let criteria = "rjct.search_criteria.invalid";
    let cases = [
        ("reference_id", None, "rjct.reference_id.invalid"),
        ("reference_id", Some(json!("")), "rjct.reference_id.invalid"),
        ("reference_id", Some(json!(1)), "rjct.reference_id.invalid"),
        (
            "reference_id",
            Some(json!("x".repeat(100))),
            "rjct.reference_id.invalid",
        ),
        (
            "reference_id",
            Some(json!("r-1")),
            "rjct.reference_id.duplicate",
        ),
        ("timestamp", None, "rjct.timestamp.invalid"),
        (
            "timestamp",
            Some(json!("1970-01-01")),
            "rjct.timestamp.invalid",
        ),
        ("timestamp", Some(json!(null)), "rjct.timestamp.invalid"),
        ("locale", Some(json!("EN/GB")), criteria),
        ("search_criteria", None, criteria),
        ("search_criteria", Some(json!("x")), criteria),
        ("search_criteria/query_type", None, criteria),
        ("search_criteria/query_type", Some(json!("sql")), criteria),
        (
            "search_criteria/query_type",
            Some(json!("predicate")),
            criteria,
        ),
        (
            "search_criteria/query_type",
            Some(json!("expression")),
            criteria,
        ),
        ("search_criteria/query", None, criteria),
        ("search_criteria/query", Some(json!([])), criteria),
        (
            "search_criteria/query",
            Some(json!({"type": "UIN"})),
            criteria,
        ),
        (
            "search_criteria/query",
            Some(json!({"type": 1, "value": "1"})),
            criteria,
        ),
        ("search_criteria/consent", Some(json!("yes")), criteria),
        (
            "search_criteria/sort",
            Some(json!("age")),
            "rjct.sort.invalid",
        ),
        (
            "search_criteria/sort",
            Some(json!([{"sort_order": "asc"}])),
            "rjct.sort.invalid",
        ),
        (
            "search_criteria/sort",
            Some(json!([{"attribute_name": "age", "sort_order": "up"}])),
            "rjct.sort.invalid",
        ),
        (
            "search_criteria/pagination",
            Some(json!({})),
            "rjct.pagination.invalid",
        ),
        (
            "search_criteria/pagination",
            Some(json!([10, 1])),
            "rjct.pagination.invalid",
        ),
        (
            "search_criteria/pagination/page_size",
            Some(json!(0)),
            "rjct.pagination.invalid",
        ),
        (
            "search_criteria/pagination/page_size",
            Some(json!(1_001)),
            "rjct.pagination.invalid",
        ),
        (
            "search_criteria/pagination/page_size",
            Some(json!(-10)),
            "rjct.pagination.invalid",
        ),
        (
            "search_criteria/pagination/page_number",
            Some(json!(0)),
            "rjct.pagination.invalid",
        ),
        (
            "search_criteria/pagination/page_number",
            Some(json!(-1)),
            "rjct.pagination.invalid",
        ),
        (
            "search_criteria/pagination/page_number",
            Some(json!(1.5)),
            "rjct.pagination.invalid",
        ),
        (
            "search_criteria/pagination/page_number",
            Some(json!("1")),
            "rjct.pagination.invalid",
        ),
    ];
    for (field, value, expected) in cases {
        let body = with(&format!("/message/search_request/1/{field}"), value.clone());
        assert_eq!(said(&body), Ok(expected.to_owned()), "{field}: {value:?}");
    }
}

#[test]
fn a_whole_page_of_bad_searches_is_refused_as_a_whole() {
    let with_bad = |bad: usize| {
        let mut body = search();
        let good = body["message"]["search_request"][0].clone();
        let mut items = vec![good.clone()];
        for number in 0..bad {
            let mut item = good.clone();
            item["reference_id"] = json!(format!("b-{number}"));
            item["timestamp"] = json!("");
            items.push(item);
        }
        body["header"]["total_count"] = json!(items.len());
        body["message"]["search_request"] = json!(items);
        body.to_string()
    };
    assert_eq!(
        said(&with_bad(100)),
        Ok("rjct.timestamp.invalid".to_owned())
    );
    let too_many = "err.request.bad rjct.errors.too_many";
    assert_eq!(said(&with_bad(101)), Err(too_many.to_owned()));
    let limit = "err.request.bad rjct.total_count.limit_exceeded";
    assert_eq!(said(&with_bad(1_000)), Err(limit.to_owned()));
}
