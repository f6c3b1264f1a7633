use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;
use solidarity_core::Version;
use uuid::Uuid;

use super::tests::{
    FIELDS, PURPOSES, RECIPIENTS, always, at, bases, collected, request, stamp, terms,
};
use super::*;
use crate::{
    Budget, Condition, ControllerKind, GivenBy, NewPolicy, Prohibition, Recipient, Reply,
    SpecialCategory, SpecialCondition, withdrawal_effect,
};
fn subset(bits: u8) -> Vec<FieldName> {
    let chosen = FIELDS
        .iter()
        .enumerate()
        .filter(|(n, _)| bits & (1 << n) != 0);
    chosen.map(|(_, field)| field.clone()).collect()
}

prop_compose! {
    fn any_policy()(
        statements in prop::collection::vec((0..6_usize, 1..8_u8, 0..2_usize, 0..2_usize, 0..100_u32, 0..2_u8), 1..5),
        special in any::<bool>(),
        forbidden in prop::option::of((1..8_u8, 0..2_usize)),
    ) -> NewPolicy {
        let ministry = Recipient::from_static("ministry");
        let mut new = NewPolicy::new(Version::FIRST, ministry, ControllerKind::Other);
        for (n, (basis, fields, purpose, recipient, kept, condition)) in statements.into_iter().enumerate() {
            let kinds = [SpecialCondition::SocialProtectionLaw, SpecialCondition::ExplicitConsent];
            let condition = Condition::new(kinds[usize::from(condition)], "Act 1, s. 9");
            new = new.with(
                BasisStatement::new(&format!("s{n}"), bases()[basis].clone(), "Act 1", always())
                    .unwrap()
                    .purposes([PURPOSES[purpose].clone()])
                    .fields(subset(fields))
                    .recipients([RECIPIENTS[recipient].clone()])
                    .kept_for_days(kept)
                    .on_condition(SpecialCategory::HEALTH, condition),
            );
        }
        if special {
            new = new.with_special(FIELDS[0].clone(), SpecialCategory::HEALTH);
        }
        if let Some((fields, recipient)) = forbidden {
            let prohibition = Prohibition::new("no", "Act 2", always()).unwrap();
            new = new.forbidding(prohibition.fields(subset(fields)).recipients([RECIPIENTS[recipient].clone()]));
        }
        new
    }
}

prop_compose! {
    fn any_consents()(
        all in prop::collection::vec((1..8_u8, 0..2_usize, 0..2_usize, 0..6_u8, 0..4_i64, 0..200_i64, 0..4_i64, 0..3_u32), 0..6),
    ) -> (Vec<Consent>, Uses) {
        let mut uses = Uses::none();
        let consents = (1_u128..).zip(all).map(|(n, (fields, purpose, recipient, said, when, until, next, used))| {
            let wanted = request(&PURPOSES[purpose], &RECIPIENTS[recipient], &subset(fields));
            let own = || collected(GivenBy::Subject);
            let new = terms(n, &wanted, 0, 1 + until).at_most(Budget::new(2, 60).unwrap());
            let new = match said {
                0 => new,
                1 => new.answered(Reply::refused(own())),
                2 => new.answered(Reply::given_explicitly(own())),
                _ => new.answered(Reply::given(own())),
            };
            let consent = Consent::record(&new, &stamp(when)).unwrap();
            uses = std::mem::take(&mut uses).with(consent.id(), used);
            match (said, next) {
                (4, _) => consent.with_withdrawal(&own(), &stamp(next)).unwrap(),
                (5, 0) => consent.with_successor(ConsentId::from_uuid(Uuid::nil()), &stamp(next)),
                _ => consent,
            }
        }).collect();
        (consents, uses)
    }
}

prop_compose! {
    fn any_request()(fields in 1..8_u8, purpose in 0..2_usize, recipient in 0..2_usize) -> Request {
        request(&PURPOSES[purpose], &RECIPIENTS[recipient], &subset(fields))
    }
}

