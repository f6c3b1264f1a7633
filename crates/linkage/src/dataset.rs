use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::lexicon::{Lexicon, Word, Words};
use crate::limits::{FIELDS_MAX, RECORDS_MAX, VALUE_MAX_BYTES};
use crate::normalize::{self, PartialDate};
use crate::{Error, Field, FieldKind, Progress, Result, Schema, Stage, Tables};

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

/// The values of all records, each record's together: a bit for each field that
/// says something; where each field ends, a byte a field; and then the words of
/// one field after the other. A date is kept as if it were a word.
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

    /// A bit for each field that says something.
    pub(crate) fn said(self) -> u32 {
        self.head.first().copied().unwrap_or(0)
    }

    fn end(self, field: usize) -> usize {
        let four = self.head.get(1 + field / 4).copied().unwrap_or(0);
        let byte = four.to_le_bytes().get(field % 4).copied();
        usize::from(byte.unwrap_or(0))
    }
}

impl Rows {
    fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn row(&self, record: usize, fields: usize) -> Row<'_> {
        let at = |n: usize| self.starts.get(n).copied().unwrap_or(0) as usize;
        let cells = self.cells.get(at(record)..at(record + 1)).unwrap_or(&[]);
        let (head, words) = cells
            .split_at_checked(head_cells(fields))
            .unwrap_or((&[], &[]));
        Row { head, words }
    }

    /// Adds a record: `words` gives those of a field, at most as many as there
    /// is room for.
    fn push(&mut self, fields: usize, mut words: impl FnMut(usize, usize, &mut Vec<Word>)) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let head = self.cells.len();
        self.cells.resize(head + head_cells(fields), 0);
        let first = self.cells.len();
        for field in 0..fields {
            let room = usize::from(u8::MAX) - (self.cells.len() - first);
            words(field, room, &mut self.cells);
            let end = u8::try_from(self.cells.len() - first).unwrap_or(u8::MAX);
            if let Some(four) = self.cells.get_mut(head + 1 + field / 4) {
                *four |= u32::from(end) << (8 * (field % 4));
            }
            if usize::from(u8::MAX) - room < usize::from(end)
                && let Some(said) = self.cells.get_mut(head)
            {
                *said |= 1 << field;
            }
        }
        self.starts
            .push(u32::try_from(self.cells.len()).unwrap_or(u32::MAX));
    }

    /// Gives words their new `numbers`; the fields in `dates` have none.
    fn renumber(&mut self, dates: &[bool], numbers: &[Word]) {
        for record in 0..self.starts.len().saturating_sub(1) {
            let row = self.row(record, dates.len());
            let from = self.starts.get(record).map_or(0, |start| *start as usize);
            let first = from + row.head.len();
            let mut begin = 0;
            for (field, is_date) in dates.iter().enumerate() {
                let end = self.row(record, dates.len()).end(field);
                if !is_date {
                    let words = self.cells.get_mut(first + begin..first + end);
                    for word in words.into_iter().flatten() {
                        *word = numbers.get(*word as usize).copied().unwrap_or(Word::MAX);
                    }
                }
                begin = end;
            }
        }
    }

    /// Adds all rows of `other`.
    fn append(&mut self, other: &Self) {
        let offset = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.cells.extend(&other.cells);
        let skipped = usize::from(!self.starts.is_empty());
        let starts = other.starts.iter().skip(skipped);
        self.starts
            .extend(starts.map(|start| start.saturating_add(offset)));
    }

    fn pop(&mut self) {
        self.starts.pop();
        self.cells
            .truncate(self.starts.last().copied().unwrap_or(0) as usize);
    }
}

