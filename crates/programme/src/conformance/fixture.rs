//! A small programme, and what happens in it.

use chrono::{Days, NaiveDate, NaiveTime};
use solidarity_core::{
    ActorId, CaseId, CycleId, EnrolmentId, Language, NoticeId, Page, Paged, PersonId, ProgrammeId,
    Purpose, Stamp, UnitId, Validity, Version,
};

use crate::{
    Admission, AdverseAction, AppealOutcome, Benefit, Comparison, Contact, Cycle, Death, Decision,
    DueProcess, Eligibility, Enrolment, Event, EventId, FactDeclaration, FactKind, FactName,
    FactValue, Facts, Ground, HumanDecision, MovedOut, NewEnrolment, NewEvent, NewNotice,
    NewProgramme, Notice, PayeeChange, Priority, Programme, ProgrammeStore, ProgrammeStoreExt,
    Quantity, ReasonCode, RequestedByPerson, Result, Rule, Source, Step, TextKey,
    decide_eligibility,
};

/// The day `n` days after 1 November 2026.
pub(crate) fn day(n: u64) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    first.checked_add_days(Days::new(n)).unwrap()
}

/// A write at noon of that day.
pub(crate) fn stamp(day: NaiveDate) -> Stamp {
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap();
    let actor = ActorId::from_uuid(uuid::Uuid::from_u128(7));
    let purpose = Purpose::from_static("administration");
    Stamp::new(day.and_time(noon).and_utc(), actor, purpose)
}

/// What became of the only item of a batch.
pub(crate) fn one(outcomes: Result<Vec<Result<()>>>) -> Result<()> {
    let mut outcomes = outcomes.unwrap();
    assert_eq!(outcomes.len(), 1, "a batch gives one outcome an item");
    outcomes.pop().unwrap()
}

/// All items of a list, read in pages of two.
pub(crate) async fn all<T>(list: impl AsyncFn(Page) -> Result<Paged<T>>) -> Vec<T> {
    let (mut items, mut page) = (Vec::new(), Page::of(2).unwrap());
    loop {
        let paged = list(page.clone()).await.unwrap();
        assert!(paged.items().len() <= 2, "a page holds more than asked for");
        let next = paged.next().cloned();
        items.extend(paged.into_items());
        match next {
            Some(cursor) => page = page.after(cursor),
            None => return items,
        }
    }
}

/// A programme for units whose income is at most 1,000: 100, and 10 for each
/// member, at most 150; 14 days of notice, 30 to appeal.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) programme: Programme,
}

impl World {
    pub(crate) fn new(id: ProgrammeId) -> Self {
        Self {
            programme: Programme::new(Self::stated(id)).unwrap(),
        }
    }

    pub(crate) fn stated(id: ProgrammeId) -> NewProgramme {
        let poor = Rule::compare(
            FactName::from_static("income"),
            Comparison::AtMost,
            Quantity::Money("1000 KES".parse().unwrap()),
        );
        let disabled = Rule::members_at_least(1, Rule::Is(FactName::from_static("disabled")));
        NewProgramme::new(
            id,
            "Family grant",
            "Social Protection Act, section 12",
            [
                (
                    FactName::from_static("income"),
                    FactDeclaration::of_unit(FactKind::Money),
                ),
                (
                    FactName::from_static("disabled"),
                    FactDeclaration::of_member(FactKind::Flag).special(),
                ),
            ]
            .into(),
            Rule::because(ReasonCode::from_static("low_income"), poor),
            Benefit::flat("100 KES".parse().unwrap())
                .with_each_member("10 KES".parse().unwrap())
                .capped("150 KES".parse().unwrap()),
            DueProcess::new(14, 30),
        )
        .with_priority(Priority::new(
            ReasonCode::from_static("disability"),
            disabled,
            5,
        ))
    }

    /// A store that holds the programme.
    pub(crate) async fn within(store: &dyn ProgrammeStore) -> Self {
        let world = Self::new(ProgrammeId::generate());
        store
            .put_programme(&world.programme, &stamp(day(0)))
            .await
            .unwrap();
        world
    }

    pub(crate) fn facts(unit: UnitId, on: NaiveDate, income: Option<&str>) -> Facts {
        let source = Source::new(&unit, Version::FIRST);
        let facts = Facts::new(unit, on).with_member(Self::payee(unit));
        match income {
            None => facts,
            Some(income) => facts.with(
                FactName::from_static("income"),
                FactValue::Money(format!("{income} KES").parse().unwrap()),
                source,
            ),
        }
    }

    pub(crate) fn payee(unit: UnitId) -> PersonId {
        PersonId::derive(&unit, "payee")
    }

    pub(crate) fn decide(&self, unit: UnitId, on: NaiveDate, income: Option<&str>) -> Decision {
        decide_eligibility(&self.programme, &Self::facts(unit, on, income))
    }

    /// Records a decision about a new unit, and begins what it makes of it.
    pub(crate) async fn enrol(
        &self,
        store: &dyn ProgrammeStore,
        on: NaiveDate,
        income: Option<&str>,
    ) -> Enrolment {
        let unit = UnitId::generate();
        let decision = self.decide(unit, on, income);
        self.begin(store, &decision, on).await
    }

