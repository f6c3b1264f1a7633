//! The kit that every [`DuplicateCaseStore`] must pass.

use std::sync::Arc;
use std::thread;

use solidarity_core::testing::block_on;
use solidarity_core::{ActorId, PersonId, Purpose, Stamp, Version};
use uuid::Uuid;

use super::fixture::{at, time};
use crate::Result;
use crate::duplicate_cases::{
    DuplicateCase, DuplicateCaseId, DuplicateCaseStore, Evidence, EvidenceField, EvidenceLevel,
    Finder, Judged, Judgement, JudgementReason, NewDuplicateCase, Proposed,
};

mod differential;
mod judging;
mod keeping;
mod proposing;

pub use differential::agrees_with_memory;
pub use judging::*;
pub use keeping::*;
pub use proposing::*;

/// How many threads a concurrent case starts.
pub const THREADS: usize = 6;

/// Runs every conformance case against a
/// [`DuplicateCaseStore`](crate::duplicate_cases::DuplicateCaseStore).
///
/// ```
/// # use std::sync::Arc;
/// # use solidarity_core::testing::InMemory;
/// use solidarity_registry::duplicate_cases::{DuplicateCaseStore, MemoryDuplicateCaseStore as MyStore};
///
/// #[cfg(test)]
/// solidarity_registry::duplicate_case_store_conformance!(InMemory::new(|| {
///     Arc::new(MyStore::new()) as Arc<dyn DuplicateCaseStore>
/// }));
/// ```
#[macro_export]
macro_rules! duplicate_case_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::duplicate_case_store_conformance!(
            $harness,
            run = $crate::__core::testing::block_on
        );
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::duplicate_case_store,
            [
                a_pair_is_opened_with_its_evidence,
                a_pair_again_is_known,
                an_open_case_shows_newer_evidence,
                a_pair_judged_different_is_not_asked_again,
                changed_facts_reopen_a_pair_judged_different,
                a_pair_judged_same_stays_judged,
                proposals_at_once_open_one_case,
                a_bad_pair_writes_nothing_of_its_batch,
                limits_hold_to_the_one,
                unsure_leaves_it_open,
                a_judgement_is_corrected_and_none_is_lost,
                a_judgement_again_has_the_same_answer,
                a_stale_judgement_writes_nothing,
                of_many_who_judge_one_is_heard,
                nobody_judges_what_they_put_up,
                open_cases_are_listed_in_both_orders,
                a_persons_cases_are_listed,
                every_write_is_told_once,
                cases_survive_a_crash,
            ]
        );
    };
}

/// The pair of two people whom nobody has met.
fn strangers() -> NewDuplicateCase {
    pair(
        [PersonId::generate(), PersonId::generate()],
        (1, 1),
        900_000,
    )
}

/// The pair of `people`, compared at `versions` of their records.
fn pair(people: [PersonId; 2], versions: (u64, u64), probability_ppm: u32) -> NewDuplicateCase {
    let [one, other] = people;
    let version = |count| Version::from_count(count).unwrap();
    let compared = [(one, version(versions.0)), (other, version(versions.1))];
    NewDuplicateCase::new(compared, probability_ppm, Finder::from_static("kit/1"))
        .with_evidence(evidence("before", None, -12_345))
        .with_evidence(evidence("family-name", Some("same"), 9_250))
        .with_evidence(evidence("birth", None, 0))
}

fn evidence(field: &'static str, level: Option<&'static str>, weight_millibits: i32) -> Evidence {
    Evidence::new(
        EvidenceField::from_static(field),
        level.map(EvidenceLevel::from_static),
        weight_millibits,
    )
}

/// The same pair, of records written so often more, with other evidence.
fn later(pair: &NewDuplicateCase, writes: (u64, u64)) -> NewDuplicateCase {
    let more = |version: Version, by| Version::from_count(version.count() + by).unwrap();
    let mut pair = pair.clone();
    pair.versions = (
        more(pair.versions.0, writes.0),
        more(pair.versions.1, writes.1),
    );
    pair.probability_ppm /= 2;
    pair.evidence.pop();
    pair
}

/// A stamp of officer `n`, who puts nothing up.
fn officer(n: u128, seconds: i64) -> Stamp {
    let actor = ActorId::from_uuid(Uuid::from_u128(1_000 + n));
    Stamp::new(time(seconds), actor, Purpose::from_static("review"))
}

fn reason() -> JudgementReason {
    JudgementReason::from_static("papers-seen")
}

async fn propose(store: &dyn DuplicateCaseStore, pair: &NewDuplicateCase) -> Proposed {
    propose_at(store, pair, 0).await
}

async fn propose_at(
    store: &dyn DuplicateCaseStore,
    pair: &NewDuplicateCase,
    seconds: i64,
) -> Proposed {
    let batch = std::slice::from_ref(pair);
    store.propose(batch, &at(seconds)).await.unwrap()[0]
}

/// Opens a case, and gives it.
async fn opened(store: &dyn DuplicateCaseStore, pair: &NewDuplicateCase) -> DuplicateCase {
    assert_eq!(propose(store, pair).await, Proposed::Opened);
    store.get(pair.id()).await.unwrap()
}

/// Judges case `id` as it is, by officer `n`.
async fn judge(
    store: &dyn DuplicateCaseStore,
    id: DuplicateCaseId,
    judgement: Judgement,
    n: u128,
) -> Result<Judged> {
    let version = store.get(id).await.unwrap().version();
    let by = officer(n, 10);
    store.decide(id, version, judgement, reason(), &by).await
}

/// Runs `act` on [`THREADS`] threads at once and gives what each said.
fn at_once<T: Send>(
    store: &Arc<dyn DuplicateCaseStore>,
    act: impl AsyncFn(&dyn DuplicateCaseStore, usize) -> T + Copy + Send + Sync,
) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|n| scope.spawn(move || block_on(act(&**store, n))))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = concat!(
            include_str!("duplicate_case_store.rs"),
            include_str!("duplicate_case_store/judging.rs"),
            include_str!("duplicate_case_store/keeping.rs"),
            include_str!("duplicate_case_store/proposing.rs"),
        );
        let unlisted = solidarity_core::testing::unlisted_cases(source);
        assert_eq!(unlisted, Vec::<&str>::new());
    }
}
