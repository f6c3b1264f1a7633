use std::collections::BTreeMap;

use chrono::NaiveDate;
use solidarity_core::testing::{Harness, Random};
use solidarity_core::{
    CaseId, Change, CycleId, NoticeId, Page, Paged, PersonId, ProgrammeId, UnitId, Validity,
    Version,
};
use uuid::Uuid;

use super::fixture::{
    World, about, admit, asked, collects, day, decided, event, human, not_met, stamp,
};
use crate::{
    Admission, AppealOutcome, Cycle, Decision, DecisionQuery, Draw, Eligibility, Enrolment,
    EnrolmentQuery, Entitlement, EntitlementQuery, Event, Ground, MemoryProgrammeStore,
    NewEnrolment, NewEvent, PayeeChange, Programme, ProgrammeClosed, ProgrammeStore, Result,
    Status, Step, allocate,
};

/// Gives a store and the memory reference the same random commands, and checks
/// after each step that both answered the same and hold the same.
///
/// The ids, amounts and days are drawn from few, so that repeats, clashes and
/// refusals of every sort come up. The seed is printed.
///
/// # Panics
///
/// If the two differ.
pub async fn agrees_with_memory(
    harness: &dyn Harness<dyn ProgrammeStore>,
    seed: u64,
    steps: usize,
) {
    println!("agrees_with_memory: seed {seed}, {steps} steps");
    let (subject, memory) = (harness.open().await, MemoryProgrammeStore::new());
    let mut run = Run::new(seed);
    let mut told = BTreeMap::new();
    for step in 0..steps {
        let command = run.command(&memory).await;
        let theirs = command.give(&*subject).await;
        let ours = command.give(&memory).await;
        let (done, refused) = told.entry(command.name()).or_insert((0, 0));
        *done += ours.matches("Ok(())").count();
        *refused += ours.matches("Err(").count();
        assert_eq!(theirs, ours, "seed {seed}, step {step}: {}", command.name());
        let (theirs, ours) = (
            run.look(&*subject, step).await,
            run.look(&memory, step).await,
        );
        assert_eq!(theirs, ours, "seed {seed}, step {step}: {}", command.name());
    }
    println!("done and refused: {told:?}");
    assert_eq!(news(&*subject).await, news(&memory).await, "seed {seed}");
}

/// All changes, without their commitments: salts are random.
async fn news(feed: &dyn ProgrammeStore) -> Vec<String> {
    let told = Paged::every(|page| async move { feed.changes_since(&page).await }).await;
    let line = |change: &Change| {
        let (entity, kind) = (change.entity(), change.kind());
        let (at, on) = (change.recorded_at(), change.effective_on());
        format!("{kind} {entity} {} at {at} on {on:?}", change.id())
    };
    told.unwrap().iter().map(line).collect()
}

enum Command {
    Put(Box<Programme>, NaiveDate),
    Record(Vec<Decision>, NaiveDate),
    Enrol(Vec<NewEnrolment>, NaiveDate),
    Advance(Vec<NewEvent>, NaiveDate),
    Set(Cycle, Vec<Entitlement>, NaiveDate),
}

fn said(outcomes: Result<Vec<Result<()>>>) -> String {
    format!("{outcomes:?}")
}

impl Command {
    const fn name(&self) -> &'static str {
        match self {
            Self::Put(..) => "put a programme",
            Self::Record(..) => "record decisions",
            Self::Enrol(..) => "enrol",
            Self::Advance(..) => "advance",
            Self::Set(..) => "set entitlements",
        }
    }

    async fn give(&self, store: &dyn ProgrammeStore) -> String {
        match self {
            Self::Put(new, on) => format!("{:?}", store.put_programme(new, &stamp(*on)).await),
            Self::Record(new, on) => said(store.record_decisions(new, &stamp(*on)).await),
            Self::Enrol(new, on) => said(store.enrol(new, &stamp(*on)).await),
            Self::Advance(new, on) => said(store.advance(new, &stamp(*on)).await),
            Self::Set(cycle, new, on) => {
                said(store.set_entitlements(cycle, new, &stamp(*on)).await)
            }
        }
    }
}

