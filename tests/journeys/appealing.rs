//! Two notices and two appeals: one before the day of effect, dismissed; one
//! after it, upheld.

use chrono::NaiveDate;
use solidarity_core::testing::block_on;
use solidarity_core::{NoticeId, Version};
use solidarity_grievance::{Act, Error, OwedRemedy, Refusal, Remedy, Step as Taken};
use solidarity_programme::{
    AdverseAction, AppealOutcome, Event, EventId, Ground, HumanDecision, NewEvent, Status, Step,
};

use crate::cast::{actor, case, kes};
use crate::complaining::{act, action, answers_sent, appealed, decided, officer, opened, refused};
use crate::deciding::{advance, enrolment, notice};
use crate::world::{World, day};

/// The programme learns of the appeal: while it is open, it holds back what
/// was noticed.
fn noted(world: &World, of: &str, against: NoticeId, n: u64) {
    let (case, on) = (case(of), day(n));
    record(world, of, "appeal", Event::Appeal { case, against, on });
}

/// The programme learns how it ended.
fn ended(world: &World, of: &str, outcome: AppealOutcome, n: u64) {
    let (case, on) = (case(of), day(n));
    record(
        world,
        of,
        "appeal decided",
        Event::DecideAppeal { case, on, outcome },
    );
}

fn record(world: &World, of: &str, name: &str, event: Event) {
    let enrolment = enrolment(world, of).id();
    let id = EventId::derive(&enrolment, name);
    advance(world, NewEvent::new(id, enrolment, event), "registrar").unwrap();
}

fn status(world: &World, of: &str, n: u64) -> Status {
    enrolment(world, of).status_on(day(n))
}

pub(crate) fn tajiri_goes_to_the_office(world: &World) {
    opened(
        world,
        "tajiri",
        "assessor",
        "Those were five thousand in a year.",
        15,
    );
    noted(world, "tajiri", rejection(), 15);
}

fn rejection() -> NoticeId {
    notice("tajiri", "low_income", 3).id()
}

pub(crate) fn tajiri_is_refused(world: &World) {
    refused(
        world,
        "tajiri",
        "The pay slips say that they were in a month.",
        16,
    );
}

pub(crate) fn tajiri_appeals(world: &World) {
    appealed(world, "tajiri", "Look at them again.", 17);
}

pub(crate) fn tajiri_is_dismissed(world: &World) {
    let words = "We looked at them again. They are for a month.";
    decided(
        world,
        "tajiri",
        Taken::say(action("dismiss-appeal"), words),
        19,
    );
    ended(world, "tajiri", AppealOutcome::Dismissed, 19);
}

/// An appeal in time holds back what was noticed, also on the day on which it
/// would have begun. Once somebody else has dismissed it, it begins; and the
/// last no says where else to go.
pub(crate) fn an_appeal_holds_a_stop_back(world: &World) {
    let effect = enrolment(world, "tajiri")
        .actions()
        .next()
        .unwrap()
        .notice()
        .effect();
    assert_eq!(effect, day(17));
    for n in [16, 17, 18] {
        assert_eq!(status(world, "tajiri", n), Status::Applied, "day {n}");
    }
    assert_eq!(status(world, "tajiri", 19), Status::Rejected);
    let (context, code) = (
        world.context("web", "redress"),
        world.outside.receipt("tajiri"),
    );
    let told = block_on(world.desk().status(&context, &code))
        .unwrap()
        .unwrap();
    assert_eq!(told.state.as_str(), "appeal-rejected");
    assert!(told.outside.is_some() && told.actions.is_empty());
    assert_eq!(answers_sent(world), 2);
}

fn suspension() -> NoticeId {
    notice("neema", "not_found_at_home", 20).id()
}

/// The assessor stops Neema's benefit, under a name and with reasons.
pub(crate) fn neema_is_suspended(world: &World) {
    world.wait_until(20, 9);
    let reasons = "the house is empty, and nobody knows since when";
    let action = AdverseAction::new(
        enrolment(world, "neema").id(),
        Step::Suspend,
        Ground::HumanDecision(HumanDecision::new(actor("assessor"), reasons).unwrap()),
        notice("neema", "not_found_at_home", 20),
    );
    advance(world, NewEvent::stop(action.unwrap()), "assessor").unwrap();
}

