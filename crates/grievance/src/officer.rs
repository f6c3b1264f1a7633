use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use solidarity_core::{ActorId, Invalid};

use crate::limits::{OFFICES_MAX, ROLES_MAX};
use crate::{OfficeCode, Role};

/// Someone who handles cases: who they are, what they may do, where they
/// work.
///
/// The caller has established all three; this block believes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Officer {
    /// Who they are.
    pub actor: ActorId,
    /// The roles that they hold.
    pub roles: BTreeSet<Role>,
    /// The offices that they belong to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub offices: BTreeSet<OfficeCode>,
}

impl Officer {
    /// An officer who holds `roles`.
    pub fn new(actor: ActorId, roles: impl IntoIterator<Item = Role>) -> Self {
        Self {
            actor,
            roles: roles.into_iter().collect(),
            offices: BTreeSet::new(),
        }
    }

    /// The same, of `office` too.
    #[must_use]
    pub fn of_office(mut self, office: OfficeCode) -> Self {
        self.offices.insert(office);
        self
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if self.roles.len() > ROLES_MAX {
            return Err(Invalid::new(
                "roles",
                format!("must be at most {ROLES_MAX}"),
            ));
        }
        if self.offices.len() > OFFICES_MAX {
            return Err(Invalid::new(
                "offices",
                format!("must be at most {OFFICES_MAX}"),
            ));
        }
        if self.roles.contains(&Role::COMPLAINANT) {
            return Err(Invalid::new("roles", "must not be the complainant's"));
        }
        Ok(())
    }
}

/// Whom or what a complaint is about, and who therefore never handles it.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever routes cases must look at every kind"
)]
pub enum Concern {
    /// A person or a system.
    Actor(ActorId),
    /// An office, with everything in it.
    Office(OfficeCode),
}

impl Concern {
    /// Whether `officer` is concerned.
    #[must_use]
    pub fn is_about(&self, officer: &Officer) -> bool {
        match self {
            Self::Actor(actor) => officer.actor == *actor,
            Self::Office(office) => officer.offices.iter().any(|own| own.is_within(office)),
        }
    }
}
