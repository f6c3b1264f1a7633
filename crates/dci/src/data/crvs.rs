use super::person::person;
use super::{Identifier, PlaceOrText};
use crate::Date;
use crate::codes::MaritalStatus;

person! {
    /// A person in a civil register (`extensions/crvs/v1/data/CRVSPerson.jsonld`).
    CrvsPerson {
        /// Where the person was born.
        birth_place: PlaceOrText,
        /// Where the person died.
        death_place: PlaceOrText,
        /// Whether the person is married.
        marital_status: MaritalStatus,
        /// When the person married.
        marriage_date: pii [Date],
        /// When the person divorced.
        divorce_date: pii [Date],
        /// By what one parent is known.
        parent1_identifier: Identifier,
        /// By what the other parent is known.
        parent2_identifier: Identifier,
    }
}
