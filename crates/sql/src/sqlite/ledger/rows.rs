//! Rows and what they are.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row};
use solidarity_payments::{
    Account, AccountCode, AccountFlags, AccountId, Balances, LedgerNumber, NewAccount, NewTransfer,
    PendingState, Timestamp, Transfer, TransferCode, TransferFlags, TransferId,
};
use uuid::Uuid;

use super::Fail;
use super::standing::{Standing, balances};

/// Transfers as [`read_transfer`] reads them, of what `$from` gives as `t`.
macro_rules! transfers {
    ($from:literal, $($rest:literal),*) => {
        concat!(
            "SELECT t.number, t.timestamp, t.id, d.id, c.id, t.amount, d.ledger, t.code, t.flags, \
             t.user_data_128, t.user_data_64, t.user_data_32, t.timeout_seconds, s.id, \
             t.debit_account, t.credit_account, t.debit_before, t.credit_before, t.debit_after, \
             t.credit_after FROM ", $from,
            " JOIN ledger_account d ON d.number = t.debit_account \
             JOIN ledger_account c ON c.number = t.credit_account \
             LEFT JOIN ledger_transfer s ON s.number = t.settles ",
            $($rest),*
        )
    };
}

const DUE: &str = transfers!(
    "ledger_pending p CROSS JOIN ledger_transfer t ON t.number = p.transfer",
    "WHERE p.due <= ?1 ORDER BY p.due LIMIT ?2"
);
const DUE_DEBITS: &str = transfers!(
    "ledger_pending p CROSS JOIN ledger_transfer t ON t.number = p.transfer",
    "WHERE p.debit_account = ?1 AND p.due <= ?2"
);
const DUE_CREDITS: &str = transfers!(
    "ledger_pending p CROSS JOIN ledger_transfer t ON t.number = p.transfer",
    "WHERE p.credit_account = ?1 AND p.due <= ?2"
);
const TRANSFER: &str = transfers!("ledger_transfer t", "WHERE t.id = ?1");
const TRANSFER_NUMBERED: &str = transfers!("ledger_transfer t", "WHERE t.number = ?1");

// How an account stands is cut out of its row as `standing::place` says.
const ACCOUNT: &str = "SELECT a.number, a.id, a.timestamp, a.ledger, a.code, a.flags, \
    a.user_data_128, a.user_data_64, a.user_data_32, \
    substr(s.accounts, (a.number - 1) % 32 * 74 + 1, 74) \
    FROM ledger_account a JOIN ledger_standing s ON s.block = (a.number - 1) / 32 WHERE a.id = ?1";

const IS_DUE: &str = "SELECT 1 FROM ledger_pending WHERE due <= ?1 LIMIT 1";
const PENDING: &str = "SELECT state FROM ledger_pending WHERE transfer = ?1";
const BOOKED: &str = "SELECT 1 FROM ledger_transfer WHERE id = ?1";
const BURNT: &str = "SELECT 1 FROM ledger_burnt WHERE transfer = ?1";
const BURNT_BETWEEN: &str = "SELECT 1 FROM ledger_burnt WHERE transfer BETWEEN ?1 AND ?2 LIMIT 1";
const MARK: &str = "SELECT mark FROM ledger_mark";

/// A list that is numbered by time: its last number with its time, and the
/// time of a number.
pub(super) struct Timeline {
    last: &'static str,
    of: &'static str,
}

pub(super) const ACCOUNTS: Timeline = Timeline {
    last: "SELECT number, timestamp FROM ledger_account ORDER BY number DESC LIMIT 1",
    of: "SELECT timestamp FROM ledger_account WHERE number = ?1",
};

pub(super) const TRANSFERS: Timeline = Timeline {
    last: "SELECT number, timestamp FROM ledger_transfer ORDER BY number DESC LIMIT 1",
    of: "SELECT timestamp FROM ledger_transfer WHERE number = ?1",
};

impl Timeline {
    /// The last number and its time; zero where there is none.
    pub(super) fn last(&self, conn: &Connection) -> Result<(i64, Timestamp), Fail> {
        let last = conn
            .prepare_cached(self.last)?
            .query_row([], |row| Ok((row.get(0)?, read_time(row, 1)?)))
            .optional()?;
        Ok(last.unwrap_or_default())
    }

