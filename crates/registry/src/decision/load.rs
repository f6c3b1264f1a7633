use std::collections::{BTreeSet, HashMap};

use solidarity_core::{PersonId, UnitId};

use super::{Known, KnownMembership, KnownPerson, KnownUnit};
use crate::{Act, Command, CommandId, EntityRef, MembershipId, Revision};

/// What a store can tell about what it holds, for a batch to be decided.
pub trait Source {
    /// What the storage beneath may suffer.
    type Error;

    /// What the acts of command `id` wrote, in their order. Empty if it was
    /// never carried out.
    ///
    /// # Errors
    ///
    /// If the storage beneath fails.
    fn command(&self, id: CommandId) -> Result<Vec<Revision>, Self::Error>;

    /// Person `id`.
    ///
    /// # Errors
    ///
    /// If the storage beneath fails.
    fn person(&self, id: PersonId) -> Result<Option<KnownPerson>, Self::Error>;

    /// Unit `id`.
    ///
    /// # Errors
    ///
    /// If the storage beneath fails.
    fn unit(&self, id: UnitId) -> Result<Option<KnownUnit>, Self::Error>;

    /// Membership `id`.
    ///
    /// # Errors
    ///
    /// If the storage beneath fails.
    fn membership(&self, id: MembershipId) -> Result<Option<KnownMembership>, Self::Error>;

    /// All memberships in `unit`.
    ///
    /// # Errors
    ///
    /// If the storage beneath fails.
    fn in_unit(&self, unit: UnitId) -> Result<Vec<(MembershipId, KnownMembership)>, Self::Error>;

    /// How many memberships `person` has.
    ///
    /// # Errors
    ///
    /// If the storage beneath fails.
    fn count(&self, person: PersonId) -> Result<usize, Self::Error>;
}

/// Loads all that `batch` touches, each thing once.
///
/// # Errors
///
/// If the storage beneath fails.
pub fn load<S: Source>(batch: &[Command], source: &S) -> Result<Known, S::Error> {
    let mut known = Known::default();
    let mut people = BTreeSet::new();
    let mut units = BTreeSet::new();
    let mut joined_units = BTreeSet::new();
    let mut joining = BTreeSet::new();
    for command in batch {
        if known.commands.contains_key(&command.id) {
            continue;
        }
        let written = source.command(command.id)?;
        if !written.is_empty() {
            // It happened before, so it touches nothing now.
            known.commands.insert(command.id, written);
            continue;
        }
        for act in &command.acts {
            match act.entity() {
                EntityRef::Person(id) => {
                    people.insert(id);
                }
                EntityRef::Unit(id) => {
                    units.insert(id);
                }
                EntityRef::Membership(id) => {
                    if let Some(membership) = source.membership(id)? {
                        joined_units.insert(membership.said.unit);
                        known.memberships.insert(id, membership);
                    }
                }
            }
            if let Act::AddMember { membership, .. } = act {
                joined_units.insert(membership.unit);
                joining.insert(membership.person);
            }
        }
    }
    // The members of a unit count wherever its kind or its members change.
    for id in units.union(&joined_units) {
        if let Some(unit) = source.unit(*id)? {
            known.units.insert(*id, unit);
            known.memberships.extend(source.in_unit(*id)?);
        }
    }
    people.extend(joining.iter().copied());
    people.extend(known.memberships.values().map(|m| m.said.person));
    for id in people {
        if let Some(person) = source.person(id)? {
            known.people.insert(id, person);
        }
    }
    known.counts = joining
        .into_iter()
        .filter(|id| known.people.contains_key(id))
        .map(|id| Ok((id, source.count(id)?)))
        .collect::<Result<HashMap<_, _>, _>>()?;
    Ok(known)
}
