//! Rows that are settled together: whole units, a bounded number of rows.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use solidarity_core::{PersonId, UnitId};

use super::facts::Facts;
use super::{COMMANDS_MAX, ImportId, UNIT_ROWS_MAX};
use crate::keys::identifier_key;
use crate::{CommandId, Identifier, IdentifierScheme, NewPerson};

/// A row that was read.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) line: u64,
    /// Whom the row registers if it is about somebody new.
    pub(super) own: PersonId,
    /// The command by which the row takes effect. It follows from what the row
    /// says, so that a row is carried out once, whatever comes after.
    pub(super) command: CommandId,
    pub(super) facts: Facts,
}

impl Entry {
    pub(super) fn new(line: u64, facts: Facts, import: ImportId, on: NaiveDate) -> Self {
        let own = PersonId::derive(&import, &format!("person:{}", facts.row_id));
        let said = said(&facts.person);
        Self {
            line,
            own,
            command: CommandId::derive(&own, &format!("row:{on}:{said}")),
            facts,
        }
    }

    /// The identifiers of the row whose scheme is among `unique`.
    pub(super) fn identifiers<'a>(
        &'a self,
        unique: &'a BTreeSet<IdentifierScheme>,
    ) -> impl Iterator<Item = Identifier> + 'a {
        let documents = self.facts.person.documents.iter();
        documents
            .filter(|d| unique.contains(&d.scheme))
            .map(|d| Identifier::new(d.scheme.clone(), identifier_key(d.value.expose())))
    }
}

fn said(person: &NewPerson) -> String {
    // What cannot be written is not stored either: the store says so.
    serde_json::to_string(person).unwrap_or_default()
}

/// Rows of one unit that stand together in the file.
#[derive(Debug)]
pub(super) struct Group {
    /// The unit as the file names it; `None` if it does not.
    key: Option<String>,
    pub(super) unit: UnitId,
    pub(super) line: u64,
    pub(super) entries: Vec<Entry>,
    /// Whether a row of the unit was rejected.
    pub(super) incomplete: bool,
}

impl Group {
    /// Whether the file says what unit it is.
    pub(super) const fn is_stated(&self) -> bool {
        self.key.is_some()
    }
}

#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) groups: Vec<Group>,
    rows: usize,
}

impl Chunk {
    /// Whether the next row, of the unit `key`, belongs to a new chunk.
    pub(super) fn is_full(&self, key: Option<&str>) -> bool {
        let room = COMMANDS_MAX - UNIT_ROWS_MAX;
        (self.rows >= room || self.groups.len() >= room) && !self.goes_on(key)
    }

    /// Whether a row of the unit `key` belongs to the last group.
    fn goes_on(&self, key: Option<&str>) -> bool {
        self.groups.last().is_some_and(|group| {
            key.is_some() && group.key.as_deref() == key && group.entries.len() < UNIT_ROWS_MAX
        })
    }

    fn group(&mut self, key: Option<&str>, unit: UnitId, line: u64) -> Option<&mut Group> {
        if !self.goes_on(key) {
            self.groups.push(Group {
                key: key.map(str::to_owned),
                unit,
                line,
                entries: Vec::new(),
                incomplete: false,
            });
        }
        self.groups.last_mut()
    }

    pub(super) fn add(&mut self, entry: Entry, import: ImportId) {
        let key = entry.facts.unit_id.clone();
        let unit = match &key {
            Some(key) => unit_of(import, key),
            // Nobody said with whom this person belongs together.
            None => UnitId::derive(&import, &format!("unit of row:{}", entry.facts.row_id)),
        };
        self.rows += 1;
        if let Some(group) = self.group(key.as_deref(), unit, entry.line) {
            group.entries.push(entry);
        }
    }

    /// Notes that a row of the unit `key` was rejected.
    pub(super) fn add_rejected(&mut self, key: &str, line: u64, import: ImportId) {
        if let Some(group) = self.group(Some(key), unit_of(import, key), line) {
            group.incomplete = true;
        }
    }
}

fn unit_of(import: ImportId, key: &str) -> UnitId {
    UnitId::derive(&import, &format!("unit:{key}"))
}
