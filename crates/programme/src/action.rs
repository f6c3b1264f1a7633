use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{CaseId, EnrolmentId, Invalid, Money, NoticeId};

use crate::{AppealEffect, Ground, Notice};

/// What an adverse action does.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new way to stop a benefit must break whoever handles them"
)]
pub enum Step {
    /// Refuses an application.
    Reject,
    /// Lowers the amount.
    Reduce {
        /// The amount from then on.
        to: Money,
    },
    /// Stops the benefit for a time.
    Suspend,
    /// Stops the benefit for good.
    End,
}

impl Step {
    /// The step as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Reduce { .. } => "reduce",
            Self::Suspend => "suspend",
            Self::End => "end",
        }
    }
}

/// Rejecting, reducing, suspending or ending, with its lawful ground and the
/// notice given of it.
///
/// There is no other way to stop a benefit, and no way to make one without a
/// [`Notice`] and a [`Ground`]; how the compiler refuses each attempt is shown
/// in the chapter *Programme* of the book. It has no effect before the day that
/// the notice says, nor while an appeal holds it back: see [`in_force`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Wire")]
pub struct AdverseAction {
    enrolment: EnrolmentId,
    step: Step,
    ground: Ground,
    notice: Notice,
}

#[derive(Deserialize)]
struct Wire {
    enrolment: EnrolmentId,
    step: Step,
    ground: Ground,
    notice: Notice,
}

impl TryFrom<Wire> for AdverseAction {
    type Error = Invalid;

    fn try_from(wire: Wire) -> Result<Self, Invalid> {
        Self::new(wire.enrolment, wire.step, wire.ground, wire.notice)
    }
}

impl AdverseAction {
    /// `step` upon `enrolment`, on this ground, under this notice.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the ground does not carry the step: only a new amount or
    /// a human decision reduces, to an amount above nothing; a closed programme
    /// suspends nobody.
    pub fn new(
        enrolment: EnrolmentId,
        step: Step,
        ground: Ground,
        notice: Notice,
    ) -> Result<Self, Invalid> {
        let carried = match (&ground, step) {
            (Ground::AmountRecomputed(new), Step::Reduce { to }) => new.amount() == to,
            (Ground::HumanDecision(_), _) => true,
            (Ground::AmountRecomputed(_), _) | (_, Step::Reduce { .. }) => false,
            (Ground::ProgrammeClosed(_), Step::Suspend) => false,
            (
                Ground::RuleNotMet(_)
                | Ground::RequestedByPerson(_)
                | Ground::Death(_)
                | Ground::MovedOut(_)
                | Ground::ProgrammeClosed(_),
                Step::Reject | Step::Suspend | Step::End,
            ) => true,
        };
        if !carried {
            return Err(Invalid::new("ground", "must be one that carries the step"));
        }
        if matches!(step, Step::Reduce { to } if !to.is_positive()) {
            return Err(Invalid::new("to", "must be above nothing"));
        }
        Ok(Self {
            enrolment,
            step,
            ground,
            notice,
        })
    }

    /// Upon which enrolment.
    #[must_use]
    pub const fn enrolment(&self) -> EnrolmentId {
        self.enrolment
    }

    /// What it does.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.step
    }

    /// On which ground.
    #[must_use]
    pub const fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Under which notice, which also names it.
    #[must_use]
    pub const fn notice(&self) -> &Notice {
        &self.notice
    }
}

/// How an appeal ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "an appeal that was upheld must never fall under a wildcard"
)]
pub enum AppealOutcome {
    /// The person was right: the action is void from the beginning.
    Upheld,
    /// The action stands.
    Dismissed,
}

/// An appeal against an adverse action. The grievance block handles the case;
/// here it says what the action may do meanwhile.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Appeal {
    /// The grievance case.
    pub case: CaseId,
    /// The action that it is against, by its notice.
    pub against: NoticeId,
    /// The day on which it was made.
    pub made: NaiveDate,
    /// The day on which it was decided, and how.
    pub decided: Option<(NaiveDate, AppealOutcome)>,
}

impl Appeal {
    /// An appeal made on `made`, still open.
    #[must_use]
    pub const fn new(case: CaseId, against: NoticeId, made: NaiveDate) -> Self {
        Self {
            case,
            against,
            made,
            decided: None,
        }
    }

    /// The same, decided on `day`.
    #[must_use]
    pub const fn decided(mut self, day: NaiveDate, outcome: AppealOutcome) -> Self {
        self.decided = Some((day, outcome));
        self
    }

