//! Envelopes verified and read per second, beside the least that anyone must
//! do: the bare check of the signature, over the bytes that the profile has
//! signed, and one typed parse by `serde_json`.
//!
//! The bytes that are signed are made from the body on both sides: base64url of
//! it for a detached JWS, the digest of its canonical form for a digest. A
//! second ratio is to a check whose bytes lie ready.
//!
//! `cargo bench -p solidarity-benches --bench dci`
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    reason = "a benchmark stops at the first failure, and measures"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta};
use criterion::{Criterion, Throughput};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use solidarity_core::testing::block_on;
use solidarity_dci::query::Query;
use solidarity_dci::registry::{
    PageRequest, SearchCriteria, SearchData, SearchItem, SearchRequest, SearchResponse,
    SearchResponseItem, Sort, SortOrder,
};
use solidarity_dci::{
    CorrelationId, Envelope, Incoming, Message, Partner, Profile, Reception, ReferenceId,
    ReplyHeader, RequestHeader, SignaturePolicy, Status, Term, TransactionId, Wire,
};
use solidarity_signing::{Key, KeySet, MessageId, PartyId, SigningKey, Window};

const ROUNDS: u32 = 100;
const TURNS: u32 = 64;
const SEED: [u8; 32] = [7; 32];
const NOW: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;

/// What a careless receiver reads: the same types, and nothing else.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, and dropped")]
struct Plain<H, M> {
    signature: Option<String>,
    header: H,
    message: M,
}

struct Case {
    name: String,
    bytes: usize,
    whole: Box<dyn Fn()>,
    /// The bytes that are signed are made, checked, and the body is parsed.
    bare: Box<dyn Fn()>,
    /// The same, with those bytes at hand.
    ready: Box<dyn Fn()>,
}

fn party(name: &str) -> PartyId {
    PartyId::new(name).unwrap()
}

/// A search of three conditions, with all that a registry may ask for.
fn search() -> Envelope<SearchRequest> {
    let mut criteria = SearchCriteria::new(Query::id("UIN", "TEST-001").unwrap());
    criteria.reg_type = Some(Term::new("ns:org:RegistryType:Social").unwrap());
    criteria.sort = vec![Sort::new(
        Term::new("birth_date").unwrap(),
        SortOrder::Ascending,
    )];
    criteria.pagination = Some(PageRequest::new(10, 1));
    let item = |id: &str| SearchItem::new(ReferenceId::new(id).unwrap(), NOW, criteria.clone());
    let items = ["1", "2", "3"].map(item).to_vec();
    let header = RequestHeader::new(MessageId::new("m-1").unwrap(), NOW, party("sender.example"));
    let message = SearchRequest::new(TransactionId::new("t-1").unwrap(), items);
    Envelope::new(header.to(party("receiver.example")), message)
}

/// Ten people, as a register gives them.
fn found() -> Envelope<SearchResponse> {
    let record = |number: u32| {
        serde_json::from_value(serde_json::json!({
            "@type": "Person",
            "identifier": [{"identifier_type": "UIN", "identifier_value": number.to_string()}],
            "name": {"surname": "Surname", "given_name": "Given", "second_name": "Second"},
            "sex": "female",
            "birth_date": "1990-01-01",
            "address": [{"address_line_1": "1 Street", "locality": "Town", "country_code": "XX"}],
            "phone_number": ["+000000000"],
            "registration_date": "2020-01-01T00:00:00Z",
        }))
        .unwrap()
    };
    let data = SearchData::list(Term::new("Person").unwrap(), (0..10).map(record).collect());
    let item = SearchResponseItem::found(ReferenceId::new("1").unwrap(), NOW, data);
    let header = ReplyHeader::new(
        MessageId::new("m-2").unwrap(),
        NOW,
        party("sender.example"),
        Status::Succeeded,
    );
    let message = SearchResponse::new(
        TransactionId::new("t-1").unwrap(),
        CorrelationId::new("c-1").unwrap(),
        vec![item],
    );
    Envelope::new(header.to(party("receiver.example")), message)
}

/// Makes the bytes that are signed from a body.
type Signed = Box<dyn Fn(&str) -> Vec<u8>>;

/// A signature, and how the bytes that it is over are made from a body.
struct Bare {
    signature: ed25519_dalek::Signature,
    signed: Signed,
}

