//! Day 21: what was asked is answered, and more money comes.

use solidarity_core::testing::block_on;
use solidarity_core::{Page, Version};
use solidarity_programme::{
    Admission, DecisionQuery, Eligibility, Event, EventId, NewEvent, Status,
};
use solidarity_registry::{Act, Command, CommandId, Decimal, RecordStoreExt};

use crate::cast::{HOUSEHOLDS, INCOME, kes, unit};
use crate::deciding::{advance, decide, enrolment, grant, last_decision, record, status};
use crate::registering::what_is_said;
use crate::world::{World, day, time};

/// Baraka was asked, and says it.
pub(crate) fn income_stated(world: &World) {
    world.wait_until(21, 9);
    let household = HOUSEHOLDS.iter().find(|h| h.name == "baraka").unwrap();
    let said = what_is_said(household).with_attribute(INCOME, "650".parse::<Decimal>().unwrap());
    let revision = Act::revise_unit(unit("baraka"), Version::FIRST, day(21), said);
    let command = Command::new(CommandId::derive(&unit("baraka"), "income"), revision);
    let stamp = world.by("tablet", "registration");
    block_on(world.registry.apply_one(command, &stamp))
        .unwrap()
        .unwrap();
}

pub(crate) fn more_money_granted(world: &World) {
    grant(world, "second grant", "17000.00");
}

pub(crate) fn decided_again(world: &World) {
    record(world, &[decide(world, "baraka", day(21), time(21, 9))]);
}

pub(crate) fn admitted(world: &World) {
    for name in ["baraka", "zawadi"] {
        let decision = last_decision(world, name);
        let amount = match decision.outcome() {
            Eligibility::Eligible(eligible) => eligible.amount(),
            Eligibility::WaitingForBudget(waiting) => waiting.amount(),
            other => panic!("{name} is {}", other.as_str()),
        };
        let enrolment = enrolment(world, name).id();
        let (on, by) = (day(21), Admission::Decision(decision.id()));
        let id = EventId::derive(&enrolment, "admit");
        let event = NewEvent::new(id, enrolment, Event::Admit { on, amount, by });
        advance(world, event, "assessor").unwrap();
    }
}

/// Who was asked is decided by the answer, and who waited needs no new
/// application. What was decided before still reads as it was, on the facts
/// that were known then.
pub(crate) fn asking_and_waiting_end_well(world: &World) {
    for name in ["baraka", "zawadi"] {
        assert_eq!(status(world, name, 21), Status::Enrolled, "{name}");
        assert_ne!(status(world, name, 20), Status::Enrolled, "{name}");
        let amount = enrolment(world, name).amount_on(day(21));
        assert_eq!(amount, Some(kes("1400.00")), "{name}");
    }
    let then = decide(world, "baraka", day(3), time(3, 9));
    let query = DecisionQuery::One(then.id());
    let kept = block_on(world.programmes.list_decisions(query, &Page::first())).unwrap();
    assert_eq!(kept.items(), [then]);
}
