use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use solidarity_core::{Sharing, Stated};

use super::columns::Of;
use super::facts::Facts;
use super::mapping::Mapping;
use super::row_decision::is_first_of_january;
use crate::keys::name_tokens;

/// What the readable rows of a file say and leave unsaid.
///
/// Nothing of it keeps anybody out: it tells what a programme can ask for.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Quality {
    /// The rows that could be read.
    pub rows: u64,
    /// Of each fact that the mapping maps, how many rows do not state it.
    pub missing: BTreeMap<String, u64>,
    /// People with a name of one word.
    pub single_names: u64,
    /// Births on a first of January, which often stands for the year.
    pub births_first_of_january: u64,
    /// Births of which only the year was stated, or the year and the month.
    pub births_partial: u64,
    /// Births stated as an age.
    pub births_by_age: u64,
    /// Births stated in a calendar other than the Gregorian.
    pub births_other_calendar: u64,
    /// Rows with a telephone that is said to be private.
    pub phones_private: u64,
    /// Rows with a telephone that an earlier row has too, among the first
    /// [`TRACKED_MAX`](super::TRACKED_MAX) telephones.
    pub phones_repeated: u64,
}

impl Quality {
    /// The rows that do not state `fact`, in hundredths of a percent of all.
    #[must_use]
    pub fn missing_basis_points(&self, fact: &str) -> u64 {
        let missing = self.missing.get(fact).copied().unwrap_or(0);
        missing
            .saturating_mul(10_000)
            .checked_div(self.rows)
            .unwrap_or(0)
    }

    /// Counts what a row says.
    pub(super) fn note(&mut self, mapping: &Mapping, facts: &Facts) {
        let add = |count: &mut u64, so: bool| *count = count.saturating_add(u64::from(so));
        add(&mut self.rows, true);
        let person = &facts.person;
        let first = person.names.first();
        let words = first.map_or(0, |n| name_tokens(n.full.expose()).len());
        add(&mut self.single_names, words == 1);
        match person.born.as_ref().map(|born| born.expose().stated()) {
            Some(Stated::Day(day)) => {
                add(&mut self.births_first_of_january, is_first_of_january(day));
            }
            Some(Stated::Year(_) | Stated::Month { .. }) => add(&mut self.births_partial, true),
            Some(Stated::Age { .. }) => add(&mut self.births_by_age, true),
            Some(Stated::Other { .. }) => add(&mut self.births_other_calendar, true),
            Some(Stated::Between { .. }) | None => {}
        }
        let private = person.phones.iter().any(|p| p.sharing == Sharing::Private);
        add(&mut self.phones_private, private);
        for (fact, said) in said(mapping, facts) {
            add(self.missing.entry(fact).or_default(), !said);
        }
    }

    /// Counts a row with a telephone that an earlier one has too.
    pub(super) const fn note_repeated_phone(&mut self) {
        self.phones_repeated = self.phones_repeated.saturating_add(1);
    }
}

/// Each fact that the mapping maps, and whether the row states it.
fn said(mapping: &Mapping, facts: &Facts) -> Vec<(String, bool)> {
    let (person, unit) = (&facts.person, &facts.unit);
    let mut said: Vec<(String, bool)> = [
        ("sex", mapping.sex.is_some(), person.sex.is_some()),
        ("birth", mapping.birth.is_some(), person.born.is_some()),
        (
            "phone",
            !mapping.phones.is_empty(),
            !person.phones.is_empty(),
        ),
        (
            "document",
            !mapping.documents.is_empty(),
            !person.documents.is_empty(),
        ),
        (
            "address",
            mapping.address.is_some(),
            !person.addresses.is_empty(),
        ),
        ("place", mapping.place.is_some(), !facts.places.is_empty()),
        (
            "contact",
            mapping.contact.is_some(),
            person.safe_contact.is_some(),
        ),
        ("unit", mapping.unit.id.is_some(), facts.unit_id.is_some()),
        (
            "role",
            mapping.membership.role.column.is_some(),
            !facts.roles.is_empty(),
        ),
    ]
    .into_iter()
    .filter(|(_, mapped, _)| *mapped)
    .map(|(fact, _, said)| (fact.to_owned(), said))
    .collect();
    for attribute in &mapping.attributes {
        let attributes = match attribute.of {
            Of::Person => &person.attributes,
            Of::Unit => &unit.attributes,
        };
        said.push((
            format!("attribute {}", attribute.name),
            attributes.contains_key(&attribute.name),
        ));
    }
    said
}
