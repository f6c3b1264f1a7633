//! The desk: who is told, who sees what, and what happens when time passes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::block_on;
use solidarity_core::{
    Access, AccessLog, ActorId, CaseId, Channel, Context, Language, ManualClock, MemoryAccessLog,
    MessageForm, Page, Paged, PersonId, Purpose, Retry, SafeContact, Sharing, StoreFault,
};
use solidarity_grievance::{
    Act, ActionName, CaseFilter, CaseStore, CategoryCode, Complainant, Concern, Count, Delivery,
    Desk, Error, IntakeChannel, MemoryCaseStore, MemoryNotifier, Message, MessageKind, NewCase,
    Notifier, Officer, Phase, ReasonCode, ReceiptCode, ReceiptKey, Refusal, Remedy, Result, Role,
    Sensitivity, Statistics, Step, Told, Workflows, standard_workflow,
};

struct Office {
    desk: Desk,
    store: Arc<MemoryCaseStore>,
    log: Arc<MemoryAccessLog>,
    clock: Arc<ManualClock>,
    web: Context,
}

fn start() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn office(notifier: Arc<dyn Notifier>) -> Office {
    let workflows = Workflows::new([standard_workflow().check().unwrap()]).unwrap();
    let store = Arc::new(MemoryCaseStore::new(workflows));
    let log = Arc::new(MemoryAccessLog::new());
    let clock = Arc::new(ManualClock::at(start()));
    let key = ReceiptKey::new([7; 32]);
    let desk = Desk::new(store.clone(), notifier, log.clone(), clock.clone(), key);
    let web = context(ActorId::generate());
    Office {
        desk,
        store,
        log,
        clock,
        web,
    }
}

fn context(actor: ActorId) -> Context {
    Context::new(actor, Purpose::from_static("redress"))
}

fn officer(role: &'static str) -> Officer {
    Officer::new(ActorId::generate(), [Role::from_static(role)])
}

fn complaint() -> NewCase {
    NewCase::new(
        standard_workflow().code,
        IntakeChannel::Phone,
        CategoryCode::from_static("payment/short"),
        "It was too little.",
        start(),
    )
}

fn contact(sharing: Sharing) -> SafeContact {
    let language = Language::from_static("sw");
    SafeContact::new(Channel::Sms, language, MessageForm::Text, sharing)
        .with_address("0712000000")
        .unwrap()
}

impl Office {
    fn open(&self, new: NewCase) -> (CaseId, ReceiptCode) {
        let (id, code) = (CaseId::generate(), ReceiptCode::generate());
        block_on(self.desk.open(&self.web, id, new, &code)).unwrap();
        (id, code)
    }

    fn act(&self, id: CaseId, officer: &Officer, step: Step) -> Result<()> {
        let version = block_on(self.store.get(id))?.version();
        let act = Act::by_officer(officer.clone(), step);
        block_on(self.desk.act(&context(officer.actor), id, version, act)).map(drop)
    }

    fn reject(&self, id: CaseId) -> Result<()> {
        let step = Step::take(ActionName::from_static("acknowledge"));
        self.act(id, &officer("intake"), step)?;
        let step = Step::say(ActionName::from_static("reject"), "It was right.");
        self.act(id, &officer("handler"), step)
    }

    fn delivery(&self, id: CaseId) -> Delivery {
        let case = block_on(self.store.get(id)).unwrap();
        case.answer().unwrap().delivery()
    }
}

#[test]
fn an_answer_goes_out_once_and_only_where_nobody_else_reads() {
    for (sharing, words, delivery) in [
        (Sharing::Private, true, Delivery::Reached { at: start() }),
        (Sharing::Shared, false, Delivery::Announced),
    ] {
        let notifier = Arc::new(MemoryNotifier::new());
        let office = office(notifier.clone());
        let (id, code) = office.open(complaint().reached_by(contact(sharing)));
        office.reject(id).unwrap();
        assert_eq!(office.delivery(id), delivery);
        let swept = block_on(office.desk.tell_due(&office.web)).unwrap();
        assert!(swept.done.is_empty() && swept.failed.is_empty());
        let sent = notifier.sent();
        assert_eq!(sent.len(), 2, "received, answered");
        assert_eq!(sent[1].1.answer.is_some(), words);
        // Read under the code, it has arrived either way.
        let status = block_on(office.desk.status(&office.web, &code));
        assert_eq!(
            status.unwrap().unwrap().answer.unwrap().expose(),
            "It was right."
        );
        assert_eq!(office.delivery(id), Delivery::Reached { at: start() });
    }
}

