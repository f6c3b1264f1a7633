//! What becomes of a batch of commands: one pure function, for every store.
//!
//! A store [loads](load) what a batch touches, [decides](decide), and writes
//! down the revisions that come out, all in one transaction. It reads no
//! clock and holds no rule of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::{Invalid, PersonId, Salt, Stamp, StatedDate, UnitId, Validity, Version};

use crate::attribute::check_count;
use crate::entity::check_day;
use crate::limits::{ACTS_MAX, MEMBERSHIPS_MAX};
use crate::role_rules::{Member, check_unit};
use crate::{
    Act, Applied, Command, CommandId, Content, EntityRef, MembershipId, NewMembership, NewPerson,
    NewUnit, Outcome, Refusal, Refused, Revision, Rules, UnitKind,
};

mod load;

pub use load::{Source, load};

/// The last write to an entity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct Tip {
    /// Which write it is.
    pub version: Version,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// What a decision needs of a person.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct KnownPerson {
    /// The last write.
    pub tip: Tip,
    /// From which day on what takes effect last is so.
    pub effective_on: NaiveDate,
    /// The birth date that it says.
    pub born: Option<StatedDate>,
}

/// What a decision needs of a unit.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct KnownUnit {
    /// The last write.
    pub tip: Tip,
    /// Which kind it is from which day on; of several writes for one day, the
    /// last.
    pub kinds: BTreeMap<NaiveDate, UnitKind>,
}

/// What a decision needs of a membership.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct KnownMembership {
    /// The last write.
    pub tip: Tip,
    /// What it says.
    pub said: NewMembership,
}

/// What a store holds of all that a batch touches.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a store builds it")]
pub struct Known {
    /// The commands of the batch that were carried out before, and what each
    /// act wrote.
    pub commands: HashMap<CommandId, Vec<Revision>>,
    /// The people whom the batch names, and the members of its units.
    pub people: HashMap<PersonId, KnownPerson>,
    /// The units that the batch names or whose memberships it changes.
    pub units: HashMap<UnitId, KnownUnit>,
    /// The memberships that the batch names, and all those of its units.
    pub memberships: HashMap<MembershipId, KnownMembership>,
    /// How many memberships the people have whom the batch makes members.
    pub counts: HashMap<PersonId, usize>,
}

/// What becomes of a batch.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a store takes it apart")]
pub struct Decided {
    /// One for each command, in order.
    pub outcomes: Vec<Outcome>,
    /// What is to be written, in order.
    pub revisions: Vec<Revision>,
}

/// Checks that a batch is one that a store takes.
///
/// # Errors
///
/// [`Invalid`] for more than [`BATCH_MAX`] commands or acts.
pub fn check_batch(batch: &[Command]) -> Result<(), Invalid> {
    check_count("commands", batch.len(), BATCH_MAX)?;
    let acts = batch.iter().map(|command| command.acts.len()).sum();
    check_count("acts", acts, BATCH_MAX)
}

/// Decides `batch`, command by command; each sees what those before it did.
///
/// `salt` gives a fresh salt for each revision.
pub fn decide(
    batch: &[Command],
    stamp: &Stamp,
    rules: &Rules,
    mut known: Known,
    salt: &mut dyn FnMut() -> Salt,
) -> Decided {
    let in_unit = known.memberships.iter().fold(
        HashMap::<UnitId, BTreeSet<MembershipId>>::new(),
        |mut in_unit, (id, membership)| {
            in_unit.entry(membership.said.unit).or_default().insert(*id);
            in_unit
        },
    );
    let before = std::mem::take(&mut known.commands);
    let mut state = State { known, in_unit };
    let mut done: HashMap<CommandId, Range<usize>> = HashMap::new();
    let mut revisions: Vec<Revision> = Vec::new();
    let mut outcomes = Vec::with_capacity(batch.len());
    for command in batch {
        let earlier = before.get(&command.id).map(Vec::as_slice).or_else(|| {
            done.get(&command.id)
                .and_then(|range| revisions.get(range.clone()))
        });
        if let Some(earlier) = earlier {
            outcomes.push(repeated(command, earlier));
            continue;
        }
        let draft = Draft {
            state: &state,
            stamp,
            rules,
            salt,
            changed: Changed::default(),
            revisions: Vec::new(),
            touched: BTreeMap::new(),
        };
        outcomes.push(draft.carry_out(command).map(|(changed, written)| {
            state.absorb(changed);
            let applied = applied(command.id, &written);
            let start = revisions.len();
            revisions.extend(written);
            done.insert(command.id, start..revisions.len());
            applied
        }));
    }
    Decided {
        outcomes,
        revisions,
    }
}

