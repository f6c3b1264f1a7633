//! What a row says, as the register's own types.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use solidarity_core::limits::{LINE_MAX_BYTES, NAME_MAX_BYTES, TEXT_MAX_BYTES};
use solidarity_core::{
    Channel, Invalid, Language, MessageForm, Money, Pii, Place, SafeContact, Sharing, StatedDate,
    check_lines, check_text,
};

use super::ImportError;
use super::columns::{
    AttributeColumn, AttributeType, BirthColumns, Coded, Columns, ContactColumns, Flag,
    NameColumns, Of, When, calendar, word,
};
use super::date::read_date;
use super::mapping::Mapping;
use super::place::Home;
use crate::{
    Address, AttributeValue, Attributes, Choice, Decimal, IdentityDocument, Name, NameParts,
    NewPerson, NewUnit, Phone, Role, Rules, Sex, UnitKind,
};

/// Where the columns of a file are.
#[derive(Debug)]
pub(super) struct Header {
    names: Vec<String>,
    at: HashMap<String, usize>,
}

impl Header {
    /// The header of `names`, in which `mapping` finds its columns.
    pub(super) fn bind(names: Vec<String>, mapping: &Mapping) -> Result<Self, ImportError> {
        let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
        let at: HashMap<String, usize> = names
            .iter()
            .enumerate()
            .map(|(position, name)| (name.clone(), position))
            .collect();
        for column in mapping.columns() {
            match names.iter().filter(|name| *name == column).count() {
                1 => {}
                0 => {
                    return Err(ImportError::MissingColumn {
                        column: column.to_owned(),
                    });
                }
                _ => {
                    return Err(ImportError::AmbiguousColumn {
                        column: column.to_owned(),
                    });
                }
            }
        }
        Ok(Self { names, at })
    }

    /// The name of the column at `position`.
    pub(super) fn name(&self, position: usize) -> Option<&str> {
        self.names.get(position).map(String::as_str)
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}

/// A row whose fields are as many as the header's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) header: &'a Header,
    pub(super) fields: &'a [String],
    pub(super) missing: &'a [String],
}

