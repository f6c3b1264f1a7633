//! The kit that every [`ProgrammeStore`](crate::ProgrammeStore) must pass. One line, in a test
//! module of your own crate, runs all of it:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_core::testing::InMemory;
//! # use solidarity_programme::{MemoryProgrammeStore as MyStore, ProgrammeStore};
//! #[cfg(test)]
//! solidarity_programme::programme_store_conformance!(InMemory::new(|| Arc::new(MyStore::new()) as Arc<dyn ProgrammeStore>));
//! ```
//!
//! A back end that needs a reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`;
//! its store must then answer on any thread, for one case starts its own.
//! Cases may be added in a minor release.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

mod differential;
mod enrolling;
mod entitling;
pub(crate) mod fixture;
mod keeping;
mod stating;
mod stopping;

pub use differential::agrees_with_memory;
pub use enrolling::{
    a_decision_says_where_an_enrolment_begins, a_status_is_listed_for_a_day,
    a_unit_is_enrolled_once, history_is_kept, no_enrolment_without_its_decision,
    nobody_else_changes_the_payee, what_is_not_allowed_writes_nothing,
};
pub use entitling::{
    a_closed_cycle_takes_no_more, a_stop_taken_back_is_owed_arrears,
    an_upheld_appeal_is_owed_arrears, each_correction_is_owed_once, entitlements_are_set_once,
    what_is_not_due_is_refused,
};
pub use keeping::{
    a_stranger_s_cursor_is_refused, every_write_is_told_once, too_large_a_batch_writes_nothing,
    what_was_acknowledged_survives_a_crash, writers_at_once_enrol_a_unit_once,
};
pub use stating::{
    a_decision_again_changes_nothing, a_forged_decision_is_refused,
    a_programme_is_read_as_it_was_put, decisions_are_read_as_recorded, versions_follow_one_another,
};
pub use stopping::{
    a_backdated_or_short_notice_is_refused, a_stop_is_taken_back, a_stranger_ends_no_benefit,
    an_appeal_holds_a_stop_back, an_overtaken_decision_ends_nothing,
    an_undetermined_decision_rejects_nobody, nothing_stops_before_its_day,
};

/// Runs every conformance case against a [`ProgrammeStore`](crate::ProgrammeStore).
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! programme_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::programme_store_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance,
            [
                a_programme_is_read_as_it_was_put,
                versions_follow_one_another,
                decisions_are_read_as_recorded,
                a_forged_decision_is_refused,
                a_decision_again_changes_nothing,
                a_decision_says_where_an_enrolment_begins,
                no_enrolment_without_its_decision,
                a_unit_is_enrolled_once,
                history_is_kept,
                nobody_else_changes_the_payee,
                what_is_not_allowed_writes_nothing,
                a_status_is_listed_for_a_day,
                nothing_stops_before_its_day,
                a_backdated_or_short_notice_is_refused,
                an_appeal_holds_a_stop_back,
                an_undetermined_decision_rejects_nobody,
                an_overtaken_decision_ends_nothing,
                a_stranger_ends_no_benefit,
                a_stop_is_taken_back,
                entitlements_are_set_once,
                what_is_not_due_is_refused,
                a_closed_cycle_takes_no_more,
                an_upheld_appeal_is_owed_arrears,
                each_correction_is_owed_once,
                a_stop_taken_back_is_owed_arrears,
                too_large_a_batch_writes_nothing,
                every_write_is_told_once,
                what_was_acknowledged_survives_a_crash,
                writers_at_once_enrol_a_unit_once,
                a_stranger_s_cursor_is_refused,
            ]
        );
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = concat!(
            include_str!("conformance.rs"),
            include_str!("conformance/stating.rs"),
            include_str!("conformance/enrolling.rs"),
            include_str!("conformance/stopping.rs"),
            include_str!("conformance/entitling.rs"),
            include_str!("conformance/keeping.rs"),
        );
        let unlisted = solidarity_core::testing::unlisted_cases(source);
        assert_eq!(unlisted, Vec::<&str>::new());
    }
}
