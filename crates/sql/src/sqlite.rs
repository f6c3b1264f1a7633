//! Every store on SQLite, in one file on one machine.
//!
//! A [`Database`] opens the file; each store is made from it. A write that
//! returned is durable, and a refused one leaves nothing. Reads block the
//! calling thread. What SQLite suffers is a
//! [`StoreFault`](solidarity_core::StoreFault):
//!
//! | what happened | `retry()` |
//! |---|---|
//! | disk full, file locked by another process for ten seconds, I/O error | `Later` |
//! | file damaged, or another program's; a row that this crate does not write | `Never` |
//! | the commit gave no answer | `AfterInquiry` |
//!
//! Nothing in the file is encrypted.

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
#[cfg(feature = "payments")]
mod disbursement;
mod fail;
#[cfg(feature = "grievance")]
mod grievance;
#[cfg(feature = "identity")]
mod identity;
mod json;
#[cfg(feature = "payments")]
mod ledger;
#[cfg(feature = "payments")]
#[cfg(test)]
mod ledger_faults;
#[cfg(feature = "payments")]
mod mapper;
mod paging;
#[cfg(feature = "programme")]
mod programme;
#[cfg(feature = "registry")]
mod registry;
#[cfg(feature = "signing")]
mod replay;
#[cfg(test)]
mod testing;

pub use access::SqliteAccessLog;
#[cfg(feature = "consent")]
pub use consent::SqliteConsentStore;
pub use database::Database;
#[cfg(feature = "payments")]
pub use disbursement::SqliteDisbursementStore;
#[cfg(feature = "grievance")]
pub use grievance::SqliteCaseStore;
#[cfg(feature = "identity")]
pub use identity::{SqliteCodeStore, SqliteExceptionRegister};
#[cfg(feature = "payments")]
pub use ledger::SqliteLedger;
#[cfg(feature = "payments")]
pub use mapper::SqliteAccountMapper;
#[cfg(feature = "programme")]
pub use programme::SqliteProgrammeStore;
#[cfg(feature = "registry")]
pub use registry::{SqliteDuplicateCaseStore, SqliteRecordStore};
#[cfg(feature = "signing")]
pub use replay::SqliteReplayGuard;
