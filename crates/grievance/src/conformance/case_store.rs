//! The kit of [`CaseStore`](crate::CaseStore).

mod acts;
mod lists;
mod openings;

pub use acts::*;
pub use lists::*;
pub use openings::*;

/// Runs every conformance case against a [`CaseStore`](crate::CaseStore) that
/// was made with [`workflows`](crate::conformance::workflows).
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! case_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::case_store_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::case_store,
            [
                what_was_opened_is_read,
                opening_again_changes_nothing,
                another_case_under_an_id_is_refused,
                a_receipt_finds_its_case_alone,
                a_receipt_belongs_to_one_case,
                an_unknown_case_is_not_found,
                an_unknown_workflow_is_refused,
                words_keep_their_limit,
                a_protected_category_is_sealed,
                an_act_is_remembered,
                an_act_again_changes_nothing,
                a_stale_act_writes_nothing,
                a_refused_act_writes_nothing,
                nobody_acts_under_another_name,
                whom_it_concerns_never_handles_it,
                whoever_decided_never_decides_the_appeal,
                no_case_ends_unanswered,
                a_comment_moves_no_clock,
                a_rung_comes_once,
                an_answer_waits_until_it_is_read,
                of_two_acts_one_is_done,
                lists_hold_what_was_asked_for,
                who_is_owed_word_is_listed_until_told,
                a_list_goes_on_where_it_ended,
                history_goes_on_where_it_ended,
                cases_survive_a_crash,
                every_write_is_told_once,
            ]
        );
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = concat!(
            include_str!("case_store.rs"),
            include_str!("case_store/acts.rs"),
            include_str!("case_store/lists.rs"),
            include_str!("case_store/openings.rs"),
        );
        let unlisted = solidarity_core::testing::unlisted_cases(source);
        assert!(unlisted.is_empty(), "{unlisted:?}");
    }
}
