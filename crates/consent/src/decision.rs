use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{Access, AccessId, AccessKind, ConsentId, Invalid, Stamp, Version};

use crate::{
    Basis, Consent, FieldName, Notify, Policy, PolicyDigest, Request, SpecialCategory, StatementId,
    Uses, decide,
};

/// A policy, by version and digest.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct PolicyRef {
    version: Version,
    digest: PolicyDigest,
}

impl PolicyRef {
    pub(crate) const fn new(version: Version, digest: PolicyDigest) -> Self {
        Self { version, digest }
    }

    /// Which version of the controller's policy.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// What it says, in 32 bytes.
    #[must_use]
    pub const fn digest(&self) -> PolicyDigest {
        self.digest
    }
}

/// A consent, as it stood at a version.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ConsentRef {
    id: ConsentId,
    version: Version,
}

impl ConsentRef {
    pub(crate) const fn new(id: ConsentId, version: Version) -> Self {
        Self { id, version }
    }

    /// The consent.
    #[must_use]
    pub const fn id(&self) -> ConsentId {
        self.id
    }

    /// Its version.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }
}

/// Fields that may be used, why, and under which obligations.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Grant {
    /// The statement of the policy that permits it.
    pub statement: StatementId,
    /// Its basis.
    pub basis: Basis,
    /// The law, contract or decision that it cites.
    pub citation: String,
    /// The consent that it rests on, where the basis or the condition of a
    /// special category needs one.
    pub consent: Option<ConsentRef>,
    /// The fields that may be used, and no others.
    pub fields: BTreeSet<FieldName>,
    /// The special categories among them.
    pub special: BTreeSet<SpecialCategory>,
    /// How many days the recipient may keep them: the least of what policy
    /// and consent allow.
    pub retention_days: u32,
    /// What is owed to the person.
    pub notify: Notify,
}

/// Why a field is withheld.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a caller must not treat a refusal as a question not yet asked"
)]
pub enum Reason {
    /// A prohibition stands against it, whatever else permits it.
    Forbidden {
        /// The prohibition.
        prohibition: StatementId,
    },
    /// No statement covers this field for this purpose and recipient.
    NoBasis,
    /// A statement covers it on other days.
    BasisNotInForce {
        /// The statement.
        statement: StatementId,
    },
    /// It needs consent, and nobody asked.
    NotAsked {
        /// The statement that needs it.
        statement: StatementId,
    },
    /// They were asked and have not answered.
    Unanswered {
        /// The consent asked for.
        consent: ConsentRef,
    },
    /// They said no.
    Refused {
        /// The consent refused.
        consent: ConsentRef,
    },
    /// They took back their yes.
    Withdrawn {
        /// The consent withdrawn.
        consent: ConsentRef,
    },
    /// The time that they allowed is over.
    Expired {
        /// The consent.
        consent: ConsentRef,
    },
    /// A guardian spoke, whose authority has ended.
    Frozen {
        /// The consent.
        consent: ConsentRef,
    },
    /// The time that they allowed has not begun.
    NotYetValid {
        /// The consent.
        consent: ConsentRef,
    },
    /// They said yes, but not to a special category in so many words.
    NotExplicit {
        /// The consent.
        consent: ConsentRef,
    },
    /// The data were used as often as they allowed within the window.
    BudgetSpent {
        /// The consent.
        consent: ConsentRef,
    },
}

impl Reason {
    /// What would make the answer another.
    #[must_use]
    pub const fn what_would_change_it(&self) -> Remedy {
        match self {
            Self::Forbidden { .. } => Remedy::ChangeOfLaw,
            Self::NoBasis | Self::BasisNotInForce { .. } => Remedy::LawfulBasis,
            Self::NotAsked { .. } => Remedy::Ask,
            Self::Unanswered { .. } => Remedy::TheirAnswer,
            Self::Refused { .. } | Self::Withdrawn { .. } => Remedy::TheirOwnMotion,
            Self::Expired { .. } | Self::Frozen { .. } | Self::NotExplicit { .. } => {
                Remedy::AskAnew
            }
            Self::NotYetValid { .. } | Self::BudgetSpent { .. } => Remedy::Time,
        }
    }

    /// The consent that the reason is about.
    #[must_use]
    pub const fn consent(&self) -> Option<ConsentRef> {
        match self {
            Self::Forbidden { .. }
            | Self::NoBasis
            | Self::BasisNotInForce { .. }
            | Self::NotAsked { .. } => None,
            Self::Unanswered { consent }
            | Self::Refused { consent }
            | Self::Withdrawn { consent }
            | Self::Expired { consent }
            | Self::Frozen { consent }
            | Self::NotYetValid { consent }
            | Self::NotExplicit { consent }
            | Self::BudgetSpent { consent } => Some(*consent),
        }
    }

    /// How near to a yes: of several statements that withhold a field, the
    /// nearest one's reason is told.
    pub(crate) const fn nearness(&self) -> u8 {
        match self {
            Self::Forbidden { .. } | Self::NoBasis => 0,
            Self::BasisNotInForce { .. } => 1,
            Self::NotAsked { .. } => 2,
            _ => 3,
        }
    }
}

