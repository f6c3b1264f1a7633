use serde::{Deserialize, Serialize};
use solidarity_core::{ActorId, CaseId, Invalid, Pii, Stamp, Version};

use crate::limits::REMEDIES_MAX;
use crate::new_case::check_words;
use crate::{
    ActionName, Concern, MessageKind, Officer, ReasonCode, Remedy, Sensitivity, StateName, Told,
};

/// Who acts on a case.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever routes cases must look at every party"
)]
pub enum Party {
    /// An officer.
    Officer(Officer),
    /// Whoever complained, known by the receipt code.
    Complainant,
    /// The program itself, because time has passed or a message went out.
    System,
}

/// What is done to a case.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// An action of the workflow.
    Take {
        /// Which one.
        action: ActionName,
        /// What is said with it: the answer, where it ends the case; the
        /// grounds, where the complainant takes it.
        #[serde(with = "solidarity_core::exposed", default)]
        words: Option<Pii<String>>,
        /// What the complainant is owed, where it finds them right.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remedies: Vec<Remedy>,
    },
    /// Gives the case to an officer, also to oneself.
    Assign {
        /// Whom.
        to: Officer,
    },
    /// Adds a remark. It moves no clock.
    Comment {
        /// The remark.
        #[serde(with = "solidarity_core::exposed")]
        words: Pii<String>,
    },
    /// Gives more time: for a stated reason, within the workflow's cap, and
    /// never to oneself.
    Extend {
        /// Why.
        reason: ReasonCode,
        /// How much.
        working_days: u16,
    },
    /// Keeps someone away from the case for good: a conflict of interest was
    /// found, or an officer recuses themself.
    Exclude {
        /// Whom.
        concern: Concern,
    },
    /// Protects the case more. It is never protected less.
    Raise {
        /// How sensitive it is.
        to: Sensitivity,
    },
    /// Moves the case up the ladder because its clock ran out.
    Escalate {
        /// The rung, from 1.
        level: u8,
    },
    /// Records what came of telling the complainant.
    Told {
        /// What they were to be told.
        message: MessageKind,
        /// What came of it.
        outcome: Told,
    },
    /// The complainant has read the answer that waited for them.
    PickUp,
    /// The complainant says how well they were served.
    Rate {
        /// From 1, badly, to 5.
        score: u8,
    },
    /// A remedy has been carried out.
    CarryOut {
        /// Its position among the remedies owed, from 0.
        remedy: u8,
    },
}

impl Step {
    /// The action `name`, without a word.
    #[must_use]
    pub const fn take(name: ActionName) -> Self {
        Self::Take {
            action: name,
            words: None,
            remedies: Vec::new(),
        }
    }

    /// The action `name`, saying `words`.
    pub fn say(name: ActionName, words: impl Into<String>) -> Self {
        Self::Take {
            action: name,
            words: Some(Pii::new(words.into())),
            remedies: Vec::new(),
        }
    }

    /// The action `name`, which finds for the complainant: `words` is the
    /// answer, `remedies` what they are owed.
    pub fn redress(
        name: ActionName,
        words: impl Into<String>,
        remedies: impl IntoIterator<Item = Remedy>,
    ) -> Self {
        Self::Take {
            action: name,
            words: Some(Pii::new(words.into())),
            remedies: remedies.into_iter().collect(),
        }
    }

    pub(crate) const fn verb(&self) -> &'static str {
        match self {
            Self::Take { .. } => "take",
            Self::Assign { .. } => "assign",
            Self::Comment { .. } => "comment",
            Self::Extend { .. } => "extend",
            Self::Exclude { .. } => "exclude",
            Self::Raise { .. } => "raise",
            Self::Escalate { .. } => "escalate",
            Self::Told { .. } => "told",
            Self::PickUp => "pick-up",
            Self::Rate { .. } => "rate",
            Self::CarryOut { .. } => "carry-out",
        }
    }
}

/// A step and who takes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Act {
    /// Who.
    pub by: Party,
    /// What.
    pub step: Step,
}

impl Act {
    /// `step`, by an officer.
    #[must_use]
    pub const fn by_officer(officer: Officer, step: Step) -> Self {
        Self {
            by: Party::Officer(officer),
            step,
        }
    }

    /// `step`, by whoever complained.
    #[must_use]
    pub const fn by_complainant(step: Step) -> Self {
        Self {
            by: Party::Complainant,
            step,
        }
    }

    /// `step`, by the program itself.
    #[must_use]
    pub const fn by_system(step: Step) -> Self {
        Self {
            by: Party::System,
            step,
        }
    }

    /// Checks the limits, and that an officer acts under their own name.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the field and the rule.
    pub fn check(&self, actor: ActorId) -> Result<(), Invalid> {
        if let Party::Officer(officer) = &self.by {
            officer.check()?;
            if officer.actor != actor {
                return Err(Invalid::new("actor", "must be the officer who acts"));
            }
        }
        match &self.step {
            Step::Take {
                words, remedies, ..
            } => {
                if remedies.len() > REMEDIES_MAX {
                    return Err(Invalid::new(
                        "remedies",
                        format!("must be at most {REMEDIES_MAX}"),
                    ));
                }
                words
                    .iter()
                    .try_for_each(|words| check_words("words", words))
            }
            Step::Comment { words } => check_words("words", words),
            Step::Assign { to } => to.check(),
            Step::Extend {
                working_days: 0, ..
            } => Err(Invalid::new("working days", "must not be zero")),
            Step::Rate { score } if !(1..=5).contains(score) => {
                Err(Invalid::new("score", "must be 1 to 5"))
            }
            _ => Ok(()),
        }
    }
}

/// One act that was done: a line of a case's history.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Event {
    case: CaseId,
    version: Version,
    stamp: Stamp,
    act: Act,
    state: StateName,
}

impl Event {
    pub(crate) const fn new(
        case: CaseId,
        version: Version,
        stamp: Stamp,
        act: Act,
        state: StateName,
    ) -> Self {
        Self {
            case,
            version,
            stamp,
            act,
            state,
        }
    }

    /// Which case.
    #[must_use]
    pub const fn case(&self) -> CaseId {
        self.case
    }

    /// The case's version after the act.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// When it was recorded, by whom, why.
    #[must_use]
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// What was done.
    #[must_use]
    pub const fn act(&self) -> &Act {
        &self.act
    }

    /// The case's state after the act.
    #[must_use]
    pub const fn state(&self) -> &StateName {
        &self.state
    }

    /// Whether doing `act` as `actor` is this again, its answer having been
    /// lost.
    #[must_use]
    pub fn repeats(&self, act: &Act, actor: ActorId) -> bool {
        self.act == *act && self.stamp.actor() == actor
    }
}
