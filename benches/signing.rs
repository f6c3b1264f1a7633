//! Checks of a compact JWS per second, beside the bare check of its signature
//! over the same bytes: what the header, the key's standing and base64 cost.
//!
//! `cargo bench -p solidarity-benches --bench signing`
#![expect(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a benchmark stops at the first failure, and measures"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::DateTime;
use criterion::{Criterion, Throughput};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256};
use solidarity_signing::jws::{Draft, Rules};
use solidarity_signing::{Key, KeySet, PartyId, SigningKey};

/// The bytes of a message of an ordinary size: a search with its envelope.
const PAYLOAD_BYTES: usize = 1_500;

const ROUNDS: u32 = 300;

struct Case {
    name: &'static str,
    token: String,
    keys: KeySet,
    bare: Box<dyn Fn()>,
}

fn keys(key: &SigningKey) -> KeySet {
    let mut keys = KeySet::new(PartyId::new("registry.example").unwrap());
    keys.add(Key::new(key.public().clone())).unwrap();
    keys
}

/// The bytes that are signed, and the signature, from the library's own types.
fn cases() -> [Case; 2] {
    let payload = vec![b'x'; PAYLOAD_BYTES];
    let token = |key: &SigningKey| Draft::compact(&payload).sign_with(key).unwrap();
    let signed = |token: &str| token.rsplit_once('.').unwrap().0.as_bytes().to_vec();

    let seed = [7; 32];
    let ed = SigningKey::ed25519(&seed).unwrap();
    let ed_token = token(&ed);
    let input = signed(&ed_token);
    let signature = ed25519_dalek::Signature::from_slice(&ed.sign_bytes(&input).unwrap()).unwrap();
    let there = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    // As a receiver has it: read from its bytes.
    let there = ed25519_dalek::VerifyingKey::from_bytes(there.as_bytes()).unwrap();
    let ed_bare = move || there.verify_strict(black_box(&input), &signature).unwrap();

    let ec = SigningKey::es256(&seed).unwrap();
    let ec_token = token(&ec);
    let input = signed(&ec_token);
    let signature = p256::ecdsa::Signature::from_slice(&ec.sign_bytes(&input).unwrap()).unwrap();
    let there = *p256::ecdsa::SigningKey::from_slice(&seed)
        .unwrap()
        .verifying_key();
    let ec_bare = move || {
        let digest = Sha256::digest(black_box(&input));
        there.verify_prehash(&digest, &signature).unwrap();
    };
    [
        Case {
            name: "Ed25519",
            keys: keys(&ed),
            token: ed_token,
            bare: Box::new(ed_bare),
        },
        Case {
            name: "ES256",
            keys: keys(&ec),
            token: ec_token,
            bare: Box::new(ec_bare),
        },
    ]
}

impl Case {
    fn verify(&self) {
        let verified =
            Rules::new().verify_compact(black_box(&self.token), &self.keys, DateTime::UNIX_EPOCH);
        black_box(verified.unwrap());
    }
}

/// The best time of each, measured by turns, so that what else the machine
/// does falls on both.
fn best_by_turns(one: impl Fn(), other: impl Fn()) -> [Duration; 2] {
    let time = |work: &dyn Fn()| {
        let began = Instant::now();
        (0..ROUNDS).for_each(|_| work());
        began.elapsed() / ROUNDS
    };
    let turns = (0..30).map(|_| [time(&one), time(&other)]);
    turns.fold([Duration::MAX; 2], |best, turn| {
        [best[0].min(turn[0]), best[1].min(turn[1])]
    })
}

fn main() {
    let cases = cases();
    for case in &cases {
        let [whole, bare] = best_by_turns(|| case.verify(), || (case.bare)());
        println!(
            "{}: a JWS of {PAYLOAD_BYTES} bytes in {whole:?}, the bare check in {bare:?}: {:.3} of its rate",
            case.name,
            bare.as_secs_f64() / whole.as_secs_f64(),
        );
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("signing");
    group.throughput(Throughput::Elements(1));
    for case in &cases {
        group.bench_function(format!("{} JWS", case.name), |bench| {
            bench.iter(|| case.verify());
        });
        group.bench_function(format!("{} bare", case.name), |bench| {
            bench.iter(|| (case.bare)());
        });
    }
    group.finish();
    criterion.final_summary();
}
