use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use solidarity_core::PersonId;

use super::{AccountMapper, AddressResolution};
use crate::disbursement::check_batch;
use crate::{FinancialAddress, Result};

/// An [`AccountMapper`] in memory: the reference, for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryAccountMapper {
    addresses: RwLock<HashMap<PersonId, FinancialAddress>>,
}

impl MemoryAccountMapper {
    /// A mapper that knows these people.
    pub fn new(addresses: impl IntoIterator<Item = (PersonId, FinancialAddress)>) -> Self {
        Self {
            addresses: RwLock::new(addresses.into_iter().collect()),
        }
    }

    /// From now on `person` is paid at `address`.
    pub fn link(&self, person: PersonId, address: FinancialAddress) {
        // Inserting does not panic, so a poisoned map is whole.
        let mut addresses = self
            .addresses
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        addresses.insert(person, address);
    }

    /// From now on nobody knows where `person` is paid.
    pub fn unlink(&self, person: PersonId) {
        let mut addresses = self
            .addresses
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        addresses.remove(&person);
    }
}

#[async_trait]
impl AccountMapper for MemoryAccountMapper {
    async fn resolve(&self, payees: &[PersonId]) -> Result<Vec<AddressResolution>> {
        check_batch("payees", payees.len())?;
        let addresses = self
            .addresses
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let find = |payee| addresses.get(payee).cloned();
        Ok(payees
            .iter()
            .map(|payee| find(payee).map_or(AddressResolution::NotFound, AddressResolution::Found))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    crate::account_mapper_conformance!(|known| {
        Arc::new(MemoryAccountMapper::new(known.to_vec())) as Arc<dyn AccountMapper>
    });

    #[test]
    fn a_link_holds_until_it_is_undone() {
        let person = PersonId::generate();
        let rail = crate::RailCode::from_static("bank");
        let address = FinancialAddress::account(rail, "1").unwrap();
        let mapper = MemoryAccountMapper::default();
        let ask = || solidarity_core::testing::block_on(mapper.resolve(&[person])).unwrap();
        mapper.link(person, address.clone());
        assert_eq!(ask(), [AddressResolution::Found(address)]);
        mapper.unlink(person);
        assert_eq!(ask(), [AddressResolution::NotFound]);
    }
}
