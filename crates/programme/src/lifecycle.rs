//! What a store decides before it writes. Every store decides by these
//! functions, so that all decide alike.

use chrono::{Days, NaiveDate};
use solidarity_core::{CaseId, DecisionId, NoticeId, Stamp};

use crate::limits::{EVENTS_MAX, MEMBERS_MAX};
use crate::{
    Admission, AdverseAction, AppealEffect, AppealOutcome, Decision, Eligibility, Enrolment, Error,
    Event, Ground, NewEnrolment, NewEvent, PayeeChange, Programme, Replay, Result, Status, Step,
    replay,
};

/// Whether `programme` may be put after `latest`.
///
/// # Errors
///
/// [`Error::Conflict`] if it is not the next version.
pub fn check_version(latest: Option<&Programme>, programme: &Programme) -> Result<()> {
    let (id, stated) = (programme.id(), programme.version());
    match latest.map(Programme::version) {
        Some(actual) if stated != actual.next() => Err(Error::conflict(id, stated, actual)),
        None if stated.count() != 1 => Err(Error::not_found("programme", id)),
        _ => Ok(()),
    }
}

/// Whether a decision may be recorded: it replays, under the statement that
/// the store holds at its version, to what it says.
///
/// # Errors
///
/// [`Error::Unfounded`] if not.
pub fn check_decision(decision: &Decision, programme: &Programme) -> Result<()> {
    if decision.facts().members().len() > MEMBERS_MAX {
        return Err(Error::unfounded(decision.id(), "is of too many members"));
    }
    match replay(decision, programme) {
        Replay::Same => Ok(()),
        Replay::Differs => Err(Error::unfounded(decision.id(), "does not replay")),
        Replay::OtherStatement => Err(Error::unfounded(
            decision.id(),
            "was taken under another statement of the programme",
        )),
    }
}

/// Whether an enrolment may begin: it says what its decision says, and the
/// unit has no other in the programme that goes on. `others` are the unit's
/// enrolments.
///
/// # Errors
///
/// [`Error::Unfounded`] or [`Error::AlreadyEnrolled`].
pub fn check_enrolment(
    new: &NewEnrolment,
    decision: &Decision,
    others: &[Enrolment],
) -> Result<()> {
    if NewEnrolment::of(decision, new.payee(), new.on()) != *new {
        return Err(Error::unfounded(new.id(), "says other than its decision"));
    }
    let live = others
        .iter()
        .find(|other| other.programme() == new.programme() && !other.status_on(new.on()).is_over());
    match live {
        Some(live) => Err(Error::already_enrolled(new.unit(), live.id())),
        None => Ok(()),
    }
}

/// The decision that a store looks up for [`check_event`]: the one that the
/// event names or, of a stop on account of somebody, the one on which the
/// enrolment rests, because it says who belongs to the unit.
#[must_use]
pub fn decision_for(enrolment: &Enrolment, event: &Event) -> Option<DecisionId> {
    match event {
        Event::Stop(action) if action.ground().person().is_some() => Some(enrolment.decision()),
        event => event.decision(),
    }
}

