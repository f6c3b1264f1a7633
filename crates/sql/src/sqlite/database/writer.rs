use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use solidarity_core::{Retry, StoreFault};

use crate::sqlite::fail::{Fail, fault};

/// The most writes that share one transaction and one sync.
const GROUP_MAX: usize = 256;

/// Does its work in the open transaction, and gives what tells its caller
/// once it is known how the transaction ended.
type Job = Box<dyn FnOnce(&Connection, &mut Group) -> Tell + Send>;
type Tell = Box<dyn FnOnce(End) + Send>;

/// How a group's transaction ended.
#[derive(Clone, Copy)]
enum End {
    Committed,
    /// Nothing of it was written.
    Lost,
    /// It may or may not have been written.
    Unknown,
}

/// The transaction that a group of writes shares.
struct Group {
    alive: bool,
    /// Whether a write before succeeded.
    holds_writes: bool,
}

/// The one thread that writes.
pub(super) struct Writer {
    // `None` once the writer is being closed.
    jobs: Mutex<Option<Sender<Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(conn: Connection) -> Result<Self, StoreFault> {
        let (jobs, waiting) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                while let Ok(first) = waiting.recv() {
                    write_group(&conn, first, &waiting);
                }
            })
            .map_err(|error| StoreFault::new("start the writer", Retry::Later, error))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Some(thread),
        })
    }

    pub(super) async fn run<T, E>(
        &self,
        operation: &'static str,
        f: impl FnOnce(&Connection) -> Result<T, Fail<E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |conn, group| {
            let done = group.run(conn, f);
            Box::new(move |end| {
                // A caller that went away does not mind.
                let _gone = answer.send(conclude(operation, done, end));
            })
        });
        let sent = {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
        };
        if !sent {
            return Err(StoreFault::new(operation, Retry::Later, "the writer has stopped").into());
        }
        match answered.await {
            Ok(answer) => answer,
            Err(_) => {
                Err(
                    StoreFault::new(operation, Retry::AfterInquiry, "the writer gave no answer")
                        .into(),
                )
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(
            self.jobs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // Its panics are caught, so it ends when the queue is empty.
            let _ended = thread.join();
        }
    }
}

impl Group {
    /// Runs `f`, of which nothing stays if it fails or panics.
    fn run<T, E>(
        &mut self,
        conn: &Connection,
        f: impl FnOnce(&Connection) -> Result<T, Fail<E>>,
    ) -> Result<T, Fail<E>> {
        if !self.alive {
            return Err(Fail::Unreadable(
                "an earlier write ended the transaction".into(),
            ));
        }
        // What others wrote before must outlive it. A savepoint copies every
        // page that is changed, so the first does without.
        let (begin, end, undo) = if self.holds_writes {
            (
                "SAVEPOINT job",
                "RELEASE job",
                "ROLLBACK TO job; RELEASE job",
            )
        } else {
            ("", "", "ROLLBACK; BEGIN IMMEDIATE")
        };
        conn.execute_batch(begin)?;
        let done = panic::catch_unwind(AssertUnwindSafe(|| f(conn)))
            .unwrap_or_else(|_| Err(Fail::unreadable("the write panicked")));
        // On a full disk or a broken file SQLite ends the whole transaction.
        let lost = conn.is_autocommit();
        let ended = conn.execute_batch(if done.is_ok() { end } else { undo });
        self.holds_writes |= done.is_ok();
        self.alive = ended.is_ok() && !lost;
        match (done, ended) {
            (Ok(_), Err(error)) => Err(Fail::Sql(error)),
            (done, _) => done,
        }
    }
}

fn write_group(conn: &Connection, first: Job, waiting: &Receiver<Job>) {
    let mut group = Group {
        alive: conn.execute_batch("BEGIN IMMEDIATE").is_ok(),
        holds_writes: false,
    };
    let mut tell = vec![first(conn, &mut group)];
    while group.alive && tell.len() < GROUP_MAX {
        match waiting.try_recv() {
            Ok(job) => tell.push(job(conn, &mut group)),
            Err(_) => break,
        }
    }
    let end = if !group.alive {
        End::Lost
    } else if conn.execute_batch("COMMIT").is_ok() {
        End::Committed
    } else {
        End::Unknown
    };
    if !conn.is_autocommit() {
        // If this fails too, the next BEGIN does, and says so.
        let _undone = conn.execute_batch("ROLLBACK");
    }
    for tell in tell {
        tell(end);
    }
}

/// What the caller of one write is told.
fn conclude<T, E: From<StoreFault>>(
    operation: &'static str,
    done: Result<T, Fail<E>>,
    end: End,
) -> Result<T, E> {
    match (done, end) {
        (Ok(value), End::Committed) => Ok(value),
        // What a write was refused for may have been lost with the rest.
        (Ok(_) | Err(Fail::Unreadable(_)), End::Lost)
        | (Err(Fail::Refused(_)), End::Lost | End::Unknown) => {
            Err(StoreFault::new(operation, Retry::Later, "the transaction was undone").into())
        }
        (Ok(_), End::Unknown) => {
            Err(StoreFault::new(operation, Retry::AfterInquiry, "the commit gave no answer").into())
        }
        (Err(Fail::Sql(error)), _) => Err(fault(operation, &error).into()),
        (Err(fail), _) => Err(fail.into_error(operation)),
    }
}

#[cfg(test)]
mod tests {
    use solidarity_core::{Error, Invalid};

    use super::*;

    /// Whichever writes of a group fail, of them nothing stays, and all of the
    /// others.
    #[test]
    fn a_write_that_fails_is_undone_alone() {
        for pattern in 0_u8..1 << 5 {
            let fails = |n: u8| pattern & (1 << n) != 0;
            let conn = Connection::open_in_memory().unwrap();
            conn.execute_batch("CREATE TABLE row (n); BEGIN IMMEDIATE")
                .unwrap();
            let mut group = Group {
                alive: true,
                holds_writes: false,
            };
            for n in 0..5 {
                let done = group.run(&conn, |conn| {
                    conn.execute("INSERT INTO row VALUES (?1)", [n])?;
                    match (fails(n), n % 2) {
                        (true, 0) => panic!("planted"),
                        (true, _) => Err(Fail::<Error>::unreadable("planted")),
                        (false, _) => Ok(()),
                    }
                });
                assert_eq!(done.is_err(), fails(n), "{pattern:05b}");
            }
            assert!(group.alive);
            conn.execute_batch("COMMIT").unwrap();
            let mut select = conn.prepare("SELECT n FROM row ORDER BY n").unwrap();
            let rows = select.query_map([], |row| row.get(0)).unwrap();
            let rows: Vec<u8> = rows.map(Result::unwrap).collect();
            let kept: Vec<u8> = (0..5).filter(|n| !fails(*n)).collect();
            assert_eq!(rows, kept, "{pattern:05b}");
        }
    }

    /// A write is refused for what another one wrote, in the transaction that
    /// they share.
    #[test]
    fn a_refusal_stands_only_with_what_it_was_for() {
        let told = |end| {
            let taken = Fail::refused(Invalid::new("id", "must not be taken"));
            conclude::<(), Error>("write", Err(taken), end).unwrap_err()
        };
        assert!(matches!(told(End::Committed), Error::Invalid(_)));
        for end in [End::Lost, End::Unknown] {
            assert_eq!(told(end).retry(), Retry::Later);
        }
    }
}
