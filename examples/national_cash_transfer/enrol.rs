//! Who is eligible and why, for whom there is money, and who is told no.

use std::collections::{BTreeMap, HashMap};

use indicatif::ProgressBar;
use solidarity_core::{Language, Money, NoticeId, Page, PersonId, Residence, UnitId};
use solidarity_programme::{
    AdverseAction, Contact, Decision, Draw, Eligibility, Ground, NewEnrolment, NewEvent, NewNotice,
    Notice, Step, TextKey, allocate, decide_eligibility, facts_of,
};
use solidarity_registry::{
    AsOf, EntityRef, Membership, Person, RecordSearchExt, RecordStore, Role,
};

use crate::figures::Count;
use crate::office::{Office, Result};

/// What parliament gives the programme for each unit in the register, in
/// minor units of its currency: not enough for all.
const APPROPRIATION: i128 = 170_000;

/// What it gives beside that, for each unit, for what providers charge.
const CHARGES: i128 = 1_500;

/// How many commands go to a store at once.
const CHUNK: usize = 1_000;

/// What was decided, unit by unit.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// Eligible, and there is money.
    pub(crate) funded: Vec<Decision>,
    /// Eligible, and the money ends before them.
    pub(crate) waiting: Vec<Decision>,
    pub(crate) ineligible: Vec<Decision>,
    pub(crate) undetermined: Vec<Decision>,
    /// Who collects for each unit.
    pub(crate) payees: HashMap<UnitId, PersonId>,
    /// Where who collects lives, as the person or else the unit said.
    pub(crate) homes: HashMap<PersonId, Residence>,
    /// What the treasury gives: for those enrolled, for what providers charge,
    /// and for those whom an appeal brings in.
    pub(crate) appropriation: Option<Money>,
}

impl Decided {
    pub(crate) fn units(&self) -> usize {
        self.all().count()
    }

    fn all(&self) -> impl Iterator<Item = &Decision> {
        let eligible = self.funded.iter().chain(&self.waiting);
        eligible.chain(&self.ineligible).chain(&self.undetermined)
    }
}

