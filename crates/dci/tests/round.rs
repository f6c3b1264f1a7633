//! What is written is what is read: nobody is sent what would be refused, and
//! what was encrypted or rejected as a whole comes through.
#![expect(clippy::unwrap_used, reason = "a test stops at the first failure")]

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use solidarity_core::testing::{Random, block_on, seed};
use solidarity_dci::json::Object;
use solidarity_dci::query::Query;
use solidarity_dci::registry::{
    PageRequest, SearchCriteria, SearchItem, SearchRequest, SearchResponse,
};
use solidarity_dci::{
    EncryptedMessage, EncryptionHeader, Envelope, ErrorCode, HeaderReason, Incoming, Opened,
    Partner, Profile, Reception, ReferenceId, Refusal, ReplyHeader, RequestHeader, SignaturePolicy,
    Status, TransactionId, Wire,
};
use solidarity_signing::{Key, KeyId, KeySet, MessageId, PartyId, SigningKey, Window};

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn sender() -> PartyId {
    PartyId::new("sp").unwrap()
}

fn key() -> SigningKey {
    SigningKey::ed25519(&[7; 32]).unwrap()
}

fn open(wire: &Wire, policy: SignaturePolicy) -> Result<Opened<'_>, Refusal> {
    let mut keys = KeySet::new(sender());
    keys.add(Key::new(key().public().clone())).unwrap();
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let reception = Reception::new(PartyId::new("sr").unwrap(), window);
    let incoming = Incoming::parse(wire.body.as_bytes(), wire.signature.as_deref())?;
    reception.open(incoming, &Partner::new(sender(), policy), &keys, now())
}

fn item(reference: &str) -> SearchItem {
    let criteria = SearchCriteria::new(Query::id("UIN", "1").unwrap());
    SearchItem::new(ReferenceId::new(reference).unwrap(), now(), criteria)
}

fn header() -> RequestHeader {
    RequestHeader::new(MessageId::new("m-1").unwrap(), now(), sender())
}

fn search(items: Vec<SearchItem>) -> Envelope<SearchRequest> {
    let message = SearchRequest::new(TransactionId::new("t-1").unwrap(), items);
    Envelope::new(header(), message)
}

#[test]
fn nobody_is_sent_what_would_be_refused() {
    let many = |count: usize| (0..count).map(|n| item(&n.to_string())).collect::<Vec<_>>();
    let mut page = item("1");
    page.search_criteria.pagination = Some(PageRequest::new(0, 1));
    for bad in [
        search(vec![]),
        search(many(1_001)),
        search(vec![item("1"), item("1")]),
        search(vec![page]),
    ] {
        assert!(bad.unsigned().is_err());
        assert!(block_on(bad.sign(Profile::Detached, &key(), now())).is_err());
    }
    for good in [search(many(1)), search(many(1_000))] {
        let wire = good.unsigned().unwrap();
        let opened = open(&wire, SignaturePolicy::None).unwrap();
        assert!(opened.read::<SearchRequest>().is_ok());
    }
}

/// `read` refuses what `read_items` sets apart.
#[test]
fn the_same_request_twice_is_found_either_way() {
    let mut json = serde_json::to_value(search(vec![item("1")]).unsigned().unwrap().body).unwrap();
    json = serde_json::from_str(json.as_str().unwrap()).unwrap();
    let items = json.pointer_mut("/message/search_request").unwrap();
    let again = items.get(0).unwrap().clone();
    items.as_array_mut().unwrap().push(again);
    *json.pointer_mut("/header/total_count").unwrap() = json!(2);
    let body = json.to_string();
    let open = || {
        let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
        let reception = Reception::new(PartyId::new("sr").unwrap(), window);
        let partner = Partner::new(sender(), SignaturePolicy::None);
        let incoming = Incoming::parse(body.as_bytes(), None).unwrap();
        reception
            .open(incoming, &partner, &KeySet::new(sender()), now())
            .unwrap()
    };
    let refusal = open().read::<SearchRequest>().unwrap_err();
    let said = "`message.search_request[1].reference_id` must be new";
    assert_eq!(refusal.fault().to_string(), said);
    let received = open().read_items::<SearchRequest>().unwrap();
    assert_eq!(received.message.search_request.len(), 1);
    assert_eq!(received.rejected.first().unwrap().fault.to_string(), said);
}

