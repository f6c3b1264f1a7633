use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use solidarity_signing::limits::REPLAY_IDS_MAX;
use solidarity_signing::{Admission, Arrival, Error, ReplayGuard, Result, Window};

use super::database::Database;
use super::fail::Fail;

const SENDER: &str = "SELECT held, forgotten FROM replay_sender WHERE sender = ?1";
const EXPIRED: &str =
    "SELECT count(*), max(sent_at) FROM replay_taken WHERE sender = ?1 AND sent_at < ?2";
const FORGET: &str = "DELETE FROM replay_taken WHERE sender = ?1 AND sent_at < ?2";
const KNOWN: &str = "SELECT 1 FROM replay_taken WHERE sender = ?1 AND id = ?2";
const TAKE: &str = "INSERT INTO replay_taken (sender, id, sent_at) VALUES (?1, ?2, ?3)";
const KEEP_SENDER: &str = "INSERT INTO replay_sender (sender, held, forgotten) VALUES (?1, ?2, ?3) \
     ON CONFLICT (sender) DO UPDATE SET held = excluded.held, forgotten = excluded.forgotten";

/// A [`ReplayGuard`] in a SQLite file: what was taken stays taken when the
/// process ends.
///
/// One file is the guard of one receiver, and of all its processes. An answer
/// that was lost with a commit (`AfterInquiry`) means that the message may be
/// taken; asked again, the guard says so.
#[derive(Clone, Debug)]
pub struct SqliteReplayGuard {
    database: Database,
    window: Window,
    ids_max: usize,
}

impl SqliteReplayGuard {
    /// The guard in `database`, which holds up to [`REPLAY_IDS_MAX`] ids of
    /// each sender.
    #[must_use]
    pub fn new(database: &Database, window: Window) -> Self {
        Self {
            database: database.clone(),
            window,
            ids_max: REPLAY_IDS_MAX,
        }
    }

    /// The guard, with room for `ids_max` ids of each sender.
    #[must_use]
    pub fn with_room_for(mut self, ids_max: usize) -> Self {
        self.ids_max = ids_max.min(REPLAY_IDS_MAX);
        self
    }
}

#[async_trait]
impl ReplayGuard for SqliteReplayGuard {
    async fn take(&self, message: &Arrival, now: DateTime<Utc>) -> Result<Admission> {
        if let Some(refusal) = self.window.refuses(message, now) {
            return Ok(refusal);
        }
        let message = message.clone();
        let horizon = self.window.forgets_before(now).timestamp_micros();
        let ids_max = i64::try_from(self.ids_max).unwrap_or(i64::MAX);
        // What is forgotten stays so also where the message is not taken, so
        // that is no refusal of the write.
        self.database
            .write("take a message", move |conn| {
                let mut sender = Sender::load(conn, message.sender().as_str())?;
                sender.forget_before(conn, horizon)?;
                sender.take(conn, &message, ids_max)
            })
            .await?
    }
}

struct Sender {
    name: String,
    held: i64,
    forgotten: Option<i64>,
}

impl Sender {
    fn load(conn: &Connection, name: &str) -> Result<Self, Fail<Error>> {
        let row: Option<(i64, Option<i64>)> = conn
            .prepare_cached(SENDER)?
            .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (held, forgotten) = row.unwrap_or_default();
        let name = name.to_owned();
        Ok(Self {
            name,
            held,
            forgotten,
        })
    }

    fn keep(&self, conn: &Connection) -> Result<(), Fail<Error>> {
        conn.prepare_cached(KEEP_SENDER)?
            .execute(params![self.name, self.held, self.forgotten])?;
        Ok(())
    }

    fn forget_before(&mut self, conn: &Connection, horizon: i64) -> Result<(), Fail<Error>> {
        let (count, latest): (i64, Option<i64>) = conn
            .prepare_cached(EXPIRED)?
            .query_row(params![self.name, horizon], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if count == 0 {
            return Ok(());
        }
        conn.prepare_cached(FORGET)?
            .execute(params![self.name, horizon])?;
        self.held -= count;
        self.forgotten = self.forgotten.max(latest);
        self.keep(conn)
    }

    fn take(
        &mut self,
        conn: &Connection,
        message: &Arrival,
        ids_max: i64,
    ) -> Result<Result<Admission>, Fail<Error>> {
        let id = message.id().as_str();
        let sent_at = message.sent_at().timestamp_micros();
        if conn.prepare_cached(KNOWN)?.exists([&self.name, id])? {
            return Ok(Ok(Admission::AlreadyTaken));
        }
        if self.forgotten >= Some(sent_at) {
            return Ok(Err(Error::ClockWentBack));
        }
        if self.held >= ids_max {
            return Ok(Err(Error::GuardFull));
        }
        conn.prepare_cached(TAKE)?
            .execute(params![self.name, id, sent_at])?;
        self.held += 1;
        self.keep(conn)?;
        Ok(Ok(Admission::Fresh))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use solidarity_core::testing::{block_on, seed};
    use solidarity_signing::conformance::replay_guard::{agrees_with_memory, window};
    use solidarity_signing::{MessageId, PartyId};

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn guard(database: &Database) -> Arc<dyn ReplayGuard> {
        Arc::new(SqliteReplayGuard::new(database, window()))
    }

    solidarity_signing::replay_guard_conformance!(OnDisk::new(guard));

    #[test]
    fn agrees() {
        block_on(agrees_with_memory(&OnDisk::new(guard), seed(), 3_000));
    }

    #[test]
    fn a_full_guard_refuses_and_makes_room_with_time() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("a.db")).unwrap();
        let guard = SqliteReplayGuard::new(&database, window()).with_room_for(2);
        let take = |sender: &str, id: &str, now| {
            let (sender, id) = (PartyId::new(sender).unwrap(), MessageId::new(id).unwrap());
            block_on(guard.take(&Arrival::new(sender, id, now), now))
        };
        let now = DateTime::UNIX_EPOCH;
        for id in ["1", "2"] {
            assert_eq!(take("a", id, now).unwrap(), Admission::Fresh);
        }
        assert!(matches!(take("a", "3", now), Err(Error::GuardFull)));
        assert_eq!(take("a", "1", now).unwrap(), Admission::AlreadyTaken);
        assert_eq!(take("b", "3", now).unwrap(), Admission::Fresh);
        let later = now + TimeDelta::hours(1);
        assert_eq!(take("a", "3", later).unwrap(), Admission::Fresh);
        assert!(matches!(take("a", "1", now), Err(Error::ClockWentBack)));
    }
}
