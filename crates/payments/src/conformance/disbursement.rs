//! The kit of [`DisbursementStore`]. One line, in a test module of your own
//! crate, runs all of it:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_core::testing::InMemory;
//! # use solidarity_payments::{DisbursementStore, MemoryDisbursementStore as MyStore};
//! #[cfg(test)]
//! solidarity_payments::disbursement_store_conformance!(
//!     InMemory::new(|| Arc::new(MyStore::new()) as Arc<dyn DisbursementStore>)
//! );
//! ```
//!
//! A back end that needs a reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::{
    ActorId, Currency, CycleId, EntitlementId, Money, Page, PaymentId, PersonId, ProgrammeId,
    Purpose, Stamp,
};

use crate::{
    Batch, BatchId, ControlTotals, Decision, DisbursementStore, EventKind, FinancialAddress,
    Instruction, Line, LineEvent, NewBatch, Outcome, RailCode, RailReference, Reason,
};

mod agreement;
mod deciding;
mod drafting;
mod durability;
mod recording;
mod reissuing;

pub use agreement::agrees_with_memory;
pub use deciding::{
    a_released_batch_stands, a_stale_approval_does_not_count, two_people_approve_a_batch,
    what_is_not_released_does_not_move,
};
pub use drafting::{
    a_draft_again_changes_nothing, a_draft_is_read_as_it_was_said, a_payment_is_in_one_batch,
    a_revision_voids_approvals, a_stale_revision_is_refused, a_withdrawn_batch_frees_what_it_held,
    an_entitlement_is_paid_once, another_draft_under_the_id_is_refused,
    lists_go_on_where_they_ended,
};
pub use durability::{
    a_reader_never_sees_half_a_batch, drafts_together_never_pay_twice, one_of_two_acts_wins,
    the_feed_tells_every_write, what_was_answered_survives_a_crash,
};
pub use recording::{
    a_contradiction_is_kept, a_refused_event_spares_the_others, a_stale_act_is_refused,
    an_event_again_changes_nothing, another_event_under_the_id_is_refused,
    events_move_lines_and_totals, fees_and_receipts_stand_beside_the_totals,
    history_tells_every_event, too_many_at_once_are_refused,
};
pub use reissuing::{
    a_reissue_counts_once, a_reissue_waits_for_its_release, a_replaced_payment_can_be_contested,
    only_what_failed_is_reissued,
};

/// Runs every conformance case against a [`DisbursementStore`].
///
/// See [`conformance::disbursement`](crate::conformance::disbursement).
#[macro_export]
macro_rules! disbursement_store_conformance {
    ($harness:expr $(,)?) => {
        $crate::disbursement_store_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::disbursement,
            [
                a_draft_is_read_as_it_was_said,
                a_draft_again_changes_nothing,
                another_draft_under_the_id_is_refused,
                a_revision_voids_approvals,
                a_stale_revision_is_refused,
                a_payment_is_in_one_batch,
                an_entitlement_is_paid_once,
                a_withdrawn_batch_frees_what_it_held,
                lists_go_on_where_they_ended,
                two_people_approve_a_batch,
                a_stale_approval_does_not_count,
                a_released_batch_stands,
                what_is_not_released_does_not_move,
                events_move_lines_and_totals,
                an_event_again_changes_nothing,
                another_event_under_the_id_is_refused,
                a_stale_act_is_refused,
                a_refused_event_spares_the_others,
                a_contradiction_is_kept,
                fees_and_receipts_stand_beside_the_totals,
                history_tells_every_event,
                too_many_at_once_are_refused,
                a_reissue_counts_once,
                a_reissue_waits_for_its_release,
                a_replaced_payment_can_be_contested,
                only_what_failed_is_reissued,
                one_of_two_acts_wins,
                drafts_together_never_pay_twice,
                a_reader_never_sees_half_a_batch,
                what_was_answered_survives_a_crash,
                the_feed_tells_every_write,
            ]
        );
    };
}

/// A moment of the kit's own time.
fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap() + TimeDelta::minutes(minutes)
}

fn root() -> PersonId {
    PersonId::from_uuid(Default::default())
}

fn kes() -> Currency {
    "KES".parse().unwrap()
}

fn money(minor: i128) -> Money {
    Money::from_minor(minor, kes()).unwrap()
}

fn programme() -> ProgrammeId {
    ProgrammeId::derive(&root(), "programme")
}

fn cycle() -> CycleId {
    CycleId::derive(&root(), "cycle")
}

fn actor(name: &str) -> ActorId {
    ActorId::derive(&root(), name)
}

/// A write by `name` at the minute `minutes`.
fn by(name: &str, minutes: i64) -> Stamp {
    Stamp::new(at(minutes), actor(name), Purpose::from_static("payment"))
}

fn entitlement(n: u32) -> EntitlementId {
    EntitlementId::derive(&root(), &n.to_string())
}

/// The first payment of entitlement `n`.
fn payment(n: u32) -> PaymentId {
    PaymentId::derive(&entitlement(n), "payment")
}

fn address(account: &str) -> FinancialAddress {
    FinancialAddress::account(RailCode::from_static("bank"), account).unwrap()
}

