//! The rows of what was booked, many to a statement.

use std::fmt::Write;
use std::sync::LazyLock;

use rusqlite::{CachedStatement, Connection, Statement, ToSql, ffi};
use solidarity_payments::Booking;

use super::books::Entered;
use super::standing::balances_to_bytes;
use super::{Fail, Refusal, rows};

/// How many rows a statement writes where there are so many.
const MANY: usize = 64;

/// The columns that every transfer says something in, and the others with what
/// they are in a transfer that is [plain](Row::is_plain).
const COLUMNS: usize = 10;
const INSERT: &str = "INSERT OR FAIL INTO ledger_transfer (id, timestamp, debit_account, \
    credit_account, debit_before, credit_before, amount, code, flags, user_data_128, \
    user_data_64, user_data_32, timeout_seconds, settles, debit_after, credit_after) VALUES ";
const PLAIN: &str = "0, 0, 0, NULL, NULL, NULL";

static INSERT_ONE: LazyLock<String> = LazyLock::new(|| insert(1, "?11, ?12, ?13, ?14, ?15, ?16"));
static INSERT_MANY: LazyLock<String> = LazyLock::new(|| insert(MANY, PLAIN));

/// A transfer to be written.
pub(super) struct Row<'a> {
    pub(super) booking: Booking<'a>,
    /// The debit account's statement and the credit account's.
    pub(super) sides: [Entered; 2],
    /// The number of what it posts or voids.
    pub(super) settles: Option<i64>,
}

/// Writes transfers, which are numbered on from the last one in the file.
///
/// An id that is in the file already is refused as known. Rows before it may
/// have been written: the caller undoes them with the rest of its batch.
pub(super) struct Writer<'a> {
    conn: &'a Connection,
    one: CachedStatement<'a>,
    /// Prepared when there are so many.
    many: Option<CachedStatement<'a>>,
    waiting: Vec<Row<'a>>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(conn: &'a Connection) -> Result<Self, Fail> {
        Ok(Self {
            conn,
            one: conn.prepare_cached(&INSERT_ONE)?,
            many: None,
            waiting: Vec::with_capacity(MANY),
        })
    }

    /// Writes `row`, or has it wait for others.
    pub(super) fn push(&mut self, row: Row<'a>) -> Result<(), Fail> {
        if row.is_plain() {
            self.waiting.push(row);
            if self.waiting.len() < MANY {
                return Ok(());
            }
            let many = match &mut self.many {
                Some(many) => many,
                none => none.insert(self.conn.prepare_cached(&INSERT_MANY)?),
            };
            for (row, place) in self.waiting.iter().zip(0..) {
                row.bind(many, place * COLUMNS)?;
            }
            self.waiting.clear();
            return execute(many);
        }
        self.finish()?;
        self.write(&row)
    }

    /// Writes those that wait.
    pub(super) fn finish(&mut self) -> Result<(), Fail> {
        std::mem::take(&mut self.waiting)
            .iter()
            .try_for_each(|row| self.write(row))
    }

    fn write(&mut self, row: &Row<'_>) -> Result<(), Fail> {
        row.bind(&mut self.one, 0)?;
        row.bind_rest(&mut self.one)?;
        execute(&mut self.one)
    }
}

fn execute(insert: &mut Statement<'_>) -> Result<(), Fail> {
    match insert.raw_execute() {
        Ok(_) => Ok(()),
        // No other column is unique but the number, which SQLite counts.
        Err(rusqlite::Error::SqliteFailure(error, _))
            if error.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE =>
        {
            Err(Fail::refused(Refusal::Known))
        }
        Err(error) => Err(error.into()),
    }
}

/// The statement that writes `rows` rows which end in `rest`.
fn insert(rows: usize, rest: &str) -> String {
    let mut sql = INSERT.to_owned();
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=COLUMNS {
            // Writing to a string does not fail.
            let _written = write!(sql, "?{}, ", row * COLUMNS + column);
        }
        sql.push_str(rest);
        sql.push(')');
    }
    sql
}

impl Row<'_> {
    /// Whether it says nothing but what it moves, why, and for whom.
    fn is_plain(&self) -> bool {
        let body = self.booking.transfer.body();
        self.settles.is_none()
            && body.user_data_64 == 0
            && body.user_data_32 == 0
            && body.timeout_seconds == 0
            && self.booking.after == [None; 2]
    }

    /// Binds its first columns to the parameters after the first `before`.
    fn bind(&self, insert: &mut Statement<'_>, before: usize) -> rusqlite::Result<()> {
        let body = self.booking.transfer.body();
        let [debit, credit] = &self.sides;
        let user_data = (body.user_data_128 != 0).then(|| body.user_data_128.to_be_bytes());
        let mut next = Next(insert, before);
        next.bind(body.id.as_uuid().as_bytes())?;
        next.bind(rows::time(self.booking.transfer.timestamp()))?;
        next.bind(debit.account)?;
        next.bind(credit.account)?;
        next.bind(debit.before)?;
        next.bind(credit.before)?;
        next.bind(body.amount.to_be_bytes())?;
        next.bind(body.code.get())?;
        next.bind(body.flags.bits())?;
        next.bind(user_data)
    }

    /// Binds the others, which come after the first.
    fn bind_rest(&self, insert: &mut Statement<'_>) -> rusqlite::Result<()> {
        let body = self.booking.transfer.body();
        let mut next = Next(insert, COLUMNS);
        next.bind(body.user_data_64.cast_signed())?;
        next.bind(body.user_data_32)?;
        next.bind(body.timeout_seconds)?;
        next.bind(self.settles)?;
        for after in self.booking.after {
            next.bind(after.map(|after| balances_to_bytes(*after)))?;
        }
        Ok(())
    }
}

/// Binds one parameter after another.
struct Next<'a, 'conn>(&'a mut Statement<'conn>, usize);

impl Next<'_, '_> {
    fn bind(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.1 += 1;
        self.0.raw_bind_parameter(self.1, value)
    }
}
