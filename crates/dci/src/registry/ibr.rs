//! What only the integrated beneficiary registry (IBR) has.
//!
//! The register of employment and social security (ESS), of 2026, asks much
//! the same at `/registry/sync/check-enrollment`; its answer has a list of
//! words where [`EnrolledItem`] has yes or no. Its messages would be a module
//! `ess` beside this one.

mod enrolled;
mod enrollment_updates;
mod on_enrolled;
mod on_enrollment_updates;

pub use enrolled::{EnrolledCriteria, EnrolledRequest};
pub use enrollment_updates::{EnrolledUpdates, EnrollmentUpdatesRequest};
pub use on_enrolled::{EnrolledItem, EnrolledResponse};
pub use on_enrollment_updates::{EnrollmentUpdatesItem, EnrollmentUpdatesResponse};