fn bare(profile: Profile, wire: &Wire) -> Bare {
    let text = || {
        let body: serde_json::Value = serde_json::from_str(&wire.body).unwrap();
        body["signature"].as_str().unwrap().to_owned()
    };
    let (bytes, signed): (_, Signed) = match profile {
        Profile::Detached => {
            let token = wire.signature.as_deref().unwrap();
            let (header, signature) = token.split_once("..").unwrap();
            let start = format!("{header}.");
            let signed = move |body: &str| {
                let mut signed = start.clone();
                URL_SAFE_NO_PAD.encode_string(body, &mut signed);
                signed.into_bytes()
            };
            (URL_SAFE_NO_PAD.decode(signature).unwrap(), Box::new(signed))
        }
        Profile::Token => {
            let token = text();
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let signed = signed.as_bytes().to_vec();
            // The payload is read from its base64url too.
            let decode = move |_: &str| {
                let payload = signed.rsplit(|byte| *byte == b'.').next().unwrap();
                black_box(URL_SAFE_NO_PAD.decode(payload).unwrap());
                signed.clone()
            };
            (signature, Box::new(decode))
        }
        Profile::Digest => {
            let text = text();
            let part = |name: &str| {
                let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
                rest.split_once('"').unwrap().0.to_owned()
            };
            let start = format!(
                "(created): {}\n(expires): {}\ndigest: ",
                part("created"),
                part("expires")
            );
            let signed = move |body: &str| {
                let mut body: serde_json::Map<_, _> = serde_json::from_str(body).unwrap();
                body.remove("signature");
                let digest = Sha256::digest(serde_json::to_string(&body).unwrap());
                format!("{start}{}", STANDARD.encode(digest)).into_bytes()
            };
            (
                STANDARD.decode(part(", signature")).unwrap(),
                Box::new(signed),
            )
        }
    };
    Bare {
        signature: ed25519_dalek::Signature::from_slice(&bytes).unwrap(),
        signed,
    }
}

fn case<M: Message + 'static>(what: &str, profile: Profile, envelope: &Envelope<M>) -> Case {
    let key = SigningKey::ed25519(&SEED).unwrap();
    let wire = block_on(envelope.sign(profile, &key, NOW)).unwrap();
    let mut keys = KeySet::new(party("sender.example"));
    keys.add(Key::new(key.public().clone())).unwrap();
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let reception = Reception::new(party("receiver.example"), window);
    let partner = Partner::new(party("sender.example"), SignaturePolicy::Required(profile));

    let Bare { signature, signed } = bare(profile, &wire);
    let there = ed25519_dalek::SigningKey::from_bytes(&SEED).verifying_key();
    let there = ed25519_dalek::VerifyingKey::from_bytes(there.as_bytes()).unwrap();
    let body = wire.body.clone();
    let bytes = body.len();
    let (ready, text) = (signed(&body), body.clone());
    Case {
        name: format!("{what}, {profile:?}"),
        bytes,
        ready: Box::new(move || {
            there.verify_strict(black_box(&ready), &signature).unwrap();
            let plain: Plain<M::Header, M> = serde_json::from_str(black_box(&text)).unwrap();
            black_box(plain);
        }),
        bare: Box::new(move || {
            let signed = signed(black_box(&body));
            there.verify_strict(&signed, &signature).unwrap();
            let plain: Plain<M::Header, M> = serde_json::from_str(black_box(&body)).unwrap();
            black_box(plain);
        }),
        whole: Box::new(move || {
            let body = black_box(wire.body.as_bytes());
            let incoming = Incoming::parse(body, wire.signature.as_deref()).unwrap();
            let opened = reception.open(incoming, &partner, &keys, NOW).unwrap();
            black_box(opened.read::<M>().unwrap());
        }),
    }
}

/// The best time of each, measured by turns, so that what else the machine
/// does falls on all, and each turn from another depth of the stack: where its
/// frames happen to lie changes the time of an Ed25519 check by a seventh.
fn best_by_turns(works: [&dyn Fn(); 3]) -> [Duration; 3] {
    let time = |work: &dyn Fn()| {
        let began = Instant::now();
        (0..ROUNDS).for_each(|_| work());
        began.elapsed() / ROUNDS
    };
    let turns = (0..TURNS).map(|turn| works.map(|work| deeper(turn, &|| time(work))));
    turns.fold([Duration::MAX; 3], |best, turn| {
        let mut turn = turn.into_iter();
        best.map(|best| turn.next().map_or(best, |time| best.min(time)))
    })
}

/// What `work` gives, called from `depth` frames further down.
fn deeper(depth: u32, work: &dyn Fn() -> Duration) -> Duration {
    match black_box(depth) {
        0 => work(),
        more => black_box(deeper(more - 1, work)),
    }
}

fn main() {
    let profiles = [Profile::Detached, Profile::Token, Profile::Digest];
    let searches = profiles.map(|profile| case("a search", profile, &search()));
    let answers = profiles.map(|profile| case("ten records", profile, &found()));
    let cases: Vec<_> = searches.into_iter().chain(answers).collect();
    for case in &cases {
        let [whole, bare, ready] = best_by_turns([&case.whole, &case.bare, &case.ready]);
        println!(
            "{}: {} bytes verified and read in {whole:?}; bare check and parse in {bare:?}: {:.3} of its rate ({:.3} of {ready:?}, with the signed bytes at hand)",
            case.name,
            case.bytes,
            bare.as_secs_f64() / whole.as_secs_f64(),
            ready.as_secs_f64() / whole.as_secs_f64(),
        );
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("dci");
    group.throughput(Throughput::Elements(1));
    for case in &cases {
        group.bench_function(&case.name, |bench| bench.iter(|| (case.whole)()));
    }
    group.finish();
    criterion.final_summary();
}
