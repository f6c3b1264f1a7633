//! The kit of [`ExceptionRegister`].

use chrono::TimeDelta;
use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::{Harness, Random};
use solidarity_core::{ActorId, Commitment, Cursor, Page, PersonId};

use super::{at_once, same, stamp};
use crate::{
    Attester, AttesterTally, Conflict, Error, Exception, ExceptionBasis, ExceptionId,
    ExceptionLimit, ExceptionRegister, ExceptionUseId, MemoryExceptionRegister, NewException,
    Result, RevocationReason,
};

/// Runs every conformance case against an [`ExceptionRegister`].
///
/// See [`conformance::exception_register`](crate::conformance::exception_register).
#[macro_export]
macro_rules! exception_register_conformance {
    ($harness:expr $(,)?) => {
        $crate::exception_register_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::exception_register,
            [
                what_is_granted_is_found,
                an_exception_is_used_as_often_as_it_may,
                uses_at_once_never_pass_the_limit,
                an_exception_ends_with_its_time,
                a_missed_review_takes_nothing,
                the_first_to_end_is_used_first,
                the_same_grant_again_changes_nothing,
                the_same_use_again_counts_once,
                nobody_vouches_past_the_cap,
                grants_at_once_never_pass_the_cap,
                who_has_a_stake_does_not_vouch,
                what_has_no_bounds_is_refused,
                a_revoked_exception_ends,
                reviews_are_listed_by_their_day,
                lists_go_on_where_they_ended,
                every_write_is_told_once,
                the_register_survives_a_crash,
            ]
        );
    };
}

const DAY: i64 = 86_400;

fn reason() -> RevocationReason {
    RevocationReason::from_static("error")
}

/// An exception for `person` on a fresh attester's word.
fn asked_for(person: PersonId, uses: u32, days: i64) -> NewException {
    let until = stamp(days * DAY).at();
    NewException::new(
        person,
        ExceptionBasis::WORN_PRINTS,
        Attester::new(ActorId::generate()),
        ExceptionLimit::new(uses, until),
        until.date_naive(),
    )
}

fn from(attester: ActorId) -> NewException {
    let mut new = asked_for(PersonId::generate(), 1, 1);
    new.attester = Attester::new(attester);
    new
}

async fn grant(register: &dyn ExceptionRegister, new: NewException) -> Result<Exception> {
    register
        .grant(ExceptionId::generate(), new, &stamp(0))
        .await
}

/// Whether `person` could use an exception, `seconds` after the start.
async fn uses(register: &dyn ExceptionRegister, person: PersonId, seconds: i64) -> bool {
    let id = ExceptionUseId::generate();
    let used = register.use_once(person, id, &stamp(seconds)).await;
    used.unwrap().is_some()
}

/// A grant is there, whole, for its person and nobody else.
pub async fn what_is_granted_is_found(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let (id, stamp) = (ExceptionId::generate(), stamp(0));
    let new = asked_for(person, 1, 2);
    let granted = register.grant(id, new.clone(), &stamp).await.unwrap();
    assert_eq!(
        (granted.id(), granted.body(), granted.granted()),
        (id, &new, &stamp)
    );
    assert_eq!((granted.used(), granted.revoked()), (0, None));
    assert_eq!(register.get(id).await.unwrap(), granted);
    let found = register.find_valid(person, stamp.at()).await.unwrap();
    assert_eq!(found, Some(granted));
    let other = register.find_valid(PersonId::generate(), stamp.at()).await;
    assert_eq!(other.unwrap(), None);
    let unknown = ExceptionId::generate();
    let missing = register.get(unknown).await;
    assert!(matches!(missing, Err(Error::ExceptionNotFound { id, .. }) if id == unknown));
}

/// Every use is counted, from 1 to the limit.
pub async fn an_exception_is_used_as_often_as_it_may(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let granted = grant(&*register, asked_for(person, 3, 1)).await.unwrap();
    for number in 1..=3 {
        let (id, stamp) = (ExceptionUseId::generate(), stamp(1));
        let used = register
            .use_once(person, id, &stamp)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (used.id(), used.exception(), used.person()),
            (id, granted.id(), person)
        );
        assert_eq!((used.number(), used.stamp()), (number, &stamp));
        assert_eq!(register.get(granted.id()).await.unwrap().used(), number);
    }
    assert!(
        !uses(&*register, person, 1).await,
        "an exception was used too often"
    );
    assert_eq!(
        register.find_valid(person, stamp(1).at()).await.unwrap(),
        None
    );
    assert_eq!(register.get(granted.id()).await.unwrap().used(), 3);
}

