//! A file's rows, one by one, in bounded memory.

use std::io::{self, Read};

use super::{COLUMNS_MAX, FIELD_MAX_BYTES, ImportError, ROW_MAX_BYTES};

/// A row as it stands in the file.
#[derive(Debug)]
pub(super) struct Record {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// Its fields, or what makes it unreadable.
    pub(super) fields: Result<Vec<String>, Unreadable>,
}

/// Why a row cannot be read, and in which field, if one is to blame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Unreadable {
    pub(super) field: Option<usize>,
    pub(super) rule: &'static str,
    /// The byte of the row from which on it is not UTF-8.
    offset: Option<usize>,
}

const QUOTES: &str = "must have quotes that end where the field ends";
const LONG_FIELD: &str = "must have at most 65536 bytes in a field";
const LONG_ROW: &str = "must be at most 1 MiB long";
const COLUMNS: &str = "must have at most 1000 columns";
const UTF8: &str = "must be UTF-8";
const NUL: &str = "must not hold NUL bytes";

const fn whole_row(rule: &'static str) -> Unreadable {
    Unreadable {
        field: None,
        rule,
        offset: None,
    }
}

/// Reads comma-separated values as RFC 4180 has them, and a little more: any
/// delimiter, lines that end in LF alone, quotes inside a field that does not
/// begin with one.
///
/// A row that breaks the form costs that row and no other: reading goes on
/// with the next line.
#[derive(Debug)]
pub(super) struct Records<R> {
    input: R,
    delimiter: u8,
    /// Bytes read and not yet taken, from the beginning of a line on.
    window: Vec<u8>,
    taken: usize,
    ended: bool,
    line: u64,
    offset: u64,
}

/// What the bytes at the beginning of a window are.
enum Parsed {
    /// A row, and how many bytes it takes.
    Row(Vec<Vec<u8>>, usize),
    /// The window ends before the row does.
    Unfinished,
    /// Not a row.
    Broken(Unreadable),
}

impl<R: Read> Records<R> {
    pub(super) const fn new(input: R, delimiter: u8) -> Self {
        Self {
            input,
            delimiter,
            window: Vec::new(),
            taken: 0,
            ended: false,
            line: 1,
            offset: 0,
        }
    }

