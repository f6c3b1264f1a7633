#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod birth;
mod facts;
mod names;
mod options;
mod person;
mod places;
mod population;
mod random;
mod shape;
mod table;
mod unit;
mod variation;

pub use crate::names::{Name, NamePart, Region};
pub use crate::options::Options;
pub use crate::person::{Document, Phone, Role, Sex, SyntheticPerson};
pub use crate::population::Population;
pub use crate::shape::Shape;
pub use crate::table::{HOUSEHOLD_COLUMNS, TRUTH_COLUMNS};
pub use crate::unit::{SyntheticUnit, UnitKind};
pub use crate::variation::Variation;
