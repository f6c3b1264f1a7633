use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, PersonId, Pii, Residence, SafeContact, StatedDate, exposed};

use crate::attribute::check_count;
use crate::entity::check_day;
use crate::limits::{CONTACTS_MAX, DEATH_CLAIMS_MAX, NAMES_MAX};
use crate::{
    Address, AttributeName, AttributeSchema, AttributeValue, Attributes, IdentityDocument, Name,
    Phone, Record,
};

solidarity_core::code! {
    /// What a person states as their sex.
    pub struct Sex;
    /// Whom a claim comes from: `family`, `civil-register`.
    pub struct FactSource;
}

impl Sex {
    /// Female.
    pub const FEMALE: Self = Self::from_static("female");
    /// Male.
    pub const MALE: Self = Self::from_static("male");
    /// Neither.
    pub const OTHER: Self = Self::from_static("other");
}

/// Somebody's word that a person has died.
///
/// It is a claim and never a status: nothing stops because of it. A programme
/// that would stop a benefit asks for a second source and gives notice first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DeathClaim {
    /// Whose word it is.
    pub source: FactSource,
    /// When they said so.
    pub stated_on: NaiveDate,
    /// When the person died, by that word.
    #[serde(default, with = "exposed")]
    pub died: Option<Pii<StatedDate>>,
}

impl DeathClaim {
    /// The word of `source`, given on `stated_on`.
    #[must_use]
    pub const fn new(source: FactSource, stated_on: NaiveDate) -> Self {
        Self {
            source,
            stated_on,
            died: None,
        }
    }

    /// The same, with the date of the death.
    #[must_use]
    pub const fn died(mut self, date: StatedDate) -> Self {
        self.died = Some(Pii::new(date));
        self
    }
}

/// What a register says about a person.
///
/// One name is enough. Everything else may be missing, and nothing is made up
/// in its place.
///
/// ```
/// use solidarity_registry::{NewPerson, Phone, Rules, Sex};
///
/// let person = NewPerson::new("Tuti")
///     .with_sex(Sex::FEMALE)
///     .born("1984".parse()?)
///     .with_phone(Phone::new("0712 345 678"));
/// person.check(&Rules::default().person_attributes)?;
/// assert!(!format!("{person:?}").contains("1984"));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewPerson {
    /// The names, 1 to [`NAMES_MAX`]; the first is the one to show.
    pub names: Vec<Name>,
    /// The sex. `None` where it was not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// The birth date.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub born: Option<Pii<StatedDate>>,
    /// Who says that the person has died; at most [`DEATH_CLAIMS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub death_claims: Vec<DeathClaim>,
    /// The identity documents; at most [`CONTACTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<IdentityDocument>,
    /// The telephones; at most [`CONTACTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// The addresses; at most [`CONTACTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// Where the person lives.
    pub residence: Residence,
    /// How the person says that they are safely reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_contact: Option<SafeContact>,
    /// What else is declared; at most
    /// [`ATTRIBUTES_MAX`](crate::limits::ATTRIBUTES_MAX).
    #[serde(
        default,
        skip_serializing_if = "Attributes::is_empty",
        with = "exposed"
    )]
    pub attributes: Attributes,
}

