use chrono::{DateTime, Utc};
use solidarity_core::{CaseId, Pii, PlaceId, SafeContact, Version};

use crate::clock::window;
use crate::workflow::Stage;
use crate::{
    ActionKind, ActionName, Case, CategoryCode, CheckedWorkflow, ClockState, Complainant, Matter,
    Officer, Outcome, OutsideRemedy, OwedRemedy, Party, Phase, Refusal, Role, Sensitivity,
    StateName, Until, available, clock_state, deadline, may_handle, phase,
};

/// What an officer sees of a case.
///
/// Whom the case concerns, and who is not cleared for it, sees nothing of it,
/// not even that it is there. Who complained is shown only to roles whose
/// work needs it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CaseView {
    /// Which case.
    pub id: CaseId,
    /// The version to act on.
    pub version: Version,
    /// The state of its workflow.
    pub state: StateName,
    /// What it is about.
    pub category: CategoryCode,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// When it came in.
    pub received_at: DateTime<Utc>,
    /// What was said.
    pub words: Pii<String>,
    /// What it disputes.
    pub matter: Option<Matter>,
    /// Where it happened.
    pub place: Option<PlaceId>,
    /// Who complained. `None` where the officer's roles do not learn it.
    pub complainant: Option<Complainant>,
    /// How they are reached. `None` where the officer's roles do not learn it,
    /// or there is no safe way.
    pub safe_contact: Option<SafeContact>,
    /// The role that answers for it, while it is open.
    pub role: Option<Role>,
    /// How it stands by its clock.
    pub clock: ClockState,
    /// What the officer may do.
    pub actions: Vec<ActionName>,
}

impl CaseView {
    /// What `officer` sees of `case` at `now`.
    ///
    /// # Errors
    ///
    /// [`Refusal::ConflictOfInterest`] or [`Refusal::NotCleared`].
    pub fn new(
        workflow: &CheckedWorkflow,
        case: &Case,
        officer: &Officer,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        may_handle(workflow, case, officer)?;
        let new = &case.new;
        let knows = officer.roles.iter().any(|role| {
            workflow.is_cleared(role, case.sensitivity) && workflow.sees_complainant(role)
        });
        let by = Party::Officer(officer.clone());
        let actions = available(workflow, case, &by, now);
        Ok(Self {
            id: case.id,
            version: case.version,
            state: case.state.clone(),
            category: new.category.clone(),
            sensitivity: case.sensitivity,
            received_at: new.received_at,
            words: new.words.clone(),
            matter: new.matter,
            place: new.place,
            complainant: knows.then(|| new.complainant.clone()),
            safe_contact: new.safe_contact.clone().filter(|_| knows),
            role: case.post().map(|post| post.role.clone()),
            clock: clock_state(workflow, case, now),
            actions: actions.into_iter().cloned().collect(),
        })
    }
}

/// What a complainant sees of their case under the receipt code.
///
/// It names no officer and repeats nothing of the complaint, in case someone
/// else holds the code.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Status {
    /// The version to act on.
    pub version: Version,
    /// The state of its workflow.
    pub state: StateName,
    /// Whether it is being worked on, can still be taken further, or is over.
    pub phase: Phase,
    /// When the complaint came in.
    pub received_at: DateTime<Utc>,
    /// By when the next thing should happen, while it is open.
    pub due: Option<DateTime<Utc>>,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// The latest answer.
    pub answer: Option<Pii<String>>,
    /// What they are owed, and whether it was carried out.
    pub remedies: Vec<OwedRemedy>,
    /// What they may do.
    pub actions: Vec<ActionName>,
    /// Until when they may appeal, where there is an appeal.
    pub appeal_until: Option<Until>,
    /// Where else they can go, at last instance.
    pub outside: Option<OutsideRemedy>,
}

impl Status {
    /// What the complainant sees of `case` at `now`.
    #[must_use]
    pub fn new(workflow: &CheckedWorkflow, case: &Case, now: DateTime<Utc>) -> Self {
        let mut leaving = workflow.actions_from(&case.state);
        let appeal = leaving.any(|action| action.kind == ActionKind::Appeal);
        let outside = match workflow.stage(&case.state) {
            Some(Stage::End { outside, .. }) => outside.clone(),
            Some(Stage::Open(_)) | None => None,
        };
        let actions = available(workflow, case, &Party::Complainant, now);
        Self {
            version: case.version,
            state: case.state.clone(),
            phase: phase(workflow, case, now),
            received_at: case.new.received_at,
            due: deadline(workflow, case),
            outcome: case.ending().map(|ending| ending.outcome),
            answer: case.answer.as_ref().map(|answer| answer.words.clone()),
            remedies: case.remedies.clone(),
            actions: actions.into_iter().cloned().collect(),
            appeal_until: window(workflow, case, ActionKind::Appeal).filter(|_| appeal),
            outside,
        }
    }
}
