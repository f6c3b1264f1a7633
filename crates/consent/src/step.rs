//! What a store does to a consent, as pure functions: a store loads what a
//! step needs, takes the step, and writes what it says in one transaction.
//! Every store takes the same ones, so that every store gives the same answers.

use chrono::{DateTime, Utc};
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::{
    ChangeKind, Commitment, EntityKind, Invalid, NewChange, Salt, Stamp, Version,
};

use crate::digest::canonical;
use crate::limits::SUBJECT_CONSENTS_MAX;
use crate::{
    Collected, Consent, Decision, Error, EventKind, NewConsent, NewUse, Policy, Reply, Result,
    State, Use, Uses, decide,
};

/// What a step answers, and what a store writes for it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The consent that the caller gets back.
    pub answer: Consent,
    /// The consents to write, one change each. Empty for a repeat.
    pub writes: Vec<Consent>,
}

impl Step {
    const fn repeat(answer: Consent) -> Self {
        Self {
            answer,
            writes: Vec::new(),
        }
    }

    /// `answer` is written, and so is `replaced` if it is a yes that takes
    /// its place.
    fn written(answer: Consent, replaced: Option<&Consent>, stamp: &Stamp) -> Self {
        let mut writes = vec![answer.clone()];
        if let Some(replaced) = replaced
            && answer.state() == State::Given
            && !matches!(replaced.state(), State::Withdrawn | State::Superseded)
        {
            writes.push(replaced.with_successor(answer.id(), stamp));
        }
        Self { answer, writes }
    }
}

/// Checks that a batch holds no more than [`BATCH_MAX`].
///
/// # Errors
///
/// [`Error::Invalid`] if it does.
pub fn check_batch<T>(batch: &[T]) -> Result<()> {
    if batch.len() > BATCH_MAX {
        let rule = format!("must hold at most {BATCH_MAX}");
        return Err(Invalid::new("batch", rule).into());
    }
    Ok(())
}

/// Records `new`.
///
/// `known` is the consent under its id, `replaced` the one that it supersedes,
/// `held` the number of consents of its subject.
///
/// # Errors
///
/// - [`Error::Invalid`] if `new` breaks a rule, or supersedes a consent that
///   is not there or is another person's, or the person holds
///   [`SUBJECT_CONSENTS_MAX`] already.
/// - [`Error::AlreadyExists`] if the id was recorded with other terms.
pub fn record(
    new: &NewConsent,
    known: Option<&Consent>,
    replaced: Option<&Consent>,
    held: usize,
    stamp: &Stamp,
) -> Result<Step> {
    if let Some(known) = known {
        return if known.terms() == new {
            Ok(Step::repeat(known.clone()))
        } else {
            Err(Error::already_exists(&new.id))
        };
    }
    let consent = Consent::record(new, stamp)?;
    if new.supersedes.is_some() && replaced.map(Consent::subject) != Some(new.subject) {
        return Err(Invalid::new("supersedes", "must be a consent of the same person").into());
    }
    if held >= SUBJECT_CONSENTS_MAX {
        let rule = format!("must hold at most {SUBJECT_CONSENTS_MAX} consents");
        return Err(Invalid::new("subject", rule).into());
    }
    Ok(Step::written(consent, replaced, stamp))
}

/// Answers `consent` with `reply`; `replaced` is the one that it supersedes.
///
/// # Errors
///
/// - [`Error::Conflict`] if `consent` is not at `expected`.
/// - [`Error::NotOpen`] if it waits for no answer.
/// - [`Error::Invalid`] if `reply` breaks a rule.
pub fn answer(
    consent: &Consent,
    replaced: Option<&Consent>,
    expected: Version,
    reply: &Reply,
    stamp: &Stamp,
) -> Result<Step> {
    let repeated = consent.terms().reply.is_none() && consent.reply() == Some(reply);
    if repeated {
        return Ok(Step::repeat(consent.clone()));
    }
    at(consent, expected)?;
    if consent.state() != State::Requested {
        return Err(Error::not_open(consent.id()));
    }
    let next = consent.with_answer(reply, stamp)?;
    Ok(Step::written(next, replaced, stamp))
}

