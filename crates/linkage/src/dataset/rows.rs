use serde::{Deserialize, Serialize};

use crate::lexicon::Word;
use crate::limits::WORDS_MAX;
use crate::normalize::PartialDate;

/// The values of all records, each record's together: a bit for each field that
/// says something; where each field ends, two bytes a field; and then the words of
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
    pub(super) words: &'a [Word],
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
        let two = self.head.get(1 + field / 2).copied().unwrap_or(0);
        (two >> (16 * (field % 2)) & 0xffff) as usize
    }
}

impl Rows {
    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many cells there are.
    pub(super) const fn cells(&self) -> usize {
        self.cells.len()
    }

    fn start(&self, record: usize) -> usize {
        self.starts.get(record).copied().unwrap_or(0) as usize
    }

    /// The values of `record`, of so many fields.
    pub(super) fn row(&self, record: usize, fields: usize) -> Row<'_> {
        let cells = self.start(record)..self.start(record + 1);
        let cells = self.cells.get(cells).unwrap_or(&[]);
        let (head, words) = cells
            .split_at_checked(head_cells(fields))
            .unwrap_or((&[], &[]));
        Row { head, words }
    }

    /// Adds a record: `words` adds those of a field.
    pub(super) fn push(&mut self, fields: usize, mut words: impl FnMut(usize, &mut Vec<Word>)) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let head = self.cells.len();
        self.cells.resize(head + head_cells(fields), 0);
        let first = self.cells.len();
        for field in 0..fields {
            let begin = self.cells.len();
            words(field, &mut self.cells);
            let end = u16::try_from(self.cells.len() - first).unwrap_or(u16::MAX);
            if let Some(two) = self.cells.get_mut(head + 1 + field / 2) {
                *two |= u32::from(end) << (16 * (field % 2));
            }
            let is_said = self.cells.len() > begin;
            if let Some(said) = self.cells.get_mut(head).filter(|_| is_said) {
                *said |= 1 << field;
            }
        }
        self.starts
            .push(u32::try_from(self.cells.len()).unwrap_or(u32::MAX));
    }

    /// Gives words their new `numbers`; the fields in `dates` have none.
    pub(super) fn renumber(&mut self, dates: &[bool], numbers: &[Word]) {
        let mut ends = Vec::with_capacity(dates.len());
        for record in 0..self.len() {
            let row = self.row(record, dates.len());
            ends.clear();
            ends.extend((0..dates.len()).map(|field| row.end(field)));
            let mut begin = self.start(record) + head_cells(dates.len());
            let first = begin;
            for (end, is_date) in ends.iter().map(|end| first + end).zip(dates) {
                let words = self.cells.get_mut(begin..end).into_iter().flatten();
                for word in words.filter(|_| !is_date) {
                    *word = numbers.get(*word as usize).copied().unwrap_or(Word::MAX);
                }
                begin = end;
            }
        }
    }

    /// Adds all rows of `other`.
    pub(super) fn append(&mut self, other: &Self) {
        let offset = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.cells.extend(&other.cells);
        let skipped = usize::from(!self.starts.is_empty());
        let starts = other.starts.iter().skip(skipped);
        self.starts
            .extend(starts.map(|start| start.saturating_add(offset)));
    }

    /// Whether each row is whole, with words of which there are `known`.
    pub(super) fn are_whole(&self, dates: &[bool], known: usize) -> bool {
        let width = dates.len();
        let is_whole = |record| {
            let row = self.row(record, width);
            let said = (0..width).filter(|field| !row.words(*field).is_empty());
            let words = (0..width).filter(|field| dates.get(*field) == Some(&false));
            row.head.len() == head_cells(width)
                && row.said() == said.fold(0, |said, field| said | 1 << field)
                && (0..width).map(|field| row.end(field)).is_sorted()
                && row.end(width.saturating_sub(1)) == row.words.len()
                && (0..width).all(|field| row.words(field).len() <= WORDS_MAX)
                && (words.flat_map(|field| row.words(field))).all(|word| (*word as usize) < known)
        };
        self.starts.first().is_none_or(|first| *first == 0)
            && self.start(self.len()) == self.cells.len()
            && self.starts.is_sorted()
            && (0..self.len()).all(is_whole)
    }

    /// Takes the last record away.
    pub(super) fn pop(&mut self) {
        self.starts.pop();
        self.cells
            .truncate(self.starts.last().copied().unwrap_or(0) as usize);
    }
}

const fn head_cells(fields: usize) -> usize {
    1 + fields.div_ceil(2)
}