/// Fails while it is broken.
#[derive(Debug)]
struct Line {
    broken: AtomicBool,
    inner: MemoryNotifier,
}

#[async_trait]
impl Notifier for Line {
    async fn tell(&self, contact: &SafeContact, message: &Message) -> Result<Told> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreFault::new("send", Retry::Later, "no line").into());
        }
        self.inner.tell(contact, message).await
    }
}

#[test]
fn a_message_that_did_not_go_out_goes_out_later() {
    let line = Arc::new(Line {
        broken: AtomicBool::new(false),
        inner: MemoryNotifier::new(),
    });
    let office = office(line.clone());
    let (id, _) = office.open(complaint().reached_by(contact(Sharing::Private)));
    line.broken.store(true, Ordering::SeqCst);
    office.reject(id).unwrap();
    assert_eq!(office.delivery(id), Delivery::Waiting);
    let swept = block_on(office.desk.tell_due(&office.web)).unwrap();
    assert_eq!((swept.done.len(), swept.failed.len()), (0, 1));
    line.broken.store(false, Ordering::SeqCst);
    let swept = block_on(office.desk.tell_due(&office.web)).unwrap();
    assert_eq!(swept.done, [id]);
    assert_eq!(line.inner.sent().len(), 2);
}

#[test]
fn a_complaint_is_taken_in_while_no_message_goes_out() {
    let line = Arc::new(Line {
        broken: AtomicBool::new(true),
        inner: MemoryNotifier::new(),
    });
    let office = office(line.clone());
    let new = complaint().reached_by(contact(Sharing::Shared));
    let (id, code) = (CaseId::generate(), ReceiptCode::generate());
    let open = || block_on(office.desk.open(&office.web, id, new.clone(), &code)).unwrap();
    assert_eq!(open().untold(), Some(MessageKind::Received));
    assert_eq!(open().version().count(), 1, "taken in once");

    line.broken.store(false, Ordering::SeqCst);
    let swept = || block_on(office.desk.tell_due(&office.web)).unwrap().done;
    assert_eq!(swept(), [id]);
    assert!(swept().is_empty());
    let told = open();
    assert_eq!((told.untold(), told.version().count()), (None, 2));
    assert_eq!(line.inner.sent().len(), 1);
}

/// Killed after the case was stored, and killed after the message went out.
#[test]
fn who_was_not_told_because_the_desk_was_killed_is_told_once() {
    for sent_before in [0, 1] {
        let notifier = Arc::new(MemoryNotifier::new());
        let office = office(notifier.clone());
        let (id, contact) = (CaseId::generate(), contact(Sharing::Private));
        let receipt = ReceiptKey::new([7; 32]).digest(&ReceiptCode::generate());
        let stamp = office.web.stamp(&*office.clock);
        let new = complaint().reached_by(contact.clone());
        block_on(office.store.open(id, new, receipt, &stamp)).unwrap();
        if sent_before == 1 {
            block_on(notifier.tell(&contact, &Message::received(id))).unwrap();
        }
        assert_eq!(notifier.sent().len(), sent_before);
        let swept = || block_on(office.desk.tell_due(&office.web)).unwrap().done;
        assert_eq!(swept(), [id]);
        assert!(swept().is_empty());
        assert_eq!(notifier.sent().len(), 1, "told once");
        let case = block_on(office.store.get(id)).unwrap();
        assert_eq!(case.intake_told(), Some(Told::Delivered));
    }
}

