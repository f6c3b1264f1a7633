use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use solidarity_core::PersonId;

use crate::{FactName, Facts, Result, SourceCode};

/// Holds facts about people: a register, a civil registry, a payroll. The port
/// through which a [`DemographicVerifier`](crate::DemographicVerifier) asks.
///
/// # Contract
///
/// - Whom the source does not know is `Ok(None)`; a fact that it does not hold
///   is left out. Neither is an error.
/// - It gives the facts that were asked for and no others, and writes the look
///   to its access log first.
/// - It never answers from half of what it needs: what it cannot reach is an
///   [`Error::Unavailable`](crate::Error::Unavailable).
///
/// # Sharing
///
/// Shared as `Arc<dyn FactSource>`.
#[async_trait]
pub trait FactSource: fmt::Debug + Send + Sync + 'static {
    /// What the source is called in evidence.
    fn code(&self) -> SourceCode;

    /// Those of the `wanted` facts about `person` that it holds.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`](crate::Error::Unavailable) if it cannot tell.
    async fn facts(&self, person: PersonId, wanted: &[FactName]) -> Result<Option<Facts>>;
}

#[async_trait]
impl<T: FactSource + ?Sized> FactSource for Arc<T> {
    fn code(&self) -> SourceCode {
        (**self).code()
    }

    async fn facts(&self, person: PersonId, wanted: &[FactName]) -> Result<Option<Facts>> {
        (**self).facts(person, wanted).await
    }
}

/// A [`FactSource`] in memory: the reference, for tests and examples.
#[derive(Debug)]
pub struct MemoryFactSource {
    code: SourceCode,
    people: RwLock<HashMap<PersonId, Facts>>,
}

impl MemoryFactSource {
    /// A source called `code` that knows nobody.
    #[must_use]
    pub fn new(code: SourceCode) -> Self {
        Self {
            code,
            people: RwLock::default(),
        }
    }

    /// Holds `facts` about `person`, in place of those held before.
    pub fn hold(&self, person: PersonId, facts: Facts) {
        // No code panics while it holds the lock, so a poisoned map is whole.
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        people.insert(person, facts);
    }
}

#[async_trait]
impl FactSource for MemoryFactSource {
    fn code(&self) -> SourceCode {
        self.code.clone()
    }

    async fn facts(&self, person: PersonId, wanted: &[FactName]) -> Result<Option<Facts>> {
        let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
        Ok(people.get(&person).map(|held| {
            wanted
                .iter()
                .filter_map(|name| Some((name.clone(), held.get(name)?.clone())))
                .collect()
        }))
    }
}