fn applied(command: CommandId, written: &[Revision]) -> Applied {
    Applied {
        command,
        written: written.iter().map(|r| (r.entity, r.version)).collect(),
    }
}

/// The answer to a command whose id was carried out before.
fn repeated(command: &Command, earlier: &[Revision]) -> Outcome {
    let same = command.acts.len() == earlier.len()
        && command.acts.iter().zip(earlier).all(|(a, r)| wrote(a, r));
    if same {
        Ok(applied(command.id, earlier))
    } else {
        Err(Refused {
            command: command.id,
            act: 0,
            refusal: Refusal::IdTaken,
        })
    }
}

/// Whether `act` is what wrote `revision`.
fn wrote(act: &Act, revision: &Revision) -> bool {
    let first = revision.version == Version::FIRST;
    act.entity() == revision.entity
        && act.version() == revision.version
        && match (act, &revision.content) {
            (
                Act::RegisterPerson {
                    effective_on,
                    person,
                    ..
                },
                Content::Person(said),
            ) => first && *effective_on == revision.effective_on && person == said,
            (
                Act::RevisePerson {
                    effective_on,
                    person,
                    ..
                },
                Content::Person(said),
            ) => !first && *effective_on == revision.effective_on && person == said,
            (
                Act::RegisterUnit {
                    effective_on, unit, ..
                },
                Content::Unit(said),
            ) => first && *effective_on == revision.effective_on && unit == said,
            (
                Act::ReviseUnit {
                    effective_on, unit, ..
                },
                Content::Unit(said),
            ) => !first && *effective_on == revision.effective_on && unit == said,
            (Act::AddMember { membership, .. }, Content::Membership(said)) => {
                first && membership == said
            }
            (
                Act::ChangeMembership {
                    roles, validity, ..
                },
                Content::Membership(said),
            ) => !first && *roles == said.roles && *validity == said.validity,
            _ => false,
        }
}

/// What is so before a command, by the store and the commands before it.
#[derive(Debug)]
struct State {
    known: Known,
    in_unit: HashMap<UnitId, BTreeSet<MembershipId>>,
}

impl State {
    fn absorb(&mut self, changed: Changed) {
        for (id, membership) in &changed.memberships {
            let unit = membership.said.unit;
            self.in_unit.entry(unit).or_default().insert(*id);
        }
        self.known.people.extend(changed.people);
        self.known.units.extend(changed.units);
        self.known.memberships.extend(changed.memberships);
        self.known.counts.extend(changed.counts);
    }
}

/// What a command has changed so far.
#[derive(Debug, Default)]
struct Changed {
    people: HashMap<PersonId, KnownPerson>,
    units: HashMap<UnitId, KnownUnit>,
    memberships: HashMap<MembershipId, KnownMembership>,
    counts: HashMap<PersonId, usize>,
}

/// One command being decided: it looks first at what it has changed itself.
struct Draft<'a> {
    state: &'a State,
    stamp: &'a Stamp,
    rules: &'a Rules,
    salt: &'a mut dyn FnMut() -> Salt,
    changed: Changed,
    revisions: Vec<Revision>,
    /// The units whose members or kind change, by which act first, and when.
    touched: BTreeMap<UnitId, (usize, Vec<Validity>)>,
}