/// Of many uses at once, as many succeed as the limit says.
pub async fn uses_at_once_never_pass_the_limit(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let granted = grant(&*register, asked_for(person, 3, 1)).await.unwrap();
    let used = at_once(&register, async |register, _| {
        uses(register, person, 1).await
    });
    let used = used.into_iter().filter(|used| *used).count();
    assert_eq!(used, 3, "uses at once were not all counted");
    assert_eq!(register.get(granted.id()).await.unwrap().used(), 3);
}

/// The last second counts, the next does not.
pub async fn an_exception_ends_with_its_time(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    grant(&*register, asked_for(person, 3, 1)).await.unwrap();
    assert!(uses(&*register, person, DAY - 1).await);
    for seconds in [DAY, DAY + 1] {
        assert!(
            !uses(&*register, person, seconds).await,
            "an exception outlived its limit"
        );
        let found = register.find_valid(person, stamp(seconds).at()).await;
        assert_eq!(found.unwrap(), None);
    }
}

/// An exception whose review is overdue holds as before.
pub async fn a_missed_review_takes_nothing(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let mut new = asked_for(person, 1, 5);
    new.review_by = stamp(0).at().date_naive();
    grant(&*register, new).await.unwrap();
    assert!(
        uses(&*register, person, 4 * DAY).await,
        "a missed review ended an exception"
    );
}

/// Of several exceptions of one person the one that ends first is used first.
pub async fn the_first_to_end_is_used_first(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let mut ends = Vec::new();
    for days in [3, 1, 2] {
        let granted = grant(&*register, asked_for(person, 1, days)).await.unwrap();
        ends.push((days, granted.id()));
    }
    ends.sort_unstable();
    for (_, id) in ends {
        let found = register.find_valid(person, stamp(1).at()).await.unwrap();
        assert_eq!(found.map(|e| e.id()), Some(id));
        let use_id = ExceptionUseId::generate();
        let used = register.use_once(person, use_id, &stamp(1)).await.unwrap();
        assert_eq!(used.map(|u| u.exception()), Some(id));
    }
}

/// The same grant again is answered as it was granted, whatever became of it;
/// another body is refused.
pub async fn the_same_grant_again_changes_nothing(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let (id, new) = (ExceptionId::generate(), asked_for(person, 2, 1));
    let granted = register.grant(id, new.clone(), &stamp(0)).await.unwrap();
    assert!(uses(&*register, person, 1).await);
    for seconds in [0, 2 * DAY] {
        let again = register
            .grant(id, new.clone(), &stamp(seconds))
            .await
            .unwrap();
        assert_eq!(again, granted, "the same grant again had another answer");
    }
    let other = asked_for(person, 1, 1);
    match register.grant(id, other, &stamp(0)).await {
        Err(Error::AlreadyExists { id: taken, .. }) => assert_eq!(taken, *id.as_uuid()),
        other => panic!("expected `AlreadyExists`, got {other:?}"),
    }
    let now = register.get(id).await.unwrap();
    assert_eq!((now.body(), now.used()), (&new, 1));
}

/// The same use again has the same answer, also when nothing is left; for
/// somebody else it is refused.
pub async fn the_same_use_again_counts_once(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let granted = grant(&*register, asked_for(person, 1, 1)).await.unwrap();
    let id = ExceptionUseId::generate();
    let used = register.use_once(person, id, &stamp(1)).await.unwrap();
    assert!(used.is_some());
    for seconds in [2, 2 * DAY] {
        let again = register
            .use_once(person, id, &stamp(seconds))
            .await
            .unwrap();
        assert_eq!(again, used, "the same use again had another answer");
    }
    let other = PersonId::generate();
    grant(&*register, asked_for(other, 1, 1)).await.unwrap();
    let taken = register.use_once(other, id, &stamp(1)).await;
    assert!(
        matches!(taken, Err(Error::AlreadyExists { .. })),
        "expected `AlreadyExists`, got {taken:?}"
    );
    assert_eq!(register.get(granted.id()).await.unwrap().used(), 1);
    assert!(uses(&*register, other, 1).await);
}

