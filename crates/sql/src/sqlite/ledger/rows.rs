//! Rows and what they are.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row};
use solidarity_payments::{
    Account, AccountBalance, AccountCode, AccountFlags, AccountId, Balances, LedgerNumber,
    LedgerState, NewAccount, NewTransfer, PendingState, Timestamp, Transfer, TransferCode,
    TransferFlags, TransferId,
};
use uuid::Uuid;

use super::Fail;

const ACCOUNT: &str = "SELECT id, timestamp, ledger, code, flags, user_data_128, user_data_64, \
    user_data_32, closed, debits_pending, debits_posted, credits_pending, credits_posted \
    FROM ledger_account WHERE id = ?1";

/// The columns of a transfer that [`read_transfer`] reads.
pub(super) const TRANSFER_COLUMNS: &str = "t.timestamp, t.id, t.debit_account, t.credit_account, \
    t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32, t.timeout_seconds, \
    t.ledger, t.code, t.flags";

const TRANSFER: &str = "SELECT t.timestamp, t.id, t.debit_account, t.credit_account, \
    t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32, t.timeout_seconds, \
    t.ledger, t.code, t.flags FROM ledger_transfer t WHERE t.id = ?1";

const DUE: &str = "SELECT t.timestamp, t.id, t.debit_account, t.credit_account, \
    t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32, t.timeout_seconds, \
    t.ledger, t.code, t.flags FROM ledger_pending p JOIN ledger_transfer t ON t.id = p.transfer \
    WHERE p.due <= ?1 ORDER BY p.due";

const PENDING: &str = "SELECT state FROM ledger_pending WHERE transfer = ?1";
const BURNT: &str = "SELECT 1 FROM ledger_burnt WHERE transfer = ?1";
const LAST_TIMES: &str = "SELECT (SELECT coalesce(max(timestamp), 0) FROM ledger_account), \
    (SELECT coalesce(max(timestamp), 0) FROM ledger_transfer)";
const ACCOUNT_TIME: &str = "SELECT 1 FROM ledger_account WHERE timestamp = ?1";
const TRANSFER_TIME: &str = "SELECT 1 FROM ledger_transfer WHERE timestamp = ?1";

/// A state that knows the ledger's own time, and nothing else.
pub(super) fn state(conn: &Connection) -> Result<LedgerState, Fail> {
    let mut state = LedgerState::new();
    let (account, transfer) = conn
        .prepare_cached(LAST_TIMES)?
        .query_row([], |row| Ok((read_time(row, 0)?, read_time(row, 1)?)))?;
    state.load_account_time(account);
    state.load_transfer_time(transfer);
    Ok(state)
}

pub(super) fn account(conn: &Connection, id: AccountId) -> Result<Option<Account>, Fail> {
    Ok(conn
        .prepare_cached(ACCOUNT)?
        .query_row([id.as_uuid().as_bytes()], read_account)
        .optional()?)
}

pub(super) fn transfer(conn: &Connection, id: TransferId) -> Result<Option<Transfer>, Fail> {
    Ok(conn
        .prepare_cached(TRANSFER)?
        .query_row([id.as_uuid().as_bytes()], read_transfer)
        .optional()?)
}

/// What became of the pending transfer `id`.
pub(super) fn pending(conn: &Connection, id: TransferId) -> Result<PendingState, Fail> {
    let state: Option<i64> = conn
        .prepare_cached(PENDING)?
        .query_row([id.as_uuid().as_bytes()], |row| row.get(0))
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

pub(super) fn is_burnt(conn: &Connection, id: TransferId) -> Result<bool, Fail> {
    Ok(conn
        .prepare_cached(BURNT)?
        .exists([id.as_uuid().as_bytes()])?)
}

pub(super) fn is_account_time(conn: &Connection, timestamp: Timestamp) -> Result<bool, Fail> {
    Ok(conn
        .prepare_cached(ACCOUNT_TIME)?
        .exists([time(timestamp)])?)
}

pub(super) fn is_transfer_time(conn: &Connection, timestamp: Timestamp) -> Result<bool, Fail> {
    Ok(conn
        .prepare_cached(TRANSFER_TIME)?
        .exists([time(timestamp)])?)
}

/// Gives `take` every transfer that is over at `now`, the first first.
pub(super) fn each_due(
    conn: &Connection,
    now: Timestamp,
    mut take: impl FnMut(Transfer, PendingState),
) -> Result<(), Fail> {
    let mut statement = conn.prepare_cached(DUE)?;
    let mut rows = statement.query([time(now)])?;
    while let Some(row) = rows.next()? {
        take(read_transfer(row)?, PendingState::Pending);
    }
    Ok(())
}

/// The first transfers that are over at `now`, at most `count`.
pub(super) fn some_due(
    conn: &Connection,
    now: Timestamp,
    count: usize,
) -> Result<Vec<Transfer>, Fail> {
    let mut statement = conn.prepare_cached(DUE)?;
    let due = statement.query_map([time(now)], read_transfer)?;
    Ok(due.take(count).collect::<rusqlite::Result<_>>()?)
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

/// The four sums from `column` on.
fn read_balances(row: &Row<'_>, column: usize) -> rusqlite::Result<Balances> {
    Ok(Balances {
        debits_pending: read_number(row, column)?,
        debits_posted: read_number(row, column + 1)?,
        credits_pending: read_number(row, column + 2)?,
        credits_posted: read_number(row, column + 3)?,
    })
}

fn read<T: FromSql>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get(column)
}

fn read_account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let timestamp = read_time(row, 1)?;
    let mut body = NewAccount::new(
        AccountId::from_uuid(read_uuid(row, 0)?),
        LedgerNumber::new(read(row, 2)?),
        AccountCode::new(read(row, 3)?),
    );
    body.flags = AccountFlags::from_bits(read(row, 4)?);
    body.user_data_128 = read_number(row, 5)?;
    body.user_data_64 = read::<i64>(row, 6)?.cast_unsigned();
    body.user_data_32 = read(row, 7)?;
    if body.flags.contains(AccountFlags::IMPORTED) {
        body.timestamp = timestamp;
    }
    let balances = read_balances(row, 9)?;
    Ok(Account::from_parts(
        body,
        read(row, 8)?,
        balances,
        timestamp,
    ))
}

pub(super) fn read_transfer(row: &Row<'_>) -> rusqlite::Result<Transfer> {
    let timestamp = read_time(row, 0)?;
    let mut body = NewTransfer::new(
        TransferId::from_uuid(read_uuid(row, 1)?),
        AccountId::from_uuid(read_uuid(row, 2)?),
        AccountId::from_uuid(read_uuid(row, 3)?),
        LedgerNumber::new(read(row, 10)?),
        read_number(row, 4)?,
        TransferCode::new(read(row, 11)?),
    );
    body.pending_id =
        read::<Option<[u8; 16]>>(row, 5)?.map(|id| TransferId::from_uuid(Uuid::from_bytes(id)));
    body.user_data_128 = read_number(row, 6)?;
    body.user_data_64 = read::<i64>(row, 7)?.cast_unsigned();
    body.user_data_32 = read(row, 8)?;
    body.timeout_seconds = read(row, 9)?;
    body.flags = TransferFlags::from_bits(read(row, 12)?);
    if body.flags.contains(TransferFlags::IMPORTED) {
        body.timestamp = timestamp;
    }
    Ok(Transfer::from_parts(body, timestamp))
}

pub(super) fn read_history(row: &Row<'_>) -> rusqlite::Result<AccountBalance> {
    Ok(AccountBalance::new(
        read_time(row, 0)?,
        read_balances(row, 1)?,
    ))
}
