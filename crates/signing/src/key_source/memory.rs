use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::Invalid;

use crate::limits::PARTIES_MAX;
use crate::{KeySet, KeySource, PartyId, Result};

/// The keys of parties, in memory: for partners whose keys are configured, and
/// for tests.
#[derive(Debug, Default)]
pub struct MemoryKeySource {
    sets: RwLock<HashMap<PartyId, Arc<KeySet>>>,
}

impl MemoryKeySource {
    /// A source that knows nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes `keys` as their owner's, in place of those it had. What was
    /// revoked stays revoked.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) for more than
    /// [`PARTIES_MAX`] parties, or as [`KeySet::refreshed`].
    pub fn put(&self, keys: KeySet) -> Result<()> {
        // No code panics while it holds the lock, so a poisoned map is whole.
        let mut sets = self.sets.write().unwrap_or_else(PoisonError::into_inner);
        let known = sets.get(keys.owner());
        if known.is_none() && sets.len() >= PARTIES_MAX {
            return Err(Invalid::new("parties", format!("must be at most {PARTIES_MAX}")).into());
        }
        let keys = match known {
            Some(known) => known.refreshed(keys)?,
            None => keys,
        };
        sets.insert(keys.owner().clone(), Arc::new(keys));
        Ok(())
    }
}

#[async_trait]
impl KeySource for MemoryKeySource {
    async fn keys_of(&self, party: &PartyId, _now: DateTime<Utc>) -> Result<Option<Arc<KeySet>>> {
        let sets = self.sets.read().unwrap_or_else(PoisonError::into_inner);
        Ok(sets.get(party).cloned())
    }
}

#[cfg(test)]
mod tests {
    use solidarity_core::testing::block_on;

    use super::*;
    use crate::testing::{ed25519, noon, party};
    use crate::{Key, Standing};

    #[test]
    fn what_was_revoked_stays_so_when_keys_come_again() {
        let source = MemoryKeySource::new();
        let key = Key::new(ed25519().public().clone());
        let mut keys = KeySet::new(party());
        keys.add(key.clone()).unwrap();
        assert!(keys.revoke(key.id(), noon()));
        source.put(keys).unwrap();

        let mut again = KeySet::new(party());
        again
            .add(key.with_id(crate::KeyId::new("another-name").unwrap()))
            .unwrap();
        source.put(again).unwrap();
        let found = block_on(source.keys_of(&party(), noon())).unwrap().unwrap();
        let standing: Vec<_> = found
            .keys()
            .iter()
            .map(|key| key.standing(noon()))
            .collect();
        assert_eq!(standing, [Standing::Revoked]);
    }

    #[test]
    fn parties_are_bounded() {
        let source = MemoryKeySource::new();
        let of = |n: usize| KeySet::new(PartyId::new(n.to_string()).unwrap());
        for n in 0..PARTIES_MAX {
            source.put(of(n)).unwrap();
        }
        assert!(source.put(of(PARTIES_MAX)).is_err());
        assert!(source.put(of(0)).is_ok());
    }
}
