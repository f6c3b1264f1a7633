//! Day 3: who is eligible, and who gets what there is.

use chrono::{DateTime, NaiveDate, Utc};
use solidarity_core::testing::block_on;
use solidarity_core::{Language, Money, NoticeId, Page, PersonId};
use solidarity_payments::{Chart, LedgerExt, Movement, TransferId};
use solidarity_programme::{
    AdverseAction, Contact, Decision, DecisionQuery, Draw, Eligibility, Enrolment, EnrolmentQuery,
    Error, FactName, Gap, Ground, NewEnrolment, NewEvent, NewNotice, Notice, Question, ReasonCode,
    Replay, Status, Step, TextKey, Truth, allocate, decide_eligibility, facts_of, replay,
};
use solidarity_registry::{AsOf, RecordStoreExt, Role};

use crate::cast::{BANK, HOUSEHOLDS, Household, POST, kes, programme, programme_id, unit};
use crate::world::{World, day, time};

pub(crate) fn programme_stated(world: &World) {
    world.wait_until(3, 9);
    let stamp = world.by("ministry", "administration");
    block_on(world.programmes.put_programme(&programme(), &stamp)).unwrap();
}

/// The year's first grant. It does not cover everybody.
pub(crate) fn money_granted(world: &World) {
    grant(world, "first grant", "6000.00");
}

pub(crate) fn grant(world: &World, name: &str, amount: &str) {
    let (chart, now) = (
        Chart::new(programme_id(), kes("0").currency()),
        world.by("treasury", "payment").at(),
    );
    let id = TransferId::derive(&programme_id(), name);
    let fund = chart.transfer(id, &Movement::Fund, kes(amount)).unwrap();
    block_on(async {
        let opened = world
            .ledger
            .create_accounts(&chart.accounts(&[BANK, POST]), now)
            .await;
        assert!(opened.unwrap().iter().all(|status| status.is_held()));
        assert!(
            world
                .ledger
                .create_transfer(fund, now)
                .await
                .unwrap()
                .is_held()
        );
    });
}

/// What the register said of a household, for a day, as it was known then.
pub(crate) fn decide(world: &World, name: &str, on: NaiveDate, known: DateTime<Utc>) -> Decision {
    let as_of = AsOf::day(on).known_at(known);
    let (household, members, people) = block_on(async {
        let household = world.registry.unit_as_of(unit(name), as_of).await.unwrap();
        let members = world
            .registry
            .members(unit(name), Some(as_of))
            .await
            .unwrap();
        let ids: Vec<PersonId> = members.iter().map(|m| m.said().person).collect();
        let people = world.registry.people(&ids, as_of).await.unwrap();
        (household, members, people)
    });
    let people: Vec<_> = people.into_iter().flatten().collect();
    let facts = facts_of(&programme(), &household, &members, &people, on);
    decide_eligibility(&programme(), &facts)
}

/// The last word about each household, made again from the same facts however
/// late it is.
fn first_round(world: &World) -> Vec<Decision> {
    let decide = |household: &Household| decide(world, household.name, day(3), time(3, 9));
    let decisions = HOUSEHOLDS.iter().map(decide);
    let (eligible, others): (Vec<_>, Vec<_>) =
        decisions.partition(|d| matches!(d.outcome(), Eligibility::Eligible(_)));
    let draw = Draw::from_static("2026-01.4711");
    let shared = allocate(&programme(), &draw, kes("6000.00"), eligible).unwrap();
    [shared.funded, shared.waiting, others].concat()
}

pub(crate) fn decided(world: &World) {
    record(world, &first_round(world));
}

pub(crate) fn record(world: &World, decisions: &[Decision]) {
    let stamp = world.by("assessor", "eligibility");
    let outcomes = block_on(world.programmes.record_decisions(decisions, &stamp)).unwrap();
    outcomes.into_iter().for_each(Result::unwrap);
}

pub(crate) fn enrolled(world: &World) {
    let enrol = |decision: &Decision| NewEnrolment::of(decision, payee(world, decision), day(3));
    let new: Vec<NewEnrolment> = first_round(world).iter().map(enrol).collect();
    let stamp = world.by("assessor", "eligibility");
    let outcomes = block_on(world.programmes.enrol(&new, &stamp)).unwrap();
    outcomes.into_iter().for_each(Result::unwrap);
}

/// Whoever the household says collects; else the head.
fn payee(world: &World, decision: &Decision) -> PersonId {
    let on = AsOf::day(decision.on()).known_at(time(3, 9));
    let members = block_on(world.registry.members(decision.unit(), Some(on))).unwrap();
    let with = |role| members.iter().find(|m| m.said().has(&role));
    let payee = with(Role::COLLECTOR).or_else(|| with(Role::HEAD));
    payee.unwrap().said().person
}

/// The notice of an adverse action, given on the day `dated`. Nobody needs a
/// telephone for it.
pub(crate) fn notice(of: &str, reason: &'static str, dated: u64) -> Notice {
    let said = NewNotice::new(
        NoticeId::derive(&unit(of), reason),
        ReasonCode::from_static(reason),
        TextKey::from_static("notice.text"),
        day(dated),
        day(dated + 14),
        "District social welfare office",
        Contact::Office {
            place: "Village office".to_owned(),
            language: Language::from_static("sw"),
        },
    );
    Notice::new(programme().due_process(), said).unwrap()
}

