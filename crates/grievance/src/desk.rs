use std::sync::Arc;

use chrono::{DateTime, Utc};
use solidarity_core::{
    Access, AccessId, AccessKind, AccessLog, CaseId, Clock, Context, Page, Paged, Stamp, Version,
};

use crate::clock::{Escalation, escalation_due};
use crate::{
    Act, Case, CaseFilter, CaseStore, CaseView, Delivery, Error, Event, Message, NewCase, Notifier,
    Officer, Party, ReceiptCode, ReceiptKey, Refusal, Result, Status, Step, may_handle,
};

/// How often a write that others get ahead of is tried.
const TRIES_MAX: usize = 8;

/// What came of going through many cases.
#[derive(Debug)]
#[non_exhaustive]
pub struct Swept<T> {
    /// What was done.
    pub done: Vec<T>,
    /// What failed, and in which case.
    pub failed: Vec<(CaseId, Error)>,
}

impl<T> Default for Swept<T> {
    fn default() -> Self {
        Self {
            done: Vec::new(),
            failed: Vec::new(),
        }
    }
}

impl<T> Swept<T> {
    fn note(&mut self, case: CaseId, result: Result<Option<T>>) {
        match result {
            Ok(done) => self.done.extend(done),
            Err(error) => self.failed.push((case, error)),
        }
    }
}

/// Where complaints are taken in, handled and answered: the cases, and the
/// order in which things are done to them.
///
/// Every method can be called again after a failure: ids, codes and versions
/// come from the caller, and what was done is not done twice. What the desk
/// owes because time has passed or a message did not go out is done by
/// [`escalate_due`](Desk::escalate_due) and [`tell_due`](Desk::tell_due), as
/// often as the country likes. No complaint and no decision waits for the
/// gateway that messages go through.
///
/// An officer sees cases only through it, and each look goes to the access
/// log first.
#[derive(Clone, Debug)]
pub struct Desk {
    cases: Arc<dyn CaseStore>,
    notifier: Arc<dyn Notifier>,
    accesses: Arc<dyn AccessLog>,
    clock: Arc<dyn Clock>,
    key: ReceiptKey,
}

impl Desk {
    /// A desk over these.
    #[must_use]
    pub fn new(
        cases: Arc<dyn CaseStore>,
        notifier: Arc<dyn Notifier>,
        accesses: Arc<dyn AccessLog>,
        clock: Arc<dyn Clock>,
        key: ReceiptKey,
    ) -> Self {
        Self {
            cases,
            notifier,
            accesses,
            clock,
            key,
        }
    }

    /// Opens a case, and tells the complainant that it came in, if there is a
    /// safe way. `code` is what they keep. The answer is the case as it is
    /// now.
    ///
    /// A message that does not go out is owed ([`Case::untold`]): the case is
    /// open all the same, and [`tell_due`](Self::tell_due) tells.
    ///
    /// # Errors
    ///
    /// As [`CaseStore::open`]. Call again with the same `id`, `new` and
    /// `code`.
    pub async fn open(
        &self,
        context: &Context,
        id: CaseId,
        new: NewCase,
        code: &ReceiptCode,
    ) -> Result<Case> {
        let stamp = self.stamp(context);
        let receipt = self.key.digest(code);
        let opened = self.cases.open(id, new, receipt, &stamp).await?;
        Ok(self.try_to_tell(context, id).await.unwrap_or(opened))
    }

    /// Does `act` on case `id`, and tells the complainant if that answered
    /// them. A message that does not go out is owed, as in
    /// [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// As [`CaseStore::act`]. Call again with the same `expected` and `act`.
    pub async fn act(
        &self,
        context: &Context,
        id: CaseId,
        expected: Version,
        act: Act,
    ) -> Result<Event> {
        let event = self
            .cases
            .act(id, expected, act, &self.stamp(context))
            .await?;
        drop(self.try_to_tell(context, id).await);
        Ok(event)
    }

