use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::limits::{LINE_MAX_BYTES, NAME_MAX_BYTES, PAGE_MAX};
use solidarity_core::{Invalid, Pii, PlaceId, check_text, exposed};

use crate::attribute::check_count;
use crate::entity::check_day;
use crate::keys::{identifier_key, name_tokens, phone_key};
use crate::limits::TERMS_MAX;
use crate::{
    AttributeName, AttributeValue, Attributes, IdentifierScheme, NewPerson, NewUnit, UnitKind,
};

/// What is searched for: terms, tied together by *all*, *any* and *not*.
///
/// A missing fact matches no term, so `Not` of a term matches those of whom
/// the fact is missing.
///
/// ```
/// use solidarity_registry::{Criteria, PersonTerm};
///
/// let criteria = Criteria::all([
///     Criteria::is(PersonTerm::name("amina")),
///     Criteria::not(Criteria::is(PersonTerm::phone("0712 345 678"))),
/// ]);
/// criteria.check()?;
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a store that skips one of them would show the wrong people"
)]
pub enum Criteria<T> {
    /// This term.
    Is(T),
    /// All of these. Of none, everything.
    All(Vec<Self>),
    /// Any of these. Of none, nothing.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
}

impl<T> Criteria<T> {
    /// Everything there is.
    #[must_use]
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// This term.
    #[must_use]
    pub const fn is(term: T) -> Self {
        Self::Is(term)
    }

    /// All of `criteria`.
    pub fn all(criteria: impl IntoIterator<Item = Self>) -> Self {
        Self::All(criteria.into_iter().collect())
    }

    /// Any of `criteria`.
    pub fn any(criteria: impl IntoIterator<Item = Self>) -> Self {
        Self::Any(criteria.into_iter().collect())
    }

    /// Not `criteria`.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "`!criteria` would be too easily overlooked"
    )]
    pub fn not(criteria: Self) -> Self {
        Self::Not(Box::new(criteria))
    }

    /// Whether what `holds` says of the terms fulfils the criteria.
    pub fn matches(&self, holds: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::Is(term) => holds(term),
            Self::All(all) => all.iter().all(|c| c.matches(holds)),
            Self::Any(any) => any.iter().any(|c| c.matches(holds)),
            Self::Not(not) => !not.matches(holds),
        }
    }

    /// Checks every term, and that there are at most [`TERMS_MAX`] terms and as
    /// many ties.
    fn check_with(&self, check: &impl Fn(&T) -> Result<(), Invalid>) -> Result<(), Invalid> {
        // A walk without recursion: whoever sends criteria chooses their depth.
        let mut open = vec![self];
        let (mut terms, mut ties) = (0_usize, 0_usize);
        while let Some(criteria) = open.pop() {
            match criteria {
                Self::Is(term) => {
                    terms += 1;
                    check(term)?;
                }
                Self::All(some) | Self::Any(some) => {
                    ties += 1;
                    open.extend(some);
                }
                Self::Not(not) => {
                    ties += 1;
                    open.push(not);
                }
            }
            check_count("terms of the criteria", terms, TERMS_MAX)?;
            check_count("ties of the criteria", ties, TERMS_MAX)?;
        }
        Ok(())
    }
}

