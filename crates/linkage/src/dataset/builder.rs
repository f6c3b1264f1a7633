use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::kept::Kept;
use super::{Dataset, Rows};
use crate::lexicon::Words;
use crate::limits::{RECORDS_MAX, VALUE_MAX_BYTES};
use crate::progress::go_on;
use crate::{Error, Progress, Result, Schema, Stage, Tables};

/// How many rows are prepared together.
const CHUNK: usize = 8_192;

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
    pub(super) schema: Schema,
    pub(super) tables: Arc<Tables>,
    /// All values, one after the other.
    text: String,
    ends: Vec<usize>,
    pub(super) rows: usize,
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
                go_on(progress, Stage::Prepare, done, self.rows as u64)?;
                let rows = chunk * CHUNK..((chunk + 1) * CHUNK).min(self.rows);
                Ok(self.part(rows))
            })
            .collect::<Result<_>>()?;
        Dataset::assemble(self.schema, self.tables, parts)
    }

    /// Makes some of the rows ready.
    pub(super) fn part(&self, rows: Range<usize>) -> Part {
        let mut part = Part::default();
        let fields = self.schema.fields();
        for row in rows {
            let Part { words, rows } = &mut part;
            rows.push(fields.len(), |n, cells| {
                if let Some(field) = fields.get(n) {
                    let value = self.value(row * fields.len() + n);
                    let kept = Kept {
                        cells,
                        number: &mut |word| words.add(word),
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
pub(super) struct Part {
    pub(super) words: Words,
    pub(super) rows: Rows,
}

pub(super) fn row(rule: &'static str) -> Error {
    Error::Row {
        field: "the row".to_owned(),
        rule,
    }
}

pub(super) fn check_row(schema: &Schema, values: &[&str]) -> Result<()> {
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
