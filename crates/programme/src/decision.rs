use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::{DecisionId, Money, ProgrammeId, UnitId, Version};

use crate::allocation::Waiting;
use crate::ground::{AmountRecomputed, RuleNotMet};
use crate::rule::View;
use crate::{Digest, Facts, Ground, Programme, Question, Reason, ReasonCode, Truth};

/// What was decided about one unit, under which rule, on which facts and why.
///
/// It carries the facts that the rules asked for, each beside the record that
/// said it, so that it can be [replayed](replay) and explained without any
/// other source.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Decision {
    pub(crate) id: DecisionId,
    pub(crate) programme: ProgrammeId,
    pub(crate) version: Version,
    pub(crate) definition: Digest,
    pub(crate) facts: Facts,
    pub(crate) facts_digest: Digest,
    pub(crate) outcome: Eligibility,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) nearest: Vec<ReasonCode>,
    pub(crate) questions: BTreeSet<Question>,
}

/// What was decided.
///
/// Only [`Ineligible`] gives a [`Ground`] to reject or to end; a missing fact
/// never does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "who is undetermined or waits must never fall under a wildcard"
)]
pub enum Eligibility {
    /// The rule holds.
    Eligible(Eligible),
    /// The rule does not hold, whatever is missing.
    Ineligible(Ineligible),
    /// It hangs on what is missing: ask.
    Undetermined(Undetermined),
    /// The rule holds, and there is not money for all yet.
    WaitingForBudget(Waiting),
}

impl Eligibility {
    /// The outcome as a word: `eligible`, `ineligible`, `undetermined` or
    /// `waiting_for_budget`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Eligible(_) => "eligible",
            Self::Ineligible(_) => "ineligible",
            Self::Undetermined(_) => "undetermined",
            Self::WaitingForBudget(_) => "waiting_for_budget",
        }
    }
}

/// The rule holds.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Eligible {
    pub(crate) decision: DecisionId,
    pub(crate) amount: Money,
    pub(crate) score: u64,
}

impl Eligible {
    /// What the unit is entitled to in each cycle.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// The points by which it comes first where there is not money for all.
    #[must_use]
    pub const fn score(&self) -> u64 {
        self.score
    }

    /// The ground to reduce a higher benefit to this amount.
    #[must_use]
    pub const fn ground(&self) -> Ground {
        Ground::AmountRecomputed(AmountRecomputed {
            decision: self.decision,
            amount: self.amount,
        })
    }
}

/// The rule does not hold, whatever is missing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ineligible {
    pub(crate) decision: DecisionId,
}

impl Ineligible {
    /// The ground to reject, to suspend or to end.
    #[must_use]
    pub const fn ground(&self) -> Ground {
        Ground::RuleNotMet(RuleNotMet {
            decision: self.decision,
        })
    }
}

/// It hangs on what is missing. It is no ground for anything.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Undetermined {}

impl Decision {
    /// Names the decision: it follows from the statement and the facts.
    #[must_use]
    pub const fn id(&self) -> DecisionId {
        self.id
    }

    /// Of which programme.
    #[must_use]
    pub const fn programme(&self) -> ProgrammeId {
        self.programme
    }

    /// Under which version of its statement.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The digest of that statement.
    #[must_use]
    pub const fn definition(&self) -> Digest {
        self.definition
    }

    /// About which unit.
    #[must_use]
    pub const fn unit(&self) -> UnitId {
        self.facts.unit()
    }

    /// As of which day.
    #[must_use]
    pub const fn on(&self) -> NaiveDate {
        self.facts.on()
    }

    /// The facts that the rules asked for.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Their digest.
    #[must_use]
    pub const fn facts_digest(&self) -> Digest {
        self.facts_digest
    }

    /// What was decided.
    #[must_use]
    pub const fn outcome(&self) -> &Eligibility {
        &self.outcome
    }

    /// Why: the conditions that decided.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The fewest conditions that would have to turn out otherwise for an
    /// ineligible unit to be eligible, or the reverse.
    #[must_use]
    pub fn nearest(&self) -> &[ReasonCode] {
        &self.nearest
    }