/// Once there is an answer nobody needs to hear that the complaint came in.
#[test]
fn an_answer_makes_the_message_before_it_needless() {
    let line = Arc::new(Line {
        broken: AtomicBool::new(true),
        inner: MemoryNotifier::new(),
    });
    let office = office(line.clone());
    let (id, _) = office.open(complaint().reached_by(contact(Sharing::Private)));
    office.reject(id).unwrap();
    line.broken.store(false, Ordering::SeqCst);
    let swept = block_on(office.desk.tell_due(&office.web)).unwrap();
    assert_eq!(swept.done, [id]);
    let sent = line.inner.sent();
    let kinds: Vec<_> = sent.iter().map(|(_, message)| message.kind).collect();
    assert_eq!(kinds, [MessageKind::Answered]);
}

#[test]
fn an_answer_that_reached_nobody_never_closes_the_case() {
    let office = office(Arc::new(MemoryNotifier::with_outcome(Told::CouldNotReach)));
    let (id, code) = office.open(complaint().reached_by(contact(Sharing::Private)));
    office.reject(id).unwrap();
    assert_eq!(office.delivery(id), Delivery::CouldNotReach);
    office.clock.advance(TimeDelta::days(900));
    let status = || {
        block_on(office.desk.status(&office.web, &code))
            .unwrap()
            .unwrap()
    };
    assert_eq!(status().phase, Phase::Answered);
    assert_eq!(status().actions, [ActionName::from_static("appeal")]);
    office.clock.advance(TimeDelta::days(31));
    assert_eq!(status().phase, Phase::Closed);
    assert!(status().actions.is_empty());
    let wrong = block_on(office.desk.status(&office.web, &ReceiptCode::generate()));
    assert_eq!(wrong.unwrap(), None);
}

#[test]
fn who_complained_is_shown_to_those_who_need_it_and_each_look_is_logged() {
    let office = office(Arc::new(MemoryNotifier::new()));
    let person = PersonId::generate();
    let accused = officer("handler");
    let new = complaint()
        .by(Complainant::Registrant(person))
        .concerning(Concern::Actor(accused.actor));
    let (id, _) = office.open(new);
    let read = |officer: &Officer| block_on(office.desk.read(&context(officer.actor), officer, id));
    let told = read(&accused).unwrap_err();
    assert!(matches!(told, Error::NotFound { .. }), "{told:?}");
    let list = |officer: &Officer| {
        let (filter, page) = (CaseFilter::all(), Page::first());
        let context = context(officer.actor);
        let list = office.desk.worklist(&context, officer, &filter, &page);
        block_on(list).unwrap().into_items().len()
    };
    assert_eq!((list(&accused), list(&officer("handler"))), (0, 1));
    assert_eq!(read(&officer("supervisor")).unwrap().complainant, None);
    let seen = read(&officer("handler")).unwrap().complainant;
    assert_eq!(seen, Some(Complainant::Registrant(person)));
    let looks = block_on(office.log.list(person, &Page::first())).unwrap();
    assert_eq!(looks.items().len(), 3, "a list and two reads");
}

#[derive(Debug)]
struct NoLog;

#[async_trait]
impl AccessLog for NoLog {
    async fn append(&self, _: &[Access]) -> solidarity_core::Result<()> {
        Err(StoreFault::new("append", Retry::Later, "disk full").into())
    }

    async fn list(&self, _: PersonId, _: &Page) -> solidarity_core::Result<Paged<Access>> {
        Ok(Paged::new(Vec::new(), None))
    }
}

#[test]
fn what_cannot_be_logged_is_not_shown() {
    let Office {
        store, clock, web, ..
    } = office(Arc::new(MemoryNotifier::new()));
    let notifier = Arc::new(MemoryNotifier::new());
    let desk = Desk::new(
        store,
        notifier,
        Arc::new(NoLog),
        clock,
        ReceiptKey::new([1; 32]),
    );
    let id = CaseId::generate();
    block_on(desk.open(&web, id, complaint(), &ReceiptCode::generate())).unwrap();
    let handler = officer("handler");
    let shown = block_on(desk.read(&context(handler.actor), &handler, id));
    assert!(matches!(shown, Err(Error::NotLogged { .. })));
}

