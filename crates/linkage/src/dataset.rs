use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::lexicon::{Lexicon, Word, mix};
use crate::limits::{RECORDS_MAX, VALUE_MAX_BYTES};
use crate::normalize::{self, PartialDate};
use crate::{Error, FieldKind, Progress, Result, Schema, Stage};

/// How many rows are prepared together.
const CHUNK: usize = 8_192;

/// Records, ready to be compared: numbered from 0 in the order in which they
/// came.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Dataset {
    pub(crate) schema: Schema,
    pub(crate) lexicon: Lexicon,
    rows: Rows,
    pub(crate) length: usize,
}

/// The values of all records, each record's together: where each field ends,
/// a byte a field, and then the words of one field after the other. A date is
/// kept as if it were a word.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Rows {
    /// Where each record begins, and the end of the last.
    starts: Vec<u32>,
    cells: Vec<Word>,
}

/// The values of one record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    head: &'a [u32],
    words: &'a [Word],
}

impl<'a> Row<'a> {
    pub(crate) fn words(self, field: usize) -> &'a [Word] {
        let from = field.checked_sub(1).map_or(0, |before| self.end(before));
        self.words.get(from..self.end(field)).unwrap_or(&[])
    }

    pub(crate) fn date(self, field: usize) -> PartialDate {
        let packed = self.words(field).first().copied();
        packed.map_or_else(PartialDate::default, PartialDate::unpack)
    }

    fn end(self, field: usize) -> usize {
        let four = self.head.get(field / 4).copied().unwrap_or(0);
        let byte = four.to_le_bytes().get(field % 4).copied();
        usize::from(byte.unwrap_or(0))
    }
}

impl Rows {
    fn row(&self, record: usize, fields: usize) -> Row<'_> {
        let at = |n: usize| self.starts.get(n).copied().unwrap_or(0) as usize;
        let cells = self.cells.get(at(record)..at(record + 1)).unwrap_or(&[]);
        let (head, words) = cells
            .split_at_checked(head_cells(fields))
            .unwrap_or((&[], &[]));
        Row { head, words }
    }

    fn push(&mut self, fields: &[Vec<Word>]) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let head = self.cells.len();
        self.cells.resize(head + head_cells(fields.len()), 0);
        let mut end = 0_u8;
        for (n, words) in fields.iter().enumerate() {
            // A field of a record that is full by then is left out.
            let room = usize::from(u8::MAX - end).min(words.len());
            self.cells.extend(words.iter().take(room));
            end = end.saturating_add(u8::try_from(room).unwrap_or(u8::MAX));
            if let Some(four) = self.cells.get_mut(head + n / 4) {
                *four |= u32::from(end) << (8 * (n % 4));
            }
        }
        self.starts
            .push(u32::try_from(self.cells.len()).unwrap_or(u32::MAX));
    }

    /// Adds all rows of `other`, whose words have other `numbers`; the fields
    /// in `dates` have none.
    fn append(&mut self, other: &Self, dates: &[bool], numbers: &[Word]) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let offset = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        for record in 0..other.starts.len().saturating_sub(1) {
            let row = other.row(record, dates.len());
            self.cells.extend(row.head);
            for (field, is_date) in dates.iter().enumerate() {
                let known = |word: &Word| numbers.get(*word as usize).copied().unwrap_or(Word::MAX);
                let words = row.words(field).iter();
                match is_date {
                    true => self.cells.extend(words),
                    false => self.cells.extend(words.map(known)),
                }
            }
        }
        let ends = other
            .starts
            .iter()
            .skip(1)
            .map(|end| end.saturating_add(offset));
        self.starts.extend(ends);
    }

    fn pop(&mut self) {
        self.starts.pop();
        self.cells
            .truncate(self.starts.last().copied().unwrap_or(0) as usize);
    }
}

