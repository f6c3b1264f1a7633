//! An outsider's store: an access log in a file of JSON lines, and the one line
//! at the end that proves that it keeps the trait's promises.
//!
//! `cargo run --example implement_a_store`, and to run the proof
//! `cargo test --example implement_a_store`

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::block_on;
use solidarity_core::{
    Access, AccessId, AccessKind, AccessLog, ActorId, BoxError, Context, Cursor, Error, Invalid,
    Page, Paged, PersonId, Purpose, Result, Retry, StoreFault, SystemClock,
};

// ANCHOR: store
/// An [`AccessLog`] in a file. Each group of entries is one line, so that a
/// group is there whole or, where the machine stopped in the middle of the
/// line, not at all.
#[derive(Debug)]
struct JsonLinesAccessLog(Mutex<State>);

#[derive(Debug)]
struct State {
    file: File,
    /// The bytes that hold whole lines. What lies beyond was never
    /// acknowledged.
    len: u64,
    entries: Vec<Access>,
    by_id: HashMap<AccessId, usize>,
}

impl JsonLinesAccessLog {
    fn open(path: &Path) -> Result<Self> {
        let fault = |error: BoxError| StoreFault::new("open the access log", Retry::Never, error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(|e| fault(e.into()))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| fault(e.into()))?;
        let mut state = State {
            file,
            len: 0,
            entries: Vec::new(),
            by_id: HashMap::new(),
        };
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(group) = line.strip_suffix(b"\n") else {
                break; // The last line was cut off.
            };
            // What serde_json says may quote a line, so it is not passed on.
            let group = serde_json::from_slice::<Vec<Access>>(group)
                .map_err(|_| fault("a line is no group of entries".into()))?;
            state.take(group);
            state.len += line.len() as u64;
        }
        Ok(Self(Mutex::new(state)))
    }

    // No code panics while it holds the lock, so a poisoned state is whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The entries that are not there yet, each once.
    fn fresh(&self, entries: &[Access]) -> Result<Vec<Access>> {
        let mut fresh: Vec<Access> = Vec::new();
        for entry in entries {
            let at = self.by_id.get(&entry.id());
            let held = at.and_then(|at| self.entries.get(*at));
            match held.or_else(|| fresh.iter().find(|new| new.id() == entry.id())) {
                None => fresh.push(entry.clone()),
                Some(known) if known == entry => {}
                Some(_) => return Err(Error::already_exists(*entry.id().as_uuid())),
            }
        }
        Ok(fresh)
    }

    /// Writes a line, and returns when the disk has it.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.set_len(self.len)?; // What a failed write left goes first.
        self.file.seek(SeekFrom::Start(self.len))?;
        self.file.write_all(line)?;
        self.file.sync_data()?;
        self.len += line.len() as u64;
        Ok(())
    }

    fn take(&mut self, group: Vec<Access>) {
        for entry in group {
            self.by_id.insert(entry.id(), self.entries.len());
            self.entries.push(entry);
        }
    }
}

#[async_trait]
impl AccessLog for JsonLinesAccessLog {
    async fn append(&self, entries: &[Access]) -> Result<()> {
        if entries.len() > BATCH_MAX {
            return Err(Invalid::new("entries", format!("must be at most {BATCH_MAX}")).into());
        }
        // Nobody can tell whether a line that failed is on the disk: ask.
        let fault = |error: BoxError| {
            StoreFault::new("append to the access log", Retry::AfterInquiry, error)
        };
        let mut state = self.lock();
        let fresh = state.fresh(entries)?;
        if fresh.is_empty() {
            return Ok(());
        }
        let mut line = serde_json::to_vec(&fresh).map_err(|e| fault(e.into()))?;
        line.push(b'\n');
        state.write(&line).map_err(|e| fault(e.into()))?;
        state.take(fresh);
        Ok(())
    }

