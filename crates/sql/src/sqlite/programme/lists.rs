//! The lists of the programme tables, in the order of ids.

use rusqlite::types::{ToSql, Value};
use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;
use solidarity_core::{Cursor, Invalid, Page, Paged};
use solidarity_programme::{
    Decision, DecisionQuery, Enrolment, EnrolmentQuery, Entitlement, EntitlementQuery,
};
use uuid::Uuid;

use super::Fail;
use super::tables::Tables;
use crate::sqlite::json;

// Each statement's ?1 is the id after which the page begins, its ?2 what the
// list is of.
const DECISION: &str = "SELECT id, body FROM programme_decision WHERE id > ?1 AND id = ?2";
const DECISIONS_OF_UNIT: &str =
    "SELECT id, body FROM programme_decision WHERE unit = ?2 AND id > ?1 ORDER BY id";
const DECISIONS_OF_PROGRAMME: &str =
    "SELECT id, body FROM programme_decision WHERE programme = ?2 AND id > ?1 ORDER BY id";
const ENROLMENT: &str = "SELECT id, body FROM programme_enrolment WHERE id > ?1 AND id = ?2";
const ENROLMENTS_OF_UNIT: &str =
    "SELECT id, body FROM programme_enrolment WHERE unit = ?2 AND id > ?1 ORDER BY id";
const ENROLMENTS_OF_PROGRAMME: &str =
    "SELECT id, body FROM programme_enrolment WHERE programme = ?2 AND id > ?1 ORDER BY id";
// Those that may stand so on the day; the rest is decided over the history.
const ENROLMENTS_OF_STATUS: &str = "SELECT id, body FROM programme_enrolment \
     WHERE programme = ?2 AND id > ?1 AND (settled IS NULL OR settled = ?3 OR settled_from > ?4) ORDER BY id";
const ENTITLEMENT: &str = "SELECT id, body FROM programme_entitlement WHERE id > ?1 AND id = ?2";
const ENTITLEMENTS_OF_ENROLMENT: &str =
    "SELECT id, body FROM programme_entitlement WHERE enrolment = ?2 AND id > ?1 ORDER BY id";
const ENTITLEMENTS_OF_CYCLE: &str =
    "SELECT id, body FROM programme_entitlement WHERE cycle = ?2 AND id > ?1 ORDER BY id";

/// The id after which a page begins: of the first one, an empty blob, which
/// sorts before every id.
pub(super) fn after(page: &Page) -> Result<Vec<u8>, Invalid> {
    let Some(cursor) = page.cursor() else {
        return Ok(Vec::new());
    };
    Uuid::try_parse(cursor.as_str())
        .map(|id| id.as_bytes().to_vec())
        .map_err(|_| Invalid::new("cursor", "must come from the same list"))
}

fn blob(id: &impl AsRef<Uuid>) -> Value {
    Value::Blob(id.as_ref().as_bytes().to_vec())
}

/// The page of what `read` makes of the rows; a row of which it makes nothing
/// is not of the list.
fn page<T>(
    conn: &Connection,
    sql: &str,
    of: &[Value],
    page: &Page,
    mut read: impl FnMut(&Row<'_>) -> Result<Option<T>, Fail>,
) -> Result<Paged<T>, Fail> {
    let after = Value::Blob(after(page).map_err(Fail::refused)?);
    let params = std::iter::once(&after).chain(of).map(|v| v as &dyn ToSql);
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params.collect::<Vec<_>>().as_slice())?;
    let (mut items, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let Some(item) = read(row)? else {
            continue;
        };
        if items.len() == page.limit() {
            return Ok(Paged::new(items, last));
        }
        let id = Uuid::from_bytes(row.get(0)?);
        last = Some(Cursor::new(id.simple().to_string()).map_err(Fail::refused)?);
        items.push(item);
    }
    Ok(Paged::new(items, None))
}

fn body<T: DeserializeOwned>(row: &Row<'_>) -> Result<T, Fail> {
    json::from_text(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)
}

pub(super) fn decisions(
    conn: &Connection,
    query: DecisionQuery,
    wanted: &Page,
) -> Result<Paged<Decision>, Fail> {
    let (sql, of) = match query {
        DecisionQuery::One(id) => (DECISION, blob(&id)),
        DecisionQuery::Unit(unit) => (DECISIONS_OF_UNIT, blob(&unit)),
        DecisionQuery::Programme(programme) => (DECISIONS_OF_PROGRAMME, blob(&programme)),
    };
    page(conn, sql, &[of], wanted, |row| body(row).map(Some))
}

pub(super) fn enrolments(
    conn: &Connection,
    query: EnrolmentQuery,
    wanted: &Page,
) -> Result<Paged<Enrolment>, Fail> {
    let (sql, of) = match query {
        EnrolmentQuery::One(id) => (ENROLMENT, vec![blob(&id)]),
        EnrolmentQuery::Unit(unit) => (ENROLMENTS_OF_UNIT, vec![blob(&unit)]),
        EnrolmentQuery::Programme(programme) => (ENROLMENTS_OF_PROGRAMME, vec![blob(&programme)]),
        EnrolmentQuery::Status {
            programme,
            status,
            on,
        } => {
            let (status, on) = (status.as_str().to_owned(), on.to_string());
            let of = vec![blob(&programme), Value::Text(status), Value::Text(on)];
            (ENROLMENTS_OF_STATUS, of)
        }
    };
    let tables = Tables::new(conn);
    page(conn, sql, &of, wanted, |row| {
        let enrolment = tables.with_history(body(row)?)?;
        let listed = match query {
            EnrolmentQuery::Status { status, on, .. } => enrolment.status_on(on) == status,
            _ => true,
        };
        Ok(listed.then_some(enrolment))
    })
}

pub(super) fn entitlements(
    conn: &Connection,
    query: EntitlementQuery,
    wanted: &Page,
) -> Result<Paged<Entitlement>, Fail> {
    let (sql, of) = match query {
        EntitlementQuery::One(id) => (ENTITLEMENT, blob(&id)),
        EntitlementQuery::Enrolment(id) => (ENTITLEMENTS_OF_ENROLMENT, blob(&id)),
        EntitlementQuery::Cycle(cycle) => (ENTITLEMENTS_OF_CYCLE, blob(&cycle)),
    };
    page(conn, sql, &[of], wanted, |row| body(row).map(Some))
}
