use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use super::{Observer, Rejected, Subject, Waiting};

/// Writes rejected rows, and rows and units that wait, as CSV: `line`,
/// `outcome` (`rejected` or `waiting`), `subject` (`row` or `unit`), `column`
/// and `rule`, one line for each rule or reason. Never what the file says.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe
/// before it: a file's header may hold anything.
pub struct RejectsCsv<W: Write> {
    csv: csv::Writer<W>,
    lines: u64,
    failed: Option<io::Error>,
}

impl<W: Write> fmt::Debug for RejectsCsv<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectsCsv")
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}

impl<W: Write> RejectsCsv<W> {
    /// Writes to `out`, a header first.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn new(out: W) -> io::Result<Self> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(["line", "outcome", "subject", "column", "rule"])?;
        Ok(Self {
            csv,
            lines: 0,
            failed: None,
        })
    }

    /// Ends the file. Returns the number of lines below the header.
    ///
    /// # Errors
    ///
    /// The first that `out` had.
    pub fn finish(mut self) -> io::Result<u64> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.csv.flush()?;
        Ok(self.lines)
    }

    fn write(&mut self, line: u64, outcome: &str, subject: &str, column: &str, rule: &str) {
        let line = line.to_string();
        let cells = [line.as_str(), outcome, subject, column, rule].map(guarded);
        let cells = cells.iter().map(|cell| cell.as_bytes());
        match self.csv.write_record(cells) {
            Ok(()) => self.lines = self.lines.saturating_add(1),
            Err(error) => self.failed = self.failed.take().or(Some(error.into())),
        }
    }
}

impl<W: Write + Send> Observer for RejectsCsv<W> {
    fn rejected(&mut self, rejected: &Rejected) {
        let column = rejected.column.as_deref().unwrap_or_default();
        self.write(rejected.line, "rejected", "row", column, &rejected.rule);
    }

    fn waiting(&mut self, waiting: &Waiting) {
        let subject = match waiting.subject {
            Subject::Row => "row",
            Subject::Unit => "unit",
        };
        for reason in &waiting.reasons {
            self.write(waiting.line, "waiting", subject, "", &reason.to_string());
        }
    }
}

/// `cell`, harmless in a spreadsheet.
fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ReviewReason;
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let mut out = Vec::new();
        let mut csv = RejectsCsv::new(&mut out).unwrap();
        for column in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "name"] {
            csv.rejected(&Rejected {
                line: 2,
                column: Some(column.to_owned()),
                rule: "must not be empty".to_owned(),
            });
        }
        csv.waiting(&Waiting {
            line: 9,
            subject: Subject::Unit,
            reasons: [ReviewReason::NoMember, ReviewReason::RowsDiffer].into(),
        });
        assert_eq!(csv.finish().unwrap(), 9);
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let columns: Vec<_> = reader.records().map(|r| r.unwrap()).collect();
        assert_eq!(columns.len(), 9);
        for record in columns {
            for cell in &record {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{cell:?}"
                );
            }
        }
    }

    #[test]
    fn an_error_of_the_file_is_told_in_the_end() {
        #[derive(Debug)]
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let csv = RejectsCsv::new(Full).unwrap();
        assert!(csv.finish().is_err());
    }
}