    /// The first number whose time is not before `at`; one more than the last
    /// where there is none.
    pub(super) fn first_from(&self, conn: &Connection, at: Timestamp) -> Result<i64, Fail> {
        let mut of = conn.prepare_cached(self.of)?;
        let (mut from, mut to) = (1, self.last(conn)?.0 + 1);
        while from < to {
            let middle = from + (to - from) / 2;
            let time = of.query_row([middle], |row| read_time(row, 0))?;
            if time < at {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Ok(from)
    }

    /// Whether anything has the time `at`.
    pub(super) fn has(&self, conn: &Connection, at: Timestamp) -> Result<bool, Fail> {
        let first = self.first_from(conn, at)?;
        let mut of = conn.prepare_cached(self.of)?;
        let time = of.query_row([first], |row| read_time(row, 0)).optional()?;
        Ok(time == Some(at))
    }
}

/// The time of the ledger's latest event.
fn clock(conn: &Connection) -> Result<Timestamp, Fail> {
    Ok(ACCOUNTS.last(conn)?.1.max(TRANSFERS.last(conn)?.1))
}

/// An account, its number, and how it stands.
pub(super) struct Numbered {
    pub(super) number: i64,
    pub(super) standing: Standing,
    pub(super) account: Account,
}

pub(super) fn account(conn: &Connection, id: AccountId) -> Result<Option<Numbered>, Fail> {
    Ok(conn
        .prepare_cached(ACCOUNT)?
        .query_row([id.as_uuid().as_bytes()], read_account)
        .optional()?)
}

/// A transfer, and what a statement needs of its row.
pub(super) struct Entry {
    pub(super) number: i64,
    pub(super) transfer: Transfer,
    sides: [EntrySide; 2],
}

#[derive(Clone, Copy)]
pub(super) struct EntrySide {
    account: i64,
    /// The transfer before it in the account's statement.
    pub(super) before: i64,
    /// The account's balances after it, if it keeps history.
    pub(super) after: Option<Balances>,
}

impl Entry {
    /// What it is to the account `number`.
    pub(super) fn side(&self, number: i64) -> Result<EntrySide, Fail> {
        let side = self.sides.into_iter().find(|side| side.account == number);
        side.ok_or_else(|| Fail::unreadable("a transfer is in another account's statement"))
    }
}

pub(super) fn transfer(conn: &Connection, id: TransferId) -> Result<Option<Entry>, Fail> {
    Ok(conn
        .prepare_cached(TRANSFER)?
        .query_row([id.as_uuid().as_bytes()], read_transfer)
        .optional()?)
}

pub(super) fn transfer_numbered(conn: &Connection, number: i64) -> Result<Entry, Fail> {
    Ok(conn
        .prepare_cached(TRANSFER_NUMBERED)?
        .query_row([number], read_transfer)?)
}

/// What became of the pending transfer `number`.
pub(super) fn pending(conn: &Connection, number: i64) -> Result<PendingState, Fail> {
    let state: Option<i64> = conn
        .prepare_cached(PENDING)?
        .query_row([number], |row| row.get(0))
        .optional()?;
    match state {
        Some(0) => Ok(PendingState::Pending),
        Some(1) => Ok(PendingState::Posted),
        Some(2) => Ok(PendingState::Voided),
        Some(3) => Ok(PendingState::Expired),
        _ => Err(Fail::unreadable("a pending transfer has no known state")),
    }
}

/// `state` as [`pending`] reads it.
pub(super) const fn pending_code(state: PendingState) -> i64 {
    match state {
        PendingState::Pending => 0,
        PendingState::Posted => 1,
        PendingState::Voided => 2,
        PendingState::Expired => 3,
    }
}

pub(super) fn is_booked(conn: &Connection, id: TransferId) -> Result<bool, Fail> {
    Ok(conn
        .prepare_cached(BOOKED)?
        .exists([id.as_uuid().as_bytes()])?)
}

pub(super) fn is_burnt(conn: &Connection, id: TransferId) -> Result<bool, Fail> {
    Ok(conn
        .prepare_cached(BURNT)?
        .exists([id.as_uuid().as_bytes()])?)
}

/// Whether any id from `first` to `last` is burnt.
pub(super) fn is_any_burnt(conn: &Connection, first: Uuid, last: Uuid) -> Result<bool, Fail> {
    Ok(conn
        .prepare_cached(BURNT_BETWEEN)?
        .exists([first.as_bytes(), last.as_bytes()])?)
}

pub(super) fn mark(conn: &Connection) -> Result<[u8; 16], Fail> {
    Ok(conn.prepare_cached(MARK)?.query_row([], |row| row.get(0))?)
}

/// The first transfers that are over at `now`, at most `count`.
pub(super) fn some_due(
    conn: &Connection,
    now: Timestamp,
    count: usize,
) -> Result<Vec<Entry>, Fail> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut statement = conn.prepare_cached(DUE)?;
    let due = statement.query_map([time(now), count], read_transfer)?;
    Ok(due.collect::<rusqlite::Result<_>>()?)
}

/// The accounts `ids` as they are at `now`. Nothing is written: what is over
/// by then is released in memory only.
pub(super) fn accounts_at(
    conn: &Connection,
    ids: &[AccountId],
    now: Timestamp,
) -> Result<Vec<Option<Account>>, Fail> {
    let now = time(now.max(clock(conn)?));
    let is_any_due = conn.prepare_cached(IS_DUE)?.exists([now])?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let mut known = account(conn, *id)?;
        if let Some(known) = &mut known
            && is_any_due
        {
            for side in [DUE_DEBITS, DUE_CREDITS] {
                let mut due = conn.prepare_cached(side)?;
                let mut rows = due.query([known.number, now])?;
                while let Some(row) = rows.next()? {
                    known.account.release(read_transfer(row)?.transfer.body());
                }
            }
        }
        found.push(known.map(|known| known.account));
    }
    Ok(found)
}