    /// What to ask. Of a unit that is undetermined, the answers decide; of
    /// one that is eligible, they may move it ahead.
    #[must_use]
    pub const fn questions(&self) -> &BTreeSet<Question> {
        &self.questions
    }
}

/// Decides whether a unit is eligible, on the day of its facts.
///
/// It is a pure function: the same statement and the same facts give the same
/// decision, byte for byte, on any machine in any year.
#[must_use]
pub fn decide_eligibility(programme: &Programme, facts: &Facts) -> Decision {
    let facts = programme.used(facts);
    let facts_digest = facts.digest();
    let definition = programme.digest();
    let id = DecisionId::derive(&facts.unit(), &format!("{definition}:{facts_digest}"));
    let (stated, view) = (programme.stated(), View::of(&facts));
    let rule = &stated.eligibility;
    let (mut reasons, mut questions) = (Vec::new(), BTreeSet::new());
    rule.reasons(view, &mut reasons);
    let (outcome, nearest) = match rule.truth(view) {
        Truth::True => {
            let mut score = 0_u64;
            for priority in &stated.priorities {
                if priority.rule.truth(view) == Truth::True {
                    score += u64::from(priority.points);
                }
                priority.rule.questions(view, &mut questions);
            }
            let eligible = Eligible {
                decision: id,
                amount: stated.benefit.amount(&facts),
                score,
            };
            (
                Eligibility::Eligible(eligible),
                rule.nearest(view, Truth::False),
            )
        }
        Truth::False => (
            Eligibility::Ineligible(Ineligible { decision: id }),
            rule.nearest(view, Truth::True),
        ),
        Truth::Unknown => {
            rule.questions(view, &mut questions);
            (Eligibility::Undetermined(Undetermined {}), Vec::new())
        }
    };
    Decision {
        id,
        programme: programme.id(),
        version: programme.version(),
        definition,
        facts,
        facts_digest,
        outcome,
        reasons,
        nearest,
        questions,
    }
}

/// What came of deciding again.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a decision that does not replay must never fall under a wildcard"
)]
pub enum Replay {
    /// The same decision, byte for byte.
    Same,
    /// Another decision: this one was not made so.
    Differs,
    /// It was taken under another statement than the one given.
    OtherStatement,
}

