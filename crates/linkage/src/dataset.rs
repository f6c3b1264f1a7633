use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::lexicon::{Lexicon, Word};
use crate::limits::{RECORDS_MAX, VALUE_MAX_BYTES};
use crate::normalize::{self, PartialDate};
use crate::{Error, Field, FieldKind, Progress, Result, Schema, Stage};

/// How many rows are prepared together.
const CHUNK: usize = 8_192;

/// Records, ready to be compared: numbered from 0 in the order in which they
/// came.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Dataset {
    pub(crate) schema: Schema,
    pub(crate) lexicon: Lexicon,
    pub(crate) columns: Vec<Column>,
    pub(crate) length: usize,
}

/// One field of all records.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Column {
    /// The words of record `n` are those from `ends[n - 1]` to `ends[n]`.
    Words {
        ends: Vec<u32>,
        words: Vec<Word>,
    },
    Dates(Vec<PartialDate>),
}

impl Column {
    fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::BirthDate => Self::Dates(Vec::new()),
            _ => Self::Words {
                ends: Vec::new(),
                words: Vec::new(),
            },
        }
    }

    pub(crate) fn words(&self, record: usize) -> &[Word] {
        let Self::Words { ends, words } = self else {
            return &[];
        };
        let from = record.checked_sub(1).and_then(|before| ends.get(before));
        let from = from.copied().unwrap_or(0) as usize;
        let to = ends.get(record).copied().unwrap_or(0) as usize;
        words.get(from..to).unwrap_or(&[])
    }

    pub(crate) fn date(&self, record: usize) -> PartialDate {
        match self {
            Self::Dates(dates) => dates.get(record).copied().unwrap_or_default(),
            Self::Words { .. } => PartialDate::default(),
        }
    }

    fn push(&mut self, value: Prepared) {
        match (self, value) {
            (Self::Dates(dates), Prepared::Date(date)) => dates.push(date),
            (Self::Words { ends, words }, Prepared::Words(new)) => {
                words.extend(new);
                ends.push(u32::try_from(words.len()).unwrap_or(u32::MAX));
            }
            // A column is made for the kind of its field.
            (Self::Dates(dates), Prepared::Words(_)) => dates.push(PartialDate::default()),
            (Self::Words { ends, words }, Prepared::Date(_)) => {
                ends.push(u32::try_from(words.len()).unwrap_or(u32::MAX));
            }
        }
    }

    fn append(&mut self, other: &Self, numbers: &[Word]) {
        match (self, other) {
            (Self::Dates(dates), Self::Dates(more)) => dates.extend(more),
            (
                Self::Words { ends, words },
                Self::Words {
                    ends: more,
                    words: new,
                },
            ) => {
                let offset = u32::try_from(words.len()).unwrap_or(u32::MAX);
                ends.extend(more.iter().map(|end| end.saturating_add(offset)));
                let known = |word: &Word| numbers.get(*word as usize).copied();
                words.extend(new.iter().map(|word| known(word).unwrap_or(Word::MAX)));
            }
            _ => {}
        }
    }

    fn pop(&mut self) {
        match self {
            Self::Dates(dates) => drop(dates.pop()),
            Self::Words { ends, words } => {
                ends.pop();
                words.truncate(ends.last().copied().unwrap_or(0) as usize);
            }
        }
    }
}

enum Prepared {
    Words(Vec<Word>),
    Date(PartialDate),
}

