//! Reads the files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use serde::Deserialize;
use solidarity_linkage::{DatasetBuilder, Field, FieldKind, Schema, recognize};

use crate::Result;

/// How many rows are looked at to see what a column holds.
const SAMPLE: usize = 500;

/// The most bytes of a row.
const ROW_MAX_BYTES: usize = 1 << 20;

pub(crate) struct People {
    pub(crate) schema: Schema,
    pub(crate) builder: DatasetBuilder,
    pub(crate) ids: Vec<String>,
    pub(crate) rejected: Vec<Rejected>,
}

/// A row that was left out.
#[derive(Clone, Debug)]
pub(crate) struct Rejected {
    line: u64,
    rule: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.rule)
    }
}

/// What a map says: the column of the record's own number, and what the others
/// hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    id: String,
    columns: BTreeMap<String, FieldKind>,
}

/// The columns that are compared, and the one that names the record.
struct Columns {
    id: Option<usize>,
    compared: Vec<(usize, Field)>,
}

impl People {
    pub(crate) fn read(path: &Path, map: Option<&Path>) -> Result<Self> {
        let named = |error: String| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(|error| named(error.to_string()))?;
        if file.metadata().is_ok_and(|found| found.is_dir()) {
            return Err(named("is a folder".to_owned()).into());
        }
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(file);
        let mut records = reader.byte_records();
        let header = match records.next() {
            None => return Err(named("is empty".to_owned()).into()),
            Some(header) => header.map_err(|error| named(error.to_string()))?,
        };
        let header = texts(&header).ok_or_else(|| named("the header is not UTF-8".to_owned()))?;
        let mut rejected = Vec::new();
        let mut sample = Vec::new();
        for record in records.by_ref().take(SAMPLE) {
            sample.push(record.map_err(|error| named(error.to_string()))?);
        }
        let columns = match map {
            Some(map) => Columns::mapped(&header, map)?,
            None => Columns::recognized(&header, &sample).map_err(named)?,
        };
        let fields = columns.compared.iter().map(|(_, field)| field.clone());
        let schema = Schema::new(fields).map_err(|error| named(error.to_string()))?;
        let mut people = Self {
            builder: DatasetBuilder::new(schema.clone()),
            schema,
            ids: Vec::new(),
            rejected: Vec::new(),
        };
        let mut known = HashSet::new();
        for record in sample.into_iter().map(Ok).chain(records) {
            let record = record.map_err(|error| named(error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            if let Err(rule) = people.take(&record, header.len(), &columns, &mut known) {
                rejected.push(Rejected { line, rule });
            }
        }
        people.rejected = rejected;
        if people.builder.is_empty() {
            return Err(named("has no row that can be taken".to_owned()).into());
        }
        Ok(people)
    }

    fn take(
        &mut self,
        record: &ByteRecord,
        width: usize,
        columns: &Columns,
        known: &mut HashSet<String>,
    ) -> Result<(), String> {
        if record.len() != width {
            return Err(format!(
                "the row has {} values, and not {width}",
                record.len()
            ));
        }
        if record.as_slice().len() > ROW_MAX_BYTES {
            return Err("the row is longer than 1 MiB".to_owned());
        }
        let values = texts(record).ok_or("the row is not UTF-8")?;
        let id = match columns.id {
            Some(column) => values.get(column).copied().unwrap_or("").trim().to_owned(),
            None => (self.ids.len() + self.rejected.len() + 1).to_string(),
        };
        if id.is_empty() {
            return Err("the row has no number of its own".to_owned());
        }
        if known.contains(&id) {
            return Err("another row has the same number".to_owned());
        }
        let compared = columns.compared.iter();
        let compared: Vec<&str> = compared
            .map(|(column, _)| values.get(*column).copied().unwrap_or(""))
            .collect();
        self.builder
            .push(&compared)
            .map_err(|error| error.to_string())?;
        known.insert(id.clone());
        self.ids.push(id);
        Ok(())
    }
}

fn texts(record: &ByteRecord) -> Option<Vec<&str>> {
    record
        .iter()
        .map(|value| std::str::from_utf8(value).ok())
        .collect()
}

impl Columns {
    fn mapped(header: &[&str], map: &Path) -> Result<Self> {
        let named = |error: String| format!("the map {}: {error}", map.display());
        let text = std::fs::read_to_string(map).map_err(|error| named(error.to_string()))?;
        let map: Map = toml::from_str(&text).map_err(|error| named(error.to_string()))?;
        let place = |name: &str| {
            let place = header.iter().position(|column| column.trim() == name);
            place.ok_or_else(|| named(format!("the file has no column `{name}`")))
        };
        let compared = map
            .columns
            .iter()
            .map(|(name, kind)| Ok((place(name)?, Field::new(name.as_str(), *kind))));
        Ok(Self {
            id: Some(place(&map.id)?),
            compared: compared.collect::<Result<_, String>>()?,
        })
    }

    fn recognized(header: &[&str], sample: &[ByteRecord]) -> Result<Self, String> {
        let rows: Vec<Vec<&str>> = sample.iter().filter_map(texts).collect();
        let header: Vec<&str> = header
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}'))
            .collect();
        // A date or a number is no name of a column.
        let is_value = |name: &&str| {
            let digits = name.chars().filter(char::is_ascii_digit).count();
            name.contains('@') || digits * 2 > name.len()
        };
        if header.iter().any(is_value) {
            return Err("the first line looks like a row: a header is needed".to_owned());
        }
        let fields = recognize(&header, &rows);
        let own = |n: usize| {
            let mut seen = HashSet::new();
            rows.iter().all(|row| {
                row.get(n)
                    .is_some_and(|id| !id.is_empty() && seen.insert(*id))
            })
        };
        let id = (0..header.len()).find(|n| fields.get(*n).is_some_and(Option::is_none) && own(*n));
        let compared = fields.into_iter().enumerate();
        Ok(Self {
            id,
            compared: compared
                .filter_map(|(n, field)| Some((n, field?)))
                .collect(),
        })
    }
}

/// Who each of the records with these numbers is.
pub(crate) fn truth(path: &Path, ids: &[String]) -> Result<Vec<String>> {
    let mut entities: HashMap<String, String> = HashMap::new();
    let named = |error: csv::Error| format!("{}: {error}", path.display());
    for record in csv::Reader::from_path(path).map_err(named)?.records() {
        let record = record.map_err(named)?;
        if let (Some(id), Some(entity)) = (record.get(0), record.get(1)) {
            entities.insert(id.to_owned(), entity.to_owned());
        }
    }
    let found = ids.iter().map(|id| {
        let entity = entities.get(id).cloned();
        entity.ok_or_else(|| format!("{}: does not name a record of the input", path.display()))
    });
    Ok(found.collect::<Result<_, String>>()?)
}
