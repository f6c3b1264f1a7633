//! Ten thousand lives of an enrolment, with stops of every sort tried upon it:
//! no benefit is stopped on any day without a reason, a notice before it, a
//! time to appeal and a place to do so, or against an appeal that holds it back.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{Days, NaiveDate, NaiveTime};
use proptest::prelude::*;
use solidarity_core::{
    ActorId, CaseId, Language, NoticeId, PersonId, ProgrammeId, Purpose, Stamp, UnitId,
};
use solidarity_programme::lifecycle::check_event;
use solidarity_programme::{
    AdverseAction, AppealOutcome, Benefit, Contact, DueProcess, Enrolment, Event, EventId, Facts,
    Ground, HumanDecision, NewEnrolment, NewEvent, NewNotice, NewProgramme, Notice, Programme,
    ReasonCode, Recorded, Rule, Status, Step, TextKey, decide_eligibility,
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

/// Something that somebody tries, on some day.
#[derive(Clone, Debug)]
enum Try {
    Stop {
        end: bool,
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
    let what = prop_oneof![
        4 => (any::<bool>(), terms, 0_u64..60, 0_u64..90, prop::bool::weighted(0.9)).prop_map(
            |(end, terms, dated, effect, place)| Try::Stop { end, terms, dated, effect, place }
        ),
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
            let by = HumanDecision::new(ActorId::generate(), "seen at home").unwrap();
            let step = if *end { Step::End } else { Step::Suspend };
            let notice = Notice::new(*terms, said).ok()?;
            let ground = Ground::HumanDecision(by);
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
        !notice.reason().as_str().is_empty()
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
            if check_event(&enrolment, &event, &stamp(on), &programme, None).is_ok() {
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
