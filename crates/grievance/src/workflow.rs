use serde::{Deserialize, Serialize};

use crate::{
    ActionName, BySensitivity, CategoryCode, ReasonCode, Role, Sensitivity, Span, StateName,
    WorkflowCode, WorkingCalendar,
};

mod check;
mod checked;
mod defect;
mod standard;

pub use checked::{CheckedWorkflow, Workflows};
pub(crate) use checked::{OpenState, Stage};
pub use defect::{Defect, Defects};
pub use standard::standard_workflow;

/// How cases go, as data: from a file, or from
/// [`standard_workflow`].
///
/// Nothing runs on it until [`check`](Workflow::check) has passed it.
///
/// ```
/// use solidarity_grievance::{ActionName, Defect, standard_workflow};
///
/// let mut workflow = standard_workflow();
/// assert!(workflow.clone().check().is_ok());
///
/// // Somebody takes the appeal out of the file.
/// workflow.actions.retain(|action| action.name != ActionName::from_static("appeal"));
/// let defects = workflow.check().unwrap_err();
/// assert!(defects.iter().any(|d| matches!(d, Defect::NoAppeal { .. })));
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Workflow {
    /// Names it, in this edition.
    pub code: WorkflowCode,
    /// Where a case begins.
    pub entry: BySensitivity<StateName>,
    /// By when a complaint, an appeal or a reopened case is answered, whatever
    /// states it goes through.
    pub answer_within: BySensitivity<Span>,
    /// How long after the answer reached them a complainant may appeal.
    pub appeal_within: Span,
    /// How long after the answer reached them a complainant may reopen.
    pub reopen_within: Span,
    /// How long an escalated case stays on one rung of the ladder.
    pub escalate_every: Span,
    /// Who may give how much more time, and why.
    pub extension: Extension,
    /// Which days are worked.
    pub calendar: WorkingCalendar,
    /// Who takes part, and what they may see.
    pub roles: Vec<RoleRule>,
    /// Categories that are always held to be sensitive.
    #[serde(default)]
    pub protected: Vec<Protected>,
    /// The states.
    pub states: Vec<State>,
    /// The ways from state to state.
    pub actions: Vec<Action>,
}

/// Who may give how much more time, and why.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Extension {
    /// The most working days, in all, before a complaint or an appeal is
    /// answered.
    pub at_most_working_days: u16,
    /// Who may give them; never to themselves.
    pub by: Vec<Role>,
    /// The reasons that count.
    pub reasons: Vec<ReasonCode>,
}

impl Extension {
    /// At most this many working days, given by one of `by` for one of
    /// `reasons`.
    #[must_use]
    pub const fn new(at_most_working_days: u16, by: Vec<Role>, reasons: Vec<ReasonCode>) -> Self {
        Self {
            at_most_working_days,
            by,
            reasons,
        }
    }
}

/// What a role may see.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RoleRule {
    /// The role.
    pub role: Role,
    /// The most sensitive cases that it handles.
    pub clearance: Sensitivity,
    /// Whether it learns who complained.
    #[serde(default)]
    pub sees_complainant: bool,
}

impl RoleRule {
    /// `role` handles cases up to `clearance`, and learns who complained only
    /// if it is told.
    #[must_use]
    pub const fn new(role: Role, clearance: Sensitivity) -> Self {
        Self {
            role,
            clearance,
            sees_complainant: false,
        }
    }

    /// The same, and it learns who complained.
    #[must_use]
    pub const fn seeing_complainant(mut self) -> Self {
        self.sees_complainant = true;
        self
    }
}

/// A category whose cases are never less sensitive than this.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Protected {
    /// The category, with everything in it.
    pub category: CategoryCode,
    /// How sensitive, at least.
    pub sensitivity: Sensitivity,
}

impl Protected {
    /// Cases of `category` are at least this sensitive.
    #[must_use]
    pub const fn new(category: CategoryCode, sensitivity: Sensitivity) -> Self {
        Self {
            category,
            sensitivity,
        }
    }
}

