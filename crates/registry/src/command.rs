use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, PersonId, Retry, UnitId, Validity, Version};

use crate::{BrokenRule, EntityRef, MembershipId, NewMembership, NewPerson, NewUnit, Role};

solidarity_core::id! {
    /// One command to a register, made by the caller. Sent again it is the
    /// same command, and has the same answer.
    pub struct CommandId;
}

/// Acts that happen all together or not at all: a household with its members,
/// or the headship that passes from one to another.
///
/// ```
/// use chrono::NaiveDate;
/// use solidarity_core::{PersonId, UnitId, Validity};
/// use solidarity_registry::{
///     Act, Command, CommandId, MembershipId, NewMembership, NewPerson, NewUnit, Role, UnitKind,
/// };
///
/// let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
/// let (unit, person) = (UnitId::generate(), PersonId::generate());
/// let head = NewMembership::new(unit, person, Validity::since(day)).with_role(Role::HEAD);
/// let command = Command::new(CommandId::generate(), Act::register_unit(unit, day, NewUnit::new(UnitKind::HOUSEHOLD)))
///     .and(Act::register_person(person, day, NewPerson::new("Tuti")))
///     .and(Act::add_member(MembershipId::generate(), head));
/// assert_eq!(command.acts.len(), 3);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Command {
    /// Names the command.
    pub id: CommandId,
    /// What it does, in order; at most
    /// [`ACTS_MAX`](crate::limits::ACTS_MAX).
    pub acts: Vec<Act>,
}

impl Command {
    /// A command that does `act`.
    #[must_use]
    pub fn new(id: CommandId, act: Act) -> Self {
        Self {
            id,
            acts: vec![act],
        }
    }

    /// A command that does all of `acts`.
    pub fn of(id: CommandId, acts: impl IntoIterator<Item = Act>) -> Self {
        Self {
            id,
            acts: acts.into_iter().collect(),
        }
    }

    /// The same, which then does `act` too.
    #[must_use]
    pub fn and(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }
}

/// One thing that a command does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Act {
    /// Registers a person.
    RegisterPerson {
        /// Who.
        id: PersonId,
        /// From which day on it is so.
        effective_on: NaiveDate,
        /// What is said.
        person: Box<NewPerson>,
    },
    /// Says something else about a person, from a day on.
    RevisePerson {
        /// Who.
        id: PersonId,
        /// The version that the caller read.
        expected: Version,
        /// From which day on it is so: the day on which it became true, which
        /// may be long past.
        effective_on: NaiveDate,
        /// All that is said from then on.
        person: Box<NewPerson>,
    },
    /// Registers a unit.
    RegisterUnit {
        /// Which.
        id: UnitId,
        /// From which day on it is so.
        effective_on: NaiveDate,
        /// What is said.
        unit: Box<NewUnit>,
    },
    /// Says something else about a unit, from a day on.
    ReviseUnit {
        /// Which.
        id: UnitId,
        /// The version that the caller read.
        expected: Version,
        /// From which day on it is so.
        effective_on: NaiveDate,
        /// All that is said from then on.
        unit: Box<NewUnit>,
    },
    /// Makes a person a member of a unit.
    AddMember {
        /// Names the membership.
        id: MembershipId,
        /// Who, of what, as what, when.
        membership: Box<NewMembership>,
    },
    /// Ends a membership, or corrects its days or roles.
    ///
    /// A role that changes on a day is the end of one membership and the
    /// beginning of another.
    ChangeMembership {
        /// Which.
        id: MembershipId,
        /// The version that the caller read.
        expected: Version,
        /// The roles, now.
        roles: BTreeSet<Role>,
        /// The days, now.
        validity: Validity,
    },
}

impl Act {
    /// Registers `person` under `id`, as it is from `effective_on` on.
    #[must_use]
    pub fn register_person(id: PersonId, effective_on: NaiveDate, person: NewPerson) -> Self {
        Self::RegisterPerson {
            id,
            effective_on,
            person: Box::new(person),
        }
    }

    /// Says `person` of `id` from `effective_on` on, if nobody else has
    /// written since `expected`.
    #[must_use]
    pub fn revise_person(
        id: PersonId,
        expected: Version,
        effective_on: NaiveDate,
        person: NewPerson,
    ) -> Self {
        Self::RevisePerson {
            id,
            expected,
            effective_on,
            person: Box::new(person),
        }
    }

