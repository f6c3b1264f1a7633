//! Rows of one unit become the unit and its memberships.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use solidarity_core::{PersonId, Residence, UnitId, Validity};

use super::LISTED_MAX;
use super::chunk::Group;
use super::report::ReviewReason;
use super::run::Run;
use crate::{
    Act, Command, CommandId, EntityRef, Membership, MembershipId, NewMembership, NewUnit, Refusal,
    Result, Role,
};

/// A unit as its rows say that it is.
#[derive(Debug)]
struct Plan {
    id: UnitId,
    line: u64,
    unit: NewUnit,
    /// Whether one of its rows states its kind.
    kind_stated: bool,
    members: BTreeMap<PersonId, BTreeSet<Role>>,
}

/// A unit that the register refused, and why. Later rows may yet register it.
#[derive(Debug)]
pub(super) struct Refused {
    plan: Plan,
    reason: ReviewReason,
}

impl Run<'_> {
    /// Settles the units of `groups`, whose rows are about `people`.
    pub(super) async fn settle_units(
        &mut self,
        groups: &[Group],
        people: &[Option<PersonId>],
    ) -> Result<()> {
        let mut plans = Vec::with_capacity(groups.len());
        let mut people = people.iter().copied();
        for group in groups {
            let people: Vec<_> = people.by_ref().take(group.entries.len()).collect();
            if group.is_stated() && (group.incomplete || people.contains(&None)) {
                self.unit_incomplete();
            }
            match plan(group, &people) {
                Ok(Some(plan)) => plans.push(plan),
                Ok(None) => {}
                Err(reason) => self.unit_waits(group.line, reason),
            }
        }
        let ids: Vec<UnitId> = plans.iter().map(|plan| plan.id).collect();
        let known = self.target.units(&ids).await?;
        let commands: Vec<Command> = plans.iter().map(|plan| self.register_unit(plan)).collect();
        let outcomes = self.target.apply(&commands).await?;
        for (((plan, known), command), outcome) in
            plans.into_iter().zip(known).zip(&commands).zip(outcomes)
        {
            match (outcome.map_err(|refused| refused.refusal), known) {
                (Ok(_), None) => self.unit_registered(),
                (Ok(_), Some(_)) => self.unit_unchanged(),
                (Err(Refusal::AlreadyExists { .. }), _) => self.extend(&plan, command.id).await?,
                (Err(refusal), _) => self.hold(plan, reason_of(&refusal)),
            }
        }
        Ok(())
    }

    /// Keeps a unit that was refused until all rows are read. Of more than
    /// [`LISTED_MAX`], it waits at once.
    fn hold(&mut self, plan: Plan, reason: ReviewReason) {
        if self.refused.len() < LISTED_MAX {
            self.refused.push(Refused { plan, reason });
        } else {
            self.unit_waits(plan.line, reason);
        }
    }

    /// Settles the units that were refused, when all rows are read. What later
    /// rows registered is extended now, as the same file again would extend it.
    pub(super) async fn settle_refused(&mut self) -> Result<()> {
        let refused = std::mem::take(&mut self.refused);
        let ids: Vec<UnitId> = refused.iter().map(|refused| refused.plan.id).collect();
        let known = self.target.units(&ids).await?;
        for (Refused { plan, reason }, known) in refused.into_iter().zip(known) {
            if known.is_some() {
                let whole = self.register_unit(&plan).id;
                self.extend(&plan, whole).await?;
            } else {
                self.unit_waits(plan.line, reason);
            }
        }
        Ok(())
    }

    fn register_unit(&self, plan: &Plan) -> Command {
        let id = plan.id;
        let acts: Vec<Act> = std::iter::once(Act::register_unit(
            id,
            self.mapping.effective_on,
            plan.unit.clone(),
        ))
        .chain(self.add_members(id, &plan.members))
        .collect();
        command(id, acts)
    }

    fn add_members(&self, unit: UnitId, members: &BTreeMap<PersonId, BTreeSet<Role>>) -> Vec<Act> {
        let add = |(person, roles): (&PersonId, &BTreeSet<Role>)| {
            let validity = Validity::since(self.mapping.effective_on);
            let mut membership = NewMembership::new(unit, *person, validity);
            membership.roles.clone_from(roles);
            let id = MembershipId::derive(&unit, &person.to_string());
            Act::add_member(id, membership)
        };
        members.iter().map(add).collect()
    }

    /// Adds to a unit that is registered whoever is not a member yet.
    async fn extend(&mut self, plan: &Plan, whole: CommandId) -> Result<()> {
        let id = plan.id;
        if self.target.was_done(whole, EntityRef::Unit(id)).await? {
            self.unit_unchanged();
            return Ok(());
        }
        let known = self.target.units(&[id]).await?.into_iter().flatten().next();
        let is_so = known.is_some_and(|known| {
            let kind = !plan.kind_stated || known.said().kind == plan.unit.kind;
            kind && says_nothing_else(known.said(), &plan.unit)
        });
        if !is_so {
            self.unit_waits(plan.line, ReviewReason::UnitDiffers);
            return Ok(());
        }
        let members = self.target.memberships(id).await?;
        let members: HashMap<PersonId, &Membership> =
            members.iter().map(|m| (m.said().person, m)).collect();
        let on = self.mapping.effective_on;
        let differs = plan.members.iter().any(|(person, roles)| {
            let said = members.get(person).map(|m| m.said());
            said.is_some_and(|m| !m.validity.holds_on(on) || !roles.is_subset(&m.roles))
        });
        if differs {
            self.unit_waits(plan.line, ReviewReason::RolesDiffer);
            return Ok(());
        }
        let mut new = plan.members.clone();
        new.retain(|person, _| !members.contains_key(person));
        if new.is_empty() {
            self.unit_unchanged();
            return Ok(());
        }
        let commands = [command(id, self.add_members(id, &new))];
        for outcome in self.target.apply(&commands).await? {
            match outcome {
                Ok(_) => self.unit_extended(),
                Err(refused) => self.unit_waits(plan.line, reason_of(&refused.refusal)),
            }
        }
        Ok(())
    }
}

