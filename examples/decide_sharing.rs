//! Decides whose data may go where. A payment rests on law, and nobody is
//! asked. Sharing with a clinic rests on consent, and each adult of a household
//! answers for themself: one says yes, one says no, one says yes and takes it
//! back. The answers say what stops, what goes on, and why.
//!
//! `cargo run --example decide_sharing`

use std::error::Error;
use std::fmt::Write;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use solidarity_consent::{
    Basis, BasisStatement, Collected, ConsentStore, ConsentStoreExt, ControllerKind, Decision,
    FieldName, GivenBy, MemoryConsentStore, NewConsent, NewPolicy, NewUse, NoticeVersion, Notify,
    Outcome, Period, Policy, Recipient, Reply, Request, UseId, withdrawal_effect,
};
use solidarity_core::testing::block_on;
use solidarity_core::{
    ActorId, Channel, ConsentId, Invalid, Language, MessageForm, PersonId, Purpose, Stamp,
    Validity, Version,
};

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", block_on(share(&MemoryConsentStore::new()))?);
    Ok(())
}

/// The ministry's register of uses.
fn policy() -> Result<Policy, Box<dyn Error>> {
    let day = NaiveDate::from_ymd_opt(2026, 1, 1).ok_or("no such day")?;
    let since = Validity::since(day);
    let pay = BasisStatement::new(
        "pay",
        Basis::PublicTask,
        "Social Assistance Act, s. 12",
        since,
    )?
    .purposes([Purpose::new("payment")?])
    .fields([FieldName::new("name")?, FieldName::new("account")?])
    .recipients([Recipient::new("bank")?])
    .kept_for_days(3_650);
    let outreach = BasisStatement::new(
        "outreach",
        Basis::Consent,
        "Data Protection Act, s. 30",
        since,
    )?
    .purposes([Purpose::new("health-outreach")?])
    .fields([FieldName::new("name")?, FieldName::new("phone")?])
    .recipients([Recipient::new("clinic")?])
    .kept_for_days(90)
    .notify(Notify::After);
    let ministry = Recipient::new("ministry")?;
    let new = NewPolicy::new(Version::FIRST, ministry, ControllerKind::PublicAuthority);
    Ok(Policy::new(new.with(pay).with(outreach))?)
}

fn wanted(person: PersonId, purpose: &str, by: &str, fields: &[&str]) -> Result<Request, Invalid> {
    let fields = fields.iter().map(|field| FieldName::new(*field));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Request::new(person, Purpose::new(purpose)?, Recipient::new(by)?, fields)
}

