use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use solidarity_core::{Invalid, Stamp};
use solidarity_identity::{
    AttemptId, Challenge, ChallengeId, ChallengeState, CodeAnswer, CodeRules, CodeStore, CodeTag,
    Error, NewChallenge, Result,
};

use super::{Fail, all, one, write_one};
use crate::sqlite::database::Database;
use crate::sqlite::json;

const ONE: &str = "SELECT body FROM code_challenge WHERE id = ?1";
const COUNTING: &str = "SELECT body FROM code_challenge WHERE person = ?1 \
     AND (state = 'open' OR state <> 'withdrawn' AND issued_at > ?2)";
const INSERT: &str = "INSERT INTO code_challenge (id, person, issued_at, expires_at, state, version, body) \
     VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)";
// A challenge moves by a try or by leaving the open state, so that its tries
// and its state before are its version.
const UPDATE: &str = "UPDATE code_challenge SET state = ?2, version = ?3 + 1, body = ?4 \
     WHERE id = ?1 AND version = ?3 AND state = 'open'";
const FORGET: &str = "DELETE FROM code_challenge WHERE expires_at <= ?1 AND issued_at <= ?2";

/// A [`CodeStore`] in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteCodeStore {
    database: Database,
    rules: CodeRules,
}

impl SqliteCodeStore {
    /// The codes in `database`, kept by `rules`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the rules are out of bounds.
    pub fn new(database: &Database, rules: CodeRules) -> Result<Self, Invalid> {
        rules.check()?;
        Ok(Self {
            database: database.clone(),
            rules,
        })
    }
}

#[async_trait]
impl CodeStore for SqliteCodeStore {
    fn rules(&self) -> CodeRules {
        self.rules
    }

    async fn issue(&self, id: ChallengeId, new: NewChallenge, stamp: &Stamp) -> Result<Challenge> {
        let (rules, stamp) = (self.rules, stamp.clone());
        self.database
            .write("issue a code", move |conn| {
                issue(conn, rules, id, &new, &stamp)
            })
            .await
    }

    async fn find(&self, id: ChallengeId) -> Result<Option<Challenge>> {
        self.database.read("read a code", |conn| find(conn, id))
    }

    async fn attempt(
        &self,
        id: ChallengeId,
        attempt: AttemptId,
        tag: &CodeTag,
        stamp: &Stamp,
    ) -> Result<CodeAnswer> {
        let (rules, tag, stamp) = (self.rules, *tag, stamp.clone());
        self.database
            .write("try a code", move |conn| {
                let current = held(conn, id)?;
                let (answer, after) = rules
                    .attempt(&current, attempt, &tag, &stamp)
                    .map_err(Fail::Refused)?;
                if let Some(after) = after {
                    update(conn, &current, &after)?;
                }
                Ok(answer)
            })
            .await
    }

    async fn withdraw(&self, id: ChallengeId) -> Result<()> {
        self.database
            .write("withdraw a code", move |conn| {
                end(conn, &held(conn, id)?, ChallengeState::Withdrawn)
            })
            .await
    }

    async fn forget(&self, at: DateTime<Utc>) -> Result<u64> {
        let (ended, sent) = (at.timestamp_micros(), micros(self.rules.window_start(at)));
        self.database
            .write("forget codes", move |conn| {
                let forgotten = conn.prepare_cached(FORGET)?.execute([ended, sent])?;
                Ok(forgotten as u64)
            })
            .await
    }
}

fn issue(
    conn: &Connection,
    rules: CodeRules,
    id: ChallengeId,
    new: &NewChallenge,
    stamp: &Stamp,
) -> Result<Challenge, Fail> {
    match find(conn, id)? {
        Some(known) if known.began_as(new) => return Ok(known.as_issued()),
        Some(_) => return Err(Fail::refused(Error::already_exists(&id))),
        None => {}
    }
    let since = micros(rules.window_start(stamp.at()));
    let person = new.person.as_uuid().as_bytes();
    let earlier: Vec<Challenge> = all(conn.prepare_cached(COUNTING)?, params![person, since])?;
    let issued = rules
        .issue(&earlier, id, new, stamp)
        .map_err(Fail::Refused)?;
    for challenge in &earlier {
        end(conn, challenge, ChallengeState::Superseded)?;
    }
    conn.prepare_cached(INSERT)?.execute(params![
        id.as_uuid().as_bytes(),
        person,
        micros(issued.issued_at()),
        micros(issued.expires_at()),
        word(issued.state()),
        json::to_text::<_, Error>(&issued)?,
    ])?;
    Ok(issued)
}

fn find(conn: &Connection, id: ChallengeId) -> Result<Option<Challenge>, Fail> {
    one(conn.prepare_cached(ONE)?, [id.as_uuid().as_bytes()])
}

fn held(conn: &Connection, id: ChallengeId) -> Result<Challenge, Fail> {
    find(conn, id)?.ok_or_else(|| Fail::refused(Error::challenge_not_found(id)))
}

/// Ends `challenge` as `state`, if it is open.
fn end(conn: &Connection, challenge: &Challenge, state: ChallengeState) -> Result<(), Fail> {
    match challenge.ended_as(state) {
        Some(ended) => update(conn, challenge, &ended),
        None => Ok(()),
    }
}

fn update(conn: &Connection, before: &Challenge, after: &Challenge) -> Result<(), Fail> {
    let version = i64::try_from(before.tries()).unwrap_or(i64::MAX - 1) + 1;
    write_one(
        conn.prepare_cached(UPDATE)?,
        params![
            after.id().as_uuid().as_bytes(),
            word(after.state()),
            version,
            json::to_text::<_, Error>(after)?,
        ],
    )
}

const fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

const fn word(state: ChallengeState) -> &'static str {
    match state {
        ChallengeState::Open => "open",
        ChallengeState::Used => "used",
        ChallengeState::Exhausted => "exhausted",
        ChallengeState::Superseded => "superseded",
        ChallengeState::Withdrawn => "withdrawn",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{block_on, seed};
    use solidarity_identity::conformance::code_store::agrees_with_memory;

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn store(database: &Database) -> Arc<dyn CodeStore> {
        Arc::new(SqliteCodeStore::new(database, CodeRules::default()).unwrap())
    }

    solidarity_identity::code_store_conformance!(OnDisk::new(store));

    #[test]
    fn agrees() {
        block_on(agrees_with_memory(&OnDisk::new(store), seed(), 3_000));
    }
}