    /// The bytes of the file that have been taken.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The header: the first row.
    pub(super) fn header(&mut self) -> Result<Vec<String>, ImportError> {
        while self.rest().len() < 3 && self.fill()? {}
        let start: &[u8] = self.rest();
        if start.is_empty() {
            return Err(ImportError::Empty);
        }
        if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
            return Err(ImportError::Encoding { line: 1, offset: 0 });
        }
        if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
            self.take(3);
        }
        let before = self.offset;
        let Some(record) = self.next()? else {
            return Err(ImportError::Empty);
        };
        record.fields.map_err(|unreadable| match unreadable.rule {
            UTF8 | NUL => ImportError::Encoding {
                line: record.line,
                offset: before
                    .saturating_add(u64::try_from(unreadable.offset.unwrap_or(0)).unwrap_or(0)),
            },
            rule => ImportError::Header { rule },
        })
    }

    /// The next row; blank lines are none.
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        loop {
            if self.rest().is_empty() && !self.fill()? {
                return Ok(None);
            }
            match self.parse() {
                Parsed::Unfinished => {
                    self.fill()?;
                }
                Parsed::Row(fields, length) => {
                    let line = self.line;
                    let blank = matches!(fields.as_slice(), [only] if only.is_empty());
                    let fields = texts(fields).map_err(|unreadable| Unreadable {
                        offset: self.rest().get(..length).and_then(not_text),
                        ..unreadable
                    });
                    self.take(length);
                    if !blank {
                        return Ok(Some(Record { line, fields }));
                    }
                }
                Parsed::Broken(unreadable) => {
                    let line = self.line;
                    self.skip_line()?;
                    return Ok(Some(Record {
                        line,
                        fields: Err(unreadable),
                    }));
                }
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.window.get(self.taken..).unwrap_or_default()
    }

    /// Reads more. `false` at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.taken > 0 {
            self.window.drain(..self.taken);
            self.taken = 0;
        }
        let chunk = u64::try_from(self.window.len().max(FIELD_MAX_BYTES)).unwrap_or(u64::MAX);
        let read = (&mut self.input)
            .take(chunk)
            .read_to_end(&mut self.window)?;
        self.ended = read == 0;
        Ok(!self.ended)
    }

    fn take(&mut self, length: usize) {
        let lines = self.rest().iter().take(length).filter(|b| **b == b'\n');
        self.line = self
            .line
            .saturating_add(u64::try_from(lines.count()).unwrap_or(0));
        self.taken = self.taken.saturating_add(length);
        self.offset = self
            .offset
            .saturating_add(u64::try_from(length).unwrap_or(0));
    }

    /// Takes the rest of the line, however long it is.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(end) = self.rest().iter().position(|b| *b == b'\n') {
                self.take(end.saturating_add(1));
                return Ok(());
            }
            self.take(self.rest().len());
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    fn parse(&self) -> Parsed {
        let mut fields: Vec<Vec<u8>> = Vec::new();
        let mut bytes = Bytes {
            of: self.rest(),
            at: 0,
        };
        loop {
            let (field, end) = match self.field(&mut bytes) {
                Ok(read) => read,
                Err(parsed) => return parsed,
            };
            fields.push(field);
            if fields.len() > COLUMNS_MAX {
                return Parsed::Broken(whole_row(COLUMNS));
            }
            if bytes.at > ROW_MAX_BYTES {
                return Parsed::Broken(whole_row(LONG_ROW));
            }
            if end == End::Row {
                return Parsed::Row(fields, bytes.at);
            }
        }
    }

    /// One field and what ends it.
    fn field(&self, bytes: &mut Bytes<'_>) -> Result<(Vec<u8>, End), Parsed> {
        let mut field = Vec::new();
        let mut quoted = bytes.peek() == Some(b'"');
        if quoted {
            bytes.step();
        }
        let was_quoted = quoted;
        loop {
            if field.len() > FIELD_MAX_BYTES {
                // A quote that nobody closed swallows the lines that follow.
                let open = quoted && field.contains(&b'\n');
                let rule = if open { QUOTES } else { LONG_FIELD };
                return Err(Parsed::Broken(whole_row(rule)));
            }
            let Some(byte) = bytes.step() else {
                return match (self.ended, quoted) {
                    (false, _) => Err(Parsed::Unfinished),
                    (true, true) => Err(Parsed::Broken(whole_row(QUOTES))),
                    (true, false) => Ok((field, End::Row)),
                };
            };
            match byte {
                b'"' if quoted && bytes.peek() == Some(b'"') => {
                    bytes.step();
                    field.push(b'"');
                }
                b'"' if quoted && bytes.peek().is_none() && !self.ended => {
                    return Err(Parsed::Unfinished);
                }
                b'"' if quoted => quoted = false,
                _ if quoted => field.push(byte),
                b'\n' => return Ok((field, End::Row)),
                b'\r' if bytes.peek() == Some(b'\n') => {}
                b'\r' if bytes.peek().is_none() && !self.ended => return Err(Parsed::Unfinished),
                b'\r' if bytes.peek().is_none() => {}
                _ if byte == self.delimiter => return Ok((field, End::Field)),
                // Something between the closing quote and the delimiter.
                _ if was_quoted => return Err(Parsed::Broken(whole_row(QUOTES))),
                _ => field.push(byte),
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Field,
    Row,
}

struct Bytes<'a> {
    of: &'a [u8],
    at: usize,
}

impl Bytes<'_> {
    fn peek(&self) -> Option<u8> {
        self.of.get(self.at).copied()
    }

    fn step(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }
}

fn texts(fields: Vec<Vec<u8>>) -> Result<Vec<String>, Unreadable> {
    let of_field = |(position, bytes): (usize, Vec<u8>)| {
        let broken = |rule| Unreadable {
            field: Some(position),
            ..whole_row(rule)
        };
        if bytes.contains(&0) {
            return Err(broken(NUL));
        }
        String::from_utf8(bytes).map_err(|_| broken(UTF8))
    };
    fields.into_iter().enumerate().map(of_field).collect()
}

