//! The one place where a case changes.

use chrono::{DateTime, SubsecRound, Utc};
use solidarity_core::{CaseId, Stamp, Version};

use crate::clock::{deadline, escalation_due, window};
use crate::limits::{COMMENTED_VERSIONS_MAX, CONCERNS_MAX, REMEDIES_MAX};
use crate::workflow::{OpenState, Stage};
use crate::{
    Act, Action, ActionKind, ActionName, Answer, Case, CheckedWorkflow, Concern, Delivery, Ending,
    Error, Event, MessageKind, NewCase, Officer, Outcome, OwedRemedy, Party, Post, ReasonCode,
    Refusal, Remedy, Result, Role, Sensitivity, Standing, Step, Told, Workflows,
};

type Allowed<T = ()> = Result<T, Refusal>;

impl Workflows {
    /// The case that `new` becomes, at its first version.
    ///
    /// A category that the workflow protects makes it as sensitive as that
    /// says. A complaint that says it came in after it was recorded came in
    /// when it was recorded.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] for what breaks a limit.
    /// - [`Error::NoWorkflow`] for a workflow that is not in use.
    pub fn open(&self, id: CaseId, new: NewCase, stamp: &Stamp) -> Result<Case> {
        new.check()?;
        let workflow = self.get(&new.workflow)?;
        let sensitivity = new.sensitivity.max(workflow.floor(&new.category));
        let state = workflow.data().entry.of(sensitivity).clone();
        let open = workflow
            .open_state(&state)
            .ok_or_else(|| Error::refused(id, Refusal::NotFromHere))?;
        let since = new.received_at.trunc_subsecs(6).min(stamp.at());
        Ok(Case {
            id,
            version: Version::FIRST,
            opened: stamp.clone(),
            sensitivity,
            concerns: new.concerns.clone(),
            standing: Standing::Open(post(open, sensitivity, since)),
            state,
            intake_told: None,
            waiting_since: since,
            extended_days: 0,
            deciders: Default::default(),
            answer: None,
            remedies: Vec::new(),
            appeals: 0,
            rating: None,
            last_at: stamp.at(),
            new,
        })
    }

    /// What `act` makes of `case`, and the line of history that says so.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] for what breaks a limit, or an officer who acts
    ///   under another name.
    /// - [`Error::NoWorkflow`] for a workflow that is not in use.
    /// - [`Error::Refused`] for what [`transition`] refuses.
    pub fn act(&self, case: &Case, act: &Act, stamp: &Stamp) -> Result<(Case, Event)> {
        act.check(stamp.actor())?;
        transition(self.of(case)?, case, act, stamp)
            .map_err(|refusal| Error::refused(case.id, refusal))
    }
}

/// What `act` makes of `case`, and the line of history that says so.
///
/// A pure function: the same workflow, case, act and stamp give the same
/// answer for ever. The time is the stamp's, or that of the case's last
/// change where the stamp is earlier, so that a clock set back opens no
/// window again.
///
/// # Errors
///
/// [`Refusal`]: why the act is not allowed.
pub fn transition(
    workflow: &CheckedWorkflow,
    case: &Case,
    act: &Act,
    stamp: &Stamp,
) -> Result<(Case, Event), Refusal> {
    let turn = Turn {
        workflow,
        case,
        by: &act.by,
        now: stamp.at().max(case.last_at),
    };
    turn.admit()?;
    let mut next = case.clone();
    next.version = case.version.next();
    next.last_at = turn.now;
    match &act.step {
        Step::Take {
            action,
            words,
            remedies,
        } => turn.take(&mut next, action, words.as_ref(), remedies)?,
        Step::Assign { to } => turn.assign(&mut next, to)?,
        Step::Comment { .. } => turn.comment()?,
        Step::Extend {
            reason,
            working_days,
        } => turn.extend(&mut next, reason, *working_days)?,
        Step::Exclude { concern } => turn.exclude(&mut next, concern)?,
        Step::Raise { to } => turn.raise(&mut next, *to)?,
        Step::Escalate { level } => turn.escalate(&mut next, *level)?,
        Step::Told { message, outcome } => turn.told(&mut next, *message, *outcome)?,
        Step::PickUp => turn.pick_up(&mut next)?,
        Step::Rate { score } => turn.rate(&mut next, *score)?,
        Step::CarryOut { remedy } => turn.carry_out(&mut next, *remedy)?,
    }
    let event = Event::new(
        case.id,
        next.version,
        stamp.clone(),
        act.clone(),
        next.state.clone(),
    );
    Ok((next, event))
}