    async fn list(&self, subject: PersonId, page: &Page) -> Result<Paged<Access>> {
        let after = page.cursor().map_or(Ok(0), Cursor::position)?;
        let state = self.lock();
        let mut found = (1..)
            .zip(&state.entries)
            .filter(|(position, entry)| *position > after && entry.subjects().contains(&subject));
        let taken: Vec<_> = found.by_ref().take(page.limit()).collect();
        let more = found.next().is_some();
        let last = taken.last().map(|(position, _)| *position);
        let next = last.filter(|_| more).map(Cursor::from_position);
        let items = taken.into_iter().map(|(_, entry)| entry.clone()).collect();
        Ok(Paged::new(items, next))
    }
}
// ANCHOR_END: store

fn main() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    print!("{}", block_on(look(&folder.path().join("access.jsonl")))?);
    Ok(())
}

/// Looks at a person twice, is cut off in the middle of a third time, and
/// tells the person who looked.
async fn look(path: &Path) -> Result<String, BoxError> {
    let (person, officer) = (PersonId::generate(), ActorId::generate());
    let log = JsonLinesAccessLog::open(path)?;
    for (purpose, kind) in [("payment", "person.get"), ("review", "person.history")] {
        let context = Context::new(officer, Purpose::new(purpose)?);
        let stamp = context.stamp(&SystemClock);
        let kind = AccessKind::new(kind)?;
        let entry = Access::new(AccessId::generate(), stamp, kind, vec![person])?;
        log.append(&[entry]).await?;
    }
    drop(log);
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(b"[{\"id\":\"0199")?;

    let log = JsonLinesAccessLog::open(path)?;
    let looks = log.list(person, &Page::first()).await?;
    let mut said = format!("{} looks survived the crash:\n", looks.items().len());
    for access in looks.items() {
        said += &format!("  {} for {}\n", access.kind(), access.stamp().purpose());
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use solidarity_core::testing::Harness;

    use super::*;

    /// Makes a log in a new file, and opens the same file again.
    struct InAFolder(tempfile::TempDir, Mutex<Option<PathBuf>>);

    impl InAFolder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap(), Mutex::default())
        }
    }

    #[async_trait]
    impl Harness<dyn AccessLog> for InAFolder {
        async fn open(&self) -> Arc<dyn AccessLog> {
            let path = self.0.path().join(AccessId::generate().to_string());
            *self.1.lock().unwrap() = Some(path.clone());
            Arc::new(JsonLinesAccessLog::open(&path).unwrap())
        }

        async fn reopen(&self, log: Arc<dyn AccessLog>) -> Arc<dyn AccessLog> {
            drop(log);
            let path = self.1.lock().unwrap().clone().unwrap();
            Arc::new(JsonLinesAccessLog::open(&path).unwrap())
        }
    }

    // ANCHOR: proof
    solidarity_core::access_log_conformance!(InAFolder::new());
    // ANCHOR_END: proof

    #[test]
    fn says_what_survived() {
        let folder = tempfile::tempdir().unwrap();
        let said = block_on(look(&folder.path().join("access.jsonl"))).unwrap();
        let expected = "2 looks survived the crash:\n  \
            person.get for payment\n  person.history for review\n";
        assert_eq!(said, expected);
    }

    #[test]
    fn a_line_cut_off_anywhere_is_no_entry_and_does_not_stop_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.jsonl");
        let person = PersonId::generate();
        let append = |log: &JsonLinesAccessLog| {
            let context = Context::new(ActorId::generate(), Purpose::from_static("audit"));
            let (id, kind) = (AccessId::generate(), AccessKind::from_static("person.get"));
            let entry = Access::new(id, context.stamp(&SystemClock), kind, vec![person]);
            block_on(log.append(&[entry.unwrap()])).unwrap();
        };
        let count = |log: &JsonLinesAccessLog| {
            block_on(log.list(person, &Page::first()))
                .unwrap()
                .items()
                .len()
        };
        append(&JsonLinesAccessLog::open(&path).unwrap());
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, [&whole[..], &whole[..cut]].concat()).unwrap();
            let log = JsonLinesAccessLog::open(&path).unwrap();
            assert_eq!(count(&log), 1, "cut after {cut} bytes");
            append(&log);
            assert_eq!(count(&JsonLinesAccessLog::open(&path).unwrap()), 2);
        }
    }
}