impl<'a> Row<'a> {
    /// What is said in `column`, without the space around it.
    pub(super) fn text(&self, column: &str) -> Option<&'a str> {
        let text = self.fields.get(*self.header.at.get(column)?)?.trim();
        let said = !text.is_empty()
            && !self
                .missing
                .iter()
                .any(|word| word.eq_ignore_ascii_case(text));
        said.then_some(text)
    }

    /// The same, checked as a line of text of at most `max` bytes.
    pub(super) fn line(&self, column: &str, max: usize) -> Result<Option<&'a str>, Invalid> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        check_text("column", text, max).map_err(|e| self.broken(column, e.rule().to_owned()))?;
        Ok(Some(text))
    }

    /// The lines of several columns, one after another.
    fn joined(&self, columns: &Columns, max: usize) -> Result<Option<String>, Invalid> {
        let mut words = Vec::new();
        for column in columns.names() {
            words.extend(self.line(column, max)?);
        }
        let joined = words.join(" ");
        match columns.names().first() {
            Some(first) if joined.len() > max => {
                Err(self.broken(first, format!("must be at most {max} bytes, joined")))
            }
            _ => Ok((!joined.is_empty()).then_some(joined)),
        }
    }

    /// `column` breaks `rule`.
    pub(super) fn broken(&self, column: &str, rule: impl Into<Cow<'static, str>>) -> Invalid {
        Invalid::new(column.to_owned(), rule)
    }

    pub(super) fn says(&self, when: &When) -> bool {
        self.text(&when.column) == Some(when.equals.as_str())
    }

    /// The code that a column stands for, as `read` reads it; where nothing was
    /// said, the code for that.
    fn coded<T>(
        &self,
        coded: &Coded,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Invalid> {
        let said = self.stated(coded, &read)?;
        Ok(said.or_else(|| coded.otherwise.as_deref().and_then(read)))
    }

    /// The code that a column stands for, if anything was said.
    fn stated<T>(
        &self,
        coded: &Coded,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Invalid> {
        let said = coded
            .column
            .as_deref()
            .and_then(|c| Some((c, self.text(c)?)));
        let Some((column, word)) = said else {
            return Ok(None);
        };
        let code = match coded.values.get(word) {
            Some(code) => Some(code.as_str()),
            None => coded.values.is_empty().then_some(word),
        };
        code.and_then(read)
            .map(Some)
            .ok_or_else(|| self.broken(column, "must be a word that the mapping knows"))
    }

    fn flag(&self, flag: &Flag) -> Result<Option<bool>, Invalid> {
        let Some(word) = self.text(&flag.column) else {
            return Ok(None);
        };
        let said = if flag.values.is_empty() {
            yes_no(word)
        } else {
            flag.values.get(word).copied()
        };
        said.map(Some)
            .ok_or_else(|| self.broken(&flag.column, "must be a word that the mapping knows"))
    }
}

fn yes_no(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// All that a row says.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// What tells the row from the others of its file.
    pub(super) row_id: String,
    /// The unit, if it was stated.
    pub(super) unit_id: Option<String>,
    pub(super) person: NewPerson,
    /// What the row says of its unit; its kind is what it is where no row
    /// states one.
    pub(super) unit: NewUnit,
    /// The unit's kind, if the row states it.
    pub(super) kind: Option<UnitKind>,
    pub(super) roles: BTreeSet<Role>,
    pub(super) places: Vec<Place>,
}

/// The unit that a row names, where it can be told.
pub(super) fn unit_id<'a>(row: &Row<'a>, mapping: &Mapping) -> Option<&'a str> {
    row.text(mapping.unit.id.as_deref()?)
}

/// What the row says that is the `number`th of its file.
pub(super) fn read_facts(
    row: &Row<'_>,
    number: u64,
    mapping: &Mapping,
    rules: &Rules,
) -> Result<Facts, Invalid> {
    let row_id = match &mapping.person.id {
        None => number.to_string(),
        Some(column) => row
            .line(column, LINE_MAX_BYTES)?
            .ok_or_else(|| row.broken(column, "must not be empty"))?
            .to_owned(),
    };
    let home = match &mapping.place {
        Some(columns) => Home::read(row, columns, mapping)?,
        None => Home::UNKNOWN,
    };
    let lives = |of| mapping.place.as_ref().is_some_and(|p| p.of.contains(&of));
    let mut person = read_person(row, mapping)?;
    let read_kind = |code: &str| UnitKind::new(code).ok();
    let kind = row.stated(&mapping.unit.kind, read_kind)?;
    let otherwise = mapping.unit.kind.otherwise.as_deref().and_then(read_kind);
    let mut unit = NewUnit::new(otherwise.unwrap_or(UnitKind::UNKNOWN));
    if let Some(column) = &mapping.unit.label {
        unit.label = row
            .line(column, NAME_MAX_BYTES)?
            .map(|l| Pii::new(l.to_owned()));
    }
    if lives(Of::Person) {
        person.residence = home.residence;
        for address in &mut person.addresses {
            address.residence = home.residence;
        }
    }
    if lives(Of::Unit) {
        unit.residence = home.residence;
    }
    person.attributes = read_attributes(row, mapping, Of::Person)?;
    unit.attributes = read_attributes(row, mapping, Of::Unit)?;
    person.check(&rules.person_attributes)?;
    unit.check(&rules.unit_attributes)?;
    let unit_id = match &mapping.unit.id {
        Some(column) => row.line(column, LINE_MAX_BYTES)?.map(str::to_owned),
        None => None,
    };
    Ok(Facts {
        row_id,
        unit_id,
        person,
        unit,
        kind,
        roles: read_roles(row, mapping)?,
        places: home.places,
    })
}

