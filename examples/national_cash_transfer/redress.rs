//! Complaints: taken, answered, left lying, appealed; and one appeal that is
//! upheld and paid.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use solidarity_core::testing::Random;
use solidarity_core::{CaseId, Clock, Page, Paged, PaymentId, PersonId, Uuid};
use solidarity_grievance::{
    Act, ActionName, CaseFilter, CaseView, CategoryCode, ClockState, Complainant, Desk, Error,
    IntakeChannel, Matter, MemoryNotifier, NewCase, Officer, Outcome, Phase, ReceiptCode,
    ReceiptKey, Remedy, Role, Standing, Step, clock_state, phase, standard_workflow,
};
use solidarity_payments::{Instruction, Receipt};
use solidarity_programme::{
    Admission, AppealOutcome, Cycle, Decision, Enrolment, Entitlement, EntitlementQuery, Event,
    EventId, HumanDecision, NewEnrolment, NewEvent, ProgrammeStoreExt,
};

use crate::enrol::Decided;
use crate::figures::ComplaintRow;
use crate::office::{Office, Result};
use crate::pay;
use crate::treasury::Treasury;

/// Of how many the run lets at most complain about one matter.
const COMPLAINTS_MAX: usize = 60;

const APPEALS: &str = "appeals";

/// The desk, and who complains: simulated, the same ones for the same seed.
#[derive(Debug)]
pub(crate) struct Redress {
    desk: Desk,
    seed: u64,
    appellant: Option<Appellant>,
}

/// A unit that was not admitted, and will be.
#[derive(Clone, Debug)]
struct Appellant {
    decision: Decision,
    payee: PersonId,
    case: CaseId,
}

impl Redress {
    pub(crate) fn open(office: &Office, decided: &Decided, seed: u64) -> Self {
        let desk = Desk::new(
            office.cases.clone(),
            Arc::new(MemoryNotifier::new()),
            office.accesses.clone(),
            office.clock.clone(),
            // A real one is random, and kept apart from the database.
            ReceiptKey::new(*office.programme.digest().as_bytes()),
        );
        let mut refused: Vec<&Decision> = decided.ineligible.iter().collect();
        if refused.is_empty() {
            refused.extend(&decided.undetermined);
        }
        let appellant = refused
            .into_iter()
            .filter_map(|decision| Some((decision, *decided.payees.get(&decision.unit())?)))
            .min_by_key(|(decision, _)| decision.id())
            .map(|(decision, payee)| Appellant {
                decision: decision.clone(),
                payee,
                case: CaseId::derive(&decision.id(), "complaint"),
            });
        Self {
            desk,
            seed,
            appellant,
        }
    }

    /// Takes what comes in on a day: payees whose money has not come, units
    /// that were refused, and letters without a name.
    pub(crate) async fn take(
        &self,
        office: &Office,
        decided: &Decided,
        paid: &[Instruction],
        treasury: &Treasury,
    ) -> Result<()> {
        for paid in paid
            .iter()
            .filter(|p| self.picks(p.id.as_uuid(), 3))
            .take(COMPLAINTS_MAX)
        {
            let case = complaint(office, "payment/not-received", "The money has not come.")
                .by(Complainant::Registrant(paid.payee))
                .disputing(Matter::Payment(paid.id));
            self.lodge(office, CaseId::derive(&paid.id, "complaint"), case)
                .await?;
            let (said, stamp) = (Receipt::NotReceived, office.stamp("intake", "redress"));
            treasury
                .any()?
                .hear_payee(paid.id, said, "complaint", stamp.at(), &stamp)
                .await?;
        }
        let refused = decided.ineligible.iter().chain(&decided.undetermined);
        let refused = refused
            .filter(|d| self.picks(d.id().as_uuid(), 2))
            .take(COMPLAINTS_MAX);
        let appellant = self.appellant.iter().map(|appellant| &appellant.decision);
        for decision in refused.chain(appellant) {
            let Some(payee) = decided.payees.get(&decision.unit()) else {
                continue;
            };
            let case = complaint(
                office,
                "eligibility/left-out",
                "We should be in the programme.",
            )
            .by(Complainant::Registrant(*payee))
            .disputing(Matter::Decision(decision.id()));
            self.lodge(office, CaseId::derive(&decision.id(), "complaint"), case)
                .await?;
        }
        for letter in ["first letter", "second letter", "third letter"] {
            let id = CaseId::derive(&office.programme.id(), letter);
            let case = complaint(
                office,
                "staff-conduct/asked-for-money",
                "The clerk wants a share.",
            );
            self.lodge(office, id, case).await?;
        }
        Ok(())
    }

