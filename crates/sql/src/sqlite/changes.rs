//! The change feed that every store appends to, in the transaction of the
//! write that it tells of.

use chrono::{DateTime, NaiveDate};
use rusqlite::{Connection, Row, params};
use solidarity_core::{
    ActorId, Change, ChangeKind, Commitment, CorrelationId, Cursor, EntityKind, Error, Invalid,
    NewChange, Page, Paged, Purpose, Stamp,
};
use uuid::Uuid;

use super::database::Database;
use super::fail::Fail;
use super::paging;

const LAST: &str = "SELECT coalesce(max(position), 0) FROM change WHERE feed = ?1";
const INSERT: &str = "INSERT INTO change (feed, position, recorded_at, actor, purpose, correlation, \
     effective_on, entity, id, kind, commitment) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const PAGE: &str = "SELECT position, recorded_at, actor, purpose, correlation, effective_on, \
     entity, id, kind, commitment FROM change WHERE feed = ?1 AND position > ?2 ORDER BY position LIMIT ?3";

/// Appends `news` to `feed`.
pub(crate) fn append<E>(conn: &Connection, feed: &str, news: &NewChange) -> Result<(), Fail<E>> {
    let last: i64 = conn
        .prepare_cached(LAST)?
        .query_row([feed], |row| row.get(0))?;
    conn.prepare_cached(INSERT)?.execute(params![
        feed,
        last + 1,
        news.stamp.at().timestamp_micros(),
        news.stamp.actor().as_uuid().as_bytes(),
        news.stamp.purpose().as_str(),
        news.stamp.correlation().as_uuid().as_bytes(),
        news.effective_on.map(|day| day.to_string()),
        news.entity.as_str(),
        news.id.as_bytes(),
        news.kind.as_str(),
        news.commitment.as_bytes(),
    ])?;
    Ok(())
}

/// The changes of `feed` after the page's cursor.
pub(crate) fn page(
    database: &Database,
    feed: &'static str,
    page: &Page,
) -> Result<Paged<Change>, Error> {
    let elsewhere = || Invalid::new("cursor", "must come from the same list");
    let after = paging::after(page)?;
    let rows_max = paging::limit_and_one(page);
    database.read("read changes", |conn| {
        let last: i64 = conn
            .prepare_cached(LAST)?
            .query_row([feed], |row| row.get(0))?;
        if after > last {
            return Err(Fail::refused(elsewhere()));
        }
        let mut statement = conn.prepare_cached(PAGE)?;
        let mut rows = statement.query(params![feed, after, rows_max])?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            if items.len() == page.limit() {
                let next = items.last().map(|change: &Change| change.cursor().clone());
                return Ok(Paged::new(items, next));
            }
            let (position, news) = read(row)?;
            let cursor = Cursor::from_position(position.unsigned_abs());
            items.push(Change::from_parts(cursor, news));
        }
        Ok(Paged::new(items, None))
    })
}

fn read(row: &Row<'_>) -> Result<(i64, NewChange), Fail<Error>> {
    let unreadable = |_| Fail::unreadable("a stored change cannot be read");
    let uuid = |column| row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes);
    let at = DateTime::from_timestamp_micros(row.get(1)?)
        .ok_or_else(|| Fail::unreadable("a stored change has no time"))?;
    let stamp = Stamp::new(
        at,
        ActorId::from_uuid(uuid(2)?),
        Purpose::new(row.get::<_, String>(3)?).map_err(unreadable)?,
    )
    .within(CorrelationId::from_uuid(uuid(4)?));
    let effective_on = row
        .get::<_, Option<String>>(5)?
        .map(|day| day.parse::<NaiveDate>())
        .transpose()
        .map_err(|_| Fail::unreadable("a stored change has no day"))?;
    let mut news = NewChange::new(
        stamp,
        EntityKind::new(row.get::<_, String>(6)?).map_err(unreadable)?,
        &ActorId::from_uuid(uuid(7)?),
        ChangeKind::new(row.get::<_, String>(8)?).map_err(unreadable)?,
        Commitment::from_bytes(row.get(9)?),
    );
    news.effective_on = effective_on;
    Ok((row.get(0)?, news))
}