/// Decides again, from the facts that `decision` carries.
#[must_use]
pub fn replay(decision: &Decision, programme: &Programme) -> Replay {
    if decision.definition != programme.digest() {
        return Replay::OtherStatement;
    }
    let again = decide_eligibility(programme, &decision.facts);
    let again = match &decision.outcome {
        // Where it stood in the queue was decided over all who waited: replay
        // `allocate` for that.
        Eligibility::WaitingForBudget(waiting) => again.waiting(&waiting.draw, waiting.rank),
        _ => Some(again),
    };
    if again.as_ref() == Some(decision) {
        Replay::Same
    } else {
        Replay::Differs
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use solidarity_core::PersonId;

    use super::*;
    use crate::conformance::fixture::{World, day};
    use crate::{FactName, FactValue, Gap, NewProgramme, Roster, Source};

    fn world() -> World {
        World::new(ProgrammeId::from_uuid(uuid::Uuid::from_u128(1)))
    }

    fn unit() -> UnitId {
        UnitId::from_uuid(uuid::Uuid::from_u128(2))
    }

    #[test]
    fn each_outcome_has_its_reasons_facts_and_next_question() {
        let world = world();
        for (income, outcome, holds) in [
            (Some("1000"), "eligible", Truth::True),
            (Some("1000.01"), "ineligible", Truth::False),
            (None, "undetermined", Truth::Unknown),
        ] {
            let decision = world.decide(unit(), day(0), income);
            assert_eq!(decision.outcome().as_str(), outcome);
            let [reason] = decision.reasons() else {
                panic!("one reason");
            };
            assert_eq!(reason.code().as_str(), "low_income");
            assert_eq!(reason.holds(), holds);
            let income_only = [FactName::from_static("income")].into();
            assert_eq!(reason.facts(), &income_only);
            let codes: Vec<_> = decision.nearest().iter().map(ReasonCode::as_str).collect();
            let undetermined = holds == Truth::Unknown;
            assert_eq!(codes == ["low_income"], !undetermined, "{codes:?}");
            let asked = Question::Fact {
                fact: FactName::from_static("income"),
                of: None,
                gap: Gap::Missing,
            };
            assert_eq!(decision.questions().contains(&asked), undetermined);
        }
    }

    #[test]
    fn a_decision_is_the_same_bytes_in_any_year() {
        // If this digest changes, decisions of the past do not replay any more.
        let decision = world().decide(unit(), day(0), Some("900.50"));
        let digest = Digest::of(&decision).to_string();
        assert_eq!(
            digest,
            "90b0fe21cbd27a1c7dfba905677b046338c4273ba0763295e80cd718ce61ef4d"
        );
    }

    #[test]
    fn only_what_a_rule_asks_for_is_kept() {
        let world = world();
        let person = PersonId::generate();
        let source = Source::new(&person, Version::FIRST);
        let name = FactName::from_static("religion");
        let value = || FactValue::Flag(true);
        let facts = World::facts(unit(), day(0), Some("1"));
        let decision = decide_eligibility(&world.programme, &facts);
        let more = facts.with(name.clone(), value(), source).with_member_fact(
            World::payee(unit()),
            name,
            value(),
            source,
        );
        let same = decide_eligibility(&world.programme, &more);
        assert_eq!(same, decision);
        assert!(!serde_json::to_string(&same).unwrap().contains("religion"));

        let mut stated = World::stated(world.programme.id());
        stated.priorities.clear();
        stated.benefit.per_member = None;
        let alone = Programme::new(stated).unwrap();
        let decision = decide_eligibility(&alone, &more.with_roster(Roster::Partial));
        assert!(
            decision.facts().members().is_empty(),
            "nobody asked about members"
        );
    }

    #[test]
    fn a_changed_decision_does_not_replay() {
        let world = world();
        let decision = world.decide(unit(), day(0), Some("900"));
        assert_eq!(replay(&decision, &world.programme), Replay::Same);
        let json = serde_json::to_value(&decision).unwrap();
        let read: Decision = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(read, decision);
        for (path, value) in [
            ("/facts/values/income/value/money/amount", "901.00".into()),
            ("/facts/on", "2026-11-02".into()),
            ("/outcome/eligible/amount/amount", "111.00".into()),
            ("/outcome/eligible/score", 1.into()),
            ("/reasons", serde_json::json!([])),
            ("/id", serde_json::json!(uuid::Uuid::nil())),
        ] {
            let mut json = json.clone();
            *json.pointer_mut(path).unwrap() = value;
            let changed: Decision = serde_json::from_value(json).unwrap();
            assert_eq!(
                replay(&changed, &world.programme),
                Replay::Differs,
                "{path}"
            );
        }
        let next =
            NewProgramme::at_version(world.programme.stated().clone(), Version::FIRST.next());
        let next = Programme::new(next).unwrap();
        assert_eq!(replay(&decision, &next), Replay::OtherStatement);
    }

    proptest! {
        #[test]
        fn a_missing_fact_makes_nobody_ineligible_or_poorer(cents in 0_i64..200_000, members in 1_u8..6) {
            let world = world();
            let income = format!("{}.{:02}", cents / 100, cents % 100);
            let mut full = World::facts(unit(), day(0), Some(&income));
            let mut bare = World::facts(unit(), day(0), None);
            for n in 0..members {
                let person = PersonId::derive(&unit(), &n.to_string());
                let source = Source::new(&person, Version::FIRST);
                let name = FactName::from_static("disabled");
                full = full.with_member_fact(person, name, FactValue::Flag(n == 0), source);
                bare = bare.with_member(person);
            }
            let bare = decide_eligibility(&world.programme, &bare);
            prop_assert!(matches!(bare.outcome(), Eligibility::Undetermined(_)));
            prop_assert!(!bare.questions().is_empty());
            let full = decide_eligibility(&world.programme, &full);
            let expected = if cents <= 100_000 { "eligible" } else { "ineligible" };
            prop_assert_eq!(full.outcome().as_str(), expected);
            prop_assert_eq!(replay(&full, &world.programme), Replay::Same);
        }
    }
}
