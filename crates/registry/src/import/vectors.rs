//! Files that others made, read by the mappings of the examples.

use std::fs;
use std::path::Path;

use chrono::DateTime;
use solidarity_core::testing::block_on;
use solidarity_core::{ActorId, Purpose, Stamp};

use super::{Import, ImportId, ImportReport, Mapping, open};
use crate::{MemoryRecordStore, RecordSearchExt};

/// The report of `file`, imported twice; `None` without vectors.
fn imported(file: &str, map: &str) -> Option<(ImportReport, ImportReport, MemoryRecordStore)> {
    let Ok(vectors) = std::env::var("SOLIDARITY_VECTORS") else {
        println!("skipped: no vectors");
        return None;
    };
    let maps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/maps");
    let mapping = Mapping::from_toml(&fs::read_to_string(maps.join(map)).unwrap()).unwrap();
    let rules = mapping.rules();
    let store = MemoryRecordStore::new(rules.clone());
    let import = Import::new(mapping, &rules, ImportId::of(file)).unwrap();
    let stamp = Stamp::new(
        DateTime::UNIX_EPOCH,
        ActorId::generate(),
        Purpose::from_static("registration"),
    );
    let path = Path::new(&vectors).join("linkage").join(file);
    let run = || block_on(import.run(open(&path).unwrap(), &store, &store, &stamp, &mut ()));
    let (first, second) = (run().unwrap(), run().unwrap());
    Some((first, second, store))
}

fn people(store: &MemoryRecordStore) -> u64 {
    let mut page = solidarity_core::Page::largest();
    let mut count = 0;
    loop {
        let people = block_on(store.list_people(&page)).unwrap();
        count += people.items().len() as u64;
        match people.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => return count,
        }
    }
}

#[test]
fn every_record_of_dev_20k_is_a_person() {
    let Some((first, second, store)) = imported("dev_20k_records.csv", "dev_20k.toml") else {
        return;
    };
    assert_eq!(
        (first.rows, first.registered, first.units_registered),
        (20_000, 20_000, 20_000)
    );
    assert_eq!(people(&store), 20_000);
    assert_eq!((second.unchanged, second.units_unchanged), (20_000, 20_000));
    let missing = |fact| first.quality.missing.get(fact).copied();
    assert_eq!(missing("sex"), Some(403));
    assert_eq!(missing("birth"), Some(1_071));
    assert_eq!(missing("phone"), Some(2_400));
    assert_eq!(missing("document"), Some(15_434));
    assert_eq!(missing("address"), Some(10_333));
}

#[test]
fn every_record_of_febrl3_is_accounted_for() {
    let Some((first, second, store)) = imported("febrl3_records.csv", "febrl3.toml") else {
        return;
    };
    assert_eq!(
        (first.rows, first.registered, first.rejected),
        (5_000, 4_959, 41)
    );
    let rule = |rule| first.rules.get(rule).copied();
    assert_eq!(rule("must be a date that there is"), Some(35));
    assert_eq!(rule("must not be empty"), Some(6));
    assert_eq!(people(&store), first.registered);
    assert_eq!(
        (second.unchanged, second.rejected),
        (first.registered, first.rejected)
    );
}
