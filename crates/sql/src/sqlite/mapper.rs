use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use solidarity_core::PersonId;
use solidarity_payments::{
    AccountMapper, AddressResolution, Error, FinancialAddress, Result, check_batch,
};

use super::database::Database;
use super::{fail, json};

type Fail = fail::Fail<Error>;

const ONE: &str = "SELECT body FROM account_mapper_address WHERE person = ?1";
const LINK: &str = "INSERT INTO account_mapper_address (person, body) VALUES (?1, ?2) \
     ON CONFLICT (person) DO UPDATE SET body = excluded.body";
const UNLINK: &str = "DELETE FROM account_mapper_address WHERE person = ?1";

/// An [`AccountMapper`] in a SQLite file: an address a person.
#[derive(Clone, Debug)]
pub struct SqliteAccountMapper {
    database: Database,
}

impl SqliteAccountMapper {
    /// The addresses in `database`.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            database: database.clone(),
        }
    }

    /// From now on `person` is paid at `address`. The same again changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the storage beneath fails.
    pub async fn link(&self, person: PersonId, address: FinancialAddress) -> Result<()> {
        self.database
            .write("link an address", move |conn| {
                let body = json::to_text::<_, Error>(&address)?;
                conn.prepare_cached(LINK)?
                    .execute(params![person.as_uuid().as_bytes(), body])?;
                Ok(())
            })
            .await
    }

    /// From now on nobody knows where `person` is paid. The same again
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the storage beneath fails.
    pub async fn unlink(&self, person: PersonId) -> Result<()> {
        self.database
            .write("unlink an address", move |conn| {
                conn.prepare_cached(UNLINK)?
                    .execute([person.as_uuid().as_bytes()])?;
                Ok(())
            })
            .await
    }
}

#[async_trait]
impl AccountMapper for SqliteAccountMapper {
    async fn resolve(&self, payees: &[PersonId]) -> Result<Vec<AddressResolution>> {
        check_batch("payees", payees.len())?;
        self.database.read("look addresses up", |conn| {
            let mut one = conn.prepare_cached(ONE)?;
            let mut resolve = |payee: &PersonId| -> Result<_, Fail> {
                let body: Option<String> = one
                    .query_row([payee.as_uuid().as_bytes()], |row| row.get(0))
                    .optional()?;
                Ok(match body {
                    Some(body) => AddressResolution::Found(json::from_text(&body)?),
                    None => AddressResolution::NotFound,
                })
            };
            payees.iter().map(&mut resolve).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{Harness, Random, block_on, seed};
    use solidarity_payments::{MemoryAccountMapper, RailCode};

    use super::*;
    use crate::sqlite::testing::OnDisk;

    fn on_disk() -> impl Harness<SqliteAccountMapper> {
        OnDisk::new(|database: &Database| Arc::new(SqliteAccountMapper::new(database)))
    }

    /// What each mapper was told, it says after a crash.
    fn make() -> impl Fn(&[(PersonId, FinancialAddress)]) -> Arc<dyn AccountMapper> {
        let harness = on_disk();
        move |known| {
            let mapper = block_on(harness.open());
            for (person, address) in known {
                block_on(mapper.link(*person, address.clone())).unwrap();
            }
            block_on(harness.reopen(mapper))
        }
    }

    solidarity_payments::account_mapper_conformance!(make());

    #[test]
    fn agrees_with_memory() {
        let (harness, mut random) = (on_disk(), Random::new(seed()));
        let (mut mapper, memory) = (block_on(harness.open()), MemoryAccountMapper::default());
        let people: Vec<PersonId> = (0..5).map(|_| PersonId::generate()).collect();
        for step in 0..500 {
            let person = *random.pick(&people).unwrap();
            let number = random.below(3).to_string();
            let address = FinancialAddress::account(RailCode::from_static("bank"), number).unwrap();
            for _ in 0..=random.below(2) {
                if step % 3 == 0 {
                    block_on(mapper.unlink(person)).unwrap();
                    memory.unlink(person);
                } else {
                    block_on(mapper.link(person, address.clone())).unwrap();
                    memory.link(person, address.clone());
                }
            }
            if random.chance(2) {
                mapper = block_on(harness.reopen(mapper));
            }
            let said = block_on(mapper.resolve(&people)).unwrap();
            let expected = block_on(memory.resolve(&people)).unwrap();
            assert_eq!(said, expected, "at step {step}");
        }
    }
}
