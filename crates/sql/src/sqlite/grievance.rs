use async_trait::async_trait;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use solidarity_core::{
    CaseId, Change, ChangeFeed, Cursor, Invalid, Page, Paged, Salt, Stamp, Version,
};
use solidarity_grievance::{
    Act, Case, CaseFilter, CaseStore, Error, Event, NewCase, Ownership, ReceiptDigest, Result,
    Workflows,
};

use super::database::Database;
use super::{changes, fail, json, paging};

type Fail = fail::Fail<Error>;

const FEED: &str = "grievance";
const BY_ID: &str = "SELECT body FROM grievance_case WHERE id = ?1";
const RECEIPT_OF: &str = "SELECT receipt FROM grievance_case WHERE id = ?1";
const BY_RECEIPT: &str = "SELECT body FROM grievance_case WHERE receipt = ?1";
const INSERT: &str = "INSERT INTO grievance_case (id, version, receipt, state, is_open, untold, role, \
     owner, waiting_since, salt, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const UPDATE: &str = "UPDATE grievance_case SET version = ?2, state = ?3, is_open = ?4, untold = ?5, \
     role = ?6, owner = ?7, waiting_since = ?8, body = ?9 WHERE id = ?1 AND version = ?10";
const EVENT: &str = "SELECT body FROM grievance_event WHERE case_id = ?1 AND version = ?2";
const INSERT_EVENT: &str =
    "INSERT INTO grievance_event (case_id, version, salt, body) VALUES (?1, ?2, ?3, ?4)";
const EVENTS: &str = "SELECT body FROM grievance_event WHERE case_id = ?1 AND version > ?2 \
     ORDER BY version LIMIT ?3";

/// A [`CaseStore`] in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteCaseStore {
    database: Database,
    workflows: std::sync::Arc<Workflows>,
}

impl SqliteCaseStore {
    /// The cases in `database`, which follow `workflows`.
    #[must_use]
    pub fn new(database: &Database, workflows: Workflows) -> Self {
        Self {
            database: database.clone(),
            workflows: std::sync::Arc::new(workflows),
        }
    }
}

#[async_trait]
impl ChangeFeed for SqliteCaseStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        changes::page(&self.database, FEED, page)
    }
}

#[async_trait]
impl CaseStore for SqliteCaseStore {
    fn workflows(&self) -> &Workflows {
        &self.workflows
    }

    async fn open(
        &self,
        id: CaseId,
        new: NewCase,
        receipt: ReceiptDigest,
        stamp: &Stamp,
    ) -> Result<Case> {
        let (workflows, stamp) = (self.workflows.clone(), stamp.clone());
        self.database
            .write("open a case", move |conn| {
                open(conn, &workflows, id, new, receipt, &stamp)
            })
            .await
    }

    async fn get(&self, id: CaseId) -> Result<Case> {
        self.database.read("read a case", |conn| held(conn, id))
    }

    async fn find_by_receipt(&self, receipt: &ReceiptDigest) -> Result<Option<Case>> {
        self.database
            .read("find a case", |conn| by_receipt(conn, receipt))
    }

    async fn act(&self, id: CaseId, expected: Version, act: Act, stamp: &Stamp) -> Result<Event> {
        let (workflows, stamp) = (self.workflows.clone(), stamp.clone());
        self.database
            .write("act on a case", move |conn| {
                let case = held(conn, id)?;
                if case.version() != expected {
                    return repeated(conn, &case, expected, &act, &stamp);
                }
                let done = workflows.act(&case, &act, &stamp);
                let (case, event) = done.map_err(Fail::Refused)?;
                update(conn, &case, expected)?;
                append(conn, &event)?;
                Ok(event)
            })
            .await
    }

    async fn events(&self, id: CaseId, page: &Page) -> Result<Paged<Event>> {
        let (after, rows_max) = (paging::after(page)?, paging::limit_and_one(page));
        self.database.read("read what was done to a case", |conn| {
            held(conn, id)?;
            let mut statement = conn.prepare_cached(EVENTS)?;
            let rows = params![id.as_uuid().as_bytes(), after, rows_max];
            let bodies = statement.query_map(rows, |row| row.get::<_, String>(0))?;
            cut(bodies, page, |event: &Event| {
                Ok(Cursor::from_position(event.version().count()))
            })
        })
    }

    async fn list(&self, filter: &CaseFilter, page: &Page) -> Result<Paged<Case>> {
        let after = page.cursor().map(CaseFilter::position).transpose()?;
        let (query, values) = query(filter, after, paging::limit_and_one(page));
        self.database.read("list cases", |conn| {
            let mut statement = conn.prepare_cached(&query)?;
            let bodies =
                statement.query_map(params_from_iter(values), |row| row.get::<_, String>(0))?;
            cut(bodies, page, |case: &Case| CaseFilter::cursor(case.id()))
        })
    }
}

