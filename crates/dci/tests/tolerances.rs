//! Each tolerance: refused without it, read with it, and reported.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure"
)]

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use solidarity_core::testing::block_on;
use solidarity_dci::data::{Group, Member, Person};
use solidarity_dci::json::Object;
use solidarity_dci::registry::{
    SearchRequest, SearchResponse, SubscribeResponse, TxnStatusRequest, UnsubscribeRequest,
};
use solidarity_dci::{
    Deviation, Incoming, Leniency, Message, Partner, Profile, Reception, Refusal, SignaturePolicy,
    Tolerance, disburse, mapper,
};
use solidarity_signing::jws::Draft;
use solidarity_signing::{Key, KeySet, PartyId, SigningKey, Window};

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn receive<M: Message>(body: &Value, leniency: Leniency) -> Result<Vec<Deviation>, Refusal> {
    let sender = PartyId::new("sp").unwrap();
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let reception = Reception::new(PartyId::new("sr").unwrap(), window);
    let partner = Partner::new(sender.clone(), SignaturePolicy::None).with_leniency(leniency);
    let body = body.to_string();
    let incoming = Incoming::parse(body.as_bytes(), None)?;
    let opened = reception.open(incoming, &partner, &KeySet::new(sender), now())?;
    opened.read::<M>().map(|received| received.deviations)
}

fn search() -> Value {
    json!({
        "header": {
            "message_id": "m-1", "message_ts": "1970-01-01T00:00:00Z", "action": "search",
            "sender_id": "sp", "total_count": 1,
        },
        "message": {
            "transaction_id": "t-1",
            "search_request": [{
                "reference_id": "r-1",
                "timestamp": "1970-01-01T00:00:00Z",
                "search_criteria": {
                    "query_type": "predicate",
                    "query": [{"expression1": {
                        "attribute_name": "age", "operator": "ge", "attribute_value": "60",
                    }}],
                },
            }],
        },
    })
}

fn answer() -> Value {
    json!({
        "header": {
            "message_id": "m-1", "message_ts": "1970-01-01T00:00:00Z", "action": "on-search",
            "status": "succ",
        },
        "message": {
            "transaction_id": "t-1",
            "correlation_id": "c-1",
            "search_response": [{
                "reference_id": "r-1", "timestamp": "1970-01-01T00:00:00Z", "status": "succ",
            }],
        },
    })
}

/// `body` with what is at `pointer` replaced.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        _ => parent[name] = value,
    }
    body
}

/// Refused by whoever allows all but `tolerance`, and read by whoever allows
/// nothing else, who reports it at `path` and nothing besides.
fn only<M: Message>(body: &Value, tolerance: Tolerance, path: &str) {
    let refused = receive::<M>(body, Leniency::all().without(tolerance));
    assert!(refused.is_err(), "{tolerance:?} is not needed at {path}");
    let met = receive::<M>(body, Leniency::none().with(tolerance)).unwrap();
    let met: Vec<_> = met
        .iter()
        .map(|d| (d.tolerance, d.path.to_string()))
        .collect();
    assert_eq!(met, [(tolerance, format!("`{path}`"))]);
}

#[test]
fn what_is_as_the_standard_has_it_deviates_in_nothing() {
    for leniency in [Leniency::none(), Leniency::all()] {
        assert_eq!(receive::<SearchRequest>(&search(), leniency), Ok(vec![]));
        assert_eq!(receive::<SearchResponse>(&answer(), leniency), Ok(vec![]));
    }
}

