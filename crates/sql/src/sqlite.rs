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
#[cfg(feature = "consent")]
mod consent;
mod database;
mod fail;
#[cfg(feature = "identity")]
mod identity;
mod json;
mod paging;
#[cfg(test)]
mod testing;

pub use access::SqliteAccessLog;
#[cfg(feature = "consent")]
pub use consent::SqliteConsentStore;
pub use database::Database;
#[cfg(feature = "identity")]
pub use identity::{SqliteCodeStore, SqliteExceptionRegister};
