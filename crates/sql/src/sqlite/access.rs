use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::{Access, AccessLog, Cursor, Error, Invalid, Page, Paged, PersonId, Result};

use super::database::Database;
use super::fail::Fail;
use super::{json, paging};

const BODY: &str = "SELECT body FROM access WHERE id = ?1";
const LAST: &str = "SELECT coalesce(max(position), 0) FROM access";
const INSERT: &str = "INSERT INTO access (id, position, body) VALUES (?1, ?2, ?3)";
const INSERT_SUBJECT: &str =
    "INSERT INTO access_subject (subject, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
const PAGE: &str = "SELECT s.position, a.body FROM access_subject s JOIN access a ON a.position = s.position \
     WHERE s.subject = ?1 AND s.position > ?2 ORDER BY s.position LIMIT ?3";

/// An [`AccessLog`] in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteAccessLog {
    database: Database,
}

impl SqliteAccessLog {
    /// The access log in `database`.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
        }
    }
}

#[async_trait]
impl AccessLog for SqliteAccessLog {
    async fn append(&self, entries: &[Access]) -> Result<()> {
        if entries.len() > BATCH_MAX {
            return Err(Invalid::new("entries", format!("must be at most {BATCH_MAX}")).into());
        }
        let entries = entries.to_vec();
        self.database
            .write("append to the access log", move |conn| {
                let mut position: i64 =
                    conn.prepare_cached(LAST)?.query_row([], |row| row.get(0))?;
                for entry in &entries {
                    if is_new(conn, entry)? {
                        position += 1;
                        insert(conn, position, entry)?;
                    }
                }
                Ok(())
            })
            .await
    }

    async fn list(&self, subject: PersonId, page: &Page) -> Result<Paged<Access>> {
        let after = paging::after(page)?;
        let rows_max = paging::limit_and_one(page);
        self.database.read("read the access log", |conn| {
            let mut statement = conn.prepare_cached(PAGE)?;
            let mut rows =
                statement.query(params![subject.as_uuid().as_bytes(), after, rows_max])?;
            let mut items = Vec::new();
            let mut reached = None;
            while let Some(row) = rows.next()? {
                if items.len() == page.limit() {
                    return Ok(Paged::new(items, reached));
                }
                let position: i64 = row.get(0)?;
                reached = Some(Cursor::from_position(position.unsigned_abs()));
                items.push(json::from_text(
                    row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
                )?);
            }
            Ok(Paged::new(items, None))
        })
    }
}

fn is_new(conn: &Connection, entry: &Access) -> Result<bool, Fail<Error>> {
    let known: Option<String> = conn
        .prepare_cached(BODY)?
        .query_row([entry.id().as_uuid().as_bytes()], |row| row.get(0))
        .optional()?;
    match known {
        None => Ok(true),
        Some(body) if json::from_text::<Access, Error>(&body)? == *entry => Ok(false),
        Some(_) => Err(Fail::refused(Error::already_exists(*entry.id().as_uuid()))),
    }
}

fn insert(conn: &Connection, position: i64, entry: &Access) -> Result<(), Fail<Error>> {
    conn.prepare_cached(INSERT)?.execute(params![
        entry.id().as_uuid().as_bytes(),
        position,
        json::to_text::<_, Error>(entry)?,
    ])?;
    let mut statement = conn.prepare_cached(INSERT_SUBJECT)?;
    for subject in entry.subjects() {
        statement.execute(params![subject.as_uuid().as_bytes(), position])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::conformance::agrees_with_memory;
    use solidarity_core::testing::{block_on, seed};

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn log(database: &Database) -> Arc<dyn AccessLog> {
        Arc::new(SqliteAccessLog::new(database))
    }

    solidarity_core::access_log_conformance!(OnDisk::new(log));

    #[test]
    fn agrees() {
        block_on(agrees_with_memory(&OnDisk::new(log), seed(), 1_500));
    }
}
