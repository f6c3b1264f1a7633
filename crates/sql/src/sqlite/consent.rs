use async_trait::async_trait;
use rusqlite::Connection;
use solidarity_consent::{
    Collected, Consent, ConsentStore, Decision, Error, NewConsent, NewUse, Policy, Reply, Result,
    Use, Uses, step,
};
use solidarity_core::{Change, ChangeFeed, ConsentId, Page, Paged, PersonId, Salt, Stamp, Version};

use super::database::Database;
use super::{changes, fail, paging};

mod rows;

type Fail = fail::Fail<Error>;

const FEED: &str = "consent";

/// A [`ConsentStore`] in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteConsentStore {
    database: Database,
}

impl SqliteConsentStore {
    /// The consents in `database`.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
        }
    }
}

#[async_trait]
impl ChangeFeed for SqliteConsentStore {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        changes::page(&self.database, FEED, page)
    }
}

#[async_trait]
impl ConsentStore for SqliteConsentStore {
    async fn record(&self, new: &[NewConsent], stamp: &Stamp) -> Result<Vec<Result<Consent>>> {
        step::check_batch(new)?;
        let (new, stamp) = (new.to_vec(), stamp.clone());
        self.database
            .write("record consents", move |conn| {
                new.iter()
                    .map(|new| outcome(record(conn, new, &stamp)))
                    .collect()
            })
            .await
    }

    async fn answer(
        &self,
        id: ConsentId,
        expected: Version,
        reply: &Reply,
        stamp: &Stamp,
    ) -> Result<Consent> {
        let (reply, stamp) = (reply.clone(), stamp.clone());
        self.database
            .write("answer a consent", move |conn| {
                let consent = rows::held(conn, id)?;
                let replaced = replaced(conn, consent.terms())?;
                let step = step::answer(&consent, replaced.as_ref(), expected, &reply, &stamp);
                take(conn, step.map_err(Fail::Refused)?, &stamp)
            })
            .await
    }

    async fn withdraw(
        &self,
        id: ConsentId,
        expected: Version,
        collected: &Collected,
        stamp: &Stamp,
    ) -> Result<Consent> {
        let (collected, stamp) = (collected.clone(), stamp.clone());
        self.database
            .write("withdraw a consent", move |conn| {
                let consent = rows::held(conn, id)?;
                let step = step::withdraw(&consent, expected, &collected, &stamp);
                take(conn, step.map_err(Fail::Refused)?, &stamp)
            })
            .await
    }

    async fn get(&self, id: ConsentId) -> Result<Consent> {
        self.database
            .read("read a consent", |conn| rows::held(conn, id))
    }

    async fn of_subject(&self, subject: PersonId, page: &Page) -> Result<Paged<Consent>> {
        let (after, rows_max) = (paging::after(page)?, paging::limit_and_one(page));
        self.database.read("read a person's consents", |conn| {
            let rows = rows::of_subject(conn, subject, after, rows_max)?;
            Ok(rows::paged(page, rows))
        })
    }

    async fn check_and_use(
        &self,
        uses: &[NewUse],
        policy: &Policy,
        stamp: &Stamp,
    ) -> Result<Vec<Result<Decision>>> {
        step::check_batch(uses)?;
        let (uses, policy, stamp) = (uses.to_vec(), policy.clone(), stamp.clone());
        self.database
            .write("decide and count uses", move |conn| {
                uses.iter()
                    .map(|new| outcome(check_and_use(conn, new, &policy, &stamp)))
                    .collect()
            })
            .await
    }

    async fn uses(&self, id: ConsentId, page: &Page) -> Result<Paged<Use>> {
        let (after, rows_max) = (paging::after(page)?, paging::limit_and_one(page));
        self.database.read("read the uses of a consent", |conn| {
            rows::held(conn, id)?;
            Ok(rows::paged(page, rows::uses(conn, id, after, rows_max)?))
        })
    }
}

fn record(conn: &Connection, new: &NewConsent, stamp: &Stamp) -> Result<Consent, Fail> {
    let known = rows::consent(conn, new.id)?;
    let held = rows::last_of_subject(conn, new.subject)?;
    let held = usize::try_from(held).unwrap_or(usize::MAX);
    let replaced = replaced(conn, new)?;
    let step = step::record(new, known.as_ref(), replaced.as_ref(), held, stamp);
    take(conn, step.map_err(Fail::Refused)?, stamp)
}

fn replaced(conn: &Connection, terms: &NewConsent) -> Result<Option<Consent>, Fail> {
    match terms.supersedes {
        Some(id) => rows::consent(conn, id),
        None => Ok(None),
    }
}

/// Writes what `step` says, with its news.
fn take(conn: &Connection, step: step::Step, stamp: &Stamp) -> Result<Consent, Fail> {
    for consent in &step.writes {
        let salt = rows::write(conn, consent)?;
        let news = step::consent_change(consent, stamp, &salt).map_err(Fail::Refused)?;
        changes::append(conn, FEED, &news)?;
    }
    Ok(step.answer)
}

fn check_and_use(
    conn: &Connection,
    new: &NewUse,
    policy: &Policy,
    stamp: &Stamp,
) -> Result<Decision, Fail> {
    let subject = new.request.subject();
    let now = step::moment(stamp, rows::latest(conn, subject)?);
    let all = rows::of_subject(conn, subject, 0, i64::MAX)?;
    let consents: Vec<Consent> = all.into_iter().map(|(_, consent)| consent).collect();
    let mut uses = Uses::none();
    for consent in &consents {
        if let Some(start) = consent.window_start(now) {
            uses = uses.with(consent.id(), rows::used_since(conn, consent.id(), start)?);
        }
    }
    let known = rows::made(conn, new.id)?;
    let (decision, made) =
        step::check_and_use(new, policy, &consents, uses, known.as_ref(), now, stamp)
            .map_err(Fail::Refused)?;
    if let Some(made) = made {
        let salt = Salt::generate();
        let news = step::use_change(&made, &salt).map_err(Fail::Refused)?;
        rows::count(conn, &made, &salt)?;
        changes::append(conn, FEED, &news)?;
    }
    rows::set_latest(conn, subject, now)?;
    Ok(decision)
}

/// One item's own outcome, apart from a failure of the storage, which is the
/// whole batch's. A step refuses before it writes, so nothing of a refused
/// item stays.
fn outcome<T>(item: Result<T, Fail>) -> Result<Result<T>, Fail> {
    match item {
        Ok(value) => Ok(Ok(value)),
        Err(Fail::Refused(error)) => Ok(Err(error)),
        Err(fail) => Err(fail),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_consent::conformance::agrees_with_memory;
    use solidarity_core::testing::{block_on, seed};

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn store(database: &Database) -> Arc<dyn ConsentStore> {
        Arc::new(SqliteConsentStore::new(database))
    }

    solidarity_consent::consent_store_conformance!(OnDisk::new(store));

    #[test]
    fn agrees() {
        block_on(agrees_with_memory(&OnDisk::new(store), seed(), 3_000));
    }
}