/// An attester vouches for as many as the cap says; what ends makes room.
pub async fn nobody_vouches_past_the_cap(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let attester = ActorId::generate();
    let cap = register.rules().cap_per_attester;
    let mut last = None;
    for _ in 0..cap {
        last = Some(grant(&*register, from(attester)).await.unwrap());
    }
    let refused = ExceptionId::generate();
    match register.grant(refused, from(attester), &stamp(0)).await {
        Err(Error::CapReached {
            attester: who,
            cap: most,
            ..
        }) => {
            assert_eq!((who, most), (attester, cap));
        }
        other => panic!("expected `CapReached`, got {other:?}"),
    }
    assert!(
        register.get(refused).await.is_err(),
        "what was refused is there"
    );
    let now = stamp(0).at();
    let tally = register.tally(attester, now).await.unwrap();
    assert_eq!((tally.granted, tally.standing), (cap.into(), cap.into()));
    grant(&*register, from(ActorId::generate())).await.unwrap();

    let last = last.unwrap().id();
    register.revoke(last, reason(), &stamp(0)).await.unwrap();
    grant(&*register, from(attester)).await.unwrap();
    let tally = register.tally(attester, now).await.unwrap();
    let (granted, standing) = (u64::from(cap) + 1, u64::from(cap));
    assert_eq!(
        (tally.granted, tally.revoked, tally.standing),
        (granted, 1, standing)
    );
    let later = register.tally(attester, stamp(DAY).at()).await.unwrap();
    assert_eq!(
        (later.granted, later.revoked, later.standing),
        (granted, 1, 0)
    );
    let nobody = register.tally(ActorId::generate(), now).await.unwrap();
    assert_eq!(nobody, AttesterTally::default());
}

/// Of many grants at once on one word, as many succeed as the cap leaves.
pub async fn grants_at_once_never_pass_the_cap(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let attester = ActorId::generate();
    for _ in 1..register.rules().cap_per_attester {
        grant(&*register, from(attester)).await.unwrap();
    }
    let granted = at_once(&register, async |register, _| {
        grant(register, from(attester)).await.is_ok()
    });
    let granted = granted.into_iter().filter(|granted| *granted).count();
    assert_eq!(granted, 1, "grants at once passed the cap");
}

/// Nobody vouches for themself, for what they grant, twice, or in turn.
pub async fn who_has_a_stake_does_not_vouch(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let (person, other) = (PersonId::generate(), PersonId::generate());
    let granter = stamp(0);
    let by = |attester| {
        let mut new = asked_for(person, 1, 1);
        new.attester = attester;
        new
    };
    let stranger = || Attester::new(ActorId::generate());
    let mut for_other = asked_for(other, 1, 1);
    for_other.attester = stranger().who_is(person);
    let held = grant(&*register, for_other).await.unwrap();
    for (new, expected) in [
        (by(stranger().who_is(person)), Conflict::Themself),
        (
            by(Attester::new(ActorId::from_uuid(*person.as_uuid()))),
            Conflict::Themself,
        ),
        (by(Attester::new(granter.actor())), Conflict::TwoRoles),
        (by(stranger().who_is(other)), Conflict::Mutual),
        (
            by(stranger()).with_witnesses(vec![stranger().who_is(other)]),
            Conflict::Mutual,
        ),
    ] {
        let id = ExceptionId::generate();
        match register.grant(id, new, &granter).await {
            Err(Error::ConflictOfInterest { conflict, .. }) => assert_eq!(conflict, expected),
            other => panic!("expected `ConflictOfInterest` ({expected}), got {other:?}"),
        }
        assert!(register.get(id).await.is_err(), "what was refused is there");
    }
    assert_eq!(feed_is_whole(&*register).await.len(), 1);
    register
        .revoke(held.id(), reason(), &stamp(0))
        .await
        .unwrap();
    grant(&*register, by(stranger().who_is(other)))
        .await
        .unwrap();
}

