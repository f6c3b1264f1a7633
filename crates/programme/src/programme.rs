use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use solidarity_core::limits::{LINE_MAX_BYTES, NAME_MAX_BYTES};
use solidarity_core::{Currency, Invalid, ProgrammeId, Version, check_text};

use crate::fact::Members;
use crate::limits::{APPEAL_DAYS_MIN, DAYS_MAX, FACTS_MAX, NOTICE_DAYS_MIN, PRIORITIES_MAX};
use crate::rule::{Asked, Labels, check};
use crate::{Benefit, Digest, FactName, FactSchema, FactScope, Facts, Finding, ReasonCode, Rule};

/// The time that everybody has between a notice and its effect, and to appeal.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DueProcess {
    /// The fewest days between a notice and its effect.
    pub notice_days: u16,
    /// The days after a notice within which an appeal is in time.
    pub appeal_days: u16,
    /// What an appeal in time does to the action that it is against.
    #[serde(default)]
    pub appeal_effect: AppealEffect,
}

/// What an appeal in time does to the action that it is against.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "an appeal that holds a stop back must never fall under a wildcard"
)]
pub enum AppealEffect {
    /// While it is open, the action has no effect.
    #[default]
    Suspends,
    /// The action has its effect until the appeal is upheld.
    None,
}

impl DueProcess {
    /// Notice `notice_days` before the effect, and `appeal_days` to appeal; an
    /// appeal in time holds the action back.
    #[must_use]
    pub const fn new(notice_days: u16, appeal_days: u16) -> Self {
        Self {
            notice_days,
            appeal_days,
            appeal_effect: AppealEffect::Suspends,
        }
    }

    /// The same, but an appeal has another effect.
    #[must_use]
    pub const fn with_appeal_effect(mut self, effect: AppealEffect) -> Self {
        self.appeal_effect = effect;
        self
    }

    /// The first day on which what is noticed on `dated` may take effect.
    #[must_use]
    pub fn earliest_effect(&self, dated: NaiveDate) -> Option<NaiveDate> {
        dated.checked_add_days(Days::new(self.notice_days.into()))
    }

    /// The last day on which an appeal against what is noticed on `dated` is
    /// in time.
    #[must_use]
    pub fn appeal_until(&self, dated: NaiveDate) -> Option<NaiveDate> {
        dated.checked_add_days(Days::new(self.appeal_days.into()))
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if !(NOTICE_DAYS_MIN..=DAYS_MAX).contains(&self.notice_days) {
            return Err(Invalid::new(
                "notice_days",
                format!("must be {NOTICE_DAYS_MIN} to {DAYS_MAX}"),
            ));
        }
        if !(APPEAL_DAYS_MIN..=DAYS_MAX).contains(&self.appeal_days) {
            return Err(Invalid::new(
                "appeal_days",
                format!("must be {APPEAL_DAYS_MIN} to {DAYS_MAX}"),
            ));
        }
        Ok(())
    }
}

/// What moves a unit ahead where there is not money for all.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Priority {
    /// Its code.
    pub reason: ReasonCode,
    /// Of whom it holds.
    pub rule: Rule,
    /// What it is worth. Points are added up.
    pub points: u32,
}

impl Priority {
    /// `points`, where `rule` holds.
    #[must_use]
    pub const fn new(reason: ReasonCode, rule: Rule, points: u32) -> Self {
        Self {
            reason,
            rule,
            points,
        }
    }
}

/// What a programme states about itself, as data.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewProgramme {
    /// Names the programme, through all its versions.
    pub id: ProgrammeId,
    /// Which version of the statement this is.
    pub version: Version,
    /// What it is called.
    pub name: String,
    /// The law that it rests on: an act and its section.
    pub basis: String,
    /// The facts that it may ask for.
    pub facts: FactSchema,
    /// Who is eligible.
    pub eligibility: Rule,
    /// How much they get in each cycle; its currency is the programme's.
    pub benefit: Benefit,
    /// Who comes first where there is not money for all. Of equals, the lot
    /// decides.
    #[serde(default)]
    pub priorities: Vec<Priority>,
    /// The notice and the appeal that everybody has.
    pub due_process: DueProcess,
}

