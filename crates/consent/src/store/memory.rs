use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::{
    Change, ChangeFeed, ChangeLog, ConsentId, Cursor, Page, Paged, PersonId, Salt, Stamp, Version,
};

use crate::step::{self, Step};
use crate::{
    Collected, Consent, ConsentStore, Decision, Error, NewConsent, NewUse, Policy, Reply, Result,
    Use, UseId, Uses,
};

/// A [`ConsentStore`] in memory: the reference, for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryConsentStore {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    consents: HashMap<ConsentId, (Consent, Salt)>,
    by_subject: HashMap<PersonId, Vec<ConsentId>>,
    uses: HashMap<UseId, (Use, Salt)>,
    by_consent: HashMap<ConsentId, Vec<UseId>>,
    /// For each person, the latest moment for which a use was decided.
    latest: HashMap<PersonId, DateTime<Utc>>,
    changes: ChangeLog,
}

impl MemoryConsentStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // No code panics while it holds the lock, so a poisoned state is whole.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn consent(&self, id: ConsentId) -> Option<&Consent> {
        self.consents.get(&id).map(|(consent, _)| consent)
    }

    fn of_subject(&self, subject: PersonId) -> impl Iterator<Item = &Consent> {
        let ids = self.by_subject.get(&subject).into_iter().flatten();
        ids.filter_map(|id| self.consent(*id))
    }

    fn record(&mut self, new: &NewConsent, stamp: &Stamp) -> Result<Consent> {
        let held = self.by_subject.get(&new.subject).map_or(0, Vec::len);
        let replaced = new.supersedes.and_then(|id| self.consent(id));
        let step = step::record(new, self.consent(new.id), replaced, held, stamp)?;
        self.take(step, stamp)
    }

    /// Writes what `step` says, with its news.
    fn take(&mut self, step: Step, stamp: &Stamp) -> Result<Consent> {
        let mut news = Vec::new();
        for consent in step.writes {
            let salt = self
                .consents
                .get(&consent.id())
                .map_or_else(Salt::generate, |(_, salt)| *salt);
            let change = step::consent_change(&consent, stamp, &salt)?;
            news.push((consent, salt, change));
        }
        for (consent, salt, change) in news {
            let (id, subject) = (consent.id(), consent.subject());
            if self.consents.insert(id, (consent, salt)).is_none() {
                self.by_subject.entry(subject).or_default().push(id);
            }
            self.changes.append(change);
        }
        Ok(step.answer)
    }

    fn check_and_use(&mut self, new: &NewUse, policy: &Policy, stamp: &Stamp) -> Result<Decision> {
        let subject = new.request.subject();
        let now = step::moment(stamp, self.latest.get(&subject).copied());
        let consents: Vec<Consent> = self.of_subject(subject).cloned().collect();
        let uses = consents.iter().fold(Uses::none(), |uses, consent| {
            match consent.window_start(now) {
                Some(start) => uses.with(consent.id(), self.used_since(consent.id(), start)),
                None => uses,
            }
        });
        let known = self.uses.get(&new.id).map(|(made, _)| made);
        let (decision, made) =
            step::check_and_use(new, policy, &consents, uses, known, now, stamp)?;
        if let Some(made) = made {
            let salt = Salt::generate();
            let change = step::use_change(&made, &salt)?;
            for consent in made.consents() {
                let used = self.by_consent.entry(consent.id()).or_default();
                used.push(made.id());
            }
            self.uses.insert(made.id(), (made, salt));
            self.changes.append(change);
        }
        self.latest.insert(subject, now);
        Ok(decision)
    }

    fn used_since(&self, consent: ConsentId, start: DateTime<Utc>) -> u32 {
        let used = self.by_consent.get(&consent).into_iter().flatten();
        let within = used
            .filter_map(|id| self.uses.get(id))
            .filter(|(made, _)| made.decided_at() > start);
        u32::try_from(within.count()).unwrap_or(u32::MAX)
    }
}

#[async_trait]
impl ChangeFeed for MemoryConsentStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        Ok(self.read().changes.page(page)?)
    }
}

#[async_trait]
impl ConsentStore for MemoryConsentStore {
    async fn record(&self, new: &[NewConsent], stamp: &Stamp) -> Result<Vec<Result<Consent>>> {
        step::check_batch(new)?;
        let mut state = self.write();
        Ok(new.iter().map(|new| state.record(new, stamp)).collect())
    }

    async fn answer(
        &self,
        id: ConsentId,
        expected: Version,
        reply: &Reply,
        stamp: &Stamp,
    ) -> Result<Consent> {
        let mut state = self.write();
        let consent = state.consent(id).ok_or(Error::not_found(id))?;
        let replaced = consent.terms().supersedes.and_then(|id| state.consent(id));
        let step = step::answer(consent, replaced, expected, reply, stamp)?;
        state.take(step, stamp)
    }

    async fn withdraw(
        &self,
        id: ConsentId,
        expected: Version,
        collected: &Collected,
        stamp: &Stamp,
    ) -> Result<Consent> {
        let mut state = self.write();
        let consent = state.consent(id).ok_or(Error::not_found(id))?;
        let step = step::withdraw(consent, expected, collected, stamp)?;
        state.take(step, stamp)
    }

    async fn get(&self, id: ConsentId) -> Result<Consent> {
        let state = self.read();
        state.consent(id).cloned().ok_or(Error::not_found(id))
    }

    async fn of_subject(&self, subject: PersonId, page: &Page) -> Result<Paged<Consent>> {
        let state = self.read();
        paged(page, state.of_subject(subject))
    }

    async fn check_and_use(
        &self,
        uses: &[NewUse],
        policy: &Policy,
        stamp: &Stamp,
    ) -> Result<Vec<Result<Decision>>> {
        step::check_batch(uses)?;
        let mut state = self.write();
        Ok(uses
            .iter()
            .map(|new| state.check_and_use(new, policy, stamp))
            .collect())
    }

    async fn uses(&self, id: ConsentId, page: &Page) -> Result<Paged<Use>> {
        let state = self.read();
        state.consent(id).ok_or(Error::not_found(id))?;
        let used = state.by_consent.get(&id).into_iter().flatten();
        paged(
            page,
            used.filter_map(|id| state.uses.get(id).map(|(made, _)| made)),
        )
    }
}

/// A page of `all`, whose cursors are positions from 1.
fn paged<'a, T: Clone + 'a>(page: &Page, all: impl Iterator<Item = &'a T>) -> Result<Paged<T>> {
    let done = page.cursor().map_or(Ok(0), Cursor::position)?;
    let mut rest = (1_u64..).zip(all).skip_while(|(at, _)| *at <= done);
    let taken: Vec<_> = rest.by_ref().take(page.limit()).collect();
    let next = taken
        .last()
        .filter(|_| rest.next().is_some())
        .map(|(at, _)| Cursor::from_position(*at));
    Ok(Paged::new(
        taken.into_iter().map(|(_, item)| item.clone()).collect(),
        next,
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;

    use super::*;

    crate::consent_store_conformance!(InMemory::new(
        || Arc::new(MemoryConsentStore::new()) as Arc<dyn ConsentStore>
    ));
}