#[test]
fn what_nobody_owns_goes_up_once_and_the_ladder_ends() {
    let office = office(Arc::new(MemoryNotifier::new()));
    let sensitive = complaint().with_sensitivity(Sensitivity::HighlySensitive);
    let (standard, _) = office.open(complaint());
    let (sealed, _) = office.open(sensitive);
    let sweep = || {
        let swept = block_on(office.desk.escalate_due(&office.web)).unwrap();
        assert!(swept.failed.is_empty());
        swept
            .done
            .into_iter()
            .map(|up| (up.case, up.to.to_string()))
            .collect::<Vec<_>>()
    };
    assert!(sweep().is_empty());
    office.clock.advance(TimeDelta::hours(24));
    let mut up = sweep();
    up.sort();
    let mut expected = vec![
        (standard, "supervisor".to_owned()),
        (sealed, "oversight".to_owned()),
    ];
    expected.sort();
    assert_eq!(up, expected);
    assert!(sweep().is_empty(), "a rung came twice");
    office.clock.advance(TimeDelta::days(5));
    assert_eq!(sweep(), [(standard, "management".to_owned())]);
    office.clock.advance(TimeDelta::days(500));
    assert!(sweep().is_empty());
}

#[test]
fn time_is_given_by_others_before_it_is_over_and_up_to_the_cap() {
    let office = office(Arc::new(MemoryNotifier::new()));
    let (id, _) = office.open(complaint());
    let more = |role, reason, working_days| {
        let reason = ReasonCode::from_static(reason);
        let step = Step::Extend {
            reason,
            working_days,
        };
        let done = office.act(id, &officer(role), step);
        done.err().and_then(|error| error.refusal())
    };
    assert_eq!(
        more("intake", "records-elsewhere", 1),
        Some(Refusal::NotYourRole)
    );
    assert_eq!(
        more("supervisor", "too-busy", 1),
        Some(Refusal::UnknownReason)
    );
    assert_eq!(
        more("supervisor", "records-elsewhere", 11),
        Some(Refusal::BeyondCap)
    );
    assert_eq!(more("supervisor", "records-elsewhere", 4), None);
    assert_eq!(
        more("supervisor", "records-elsewhere", 7),
        Some(Refusal::BeyondCap)
    );
    office.clock.advance(TimeDelta::days(40));
    assert_eq!(
        more("supervisor", "records-elsewhere", 1),
        Some(Refusal::TooLate)
    );
}

#[test]
fn numbers_are_told_also_when_they_are_zero_and_never_when_they_point_at_people() {
    let office = office(Arc::new(MemoryNotifier::new()));
    for _ in 0..6 {
        office.open(complaint());
    }
    let (id, _) = office.open(complaint());
    let step = Step::take(ActionName::from_static("acknowledge"));
    office.act(id, &officer("intake"), step).unwrap();
    let step = Step::redress(
        ActionName::from_static("uphold"),
        "Yes.",
        [Remedy::Apologize],
    );
    office.act(id, &officer("handler"), step).unwrap();
    let cases = block_on(office.store.list(&CaseFilter::all(), &Page::largest())).unwrap();
    let categories = ["payment", "staff-conduct"].map(CategoryCode::from_static);
    let workflows = office.store.workflows();
    let now = start() + TimeDelta::days(2);
    let told = Statistics::new(workflows, cases.items(), &categories, 5, now).unwrap();
    assert_eq!(
        (told.received, told.open),
        (Count::Exactly(7), Count::Exactly(6))
    );
    assert_eq!(
        (told.overdue, told.appealed),
        (Count::Exactly(6), Count::Exactly(0))
    );
    assert_eq!(told.remedies_owed, Count::Few);
    assert_eq!(told.by_category[&categories[0]], Count::Exactly(7));
    assert_eq!(told.by_category[&categories[1]], Count::Exactly(0));
    assert_eq!(told.hours_to_answer, None);
    let every = Statistics::new(workflows, cases.items(), &categories, 1, now).unwrap();
    assert_eq!(
        every.hours_to_answer.map(|h| (h.half, h.nine_in_ten)),
        Some((0, 0))
    );
}