impl NewProgramme {
    /// A programme's first version.
    pub fn new(
        id: ProgrammeId,
        name: impl Into<String>,
        basis: impl Into<String>,
        facts: FactSchema,
        eligibility: Rule,
        benefit: Benefit,
        due_process: DueProcess,
    ) -> Self {
        Self {
            id,
            version: Version::FIRST,
            name: name.into(),
            basis: basis.into(),
            facts,
            eligibility,
            benefit,
            priorities: Vec::new(),
            due_process,
        }
    }

    /// The same, as another version.
    #[must_use]
    pub const fn at_version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// The same, with one more ground of priority.
    #[must_use]
    pub fn with_priority(mut self, priority: Priority) -> Self {
        self.priorities.push(priority);
        self
    }
}

/// A programme whose statement has been checked, beside its digest.
///
/// Every decision names the digest, so that it is known for ever under which
/// rule it was taken.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "NewProgramme", into = "NewProgramme")]
pub struct Programme {
    stated: NewProgramme,
    digest: Digest,
    asked: BTreeSet<FactName>,
    members: Members,
}

impl PartialEq for Programme {
    fn eq(&self, other: &Self) -> bool {
        self.stated == other.stated
    }
}

impl Eq for Programme {}

impl Programme {
    /// Checks what a programme states.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if a name is blank, a rule does not fit the facts declared,
    /// the amounts are not in one currency or may be nothing or too much, or
    /// notice and appeal are shorter than
    /// [`NOTICE_DAYS_MIN`](crate::limits::NOTICE_DAYS_MIN) and
    /// [`APPEAL_DAYS_MIN`](crate::limits::APPEAL_DAYS_MIN).
    pub fn new(stated: NewProgramme) -> Result<Self, Invalid> {
        check_text("name", &stated.name, NAME_MAX_BYTES)?;
        check_text("basis", &stated.basis, LINE_MAX_BYTES)?;
        if stated.facts.len() > FACTS_MAX {
            return Err(Invalid::new(
                "facts",
                format!("must be at most {FACTS_MAX}"),
            ));
        }
        if stated.priorities.len() > PRIORITIES_MAX {
            return Err(Invalid::new(
                "priorities",
                format!("must be at most {PRIORITIES_MAX}"),
            ));
        }
        stated.due_process.check()?;
        let (mut asked, facts) = (Asked::default(), &stated.facts);
        let unit = FactScope::Unit;
        check(
            &stated.eligibility,
            facts,
            unit,
            Labels::Required,
            &mut asked,
        )?;
        for priority in &stated.priorities {
            check(&priority.rule, facts, unit, Labels::Refused, &mut asked)?;
        }
        stated.benefit.check(facts, &mut asked)?;
        let currency = stated.benefit.base.currency();
        if asked.currencies.iter().any(|other| *other != currency) {
            return Err(Invalid::new(
                "rule",
                "must compare money in the programme's currency",
            ));
        }
        Ok(Self {
            digest: Digest::of(&stated),
            members: asked.members(),
            asked: asked.names,
            stated,
        })
    }

    /// What it states.
    #[must_use]
    pub const fn stated(&self) -> &NewProgramme {
        &self.stated
    }

    /// Names the programme.
    #[must_use]
    pub const fn id(&self) -> ProgrammeId {
        self.stated.id
    }

    /// Which version of the statement this is.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.stated.version
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.stated.name
    }

    /// The law that it rests on.
    #[must_use]
    pub fn basis(&self) -> &str {
        &self.stated.basis
    }

    /// In what it pays.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.stated.benefit.base.currency()
    }

    /// The notice and the appeal that everybody has.
    #[must_use]
    pub const fn due_process(&self) -> DueProcess {
        self.stated.due_process
    }

    /// SHA-256 over the canonical JSON of the statement.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What looks wrong in the statement, though it may be used: facts that no
    /// rule asks for, facts of a special category that decide, conditions that
    /// cannot hold together.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let found = self.stated.eligibility.check(&self.stated.facts);
        let mut found = found.unwrap_or_default();
        // Other rules than eligibility may ask for a fact.
        found.retain(|finding| !matches!(finding, Finding::Unused(f) if self.asked.contains(f)));
        found
    }

    /// Of `facts`, those that some rule of the programme asks for.
    pub(crate) fn used(&self, facts: &Facts) -> Facts {
        facts.only(&self.asked, self.members)
    }
}