/// Nothing is granted without bounds, and what is refused writes nothing.
pub async fn what_has_no_bounds_is_refused(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let rules = register.rules();
    let (uses, days) = (rules.uses_max, i64::from(rules.days_max));
    for (uses, days, fits) in [
        (0, 1, false),
        (1, 1, true),
        (uses, days, true),
        (uses + 1, 1, false),
        (1, 0, false),
        (1, days + 1, false),
    ] {
        let id = ExceptionId::generate();
        let new = asked_for(PersonId::generate(), uses, days);
        match register.grant(id, new, &stamp(0)).await {
            Ok(_) if fits => {}
            Err(Error::Invalid(_)) if !fits => {
                assert!(register.get(id).await.is_err(), "what was refused is there");
            }
            other => panic!("{uses} uses in {days} days: {other:?}"),
        }
    }
    assert_eq!(feed_is_whole(&*register).await.len(), 2);
}

/// What is revoked is used no more; the same revocation again changes nothing.
pub async fn a_revoked_exception_ends(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let id = grant(&*register, asked_for(person, 3, 1))
        .await
        .unwrap()
        .id();
    let end = stamp(1);
    let revoked = register.revoke(id, reason(), &end).await.unwrap();
    let revocation = revoked.revoked().unwrap();
    assert_eq!((revocation.reason(), revocation.stamp()), (&reason(), &end));
    assert_eq!(register.get(id).await.unwrap(), revoked);
    assert!(
        !uses(&*register, person, 2).await,
        "a revoked exception was used"
    );
    assert_eq!(
        register.revoke(id, reason(), &stamp(2)).await.unwrap(),
        revoked
    );
    let other = RevocationReason::from_static("other");
    let otherwise = register.revoke(id, other, &stamp(2)).await;
    assert!(
        matches!(otherwise, Err(Error::AlreadyExists { .. })),
        "{otherwise:?}"
    );
    assert_eq!(register.get(id).await.unwrap(), revoked);
    let unknown = register
        .revoke(ExceptionId::generate(), reason(), &end)
        .await;
    assert!(matches!(unknown, Err(Error::ExceptionNotFound { .. })));
}

/// What holds and is due is listed, the most overdue first; what ended is not.
pub async fn reviews_are_listed_by_their_day(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let due = async |review_days: i64, until_days: i64| {
        let person = PersonId::generate();
        let mut new = asked_for(person, 1, until_days);
        new.review_by = stamp(review_days * DAY).at().date_naive();
        (person, grant(&*register, new).await.unwrap().id())
    };
    let (_, third) = due(3, 9).await;
    let (_, first) = due(1, 9).await;
    let (_, second) = due(2, 9).await;
    let (_, _not_yet) = due(4, 9).await;
    let (_, _expired) = due(1, 2).await;
    let (spender, _used_up) = due(1, 9).await;
    let (_, revoked) = due(1, 9).await;
    assert!(uses(&*register, spender, 1).await);
    register.revoke(revoked, reason(), &stamp(1)).await.unwrap();
    let listed = register
        .due_for_review(stamp(3 * DAY).at(), &Page::first())
        .await
        .unwrap();
    let listed: Vec<ExceptionId> = listed.items().iter().map(Exception::id).collect();
    assert_eq!(listed, [first, second, third]);
}

/// Both lists, read in pages, hold everything once and in order.
pub async fn lists_go_on_where_they_ended(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let mut granted = Vec::new();
    for n in 0..7_i64 {
        let mut new = asked_for(person, 1, 5);
        new.review_by = stamp((n % 3) * DAY).at().date_naive();
        granted.push(grant(&*register, new).await.unwrap());
        grant(&*register, asked_for(PersonId::generate(), 1, 5))
            .await
            .unwrap();
    }
    let at = stamp(2 * DAY).at();
    granted.sort_by_key(Exception::id);
    let listed = all_pages(async |page| register.list(person, page).await).await;
    assert_eq!(listed, granted);
    granted.sort_by_key(|e| (e.body().review_by, e.id()));
    let listed = all_pages(async |page| register.due_for_review(at, page).await).await;
    assert_eq!(listed, granted);
    let stranger = Page::first().after(Cursor::new("not of this list").unwrap());
    assert!(matches!(
        register.list(person, &stranger).await,
        Err(Error::Invalid(_))
    ));
    assert!(matches!(
        register.due_for_review(at, &stranger).await,
        Err(Error::Invalid(_))
    ));
}