/// Whether an event may happen to an enrolment, recorded at `stamp`.
/// `programme` is the latest version that the store holds, and `decision` what
/// it holds under [`decision_for`].
///
/// # Errors
///
/// - [`Error::NotAllowed`] if the life cycle has no such way.
/// - [`Error::Unfounded`] if what the event rests on does not carry it: a
///   decision of another unit or outcome, or overtaken; somebody who does not
///   belong to the unit; the closure of another programme; an appeal that was
///   not upheld; a notice that is given on another day than it says, or under
///   worse terms than the programme's; a change of payee that is dated back or
///   that somebody else asks for.
/// - [`Error::NotFound`] for a decision, an action or an appeal that is not
///   there.
pub fn check_event(
    enrolment: &Enrolment,
    new: &NewEvent,
    stamp: &Stamp,
    programme: &Programme,
    decision: Option<&Decision>,
) -> Result<()> {
    let (event, id) = (&new.event, enrolment.id());
    if enrolment.history().len() >= EVENTS_MAX {
        return Err(Error::unfounded(id, "has too long a history"));
    }
    let recorded = stamp.at().date_naive();
    let status = enrolment.status_on(match event {
        // A stop is judged on the day on which notice of it is given.
        Event::Stop(_) => recorded,
        other => other.on().max(recorded),
    });
    if !allows(status, event) {
        return Err(Error::not_allowed(id, status, event.as_str()));
    }
    if let Some(named) = event.decision() {
        let held = decision.filter(|held| held.id() == named);
        let held = held.ok_or_else(|| Error::not_found("decision", named))?;
        if held.unit() != enrolment.unit() || held.programme() != enrolment.programme() {
            return Err(Error::unfounded(named, "is of another unit or programme"));
        }
        if !carries(held.outcome(), event) {
            return Err(Error::unfounded(named, "decided something else"));
        }
    }
    match event {
        Event::Wait { .. } => Ok(()),
        Event::ChangePayee { on, by, .. } => check_payee(enrolment, new, *on, by, recorded),
        Event::Admit { amount, by, .. } => {
            if let Admission::Appeal(case) = by {
                check_upheld(enrolment, *case)?;
            }
            if amount.currency() != programme.currency() || !amount.is_positive() {
                return Err(Error::unfounded(
                    new.id,
                    "must be an amount of the programme",
                ));
            }
            if admitted(enrolment).any(|before| amount.minor() < before.minor()) {
                return Err(Error::unfounded(
                    new.id,
                    "would lower the amount without notice",
                ));
            }
            Ok(())
        }
        Event::Stop(action) => check_stop(enrolment, action, recorded, programme, decision),
        Event::Appeal { case, against, on } => check_appeal(enrolment, *case, *against, *on),
        Event::DecideAppeal { case, on, .. } => {
            let appeals = enrolment.appeals();
            let appeal = appeals.iter().find(|appeal| appeal.case == *case);
            match appeal.ok_or_else(|| Error::not_found("appeal", case))? {
                appeal if appeal.decided.is_some() => {
                    Err(Error::unfounded(case, "is decided already"))
                }
                appeal if *on < appeal.made => {
                    Err(Error::unfounded(case, "was made after that day"))
                }
                _ => Ok(()),
            }
        }
        Event::Lift { notice, .. } => {
            find_action(enrolment, *notice)?;
            match enrolment.lifted(*notice) {
                Some(_) => Err(Error::unfounded(notice, "is taken back already")),
                None => Ok(()),
            }
        }
    }
}

/// The life cycle's table.
pub(crate) fn allows(status: Status, event: &Event) -> bool {
    use Status::{Applied, Ended, Enrolled, Rejected, Suspended, Undetermined, WaitingForBudget};
    match (event, status) {
        // What a person may always do, and what is done in their favor.
        (
            Event::Appeal { .. }
            | Event::DecideAppeal { .. }
            | Event::Lift { .. }
            | Event::ChangePayee { .. },
            _,
        ) => true,
        (Event::Wait { .. }, Applied | Undetermined) => true,
        (Event::Wait { .. }, WaitingForBudget | Enrolled | Suspended | Rejected | Ended) => false,
        (Event::Admit { .. }, Applied | Undetermined | WaitingForBudget | Enrolled) => true,
        (Event::Admit { .. }, Suspended | Rejected | Ended) => false,
        (Event::Stop(action), status) => match (action.step(), status) {
            (Step::Reject, Applied | Undetermined | WaitingForBudget) => true,
            (Step::Reject, Enrolled | Suspended | Rejected | Ended) => false,
            (Step::Reduce { .. } | Step::Suspend, Enrolled) => true,
            (
                Step::Reduce { .. } | Step::Suspend,
                Applied | Undetermined | WaitingForBudget | Suspended | Rejected | Ended,
            ) => false,
            (Step::End, Enrolled | Suspended) => true,
            (Step::End, Applied | Undetermined | WaitingForBudget | Rejected | Ended) => false,
        },
    }
}

/// Whether a decision with this outcome carries what is to rest on it.
fn carries(outcome: &Eligibility, event: &Event) -> bool {
    match (event, outcome) {
        (Event::Wait { .. }, Eligibility::WaitingForBudget(_)) => true,
        (Event::Admit { amount, .. }, Eligibility::Eligible(eligible)) => {
            eligible.amount() == *amount
        }
        // The money has come.
        (Event::Admit { amount, .. }, Eligibility::WaitingForBudget(waiting)) => {
            waiting.amount() == *amount
        }
        (Event::Stop(action), outcome) => match (action.ground(), outcome) {
            (Ground::RuleNotMet(_), Eligibility::Ineligible(_)) => true,
            (Ground::AmountRecomputed(ground), Eligibility::Eligible(eligible)) => {
                ground.amount() == eligible.amount()
            }
            _ => false,
        },
        _ => false,
    }
}