    /// Whether it was upheld, by whatever day.
    #[must_use]
    pub const fn upheld(&self) -> bool {
        matches!(self.decided, Some((_, AppealOutcome::Upheld)))
    }
}

/// Whether `action` has effect on the day `on`.
///
/// It does from the day that its notice says, except while an appeal that was
/// made in time holds it back, and from the day on which one is upheld.
/// Appeals against other actions count for nothing.
#[must_use]
pub fn in_force(action: &AdverseAction, appeals: &[Appeal], on: NaiveDate) -> bool {
    let notice = action.notice();
    let holds_back = |appeal: &Appeal| match appeal.decided {
        Some((day, AppealOutcome::Upheld)) if day <= on => true,
        Some((day, AppealOutcome::Dismissed)) if day <= on => false,
        Some(_) | None => {
            notice.terms().appeal_effect == AppealEffect::Suspends
                && appeal.made <= on
                && appeal.made <= notice.appeal_until()
        }
    };
    notice.effect() <= on
        && !appeals
            .iter()
            .any(|appeal| appeal.against == notice.id() && holds_back(appeal))
}

#[cfg(doctest)]
#[doc = include_str!("safe_stops.md")]
struct SafeStops;

#[cfg(test)]
mod tests {
    use solidarity_core::{ActorId, PersonId, UnitId, Version};

    use super::*;
    use crate::conformance::fixture::{World, day, human, not_met};
    use crate::{Death, Eligibility, MovedOut, ProgrammeClosed, RequestedByPerson, Source};

    fn world() -> World {
        World::new(solidarity_core::ProgrammeId::generate())
    }

    fn grounds(world: &World) -> Vec<(&'static str, Ground)> {
        let unit = UnitId::generate();
        let recomputed = world.decide(unit, day(0), Some("1"));
        let Eligibility::Eligible(eligible) = recomputed.outcome() else {
            panic!("not eligible");
        };
        let source = || Source::new(&PersonId::generate(), Version::FIRST);
        let (person, by) = (PersonId::generate(), ActorId::generate());
        let asked = RequestedByPerson::new(person, by, day(0));
        let death = Death::new(person, source(), source(), by).unwrap();
        let moved = MovedOut::new(person, source(), by, day(0));
        let closed = ProgrammeClosed::new(world.programme.id(), "Act 9").unwrap();
        vec![
            ("rule", not_met(&world.decide(unit, day(0), Some("5000")))),
            ("amount", eligible.ground()),
            ("person", Ground::RequestedByPerson(asked)),
            ("death", Ground::Death(death)),
            ("moved", Ground::MovedOut(moved)),
            ("human", Ground::HumanDecision(human())),
            ("closed", Ground::ProgrammeClosed(closed)),
        ]
    }

    #[test]
    fn each_ground_carries_its_steps_and_no_other() {
        let world = world();
        let reduce = |to: &str| Step::Reduce {
            to: to.parse().unwrap(),
        };
        let steps = [Step::Reject, reduce("110 KES"), Step::Suspend, Step::End];
        for (name, ground) in grounds(&world) {
            let carried = match name {
                "amount" => [false, true, false, false],
                "human" => [true, true, true, true],
                "closed" => [true, false, false, true],
                _ => [true, false, true, true],
            };
            for (step, carried) in steps.into_iter().zip(carried) {
                let notice = world.notice(day(0), day(14));
                let action =
                    AdverseAction::new(EnrolmentId::generate(), step, ground.clone(), notice);
                assert_eq!(action.is_ok(), carried, "{name} {step:?}");
            }
        }
        let new = |step, ground: &Ground| {
            let notice = world.notice(day(0), day(14));
            AdverseAction::new(EnrolmentId::generate(), step, ground.clone(), notice)
        };
        let all = grounds(&world);
        assert!(new(reduce("109 KES"), &all[1].1).is_err(), "another amount");
        assert!(new(reduce("0 KES"), &all[5].1).is_err(), "nothing at all");
    }

    #[test]
    fn one_record_declares_nobody_dead() {
        let (person, record) = (PersonId::generate(), UnitId::generate());
        let first = Source::new(&record, Version::FIRST);
        let later = Source::new(&record, Version::FIRST.next());
        let by = ActorId::generate();
        assert!(Death::new(person, first, later, by).is_err());
        let other = Source::new(&UnitId::generate(), Version::FIRST);
        let read = |sources: [Source; 2]| {
            let json =
                serde_json::json!({"person": person, "sources": sources, "confirmed_by": by});
            serde_json::from_value::<Death>(json)
        };
        assert!(read([first, later]).is_err());
        assert_eq!(
            read([first, other]).unwrap(),
            Death::new(person, first, other, by).unwrap()
        );
    }