/// Something that is or is not so of a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PersonTerm {
    /// One of the names holds all of these words, whole. Case and accents do
    /// not count ([`name_tokens`]).
    Name(#[serde(with = "exposed")] Pii<String>),
    /// One of the phones is this one, but for its prefixes ([`phone_key`]).
    Phone(#[serde(with = "exposed")] Pii<String>),
    /// The person may be born on one of these days, the last included.
    BornBetween(NaiveDate, NaiveDate),
    /// The person lives at one of these places, themselves or by an address.
    LivesAt(Vec<PlaceId>),
    /// An attribute says this.
    Attribute(
        AttributeName,
        #[serde(with = "exposed")] Pii<AttributeValue>,
    ),
    /// The person holds a document of this scheme.
    HoldsDocument(IdentifierScheme),
    /// The person holds this document.
    Identifier(IdentifierScheme, #[serde(with = "exposed")] Pii<String>),
    /// The person is or was a member of a unit of this kind.
    InUnitOfKind(UnitKind),
}

impl PersonTerm {
    /// [`Name`](Self::Name), of `words`.
    pub fn name(words: impl Into<String>) -> Self {
        Self::Name(Pii::new(words.into()))
    }

    /// [`Phone`](Self::Phone), of `number`.
    pub fn phone(number: impl Into<String>) -> Self {
        Self::Phone(Pii::new(number.into()))
    }

    /// [`Attribute`](Self::Attribute): `name` says `value`.
    pub fn attribute(name: AttributeName, value: impl Into<AttributeValue>) -> Self {
        Self::Attribute(name, Pii::new(value.into()))
    }

    fn check(&self) -> Result<(), Invalid> {
        match self {
            Self::Name(words) => {
                check_text("name", words.expose(), NAME_MAX_BYTES)?;
                match name_tokens(words.expose()).len() {
                    0 => Err(Invalid::new("name", "must hold a word")),
                    words => check_count("words of a name", words, TERMS_MAX),
                }
            }
            Self::Phone(number) => {
                check_text("phone", number.expose(), LINE_MAX_BYTES)?;
                phone_key(number.expose())
                    .map(|_| ())
                    .ok_or_else(|| Invalid::new("phone", "must hold a digit"))
            }
            Self::BornBetween(from, to) => {
                check_day("born between", *from)?;
                check_day("born between", *to)
            }
            Self::LivesAt(places) => check_count("places", places.len(), PAGE_MAX),
            Self::Identifier(_, value) => {
                check_text("document value", value.expose(), LINE_MAX_BYTES)
            }
            Self::Attribute(..) | Self::HoldsDocument(_) | Self::InUnitOfKind(_) => Ok(()),
        }
    }

    /// Whether it is so of `person`, who is or was in units of `kinds`.
    #[must_use]
    pub fn matches(&self, person: &NewPerson, kinds: &[&UnitKind]) -> bool {
        match self {
            Self::Name(words) => {
                let words = name_tokens(words.expose());
                let has = |tokens: Vec<String>| words.iter().all(|w| tokens.contains(w));
                person
                    .names
                    .iter()
                    .any(|n| has(name_tokens(n.full.expose())))
            }
            Self::Phone(number) => {
                let key = phone_key(number.expose());
                let mut phones = person.phones.iter();
                key.is_some() && phones.any(|p| phone_key(p.number.expose()) == key)
            }
            Self::BornBetween(from, to) => person.born.as_ref().is_some_and(|born| {
                born.expose().earliest() <= *to && *from <= born.expose().latest()
            }),
            Self::LivesAt(places) => std::iter::once(person.residence)
                .chain(person.addresses.iter().map(|a| a.residence))
                .any(|r| r.place().is_some_and(|p| places.contains(&p))),
            Self::Attribute(name, value) => says(&person.attributes, name, value),
            Self::HoldsDocument(scheme) => person.documents.iter().any(|d| d.scheme == *scheme),
            Self::Identifier(scheme, value) => person.documents.iter().any(|d| {
                d.scheme == *scheme
                    && identifier_key(d.value.expose()) == identifier_key(value.expose())
            }),
            Self::InUnitOfKind(kind) => kinds.contains(&kind),
        }
    }
}

impl Criteria<PersonTerm> {
    /// Checks what a store checks before it searches.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the term and the rule.
    pub fn check(&self) -> Result<(), Invalid> {
        self.check_with(&PersonTerm::check)
    }
}

/// Something that is or is not so of a unit.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnitTerm {
    /// It is of this kind.
    Kind(UnitKind),
    /// It lives at one of these places.
    LivesAt(Vec<PlaceId>),
    /// An attribute says this.
    Attribute(
        AttributeName,
        #[serde(with = "exposed")] Pii<AttributeValue>,
    ),
}

impl UnitTerm {
    /// [`Attribute`](Self::Attribute): `name` says `value`.
    pub fn attribute(name: AttributeName, value: impl Into<AttributeValue>) -> Self {
        Self::Attribute(name, Pii::new(value.into()))
    }

    fn check(&self) -> Result<(), Invalid> {
        match self {
            Self::LivesAt(places) => check_count("places", places.len(), PAGE_MAX),
            Self::Kind(_) | Self::Attribute(..) => Ok(()),
        }
    }

    /// Whether it is so of `unit`.
    #[must_use]
    pub fn matches(&self, unit: &NewUnit) -> bool {
        match self {
            Self::Kind(kind) => unit.kind == *kind,
            Self::LivesAt(places) => unit.residence.place().is_some_and(|p| places.contains(&p)),
            Self::Attribute(name, value) => says(&unit.attributes, name, value),
        }
    }
}

impl Criteria<UnitTerm> {
    /// Checks what a store checks before it searches.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the term and the rule.
    pub fn check(&self) -> Result<(), Invalid> {
        self.check_with(&UnitTerm::check)
    }
}

fn says(attributes: &Attributes, name: &AttributeName, value: &Pii<AttributeValue>) -> bool {
    attributes.get(name) == Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_bounded_in_number_and_depth() {
        let term = || Criteria::is(UnitTerm::Kind(UnitKind::HOUSEHOLD));
        for (count, fits) in [
            (TERMS_MAX - 1, true),
            (TERMS_MAX, true),
            (TERMS_MAX + 1, false),
        ] {
            let criteria = Criteria::any((0..count).map(|_| term()));
            assert_eq!(criteria.check().is_ok(), fits, "{count}");
        }
        for (depth, fits) in [(TERMS_MAX, true), (TERMS_MAX + 1, false)] {
            let deep = (0..depth).fold(term(), |c, _| Criteria::not(c));
            assert_eq!(deep.check().is_ok(), fits, "{depth}");
        }
    }

    #[test]
    fn nothing_and_everything() {
        let nothing: Criteria<UnitTerm> = Criteria::any([]);
        let unit = NewUnit::new(UnitKind::FAMILY);
        assert!(!nothing.matches(&|t| t.matches(&unit)));
        assert!(Criteria::not(nothing).matches(&|t: &UnitTerm| t.matches(&unit)));
        assert!(Criteria::everything().matches(&|t: &UnitTerm| t.matches(&unit)));
    }

    #[test]
    fn a_birth_that_may_be_in_the_days_is() {
        let day = |y| NaiveDate::from_ymd_opt(y, 6, 1).unwrap();
        let term = PersonTerm::BornBetween(day(1984), day(1985));
        for (born, expected) in [
            (Some("1984"), true),
            (Some("1985-06-02"), false),
            (Some("1985-06"), true),
            (None, false),
        ] {
            let mut person = NewPerson::new("x");
            person.born = born.map(|b| Pii::new(b.parse().unwrap()));
            assert_eq!(term.matches(&person, &[]), expected, "{born:?}");
        }
    }
}