/// Records what happened to enrolments, as the programme's store answers.
pub(crate) fn advance(world: &World, event: NewEvent, by: &str) -> Result<(), Error> {
    let stamp = world.by(by, "eligibility");
    block_on(world.programmes.advance(&[event], &stamp))
        .unwrap()
        .remove(0)
}

/// Tajiri is ineligible, which by itself is nothing but an application. To
/// refuse it takes a notice.
pub(crate) fn rejection_noticed(world: &World) {
    let tajiri = last_decision(world, "tajiri");
    let Eligibility::Ineligible(ineligible) = tajiri.outcome() else {
        panic!("{}", tajiri.outcome().as_str());
    };
    let action = AdverseAction::new(
        enrolment(world, "tajiri").id(),
        Step::Reject,
        ineligible.ground(),
        notice("tajiri", "low_income", 3),
    );
    advance(world, NewEvent::stop(action.unwrap()), "assessor").unwrap();
}

pub(crate) fn enrolments(world: &World) -> Vec<Enrolment> {
    let query = EnrolmentQuery::Programme(programme_id());
    let found = block_on(world.programmes.list_enrolments(query, &Page::largest()));
    found.unwrap().into_items()
}

/// The one enrolment of a household.
pub(crate) fn enrolment(world: &World, name: &str) -> Enrolment {
    let query = EnrolmentQuery::Unit(unit(name));
    let found = block_on(world.programmes.list_enrolments(query, &Page::first()));
    let mut found = found.unwrap().into_items();
    assert_eq!(found.len(), 1, "{name} has one enrolment");
    found.remove(0)
}

/// What was decided about a household last.
pub(crate) fn last_decision(world: &World, name: &str) -> Decision {
    let query = DecisionQuery::Unit(unit(name));
    let found = block_on(world.programmes.list_decisions(query, &Page::first()));
    found
        .unwrap()
        .into_items()
        .into_iter()
        .max_by_key(Decision::on)
        .unwrap()
}

pub(crate) fn status(world: &World, name: &str, n: u64) -> Status {
    enrolment(world, name).status_on(day(n))
}

/// Each outcome has its reasons and replays to the same bytes. A missing fact
/// makes a question and nobody ineligible; no money is no refusal; and to be
/// ineligible stops nothing before the day that a notice says.
pub(crate) fn every_outcome_is_explained(world: &World) {
    let due = |name: &str| enrolment(world, name).amount_on(day(4)).map(Money::amount);
    let said = |name: &str| {
        (
            last_decision(world, name).outcome().as_str(),
            status(world, name, 4),
            due(name),
        )
    };
    let paid = |amount: &str| ("eligible", Status::Enrolled, Some(amount.to_owned()));
    assert_eq!(said("juma"), paid("1600.00"));
    assert_eq!(said("chausiku"), paid("1200.00"));
    assert_eq!(said("kito"), paid("1400.00"));
    assert_eq!(said("neema"), paid("1400.00"));
    assert_eq!(
        said("zawadi"),
        ("waiting_for_budget", Status::WaitingForBudget, None)
    );
    assert_eq!(said("baraka"), ("undetermined", Status::Undetermined, None));
    assert_eq!(said("tajiri"), ("ineligible", Status::Applied, None));

    let asked = Question::Fact {
        fact: FactName::from_static("income"),
        of: None,
        gap: Gap::Missing,
    };
    assert_eq!(*last_decision(world, "baraka").questions(), [asked].into());
    let Eligibility::WaitingForBudget(waiting) = last_decision(world, "zawadi").outcome().clone()
    else {
        panic!("zawadi does not wait");
    };
    assert_eq!((waiting.rank(), waiting.amount()), (1, kes("1400.00")));
    let tajiri = last_decision(world, "tajiri");
    let low_income = ReasonCode::from_static("low_income");
    let against = tajiri
        .reasons()
        .iter()
        .filter(|reason| reason.holds() == Truth::False);
    assert_eq!(
        against.map(|reason| reason.code()).collect::<Vec<_>>(),
        [&low_income]
    );
    assert_eq!(tajiri.nearest(), [low_income]);

    for household in &HOUSEHOLDS {
        let decision = last_decision(world, household.name);
        assert_eq!(replay(&decision, &programme()), Replay::Same);
    }
    baraka_cannot_be_refused(world);
}

/// Nothing that was decided about another household is a ground.
fn baraka_cannot_be_refused(world: &World) {
    let others = last_decision(world, "tajiri");
    let Eligibility::Ineligible(ineligible) = others.outcome() else {
        panic!("tajiri is not ineligible");
    };
    let ground: Ground = ineligible.ground();
    let id = enrolment(world, "baraka").id();
    let refusal = AdverseAction::new(id, Step::Reject, ground, notice("baraka", "income", 3));
    let refused = advance(world, NewEvent::stop(refusal.unwrap()), "assessor");
    assert!(
        matches!(refused, Err(Error::Unfounded { .. })),
        "{refused:?}"
    );
    assert_eq!(status(world, "baraka", 100), Status::Undetermined);
}
