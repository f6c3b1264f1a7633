use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{Age, Money, PersonId, Pii, UnitId, Version};
use uuid::Uuid;

use crate::Digest;

solidarity_core::code! {
    /// The name of a fact that a rule asks for: `income`, `has_disability`.
    pub struct FactName;
    /// A value of a coded fact: `rural`, `rented`.
    pub struct FactCode;
}

/// What a fact says.
///
/// There is no name, address or telephone among them, and no floating point.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FactValue {
    /// It is so, or it is not.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// An amount of money.
    Money(Money),
    /// One word of a vocabulary.
    Code(FactCode),
    /// An age in completed years, as far as it is known.
    Age(Age),
}

/// Which sort of value a fact has.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FactKind {
    /// It is so, or it is not.
    Flag,
    /// A whole number.
    Integer,
    /// An amount of money, in the programme's currency.
    Money,
    /// One word of a vocabulary.
    Code,
    /// An age in completed years.
    Age,
}

/// Which record said a fact, as it stood then.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Source {
    record: Uuid,
    version: Version,
}

impl Source {
    /// The record named `record`, at `version`.
    #[must_use]
    pub fn new(record: &impl AsRef<Uuid>, version: Version) -> Self {
        Self {
            record: *record.as_ref(),
            version,
        }
    }

    /// Which record.
    #[must_use]
    pub const fn record(&self) -> Uuid {
        self.record
    }

    /// As it stood at which version.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }
}

/// A value beside where it came from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Fact {
    #[serde(with = "solidarity_core::exposed")]
    value: Pii<FactValue>,
    source: Source,
}

impl Fact {
    /// `source` says `value`.
    #[must_use]
    pub const fn new(value: FactValue, source: Source) -> Self {
        Self {
            value: Pii::new(value),
            source,
        }
    }

    /// What is said.
    #[must_use]
    pub const fn value(&self) -> &Pii<FactValue> {
        &self.value
    }

    /// Which record says it.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }
}

/// Whether all members of a unit are known.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a member who is not known must never fall under a wildcard"
)]
pub enum Roster {
    /// Nobody else belongs to the unit.
    #[default]
    Complete,
    /// Others may belong to it, so that no count has an upper end.
    Partial,
}

/// What is known of one unit and of its members on one day: only what rules
/// ask, each value beside the record that says it.
///
/// What is missing is missing; nothing stands in for it.
///
/// ```
/// use chrono::NaiveDate;
/// use solidarity_core::{PersonId, UnitId, Version};
/// use solidarity_programme::{FactName, FactValue, Facts, Source};
///
/// let (unit, person) = (UnitId::generate(), PersonId::generate());
/// let on = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
/// let facts = Facts::new(unit, on)
///     .with(FactName::new("rooms")?, FactValue::Integer(2), Source::new(&unit, Version::FIRST))
///     .with_member(person)
///     .with_member_fact(
///         person,
///         FactName::new("has_disability")?,
///         FactValue::Flag(true),
///         Source::new(&person, Version::FIRST),
///     );
/// assert!(!format!("{facts:?}").contains("true")); // values are personal data
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Facts {
    unit: UnitId,
    on: NaiveDate,
    roster: Roster,
    values: BTreeMap<FactName, Fact>,
    members: BTreeMap<PersonId, BTreeMap<FactName, Fact>>,
}

impl Facts {
    /// Nothing is known yet of `unit`, on the day `on`.
    #[must_use]
    pub const fn new(unit: UnitId, on: NaiveDate) -> Self {
        Self {
            unit,
            on,
            roster: Roster::Complete,
            values: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    /// The same, and `source` says `value` of the unit.
    #[must_use]
    pub fn with(mut self, name: FactName, value: FactValue, source: Source) -> Self {
        self.values.insert(name, Fact::new(value, source));
        self
    }

    /// The same, and `person` is a member.
    #[must_use]
    pub fn with_member(mut self, person: PersonId) -> Self {
        self.members.entry(person).or_default();
        self
    }

    /// The same, and `source` says `value` of `person`, a member.
    #[must_use]
    pub fn with_member_fact(
        mut self,
        person: PersonId,
        name: FactName,
        value: FactValue,
        source: Source,
    ) -> Self {
        self.members
            .entry(person)
            .or_default()
            .insert(name, Fact::new(value, source));
        self
    }

    /// The same, and others may belong to the unit.
    #[must_use]
    pub const fn with_roster(mut self, roster: Roster) -> Self {
        self.roster = roster;
        self
    }

    /// Of which unit.
    #[must_use]
    pub const fn unit(&self) -> UnitId {
        self.unit
    }

    /// On which day.
    #[must_use]
    pub const fn on(&self) -> NaiveDate {
        self.on
    }

    /// Whether all members are known.
    #[must_use]
    pub const fn roster(&self) -> Roster {
        self.roster
    }

    /// What is known of the unit.
    #[must_use]
    pub const fn values(&self) -> &BTreeMap<FactName, Fact> {
        &self.values
    }

    /// Who belongs to the unit, and what is known of each.
    #[must_use]
    pub const fn members(&self) -> &BTreeMap<PersonId, BTreeMap<FactName, Fact>> {
        &self.members
    }

    /// The digest of all of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }

    /// Only the facts named `names`, and the members only where `members`
    /// are asked about.
    pub(crate) fn only(&self, names: &BTreeSet<FactName>, members: Members) -> Self {
        let keep = |values: &BTreeMap<FactName, Fact>| {
            names
                .iter()
                .filter_map(|name| Some((name.clone(), values.get(name)?.clone())))
                .collect()
        };
        Self {
            unit: self.unit,
            on: self.on,
            roster: match members {
                Members::Asked => self.roster,
                Members::NotAsked => Roster::Complete,
            },
            values: keep(&self.values),
            members: match members {
                Members::Asked => (self.members.iter())
                    .map(|(person, values)| (*person, keep(values)))
                    .collect(),
                Members::NotAsked => BTreeMap::new(),
            },
        }
    }
}

/// Whether a programme asks about members at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Members {
    Asked,
    NotAsked,
}