fn open(
    conn: &Connection,
    workflows: &Workflows,
    id: CaseId,
    new: NewCase,
    receipt: ReceiptDigest,
    stamp: &Stamp,
) -> Result<Case, Fail> {
    if let Some(known) = find(conn, id)? {
        let kept: [u8; 32] = conn
            .prepare_cached(RECEIPT_OF)?
            .query_row([id.as_uuid().as_bytes()], |row| row.get(0))?;
        if known.new_case() == &new && ReceiptDigest::from_bytes(kept) == receipt {
            let opened = workflows.open(id, new, known.opened());
            return opened.map_err(Fail::Refused);
        }
        return Err(Fail::refused(Error::already_exists(id)));
    }
    let case = workflows.open(id, new, stamp).map_err(Fail::Refused)?;
    if by_receipt(conn, &receipt)?.is_some() {
        let taken = Invalid::new("receipt", "must not be another case's");
        return Err(Fail::refused(taken));
    }
    let salt = Salt::generate();
    let columns = Columns::of(&case);
    conn.prepare_cached(INSERT)?.execute(params![
        id.as_uuid().as_bytes(),
        columns.version,
        receipt.as_bytes(),
        columns.state,
        columns.is_open,
        columns.untold,
        columns.role,
        columns.owner,
        columns.waiting_since,
        salt.as_bytes(),
        json::to_text::<_, Error>(&case)?,
    ])?;
    let news = case.news(&salt).map_err(Fail::refused)?;
    changes::append(conn, FEED, &news)?;
    Ok(case)
}

/// The columns beside the body.
struct Columns<'a> {
    version: i64,
    state: &'a str,
    is_open: bool,
    untold: bool,
    role: Option<&'a str>,
    owner: Option<[u8; 16]>,
    waiting_since: i64,
}

impl<'a> Columns<'a> {
    fn of(case: &'a Case) -> Self {
        let post = case.post();
        let owner = post.and_then(|post| post.owner());
        Self {
            version: count(case.version()),
            state: case.state().as_str(),
            is_open: post.is_some(),
            untold: case.untold().is_some(),
            role: post.map(|post| post.role().as_str()),
            owner: owner.map(|owner| *owner.actor.as_uuid().as_bytes()),
            waiting_since: case.waiting_since().timestamp_micros(),
        }
    }
}

fn count(version: Version) -> i64 {
    i64::try_from(version.count()).unwrap_or(i64::MAX)
}

fn update(conn: &Connection, case: &Case, expected: Version) -> Result<(), Fail> {
    let columns = Columns::of(case);
    let written = conn.prepare_cached(UPDATE)?.execute(params![
        case.id().as_uuid().as_bytes(),
        columns.version,
        columns.state,
        columns.is_open,
        columns.untold,
        columns.role,
        columns.owner,
        columns.waiting_since,
        json::to_text::<_, Error>(case)?,
        count(expected),
    ])?;
    if written == 1 {
        Ok(())
    } else {
        Err(Fail::unreadable("a case and its version disagree"))
    }
}

fn append(conn: &Connection, event: &Event) -> Result<(), Fail> {
    let salt = Salt::generate();
    conn.prepare_cached(INSERT_EVENT)?.execute(params![
        event.case().as_uuid().as_bytes(),
        count(event.version()),
        salt.as_bytes(),
        json::to_text::<_, Error>(event)?,
    ])?;
    let news = event.news(&salt).map_err(Fail::refused)?;
    changes::append(conn, FEED, &news)
}

/// The answer that an act already got, or the conflict that it is in.
fn repeated(
    conn: &Connection,
    case: &Case,
    expected: Version,
    act: &Act,
    stamp: &Stamp,
) -> Result<Event, Fail> {
    let id = case.id();
    let key = params![id.as_uuid().as_bytes(), count(expected.next())];
    let body: Option<String> = conn
        .prepare_cached(EVENT)?
        .query_row(key, |row| row.get(0))
        .optional()?;
    if let Some(body) = body {
        let event: Event = json::from_text(&body)?;
        if event.repeats(act, stamp.actor()) {
            return Ok(event);
        }
    }
    let conflict = Error::conflict(case.id(), expected, case.version());
    Err(Fail::refused(conflict))
}

fn held(conn: &Connection, id: CaseId) -> Result<Case, Fail> {
    find(conn, id)?.ok_or_else(|| Fail::refused(Error::not_found(id)))
}

fn find(conn: &Connection, id: CaseId) -> Result<Option<Case>, Fail> {
    one(conn, BY_ID, id.as_uuid().as_bytes())
}

fn by_receipt(conn: &Connection, receipt: &ReceiptDigest) -> Result<Option<Case>, Fail> {
    one(conn, BY_RECEIPT, receipt.as_bytes())
}

