//! The rows of consents and of their uses.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use solidarity_consent::{Consent, Error, Use, UseId};
use solidarity_core::{ConsentId, Cursor, Page, Paged, PersonId, Salt};

use super::Fail;
use crate::sqlite::json;

const CONSENT: &str = "SELECT body FROM consent WHERE id = ?1";
const OF_SUBJECT: &str = "SELECT position, body FROM consent \
     WHERE subject = ?1 AND position > ?2 ORDER BY position LIMIT ?3";
const LAST_OF_SUBJECT: &str = "SELECT coalesce(max(position), 0) FROM consent WHERE subject = ?1";
const WRITE: &str = "INSERT INTO consent (id, subject, position, salt, body) \
     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET body = excluded.body RETURNING salt";
const USE: &str = "SELECT body FROM consent_use WHERE id = ?1";
const USES: &str = "SELECT c.position, u.body FROM consent_use_counted c \
     JOIN consent_use u ON u.id = c.use_id \
     WHERE c.consent = ?1 AND c.position > ?2 ORDER BY c.position LIMIT ?3";
const USED_SINCE: &str =
    "SELECT count(*) FROM consent_use_counted WHERE consent = ?1 AND decided_at > ?2";
const INSERT_USE: &str = "INSERT INTO consent_use (id, salt, body) VALUES (?1, ?2, ?3)";
const COUNT_USE: &str = "INSERT INTO consent_use_counted (consent, position, decided_at, use_id) \
     SELECT ?1, coalesce(max(position), 0) + 1, ?2, ?3 FROM consent_use_counted WHERE consent = ?1";
const LATEST: &str = "SELECT latest FROM consent_check WHERE subject = ?1";
const SET_LATEST: &str = "INSERT INTO consent_check (subject, latest) VALUES (?1, ?2) \
     ON CONFLICT (subject) DO UPDATE SET latest = excluded.latest";

/// Consent `id`, if there is one.
pub(super) fn consent(conn: &Connection, id: ConsentId) -> Result<Option<Consent>, Fail> {
    one(conn, CONSENT, id.as_uuid().as_bytes())
}

/// Consent `id`, or that it is not found.
pub(super) fn held(conn: &Connection, id: ConsentId) -> Result<Consent, Fail> {
    consent(conn, id)?.ok_or_else(|| Fail::refused(Error::not_found(id)))
}

/// The use `id`, if there is one.
pub(super) fn made(conn: &Connection, id: UseId) -> Result<Option<Use>, Fail> {
    one(conn, USE, id.as_uuid().as_bytes())
}

/// The consents of `subject` after a position, each with its own.
pub(super) fn of_subject(
    conn: &Connection,
    subject: PersonId,
    after: i64,
    rows_max: i64,
) -> Result<Vec<(i64, Consent)>, Fail> {
    many(
        conn,
        OF_SUBJECT,
        subject.as_uuid().as_bytes(),
        after,
        rows_max,
    )
}

/// The uses counted on consent `id` after a position, each with its own.
pub(super) fn uses(
    conn: &Connection,
    id: ConsentId,
    after: i64,
    rows_max: i64,
) -> Result<Vec<(i64, Use)>, Fail> {
    many(conn, USES, id.as_uuid().as_bytes(), after, rows_max)
}

/// The position of the last consent of `subject`: how many there are.
pub(super) fn last_of_subject(conn: &Connection, subject: PersonId) -> Result<i64, Fail> {
    let mut last = conn.prepare_cached(LAST_OF_SUBJECT)?;
    Ok(last.query_row([subject.as_uuid().as_bytes()], |row| row.get(0))?)
}

/// Writes `consent` as it stands, and gives its salt.
pub(super) fn write(conn: &Connection, consent: &Consent) -> Result<Salt, Fail> {
    let position = last_of_subject(conn, consent.subject())? + 1;
    let salt = conn.prepare_cached(WRITE)?.query_row(
        params![
            consent.id().as_uuid().as_bytes(),
            consent.subject().as_uuid().as_bytes(),
            position,
            Salt::generate().as_bytes(),
            json::to_text::<_, Error>(consent)?,
        ],
        |row| row.get(0),
    )?;
    Ok(Salt::from_bytes(salt))
}

/// How often consent `id` was used after `start`.
pub(super) fn used_since(
    conn: &Connection,
    id: ConsentId,
    start: DateTime<Utc>,
) -> Result<u32, Fail> {
    let of = params![id.as_uuid().as_bytes(), start.timestamp_micros()];
    let used: i64 = conn
        .prepare_cached(USED_SINCE)?
        .query_row(of, |row| row.get(0))?;
    Ok(u32::try_from(used).unwrap_or(u32::MAX))
}

/// Counts `made` on each consent that it rests on.
pub(super) fn count(conn: &Connection, made: &Use, salt: &Salt) -> Result<(), Fail> {
    let id = made.id();
    conn.prepare_cached(INSERT_USE)?.execute(params![
        id.as_uuid().as_bytes(),
        salt.as_bytes(),
        json::to_text::<_, Error>(made)?,
    ])?;
    let mut statement = conn.prepare_cached(COUNT_USE)?;
    for consent in made.consents() {
        statement.execute(params![
            consent.id().as_uuid().as_bytes(),
            made.decided_at().timestamp_micros(),
            id.as_uuid().as_bytes(),
        ])?;
    }
    Ok(())
}

/// The latest moment for which a use of `subject`'s data was decided.
pub(super) fn latest(conn: &Connection, subject: PersonId) -> Result<Option<DateTime<Utc>>, Fail> {
    let latest: Option<i64> = conn
        .prepare_cached(LATEST)?
        .query_row([subject.as_uuid().as_bytes()], |row| row.get(0))
        .optional()?;
    latest
        .map(|micros| {
            DateTime::from_timestamp_micros(micros)
                .ok_or_else(|| Fail::unreadable("a stored check has no time"))
        })
        .transpose()
}

/// Remembers that moment.
pub(super) fn set_latest(
    conn: &Connection,
    subject: PersonId,
    now: DateTime<Utc>,
) -> Result<(), Fail> {
    let of = params![subject.as_uuid().as_bytes(), now.timestamp_micros()];
    conn.prepare_cached(SET_LATEST)?.execute(of)?;
    Ok(())
}

/// The page of `rows`, of which there may be one more than it holds.
pub(super) fn paged<T>(page: &Page, mut rows: Vec<(i64, T)>) -> Paged<T> {
    let more = rows.len() > page.limit();
    rows.truncate(page.limit());
    let next = rows
        .last()
        .filter(|_| more)
        .map(|(position, _)| Cursor::from_position(position.unsigned_abs()));
    Paged::new(rows.into_iter().map(|(_, item)| item).collect(), next)
}

fn one<T: DeserializeOwned>(
    conn: &Connection,
    sql: &str,
    id: &[u8; 16],
) -> Result<Option<T>, Fail> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(|row| body(row, 0)).transpose()
}

fn many<T: DeserializeOwned>(
    conn: &Connection,
    sql: &str,
    of: &[u8; 16],
    after: i64,
    rows_max: i64,
) -> Result<Vec<(i64, T)>, Fail> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![of, after, rows_max])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push((row.get(0)?, body(row, 1)?));
    }
    Ok(items)
}

fn body<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Fail> {
    let text = row.get_ref(column)?.as_str();
    json::from_text(text.map_err(rusqlite::Error::from)?)
}
