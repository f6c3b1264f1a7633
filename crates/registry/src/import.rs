//! Import of CSV files by a mapping (feature `import`).
//!
//! A [`Mapping`], written in TOML, says which column of a file says what. An
//! [`Import`] reads the file row by row, in memory that does not grow with it,
//! and registers people, units and memberships. What cannot be read is
//! [`Rejected`], what cannot be decided waits for [review](Waiting), and the
//! rest is done all the same.
//!
//! - **A row updates a person only** through an identifier of a scheme that is
//!   declared unique and that the person holds, and only if no fact
//!   contradicts ([`decide_row`]).
//! - **Again is nothing.** Ids follow from the [`ImportId`] and the row's own
//!   id. The same file again, also after a crash in the middle, finishes what
//!   was left and changes nothing else.
//! - **Every row is accounted for**: registered, revised, unchanged, waiting
//!   or rejected.
//!
//! ```
//! # use solidarity_core::testing::block_on;
//! # use chrono::DateTime;
//! # use solidarity_core::{ActorId, Purpose, Stamp};
//! use solidarity_registry::import::{Import, ImportId, Mapping};
//! use solidarity_registry::MemoryRecordStore;
//!
//! let mapping = Mapping::from_toml(r#"
//!     effective_on = "2026-11-01"
//!     [[names]]
//!     column = "name"
//!     [sex]
//!     column = "sex"
//!     values = { F = "female", M = "male" }
//!     [birth]
//!     column = "born"
//!     formats = ["YYYY-MM-DD", "YYYY"]
//! "#)?;
//! let file = "name,sex,born\nTuti,F,1984\nEko,M,12/05/1990\n";
//!
//! let rules = mapping.rules();
//! let store = MemoryRecordStore::new(rules.clone());
//! let import = Import::new(mapping, &rules, ImportId::of("village census 2026"))?;
//! let stamp = Stamp::new(DateTime::UNIX_EPOCH, ActorId::generate(), Purpose::new("registration")?);
//! let report = block_on(import.run(file.as_bytes(), &store, &store, &stamp, &mut ()))?;
//! assert_eq!((report.rows, report.registered, report.rejected), (2, 1, 1));
//! assert_eq!(report.rejects[0].to_string(), "line 3: `born` must be a date in a format of the mapping");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chunk;
mod columns;
mod date;
mod error;
mod facts;
mod mapping;
mod people;
mod place;
mod quality;
mod records;
mod rejects;
mod report;
mod row_decision;
mod run;
mod target;
#[cfg(test)]
mod tests;
mod units;
#[cfg(test)]
mod vectors;

pub use error::{ImportError, open};
pub use mapping::Mapping;
pub use place::place_id;
pub use quality::Quality;
pub use rejects::RejectsCsv;
pub use report::{ImportReport, Observer, Progress, Rejected, ReviewReason, Subject, Waiting};
pub use row_decision::{RowDecision, decide_row};
pub use run::{Import, ImportId};

/// The most bytes in one field of a file.
pub const FIELD_MAX_BYTES: usize = solidarity_core::limits::TEXT_MAX_BYTES;

/// The most bytes in one row of a file.
pub const ROW_MAX_BYTES: usize = 1024 * 1024;

/// The most columns of a file.
pub const COLUMNS_MAX: usize = 1_000;

/// The most commands that are sent to the store at once.
pub const COMMANDS_MAX: usize = 1_000;

/// The most rows of one unit that are taken together.
pub const UNIT_ROWS_MAX: usize = 500;

/// The most bytes in a mapping.
pub const MAPPING_MAX_BYTES: usize = 256 * 1024;

/// The most rejected rows, and the most waiting ones, that a report lists. All
/// of them are counted, and told to the [`Observer`].
pub const LISTED_MAX: usize = 10_000;

/// The most places that a report lists, and the most telephones that are
/// remembered to find shared ones.
pub const TRACKED_MAX: usize = 1_000_000;
