//! Reads the files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use csv::{ByteRecord, Reader, ReaderBuilder};
use indexmap::IndexSet;
use serde::Deserialize;
use solidarity_linkage::normalize::CallingRegion;
use solidarity_linkage::{
    CheckDigit, Dataset, DatasetBuilder, Field, FieldKind, Progress, Schema, Tables, recognize,
};

use crate::Result;
use crate::fairness::Groups;

/// How many rows are looked at to see what a column holds.
const SAMPLE: usize = 500;

/// How many rows are made ready at once, while the next are read.
const PART: usize = 8_192;

/// The most bytes of a row.
const ROW_MAX_BYTES: usize = 1 << 20;

/// The most bytes that are read in search of the end of a row.
const ROW_END_BYTES: u64 = 16 << 20;

/// The records of a file.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) dataset: Dataset,
    pub(crate) ids: IndexSet<String>,
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

/// What a map says: the column of the record's own number, what the others
/// hold, and a country's tables of names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    id: String,
    columns: BTreeMap<String, Column>,
    #[serde(default)]
    tables: Tables,
}

/// What a map says of a column: its kind alone, or also how its numbers are
/// checked or dialled.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a kind, or a table of `kind`, `check` and `region`"
)]
enum Column {
    Kind(FieldKind),
    Table(ColumnTable),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnTable {
    kind: FieldKind,
    check: Option<CheckDigit>,
    region: Option<CallingRegion>,
}

impl Column {
    fn field(&self, name: &str) -> Field {
        match self {
            Self::Kind(kind) => Field::new(name, *kind),
            Self::Table(table) => {
                let mut field = Field::new(name, table.kind);
                field.check = table.check;
                field.region.clone_from(&table.region);
                field
            }
        }
    }
}

/// The columns that are compared, and the one that names the record.
struct Columns {
    id: Option<usize>,
    compared: Vec<(usize, Field)>,
    tables: Arc<Tables>,
}

impl People {
    /// Reads the file, and the groups of each record if `grouped`.
    pub(crate) fn read(
        path: &Path,
        map: Option<&Path>,
        grouped: bool,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let named = |error: String| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(|error| named(error.to_string()))?;
        if file.metadata().is_ok_and(|found| found.is_dir()) {
            return Err(named("is a folder".to_owned()).into());
        }
        let mut rows = Rows::new(file);
        let mut header = ByteRecord::new();
        if !rows.read(&mut header).map_err(named)? {
            return Err(named("is empty".to_owned()).into());
        }
        let header = texts(&header).ok_or_else(|| named("the header is not UTF-8".to_owned()))?;
        if header.iter().any(|name| name.contains('\0')) {
            return Err(named("the header holds NUL bytes".to_owned()).into());
        }
        rows.width = header.len();
        rows.sample().map_err(named)?;
        let columns = match map {
            Some(map) => Columns::mapped(&header, map)?,
            None => Columns::recognized(&header, &rows.sample).map_err(named)?,
        };
        let fields = columns.compared.iter().map(|(_, field)| field.clone());
        let schema = Schema::new(fields).map_err(|error| named(error.to_string()))?;
        let mut taken = Taken {
            groups: grouped.then(Vec::new),
            ..Taken::default()
        };
        let parts = std::iter::from_fn(|| {
            let mut part =
                DatasetBuilder::new(schema.clone()).with_tables(Arc::clone(&columns.tables));
            let read = rows.part(&columns, &mut taken, &mut part);
            match read.map_err(named) {
                Ok(false) => None,
                Ok(true) => Some(Ok(part)),
                Err(error) => Some(Err(error.into())),
            }
        });
        let dataset = Dataset::of_parts::<crate::Error>(&schema, parts, progress)?;
        let Taken {
            ids,
            rejected,
            groups,
        } = taken;
        if dataset.is_empty() {
            for rejected in &rejected {
                eprintln!("{rejected}");
            }
            return Err(named("has no row that can be taken".to_owned()).into());
        }
        Ok(Self {
            dataset,
            ids,
            rejected,
            groups,
        })
    }
}

/// What was taken so far, and what was not.
#[derive(Debug, Default)]
struct Taken {
    ids: IndexSet<String>,
    rejected: Vec<Rejected>,
    groups: Option<Vec<Groups>>,
}

impl Taken {
    fn take(
        &mut self,
        record: &ByteRecord,
        columns: &Columns,
        part: &mut DatasetBuilder,
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
        if self.ids.contains(&id) {
            return Err("another row has the same number".to_owned());
        }
        let compared = columns.compared.iter();
        let compared: Vec<&str> = compared
            .map(|(column, _)| values.get(*column).copied().unwrap_or(""))
            .collect();
        part.push(&compared).map_err(|error| error.to_string())?;
        if let Some(groups) = &mut self.groups {
            let fields = columns.compared.iter().map(|(_, field)| field);
            groups.push(Groups::of(fields.zip(compared)));
        }
        self.ids.insert(id);
        Ok(())
    }
}

/// The rows of a file.
struct Rows {
    reader: Reader<Bounded>,
    /// How many values each must have.
    width: usize,
    /// The first rows, which were looked at already; what is wrong as a whole
    /// was not kept.
    sample: Vec<(u64, Result<ByteRecord, String>)>,
}

impl Rows {
    fn new(file: File) -> Self {
        let reader = ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(Bounded { file, read: 0 });
        Self {
            reader,
            width: 0,
            sample: Vec::new(),
        }
    }

