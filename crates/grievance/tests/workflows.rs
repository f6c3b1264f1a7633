//! What a workflow's check finds, and what it lets pass.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::Weekday;
use solidarity_core::testing::{Random, seed};
use solidarity_grievance::{
    ActionKind, ActionName, BySensitivity, Defect, Outcome, OutsideRemedy, Role, Sensitivity, Span,
    State, StateName, Workflow, standard_workflow,
};

fn state<'a>(workflow: &'a mut Workflow, name: &str) -> &'a mut State {
    let mut states = workflow.states.iter_mut();
    states.find(|state| state.name.as_str() == name).unwrap()
}

fn action<'a>(workflow: &'a mut Workflow, name: &str) -> &'a mut solidarity_grievance::Action {
    let mut actions = workflow.actions.iter_mut();
    actions.find(|action| action.name.as_str() == name).unwrap()
}

#[test]
fn the_standard_workflow_has_no_defect_and_is_the_same_from_a_file() {
    let workflow = standard_workflow();
    assert!(workflow.clone().check().is_ok());
    let file = serde_json::to_string(&workflow).unwrap();
    assert_eq!(serde_json::from_str::<Workflow>(&file).unwrap(), workflow);
    let misspelt = file.replacen("appeal_within", "apeal_within", 1);
    assert!(serde_json::from_str::<Workflow>(&misspelt).is_err());
}

type Break = fn(&mut Workflow);
type Found = fn(&Defect) -> bool;

/// Each rule, broken once.
const BROKEN: &[(Break, Found)] = &[
    (
        |w| action(w, "appeal").to = StateName::from_static("nowhere"),
        |d| matches!(d, Defect::UnknownState { .. }),
    ),
    (
        |w| w.entry.sensitive = StateName::from_static("nowhere"),
        |d| matches!(d, Defect::UnknownState { .. }),
    ),
    (
        |w| w.entry.sensitive = StateName::from_static("noted"),
        |d| matches!(d, Defect::BeginsAtEnd { .. }),
    ),
    (
        |w| w.roles.retain(|rule| rule.role.as_str() != "handler"),
        |d| matches!(d, Defect::UnknownRole { .. }),
    ),
    (
        |w| w.states.push(w.states[0].clone()),
        |d| matches!(d, Defect::Twice { .. }),
    ),
    (
        |w| {
            let name = StateName::from_static("cancelled");
            w.states.push(State::end(name, Outcome::Noted));
        },
        |d| matches!(d, Defect::Unreachable { state } if state.as_str() == "cancelled"),
    ),
    (
        // Only the complainant, by giving up, ends an appeal.
        |w| w.actions.retain(|a| !a.name.as_str().contains("-appeal")),
        |d| matches!(d, Defect::DeadEnd { state, .. } if state.as_str() == "appealed"),
    ),
    (
        |w| state(w, "received").owner = None,
        |d| matches!(d, Defect::NoOwner { .. }),
    ),
    (
        |w| {
            let idle = Role::from_static("supervisor");
            state(w, "received").owner.as_mut().unwrap().standard = idle;
        },
        |d| matches!(d, Defect::IdleOwner { .. }),
    ),
    (
        |w| state(w, "in-review").clock = None,
        |d| matches!(d, Defect::NoClock { .. }),
    ),
    (
        |w| state(w, "in-review").escalates_to = None,
        |d| matches!(d, Defect::NoEscalation { .. }),
    ),
    (
        |w| {
            let same = vec![Role::from_static("appeals")];
            state(w, "appealed").escalates_to = Some(BySensitivity::all(same));
        },
        |d| matches!(d, Defect::EscalatesInPlace { .. }),
    ),
    (
        |w| {
            let handler = Role::from_static("handler");
            state(w, "in-review").owner = Some(BySensitivity::all(handler));
        },
        |d| matches!(d, Defect::NotCleared { sensitivity, .. } if *sensitivity == Sensitivity::HighlySensitive),
    ),
    (
        |w| w.actions.retain(|a| a.name.as_str() != "appeal"),
        |d| matches!(d, Defect::NoAppeal { state } if state.as_str() == "rejected"),
    ),
    (
        // An appeal that only an officer can lodge is none.
        |w| action(w, "appeal").by = vec![Role::from_static("intake")],
        |d| matches!(d, Defect::NoAppeal { state } if state.as_str() == "partly-upheld"),
    ),
    (
        |w| state(w, "appeal-rejected").outside = None,
        |d| matches!(d, Defect::NoAppeal { state } if state.as_str() == "appeal-rejected"),
    ),
    (
        |w| {
            let nobody = OutsideRemedy::new(" ", Span::Days(30));
            state(w, "appeal-rejected").outside = Some(nobody);
        },
        |d| matches!(d, Defect::NoAppeal { .. }),
    ),
    (
        |w| state(w, "appealed").independent = false,
        |d| matches!(d, Defect::AppealToDecider { .. }),
    ),
    (
        // The appeal comes to where it may be decided by whoever decided.
        |w| {
            let back = StateName::from_static("in-review");
            action(w, "dismiss-appeal").to = back;
        },
        |d| matches!(d, Defect::AppealToDecider { state, .. } if state.as_str() == "in-review"),
    ),
    (
        |w| {
            let proposal = action(w, "acknowledge");
            proposal.kind = ActionKind::Proposal;
        },
        |d| matches!(d, Defect::SelfApproval { .. }),
    ),
    (
        |w| action(w, "uphold").by.push(Role::COMPLAINANT),
        |d| matches!(d, Defect::DecidedByComplainant { .. }),
    ),
    (
        |w| action(w, "withdraw").by.push(Role::from_static("handler")),
        |d| matches!(d, Defect::WithdrawnByAnother { .. }),
    ),
    (
        |w| action(w, "reopen").kind = ActionKind::Ordinary,
        |d| matches!(d, Defect::WrongKind { .. }),
    ),
    (
        |w| state(w, "rejected").independent = true,
        |d| matches!(d, Defect::Mixed { .. }),
    ),
    (
        |w| action(w, "note").by.clear(),
        |d| matches!(d, Defect::IdleAction { .. }),
    ),
    (
        |w| w.appeal_within = Span::Days(0),
        |d| matches!(d, Defect::BadTime { what } if what == "appeal_within"),
    ),
    (
        |w| {
            use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
            w.calendar.weekend = vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun];
        },
        |d| matches!(d, Defect::BadTime { what } if what == "calendar"),
    ),
    (
        |w| w.extension.at_most_working_days = 61,
        |d| matches!(d, Defect::BadTime { what } if what == "extension"),
    ),
    (
        |w| w.states = vec![w.states[0].clone(); 65],
        |d| matches!(d, Defect::TooMany { what: "states" }),
    ),
];

