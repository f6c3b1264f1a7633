//! The rules that a workflow keeps before it may run.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use solidarity_core::check_text;
use solidarity_core::limits::LINE_MAX_BYTES;

use super::{Action, ActionKind, CheckedWorkflow, Defect, Defects, Outcome, State, Workflow};
use crate::limits::{
    ACTIONS_MAX, EXTENSION_MAX_DAYS, HOLIDAYS_MAX, LADDER_MAX, ROLES_MAX, STATES_MAX,
};
use crate::{BySensitivity, Role, Sensitivity, Span, StateName};

/// The furthest that a clock is from UTC, in minutes.
const OFFSET_MAX_MINUTES: u16 = 18 * 60;

impl Workflow {
    /// Passes the workflow, if it has no defect.
    ///
    /// - Every name that is used is there, once.
    /// - A case comes to every state; from every open state an officer can
    ///   bring it to an end.
    /// - Every open state has a role that answers for it and can act in it, a
    ///   clock, and someone else to escalate to, each cleared for the cases
    ///   that they are given.
    /// - Every refusal, also in part, offers an appeal that the complainant
    ///   can make, or names the outside remedy and its deadline. What the
    ///   complainant withdrew, what asked for nothing and what is for another
    ///   body is no refusal.
    /// - On its whole way an appeal is kept from whoever decided, and a
    ///   proposal from whoever made it. Nobody decides their own complaint,
    ///   and nobody else withdraws it.
    ///
    /// # Errors
    ///
    /// [`Defects`]: all of them.
    pub fn check(self) -> Result<CheckedWorkflow, Defects> {
        // The graph is walked only if it is of a bounded size.
        let mut defects = self.sizes();
        if defects.is_empty() {
            defects.extend(self.names());
            defects.extend(self.times());
            defects.extend(self.states.iter().flat_map(|state| self.state(state)));
            defects.extend(self.actions.iter().flat_map(|action| self.action(action)));
            defects.extend(self.appeals());
            defects.extend(self.ways());
        }
        if defects.is_empty() {
            CheckedWorkflow::build(self)
        } else {
            Err(Defects(defects))
        }
    }

    fn sizes(&self) -> Vec<Defect> {
        let rungs = self
            .states
            .iter()
            .flat_map(|state| state.escalates_to.iter())
            .flat_map(|ladders| Sensitivity::ALL.map(|s| ladders.of(s).len()))
            .max();
        [
            ("states", self.states.len(), STATES_MAX),
            ("actions", self.actions.len(), ACTIONS_MAX),
            ("roles", self.roles.len(), ROLES_MAX),
            ("rungs", rungs.unwrap_or(0), LADDER_MAX),
            ("holidays", self.calendar.holidays.len(), HOLIDAYS_MAX),
        ]
        .into_iter()
        .filter(|(_, count, most)| count > most)
        .map(|(what, ..)| Defect::TooMany { what })
        .collect()
    }

    fn names(&self) -> Vec<Defect> {
        let mut defects = Vec::new();
        let states = self.states.iter().map(|s| s.name.as_str());
        let actions = self.actions.iter().map(|a| a.name.as_str());
        // The complainant's role is there without being declared.
        let roles = self.roles.iter().map(|r| r.role.as_str());
        let complainant = Role::COMPLAINANT;
        let roles = roles.chain([complainant.as_str()]);
        defects.extend(twice(states));
        defects.extend(twice(actions));
        defects.extend(twice(roles));
        for sensitivity in Sensitivity::ALL {
            let state = self.entry.of(sensitivity);
            match self.find(state) {
                None => defects.push(Defect::UnknownState {
                    by: "entry".to_owned(),
                    state: state.clone(),
                }),
                Some(State {
                    outcome: Some(_), ..
                }) => defects.push(Defect::BeginsAtEnd {
                    state: state.clone(),
                }),
                Some(_) => {}
            }
        }
        defects.extend(self.unknown_roles("extension", &self.extension.by));
        defects.dedup();
        defects
    }

    fn times(&self) -> Vec<Defect> {
        let mut bad = Vec::new();
        let mut span = |what: &str, span: Span| {
            if !span.is_sensible() {
                bad.push(what.to_owned());
            }
        };
        span("appeal_within", self.appeal_within);
        span("reopen_within", self.reopen_within);
        span("escalate_every", self.escalate_every);
        for sensitivity in Sensitivity::ALL {
            span("answer_within", *self.answer_within.of(sensitivity));
        }
        for state in &self.states {
            let clocks = state.clock.iter();
            for clock in clocks.flat_map(|clock| Sensitivity::ALL.map(|s| *clock.of(s))) {
                span(state.name.as_str(), clock);
            }
            if let Some(remedy) = &state.outside {
                span(state.name.as_str(), remedy.within);
            }
        }
        if self.extension.at_most_working_days > EXTENSION_MAX_DAYS {
            bad.push("extension".to_owned());
        }
        let calendar = &self.calendar;
        let week = NaiveDate::default().iter_days().take(7);
        let mut week = week.map(|day| chrono::Datelike::weekday(&day));
        if week.all(|day| calendar.weekend.contains(&day))
            || calendar.utc_offset_minutes.unsigned_abs() > OFFSET_MAX_MINUTES
            || self.has_long_holiday()
        {
            bad.push("calendar".to_owned());
        }
        bad.dedup();
        bad.into_iter()
            .map(|what| Defect::BadTime { what })
            .collect()
    }