impl NewPerson {
    /// A person with one name.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            names: vec![name.into()],
            sex: None,
            born: None,
            death_claims: Vec::new(),
            documents: Vec::new(),
            phones: Vec::new(),
            addresses: Vec::new(),
            residence: Residence::Unknown,
            safe_contact: None,
            attributes: Attributes::new(),
        }
    }

    /// The same, with another name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Name>) -> Self {
        self.names.push(name.into());
        self
    }

    /// The same, of a stated sex.
    #[must_use]
    pub fn with_sex(mut self, sex: Sex) -> Self {
        self.sex = Some(sex);
        self
    }

    /// The same, born on `date`.
    #[must_use]
    pub const fn born(mut self, date: StatedDate) -> Self {
        self.born = Some(Pii::new(date));
        self
    }

    /// The same, of whom somebody says that they have died.
    #[must_use]
    pub fn with_death_claim(mut self, claim: DeathClaim) -> Self {
        self.death_claims.push(claim);
        self
    }

    /// The same, with a document.
    #[must_use]
    pub fn with_document(mut self, document: IdentityDocument) -> Self {
        self.documents.push(document);
        self
    }

    /// The same, with a telephone.
    #[must_use]
    pub fn with_phone(mut self, phone: Phone) -> Self {
        self.phones.push(phone);
        self
    }

    /// The same, with an address.
    #[must_use]
    pub fn with_address(mut self, address: Address) -> Self {
        self.addresses.push(address);
        self
    }

    /// The same, living there.
    #[must_use]
    pub const fn residing(mut self, residence: Residence) -> Self {
        self.residence = residence;
        self
    }

    /// The same, safely reached so.
    #[must_use]
    pub fn with_safe_contact(mut self, contact: SafeContact) -> Self {
        self.safe_contact = Some(contact);
        self
    }

    /// The same, with an attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: AttributeName, value: impl Into<AttributeValue>) -> Self {
        self.attributes.insert(name, Pii::new(value.into()));
        self
    }

    /// Checks what a store checks before it writes.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the field, the rule and the position in a list.
    pub fn check(&self, schema: &AttributeSchema) -> Result<(), Invalid> {
        if self.names.is_empty() {
            return Err(Invalid::new("names", "must hold at least one"));
        }
        check_count("names", self.names.len(), NAMES_MAX)?;
        check_count("death claims", self.death_claims.len(), DEATH_CLAIMS_MAX)?;
        check_count("documents", self.documents.len(), CONTACTS_MAX)?;
        check_count("phones", self.phones.len(), CONTACTS_MAX)?;
        check_count("addresses", self.addresses.len(), CONTACTS_MAX)?;
        check_each(&self.names, Name::check)?;
        check_each(&self.death_claims, |c| {
            check_day("death claim", c.stated_on)
        })?;
        check_each(&self.documents, IdentityDocument::check)?;
        check_each(&self.phones, Phone::check)?;
        check_each(&self.addresses, Address::check)?;
        schema.check(&self.attributes)
    }
}

fn check_each<T>(items: &[T], check: impl Fn(&T) -> Result<(), Invalid>) -> Result<(), Invalid> {
    items
        .iter()
        .enumerate()
        .try_for_each(|(position, item)| check(item).map_err(|e| e.at(position)))
}

/// A person, as a register has them.
pub type Person = Record<PersonId, NewPerson>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IdentifierScheme, NameKind, NameParts};

    #[test]
    fn one_name_of_one_letter_is_a_person() {
        for name in ["Ọ", "አማን", "李", "O'Brien-Śmith", "Тәңір"] {
            assert_eq!(NewPerson::new(name).check(&AttributeSchema::new()), Ok(()));
        }
        let mut nameless = NewPerson::new("x");
        nameless.names.clear();
        assert!(nameless.check(&AttributeSchema::new()).is_err());
        assert!(NewPerson::new(" ").check(&AttributeSchema::new()).is_err());
    }

    #[test]
    fn limits_hold_to_the_one() {
        let scheme = IdentifierScheme::from_static("id");
        for (count, fits) in [
            (CONTACTS_MAX - 1, true),
            (CONTACTS_MAX, true),
            (CONTACTS_MAX + 1, false),
        ] {
            let person = (0..count).fold(NewPerson::new("x"), |person, n| {
                person.with_document(IdentityDocument::new(scheme.clone(), n.to_string()))
            });
            assert_eq!(
                person.check(&AttributeSchema::new()).is_ok(),
                fits,
                "{count}"
            );
        }
    }

    #[test]
    fn a_broken_rule_says_where() {
        let person = NewPerson::new("x")
            .with_phone(Phone::new("1"))
            .with_phone(Phone::new(""));
        let invalid = person.check(&AttributeSchema::new()).unwrap_err();
        assert_eq!((invalid.field(), invalid.position()), ("phone", Some(1)));
    }

    #[test]
    fn what_is_written_is_read_back_and_debug_is_silent() {
        let person = NewPerson::new(
            Name::new("Secretname")
                .with_parts(NameParts::given_and_family("Secretname", "Secretkin")),
        )
        .with_name(Name::new("Secretalias").of_kind(NameKind::KNOWN_AS))
        .born("1984-05".parse().unwrap())
        .with_death_claim(
            DeathClaim::new(
                FactSource::from_static("family"),
                NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            )
            .died("2025-12".parse().unwrap()),
        )
        .with_document(IdentityDocument::new(
            IdentifierScheme::from_static("id"),
            "Secretnumber",
        ))
        .with_phone(Phone::new("Secretphone"))
        .with_address(Address::new(["Secretstreet"]))
        .with_attribute(AttributeName::from_static("note"), "Secretnote");
        let json = serde_json::to_string(&person).unwrap();
        assert_eq!(serde_json::from_str::<NewPerson>(&json).unwrap(), person);
        let debug = format!("{person:?}");
        assert!(
            !debug.contains("Secret") && !debug.contains("1984"),
            "{debug}"
        );
    }
}
