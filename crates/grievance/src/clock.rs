//! Clocks: computed from the case, the workflow and the time, and never
//! stored, so that they are right without anybody running anything.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{CaseId, Version};

use crate::{Act, ActionKind, Case, CheckedWorkflow, Delivery, Role, Span, Step};

/// How a case stands by its clock.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "an overdue case must never fall under a wildcard"
)]
pub enum ClockState {
    /// There is time.
    OnTime {
        /// Until then.
        until: DateTime<Utc>,
    },
    /// Less than a quarter of the time is left.
    DueSoon {
        /// Until then.
        until: DateTime<Utc>,
    },
    /// The time is over.
    Overdue {
        /// Since then.
        since: DateTime<Utc>,
    },
    /// The case has ended; nothing is due.
    NotRunning,
}

/// When something should be done about `case`: the earlier of its state's
/// clock and the clock of the whole round. `None` once it has ended.
///
/// Only a new state moves the first, and only an appeal or a reopening the
/// second, so that no remark, hand-over or detour stops the clock of the
/// complainant.
#[must_use]
pub fn deadline(workflow: &CheckedWorkflow, case: &Case) -> Option<DateTime<Utc>> {
    let post = case.post()?;
    let calendar = &workflow.data().calendar;
    let ends = |span: &Span, since, extended_days| {
        let end = span.after(since, calendar);
        match extended_days {
            0 => end,
            days => calendar.add_working_days(end, days),
        }
    };
    let round = ends(
        workflow.data().answer_within.of(case.sensitivity),
        case.waiting_since,
        case.extended_days,
    );
    let in_state = workflow.open_state(&case.state).map(|open| {
        ends(
            open.clock.of(case.sensitivity),
            post.since,
            post.extended_days,
        )
    });
    Some(in_state.map_or(round, |in_state| in_state.min(round)))
}

/// How `case` stands by its clock at `now`.
#[must_use]
pub fn clock_state(workflow: &CheckedWorkflow, case: &Case, now: DateTime<Utc>) -> ClockState {
    let (Some(until), Some(post)) = (deadline(workflow, case), case.post()) else {
        return ClockState::NotRunning;
    };
    let left = until.signed_duration_since(now).num_seconds();
    let whole = until.signed_duration_since(post.since).num_seconds();
    if now >= until {
        ClockState::Overdue { since: until }
    } else if left < whole / 4 {
        ClockState::DueSoon { until }
    } else {
        ClockState::OnTime { until }
    }
}

/// Until when something may be done about an answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a window that has not begun must never pass for one that is over"
)]
pub enum Until {
    /// The answer has not reached the complainant, so the time has not begun.
    NotBegun,
    /// Until then.
    At(DateTime<Utc>),
}

impl Until {
    /// Whether it may still be done at `now`.
    #[must_use]
    pub fn is_open(self, now: DateTime<Utc>) -> bool {
        match self {
            Self::NotBegun => true,
            Self::At(end) => now < end,
        }
    }
}

/// Until when a `kind` of action may be taken on an ended `case`. `None` for
/// a case that is open.
pub(crate) fn window(workflow: &CheckedWorkflow, case: &Case, kind: ActionKind) -> Option<Until> {
    let ending = case.ending()?;
    let span = match kind {
        ActionKind::Appeal => workflow.data().appeal_within,
        _ => workflow.data().reopen_within,
    };
    let calendar = &workflow.data().calendar;
    // A complaint that was taken back has no answer to wait for.
    let unanswered = ending.outcome == crate::Outcome::Withdrawn;
    let begin = match case.answer.as_ref().map(|answer| answer.delivery) {
        _ if unanswered => ending.at,
        Some(Delivery::Reached { at }) => at,
        Some(
            Delivery::Waiting | Delivery::Queued | Delivery::Announced | Delivery::CouldNotReach,
        )
        | None => return Some(Until::NotBegun),
    };
    Some(Until::At(span.after(begin, calendar)))
}

/// How a case stands for the complainant.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a case that can still be appealed must never pass for closed"
)]
pub enum Phase {
    /// It is being worked on.
    Open,
    /// It ended, and the complainant has not got the answer or may still
    /// appeal or reopen.
    Answered,
    /// It ended, the answer arrived, and the time for more is over.
    Closed,
}

/// How `case` stands for the complainant at `now`.
#[must_use]
pub fn phase(workflow: &CheckedWorkflow, case: &Case, now: DateTime<Utc>) -> Phase {
    if case.ending().is_none() {
        return Phase::Open;
    }
    let may_go_on = |kind| {
        let mut actions = workflow.actions_from(&case.state);
        actions.any(|action| action.kind == kind && action.is_for_complainant())
            && window(workflow, case, kind).is_some_and(|until| until.is_open(now))
    };
    let arrived = case
        .answer
        .as_ref()
        .is_none_or(|answer| matches!(answer.delivery, Delivery::Reached { .. }));
    if arrived && !may_go_on(ActionKind::Appeal) && !may_go_on(ActionKind::Reopening) {
        Phase::Closed
    } else {
        Phase::Answered
    }
}

/// A case that is to go up the ladder.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Escalation {
    /// Which case.
    pub case: CaseId,
    /// The version at which this was found.
    pub version: Version,
    /// The rung, from 1.
    pub level: u8,
    /// Who answers for it there.
    pub to: Role,
}

impl Escalation {
    /// The act that does it.
    #[must_use]
    pub const fn act(&self) -> Act {
        Act::by_system(Step::Escalate { level: self.level })
    }
}

/// The rung on which `case` should be at `now`, if it is not there yet.
///
/// It is the same whether or not anybody owns the case, and each rung comes
/// once.
#[must_use]
pub fn escalation_due(
    workflow: &CheckedWorkflow,
    case: &Case,
    now: DateTime<Utc>,
) -> Option<Escalation> {
    let post = case.post()?;
    let ladder = workflow
        .open_state(&case.state)?
        .ladder
        .of(case.sensitivity);
    let data = workflow.data();
    let next = |at: &DateTime<Utc>| Some(data.escalate_every.after(*at, &data.calendar));
    let times = std::iter::successors(deadline(workflow, case), next);
    let (level, (_, to)) = (1_u8..)
        .zip(times.zip(ladder).take_while(|(at, _)| *at <= now))
        .last()?;
    (level > post.level).then(|| Escalation {
        case: case.id,
        version: case.version,
        level,
        to: to.clone(),
    })
}

/// Every one of `cases` that is to go up the ladder at `now`. Cases of
/// another workflow are passed over.
pub fn escalations_due<'a>(
    workflow: &CheckedWorkflow,
    cases: impl IntoIterator<Item = &'a Case>,
    now: DateTime<Utc>,
) -> Vec<Escalation> {
    cases
        .into_iter()
        .filter(|case| case.new.workflow == workflow.data().code)
        .filter_map(|case| escalation_due(workflow, case, now))
        .collect()
}
