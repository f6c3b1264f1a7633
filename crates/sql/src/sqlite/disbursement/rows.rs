//! Rows, one at a time.

use rusqlite::{Connection, OptionalExtension, Row, params};
use solidarity_core::{EntitlementId, PaymentId};
use solidarity_payments::{Batch, BatchId, ControlTotals, Error, EventId, Line, Recorded};
use uuid::Uuid;

use super::Fail;
use crate::sqlite::json;

const BATCH: &str = "SELECT body, totals FROM disbursement_batch WHERE id = ?1";
const PUT_BATCH: &str = "INSERT INTO disbursement_batch (id, programme, cycle, body, totals) \
     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET body = ?4, totals = ?5";
const PUT_TOTALS: &str = "UPDATE disbursement_batch SET totals = ?2 WHERE id = ?1";
const LINE: &str = "SELECT body FROM disbursement_line WHERE payment = ?1";
const INSERT_LINE: &str = "INSERT INTO disbursement_line \
     (payment, batch, entitlement, replaces, state, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE_LINE: &str = "UPDATE disbursement_line SET state = ?2, body = ?3 WHERE payment = ?1";
const DELETE_LINES: &str = "DELETE FROM disbursement_line WHERE batch = ?1";
const FIRST: &str =
    "SELECT payment, batch FROM disbursement_line WHERE entitlement = ?1 AND replaces IS NULL";
const SUCCESSOR: &str = "SELECT payment, batch FROM disbursement_line WHERE replaces = ?1";
const EVENT: &str = "SELECT body FROM disbursement_event WHERE id = ?1";
const INSERT_EVENT: &str =
    "INSERT INTO disbursement_event (id, payment, version, body) VALUES (?1, ?2, ?3, ?4)";

/// A batch and its control totals.
pub(super) struct BatchRow {
    pub(super) batch: Batch,
    pub(super) totals: ControlTotals,
}

pub(super) fn batch(conn: &Connection, id: BatchId) -> Result<Option<BatchRow>, Fail> {
    let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    conn.prepare_cached(BATCH)?
        .query_row([id.as_uuid().as_bytes()], read)
        .optional()?
        .map(|(body, totals)| {
            Ok(BatchRow {
                batch: json::from_text(&body)?,
                totals: json::from_text(&totals)?,
            })
        })
        .transpose()
}

pub(super) fn get_batch(conn: &Connection, id: BatchId) -> Result<BatchRow, Fail> {
    batch(conn, id)?.ok_or_else(|| Fail::refused(Error::not_found(id.as_uuid())))
}

pub(super) fn put_batch(
    conn: &Connection,
    batch: &Batch,
    totals: &ControlTotals,
) -> Result<(), Fail> {
    conn.prepare_cached(PUT_BATCH)?.execute(params![
        batch.id().as_uuid().as_bytes(),
        batch.programme().as_uuid().as_bytes(),
        batch.cycle().as_uuid().as_bytes(),
        json::to_text(batch)?,
        json::to_text(totals)?,
    ])?;
    Ok(())
}

pub(super) fn put_totals(
    conn: &Connection,
    batch: BatchId,
    totals: &ControlTotals,
) -> Result<(), Fail> {
    let totals = json::to_text(totals)?;
    conn.prepare_cached(PUT_TOTALS)?
        .execute(params![batch.as_uuid().as_bytes(), totals])?;
    Ok(())
}

pub(super) fn line(conn: &Connection, id: PaymentId) -> Result<Option<Line>, Fail> {
    let body: Option<String> = conn
        .prepare_cached(LINE)?
        .query_row([id.as_uuid().as_bytes()], |row| row.get(0))
        .optional()?;
    body.map(|body| json::from_text(&body)).transpose()
}

pub(super) fn insert_line(conn: &Connection, line: &Line) -> Result<(), Fail> {
    let instruction = line.instruction();
    let replaces = instruction.replaces;
    conn.prepare_cached(INSERT_LINE)?.execute(params![
        line.id().as_uuid().as_bytes(),
        line.batch().as_uuid().as_bytes(),
        instruction.entitlement.as_uuid().as_bytes(),
        replaces.as_ref().map(|id| id.as_uuid().as_bytes()),
        line.state().name(),
        json::to_text(line)?,
    ])?;
    Ok(())
}

pub(super) fn update_line(conn: &Connection, line: &Line) -> Result<(), Fail> {
    conn.prepare_cached(UPDATE_LINE)?.execute(params![
        line.id().as_uuid().as_bytes(),
        line.state().name(),
        json::to_text(line)?,
    ])?;
    Ok(())
}

pub(super) fn delete_lines(conn: &Connection, batch: BatchId) -> Result<(), Fail> {
    conn.prepare_cached(DELETE_LINES)?
        .execute([batch.as_uuid().as_bytes()])?;
    Ok(())
}

/// The payment that was the first for an entitlement, and its batch.
pub(super) fn first(
    conn: &Connection,
    entitlement: EntitlementId,
) -> Result<Option<(PaymentId, BatchId)>, Fail> {
    pair(conn, FIRST, entitlement.as_uuid())
}

/// The payment that replaces another, and its batch.
pub(super) fn successor(
    conn: &Connection,
    replaced: PaymentId,
) -> Result<Option<(PaymentId, BatchId)>, Fail> {
    pair(conn, SUCCESSOR, replaced.as_uuid())
}

fn pair(conn: &Connection, query: &str, key: &Uuid) -> Result<Option<(PaymentId, BatchId)>, Fail> {
    let read = |row: &Row<'_>| {
        let payment = Uuid::from_bytes(row.get(0)?);
        let batch = Uuid::from_bytes(row.get(1)?);
        Ok((PaymentId::from_uuid(payment), BatchId::from_uuid(batch)))
    };
    let found = conn
        .prepare_cached(query)?
        .query_row([key.as_bytes()], read);
    Ok(found.optional()?)
}

pub(super) fn event(conn: &Connection, id: EventId) -> Result<Option<Recorded>, Fail> {
    let body: Option<String> = conn
        .prepare_cached(EVENT)?
        .query_row([id.as_uuid().as_bytes()], |row| row.get(0))
        .optional()?;
    body.map(|body| json::from_text(&body)).transpose()
}

pub(super) fn insert_event(conn: &Connection, recorded: &Recorded) -> Result<(), Fail> {
    let event = recorded.event();
    conn.prepare_cached(INSERT_EVENT)?.execute(params![
        event.id.as_uuid().as_bytes(),
        event.payment.as_uuid().as_bytes(),
        recorded.version().count().cast_signed(),
        json::to_text(recorded)?,
    ])?;
    Ok(())
}