    #[test]
    fn every_ground_reads_back_whole_and_in_no_part() {
        for (name, ground) in grounds(&world()) {
            let json = serde_json::to_value(&ground).unwrap();
            let read: Ground = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(read, ground);
            let (_, said) = json.as_object().unwrap().iter().next().unwrap();
            for part in said.as_object().unwrap().keys() {
                let mut less = json.clone();
                let said = less.as_object_mut().unwrap().values_mut().next().unwrap();
                said.as_object_mut().unwrap().remove(part);
                let read = serde_json::from_value::<Ground>(less);
                assert!(read.is_err(), "{name} without {part}");
            }
        }
    }

    #[test]
    fn what_is_read_back_is_checked_again() {
        let world = world();
        let ground = Ground::HumanDecision(human());
        let notice = world.notice(day(0), day(14));
        let action =
            AdverseAction::new(EnrolmentId::generate(), Step::End, ground, notice).unwrap();
        let json = serde_json::to_value(&action).unwrap();
        let read: AdverseAction = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(read, action);
        let spoil = |path: &str, value: serde_json::Value| {
            let mut json = json.clone();
            *json.pointer_mut(path).unwrap() = value;
            serde_json::from_value::<AdverseAction>(json).is_err()
        };
        assert!(spoil("/notice/effect", "2026-11-14".into()));
        assert!(spoil("/notice/appeal_at", " ".into()));
        assert!(spoil("/notice/terms/notice_days", 1.into()));
        assert!(spoil("/ground/human_decision/reasons", "".into()));
        assert!(spoil(
            "/step",
            serde_json::json!({"reduce": {"to": {"amount": "0", "currency": "KES"}}})
        ));
    }

    #[test]
    fn an_action_is_in_force_from_its_day_and_not_against_an_appeal() {
        use AppealOutcome::{Dismissed, Upheld};
        let world = world();
        let action = |effect| {
            let terms = world.programme.due_process().with_appeal_effect(effect);
            let said = crate::conformance::fixture::said(day(0), day(14));
            let notice = Notice::new(terms, said).unwrap();
            let ground = Ground::HumanDecision(human());
            AdverseAction::new(EnrolmentId::generate(), Step::Suspend, ground, notice).unwrap()
        };
        // Until when an appeal is in time: day 30.
        for (made, decided, effect, on, expected) in [
            (None, None, AppealEffect::Suspends, 13, false),
            (None, None, AppealEffect::Suspends, 14, true),
            (Some(5), None, AppealEffect::Suspends, 14, false),
            (Some(30), None, AppealEffect::Suspends, 29, true),
            (Some(30), None, AppealEffect::Suspends, 30, false),
            (Some(31), None, AppealEffect::Suspends, 31, true),
            (Some(5), None, AppealEffect::None, 14, true),
            (
                Some(5),
                Some((20, Dismissed)),
                AppealEffect::Suspends,
                19,
                false,
            ),
            (
                Some(5),
                Some((20, Dismissed)),
                AppealEffect::Suspends,
                20,
                true,
            ),
            (
                Some(5),
                Some((20, Upheld)),
                AppealEffect::Suspends,
                20,
                false,
            ),
            (Some(5), Some((20, Upheld)), AppealEffect::None, 19, true),
            (Some(5), Some((20, Upheld)), AppealEffect::None, 20, false),
            (
                Some(31),
                Some((40, Upheld)),
                AppealEffect::Suspends,
                39,
                true,
            ),
            (
                Some(31),
                Some((40, Upheld)),
                AppealEffect::Suspends,
                40,
                false,
            ),
        ] {
            let action = action(effect);
            let appeals: Vec<Appeal> = made
                .map(|made| {
                    let against = action.notice().id();
                    let appeal = Appeal::new(CaseId::generate(), against, day(made));
                    match decided {
                        Some((on, outcome)) => appeal.decided(day(on), outcome),
                        None => appeal,
                    }
                })
                .into_iter()
                .collect();
            let found = in_force(&action, &appeals, day(on));
            assert_eq!(found, expected, "{made:?} {decided:?} {effect:?} {on}");
            // An appeal against another action changes nothing.
            let other = Appeal::new(CaseId::generate(), NoticeId::generate(), day(1));
            let with_other: Vec<_> = appeals.into_iter().chain([other]).collect();
            assert_eq!(in_force(&action, &with_other, day(on)), expected);
        }
    }
}