impl Dataset {
    /// The fields.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (usize, &Field, &Column)> {
        let fields = self.schema.fields().iter().zip(&self.columns);
        fields
            .enumerate()
            .map(|(n, (field, column))| (n, field, column))
    }

    /// Makes a dataset that was read whole, or says that it is none.
    pub(crate) fn check(&mut self, fields: usize) -> Result<()> {
        let known = self.lexicon.iter().count();
        let is_whole = |column: &Column| match column {
            Column::Dates(dates) => dates.len() == self.length,
            Column::Words { ends, words } => {
                let last = ends.last().copied().unwrap_or(0) as usize;
                ends.len() == self.length
                    && last == words.len()
                    && ends.is_sorted()
                    && words.iter().all(|word| (*word as usize) < known)
            }
        };
        let width = self.schema.fields().len();
        if width != fields || self.columns.len() != width || !self.columns.iter().all(is_whole) {
            return Err(Error::Unreadable("it is not whole".into()));
        }
        self.lexicon.index();
        Ok(())
    }

    /// Adds one record at the end, and gives its number.
    pub(crate) fn push(&mut self, values: &[&str]) -> Result<usize> {
        check_row(&self.schema, values)?;
        let lexicon = &mut self.lexicon;
        let fields = self.schema.fields().iter().zip(values);
        for ((field, value), column) in fields.zip(&mut self.columns) {
            column.push(prepare(field.kind, value, &mut |word| lexicon.add(word, 1)));
        }
        self.length += 1;
        Ok(self.length - 1)
    }

    /// Takes the last record back.
    pub(crate) fn pop(&mut self) {
        let Some(last) = self.length.checked_sub(1) else {
            return;
        };
        for column in &mut self.columns {
            for word in column.words(last).to_vec() {
                self.lexicon.forget(word);
            }
            column.pop();
        }
        self.length = last;
    }
}

/// Takes records one by one.
///
/// ```
/// use solidarity_linkage::{DatasetBuilder, Field, FieldKind, Schema};
///
/// let mut builder = DatasetBuilder::new(Schema::new([Field::new("name", FieldKind::FullName)])?);
/// builder.push(&["Tuti"])?;
/// assert!(builder.push(&["too", "many"]).is_err());
/// assert_eq!(builder.build(&())?.len(), 1);
/// # Ok::<(), solidarity_linkage::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DatasetBuilder {
    schema: Schema,
    /// All values, one after the other.
    text: String,
    ends: Vec<usize>,
    rows: usize,
}

impl DatasetBuilder {
    /// Nothing yet, of the fields of `schema`.
    #[must_use]
    pub const fn new(schema: Schema) -> Self {
        Self {
            schema,
            text: String::new(),
            ends: Vec::new(),
            rows: 0,
        }
    }

    /// Takes a record: a value for each field, empty where nothing is said.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] for another number of values, a value of more than
    /// [`VALUE_MAX_BYTES`], a NUL
    /// byte, or a record too many. Nothing was taken.
    pub fn push(&mut self, values: &[&str]) -> Result<()> {
        check_row(&self.schema, values)?;
        if self.rows >= RECORDS_MAX {
            return Err(row("is one too many"));
        }
        for value in values {
            self.text.push_str(value);
            self.ends.push(self.text.len());
        }
        self.rows += 1;
        Ok(())
    }

