//! Ten thousand lives of an enrolment, with stops of every sort tried upon it:
//! no benefit is stopped on any day without a reason, a notice before it, a
//! time to appeal and a place to do so, against an appeal that holds it back, or
//! on account of strangers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{Days, NaiveDate, NaiveTime};
use proptest::prelude::*;
use solidarity_core::{
    ActorId, CaseId, Language, NoticeId, PersonId, ProgrammeId, Purpose, Stamp, UnitId, Version,
};
use solidarity_programme::lifecycle::{check_event, decision_for};
use solidarity_programme::{
    AdverseAction, AppealOutcome, Benefit, Contact, Death, DueProcess, Enrolment, Event, EventId,
    Facts, Ground, HumanDecision, MovedOut, NewEnrolment, NewEvent, NewNotice, NewProgramme,
    Notice, Programme, ProgrammeClosed, ReasonCode, Recorded, RequestedByPerson, Rule, Source,
    Status, Step, TextKey, decide_eligibility,
};

fn day(n: u64) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    first.checked_add_days(Days::new(n)).unwrap()
}

fn stamp(on: u64) -> Stamp {
    let at = day(on).and_time(NaiveTime::MIN).and_utc();
    Stamp::new(
        at,
        ActorId::generate(),
        Purpose::from_static("administration"),
    )
}

fn programme() -> Programme {
    let everybody = Rule::because(ReasonCode::from_static("everybody"), Rule::All(Vec::new()));
    Programme::new(NewProgramme::new(
        ProgrammeId::generate(),
        "Grant",
        "Act 1, section 2",
        [].into(),
        everybody,
        Benefit::flat("10 KES".parse().unwrap()),
        DueProcess::new(14, 30),
    ))
    .unwrap()
}

/// On what ground somebody tries a stop.
#[derive(Clone, Copy, Debug)]
enum Why {
    Decided,
    Asked,
    Died,
    Moved,
    Closed,
}

/// The ground, about who collects and the programme, or about strangers.
fn ground(enrolment: &Enrolment, why: Why, own: bool) -> Ground {
    let by = ActorId::generate();
    let person = match own {
        true => enrolment.began().payee(),
        false => PersonId::generate(),
    };
    let programme = match own {
        true => enrolment.programme(),
        false => ProgrammeId::generate(),
    };
    let source = || Source::new(&PersonId::generate(), Version::FIRST);
    match why {
        Why::Decided => Ground::HumanDecision(HumanDecision::new(by, "seen at home").unwrap()),
        Why::Asked => Ground::RequestedByPerson(RequestedByPerson::new(person, by, day(0))),
        Why::Died => Ground::Death(Death::new(person, source(), source(), by).unwrap()),
        Why::Moved => Ground::MovedOut(MovedOut::new(person, source(), by, day(0))),
        Why::Closed => Ground::ProgrammeClosed(ProgrammeClosed::new(programme, "Act 9").unwrap()),
    }
}

/// Something that somebody tries, on some day.
#[derive(Clone, Debug)]
enum Try {
    Stop {
        end: bool,
        why: Why,
        own: bool,
        terms: DueProcess,
        dated: u64,
        effect: u64,
        place: bool,
    },
    Appeal {
        nth: usize,
        on: u64,
    },
    Decide {
        nth: usize,
        on: u64,
        upheld: bool,
    },
    Lift {
        nth: usize,
        on: u64,
    },
}

fn tries() -> impl Strategy<Value = (u64, Try)> {
    let terms = prop_oneof![
        Just(DueProcess::new(14, 30)),
        Just(DueProcess::new(7, 14)),
        Just(DueProcess::new(0, 0)),
        Just(DueProcess::new(30, 60)),
    ];
    let why = prop_oneof![
        4 => Just(Why::Decided),
        1 => Just(Why::Asked),
        1 => Just(Why::Died),
        1 => Just(Why::Moved),
        1 => Just(Why::Closed),
    ];
    let what = prop_oneof![
        4 => (any::<bool>(), why, any::<bool>(), terms, 0_u64..60, 0_u64..90, prop::bool::weighted(0.9))
            .prop_map(|(end, why, own, terms, dated, effect, place)| {
                Try::Stop { end, why, own, terms, dated, effect, place }
            }),
        2 => (0_usize..3, 0_u64..90).prop_map(|(nth, on)| Try::Appeal { nth, on }),
        2 => (0_usize..3, 0_u64..90, any::<bool>())
            .prop_map(|(nth, on, upheld)| Try::Decide { nth, on, upheld }),
        1 => (0_usize..3, 0_u64..90).prop_map(|(nth, on)| Try::Lift { nth, on }),
    ];
    // Most stops are dated on the day on which they are recorded, as they must be.
    (0_u64..60, prop::bool::weighted(0.7), what).prop_map(|(on, honest, mut what)| {
        if let Try::Stop { dated, effect, .. } = &mut what
            && honest
        {
            *effect = on + *effect % 40;
            *dated = on;
        }
        (on, what)
    })
}

