use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use solidarity_core::{Retry, StoreFault};

use super::fail::{Fail, fault};

mod writer;

use writer::Writer;

refinery::embed_migrations!("migrations");

/// Marks a file as this crate's own (`PRAGMA application_id`): "Soli".
const APPLICATION_ID: i32 = 0x536f_6c69;

/// Connections kept for the next reader.
const IDLE_READERS_MAX: usize = 4;

/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The bytes that every database begins with.
const HEADER_BYTES: u64 = 100;

/// The bytes of a page of a new file: a large batch writes fewer of these than
/// of SQLite's own 4,096.
const PAGE_BYTES: i64 = 8_192;

/// The pages that wait beside the file (16 MB) before they are moved into it.
const CHECKPOINT_PAGES: i64 = 2_000;

/// The KiB of pages that the writer keeps, so that it need not write half of a
/// large batch to find room for the rest.
const WRITER_CACHE_KIB: i64 = 65_536;

/// One SQLite file that holds the stores of any number of blocks.
///
/// A handle is cheap to clone, and all clones are one database. One thread
/// writes: it takes the writes that are waiting, runs each in a savepoint of
/// one transaction and makes them durable with one sync
/// (`journal_mode=WAL`, `synchronous=FULL`), so a write that has returned
/// survives the loss of power. Reads run on the caller's own thread and block
/// it for some microseconds; each sees one state of the file, never half a
/// write. No async runtime is assumed.
///
/// The file is closed when the last handle is dropped.
///
/// ```
/// use solidarity_sql::sqlite::{Database, SqliteAccessLog};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("register.db");
/// let database = Database::open(&path)?;
/// let log = SqliteAccessLog::new(&database);
/// # Ok::<(), solidarity_core::StoreFault>(())
/// ```
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    writer: Writer,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

impl Database {
    /// Opens the database in the file `path`, which is made if it is not
    /// there, and brings its tables up to this version's.
    ///
    /// # Errors
    ///
    /// [`StoreFault`] if the file cannot be opened or made, is not a
    /// database, belongs to another program, or was written by a later
    /// version. Nothing in it is changed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreFault> {
        let path = path.as_ref();
        // SQLite takes these for a new file.
        if std::fs::metadata(path).is_ok_and(|file| (1..HEADER_BYTES).contains(&file.len())) {
            let source = "the file is cut off, or no database";
            return Err(StoreFault::new("open the database", Retry::Never, source));
        }
        let sql = |error: rusqlite::Error| fault("open the database", &error);
        let mut conn = connect(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )
        .map_err(sql)?;
        // Of effect only before a new file is written to.
        conn.pragma_update(None, "page_size", PAGE_BYTES)
            .map_err(sql)?;
        claim(&mut conn)?;
        let journal: String = conn
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
            .map_err(sql)?;
        if journal != "wal" {
            let source = "readers and a writer cannot share what is not a file on a local disk";
            return Err(StoreFault::new("open the database", Retry::Never, source));
        }
        for (pragma, value) in [
            ("synchronous", Value::from("FULL".to_owned())),
            ("wal_autocheckpoint", Value::from(CHECKPOINT_PAGES)),
            ("cache_size", Value::from(-WRITER_CACHE_KIB)),
        ] {
            conn.pragma_update(None, pragma, value).map_err(sql)?;
        }
        migrations::runner()
            .set_abort_divergent(true)
            .set_abort_missing(true)
            .run(&mut conn)
            .map_err(|error| StoreFault::new("bring the tables up to date", Retry::Never, error))?;
        Ok(Self {
            shared: Arc::new(Shared {
                path: path.to_owned(),
                readers: Mutex::new(Vec::new()),
                writer: Writer::start(conn)?,
            }),
        })
    }

    /// Runs `f` over one unchanging state of the database.
    pub(crate) fn read<T, E: From<StoreFault>>(
        &self,
        operation: &'static str,
        f: impl FnOnce(&Connection) -> Result<T, Fail<E>>,
    ) -> Result<T, E> {
        let answer = self.reader().map_err(Fail::Sql).and_then(|mut conn| {
            let answer = conn
                .transaction_with_behavior(TransactionBehavior::Deferred)
                .map_err(Fail::Sql)
                .and_then(|snapshot| f(&snapshot));
            self.keep(conn);
            answer
        });
        answer.map_err(|fail| fail.into_error(operation))
    }

    /// Runs `f` in the writing transaction. What it wrote is durable when
    /// this returns, and gone if `f` fails.
    pub(crate) async fn write<T, E>(
        &self,
        operation: &'static str,
        f: impl FnOnce(&Connection) -> Result<T, Fail<E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        self.shared.writer.run(operation, f).await
    }

    fn reader(&self) -> rusqlite::Result<Connection> {
        let idle = self.readers().pop();
        match idle {
            Some(conn) => Ok(conn),
            None => {
                let conn = connect(&self.shared.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
                conn.pragma_update(None, "query_only", true)?;
                Ok(conn)
            }
        }
    }

    fn keep(&self, conn: Connection) {
        let mut readers = self.readers();
        if readers.len() < IDLE_READERS_MAX {
            readers.push(conn);
        }
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // Pushing and popping do not panic, so a poisoned list is whole.
        self.shared
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that trusts nothing in the file.
fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    // Else a statement that is kept is compiled anew for every other limit.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.set_prepared_statement_cache_capacity(256);
    Ok(conn)
}

/// Takes an empty file as this crate's own; refuses another program's.
fn claim(conn: &mut Connection) -> Result<(), StoreFault> {
    let sql = |error: rusqlite::Error| fault("open the database", &error);
    let transaction = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    let owner: i32 = transaction
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(sql)?;
    let tables: i64 = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sql)?;
    match (owner, tables) {
        (APPLICATION_ID, _) => {}
        (0, 0) => transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(sql)?,
        _ => {
            let source = "the file is another program's database";
            return Err(StoreFault::new("open the database", Retry::Never, source));
        }
    }
    transaction.commit().map_err(sql)
}