    /// Takes questions that come in late, and are open at the end.
    pub(crate) async fn take_late(&self, office: &Office, decided: &Decided) -> Result<()> {
        let waiting = decided.waiting.iter().chain(&decided.undetermined);
        let asking = waiting
            .filter(|d| self.picks(d.id().as_uuid(), 4))
            .take(COMPLAINTS_MAX / 4);
        for decision in asking {
            let case = complaint(office, "eligibility/still-waiting", "When is it our turn?")
                .disputing(Matter::Decision(decision.id()));
            self.lodge(office, CaseId::derive(&decision.id(), "question"), case)
                .await?;
        }
        Ok(())
    }

    async fn lodge(&self, office: &Office, id: CaseId, case: NewCase) -> Result<()> {
        // Taken in an earlier run: the receipt is with the complainant.
        match office.cases.get(id).await {
            Ok(_) => return Ok(()),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let context = office.context("intake", "redress");
        self.desk
            .open(&context, id, case, &ReceiptCode::generate())
            .await?;
        Ok(())
    }

    /// A day at the desk. Some cases are left lying, and go up the ladder.
    pub(crate) async fn work(&self, office: &Office) -> Result<()> {
        for role in ["intake", "management"] {
            for case in self.worklist(office, role, "received").await? {
                if !self.picks(case.id.as_uuid(), 12) || self.is_appellants(case.id) {
                    self.act(office, role, &case, Step::take(action("acknowledge")))
                        .await?;
                }
            }
        }
        for role in ["handler", "management"] {
            for case in self.worklist(office, role, "in-review").await? {
                if office.clock.now() - case.received_at < TimeDelta::days(3) {
                    continue; // it is looked into
                }
                let step = self.answer(&case);
                self.act(office, role, &case, step).await?;
            }
        }
        let system = office.context("clockwork", "redress");
        self.desk.escalate_due(&system).await?;
        self.desk.tell_due(&system).await?;
        Ok(())
    }

    fn answer(&self, case: &CaseView) -> Step {
        match &case.matter {
            _ if self.is_appellants(case.id) => Step::say(action("reject"), "The rule is not met."),
            Some(Matter::Payment(payment)) if self.picks(case.id.as_uuid(), 70) => Step::redress(
                action("uphold"),
                "It was looked for, and is on its way or has been paid anew.",
                [Remedy::Pay {
                    entitlement: None,
                    payment: Some(*payment),
                    amount: None,
                }],
            ),
            Some(Matter::Decision(decision)) if self.picks(case.id.as_uuid(), 30) => Step::redress(
                action("uphold"),
                "It is decided again, with what you have brought.",
                [Remedy::DecideAgain {
                    decision: Some(*decision),
                }],
            ),
            None => Step::redress(action("uphold"), "It is stopped.", [Remedy::Apologize]),
            Some(_) => Step::say(action("reject"), "We find nothing wrong. You can appeal."),
        }
    }

    /// The unit that was refused appeals, in time: what the notice announces
    /// does not take effect while the appeal is open.
    pub(crate) async fn appeal(&self, office: &Office) -> Result<()> {
        let Some(appellant) = &self.appellant else {
            return Ok(());
        };
        for case in self.worklist(office, "intake", "rejected").await? {
            if case.id == appellant.case {
                let grounds = Step::say(action("appeal"), "The income is of our neighbors.");
                self.act(office, "intake", &case, grounds).await?;
            }
        }
        let enrolment = appellant.enrolment(office).await?;
        if let Some(notice) = enrolment
            .actions()
            .next()
            .map(|action| action.notice().id())
        {
            let on = office.today();
            let appeal = Event::Appeal {
                case: appellant.case,
                against: notice,
                on,
            };
            advance(office, &enrolment, "appeal", appeal).await?;
        }
        Ok(())
    }

    /// Somebody who did not decide upholds the appeal. What was missed is owed
    /// from the beginning, and set in `cycle`.
    pub(crate) async fn uphold(
        &self,
        office: &Office,
        missed: &Cycle,
        cycle: &Cycle,
    ) -> Result<()> {
        let Some(appellant) = &self.appellant else {
            return Ok(());
        };
        let amount = office.programme.stated().benefit.base;
        for case in self.worklist(office, APPEALS, "appealed").await? {
            let remedy = Remedy::Pay {
                entitlement: None,
                payment: None,
                amount: Some(amount),
            };
            let words = "You are right, and are paid from the first cycle on.";
            let step = Step::redress(action("uphold-appeal"), words, [remedy]);
            self.act(office, APPEALS, &case, step).await?;
        }
        let enrolment = appellant.enrolment(office).await?;
        let (case, on) = (appellant.case, office.today());
        let by = if enrolment.appeals().is_empty() {
            // Nobody had refused them: a fact was missing, and was brought.
            Admission::Human(HumanDecision::new(
                office.actor(APPEALS),
                "what was missing was brought",
            )?)
        } else {
            let outcome = AppealOutcome::Upheld;
            advance(
                office,
                &enrolment,
                "decided",
                Event::DecideAppeal { case, on, outcome },
            )
            .await?;
            Admission::Appeal(case)
        };
        let on = enrolment.began().on();
        advance(
            office,
            &enrolment,
            "admitted",
            Event::Admit { on, amount, by },
        )
        .await?;

        let enrolment = appellant.enrolment(office).await?;
        let query = EntitlementQuery::Enrolment(enrolment.id());
        let prior = office
            .programmes
            .list_entitlements(query, &Page::largest())
            .await?;
        if prior.items().is_empty() {
            let due = Entitlement::arrears(&enrolment, missed, cycle, &[])
                .or_else(|| Entitlement::regular(&enrolment, cycle));
            pay::set(office, cycle, due.as_slice()).await?;
        }
        Ok(())
    }

    /// Once the money is there, what was owed is carried out.
    pub(crate) async fn close(
        &self,
        office: &Office,
        credited: &BTreeSet<PaymentId>,
    ) -> Result<()> {
        let Some(appellant) = &self.appellant else {
            return Ok(());
        };
        let enrolment = appellant.enrolment(office).await?;
        let query = EntitlementQuery::Enrolment(enrolment.id());
        let due = office
            .programmes
            .list_entitlements(query, &Page::largest())
            .await?;
        let paid = |due: &Entitlement| credited.contains(&PaymentId::derive(&due.id(), "payment"));
        if !due.items().iter().any(paid) {
            return Ok(());
        }
        for case in self.worklist(office, APPEALS, "appeal-upheld").await? {
            let stored = office.cases.get(case.id).await?;
            if stored
                .remedies()
                .iter()
                .any(|owed| owed.carried_out_at().is_none())
            {
                self.act(office, APPEALS, &case, Step::CarryOut { remedy: 0 })
                    .await?;
            }
        }
        Ok(())
    }

    async fn worklist(
        &self,
        office: &Office,
        role: &str,
        state: &'static str,
    ) -> Result<Vec<CaseView>> {
        let officer = officer(office, role)?;
        let context = office.context(role, "redress");
        let mut filter = CaseFilter::default();
        filter.state = Some(solidarity_grievance::StateName::from_static(state));
        let (context, officer, filter) = (&context, &officer, &filter);
        let list = |page| async move { self.desk.worklist(context, officer, filter, &page).await };
        Ok(Paged::every(list).await?)
    }

    async fn act(&self, office: &Office, role: &str, case: &CaseView, step: Step) -> Result<()> {
        let takes = |name: &ActionName| case.actions.contains(name);
        if let Step::Take { action, .. } = &step
            && !takes(action)
        {
            // Not theirs to do: of another sensitivity, or decided by them.
            return Ok(());
        }
        let act = Act::by_officer(officer(office, role)?, step);
        let context = office.context(role, "redress");
        self.desk.act(&context, case.id, case.version, act).await?;
        Ok(())
    }

    fn is_appellants(&self, case: CaseId) -> bool {
        self.appellant
            .as_ref()
            .is_some_and(|appellant| appellant.case == case)
    }

    /// Chance, the same for the same seed and thing.
    fn picks(&self, thing: &Uuid, percent: u64) -> bool {
        let (high, low) = thing.as_u64_pair();
        Random::new(self.seed ^ high ^ low.rotate_left(7)).chance(percent)
    }
}

impl Appellant {
    async fn enrolment(&self, office: &Office) -> Result<Enrolment> {
        let id = NewEnrolment::of(&self.decision, self.payee, self.decision.on()).id();
        Ok(office.programmes.get_enrolment(id).await?)
    }
}

async fn advance(office: &Office, enrolment: &Enrolment, step: &str, event: Event) -> Result<()> {
    let id = EventId::derive(&enrolment.id(), step);
    if enrolment.history().iter().any(|recorded| recorded.id == id) {
        return Ok(());
    }
    let stamp = office.stamp("appeals", "redress");
    let new = NewEvent::new(id, enrolment.id(), event);
    for outcome in office.programmes.advance(&[new], &stamp).await? {
        outcome?;
    }
    Ok(())
}

fn complaint(office: &Office, category: &'static str, words: &str) -> NewCase {
    NewCase::new(
        standard_workflow().code,
        IntakeChannel::InPerson,
        CategoryCode::from_static(category),
        words,
        office.stamp("intake", "redress").at(),
    )
}

const fn action(name: &'static str) -> ActionName {
    ActionName::from_static(name)
}

fn officer(office: &Office, role: &str) -> Result<Officer> {
    Ok(Officer::new(office.actor(role), [Role::new(role)?]))
}

/// What became of the complaints, by category.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    pub(crate) rows: Vec<ComplaintRow>,
    pub(crate) received: u64,
    pub(crate) appeals_upheld: u64,
}

pub(crate) async fn complaints(office: &Office) -> Result<Complaints> {
    let now = office.stamp("auditor", "audit").at();
    let workflow = office.cases.workflows().get(&standard_workflow().code)?;
    let mut rows: BTreeMap<String, ComplaintRow> = BTreeMap::new();
    let mut complaints = Complaints::default();
    let (cases, filter) = (&office.cases, &CaseFilter::default());
    for case in &Paged::every(|page| async move { cases.list(filter, &page).await }).await? {
        let category = case.new_case().category.to_string();
        let row = rows.entry(category.clone()).or_default();
        row.category = category;
        row.received += 1;
        complaints.received += 1;
        row.answered += u64::from(phase(workflow, case, now) != Phase::Open);
        match clock_state(workflow, case, now) {
            ClockState::OnTime { .. } | ClockState::DueSoon { .. } => row.open_on_time += 1,
            ClockState::Overdue { .. } => row.overdue += 1,
            _ => {}
        }
        if let Standing::Ended(ending) = case.standing()
            && ending.outcome() == Outcome::Upheld
        {
            row.upheld += 1;
            complaints.appeals_upheld += u64::from(case.appeals() > 0);
        }
    }
    complaints.rows = rows.into_values().collect();
    Ok(complaints)
}