    /// Records a decision, and begins what it makes of its unit.
    pub(crate) async fn begin(
        &self,
        store: &dyn ProgrammeStore,
        decision: &Decision,
        on: NaiveDate,
    ) -> Enrolment {
        let recorded = std::slice::from_ref(decision);
        one(store.record_decisions(recorded, &stamp(on)).await).unwrap();
        let new = NewEnrolment::of(decision, Self::payee(decision.unit()), on);
        let id = new.id();
        one(store.enrol(&[new], &stamp(on)).await).unwrap();
        store.get_enrolment(id).await.unwrap()
    }

    pub(crate) fn notice(&self, dated: NaiveDate, effect: NaiveDate) -> Notice {
        let terms = self.programme.due_process();
        Notice::new(terms, said(dated, effect)).unwrap()
    }

    /// Notice given on `dated`, of what takes effect 14 days later.
    pub(crate) fn stop(
        &self,
        enrolment: EnrolmentId,
        step: Step,
        ground: Ground,
        dated: NaiveDate,
    ) -> NewEvent {
        let effect = dated.checked_add_days(Days::new(14)).unwrap();
        let notice = self.notice(dated, effect);
        NewEvent::stop(AdverseAction::new(enrolment, step, ground, notice).unwrap())
    }

    pub(crate) fn cycle(&self, first: NaiveDate, last: NaiveDate) -> Cycle {
        let period = Validity::new(first, Some(last)).unwrap();
        Cycle::open(CycleId::generate(), self.programme.id(), period)
    }
}

pub(crate) fn said(dated: NaiveDate, effect: NaiveDate) -> NewNotice {
    NewNotice::new(
        NoticeId::generate(),
        ReasonCode::from_static("income_above_line"),
        TextKey::from_static("notice.income_above_line"),
        dated,
        effect,
        "District social welfare office",
        Contact::Office {
            place: "Village office".to_owned(),
            language: Language::from_static("sw"),
        },
    )
}

pub(crate) fn human() -> HumanDecision {
    let by = ActorId::from_uuid(uuid::Uuid::from_u128(8));
    HumanDecision::new(by, "seen at home, and discussed").unwrap()
}

/// Records one event, on its own day or the one given.
pub(crate) async fn advance(
    store: &dyn ProgrammeStore,
    event: &NewEvent,
    recorded: NaiveDate,
) -> Result<()> {
    let event = std::slice::from_ref(event);
    one(store.advance(event, &stamp(recorded)).await)
}

pub(crate) fn event(enrolment: EnrolmentId, event: Event) -> NewEvent {
    NewEvent::new(EventId::generate(), enrolment, event)
}

/// The notice that a stop is given by.
pub(crate) fn notice_of(stop: &NewEvent) -> NoticeId {
    match &stop.event {
        Event::Stop(action) => action.notice().id(),
        _ => panic!("not a stop"),
    }
}

pub(crate) fn appeal(stop: &NewEvent, case: CaseId, on: NaiveDate) -> NewEvent {
    let against = notice_of(stop);
    event(stop.enrolment, Event::Appeal { case, against, on })
}

pub(crate) fn decided(
    enrolment: EnrolmentId,
    case: CaseId,
    on: NaiveDate,
    outcome: AppealOutcome,
) -> NewEvent {
    event(enrolment, Event::DecideAppeal { case, on, outcome })
}

pub(crate) fn admit(
    enrolment: EnrolmentId,
    on: NaiveDate,
    amount: &str,
    by: Admission,
) -> NewEvent {
    let amount = format!("{amount} KES").parse().unwrap();
    event(enrolment, Event::Admit { on, amount, by })
}

/// Another person collects.
pub(crate) fn collects(
    enrolment: EnrolmentId,
    to: PersonId,
    on: NaiveDate,
    by: PayeeChange,
) -> NewEvent {
    event(enrolment, Event::ChangePayee { to, on, by })
}

/// What `person` asked for.
pub(crate) fn asked(person: PersonId, on: NaiveDate) -> RequestedByPerson {
    RequestedByPerson::new(person, ActorId::from_uuid(uuid::Uuid::from_u128(8)), on)
}

/// The grounds that are about `person`.
pub(crate) fn about(person: PersonId, on: NaiveDate) -> [Ground; 3] {
    let by = ActorId::from_uuid(uuid::Uuid::from_u128(8));
    let source = |name| Source::new(&PersonId::derive(&person, name), Version::FIRST);
    let death = Death::new(person, source("register"), source("clinic"), by).unwrap();
    [
        Ground::RequestedByPerson(asked(person, on)),
        Ground::Death(death),
        Ground::MovedOut(MovedOut::new(person, source("visit"), by, on)),
    ]
}

/// The ground that an ineligible unit's decision gives.
pub(crate) fn not_met(decision: &Decision) -> Ground {
    match decision.outcome() {
        Eligibility::Ineligible(ineligible) => ineligible.ground(),
        other => panic!("expected ineligible, got {}", other.as_str()),
    }
}
