//! Handles a complaint: somebody who gives no name complains about an
//! officer, the officer is kept away from it, nobody does anything until it
//! goes up the ladder, it is rejected, appealed, and upheld by someone else.
//!
//! `cargo run -p solidarity-examples --example handle_complaint`

use std::error::Error;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use solidarity_core::testing::block_on;
use solidarity_core::{ActorId, CaseId, Context, ManualClock, MemoryAccessLog, Purpose};
use solidarity_grievance::{
    Act, ActionName, CategoryCode, Concern, Desk, IntakeChannel, MemoryCaseStore, MemoryNotifier,
    NewCase, Officer, ReceiptCode, ReceiptKey, Remedy, Role, Step, Workflows, standard_workflow,
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", block_on(handle())?);
    Ok(())
}

fn officer(role: &'static str) -> Officer {
    Officer::new(ActorId::generate(), [Role::from_static(role)])
}

const fn action(name: &'static str) -> ActionName {
    ActionName::from_static(name)
}

// ANCHOR: handle
async fn handle() -> Result<String, Box<dyn Error>> {
    let clock = Arc::new(ManualClock::at("2026-11-23T09:00:00Z".parse()?));
    let desk = Desk::new(
        Arc::new(MemoryCaseStore::new(Workflows::new([
            standard_workflow().check()?
        ])?)),
        Arc::new(MemoryNotifier::new()),
        Arc::new(MemoryAccessLog::new()),
        clock.clone(),
        ReceiptKey::new([7; 32]), // drawn at random once, and kept outside the database
    );
    let as_officer =
        |officer: &Officer| Context::new(officer.actor, Purpose::from_static("redress"));
    let (accused, supervisor) = (officer("intake"), officer("supervisor"));
    let (handler, appeals) = (officer("handler"), officer("appeals"));
    let web = Context::new(ActorId::generate(), Purpose::from_static("redress"));
    let mut said = Vec::new();

    // Somebody puts a letter into the box. They keep a code, and no name.
    let letter = NewCase::new(
        standard_workflow().code,
        IntakeChannel::Letter,
        CategoryCode::new("payment/part-kept")?,
        "A part of my money was kept.",
        "2026-11-23T09:00:00Z".parse::<chrono::DateTime<Utc>>()?,
    )
    .concerning(Concern::Actor(accused.actor));
    let (id, code) = (CaseId::generate(), ReceiptCode::generate());
    let case = desk.open(&web, id, letter, &code).await?;
    let length = code.reveal().len();
    said.push(format!(
        "{} with a receipt of {length} characters",
        case.state()
    ));

    // Whom it is about does not even learn that it is there.
    if let Err(error) = desk.read(&as_officer(&accused), &accused, id).await {
        let told = error.to_string().replace(&id.to_string(), "…");
        said.push(format!("the accused is told: {told}"));
    }

    // A day later nobody has touched it. It goes up the ladder, once.
    clock.advance(TimeDelta::hours(24));
    for _ in 0..2 {
        for up in desk.escalate_due(&web).await?.done {
            said.push(format!("nobody acted: up to the {}", up.to));
        }
    }

    // The supervisor takes it up; the handler rejects it.
    let seen = desk.read(&as_officer(&supervisor), &supervisor, id).await?;
    let act = Act::by_officer(supervisor.clone(), Step::take(action("acknowledge")));
    desk.act(&as_officer(&supervisor), id, seen.version, act)
        .await?;
    let seen = desk.read(&as_officer(&handler), &handler, id).await?;
    let rejection = Step::say(action("reject"), "Our books say that all was paid.");
    let act = Act::by_officer(handler.clone(), rejection);
    desk.act(&as_officer(&handler), id, seen.version, act)
        .await?;

    // The answer waits under the code, and says what can be done about it.
    let status = desk.status(&web, &code).await?.ok_or("no such code")?;
    let answer = status.answer.ok_or("no answer")?;
    said.push(format!("{}: {}", status.state, answer.expose()));
    let may: Vec<&str> = status.actions.iter().map(ActionName::as_str).collect();
    said.push(format!("the complainant may: {}", may.join(", ")));
    let grounds = Step::say(action("appeal"), "Then look at the receipt book.");
    desk.act_by_receipt(&web, &code, status.version, grounds)
        .await?;

    // Who rejected it does not decide the appeal, whatever role they hold.
    let decision = Step::redress(
        action("uphold-appeal"),
        "You are right. The rest is paid to you.",
        [Remedy::Pay {
            entitlement: None,
            payment: None,
            amount: Some("12.50 KES".parse()?),
        }],
    );
    let mut decider = appeals.clone();
    decider.actor = handler.actor;
    let version = desk
        .read(&as_officer(&appeals), &appeals, id)
        .await?
        .version;
    let act = Act::by_officer(decider.clone(), decision.clone());
    if let Err(error) = desk.act(&as_officer(&decider), id, version, act).await {
        said.push(format!("refused: {}", error.refusal().ok_or("no refusal")?));
    }
    let act = Act::by_officer(appeals.clone(), decision);
    let event = desk.act(&as_officer(&appeals), id, version, act).await?;
    let status = desk.status(&web, &code).await?.ok_or("no such code")?;
    said.push(format!(
        "{}, and {} remedy is owed",
        event.state(),
        status.remedies.len()
    ));
    Ok(said.join("\n"))
}
// ANCHOR_END: handle

#[test]
fn says_what_it_did() {
    let said = block_on(handle()).unwrap();
    let expected = "\
received with a receipt of 24 characters
the accused is told: case `…` not found
nobody acted: up to the supervisor
rejected: Our books say that all was paid.
the complainant may: appeal
refused: the officer took a decision in this case
appeal-upheld, and 1 remedy is owed";
    assert_eq!(said, expected);
}
