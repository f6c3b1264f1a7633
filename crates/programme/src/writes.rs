//! The writes of a store, over rows: what is looked up, decided, written and
//! told, once for every store that keeps rows in one transaction.
//!
//! A store opens its transaction, hands its [`Rows`] to the function of the
//! write, and commits if that gives `Ok`.

use serde::Serialize;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::{
    ChangeKind, Commitment, CycleId, DecisionId, EnrolmentId, EntitlementId, EntityKind, Invalid,
    NewChange, ProgrammeId, Salt, Stamp, UnitId, Version,
};
use uuid::Uuid;

use crate::lifecycle::{check_decision, check_enrolment, check_event, check_version, decision_for};
use crate::{
    Cycle, CycleState, Decision, Enrolment, Entitlement, Error, EventId, NewEnrolment, NewEvent,
    Programme, Recorded, Result, check_entitlement,
};

/// The text of what is written, and the salt to keep beside it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Body {
    /// It, as JSON.
    pub text: String,
    /// The salt of the commitment to that text.
    pub salt: Salt,
}

/// The rows that a store keeps, within one transaction.
#[expect(
    clippy::missing_errors_doc,
    reason = "each fails in one way: as the storage beneath does"
)]
pub trait Rows {
    /// What can go wrong beneath. Nothing of the transaction stays then.
    type Fail;

    /// A programme at a version, or the latest. Asked for at every item of a
    /// batch, so it is worth remembering.
    fn programme(
        &mut self,
        id: ProgrammeId,
        version: Option<Version>,
    ) -> Result<Option<Programme>, Self::Fail>;
    /// Adds a version of a programme.
    fn add_programme(&mut self, row: &Programme, body: &Body) -> Result<(), Self::Fail>;

    /// A decision.
    fn decision(&mut self, id: DecisionId) -> Result<Option<Decision>, Self::Fail>;
    /// Adds a decision.
    fn add_decision(&mut self, row: &Decision, body: &Body) -> Result<(), Self::Fail>;

    /// An enrolment, with its history.
    fn enrolment(&mut self, id: EnrolmentId) -> Result<Option<Enrolment>, Self::Fail>;
    /// A unit's enrolments, with their histories.
    fn enrolments_of(&mut self, unit: UnitId) -> Result<Vec<Enrolment>, Self::Fail>;
    /// Adds an enrolment without a history.
    fn add_enrolment(&mut self, row: &NewEnrolment, body: &Body) -> Result<(), Self::Fail>;

    /// An event that was recorded, and of which enrolment.
    fn event(&mut self, id: EventId) -> Result<Option<NewEvent>, Self::Fail>;
    /// Adds an event to the end of the history of `enrolment`.
    fn add_event(
        &mut self,
        enrolment: &Enrolment,
        row: &Recorded,
        body: &Body,
    ) -> Result<(), Self::Fail>;

    /// A cycle.
    fn cycle(&mut self, id: CycleId) -> Result<Option<Cycle>, Self::Fail>;
    /// Adds a cycle, or puts it in the place of what it was.
    fn put_cycle(&mut self, row: &Cycle, body: &Body) -> Result<(), Self::Fail>;

    /// An entitlement.
    fn entitlement(&mut self, id: EntitlementId) -> Result<Option<Entitlement>, Self::Fail>;
    /// A unit's entitlements [for](Entitlement::for_cycle) a cycle.
    fn entitlements_for(
        &mut self,
        unit: UnitId,
        cycle: CycleId,
    ) -> Result<Vec<Entitlement>, Self::Fail>;
    /// Adds an entitlement.
    fn add_entitlement(&mut self, row: &Entitlement, body: &Body) -> Result<(), Self::Fail>;

    /// Appends to the change feed.
    fn tell(&mut self, news: NewChange) -> Result<(), Self::Fail>;
}

/// An item's outcome, or what went wrong beneath it.
type Outcome<F> = Result<Result<()>, F>;

/// Checks that a batch is not too large.
///
/// # Errors
///
/// [`Invalid`] for more items than [`BATCH_MAX`].
pub fn check_batch<T>(items: &[T]) -> Result<(), Invalid> {
    if items.len() > BATCH_MAX {
        return Err(Invalid::new(
            "batch",
            format!("must be at most {BATCH_MAX}"),
        ));
    }
    Ok(())
}