/// What has been sent so far, to send it again or to build on it.
struct Run {
    random: Random,
    today: u64,
    programmes: Vec<ProgrammeId>,
    units: Vec<UnitId>,
    cycles: Vec<Cycle>,
    decisions: Vec<Decision>,
    enrolments: Vec<NewEnrolment>,
    events: Vec<NewEvent>,
    entitlements: Vec<Entitlement>,
    /// What the reference holds before the step.
    held: Vec<Enrolment>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let cause = UnitId::from_uuid(Uuid::from_u128(seed.into()));
        let programmes: Vec<_> = ["a", "b"].map(|n| ProgrammeId::derive(&cause, n)).into();
        let cycles = (0..8_u64).map(|n| {
            let programme = programmes[usize::from(n % 2 == 1)];
            let id = CycleId::derive(&cause, &n.to_string());
            let period = Validity::new(day(n * 20), Some(day(n * 20 + 39)));
            Cycle::open(id, programme, period.unwrap())
        });
        Self {
            random: Random::new(seed),
            today: 0,
            cycles: cycles.collect(),
            units: (0..20)
                .map(|n| UnitId::derive(&cause, &n.to_string()))
                .collect(),
            programmes,
            decisions: Vec::new(),
            enrolments: Vec::new(),
            events: Vec::new(),
            entitlements: Vec::new(),
            held: Vec::new(),
        }
    }

    fn pick<T: Clone>(&mut self, from: impl Fn(&Self) -> &Vec<T>) -> Option<T> {
        let at = self.random.next();
        let from = from(self);
        let at = at.checked_rem(from.len() as u64)?;
        from.get(usize::try_from(at).unwrap()).cloned()
    }

    /// One of what was sent lately.
    fn late<T: Clone>(&mut self, from: impl Fn(&Self) -> &Vec<T>) -> Option<T> {
        let back = self.random.below(30).min(from(self).len() as u64);
        from(self)
            .iter()
            .rev()
            .nth(usize::try_from(back).unwrap())
            .cloned()
    }

    fn near(&mut self) -> NaiveDate {
        let back = self.random.below(4);
        day((self.today + self.random.below(6)).saturating_sub(back))
    }

    async fn command(&mut self, memory: &MemoryProgrammeStore) -> Command {
        self.today += u64::from(self.random.chance(30));
        self.held.clear();
        for programme in &self.programmes {
            let query = EnrolmentQuery::Programme(*programme);
            let held = memory.list_enrolments(query, &Page::largest()).await;
            self.held.extend(held.unwrap().into_items());
        }
        let today = day(self.today);
        match self.random.below(12) {
            0 => Command::Put(Box::new(self.programme()), today),
            1 | 2 => {
                let new = self.batch(Self::decision);
                self.decisions.extend(new.iter().cloned());
                Command::Record(new, today)
            }
            3 | 4 => {
                let new = self.batch(Self::enrolment);
                self.enrolments.extend(new.iter().cloned());
                Command::Enrol(new, today)
            }
            5..=9 => {
                let new = self.batch(Self::event);
                self.events.extend(new.iter().cloned());
                Command::Advance(new, today)
            }
            _ => self.entitle(memory, today).await,
        }
    }

    fn batch<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Vec<T> {
        let items = 1 + self.random.below(3);
        (0..items).filter_map(|_| item(self)).collect()
    }

    fn programme(&mut self) -> Programme {
        let id = self.pick(|run| &run.programmes).unwrap();
        let versions = if self.random.chance(80) { 1 } else { 3 };
        let version = Version::from_count(1 + self.random.below(versions)).unwrap();
        let mut stated = World::stated(id).at_version(version);
        if self.random.chance(5) {
            stated.name = "Another".to_owned();
        }
        Programme::new(stated).unwrap()
    }

    fn decision(&mut self) -> Option<Decision> {
        if self.random.chance(15) {
            return self.pick(|run| &run.decisions);
        }
        let unit = self.pick(|run| &run.units)?;
        let world = World {
            programme: self.programme(),
        };
        let income = *self.random.pick(&[Some("900"), Some("1100"), None])?;
        let on = day(self.today.saturating_sub(self.random.below(3)));
        let decision = world.decide(unit, on, income);
        if self.random.chance(20) && matches!(decision.outcome(), Eligibility::Eligible(_)) {
            let nothing = "0 KES".parse().unwrap();
            let draw = Draw::from_static("d");
            let shared = allocate(&world.programme, &draw, nothing, vec![decision]);
            return shared.unwrap().waiting.pop();
        }
        Some(decision)
    }

    fn enrolment(&mut self) -> Option<NewEnrolment> {
        if self.random.chance(15) {
            return self.pick(|run| &run.enrolments);
        }
        let decision = self.late(|run| &run.decisions)?;
        let payee = World::payee(decision.unit());
        Some(NewEnrolment::of(&decision, payee, self.near()))
    }

    fn event(&mut self) -> Option<NewEvent> {
        if self.random.chance(10) {
            return self.pick(|run| &run.events);
        }
        let held = self.pick(|run| &run.held)?;
        let id = held.id();
        let on = self.near();
        let stops: Vec<NoticeId> = held.actions().map(|a| a.notice().id()).collect();
        let against = self.random.pick(&stops).copied();
        let case = CaseId::derive(&id, &self.random.below(3).to_string());
        let by_rule = self.decision_for(&held)?;
        Some(match self.random.below(10) {
            0 => {
                let decision = by_rule.id();
                event(id, Event::Wait { on, decision })
            }
            1 | 2 => {
                let amount = *self.random.pick(&["110", "120"])?;
                let by = match self.random.below(3) {
                    0 => Admission::Decision(by_rule.id()),
                    1 => Admission::Appeal(case),
                    _ => Admission::Human(human()),
                };
                admit(id, on, amount, by)
            }
            3 | 4 => self.stop(&held, &by_rule),
            5 | 6 => {
                let against = against?;
                event(id, Event::Appeal { case, against, on })
            }
            7 => {
                let outcomes = [AppealOutcome::Upheld, AppealOutcome::Dismissed];
                decided(id, case, on, *self.random.pick(&outcomes)?)
            }
            8 => {
                let notice = against.unwrap_or_else(NoticeId::generate);
                event(id, Event::Lift { notice, on })
            }
            _ => {
                let to = PersonId::derive(&case, "payee");
                let by = match self.random.below(2) {
                    0 => PayeeChange::Requested(asked(self.person(&held), on)),
                    _ => PayeeChange::Human(human()),
                };
                collects(id, to, on, by)
            }
        })
    }

    /// A decision, mostly about the unit of `held`.
    fn decision_for(&mut self, held: &Enrolment) -> Option<Decision> {
        if self.random.chance(20) {
            return self.pick(|run| &run.decisions);
        }
        let of_unit = |decision: &&Decision| {
            decision.unit() == held.unit() && decision.programme() == held.programme()
        };
        let own: Vec<Decision> = self.decisions.iter().filter(of_unit).cloned().collect();
        self.random.pick(&own).cloned()
    }

    /// Who collects, or a member, or a stranger.
    fn person(&mut self, held: &Enrolment) -> PersonId {
        let on = day(self.today);
        let stranger = PersonId::derive(&held.id(), "stranger");
        let people = [held.payee_on(on), World::payee(held.unit()), stranger];
        *self.random.pick(&people).unwrap()
    }

    fn stop(&mut self, held: &Enrolment, decision: &Decision) -> NewEvent {
        let world = World::new(decision.programme());
        let to = "60 KES".parse().unwrap();
        let steps = [Step::Reject, Step::Reduce { to }, Step::Suspend, Step::End];
        let step = self.random.pick(&steps).copied().unwrap();
        let mut grounds = vec![Ground::HumanDecision(human())];
        if !matches!(step, Step::Reduce { .. }) {
            let (person, on) = (self.person(held), self.near());
            grounds.extend(about(person, on));
        }
        if matches!(step, Step::Reject | Step::End) {
            let closed = ProgrammeClosed::new(decision.programme(), "Act 9").unwrap();
            grounds.push(Ground::ProgrammeClosed(closed));
        }
        let by_rule = matches!(decision.outcome(), Eligibility::Ineligible(_))
            && !matches!(step, Step::Reduce { .. });
        let ground = if by_rule {
            not_met(decision)
        } else {
            self.random.pick(&grounds).cloned().unwrap()
        };
        let dated = day(self.today.saturating_sub(self.random.below(3)));
        world.stop(held.id(), step, ground, dated)
    }

    async fn entitle(&mut self, memory: &MemoryProgrammeStore, today: NaiveDate) -> Command {
        let mut cycle = self.pick(|run| &run.cycles).unwrap();
        let mut new = Vec::new();
        for _ in 0..4 {
            if self.random.chance(20) {
                new.extend(self.pick(|run| &run.entitlements));
            }
            let Some(held) = self.pick(|run| &run.held) else {
                break;
            };
            let missed = self.pick(|run| &run.cycles).unwrap();
            let query = EntitlementQuery::Enrolment(held.id());
            let prior = memory.list_entitlements(query, &Page::largest()).await;
            let arrears = Entitlement::arrears(&held, &missed, &cycle, prior.unwrap().items());
            new.extend(arrears.or_else(|| Entitlement::regular(&held, &cycle)));
        }
        self.entitlements.extend(new.iter().cloned());
        if self.random.chance(5) {
            cycle = cycle.closed();
        }
        Command::Set(cycle, new, today)
    }

    /// What a store says to some questions, as text.
    async fn look(&self, store: &dyn ProgrammeStore, step: usize) -> String {
        let unit = self.units[step % self.units.len()];
        let programme = self.programmes[step % 2];
        let cycle = self.cycles[step % self.cycles.len()].id();
        let on = day(self.today + (step % 40) as u64);
        let statuses = [
            Status::Applied,
            Status::Undetermined,
            Status::WaitingForBudget,
            Status::Enrolled,
            Status::Suspended,
            Status::Rejected,
            Status::Ended,
        ];
        let status = statuses[step % statuses.len()];
        let page = Page::of(5).unwrap();
        let mut seen = vec![
            format!("{:?}", store.get_programme(programme, None).await),
            format!("{:?}", store.get_cycle(cycle).await),
            format!(
                "{:?}",
                store.list_decisions(DecisionQuery::Unit(unit), &page).await
            ),
            format!(
                "{:?}",
                store
                    .list_enrolments(EnrolmentQuery::Unit(unit), &page)
                    .await
            ),
        ];
        let query = EnrolmentQuery::Status {
            programme,
            status,
            on,
        };
        seen.push(format!("{:?}", store.list_enrolments(query, &page).await));
        let query = EntitlementQuery::Cycle(cycle);
        seen.push(format!("{:?}", store.list_entitlements(query, &page).await));
        if step.is_multiple_of(16) {
            let query = EnrolmentQuery::Programme(programme);
            seen.push(format!("{:?}", store.list_enrolments(query, &page).await));
            let query = DecisionQuery::Programme(programme);
            seen.push(format!("{:?}", store.list_decisions(query, &page).await));
        }
        seen.join("\n")
    }
}
