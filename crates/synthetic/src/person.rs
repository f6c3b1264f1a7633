use chrono::NaiveDate;
use solidarity_core::{SafeContact, Stated};

use crate::names::Lineage;
use crate::{Name, Region, Variation};

/// A made-up person, as one assistance unit states them.
///
/// Nobody is real, so nothing here is covered: it may be printed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyntheticPerson {
    /// The id under which they are registered.
    pub person_id: String,
    /// The truth: two records with one entity are of one person. It is the id
    /// under which they were registered first.
    pub entity_id: String,
    /// The truth: how this record differs from the first one of its entity.
    /// Empty for the first.
    pub variations: Vec<Variation>,
    /// The truth: the day of birth, whatever was stated.
    pub born: NaiveDate,
    /// Where their naming custom comes from.
    pub region: Region,
    /// Whether an earlier unit listed them under the same person id: they
    /// belong to both.
    pub listed_before: bool,
    /// What they are in the unit.
    pub role: Role,
    /// Whether they collect for the unit.
    pub collects: bool,
    /// Their name.
    pub name: Name,
    /// Their sex, if it was stated.
    pub sex: Option<Sex>,
    /// Their birth as it was stated, if it was.
    pub birth: Option<Stated>,
    /// The telephone on which they said to be reached.
    pub phone: Option<Phone>,
    /// A document, if they have one.
    pub document: Option<Document>,
    /// Whether they have a disability, if it was stated.
    pub disability: Option<bool>,
    /// How they are safely reached; children are not.
    pub contact: Option<SafeContact>,
    pub(crate) lineage: Lineage,
    pub(crate) named_as: Sex,
}

/// What somebody is in an assistance unit.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Role {
    /// Speaks for the unit; may be a child.
    Head,
    /// Speaks for the unit together with another.
    JointHead,
    /// Married to the head.
    Spouse,
    /// The head's child.
    Child,
    /// The head's parent.
    Parent,
    /// The head's brother or sister.
    Sibling,
    /// Related otherwise.
    OtherRelative,
    /// A child in the head's care.
    FosterChild,
    /// Belongs to it, no more is known.
    Member,
}

impl Role {
    /// The word of the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::JointHead => "joint_head",
            Self::Spouse => "spouse",
            Self::Child => "child",
            Self::Parent => "parent",
            Self::Sibling => "sibling",
            Self::OtherRelative => "other_relative",
            Self::FosterChild => "foster_child",
            Self::Member => "member",
        }
    }
}

/// A stated sex.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither, or both.
    Other,
}

impl Sex {
    /// The letter of the file.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
            Self::Other => "X",
        }
    }
}

/// A telephone. Its country code, 999, is not in use (ITU-T E.164): it
/// rings nowhere.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Phone {
    /// The number.
    pub number: String,
    /// Whether others use it too.
    pub shared: bool,
}

/// A document. Its number begins with `ZZ`, which is no country's code
/// (ISO 3166-1 leaves it to users).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// `national_id`, `birth_certificate` or `displaced_card`.
    pub scheme: &'static str,
    /// The number.
    pub number: String,
}
