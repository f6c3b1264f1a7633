use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::FIELDS_MAX;
use crate::{CallingRegion, CheckDigit, Error, Result};

/// What a field says of a person, by which it is normalized, blocked and
/// compared.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FieldKind {
    /// The person's own name, or the only one.
    GivenName,
    /// A name shared with a family, or a second name.
    FamilyName,
    /// A father's, mother's or grandfather's name.
    ParentName,
    /// All names in one field.
    FullName,
    /// Sex or gender, as stated.
    Sex,
    /// A date of birth, whole or in part.
    BirthDate,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A number that belongs to one person.
    Identifier,
    /// Part of an address.
    Address,
    /// A place: village, district, postcode.
    Place,
    /// How much or how many: the size of a household, an income.
    Quantity,
    /// Anything else that is said in few words: an occupation, a house number.
    Text,
}

impl FieldKind {
    /// Whether the field holds (part of) a name.
    #[must_use]
    pub const fn is_name(self) -> bool {
        matches!(
            self,
            Self::GivenName | Self::FamilyName | Self::ParentName | Self::FullName
        )
    }

    /// Whether it is a person's own: people of one household differ in it as
    /// strangers do.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(
            self,
            Self::GivenName
                | Self::FullName
                | Self::Sex
                | Self::BirthDate
                | Self::Email
                | Self::Identifier
        )
    }
}

/// A field of the records.
///
/// ```
/// use solidarity_linkage::{CallingRegion, CheckDigit, Field, FieldKind};
///
/// let number = Field::new("number", FieldKind::Identifier).with_check(CheckDigit::Verhoeff);
/// let phone = Field::new("phone", FieldKind::Phone).with_region(CallingRegion::new("254", "0")?);
/// # assert!(number.check.is_some() && phone.region.is_some());
/// # Ok::<(), solidarity_linkage::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Field {
    /// What it is called.
    pub name: String,
    /// What it says.
    pub kind: FieldKind,
    /// How the numbers of an [identifier](FieldKind::Identifier) are checked.
    /// One that fails is still a value; but of two that hold, neither is taken
    /// for a slip of the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckDigit>,
    /// From where [telephones](FieldKind::Phone) are dialed. Without it, their
    /// last nine digits count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<CallingRegion>,
}

impl Field {
    /// The field `name`, which says `kind`.
    pub fn new(name: impl Into<String>, kind: FieldKind) -> Self {
        Self {
            name: name.into(),
            kind,
            check: None,
            region: None,
        }
    }

    /// The same, an identifier whose numbers are checked so.
    #[must_use]
    pub const fn with_check(mut self, check: CheckDigit) -> Self {
        self.check = Some(check);
        self
    }

    /// The same, a telephone that is dialed from `region`.
    #[must_use]
    pub fn with_region(mut self, region: CallingRegion) -> Self {
        self.region = Some(region);
        self
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The fields of the records, in the order of their values.
///
/// ```
/// use solidarity_linkage::{Field, FieldKind, Schema};
///
/// let schema = Schema::new([
///     Field::new("name", FieldKind::FullName),
///     Field::new("born", FieldKind::BirthDate),
/// ])?;
/// assert_eq!(schema.fields().len(), 2);
/// # Ok::<(), solidarity_linkage::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<Field>", into = "Vec<Field>")]
pub struct Schema {
    fields: Vec<Field>,
}

impl Schema {
    /// A schema of `fields`.
    ///
    /// # Errors
    ///
    /// [`Error::Schema`] for none, or more than
    /// [`FIELDS_MAX`], if none
    /// of them could tell two people apart, or if one that is no identifier
    /// has a check, or one that is no telephone a region.
    pub fn new(fields: impl IntoIterator<Item = Field>) -> Result<Self> {
        let fields: Vec<Field> = fields.into_iter().collect();
        let checks = |field: &Field| field.check.is_some() && field.kind != FieldKind::Identifier;
        let dials = |field: &Field| field.region.is_some() && field.kind != FieldKind::Phone;
        let rule = if fields.is_empty() {
            "must have a field"
        } else if fields.len() > FIELDS_MAX {
            "must have at most 32 fields"
        } else if !fields
            .iter()
            .any(|field| field.kind.is_name() || field.kind.is_personal())
        {
            "must have a name, a date of birth or an identifier"
        } else if fields.iter().any(checks) {
            "must have a check on identifiers only"
        } else if fields.iter().any(dials) {
            "must have a region on telephones only"
        } else {
            return Ok(Self { fields });
        };
        Err(Error::Schema { rule })
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Which of the fields are dates, and not words.
    pub(crate) fn dates(&self) -> Vec<bool> {
        let kinds = self.fields.iter().map(|field| field.kind);
        kinds.map(|kind| kind == FieldKind::BirthDate).collect()
    }
}

impl TryFrom<Vec<Field>> for Schema {
    type Error = Error;

    fn try_from(fields: Vec<Field>) -> Result<Self> {
        Self::new(fields)
    }
}

impl From<Schema> for Vec<Field> {
    fn from(schema: Schema) -> Self {
        schema.fields
    }
}
