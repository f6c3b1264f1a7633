//! Whole imports into the memory store.

mod again;
mod files;
mod units;

use std::fmt::Write as _;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use solidarity_core::testing::block_on;
use solidarity_core::{
    ActorId, Change, ChangeFeed, Page, Paged, PersonId, Places, Purpose, Residence, Retry, Stamp,
    StoreFault, UnitId,
};

use super::*;
use crate::{
    AsOf, Command, EntityRef, Membership, MemoryRecordStore, Outcome, Person, RecordSearchExt,
    RecordStore, RecordStoreExt, Revision, Role, RoleRules, Rules, Unit, UnitKind,
};

const MAP: &str = r#"
effective_on = "2026-11-01"
missing = ["NA"]
[person]
id = "id"
[[names]]
column = ["given", "family"]
given = "given"
family = "family"
[sex]
column = "sex"
values = { F = "female", M = "male" }
[birth]
column = "born"
formats = ["YYYY-MM-DD", "DD/MM/YYYY", "YYYY", "age"]
age_on = "2026-11-01"
[[phones]]
column = "phone"
[[documents]]
column = "nid"
scheme = "national-id"
unique = true
[place]
country = "KE"
levels = [{ level = "district", column = "district" }, { level = "village", column = "village" }]
[unit]
id = "unit"
kind = { column = "kind", otherwise = "household" }
[membership]
role = { column = "role" }
collector = { column = "collector" }
[[attributes]]
name = "income"
column = "income"
of = "unit"
type = "money"
currency = "KES"
"#;

const COLUMNS: &str =
    "id,unit,kind,role,collector,given,family,sex,born,phone,nid,district,village,income";

const FAMILY: &str = "\
1,A,,head,no,Tuti,,F,1984,0712,,Kwale,Mji,10.50
2,A,,spouse,yes,Eko,Said,M,12/05/1980,0712,N2,Kwale,Mji,
3,A,,child,,Asha,Said,F,7,,,Kwale,Mji,NA
4,,,,,Juma,,,,,,,,
";

fn file(rows: &str) -> String {
    format!("{COLUMNS}\n{rows}")
}

fn stamp() -> Stamp {
    let actor = ActorId::from_uuid(uuid::Uuid::nil());
    Stamp::new(
        DateTime::UNIX_EPOCH,
        actor,
        Purpose::from_static("registration"),
    )
}

fn mapping() -> Mapping {
    Mapping::from_toml(MAP).unwrap()
}

fn rules() -> Rules {
    let household = RoleRules::any().with_heads(0, 2).with_head_age_min(12);
    mapping().rules().with_roles(UnitKind::HOUSEHOLD, household)
}

fn import() -> Import {
    Import::new(mapping(), &rules(), ImportId::of("test")).unwrap()
}

fn store() -> MemoryRecordStore {
    MemoryRecordStore::new(rules())
}

fn run(store: &MemoryRecordStore, file: &str) -> ImportReport {
    // An import may run on another thread.
    fn sent<T: Send>(future: T) -> T {
        future
    }
    let import = import();
    let (stamp, mut observer) = (stamp(), ());
    block_on(sent(import.run(
        file.as_bytes(),
        store,
        store,
        &stamp,
        &mut observer,
    )))
    .unwrap()
}

fn rehearse(store: &MemoryRecordStore, file: &str) -> ImportReport {
    block_on(import().rehearse(file.as_bytes(), store, store, &stamp(), &mut ())).unwrap()
}

fn person_id(row: &str) -> PersonId {
    PersonId::derive(&ImportId::of("test"), &format!("person:{row}"))
}

fn unit_id(unit: &str) -> UnitId {
    UnitId::derive(&ImportId::of("test"), &format!("unit:{unit}"))
}

fn changes(store: &MemoryRecordStore) -> usize {
    let mut page = Page::largest();
    let mut count = 0;
    loop {
        let paged = block_on(store.changes_since(&page)).unwrap();
        count += paged.items().len();
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => return count,
        }
    }
}

/// All that the register holds, but for salts.
fn contents(store: &MemoryRecordStore) -> String {
    let mut all = String::new();
    let people = block_on(store.list_people(&Page::largest())).unwrap();
    let units = block_on(store.list_units(&Page::largest())).unwrap();
    for person in people.items() {
        writeln!(all, "{}", serde_json::to_string(person).unwrap()).unwrap();
    }
    for unit in units.items() {
        writeln!(all, "{}", serde_json::to_string(unit).unwrap()).unwrap();
        let members = block_on(store.members(unit.id(), None)).unwrap();
        writeln!(all, "{}", serde_json::to_string(&members).unwrap()).unwrap();
    }
    all
}

/// Registered, revised, unchanged, waiting, rejected.
fn rows(report: &ImportReport) -> [u64; 5] {
    [
        report.registered,
        report.revised,
        report.unchanged,
        report.waiting,
        report.rejected,
    ]
}

/// Registered, extended, unchanged, waiting, incomplete.
fn units(report: &ImportReport) -> [u64; 5] {
    [
        report.units_registered,
        report.units_extended,
        report.units_unchanged,
        report.units_waiting,
        report.units_incomplete,
    ]
}
