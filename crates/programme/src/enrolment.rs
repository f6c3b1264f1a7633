use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{DecisionId, EnrolmentId, Money, NoticeId, PersonId, ProgrammeId, UnitId};

use crate::{AdverseAction, Appeal, Decision, Eligibility, Event, Recorded, Step, in_force};

/// Where an enrolment stands on a day.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a life cycle is handled whole or not at all"
)]
pub enum Status {
    /// Applied for, and nothing decided in effect: also while notice of a
    /// rejection runs.
    Applied,
    /// A fact is missing, and has been asked for.
    Undetermined,
    /// Eligible; there is not money for it yet.
    WaitingForBudget,
    /// The benefit is due.
    Enrolled,
    /// The benefit is stopped for a time.
    Suspended,
    /// The application is refused.
    Rejected,
    /// The benefit is stopped for good.
    Ended,
}

impl Status {
    /// The status as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Undetermined => "undetermined",
            Self::WaitingForBudget => "waiting_for_budget",
            Self::Enrolled => "enrolled",
            Self::Suspended => "suspended",
            Self::Rejected => "rejected",
            Self::Ended => "ended",
        }
    }

    /// Whether nothing more comes of it: the unit may be enrolled anew.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Rejected | Self::Ended)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An enrolment as it begins: where it begins follows from a decision.
///
/// Eligible begins enrolled, waiting for budget waits, undetermined is asked;
/// ineligible begins as an application, which only a notice can reject.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NewEnrolment {
    id: EnrolmentId,
    programme: ProgrammeId,
    unit: UnitId,
    payee: PersonId,
    on: NaiveDate,
    decision: DecisionId,
    begins: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
}

impl NewEnrolment {
    /// What `decision` makes of its unit from the day `on`; `payee` collects.
    ///
    /// Its id follows from the decision.
    #[must_use]
    pub fn of(decision: &Decision, payee: PersonId, on: NaiveDate) -> Self {
        let (begins, amount) = match decision.outcome() {
            Eligibility::Eligible(eligible) => (Status::Enrolled, Some(eligible.amount())),
            Eligibility::Ineligible(_) => (Status::Applied, None),
            Eligibility::Undetermined(_) => (Status::Undetermined, None),
            Eligibility::WaitingForBudget(_) => (Status::WaitingForBudget, None),
        };
        Self {
            id: EnrolmentId::derive(&decision.id(), "enrolment"),
            programme: decision.programme(),
            unit: decision.unit(),
            payee,
            on,
            decision: decision.id(),
            begins,
            amount,
        }
    }

    /// Names the enrolment.
    #[must_use]
    pub const fn id(&self) -> EnrolmentId {
        self.id
    }

    /// In which programme.
    #[must_use]
    pub const fn programme(&self) -> ProgrammeId {
        self.programme
    }

    /// Of which unit.
    #[must_use]
    pub const fn unit(&self) -> UnitId {
        self.unit
    }

    /// Who collects.
    #[must_use]
    pub const fn payee(&self) -> PersonId {
        self.payee
    }

    /// From which day.
    #[must_use]
    pub const fn on(&self) -> NaiveDate {
        self.on
    }

    /// On which decision it rests.
    #[must_use]
    pub const fn decision(&self) -> DecisionId {
        self.decision
    }

    /// Where it begins.
    #[must_use]
    pub const fn begins(&self) -> Status {
        self.begins
    }

    /// The amount in each cycle, where it begins enrolled.
    #[must_use]
    pub const fn amount(&self) -> Option<Money> {
        self.amount
    }
}

/// A unit's enrolment in a programme: how it began and what happened since.
///
/// Where it stands is never stored: it is computed for a day, so that a stop
/// begins on the day that its notice says and no sooner.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Enrolment {
    #[serde(flatten)]
    new: NewEnrolment,
    history: Vec<Recorded>,
}

/// Whether an action that was overturned had its effect meanwhile.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Overturned {
    /// It had, until the appeal was upheld.
    AsItWas,
    /// It is void from the beginning.
    Void,
}

impl Enrolment {
    /// An enrolment that a store read back.
    #[must_use]
    pub const fn from_parts(new: NewEnrolment, history: Vec<Recorded>) -> Self {
        Self { new, history }
    }

    /// How it began.
    #[must_use]
    pub const fn began(&self) -> &NewEnrolment {
        &self.new
    }

    /// Names the enrolment.
    #[must_use]
    pub const fn id(&self) -> EnrolmentId {
        self.new.id
    }

    /// In which programme.
    #[must_use]
    pub const fn programme(&self) -> ProgrammeId {
        self.new.programme
    }

    /// Of which unit.
    #[must_use]
    pub const fn unit(&self) -> UnitId {
        self.new.unit
    }

    /// What happened since it began, in the order in which it was recorded.
    #[must_use]
    pub fn history(&self) -> &[Recorded] {
        &self.history
    }

