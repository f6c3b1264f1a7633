use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use solidarity_core::{Page, Paged, PersonId, Pii, exposed};

use crate::{Criteria, IdentifierScheme, Person, PersonTerm, RecordStore, Result, Unit, UnitTerm};

/// A number of a scheme, to look for.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Identifier {
    /// Which number it is.
    pub scheme: IdentifierScheme,
    /// The number.
    #[serde(with = "exposed")]
    pub value: Pii<String>,
}

impl Identifier {
    /// The number `value` of `scheme`.
    pub fn new(scheme: IdentifierScheme, value: impl Into<String>) -> Self {
        Self {
            scheme,
            value: Pii::new(value.into()),
        }
    }
}

/// Finds people and units by what is said about them.
///
/// It looks at what takes effect last by all that is known
/// ([`AsOf::LATEST`](crate::AsOf::LATEST)). A registry elsewhere may offer
/// this and no more.
///
/// # Contract
///
/// An implementation must pass
/// [`record_search_conformance!`](crate::record_search_conformance). In words:
///
/// - **Exact.** What is found fulfils the criteria, and what fulfils them is
///   found: there is no score and no "closest".
/// - **Current.** A search that starts after a write returned sees it.
/// - **In order.** What is found comes by id, and pages go on where they
///   ended.
///
/// # Sharing
///
/// Shared as `Arc<dyn RecordSearch>`.
///
/// # Wrapping
///
/// A wrapper implements every method.
#[async_trait]
pub trait RecordSearch: fmt::Debug + Send + Sync + 'static {
    /// Who holds each of `identifiers`, in order: for each the people, by id,
    /// at most [`HOLDERS_MAX`](crate::limits::HOLDERS_MAX).
    ///
    /// There may be several: people share documents, and clerks err.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for more identifiers than
    ///   [`READ_MAX`](crate::limits::READ_MAX).
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn find_by_identifiers(&self, identifiers: &[Identifier]) -> Result<Vec<Vec<PersonId>>>;

    /// The people who fulfil `criteria`, by id.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) if the criteria break a limit or the cursor is not
    ///   of this list.
    /// - [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn search_people(
        &self,
        criteria: &Criteria<PersonTerm>,
        page: &Page,
    ) -> Result<Paged<Person>>;

    /// The units that fulfil `criteria`, by id.
    ///
    /// # Errors
    ///
    /// As [`search_people`](Self::search_people).
    async fn search_units(&self, criteria: &Criteria<UnitTerm>, page: &Page)
    -> Result<Paged<Unit>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "see `RecordSearch`, Wrapping")]
impl<T: RecordSearch + ?Sized> RecordSearch for Arc<T> {
    async fn find_by_identifiers(&self, identifiers: &[Identifier]) -> Result<Vec<Vec<PersonId>>> {
        (**self).find_by_identifiers(identifiers).await
    }

    async fn search_people(
        &self,
        criteria: &Criteria<PersonTerm>,
        page: &Page,
    ) -> Result<Paged<Person>> {
        (**self).search_people(criteria, page).await
    }

    async fn search_units(
        &self,
        criteria: &Criteria<UnitTerm>,
        page: &Page,
    ) -> Result<Paged<Unit>> {
        (**self).search_units(criteria, page).await
    }
}

/// Conveniences for callers of any [`RecordSearch`].
///
/// Implemented for every search; not to be implemented by hand.
#[async_trait]
pub trait RecordSearchExt: RecordSearch {
    /// Who holds `identifier`, by id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if the storage beneath fails.
    async fn find_by_identifier(&self, identifier: Identifier) -> Result<Vec<PersonId>> {
        let found = self.find_by_identifiers(&[identifier]).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Everybody, by id.
    ///
    /// # Errors
    ///
    /// As [`search_people`](RecordSearch::search_people).
    async fn list_people(&self, page: &Page) -> Result<Paged<Person>> {
        self.search_people(&Criteria::everything(), page).await
    }

    /// Every unit, by id.
    ///
    /// # Errors
    ///
    /// As [`search_units`](RecordSearch::search_units).
    async fn list_units(&self, page: &Page) -> Result<Paged<Unit>> {
        self.search_units(&Criteria::everything(), page).await
    }
}

impl<T: RecordSearch + ?Sized> RecordSearchExt for T {}

/// A register of one's own: it keeps records and finds them.
///
/// Whatever does both is one.
pub trait Registry: RecordStore + RecordSearch {}

impl<T: RecordStore + RecordSearch + ?Sized> Registry for T {}