#[test]
fn each_broken_rule_is_named() {
    for (position, (spoil, found)) in BROKEN.iter().enumerate() {
        let mut workflow = standard_workflow();
        spoil(&mut workflow);
        let defects = workflow.check().unwrap_err();
        assert!(defects.iter().any(found), "{position}: {defects}");
    }
}

#[test]
fn every_defect_is_reported_at_once() {
    let mut workflow = standard_workflow();
    state(&mut workflow, "received").owner = None;
    state(&mut workflow, "in-review").clock = None;
    workflow.appeal_within = Span::Hours(0);
    let defects = workflow.check().unwrap_err();
    assert_eq!(defects.iter().count(), 3, "{defects}");
}

/// The workflow that a widely used complaint system ships, in outline: two of
/// its states are never come to, and its last refusal can be taken nowhere.
#[test]
fn a_shipped_file_of_another_system_does_not_pass() {
    let mut workflow = standard_workflow();
    let open = |name| {
        let role = |name| BySensitivity::all(Role::from_static(name));
        let ladder = BySensitivity::all(vec![Role::from_static("oversight")]);
        let clock = BySensitivity::all(Span::Hours(120));
        State::open(
            StateName::from_static(name),
            role("management"),
            clock,
            ladder,
        )
    };
    let end = |name, outcome| State::end(StateName::from_static(name), outcome);
    workflow.entry = BySensitivity::all(StateName::from_static("pending"));
    workflow.states = vec![
        open("pending"),
        end("resolved", Outcome::Noted),
        end("rejected", Outcome::Rejected),
        end("resolved-by-supervisor", Outcome::Noted),
        end("cancelled", Outcome::Noted),
    ];
    let way = |name, to| {
        solidarity_grievance::Action::new(
            ActionName::from_static(name),
            vec![StateName::from_static("pending")],
            StateName::from_static(to),
            vec![Role::from_static("management")],
        )
    };
    workflow.actions = vec![way("resolve", "resolved"), way("reject", "rejected")];
    let defects = workflow.check().unwrap_err();
    let said: Vec<String> = defects.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "`rejected` refuses, and offers no appeal and no outside remedy with a deadline",
            "no case ever comes to `resolved-by-supervisor`",
            "no case ever comes to `cancelled`",
        ]
    );
}