fn read_person(row: &Row<'_>, mapping: &Mapping) -> Result<NewPerson, Invalid> {
    let mut names = Vec::new();
    for columns in &mapping.names {
        names.extend(read_name(row, columns)?);
    }
    let mut names = names.into_iter();
    let Some(first) = names.next() else {
        let columns = mapping.names.first().map(|n| n.column.names());
        let column = columns.and_then(|names| names.first());
        return Err(row.broken(column.map_or("name", String::as_str), "must not be empty"));
    };
    let mut person = names.fold(NewPerson::new(first), NewPerson::with_name);
    if let Some(sex) = &mapping.sex {
        person.sex = row.coded(sex, |code| Sex::new(code).ok())?;
    }
    if let Some(birth) = &mapping.birth {
        person.born = read_birth(row, birth, mapping)?.map(Pii::new);
    }
    for columns in &mapping.phones {
        if let Some(number) = row.line(&columns.column, LINE_MAX_BYTES)? {
            let shared = columns.shared.as_ref().map(|f| row.flag(f)).transpose()?;
            let phone = Phone::new(number);
            person.phones.push(match shared.flatten() {
                Some(false) => phone.private(),
                _ => phone,
            });
        }
    }
    for columns in &mapping.documents {
        if columns.when.as_ref().is_none_or(|when| row.says(when))
            && let Some(value) = row.line(&columns.column, LINE_MAX_BYTES)?
        {
            let document = IdentityDocument::new(columns.scheme.clone(), value);
            person.documents.push(document);
        }
    }
    if let Some(columns) = &mapping.address {
        let mut lines = Vec::new();
        for line in &columns.lines {
            lines.extend(row.joined(line, LINE_MAX_BYTES)?);
        }
        if !lines.is_empty() {
            let mut address = Address::new(lines);
            address.language.clone_from(&columns.language);
            person.addresses.push(address);
        }
    }
    if let Some(columns) = &mapping.contact {
        person.safe_contact = read_contact(row, columns)?;
    }
    Ok(person)
}

fn read_name(row: &Row<'_>, columns: &NameColumns) -> Result<Option<Name>, Invalid> {
    let Some(full) = row.joined(&columns.column, NAME_MAX_BYTES)? else {
        return Ok(None);
    };
    let part = |columns: &Option<Columns>| -> Result<Option<Pii<String>>, Invalid> {
        match columns {
            Some(columns) => Ok(row.joined(columns, NAME_MAX_BYTES)?.map(Pii::new)),
            None => Ok(None),
        }
    };
    let parts = NameParts {
        given: part(&columns.given)?,
        family: part(&columns.family)?,
        patronymic: part(&columns.patronymic)?,
        other: part(&columns.other)?,
    };
    Ok(Some(
        Name::new(full)
            .of_kind(columns.kind.clone())
            .with_parts(parts),
    ))
}

fn read_birth(
    row: &Row<'_>,
    columns: &BirthColumns,
    mapping: &Mapping,
) -> Result<Option<StatedDate>, Invalid> {
    let Some(text) = row.text(&columns.column) else {
        return Ok(None);
    };
    let calendar = row.coded(&columns.calendar, calendar)?.flatten();
    let born = read_date(text, &columns.formats, calendar, columns.age_on)
        .map_err(|rule| row.broken(&columns.column, rule))?;
    if born.earliest() > mapping.effective_on {
        let rule = "must not be after the day from which on the file is so";
        return Err(row.broken(&columns.column, rule));
    }
    Ok(Some(born))
}