#[test]
fn each_tolerance_is_refused_without_it_and_reported_with_it() {
    const ITEM: &str = "/message/search_request/0";
    let criteria = format!("{ITEM}/search_criteria");
    let item_path = "message.search_request[0]";
    let request = |at: &str, value: Value| with(search(), at, value);

    let number = request("/header/total_count", json!("1"));
    only::<SearchRequest>(&number, Tolerance::NumbersAsText, "header.total_count");
    let text = request("/message/transaction_id", json!(17));
    only::<SearchRequest>(&text, Tolerance::TextAsNumbers, "message.transaction_id");
    let boolean = request("/header/is_msg_encrypted", json!("0"));
    only::<SearchRequest>(
        &boolean,
        Tolerance::BooleansAsText,
        "header.is_msg_encrypted",
    );
    for (at, path) in [
        ("/header/meta".to_owned(), "header.meta".to_owned()),
        (
            "/header/sender_uri".to_owned(),
            "header.sender_uri".to_owned(),
        ),
        (
            format!("{criteria}/consent"),
            format!("{item_path}.search_criteria.consent"),
        ),
        (
            format!("{criteria}/query/0/expression2"),
            format!("{item_path}.search_criteria.query[0].expression2"),
        ),
    ] {
        only::<SearchRequest>(&request(&at, json!("")), Tolerance::EmptyForAbsent, &path);
        only::<SearchRequest>(&request(&at, json!(null)), Tolerance::NullForAbsent, &path);
    }
    let empty = request(&format!("{ITEM}/reference_id"), json!(""));
    only::<SearchRequest>(
        &empty,
        Tolerance::EmptyIds,
        &format!("{item_path}.reference_id"),
    );
    let mut single = search();
    single["message"]["search_request"] = search()["message"]["search_request"][0].clone();
    only::<SearchRequest>(&single, Tolerance::SingleForList, "message.search_request");
    let time = request(&format!("{ITEM}/timestamp"), json!("1970-01-01T00:00:00"));
    only::<SearchRequest>(
        &time,
        Tolerance::TimesWithoutOffset,
        &format!("{item_path}.timestamp"),
    );
    let locale = request(&format!("{ITEM}/locale"), json!("EN/GB"));
    only::<SearchRequest>(
        &locale,
        Tolerance::LocaleSpelling,
        &format!("{item_path}.locale"),
    );
    let operator = request(
        &format!("{criteria}/query/0/expression1/operator"),
        json!("gte"),
    );
    let path = format!("{item_path}.search_criteria.query[0].expression1.operator");
    only::<SearchRequest>(&operator, Tolerance::ValueSpelling, &path);

    let action = with(answer(), "/header/action", json!("search"));
    only::<SearchResponse>(&action, Tolerance::ActionOfRequest, "header.action");

    let misspelt = json!({
        "header": with(search(), "/header/action", json!("unsubscribe"))["header"],
        "message": {
            "transaction_id": "t-1", "timesstamp": "1970-01-01T00:00:00Z",
            "subscription_codes": ["s-1"],
        },
    });
    only::<UnsubscribeRequest>(&misspelt, Tolerance::Misspellings, "message.timesstamp");
}

/// The standard declares the header of requests for two of its replies.
#[test]
fn a_reply_may_lack_its_status_only_where_the_standard_says_so() {
    let subscribed = json!({
        "header": with(search(), "/header/action", json!("on-subscribe"))["header"],
        "message": {
            "transaction_id": "t-1", "correlation_id": "c-1",
            "subscribe_response": [{
                "reference_id": "r-1", "timestamp": "1970-01-01T00:00:00Z", "status": "succ",
            }],
        },
    });
    assert_eq!(
        receive::<SubscribeResponse>(&subscribed, Leniency::none()),
        Ok(vec![])
    );
    let mut found = answer();
    found["header"].as_object_mut().unwrap().remove("status");
    let refusal = receive::<SearchResponse>(&found, Leniency::all()).unwrap_err();
    assert_eq!(refusal.fault().to_string(), "`header.status` is required");
}

/// What is met within what is read later is reported with the whole way to it.
#[test]
fn a_deviation_within_a_status_has_its_field() {
    let header = |action: &str| with(search(), "/header/action", json!(action))["header"].clone();
    let asked = json!({
        "header": header("txn-status"),
        "message": {
            "transaction_id": "t-1",
            "txnstatus_request": {
                "reference_id": "r-1", "txn_type": "link",
                "attribute_type": "reference_id_list", "attribute_value": "r-1",
            },
        },
    });
    let path = "message.txnstatus_request.attribute_value";
    only::<mapper::TxnStatusRequest>(&asked, Tolerance::SingleForList, path);
    let disbursed = with(
        asked,
        "/message/txnstatus_request/txn_type",
        json!("disburse"),
    );
    only::<disburse::TxnStatusRequest>(&disbursed, Tolerance::SingleForList, path);
    let found = with(
        disbursed,
        "/message/txnstatus_request/txn_type",
        json!("search"),
    );
    only::<TxnStatusRequest>(&found, Tolerance::SingleForList, path);
}

