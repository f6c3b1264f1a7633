//! The revisions, as rows.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate};
use rusqlite::{Connection, Params, Row, params};
use solidarity_core::{
    ActorId, CorrelationId, Cursor, Page, Paged, PersonId, Purpose, Salt, Stamp, UnitId, Version,
};
use solidarity_registry::{
    AsOf, CommandId, Content, EntityRef, Membership, MembershipId, Revision,
};
use uuid::Uuid;

use super::Fail;
use crate::sqlite::paging;

/// The columns that [`revision`] reads, from a table called `r`.
macro_rules! columns {
    () => {
        "r.entity, r.id, r.version, r.effective_on, r.recorded_at, r.actor, r.purpose, \
         r.correlation, r.command, r.act, r.salt, r.body"
    };
}
pub(super) use columns;

/// How many columns these are: what follows them in a row is at this index.
pub(super) const COLUMNS: usize = 12;

const SHOWN: &str = concat!(
    "SELECT ",
    columns!(),
    ", (SELECT max(version) FROM registry_revision \
        WHERE entity = ?1 AND id = ?2 AND recorded_at <= ?4) \
     FROM registry_revision r \
     WHERE r.entity = ?1 AND r.id = ?2 AND r.effective_on <= ?3 AND r.recorded_at <= ?4 \
     ORDER BY r.effective_on DESC, r.version DESC LIMIT 1"
);
const HISTORY: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM registry_revision r WHERE r.entity = ?1 AND r.id = ?2 AND r.version > ?3 \
     ORDER BY r.version LIMIT ?4"
);
const OF_COMMAND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM registry_revision r WHERE r.command = ?1 ORDER BY r.act"
);
/// The last revision known by then of each membership of which a column of
/// `registry_membership` says something. (`CROSS JOIN`, so that SQLite begins
/// with the few memberships and not with all revisions.)
macro_rules! memberships_by {
    ($column:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM registry_membership m CROSS JOIN registry_revision r WHERE m.",
            $column,
            " = ?1 AND r.entity = 'membership' AND r.id = m.id AND r.version = \
                CASE WHEN m.recorded_at <= ?2 THEN m.version ELSE \
                  (SELECT max(x.version) FROM registry_revision x \
                   WHERE x.entity = 'membership' AND x.id = m.id AND x.recorded_at <= ?2) END"
        )
    };
}
const BY_ID: &str = memberships_by!("id");
const BY_UNIT: &str = memberships_by!("unit");
const BY_PERSON: &str = memberships_by!("person");

/// A day as it is stored.
pub(super) fn day_number(day: NaiveDate) -> i64 {
    day.num_days_from_ce().into()
}

/// The day that was stored.
pub(super) fn day(number: i64) -> Result<NaiveDate, Fail> {
    i32::try_from(number)
        .ok()
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .ok_or_else(|| Fail::unreadable("a stored day is none"))
}

/// The time that was stored.
pub(super) fn time(micros: i64) -> Result<DateTime<chrono::Utc>, Fail> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Fail::unreadable("a stored time is none"))
}

/// The version that was stored.
pub(super) fn version(number: i64) -> Result<Version, Fail> {
    u64::try_from(number)
        .ok()
        .and_then(Version::from_count)
        .ok_or_else(|| Fail::unreadable("a stored version is none"))
}

/// A version as it is stored.
pub(super) fn version_number(version: Version) -> i64 {
    i64::try_from(version.count()).unwrap_or(i64::MAX)
}

pub(super) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

