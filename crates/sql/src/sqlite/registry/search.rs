//! Criteria as SQL. Every term is a condition that is true or false, never
//! null, so that *not* of it is the rest; what varies is bound, never written
//! into the text.

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use solidarity_core::limits::PAGE_MAX;
use solidarity_core::{Cursor, Invalid, Page, Paged, PersonId, PlaceId};
use solidarity_registry::keys::{identifier_key, name_tokens, phone_key};
use solidarity_registry::limits::HOLDERS_MAX;
use solidarity_registry::{
    AttributeName, AttributeValue, Criteria, Identifier, Person, PersonTerm, Revision, Unit,
    UnitTerm,
};
use uuid::Uuid;

use super::Fail;
use super::rows::{COLUMNS, columns, day_number, revision, version};
use crate::sqlite::{json, paging};

const HOLDERS: &str = "SELECT person FROM registry_document \
     WHERE scheme = ?1 AND value = ?2 ORDER BY person LIMIT ?3";

// The cross join keeps the order: first who is searched for, then what is shown.
const PEOPLE: &str = concat!(
    "SELECT ",
    columns!(),
    ", e.version FROM registry_person e CROSS JOIN registry_revision r \
     ON r.entity = 'person' AND r.id = e.id AND r.version = e.shown WHERE e.id > ?1 AND "
);
const UNITS: &str = concat!(
    "SELECT ",
    columns!(),
    ", e.version FROM registry_unit e CROSS JOIN registry_revision r \
     ON r.entity = 'unit' AND r.id = e.id AND r.version = e.shown WHERE e.id > ?1 AND "
);

