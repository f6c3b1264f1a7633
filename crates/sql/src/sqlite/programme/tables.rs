//! The rows of the programme tables, as the writes look them up and add them.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Params, params};
use serde::de::DeserializeOwned;
use solidarity_core::{
    CycleId, DecisionId, EnrolmentId, EntitlementId, NewChange, ProgrammeId, UnitId, Version,
};
use solidarity_programme::writes::{Body, Rows};
use solidarity_programme::{
    Cycle, Decision, Enrolment, Entitlement, EventId, NewEnrolment, NewEvent, Programme, Recorded,
};

use super::{FEED, Fail};
use crate::sqlite::{changes, json};

const PROGRAMME: &str = "SELECT body FROM programme WHERE id = ?1 AND version = ?2";
const LATEST: &str = "SELECT body FROM programme WHERE id = ?1 ORDER BY version DESC LIMIT 1";
const ADD_PROGRAMME: &str =
    "INSERT INTO programme (id, version, salt, body) VALUES (?1, ?2, ?3, ?4)";
const DECISION: &str = "SELECT body FROM programme_decision WHERE id = ?1";
const ADD_DECISION: &str = "INSERT INTO programme_decision (id, unit, programme, salt, body) \
     VALUES (?1, ?2, ?3, ?4, ?5)";
const ENROLMENT: &str = "SELECT body FROM programme_enrolment WHERE id = ?1";
const ENROLMENTS: &str = "SELECT body FROM programme_enrolment WHERE unit = ?1 ORDER BY id";
const ADD_ENROLMENT: &str = "INSERT INTO programme_enrolment \
     (id, unit, programme, settled, settled_from, salt, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const UNSETTLE: &str =
    "UPDATE programme_enrolment SET settled = NULL WHERE id = ?1 AND settled IS NOT NULL";
const EVENT: &str = "SELECT body, enrolment FROM programme_event WHERE id = ?1";
const HISTORY: &str = "SELECT body FROM programme_event WHERE enrolment = ?1 ORDER BY position";
const ADD_EVENT: &str = "INSERT INTO programme_event (id, enrolment, position, salt, body) \
     VALUES (?1, ?2, ?3, ?4, ?5)";
const CYCLE: &str = "SELECT body FROM programme_cycle WHERE id = ?1";
const PUT_CYCLE: &str = "INSERT INTO programme_cycle (id, salt, body) VALUES (?1, ?2, ?3) \
     ON CONFLICT (id) DO UPDATE SET salt = excluded.salt, body = excluded.body";
const ENTITLEMENT: &str = "SELECT body FROM programme_entitlement WHERE id = ?1";
const ENTITLEMENTS: &str =
    "SELECT body FROM programme_entitlement WHERE unit = ?1 AND for_cycle = ?2 ORDER BY id";
const ADD_ENTITLEMENT: &str = "INSERT INTO programme_entitlement \
     (id, enrolment, cycle, unit, for_cycle, salt, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// The tables within one transaction.
pub(super) struct Tables<'a> {
    conn: &'a Connection,
    // Reading a statement checks it and works out its digest.
    programmes: HashMap<(ProgrammeId, Option<Version>), Option<Programme>>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(conn: &'a Connection) -> Self {
        Self {
            conn,
            programmes: HashMap::new(),
        }
    }

    fn one<T: DeserializeOwned>(&self, sql: &str, params: impl Params) -> Result<Option<T>, Fail> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let body: Option<String> = statement.query_row(params, |row| row.get(0)).optional()?;
        body.map(|body| json::from_text(&body)).transpose()
    }

    fn all<T: DeserializeOwned>(&self, sql: &str, params: impl Params) -> Result<Vec<T>, Fail> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            all.push(json::from_text(body)?);
        }
        Ok(all)
    }

    fn add(&self, sql: &str, params: impl Params) -> Result<(), Fail> {
        self.conn.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }

    /// An enrolment with its history.
    pub(super) fn with_history(&self, new: NewEnrolment) -> Result<Enrolment, Fail> {
        let history = self.all(HISTORY, [new.id().as_uuid().as_bytes()])?;
        Ok(Enrolment::from_parts(new, history))
    }
}