/// The first byte that is not of a text.
fn not_text(bytes: &[u8]) -> Option<usize> {
    let nul = bytes.iter().position(|b| *b == 0);
    let utf8 = std::str::from_utf8(bytes).err().map(|e| e.valid_up_to());
    nul.into_iter().chain(utf8).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every row: its line, and its fields or the rule that it breaks.
    fn rows(bytes: &[u8]) -> Vec<(u64, Result<Vec<String>, &'static str>)> {
        let mut records = Records::new(bytes, b',');
        let mut rows = Vec::new();
        while let Some(record) = records.next().unwrap() {
            rows.push((record.line, record.fields.map_err(|u| u.rule)));
        }
        rows
    }

    fn row(line: u64, fields: &[&str]) -> (u64, Result<Vec<String>, &'static str>) {
        (line, Ok(fields.iter().map(|f| (*f).to_owned()).collect()))
    }

    #[test]
    fn what_is_well_formed_is_read() {
        assert_eq!(
            rows(b"a,b\r\n\"x,\"\"y\"\"\",\n\n\"two\nlines\",5\" pipe\nend,"),
            [
                row(1, &["a", "b"]),
                row(2, &["x,\"y\"", ""]),
                row(4, &["two\nlines", "5\" pipe"]),
                row(6, &["end", ""]),
            ]
        );
    }

    #[test]
    fn a_broken_row_costs_no_other() {
        for broken in [&b"1,\"open"[..], b"1,\"closed\"x", b"1,\"a\"\"", b"\""] {
            let file = [b"a,b\n", broken, b"\n2,y\n3,\"z\"\n"].concat();
            assert_eq!(
                rows(&file),
                [
                    row(1, &["a", "b"]),
                    (2, Err(QUOTES)),
                    row(3, &["2", "y"]),
                    row(4, &["3", "z"])
                ],
                "{}",
                String::from_utf8_lossy(broken)
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_cost_their_row() {
        assert_eq!(
            rows(b"a\n\xE9t\xE9\nb\0c\nd\n"),
            [
                row(1, &["a"]),
                (2, Err(UTF8)),
                (3, Err(NUL)),
                row(4, &["d"])
            ]
        );
    }

    #[test]
    fn limits_hold_to_the_byte() {
        for (length, fits) in [
            (FIELD_MAX_BYTES - 1, true),
            (FIELD_MAX_BYTES, true),
            (FIELD_MAX_BYTES + 1, false),
        ] {
            for field in ["x".repeat(length), format!("\"{}\"", "x".repeat(length))] {
                let rows = rows(format!("a\n{field}\nb\n").as_bytes());
                assert_eq!(rows.len(), 3);
                assert_eq!(
                    rows.get(1).map(|(_, fields)| fields.is_ok()),
                    Some(fits),
                    "{length}"
                );
            }
        }
        for (columns, fits) in [(COLUMNS_MAX, true), (COLUMNS_MAX + 1, false)] {
            let rows = rows(vec!["1"; columns].join(",").as_bytes());
            assert_eq!(
                rows.first().map(|(_, fields)| fields.is_ok()),
                Some(fits),
                "{columns}"
            );
        }
        let long = vec!["x".repeat(FIELD_MAX_BYTES); 17].join(",");
        assert_eq!(
            rows(format!("{long}\nb\n").as_bytes()),
            [(1, Err(LONG_ROW)), row(2, &["b"])]
        );
    }

    #[test]
    fn the_header_tells_the_encoding() {
        let header = |bytes: &[u8]| Records::new(bytes, b';').header();
        assert_eq!(header(b"\xEF\xBB\xBFa;b\n").unwrap(), ["a", "b"]);
        for (bytes, at) in [
            (&b"\xFF\xFEa\0"[..], 0),
            (b"\xFE\xFF\0a", 0),
            (b"ab;c\xE9d\n", 4),
            (b"a\0b\0", 1),
        ] {
            match header(bytes) {
                Err(ImportError::Encoding { line: 1, offset }) => assert_eq!(offset, at),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(header(b""), Err(ImportError::Empty)));
        assert!(matches!(header(b"\n\r\n"), Err(ImportError::Empty)));
        assert!(matches!(
            header(b"\"a;b\n"),
            Err(ImportError::Header { rule: QUOTES })
        ));
    }

    /// A reader that gives one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (Some(to), Some((first, rest))) = (buffer.first_mut(), self.0.split_first()) else {
                return Ok(0);
            };
            *to = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    proptest! {
        #[test]
        fn what_the_library_writes_is_read(
            table in prop::collection::vec(prop::collection::vec("[a\",;\n é]{0,6}", 2..4), 0..12),
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for fields in &table {
                writer.write_record(fields).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let read: Vec<_> = rows(&bytes).into_iter().map(|(_, fields)| fields.unwrap()).collect();
            prop_assert_eq!(read, table);
        }

        #[test]
        fn arbitrary_bytes_end_and_lines_go_up(
            bytes in prop::collection::vec(prop::sample::select(b"a\",\n\r\0\xFF".to_vec()), 0..200),
        ) {
            let rows = rows(&bytes);
            prop_assert!(rows.windows(2).all(|w| matches!(w, [a, b] if a.0 < b.0)));
            let lines = u64::try_from(bytes.split(|b| *b == b'\n').count()).unwrap();
            prop_assert!(rows.iter().all(|(line, _)| (1..=lines).contains(line)));
            let mut drip = Records::new(Drip(&bytes), b',');
            let mut again = Vec::new();
            while let Some(record) = drip.next().unwrap() {
                again.push((record.line, record.fields.map_err(|u| u.rule)));
            }
            prop_assert_eq!(again, rows);
        }
    }
}