fn read_contact(row: &Row<'_>, columns: &ContactColumns) -> Result<Option<SafeContact>, Invalid> {
    let channel = row.coded(&columns.channel, word::<Channel>)?;
    let language = row.coded(&columns.language, |code| Language::new(code).ok())?;
    let form = row.coded(&columns.form, word::<MessageForm>)?;
    let shared = columns.shared.as_ref().map(|f| row.flag(f)).transpose()?;
    let Some(channel) = channel else {
        return Ok(None);
    };
    // Half a contact would be a guess at how somebody is safely reached.
    let unsaid = |coded: &Coded, what: &str| {
        let column = coded.column.as_deref().unwrap_or(what);
        row.broken(column, "must be said where a contact's channel is")
    };
    let language = language.ok_or_else(|| unsaid(&columns.language, "contact.language"))?;
    let form = form.ok_or_else(|| unsaid(&columns.form, "contact.form"))?;
    let sharing = match shared.flatten() {
        Some(false) => Sharing::Private,
        _ => Sharing::Shared,
    };
    let contact = SafeContact::new(channel, language, form, sharing);
    let address = match &columns.address {
        Some(column) => row.line(column, LINE_MAX_BYTES)?,
        None => None,
    };
    match address {
        Some(address) => contact.with_address(address).map(Some),
        None => Ok(Some(contact)),
    }
}

fn read_roles(row: &Row<'_>, mapping: &Mapping) -> Result<BTreeSet<Role>, Invalid> {
    let role = row.coded(&mapping.membership.role, |code| Role::new(code).ok())?;
    let collector = mapping.membership.collector.as_ref();
    let collects = collector.map(|f| row.flag(f)).transpose()?.flatten();
    let collector = (collects == Some(true)).then_some(Role::COLLECTOR);
    Ok(role.into_iter().chain(collector).collect())
}

fn read_attributes(row: &Row<'_>, mapping: &Mapping, of: Of) -> Result<Attributes, Invalid> {
    let mut attributes = BTreeMap::new();
    for column in mapping.attributes.iter().filter(|a| a.of == of) {
        if let Some(text) = row.text(&column.column) {
            let value =
                read_value(text, column).map_err(|rule| row.broken(&column.column, rule))?;
            attributes.insert(column.name.clone(), Pii::new(value));
        }
    }
    Ok(attributes)
}

fn read_value(text: &str, column: &AttributeColumn) -> Result<AttributeValue, String> {
    let negative = || {
        if column.non_negative && text.starts_with('-') {
            return Err("must not be negative".to_owned());
        }
        Ok(())
    };
    let known = || {
        let code = column.values.get(text).map(String::as_str);
        code.ok_or_else(|| "must be a word that the mapping knows".to_owned())
    };
    let rule = |e: Invalid| e.rule().to_owned();
    match column.kind {
        AttributeType::Text => {
            check_lines("text", text, TEXT_MAX_BYTES).map_err(rule)?;
            Ok(text.into())
        }
        AttributeType::Integer => {
            negative()?;
            let whole = i64::from_str(text).ok().filter(|_| !text.starts_with('+'));
            whole
                .map(AttributeValue::from)
                .ok_or_else(|| "must be a whole number".to_owned())
        }
        AttributeType::Decimal => {
            negative()?;
            Decimal::from_str(text)
                .map(AttributeValue::from)
                .map_err(rule)
        }
        AttributeType::Money => {
            let currency = column.currency.ok_or("must have a currency")?;
            let money = Money::parse(text, currency).map_err(|e| format!("must be money: {e}"))?;
            if money.minor() < 0 {
                return Err("must not be negative".to_owned());
            }
            Decimal::from_str(&money.amount())
                .map(AttributeValue::from)
                .map_err(rule)
        }
        AttributeType::Bool if column.values.is_empty() => yes_no(text)
            .map(AttributeValue::from)
            .ok_or_else(|| "must be yes or no".to_owned()),
        AttributeType::Bool => Ok((known()? == "true").into()),
        AttributeType::Date => StatedDate::from_str(text)
            .map(AttributeValue::from)
            .map_err(rule),
        AttributeType::Choice => Choice::new(known()?)
            .map(AttributeValue::from)
            .map_err(rule),
    }
}