/// The revision in `row`.
pub(super) fn revision(row: &Row<'_>) -> Result<Revision, Fail> {
    let unreadable = || Fail::unreadable("a stored revision cannot be read");
    let id = uuid(row, 1)?;
    let entity = match row.get_ref(0)?.as_str().map_err(|_| unreadable())? {
        "person" => EntityRef::Person(PersonId::from_uuid(id)),
        "unit" => EntityRef::Unit(UnitId::from_uuid(id)),
        "membership" => EntityRef::Membership(MembershipId::from_uuid(id)),
        _ => return Err(unreadable()),
    };
    let actor = ActorId::from_uuid(uuid(row, 5)?);
    let purpose = Purpose::new(row.get::<_, String>(6)?).map_err(|_| unreadable())?;
    let recorded = Stamp::new(time(row.get(4)?)?, actor, purpose)
        .within(CorrelationId::from_uuid(uuid(row, 7)?));
    let body = row.get_ref(11)?.as_str().map_err(|_| unreadable())?;
    let mut revision = Revision::new(
        entity,
        version(row.get(2)?)?,
        day(row.get(3)?)?,
        recorded,
        Content::from_json(&entity, body).map_err(|_| unreadable())?,
    );
    revision.command = CommandId::from_uuid(uuid(row, 8)?);
    revision.act = usize::try_from(row.get::<_, i64>(9)?).map_err(|_| unreadable())?;
    revision.salt = Salt::from_bytes(row.get(10)?);
    Ok(revision)
}

fn revisions(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<Revision>, Fail> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(revision(row)?);
    }
    Ok(found)
}

/// The revision of `entity` that is shown as of `as_of`, and how many are
/// known by then.
pub(super) fn shown(
    conn: &Connection,
    entity: EntityRef,
    as_of: AsOf,
) -> Result<Option<(Revision, Version)>, Fail> {
    let mut statement = conn.prepare_cached(SHOWN)?;
    let mut rows = statement.query(params![
        entity.kind().as_str(),
        entity.as_ref().as_bytes(),
        day_number(as_of.effective_on()),
        as_of.knowledge().timestamp_micros(),
    ])?;
    match rows.next()? {
        Some(row) => Ok(Some((revision(row)?, version(row.get(COLUMNS)?)?))),
        None => Ok(None),
    }
}

/// What the acts of command `id` wrote.
pub(super) fn of_command(conn: &Connection, id: CommandId) -> Result<Vec<Revision>, Fail> {
    revisions(conn, OF_COMMAND, [id.as_uuid().as_bytes()])
}

/// The memberships that have to do with `entity`, by all that is known.
pub(super) fn memberships_with(
    conn: &Connection,
    entity: EntityRef,
    as_of: AsOf,
) -> Result<Vec<Membership>, Fail> {
    let sql = match entity {
        EntityRef::Person(_) => BY_PERSON,
        EntityRef::Unit(_) => BY_UNIT,
        EntityRef::Membership(_) => BY_ID,
    };
    let id = entity.as_ref().as_bytes();
    let known = revisions(conn, sql, params![id, as_of.knowledge().timestamp_micros()])?;
    let memberships = known.into_iter().filter_map(|revision| {
        let version = revision.version;
        Membership::of(revision, version)
    });
    Ok(memberships.collect())
}

/// The memberships that have to do with any of `of`, each once.
pub(super) fn memberships(
    conn: &Connection,
    of: &[EntityRef],
    on: Option<AsOf>,
) -> Result<Vec<Membership>, Fail> {
    let mut found: HashMap<MembershipId, Membership> = HashMap::new();
    for entity in of {
        let with = memberships_with(conn, *entity, on.unwrap_or(AsOf::LATEST))?;
        found.extend(with.into_iter().map(|m| (m.id(), m)));
    }
    let holds = |m: &Membership| on.is_none_or(|on| m.said().validity.holds_on(on.effective_on()));
    let mut found: Vec<Membership> = found.into_values().filter(holds).collect();
    found.sort_by_key(|m| (m.said().validity.from(), m.id()));
    Ok(found)
}

/// A page of the revisions of `entity`.
pub(super) fn history(
    conn: &Connection,
    entity: EntityRef,
    page: &Page,
) -> Result<Paged<Revision>, Fail> {
    let after = paging::after(page).map_err(Fail::refused)?;
    let id = entity.as_ref().as_bytes();
    let rows_max = paging::limit_and_one(page);
    let kind = entity.kind();
    let mut items = revisions(conn, HISTORY, params![kind.as_str(), id, after, rows_max])?;
    let more = items.len() > page.limit();
    items.truncate(page.limit());
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| Cursor::from_position(last.version.count()));
    Ok(Paged::new(items, next))
}