    /// How many records were taken.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether none was taken.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The records, ready to be compared.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub fn build(self, progress: &dyn Progress) -> Result<Dataset> {
        let width = self.schema.fields().len();
        let chunks = self.rows.div_ceil(CHUNK);
        let parts: Vec<Part> = (0..chunks)
            .into_par_iter()
            .map(|chunk| {
                let done = (chunk * CHUNK) as u64;
                if !progress.goes_on(Stage::Prepare, done, self.rows as u64) {
                    return Err(Error::Cancelled);
                }
                let rows = chunk * CHUNK..((chunk + 1) * CHUNK).min(self.rows);
                Ok(self.part(rows, width))
            })
            .collect::<Result<_>>()?;
        let mut dataset = Dataset {
            lexicon: Lexicon::default(),
            columns: self.columns(),
            length: self.rows,
            schema: self.schema,
        };
        for part in parts {
            let lexicon = &mut dataset.lexicon;
            let numbers: Vec<Word> = part
                .words
                .iter()
                .map(|(word, times)| lexicon.add(word, *times))
                .collect();
            for (column, more) in dataset.columns.iter_mut().zip(&part.columns) {
                column.append(more, &numbers);
            }
        }
        Ok(dataset)
    }

    fn columns(&self) -> Vec<Column> {
        let kinds = self.schema.fields().iter().map(|field| field.kind);
        kinds.map(Column::of).collect()
    }

    fn part(&self, rows: std::ops::Range<usize>, width: usize) -> Part {
        let mut part = Part {
            words: Vec::new(),
            columns: self.columns(),
        };
        let mut numbers: FxHashMap<String, Word> = FxHashMap::default();
        for row in rows {
            for (n, (field, column)) in self
                .schema
                .fields()
                .iter()
                .zip(&mut part.columns)
                .enumerate()
            {
                let words = &mut part.words;
                column.push(prepare(
                    field.kind,
                    self.value(row * width + n),
                    &mut |word| {
                        let number = match numbers.get(word) {
                            Some(number) => *number,
                            None => {
                                let number = Word::try_from(words.len()).unwrap_or(Word::MAX);
                                numbers.insert(word.to_owned(), number);
                                words.push((word.to_owned(), 0));
                                number
                            }
                        };
                        if let Some((_, times)) = words.get_mut(number as usize) {
                            *times += 1;
                        }
                        number
                    },
                ));
            }
        }
        part
    }

    fn value(&self, n: usize) -> &str {
        let from = n
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied();
        let to = self.ends.get(n).copied().unwrap_or(0);
        self.text.get(from.unwrap_or(0)..to).unwrap_or("")
    }
}

/// Some of the records, with words numbered among themselves.
struct Part {
    words: Vec<(String, u32)>,
    columns: Vec<Column>,
}

fn row(rule: &'static str) -> Error {
    Error::Row {
        field: "the row".to_owned(),
        rule,
    }
}

fn check_row(schema: &Schema, values: &[&str]) -> Result<()> {
    if values.len() != schema.fields().len() {
        return Err(row("must have a value for each field"));
    }
    for (field, value) in schema.fields().iter().zip(values) {
        let rule = if value.len() > VALUE_MAX_BYTES {
            "must be at most 4096 bytes"
        } else if value.as_bytes().contains(&0) {
            "must not hold NUL bytes"
        } else {
            continue;
        };
        let field = field.name.clone();
        return Err(Error::Row { field, rule });
    }
    Ok(())
}

/// What is kept of a value, its words numbered by `number`. A word of one kind
/// is never taken for one of another: each kind has a mark of its own.
fn prepare(kind: FieldKind, value: &str, number: &mut dyn FnMut(&str) -> Word) -> Prepared {
    let mut marked = |mark: char, text: Option<String>| {
        let word = text.map(|text| number(&format!("{mark}{text}")));
        Prepared::Words(word.into_iter().collect())
    };
    match kind {
        _ if value.trim().is_empty() => match kind {
            FieldKind::BirthDate => Prepared::Date(PartialDate::default()),
            _ => Prepared::Words(Vec::new()),
        },
        FieldKind::BirthDate => Prepared::Date(PartialDate::parse(value).unwrap_or_default()),
        FieldKind::Phone => marked('#', normalize::phone(value)),
        FieldKind::Identifier => marked('@', normalize::identifier(value)),
        FieldKind::Email => marked('&', normalize::email(value)),
        FieldKind::Sex => marked(
            '%',
            normalize::words(value).concat().get(..1).map(str::to_owned),
        ),
        FieldKind::Place => marked('~', joined(value)),
        FieldKind::Text => marked('=', joined(value)),
        FieldKind::GivenName
        | FieldKind::FamilyName
        | FieldKind::ParentName
        | FieldKind::FullName
        | FieldKind::Address => {
            let words = normalize::words(value);
            Prepared::Words(words.iter().map(|word| number(word)).collect())
        }
    }
}

fn joined(value: &str) -> Option<String> {
    Some(normalize::words(value).join(" ")).filter(|text| !text.is_empty())
}