/// A second, plain statement of the rules, over the whole relation of what
/// leads where.
fn is_sound(workflow: &Workflow) -> bool {
    let states: BTreeMap<&StateName, &State> =
        workflow.states.iter().map(|s| (&s.name, s)).collect();
    let is_end = |name: &StateName| states.get(name).is_some_and(|s| s.outcome.is_some());
    let closure = |edge: &dyn Fn(&StateName, &StateName) -> bool| {
        let mut leads = BTreeSet::new();
        for a in states.keys() {
            for b in states.keys() {
                if edge(a, b) || a == b {
                    leads.insert((*a, *b));
                }
            }
        }
        for via in states.keys() {
            for a in states.keys() {
                for b in states.keys() {
                    if leads.contains(&(*a, *via)) && leads.contains(&(*via, *b)) {
                        leads.insert((*a, *b));
                    }
                }
            }
        }
        leads
    };
    let cleared = |role: &Role, s| {
        workflow
            .roles
            .iter()
            .any(|rule| rule.role == *role && rule.clearance >= s)
    };
    let any = closure(&|a, b| {
        workflow
            .actions
            .iter()
            .any(|x| x.from.contains(a) && x.to == *b)
    });
    let reached = states.keys().all(|name| {
        Sensitivity::ALL
            .iter()
            .any(|s| any.contains(&(workflow.entry.of(*s), *name)))
    });
    let leaves = |s| {
        let officers = closure(&|a, b| {
            workflow.actions.iter().any(|x| {
                x.from.contains(a) && x.to == *b && x.by.iter().any(|role| cleared(role, s))
            })
        });
        states.keys().all(|from| {
            is_end(from)
                || states
                    .keys()
                    .any(|to| is_end(to) && officers.contains(&(*from, *to)))
        })
    };
    let kept = workflow.states.iter().all(|state| match state.outcome {
        None => Sensitivity::ALL.iter().all(|s| {
            let owner = state.owner.as_ref().map(|o| o.of(*s));
            let rungs = state.escalates_to.as_ref().map(|l| l.of(*s));
            state.clock.is_some()
                && owner.is_some_and(|o| cleared(o, *s))
                && rungs.is_some_and(|l| {
                    !l.is_empty() && l.first() != owner && l.iter().all(|r| cleared(r, *s))
                })
        }),
        Some(outcome) => {
            let appeal = workflow.actions.iter().any(|x| {
                x.kind == ActionKind::Appeal
                    && x.from.contains(&state.name)
                    && x.by.contains(&Role::COMPLAINANT)
            });
            !outcome.is_negative() || appeal || state.outside.is_some()
        }
    });
    // Every open state that an appeal comes to before it is decided.
    let open = closure(&|a, b| {
        !is_end(a)
            && workflow
                .actions
                .iter()
                .any(|x| x.from.contains(a) && x.to == *b)
    });
    let apart = workflow.actions.iter().all(|x| {
        x.kind != ActionKind::Appeal
            || workflow.states.iter().all(|state| {
                state.independent
                    || state.outcome.is_some()
                    || !open.contains(&(&x.to, &state.name))
            })
    });
    let nobody_else =
        workflow.actions.iter().all(
            |x| match states.get(&x.to).and_then(|state| state.outcome) {
                Some(Outcome::Withdrawn) => x.by == [Role::COMPLAINANT],
                Some(_) => !x.by.contains(&Role::COMPLAINANT),
                None => true,
            },
        );
    let named = workflow
        .actions
        .iter()
        .all(|x| x.from.iter().chain([&x.to]).all(|s| states.contains_key(s)));
    named && reached && Sensitivity::ALL.into_iter().all(leaves) && kept && apart && nobody_else
}

fn mutate(random: &mut Random, workflow: &mut Workflow) {
    let at = |random: &mut Random, len: usize| random.below(len as u64) as usize;
    if workflow.states.is_empty() || workflow.actions.is_empty() || workflow.roles.is_empty() {
        return;
    }
    let (a, s, r) = (
        at(random, workflow.actions.len()),
        at(random, workflow.states.len()),
        at(random, workflow.roles.len()),
    );
    let other = workflow.states[at(random, workflow.states.len())]
        .name
        .clone();
    let role = workflow.roles[r].role.clone();
    match random.below(18) {
        0 => drop(workflow.actions.remove(a)),
        1 => workflow.actions[a].to = other,
        2 => workflow.actions[a].from.push(other),
        3 => workflow.actions[a].from = vec![other],
        4 => workflow.actions[a].by.push(role),
        5 => workflow.actions[a].by = vec![Role::COMPLAINANT],
        6 => {
            let kinds = [
                ActionKind::Ordinary,
                ActionKind::Proposal,
                ActionKind::Appeal,
                ActionKind::Reopening,
            ];
            workflow.actions[a].kind = *random.pick(&kinds).unwrap();
        }
        7 => workflow.states[s].owner = None,
        8 => workflow.states[s].clock = None,
        9 => workflow.states[s].escalates_to = Some(BySensitivity::all(vec![role])),
        10 => workflow.states[s].independent ^= true,
        11 => {
            let open = workflow.states[s].outcome.is_none();
            if !open {
                workflow.states[s].outcome = random.pick(&Outcome::ALL).copied();
            }
        }
        12 => workflow.states[s].outside = None,
        13 => drop(workflow.states.remove(s)),
        14 => drop(workflow.roles.remove(r)),
        15 => workflow.roles[r].clearance = *random.pick(&Sensitivity::ALL).unwrap(),
        16 => workflow.entry = BySensitivity::split(workflow.entry.standard.clone(), other),
        _ => workflow.actions[a].by.retain(|by| *by != role),
    }
}

#[test]
fn no_mutation_that_breaks_a_rule_passes() {
    let mut random = Random::new(seed());
    let (mut passed, mut failed) = (0, 0);
    for _ in 0..4_000 {
        let mut workflow = standard_workflow();
        for _ in 0..=random.below(3) {
            mutate(&mut random, &mut workflow);
        }
        if workflow.clone().check().is_ok() {
            passed += 1;
            assert!(is_sound(&workflow), "passed: {workflow:?}");
        } else {
            failed += 1;
        }
    }
    assert!(
        passed > 200 && failed > 200,
        "{passed} passed, {failed} failed"
    );
}
