use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, Money};

use crate::limits::MEMBERS_MAX;
use crate::rule::{Asked, Labels, View, check, count};
use crate::{FactSchema, FactScope, Facts, Rule};

/// How much a unit is entitled to in one cycle: a base, so much for each
/// member who counts, and no more than a cap.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Benefit {
    /// What every unit gets.
    pub base: Money,
    /// What it gets for its members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_member: Option<PerMember>,
    /// The most that it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Money>,
}

/// So much for each member of whom a rule holds.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PerMember {
    /// For each of them.
    pub amount: Money,
    /// Who counts: everybody, where no rule is given. A member of whom it
    /// cannot be known counts, so that a missing fact makes nobody poorer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#where: Option<Rule>,
}

impl Benefit {
    /// `base` for every unit.
    #[must_use]
    pub const fn flat(base: Money) -> Self {
        Self {
            base,
            per_member: None,
            cap: None,
        }
    }

    /// The same, and `amount` for each member.
    #[must_use]
    pub fn with_each_member(mut self, amount: Money) -> Self {
        self.per_member = Some(PerMember {
            amount,
            r#where: None,
        });
        self
    }

    /// The same, and `amount` for each member of whom `rule` holds.
    #[must_use]
    pub fn with_members(mut self, amount: Money, rule: Rule) -> Self {
        self.per_member = Some(PerMember {
            amount,
            r#where: Some(rule),
        });
        self
    }

    /// The same, but never more than `cap`.
    #[must_use]
    pub const fn capped(mut self, cap: Money) -> Self {
        self.cap = Some(cap);
        self
    }

    pub(crate) fn check(&self, schema: &FactSchema, asked: &mut Asked) -> Result<(), Invalid> {
        let invalid = |rule: &'static str| Invalid::new("benefit", rule);
        let currency = self.base.currency();
        let each = self.per_member.as_ref().map(|each| each.amount);
        let amounts = [Some(self.base), each, self.cap];
        for amount in amounts.into_iter().flatten() {
            if amount.currency() != currency {
                return Err(invalid("must be in one currency"));
            }
            if amount.minor() < 0 {
                return Err(invalid("must not be negative"));
            }
        }
        if self.per_member.is_some() {
            asked.ask_for_members();
        }
        if let Some(rule) = self.per_member.as_ref().and_then(|e| e.r#where.as_ref()) {
            check(rule, schema, FactScope::Member, Labels::Refused, asked)?;
        }
        match self.amount_for(MEMBERS_MAX) {
            Some(most) if most.is_positive() => Ok(()),
            Some(_) => Err(invalid("must be more than nothing")),
            None => Err(invalid("must stay within the largest amount of money")),
        }
    }

    /// The amount for a unit in which `members` count.
    fn amount_for(&self, members: usize) -> Option<Money> {
        let amount = match &self.per_member {
            None => self.base,
            Some(each) => {
                let members = u32::try_from(members.min(MEMBERS_MAX)).ok()?;
                let for_members = each.amount.checked_mul(members).ok()?;
                self.base.checked_add(for_members).ok()?
            }
        };
        match self.cap {
            Some(cap) if cap.minor() < amount.minor() => Some(cap),
            _ => Some(amount),
        }
    }

    /// The amount for the unit of `facts`.
    pub(crate) fn amount(&self, facts: &Facts) -> Money {
        let members = match self.per_member.as_ref().and_then(|e| e.r#where.as_ref()) {
            None => facts.members().len(),
            Some(rule) => usize::try_from(count(rule, View::of(facts)).1).unwrap_or(MEMBERS_MAX),
        };
        // `check` has seen that the largest amount can be had.
        self.amount_for(members).unwrap_or(self.base)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use solidarity_core::limits::MONEY_MAX_MINOR;
    use solidarity_core::{PersonId, UnitId, Version};

    use super::*;
    use crate::{FactDeclaration, FactKind, FactName, FactValue, Source};

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn child() -> Rule {
        Rule::Is(FactName::from_static("child"))
    }

    fn check(benefit: &Benefit) -> Result<(), Invalid> {
        let declared = FactDeclaration::of_member(FactKind::Flag);
        let schema = [(FactName::from_static("child"), declared)].into();
        benefit.check(&schema, &mut Asked::default())
    }

    #[test]
    fn the_amount_counts_who_may_count_and_keeps_to_the_cap() {
        let unit = UnitId::generate();
        let on = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let mut facts = Facts::new(unit, on);
        for flag in [Some(true), Some(false), None] {
            let person = PersonId::generate();
            facts = facts.with_member(person);
            if let Some(flag) = flag {
                let source = Source::new(&person, Version::FIRST);
                let (name, value) = (FactName::from_static("child"), FactValue::Flag(flag));
                facts = facts.with_member_fact(person, name, value, source);
            }
        }
        let base = Benefit::flat(money("10.00 KES"));
        for (benefit, expected) in [
            (base.clone(), "10.00 KES"),
            (
                base.clone().with_each_member(money("2.50 KES")),
                "17.50 KES",
            ),
            // One child, and one of whom it is not known.
            (
                base.clone().with_members(money("3 KES"), child()),
                "16.00 KES",
            ),
            (
                base.with_each_member(money("5 KES"))
                    .capped(money("12 KES")),
                "12.00 KES",
            ),
        ] {
            assert_eq!(check(&benefit), Ok(()));
            assert_eq!(benefit.amount(&facts).to_string(), expected);
        }
    }

    #[test]
    fn a_formula_that_could_go_wrong_is_refused() {
        let vast = Money::from_minor(MONEY_MAX_MINOR / 1_000, money("1 KES").currency()).unwrap();
        for benefit in [
            Benefit::flat(money("0 KES")),
            Benefit::flat(money("-1 KES")),
            Benefit::flat(money("1 KES")).with_each_member(money("1 UGX")),
            Benefit::flat(money("1 KES")).capped(money("0 KES")),
            Benefit::flat(money("1 KES")).with_each_member(vast),
            Benefit::flat(money("1 KES")).with_members(money("1 KES"), Rule::Any(Vec::new())),
        ] {
            assert!(check(&benefit).is_err(), "{benefit:?}");
        }
        assert_eq!(
            check(&Benefit::flat(money("0 KES")).with_each_member(vast)),
            Ok(())
        );
    }
}
