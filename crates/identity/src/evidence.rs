use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{ActorId, Invalid, PersonId, Stamp};

use crate::{Claim, ClaimId, FactName, Method};

solidarity_core::id! {
    /// One piece of evidence, the same for every answer to one claim.
    pub struct EvidenceId;
}

solidarity_core::code! {
    /// Where facts came from: `civil-register`, `payroll`.
    pub struct SourceCode;
}

/// That one method found somebody to be who they say they are: how, when,
/// through whom, and which facts were compared. Their names, never their
/// values.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EvidenceItem {
    id: EvidenceId,
    claim: ClaimId,
    person: PersonId,
    method: Method,
    at: DateTime<Utc>,
    by: ActorId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<SourceCode>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    facts: Vec<FactName>,
}

impl EvidenceItem {
    /// `method` verified `claim`.
    #[must_use]
    pub fn new(claim: &Claim, method: Method, stamp: &Stamp) -> Self {
        Self {
            id: EvidenceId::derive(&claim.id, method.as_str()),
            claim: claim.id,
            person: claim.person,
            method,
            at: stamp.at(),
            by: stamp.actor(),
            source: None,
            facts: Vec::new(),
        }
    }

    /// The same, from comparing `facts` with what `source` holds.
    #[must_use]
    pub fn comparing(mut self, facts: Vec<FactName>, source: SourceCode) -> Self {
        self.facts = facts;
        self.source = Some(source);
        self
    }

    /// Names the evidence.
    #[must_use]
    pub const fn id(&self) -> EvidenceId {
        self.id
    }

    /// The claim that it bears out.
    #[must_use]
    pub const fn claim(&self) -> ClaimId {
        self.claim
    }

    /// Who they are.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// How it was found.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Who asked.
    #[must_use]
    pub const fn by(&self) -> ActorId {
        self.by
    }

    /// Where the facts came from, if any were compared.
    #[must_use]
    pub const fn source(&self) -> Option<&SourceCode> {
        self.source.as_ref()
    }

    /// The facts that agreed.
    #[must_use]
    pub fn facts(&self) -> &[FactName] {
        &self.facts
    }
}

/// All that bears out one claim: at least one [`EvidenceItem`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<EvidenceItem>", into = "Vec<EvidenceItem>")]
pub struct Evidence {
    // INVARIANT: not empty; all items are of one claim.
    items: Vec<EvidenceItem>,
}

impl Evidence {
    /// Only `item`.
    #[must_use]
    pub fn of(item: EvidenceItem) -> Self {
        Self { items: vec![item] }
    }

    /// The same, and `others`, if they bear out the same claim.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if they do not: two claims never add up.
    pub fn and(self, others: Self) -> Result<Self, Invalid> {
        let mut items = self.items;
        items.extend(others.items);
        Self::try_from(items)
    }

    /// The items, in the order in which they were found.
    #[must_use]
    pub fn items(&self) -> &[EvidenceItem] {
        &self.items
    }

    /// The methods that found them.
    #[must_use]
    pub fn methods(&self) -> BTreeSet<Method> {
        self.items.iter().map(|item| item.method.clone()).collect()
    }

    /// Whether it bears out `claim`.
    #[must_use]
    pub fn is_of(&self, claim: &Claim) -> bool {
        self.items
            .iter()
            .all(|item| item.claim == claim.id && item.person == claim.person)
    }
}

impl TryFrom<Vec<EvidenceItem>> for Evidence {
    type Error = Invalid;

    fn try_from(items: Vec<EvidenceItem>) -> Result<Self, Invalid> {
        let Some(first) = items.first() else {
            return Err(Invalid::new("evidence", "must not be empty"));
        };
        let (claim, person) = (first.claim, first.person);
        match items
            .iter()
            .position(|item| (item.claim, item.person) != (claim, person))
        {
            Some(position) => Err(Invalid::new("evidence", "must be of one claim").at(position)),
            None => Ok(Self { items }),
        }
    }
}

impl From<Evidence> for Vec<EvidenceItem> {
    fn from(evidence: Evidence) -> Self {
        evidence.items
    }
}