#[cfg(test)]
mod tests {
    use solidarity_core::Error;
    use solidarity_core::testing::block_on;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn every_connection_is_opened_safely() {
        let folder = folder();
        let database = Database::open(folder.path().join("a.db")).unwrap();
        let pragmas = |conn: &Connection| {
            [
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "trusted_schema",
                "cell_size_check",
                "busy_timeout",
            ]
            .map(|name| {
                conn.pragma_query_value(None, name, |row| {
                    row.get::<_, String>(0)
                        .or_else(|_| row.get::<_, i64>(0).map(|n| n.to_string()))
                })
                .unwrap()
            })
        };
        let safe = ["wal", "2", "1", "0", "1", "10000"];
        let read = database
            .read::<_, Error>("look", |conn| Ok(pragmas(conn)))
            .unwrap();
        let write =
            block_on(database.write::<_, Error>("look", move |conn| Ok(pragmas(conn)))).unwrap();
        assert_eq!(
            (read, write),
            (safe.map(str::to_owned), safe.map(str::to_owned))
        );
    }

    #[test]
    fn what_is_not_our_database_is_refused_and_left_alone() {
        let folder = folder();
        let text = folder.path().join("text.db");
        std::fs::write(&text, "household,amount\n".repeat(400)).unwrap();
        let before = std::fs::read(&text).unwrap();
        assert_eq!(Database::open(&text).unwrap_err().retry(), Retry::Never);
        assert_eq!(std::fs::read(&text).unwrap(), before);

        let other = folder.path().join("other.db");
        Connection::open(&other)
            .unwrap()
            .execute_batch("CREATE TABLE theirs (x)")
            .unwrap();
        assert_eq!(Database::open(&other).unwrap_err().retry(), Retry::Never);

        assert!(Database::open(folder.path()).is_err());
        assert!(Database::open(folder.path().join("no/such/folder.db")).is_err());
    }