/// Whether `officer` may handle `case` at all: it does not concern them or
/// their office, and one of their roles is cleared for it.
///
/// # Errors
///
/// [`Refusal::ConflictOfInterest`] or [`Refusal::NotCleared`].
pub fn may_handle(
    workflow: &CheckedWorkflow,
    case: &Case,
    officer: &Officer,
) -> Result<(), Refusal> {
    if case
        .concerns
        .iter()
        .any(|concern| concern.is_about(officer))
    {
        return Err(Refusal::ConflictOfInterest);
    }
    let mut roles = officer.roles.iter();
    if !roles.any(|role| workflow.is_cleared(role, case.sensitivity)) {
        return Err(Refusal::NotCleared);
    }
    Ok(())
}

/// The actions that `by` may take on `case` at `now`: what a screen offers is
/// what [`transition`] allows.
#[must_use]
pub fn available<'w>(
    workflow: &'w CheckedWorkflow,
    case: &'w Case,
    by: &Party,
    now: DateTime<Utc>,
) -> Vec<&'w ActionName> {
    let turn = Turn {
        workflow,
        case,
        by,
        now: now.max(case.last_at),
    };
    if turn.admit().is_err() {
        return Vec::new();
    }
    workflow
        .actions_from(&case.state)
        .filter(|action| turn.permit(action).is_ok())
        .map(|action| &action.name)
        .collect()
}

fn post(open: &OpenState, sensitivity: Sensitivity, since: DateTime<Utc>) -> Post {
    Post {
        role: open.owner.of(sensitivity).clone(),
        owner: None,
        since,
        level: 0,
        extended_days: 0,
    }
}

/// One act on one case, before it is done.
#[derive(Clone, Copy)]
struct Turn<'a> {
    workflow: &'a CheckedWorkflow,
    case: &'a Case,
    by: &'a Party,
    now: DateTime<Utc>,
}

impl<'a> Turn<'a> {
    fn admit(&self) -> Allowed {
        match self.by {
            Party::Officer(officer) => may_handle(self.workflow, self.case, officer),
            Party::Complainant | Party::System => Ok(()),
        }
    }

