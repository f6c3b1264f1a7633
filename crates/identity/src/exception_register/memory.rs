use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::{
    ActorId, Change, ChangeFeed, ChangeLog, Invalid, Page, Paged, PersonId, Salt, Stamp,
};

use crate::{
    AttesterTally, Error, Exception, ExceptionId, ExceptionRegister, ExceptionRules, ExceptionUse,
    ExceptionUseId, GrantView, NewException, Result, ReviewKey, RevocationReason, Standing,
};

/// An [`ExceptionRegister`] in memory: the reference, for tests and examples.
#[derive(Debug)]
pub struct MemoryExceptionRegister {
    rules: ExceptionRules,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    // INVARIANT: each exception and use is filed under its own id.
    exceptions: BTreeMap<ExceptionId, Exception>,
    uses: HashMap<ExceptionUseId, ExceptionUse>,
    log: ChangeLog,
}

impl State {
    fn of(&self, person: PersonId) -> impl Iterator<Item = &Exception> {
        self.exceptions
            .values()
            .filter(move |exception| exception.body().person == person)
    }

    fn tally(&self, attester: ActorId, at: DateTime<Utc>) -> AttesterTally {
        let vouched = self.exceptions.values();
        AttesterTally::of(vouched.filter(|e| e.body().attester.actor == attester), at)
    }
}

impl MemoryExceptionRegister {
    /// An empty register that keeps `rules`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the rules are out of bounds.
    pub fn new(rules: ExceptionRules) -> Result<Self, Invalid> {
        rules.check()?;
        Ok(Self {
            rules,
            state: Mutex::default(),
        })
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, so a poisoned state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ChangeFeed for MemoryExceptionRegister {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        Ok(self.locked().log.page(page)?)
    }
}

#[async_trait]
impl ExceptionRegister for MemoryExceptionRegister {
    fn rules(&self) -> ExceptionRules {
        self.rules.clone()
    }

    async fn grant(&self, id: ExceptionId, new: NewException, stamp: &Stamp) -> Result<Exception> {
        let mut state = self.locked();
        match state.exceptions.get(&id) {
            Some(known) if *known.body() == new => return Ok(known.as_granted()),
            Some(_) => return Err(Error::already_exists(&id)),
            None => {}
        }
        let people = new.people_vouching();
        let of_vouching: Vec<Exception> = people
            .iter()
            .flat_map(|person| state.of(*person).cloned())
            .collect();
        let tally = state.tally(new.attester.actor, stamp.at());
        let view = GrantView::new(tally, &of_vouching);
        let granted = self.rules.grant(view, id, new, stamp, Salt::generate())?;
        let change = granted.grant_change()?;
        state.exceptions.insert(id, granted.clone());
        state.log.append(change);
        Ok(granted)
    }

    async fn get(&self, id: ExceptionId) -> Result<Exception> {
        let found = self.locked().exceptions.get(&id).cloned();
        found.ok_or_else(|| Error::exception_not_found(id))
    }

    async fn find_valid(&self, person: PersonId, at: DateTime<Utc>) -> Result<Option<Exception>> {
        let state = self.locked();
        Ok(Exception::first_valid(state.of(person), at).cloned())
    }

    async fn use_once(
        &self,
        person: PersonId,
        id: ExceptionUseId,
        stamp: &Stamp,
    ) -> Result<Option<ExceptionUse>> {
        let mut state = self.locked();
        match state.uses.get(&id) {
            Some(known) if known.person() == person => return Ok(Some(known.clone())),
            Some(_) => return Err(Error::already_exists(&id)),
            None => {}
        }
        let used = Exception::use_first(state.of(person), id, stamp, Salt::generate());
        let Some((after, used)) = used else {
            return Ok(None);
        };
        let change = used.change()?;
        state.exceptions.insert(after.id(), after);
        state.uses.insert(id, used.clone());
        state.log.append(change);
        Ok(Some(used))
    }

    async fn revoke(
        &self,
        id: ExceptionId,
        reason: RevocationReason,
        stamp: &Stamp,
    ) -> Result<Exception> {
        let mut state = self.locked();
        let known = state.exceptions.get(&id);
        let known = known.ok_or_else(|| Error::exception_not_found(id))?;
        let Some(revoked) = known.revoke(&reason, stamp, Salt::generate())? else {
            return Ok(known.clone());
        };
        if let Some(change) = revoked.revoke_change()? {
            state.log.append(change);
        }
        state.exceptions.insert(id, revoked.clone());
        Ok(revoked)
    }

    async fn list(&self, person: PersonId, page: &Page) -> Result<Paged<Exception>> {
        let after = ReviewKey::before(page)?.map(|key| key.id);
        let state = self.locked();
        let rest = state.of(person).filter(|e| Some(e.id()) > after);
        Ok(ReviewKey::paged(
            rest.take(page.limit() + 1).cloned().collect(),
            page,
        )?)
    }

    async fn due_for_review(&self, at: DateTime<Utc>, page: &Page) -> Result<Paged<Exception>> {
        let after = ReviewKey::before(page)?;
        let state = self.locked();
        let mut due: Vec<Exception> = state
            .exceptions
            .values()
            .filter(|e| e.body().review_by <= at.date_naive())
            .filter(|e| e.standing(at) == Standing::Valid)
            .filter(|e| Some(ReviewKey::of(e)) > after)
            .cloned()
            .collect();
        due.sort_by_key(ReviewKey::of);
        due.truncate(page.limit() + 1);
        Ok(ReviewKey::paged(due, page)?)
    }

    async fn tally(&self, attester: ActorId, at: DateTime<Utc>) -> Result<AttesterTally> {
        Ok(self.locked().tally(attester, at))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;

    use super::*;

    crate::exception_register_conformance!(InMemory::new(|| {
        let register = MemoryExceptionRegister::new(ExceptionRules::default()).unwrap();
        Arc::new(register) as Arc<dyn ExceptionRegister>
    }));
}