#[test]
fn records_are_read_as_partners_write_them() {
    let read = |record: Value, leniency: Leniency| {
        let record: Object = serde_json::from_value(record).unwrap();
        record
            .read::<Member>(&leniency)
            .map(|read| (read.value, read.deviations))
    };
    let wrapped = json!({"demographic_info": {"person": {"sex": "female"}}});
    let allowed = Leniency::none().with(Tolerance::WrappedObjects);
    let (member, met) = read(wrapped.clone(), allowed).unwrap();
    assert!(member.demographic_info.unwrap().sex.is_some());
    assert_eq!(met[0].to_string(), "`demographic_info`: WrappedObjects");
    let (strict, _) = read(wrapped, Leniency::none()).unwrap();
    assert!(strict.demographic_info.unwrap().sex.is_none());

    // An object of nothing, for a list of nothing; a list of one for one.
    let empty = json!({"related_person": {}, "demographic_info": [{"sex": "female"}]});
    assert!(read(empty.clone(), Leniency::none()).is_err());
    let (member, met) = read(empty, Leniency::all()).unwrap();
    assert!(member.related_person.is_empty() && member.demographic_info.is_some());
    let mut tolerated: Vec<_> = met.iter().map(|d| d.tolerance).collect();
    tolerated.sort_unstable();
    assert_eq!(
        tolerated,
        [Tolerance::EmptyForAbsent, Tolerance::ListForSingle]
    );

    let group: Object = serde_json::from_value(json!({"group_size": "3"})).unwrap();
    assert!(group.read::<Group>(&Leniency::none()).is_err());
    assert_eq!(
        group
            .read::<Group>(&Leniency::all())
            .unwrap()
            .value
            .group_size,
        Some(3)
    );
}

/// What the standard leaves open is kept to the letter, whatever is tolerated.
#[test]
fn what_is_open_is_kept_as_it_is() {
    let open = json!({"timesstamp": "", "timestamp": null, "famer_personal_details": {"a": "1"}});
    let mut body = with(search(), "/header/meta", open.clone());
    body["message"]["new"] = json!({"timesstamp": 1, "timesatmp": 2, "a name": {"timesatmp": ""}});
    let new = body["message"]["new"].clone();
    let sender = PartyId::new("sp").unwrap();
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let partner =
        Partner::new(sender.clone(), SignaturePolicy::None).with_leniency(Leniency::all());
    let text = body.to_string();
    let opened = Reception::new(PartyId::new("sr").unwrap(), window).open(
        Incoming::parse(text.as_bytes(), None).unwrap(),
        &partner,
        &KeySet::new(sender),
        now(),
    );
    let received = opened.unwrap().read::<SearchRequest>().unwrap();
    assert_eq!(serde_json::to_value(received.header.meta).unwrap(), open);
    assert_eq!(received.message.other.expose()["new"], new);
    assert_eq!(received.deviations, []);
    // A field that both spellings name is read once, and nothing is lost.
    let both = json!({"timestamp": "1", "timesstamp": "2"});
    let record: Object = serde_json::from_value(both).unwrap();
    let person = record.read::<Person>(&Leniency::all()).unwrap().value;
    assert_eq!(person.other.expose().len(), 2);
}

/// A body that was written anew after it was signed, as two programs do it.
#[test]
fn a_rewritten_body_is_believed_only_where_that_is_agreed() {
    let key = SigningKey::ed25519(&[7; 32]).unwrap();
    let sender = PartyId::new("sp").unwrap();
    let mut keys = KeySet::new(sender.clone());
    keys.add(Key::new(key.public().clone())).unwrap();
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let reception = Reception::new(PartyId::new("sr").unwrap(), window);
    let body = with(search(), "/header/meta", json!({"note": "\u{e9}"}));
    let plain = body.to_string();
    let ascii = plain.replace('\u{e9}', "\\u00e9");
    let sent = serde_json::to_string_pretty(&body).unwrap();
    for signed in [&plain, &ascii] {
        let token = block_on(Draft::detached(signed.as_bytes()).sign(&key)).unwrap();
        let receive = |leniency| {
            let policy = SignaturePolicy::Required(Profile::Detached);
            let partner = Partner::new(sender.clone(), policy).with_leniency(leniency);
            let incoming = Incoming::parse(sent.as_bytes(), Some(&token))?;
            let opened = reception.open(incoming, &partner, &keys, now())?;
            opened
                .read::<SearchRequest>()
                .map(|received| received.deviations)
        };
        assert!(receive(Leniency::all().without(Tolerance::RewrittenBody)).is_err());
        let met = receive(Leniency::none().with(Tolerance::RewrittenBody)).unwrap();
        assert_eq!(met.len(), 1);
        assert_eq!(met[0].tolerance, Tolerance::RewrittenBody);
    }
}
