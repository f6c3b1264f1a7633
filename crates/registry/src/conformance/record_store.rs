//! The kit that every [`RecordStore`](crate::RecordStore) must pass.

pub use super::limits::*;
pub use super::reading::*;
pub use super::roles::*;
pub use super::writing::*;

/// Runs every conformance case against a [`RecordStore`](crate::RecordStore).
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! record_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::record_store_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::record_store,
            [
                one_name_is_enough,
                what_is_registered_is_read,
                what_is_not_registered_is_not_found,
                an_id_is_registered_once,
                a_command_again_has_the_same_answer,
                an_id_with_other_acts_is_refused,
                a_command_happens_whole_or_not_at_all,
                a_command_sees_those_before_it,
                a_stale_revision_writes_nothing,
                of_many_writers_one_is_carried_out,
                a_read_is_as_of_a_day_and_a_time,
                recorded_times_never_go_back,
                history_is_whole,
                memberships_are_as_of_a_day_and_a_time,
                attributes_are_as_declared,
                limits_hold_to_the_one,
                every_write_is_told_once,
                what_was_acknowledged_survives_a_crash,
                headship_is_by_the_rules,
                headship_passes_in_one_command,
                the_rules_hold_on_every_day,
                a_person_is_in_many_units_and_in_each_once,
                a_kind_brings_its_rules,
                a_corrected_birth_is_never_refused,
                a_unit_has_so_many_members,
            ]
        );
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = concat!(
            include_str!("record_store.rs"),
            include_str!("limits.rs"),
            include_str!("reading.rs"),
            include_str!("roles.rs"),
            include_str!("writing.rs"),
        );
        let unlisted = solidarity_core::testing::unlisted_cases(source);
        assert_eq!(unlisted, Vec::<&str>::new());
    }
}