/// A stop begins on the day that its notice says, and no sooner.
pub(crate) fn nothing_stops_before_its_day(world: &World) {
    assert_eq!(status(world, "neema", 33), Status::Enrolled);
    assert_eq!(status(world, "neema", 34), Status::Suspended);
    let neema = enrolment(world, "neema");
    let notice = neema.actions().next().unwrap().notice();
    assert_eq!(
        (notice.id(), notice.appeal_until()),
        (suspension(), day(50))
    );
}

/// Neema comes back from the hospital, forty days in.
pub(crate) fn neema_goes_to_the_office(world: &World) {
    opened(world, "neema", "assessor", "We were in the hospital.", 40);
    noted(world, "neema", suspension(), 40);
}

pub(crate) fn neema_is_refused(world: &World) {
    refused(world, "neema", "The house was empty.", 41);
}

pub(crate) fn neema_appeals(world: &World) {
    appealed(world, "neema", "Here is the letter of the hospital.", 42);
}

/// From the day of the appeal on the benefit goes on. Neither who refused it
/// nor who took the step decides it, whatever role they hold.
pub(crate) fn who_decided_does_not_decide_again(world: &World) {
    assert_eq!(status(world, "neema", 39), Status::Suspended);
    assert_eq!(status(world, "neema", 40), Status::Enrolled);
    block_on(async {
        let (desk, version) = (world.desk(), Version::from_count(6).unwrap());
        let dismiss = |who| {
            let step = Taken::say(action("dismiss-appeal"), "It was empty.");
            Act::by_officer(officer(who, "appeals"), step)
        };
        for (who, refusal) in [
            ("handler", Refusal::NotIndependent),
            ("assessor", Refusal::ConflictOfInterest),
        ] {
            let context = world.context(who, "redress");
            let refused = desk
                .act(&context, case("neema"), version, dismiss(who))
                .await;
            assert_eq!(refused.unwrap_err().refusal(), Some(refusal), "{who}");
        }
        let (context, assessor) = (
            world.context("assessor", "redress"),
            officer("assessor", "appeals"),
        );
        let seen = desk.read(&context, &assessor, case("neema")).await;
        assert!(matches!(seen, Err(Error::NotFound { .. })), "{seen:?}");
    });
}

pub(crate) fn neema_is_upheld(world: &World) {
    let owed = Remedy::Pay {
        entitlement: None,
        payment: None,
        amount: Some(kes("1400.00")),
    };
    let step = Taken::redress(action("uphold-appeal"), "You are right.", [owed]);
    decided(world, "neema", step, 60);
    ended(world, "neema", AppealOutcome::Upheld, 60);
}

/// What was overturned is void from its beginning, and what was withheld is
/// owed. What was paid and seen meanwhile still reads as it was.
pub(crate) fn what_was_withheld_is_owed(world: &World) {
    let neema = enrolment(world, "neema");
    assert_eq!(neema.amount_on(day(35)), None);
    assert_eq!(neema.corrected_amount_on(day(35)), Some(kes("1400.00")));
    assert_eq!(neema.status_on(day(60)), Status::Enrolled);
    assert_eq!(carried_out(world), [None]);
    assert_eq!(answers_sent(world), 4);
}

/// The arrears are paid, and the case says so.
pub(crate) fn remedy_carried_out(world: &World) {
    act(
        world,
        "neema",
        8,
        "judge",
        "appeals",
        Taken::CarryOut { remedy: 0 },
    );
}

/// When each remedy that is owed to Neema was carried out.
pub(crate) fn carried_out(world: &World) -> Vec<Option<NaiveDate>> {
    let (context, code) = (
        world.context("web", "redress"),
        world.outside.receipt("neema"),
    );
    let told = block_on(world.desk().status(&context, &code))
        .unwrap()
        .unwrap();
    let on = |owed: &OwedRemedy| Some(owed.carried_out_at()?.date_naive());
    told.remedies.iter().map(on).collect()
}