/// What would turn a *no* into a *yes*.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a caller must not ask again who has said no"
)]
pub enum Remedy {
    /// Nothing but another law.
    ChangeOfLaw,
    /// A lawful basis, cited and declared in the policy.
    LawfulBasis,
    /// Ask the person. They are free to say no.
    Ask,
    /// They were asked. It is for them to answer.
    TheirAnswer,
    /// They said no. It is for them to come back to it: nobody presses them.
    TheirOwnMotion,
    /// Ask the person anew.
    AskAnew,
    /// Time alone.
    Time,
}

/// Whether the data may be used.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a denial must never fall under a wildcard"
)]
pub enum Outcome {
    /// Some or all of the fields may be used.
    Permit {
        /// What may be used, on what basis, under which obligations.
        grants: Vec<Grant>,
        /// The fields asked for that may not be used, and why. Not empty
        /// where the request was narrowed.
        withheld: BTreeMap<FieldName, Reason>,
    },
    /// None may be used.
    Deny {
        /// Why, field by field.
        reasons: BTreeMap<FieldName, Reason>,
    },
}

/// A consent that was considered: at which version, and how often its budget
/// had been used.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Considered {
    /// The version at which it stood.
    pub version: Version,
    /// The uses within its running window; 0 without a budget.
    pub used: u32,
}

/// The answer to a request, and all that is needed to come to it again.
///
/// It names the policy by digest, and by version each consent that was about
/// the same person, purpose and recipient and any of the fields. What it names
/// gives the same decision, byte for byte, however much later
/// ([`replay`](Self::replay)).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Decision {
    request: Request,
    policy: PolicyRef,
    considered: BTreeMap<ConsentId, Considered>,
    at: DateTime<Utc>,
    outcome: Outcome,
}

impl Decision {
    pub(crate) const fn new(
        request: Request,
        policy: PolicyRef,
        considered: BTreeMap<ConsentId, Considered>,
        at: DateTime<Utc>,
        outcome: Outcome,
    ) -> Self {
        Self {
            request,
            policy,
            considered,
            at,
            outcome,
        }
    }

    /// What was wanted.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The policy that decided.
    #[must_use]
    pub const fn policy(&self) -> &PolicyRef {
        &self.policy
    }

    /// The consents that were considered.
    #[must_use]
    pub const fn considered(&self) -> &BTreeMap<ConsentId, Considered> {
        &self.considered
    }

    /// The moment for which it was decided.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Whether the data may be used.
    #[must_use]
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What may be used. Empty for a denial.
    #[must_use]
    pub fn grants(&self) -> &[Grant] {
        match &self.outcome {
            Outcome::Permit { grants, .. } => grants,
            Outcome::Deny { .. } => &[],
        }
    }

    /// The fields that may be used: always among those asked for.
    #[must_use]
    pub fn allowed_fields(&self) -> BTreeSet<&FieldName> {
        self.grants()
            .iter()
            .flat_map(|grant| &grant.fields)
            .collect()
    }

    /// The fields that may not be used, and why.
    #[must_use]
    pub const fn withheld(&self) -> &BTreeMap<FieldName, Reason> {
        match &self.outcome {
            Outcome::Permit { withheld, .. } => withheld,
            Outcome::Deny { reasons } => reasons,
        }
    }

    /// Whether less may be used than was asked for, but something.
    #[must_use]
    pub fn narrowed(&self) -> bool {
        matches!(&self.outcome, Outcome::Permit { withheld, .. } if !withheld.is_empty())
    }

    /// The consents on which what may be used rests.
    #[must_use]
    pub fn consents_used(&self) -> BTreeSet<ConsentRef> {
        self.grants()
            .iter()
            .filter_map(|grant| grant.consent)
            .collect()
    }

    /// The entry that whoever uses the data writes to the
    /// [`AccessLog`](solidarity_core::AccessLog), before they read any. `None`
    /// for a denial: there is nothing to read.
    ///
    /// # Errors
    ///
    /// None today; [`Invalid`] is what the entry's own rules may say.
    pub fn access(&self, id: AccessId, stamp: Stamp) -> Result<Option<Access>, Invalid> {
        if self.grants().is_empty() {
            return Ok(None);
        }
        let kind = AccessKind::from_static("data.share");
        Access::new(id, stamp, kind, vec![self.request.subject()]).map(Some)
    }

    /// Decides again, from nothing but what this decision names.
    ///
    /// `consents` are the person's, as they stand today: those that are named
    /// are taken back to the version that is named.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if `policy` is another, or a consent that is named is not
    /// among `consents`.
    pub fn replay(&self, policy: &Policy, consents: &[Consent]) -> Result<Self, Invalid> {
        if policy.reference() != self.policy {
            return Err(Invalid::new("policy", "must be the one that decided"));
        }
        let then = self
            .considered
            .iter()
            .map(|(id, considered)| {
                consents
                    .iter()
                    .find(|consent| consent.id() == *id)
                    .and_then(|consent| consent.at_version(considered.version))
                    .ok_or_else(|| Invalid::new("consents", "must hold those that decided"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let uses = self
            .considered
            .iter()
            .fold(Uses::none(), |uses, (id, considered)| {
                uses.with(*id, considered.used)
            });
        Ok(decide(policy, &then, &uses, &self.request, self.at))
    }
}