const fn head_cells(fields: usize) -> usize {
    fields.div_ceil(4)
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

    pub(crate) fn row(&self, record: usize) -> Row<'_> {
        self.rows.row(record, self.schema.fields().len())
    }

    /// A hash of what a record says, whatever its words are numbered.
    pub(crate) fn hash(&self, record: usize) -> u64 {
        let row = self.row(record);
        let fields = self.schema.fields().iter().enumerate();
        fields.fold(0, |hash, (n, field)| {
            row.words(n)
                .iter()
                .fold(mix(hash), |hash, word| match field.kind {
                    FieldKind::BirthDate => mix(hash ^ u64::from(*word)),
                    _ => {
                        let facts = self.lexicon.facts(*word);
                        mix(mix(hash ^ facts.sound) ^ facts.letters)
                    }
                })
        })
    }

    /// Makes a dataset that was read whole, or says that it is none.
    pub(crate) fn check(&mut self, fields: usize) -> Result<()> {
        let refused = || Error::Unreadable("it is not whole".into());
        let (known, width) = (self.lexicon.len(), self.schema.fields().len());
        let Rows { starts, cells } = &self.rows;
        let begins = starts.first().is_none_or(|first| *first == 0);
        let ends = starts.last().copied().unwrap_or(0) as usize == cells.len();
        let counted = starts.len() == self.length + usize::from(!starts.is_empty());
        if width != fields || !begins || !ends || !counted || !starts.is_sorted() {
            return Err(refused());
        }
        for record in 0..self.length {
            let row = self.row(record);
            let whole = row.head.len() == head_cells(width)
                && (0..width).map(|field| row.end(field)).is_sorted()
                && row.end(width - 1) == row.words.len();
            let fields = self.schema.fields().iter().enumerate();
            let known = fields
                .filter(|(_, field)| field.kind != FieldKind::BirthDate)
                .all(|(field, _)| row.words(field).iter().all(|word| (*word as usize) < known));
            if !whole || !known {
                return Err(refused());
            }
        }
        self.lexicon.index();
        Ok(())
    }

    /// Adds one record at the end, and gives its number.
    pub(crate) fn push(&mut self, values: &[&str]) -> Result<usize> {
        check_row(&self.schema, values)?;
        let lexicon = &mut self.lexicon;
        let fields = self.schema.fields().iter().zip(values);
        let words: Vec<Vec<Word>> = fields
            .map(|(field, value)| prepare(field.kind, value, &mut |word| lexicon.add(word, 1)))
            .collect();
        self.rows.push(&words);
        self.length += 1;
        Ok(self.length - 1)
    }

    /// Takes the last record back.
    pub(crate) fn pop(&mut self) {
        let Some(last) = self.length.checked_sub(1) else {
            return;
        };
        let row = self.rows.row(last, self.schema.fields().len());
        for (n, field) in self.schema.fields().iter().enumerate() {
            if field.kind != FieldKind::BirthDate {
                for word in row.words(n) {
                    self.lexicon.forget(*word);
                }
            }
        }
        self.rows.pop();
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
        let kinds = self.schema.fields().iter().map(|field| field.kind);
        let dates: Vec<bool> = kinds.map(|kind| kind == FieldKind::BirthDate).collect();
        let (mut lexicon, mut rows) = (Lexicon::default(), Rows::default());
        for part in parts {
            let words = part.words.iter();
            let numbers: Vec<Word> = words
                .map(|(word, times)| lexicon.count_in(word, *times))
                .collect();
            rows.append(&part.rows, &dates, &numbers);
        }
        lexicon.complete();
        Ok(Dataset {
            lexicon,
            rows,
            length: self.rows,
            schema: self.schema,
        })
    }

    fn part(&self, rows: std::ops::Range<usize>, width: usize) -> Part {
        let mut part = Part::default();
        let mut numbers: FxHashMap<String, Word> = FxHashMap::default();
        for row in rows {
            let words = &mut part.words;
            let mut number = |word: &str| {
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
            };
            let fields = self.schema.fields().iter().enumerate();
            let values: Vec<Vec<Word>> = fields
                .map(|(n, field)| prepare(field.kind, self.value(row * width + n), &mut number))
                .collect();
            part.rows.push(&values);
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
#[derive(Default)]
struct Part {
    words: Vec<(String, u32)>,
    rows: Rows,
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
fn prepare(kind: FieldKind, value: &str, number: &mut dyn FnMut(&str) -> Word) -> Vec<Word> {
    if value.trim().is_empty() {
        return Vec::new();
    }
    let mut marked = |mark: char, text: Option<String>| {
        let word = text.map(|text| number(&format!("{mark}{text}")));
        word.into_iter().collect()
    };
    match kind {
        FieldKind::BirthDate => PartialDate::parse(value)
            .map(PartialDate::pack)
            .into_iter()
            .collect(),
        FieldKind::Phone => marked('#', normalize::phone(value)),
        FieldKind::Identifier => marked('@', normalize::identifier(value)),
        FieldKind::Email => marked('&', normalize::email(value)),
        FieldKind::Sex => {
            let first = normalize::words(value).concat().chars().next();
            marked('%', first.map(String::from))
        }
        FieldKind::Place => marked('~', joined(value)),
        FieldKind::Text => marked('=', joined(value)),
        FieldKind::GivenName
        | FieldKind::FamilyName
        | FieldKind::ParentName
        | FieldKind::FullName
        | FieldKind::Address => {
            let words = normalize::words(value);
            words.iter().map(|word| number(word)).collect()
        }
    }
}

fn joined(value: &str) -> Option<String> {
    Some(normalize::words(value).join(" ")).filter(|text| !text.is_empty())
}
