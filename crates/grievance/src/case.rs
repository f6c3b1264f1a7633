use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{ActorId, CaseId, Pii, Stamp, Version};

use crate::{
    Concern, MessageKind, NewCase, Officer, Outcome, OwedRemedy, Role, Sensitivity, StateName, Told,
};

/// A complaint and all that was decided about it.
///
/// It changes only through [`transition`](crate::transition). What depends on
/// the time of day, such as whether it is overdue, it does not hold:
/// [`clock_state`](crate::clock_state) computes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Case {
    pub(crate) id: CaseId,
    pub(crate) version: Version,
    pub(crate) opened: Stamp,
    pub(crate) new: NewCase,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) concerns: BTreeSet<Concern>,
    pub(crate) state: StateName,
    pub(crate) standing: Standing,
    pub(crate) intake_told: Option<Told>,
    pub(crate) waiting_since: DateTime<Utc>,
    pub(crate) extended_days: u16,
    pub(crate) deciders: BTreeSet<ActorId>,
    pub(crate) answer: Option<Answer>,
    pub(crate) remedies: Vec<OwedRemedy>,
    pub(crate) appeals: u16,
    pub(crate) rating: Option<u8>,
    pub(crate) last_at: DateTime<Utc>,
}

/// Whether a case is being worked on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "it is a life cycle: an open case must never pass for an ended one"
)]
pub enum Standing {
    /// It is with a role, and its clock runs.
    Open(Post),
    /// It was decided, withdrawn, noted or sent elsewhere.
    Ended(Ending),
}

/// With whom an open case is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Post {
    pub(crate) role: Role,
    pub(crate) owner: Option<Officer>,
    pub(crate) since: DateTime<Utc>,
    pub(crate) level: u8,
    pub(crate) extended_days: u16,
}

impl Post {
    /// The role that answers for it.
    #[must_use]
    pub const fn role(&self) -> &Role {
        &self.role
    }

    /// The officer of that role who has taken it or been given it.
    #[must_use]
    pub const fn owner(&self) -> Option<&Officer> {
        self.owner.as_ref()
    }

    /// When it came into this state: where the state's clock starts.
    #[must_use]
    pub const fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// How far up the ladder it has gone; 0 while it is with the state's own
    /// role.
    #[must_use]
    pub const fn level(&self) -> u8 {
        self.level
    }
}

/// How and when a case ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ending {
    pub(crate) outcome: Outcome,
    pub(crate) at: DateTime<Utc>,
}

impl Ending {
    /// How.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

/// What the complainant was answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Answer {
    #[serde(with = "solidarity_core::exposed")]
    pub(crate) words: Pii<String>,
    pub(crate) version: Version,
    pub(crate) delivery: Delivery,
}

impl Answer {
    /// The answer.
    #[must_use]
    pub const fn words(&self) -> &Pii<String> {
        &self.words
    }

    /// The version of the case that it came with.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Whether it has reached the complainant.
    #[must_use]
    pub const fn delivery(&self) -> Delivery {
        self.delivery
    }
}

/// Whether an answer has reached the complainant. Until it has, it waits
/// under the receipt code, and what they may do about it does not expire.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "an answer that waits must never pass for one that arrived"
)]
pub enum Delivery {
    /// It waits, and nobody was told.
    Waiting,
    /// A message about it is on its way.
    Queued,
    /// The complainant was told that it waits, by a way that others may read.
    Announced,
    /// The complainant could not be reached. It waits.
    CouldNotReach,
    /// The complainant has it.
    Reached {
        /// Since when.
        at: DateTime<Utc>,
    },
}

impl Case {
    /// Names the case.
    #[must_use]
    pub const fn id(&self) -> CaseId {
        self.id
    }

    /// How often it has been written.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// When it was recorded, by whom, why.
    #[must_use]
    pub const fn opened(&self) -> &Stamp {
        &self.opened
    }

    /// What was said when it came in. Who complained, and in what words, is
    /// sealed: show an officer a [`CaseView`](crate::CaseView) instead.
    #[must_use]
    pub const fn new_case(&self) -> &NewCase {
        &self.new
    }

    /// How sensitive it is.
    #[must_use]
    pub const fn sensitivity(&self) -> Sensitivity {
        self.sensitivity
    }

    /// Whom it is about, and who therefore never handles it.
    #[must_use]
    pub const fn concerns(&self) -> &BTreeSet<Concern> {
        &self.concerns
    }

    /// The state of the workflow that it is in.
    #[must_use]
    pub const fn state(&self) -> &StateName {
        &self.state
    }

    /// Whether it is being worked on.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// With whom it is, while it is open.
    #[must_use]
    pub const fn post(&self) -> Option<&Post> {
        match &self.standing {
            Standing::Open(post) => Some(post),
            Standing::Ended(_) => None,
        }
    }

    /// How it ended, once it has.
    #[must_use]
    pub const fn ending(&self) -> Option<&Ending> {
        match &self.standing {
            Standing::Open(_) => None,
            Standing::Ended(ending) => Some(ending),
        }
    }

    /// What came of telling the complainant that the complaint came in.
    #[must_use]
    pub const fn intake_told(&self) -> Option<Told> {
        self.intake_told
    }

    /// When the complaint came in, or the appeal or reopening that is being
    /// answered: where the clock of the whole round starts. No handler moves
    /// it.
    #[must_use]
    pub const fn waiting_since(&self) -> DateTime<Utc> {
        self.waiting_since
    }

    /// Who took a decision in it. None of them decides an appeal.
    #[must_use]
    pub const fn deciders(&self) -> &BTreeSet<ActorId> {
        &self.deciders
    }

    /// The latest answer.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// What the complainant is owed, in the order in which it was found.
    #[must_use]
    pub fn remedies(&self) -> &[OwedRemedy] {
        &self.remedies
    }

    /// How often it was appealed.
    #[must_use]
    pub const fn appeals(&self) -> u16 {
        self.appeals
    }

    /// How the complainant rated the service, 1 to 5, if they did.
    #[must_use]
    pub const fn rating(&self) -> Option<u8> {
        self.rating
    }

    /// What the complainant is still to be told, where they can be: the
    /// answer, once there is one, and until then that the complaint came in.
    #[must_use]
    pub const fn untold(&self) -> Option<MessageKind> {
        if self.new.safe_contact.is_none() {
            return None;
        }
        match (&self.answer, &self.standing, self.intake_told) {
            (Some(answer), _, _) => match answer.delivery {
                Delivery::Waiting | Delivery::Queued => Some(MessageKind::Answered),
                Delivery::Announced | Delivery::CouldNotReach | Delivery::Reached { .. } => None,
            },
            (None, Standing::Open(_), None | Some(Told::Queued)) => Some(MessageKind::Received),
            (None, _, _) => None,
        }
    }
}