    /// Registers `unit` under `id`, as it is from `effective_on` on.
    #[must_use]
    pub fn register_unit(id: UnitId, effective_on: NaiveDate, unit: NewUnit) -> Self {
        Self::RegisterUnit {
            id,
            effective_on,
            unit: Box::new(unit),
        }
    }

    /// Says `unit` of `id` from `effective_on` on, if nobody else has written
    /// since `expected`.
    #[must_use]
    pub fn revise_unit(
        id: UnitId,
        expected: Version,
        effective_on: NaiveDate,
        unit: NewUnit,
    ) -> Self {
        Self::ReviseUnit {
            id,
            expected,
            effective_on,
            unit: Box::new(unit),
        }
    }

    /// Files `membership` under `id`.
    #[must_use]
    pub fn add_member(id: MembershipId, membership: NewMembership) -> Self {
        Self::AddMember {
            id,
            membership: Box::new(membership),
        }
    }

    /// Gives membership `id` these roles and days, if nobody else has written
    /// since `expected`.
    #[must_use]
    pub const fn change_membership(
        id: MembershipId,
        expected: Version,
        roles: BTreeSet<Role>,
        validity: Validity,
    ) -> Self {
        Self::ChangeMembership {
            id,
            expected,
            roles,
            validity,
        }
    }

    /// What the act writes.
    #[must_use]
    pub const fn entity(&self) -> EntityRef {
        match self {
            Self::RegisterPerson { id, .. } | Self::RevisePerson { id, .. } => {
                EntityRef::Person(*id)
            }
            Self::RegisterUnit { id, .. } | Self::ReviseUnit { id, .. } => EntityRef::Unit(*id),
            Self::AddMember { id, .. } | Self::ChangeMembership { id, .. } => {
                EntityRef::Membership(*id)
            }
        }
    }

    /// The version that the act writes, if all goes well.
    #[must_use]
    pub const fn version(&self) -> Version {
        match self {
            Self::RegisterPerson { .. } | Self::RegisterUnit { .. } | Self::AddMember { .. } => {
                Version::FIRST
            }
            Self::RevisePerson { expected, .. }
            | Self::ReviseUnit { expected, .. }
            | Self::ChangeMembership { expected, .. } => expected.next(),
        }
    }
}

/// What became of one command of a batch.
pub type Outcome = Result<Applied, Refused>;

/// A command that was carried out, now or when it was sent before.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Applied {
    /// The command.
    pub command: CommandId,
    /// What each act wrote, in the order of the acts.
    pub written: Vec<(EntityRef, Version)>,
}

/// A command that was not carried out, no part of it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("command `{command}` is refused at act {act}: {refusal}")]
#[non_exhaustive]
pub struct Refused {
    /// The command.
    pub command: CommandId,
    /// The act that cannot be, from 0.
    pub act: usize,
    /// Why.
    pub refusal: Refusal,
}

/// Why a command was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// What is said breaks a rule of its field.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The act is about something that is not registered.
    #[error("{entity} is not registered")]
    NotFound {
        /// What is not registered.
        entity: EntityRef,
    },
    /// The id to be registered is taken.
    #[error("{entity} is registered already")]
    AlreadyExists {
        /// What is registered.
        entity: EntityRef,
    },
    /// Somebody else has written since the caller read.
    #[error("{entity} is at version {actual}, expected {expected}: read it again")]
    Conflict {
        /// What was to be written.
        entity: EntityRef,
        /// The version that the caller had read.
        expected: Version,
        /// The version that the store holds.
        actual: Version,
    },
    /// The command's id was used before, by a command that did something else.
    #[error("the command's id was used before by another command")]
    IdTaken,
    /// The unit would break a rule about its members.
    #[error("unit `{unit}` {rule}")]
    BrokenRule {
        /// The unit.
        unit: UnitId,
        /// The first day on which it would.
        on: NaiveDate,
        /// The rule.
        rule: BrokenRule,
    },
}

impl Refusal {
    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Conflict { .. } => Retry::AfterReread,
            Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::IdTaken
            | Self::BrokenRule { .. } => Retry::Never,
        }
    }
}
