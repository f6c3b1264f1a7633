//! By what a person is found, as rows.

use rusqlite::{Connection, params};
use solidarity_core::PersonId;
use solidarity_registry::NewPerson;
use solidarity_registry::keys::{identifier_key, name_tokens, phone_key};

use super::Fail;

/// The four sorts of keys; each statement takes the person first.
struct Statements {
    word: &'static str,
    phone: &'static str,
    document: &'static str,
    place: &'static str,
}

// A key that is there twice is there once.
const INSERT: Statements = Statements {
    word: "INSERT INTO registry_word (person, name, word) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    phone: "INSERT INTO registry_phone (person, phone) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    document: "INSERT INTO registry_document (person, scheme, value) VALUES (?1, ?2, ?3) \
         ON CONFLICT DO NOTHING",
    place: "INSERT INTO registry_place (person, place) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
};

const DELETE: Statements = Statements {
    word: "DELETE FROM registry_word WHERE person = ?1 AND name = ?2 AND word = ?3",
    phone: "DELETE FROM registry_phone WHERE person = ?1 AND phone = ?2",
    document: "DELETE FROM registry_document WHERE person = ?1 AND scheme = ?2 AND value = ?3",
    place: "DELETE FROM registry_place WHERE person = ?1 AND place = ?2",
};

/// Enters the keys of what is said of the person.
pub(super) fn insert(conn: &Connection, id: PersonId, said: &NewPerson) -> Result<(), Fail> {
    run(conn, &INSERT, id, said)
}

/// Takes out the keys of what was said of the person.
pub(super) fn remove(conn: &Connection, id: PersonId, said: &NewPerson) -> Result<(), Fail> {
    run(conn, &DELETE, id, said)
}

fn run(
    conn: &Connection,
    statements: &Statements,
    id: PersonId,
    said: &NewPerson,
) -> Result<(), Fail> {
    let id = id.as_uuid().as_bytes();
    let mut word = conn.prepare_cached(statements.word)?;
    for (position, name) in (0_i64..).zip(&said.names) {
        for token in name_tokens(name.full.expose()) {
            word.execute(params![id, position, token])?;
        }
    }
    let mut phone = conn.prepare_cached(statements.phone)?;
    for key in said
        .phones
        .iter()
        .filter_map(|p| phone_key(p.number.expose()))
    {
        phone.execute(params![id, key])?;
    }
    let mut document = conn.prepare_cached(statements.document)?;
    for held in &said.documents {
        let value = identifier_key(held.value.expose());
        document.execute(params![id, held.scheme.as_str(), value])?;
    }
    let mut place = conn.prepare_cached(statements.place)?;
    let homes = said.addresses.iter().map(|address| address.residence);
    for home in homes.chain([said.residence]).filter_map(|r| r.place()) {
        place.execute(params![id, home.as_uuid().as_bytes()])?;
    }
    Ok(())
}