    /// A file that lost its end, or that a later version wrote, is refused
    /// when it is opened or when what is missing is first asked for: nothing
    /// panics, and nothing is written over it.
    #[test]
    fn what_is_not_whole_or_not_ours_to_read_is_refused() {
        let folder = folder();
        let whole = folder.path().join("whole.db");
        drop(Database::open(&whole).unwrap());
        let bytes = std::fs::read(&whole).unwrap();
        for length in [1, 99, 4_096, 8_191, 8_192, 50_000, bytes.len() - 8_192] {
            let cut = folder.path().join(format!("{length}.db"));
            std::fs::write(&cut, &bytes[..length]).unwrap();
            let sound = Database::open(&cut).is_ok_and(|database| {
                let check = database.read::<_, Error>("look", |conn| {
                    let check = "PRAGMA integrity_check";
                    Ok(conn.query_row(check, [], |row| row.get::<_, String>(0))?)
                });
                check.is_ok_and(|found| found == "ok")
            });
            assert!(!sound, "cut to {length} of {}", bytes.len());
        }

        let later = folder.path().join("later.db");
        drop(Database::open(&later).unwrap());
        Connection::open(&later)
            .unwrap()
            .execute(
                "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
                 VALUES (9999, 'later', '2026-01-01T00:00:00Z', '1')",
                [],
            )
            .unwrap();
        let refused = Database::open(&later).unwrap_err();
        assert_eq!(refused.retry(), Retry::Never);
    }

    /// Every connection must see one file: what has none is refused.
    #[test]
    fn what_is_no_file_is_refused() {
        for path in [":memory:", ""] {
            assert_eq!(
                Database::open(path).unwrap_err().retry(),
                Retry::Never,
                "{path}"
            );
        }
    }

    /// A migration is only ever added after the last one, whichever block's it
    /// is: a file that has the last one refuses what comes before.
    #[test]
    fn migrations_are_numbered_without_gaps() {
        let runner = migrations::runner();
        let mut versions: Vec<_> = runner
            .get_migrations()
            .iter()
            .map(|m| m.version())
            .collect();
        versions.sort_unstable();
        assert!(
            versions
                .into_iter()
                .eq(1..=runner.get_migrations().len().try_into().unwrap())
        );
    }

    #[test]
    fn a_refused_write_leaves_nothing_and_spares_its_neighbors() {
        let folder = folder();
        let database = Database::open(folder.path().join("a.db")).unwrap();
        let insert = |n: u8, then: Result<(), ()>| {
            let insert = move |conn: &Connection| {
                conn.execute(
                    "INSERT INTO access (id, position, body) VALUES (?1, ?2, '')",
                    rusqlite::params![[n; 16], n],
                )?;
                then.map_err(|()| Fail::refused(solidarity_core::Invalid::new("n", "must be even")))
            };
            block_on(database.write::<_, Error>("insert", insert))
        };
        for n in 0..10 {
            let then = if n % 2 == 0 { Ok(()) } else { Err(()) };
            assert_eq!(insert(n, then).is_ok(), n % 2 == 0);
        }
        // The same key again fails in SQLite itself, and says no value.
        let twice = insert(0, Ok(())).unwrap_err();
        assert!(matches!(twice, Error::Store(_)), "{twice:?}");
        let count: i64 = database
            .read::<_, Error>("count", |conn| {
                Ok(conn.query_row("SELECT count(*) FROM access", [], |r| r.get(0))?)
            })
            .unwrap();
        assert_eq!(count, 5);
    }

    #[test]
    fn a_panic_in_one_write_does_not_stop_the_next() {
        let folder = folder();
        let database = Database::open(folder.path().join("a.db")).unwrap();
        let bad = block_on(database.write::<(), Error>("panic", |_| panic!("planted")));
        assert!(matches!(bad, Err(Error::Store(_))));
        assert!(block_on(database.write::<_, Error>("go on", |_| Ok(7))).is_ok_and(|n| n == 7));
    }

    #[test]
    fn readers_cannot_write() {
        let folder = folder();
        let database = Database::open(folder.path().join("a.db")).unwrap();
        let refused =
            database.read::<_, Error>("write", |conn| Ok(conn.execute("DELETE FROM change", [])?));
        assert!(refused.is_err());
    }
}
