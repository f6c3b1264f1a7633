//! The stores of identity verification.

use rusqlite::{CachedStatement, OptionalExtension, Params, Row};
use serde::de::DeserializeOwned;
use solidarity_core::{Retry, StoreFault};
use solidarity_identity::Error;

use super::{fail, json};

mod codes;
mod exceptions;

pub use codes::SqliteCodeStore;
pub use exceptions::SqliteExceptionRegister;

type Fail = fail::Fail<Error>;

/// The body in the first column of the only row, if there is one.
fn one<T: DeserializeOwned>(
    mut statement: CachedStatement<'_>,
    params: impl Params,
) -> Result<Option<T>, Fail> {
    let text: Option<String> = statement
        .query_row(params, |row: &Row<'_>| row.get(0))
        .optional()?;
    text.map(|text| json::from_text(&text)).transpose()
}

/// The bodies in the first column of all rows.
fn all<T: DeserializeOwned>(
    mut statement: CachedStatement<'_>,
    params: impl Params,
) -> Result<Vec<T>, Fail> {
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        found.push(json::from_text(text)?);
    }
    Ok(found)
}

/// Runs a statement that writes one row, unless somebody else wrote it since
/// it was read.
fn write_one(mut statement: CachedStatement<'_>, params: impl Params) -> Result<(), Fail> {
    match statement.execute(params)? {
        1 => Ok(()),
        _ => Err(Fail::refused(StoreFault::new(
            "write a row",
            Retry::Later,
            "somebody else wrote it meanwhile",
        ))),
    }
}
