//! Writing revisions down, and what follows from them.

use rusqlite::{Connection, OptionalExtension, params};
use solidarity_core::{PersonId, UnitId, Version};
use solidarity_registry::{
    Content, EntityRef, MembershipId, NewMembership, NewPerson, NewUnit, Revision,
};

use super::rows::{day_number, version_number};
use super::{FEED, Fail, keys};
use crate::sqlite::changes;

const REVISION: &str = "INSERT INTO registry_revision (entity, id, version, effective_on, \
     recorded_at, actor, purpose, correlation, command, act, salt, body) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const BODY: &str =
    "SELECT body FROM registry_revision WHERE entity = ?1 AND id = ?2 AND version = ?3";

const PERSON_SHOWN: &str = "SELECT shown, effective_on FROM registry_person WHERE id = ?1";
const PERSON_WRITTEN: &str =
    "UPDATE registry_person SET version = ?2, recorded_at = ?3 WHERE id = ?1";
const PERSON: &str = "INSERT INTO registry_person \
     (id, version, recorded_at, shown, effective_on, born_earliest, born_latest) \
     VALUES (?1, ?2, ?3, ?2, ?4, ?5, ?6) \
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, recorded_at = excluded.recorded_at, \
     shown = excluded.shown, effective_on = excluded.effective_on, \
     born_earliest = excluded.born_earliest, born_latest = excluded.born_latest";

const UNIT_SHOWN: &str = "SELECT shown, effective_on FROM registry_unit WHERE id = ?1";
const UNIT_WRITTEN: &str = "UPDATE registry_unit SET version = ?2, recorded_at = ?3 WHERE id = ?1";
const UNIT: &str = "INSERT INTO registry_unit \
     (id, version, recorded_at, shown, effective_on, kind, place) \
     VALUES (?1, ?2, ?3, ?2, ?4, ?5, ?6) \
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, recorded_at = excluded.recorded_at, \
     shown = excluded.shown, effective_on = excluded.effective_on, \
     kind = excluded.kind, place = excluded.place";
const UNIT_KIND: &str = "INSERT INTO registry_unit_kind (unit, effective_on, kind) \
     VALUES (?1, ?2, ?3) ON CONFLICT (unit, effective_on) DO UPDATE SET kind = excluded.kind";

const MEMBERSHIP: &str = "INSERT INTO registry_membership (id, unit, person, version, recorded_at) \
     VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, recorded_at = excluded.recorded_at";

/// Writes `revisions` and their news.
pub(super) fn file(conn: &Connection, revisions: &[Revision]) -> Result<(), Fail> {
    for revision in revisions {
        let body = revision
            .content
            .to_json()
            .map_err(|_| Fail::unreadable("a revision cannot be written as JSON"))?;
        let recorded = &revision.recorded;
        conn.prepare_cached(REVISION)?.execute(params![
            revision.entity.kind().as_str(),
            revision.entity.as_ref().as_bytes(),
            version_number(revision.version),
            day_number(revision.effective_on),
            recorded.at().timestamp_micros(),
            recorded.actor().as_uuid().as_bytes(),
            recorded.purpose().as_str(),
            recorded.correlation().as_uuid().as_bytes(),
            revision.command.as_uuid().as_bytes(),
            i64::try_from(revision.act).unwrap_or(i64::MAX),
            revision.salt.as_bytes(),
            body,
        ])?;
        match (revision.entity, &revision.content) {
            (EntityRef::Person(id), Content::Person(said)) => person(conn, id, revision, said)?,
            (EntityRef::Unit(id), Content::Unit(said)) => unit(conn, id, revision, said)?,
            (EntityRef::Membership(id), Content::Membership(said)) => {
                membership(conn, id, revision, said)?;
            }
            _ => {
                return Err(Fail::unreadable(
                    "a revision says something of another entity",
                ));
            }
        }
        changes::append(conn, FEED, &revision.news_of(&body))?;
    }
    Ok(())
}

