//! What the cases of the kits stand on.

use chrono::{DateTime, Days, NaiveDate};
use solidarity_core::{ActorId, PersonId, Purpose, Stamp, UnitId, Validity};

use crate::{
    Act, Applied, Command, CommandId, MembershipId, NewMembership, NewPerson, NewUnit, RecordStore,
    RecordStoreExt, Refusal, Role, UnitKind,
};

/// The day `n` days after the kit's first.
pub(super) fn day(n: u64) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    first.checked_add_days(Days::new(n)).unwrap()
}

/// The time `seconds` after the kit's first, of whole microseconds.
pub(super) fn time(seconds: i64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp_micros(1_780_000_000_123_456 + seconds * 1_000_000).unwrap()
}

/// A stamp of [`time`], by the kit's actor.
pub(super) fn at(seconds: i64) -> Stamp {
    let actor = ActorId::from_uuid(uuid::Uuid::from_u128(7));
    Stamp::new(time(seconds), actor, Purpose::from_static("registration"))
}

pub(super) fn from(n: u64) -> Validity {
    Validity::since(day(n))
}

pub(super) fn between(first: u64, last: u64) -> Validity {
    Validity::new(day(first), Some(day(last))).unwrap()
}

/// Carries out `acts` as one command, at the first time.
pub(super) async fn done(
    store: &(impl RecordStore + ?Sized),
    acts: impl IntoIterator<Item = Act>,
) -> Applied {
    done_at(store, acts, 0).await
}

pub(super) async fn done_at(
    store: &(impl RecordStore + ?Sized),
    acts: impl IntoIterator<Item = Act>,
    seconds: i64,
) -> Applied {
    let command = Command::of(CommandId::generate(), acts);
    match store.apply_one(command, &at(seconds)).await.unwrap() {
        Ok(applied) => applied,
        Err(refused) => panic!("expected the command to be carried out, got {refused:?}"),
    }
}

/// Why `acts`, as one command, are refused.
pub(super) async fn refused(
    store: &(impl RecordStore + ?Sized),
    acts: impl IntoIterator<Item = Act>,
) -> Refusal {
    let command = Command::of(CommandId::generate(), acts);
    match store.apply_one(command, &at(0)).await.unwrap() {
        Err(refused) => refused.refusal,
        Ok(applied) => panic!("expected the command to be refused, got {applied:?}"),
    }
}

/// Registers a person who has only a name.
pub(super) async fn someone(store: &(impl RecordStore + ?Sized)) -> PersonId {
    person(store, NewPerson::new("Tuti")).await
}

pub(super) async fn person(store: &(impl RecordStore + ?Sized), said: NewPerson) -> PersonId {
    let id = PersonId::generate();
    done(store, [Act::register_person(id, day(0), said)]).await;
    id
}

pub(super) async fn unit(store: &(impl RecordStore + ?Sized), kind: UnitKind) -> UnitId {
    let id = UnitId::generate();
    done(store, [Act::register_unit(id, day(0), NewUnit::new(kind))]).await;
    id
}

/// The act by which `person` becomes a member of `unit`, under a fresh id.
pub(super) fn joins(unit: UnitId, person: PersonId, validity: Validity, roles: &[Role]) -> Act {
    Act::add_member(
        MembershipId::generate(),
        membership(unit, person, validity, roles),
    )
}

pub(super) fn membership(
    unit: UnitId,
    person: PersonId,
    validity: Validity,
    roles: &[Role],
) -> NewMembership {
    let mut said = NewMembership::new(unit, person, validity);
    said.roles = roles.iter().cloned().collect();
    said
}
