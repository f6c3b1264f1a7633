//! The kit of [`AccountMapper`]. One line, in a test module of your own crate,
//! runs all of it on a mapper that your expression makes from the people that
//! it is to know:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_payments::{AccountMapper, MemoryAccountMapper as MyMapper};
//! #[cfg(test)]
//! solidarity_payments::account_mapper_conformance!(
//!     |known| Arc::new(MyMapper::new(known.to_vec())) as Arc<dyn AccountMapper>
//! );
//! ```

use std::sync::Arc;

use solidarity_core::PersonId;
use solidarity_core::limits::BATCH_MAX;

use crate::{AccountMapper, AddressResolution, Error, FinancialAddress, RailCode};

/// Makes a mapper that knows these people and nobody else.
pub type MakeMapper = dyn Fn(&[(PersonId, FinancialAddress)]) -> Arc<dyn AccountMapper> + Sync;

/// Runs every conformance case against an [`AccountMapper`].
///
/// See [`conformance::mapper`](crate::conformance::mapper).
#[macro_export]
macro_rules! account_mapper_conformance {
    ($make:expr $(,)?) => {
        $crate::account_mapper_conformance!($make, run = $crate::__core::testing::block_on);
    };
    ($make:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $crate::conformance::mapper::of($make),
            $run,
            $crate::conformance::mapper,
            [
                everyone_is_answered_in_order,
                who_is_asked_for_twice_is_answered_twice,
                too_many_are_refused,
            ]
        );
    };
}

#[doc(hidden)]
pub fn of<F>(make: F) -> F
where
    F: Fn(&[(PersonId, FinancialAddress)]) -> Arc<dyn AccountMapper> + Sync,
{
    make
}

fn people() -> Vec<(PersonId, FinancialAddress)> {
    let rail = || RailCode::from_static("bank");
    [
        FinancialAddress::account(rail(), "0001"),
        FinancialAddress::phone(rail(), "+254712000000"),
        FinancialAddress::cash_point(rail(), "Kwale 3"),
    ]
    .map(|address| (PersonId::generate(), address.unwrap()))
    .into()
}

/// One answer a person, in order; nobody vanishes.
pub async fn everyone_is_answered_in_order(make: &MakeMapper) {
    let people = people();
    let mapper = make(&people);
    let stranger = PersonId::generate();
    let asked = [people[2].0, stranger, people[0].0, people[1].0];
    let answers = mapper.resolve(&asked).await.unwrap();
    let found = |n: usize| AddressResolution::Found(people[n].1.clone());
    let expected = [found(2), AddressResolution::NotFound, found(0), found(1)];
    assert_eq!(answers, expected);
    assert!(mapper.resolve(&[]).await.unwrap().is_empty());
}

/// The same person twice in one call is answered twice.
pub async fn who_is_asked_for_twice_is_answered_twice(make: &MakeMapper) {
    let people = people();
    let answers = make(&people).resolve(&[people[0].0; 2]).await.unwrap();
    assert_eq!(
        answers,
        vec![AddressResolution::Found(people[0].1.clone()); 2]
    );
}

/// More than the limit is refused; the limit is not.
pub async fn too_many_are_refused(make: &MakeMapper) {
    let people = people();
    let mapper = make(&people);
    let asked = vec![people[0].0; BATCH_MAX + 1];
    assert!(matches!(
        mapper.resolve(&asked).await,
        Err(Error::Invalid(_))
    ));
    assert_eq!(mapper.resolve(&asked[1..]).await.unwrap().len(), BATCH_MAX);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = include_str!("mapper.rs");
        assert!(solidarity_core::testing::unlisted_cases(source).is_empty());
    }
}
