//! Classes 12 to 14, 16, 17, 35 and 36: a message of another time, for another
//! receiver, or under a name that only looks the same.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::json;
use solidarity_core::testing::{block_on, seed};
use solidarity_dci::registry::SearchResponse;
use solidarity_dci::{
    CorrelationId, ErrorCode, HeaderReason, Message, Refusal, Rule, TransactionId,
};
use solidarity_signing::{Admission, MemoryReplayGuard, ReplayGuard, Window};

use crate::exchange::{
    BAD_REQUEST, BAD_SIGNATURE, Exchange, INSTANCES, Sealed, class, codes, noon,
};

const WRONG_TIME: (ErrorCode, Option<HeaderReason>) =
    (ErrorCode::BadRequest, Some(HeaderReason::MessageTsInvalid));

#[test]
fn classes_12_and_13_a_message_of_another_time() {
    for past in [true, false] {
        class(|x| {
            let mut json = x.json();
            let further = TimeDelta::microseconds(i64::try_from(x.random.below(1 << 50)).unwrap());
            let at = if past {
                noon() - TimeDelta::minutes(10) - TimeDelta::microseconds(1) - further
            } else {
                noon() + TimeDelta::minutes(1) + TimeDelta::microseconds(1) + further
            };
            json["header"]["message_ts"] = json!(at.to_rfc3339_opts(SecondsFormat::Micros, true));
            (x.sealed_json(&json), WRONG_TIME)
        });
    }
    // A digest has a life of its own.
    class(|x| {
        let profile = solidarity_dci::Profile::Digest;
        let search = x.search();
        let further = TimeDelta::seconds(i64::try_from(x.random.below(1 << 30)).unwrap());
        let at = if x.random.chance(50) {
            noon() - TimeDelta::seconds(361) - further
        } else {
            noon() + TimeDelta::seconds(61) + further
        };
        let wire = block_on(search.sign(profile, &x.ed, at)).unwrap();
        (Sealed::new(wire, profile), BAD_SIGNATURE)
    });
}

#[test]
fn class_14_a_message_again() {
    let mut x = Exchange::for_tests(seed());
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let guard = MemoryReplayGuard::new(window);
    for _ in 0..INSTANCES {
        let profile = x.profile();
        let message = Sealed::new(x.signed_by(profile, |x| &x.ed), profile);
        let first = x.receive(&message).unwrap();
        assert_eq!(
            block_on(guard.take(first.arrival(), noon())).unwrap(),
            Admission::Fresh
        );
        let again = x.receive(&message).unwrap();
        let admission = block_on(guard.take(again.arrival(), noon())).unwrap();
        assert_eq!(admission, Admission::AlreadyTaken);
    }
    let expected = (
        ErrorCode::BadRequest,
        Some(HeaderReason::MessageIdDuplicate),
    );
    let refusal = Refusal::of(Admission::AlreadyTaken).unwrap();
    assert_eq!(codes(&refusal), expected);
}

#[test]
fn class_16_a_message_for_another() {
    class(|x| {
        let mut json = x.json();
        let header = json["header"].as_object_mut().unwrap();
        if x.random.chance(20) {
            header.remove("receiver_id");
        } else {
            header["receiver_id"] = json!(format!("{}.example", x.word()));
        }
        (x.sealed_json(&json), (ErrorCode::ReceiverIdInvalid, None))
    });
}

#[test]
fn class_17_an_answer_to_something_else() {
    let mut x = Exchange::for_tests(seed());
    for _ in 0..INSTANCES {
        let json = x.json()["message"].clone();
        let asked: solidarity_dci::registry::SearchRequest =
            serde_json::from_value(json.clone()).unwrap();
        let correlation = CorrelationId::new(x.word()).unwrap();
        let good: SearchResponse = serde_json::from_value(json!({
            "transaction_id": json["transaction_id"],
            "correlation_id": correlation.as_str(),
            "search_response": [{
                "reference_id": json["search_request"][0]["reference_id"],
                "timestamp": "2027-01-15T08:00:00Z",
                "status": "succ",
            }],
        }))
        .unwrap();
        good.check_answers(&asked, Some(&correlation)).unwrap();

        let mut other = good.clone();
        match x.random.below(3) {
            0 => other.transaction_id = TransactionId::new(x.word()).unwrap(),
            1 => other.correlation_id = CorrelationId::new(x.word()).unwrap(),
            _ => {
                let item = &mut other.search_response[0];
                item.reference_id = solidarity_dci::ReferenceId::new(x.word()).unwrap();
            }
        }
        let fault = other.check_answers(&asked, Some(&correlation)).unwrap_err();
        assert_eq!(fault.rule(), Rule::WrongAnswer);
        let refusal = Refusal::from(fault);
        assert_eq!(codes(&refusal), BAD_REQUEST);
        assert_eq!(
            SearchResponse::ANSWERS,
            Some(solidarity_dci::Action::Search)
        );
    }
}

#[test]
fn classes_35_and_36_a_name_that_looks_the_same() {
    // A letter and its mark in two; another alphabet's, what does not show, and
    // what turns the line round.
    let decomposed: &[_] = &["programme\u{301}.example", "programmee\u{300}.example"];
    let confusable = &[
        "progr\u{430}mme.example",
        "programme\u{200b}.example",
        "\u{202e}programme.example",
        "programme.example\u{feff}",
    ];
    for names in [decomposed, confusable] {
        class(|x| {
            let mut json = x.json();
            let field = x.pick(&["sender_id", "receiver_id", "message_id"]);
            let expected = match field {
                "sender_id" => ErrorCode::SenderIdInvalid,
                "receiver_id" => ErrorCode::ReceiverIdInvalid,
                _ => ErrorCode::BadRequest,
            };
            json["header"][field] = json!(x.pick(names));
            (x.sealed_json(&json), (expected, None))
        });
    }
}

/// Class 18 again: a sender that is written so that only a lenient reader reads
/// it, as somebody else.
#[test]
fn class_18_a_sender_in_another_type() {
    class(|x| {
        let mut json = x.json();
        let word = x.word();
        json["header"]["sender_id"] = match x.random.below(4) {
            0 => json!([format!("{word}.example")]),
            1 => json!(x.random.below(1 << 40)),
            2 => json!({ "id": word }),
            _ => json!(true),
        };
        (x.sealed_json(&json), (ErrorCode::SenderIdInvalid, None))
    });
}