/// A moment as SQLite counts. No moment of a ledger is beyond it.
pub(super) fn time(timestamp: Timestamp) -> i64 {
    i64::try_from(timestamp.nanos()).unwrap_or(i64::MAX)
}

fn read_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let nanos: i64 = row.get(column)?;
    Ok(Timestamp::from_nanos(nanos.unsigned_abs()))
}

fn read_number(row: &Row<'_>, column: usize) -> rusqlite::Result<u128> {
    row.get(column).map(u128::from_be_bytes)
}

fn read_uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}

fn read<T: FromSql>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get(column)
}

/// What `from` makes of the bytes in `column`.
fn read_bytes<T>(
    row: &Row<'_>,
    column: usize,
    from: impl FnOnce(&[u8]) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    let value = row.get_ref(column)?;
    let wrong = || rusqlite::Error::InvalidColumnType(column, "bytes".into(), value.data_type());
    let bytes = value.as_blob_or_null().map_err(|_| wrong())?;
    bytes.map(|bytes| from(bytes).ok_or_else(wrong)).transpose()
}

fn read_account(row: &Row<'_>) -> rusqlite::Result<Numbered> {
    let timestamp = read_time(row, 2)?;
    let mut body = NewAccount::new(
        AccountId::from_uuid(read_uuid(row, 1)?),
        LedgerNumber::new(read(row, 3)?),
        AccountCode::new(read(row, 4)?),
    );
    body.flags = AccountFlags::from_bits(read(row, 5)?);
    body.user_data_128 = read_number(row, 6)?;
    body.user_data_64 = read::<i64>(row, 7)?.cast_unsigned();
    body.user_data_32 = read(row, 8)?;
    if body.flags.contains(AccountFlags::IMPORTED) {
        body.timestamp = timestamp;
    }
    let standing = read_bytes(row, 9, Standing::from_bytes)?.unwrap_or_default();
    Ok(Numbered {
        number: read(row, 0)?,
        standing,
        account: Account::from_parts(body, standing.closed, standing.balances, timestamp),
    })
}

fn read_transfer(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let timestamp = read_time(row, 1)?;
    let mut body = NewTransfer::new(
        TransferId::from_uuid(read_uuid(row, 2)?),
        AccountId::from_uuid(read_uuid(row, 3)?),
        AccountId::from_uuid(read_uuid(row, 4)?),
        LedgerNumber::new(read(row, 6)?),
        read_number(row, 5)?,
        TransferCode::new(read(row, 7)?),
    );
    body.flags = TransferFlags::from_bits(read(row, 8)?);
    body.user_data_128 = read::<Option<[u8; 16]>>(row, 9)?.map_or(0, u128::from_be_bytes);
    body.user_data_64 = read::<i64>(row, 10)?.cast_unsigned();
    body.user_data_32 = read(row, 11)?;
    body.timeout_seconds = read(row, 12)?;
    body.pending_id =
        read::<Option<[u8; 16]>>(row, 13)?.map(|id| TransferId::from_uuid(Uuid::from_bytes(id)));
    if body.flags.contains(TransferFlags::IMPORTED) {
        body.timestamp = timestamp;
    }
    let side = |at: usize| {
        let after = read_bytes(row, 18 + at, |bytes| Some(balances(bytes)?.0))?;
        Ok::<_, rusqlite::Error>(EntrySide {
            account: read(row, 14 + at)?,
            before: read(row, 16 + at)?,
            after,
        })
    };
    Ok(Entry {
        number: read(row, 0)?,
        transfer: Transfer::from_parts(body, timestamp),
        sides: [side(0)?, side(1)?],
    })
}
