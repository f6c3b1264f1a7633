use chrono::{Days, NaiveDate};
use solidarity_core::Stamp;
use uuid::Uuid;

use crate::limits::EVENTS_MAX;
use crate::{
    Admission, AdverseAction, AppealEffect, Decision, DueProcess, Eligibility, Enrolment, Error,
    Event, Ground, NewEnrolment, Programme, Result, Status, Step,
};

/// Whether an enrolment may begin: it says what its decision says, and the
/// unit has no other in the programme that goes on.
///
/// `others` are the unit's enrolments.
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
        return Err(Error::unfounded(new.id(), "must say what its decision says"));
    }
    let live = others
        .iter()
        .find(|other| other.programme() == new.programme() && !other.status_on(new.on()).is_over());
    match live {
        Some(live) => Err(Error::already_enrolled(new.unit(), live.id())),
        None => Ok(()),
    }
}

/// Whether an event may happen to an enrolment, recorded at `stamp`.
///
/// `programme` is the latest version that the store holds, and `decision` what
/// it holds under [`Event::decision`].
///
/// # Errors
///
/// - [`Error::NotAllowed`] if the life cycle has no such way.
/// - [`Error::Unfounded`] if what the event rests on does not carry it: a
///   decision of another unit or outcome, an appeal that was not upheld, a
///   notice that was given on another day than it says or under worse terms
///   than the programme's.
/// - [`Error::NotFound`] for an appeal or an action that is not there.
pub fn check_event(
    enrolment: &Enrolment,
    event: &Event,
    stamp: &Stamp,
    programme: &Programme,
    decision: Option<&Decision>,
) -> Result<()> {
    if enrolment.history().len() >= EVENTS_MAX {
        return Err(Error::unfounded(enrolment.id(), "has too long a history"));
    }
    let recorded = stamp.at().date_naive();
    let status = enrolment.status_on(day_of(event).max(recorded));
    if !allows(status, event) {
        return Err(Error::not_allowed(enrolment.id(), status, event.as_str()));
    }
    if let Some(decision) = event.decision() {
        let unfounded = Error::unfounded(decision, "is not of this unit and programme");
        let of_this = |d: &&Decision| {
            d.id() == decision && d.unit() == enrolment.unit() && d.programme() == programme.id()
        };
        decision_carries(event, decision_of(decision_or(unfounded, decision_opt(decision_ref(decision, decision_arg(decision_given(decision)))), of_this))?)?;
    }
    Ok(())
}
