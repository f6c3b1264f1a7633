use proptest::prelude::*;
use solidarity_core::{ActorId, Purpose};

use super::*;
use crate::ExceptionLimit;

fn stamp(days: i64) -> Stamp {
    let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + days);
    Stamp::new(at, ActorId::generate(), Purpose::from_static("test"))
}

fn asked_for(uses: u32, days: i64) -> NewException {
    let until = stamp(days).at();
    NewException::new(
        PersonId::generate(),
        ExceptionBasis::NO_DOCUMENT,
        Attester::new(ActorId::generate()),
        ExceptionLimit::new(uses, until),
        stamp(0).at().date_naive(),
    )
}

fn grant(new: NewException) -> Result<Exception> {
    grant_beside(new, &[], AttesterTally::default())
}

fn grant_beside(
    new: NewException,
    of_vouching: &[Exception],
    tally: AttesterTally,
) -> Result<Exception> {
    ExceptionRules::default().grant(
        GrantView::new(tally, of_vouching),
        ExceptionId::generate(),
        new,
        &stamp(0),
        Salt::generate(),
    )
}

fn conflict(result: Result<Exception>) -> Option<Conflict> {
    match result {
        Ok(_) => None,
        Err(Error::ConflictOfInterest { conflict, .. }) => Some(conflict),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn every_exception_is_bounded() {
    let rules = ExceptionRules::default();
    let days = i64::from(rules.days_max);
    for (uses, until, field) in [
        (0, 1, Some("limit.uses")),
        (1, 1, None),
        (rules.uses_max, 1, None),
        (rules.uses_max + 1, 1, Some("limit.uses")),
        (1, 0, Some("limit.until")),
        (1, -1, Some("limit.until")),
        (1, days, None),
        (1, days + 1, Some("limit.until")),
    ] {
        match (grant(asked_for(uses, until)), field) {
            (Ok(_), None) => {}
            (Err(Error::Invalid(invalid)), Some(field)) => assert_eq!(invalid.field(), field),
            (other, _) => panic!("{uses} uses until {until}: {other:?}"),
        }
    }
    let mut finer = asked_for(1, 1);
    finer.limit.until += TimeDelta::nanoseconds(1);
    assert!(grant(finer).is_err());
    for (review, fits) in [(-1, false), (0, true), (10, true), (11, false)] {
        let mut new = asked_for(1, 10);
        new.review_by = stamp(review).at().date_naive();
        assert_eq!(grant(new).is_ok(), fits, "{review}");
    }
}

#[test]
fn nobody_vouches_who_has_a_stake() {
    let (me, other) = (PersonId::generate(), PersonId::generate());
    let new = |attester| NewException {
        person: me,
        attester,
        ..asked_for(1, 1)
    };
    let somebody = || Attester::new(ActorId::generate());
    let granter = stamp(0);
    let rules = ExceptionRules {
        tolerated: [Interest::from_static("kin")].into(),
        ..ExceptionRules::default()
    };
    let rule = |new: NewException| {
        conflict(rules.grant(
            GrantView::new(AttesterTally::default(), &[]),
            ExceptionId::generate(),
            new,
            &granter,
            Salt::generate(),
        ))
    };
    let kin = Interest::from_static("kin");
    let employer = Interest::from_static("employer");
    for (case, new, expected) in [
        ("a stranger", new(somebody()), None),
        (
            "themself",
            new(somebody().who_is(me)),
            Some(Conflict::Themself),
        ),
        (
            "themself, as an actor",
            new(Attester::new(ActorId::from_uuid(*me.as_uuid()))),
            Some(Conflict::Themself),
        ),
        (
            "who grants",
            new(Attester::new(granter.actor())),
            Some(Conflict::TwoRoles),
        ),
        (
            "the person as a witness",
            new(somebody()).with_witnesses(vec![somebody().who_is(me)]),
            Some(Conflict::Themself),
        ),
        (
            "the attester as a witness",
            new(somebody().who_is(other)).with_witnesses(vec![somebody().who_is(other)]),
            Some(Conflict::TwoRoles),
        ),
        ("kin, tolerated", new(somebody().with_interest(kin)), None),
        (
            "the employer",
            new(somebody().with_interest(employer)),
            Some(Conflict::Declared),
        ),
    ] {
        assert_eq!(rule(new), expected, "{case}");
    }
}

#[test]
fn two_people_do_not_vouch_for_each_other() {
    let (one, two) = (PersonId::generate(), PersonId::generate());
    let new = |person, attester| NewException {
        person,
        attester: Attester::new(ActorId::generate()).who_is(attester),
        ..asked_for(1, 1)
    };
    let for_two = grant(new(two, one)).unwrap();
    let tally = AttesterTally::default();
    let back = |held: &Exception| {
        conflict(grant_beside(
            new(one, two),
            std::slice::from_ref(held),
            tally,
        ))
    };
    assert_eq!(back(&for_two), Some(Conflict::Mutual));
    // What no longer holds no longer stands in the way.
    let reason = RevocationReason::from_static("moved");
    let revoked = for_two
        .revoke(&reason, &stamp(0), Salt::generate())
        .unwrap()
        .unwrap();
    assert_eq!(back(&revoked), None);
    // Vouching for a third person is nobody's stake.
    let third = grant_beside(new(PersonId::generate(), two), &[for_two], tally);
    assert_eq!(conflict(third), None);
}

#[test]
fn an_attester_vouches_for_so_many_and_no_more() {
    let cap = u64::from(ExceptionRules::default().cap_per_attester);
    for (standing, fits) in [(cap - 1, true), (cap, false), (cap + 1, false)] {
        let tally = AttesterTally {
            standing,
            ..AttesterTally::default()
        };
        let granted = grant_beside(asked_for(1, 1), &[], tally);
        assert_eq!(granted.is_ok(), fits, "{standing}");
    }
}

#[test]
fn a_quorum_is_kept() {
    let rules = ExceptionRules {
        quorum: [(ExceptionBasis::NO_DOCUMENT, 3)].into(),
        ..ExceptionRules::default()
    };
    for (witnesses, fits) in [(0, false), (1, false), (2, true), (15, true), (16, false)] {
        let others = (0..witnesses).map(|_| Attester::new(ActorId::generate()));
        let new = asked_for(1, 1).with_witnesses(others.collect());
        let view = GrantView::new(AttesterTally::default(), &[]);
        let granted = rules.grant(
            view,
            ExceptionId::generate(),
            new,
            &stamp(0),
            Salt::generate(),
        );
        assert_eq!(granted.is_ok(), fits, "{witnesses}");
    }
}

#[test]
fn an_exception_stands_as_its_table_says() {
    let granted = grant(asked_for(1, 10)).unwrap();
    let used = granted.once_more();
    let reason = RevocationReason::from_static("error");
    let revoked = used
        .revoke(&reason, &stamp(1), Salt::generate())
        .unwrap()
        .unwrap();
    for (exception, days, standing) in [
        (&granted, 0, Standing::Valid),
        (&granted, 9, Standing::Valid),
        (&granted, 10, Standing::Expired),
        (&used, 0, Standing::UsedUp),
        (&used, 10, Standing::Expired),
        (&revoked, 0, Standing::Revoked),
        (&revoked, 10, Standing::Revoked),
    ] {
        assert_eq!(exception.standing(stamp(days).at()), standing);
    }
    assert!(matches!(
        revoked.revoke(&reason, &stamp(2), Salt::generate()),
        Ok(None)
    ));
    let other = RevocationReason::from_static("other");
    assert!(revoked.revoke(&other, &stamp(2), Salt::generate()).is_err());
    assert_eq!(revoked.as_granted(), granted);
}

proptest! {
    #[test]
    fn uses_never_pass_the_limit_and_the_first_to_end_goes_first(limits in prop::collection::vec((1_u32..5, 1_i64..9), 1..4), tries in 0_usize..20, day in 0_i64..9) {
        let mut held: Vec<Exception> =
            limits.iter().map(|(uses, days)| grant(asked_for(*uses, *days)).unwrap()).collect();
        let usable: u32 = limits.iter().filter(|(_, days)| *days > day).map(|(uses, _)| uses).sum();
        let mut ends = Vec::new();
        for _ in 0..tries {
            let used = Exception::use_first(&held, ExceptionUseId::generate(), &stamp(day), Salt::generate());
            let Some((after, used)) = used else { break };
            prop_assert_eq!(used.number(), after.used());
            ends.push(after.body().limit.until);
            let at = held.iter().position(|e| e.id() == after.id()).unwrap();
            held[at] = after;
        }
        prop_assert_eq!(ends.len(), tries.min(usable as usize));
        prop_assert!(ends.is_sorted());
    }
}
