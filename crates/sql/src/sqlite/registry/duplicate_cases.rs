use std::collections::HashMap;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Params, params};
use solidarity_core::{
    Change, ChangeFeed, Page, Paged, PersonId, Retry, Salt, Stamp, StoreFault, Version,
};
use solidarity_registry::duplicate_cases::decision::{Written, check_batch, judge, propose};
use solidarity_registry::duplicate_cases::{
    DuplicateCase, DuplicateCaseId, DuplicateCaseStore, Judged, Judgement, JudgementReason,
    NewDuplicateCase, Proposed, QueueKey, QueueOrder,
};
use solidarity_registry::{Error, Result};

use super::Fail;
use super::rows::version_number;
use crate::sqlite::database::Database;
use crate::sqlite::{changes, json, paging};

const FEED: &str = "duplicate_cases";

const ONE: &str = "SELECT body FROM duplicate_case WHERE id = ?1";
const LIKELIEST: &str = "SELECT body FROM duplicate_case \
     WHERE is_open = 1 AND (doubt_ppm, id) > (?1, ?2) ORDER BY doubt_ppm, id LIMIT ?3";
const LONGEST_OPEN: &str = "SELECT body FROM duplicate_case \
     WHERE is_open = 1 AND (open_since, id) > (?1, ?2) ORDER BY open_since, id LIMIT ?3";
// Two indexes, merged as they are read: a page is read and no more.
const OF_PERSON: &str = "SELECT body, id FROM duplicate_case WHERE lower = ?1 AND id > ?2 \
     UNION ALL \
     SELECT body, id FROM duplicate_case WHERE higher = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
const WRITE: &str = "INSERT INTO duplicate_case \
     (id, lower, higher, version, is_open, doubt_ppm, open_since, body) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, is_open = excluded.is_open, \
     doubt_ppm = excluded.doubt_ppm, open_since = excluded.open_since, body = excluded.body \
     WHERE version = excluded.version - 1";

/// A [`DuplicateCaseStore`] in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteDuplicateCaseStore {
    database: Database,
}

impl SqliteDuplicateCaseStore {
    /// The cases in `database`.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
        }
    }
}

#[async_trait]
impl ChangeFeed for SqliteDuplicateCaseStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        changes::page(&self.database, FEED, page)
    }
}

#[async_trait]
impl DuplicateCaseStore for SqliteDuplicateCaseStore {
    async fn propose(&self, batch: &[NewDuplicateCase], stamp: &Stamp) -> Result<Vec<Proposed>> {
        check_batch(batch)?;
        let (batch, stamp) = (batch.to_vec(), stamp.clone());
        self.database
            .write("propose duplicates", move |conn| {
                let mut known = HashMap::new();
                for pair in &batch {
                    known.extend(find(conn, pair.id())?.map(|case| (case.id(), case)));
                }
                let decided = propose(&batch, known, &stamp, &mut Salt::generate);
                let decided = decided.map_err(Fail::Refused)?;
                for written in &decided.written {
                    file(conn, written)?;
                }
                Ok(decided.outcomes)
            })
            .await
    }

    async fn decide(
        &self,
        id: DuplicateCaseId,
        expected: Version,
        judgement: Judgement,
        reason: JudgementReason,
        stamp: &Stamp,
    ) -> Result<Judged> {
        let stamp = stamp.clone();
        self.database
            .write("judge a duplicate case", move |conn| {
                let case = held(conn, id)?;
                let decided = judge(&case, expected, judgement, reason, &stamp, Salt::generate());
                let (judged, written) = decided.map_err(Fail::Refused)?;
                if let Some(written) = written {
                    file(conn, &written)?;
                }
                Ok(judged)
            })
            .await
    }

    async fn get(&self, id: DuplicateCaseId) -> Result<DuplicateCase> {
        self.database
            .read("read a duplicate case", |conn| held(conn, id))
    }

