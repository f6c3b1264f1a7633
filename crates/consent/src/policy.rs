use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, Version};

use crate::limits::STATEMENTS_MAX;
use crate::{
    Basis, FieldName, PolicyDigest, PolicyRef, Recipient, Request, SpecialCategory,
    SpecialCondition,
};

mod statement;

pub use statement::{BasisStatement, Prohibition, StatementId};

/// What the controller is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "what a public authority may not do must never fall under a wildcard"
)]
pub enum ControllerKind {
    /// An authority in the performance of its tasks.
    PublicAuthority,
    /// Anybody else: a society, a company.
    Other,
}

/// A register of uses as somebody writes it down, not yet checked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewPolicy {
    /// Counts the policies of this controller.
    pub version: Version,
    /// Who answers for the data.
    pub controller: Recipient,
    /// What the controller is.
    pub controller_kind: ControllerKind,
    /// What is permitted, on what basis.
    pub statements: Vec<BasisStatement>,
    /// What is forbidden.
    #[serde(default)]
    pub prohibitions: Vec<Prohibition>,
    /// Which fields tell of a special category.
    #[serde(default)]
    pub special: BTreeMap<FieldName, SpecialCategory>,
}

impl NewPolicy {
    /// A policy that permits nothing.
    #[must_use]
    pub const fn new(
        version: Version,
        controller: Recipient,
        controller_kind: ControllerKind,
    ) -> Self {
        Self {
            version,
            controller,
            controller_kind,
            statements: Vec::new(),
            prohibitions: Vec::new(),
            special: BTreeMap::new(),
        }
    }

    /// The same, with one more statement.
    #[must_use]
    pub fn with(mut self, statement: BasisStatement) -> Self {
        self.statements.push(statement);
        self
    }

    /// The same, with one more prohibition.
    #[must_use]
    pub fn forbidding(mut self, prohibition: Prohibition) -> Self {
        self.prohibitions.push(prohibition);
        self
    }

    /// The same, where `field` tells of `category`.
    #[must_use]
    pub fn with_special(mut self, field: FieldName, category: SpecialCategory) -> Self {
        self.special.insert(field, category);
        self
    }
}

/// A controller's register of uses: what may be done with people's data, on
/// what lawful basis. Data, not code: versioned, digested, and checked before
/// it decides anything.
///
/// What no statement covers is denied, and a prohibition wins over every
/// statement.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "NewPolicy", into = "NewPolicy")]
pub struct Policy {
    body: NewPolicy,
    digest: PolicyDigest,
}

impl Policy {
    /// The policy that `body` says.
    ///
    /// # Errors
    ///
    /// [`Invalid`], with the position of the statement or prohibition,
    ///
    /// - for an id used twice, an empty scope or citation, or a limit passed;
    /// - for a legitimate interest of a public authority, or one without a
    ///   balancing test;
    /// - for a field of a special category in a statement that names no
    ///   condition for it.
    pub fn new(body: NewPolicy) -> Result<Self, Invalid> {
        if body.statements.len() > STATEMENTS_MAX || body.prohibitions.len() > STATEMENTS_MAX {
            return Err(Invalid::new(
                "statements",
                format!("must be at most {STATEMENTS_MAX}"),
            ));
        }
        let mut ids = BTreeSet::new();
        for (at, statement) in body.statements.iter().enumerate() {
            if !ids.insert(&statement.id) {
                return Err(Invalid::new("statement id", "must be used once").at(at));
            }
            check_statement(&body, statement).map_err(|invalid| invalid.at(at))?;
        }
        for (at, prohibition) in body.prohibitions.iter().enumerate() {
            if !ids.insert(&prohibition.id) {
                return Err(Invalid::new("prohibition id", "must be used once").at(at));
            }
            prohibition.check().map_err(|invalid| invalid.at(at))?;
        }
        let digest = PolicyDigest::of(&body)?;
        Ok(Self { body, digest })
    }

    /// Which version of the controller's policy it is.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.body.version
    }

    /// What it says, in 32 bytes.
    #[must_use]
    pub const fn digest(&self) -> PolicyDigest {
        self.digest
    }

    /// How a decision names it.
    #[must_use]
    pub const fn reference(&self) -> PolicyRef {
        PolicyRef::new(self.body.version, self.digest)
    }

    /// Who answers for the data.
    #[must_use]
    pub const fn controller(&self) -> &Recipient {
        &self.body.controller
    }

    /// What is permitted, in the order of the policy.
    #[must_use]
    pub fn statements(&self) -> &[BasisStatement] {
        &self.body.statements
    }

    /// What is forbidden, in the order of the policy.
    #[must_use]
    pub fn prohibitions(&self) -> &[Prohibition] {
        &self.body.prohibitions
    }

    /// The special category of which `field` tells, if any.
    #[must_use]
    pub fn special(&self, field: &FieldName) -> Option<&SpecialCategory> {
        self.body.special.get(field)
    }

    /// The fields of `request` about which its subject is to be asked, for
    /// nothing else permits their use on `today`: those under a statement of
    /// consent, or under a condition of explicit consent.
    ///
    /// Nobody is asked about what rests on law. A yes would be no choice.
    #[must_use]
    pub fn asks_consent_for(&self, request: &Request, today: NaiveDate) -> BTreeSet<FieldName> {
        let asks = |field: &&FieldName| {
            let mut covering = self
                .lawful_first()
                .map(|(_, statement)| statement)
                .filter(|s| s.covers(request, field) && s.validity.holds_on(today))
                .map(|s| s.basis.is_consent() || self.needs_explicit(s, field))
                .peekable();
            covering.peek().is_some()
                && covering.all(|asks| asks)
                && !self
                    .prohibitions()
                    .iter()
                    .any(|p| p.forbids(request, field, today))
        };
        request.fields().iter().filter(asks).cloned().collect()
    }

    /// The statements by position: those that need no consent first.
    pub(crate) fn lawful_first(&self) -> impl Iterator<Item = (usize, &BasisStatement)> {
        let of = |consent: bool| {
            self.statements()
                .iter()
                .enumerate()
                .filter(move |(_, statement)| statement.basis.is_consent() == consent)
        };
        of(false).chain(of(true))
    }

    /// Whether `statement` covers `field` only on explicit consent.
    pub(crate) fn needs_explicit(&self, statement: &BasisStatement, field: &FieldName) -> bool {
        self.special(field)
            .and_then(|category| statement.conditions.get(category))
            .is_some_and(|condition| condition.kind == SpecialCondition::ExplicitConsent)
    }
}