async fn all_pages(
    list: impl AsyncFn(&Page) -> Result<solidarity_core::Paged<Exception>>,
) -> Vec<Exception> {
    let mut all = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = list(&page).await.unwrap();
        assert!(
            paged.items().len() <= 3,
            "a page holds more than was asked for"
        );
        all.extend_from_slice(paged.items());
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => return all,
        }
    }
}

/// A grant, a use and a revocation are one change each, in order, committed to
/// under their own salts; what was repeated or refused is none.
pub async fn every_write_is_told_once(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let (id, use_id) = (ExceptionId::generate(), ExceptionUseId::generate());
    let new = asked_for(person, 1, 1);
    for _ in 0..2 {
        register.grant(id, new.clone(), &stamp(0)).await.unwrap();
        register.use_once(person, use_id, &stamp(1)).await.unwrap();
        assert!(!uses(&*register, person, 1).await);
    }
    for _ in 0..2 {
        register.revoke(id, reason(), &stamp(2)).await.unwrap();
    }
    let changes = feed_is_whole(&*register).await;
    let told: Vec<(&str, &str)> = changes
        .iter()
        .map(|change| (change.entity().as_str(), change.kind().as_str()))
        .collect();
    let expected = [
        ("exception", "grant"),
        ("exception", "use"),
        ("exception", "revoke"),
    ];
    assert_eq!(told, expected, "a write was not told once");
    assert!(changes.iter().all(|change| change.id() == *id.as_uuid()));
    let exception = register.get(id).await.unwrap();
    let body = serde_json::to_vec(exception.body()).unwrap();
    assert_eq!(
        changes.first().map(|change| change.commitment()),
        Some(Commitment::to(exception.salt(), &body))
    );
    assert_eq!(
        changes.last().map(|change| change.commitment()),
        exception
            .revoke_change()
            .unwrap()
            .map(|change| change.commitment)
    );
}

/// What was acknowledged is there after a crash, and counts.
pub async fn the_register_survives_a_crash(harness: &dyn Harness<dyn ExceptionRegister>) {
    let register = harness.open().await;
    let person = PersonId::generate();
    let granted = grant(&*register, asked_for(person, 2, 1)).await.unwrap();
    assert!(uses(&*register, person, 1).await);
    let revoked = grant(&*register, asked_for(person, 2, 1))
        .await
        .unwrap()
        .id();
    let revoked = register.revoke(revoked, reason(), &stamp(1)).await.unwrap();
    let (before, told) = (
        register.get(granted.id()).await.unwrap(),
        feed_is_whole(&*register).await,
    );
    let register = harness.reopen(register).await;
    assert_eq!(register.get(granted.id()).await.unwrap(), before);
    assert_eq!(register.get(revoked.id()).await.unwrap(), revoked);
    assert_eq!(feed_is_whole(&*register).await, told);
    assert!(uses(&*register, person, 2).await);
    assert!(!uses(&*register, person, 2).await);
}