    /// Whether a month passes without a working day: a list of holidays that
    /// stops every clock.
    fn has_long_holiday(&self) -> bool {
        self.calendar.holidays.iter().any(|first| {
            (0..31).all(|later| {
                first
                    .checked_add_days(Days::new(later))
                    .is_some_and(|day| !self.calendar.is_working(day))
            })
        })
    }

    fn state(&self, state: &State) -> Vec<Defect> {
        match state.outcome {
            None => self.open_state(state),
            Some(outcome) => self.end(state, outcome),
        }
    }

    fn open_state(&self, state: &State) -> Vec<Defect> {
        let mut defects = Vec::new();
        let name = || state.name.clone();
        if state.outside.is_some() {
            defects.push(Defect::Mixed { state: name() });
        }
        if state.clock.is_none() {
            defects.push(Defect::NoClock { state: name() });
        }
        match &state.owner {
            None => defects.push(Defect::NoOwner { state: name() }),
            Some(owner) => {
                for sensitivity in Sensitivity::ALL {
                    let owner = owner.of(sensitivity);
                    defects.extend(self.given_to(state, owner, sensitivity));
                    let mut actions = self.actions_from(state);
                    if !actions.any(|action| action.by.contains(owner)) {
                        defects.push(Defect::IdleOwner {
                            state: name(),
                            sensitivity,
                        });
                    }
                }
            }
        }
        let none = BySensitivity::default();
        let ladders = state.escalates_to.as_ref().unwrap_or(&none);
        for sensitivity in Sensitivity::ALL {
            let ladder = ladders.of(sensitivity);
            if ladder.is_empty() {
                defects.push(Defect::NoEscalation {
                    state: name(),
                    sensitivity,
                });
            }
            let mut below = state.owner.as_ref().map(|owner| owner.of(sensitivity));
            for rung in ladder {
                defects.extend(self.given_to(state, rung, sensitivity));
                if below.replace(rung) == Some(rung) {
                    defects.push(Defect::EscalatesInPlace {
                        state: name(),
                        sensitivity,
                    });
                }
            }
        }
        defects.dedup();
        defects
    }

    fn given_to(&self, state: &State, role: &Role, sensitivity: Sensitivity) -> Option<Defect> {
        if !self.has_role(role) {
            Some(Defect::UnknownRole {
                by: state.name.to_string(),
                role: role.clone(),
            })
        } else if !self.is_cleared(role, sensitivity) {
            Some(Defect::NotCleared {
                state: state.name.clone(),
                role: role.clone(),
                sensitivity,
            })
        } else {
            None
        }
    }

    fn end(&self, state: &State, outcome: Outcome) -> Vec<Defect> {
        let mut defects = Vec::new();
        let clocked = state.clock.is_some() || state.escalates_to.is_some();
        if state.owner.is_some() || clocked || state.independent {
            defects.push(Defect::Mixed {
                state: state.name.clone(),
            });
        }
        let may_appeal = self
            .actions_from(state)
            .any(|action| action.kind == ActionKind::Appeal && action.is_for_complainant());
        let outside = state.outside.as_ref();
        let may_go_elsewhere =
            outside.is_some_and(|o| check_text("body", &o.body, LINE_MAX_BYTES).is_ok());
        if outcome.is_negative() && !may_appeal && !may_go_elsewhere {
            defects.push(Defect::NoAppeal {
                state: state.name.clone(),
            });
        }
        defects
    }