/// Takes `consent` back. A consent in any state can be: who holds an old
/// receipt is not sent away.
///
/// # Errors
///
/// - [`Error::Conflict`] if `consent` is not at `expected`.
/// - [`Error::Invalid`] if `collected` breaks a rule.
pub fn withdraw(
    consent: &Consent,
    expected: Version,
    collected: &Collected,
    stamp: &Stamp,
) -> Result<Step> {
    if consent.state() == State::Withdrawn {
        return Ok(Step::repeat(consent.clone()));
    }
    at(consent, expected)?;
    let next = consent.with_withdrawal(collected, stamp)?;
    Ok(Step::written(next, None, stamp))
}

fn at(consent: &Consent, expected: Version) -> Result<()> {
    if consent.version() == expected {
        Ok(())
    } else {
        Err(Error::conflict(consent.id(), expected, consent.version()))
    }
}

/// The moment for which a check stamped with `stamp` is decided, where `latest`
/// is the one of the last check for the same person: a clock that was set back
/// revives nothing.
#[must_use]
pub fn moment(stamp: &Stamp, latest: Option<DateTime<Utc>>) -> DateTime<Utc> {
    latest.map_or(stamp.at(), |latest| latest.max(stamp.at()))
}

/// Decides `new` at `now`, and says which use a store writes: `None` for a
/// denial, for a repeat, and for what rests on no consent.
///
/// `consents` are all of the subject's, `uses` the use counts at `now`, and
/// `known` the use under the same id.
///
/// # Errors
///
/// [`Error::AlreadyExists`] if `known` was another request or was decided by
/// another policy, or if it would rest on consents that it was not counted
/// against.
pub fn check_and_use(
    new: &NewUse,
    policy: &Policy,
    consents: &[Consent],
    mut uses: Uses,
    known: Option<&Use>,
    now: DateTime<Utc>,
    stamp: &Stamp,
) -> Result<(Decision, Option<Use>)> {
    if let Some(known) = known {
        if known.request() != &new.request || *known.policy() != policy.reference() {
            return Err(Error::already_exists(&new.id));
        }
        // It was counted once; its own use does not stand against it.
        for consent in known.consents() {
            let others = uses.of(consent.id()).saturating_sub(1);
            uses = uses.with(consent.id(), others);
        }
    }
    let decision = decide(policy, consents, &uses, &new.request, now);
    let used = decision.consents_used();
    let Some(known) = known else {
        let reference = policy.reference();
        let used =
            (!used.is_empty()).then(|| Use::new(new.clone(), reference, used, now, stamp.clone()));
        return Ok((decision, used));
    };
    let counted = |id| known.consents().iter().any(|consent| consent.id() == id);
    if used.iter().all(|consent| counted(consent.id())) {
        Ok((decision, None))
    } else {
        Err(Error::already_exists(&new.id))
    }
}

/// The news of `consent`, just written: its last step, and a commitment to the
/// whole of it.
///
/// # Errors
///
/// [`Error::Invalid`] if it has no canonical form.
pub fn consent_change(consent: &Consent, stamp: &Stamp, salt: &Salt) -> Result<NewChange> {
    let kind = match consent.history().last().map(|event| event.kind) {
        Some(EventKind::Give) => "give",
        Some(EventKind::Refuse) => "refuse",
        Some(EventKind::Supersede) => "supersede",
        Some(EventKind::Withdraw) => "withdraw",
        Some(EventKind::Ask) | None => "ask",
    };
    let commitment = Commitment::to(salt, &canonical(consent)?);
    Ok(NewChange::new(
        stamp.clone(),
        EntityKind::from_static("consent"),
        &consent.id(),
        ChangeKind::from_static(kind),
        commitment,
    ))
}

/// The news of `made`, just written.
///
/// # Errors
///
/// [`Error::Invalid`] if it has no canonical form.
pub fn use_change(made: &Use, salt: &Salt) -> Result<NewChange> {
    let commitment = Commitment::to(salt, &canonical(made)?);
    Ok(NewChange::new(
        made.stamp().clone(),
        EntityKind::from_static("consent-use"),
        &made.id(),
        ChangeKind::from_static("use"),
        commitment,
    ))
}