    /// What the complainant who holds `code` sees. An answer that waited for
    /// them has reached them when this returns. `None` for a code of no case.
    ///
    /// # Errors
    ///
    /// As [`CaseStore::act`].
    pub async fn status(&self, context: &Context, code: &ReceiptCode) -> Result<Option<Status>> {
        let receipt = self.key.digest(code);
        let Some(mut case) = self.cases.find_by_receipt(&receipt).await? else {
            return Ok(None);
        };
        // Somebody else may be writing to the case.
        for _ in 0..TRIES_MAX {
            let reached = |delivery| matches!(delivery, Delivery::Reached { .. });
            if case.answer().is_none_or(|a| reached(a.delivery())) {
                break;
            }
            let act = Act::by_complainant(Step::PickUp);
            self.settle(context, &case, act).await?;
            case = self.cases.get(case.id()).await?;
        }
        let workflow = self.cases.workflows().of(&case)?;
        Ok(Some(Status::new(workflow, &case, self.clock.now())))
    }

    /// What the complainant who holds `code` does: appeal, reopen, withdraw,
    /// comment, rate. `None` for a code of no case.
    ///
    /// # Errors
    ///
    /// As [`act`](Self::act).
    pub async fn act_by_receipt(
        &self,
        context: &Context,
        code: &ReceiptCode,
        expected: Version,
        step: Step,
    ) -> Result<Option<Event>> {
        let receipt = self.key.digest(code);
        let Some(case) = self.cases.find_by_receipt(&receipt).await? else {
            return Ok(None);
        };
        let act = Act::by_complainant(step);
        self.act(context, case.id(), expected, act).await.map(Some)
    }

    /// What `officer` sees of case `id`.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFound`] if there is none, and also if the case concerns
    ///   the officer or they are not cleared for it: they do not learn that
    ///   it is there.
    /// - [`Error::NotLogged`] if the look cannot be logged.
    /// - [`Error::Store`] if the storage beneath fails.
    pub async fn read(&self, context: &Context, officer: &Officer, id: CaseId) -> Result<CaseView> {
        let case = self.cases.get(id).await?;
        let stamp = self.stamp(context);
        let view = self.view(&case, officer, &stamp)?;
        let view = view.ok_or_else(|| Error::not_found(id))?;
        self.log("case.read", stamp, [&case]).await?;
        Ok(view)
    }

    /// Those of the cases that `filter` asks for that `officer` may handle.
    /// A page may hold fewer than were asked for, and still not be the last.
    ///
    /// # Errors
    ///
    /// As [`CaseStore::list`], and [`Error::NotLogged`] if the look cannot be
    /// logged.
    pub async fn worklist(
        &self,
        context: &Context,
        officer: &Officer,
        filter: &CaseFilter,
        page: &Page,
    ) -> Result<Paged<CaseView>> {
        let stamp = self.stamp(context);
        let found = self.cases.list(filter, page).await?;
        let (mut seen, mut views) = (Vec::new(), Vec::new());
        for case in found.items() {
            if let Some(view) = self.view(case, officer, &stamp)? {
                seen.push(case);
                views.push(view);
            }
        }
        self.log("case.list", stamp, seen).await?;
        Ok(Paged::new(views, found.next().cloned()))
    }

    /// What was done to case `id`, for `officer` to read.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`CaseStore::events`].
    pub async fn history(
        &self,
        context: &Context,
        officer: &Officer,
        id: CaseId,
        page: &Page,
    ) -> Result<Paged<Event>> {
        let case = self.cases.get(id).await?;
        let stamp = self.stamp(context);
        may_handle(self.cases.workflows().of(&case)?, &case, officer)
            .map_err(|_| Error::not_found(id))?;
        let events = self.cases.events(id, page).await?;
        self.log("case.history", stamp, [&case]).await?;
        Ok(events)
    }

    /// Moves every case whose clock ran out up its ladder, owned or not, each
    /// rung once; says which.
    ///
    /// # Errors
    ///
    /// As [`CaseStore::list`]. What one case fails with does not stop the
    /// others, and is in the answer.
    pub async fn escalate_due(&self, context: &Context) -> Result<Swept<Escalation>> {
        let now = self.clock.now();
        let mut swept = Swept::default();
        let mut page = Page::largest();
        let filter = CaseFilter::open().waiting_before(now);
        loop {
            let cases = self.cases.list(&filter, &page).await?;
            for case in cases.items() {
                swept.note(case.id(), self.escalate(context, case, now).await);
            }
            match cases.next() {
                Some(cursor) => page = page.after(cursor.clone()),
                None => return Ok(swept),
            }
        }
    }