impl Rows for Tables<'_> {
    type Fail = Fail;

    fn programme(
        &mut self,
        id: ProgrammeId,
        version: Option<Version>,
    ) -> Result<Option<Programme>, Fail> {
        if let Some(known) = self.programmes.get(&(id, version)) {
            return Ok(known.clone());
        }
        let key = id.as_uuid().as_bytes();
        let found: Option<Programme> = match version {
            Some(version) => self.one(PROGRAMME, params![key, count(version)])?,
            None => self.one(LATEST, [key])?,
        };
        self.programmes.insert((id, version), found.clone());
        Ok(found)
    }

    fn add_programme(&mut self, row: &Programme, body: &Body) -> Result<(), Fail> {
        self.programmes.clear();
        self.add(
            ADD_PROGRAMME,
            params![
                row.id().as_uuid().as_bytes(),
                count(row.version()),
                body.salt.as_bytes(),
                body.text,
            ],
        )
    }

    fn decision(&mut self, id: DecisionId) -> Result<Option<Decision>, Fail> {
        self.one(DECISION, [id.as_uuid().as_bytes()])
    }

    fn add_decision(&mut self, row: &Decision, body: &Body) -> Result<(), Fail> {
        self.add(
            ADD_DECISION,
            params![
                row.id().as_uuid().as_bytes(),
                row.unit().as_uuid().as_bytes(),
                row.programme().as_uuid().as_bytes(),
                body.salt.as_bytes(),
                body.text,
            ],
        )
    }

    fn enrolment(&mut self, id: EnrolmentId) -> Result<Option<Enrolment>, Fail> {
        let new = self.one(ENROLMENT, [id.as_uuid().as_bytes()])?;
        new.map(|new| self.with_history(new)).transpose()
    }

    fn enrolments_of(&mut self, unit: UnitId) -> Result<Vec<Enrolment>, Fail> {
        let all: Vec<NewEnrolment> = self.all(ENROLMENTS, [unit.as_uuid().as_bytes()])?;
        all.into_iter().map(|new| self.with_history(new)).collect()
    }

    fn add_enrolment(&mut self, row: &NewEnrolment, body: &Body) -> Result<(), Fail> {
        self.add(
            ADD_ENROLMENT,
            params![
                row.id().as_uuid().as_bytes(),
                row.unit().as_uuid().as_bytes(),
                row.programme().as_uuid().as_bytes(),
                row.begins().as_str(),
                row.on().to_string(),
                body.salt.as_bytes(),
                body.text,
            ],
        )
    }

    fn event(&mut self, id: EventId) -> Result<Option<NewEvent>, Fail> {
        let found: Option<(String, [u8; 16])> = self
            .conn
            .prepare_cached(EVENT)?
            .query_row([id.as_uuid().as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((body, enrolment)) = found else {
            return Ok(None);
        };
        let recorded: Recorded = json::from_text(&body)?;
        let enrolment = EnrolmentId::from_uuid(uuid::Uuid::from_bytes(enrolment));
        Ok(Some(NewEvent::new(id, enrolment, recorded.event)))
    }

    fn add_event(
        &mut self,
        enrolment: &Enrolment,
        row: &Recorded,
        body: &Body,
    ) -> Result<(), Fail> {
        let id = enrolment.id();
        let position = i64::try_from(enrolment.history().len()).unwrap_or(i64::MAX);
        self.add(UNSETTLE, [id.as_uuid().as_bytes()])?;
        self.add(
            ADD_EVENT,
            params![
                row.id.as_uuid().as_bytes(),
                id.as_uuid().as_bytes(),
                position,
                body.salt.as_bytes(),
                body.text,
            ],
        )
    }

    fn cycle(&mut self, id: CycleId) -> Result<Option<Cycle>, Fail> {
        self.one(CYCLE, [id.as_uuid().as_bytes()])
    }

    fn put_cycle(&mut self, row: &Cycle, body: &Body) -> Result<(), Fail> {
        let id = row.id();
        let key = id.as_uuid().as_bytes();
        self.add(PUT_CYCLE, params![key, body.salt.as_bytes(), body.text])
    }

    fn entitlement(&mut self, id: EntitlementId) -> Result<Option<Entitlement>, Fail> {
        self.one(ENTITLEMENT, [id.as_uuid().as_bytes()])
    }

    fn entitlements_for(&mut self, unit: UnitId, cycle: CycleId) -> Result<Vec<Entitlement>, Fail> {
        let (unit, cycle) = (unit.as_uuid().as_bytes(), cycle.as_uuid().as_bytes());
        self.all(ENTITLEMENTS, params![unit, cycle])
    }

    fn add_entitlement(&mut self, row: &Entitlement, body: &Body) -> Result<(), Fail> {
        self.add(
            ADD_ENTITLEMENT,
            params![
                row.id().as_uuid().as_bytes(),
                row.enrolment().as_uuid().as_bytes(),
                row.cycle().as_uuid().as_bytes(),
                row.unit().as_uuid().as_bytes(),
                row.for_cycle().as_uuid().as_bytes(),
                body.salt.as_bytes(),
                body.text,
            ],
        )
    }

    fn tell(&mut self, news: NewChange) -> Result<(), Fail> {
        changes::append(self.conn, FEED, &news)
    }
}

fn count(version: Version) -> i64 {
    i64::try_from(version.count()).unwrap_or(i64::MAX)
}