/// Does the same random things to a fresh subject and to the memory register
/// of the same rules, and fails if they ever say something else.
pub async fn agrees_with_memory(
    harness: &dyn Harness<dyn ExceptionRegister>,
    seed: u64,
    steps: usize,
) {
    let register = harness.open().await;
    let memory = MemoryExceptionRegister::new(register.rules()).unwrap();
    let mut random = Random::new(seed);
    let people: Vec<PersonId> = (0..4).map(|_| PersonId::generate()).collect();
    let attesters: Vec<ActorId> = (0..3).map(|_| ActorId::generate()).collect();
    let ids: Vec<ExceptionId> = (0..60).map(|_| ExceptionId::generate()).collect();
    let use_ids: Vec<ExceptionUseId> = (0..200).map(|_| ExceptionUseId::generate()).collect();
    let mut seconds = 0;
    for step in 0..steps {
        seconds += i64::try_from(random.below(40_000)).unwrap();
        let stamp = stamp(seconds);
        let (id, person) = (*random.pick(&ids).unwrap(), *random.pick(&people).unwrap());
        match random.below(8) {
            0 | 1 => {
                let new = random_grant(&mut random, person, &people, &attesters, seconds);
                let said = register.grant(id, new.clone(), &stamp).await;
                let expected = memory.grant(id, new, &stamp).await;
                same(step, said.map(|e| seen(&e)), expected.map(|e| seen(&e)));
            }
            2..=4 => {
                let use_id = *random.pick(&use_ids).unwrap();
                let seen = |used: Option<crate::ExceptionUse>| {
                    used.map(|u| {
                        (
                            u.id(),
                            u.exception(),
                            u.person(),
                            u.number(),
                            u.stamp().clone(),
                        )
                    })
                };
                let said = register.use_once(person, use_id, &stamp).await;
                same(
                    step,
                    said.map(seen),
                    memory.use_once(person, use_id, &stamp).await.map(seen),
                );
            }
            5 => {
                let reason =
                    RevocationReason::from_static(random.pick(&["error", "moved"]).unwrap());
                let said = register.revoke(id, reason.clone(), &stamp).await;
                let expected = memory.revoke(id, reason, &stamp).await;
                same(step, said.map(|e| seen(&e)), expected.map(|e| seen(&e)));
            }
            6 => {
                let said = register.due_for_review(stamp.at(), &Page::largest()).await;
                let expected = memory.due_for_review(stamp.at(), &Page::largest()).await;
                let seen = |due: solidarity_core::Paged<Exception>| due.map(|e| seen(&e));
                same(step, said.map(seen), expected.map(seen));
            }
            _ => {
                let attester = *random.pick(&attesters).unwrap();
                let said = register.tally(attester, stamp.at()).await;
                same(step, said, memory.tally(attester, stamp.at()).await);
            }
        }
        let (said, expected) = (register.get(id).await, memory.get(id).await);
        same(step, said.map(|e| seen(&e)), expected.map(|e| seen(&e)));
        let said = register.find_valid(person, stamp.at()).await;
        let expected = memory.find_valid(person, stamp.at()).await;
        same(
            step,
            said.map(|e| e.map(|e| e.id())),
            expected.map(|e| e.map(|e| e.id())),
        );
    }
    let (said, expected) = (
        feed_is_whole(&*register).await,
        feed_is_whole(&memory).await,
    );
    assert_eq!(said.len(), expected.len(), "the feeds differ");
    for (said, expected) in said.iter().zip(&expected) {
        let told = |c: &solidarity_core::Change| (c.id(), c.kind().clone(), c.recorded_at());
        assert_eq!(told(said), told(expected));
    }
}

/// What is the same in two registers: everything but the salts.
fn seen(exception: &Exception) -> (ExceptionId, NewException, u32, Option<RevocationReason>) {
    (
        exception.id(),
        exception.body().clone(),
        exception.used(),
        exception.revoked().map(|r| r.reason().clone()),
    )
}

fn random_grant(
    random: &mut Random,
    person: PersonId,
    people: &[PersonId],
    attesters: &[ActorId],
    seconds: i64,
) -> NewException {
    let uses = u32::try_from(random.below(4)).unwrap();
    let until = stamp(seconds + i64::try_from(random.below(5)).unwrap() * DAY).at();
    let mut attester = Attester::new(*random.pick(attesters).unwrap());
    if random.chance(50) {
        attester = attester.who_is(*random.pick(people).unwrap());
    }
    let review_by = (until - TimeDelta::days(i64::try_from(random.below(2)).unwrap())).date_naive();
    let limit = ExceptionLimit::new(uses, until);
    NewException::new(
        person,
        ExceptionBasis::DISPLACED,
        attester,
        limit,
        review_by,
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let helpers = ["agrees_with_memory"];
        let source = include_str!("exception_register.rs");
        assert_eq!(solidarity_core::testing::unlisted_cases(source), helpers);
    }
}
