use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::lexicon::{Lexicon, Words, mix};
use crate::limits::{FIELDS_MAX, RECORDS_MAX, VALUE_MAX_BYTES};
use crate::progress::go_on;
use crate::{Error, FieldKind, Progress, Result, Schema, Stage, Tables};

mod builder;
mod kept;
mod rows;

pub use builder::DatasetBuilder;
use builder::{Part, check_row, row};
use kept::Kept;
pub(crate) use kept::MARKS;
pub(crate) use rows::Row;
use rows::Rows;

/// Records, ready to be compared: numbered from 0 in the order in which they
/// came.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Dataset {
    pub(crate) schema: Schema,
    pub(crate) lexicon: Lexicon,
    rows: Rows,
    pub(crate) length: usize,
}

/// The most words of all records, and the most bytes of all different words:
/// they are counted in 32 bits, and one more record must not go past that. (A
/// letter may become several when it is folded.)
const MOST: usize = u32::MAX as usize - 64 * FIELDS_MAX * VALUE_MAX_BYTES;

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

    /// A number for each record that depends on nothing but `seed` and what the
    /// record says.
    pub(crate) fn marks(&self, seed: u64) -> Vec<u64> {
        let dates = self.schema.dates();
        let mark = |record| {
            let row = self.row(record);
            let mut mark = mix(seed);
            for (field, is_date) in dates.iter().enumerate() {
                for word in row.words(field) {
                    let word = match is_date {
                        true => u64::from(*word),
                        false => self.lexicon.hash(*word),
                    };
                    mark = mix(mark ^ word);
                }
                mark = mix(mark);
            }
            mark
        };
        (0..self.length).into_par_iter().map(mark).collect()
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
    /// An error of `parts`, which are then read no further; [`Error::Schema`] for a part of another
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
                go_on(progress, Stage::Prepare, done, done)?;
                Ok((n, Arc::clone(&part.tables), part.part(0..part.rows)))
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
        let cells: usize = rows.iter().map(Rows::cells).sum();
        let (lexicon, numbers) = Lexicon::merge(tables, &words);
        drop(words);
        if length > RECORDS_MAX || cells.max(lexicon.bytes()) > MOST {
            return Err(row("is one too many"));
        }
        let dates = schema.dates();
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

    /// Says whether a dataset that was read is one of so many fields.
    pub(crate) fn check(&self, fields: usize) -> Result<()> {
        let dates = self.schema.dates();
        let whole = dates.len() == fields
            && self.rows.len() == self.length
            && self.rows.are_whole(&dates, self.lexicon.len());
        match whole {
            true => Ok(()),
            false => Err(Error::Unreadable("it is not whole".into())),
        }
    }

    /// Adds one record at the end, and gives its number. After
    /// [`Lexicon::index`].
    pub(crate) fn push(&mut self, values: &[&str]) -> Result<usize> {
        check_row(&self.schema, values)?;
        if self.length >= RECORDS_MAX || self.rows.cells().max(self.lexicon.bytes()) > MOST {
            return Err(row("is one too many"));
        }
        let (lexicon, fields) = (&mut self.lexicon, self.schema.fields());
        self.rows.push(fields.len(), |n, cells| {
            if let (Some(field), Some(value)) = (fields.get(n), values.get(n)) {
                let kept = Kept {
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
