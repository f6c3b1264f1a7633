use std::fmt;

use rusqlite::ErrorCode;
use solidarity_core::{BoxError, Retry, StoreFault};

/// Why the work inside a transaction ended early: the block refused it, or
/// the storage failed. Either way nothing of it stays.
#[derive(Debug)]
pub(crate) enum Fail<E> {
    /// The block's own answer.
    Refused(E),
    /// What SQLite said.
    Sql(rusqlite::Error),
    /// What the file holds cannot be what this crate wrote.
    Unreadable(BoxError),
}

impl<E> Fail<E> {
    /// The block refuses.
    pub(crate) fn refused(error: impl Into<E>) -> Self {
        Self::Refused(error.into())
    }

    /// The file holds something that this crate does not write.
    pub(crate) fn unreadable(what: &'static str) -> Self {
        Self::Unreadable(what.into())
    }
}

impl<E> From<rusqlite::Error> for Fail<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl<E: From<StoreFault>> Fail<E> {
    /// The block's error, after failing to `operation`.
    pub(crate) fn into_error(self, operation: &'static str) -> E {
        match self {
            Self::Refused(error) => error,
            Self::Sql(error) => fault(operation, &error).into(),
            Self::Unreadable(source) => StoreFault::new(operation, Retry::Never, source).into(),
        }
    }
}

/// The fault that `error` is, when nothing was written.
pub(crate) fn fault(operation: &'static str, error: &rusqlite::Error) -> StoreFault {
    StoreFault::new(operation, retry(error), SqlFault::from(error))
}

fn retry(error: &rusqlite::Error) -> Retry {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted,
        ) => Retry::Later,
        _ => Retry::Never,
    }
}

/// What SQLite said, without any value that it may have quoted.
#[derive(Debug)]
struct SqlFault {
    code: Option<i32>,
    text: String,
}

impl From<&rusqlite::Error> for SqlFault {
    fn from(error: &rusqlite::Error) -> Self {
        match error {
            // The library's own text for the code; never the statement or a value.
            rusqlite::Error::SqliteFailure(error, _) => Self {
                code: Some(error.extended_code),
                text: error.to_string(),
            },
            rusqlite::Error::SqlInputError { error, .. } => Self {
                code: Some(error.extended_code),
                text: error.to_string(),
            },
            rusqlite::Error::FromSqlConversionFailure(column, ..)
            | rusqlite::Error::InvalidColumnType(column, ..) => Self {
                code: None,
                text: format!("column {column} holds another type"),
            },
            rusqlite::Error::QueryReturnedNoRows => Self {
                code: None,
                text: "a row is missing".to_owned(),
            },
            _ => Self {
                code: None,
                text: "the statement could not be run".to_owned(),
            },
        }
    }
}

impl fmt::Display for SqlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "sqlite {code}: {}", self.text),
            None => write!(f, "sqlite: {}", self.text),
        }
    }
}

impl std::error::Error for SqlFault {}