fn check_statement(policy: &NewPolicy, statement: &BasisStatement) -> Result<(), Invalid> {
    statement.check()?;
    if matches!(statement.basis, Basis::LegitimateInterest { .. })
        && policy.controller_kind == ControllerKind::PublicAuthority
    {
        return Err(Invalid::new(
            "basis",
            "must not be legitimate interest where a public authority performs its tasks",
        ));
    }
    let unconditional = statement.fields.iter().any(|field| {
        policy
            .special
            .get(field)
            .is_some_and(|category| !statement.conditions.contains_key(category))
    });
    if unconditional {
        return Err(Invalid::new(
            "conditions",
            "must name one for each special category among the fields",
        ));
    }
    Ok(())
}

impl TryFrom<NewPolicy> for Policy {
    type Error = Invalid;

    fn try_from(body: NewPolicy) -> Result<Self, Invalid> {
        Self::new(body)
    }
}

impl From<Policy> for NewPolicy {
    fn from(policy: Policy) -> Self {
        policy.body
    }
}

#[cfg(test)]
mod tests {
    use solidarity_core::{Purpose, Validity};

    use super::*;

    fn since() -> Validity {
        Validity::since(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap())
    }

    fn statement(id: &str, basis: Basis) -> BasisStatement {
        BasisStatement::new(id, basis, "Act 1, s. 2", since())
            .unwrap()
            .purposes([Purpose::from_static("payment")])
            .fields([FieldName::from_static("name")])
            .recipients([Recipient::from_static("bank")])
    }

    fn new(kind: ControllerKind) -> NewPolicy {
        NewPolicy::new(Version::FIRST, Recipient::from_static("ministry"), kind)
    }

    fn interest(balancing_test: &str) -> Basis {
        Basis::LegitimateInterest {
            balancing_test: balancing_test.to_owned(),
        }
    }

    #[test]
    fn a_policy_is_checked_before_it_decides() {
        let authority = || new(ControllerKind::PublicAuthority);
        let law = || statement("a", Basis::PublicTask);
        let forbids = |id| Prohibition::new(id, "Act 1, s. 9", since()).unwrap();
        let mut uncited = law();
        uncited.citation = " ".to_owned();
        for (policy, rule) in [
            (authority().with(law()).with(law()), "must be used once"),
            (
                authority().with(law()).forbidding(forbids("a")),
                "must be used once",
            ),
            (authority().with(uncited), "must not be empty"),
            (authority().with(law().fields([])), "must be 1 to 256"),
            (authority().with(law().purposes([])), "must be 1 to 256"),
            (authority().with(law().recipients([])), "must be 1 to 256"),
            (
                authority().forbidding(forbids("b").fields([])),
                "must be 1 to 256",
            ),
            (
                authority().with(law().kept_for_days(36_601)),
                "must be at most 36600 days",
            ),
            (
                authority().with(statement("a", interest("test 4"))),
                "must not be legitimate interest where a public authority performs its tasks",
            ),
            (
                new(ControllerKind::Other).with(statement("a", interest(""))),
                "must not be empty",
            ),
            (
                authority()
                    .with(law())
                    .with_special(FieldName::from_static("name"), SpecialCategory::ETHNICITY),
                "must name one for each special category among the fields",
            ),
        ] {
            let invalid = Policy::new(policy).unwrap_err();
            assert_eq!(invalid.rule(), rule);
            assert!(invalid.position().is_some(), "{rule}");
        }
        assert!(
            Policy::new(new(ControllerKind::Other).with(statement("a", interest("t")))).is_ok()
        );
    }

    #[test]
    fn the_number_of_statements_is_limited() {
        for (count, held) in [
            (STATEMENTS_MAX - 1, true),
            (STATEMENTS_MAX, true),
            (STATEMENTS_MAX + 1, false),
        ] {
            let mut policy = new(ControllerKind::PublicAuthority);
            policy.statements = (0..count)
                .map(|n| statement(&format!("s{n}"), Basis::PublicTask))
                .collect();
            assert_eq!(Policy::new(policy).is_ok(), held, "{count}");
        }
    }

    #[test]
    fn a_digest_changes_with_what_is_said_and_with_nothing_else() {
        let fields = |names: [&'static str; 2]| {
            let statement =
                statement("a", Basis::PublicTask).fields(names.map(FieldName::from_static));
            Policy::new(new(ControllerKind::PublicAuthority).with(statement)).unwrap()
        };
        let policy = fields(["name", "account"]);
        assert_eq!(policy.digest(), fields(["account", "name"]).digest());
        assert_ne!(policy.digest(), fields(["phone", "name"]).digest());

        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    }

    #[test]
    fn a_misspelt_prohibition_is_not_overlooked() {
        let policy = Policy::new(new(ControllerKind::PublicAuthority)).unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        let misspelt = json.replace("prohibitions", "prohibition");
        assert!(serde_json::from_str::<Policy>(&misspelt).is_err());
    }
}
