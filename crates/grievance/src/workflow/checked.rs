use std::collections::BTreeMap;

use solidarity_core::Invalid;

use super::{Action, Defect, Defects, Outcome, OutsideRemedy, Workflow};
use crate::{
    ActionName, BySensitivity, Case, CategoryCode, Error, Result, Role, Sensitivity, Span,
    StateName, WorkflowCode,
};

/// A [`Workflow`] that was checked and has no defect.
///
/// There is no other way to one than [`Workflow::check`], and nothing runs on
/// anything else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CheckedWorkflow {
    data: Workflow,
    // INVARIANT: every state of `data`, and so every state that an action of
    // `data` names.
    stages: BTreeMap<StateName, Stage>,
}

/// A state, with what its kind has and nothing else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    Open(OpenState),
    End {
        outcome: Outcome,
        outside: Option<OutsideRemedy>,
    },
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct OpenState {
    pub(crate) owner: BySensitivity<Role>,
    pub(crate) clock: BySensitivity<Span>,
    pub(crate) ladder: BySensitivity<Vec<Role>>,
    pub(crate) independent: bool,
}

impl CheckedWorkflow {
    /// Types the states of a workflow in which no other defect was found.
    pub(super) fn build(data: Workflow) -> Result<Self, Defects> {
        let mut stages = BTreeMap::new();
        for state in &data.states {
            let stage = match (
                &state.outcome,
                &state.owner,
                &state.clock,
                &state.escalates_to,
            ) {
                (Some(outcome), None, None, None) => Stage::End {
                    outcome: *outcome,
                    outside: state.outside.clone(),
                },
                (None, Some(owner), Some(clock), Some(ladder)) => Stage::Open(OpenState {
                    owner: owner.clone(),
                    clock: *clock,
                    ladder: ladder.clone(),
                    independent: state.independent,
                }),
                _ => {
                    return Err(Defects(vec![Defect::Mixed {
                        state: state.name.clone(),
                    }]));
                }
            };
            stages.insert(state.name.clone(), stage);
        }
        Ok(Self { data, stages })
    }

    /// What was checked.
    #[must_use]
    pub const fn data(&self) -> &Workflow {
        &self.data
    }

    /// The actions that lead from `state`.
    pub fn actions_from<'a>(&'a self, state: &'a StateName) -> impl Iterator<Item = &'a Action> {
        self.data
            .actions
            .iter()
            .filter(move |action| action.from.contains(state))
    }

    pub(crate) fn action(&self, name: &ActionName, from: &StateName) -> Option<&Action> {
        let mut actions = self.data.actions.iter();
        actions.find(|action| action.name == *name && action.from.contains(from))
    }

    pub(crate) fn stage(&self, state: &StateName) -> Option<&Stage> {
        self.stages.get(state)
    }

    pub(crate) fn open_state(&self, state: &StateName) -> Option<&OpenState> {
        match self.stage(state)? {
            Stage::Open(open) => Some(open),
            Stage::End { .. } => None,
        }
    }

    /// Whether `role` handles cases this sensitive.
    #[must_use]
    pub fn is_cleared(&self, role: &Role, sensitivity: Sensitivity) -> bool {
        self.data.is_cleared(role, sensitivity)
    }

    /// Whether `role` learns who complained.
    #[must_use]
    pub fn sees_complainant(&self, role: &Role) -> bool {
        self.data
            .roles
            .iter()
            .any(|rule| rule.role == *role && rule.sees_complainant)
    }

    /// How sensitive a case of `category` is, at least.
    #[must_use]
    pub fn floor(&self, category: &CategoryCode) -> Sensitivity {
        self.data
            .protected
            .iter()
            .filter(|protected| category.is_within(&protected.category))
            .map(|protected| protected.sensitivity)
            .max()
            .unwrap_or(Sensitivity::Standard)
    }
}

impl Workflow {
    pub(super) fn is_cleared(&self, role: &Role, sensitivity: Sensitivity) -> bool {
        self.roles
            .iter()
            .any(|rule| rule.role == *role && rule.clearance >= sensitivity)
    }
}

/// The workflows in use: the one that new cases follow, and the earlier
/// editions that open cases still do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Workflows {
    by_code: BTreeMap<WorkflowCode, CheckedWorkflow>,
}

impl Workflows {
    /// These workflows.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if two have one code.
    pub fn new(workflows: impl IntoIterator<Item = CheckedWorkflow>) -> Result<Self, Invalid> {
        let mut by_code = BTreeMap::new();
        for (position, workflow) in workflows.into_iter().enumerate() {
            let code = workflow.data.code.clone();
            if by_code.insert(code, workflow).is_some() {
                return Err(Invalid::new("workflow code", "must not be there twice").at(position));
            }
        }
        Ok(Self { by_code })
    }

    /// The workflow `code`.
    ///
    /// # Errors
    ///
    /// [`Error::NoWorkflow`] if it is not in use.
    pub fn get(&self, code: &WorkflowCode) -> Result<&CheckedWorkflow> {
        self.by_code
            .get(code)
            .ok_or_else(|| Error::no_workflow(code.clone()))
    }

    /// The workflow that `case` follows.
    ///
    /// # Errors
    ///
    /// [`Error::NoWorkflow`] if it is not in use.
    pub fn of(&self, case: &Case) -> Result<&CheckedWorkflow> {
        self.get(&case.new.workflow)
    }

    /// Every workflow, by code.
    pub fn iter(&self) -> impl Iterator<Item = &CheckedWorkflow> {
        self.by_code.values()
    }
}