    async fn escalate(
        &self,
        context: &Context,
        case: &Case,
        now: DateTime<Utc>,
    ) -> Result<Option<Escalation>> {
        let workflow = self.cases.workflows().of(case)?;
        let Some(due) = escalation_due(workflow, case, now) else {
            return Ok(None);
        };
        let done = self.settle(context, case, due.act()).await?;
        Ok(Some(due).filter(|_| done))
    }

    /// Tells every complainant what they are still to be told, that the
    /// complaint came in or what was answered; says in which cases something
    /// came of it.
    ///
    /// # Errors
    ///
    /// As [`CaseStore::list`]. What one case fails with does not stop the
    /// others, and is in the answer.
    pub async fn tell_due(&self, context: &Context) -> Result<Swept<CaseId>> {
        let mut swept = Swept::default();
        let mut page = Page::largest();
        loop {
            let cases = self.cases.list(&CaseFilter::untold(), &page).await?;
            for case in cases.items() {
                let told = self.tell(context, case).await;
                swept.note(case.id(), told.map(|told| told.then_some(case.id())));
            }
            match cases.next() {
                Some(cursor) => page = page.after(cursor.clone()),
                None => return Ok(swept),
            }
        }
    }

    /// Tells the complainant of case `id` what is owed, if it can be told now;
    /// the case as it is then.
    async fn try_to_tell(&self, context: &Context, id: CaseId) -> Result<Case> {
        let case = self.cases.get(id).await?;
        match self.tell(context, &case).await {
            Ok(true) => self.cases.get(id).await,
            // What could not be told is still owed.
            Ok(false) | Err(_) => Ok(case),
        }
    }

    async fn tell(&self, context: &Context, case: &Case) -> Result<bool> {
        let Some(contact) = &case.new_case().safe_contact else {
            return Ok(false);
        };
        let Some(message) = Message::owed(case, contact) else {
            return Ok(false);
        };
        let outcome = self.notifier.tell(contact, &message).await?;
        let message = message.kind;
        self.settle(
            context,
            case,
            Act::by_system(Step::Told { message, outcome }),
        )
        .await
    }

    /// Does an act that the desk owes. `false` if somebody was there first.
    async fn settle(&self, context: &Context, case: &Case, act: Act) -> Result<bool> {
        debug_assert!(!matches!(act.by, Party::Officer(_)));
        let stamp = self.stamp(context);
        match self.cases.act(case.id(), case.version(), act, &stamp).await {
            Ok(_) => Ok(true),
            Err(Error::Conflict { .. }) => Ok(false),
            Err(Error::Refused {
                refusal: Refusal::AlreadyDone | Refusal::NotDue,
                ..
            }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn view(&self, case: &Case, officer: &Officer, stamp: &Stamp) -> Result<Option<CaseView>> {
        let workflow = self.cases.workflows().of(case)?;
        Ok(CaseView::new(workflow, case, officer, stamp.at()).ok())
    }

    async fn log<'a>(
        &self,
        kind: &'static str,
        stamp: Stamp,
        cases: impl IntoIterator<Item = &'a Case>,
    ) -> Result<()> {
        let registrants = cases
            .into_iter()
            .filter_map(|case| match case.new_case().complainant {
                crate::Complainant::Registrant(person) => Some(person),
                crate::Complainant::Other(_) | crate::Complainant::Anonymous => None,
            });
        let access = Access::new(
            AccessId::generate(),
            stamp,
            AccessKind::from_static(kind),
            registrants.collect(),
        )?;
        let logged = self.accesses.append(&[access]).await;
        logged.map_err(|source| Error::NotLogged { source })
    }

    fn stamp(&self, context: &Context) -> Stamp {
        context.stamp(&*self.clock)
    }
}