fn check_stop(
    enrolment: &Enrolment,
    action: &AdverseAction,
    recorded: NaiveDate,
    programme: &Programme,
    decision: Option<&Decision>,
) -> Result<()> {
    let notice = action.notice();
    let unfounded = |rule| Err(Error::unfounded(notice.id(), rule));
    if action.enrolment() != enrolment.id() {
        return unfounded("is of another enrolment");
    }
    if find_action(enrolment, notice.id()).is_ok() {
        return unfounded("has been given already");
    }
    check_ground(enrolment, action, recorded, decision)?;
    // The local day may be a day behind that of universal time.
    let given = notice.dated().checked_add_days(Days::new(1));
    if given.is_none_or(|given| given < recorded) {
        return unfounded("must be recorded on the day on which it is given");
    }
    let (terms, stated) = (notice.terms(), programme.due_process());
    let holds_back =
        terms.appeal_effect == AppealEffect::Suspends || stated.appeal_effect == AppealEffect::None;
    if terms.notice_days < stated.notice_days
        || terms.appeal_days < stated.appeal_days
        || !holds_back
    {
        return unfounded("must be given under the programme's terms");
    }
    if matches!(action.step(), Step::Reduce { to } if to.currency() != programme.currency()) {
        return unfounded("must be of an amount of the programme");
    }
    // A decision that a later admission has overtaken is no ground.
    let admitted_on = enrolment.history().iter().filter_map(|e| match e.event {
        Event::Admit { on, .. } => Some(on),
        _ => None,
    });
    let fresh = |decision: &Decision| match admitted_on.max() {
        Some(admitted) => decision.on() >= admitted,
        None => {
            decision.id() == enrolment.began().decision() || decision.on() >= enrolment.began().on()
        }
    };
    match decision.filter(|_| action.ground().decision().is_some()) {
        Some(decision) if !fresh(decision) => unfounded("rests on a decision that is overtaken"),
        _ => Ok(()),
    }
}

/// Whether a ground is one of this enrolment: about who collects or belongs to
/// its unit, about its programme, and of no day to come.
fn check_ground(
    enrolment: &Enrolment,
    action: &AdverseAction,
    recorded: NaiveDate,
    decision: Option<&Decision>,
) -> Result<()> {
    let ground = action.ground();
    let unfounded = |rule| Err(Error::unfounded(action.notice().id(), rule));
    if ground.on().is_some_and(|on| is_ahead(on, recorded)) {
        return unfounded("rests on what is said of a day to come");
    }
    if let Ground::ProgrammeClosed(closed) = ground
        && closed.programme() != enrolment.programme()
    {
        return unfounded("rests on the closure of another programme");
    }
    let Some(person) = ground.person() else {
        return Ok(());
    };
    if person == enrolment.payee_on(recorded) {
        return Ok(());
    }
    let named = enrolment.decision();
    let held = decision.filter(|held| held.id() == named);
    let held = held.ok_or_else(|| Error::not_found("decision", named))?;
    if held.facts().members().contains_key(&person) {
        return Ok(());
    }
    unfounded("rests on somebody who does not belong to the unit")
}

/// Whether another person may collect from the day `on`: money is led nowhere
/// in retrospect, nor at the wish of anyone but who collects it.
fn check_payee(
    enrolment: &Enrolment,
    new: &NewEvent,
    on: NaiveDate,
    by: &PayeeChange,
    recorded: NaiveDate,
) -> Result<()> {
    let unfounded = |rule| Err(Error::unfounded(new.id, rule));
    if on < recorded {
        return unfounded("must not be dated back");
    }
    match by {
        PayeeChange::Human(_) => Ok(()),
        PayeeChange::Requested(request) if is_ahead(request.on(), recorded) => {
            unfounded("rests on what is said of a day to come")
        }
        PayeeChange::Requested(request) if request.person() != enrolment.payee_on(recorded) => {
            unfounded("is not asked for by who collects")
        }
        PayeeChange::Requested(_) => Ok(()),
    }
}

/// Whether a day had not come when something was recorded. The local day may
/// be a day ahead of that of universal time.
fn is_ahead(day: NaiveDate, recorded: NaiveDate) -> bool {
    recorded.succ_opt().is_some_and(|next| day > next)
}

fn check_appeal(
    enrolment: &Enrolment,
    case: CaseId,
    against: NoticeId,
    on: NaiveDate,
) -> Result<()> {
    let action = find_action(enrolment, against)?;
    if enrolment.appeals().iter().any(|appeal| appeal.case == case) {
        return Err(Error::already_exists(case));
    }
    if on < action.notice().dated() {
        return Err(Error::unfounded(against, "was given after that day"));
    }
    Ok(())
}

fn check_upheld(enrolment: &Enrolment, case: CaseId) -> Result<()> {
    let appeals = enrolment.appeals();
    let appeal = appeals.iter().find(|appeal| appeal.case == case);
    match appeal.and_then(|appeal| appeal.decided) {
        Some((_, AppealOutcome::Upheld)) => Ok(()),
        Some((_, AppealOutcome::Dismissed)) | None => {
            Err(Error::unfounded(case, "is not an appeal that was upheld"))
        }
    }
}