    pub(crate) fn record(&mut self, event: Recorded) {
        self.history.push(event);
    }

    /// Where it stands on a day.
    #[must_use]
    pub fn status_on(&self, day: NaiveDate) -> Status {
        self.standing(day, Overturned::AsItWas).0
    }

    /// What is due in a cycle that is assessed on a day: nothing, unless the
    /// unit is enrolled then.
    #[must_use]
    pub fn amount_on(&self, day: NaiveDate) -> Option<Money> {
        self.standing(day, Overturned::AsItWas).1
    }

    /// What was due on a day, now that some actions have been found void: one
    /// against which an appeal was upheld, from the beginning; one that was
    /// taken back, from the day that this says.
    #[must_use]
    pub fn corrected_amount_on(&self, day: NaiveDate) -> Option<Money> {
        self.standing(day, Overturned::Void).1
    }

    /// The decision on which it rests: the latest that took it forward, or the
    /// one with which it began. Its facts say who belongs to the unit.
    #[must_use]
    pub fn decision(&self) -> DecisionId {
        let since = self.history.iter().rev().find_map(|r| match &r.event {
            Event::Stop(_) => None,
            event => event.decision(),
        });
        since.unwrap_or(self.new.decision)
    }

    /// Who collects on a day.
    #[must_use]
    pub fn payee_on(&self, day: NaiveDate) -> PersonId {
        let changes = self.history.iter().filter_map(|r| match r.event {
            Event::ChangePayee { to, on, .. } if on <= day => Some((on, to)),
            _ => None,
        });
        changes
            .max_by_key(|(on, _)| *on)
            .map_or(self.new.payee, |(_, to)| to)
    }

    /// The adverse actions of which notice was given, whatever became of them.
    pub fn actions(&self) -> impl Iterator<Item = &AdverseAction> {
        self.history
            .iter()
            .filter_map(|recorded| match &recorded.event {
                Event::Stop(action) => Some(action.as_ref()),
                _ => None,
            })
    }

    /// The appeals, each with how it was decided.
    #[must_use]
    pub fn appeals(&self) -> Vec<Appeal> {
        let mut appeals: Vec<Appeal> = Vec::new();
        for recorded in &self.history {
            match recorded.event {
                Event::Appeal { case, against, on } => {
                    appeals.push(Appeal::new(case, against, on));
                }
                Event::DecideAppeal { case, on, outcome } => {
                    for appeal in appeals.iter_mut().filter(|appeal| appeal.case == case) {
                        appeal.decided = Some((on, outcome));
                    }
                }
                _ => {}
            }
        }
        appeals
    }

    /// Whether an action upon it was overturned or taken back, so that something
    /// may be owed for days that are past.
    pub(crate) fn is_corrected(&self) -> bool {
        let lifted = |recorded: &Recorded| matches!(recorded.event, Event::Lift { .. });
        self.appeals().iter().any(Appeal::upheld) || self.history.iter().any(lifted)
    }

    /// The day from which the action of a notice is taken back.
    pub(crate) fn lifted(&self, notice: NoticeId) -> Option<NaiveDate> {
        self.history
            .iter()
            .find_map(|recorded| match recorded.event {
                Event::Lift { notice: of, on } if of == notice => Some(on),
                _ => None,
            })
    }

    /// The adverse actions that have effect on a day.
    fn stops(&self, day: NaiveDate, overturned: Overturned) -> Vec<Step> {
        let appeals = self.appeals();
        self.actions()
            .filter(|action| {
                let notice = action.notice().id();
                let void = overturned == Overturned::Void
                    && appeals.iter().any(|a| a.against == notice && a.upheld());
                let lifted = self.lifted(notice).is_some_and(|from| from <= day);
                !void && !lifted && in_force(action, &appeals, day)
            })
            .map(AdverseAction::step)
            .collect()
    }

    fn standing(&self, day: NaiveDate, overturned: Overturned) -> (Status, Option<Money>) {
        let mut standing = if self.new.on <= day {
            (self.new.begins, self.new.amount)
        } else {
            (Status::Applied, None)
        };
        // By the day from which they count, not by when they were recorded.
        let mut steps: Vec<&Event> = (self.history.iter().map(|recorded| &recorded.event))
            .filter(|event| matches!(event, Event::Wait { .. } | Event::Admit { .. }))
            .filter(|event| event.on() <= day)
            .collect();
        steps.sort_by_key(|event| event.on());
        for step in steps {
            standing = match step {
                Event::Admit { amount, .. } => (Status::Enrolled, Some(*amount)),
                _ => (Status::WaitingForBudget, None),
            };
        }
        let (status, amount) = standing;
        let stops = self.stops(day, overturned);
        if stops.contains(&Step::End) {
            (Status::Ended, None)
        } else if stops.contains(&Step::Reject) && status != Status::Enrolled {
            // Who was admitted after the notice is not rejected by it.
            (Status::Rejected, None)
        } else if stops.contains(&Step::Suspend) {
            (Status::Suspended, None)
        } else {
            let reduced = stops.iter().filter_map(|step| match step {
                Step::Reduce { to } => Some(*to),
                _ => None,
            });
            let least = |amount| reduced.chain([amount]).min_by_key(|amount| amount.minor());
            (status, amount.and_then(least))
        }
    }
}

