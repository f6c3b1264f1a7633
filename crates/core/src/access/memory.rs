use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;

use crate::limits::BATCH_MAX;
use crate::{Access, AccessId, AccessLog, Cursor, Error, Invalid, Page, Paged, PersonId, Result};

/// An [`AccessLog`] in memory: the reference, for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryAccessLog {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Access>,
    by_id: HashMap<AccessId, usize>,
}

impl MemoryAccessLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl AccessLog for MemoryAccessLog {
    async fn append(&self, entries: &[Access]) -> Result<()> {
        if entries.len() > BATCH_MAX {
            return Err(Invalid::new("entries", format!("must be at most {BATCH_MAX}")).into());
        }
        // No code panics while it holds the lock, so a poisoned state is whole.
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut fresh: HashMap<AccessId, &Access> = HashMap::new();
        for entry in entries {
            let known = state
                .by_id
                .get(&entry.id())
                .and_then(|at| state.entries.get(*at));
            match known.or(fresh.get(&entry.id()).copied()) {
                Some(known) if known == entry => {}
                Some(_) => return Err(Error::already_exists(*entry.id().as_uuid())),
                None => {
                    fresh.insert(entry.id(), entry);
                }
            }
        }
        for entry in entries {
            if fresh.remove(&entry.id()).is_some() {
                let at = state.entries.len();
                state.by_id.insert(entry.id(), at);
                state.entries.push(entry.clone());
            }
        }
        Ok(())
    }

    async fn list(&self, subject: PersonId, page: &Page) -> Result<Paged<Access>> {
        let after = page.cursor().map_or(Ok(0), Cursor::position)?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = (1_u64..)
            .zip(&state.entries)
            .filter(|(position, entry)| *position > after && entry.subjects().contains(&subject));
        let taken: Vec<_> = found.by_ref().take(page.limit()).collect();
        let more = found.next().is_some();
        let next = taken
            .last()
            .filter(|_| more)
            .map(|(position, _)| Cursor::from_position(*position));
        Ok(Paged::new(
            taken.into_iter().map(|(_, e)| e.clone()).collect(),
            next,
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::testing::InMemory;

    crate::access_log_conformance!(InMemory::new(
        || Arc::new(MemoryAccessLog::new()) as Arc<dyn AccessLog>
    ));
}