fn reason_of(refusal: &Refusal) -> ReviewReason {
    match refusal {
        Refusal::BrokenRule { rule, .. } => (*rule).into(),
        _ => ReviewReason::NotTaken,
    }
}

/// A command whose id follows from what it does.
fn command(unit: UnitId, acts: Vec<Act>) -> Command {
    let said = serde_json::to_string(&acts).unwrap_or_default();
    Command::of(CommandId::derive(&unit, &said), acts)
}

/// The unit as its rows say that it is. `None` if no row of it was readable.
fn plan(group: &Group, people: &[Option<PersonId>]) -> Result<Option<Plan>, ReviewReason> {
    let Some(first) = group.entries.first() else {
        return Ok(None);
    };
    let mut unit = first.facts.unit.clone();
    let mut kind = None;
    for facts in group.entries.iter().map(|entry| &entry.facts) {
        kind = kind.or(facts.kind.as_ref());
        if facts.kind.is_some() && facts.kind.as_ref() != kind || !join(&mut unit, &facts.unit) {
            return Err(ReviewReason::RowsDiffer);
        }
    }
    let kind_stated = kind.is_some();
    if let Some(kind) = kind {
        unit.kind.clone_from(kind);
    }
    let mut members: BTreeMap<PersonId, BTreeSet<Role>> = BTreeMap::new();
    for (entry, person) in group.entries.iter().zip(people) {
        if let Some(person) = person {
            let roles = entry.facts.roles.iter().cloned();
            members.entry(*person).or_default().extend(roles);
        }
    }
    if members.is_empty() {
        return Err(ReviewReason::NoMember);
    }
    Ok(Some(Plan {
        id: group.unit,
        line: group.line,
        unit,
        kind_stated,
        members,
    }))
}

/// Adds to `unit` what `said` says beside it. `false` if they say two things.
fn join(unit: &mut NewUnit, said: &NewUnit) -> bool {
    unit.label = unit.label.take().or_else(|| said.label.clone());
    if unit.residence == Residence::Unknown {
        unit.residence = said.residence;
    }
    for (name, value) in &said.attributes {
        unit.attributes
            .entry(name.clone())
            .or_insert_with(|| value.clone());
    }
    says_nothing_else(unit, said)
}

/// Whether all that `said` states is so of `unit`, their kinds apart.
fn says_nothing_else(unit: &NewUnit, said: &NewUnit) -> bool {
    (said.label.is_none() || unit.label == said.label)
        && (said.residence == Residence::Unknown || unit.residence == said.residence)
        && said
            .attributes
            .iter()
            .all(|(name, value)| unit.attributes.get(name) == Some(value))
}
