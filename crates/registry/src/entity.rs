use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{
    ChangeKind, Commitment, EntityKind, Invalid, NewChange, PersonId, Salt, Stamp, UnitId, Version,
};
use uuid::Uuid;

use crate::{CommandId, MembershipId, NewMembership, NewPerson, NewUnit, Record};

/// A person, a unit or a membership, by id.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the register holds these three and every store files all of them"
)]
pub enum EntityRef {
    /// A person.
    Person(PersonId),
    /// A unit.
    Unit(UnitId),
    /// A membership.
    Membership(MembershipId),
}

impl EntityRef {
    /// The sort of thing, as the change feed names it: `person`, `unit`,
    /// `membership`.
    #[must_use]
    pub const fn kind(&self) -> EntityKind {
        EntityKind::from_static(match self {
            Self::Person(_) => "person",
            Self::Unit(_) => "unit",
            Self::Membership(_) => "membership",
        })
    }
}

impl AsRef<Uuid> for EntityRef {
    fn as_ref(&self) -> &Uuid {
        match self {
            Self::Person(id) => id.as_uuid(),
            Self::Unit(id) => id.as_uuid(),
            Self::Membership(id) => id.as_uuid(),
        }
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind(), self.as_ref())
    }
}

macro_rules! entity_from {
    ($($id:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$id> for EntityRef {
            fn from(id: $id) -> Self {
                Self::$variant(id)
            }
        }
    )+};
}

entity_from!(PersonId => Person, UnitId => Unit, MembershipId => Membership);

/// For which day, and as known when, a register is asked.
///
/// A register learns late and corrects itself. *What was true on this day, as
/// far as was known at that time* is a question that has the same answer for
/// ever.
///
/// ```
/// use chrono::{DateTime, NaiveDate};
/// use solidarity_registry::AsOf;
///
/// let day = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
/// let payday = DateTime::UNIX_EPOCH;
/// assert!(AsOf::day(day).known_at(payday) != AsOf::day(day));
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct AsOf {
    effective_on: NaiveDate,
    known_at: DateTime<Utc>,
}

impl AsOf {
    /// What takes effect last, by all that is known: also what is recorded
    /// already and takes effect later.
    pub const LATEST: Self = Self::day(NaiveDate::MAX);

    /// What is so on `day`, by all that is known.
    #[must_use]
    pub const fn day(day: NaiveDate) -> Self {
        Self {
            effective_on: day,
            known_at: DateTime::<Utc>::MAX_UTC,
        }
    }

    /// The same, by what was recorded up to `instant`, that instant included.
    #[must_use]
    pub const fn known_at(mut self, instant: DateTime<Utc>) -> Self {
        self.known_at = instant;
        self
    }

    /// The day that is asked about.
    #[must_use]
    pub const fn effective_on(&self) -> NaiveDate {
        self.effective_on
    }

    /// The time up to which the register had learned.
    #[must_use]
    pub const fn knowledge(&self) -> DateTime<Utc> {
        self.known_at
    }
}

/// All that one revision says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the same three as `EntityRef`, matched everywhere"
)]
pub enum Content {
    /// About a person.
    Person(Box<NewPerson>),
    /// About a unit.
    Unit(Box<NewUnit>),
    /// About a membership.
    Membership(Box<NewMembership>),
}

impl From<NewPerson> for Content {
    fn from(said: NewPerson) -> Self {
        Self::Person(Box::new(said))
    }
}

impl From<NewUnit> for Content {
    fn from(said: NewUnit) -> Self {
        Self::Unit(Box::new(said))
    }
}

impl From<NewMembership> for Content {
    fn from(said: NewMembership) -> Self {
        Self::Membership(Box::new(said))
    }
}

impl Content {
    /// The content as JSON, which is what is stored and committed to. The
    /// same content gives the same text.
    ///
    /// # Errors
    ///
    /// None that a content which a store took can cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Person(said) => serde_json::to_string(said),
            Self::Unit(said) => serde_json::to_string(said),
            Self::Membership(said) => serde_json::to_string(said),
        }
    }

    /// The content about `entity` that [`to_json`](Self::to_json) gave.
    ///
    /// # Errors
    ///
    /// If it did not.
    pub fn from_json(entity: &EntityRef, json: &str) -> Result<Self, serde_json::Error> {
        match entity {
            EntityRef::Person(_) => serde_json::from_str(json).map(Self::Person),
            EntityRef::Unit(_) => serde_json::from_str(json).map(Self::Unit),
            EntityRef::Membership(_) => serde_json::from_str(json).map(Self::Membership),
        }
    }
}

/// One write to one entity: all that it says from then on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Revision {
    /// What it is about.
    pub entity: EntityRef,
    /// Which write it is, from 1.
    pub version: Version,
    /// From which day on it is so. Of a membership, the first day.
    pub effective_on: NaiveDate,
    /// Who recorded it, when and why. Never before the revision before it.
    pub recorded: Stamp,
    /// The command that it came by.
    pub command: CommandId,
    /// Which act of the command it came by, from 0.
    pub act: usize,
    /// What hides the content behind its commitment in the change feed.
    pub salt: Salt,
    /// What it says.
    pub content: Content,
}

impl Revision {
    /// A revision, with no command and no salt yet.
    #[must_use]
    pub fn new(
        entity: EntityRef,
        version: Version,
        effective_on: NaiveDate,
        recorded: Stamp,
        content: Content,
    ) -> Self {
        Self {
            entity,
            version,
            effective_on,
            recorded,
            command: CommandId::from_uuid(Uuid::nil()),
            act: 0,
            salt: Salt::from_bytes([0; 16]),
            content,
        }
    }

    /// The news of this write, for the change feed.
    ///
    /// # Errors
    ///
    /// None that a content which a store took can cause.
    pub fn news(&self) -> Result<NewChange, serde_json::Error> {
        let json = self.content.to_json()?;
        Ok(self.news_of(&json))
    }

    /// The same, where the content's JSON is at hand.
    #[must_use]
    pub fn news_of(&self, json: &str) -> NewChange {
        let kind = ChangeKind::from_static(if self.version == Version::FIRST {
            "register"
        } else {
            "revise"
        });
        NewChange::new(
            self.recorded.clone(),
            self.entity.kind(),
            &self.entity,
            kind,
            Commitment::to(&self.salt, json.as_bytes()),
        )
        .effective_on(self.effective_on)
    }
}

/// Builds the record that a revision shows, at the version known then.
macro_rules! record_of {
    ($id:ty, $said:ty, $variant:ident) => {
        impl Record<$id, $said> {
            /// The record that `revision` shows when `version` revisions are
            /// known. `None` if it is about something else.
            #[must_use]
            pub fn of(revision: Revision, version: Version) -> Option<Self> {
                match (revision.entity, revision.content) {
                    (EntityRef::$variant(id), Content::$variant(said)) => Some(Self::from_parts(
                        id,
                        version,
                        revision.effective_on,
                        revision.recorded,
                        *said,
                    )),
                    _ => None,
                }
            }
        }
    };
}

record_of!(PersonId, NewPerson, Person);
record_of!(UnitId, NewUnit, Unit);
record_of!(MembershipId, NewMembership, Membership);

/// Checks that `day` lies in the years 1 to 9999, which every back end and
/// every partner can write.
pub(crate) fn check_day(field: &'static str, day: NaiveDate) -> Result<(), Invalid> {
    if (1..=9999).contains(&day.year()) {
        Ok(())
    } else {
        Err(Invalid::new(field, "must lie in the years 1 to 9999"))
    }
}