/// Puts a version of a programme.
///
/// # Errors
///
/// What goes wrong beneath.
pub fn put_programme<R: Rows>(rows: &mut R, new: &Programme, stamp: &Stamp) -> Outcome<R::Fail> {
    match rows.programme(new.id(), Some(new.version()))? {
        Some(known) if known == *new => return Ok(Ok(())),
        Some(_) => return Ok(Err(Error::already_exists(new.id()))),
        None => {}
    }
    if let Err(error) = check_version(rows.programme(new.id(), None)?.as_ref(), new) {
        return Ok(Err(error));
    }
    let news = News::of(new, "programme", new.id(), "put");
    rows.add_programme(new, &news.body)?;
    rows.tell(news.change(stamp)).map(Ok)
}

/// Records decisions.
///
/// # Errors
///
/// What goes wrong beneath.
pub fn record_decisions<R: Rows>(
    rows: &mut R,
    new: &[Decision],
    stamp: &Stamp,
) -> Result<Vec<Result<()>>, R::Fail> {
    let mut record = |new: &Decision| -> Outcome<R::Fail> {
        if let Some(known) = rows.decision(new.id())? {
            return Ok(same(&known, new, new.id()));
        }
        let checked = match rows.programme(new.programme(), Some(new.version()))? {
            None => Err(Error::not_found("programme", new.programme())),
            Some(programme) => check_decision(new, &programme),
        };
        if checked.is_err() {
            return Ok(checked);
        }
        let news = News::of(new, "decision", new.id(), new.outcome().as_str());
        rows.add_decision(new, &news.body)?;
        rows.tell(news.change(stamp).effective_on(new.on())).map(Ok)
    };
    new.iter().map(&mut record).collect()
}

/// Begins enrolments.
///
/// # Errors
///
/// What goes wrong beneath.
pub fn enrol<R: Rows>(
    rows: &mut R,
    new: &[NewEnrolment],
    stamp: &Stamp,
) -> Result<Vec<Result<()>>, R::Fail> {
    let mut enrol = |new: &NewEnrolment| -> Outcome<R::Fail> {
        let others = rows.enrolments_of(new.unit())?;
        // Ids follow from decisions, so the known one is of the same unit.
        if let Some(known) = others.iter().find(|known| known.id() == new.id()) {
            return Ok(same(known.began(), new, new.id()));
        }
        let Some(decision) = rows.decision(new.decision())? else {
            return Ok(Err(Error::not_found("decision", new.decision())));
        };
        if let Err(error) = check_enrolment(new, &decision, &others) {
            return Ok(Err(error));
        }
        let news = News::of(new, "enrolment", new.id(), "enrol");
        rows.add_enrolment(new, &news.body)?;
        rows.tell(news.change(stamp).effective_on(new.on())).map(Ok)
    };
    new.iter().map(&mut enrol).collect()
}

/// Records events.
///
/// # Errors
///
/// What goes wrong beneath.
pub fn advance<R: Rows>(
    rows: &mut R,
    new: &[NewEvent],
    stamp: &Stamp,
) -> Result<Vec<Result<()>>, R::Fail> {
    let mut advance = |new: &NewEvent| -> Outcome<R::Fail> {
        if let Some(known) = rows.event(new.id)? {
            return Ok(same(&known, new, new.id));
        }
        let Some(enrolment) = rows.enrolment(new.enrolment)? else {
            return Ok(Err(Error::not_found("enrolment", new.enrolment)));
        };
        let Some(programme) = rows.programme(enrolment.programme(), None)? else {
            return Ok(Err(Error::not_found("programme", enrolment.programme())));
        };
        let decision = match decision_for(&enrolment, &new.event) {
            Some(id) => rows.decision(id)?,
            None => None,
        };
        let checked = check_event(&enrolment, new, stamp, &programme, decision.as_ref());
        if checked.is_err() {
            return Ok(checked);
        }
        let recorded = Recorded::new(new.clone(), stamp.clone());
        let news = News::of(&recorded, "enrolment", enrolment.id(), new.event.as_str());
        rows.add_event(&enrolment, &recorded, &news.body)?;
        let change = news.change(stamp).effective_on(new.event.on());
        rows.tell(change).map(Ok)
    };
    new.iter().map(&mut advance).collect()
}

