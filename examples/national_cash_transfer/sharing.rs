//! Lawful basis and consent. Enrolment and payment rest on public task: nobody
//! is asked. Sharing with clinics is optional: each adult answers for
//! themself, and no answer changes a benefit.

use std::collections::BTreeMap;

use solidarity_consent::{
    Basis, BasisStatement, Collected, ControllerKind, FieldName, GivenBy, NewConsent, NewPolicy,
    NewUse, NoticeVersion, Notify, Outcome, Period, Policy, Recipient, Reply, Request, UseId, Uses,
    decide,
};
use solidarity_core::testing::Random;
use solidarity_core::{
    Channel, Clock, ConsentId, Language, MessageForm, PersonId, Purpose, UnitId, Validity, Version,
};
use solidarity_registry::{AsOf, EntityRef, Person, RecordStore};

use crate::figures::Count;
use crate::office::{Office, Result};

/// Of how many units the adults are asked: the programme tries it in a few
/// villages first.
const PILOT: usize = 150;

/// The ministry's register of uses.
fn policy(office: &Office) -> Result<Policy> {
    let since = Validity::since(office.day(0));
    let by_law = BasisStatement::new("pay", Basis::PublicTask, office.programme.basis(), since)?
        .purposes([Purpose::from_static("payment")])
        .fields([FieldName::new("name")?, FieldName::new("account")?])
        .recipients([Recipient::new("payment-provider")?])
        .kept_for_days(3_650);
    let optional = BasisStatement::new(
        "outreach",
        Basis::Consent,
        "Data Protection Act, section 30",
        since,
    )?
    .purposes([Purpose::from_static("health-outreach")])
    .fields([FieldName::new("name")?, FieldName::new("phone")?])
    .recipients([Recipient::new("clinic")?])
    .kept_for_days(90)
    .notify(Notify::After);
    let ministry = Recipient::new("ministry")?;
    let new = NewPolicy::new(Version::FIRST, ministry, ControllerKind::PublicAuthority);
    Ok(Policy::new(new.with(by_law).with(optional))?)
}

/// Checks the basis of paying `payees`, and asks the adults of the first of
/// `units` whether a clinic may have their telephone numbers.
pub(crate) async fn share(
    office: &Office,
    payees: &[PersonId],
    units: &[UnitId],
    people: &[Person],
    seed: u64,
) -> Result<Vec<Count>> {
    let policy = policy(office)?;
    let now = office.clock.now();
    let mut permitted = 0;
    for payee in payees {
        let request = Request::new(
            *payee,
            Purpose::from_static("payment"),
            Recipient::new("payment-provider")?,
            [FieldName::new("name")?, FieldName::new("account")?],
        )?;
        let decision = decide(&policy, &[], &Uses::none(), &request, now);
        permitted += u64::from(matches!(
            decision.outcome(),
            Outcome::Permit { withheld, .. } if withheld.is_empty()
        ));
    }
    let asked = ask(office, &policy, &adults(office, units, people).await?, seed).await?;
    let note = "asked for themself; the answer changes no benefit";
    Ok(vec![
        Count::new(
            "paid on public task",
            permitted,
            "the law says so; nobody is asked, and told by notice",
        ),
        Count::new(
            "adults asked about sharing with a clinic",
            asked.asked,
            note,
        ),
        Count::new(
            "said yes",
            asked.yes,
            "the clinic may have name and telephone, for 30 days",
        ),
        Count::new("said no", asked.no, "nobody presses them"),
        Count::new(
            "have not answered",
            asked.asked - asked.yes - asked.no,
            "nothing is shared",
        ),
        Count::new(
            "shared with the clinic",
            asked.shared,
            "decided and counted in one step",
        ),
    ])
}

async fn adults(office: &Office, units: &[UnitId], people: &[Person]) -> Result<Vec<PersonId>> {
    let people: BTreeMap<PersonId, &Person> = people.iter().map(|p| (p.id(), p)).collect();
    let register = office.look("consent-desk", "consent");
    let units: Vec<_> = units
        .iter()
        .take(PILOT)
        .copied()
        .map(EntityRef::Unit)
        .collect();
    let on = Some(AsOf::day(office.today()));
    let memberships = register.memberships(&units, on).await?;
    let is_adult = |person: &&PersonId| {
        let born = people.get(person).and_then(|person| person.said().born);
        let age = born.and_then(|born| born.expose().age_on(office.today()));
        age.and_then(|age| age.at_least(18)) == Some(true)
    };
    let members = memberships
        .iter()
        .map(|membership| &membership.said().person);
    Ok(members.filter(is_adult).copied().collect())
}

#[derive(Default)]
struct Asked {
    asked: u64,
    yes: u64,
    no: u64,
    shared: u64,
}

async fn ask(office: &Office, policy: &Policy, adults: &[PersonId], seed: u64) -> Result<Asked> {
    let stamp = office.stamp("consent-desk", "consent");
    let (mut asked, mut questions, mut uses) = (Asked::default(), Vec::new(), Vec::new());
    for adult in adults {
        let request = Request::new(
            *adult,
            Purpose::from_static("health-outreach"),
            Recipient::new("clinic")?,
            [FieldName::new("name")?, FieldName::new("phone")?],
        )?;
        let period = Period::days(stamp.at(), 365)?;
        let (notice, language) = (NoticeVersion::new("2026-1")?, Language::new("sw")?);
        let id = ConsentId::derive(adult, "clinic");
        let question = NewConsent::new(id, &request, period, notice, language).kept_for_days(30);
        let (high, low) = adult.as_uuid().as_u64_pair();
        let heard = Collected::new(GivenBy::Subject, Channel::InPerson, MessageForm::Voice);
        asked.asked += 1;
        questions.push(match Random::new(seed ^ high ^ low).below(100) {
            0..55 => {
                asked.yes += 1;
                question.answered(Reply::given(heard.with_witness("a neighbor")))
            }
            55..80 => {
                asked.no += 1;
                question.answered(Reply::refused(heard))
            }
            _ => question,
        });
        uses.push(NewUse::new(UseId::derive(&id, "first list"), request));
    }
    for questions in questions.chunks(500) {
        for outcome in office.consents.record(questions, &stamp).await? {
            outcome?;
        }
    }
    for uses in uses.chunks(500) {
        for outcome in office.consents.check_and_use(uses, policy, &stamp).await? {
            asked.shared += u64::from(!outcome?.grants().is_empty());
        }
    }
    Ok(asked)
}