const fn head_cells(fields: usize) -> usize {
    1 + fields.div_ceil(4)
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

    /// Reads what comparing the records with others will read first, so that
    /// the memory is asked for all of them at once. The answer means nothing.
    pub(crate) fn fetch(&self, records: impl Iterator<Item = u32> + Clone) -> u64 {
        let row = |record| self.row(record as usize);
        let begun = records
            .clone()
            .fold(0, |sum, record| sum ^ row(record).said());
        let facts = records.flat_map(|record| row(record).words.iter());
        facts.fold(u64::from(begun), |sum, word| {
            sum ^ self.lexicon.facts(*word).letters
        })
    }

    /// The records of `parts`, each of which is made ready while the next is
    /// read: for a file that is read as it is linked. Parts of some thousand
    /// records are best. How many there will be nobody knows, so `progress`
    /// hears of as many as are done.
    ///
    /// ```
    /// use solidarity_linkage::{Dataset, DatasetBuilder, Error, Field, FieldKind, Schema};
    ///
    /// let schema = Schema::new([Field::new("name", FieldKind::FullName)])?;
    /// let parts = (0..3).map(|_| {
    ///     let mut part = DatasetBuilder::new(schema.clone());
    ///     part.push(&["Tuti"])?; // from a file
    ///     Ok::<_, Error>(part)
    /// });
    /// assert_eq!(Dataset::of_parts(&schema, parts, &())?.len(), 3);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of `parts`; [`Error::Schema`] for a part of another
    /// schema, or with other tables; [`Error::Row`] for too many records; [`Error::Cancelled`].
    pub fn of_parts<E: From<Error> + Send>(
        schema: &Schema,
        parts: impl Iterator<Item = Result<DatasetBuilder, E>> + Send,
        progress: &dyn Progress,
    ) -> Result<Self, E> {
        let done = AtomicU64::new(0);
        let mut parts: Vec<(usize, Arc<Tables>, Part)> = parts
            .enumerate()
            .par_bridge()
            .map(|(n, part)| {
                let part = part?;
                if part.schema != *schema {
                    let rule = "must be the same for every part";
                    return Err(Error::Schema { rule }.into());
                }
                let rows = part.rows as u64;
                let done = done.fetch_add(rows, Ordering::Relaxed) + rows;
                match progress.goes_on(Stage::Prepare, done, done) {
                    true => Ok((n, Arc::clone(&part.tables), part.part(0..part.rows))),
                    false => Err(Error::Cancelled.into()),
                }
            })
            .collect::<Result<_, E>>()?;
        parts.sort_unstable_by_key(|(n, ..)| *n);
        let first = parts.first().map(|(_, tables, _)| Arc::clone(tables));
        let tables = first.unwrap_or_default();
        if parts.iter().any(|(_, other, _)| *other != tables) {
            let rule = "must have the same tables for every part";
            return Err(Error::Schema { rule }.into());
        }
        let parts = parts.into_iter().map(|(.., part)| part).collect();
        Ok(Self::assemble(schema.clone(), tables, parts)?)
    }

    fn assemble(schema: Schema, tables: Arc<Tables>, parts: Vec<Part>) -> Result<Self> {
        let (words, mut rows): (Vec<Words>, Vec<Rows>) = parts
            .into_iter()
            .map(|part| (part.words, part.rows))
            .unzip();
        let length = rows.iter().map(Rows::len).sum();
        let cells: usize = rows.iter().map(|part| part.cells.len()).sum();
        let (lexicon, numbers) = Lexicon::merge(tables, &words);
        drop(words);
        if length > RECORDS_MAX || cells.max(lexicon.bytes()) > MOST {
            return Err(row("is one too many"));
        }
        let kinds = schema.fields().iter().map(|field| field.kind);
        let dates: Vec<bool> = kinds.map(|kind| kind == FieldKind::BirthDate).collect();
        (rows.par_iter_mut().zip(&numbers))
            .for_each(|(rows, numbers)| rows.renumber(&dates, numbers));
        let mut all = Rows::default();
        for rows in rows {
            all.append(&rows);
        }
        Ok(Self {
            lexicon,
            rows: all,
            length,
            schema,
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
            let said = (0..width).filter(|field| !row.words(*field).is_empty());
            let whole = row.head.len() == head_cells(width)
                && row.said() == said.fold(0, |said, field| said | 1 << field)
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
        Ok(())
    }

    /// Adds one record at the end, and gives its number. After
    /// [`Lexicon::index`].
    pub(crate) fn push(&mut self, values: &[&str]) -> Result<usize> {
        check_row(&self.schema, values)?;
        if self.rows.cells.len().max(self.lexicon.bytes()) > MOST {
            return Err(row("is one too many"));
        }
        let (lexicon, fields) = (&mut self.lexicon, self.schema.fields());
        self.rows.push(fields.len(), |n, room, cells| {
            if let (Some(field), Some(value)) = (fields.get(n), values.get(n)) {
                let kept = Kept {
                    room,
                    cells,
                    number: &mut |word| lexicon.add(word),
                };
                kept.of(field, value);
            }
        });
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
    tables: Arc<Tables>,
    /// All values, one after the other.
    text: String,
    ends: Vec<usize>,
    rows: usize,
}

impl DatasetBuilder {
    /// Nothing yet, of the fields of `schema`.
    #[must_use]
    pub fn new(schema: Schema) -> Self {
        Self {
            schema,
            tables: Arc::default(),
            text: String::new(),
            ends: Vec::new(),
            rows: 0,
        }
    }

    /// The same with what a country knows of its names: [`Tables`], or an `Arc`
    /// of them for many parts.
    #[must_use]
    pub fn with_tables(mut self, tables: impl Into<Arc<Tables>>) -> Self {
        self.tables = tables.into();
        self
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
        let chunks = self.rows.div_ceil(CHUNK);
        let parts: Vec<Part> = (0..chunks)
            .into_par_iter()
            .map(|chunk| {
                let done = (chunk * CHUNK) as u64;
                if !progress.goes_on(Stage::Prepare, done, self.rows as u64) {
                    return Err(Error::Cancelled);
                }
                let rows = chunk * CHUNK..((chunk + 1) * CHUNK).min(self.rows);
                Ok(self.part(rows))
            })
            .collect::<Result<_>>()?;
        Dataset::assemble(self.schema, self.tables, parts)
    }

    fn part(&self, rows: Range<usize>) -> Part {
        let mut part = Part::default();
        let fields = self.schema.fields();
        for row in rows {
            let Part { words, rows } = &mut part;
            rows.push(fields.len(), |n, room, cells| {
                if let Some(field) = fields.get(n) {
                    let value = self.value(row * fields.len() + n);
                    let kept = Kept {
                        room,
                        cells,
                        number: &mut |word| words.add(word, 1),
                    };
                    kept.of(field, value);
                }
            });
        }
        part.words.close();
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
    words: Words,
    rows: Rows,
}

/// The most words of all records, and the most bytes of all different words:
/// they are counted in 32 bits, and one more record must not go past that. (A
/// letter may become several when it is folded.)
const MOST: usize = u32::MAX as usize - 64 * FIELDS_MAX * VALUE_MAX_BYTES;

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

/// What the words of some kinds of fields begin with.
pub(crate) const MARKS: [char; 7] = ['#', '@', '&', '%', '~', '=', '$'];

/// Keeps what is kept of a value, its words numbered by `number`. A word of one
/// kind is never taken for one of another: each kind has a mark of its own.
struct Kept<'a> {
    room: usize,
    cells: &'a mut Vec<Word>,
    number: &'a mut dyn FnMut(&str) -> Word,
}

impl Kept<'_> {
    fn of(mut self, field: &Field, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        match field.kind {
            FieldKind::BirthDate => {
                let date = PartialDate::parse(value).map(PartialDate::pack);
                self.cells.extend(date.into_iter().take(self.room));
            }
            FieldKind::Phone => {
                let number = match &field.region {
                    Some(region) => normalize::phone_in(value, region),
                    None => normalize::phone(value),
                };
                self.marked('#', number);
            }
            FieldKind::Quantity => self.marked('$', normalize::quantity(value)),
            FieldKind::Identifier => self.marked('@', normalize::identifier(value)),
            FieldKind::Email => self.marked('&', normalize::email(value)),
            FieldKind::Sex => {
                let first = normalize::words(value).concat().chars().next();
                self.marked('%', first.map(String::from));
            }
            FieldKind::Place => self.marked('~', joined(value)),
            FieldKind::Text => self.marked('=', joined(value)),
            FieldKind::GivenName
            | FieldKind::FamilyName
            | FieldKind::ParentName
            | FieldKind::FullName
            | FieldKind::Address => {
                for word in normalize::words(value) {
                    self.word(&word);
                }
            }
        }
    }

    fn marked(&mut self, mark: char, text: Option<String>) {
        if let Some(text) = text {
            self.word(&format!("{mark}{text}"));
        }
    }

    fn word(&mut self, word: &str) {
        if let Some(room) = self.room.checked_sub(1) {
            self.room = room;
            self.cells.push((self.number)(word));
        }
    }
}

fn joined(value: &str) -> Option<String> {
    Some(normalize::words(value).join(" ")).filter(|text| !text.is_empty())
}
