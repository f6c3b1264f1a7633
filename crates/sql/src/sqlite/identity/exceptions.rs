use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use solidarity_core::{ActorId, Change, ChangeFeed, Invalid, Page, Paged, PersonId, Salt, Stamp};
use solidarity_identity::{
    AttesterTally, Error, Exception, ExceptionId, ExceptionRegister, ExceptionRules, ExceptionUse,
    ExceptionUseId, GrantView, NewException, Result, ReviewKey, RevocationReason,
};

use super::{Fail, all, one, write_one};
use crate::sqlite::database::Database;
use crate::sqlite::{changes, json, paging};

const FEED: &str = "exceptions";

const ONE: &str = "SELECT body FROM exception WHERE id = ?1";
const VALID: &str = "SELECT body FROM exception \
     WHERE person = ?1 AND revoked = 0 AND until > ?2 AND used < uses ORDER BY until, id";
const OF_PERSON: &str =
    "SELECT body FROM exception WHERE person = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
const DUE: &str = "SELECT body FROM exception \
     WHERE revoked = 0 AND until > ?1 AND used < uses AND review_by <= ?2 \
     AND (review_by, id) > (?3, ?4) ORDER BY review_by, id LIMIT ?5";
const TALLY: &str = "SELECT count(*), coalesce(sum(revoked), 0), \
     coalesce(sum(revoked = 0 AND until > ?2 AND used < uses), 0) FROM exception WHERE attester = ?1";
const INSERT: &str = "INSERT INTO exception \
     (id, person, attester, position, review_by, until, uses, used, revoked, body) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8)";
// An exception moves by one use or by its revocation, so that both are its
// version.
const UPDATE: &str = "UPDATE exception SET used = ?3, revoked = ?4, body = ?5 \
     WHERE id = ?1 AND used = ?2 AND revoked = 0";
const ONE_USE: &str = "SELECT body FROM exception_use WHERE id = ?1";
const INSERT_USE: &str =
    "INSERT INTO exception_use (id, exception, number, body) VALUES (?1, ?2, ?3, ?4)";

/// An [`ExceptionRegister`] in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteExceptionRegister {
    database: Database,
    rules: ExceptionRules,
}

impl SqliteExceptionRegister {
    /// The exceptions in `database`, granted by `rules`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the rules are out of bounds.
    pub fn new(database: &Database, rules: ExceptionRules) -> Result<Self, Invalid> {
        rules.check()?;
        Ok(Self {
            database: database.clone(),
            rules,
        })
    }
}

#[async_trait]
impl ChangeFeed for SqliteExceptionRegister {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        changes::page(&self.database, FEED, page)
    }
}

#[async_trait]
impl ExceptionRegister for SqliteExceptionRegister {
    fn rules(&self) -> ExceptionRules {
        self.rules.clone()
    }

    async fn grant(&self, id: ExceptionId, new: NewException, stamp: &Stamp) -> Result<Exception> {
        let (rules, stamp) = (self.rules.clone(), stamp.clone());
        self.database
            .write("grant an exception", move |conn| {
                grant(conn, &rules, id, new, &stamp)
            })
            .await
    }

    async fn get(&self, id: ExceptionId) -> Result<Exception> {
        self.database
            .read("read an exception", |conn| held(conn, id))
    }

    async fn find_valid(&self, person: PersonId, at: DateTime<Utc>) -> Result<Option<Exception>> {
        self.database.read("find a valid exception", |conn| {
            let valid = valid(conn, person, at)?;
            Ok(Exception::first_valid(&valid, at).cloned())
        })
    }

    async fn use_once(
        &self,
        person: PersonId,
        id: ExceptionUseId,
        stamp: &Stamp,
    ) -> Result<Option<ExceptionUse>> {
        let stamp = stamp.clone();
        self.database
            .write("use an exception", move |conn| {
                use_once(conn, person, id, &stamp)
            })
            .await
    }

    async fn revoke(
        &self,
        id: ExceptionId,
        reason: RevocationReason,
        stamp: &Stamp,
    ) -> Result<Exception> {
        let stamp = stamp.clone();
        self.database
            .write("revoke an exception", move |conn| {
                let before = held(conn, id)?;
                let revoked = before.revoke(&reason, &stamp, Salt::generate());
                let Some(revoked) = revoked.map_err(Fail::Refused)? else {
                    return Ok(before);
                };
                update(conn, &before, &revoked)?;
                if let Some(news) = revoked.revoke_change().map_err(Fail::Refused)? {
                    changes::append(conn, FEED, &news)?;
                }
                Ok(revoked)
            })
            .await
    }

    async fn list(&self, person: PersonId, page: &Page) -> Result<Paged<Exception>> {
        let after = ReviewKey::before(page)?.map(|key| *key.id.as_uuid().as_bytes());
        // Ids are 16 bytes: each comes after no bytes at all.
        let after = after.as_ref().map_or(&[][..], |id| id);
        let rows_max = paging::limit_and_one(page);
        self.database.read("list exceptions", |conn| {
            let row = params![person.as_uuid().as_bytes(), after, rows_max];
            let found = all(conn.prepare_cached(OF_PERSON)?, row)?;
            ReviewKey::paged(found, page).map_err(Fail::refused)
        })
    }