/// Sets entitlements in a cycle, which begins or closes with it.
///
/// # Errors
///
/// What goes wrong beneath.
pub fn set_entitlements<R: Rows>(
    rows: &mut R,
    cycle: &Cycle,
    new: &[Entitlement],
    stamp: &Stamp,
) -> Result<Result<Vec<Result<()>>>, R::Fail> {
    let state = match rows.cycle(cycle.id())? {
        Some(known) if !known.is_same_as(cycle) => {
            return Ok(Err(Error::already_exists(cycle.id())));
        }
        Some(known) => known.state(),
        None => {
            if rows.programme(cycle.programme(), None)?.is_none() {
                return Ok(Err(Error::not_found("programme", cycle.programme())));
            }
            put_cycle(rows, &cycle.clone().opened(), "open", stamp)?;
            CycleState::Open
        }
    };
    let outcomes = new
        .iter()
        .map(|new| set_entitlement(rows, cycle, state, new, stamp))
        .collect::<Result<_, _>>()?;
    if state == CycleState::Open && cycle.state() == CycleState::Closed {
        put_cycle(rows, cycle, "close", stamp)?;
    }
    Ok(Ok(outcomes))
}

fn put_cycle<R: Rows>(
    rows: &mut R,
    cycle: &Cycle,
    kind: &'static str,
    stamp: &Stamp,
) -> Result<(), R::Fail> {
    let news = News::of(cycle, "cycle", cycle.id(), kind);
    rows.put_cycle(cycle, &news.body)?;
    rows.tell(news.change(stamp))
}

fn set_entitlement<R: Rows>(
    rows: &mut R,
    cycle: &Cycle,
    state: CycleState,
    new: &Entitlement,
    stamp: &Stamp,
) -> Outcome<R::Fail> {
    if let Some(known) = rows.entitlement(new.id())? {
        return Ok(same(&known, new, new.id()));
    }
    if state == CycleState::Closed {
        return Ok(Err(Error::cycle_closed(cycle.id())));
    }
    let Some(enrolment) = rows.enrolment(new.enrolment())? else {
        return Ok(Err(Error::not_found("enrolment", new.enrolment())));
    };
    let Some(missed) = rows.cycle(new.for_cycle())? else {
        return Ok(Err(Error::not_found("cycle", new.for_cycle())));
    };
    let prior = rows.entitlements_for(enrolment.unit(), missed.id())?;
    if let Err(error) = check_entitlement(new, &enrolment, cycle, &missed, &prior) {
        return Ok(Err(error));
    }
    let news = News::of(new, "entitlement", new.id(), "set");
    rows.add_entitlement(new, &news.body)?;
    let change = news.change(stamp).effective_on(cycle.assessed_on());
    rows.tell(change).map(Ok)
}

fn same<T: PartialEq>(known: &T, new: &T, id: impl AsRef<Uuid>) -> Result<()> {
    if known == new {
        Ok(())
    } else {
        Err(Error::already_exists(id))
    }
}

/// What is written, and what is told of it.
struct News {
    body: Body,
    entity: EntityKind,
    id: EntityId,
    kind: ChangeKind,
}

solidarity_core::id! {
    /// Whatever a change tells of.
    struct EntityId;
}

impl News {
    fn of(
        row: &impl Serialize,
        entity: &'static str,
        id: impl AsRef<Uuid>,
        kind: &'static str,
    ) -> Self {
        Self {
            body: Body {
                // The types of this crate have text for keys, so they can all
                // be written.
                text: serde_json::to_string(row).unwrap_or_default(),
                salt: Salt::generate(),
            },
            entity: EntityKind::from_static(entity),
            id: EntityId::from_uuid(*id.as_ref()),
            kind: ChangeKind::from_static(kind),
        }
    }

    fn change(self, stamp: &Stamp) -> NewChange {
        let commitment = Commitment::to(&self.body.salt, self.body.text.as_bytes());
        NewChange::new(stamp.clone(), self.entity, &self.id, self.kind, commitment)
    }
}
