//! Every store on SQLite, in one file on one machine.

mod access;
#[cfg(any(
    feature = "registry",
    feature = "identity",
    feature = "payments",
    feature = "grievance",
    feature = "consent",
    feature = "programme"
))]
mod changes;
mod database;
mod fail;
mod json;
mod paging;
#[cfg(test)]
mod testing;

pub use access::SqliteAccessLog;
pub use database::Database;