fn one(conn: &Connection, query: &str, key: &[u8]) -> Result<Option<Case>, Fail> {
    let body: Option<String> = conn
        .prepare_cached(query)?
        .query_row([key], |row| row.get(0))
        .optional()?;
    body.map(|body| json::from_text(&body)).transpose()
}

/// The statement that finds what `filter` asks for, and its values.
///
/// What it asks is put with the narrowest index first. SQLite would as soon
/// go through every open case of the country to find one officer's, so the
/// other columns get a `+`, which keeps their indexes out of it.
fn query(filter: &CaseFilter, after: Option<CaseId>, rows_max: i64) -> (String, Vec<Value>) {
    let mut wanted: Vec<(&str, Value)> = Vec::new();
    if let Some(Ownership::Officer(actor)) = filter.owner {
        wanted.push(("owner =", actor.as_uuid().as_bytes().to_vec().into()));
    }
    if filter.untold_only {
        wanted.push(("untold =", true.into()));
    }
    if let Some(state) = &filter.state {
        wanted.push(("state =", state.as_str().to_owned().into()));
    }
    if let Some(role) = &filter.role {
        wanted.push(("role =", role.as_str().to_owned().into()));
    }
    if filter.open_only || filter.owner == Some(Ownership::Nobody) {
        wanted.push(("is_open =", true.into()));
    }
    let mut query = "SELECT body FROM grievance_case WHERE id > ?1".to_owned();
    // Every id comes after no bytes at all.
    let after = after.map_or_else(Vec::new, |id| id.as_uuid().as_bytes().to_vec());
    let mut values = vec![after.into()];
    for (column, value) in wanted {
        let sign = if values.len() == 1 { "" } else { "+" };
        values.push(value);
        query.push_str(&format!(" AND {sign}{column} ?{}", values.len()));
    }
    if filter.owner == Some(Ownership::Nobody) {
        query.push_str(" AND +owner IS NULL");
    }
    if let Some(at) = filter.waiting_before {
        values.push(at.timestamp_micros().into());
        query.push_str(&format!(" AND waiting_since < ?{}", values.len()));
    }
    values.push(rows_max.into());
    query.push_str(&format!(" ORDER BY id LIMIT ?{}", values.len()));
    (query, values)
}

/// As many of the items in `bodies` as the page holds.
fn cut<T: serde::de::DeserializeOwned>(
    bodies: impl Iterator<Item = rusqlite::Result<String>>,
    page: &Page,
    cursor: impl Fn(&T) -> Result<Cursor, Invalid>,
) -> Result<Paged<T>, Fail> {
    let mut items = Vec::new();
    for body in bodies {
        let body = body?;
        if items.len() == page.limit() {
            let next = items.last().map(cursor).transpose();
            return Ok(Paged::new(items, next.map_err(Fail::refused)?));
        }
        items.push(json::from_text(&body)?);
    }
    Ok(Paged::new(items, None))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{block_on, seed};
    use solidarity_grievance::conformance;

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn make(database: &Database) -> Arc<dyn CaseStore> {
        Arc::new(SqliteCaseStore::new(database, conformance::workflows()))
    }

    solidarity_grievance::case_store_conformance!(OnDisk::new(make));

    /// A list reads what it lists, and not every open case of the country.
    #[test]
    fn a_list_is_found_by_its_narrowest_index() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("cases.db")).unwrap();
        let officer = solidarity_core::ActorId::generate();
        let state = solidarity_grievance::StateName::from_static("received");
        let role = solidarity_grievance::Role::from_static("officer");
        let open = CaseFilter::open;
        for (filter, index) in [
            (open(), "grievance_case_open"),
            (CaseFilter::untold(), "grievance_case_untold"),
            (open().in_state(state), "grievance_case_in_state"),
            (open().with_role(role.clone()), "grievance_case_with_role"),
            (open().owned_by(Ownership::Nobody), "grievance_case_open"),
            (
                open().with_role(role).owned_by(Ownership::Officer(officer)),
                "grievance_case_owned",
            ),
        ] {
            for after in [None, Some(CaseId::generate())] {
                let (query, values) = query(&filter, after, 101);
                let plan = database.read::<Vec<String>, Error>("explain", |conn| {
                    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
                    let plan = statement.query_map(params_from_iter(values), |row| row.get(3))?;
                    Ok(plan.collect::<rusqlite::Result<_>>()?)
                });
                let plan = plan.unwrap();
                assert!(
                    plan[0].contains(&format!("INDEX {index} (")),
                    "{filter:?} {plan:?}"
                );
                assert_eq!(plan.len(), 1, "nothing is sorted: {plan:?}");
            }
        }
    }

    #[test]
    fn agrees_with_memory() {
        let harness = OnDisk::new(make);
        block_on(conformance::agrees_with_memory(&harness, seed(), 1_500));
    }
}