impl Draft<'_> {
    fn carry_out(mut self, command: &Command) -> Result<(Changed, Vec<Revision>), Refused> {
        let refused = |act| {
            move |refusal| Refused {
                command: command.id,
                act,
                refusal,
            }
        };
        if command.acts.is_empty() || command.acts.len() > ACTS_MAX {
            let invalid = Invalid::new("acts", format!("must be 1 to {ACTS_MAX}"));
            return Err(refused(0)(invalid.into()));
        }
        for (position, act) in command.acts.iter().enumerate() {
            self.act(command.id, position, act)
                .map_err(refused(position))?;
        }
        for (unit, (position, touched)) in &self.touched {
            self.check_unit(*unit, touched)
                .map_err(refused(*position))?;
        }
        Ok((self.changed, self.revisions))
    }

    fn act(&mut self, command: CommandId, position: usize, act: &Act) -> Result<(), Refusal> {
        let (before, effective_on, content) = match act {
            Act::RegisterPerson {
                id,
                effective_on,
                person,
            } => {
                self.check_person(*effective_on, person)?;
                absent(act, self.person(*id).map(|p| p.tip))?;
                (None, *effective_on, Content::Person(person.clone()))
            }
            Act::RevisePerson {
                id,
                expected,
                effective_on,
                person,
            } => {
                self.check_person(*effective_on, person)?;
                let tip = current(act, self.person(*id).map(|p| p.tip), *expected)?;
                (Some(tip), *effective_on, Content::Person(person.clone()))
            }
            Act::RegisterUnit {
                id,
                effective_on,
                unit,
            } => {
                self.check_new_unit(*effective_on, unit)?;
                absent(act, self.unit(*id).map(|u| u.tip))?;
                (None, *effective_on, Content::Unit(unit.clone()))
            }
            Act::ReviseUnit {
                id,
                expected,
                effective_on,
                unit,
            } => {
                self.check_new_unit(*effective_on, unit)?;
                let tip = current(act, self.unit(*id).map(|u| u.tip), *expected)?;
                (Some(tip), *effective_on, Content::Unit(unit.clone()))
            }
            Act::AddMember { id, membership } => {
                membership.check()?;
                absent(act, self.membership(*id).map(|m| m.tip))?;
                self.check_new_member(membership)?;
                let from = membership.validity.from();
                (None, from, Content::Membership(membership.clone()))
            }
            Act::ChangeMembership {
                id,
                expected,
                roles,
                validity,
            } => {
                let known = self.membership(*id);
                let tip = current(act, known.map(|m| m.tip), *expected)?;
                let mut said = known.map(|m| m.said.clone()).ok_or(Refusal::NotFound {
                    entity: act.entity(),
                })?;
                said.roles.clone_from(roles);
                said.validity = *validity;
                said.check()?;
                (Some(tip), validity.from(), said.into())
            }
        };
        let at = before.map_or(self.stamp.at(), |tip| tip.recorded_at.max(self.stamp.at()));
        let recorded = Stamp::new(at, self.stamp.actor(), self.stamp.purpose().clone())
            .within(self.stamp.correlation());
        let revision = Revision {
            entity: act.entity(),
            version: before.map_or(Version::FIRST, |tip| tip.version.next()),
            effective_on,
            recorded,
            command,
            act: position,
            salt: (self.salt)(),
            content,
        };
        self.note(&revision);
        self.revisions.push(revision);
        Ok(())
    }

    fn check_person(&self, effective_on: NaiveDate, person: &NewPerson) -> Result<(), Invalid> {
        check_day("effective on", effective_on)?;
        person.check(&self.rules.person_attributes)
    }

    fn check_new_unit(&self, effective_on: NaiveDate, unit: &NewUnit) -> Result<(), Invalid> {
        check_day("effective on", effective_on)?;
        unit.check(&self.rules.unit_attributes)
    }

    fn check_new_member(&self, membership: &NewMembership) -> Result<(), Refusal> {
        let missing = |entity| Err(Refusal::NotFound { entity });
        if self.unit(membership.unit).is_none() {
            return missing(membership.unit.into());
        }
        if self.person(membership.person).is_none() {
            return missing(membership.person.into());
        }
        check_count(
            "memberships of a person",
            self.count(membership.person) + 1,
            MEMBERSHIPS_MAX,
        )?;
        let in_unit = self.in_unit(membership.unit).count();
        Ok(check_count(
            "memberships in a unit",
            in_unit + 1,
            MEMBERSHIPS_MAX,
        )?)
    }

    /// Takes what `revision` says into what the command has changed.
    fn note(&mut self, revision: &Revision) {
        let tip = Tip {
            version: revision.version,
            recorded_at: revision.recorded.at(),
        };
        let from = revision.effective_on;
        match (revision.entity, &revision.content) {
            (EntityRef::Person(id), Content::Person(said)) => {
                let shown = self.person(id).filter(|shown| shown.effective_on > from);
                let person = KnownPerson {
                    tip,
                    effective_on: shown.map_or(from, |shown| shown.effective_on),
                    born: shown.map_or_else(
                        || said.born.as_ref().map(|born| *born.expose()),
                        |shown| shown.born,
                    ),
                };
                self.changed.people.insert(id, person);
            }
            (EntityRef::Unit(id), Content::Unit(said)) => {
                let mut kinds = self.unit(id).map(|u| u.kinds.clone()).unwrap_or_default();
                if !kinds.is_empty() && kind_on(&kinds, from) != Some(&said.kind) {
                    self.touch(id, revision.act, Validity::since(from));
                }
                kinds.insert(from, said.kind.clone());
                self.changed.units.insert(id, KnownUnit { tip, kinds });
            }
            (EntityRef::Membership(id), Content::Membership(said)) => {
                match self.membership(id).map(|m| m.said.validity) {
                    Some(before) => self.touch(said.unit, revision.act, before),
                    None => {
                        let count = self.count(said.person) + 1;
                        self.changed.counts.insert(said.person, count);
                    }
                }
                self.touch(said.unit, revision.act, said.validity);
                let said = NewMembership::clone(said);
                self.changed
                    .memberships
                    .insert(id, KnownMembership { tip, said });
            }
            _ => {}
        }
    }

    fn touch(&mut self, unit: UnitId, act: usize, days: Validity) {
        let (_, touched) = self.touched.entry(unit).or_insert((act, Vec::new()));
        touched.push(days);
    }

    fn check_unit(&self, unit: UnitId, touched: &[Validity]) -> Result<(), Refusal> {
        let kinds: Vec<(NaiveDate, UnitKind)> = self
            .unit(unit)
            .map(|u| u.kinds.clone())
            .unwrap_or_default()
            .into_iter()
            .collect();
        let members: Vec<Member<'_>> = self
            .in_unit(unit)
            .map(|m| Member::new(&m.said, self.person(m.said.person).and_then(|p| p.born)))
            .collect();
        check_unit(self.rules, &kinds, &members, touched)
            .map_err(|(on, rule)| Refusal::BrokenRule { unit, on, rule })
    }

    fn person(&self, id: PersonId) -> Option<&KnownPerson> {
        let changed = self.changed.people.get(&id);
        changed.or_else(|| self.state.known.people.get(&id))
    }

    fn unit(&self, id: UnitId) -> Option<&KnownUnit> {
        let changed = self.changed.units.get(&id);
        changed.or_else(|| self.state.known.units.get(&id))
    }

    fn membership(&self, id: MembershipId) -> Option<&KnownMembership> {
        let changed = self.changed.memberships.get(&id);
        changed.or_else(|| self.state.known.memberships.get(&id))
    }

    fn count(&self, person: PersonId) -> usize {
        let changed = self.changed.counts.get(&person);
        changed
            .or_else(|| self.state.known.counts.get(&person))
            .map_or(0, |count| *count)
    }

    /// The memberships in `unit`, as the command has left them so far.
    fn in_unit(&self, unit: UnitId) -> impl Iterator<Item = &KnownMembership> {
        let before = self.state.in_unit.get(&unit);
        let kept = before
            .into_iter()
            .flatten()
            .filter_map(|id| self.membership(*id));
        let added = self
            .changed
            .memberships
            .iter()
            .filter(move |(id, m)| m.said.unit == unit && before.is_none_or(|b| !b.contains(id)))
            .map(|(_, m)| m);
        kept.chain(added)
    }
}

