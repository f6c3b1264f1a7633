//! Lists, a page at a time.

use rusqlite::{Connection, Params, params_from_iter};
use serde::de::DeserializeOwned;
use solidarity_core::{Cursor, CycleId, Invalid, Page, Paged, PaymentId, ProgrammeId};
use solidarity_payments::{Batch, BatchId, Line, LineState, Recorded};
use uuid::Uuid;

use super::Fail;
use crate::sqlite::{json, paging};

const BATCHES: &str = "SELECT body FROM disbursement_batch \
     WHERE programme = ?1 AND cycle = ?2 AND id > ?3 ORDER BY id LIMIT ?4";
// A list of states is always nine long: fewer are said several times.
const LINES: &str = "SELECT body FROM disbursement_line WHERE batch = ?1 AND payment > ?2 \
     AND state IN (?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ORDER BY payment LIMIT ?3";
const HISTORY: &str = "SELECT body FROM disbursement_event \
     WHERE payment = ?1 AND version > ?2 ORDER BY version LIMIT ?3";

pub(super) fn batches(
    conn: &Connection,
    programme: ProgrammeId,
    cycle: CycleId,
    page: &Page,
) -> Result<Paged<Batch>, Fail> {
    let key = (
        programme.as_uuid().as_bytes(),
        cycle.as_uuid().as_bytes(),
        after(page)?,
        paging::limit_and_one(page),
    );
    let items = read(conn, BATCHES, key)?;
    paged(items, page, |batch: &Batch| by_id(batch.id().as_uuid()))
}

pub(super) fn lines(
    conn: &Connection,
    batch: BatchId,
    states: &[LineState],
    page: &Page,
) -> Result<Paged<Line>, Fail> {
    use rusqlite::types::Value;

    let asked = if states.is_empty() {
        &LineState::ALL
    } else {
        states
    };
    let names = asked.iter().map(|state| state.name()).cycle();
    let key = [
        Value::Blob(batch.as_uuid().as_bytes().to_vec()),
        Value::Blob(after(page)?.to_vec()),
        Value::Integer(paging::limit_and_one(page)),
    ];
    let names = names.take(LineState::ALL.len());
    let names = names.map(|name| Value::Text(name.to_owned()));
    let items = read(conn, LINES, params_from_iter(key.into_iter().chain(names)))?;
    paged(items, page, |line: &Line| by_id(line.id().as_uuid()))
}

pub(super) fn history(
    conn: &Connection,
    payment: PaymentId,
    page: &Page,
) -> Result<Paged<Recorded>, Fail> {
    let key = (
        payment.as_uuid().as_bytes(),
        paging::after(page).map_err(Fail::refused)?,
        paging::limit_and_one(page),
    );
    let items = read(conn, HISTORY, key)?;
    let version = |recorded: &Recorded| Ok(Cursor::from_position(recorded.version().count()));
    paged(items, page, version)
}

fn read<T: DeserializeOwned>(
    conn: &Connection,
    query: &str,
    key: impl Params,
) -> Result<Vec<T>, Fail> {
    let mut statement = conn.prepare_cached(query)?;
    let mut rows = statement.query(key)?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        items.push(json::from_text(body)?);
    }
    Ok(items)
}

/// `items`, of which one too many was read if there are more.
fn paged<T>(
    mut items: Vec<T>,
    page: &Page,
    cursor: impl Fn(&T) -> Result<Cursor, Fail>,
) -> Result<Paged<T>, Fail> {
    let more = items.len() > page.limit();
    items.truncate(page.limit());
    let next = items.last().filter(|_| more).map(cursor).transpose()?;
    Ok(Paged::new(items, next))
}

/// The id after which the page begins: nothing, which all ids are after, at
/// the start.
fn after(page: &Page) -> Result<Vec<u8>, Fail> {
    let Some(cursor) = page.cursor() else {
        return Ok(Vec::new());
    };
    let elsewhere = || Fail::refused(Invalid::new("cursor", "must come from the same list"));
    let id: Uuid = cursor.as_str().parse().map_err(|_| elsewhere())?;
    Ok(id.as_bytes().to_vec())
}

fn by_id(id: &Uuid) -> Result<Cursor, Fail> {
    Cursor::new(id.to_string()).map_err(Fail::refused)
}