/// Pays entitlement `n`: 10.00 and `n` cents.
fn instruction(n: u32) -> Instruction {
    Instruction::new(
        payment(n),
        PersonId::derive(&root(), &n.to_string()),
        address(&format!("00-{n}")),
        money(1_000 + i128::from(n)),
        entitlement(n),
    )
}

fn batch_id(name: &str) -> BatchId {
    BatchId::derive(&root(), name)
}

fn batch_of(name: &str, instructions: Vec<Instruction>) -> NewBatch {
    NewBatch::new(batch_id(name), programme(), cycle(), kes(), instructions)
}

/// A batch that pays these entitlements.
fn batch(name: &str, entitlements: impl IntoIterator<Item = u32>) -> NewBatch {
    batch_of(name, entitlements.into_iter().map(instruction).collect())
}

/// Drafts `new`, and has it approved by two people and released.
async fn released(store: &dyn DisbursementStore, new: &NewBatch) -> Batch {
    let batch = store.draft(new, None, &by("maker", 0)).await.unwrap();
    for (who, decision) in [
        ("first", Decision::Approve),
        ("second", Decision::Approve),
        ("cashier", Decision::Release),
    ] {
        store
            .decide(batch.id(), batch.digest(), decision, &by(who, 1))
            .await
            .unwrap();
    }
    store.get(batch.id()).await.unwrap()
}

/// The line of `payment`, which is there.
async fn line(store: &dyn DisbursementStore, payment: PaymentId) -> Line {
    store.find(&[payment]).await.unwrap().remove(0).unwrap()
}

/// Every line of `batch`, read in small pages.
async fn lines(store: &dyn DisbursementStore, batch: BatchId) -> Vec<Line> {
    let mut all = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let found = store.lines(batch, &[], &page).await.unwrap();
        let next = found.next().cloned();
        all.extend(found.into_items());
        match next {
            Some(cursor) => page = page.after(cursor),
            None => return all,
        }
    }
}

/// Decides `kind` on the line of `payment` as it is now.
async fn act(store: &dyn DisbursementStore, payment: PaymentId, kind: EventKind) -> Outcome {
    let event = LineEvent::act(&line(store, payment).await, at(5), kind);
    record(store, &event).await
}

/// Tells `kind` of `payment`, as at the minute `minutes`.
async fn tell(
    store: &dyn DisbursementStore,
    payment: PaymentId,
    minutes: i64,
    kind: EventKind,
) -> Outcome {
    let event = LineEvent::news(payment, &minutes.to_string(), at(minutes), kind);
    record(store, &event).await
}

async fn record(store: &dyn DisbursementStore, event: &LineEvent) -> Outcome {
    let events = std::slice::from_ref(event);
    let mut outcomes = store.record(events, &by("service", 6)).await.unwrap();
    assert_eq!(outcomes.len(), 1, "one outcome for one event");
    outcomes.remove(0)
}

fn accepted() -> EventKind {
    let reference = RailReference::from_static("bank-1");
    EventKind::Accepted { reference }
}

fn rejected() -> EventKind {
    let reason = Reason::AccountClosed;
    EventKind::Rejected { reason }
}

fn credited(n: u32) -> EventKind {
    let (amount, entry) = (instruction(n).amount, None);
    EventKind::Credited { amount, entry }
}

fn returned(n: u32) -> EventKind {
    EventKind::Returned {
        amount: instruction(n).amount,
        reason: Reason::NotCollected,
        entry: None,
    }
}

/// Checks that the control totals of every batch balance, and are those of
/// the lines as they are read.
async fn totals_hold(store: &dyn DisbursementStore, batches: &[BatchId]) {
    let mut by_origin: BTreeMap<BatchId, Vec<Line>> = BTreeMap::new();
    for batch in batches {
        for line in lines(store, *batch).await {
            by_origin.entry(line.origin()).or_default().push(line);
        }
    }
    for batch in batches {
        let totals = store.totals(*batch).await.unwrap();
        assert_eq!(totals.check(), Ok(()), "the control totals do not balance");
        let of_lines = by_origin.remove(batch).unwrap_or_default();
        let counted = ControlTotals::over(kes(), &of_lines).unwrap();
        assert_eq!(
            totals, counted,
            "the control totals are not those of the lines"
        );
    }
}

#[cfg(test)]
mod tests {
    use solidarity_core::testing::unlisted_cases;

    #[test]
    fn every_case_is_listed() {
        let list = include_str!("disbursement.rs");
        let helpers = ["agrees_with_memory"];
        for cases in [
            include_str!("disbursement/deciding.rs"),
            include_str!("disbursement/drafting.rs"),
            include_str!("disbursement/durability.rs"),
            include_str!("disbursement/recording.rs"),
            include_str!("disbursement/reissuing.rs"),
            include_str!("disbursement/agreement.rs"),
        ] {
            let source = format!("{cases}\n{list}");
            let unlisted = unlisted_cases(&source);
            assert!(
                unlisted.iter().all(|case| helpers.contains(case)),
                "{unlisted:?}"
            );
        }
    }
}
