//! Every sample message of the standard is read, or refused for the reason
//! that the book's table gives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta};
use solidarity_dci::registry::dr::{DisabledRequest, DisabledResponse};
use solidarity_dci::registry::ibr::{EnrolledRequest, EnrollmentUpdatesRequest};
use solidarity_dci::registry::{SearchRequest, SearchResponse, SubscribeRequest};
use solidarity_dci::{
    Ack, Batch, Deviation, Incoming, Leniency, Message, Opened, Partner, Reception, Refusal,
    SignaturePolicy, Tolerance,
};
use solidarity_signing::{KeySet, PartyId, Window};

/// What was tolerated of a sample, or why it is refused.
type Outcome = Result<Vec<Tolerance>, String>;

fn samples() -> Option<PathBuf> {
    let Some(vectors) = std::env::var_os("SOLIDARITY_VECTORS") else {
        println!("skipped: no vectors");
        return None;
    };
    Some(Path::new(&vectors).join("dci/spdci-standards-sample-json"))
}

/// The samples, by folder and name. The lists of use cases are no messages.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for registry in ["social", "crvs", "ibr", "dr", "fr"] {
        for entry in std::fs::read_dir(folder.join(registry)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            if name != "usecaselist" {
                files.insert(format!("{registry}/{name}"), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// A sample, opened by a receiver that takes everything that is known from the
/// field, at the time of the message, from whom it says that it is, for whom it
/// says.
fn open(body: &[u8]) -> Result<Opened<'_>, Refusal> {
    let incoming = Incoming::parse(body, None)?;
    let json: serde_json::Value = serde_json::from_slice(body).unwrap();
    let party = |field: &str| {
        let said = json["header"][field].as_str().unwrap_or("nobody");
        PartyId::new(said).unwrap()
    };
    let said = json["header"]["message_ts"].as_str().unwrap_or_default();
    let now = DateTime::parse_from_rfc3339(said).map_or(DateTime::UNIX_EPOCH, |at| at.to_utc());
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let sender = party("sender_id");
    let partner =
        Partner::new(sender.clone(), SignaturePolicy::None).with_leniency(Leniency::all());
    let reception = Reception::new(party("receiver_id"), window);
    reception.open(incoming, &partner, &KeySet::new(sender), now)
}

fn tolerated(deviations: &[Deviation]) -> Vec<Tolerance> {
    let met: BTreeSet<_> = deviations.iter().map(|d| d.tolerance).collect();
    met.into_iter().collect()
}

fn whole<M: Message>(body: &[u8]) -> Outcome {
    let received = open(body).and_then(|opened| opened.read::<M>());
    received
        .map(|received| tolerated(&received.deviations))
        .map_err(|refusal| refusal.to_string())
}

fn each<M: Batch>(body: &[u8]) -> Outcome {
    let received = open(body).and_then(|opened| opened.read_items::<M>());
    let received = received.map_err(|refusal| refusal.to_string())?;
    match received.rejected.first() {
        Some(rejected) => Err(format!("{}: {}", rejected.reason, rejected.fault)),
        None => Ok(tolerated(&received.deviations)),
    }
}

fn acknowledgement(body: &[u8]) -> Outcome {
    Ack::read(body, &Leniency::all())
        .map(|read| tolerated(&read.deviations))
        .map_err(|refusal| refusal.to_string())
}

/// As what a sample is read: as its name says, but for a few.
fn outcome(name: &str, body: &[u8]) -> Outcome {
    match name {
        "ibr/processflow1req" => whole::<EnrollmentUpdatesRequest>(body),
        "ibr/processflow2req" => whole::<EnrolledRequest>(body),
        "dr/processflow2req" => whole::<DisabledRequest>(body),
        "dr/processflow2res" => whole::<DisabledResponse>(body),
        "dr/processflow4res" | "fr/processflow3res" => acknowledgement(body),
        "dr/processflow4req" | "fr/processflow3req" => each::<SubscribeRequest>(body),
        name if name.contains("req") => each::<SearchRequest>(body),
        _ => each::<SearchResponse>(body),
    }
}

/// The rows of the book's table: sample, and why it is refused.
fn table() -> BTreeMap<String, String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/dci_samples.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` | ").unwrap();
        let (_, refused) = rest.split_once(" | ").unwrap();
        (name.to_owned(), refused.trim_end_matches(" |").to_owned())
    })
    .collect()
}

#[test]
fn every_sample_is_read_or_in_the_books_table() {
    let Some(folder) = samples() else { return };
    let mut refused = BTreeMap::new();
    let mut read = 0;
    for (name, body) in files(&folder) {
        match outcome(&name, &body) {
            Ok(met) => {
                println!("{name}: {met:?}");
                assert!(!met.is_empty(), "{name} is as the standard has it");
                read += 1;
            }
            Err(reason) => {
                println!("| `{name}` | | {reason} |");
                refused.insert(name, reason);
            }
        }
    }
    assert_eq!(refused, table());
    assert_eq!((read, refused.len()), (22, 36));
}