/// Decides for every unit, by what the register says on the first day.
pub(crate) async fn decide(
    office: &Office,
    people: &[Person],
    bar: &ProgressBar,
) -> Result<Decided> {
    let people: HashMap<PersonId, &Person> = people.iter().map(|p| (p.id(), p)).collect();
    let register = office.look("eligibility-officer", "eligibility");
    let (mut decided, mut eligible, mut page) = (Decided::default(), Vec::new(), Page::largest());
    loop {
        let units = register.list_units(&page).await?;
        let ids: Vec<_> = units
            .items()
            .iter()
            .map(|unit| EntityRef::Unit(unit.id()))
            .collect();
        let on = Some(AsOf::day(office.today()));
        let mut of_unit: HashMap<UnitId, Vec<Membership>> = HashMap::new();
        for membership in register.memberships(&ids, on).await? {
            of_unit
                .entry(membership.said().unit)
                .or_default()
                .push(membership);
        }
        for unit in units.items() {
            let memberships = of_unit.remove(&unit.id()).unwrap_or_default();
            let members: Vec<Person> = memberships
                .iter()
                .filter_map(|m| people.get(&m.said().person).copied().cloned())
                .collect();
            let facts = facts_of(
                &office.programme,
                unit,
                &memberships,
                &members,
                office.today(),
            );
            let decision = decide_eligibility(&office.programme, &facts);
            if let Some(payee) = collector(&memberships, &people) {
                decided.payees.insert(unit.id(), payee);
                let own = people.get(&payee).map(|person| person.said().residence);
                let own = own.filter(|own| *own != Residence::Unknown);
                decided
                    .homes
                    .insert(payee, own.unwrap_or(unit.said().residence));
            }
            match decision.outcome() {
                Eligibility::Eligible(_) | Eligibility::WaitingForBudget(_) => {
                    eligible.push(decision);
                }
                Eligibility::Ineligible(_) => decided.ineligible.push(decision),
                Eligibility::Undetermined(_) => decided.undetermined.push(decision),
            }
        }
        bar.inc(units.items().len() as u64);
        match units.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    if decided.payees.is_empty() {
        return Err(
            "no unit has a member on the first day: give a --start that is not before \
                    the mapping's effective_on"
                .into(),
        );
    }
    share_out(office, decided, eligible)
}

/// Who collects: whom the unit named; else a head; else anyone of them. Not the
/// head by default.
fn collector(memberships: &[Membership], people: &HashMap<PersonId, &Person>) -> Option<PersonId> {
    let rank = |membership: &Membership| {
        let said = membership.said();
        let born = people
            .get(&said.person)
            .and_then(|person| person.said().born.as_ref());
        let born = born.map(|born| born.expose().earliest());
        let role = match said {
            said if said.has(&Role::COLLECTOR) => 0,
            said if said.has(&Role::HEAD) => 1,
            _ => 2,
        };
        (role, born.is_none(), born, said.person)
    };
    memberships
        .iter()
        .min_by_key(|m| rank(m))
        .map(|m| m.said().person)
}

fn share_out(office: &Office, mut decided: Decided, eligible: Vec<Decision>) -> Result<Decided> {
    let units = decided.units() + eligible.len();
    let budget = APPROPRIATION * i128::try_from(units)?;
    let budget = Money::from_minor(budget, office.programme.currency())?;
    // The number comes from a draw that everybody can watch.
    let draw = Draw::new(format!("{}/4711", office.today().format("%Y-%m")))?;
    let shared = allocate(&office.programme, &draw, budget, eligible)?;
    decided.funded = shared.funded;
    decided.waiting = shared.waiting;
    let charges = Money::from_minor(CHARGES * i128::try_from(units)?, budget.currency())?;
    let appeals = office.programme.stated().benefit.base;
    decided.appropriation = Some(budget.checked_add(charges)?.checked_add(appeals)?);
    Ok(decided)
}

/// Records the decisions and where each unit stands by them. Who is not
/// eligible is told why, from when on, and where to appeal; until then nothing
/// is final.
pub(crate) async fn enrol(office: &Office, decided: &Decided, bar: &ProgressBar) -> Result<()> {
    let stamp = office.stamp("enrolment-officer", "enrolment");
    let store = &office.programmes;
    store.put_programme(&office.programme, &stamp).await?;
    let all: Vec<Decision> = decided.all().cloned().collect();
    for decisions in all.chunks(CHUNK) {
        for outcome in store.record_decisions(decisions, &stamp).await? {
            outcome?;
        }
        let new: Vec<NewEnrolment> = decisions
            .iter()
            .filter_map(|decision| {
                let payee = decided.payees.get(&decision.unit())?;
                Some(NewEnrolment::of(decision, *payee, office.today()))
            })
            .collect();
        for outcome in store.enrol(&new, &stamp).await? {
            outcome?;
        }
        bar.inc(decisions.len() as u64);
    }
    let enrolled = |decision: &&Decision| decided.payees.contains_key(&decision.unit());
    let mut stops = Vec::new();
    for decision in decided.ineligible.iter().filter(enrolled) {
        if let Eligibility::Ineligible(ineligible) = decision.outcome() {
            stops.push(rejection(office, decision, ineligible.ground())?);
        }
    }
    for stops in stops.chunks(CHUNK) {
        for outcome in store.advance(stops, &stamp).await? {
            outcome?;
        }
    }
    Ok(())
}

fn rejection(office: &Office, decision: &Decision, ground: Ground) -> Result<NewEvent> {
    let payee = PersonId::derive(&decision.id(), "anyone");
    let enrolment = NewEnrolment::of(decision, payee, office.today()).id();
    let terms = office.programme.due_process();
    let effect = terms
        .earliest_effect(office.today())
        .ok_or("the calendar ends")?;
    let reason = decision
        .reasons()
        .first()
        .map(|reason| reason.code().clone());
    let contact = Contact::Office {
        place: "the village office".to_owned(),
        language: Language::new("sw")?,
    };
    let said = NewNotice::new(
        NoticeId::derive(&decision.id(), "rejection"),
        reason.ok_or("a decision without a reason")?,
        TextKey::new("notice.rule-not-met")?,
        office.today(),
        effect,
        "the district appeals desk, or any village office",
        contact,
    );
    let notice = Notice::new(terms, said)?;
    Ok(NewEvent::stop(AdverseAction::new(
        enrolment,
        Step::Reject,
        ground,
        notice,
    )?))
}

/// How many units have each outcome, by its reason.
pub(crate) fn reason_counts(decided: &Decided) -> Vec<Count> {
    let mut counts: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for decision in decided.all() {
        let reasons: Vec<&str> = decision
            .reasons()
            .iter()
            .map(|r| r.code().as_str())
            .collect();
        let reasons = reasons.join(", ").replace('_', " ");
        let reasons = match decision.outcome() {
            Eligibility::Ineligible(_) => format!("none of {reasons}"),
            Eligibility::Undetermined(_) => format!("cannot tell {reasons}"),
            Eligibility::Eligible(_) | Eligibility::WaitingForBudget(_) => reasons,
        };
        *counts
            .entry((decision.outcome().as_str(), reasons))
            .or_default() += 1;
    }
    let note = |outcome: &str| match outcome {
        "eligible" => "enrolled, and paid in this cycle",
        "waiting_for_budget" => "eligible; enrolled when there is money, in the order of the draw",
        "ineligible" => "told so, with 30 days to appeal; takes effect 14 days after the notice",
        _ => "asked for the fact that is missing; nobody is refused for it",
    };
    let line = |((outcome, reasons), n): ((&str, String), u64)| {
        Count::new(
            format!("{}: {reasons}", outcome.replace('_', " ")),
            n,
            note(outcome),
        )
    };
    counts.into_iter().map(line).collect()
}