fn find_action(enrolment: &Enrolment, notice: NoticeId) -> Result<&AdverseAction> {
    enrolment
        .actions()
        .find(|action| action.notice().id() == notice)
        .ok_or_else(|| Error::not_found("notice", notice))
}

/// The amounts admitted so far.
fn admitted(enrolment: &Enrolment) -> impl Iterator<Item = solidarity_core::Money> {
    let since = enrolment.history().iter().filter_map(|e| match e.event {
        Event::Admit { amount, .. } => Some(amount),
        _ => None,
    });
    enrolment.began().amount().into_iter().chain(since)
}

#[cfg(test)]
mod tests {
    use solidarity_core::{DecisionId, EnrolmentId, PersonId, ProgrammeId, UnitId, Version};

    use super::*;
    use crate::conformance::fixture::{World, day, human, stamp};
    use crate::{EventId, FactName, FactValue, Recorded, Source, decide_eligibility};

    #[test]
    fn every_event_meets_every_status() {
        let world = World::new(ProgrammeId::generate());
        let id = EnrolmentId::generate();
        let on = day(0);
        let stop = |step| {
            let ground = Ground::HumanDecision(human());
            world.stop(id, step, ground, on).event
        };
        let to = "60 KES".parse().unwrap();
        let (case, notice) = (CaseId::generate(), NoticeId::generate());
        let statuses = [
            Status::Applied,
            Status::Undetermined,
            Status::WaitingForBudget,
            Status::Enrolled,
            Status::Suspended,
            Status::Rejected,
            Status::Ended,
        ];
        let decision = DecisionId::generate();
        let (amount, outcome) = (to, AppealOutcome::Upheld);
        let by = Admission::Human(human());
        let against = notice;
        // One column for each status, in the order above.
        for (event, allowed) in [
            (Event::Wait { on, decision }, "yy....."),
            (Event::Admit { on, amount, by }, "yyyy..."),
            (stop(Step::Reject), "yyy...."),
            (stop(Step::Reduce { to }), "...y..."),
            (stop(Step::Suspend), "...y..."),
            (stop(Step::End), "...yy.."),
            (Event::Appeal { case, against, on }, "yyyyyyy"),
            (Event::DecideAppeal { case, on, outcome }, "yyyyyyy"),
            (Event::Lift { notice, on }, "yyyyyyy"),
            (
                Event::ChangePayee {
                    to: PersonId::generate(),
                    on,
                    by: PayeeChange::Human(human()),
                },
                "yyyyyyy",
            ),
        ] {
            for (status, allowed) in statuses.into_iter().zip(allowed.chars()) {
                let name = event.as_str();
                assert_eq!(allows(status, &event), allowed == 'y', "{name} {status}");
            }
        }
    }

    #[test]
    fn limits_hold_at_the_last_and_break_at_the_next() {
        let world = World::new(ProgrammeId::generate());
        let unit = UnitId::generate();
        let source = Source::new(&unit, Version::FIRST);
        let decide = |members: usize| {
            let facts = World::facts(unit, day(0), Some("1"));
            let more = (1..members).map(|n| PersonId::derive(&unit, &n.to_string()));
            let facts = more.fold(facts, |facts, person| {
                let (name, flag) = (FactName::from_static("disabled"), FactValue::Flag(false));
                facts.with_member_fact(person, name, flag, source)
            });
            decide_eligibility(&world.programme, &facts)
        };
        let taken = |members| check_decision(&decide(members), &world.programme).is_ok();
        assert!(taken(MEMBERS_MAX - 1) && taken(MEMBERS_MAX) && !taken(MEMBERS_MAX + 1));

        let new = NewEnrolment::of(&decide(1), PersonId::generate(), day(0));
        let to = PersonId::generate();
        let moved = |n: usize| {
            let id = EventId::derive(&new.id(), &n.to_string());
            let (on, by) = (day(0), PayeeChange::Human(human()));
            NewEvent::new(id, new.id(), Event::ChangePayee { to, on, by })
        };
        let takes_one_more = |events: usize| {
            let history = (0..events).map(|n| Recorded::new(moved(n), stamp(day(0))));
            let enrolment = Enrolment::from_parts(new.clone(), history.collect());
            let event = moved(events);
            check_event(&enrolment, &event, &stamp(day(0)), &world.programme, None).is_ok()
        };
        assert!(takes_one_more(EVENTS_MAX - 2) && takes_one_more(EVENTS_MAX - 1));
        assert!(!takes_one_more(EVENTS_MAX));
    }
}
