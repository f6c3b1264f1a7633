use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;
use solidarity_core::{Channel, Invalid, Language, MessageForm, check_code};

use super::columns::{
    AddressColumns, AttributeColumn, BirthColumns, Coded, Columns, ContactColumns, DocumentColumns,
    MembershipColumns, NameColumns, Of, PersonColumns, PhoneColumns, PlaceColumns, UnitColumns,
    calendar, word,
};
use super::date::DateFormat;
use super::{ImportError, MAPPING_MAX_BYTES};
use crate::entity::check_day;
use crate::{AttributeKind, AttributeSchema, IdentifierScheme, Role, Rules, Sex, UnitKind};

/// Which column of a file says what.
///
/// It is written in TOML; a key that there is not is refused. The book's page
/// on import lists the keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// From which day on what the file says is so.
    pub(super) effective_on: NaiveDate,
    #[serde(default = "comma")]
    pub(super) delimiter: char,
    #[serde(default)]
    encoding: Option<String>,
    /// Words that mean that nothing was said.
    #[serde(default)]
    pub(super) missing: Vec<String>,
    #[serde(default)]
    pub(super) person: PersonColumns,
    pub(super) names: Vec<NameColumns>,
    pub(super) sex: Option<Coded>,
    pub(super) birth: Option<BirthColumns>,
    #[serde(default)]
    pub(super) phones: Vec<PhoneColumns>,
    #[serde(default)]
    pub(super) documents: Vec<DocumentColumns>,
    pub(super) address: Option<AddressColumns>,
    pub(super) place: Option<PlaceColumns>,
    pub(super) contact: Option<ContactColumns>,
    #[serde(default)]
    pub(super) unit: UnitColumns,
    #[serde(default)]
    pub(super) membership: MembershipColumns,
    #[serde(default)]
    pub(super) attributes: Vec<AttributeColumn>,
}

const fn comma() -> char {
    ','
}

impl Mapping {
    /// The mapping that `text` says.
    ///
    /// # Errors
    ///
    /// - [`ImportError::Mapping`] if it is not TOML, or has a key that there
    ///   is not or a value of another type.
    /// - [`ImportError::Invalid`] if it breaks a rule.
    pub fn from_toml(text: &str) -> Result<Self, ImportError> {
        if text.len() > MAPPING_MAX_BYTES {
            let rule = format!("must be at most {MAPPING_MAX_BYTES} bytes");
            return Err(Invalid::new("mapping", rule).into());
        }
        let mapping: Self = toml::from_str(text).map_err(|error| ImportError::Mapping {
            message: error.to_string().trim_end().to_owned(),
        })?;
        mapping.check()?;
        Ok(mapping)
    }