#[test]
fn an_encrypted_message_is_read_with_what_its_caller_decrypts() {
    let plain = serde_json::to_string(&json!({
        "transaction_id": "t-1",
        "search_request": [serde_json::to_value(item("1")).unwrap()],
    }))
    .unwrap();
    let long = "x".repeat(100_000);
    let encrypted = |ciphertext: &str| {
        let header = EncryptionHeader::new("RSA-OAEP-256", "A256GCM", "key");
        EncryptedMessage::new(header, "k", "i", ciphertext, "t")
    };
    let envelope = Envelope::<SearchRequest>::encrypted(header(), encrypted(&long), 1);
    assert!(!format!("{envelope:?}").contains("xxx"));
    let policy = SignaturePolicy::Required(Profile::Token);
    let wire = block_on(envelope.sign(Profile::Token, &key(), now())).unwrap();

    // It is not read for what it is not.
    let refusal = open(&wire, policy)
        .unwrap()
        .read::<SearchRequest>()
        .unwrap_err();
    assert_eq!(refusal.code(), &ErrorCode::EncryptionInvalid);
    let opened = open(&wire, policy).unwrap();
    let (_, message) = opened.read_encrypted::<SearchRequest>().unwrap();
    assert_eq!(message.ciphertext, long);
    let received = opened
        .decrypted(plain.as_bytes())
        .unwrap()
        .read::<SearchRequest>()
        .unwrap();
    assert_eq!(received.message.search_request.len(), 1);

    let refusal = open(&wire, policy).unwrap().decrypted(b"{").unwrap_err();
    assert_eq!(refusal.code(), &ErrorCode::EncryptionInvalid);
    let clear = search(vec![item("1")]).unsigned().unwrap();
    let opened = open(&clear, SignaturePolicy::None).unwrap();
    let refusal = opened.read_encrypted::<SearchRequest>().unwrap_err();
    assert_eq!(refusal.code(), &ErrorCode::EncryptionInvalid);
}

#[test]
fn the_rejection_of_a_whole_request_is_a_header() {
    let id = MessageId::new("m-1").unwrap();
    let header = ReplyHeader::new(id, now(), sender(), Status::Received);
    let reason = HeaderReason::VersionInvalid;
    let envelope = Envelope::<SearchResponse>::rejection(header, reason.clone());
    for profile in [Profile::Digest, Profile::Token, Profile::Detached] {
        let wire = block_on(envelope.sign(profile, &key(), now())).unwrap();
        let opened = open(&wire, SignaturePolicy::Required(profile)).unwrap();
        let read = opened.read_rejection::<SearchResponse>().unwrap().unwrap();
        assert_eq!(read.status_reason_code, Some(reason.clone()));
        assert!(opened.read::<SearchResponse>().is_err());
    }
    // Whoever says nothing has not rejected anything.
    let mut wire = envelope.unsigned().unwrap();
    wire.body = wire.body.replace("rjct\"", "succ\"");
    let opened = open(&wire, SignaturePolicy::None).unwrap();
    assert!(opened.read_rejection::<SearchResponse>().is_err());
}

#[test]
fn a_digest_is_not_made_of_names_that_split_it() {
    for (party, id) in [("s|p", "k"), ("s\"p", "k"), ("sp", "a|b"), ("sp", "a\"b")] {
        let party = PartyId::new(party).unwrap();
        let key = key().with_id(KeyId::new(id).unwrap());
        let header = RequestHeader::new(MessageId::new("m-1").unwrap(), now(), party);
        let message = SearchRequest::new(TransactionId::new("t-1").unwrap(), vec![item("1")]);
        let envelope = Envelope::new(header, message);
        assert!(block_on(envelope.sign(Profile::Digest, &key, now())).is_err());
        assert!(block_on(envelope.sign(Profile::Detached, &key, now())).is_ok());
    }
}

/// Numbers keep their digits, whatever reads them, and a digest over them
/// holds.
#[test]
fn numbers_are_read_as_they_are_written() {
    let mut random = Random::new(seed());
    for _ in 0..2_000 {
        let number = f64::from_bits(random.next());
        if !number.is_finite() || number.abs() > 9e15 {
            continue;
        }
        let meta = json!({ "number": number });
        let mut header = header();
        header.meta = Some(Object::new(meta.as_object().unwrap().clone()));
        let message = SearchRequest::new(TransactionId::new("t-1").unwrap(), vec![item("1")]);
        let wire = block_on(Envelope::new(header, message).sign(Profile::Digest, &key(), now()));
        let wire = wire.unwrap();
        let opened = open(&wire, SignaturePolicy::Required(Profile::Digest)).unwrap();
        let received = opened.read::<SearchRequest>().unwrap();
        let read = received.header.meta.unwrap();
        let read = read.expose().get("number").unwrap().as_f64().unwrap();
        assert!(read.to_bits() == number.to_bits(), "{number:e}");
    }
}
