//! How a complaint goes through the desk; and, on days 10 to 14, a letter
//! without a name about somebody at the cash point.

use solidarity_core::testing::block_on;
use solidarity_core::{Page, Version};
use solidarity_grievance::{
    Act, ActionName, CategoryCode, Complainant, Concern, Delivery, Error, IntakeChannel, Matter,
    MessageKind, NewCase, Officer, Outcome, Phase, Remedy, Role, Sensitivity, Step,
    standard_workflow,
};

use crate::cast::{actor, case, people, person};
use crate::deciding::enrolment;
use crate::world::{World, time};

/// Somebody of the office, in a role.
pub(crate) fn officer(who: &str, role: &'static str) -> Officer {
    Officer::new(actor(who), [Role::from_static(role)])
}

/// Does what `officer` does at version `n` of a case: the same call again has
/// the same answer.
pub(crate) fn act(world: &World, of: &str, n: u64, who: &str, role: &'static str, step: Step) {
    let act = Act::by_officer(officer(who, role), step);
    let (context, version) = (
        world.context(who, "redress"),
        Version::from_count(n).unwrap(),
    );
    block_on(world.desk().act(&context, case(of), version, act)).unwrap();
}

pub(crate) const fn action(name: &'static str) -> ActionName {
    ActionName::from_static(name)
}

/// Somebody goes to the office against a notice. Whoever gave it is kept away
/// from the case.
pub(crate) fn opened(world: &World, of: &str, by: &str, words: &str, n: u64) {
    world.wait_until(n, 9);
    let contact = people()
        .find(|member| member.key == of)
        .unwrap()
        .safe_contact();
    let complaint = NewCase::new(
        standard_workflow().code,
        IntakeChannel::InPerson,
        CategoryCode::from_static("eligibility"),
        words,
        time(n, 9),
    )
    .by(Complainant::Registrant(person(of)))
    .reached_by(contact.unwrap())
    .concerning(Concern::Actor(actor(by)))
    .disputing(Matter::Enrolment(enrolment(world, of).id()));
    let (context, code) = (
        world.context("intake", "redress"),
        world.outside.receipt(of),
    );
    block_on(world.desk().open(&context, case(of), complaint, &code)).unwrap();
}

/// The first to look at it says no.
pub(crate) fn refused(world: &World, of: &str, words: &str, n: u64) {
    world.wait_until(n, 9);
    act(
        world,
        of,
        2,
        "clerk",
        "intake",
        Step::take(action("acknowledge")),
    );
    act(
        world,
        of,
        3,
        "handler",
        "handler",
        Step::say(action("reject"), words),
    );
}

/// Whoever was refused appeals, with the receipt.
pub(crate) fn appealed(world: &World, of: &str, words: &str, n: u64) {
    world.wait_until(n, 9);
    let (context, code) = (world.context("web", "redress"), world.outside.receipt(of));
    let (step, version) = (
        Step::say(action("appeal"), words),
        Version::from_count(5).unwrap(),
    );
    let desk = world.desk();
    let done = block_on(desk.act_by_receipt(&context, &code, version, step));
    assert!(done.unwrap().is_some());
}

/// Somebody else decides.
pub(crate) fn decided(world: &World, of: &str, step: Step, n: u64) {
    world.wait_until(n, 9);
    act(world, of, 6, "judge", "appeals", step);
}

/// How many answers arrived on people's telephones.
pub(crate) fn answers_sent(world: &World) -> usize {
    let sent = world.outside.messages.sent();
    let answers = sent
        .iter()
        .filter(|(_, message)| message.kind == MessageKind::Answered);
    answers.count()
}

pub(crate) fn letter_opened(world: &World) {
    world.wait_until(10, 10);
    let letter = NewCase::new(
        standard_workflow().code,
        IntakeChannel::Letter,
        CategoryCode::new("corruption/part-kept").unwrap(),
        "The agent keeps a part of everybody's money.",
        time(10, 9),
    )
    .concerning(Concern::Actor(actor("agent")));
    let (context, code) = (
        world.context("mailroom", "redress"),
        world.outside.receipt("letter"),
    );
    block_on(world.desk().open(&context, case("letter"), letter, &code)).unwrap();
}

pub(crate) fn letter_taken_up(world: &World) {
    world.wait_until(11, 9);
    act(
        world,
        "letter",
        1,
        "director",
        "management",
        Step::take(action("acknowledge")),
    );
}

pub(crate) fn letter_answered(world: &World) {
    world.wait_until(12, 9);
    let answer = "It is so. The agent pays nobody any more.";
    let step = Step::redress(action("uphold"), answer, [Remedy::Apologize]);
    act(world, "letter", 2, "director", "management", step);
}

/// Four days later somebody comes with the code.
pub(crate) fn letter_fetched(world: &World) {
    world.wait_until(14, 9);
    let (context, code) = (
        world.context("web", "redress"),
        world.outside.receipt("letter"),
    );
    let status = block_on(world.desk().status(&context, &code)).unwrap();
    assert!(status.is_some());
}

/// A complaint needs no name. Whom it is about does not learn that it is
/// there. The answer waits under the receipt code, and under no other.
pub(crate) fn the_answer_waits_for_whoever_asks(world: &World) {
    block_on(async {
        let (desk, code) = (world.desk(), world.outside.receipt("letter"));
        let context = world.context("web", "redress");
        let status = desk.status(&context, &code).await.unwrap().unwrap();
        assert_eq!(status.outcome, Some(Outcome::Upheld));
        assert_eq!(status.phase, Phase::Answered);
        assert!(status.answer.unwrap().expose().contains("pays nobody"));
        let wrong = world.outside.receipt("neema");
        assert_eq!(desk.status(&context, &wrong).await.unwrap(), None);

        let kept = world.cases.get(case("letter")).await.unwrap();
        assert_eq!(kept.new_case().complainant, Complainant::Anonymous);
        assert_eq!(kept.sensitivity(), Sensitivity::Sensitive);
        let reached = Delivery::Reached { at: time(14, 9) };
        assert_eq!(kept.answer().unwrap().delivery(), reached);
        assert!(world.outside.messages.sent().is_empty());

        let agent = officer("agent", "management");
        let theirs = world.context("agent", "redress");
        let seen = desk.read(&theirs, &agent, case("letter")).await;
        assert!(matches!(seen, Err(Error::NotFound { .. })), "{seen:?}");
        let events = world
            .cases
            .events(case("letter"), &Page::first())
            .await
            .unwrap();
        assert_eq!(events.items().len(), 3);
    });
}
