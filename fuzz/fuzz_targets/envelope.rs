//! Bytes as the body of a message: the first says of which, the rest is what
//! comes over the wire.

#![no_main]

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use libfuzzer_sys::fuzz_target;
use solidarity_dci::registry::{dr, ibr};
use solidarity_dci::{
    Ack, Batch, Envelope, Incoming, Leniency, Message, Partner, Profile, Reception, Refusal,
    SignaturePolicy, disburse, mapper, registry,
};
use solidarity_signing::{Key, KeySet, PartyId, SigningKey, Window};

/// The receiver, the time and the sender of the seeds.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

static RECEPTION: LazyLock<Reception> = LazyLock::new(|| {
    let window = Window::new(TimeDelta::days(31), TimeDelta::days(31)).expect("a window");
    Reception::new(PartyId::new("sr").expect("an id"), window)
});

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let key = SigningKey::ed25519(&[7; 32]).expect("a key");
    let mut keys = KeySet::new(PartyId::new("sp").expect("an id"));
    keys.add(Key::new(key.public().clone())).expect("room");
    keys
});

fn partner(policy: SignaturePolicy, leniency: Leniency) -> Partner {
    Partner::new(KEYS.owner().clone(), policy).with_leniency(leniency)
}

fn read<M: Message>(body: &[u8], partner: &Partner) -> Result<(M::Header, M), Refusal> {
    let incoming = Incoming::parse(body, None)?;
    let opened = RECEPTION.open(incoming, partner, &KEYS, now())?;
    opened.read::<M>().map(|received| (received.header, received.message))
}

/// Refused with a reason, or read; and what was read is written and read the
/// same. Nothing of it passes for signed.
fn whole<M: Message>(body: &[u8]) {
    for leniency in [Leniency::none(), Leniency::all()] {
        let partner = partner(SignaturePolicy::None, leniency);
        match read::<M>(body, &partner) {
            Ok((header, message)) => {
                drop(format!("{header:?} {message:?}", header = header_of(&header)));
                let written = Envelope::<M>::new(header, message.clone()).unsigned();
                let wire = match written {
                    Ok(wire) => wire,
                    // A query is kept as it came; it is not sent on so.
                    Err(_) if leniency == Leniency::all() => continue,
                    Err(error) => panic!("what was read cannot be written: {error}"),
                };
                let (_, again) = read::<M>(wire.body.as_bytes(), &partner).expect("read again");
                assert_eq!(again, message);
            }
            Err(refusal) => drop(refusal.to_string()),
        }
    }
    for profile in [Profile::Digest, Profile::Token, Profile::Detached] {
        let partner = partner(SignaturePolicy::Required(profile), Leniency::all());
        assert!(read::<M>(body, &partner).is_err(), "nobody has signed this");
    }
}

fn header_of<H: solidarity_dci::Header>(header: &H) -> String {
    serde_json::to_string(header).expect("a header")
}

/// The same; and item by item as much is read, or more.
fn each<M: Batch>(body: &[u8]) {
    whole::<M>(body);
    for leniency in [Leniency::none(), Leniency::all()] {
        let partner = partner(SignaturePolicy::None, leniency);
        let Ok(incoming) = Incoming::parse(body, None) else {
            return;
        };
        let Ok(opened) = RECEPTION.open(incoming, &partner, &KEYS, now()) else {
            return;
        };
        let by_item = opened.read_items::<M>();
        if let Ok((_, message)) = read::<M>(body, &partner) {
            let by_item = by_item.expect("whole, and so item by item");
            let read = by_item.message.items().len() + by_item.rejected.len();
            assert_eq!(read, message.items().len());
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, body)) = data.split_first() else {
        return;
    };
    match kind {
        b'a' => each::<registry::SearchRequest>(body),
        b'b' => each::<registry::SearchResponse>(body),
        b'c' => each::<registry::SubscribeRequest>(body),
        b'd' => each::<registry::SubscribeResponse>(body),
        b'e' => each::<registry::NotifyEventRequest>(body),
        b'f' => whole::<registry::UnsubscribeRequest>(body),
        b'g' => whole::<registry::UnsubscribeResponse>(body),
        b'h' => whole::<registry::TxnStatusRequest>(body),
        b'i' => whole::<registry::TxnStatusResponse>(body),
        b'j' => whole::<ibr::EnrolledRequest>(body),
        b'k' => whole::<ibr::EnrolledResponse>(body),
        b'l' => whole::<ibr::EnrollmentUpdatesRequest>(body),
        b'm' => whole::<dr::DisabledRequest>(body),
        b'n' => whole::<dr::GetDisabilitySupportResponse>(body),
        b'o' => each::<mapper::LinkRequest>(body),
        b'p' => each::<mapper::ResolveRequest>(body),
        b'q' => each::<mapper::ResolveResponse>(body),
        b'r' => whole::<mapper::TxnStatusRequest>(body),
        b's' => each::<disburse::DisburseRequest>(body),
        b't' => each::<disburse::DisburseResponse>(body),
        _ => {
            for leniency in [Leniency::none(), Leniency::all()] {
                if let Ok(ack) = Ack::read(body, &leniency) {
                    let written = serde_json::to_string(&ack.value).expect("an acknowledgement");
                    let again = Ack::read(written.as_bytes(), &leniency).expect("read again");
                    assert_eq!(again.value, ack.value);
                }
            }
        }
    }
});