/// What was shown of an entity before `revision`.
enum Before {
    /// Nothing: it is new.
    Nothing,
    /// This version, which `revision` now takes the place of.
    Replaced(i64),
    /// A version that takes effect later and stays.
    Stays,
}

fn before(conn: &Connection, sql: &str, revision: &Revision) -> Result<Before, Fail> {
    if revision.version == Version::FIRST {
        return Ok(Before::Nothing);
    }
    let row: Option<(i64, i64)> = conn
        .prepare_cached(sql)?
        .query_row([revision.entity.as_ref().as_bytes()], |row| row.try_into())
        .optional()?;
    Ok(match row {
        None => Before::Nothing,
        Some((_, effective_on)) if effective_on > day_number(revision.effective_on) => {
            Before::Stays
        }
        Some((shown, _)) => Before::Replaced(shown),
    })
}

fn written(conn: &Connection, sql: &str, revision: &Revision) -> Result<(), Fail> {
    conn.prepare_cached(sql)?.execute(params![
        revision.entity.as_ref().as_bytes(),
        version_number(revision.version),
        revision.recorded.at().timestamp_micros(),
    ])?;
    Ok(())
}

fn person(
    conn: &Connection,
    id: PersonId,
    revision: &Revision,
    said: &NewPerson,
) -> Result<(), Fail> {
    match before(conn, PERSON_SHOWN, revision)? {
        Before::Stays => return written(conn, PERSON_WRITTEN, revision),
        Before::Nothing => {}
        Before::Replaced(version) => {
            let was = person_of(conn, id, version)?;
            keys::remove(conn, id, &was)?;
        }
    }
    let born = said.born.as_ref().map(|born| *born.expose());
    conn.prepare_cached(PERSON)?.execute(params![
        id.as_uuid().as_bytes(),
        version_number(revision.version),
        revision.recorded.at().timestamp_micros(),
        day_number(revision.effective_on),
        born.map(|born| day_number(born.earliest())),
        born.map(|born| day_number(born.latest())),
    ])?;
    keys::insert(conn, id, said)
}

fn person_of(conn: &Connection, id: PersonId, version: i64) -> Result<Box<NewPerson>, Fail> {
    let entity = EntityRef::Person(id);
    let mut statement = conn.prepare_cached(BODY)?;
    let body: String = statement.query_row(
        params![entity.kind().as_str(), id.as_uuid().as_bytes(), version],
        |row| row.get(0),
    )?;
    match Content::from_json(&entity, &body) {
        Ok(Content::Person(said)) => Ok(said),
        _ => Err(Fail::unreadable("a stored person cannot be read")),
    }
}

fn unit(conn: &Connection, id: UnitId, revision: &Revision, said: &NewUnit) -> Result<(), Fail> {
    let id = id.as_uuid().as_bytes();
    let effective_on = day_number(revision.effective_on);
    conn.prepare_cached(UNIT_KIND)?
        .execute(params![id, effective_on, said.kind.as_str()])?;
    if matches!(before(conn, UNIT_SHOWN, revision)?, Before::Stays) {
        return written(conn, UNIT_WRITTEN, revision);
    }
    conn.prepare_cached(UNIT)?.execute(params![
        id,
        version_number(revision.version),
        revision.recorded.at().timestamp_micros(),
        effective_on,
        said.kind.as_str(),
        said.residence
            .place()
            .map(|place| *place.as_uuid().as_bytes()),
    ])?;
    Ok(())
}

fn membership(
    conn: &Connection,
    id: MembershipId,
    revision: &Revision,
    said: &NewMembership,
) -> Result<(), Fail> {
    conn.prepare_cached(MEMBERSHIP)?.execute(params![
        id.as_uuid().as_bytes(),
        said.unit.as_uuid().as_bytes(),
        said.person.as_uuid().as_bytes(),
        version_number(revision.version),
        revision.recorded.at().timestamp_micros(),
    ])?;
    Ok(())
}
