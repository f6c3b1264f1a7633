//! The register, through the ports by which the identity block asks.

use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::{AccessLog, Clock, Context, PersonId, Pii, Retry, SafeContact};
use solidarity_identity::{
    ContactSource, Error, Fact, FactName, FactSource, Facts, Result, SourceCode,
};
use solidarity_registry::{AsOf, Audited, Person, RecordStore};

use crate::world::World;

/// The register in one request's context: whoever is looked at can see it.
#[derive(Debug)]
pub(crate) struct RegisterPort(Audited<Arc<dyn RecordStore>>);

impl RegisterPort {
    pub(crate) fn new(world: &World, context: Context) -> Arc<Self> {
        let log: Arc<dyn AccessLog> = world.accesses.clone();
        let clock: Arc<dyn Clock> = world.outside.clock.clone();
        Arc::new(Self(Audited::new(
            world.registry.clone(),
            log,
            context,
            clock,
        )))
    }

    async fn person(&self, id: PersonId) -> Result<Option<Person>> {
        let found = self.0.people(&[id], AsOf::LATEST).await;
        let found = found.map_err(|e| Error::unavailable("register", Retry::Later, e))?;
        Ok(found.into_iter().flatten().next())
    }
}

#[async_trait]
impl FactSource for RegisterPort {
    fn code(&self) -> SourceCode {
        SourceCode::from_static("social-register")
    }

    async fn facts(&self, person: PersonId, wanted: &[FactName]) -> Result<Option<Facts>> {
        let Some(person) = self.person(person).await? else {
            return Ok(None);
        };
        let (names, born) = (&person.said().names, &person.said().born);
        let held = |fact: &FactName| match fact {
            fact if *fact == FactName::NAME => names.first().map(|n| Fact::Name(n.full.clone())),
            fact if *fact == FactName::BIRTH_DATE => born
                .as_ref()
                .map(|born| Fact::Date(Pii::new(*born.expose()))),
            _ => None,
        };
        let facts = wanted
            .iter()
            .filter_map(|fact| Some((fact.clone(), held(fact)?)));
        Ok(Some(facts.collect()))
    }
}

#[async_trait]
impl ContactSource for RegisterPort {
    async fn contacts(&self, person: PersonId) -> Result<Vec<SafeContact>> {
        let person = self.person(person).await?;
        Ok(person
            .and_then(|p| p.said().safe_contact.clone())
            .into_iter()
            .collect())
    }
}
