//! Account mappers: one of another kind that is sound, and careless ones.

use std::sync::Arc;

use async_trait::async_trait;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::block_on;
use solidarity_core::{Invalid, PersonId};
use solidarity_payments::conformance::mapper;
use solidarity_payments::{AccountMapper, AddressResolution, FinancialAddress, Result};

/// What a directory gets wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// Leaves out who is not found, as a database join would.
    LetsPeopleVanish,
    /// Answers once for who is asked for twice, as a set would.
    AnswersOnce,
    /// Has no limit.
    TakesTooMany,
}

/// A printed list that is read from top to bottom.
#[derive(Debug)]
struct Directory(Vec<(PersonId, FinancialAddress)>, Option<Fault>);

#[async_trait]
impl AccountMapper for Directory {
    async fn resolve(&self, payees: &[PersonId]) -> Result<Vec<AddressResolution>> {
        let fault = |fault| self.1 == Some(fault);
        if payees.len() > BATCH_MAX && !fault(Fault::TakesTooMany) {
            return Err(Invalid::new("payees", "must be fewer").into());
        }
        let mut payees = payees.to_vec();
        if fault(Fault::AnswersOnce) {
            payees.dedup();
        }
        let mut answers = Vec::new();
        for payee in &payees {
            let known = self.0.iter().find(|(person, _)| person == payee);
            answers.push(match known {
                Some((_, address)) => AddressResolution::Found(address.clone()),
                None => AddressResolution::NotFound,
            });
        }
        if fault(Fault::LetsPeopleVanish) {
            answers.retain(|answer| *answer != AddressResolution::NotFound);
        }
        Ok(answers)
    }
}

fn directory(
    fault: Option<Fault>,
) -> impl Fn(&[(PersonId, FinancialAddress)]) -> Arc<dyn AccountMapper> {
    move |known| Arc::new(Directory(known.to_vec(), fault))
}

mod sound {
    use super::*;
    solidarity_payments::account_mapper_conformance!(directory(None));
}

macro_rules! caught {
    ($($name:ident: $fault:ident by $case:ident, $message:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $message)]
        fn $name() {
            block_on(mapper::$case(&directory(Some(Fault::$fault))));
        }
    )+};
}

caught! {
    who_vanishes_is_caught: LetsPeopleVanish
        by everyone_is_answered_in_order, "left == right";
    one_answer_for_two_questions_is_caught: AnswersOnce
        by who_is_asked_for_twice_is_answered_twice, "left == right";
    a_mapper_without_a_limit_is_caught: TakesTooMany
        by too_many_are_refused, "Err(Error::Invalid(_))";
}