async fn share(store: &dyn ConsentStore) -> Result<String, Box<dyn Error>> {
    let (policy, mut said) = (policy()?, String::new());
    let start: DateTime<Utc> = "2026-03-02T08:00:00Z".parse()?;
    let officer = ActorId::generate();
    let desk = Purpose::new("consent-desk")?;
    let at = |hours| Stamp::new(start + TimeDelta::hours(hours), officer, desk.clone());

    // Each adult is asked for themself, in the form that they take in.
    let in_writing = Collected::new(GivenBy::Subject, Channel::InPerson, MessageForm::Text);
    let by_voice = Collected::new(GivenBy::Subject, Channel::InPerson, MessageForm::Voice);
    let adults = [
        ("first adult", Reply::given(in_writing.clone())),
        ("second adult", Reply::refused(in_writing)),
        (
            "third adult",
            Reply::given(by_voice.clone().with_witness("a neighbor")),
        ),
    ]
    .map(|(who, reply)| (who, PersonId::generate(), ConsentId::generate(), reply));
    for (_, person, id, reply) in &adults {
        let outreach = wanted(*person, "health-outreach", "clinic", &["name", "phone"])?;
        let asked = policy.asks_consent_for(&outreach, start.date_naive());
        assert_eq!(
            &asked,
            outreach.fields(),
            "these, and nothing that rests on law"
        );
        let (notice, language) = (NoticeVersion::new("2026-1")?, Language::new("sw")?);
        let new = NewConsent::new(*id, &outreach, Period::days(start, 365)?, notice, language)
            .kept_for_days(30)
            .answered(reply.clone());
        store.record_one(&new, &at(0)).await?;
    }

    writeln!(
        said,
        "The clinic wants name and phone, for health outreach:"
    )?;
    for (who, person, ..) in &adults {
        let outreach = wanted(*person, "health-outreach", "clinic", &["name", "phone"])?;
        let new = NewUse::new(UseId::generate(), outreach);
        let decision = store.check_and_use_one(&new, &policy, &at(1)).await?;
        writeln!(said, "  {who}: {}", tell(&decision))?;
    }

    let [.., (who, person, id, _)] = &adults;
    store
        .withdraw(*id, Version::FIRST, &by_voice, &at(2))
        .await?;
    let effect = withdrawal_effect(
        &policy,
        &store.all_of_subject(*person).await?,
        *id,
        at(2).at(),
    )?;
    writeln!(said, "The {who} takes it back:")?;
    let stops: Vec<_> = effect.stops.iter().map(FieldName::as_str).collect();
    writeln!(
        said,
        "  stops: {} to {} for {}",
        stops.join(", "),
        effect.recipient,
        effect.purpose
    )?;
    writeln!(
        said,
        "  the {} may keep what it got for {} days",
        effect.recipient, effect.kept_days
    )?;
    for other in &effect.continues {
        let fields: Vec<_> = other.fields.iter().map(FieldName::as_str).collect();
        let (to, purpose, citation) = (&other.recipient, &other.purpose, &other.citation);
        writeln!(
            said,
            "  goes on: {} to {to} for {purpose}, by {citation}",
            fields.join(", ")
        )?;
    }

    writeln!(said, "Afterwards:")?;
    for (who, person, ..) in &adults {
        for request in [
            wanted(*person, "health-outreach", "clinic", &["name", "phone"])?,
            wanted(*person, "payment", "bank", &["name", "account"])?,
        ] {
            let to = request.recipient().clone();
            let new = NewUse::new(UseId::generate(), request);
            let decision = store.check_and_use_one(&new, &policy, &at(3)).await?;
            writeln!(said, "  {who}, {to}: {}", tell(&decision))?;
        }
    }
    Ok(said)
}

/// A decision in a line.
fn tell(decision: &Decision) -> String {
    match decision.outcome() {
        Outcome::Permit { grants, .. } => {
            let grants = grants.iter().map(|grant| {
                let fields: Vec<_> = grant.fields.iter().map(FieldName::as_str).collect();
                let (basis, days) = (grant.basis.code(), grant.retention_days);
                format!("{} on {basis}, kept {days} days", fields.join(", "))
            });
            grants.collect::<Vec<_>>().join("; ")
        }
        Outcome::Deny { reasons } => match reasons.values().next() {
            Some(reason) => format!(
                "no. What would change it: {:?}",
                reason.what_would_change_it()
            ),
            None => "no".to_owned(),
        },
    }
}

#[test]
fn says_what_stops_and_what_goes_on() {
    let said = block_on(share(&MemoryConsentStore::new())).unwrap();
    let expected = "\
The clinic wants name and phone, for health outreach:
  first adult: name, phone on consent, kept 30 days
  second adult: no. What would change it: TheirOwnMotion
  third adult: name, phone on consent, kept 30 days
The third adult takes it back:
  stops: name, phone to clinic for health-outreach
  the clinic may keep what it got for 30 days
  goes on: name to bank for payment, by Social Assistance Act, s. 12
Afterwards:
  first adult, clinic: name, phone on consent, kept 30 days
  first adult, bank: account, name on public_task, kept 3650 days
  second adult, clinic: no. What would change it: TheirOwnMotion
  second adult, bank: account, name on public_task, kept 3650 days
  third adult, clinic: no. What would change it: TheirOwnMotion
  third adult, bank: account, name on public_task, kept 3650 days
";
    assert_eq!(said, expected);
}