    async fn list_open(&self, order: QueueOrder, page: &Page) -> Result<Paged<DuplicateCase>> {
        let after = QueueKey::before(order, page)?;
        let rank = after.map_or(i64::MIN, |key| key.rank);
        let id = after.map(|key| key.id);
        let sql = match order {
            QueueOrder::LikeliestFirst => LIKELIEST,
            QueueOrder::LongestOpenFirst => LONGEST_OPEN,
        };
        self.database.read("list open duplicate cases", |conn| {
            let row = params![rank, after_id(id.as_ref()), paging::limit_and_one(page)];
            QueueKey::paged(all(conn, sql, row)?, order, page).map_err(Fail::refused)
        })
    }

    async fn of_person(&self, person: PersonId, page: &Page) -> Result<Paged<DuplicateCase>> {
        let id = DuplicateCaseId::before(page)?;
        self.database.read("list a person's cases", |conn| {
            let person = person.as_uuid().as_bytes();
            let row = params![person, after_id(id.as_ref()), paging::limit_and_one(page)];
            DuplicateCaseId::paged(all(conn, OF_PERSON, row)?, page).map_err(Fail::refused)
        })
    }
}

/// Ids are 16 bytes: each comes after no bytes at all.
fn after_id(id: Option<&DuplicateCaseId>) -> &[u8] {
    id.map_or(&[], |id| id.as_uuid().as_bytes())
}

fn find(conn: &Connection, id: DuplicateCaseId) -> Result<Option<DuplicateCase>, Fail> {
    let text: Option<String> = conn
        .prepare_cached(ONE)?
        .query_row([id.as_uuid().as_bytes()], |row| row.get(0))
        .optional()?;
    text.map(|text| json::from_text(&text)).transpose()
}

fn held(conn: &Connection, id: DuplicateCaseId) -> Result<DuplicateCase, Fail> {
    find(conn, id)?.ok_or_else(|| Fail::refused(Error::case_not_found(id)))
}

/// The bodies in the first column of all rows.
fn all(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<DuplicateCase>, Fail> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        found.push(json::from_text(text)?);
    }
    Ok(found)
}

/// Writes a case and its news, unless somebody else wrote it since it was
/// read.
fn file(conn: &Connection, written: &Written) -> Result<(), Fail> {
    let case = &written.case;
    let (lower, higher) = case.finding().people;
    let rows = conn.prepare_cached(WRITE)?.execute(params![
        case.id().as_uuid().as_bytes(),
        lower.as_uuid().as_bytes(),
        higher.as_uuid().as_bytes(),
        version_number(case.version()),
        case.is_open(),
        QueueKey::of(case, QueueOrder::LikeliestFirst).rank,
        QueueKey::of(case, QueueOrder::LongestOpenFirst).rank,
        json::to_text::<_, Error>(case)?,
    ])?;
    if rows != 1 {
        let source = "somebody else wrote it meanwhile";
        let fault = StoreFault::new("write a duplicate case", Retry::Later, source);
        return Err(Fail::refused(fault));
    }
    changes::append(conn, FEED, &written.news)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{block_on, seed};
    use solidarity_registry::conformance::duplicate_case_store::agrees_with_memory;

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn store(database: &Database) -> Arc<dyn DuplicateCaseStore> {
        Arc::new(SqliteDuplicateCaseStore::new(database))
    }

    solidarity_registry::duplicate_case_store_conformance!(OnDisk::new(store));

    #[test]
    fn agrees() {
        block_on(agrees_with_memory(&OnDisk::new(store), seed(), 3_000));
    }

    /// A queue of millions is read a page at a time.
    #[test]
    fn lists_are_read_by_their_indexes() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("cases.db")).unwrap();
        for sql in [LIKELIEST, LONGEST_OPEN, OF_PERSON] {
            let plan: Vec<String> = database
                .read::<_, Error>("explain", |conn| {
                    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                    let params = params![0, [0_u8; 16], 10];
                    let steps = statement.query_map(params, |row| row.get(3))?;
                    Ok(steps.collect::<Result<_, _>>()?)
                })
                .unwrap();
            let plan = plan.join("; ");
            assert!(
                !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"),
                "{sql}: {plan}"
            );
        }
    }
}