/// The event that an attempt comes to, if the types let it come to one.
fn event(enrolment: &Enrolment, what: &Try) -> Option<Event> {
    let nth = |nth: usize| enrolment.actions().nth(nth).map(|a| a.notice().id());
    let case = |nth: usize| CaseId::derive(&enrolment.id(), &nth.to_string());
    Some(match what {
        Try::Stop {
            end,
            why,
            own,
            terms,
            dated,
            effect,
            place,
        } => {
            let said = NewNotice::new(
                NoticeId::generate(),
                ReasonCode::from_static("reason"),
                TextKey::from_static("notice.reason"),
                day(*dated),
                day(*effect),
                if *place { "District office" } else { "" },
                Contact::Office {
                    place: "Village office".to_owned(),
                    language: Language::from_static("sw"),
                },
            );
            let step = if *end { Step::End } else { Step::Suspend };
            let notice = Notice::new(*terms, said).ok()?;
            let ground = ground(enrolment, *why, *own);
            let action = AdverseAction::new(enrolment.id(), step, ground, notice).ok()?;
            Event::Stop(Box::new(action))
        }
        Try::Appeal { nth: n, on } => Event::Appeal {
            case: case(*n),
            against: nth(*n)?,
            on: day(*on),
        },
        Try::Decide { nth, on, upheld } => Event::DecideAppeal {
            case: case(*nth),
            on: day(*on),
            outcome: match upheld {
                true => AppealOutcome::Upheld,
                false => AppealOutcome::Dismissed,
            },
        },
        Try::Lift { nth: n, on } => Event::Lift {
            notice: nth(*n)?,
            on: day(*on),
        },
    })
}

/// Whether something that stands in the record explains why the benefit is
/// stopped on that day, said again here in other words than the crate's.
fn is_explained(enrolment: &Enrolment, on: NaiveDate) -> bool {
    enrolment.history().iter().any(|recorded| {
        let Event::Stop(action) = &recorded.event else {
            return false;
        };
        let notice = action.notice();
        let told_on = recorded.stamp.at().date_naive();
        let days = |from: NaiveDate, to: NaiveDate| (to - from).num_days();
        let open = enrolment.appeals().iter().any(|appeal| {
            appeal.against == notice.id()
                && appeal.made <= on
                && days(notice.dated(), appeal.made) <= 30
                && appeal.decided.is_none_or(|(decided, _)| on < decided)
        });
        let upheld = enrolment
            .appeals()
            .iter()
            .any(|a| a.against == notice.id() && a.upheld() && a.decided.unwrap().0 <= on);
        let own = match action.ground() {
            Ground::RequestedByPerson(asked) => asked.person() == enrolment.began().payee(),
            Ground::Death(death) => death.person() == enrolment.began().payee(),
            Ground::MovedOut(moved) => moved.person() == enrolment.began().payee(),
            Ground::ProgrammeClosed(closed) => closed.programme() == enrolment.programme(),
            _ => true,
        };
        own && !notice.reason().as_str().is_empty()
            && days(notice.dated(), on) >= 14
            && days(told_on, on) >= 13
            && days(notice.dated(), notice.appeal_until()) >= 30
            && !notice.appeal_at().trim().is_empty()
            && !open
            && !upheld
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_benefit_stops_without_all_four(tries in prop::collection::vec(tries(), 1..8)) {
        let programme = programme();
        let unit = UnitId::generate();
        let decision = decide_eligibility(&programme, &Facts::new(unit, day(0)));
        let new = NewEnrolment::of(&decision, PersonId::generate(), day(0));
        let mut history: Vec<Recorded> = Vec::new();
        for (on, what) in tries {
            let enrolment = Enrolment::from_parts(new.clone(), history.clone());
            let Some(event) = event(&enrolment, &what) else {
                continue;
            };
            let event = NewEvent::new(EventId::generate(), enrolment.id(), event);
            let held = decision_for(&enrolment, &event.event).map(|_| &decision);
            if check_event(&enrolment, &event, &stamp(on), &programme, held).is_ok() {
                history.push(Recorded::new(event, stamp(on)));
            }
        }
        let enrolment = Enrolment::from_parts(new, history);
        for on in (0..120).step_by(3).map(day) {
            match enrolment.status_on(on) {
                Status::Enrolled => prop_assert!(enrolment.amount_on(on).is_some()),
                Status::Suspended | Status::Ended => {
                    prop_assert_eq!(enrolment.amount_on(on), None);
                    prop_assert!(is_explained(&enrolment, on), "{} {:?}", on, enrolment);
                }
                other => prop_assert!(false, "{other}"),
            }
        }
    }
}