    fn action(&self, action: &Action) -> Vec<Defect> {
        let mut defects = self.unknown_roles(action.name.as_str(), &action.by);
        let name = || action.name.clone();
        if action.from.is_empty() || action.by.is_empty() {
            defects.push(Defect::IdleAction { action: name() });
        }
        let leaves_an_end = matches!(action.kind, ActionKind::Appeal | ActionKind::Reopening);
        for state in action.from.iter().chain([&action.to]) {
            if self.find(state).is_none() {
                defects.push(Defect::UnknownState {
                    by: action.name.to_string(),
                    state: state.clone(),
                });
            }
        }
        for from in action.from.iter().filter_map(|from| self.find(from)) {
            if from.outcome.is_some() != leaves_an_end {
                defects.push(Defect::WrongKind {
                    action: name(),
                    state: from.name.clone(),
                });
            }
        }
        let Some(to) = self.find(&action.to) else {
            return defects;
        };
        match to.outcome {
            Some(_) if action.kind != ActionKind::Ordinary => defects.push(Defect::WrongKind {
                action: name(),
                state: to.name.clone(),
            }),
            Some(Outcome::Withdrawn) if action.by != [Role::COMPLAINANT] => {
                defects.push(Defect::WithdrawnByAnother { action: name() });
            }
            Some(
                Outcome::Upheld
                | Outcome::PartlyUpheld
                | Outcome::Rejected
                | Outcome::Noted
                | Outcome::Redirected,
            ) if action.is_for_complainant() => {
                defects.push(Defect::DecidedByComplainant { action: name() });
            }
            None if action.kind == ActionKind::Proposal && !to.independent => {
                defects.push(Defect::SelfApproval {
                    action: name(),
                    state: to.name.clone(),
                });
            }
            Some(_) | None => {}
        }
        defects
    }

    /// An appeal is kept from whoever decided in every open state that it
    /// comes to before it is decided.
    fn appeals(&self) -> Vec<Defect> {
        let mut defects = Vec::new();
        let appeals = || self.actions.iter().filter(|a| a.kind == ActionKind::Appeal);
        let mut reached: BTreeSet<&StateName> = BTreeSet::new();
        let mut todo: Vec<&Action> = appeals().collect();
        while let Some(action) = todo.pop() {
            let Some(to) = self.find(&action.to).filter(|to| to.outcome.is_none()) else {
                continue;
            };
            if !to.independent {
                defects.push(Defect::AppealToDecider {
                    action: action.name.clone(),
                    state: to.name.clone(),
                });
            }
            if reached.insert(&to.name) {
                todo.extend(self.actions_from(to));
            }
        }
        defects
    }

    /// Every state is come to, and every open state is left for an end.
    fn ways(&self) -> Vec<Defect> {
        let mut come_to: BTreeSet<&StateName> = Sensitivity::ALL.map(|s| self.entry.of(s)).into();
        spread(&mut come_to, |come_to| {
            let taken = |action: &&Action| action.from.iter().any(|from| come_to.contains(from));
            self.actions.iter().filter(taken).map(|a| &a.to).collect()
        });
        let mut defects: Vec<Defect> = self
            .states
            .iter()
            .filter(|state| !come_to.contains(&state.name))
            .map(|state| Defect::Unreachable {
                state: state.name.clone(),
            })
            .collect();
        for sensitivity in Sensitivity::ALL {
            let ends = self.states.iter().filter(|state| state.outcome.is_some());
            let mut ending: BTreeSet<&StateName> = ends.map(|state| &state.name).collect();
            spread(&mut ending, |ending| {
                let leads = |action: &&Action| {
                    let mut by = action.by.iter();
                    ending.contains(&action.to) && by.any(|role| self.is_cleared(role, sensitivity))
                };
                let leading = self.actions.iter().filter(leads);
                leading.flat_map(|action| &action.from).collect()
            });
            let stuck = self.states.iter().filter(|s| !ending.contains(&s.name));
            defects.extend(stuck.map(|state| Defect::DeadEnd {
                state: state.name.clone(),
                sensitivity,
            }));
        }
        defects
    }

    fn find(&self, name: &StateName) -> Option<&State> {
        self.states.iter().find(|state| state.name == *name)
    }

    fn has_role(&self, role: &Role) -> bool {
        self.roles.iter().any(|rule| rule.role == *role)
    }

    fn unknown_roles(&self, by: &str, roles: &[Role]) -> Vec<Defect> {
        let unknown = |role: &&Role| !self.has_role(role) && **role != Role::COMPLAINANT;
        let defect = |role: &Role| Defect::UnknownRole {
            by: by.to_owned(),
            role: role.clone(),
        };
        roles.iter().filter(unknown).map(defect).collect()
    }

    fn actions_from<'a>(&'a self, state: &'a State) -> impl Iterator<Item = &'a Action> {
        let leads = |action: &&Action| action.from.contains(&state.name);
        self.actions.iter().filter(leads)
    }
}

/// Adds to `states` what `next` finds from it, until it finds nothing new.
fn spread<'a>(
    states: &mut BTreeSet<&'a StateName>,
    next: impl Fn(&BTreeSet<&'a StateName>) -> Vec<&'a StateName>,
) {
    loop {
        let before = states.len();
        let found = next(states);
        states.extend(found);
        if states.len() == before {
            return;
        }
    }
}

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Defect> {
    let mut seen = BTreeSet::new();
    names
        .filter(|name| !seen.insert(*name))
        .map(|name| Defect::Twice {
            name: name.to_owned(),
        })
        .collect()
}
