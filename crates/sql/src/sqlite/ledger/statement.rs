//! Statements and histories, page by page.

use rusqlite::{Connection, Row, ToSql};
use solidarity_core::{Cursor, Page, Paged};
use solidarity_payments::{AccountBalance, AccountFilter, Side, Timestamp, Transfer};

use super::{Fail, rows};
use crate::sqlite::paging;

/// What a filter asks of a transfer `t`, its account and side aside.
const FILTER: &str = "t.timestamp BETWEEN ?2 AND ?3 \
    AND (?4 IS NULL OR t.user_data_128 = ?4) AND (?5 IS NULL OR t.user_data_64 = ?5) \
    AND (?6 IS NULL OR t.user_data_32 = ?6) AND (?7 IS NULL OR t.code = ?7)";

pub(super) fn transfers(
    conn: &Connection,
    filter: &AccountFilter,
    page: &Page,
) -> Result<Paged<Transfer>, Fail> {
    let order = order(filter);
    // Each side by its own index, only so far as the page needs.
    let side = |column| {
        let columns = rows::TRANSFER_COLUMNS;
        format!(
            "SELECT * FROM (SELECT {columns} FROM ledger_transfer t \
             WHERE t.{column} = ?1 AND {FILTER} ORDER BY t.timestamp {order} LIMIT ?8)"
        )
    };
    let sql = match filter.side {
        Side::Debit => side("debit_account"),
        Side::Credit => side("credit_account"),
        Side::Both => format!(
            "{} UNION ALL {} ORDER BY timestamp {order} LIMIT ?8",
            side("debit_account"),
            side("credit_account")
        ),
    };
    paged(conn, &sql, filter, page, rows::read_transfer, |transfer| {
        transfer.timestamp()
    })
}

pub(super) fn balances(
    conn: &Connection,
    filter: &AccountFilter,
    page: &Page,
) -> Result<Paged<AccountBalance>, Fail> {
    let side = match filter.side {
        Side::Both => "",
        Side::Debit => "AND t.debit_account = ?1",
        Side::Credit => "AND t.credit_account = ?1",
    };
    let order = order(filter);
    let sql = format!(
        "SELECT b.timestamp, b.debits_pending, b.debits_posted, b.credits_pending, \
         b.credits_posted FROM ledger_balance b \
         JOIN ledger_transfer t ON t.timestamp = b.timestamp \
         WHERE b.account = ?1 {side} AND {FILTER} ORDER BY b.timestamp {order} LIMIT ?8"
    );
    paged(conn, &sql, filter, page, rows::read_history, |after| {
        after.timestamp
    })
}

const fn order(filter: &AccountFilter) -> &'static str {
    if filter.latest_first { "DESC" } else { "ASC" }
}

/// The page of what `sql` gives, whose rows are at the time that `at` says.
fn paged<T>(
    conn: &Connection,
    sql: &str,
    filter: &AccountFilter,
    page: &Page,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    at: impl Fn(&T) -> Timestamp,
) -> Result<Paged<T>, Fail> {
    let [mut first, mut last] = [filter.from.map_or(0, rows::time), until(filter)];
    if page.cursor().is_some() {
        let cursor = paging::after(page).map_err(Fail::refused)?;
        if filter.latest_first {
            last = last.min(cursor.saturating_sub(1));
        } else {
            first = first.max(cursor.saturating_add(1));
        }
    }
    let parameters: [&dyn ToSql; 8] = [
        &filter.account.as_uuid().into_bytes(),
        &first,
        &last,
        &filter.user_data_128.map(u128::to_be_bytes),
        &filter.user_data_64.map(u64::cast_signed),
        &filter.user_data_32,
        &filter.code.map(solidarity_payments::TransferCode::get),
        &paging::limit_and_one(page),
    ];
    let mut statement = conn.prepare_cached(sql)?;
    let found = statement.query_map(parameters, read)?;
    let mut items: Vec<T> = found.collect::<rusqlite::Result<_>>()?;
    let more = items.len() > page.limit();
    items.truncate(page.limit());
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| Cursor::from_position(at(last).nanos()));
    Ok(Paged::new(items, next))
}

fn until(filter: &AccountFilter) -> i64 {
    filter.until.map_or(i64::MAX, rows::time)
}