/// The kind on `day`; before the first day that is known, the first kind.
fn kind_on(kinds: &BTreeMap<NaiveDate, UnitKind>, day: NaiveDate) -> Option<&UnitKind> {
    kinds
        .range(..=day)
        .next_back()
        .or_else(|| kinds.first_key_value())
        .map(|(_, kind)| kind)
}

/// Nothing is registered yet under the act's id.
fn absent(act: &Act, tip: Option<Tip>) -> Result<(), Refusal> {
    match tip {
        None => Ok(()),
        Some(_) => Err(Refusal::AlreadyExists {
            entity: act.entity(),
        }),
    }
}

/// What the act revises is at the version that the caller read.
fn current(act: &Act, tip: Option<Tip>, expected: Version) -> Result<Tip, Refusal> {
    let entity = act.entity();
    match tip {
        None => Err(Refusal::NotFound { entity }),
        Some(tip) if tip.version == expected => Ok(tip),
        Some(tip) => Err(Refusal::Conflict {
            entity,
            expected,
            actual: tip.version,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_of_no_version_is_not_what_registered() {
        let actor = solidarity_core::ActorId::generate();
        let stamp = Stamp::new(
            DateTime::UNIX_EPOCH,
            actor,
            solidarity_core::Purpose::from_static("test"),
        );
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let (id, person) = (CommandId::generate(), PersonId::generate());
        let said = NewPerson::new("Tuti");
        let zero: Version = serde_json::from_str("0").unwrap();
        let batch = [
            Command::new(id, Act::register_person(person, day, said.clone())),
            Command::new(id, Act::revise_person(person, zero, day, said)),
        ];
        let rules = Rules::default();
        let decided = decide(
            &batch,
            &stamp,
            &rules,
            Known::default(),
            &mut Salt::generate,
        );
        let second = decided.outcomes[1].as_ref().unwrap_err();
        assert_eq!(second.refusal, Refusal::IdTaken);
        assert_eq!(decided.revisions.len(), 1);
    }
}
