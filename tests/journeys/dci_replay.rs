//! A message that comes again after the receiver was restarted: class 15 of the
//! changed messages of `solidarity-dci`.

use chrono::{DateTime, TimeDelta};
use solidarity_core::testing::block_on;
use solidarity_dci::query::Query;
use solidarity_dci::registry::{SearchCriteria, SearchItem, SearchRequest};
use solidarity_dci::{
    Envelope, HeaderReason, Incoming, Partner, Profile, Reception, ReferenceId, Refusal,
    RequestHeader, SignaturePolicy, TransactionId, Wire,
};
use solidarity_signing::{
    Admission, Key, KeySet, MessageId, PartyId, ReplayGuard, SigningKey, Window,
};
use solidarity_sql::sqlite::{Database, SqliteReplayGuard};

const INSTANCES: usize = 200;

fn wire(number: usize, key: &SigningKey) -> Wire {
    let now = DateTime::UNIX_EPOCH;
    let criteria = SearchCriteria::new(Query::id("UIN", "TEST-001").unwrap());
    let item = SearchItem::new(ReferenceId::new("1").unwrap(), now, criteria);
    let search = SearchRequest::new(TransactionId::new("t-1").unwrap(), vec![item]);
    let id = MessageId::new(format!("m-{number}")).unwrap();
    let header = RequestHeader::new(id, now, PartyId::new("programme.example").unwrap());
    block_on(Envelope::new(header, search).sign(Profile::Detached, key, now)).unwrap()
}

#[test]
fn a_message_again_after_a_restart() {
    let now = DateTime::UNIX_EPOCH;
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let sender = PartyId::new("programme.example").unwrap();
    let key = SigningKey::generate_ed25519().unwrap();
    let mut keys = KeySet::new(sender.clone());
    keys.add(Key::new(key.public().clone())).unwrap();
    let partner = Partner::new(sender, SignaturePolicy::Required(Profile::Detached));
    let reception = Reception::new(PartyId::new("registry.example").unwrap(), window);
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let database = Database::open(folder.path().join("replay.db")).unwrap();
        SqliteReplayGuard::new(&database, window)
    };
    let take = |guard: &SqliteReplayGuard, wire: &Wire| {
        let incoming = Incoming::parse(wire.body.as_bytes(), wire.signature.as_deref()).unwrap();
        let opened = reception.open(incoming, &partner, &keys, now).unwrap();
        let received = opened.read::<SearchRequest>().unwrap();
        block_on(guard.take(received.arrival(), now)).unwrap()
    };
    let wires: Vec<_> = (0..INSTANCES).map(|number| wire(number, &key)).collect();
    let guard = open();
    for wire in &wires {
        assert_eq!(take(&guard, wire), Admission::Fresh);
    }
    drop(guard);
    let guard = open();
    for wire in &wires {
        assert_eq!(take(&guard, wire), Admission::AlreadyTaken);
    }
    let refusal = Refusal::of(Admission::AlreadyTaken).unwrap();
    assert_eq!(refusal.reason(), Some(&HeaderReason::MessageIdDuplicate));
}