#[cfg(test)]
mod tests {
    use solidarity_core::{CaseId, ProgrammeId};

    use super::*;
    use crate::conformance::fixture::{
        World, admit, appeal, day, decided, event, human, not_met, stamp,
    };
    use crate::{Admission, AppealOutcome, Ground, NewEvent};

    fn begun(world: &World, income: Option<&str>) -> NewEnrolment {
        let unit = UnitId::generate();
        let decision = world.decide(unit, day(0), income);
        NewEnrolment::of(&decision, World::payee(unit), day(0))
    }

    fn with(new: &NewEnrolment, events: impl IntoIterator<Item = NewEvent>) -> Enrolment {
        let recorded = events.into_iter().map(|e| Recorded::new(e, stamp(day(0))));
        Enrolment::from_parts(new.clone(), recorded.collect())
    }

    #[test]
    fn who_is_admitted_after_the_notice_is_not_rejected_by_it() {
        let world = World::new(ProgrammeId::generate());
        let new = begun(&world, Some("5000"));
        let decision = world.decide(new.unit(), day(0), Some("5000"));
        let reject = world.stop(new.id(), Step::Reject, not_met(&decision), day(0));
        let alone = with(&new, [reject.clone()]);
        assert_eq!(alone.status_on(day(13)), Status::Applied);
        assert_eq!(alone.status_on(day(14)), Status::Rejected);
        let admitted = admit(new.id(), day(5), "110", Admission::Human(human()));
        let both = with(&new, [reject, admitted]);
        assert_eq!(both.status_on(day(14)), Status::Enrolled);
    }

    #[test]
    fn of_several_stops_the_gravest_counts_and_the_least_amount() {
        let world = World::new(ProgrammeId::generate());
        let new = begun(&world, Some("1"));
        let stop = |step, on| {
            let ground = Ground::HumanDecision(human());
            world.stop(new.id(), step, ground, day(on))
        };
        let reduce = |to: &str| Step::Reduce {
            to: to.parse().unwrap(),
        };
        let all = with(
            &new,
            [
                stop(Step::End, 20),
                stop(reduce("80 KES"), 0),
                stop(reduce("60 KES"), 1),
                stop(reduce("90 KES"), 2),
                stop(Step::Suspend, 10),
            ],
        );
        for (on, status, amount) in [
            (13, Status::Enrolled, Some("110.00 KES")),
            (14, Status::Enrolled, Some("80.00 KES")),
            (16, Status::Enrolled, Some("60.00 KES")),
            (24, Status::Suspended, None),
            (34, Status::Ended, None),
        ] {
            assert_eq!(all.status_on(day(on)), status);
            let due = all.amount_on(day(on)).map(|amount| amount.to_string());
            assert_eq!(due.as_deref(), amount);
        }
    }

    #[test]
    fn events_count_from_their_day_in_whatever_order_they_came() {
        let world = World::new(ProgrammeId::generate());
        let new = begun(&world, None);
        let id = new.id();
        let later = admit(id, day(20), "120", Admission::Human(human()));
        let sooner = admit(id, day(10), "110", Admission::Human(human()));
        let on = day(5);
        let decision = new.decision();
        let wait = event(id, Event::Wait { on, decision });
        let enrolment = with(&new, [later, wait, sooner]);
        for (on, status, minor) in [
            (4, Status::Undetermined, None),
            (5, Status::WaitingForBudget, None),
            (10, Status::Enrolled, Some(11_000)),
            (20, Status::Enrolled, Some(12_000)),
        ] {
            assert_eq!(enrolment.status_on(day(on)), status);
            assert_eq!(enrolment.amount_on(day(on)).map(Money::minor), minor);
        }
    }

    #[test]
    fn an_overturned_stop_was_there_and_is_void() {
        let world = World::new(ProgrammeId::generate());
        let new = begun(&world, Some("1"));
        let ground = Ground::HumanDecision(human());
        let stop = world.stop(new.id(), Step::End, ground, day(0));
        let case = CaseId::generate();
        let late = appeal(&stop, case, day(40));
        let upheld = decided(new.id(), case, day(50), AppealOutcome::Upheld);
        let enrolment = with(&new, [stop, late, upheld]);
        assert_eq!(enrolment.status_on(day(30)), Status::Ended);
        assert_eq!(enrolment.amount_on(day(30)), None);
        assert!(enrolment.corrected_amount_on(day(30)).is_some());
        assert_eq!(enrolment.status_on(day(50)), Status::Enrolled);
    }
}
