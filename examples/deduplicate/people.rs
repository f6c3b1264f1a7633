//! Reads the files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use serde::Deserialize;
use solidarity_linkage::{DatasetBuilder, Field, FieldKind, Schema, recognize};

use crate::Result;
use crate::fairness::Groups;

/// How many rows are looked at to see what a column holds.
const SAMPLE: usize = 500;

/// The most bytes of a row.
const ROW_MAX_BYTES: usize = 1 << 20;

pub(crate) struct People {
    pub(crate) schema: Schema,
    pub(crate) builder: DatasetBuilder,
    pub(crate) ids: Vec<String>,
    pub(crate) rejected: Vec<Rejected>,
    /// By which errors are told apart, where the truth is there to find any.
    pub(crate) groups: Option<Vec<Groups>>,
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
    /// Reads the file, and the groups of each record if `grouped`.
    pub(crate) fn read(path: &Path, map: Option<&Path>, grouped: bool) -> Result<Self> {
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
        if header.iter().any(|name| name.contains('\0')) {
            return Err(named("the header holds NUL bytes".to_owned()).into());
        }
        let width = header.len();
        let mut rows = records.map(|record| match record {
            Ok(record) => Ok(Row::new(record, width)),
            Err(error) => Err(named(error.to_string())),
        });
        let sample: Vec<Row> = rows.by_ref().take(SAMPLE).collect::<Result<_, _>>()?;
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
            groups: grouped.then(Vec::new),
        };
        let mut known = HashSet::new();
        for row in sample.into_iter().map(Ok).chain(rows) {
            let Row { line, record } = row?;
            let taken = record.and_then(|record| people.take(&record, &columns, &mut known));
            if let Err(rule) = taken {
                people.rejected.push(Rejected { line, rule });
            }
        }
        if people.builder.is_empty() {
            for rejected in &people.rejected {
                eprintln!("{rejected}");
            }
            return Err(named("has no row that can be taken".to_owned()).into());
        }
        Ok(people)
    }

    fn take(
        &mut self,
        record: &ByteRecord,
        columns: &Columns,
        known: &mut HashSet<String>,
    ) -> Result<(), String> {
        let values = texts(record).ok_or("the row is not UTF-8")?;
        let id = match columns.id {
            Some(column) => values.get(column).copied().unwrap_or("").trim().to_owned(),
            // The number of the row, whether or not those before it were taken.
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
        if let Some(groups) = &mut self.groups {
            let fields = columns.compared.iter().map(|(_, field)| field);
            groups.push(Groups::of(fields.zip(compared)));
        }
        known.insert(id.clone());
        self.ids.push(id);
        Ok(())
    }
}

/// A row where it was read, unless something is wrong with it as a whole: then
/// it is not kept, so that a few huge rows do not fill the memory.
struct Row {
    line: u64,
    record: Result<ByteRecord, String>,
}

impl Row {
    fn new(record: ByteRecord, width: usize) -> Self {
        let line = record.position().map_or(0, csv::Position::line);
        let record = if record.as_slice().len() > ROW_MAX_BYTES {
            Err("the row is longer than 1 MiB".to_owned())
        } else if record.len() != width {
            Err(format!(
                "the row has {} values, and not {width}",
                record.len()
            ))
        } else if record.as_slice().contains(&0) {
            Err("the row holds NUL bytes".to_owned())
        } else {
            Ok(record)
        };
        Self { line, record }
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

    fn recognized(header: &[&str], sample: &[Row]) -> Result<Self, String> {
        let whole = sample.iter().filter_map(|row| row.record.as_ref().ok());
        let rows: Vec<Vec<&str>> = whole.filter_map(texts).collect();
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
        // A few rows may lack their number, or have another's: they are rejected.
        let own = |n: usize| {
            let ids: HashSet<&str> = rows.iter().filter_map(|row| row.get(n).copied()).collect();
            ids.iter().filter(|id| !id.trim().is_empty()).count() * 2 > rows.len()
        };
        let id = (0..header.len()).find(|n| fields.get(*n).is_some_and(Option::is_none) && own(*n));
        let fields = fields.into_iter().enumerate();
        let compared: Vec<_> = fields.filter_map(|(n, field)| Some((n, field?))).collect();
        match compared.is_empty() {
            true => Err("no column is recognized: say with `--map` what they hold".to_owned()),
            false => Ok(Self { id, compared }),
        }
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