    /// Reads the next row, if there is one.
    fn read(&mut self, record: &mut ByteRecord) -> Result<bool, String> {
        self.reader.get_mut().read = 0;
        let line = self.reader.position().line();
        let read = self.reader.read_byte_record(record);
        read.map_err(|error| format!("line {line}: {error}"))
    }

    /// Looks at the first rows.
    fn sample(&mut self) -> Result<(), String> {
        let mut record = ByteRecord::new();
        while self.sample.len() < SAMPLE && self.read(&mut record)? {
            let whole = self.check(&record).map(|()| record.clone());
            self.sample.push((line(&record), whole));
        }
        self.sample.reverse();
        Ok(())
    }

    /// Reads the next rows into `part`. `false` if there are none.
    fn part(
        &mut self,
        columns: &Columns,
        taken: &mut Taken,
        part: &mut DatasetBuilder,
    ) -> Result<bool, String> {
        let mut record = ByteRecord::new();
        for n in 0..PART {
            let (line, whole) = match self.sample.pop() {
                Some((line, Ok(known))) => {
                    record = known;
                    (line, Ok(()))
                }
                Some((line, Err(rule))) => (line, Err(rule)),
                None if self.read(&mut record)? => (line(&record), self.check(&record)),
                None => return Ok(n > 0),
            };
            let done = whole.and_then(|()| taken.take(&record, columns, part));
            if let Err(rule) = done {
                taken.rejected.push(Rejected { line, rule });
            }
        }
        Ok(true)
    }

    /// Whether a row can be taken at all.
    fn check(&self, record: &ByteRecord) -> Result<(), String> {
        if record.as_slice().len() > ROW_MAX_BYTES {
            Err("the row is longer than 1 MiB".to_owned())
        } else if record.len() != self.width {
            let (found, width) = (record.len(), self.width);
            Err(format!("the row has {found} values, and not {width}"))
        } else if record.as_slice().contains(&0) {
            Err("the row holds NUL bytes".to_owned())
        } else {
            Ok(())
        }
    }
}

fn line(record: &ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

/// A file of which only so much is read in one go: after a quote that is never
/// closed all that follows is one row, and would be held in memory.
struct Bounded {
    file: File,
    read: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read > ROW_END_BYTES {
            let rule = "a row is longer than 16 MiB: is a quote left open?";
            return Err(io::Error::new(io::ErrorKind::InvalidData, rule));
        }
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        Ok(read)
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
            .map(|(name, column)| Ok((place(name)?, column.field(name))));
        Ok(Self {
            id: Some(place(&map.id)?),
            compared: compared.collect::<Result<_, String>>()?,
            tables: Arc::new(map.tables),
        })
    }

    fn recognized(
        header: &[&str],
        sample: &[(u64, Result<ByteRecord, String>)],
    ) -> Result<Self, String> {
        let whole = sample.iter().filter_map(|(_, row)| row.as_ref().ok());
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
            false => Ok(Self {
                id,
                compared,
                tables: Arc::default(),
            }),
        }
    }
}

/// Who each of the records with these numbers is.
pub(crate) fn truth(path: &Path, ids: &IndexSet<String>) -> Result<Vec<String>> {
    let mut entities: HashMap<String, String> = HashMap::new();
    let named = |error: csv::Error| format!("{}: {error}", path.display());
    for record in Reader::from_path(path).map_err(named)?.records() {
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