    async fn due_for_review(&self, at: DateTime<Utc>, page: &Page) -> Result<Paged<Exception>> {
        let after = ReviewKey::before(page)?;
        let (day, id) = match &after {
            Some(key) => (key.review_by.to_string(), &key.id.as_uuid().as_bytes()[..]),
            None => (String::new(), &[][..]),
        };
        let (today, rows_max) = (at.date_naive().to_string(), paging::limit_and_one(page));
        self.database.read("list reviews", |conn| {
            let row = params![at.timestamp_micros(), today, day, id, rows_max];
            let found = all(conn.prepare_cached(DUE)?, row)?;
            ReviewKey::paged(found, page).map_err(Fail::refused)
        })
    }

    async fn tally(&self, attester: ActorId, at: DateTime<Utc>) -> Result<AttesterTally> {
        self.database
            .read("tally an attester", |conn| tally(conn, attester, at))
    }
}

fn grant(
    conn: &Connection,
    rules: &ExceptionRules,
    id: ExceptionId,
    new: NewException,
    stamp: &Stamp,
) -> Result<Exception, Fail> {
    match find(conn, id)? {
        Some(known) if *known.body() == new => return Ok(known.as_granted()),
        Some(_) => return Err(Fail::refused(Error::already_exists(&id))),
        None => {}
    }
    let mut of_vouching = Vec::new();
    for person in new.people_vouching() {
        of_vouching.extend(valid(conn, person, stamp.at())?);
    }
    let tally = tally(conn, new.attester.actor, stamp.at())?;
    let view = GrantView::new(tally, &of_vouching);
    let granted = rules
        .grant(view, id, new, stamp, Salt::generate())
        .map_err(Fail::Refused)?;
    let body = granted.body();
    conn.prepare_cached(INSERT)?.execute(params![
        id.as_uuid().as_bytes(),
        body.person.as_uuid().as_bytes(),
        body.attester.actor.as_uuid().as_bytes(),
        i64::try_from(tally.granted).unwrap_or(i64::MAX - 1) + 1,
        body.review_by.to_string(),
        body.limit.until.timestamp_micros(),
        body.limit.uses,
        json::to_text::<_, Error>(&granted)?,
    ])?;
    let news = granted.grant_change().map_err(Fail::Refused)?;
    changes::append(conn, FEED, &news)?;
    Ok(granted)
}

fn use_once(
    conn: &Connection,
    person: PersonId,
    id: ExceptionUseId,
    stamp: &Stamp,
) -> Result<Option<ExceptionUse>, Fail> {
    let known: Option<ExceptionUse> =
        one(conn.prepare_cached(ONE_USE)?, [id.as_uuid().as_bytes()])?;
    match known {
        Some(known) if known.person() == person => return Ok(Some(known)),
        Some(_) => return Err(Fail::refused(Error::already_exists(&id))),
        None => {}
    }
    let valid = valid(conn, person, stamp.at())?;
    let Some(before) = Exception::first_valid(&valid, stamp.at()) else {
        return Ok(None);
    };
    let Some((after, used)) = Exception::use_first([before], id, stamp, Salt::generate()) else {
        return Ok(None);
    };
    update(conn, before, &after)?;
    conn.prepare_cached(INSERT_USE)?.execute(params![
        id.as_uuid().as_bytes(),
        used.exception().as_uuid().as_bytes(),
        used.number(),
        json::to_text::<_, Error>(&used)?,
    ])?;
    let news = used.change().map_err(Fail::Refused)?;
    changes::append(conn, FEED, &news)?;
    Ok(Some(used))
}

fn find(conn: &Connection, id: ExceptionId) -> Result<Option<Exception>, Fail> {
    one(conn.prepare_cached(ONE)?, [id.as_uuid().as_bytes()])
}

fn held(conn: &Connection, id: ExceptionId) -> Result<Exception, Fail> {
    find(conn, id)?.ok_or_else(|| Fail::refused(Error::exception_not_found(id)))
}

/// The exceptions of `person` that hold at `at`, the first to end first.
fn valid(conn: &Connection, person: PersonId, at: DateTime<Utc>) -> Result<Vec<Exception>, Fail> {
    let row = params![person.as_uuid().as_bytes(), at.timestamp_micros()];
    all(conn.prepare_cached(VALID)?, row)
}

fn update(conn: &Connection, before: &Exception, after: &Exception) -> Result<(), Fail> {
    write_one(
        conn.prepare_cached(UPDATE)?,
        params![
            after.id().as_uuid().as_bytes(),
            before.used(),
            after.used(),
            after.revoked().is_some(),
            json::to_text::<_, Error>(after)?,
        ],
    )
}

fn tally(conn: &Connection, attester: ActorId, at: DateTime<Utc>) -> Result<AttesterTally, Fail> {
    let row = params![attester.as_uuid().as_bytes(), at.timestamp_micros()];
    Ok(conn.prepare_cached(TALLY)?.query_row(row, |row| {
        let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let mut tally = AttesterTally::default();
        tally.granted = count(0)?;
        tally.revoked = count(1)?;
        tally.standing = count(2)?;
        Ok(tally)
    })?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{block_on, seed};
    use solidarity_identity::conformance::exception_register::agrees_with_memory;

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn register(database: &Database) -> Arc<dyn ExceptionRegister> {
        Arc::new(SqliteExceptionRegister::new(database, ExceptionRules::default()).unwrap())
    }

    solidarity_identity::exception_register_conformance!(OnDisk::new(register));

    #[test]
    fn agrees() {
        block_on(agrees_with_memory(&OnDisk::new(register), seed(), 3_000));
    }
}
