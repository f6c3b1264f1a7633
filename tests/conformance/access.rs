//! The kit of the access log, and the faults that it catches.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{
    Access, AccessId, AccessLog, MemoryAccessLog, Page, Paged, PersonId, Result, conformance,
};

mod shared {
    use super::*;

    solidarity_core::access_log_conformance!(InMemory::new(|| {
        Arc::new(Arc::new(MemoryAccessLog::new())) as Arc<dyn AccessLog>
    }));
}

/// What a careless log does wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// It writes the same entry again.
    WritesTwice,
    /// It keeps what came before the entry that it refuses.
    WritesHalfAGroup,
    /// It takes another entry under a known id for the same one.
    TakesAnyRepeat,
    /// It shows an entry to the first of its subjects only.
    TellsTheFirst,
    /// It shows every entry to everybody.
    TellsEverybody,
    /// It loses the last entry of a page that is not the last.
    LosesAtPageEnd,
    /// It begins anew where it does not know the cursor.
    TakesAnyCursor,
}

#[derive(Debug)]
struct Faulty {
    fault: Fault,
    inner: MemoryAccessLog,
    everybody: Mutex<Vec<PersonId>>,
}

/// The same look under another id.
fn renamed(entry: &Access) -> Access {
    let mut json = serde_json::to_value(entry).unwrap();
    json["id"] = serde_json::to_value(AccessId::generate()).unwrap();
    serde_json::from_value(json).unwrap()
}

#[async_trait]
impl AccessLog for Faulty {
    async fn append(&self, entries: &[Access]) -> Result<()> {
        let subjects = entries.iter().flat_map(Access::subjects);
        self.everybody.lock().unwrap().extend(subjects);
        match self.fault {
            Fault::WritesTwice => {
                // Each is known by its first writing, and written under a new id.
                for entry in entries {
                    self.inner.append(std::slice::from_ref(entry)).await?;
                    self.inner.append(&[renamed(entry)]).await?;
                }
                Ok(())
            }
            Fault::WritesHalfAGroup => {
                for entry in entries {
                    self.inner.append(std::slice::from_ref(entry)).await?;
                }
                Ok(())
            }
            Fault::TakesAnyRepeat => {
                let _refused = self.inner.append(entries).await;
                Ok(())
            }
            _ => self.inner.append(entries).await,
        }
    }

    async fn list(&self, subject: PersonId, page: &Page) -> Result<Paged<Access>> {
        let of = match self.fault {
            Fault::TellsEverybody => self.everybody.lock().unwrap().first().copied(),
            _ => None,
        };
        let listed = self.inner.list(of.unwrap_or(subject), page).await;
        if self.fault == Fault::TakesAnyCursor && listed.is_err() {
            return self.inner.list(subject, &Page::first()).await;
        }
        let listed = listed?;
        let next = listed.next().cloned();
        let mut items = listed.into_items();
        match self.fault {
            Fault::TellsTheFirst => items.retain(|e| e.subjects().first() == Some(&subject)),
            Fault::LosesAtPageEnd if next.is_some() => drop(items.pop()),
            _ => {}
        }
        Ok(Paged::new(items, next))
    }
}

fn faulty(fault: Fault) -> impl Harness<dyn AccessLog> {
    InMemory::new(move || {
        Arc::new(Faulty {
            fault,
            inner: MemoryAccessLog::new(),
            everybody: Mutex::default(),
        }) as Arc<dyn AccessLog>
    })
}

macro_rules! catches {
    ($($name:ident: $fault:ident by $case:ident;)+) => {$(
        #[test]
        #[should_panic]
        fn $name() {
            block_on(conformance::$case(&faulty(Fault::$fault)));
        }
    )+};
}

catches! {
    an_entry_that_is_there_twice: WritesTwice by an_entry_again_changes_nothing;
    half_a_group: WritesHalfAGroup by another_entry_under_an_id_writes_nothing;
    another_entry_under_a_known_id: TakesAnyRepeat by another_entry_under_an_id_writes_nothing;
    a_subject_who_is_not_told: TellsTheFirst by what_is_appended_is_listed;
    a_look_at_somebody_else: TellsEverybody by what_is_appended_is_listed;
    an_entry_that_falls_between_pages: LosesAtPageEnd by a_list_goes_on_where_it_ended;
    a_cursor_of_another_list: TakesAnyCursor by a_list_goes_on_where_it_ended;
}

/// Every fault is found by the comparison with the reference, too.
#[test]
fn no_fault_agrees_with_memory() {
    for fault in [
        Fault::WritesTwice,
        Fault::WritesHalfAGroup,
        Fault::TakesAnyRepeat,
        Fault::TellsTheFirst,
        Fault::TellsEverybody,
        Fault::LosesAtPageEnd,
    ] {
        let run = move || block_on(conformance::agrees_with_memory(&faulty(fault), 1, 300));
        assert!(std::panic::catch_unwind(run).is_err(), "{fault:?}");
    }
}

/// A log that a crash empties.
struct Forgetful;

#[async_trait]
impl Harness<dyn AccessLog> for Forgetful {
    async fn open(&self) -> Arc<dyn AccessLog> {
        Arc::new(MemoryAccessLog::new())
    }

    async fn reopen(&self, _subject: Arc<dyn AccessLog>) -> Arc<dyn AccessLog> {
        self.open().await
    }
}

#[test]
#[should_panic]
fn an_entry_that_a_crash_loses() {
    block_on(conformance::entries_survive_a_crash(&Forgetful));
}
