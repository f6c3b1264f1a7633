//! The kits of this crate's traits. One line, in a test module of your own
//! crate, runs a whole kit:
//!
//! ```
//! # use std::sync::Arc;
//! # use solidarity_core::testing::InMemory;
//! # use solidarity_grievance::{CaseStore, MemoryCaseStore as MyStore, conformance};
//! #[cfg(test)]
//! solidarity_grievance::case_store_conformance!(InMemory::new(|| {
//!     Arc::new(MyStore::new(conformance::workflows())) as Arc<dyn CaseStore>
//! }));
//! ```
//!
//! A store under test is made with [`workflows`]. A back end that needs a
//! reactor adds a runner: `…!(MyHarness, run = my_runtime::block_on)`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking"
)]

use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::{ActorId, CaseId, Purpose, Stamp};
use uuid::Uuid;

use crate::{
    Act, ActionName, Case, CaseStore, CategoryCode, Event, IntakeChannel, NewCase, Officer, Party,
    ReceiptCode, ReceiptDigest, ReceiptKey, Remedy, Result, Role, Step, Workflows,
    standard_workflow,
};

pub mod case_store;
mod model;
pub mod notifier;

pub use model::agrees_with_memory;

/// The workflows that a store under test is made with.
#[must_use]
pub fn workflows() -> Workflows {
    Workflows::new([standard_workflow().check().unwrap()]).unwrap()
}

/// The `hours`th hour after nine o'clock, UTC, on Monday 23 November 2026.
fn hour(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_424_400, 0).unwrap() + TimeDelta::hours(hours)
}

fn receipt() -> ReceiptDigest {
    ReceiptKey::new([7; 32]).digest(&ReceiptCode::generate())
}

/// The one officer of the test who holds `role` and nothing else.
fn officer(role: &'static str) -> Officer {
    let actor = ActorId::derive(&Uuid::nil(), role);
    Officer::new(actor, [Role::from_static(role)])
}

fn stamp(act: &Act, at: DateTime<Utc>) -> Stamp {
    let actor = match &act.by {
        Party::Officer(officer) => officer.actor,
        Party::Complainant | Party::System => officer("web").actor,
    };
    Stamp::new(at, actor, Purpose::from_static("redress"))
}

fn complaint() -> NewCase {
    NewCase::new(
        standard_workflow().code,
        IntakeChannel::InPerson,
        CategoryCode::from_static("payment/not-received"),
        "The agent says that the money has not come.",
        hour(0),
    )
}

const fn action(name: &'static str) -> ActionName {
    ActionName::from_static(name)
}

fn by(role: &'static str, step: Step) -> Act {
    Act::by_officer(officer(role), step)
}

fn take(role: &'static str, name: &'static str) -> Act {
    by(role, Step::take(action(name)))
}

fn reject(role: &'static str) -> Act {
    by(
        role,
        Step::say(action("reject"), "It was paid on the third."),
    )
}

fn comment() -> Act {
    let words = "They came again.".into();
    by("handler", Step::Comment { words })
}

fn appeal() -> Act {
    let words = "I did not sign for it.";
    Act::by_complainant(Step::say(action("appeal"), words))
}

fn uphold_appeal(role: &'static str) -> Act {
    let words = "You are right.";
    let step = Step::redress(action("uphold-appeal"), words, [Remedy::Apologize]);
    by(role, step)
}

/// Opens `new` in `store`.
async fn open(store: &dyn CaseStore, new: NewCase) -> Case {
    let taken = take("intake", "acknowledge");
    let stamp = stamp(&taken, hour(0));
    store
        .open(CaseId::generate(), new, receipt(), &stamp)
        .await
        .unwrap()
}

/// Does `act` on the case as it is now.
async fn try_act(store: &dyn CaseStore, id: CaseId, act: Act, at: DateTime<Utc>) -> Result<Event> {
    let expected = store.get(id).await.unwrap().version();
    let stamp = stamp(&act, at);
    store.act(id, expected, act, &stamp).await
}

/// Does each of `acts`, one an hour from the first hour on; the case after.
async fn go(store: &dyn CaseStore, id: CaseId, acts: impl IntoIterator<Item = Act>) -> Case {
    for (act, hours) in acts.into_iter().zip(1..) {
        try_act(store, id, act, hour(hours)).await.unwrap();
    }
    store.get(id).await.unwrap()
}
