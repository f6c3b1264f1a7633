//! The conformance kits, run as a stranger would run them, and the planted
//! faults that each must catch.

mod consent;
mod grievance;
mod identity;
mod payments;
mod programme;
mod registry;
