use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::{Invalid, Stamp};

use crate::{
    AttemptId, Challenge, ChallengeId, ChallengeState, CodeAnswer, CodeRules, CodeStore, CodeTag,
    Error, NewChallenge, Result,
};

/// A [`CodeStore`] in memory: the reference, for tests and examples.
#[derive(Debug)]
pub struct MemoryCodeStore {
    rules: CodeRules,
    // INVARIANT: each challenge is filed under its own id; a person has at most
    // one that is open.
    challenges: Mutex<HashMap<ChallengeId, Challenge>>,
}

impl MemoryCodeStore {
    /// An empty store that keeps `rules`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the rules are out of bounds.
    pub fn new(rules: CodeRules) -> Result<Self, Invalid> {
        rules.check()?;
        Ok(Self {
            rules,
            challenges: Mutex::default(),
        })
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<ChallengeId, Challenge>> {
        // No code panics while it holds the lock, so a poisoned map is whole.
        self.challenges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CodeStore for MemoryCodeStore {
    fn rules(&self) -> CodeRules {
        self.rules
    }

    async fn issue(&self, id: ChallengeId, new: NewChallenge, stamp: &Stamp) -> Result<Challenge> {
        let mut challenges = self.locked();
        match challenges.get(&id) {
            Some(known) if known.began_as(&new) => return Ok(known.as_issued()),
            Some(_) => return Err(Error::already_exists(&id)),
            None => {}
        }
        let of_person = challenges.values().filter(|c| c.person() == new.person);
        let issued = self.rules.issue(of_person, id, &new, stamp)?;
        for current in challenges.values_mut() {
            if current.person() == new.person
                && let Some(superseded) = current.ended_as(ChallengeState::Superseded)
            {
                *current = superseded;
            }
        }
        challenges.insert(id, issued.clone());
        Ok(issued)
    }

    async fn find(&self, id: ChallengeId) -> Result<Option<Challenge>> {
        Ok(self.locked().get(&id).cloned())
    }

    async fn attempt(
        &self,
        id: ChallengeId,
        attempt: AttemptId,
        tag: &CodeTag,
        stamp: &Stamp,
    ) -> Result<CodeAnswer> {
        let mut challenges = self.locked();
        let current = challenges
            .get_mut(&id)
            .ok_or_else(|| Error::challenge_not_found(id))?;
        let (answer, after) = self.rules.attempt(current, attempt, tag, stamp)?;
        if let Some(after) = after {
            *current = after;
        }
        Ok(answer)
    }

    async fn withdraw(&self, id: ChallengeId) -> Result<()> {
        let mut challenges = self.locked();
        let current = challenges
            .get_mut(&id)
            .ok_or_else(|| Error::challenge_not_found(id))?;
        if let Some(withdrawn) = current.ended_as(ChallengeState::Withdrawn) {
            *current = withdrawn;
        }
        Ok(())
    }

    async fn forget(&self, at: DateTime<Utc>) -> Result<u64> {
        let mut challenges = self.locked();
        let before = challenges.len();
        challenges.retain(|_, current| !self.rules.is_past(current, at));
        Ok((before - challenges.len()) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;

    use super::*;

    crate::code_store_conformance!(InMemory::new(|| {
        Arc::new(MemoryCodeStore::new(CodeRules::default()).unwrap()) as Arc<dyn CodeStore>
    }));
}
