//! The household file is read by the register's import.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDate};
use solidarity_core::testing::block_on;
use solidarity_core::{ActorId, PersonId, Places, Purpose, Residence, Stamp, UnitId};
use solidarity_registry::import::{Import, ImportId, ImportReport, Mapping, ReviewReason};
use solidarity_registry::{MemoryRecordStore, RecordStoreExt, Role};
use solidarity_synthetic::{Options, Population};

const ON: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();

struct Imported {
    store: MemoryRecordStore,
    id: ImportId,
    report: ImportReport,
    again: ImportReport,
}

fn imported(population: &Population) -> Imported {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/maps/synthetic.toml");
    let mapping = Mapping::from_toml(&fs::read_to_string(map).unwrap()).unwrap();
    let rules = mapping.rules();
    let store = MemoryRecordStore::new(rules.clone());
    let id = ImportId::of("synthetic");
    let import = Import::new(mapping, &rules, id).unwrap();
    let mut file = Vec::new();
    population.write_csv(&mut file).unwrap();
    let stamp = Stamp::new(
        DateTime::UNIX_EPOCH,
        ActorId::derive(&id, "actor"),
        Purpose::from_static("registration"),
    );
    let run = || block_on(import.run(file.as_slice(), &store, &store, &stamp, &mut ())).unwrap();
    let (report, again) = (run(), run());
    Imported {
        store,
        id,
        report,
        again,
    }
}

#[test]
fn every_unit_that_is_generated_is_registered() {
    // Nobody twice, so that nothing waits.
    let population = Population::new(11, Options::new(400, ON).with_duplicate_percent(0));
    let Imported {
        store,
        id,
        report,
        again,
    } = imported(&population);
    assert_eq!(
        (report.rejected, report.waiting, report.units_waiting),
        (0, 0, 0)
    );
    assert_eq!(report.units_registered, 400);
    assert_eq!(again.unchanged, report.rows);
    assert_eq!(again.units_unchanged, 400);

    let places = Places::new(report.places.clone()).unwrap();
    let mut people = HashSet::new();
    for unit in population.units() {
        let unit_id = UnitId::derive(&id, &format!("unit:{}", unit.unit_id));
        let members = block_on(store.members(unit_id, None)).unwrap();
        assert_eq!(members.len(), unit.members.len());
        let of: HashMap<PersonId, _> = members.iter().map(|m| (m.said().person, m)).collect();
        for person in &unit.members {
            let person_id = PersonId::derive(&id, &format!("person:{}", person.person_id));
            let said = block_on(store.person(person_id)).unwrap().into_said();
            let names: Vec<_> = said.names.iter().map(|n| n.full.expose().clone()).collect();
            let native = person.name.native.clone();
            assert_eq!(
                names,
                [vec![person.name.full()], native.into_iter().collect()].concat()
            );
            assert_eq!(said.born.map(|b| b.expose().stated()), person.birth);
            assert_eq!(said.safe_contact, person.contact);
            assert_eq!(said.documents.len(), usize::from(person.document.is_some()));
            let roles = &of.get(&person_id).unwrap().said().roles;
            assert_eq!(roles.contains(&Role::COLLECTOR), person.collects);
            people.insert(person_id);
        }
        let said = block_on(store.unit(unit_id)).unwrap().into_said();
        assert_eq!(said.kind.as_str(), unit.kind.word());
        match (said.residence, unit.village) {
            (Residence::At(place), Some(village)) => {
                assert_eq!(places.get(place, ON).unwrap().name, village);
            }
            (residence, None) => assert_eq!(residence, Residence::NoFixedPlace),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(report.registered, people.len() as u64);
}

#[test]
fn who_comes_twice_with_one_document_is_one_person_or_waits() {
    let population = Population::new(12, Options::new(1_500, ON).with_duplicate_percent(20));
    let Imported { report, again, .. } = imported(&population);
    assert_eq!(report.rejected, 0);
    assert!(report.revised > 0 && report.waiting > 0 && report.unchanged > 0);
    // Nobody is taken for another: what waits, waits because a fact differs.
    let reasons: BTreeSet<_> = report.reasons.into_keys().collect();
    let expected = [
        ReviewReason::NameDiffers,
        ReviewReason::BirthDiffers,
        ReviewReason::NoMember,
    ];
    assert_eq!(reasons, expected.into());
    assert_eq!(again.registered + again.revised, 0);
    assert_eq!(again.waiting, report.waiting);
}
