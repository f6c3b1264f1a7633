//! The kit that every [`ConsentStore`](crate::ConsentStore) must pass. One line, in a test module
//! of your own crate, runs all of it:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_consent::{ConsentStore, MemoryConsentStore as MyStore};
//! # use solidarity_core::testing::InMemory;
//! #[cfg(test)]
//! solidarity_consent::consent_store_conformance!(InMemory::new(|| Arc::new(MyStore::new()) as Arc<dyn ConsentStore>));
//! ```
//!
//! A back end that needs a reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`;
//! its store must then answer on any thread, for two cases start their own.
//! Cases may be added in a minor release.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

mod differential;
mod fixture;
mod recording;
mod using;

pub use differential::agrees_with_memory;
pub use recording::{
    a_batch_has_one_outcome_each, a_consent_in_any_state_can_be_withdrawn, a_no_is_remembered,
    a_person_is_asked_so_often_and_no_more, a_record_again_changes_nothing,
    a_stale_step_writes_nothing, a_yes_takes_the_place_of_what_it_supersedes,
    an_answer_is_given_once, other_terms_under_an_id_write_nothing,
    too_large_a_batch_writes_nothing, what_is_recorded_is_read,
};
pub use using::{
    a_budget_is_never_overspent, a_budget_is_spent_and_comes_back,
    a_clock_set_back_revives_nothing, a_repeated_use_is_counted_once,
    a_repeated_use_is_no_way_around_a_withdrawal, every_write_is_told_once,
    law_needs_no_consent_and_is_not_counted, lists_go_on_where_they_ended,
    nothing_is_granted_after_a_withdrawal_returned, nothing_is_granted_on_what_was_withdrawn,
    what_was_acknowledged_survives_a_crash,
};

/// Runs every conformance case against a [`ConsentStore`](crate::ConsentStore).
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! consent_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::consent_store_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance,
            [
                what_is_recorded_is_read,
                a_record_again_changes_nothing,
                other_terms_under_an_id_write_nothing,
                a_batch_has_one_outcome_each,
                too_large_a_batch_writes_nothing,
                a_person_is_asked_so_often_and_no_more,
                an_answer_is_given_once,
                a_stale_step_writes_nothing,
                a_consent_in_any_state_can_be_withdrawn,
                nothing_is_granted_on_what_was_withdrawn,
                nothing_is_granted_after_a_withdrawal_returned,
                a_no_is_remembered,
                a_yes_takes_the_place_of_what_it_supersedes,
                a_budget_is_spent_and_comes_back,
                a_budget_is_never_overspent,
                a_repeated_use_is_counted_once,
                a_repeated_use_is_no_way_around_a_withdrawal,
                a_clock_set_back_revives_nothing,
                law_needs_no_consent_and_is_not_counted,
                lists_go_on_where_they_ended,
                every_write_is_told_once,
                what_was_acknowledged_survives_a_crash,
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
            include_str!("conformance/recording.rs"),
            include_str!("conformance/using.rs"),
        );
        let listed = |case: &&str| {
            let list = source.split("macro_rules!").nth(1).unwrap_or_default();
            !list.contains(&format!("                {case},\n"))
        };
        let cases = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('('))
            .map(|(name, _)| name);
        assert_eq!(cases.filter(listed).collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