    /// The rules that a register needs to take what the mapping says: its
    /// attributes are declared, and its unique schemes.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let schema = |of| {
            self.attributes
                .iter()
                .filter(|a| a.of == of)
                .fold(AttributeSchema::new(), |schema, attribute| {
                    schema.with(attribute.name.clone(), attribute.declared())
                })
        };
        self.documents.iter().filter(|d| d.unique).fold(
            Rules::default()
                .with_person_attributes(schema(Of::Person))
                .with_unit_attributes(schema(Of::Unit)),
            |rules, document| rules.with_unique_scheme(document.scheme.clone()),
        )
    }

    /// The schemes through which a row may update a person.
    pub(super) fn unique_schemes(&self) -> BTreeSet<IdentifierScheme> {
        let unique = self.documents.iter().filter(|d| d.unique);
        unique.map(|d| d.scheme.clone()).collect()
    }

    /// Checks that a register with `rules` takes what the mapping says.
    pub(super) fn check_against(&self, rules: &Rules) -> Result<(), Invalid> {
        for attribute in &self.attributes {
            let schema = match attribute.of {
                Of::Person => &rules.person_attributes,
                Of::Unit => &rules.unit_attributes,
            };
            let fits = match (
                schema.get(&attribute.name).map(|r| &r.kind),
                attribute.declared(),
            ) {
                (Some(AttributeKind::Choice(all)), AttributeKind::Choice(some)) => {
                    some.is_subset(all)
                }
                (Some(declared), needed) => *declared == needed,
                (None, _) => false,
            };
            if !fits {
                return Err(Invalid::new(
                    format!("attributes.{}", attribute.name),
                    "must be declared by the register's rules, of the same type",
                ));
            }
        }
        for scheme in self.unique_schemes() {
            if !rules.unique_schemes.contains(&scheme) {
                return Err(Invalid::new(
                    format!("documents.{scheme}"),
                    "must not be unique, since the register's rules do not declare it so",
                ));
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Invalid> {
        check_day("effective_on", self.effective_on)?;
        self.check_form()?;
        if self.names.is_empty() {
            return Err(Invalid::new("names", "must hold at least one"));
        }
        self.check_birth()?;
        if let Some(place) = &self.place {
            if place.levels.is_empty() {
                return Err(Invalid::new("place.levels", "must hold at least one"));
            }
            if !place.country.is_empty() {
                check_code("place.country", &place.country)?;
            }
        }
        self.check_codes()?;
        let mut named = BTreeSet::new();
        for attribute in &self.attributes {
            attribute.check()?;
            if !named.insert((attribute.of, &attribute.name)) {
                let field = format!("attributes.{}", attribute.name);
                return Err(Invalid::new(field, "must be there once"));
            }
        }
        Ok(())
    }

    /// Checks what is said of the file's form.
    fn check_form(&self) -> Result<(), Invalid> {
        let mark = self.delimiter;
        if !mark.is_ascii() || mark.is_ascii_alphanumeric() || "\"\r\n \0".contains(mark) {
            let rule = "must be an ASCII mark other than a quote";
            return Err(Invalid::new("delimiter", rule));
        }
        match &self.encoding {
            Some(encoding) if !encoding.eq_ignore_ascii_case("utf-8") => {
                let rule = "must be `utf-8`: convert the file first";
                Err(Invalid::new("encoding", rule))
            }
            _ => Ok(()),
        }
    }

    /// Checks the codes that words stand for.
    fn check_codes(&self) -> Result<(), Invalid> {
        if let Some(sex) = &self.sex {
            sex.check("sex", |code| Sex::new(code).is_ok())?;
        }
        if let Some(ContactColumns {
            channel,
            form,
            language,
            ..
        }) = &self.contact
        {
            channel.check("contact.channel", |code| word::<Channel>(code).is_some())?;
            form.check("contact.form", |code| word::<MessageForm>(code).is_some())?;
            language.check("contact.language", |code| Language::new(code).is_ok())?;
        }
        let kind = &self.unit.kind;
        kind.check("unit.kind", |code| UnitKind::new(code).is_ok())?;
        let role = &self.membership.role;
        role.check("membership.role", |code| Role::new(code).is_ok())
    }

    fn check_birth(&self) -> Result<(), Invalid> {
        let Some(birth) = &self.birth else {
            return Ok(());
        };
        let invalid = |rule| Err(Invalid::new("birth.formats", rule));
        if birth.formats.is_empty() {
            return invalid("must hold at least one");
        }
        if birth.formats.iter().any(DateFormat::is_age) && birth.age_on.is_none() {
            return invalid("must come with `age_on` if `age` is among them");
        }
        let clash = |one: &DateFormat| birth.formats.iter().any(|other| one.clashes(other));
        if birth.formats.iter().any(clash) {
            return invalid("must not read one text as two dates");
        }
        birth
            .calendar
            .check("birth.calendar", |code| calendar(code).is_some())
    }

    /// Every column that the mapping names.
    pub(super) fn columns(&self) -> BTreeSet<&str> {
        self.simple_columns().chain(self.joined_columns()).collect()
    }

    fn simple_columns(&self) -> impl Iterator<Item = &str> {
        let coded = [
            self.sex.as_ref(),
            self.birth.as_ref().map(|b| &b.calendar),
            self.contact.as_ref().map(|c| &c.channel),
            self.contact.as_ref().map(|c| &c.language),
            self.contact.as_ref().map(|c| &c.form),
            Some(&self.unit.kind),
            Some(&self.membership.role),
        ];
        let flags = [
            self.membership.collector.as_ref(),
            self.contact.as_ref().and_then(|c| c.shared.as_ref()),
        ];
        let optional = [
            self.person.id.as_deref(),
            self.unit.id.as_deref(),
            self.unit.label.as_deref(),
            self.birth.as_ref().map(|b| b.column.as_str()),
            self.contact.as_ref().and_then(|c| c.address.as_deref()),
            self.place
                .as_ref()
                .and_then(|p| p.no_fixed_place.as_ref())
                .map(|w| w.column.as_str()),
        ];
        let phones = self.phones.iter().flat_map(|p| {
            let shared = p.shared.as_ref().map(|f| f.column.as_str());
            std::iter::once(p.column.as_str()).chain(shared)
        });
        let documents = self.documents.iter().flat_map(|d| {
            let when = d.when.as_ref().map(|w| w.column.as_str());
            std::iter::once(d.column.as_str()).chain(when)
        });
        let levels = self.place.iter().flat_map(|p| &p.levels);
        coded
            .into_iter()
            .flatten()
            .filter_map(|c| c.column.as_deref())
            .chain(flags.into_iter().flatten().map(|f| f.column.as_str()))
            .chain(optional.into_iter().flatten())
            .chain(phones)
            .chain(documents)
            .chain(levels.map(|l| l.column.as_str()))
            .chain(self.attributes.iter().map(|a| a.column.as_str()))
    }

    fn joined_columns(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().flat_map(|name| {
            let parts = [&name.given, &name.family, &name.patronymic, &name.other];
            std::iter::once(&name.column).chain(parts.into_iter().flatten())
        });
        let lines = self.address.iter().flat_map(|a| &a.lines);
        names
            .chain(lines)
            .flat_map(Columns::names)
            .map(String::as_str)
    }
}
