use std::fmt;

use crate::{ActionName, Role, Sensitivity, StateName};

/// What is wrong with a workflow.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Defect {
    /// An action, or the entry, names a state that is not there.
    #[error("`{by}` names the state `{state}`, which is not there")]
    UnknownState {
        /// The action, or `entry`.
        by: String,
        /// The name.
        state: StateName,
    },
    /// Something names a role that is not there.
    #[error("`{by}` names the role `{role}`, which is not there")]
    UnknownRole {
        /// The state or the action, or `extension`.
        by: String,
        /// The name.
        role: Role,
    },
    /// Two states, actions or roles have one name.
    #[error("`{name}` is there twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// No case ever comes to a state.
    #[error("no case ever comes to `{state}`")]
    Unreachable {
        /// The state.
        state: StateName,
    },
    /// Cases would begin at an end.
    #[error("cases would begin at `{state}`, which is an end")]
    BeginsAtEnd {
        /// The state.
        state: StateName,
    },
    /// From a state no officer can bring a case to an end.
    #[error("from `{state}` no officer can bring a {sensitivity:?} case to an end")]
    DeadEnd {
        /// The state.
        state: StateName,
        /// Of which cases.
        sensitivity: Sensitivity,
    },
    /// Nobody answers for an open state.
    #[error("nobody answers for `{state}`")]
    NoOwner {
        /// The state.
        state: StateName,
    },
    /// Whoever answers for a state can do nothing in it.
    #[error("whoever answers for `{state}` can do nothing about a {sensitivity:?} case")]
    IdleOwner {
        /// The state.
        state: StateName,
        /// Of which cases.
        sensitivity: Sensitivity,
    },
    /// A state has no clock.
    #[error("`{state}` has no clock")]
    NoClock {
        /// The state.
        state: StateName,
    },
    /// When a state's clock runs out, the case goes to nobody else.
    #[error("`{state}` escalates a {sensitivity:?} case to nobody")]
    NoEscalation {
        /// The state.
        state: StateName,
        /// Of which cases.
        sensitivity: Sensitivity,
    },
    /// A state escalates to whoever had the case already.
    #[error("`{state}` escalates a {sensitivity:?} case to where it was")]
    EscalatesInPlace {
        /// The state.
        state: StateName,
        /// Of which cases.
        sensitivity: Sensitivity,
    },
    /// A role would be given cases that it is not cleared for.
    #[error("`{state}` gives {sensitivity:?} cases to `{role}`, which is not cleared for them")]
    NotCleared {
        /// The state.
        state: StateName,
        /// The role.
        role: Role,
        /// Of which cases.
        sensitivity: Sensitivity,
    },
    /// A refusal can be appealed nowhere.
    #[error("`{state}` refuses, and offers no appeal and no outside remedy with a deadline")]
    NoAppeal {
        /// The end.
        state: StateName,
    },
    /// An appeal leads to where whoever decided may decide again.
    #[error("the appeal `{action}` leads to `{state}`, where whoever decided may decide again")]
    AppealToDecider {
        /// The action.
        action: ActionName,
        /// Where it leads.
        state: StateName,
    },
    /// A proposal leads to where whoever made it may approve it.
    #[error("the proposal `{action}` leads to `{state}`, where whoever made it may approve it")]
    SelfApproval {
        /// The action.
        action: ActionName,
        /// Where it leads.
        state: StateName,
    },
    /// The complainant would decide their own case.
    #[error("by `{action}` the complainant decides their own case")]
    DecidedByComplainant {
        /// The action.
        action: ActionName,
    },
    /// An officer could withdraw somebody's complaint.
    #[error("by `{action}` someone else withdraws the complaint")]
    WithdrawnByAnother {
        /// The action.
        action: ActionName,
    },
    /// An action of this kind does not lead from there.
    #[error("`{action}` is not of a kind that leads from `{state}`")]
    WrongKind {
        /// The action.
        action: ActionName,
        /// The state.
        state: StateName,
    },
    /// A state is both open and an end, or has what only the other has.
    #[error("`{state}` is half open state, half end")]
    Mixed {
        /// The state.
        state: StateName,
    },
    /// An action leads from nowhere, or nobody may take it.
    #[error("nobody can ever take `{action}`")]
    IdleAction {
        /// The action.
        action: ActionName,
    },
    /// A clock, a window, an extension or the calendar makes no sense.
    #[error("`{what}` is zero, too long or impossible")]
    BadTime {
        /// Which.
        what: String,
    },
    /// There is more of something than a workflow may hold.
    #[error("there are too many {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
    },
}

/// All that is wrong with a workflow. Never empty.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Defects(pub(super) Vec<Defect>);

impl Defects {
    /// Each defect.
    pub fn iter(&self) -> std::slice::Iter<'_, Defect> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Defects {
    type Item = &'a Defect;
    type IntoIter = std::slice::Iter<'a, Defect>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the workflow cannot be used")?;
        let mut before = ": ";
        for defect in self {
            write!(f, "{before}{defect}")?;
            before = "; ";
        }
        Ok(())
    }
}

impl std::error::Error for Defects {}