/// How a case ends.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a refusal must never fall under a wildcard"
)]
pub enum Outcome {
    /// The complainant was right.
    Upheld,
    /// In part; the rest was refused.
    PartlyUpheld,
    /// The complaint was refused.
    Rejected,
    /// The complainant took it back.
    Withdrawn,
    /// It asked for nothing: thanks, a remark, a suggestion.
    Noted,
    /// It is for another body.
    Redirected,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::Upheld,
        Self::PartlyUpheld,
        Self::Rejected,
        Self::Withdrawn,
        Self::Noted,
        Self::Redirected,
    ];

    /// Whether something that the complainant asked for was refused.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::PartlyUpheld | Self::Rejected)
    }

    /// Whether the complainant is owed something.
    #[must_use]
    pub const fn is_for_the_complainant(self) -> bool {
        matches!(self, Self::Upheld | Self::PartlyUpheld)
    }
}

/// Where someone goes who was refused at last instance, and by when.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OutsideRemedy {
    /// Where, in words that help: a court, an ombudsperson, an address.
    pub body: String,
    /// By when, from the day of the answer.
    pub within: Span,
}

impl OutsideRemedy {
    /// To `body`, within a time.
    pub fn new(body: impl Into<String>, within: Span) -> Self {
        Self {
            body: body.into(),
            within,
        }
    }
}

/// A state of a workflow. With an outcome it is an end; without, it is open.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct State {
    /// Names it.
    pub name: StateName,
    /// Of an open state: the role that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<BySensitivity<Role>>,
    /// Of an open state: how long a case may stay in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<BySensitivity<Span>>,
    /// Of an open state: who answers for it when its clock has run out, rung
    /// by rung.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalates_to: Option<BySensitivity<Vec<Role>>>,
    /// Of an open state: whether whoever took a decision in the case is kept
    /// out of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub independent: bool,
    /// Of an end: how the case ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Of an end at last instance: where else the complainant can go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<OutsideRemedy>,
}

impl State {
    /// An open state, answered for by `owner`, within `clock`, escalating
    /// along `escalates_to`.
    #[must_use]
    pub const fn open(
        name: StateName,
        owner: BySensitivity<Role>,
        clock: BySensitivity<Span>,
        escalates_to: BySensitivity<Vec<Role>>,
    ) -> Self {
        Self {
            name,
            owner: Some(owner),
            clock: Some(clock),
            escalates_to: Some(escalates_to),
            independent: false,
            outcome: None,
            outside: None,
        }
    }

    /// The same, kept from whoever took a decision in the case.
    #[must_use]
    pub const fn independent(mut self) -> Self {
        self.independent = true;
        self
    }

    /// An end.
    #[must_use]
    pub const fn end(name: StateName, outcome: Outcome) -> Self {
        Self {
            name,
            owner: None,
            clock: None,
            escalates_to: None,
            independent: false,
            outcome: Some(outcome),
            outside: None,
        }
    }

    /// The same, at last instance.
    #[must_use]
    pub fn outside(mut self, remedy: OutsideRemedy) -> Self {
        self.outside = Some(remedy);
        self
    }
}

/// What an action means beyond going from state to state.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "an appeal must never fall under a wildcard"
)]
pub enum ActionKind {
    /// Nothing.
    #[default]
    Ordinary,
    /// It is a decision that someone else must approve.
    Proposal,
    /// It asks somebody who did not decide to look at an ended case again.
    Appeal,
    /// It goes on with an ended case.
    Reopening,
}

/// A way from state to state.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Action {
    /// Names it.
    pub name: ActionName,
    /// What it means.
    #[serde(default)]
    pub kind: ActionKind,
    /// The states that it leads from.
    pub from: Vec<StateName>,
    /// The state that it leads to.
    pub to: StateName,
    /// Who may take it; `complainant` is whoever complained.
    pub by: Vec<Role>,
}

impl Action {
    /// An ordinary action.
    #[must_use]
    pub const fn new(name: ActionName, from: Vec<StateName>, to: StateName, by: Vec<Role>) -> Self {
        Self {
            name,
            kind: ActionKind::Ordinary,
            from,
            to,
            by,
        }
    }

    /// The same, of another kind.
    #[must_use]
    pub const fn of_kind(mut self, kind: ActionKind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn is_for_complainant(&self) -> bool {
        self.by.contains(&Role::COMPLAINANT)
    }
}