    fn officer(&self) -> Allowed<&'a Officer> {
        match self.by {
            Party::Officer(officer) => Ok(officer),
            Party::Complainant | Party::System => Err(Refusal::NotYourRole),
        }
    }

    fn only(&self, party: &Party) -> Allowed {
        (self.by == party).then_some(()).ok_or(Refusal::NotYourRole)
    }

    fn open_post(&self) -> Allowed<(&'a OpenState, &'a Post)> {
        let open = self.workflow.open_state(&self.case.state);
        open.zip(self.case.post()).ok_or(Refusal::HasEnded)
    }

    /// Whether `officer` holds a role, cleared for the case, that `wanted`
    /// wants.
    fn holds(&self, officer: &Officer, wanted: impl Fn(&Role) -> bool) -> Allowed {
        let cleared = |role: &&Role| self.workflow.is_cleared(role, self.case.sensitivity);
        let mut roles = officer.roles.iter().filter(cleared);
        roles.any(wanted).then_some(()).ok_or(Refusal::NotYourRole)
    }

    fn is_independent(&self, officer: &Officer) -> Allowed {
        let independent = self
            .workflow
            .open_state(&self.case.state)
            .is_some_and(|open| open.independent);
        if independent && self.case.deciders.contains(&officer.actor) {
            return Err(Refusal::NotIndependent);
        }
        Ok(())
    }

    /// Whether the party may take `action`, which leads from the case's state.
    fn permit(&self, action: &Action) -> Allowed {
        match self.by {
            Party::System => return Err(Refusal::NotYourRole),
            Party::Complainant if action.is_for_complainant() => {}
            Party::Complainant => return Err(Refusal::NotYourRole),
            Party::Officer(officer) => {
                // Up the ladder, whoever answers for the case does all that an
                // officer does in its state.
                let risen = self.case.post().filter(|post| post.level > 0);
                let for_officers = action.by.iter().any(|role| *role != Role::COMPLAINANT);
                self.holds(officer, |role| {
                    action.by.contains(role)
                        || (for_officers && risen.is_some_and(|post| post.role == *role))
                })?;
                self.is_independent(officer)?;
            }
        }
        match window(self.workflow, self.case, action.kind) {
            Some(until) if !until.is_open(self.now) => Err(Refusal::WindowClosed),
            Some(_) | None => Ok(()),
        }
    }

    fn take(
        &self,
        next: &mut Case,
        name: &ActionName,
        words: Option<&solidarity_core::Pii<String>>,
        remedies: &[Remedy],
    ) -> Allowed {
        let action = self.workflow.action(name, &self.case.state);
        let action = action.ok_or(Refusal::NotFromHere)?;
        self.permit(action)?;
        match self.workflow.stage(&action.to) {
            Some(Stage::End { outcome, .. }) => {
                if *outcome != Outcome::Withdrawn {
                    next.answer = Some(Answer {
                        words: words.cloned().ok_or(Refusal::AnswerNeeded)?,
                        version: next.version,
                        delivery: Delivery::Waiting,
                    });
                }
                grant(next, *outcome, remedies)?;
                next.standing = Standing::Ended(Ending {
                    outcome: *outcome,
                    at: self.now,
                });
                self.remember_decider(next);
            }
            Some(Stage::Open(open)) => {
                if !remedies.is_empty() {
                    return Err(Refusal::RemedyNotFitting);
                }
                if action.kind == ActionKind::Proposal {
                    self.remember_decider(next);
                }
                if matches!(action.kind, ActionKind::Appeal | ActionKind::Reopening) {
                    next.waiting_since = self.now;
                    next.extended_days = 0;
                    next.rating = None;
                }
                if action.kind == ActionKind::Appeal {
                    next.appeals = next.appeals.saturating_add(1);
                }
                // Round to the same state is no new state.
                if action.to != self.case.state {
                    next.standing = Standing::Open(post(open, next.sensitivity, self.now));
                }
            }
            None => return Err(Refusal::NotFromHere),
        }
        next.state = action.to.clone();
        Ok(())
    }

    fn remember_decider(&self, next: &mut Case) {
        if let Party::Officer(officer) = self.by {
            next.deciders.insert(officer.actor);
        }
    }

    fn assign(&self, next: &mut Case, to: &Officer) -> Allowed {
        let officer = self.officer()?;
        let (open, post) = self.open_post()?;
        let ladder = open.ladder.of(self.case.sensitivity);
        self.holds(officer, |role| *role == post.role || ladder.contains(role))?;
        self.is_independent(officer)?;
        may_handle(self.workflow, self.case, to)?;
        self.holds(to, |role| *role == post.role)?;
        self.is_independent(to)?;
        if let Standing::Open(post) = &mut next.standing {
            post.owner = Some(to.clone());
        }
        Ok(())
    }

    fn comment(&self) -> Allowed {
        if *self.by == Party::System {
            return Err(Refusal::NotYourRole);
        }
        if self.case.version.count() >= COMMENTED_VERSIONS_MAX {
            return Err(Refusal::TooMany);
        }
        Ok(())
    }

    fn extend(&self, next: &mut Case, reason: &ReasonCode, working_days: u16) -> Allowed {
        let officer = self.officer()?;
        let (_, post) = self.open_post()?;
        let extension = &self.workflow.data().extension;
        self.holds(officer, |role| extension.by.contains(role))?;
        let owns = post
            .owner
            .as_ref()
            .is_some_and(|o| o.actor == officer.actor);
        if owns || officer.roles.contains(&post.role) {
            return Err(Refusal::OwnClock);
        }
        if !extension.reasons.contains(reason) {
            return Err(Refusal::UnknownReason);
        }
        if deadline(self.workflow, self.case).is_some_and(|end| self.now >= end) {
            return Err(Refusal::TooLate);
        }
        next.extended_days = self.case.extended_days.saturating_add(working_days);
        if next.extended_days > extension.at_most_working_days {
            return Err(Refusal::BeyondCap);
        }
        if let Standing::Open(post) = &mut next.standing {
            post.extended_days = post.extended_days.saturating_add(working_days);
        }
        Ok(())
    }

    fn exclude(&self, next: &mut Case, concern: &Concern) -> Allowed {
        if next.concerns.len() >= CONCERNS_MAX {
            return Err(Refusal::TooMany);
        }
        if !next.concerns.insert(concern.clone()) {
            return Err(Refusal::AlreadyDone);
        }
        if let Standing::Open(post) = &mut next.standing {
            post.owner.take_if(|owner| concern.is_about(owner));
        }
        Ok(())
    }

    fn raise(&self, next: &mut Case, to: Sensitivity) -> Allowed {
        if to <= self.case.sensitivity {
            return Err(Refusal::LowersProtection);
        }
        next.sensitivity = to;
        if let Standing::Open(at) = &mut next.standing {
            let (open, _) = self.open_post()?;
            // With its new owner from the start, by the clock that runs.
            let extended_days = at.extended_days;
            *at = post(open, to, at.since);
            at.extended_days = extended_days;
        }
        Ok(())
    }

    fn escalate(&self, next: &mut Case, level: u8) -> Allowed {
        self.only(&Party::System)?;
        let due = escalation_due(self.workflow, self.case, self.now).ok_or(Refusal::NotDue)?;
        if due.level != level {
            return Err(Refusal::NotDue);
        }
        if let Standing::Open(post) = &mut next.standing {
            post.level = level;
            post.role = due.to;
            post.owner = None;
        }
        Ok(())
    }

    fn told(&self, next: &mut Case, message: MessageKind, outcome: Told) -> Allowed {
        self.only(&Party::System)?;
        if self.case.untold() != Some(message) {
            return Err(Refusal::NothingToTell);
        }
        if message == MessageKind::Received {
            let before = next.intake_told.replace(outcome);
            return match before == Some(outcome) {
                true => Err(Refusal::AlreadyDone),
                false => Ok(()),
            };
        }
        let private = self.case.new.safe_contact.as_ref();
        let private = private.is_some_and(|contact| contact.may_carry_secret());
        let answer = next.answer.as_mut().ok_or(Refusal::NothingToTell)?;
        let before = answer.delivery;
        answer.delivery = match outcome {
            Told::Delivered if private => Delivery::Reached { at: self.now },
            Told::Delivered => Delivery::Announced,
            Told::Queued => Delivery::Queued,
            Told::CouldNotReach => Delivery::CouldNotReach,
        };
        if answer.delivery == before {
            return Err(Refusal::AlreadyDone);
        }
        Ok(())
    }

    fn pick_up(&self, next: &mut Case) -> Allowed {
        self.only(&Party::Complainant)?;
        let answer = next.answer.as_mut().ok_or(Refusal::NothingToTell)?;
        if matches!(answer.delivery, Delivery::Reached { .. }) {
            return Err(Refusal::AlreadyDone);
        }
        answer.delivery = Delivery::Reached { at: self.now };
        Ok(())
    }

    fn rate(&self, next: &mut Case, score: u8) -> Allowed {
        self.only(&Party::Complainant)?;
        if self.case.ending().is_none() {
            return Err(Refusal::NotEnded);
        }
        next.rating = Some(score);
        Ok(())
    }

    fn carry_out(&self, next: &mut Case, remedy: u8) -> Allowed {
        if *self.by == Party::Complainant {
            return Err(Refusal::NotYourRole);
        }
        let owed = next.remedies.get_mut(usize::from(remedy));
        if owed.ok_or(Refusal::NoSuchRemedy)?.carry_out(self.now) {
            Ok(())
        } else {
            Err(Refusal::AlreadyDone)
        }
    }
}

/// Adds what the complainant is owed by an end with this `outcome`.
fn grant(next: &mut Case, outcome: Outcome, remedies: &[Remedy]) -> Allowed {
    match (outcome.is_for_the_complainant(), remedies.is_empty()) {
        (true, true) => Err(Refusal::RemedyNeeded),
        (false, false) => Err(Refusal::RemedyNotFitting),
        (true, false) if next.remedies.len() + remedies.len() > REMEDIES_MAX => {
            Err(Refusal::NoSuchRemedy)
        }
        (true, false) | (false, true) => {
            let owed = remedies.iter().cloned().map(OwedRemedy::new);
            next.remedies.extend(owed);
            Ok(())
        }
    }
}