/// Who holds `identifier`.
pub(super) fn holders(conn: &Connection, identifier: &Identifier) -> Result<Vec<PersonId>, Fail> {
    let mut statement = conn.prepare_cached(HOLDERS)?;
    let most = i64::try_from(HOLDERS_MAX).unwrap_or(i64::MAX);
    let value = identifier_key(identifier.value.expose());
    let found = statement.query_map(params![identifier.scheme.as_str(), value, most], |row| {
        super::rows::uuid(row, 0).map(PersonId::from_uuid)
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The people who fulfil `criteria`.
pub(super) fn people(
    conn: &Connection,
    criteria: &Criteria<PersonTerm>,
    page: &Page,
) -> Result<Paged<Person>, Fail> {
    let mut query = Query::new(PEOPLE, page)?;
    query.criteria(criteria, &mut person_term)?;
    query.run(conn, page, Person::of)
}

/// The units that fulfil `criteria`.
pub(super) fn units(
    conn: &Connection,
    criteria: &Criteria<UnitTerm>,
    page: &Page,
) -> Result<Paged<Unit>, Fail> {
    let mut query = Query::new(UNITS, page)?;
    query.criteria(criteria, &mut unit_term)?;
    query.run(conn, page, Unit::of)
}

/// A statement in the making, with what it binds.
struct Query {
    sql: String,
    values: Vec<Value>,
}

impl Query {
    fn new(start: &str, page: &Page) -> Result<Self, Fail> {
        let after = match page.cursor() {
            // Every id is greater than no bytes at all.
            None => Vec::new(),
            Some(cursor) => Uuid::try_parse(cursor.as_str())
                .map_err(|_| Fail::refused(Invalid::new("cursor", "must come from the same list")))?
                .as_bytes()
                .to_vec(),
        };
        Ok(Self {
            sql: start.to_owned(),
            values: vec![Value::Blob(after)],
        })
    }

    /// Writes `text`, in which each `?` stands for the next of `values`.
    fn push(&mut self, text: &str, values: impl IntoIterator<Item = Value>) {
        let mut values = values.into_iter();
        for (n, part) in text.split('?').enumerate() {
            if n > 0 {
                self.values.extend(values.next());
                self.sql.push_str(&format!("?{}", self.values.len()));
            }
            self.sql.push_str(part);
        }
    }

    /// Writes `criteria`, whose depth its check has bounded.
    fn criteria<T>(
        &mut self,
        criteria: &Criteria<T>,
        term: &mut impl FnMut(&mut Self, &T) -> Result<(), Fail>,
    ) -> Result<(), Fail> {
        let (some, between, none) = match criteria {
            Criteria::Is(is) => return term(self, is),
            Criteria::Not(not) => {
                self.sql.push_str("NOT (");
                self.criteria(not, term)?;
                self.sql.push(')');
                return Ok(());
            }
            Criteria::All(all) => (all, " AND ", "1"),
            Criteria::Any(any) => (any, " OR ", "0"),
        };
        self.sql.push('(');
        if some.is_empty() {
            self.sql.push_str(none);
        }
        for (n, criteria) in some.iter().enumerate() {
            if n > 0 {
                self.sql.push_str(between);
            }
            self.criteria(criteria, term)?;
        }
        self.sql.push(')');
        Ok(())
    }

    fn run<T>(
        mut self,
        conn: &Connection,
        page: &Page,
        record: impl Fn(Revision, solidarity_core::Version) -> Option<T>,
    ) -> Result<Paged<T>, Fail> {
        let rows_max = Value::Integer(paging::limit_and_one(page));
        self.push(" ORDER BY e.id LIMIT ?", [rows_max]);
        let mut statement = conn.prepare(&self.sql)?;
        let mut rows = statement.query(params_from_iter(self.values))?;
        let mut items = Vec::with_capacity(page.limit().min(PAGE_MAX));
        let mut last = None;
        while let Some(row) = rows.next()? {
            if items.len() == page.limit() {
                let next = last.map(|id: Uuid| Cursor::new(id.to_string()));
                return Ok(Paged::new(items, next.transpose().map_err(Fail::refused)?));
            }
            last = Some(super::rows::uuid(row, 1)?);
            let shown = record(revision(row)?, version(row.get(COLUMNS)?)?);
            items
                .push(shown.ok_or_else(|| Fail::unreadable("a stored record is of another sort"))?);
        }
        Ok(Paged::new(items, None))
    }

    /// That `column` is one of `places`.
    fn at(&mut self, column: &str, places: &[PlaceId]) {
        let marks = vec!["?"; places.len()].join(", ");
        let places = places
            .iter()
            .map(|place| Value::Blob(place.as_uuid().as_bytes().to_vec()));
        self.push(&format!("{column} IN ({marks})"), places);
    }

    fn attribute(&mut self, name: &AttributeName, value: &AttributeValue) -> Result<(), Fail> {
        // A name is a code, so it holds neither quotes nor backslashes.
        let path = Value::Text(format!("$.attributes.\"{name}\""));
        let value = Value::Text(json::to_text(value)?);
        self.push("coalesce(json_extract(r.body, ?) = ?, 0)", [path, value]);
        Ok(())
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn person_term(query: &mut Query, term: &PersonTerm) -> Result<(), Fail> {
    match term {
        PersonTerm::Name(words) => name(query, &name_tokens(words.expose())),
        PersonTerm::Phone(number) => query.push(
            "e.id IN (SELECT person FROM registry_phone WHERE phone = ?)",
            [text(phone_key(number.expose()).unwrap_or_default())],
        ),
        PersonTerm::BornBetween(from, to) => query.push(
            "(e.born_earliest IS NOT NULL AND e.born_earliest <= ? AND e.born_latest >= ?)",
            [*to, *from].map(|day| Value::Integer(day_number(day))),
        ),
        PersonTerm::LivesAt(places) => {
            query
                .sql
                .push_str("e.id IN (SELECT person FROM registry_place WHERE ");
            query.at("place", places);
            query.sql.push(')');
        }
        PersonTerm::Attribute(name, value) => query.attribute(name, value.expose())?,
        PersonTerm::HoldsDocument(scheme) => query.push(
            "e.id IN (SELECT person FROM registry_document WHERE scheme = ?)",
            [text(scheme.as_str())],
        ),
        PersonTerm::Identifier(scheme, value) => query.push(
            "e.id IN (SELECT person FROM registry_document WHERE scheme = ? AND value = ?)",
            [text(scheme.as_str()), text(identifier_key(value.expose()))],
        ),
        PersonTerm::InUnitOfKind(kind) => query.push(
            "e.id IN (SELECT m.person FROM registry_membership m \
             JOIN registry_unit u ON u.id = m.unit WHERE u.kind = ?)",
            [text(kind.as_str())],
        ),
        _ => return Err(unknown_term()),
    }
    Ok(())
}

/// That one name holds all of `words`, of which there is at least one.
fn name(query: &mut Query, words: &[String]) {
    query
        .sql
        .push_str("e.id IN (SELECT w0.person FROM registry_word w0");
    for (n, word) in words.iter().enumerate().skip(1) {
        let join = format!(
            " JOIN registry_word w{n} ON w{n}.person = w0.person AND w{n}.name = w0.name \
             AND w{n}.word = ?"
        );
        query.push(&join, [text(word)]);
    }
    query.push(" WHERE w0.word = ?)", words.first().map(text));
}

fn unit_term(query: &mut Query, term: &UnitTerm) -> Result<(), Fail> {
    match term {
        UnitTerm::Kind(kind) => query.push("e.kind = ?", [text(kind.as_str())]),
        UnitTerm::LivesAt(places) => {
            query.sql.push_str("(e.place IS NOT NULL AND ");
            query.at("e.place", places);
            query.sql.push(')');
        }
        UnitTerm::Attribute(name, value) => query.attribute(name, value.expose())?,
        _ => return Err(unknown_term()),
    }
    Ok(())
}

/// A term that a later version of the block has and this store does not know:
/// no answer is better than a wrong one.
fn unknown_term() -> Fail {
    Fail::refused(Invalid::new(
        "criteria",
        "must hold only terms that this store knows",
    ))
}