fn allowed(decision: &Decision) -> BTreeSet<FieldName> {
    decision.allowed_fields().into_iter().cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_decision_only_narrows(
        new in any_policy(), (consents, uses) in any_consents(), request in any_request(), now in 0..250_i64,
    ) {
        let policy = Policy::new(new).unwrap();
        let decision = decide(&policy, &consents, &uses, &request, at(now));
        let mut answered: BTreeSet<_> = decision.withheld().keys().cloned().collect();
        for grant in decision.grants() {
            let statement = policy.statements().iter().find(|s| s.id == grant.statement).unwrap();
            prop_assert!(grant.fields.iter().all(|field| statement.covers(&request, field)));
            prop_assert!(grant.retention_days <= statement.retention_days);
            prop_assert!(grant.consent.is_some() || !statement.basis.is_consent());
            if let Some(named) = grant.consent {
                let consent = consents.iter().find(|c| c.reference() == named).unwrap();
                prop_assert_eq!(consent.standing(at(now)), Standing::InForce);
                prop_assert!(grant.fields.is_subset(&consent.terms().fields));
                prop_assert!(grant.retention_days <= consent.terms().retention_days);
                prop_assert!(uses.of(named.id()) < 2);
                prop_assert!(grant.special.is_empty() || consent.is_explicit()
                    || statement.conditions[&SpecialCategory::HEALTH].kind != SpecialCondition::ExplicitConsent);
            }
            for field in &grant.fields {
                prop_assert!(answered.insert(field.clone()), "answered twice");
            }
        }
        prop_assert_eq!(&answered, request.fields());
        let asks = policy.asks_consent_for(&request, at(now).date_naive());
        let by_law = decide(&policy, &[], &Uses::none(), &request, at(now));
        prop_assert!(asks.is_disjoint(&allowed(&by_law)), "asked about what rests on law");
    }

    #[test]
    fn a_withdrawal_or_a_prohibition_never_adds_a_field(
        new in any_policy(), (consents, uses) in any_consents(), request in any_request(),
        now in 0..250_i64, which in any::<prop::sample::Index>(), when in -5..10_i64, forbidden in 1..8_u8,
    ) {
        let policy = Policy::new(new.clone()).unwrap();
        let before = decide(&policy, &consents, &uses, &request, at(now));
        // What is withdrawn is not withdrawn again.
        if !consents.is_empty() && which.get(&consents).state() != State::Withdrawn {
            let mut fewer = consents.clone();
            let withdrawn = which.get(&consents).with_withdrawal(&collected(GivenBy::Subject), &stamp(when)).unwrap();
            fewer[which.index(consents.len())] = withdrawn;
            let after = decide(&policy, &fewer, &uses, &request, at(now));
            prop_assert!(allowed(&after).is_subset(&allowed(&before)));
            let by_law = decide(&policy, &[], &Uses::none(), &request, at(now));
            prop_assert!(allowed(&by_law).is_subset(&allowed(&after)), "what rests on law stopped");
        }
        let prohibition = Prohibition::new("more", "Act 3", always()).unwrap().fields(subset(forbidden));
        let stricter = Policy::new(new.forbidding(prohibition)).unwrap();
        let after = decide(&stricter, &consents, &uses, &request, at(now));
        prop_assert!(allowed(&after).is_subset(&allowed(&before)));
        prop_assert!(allowed(&after).is_disjoint(&subset(forbidden).into_iter().collect()));
    }

    #[test]
    fn a_decision_is_replayed_to_the_byte(
        new in any_policy(), (mut consents, uses) in any_consents(), request in any_request(), now in 0..250_i64,
    ) {
        let policy = Policy::new(new).unwrap();
        let bytes = |decision: &Decision| serde_json::to_vec(decision).unwrap();
        let decision = decide(&policy, &consents, &uses, &request, at(now));
        consents.reverse();
        prop_assert_eq!(bytes(&decide(&policy, &consents, &uses, &request, at(now))), bytes(&decision));

        // Years later: read back, everything withdrawn since.
        let decision: Decision = serde_json::from_slice(&bytes(&decision)).unwrap();
        let policy: Policy = serde_json::from_slice(&serde_json::to_vec(&policy).unwrap()).unwrap();
        let since: Vec<_> = consents
            .iter()
            .map(|consent| match consent.state() {
                State::Withdrawn => consent.clone(),
                _ => consent.with_withdrawal(&collected(GivenBy::Subject), &stamp(9_000)).unwrap(),
            })
            .collect();
        prop_assert_eq!(bytes(&decision.replay(&policy, &since).unwrap()), bytes(&decision));
        if !decision.considered().is_empty() {
            prop_assert!(decision.replay(&policy, &[]).is_err());
        }
    }

    #[test]
    fn time_alone_never_revives_what_was_taken_back(
        new in any_policy(), (consents, _) in any_consents(), request in any_request(), days in -400..400_i64,
    ) {
        let policy = Policy::new(new).unwrap();
        let gone: Vec<_> = consents
            .iter()
            .map(|c| c.with_withdrawal(&collected(GivenBy::Subject), &stamp(100)).unwrap())
            .collect();
        let now = at(0) + TimeDelta::days(days);
        let decision = decide(&policy, &gone, &Uses::none(), &request, now);
        prop_assert!(decision.consents_used().is_empty());
    }

    #[test]
    fn what_stops_and_what_goes_on_is_all_that_was(
        new in any_policy(), (consents, _) in any_consents(), now in 0..250_i64, which in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!consents.is_empty());
        let policy = Policy::new(new).unwrap();
        let consent = which.get(&consents);
        let effect = withdrawal_effect(&policy, &consents, consent.id(), at(now)).unwrap();
        let terms = consent.terms();
        let fields: Vec<_> = terms.fields.iter().cloned().collect();
        let wanted = request(&terms.purpose, &terms.recipient, &fields);
        if consent.state() != State::Withdrawn {
            let was = allowed(&decide(&policy, &consents, &Uses::none(), &wanted, at(now)));
            let here = effect.continues.iter().filter(|c| c.purpose == terms.purpose && c.recipient == terms.recipient);
            let stays: BTreeSet<_> = here.flat_map(|c| &c.fields).cloned().collect();
            prop_assert!(stays.is_disjoint(&effect.stops));
            prop_assert_eq!(stays.union(&effect.stops).cloned().collect::<BTreeSet<_>>(), was);
        }
        prop_assert!(effect.continues.iter().all(|c| c.consent != Some(consent.id())));
        prop_assert!(effect.continues.iter().all(|c| !c.citation.is_empty()));
    }
}