impl TryFrom<NewProgramme> for Programme {
    type Error = Invalid;

    fn try_from(stated: NewProgramme) -> Result<Self, Invalid> {
        Self::new(stated)
    }
}

impl From<Programme> for NewProgramme {
    fn from(programme: Programme) -> Self {
        programme.stated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::fixture::World;
    use crate::{Comparison, FactDeclaration, FactKind, Quantity};

    fn stated() -> NewProgramme {
        World::stated(ProgrammeId::from_uuid(uuid::Uuid::from_u128(1)))
    }

    #[test]
    fn what_is_written_is_read_back_with_its_digest() {
        let programme = Programme::new(stated()).unwrap();
        let json = serde_json::to_string(&programme).unwrap();
        let read: Programme = serde_json::from_str(&json).unwrap();
        assert_eq!((read.digest(), &read), (programme.digest(), &programme));
        let mut other = stated();
        other.due_process.appeal_days += 1;
        assert_ne!(Programme::new(other).unwrap().digest(), programme.digest());
        let typo = json.replace("\"basis\"", "\"basiss\"");
        assert!(serde_json::from_str::<Programme>(&typo).is_err());
    }

    #[test]
    fn a_statement_that_breaks_a_rule_is_refused() {
        let foreign = Rule::because(
            ReasonCode::from_static("poor"),
            Rule::compare(
                FactName::from_static("income"),
                Comparison::AtMost,
                Quantity::Money("1 UGX".parse().unwrap()),
            ),
        );
        let many: FactSchema = (0..=FACTS_MAX)
            .map(|n| FactName::new(format!("f{n}")).unwrap())
            .map(|name| (name, FactDeclaration::of_unit(FactKind::Flag)))
            .collect();
        let labelled = Priority::new(
            ReasonCode::from_static("p"),
            Rule::because(ReasonCode::from_static("q"), Rule::All(Vec::new())),
            1,
        );
        type Spoil = Box<dyn Fn(&mut NewProgramme)>;
        let wrong: [(&str, Spoil); 8] = [
            ("name", Box::new(|p| p.name.clear())),
            ("basis", Box::new(|p| p.basis = " ".to_owned())),
            ("facts", Box::new(move |p| p.facts = many.clone())),
            ("rule", Box::new(move |p| p.eligibility = foreign.clone())),
            (
                "rule",
                Box::new(move |p| p.priorities.push(labelled.clone())),
            ),
            (
                "priorities",
                Box::new(|p| p.priorities = vec![p.priorities[0].clone(); PRIORITIES_MAX + 1]),
            ),
            (
                "notice_days",
                Box::new(|p| p.due_process.notice_days = NOTICE_DAYS_MIN - 1),
            ),
            (
                "appeal_days",
                Box::new(|p| p.due_process.appeal_days = DAYS_MAX + 1),
            ),
        ];
        for (field, spoil) in wrong {
            let mut stated = stated();
            spoil(&mut stated);
            assert_eq!(Programme::new(stated).unwrap_err().field(), field);
        }
        let mut least = stated();
        least.due_process = DueProcess::new(NOTICE_DAYS_MIN, APPEAL_DAYS_MIN);
        least.priorities = vec![least.priorities[0].clone(); PRIORITIES_MAX];
        assert!(Programme::new(least).is_ok());
    }

    #[test]
    fn findings_count_every_rule_that_asks() {
        let found = Programme::new(stated()).unwrap().findings();
        // `disabled` is asked for by a ground of priority.
        assert_eq!(found, []);
        let mut more = stated();
        let declared = FactDeclaration::of_unit(FactKind::Flag);
        more.facts.insert(FactName::from_static("roof"), declared);
        let found = Programme::new(more).unwrap().findings();
        assert_eq!(found, [Finding::Unused(FactName::from_static("roof"))]);
    }
}
