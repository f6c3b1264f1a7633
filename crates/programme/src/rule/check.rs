use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use solidarity_core::{Currency, Invalid};

use super::{Comparison, Quantity, Rule};
use crate::fact::Members;
use crate::limits::{CODES_MAX, RULE_DEPTH_MAX, RULE_NODES_MAX};
use crate::{FactKind, FactName, FactSchema, FactScope, Sensitivity};

/// What a check of a rule points out, though the rule may be used.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// A fact is declared and never asked for: do not gather it.
    Unused(FactName),
    /// A fact of a special category decides.
    Special(FactName),
    /// Conditions on a fact that must all hold cannot.
    Contradiction(FactName),
}

impl Rule {
    /// Checks an eligibility rule against the facts that a programme declares,
    /// and points out what looks wrong though it may be used.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is too large or too deep, asks for a fact that is not
    /// declared or of another sort or scope, or has a condition that does not
    /// stand under exactly one [`Because`](Self::Because).
    pub fn check(&self, schema: &FactSchema) -> Result<Vec<Finding>, Invalid> {
        let mut asked = Asked::default();
        check(self, schema, FactScope::Unit, Labels::Required, &mut asked)?;
        let unused = schema
            .keys()
            .filter(|name| !asked.names.contains(*name))
            .map(|name| Finding::Unused(name.clone()));
        let special = asked
            .names
            .iter()
            .filter(|name| {
                schema
                    .get(*name)
                    .is_some_and(|d| d.sensitivity == Sensitivity::Special)
            })
            .map(|name| Finding::Special(name.clone()));
        let mut findings: BTreeSet<_> = unused.chain(special).collect();
        contradictions(self, &mut findings);
        Ok(findings.into_iter().collect())
    }
}

/// What rules ask for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) names: BTreeSet<FactName>,
    pub(crate) currencies: Vec<Currency>,
    members: bool,
}

impl Asked {
    pub(crate) const fn members(&self) -> Members {
        if self.members {
            Members::Asked
        } else {
            Members::NotAsked
        }
    }

    pub(crate) const fn ask_for_members(&mut self) {
        self.members = true;
    }
}

/// Whether conditions stand under reason codes of their own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Labels {
    /// They must, and this one does not yet.
    Required,
    /// They must not: something above has the code.
    Refused,
}

/// Checks `rule`, and gathers what it asks for.
pub(crate) fn check(
    rule: &Rule,
    schema: &FactSchema,
    scope: FactScope,
    labels: Labels,
    asked: &mut Asked,
) -> Result<(), Invalid> {
    let mut walk = Walk {
        schema,
        asked,
        nodes: 0,
    };
    walk.rule(rule, scope, labels, 0)
}

struct Walk<'a> {
    schema: &'a FactSchema,
    asked: &'a mut Asked,
    nodes: usize,
}

impl Walk<'_> {
    fn rule(
        &mut self,
        rule: &Rule,
        scope: FactScope,
        labels: Labels,
        depth: usize,
    ) -> Result<(), Invalid> {
        let invalid = |rule: &'static str| Err(Invalid::new("rule", rule));
        self.nodes += 1;
        if self.nodes > RULE_NODES_MAX {
            return invalid("must not hold more conditions than the limit");
        }
        if depth >= RULE_DEPTH_MAX {
            return invalid("must not be nested deeper than the limit");
        }
        let unlabelled = labels == Labels::Required;
        match rule {
            Rule::Any(rules) if rules.is_empty() => invalid("must not choose among nothing"),
            Rule::All(rules) if rules.is_empty() && unlabelled => {
                invalid("must have a reason code for every condition")
            }
            Rule::All(rules) | Rule::Any(rules) => rules
                .iter()
                .try_for_each(|rule| self.rule(rule, scope, labels, depth + 1)),
            Rule::Not(rule) => self.rule(rule, scope, labels, depth + 1),
            Rule::Because { .. } if !unlabelled => {
                invalid("must not have a reason code within another, or where none is given")
            }
            Rule::Because { rule, .. } => self.rule(rule, scope, Labels::Refused, depth + 1),
            _ if unlabelled => invalid("must have a reason code for every condition"),
            Rule::Is(fact) => self.fact(fact, scope, FactKind::Flag),
            Rule::Compare { fact, value, .. } => {
                if let Quantity::Money(money) = value {
                    self.asked.currencies.push(money.currency());
                }
                self.fact(fact, scope, value.kind())
            }
            Rule::OneOf { codes, .. } if codes.is_empty() || codes.len() > CODES_MAX => {
                invalid("must name at least one code, and not more than the limit")
            }
            Rule::OneOf { fact, .. } => self.fact(fact, scope, FactKind::Code),
            Rule::Members { .. } if scope == FactScope::Member => {
                invalid("must not count members within a member")
            }
            Rule::Members {
                r#where,
                at_least,
                at_most,
            } => {
                let upside_down = matches!((at_least, at_most), (Some(l), Some(m)) if l > m);
                if upside_down || (at_least.is_none() && at_most.is_none()) {
                    return invalid("must say how many members, the fewest before the most");
                }
                self.asked.members = true;
                self.rule(r#where, FactScope::Member, labels, depth + 1)
            }
        }
    }

    fn fact(&mut self, name: &FactName, scope: FactScope, kind: FactKind) -> Result<(), Invalid> {
        let Some(declared) = self.schema.get(name) else {
            return Err(Invalid::new(
                format!("fact {name}"),
                "must be declared before it is asked for",
            ));
        };
        if declared.of != scope {
            return Err(Invalid::new(
                format!("fact {name}"),
                "must be asked of what it is declared of: the unit, or a member",
            ));
        }
        if declared.kind != kind {
            return Err(Invalid::new(
                format!("fact {name}"),
                "must be compared as the sort of value that it is declared to be",
            ));
        }
        self.asked.names.insert(name.clone());
        Ok(())
    }
}

/// Finds facts whose bounds, where all must hold, leave no value.
fn contradictions(rule: &Rule, found: &mut BTreeSet<Finding>) {
    match rule {
        Rule::All(rules) => {
            let mut bounds = BTreeMap::new();
            rules.iter().for_each(|rule| narrow(rule, &mut bounds));
            for (fact, (low, high)) in bounds {
                if low > high {
                    found.insert(Finding::Contradiction(fact.clone()));
                }
            }
            rules.iter().for_each(|rule| contradictions(rule, found));
        }
        Rule::Any(rules) => rules.iter().for_each(|rule| contradictions(rule, found)),
        Rule::Not(rule) | Rule::Because { rule, .. } | Rule::Members { r#where: rule, .. } => {
            contradictions(rule, found);
        }
        Rule::Is(_) | Rule::Compare { .. } | Rule::OneOf { .. } => {}
    }
}

fn narrow<'a>(rule: &'a Rule, bounds: &mut BTreeMap<&'a FactName, (i128, i128)>) {
    match rule {
        Rule::All(rules) => rules.iter().for_each(|rule| narrow(rule, bounds)),
        Rule::Because { rule, .. } => narrow(rule, bounds),
        Rule::Compare { fact, is, value } => {
            let (low, high) = bounds.entry(fact).or_insert((i128::MIN, i128::MAX));
            let number = value.number();
            match is {
                Comparison::AtLeast => *low = number.max(*low),
                Comparison::MoreThan => *low = number.saturating_add(1).max(*low),
                Comparison::AtMost => *high = number.min(*high),
                Comparison::LessThan => *high = number.saturating_sub(1).min(*high),
                Comparison::Equals => {
                    *low = number.max(*low);
                    *high = number.min(*high);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FactDeclaration, ReasonCode};

    fn schema() -> FactSchema {
        [
            ("rooms", FactDeclaration::of_unit(FactKind::Integer)),
            ("area", FactDeclaration::of_unit(FactKind::Code)),
            ("age", FactDeclaration::of_member(FactKind::Age)),
            (
                "disabled",
                FactDeclaration::of_member(FactKind::Flag).special(),
            ),
        ]
        .map(|(name, declared)| (FactName::from_static(name), declared))
        .into()
    }

    fn read(json: &str) -> Rule {
        serde_json::from_str(json).unwrap()
    }

    fn rooms(is: Comparison, rooms: i64) -> Rule {
        Rule::compare(FactName::from_static("rooms"), is, Quantity::Integer(rooms))
    }

    fn labelled(rule: Rule) -> Rule {
        Rule::because(ReasonCode::from_static("r"), rule)
    }

    #[test]
    fn what_does_not_fit_the_schema_is_refused() {
        let b = |rule: &str| format!(r#"{{"because":{{"reason":"r","rule":{rule}}}}}"#);
        let years = r#"{"compare":{"fact":"age","is":"at_least","value":{"years":60}}}"#;
        let members =
            |inner: &str, rest: &str| format!(r#"{{"members":{{"where":{inner}{rest}}}}}"#);
        for (rule, fault) in [
            (b(r#"{"is":"rich"}"#), "must be declared"),
            (b(r#"{"is":"rooms"}"#), "sort of value"),
            (b(r#"{"is":"disabled"}"#), "the unit, or a member"),
            (b(years), "the unit, or a member"),
            (r#"{"is":"rooms"}"#.to_owned(), "reason code for every"),
            (r#"{"all":[]}"#.to_owned(), "reason code for every"),
            (b(r#"{"any":[]}"#), "choose among nothing"),
            (b(&b(r#"{"all":[]}"#)), "within another"),
            (b(&members(years, "")), "how many members"),
            (
                b(&members(years, r#","at_least":2,"at_most":1"#)),
                "how many members",
            ),
            (
                b(&members(
                    &members(years, r#","at_least":1"#),
                    r#","at_least":1"#,
                )),
                "within a member",
            ),
            (
                b(r#"{"one_of":{"fact":"area","codes":[]}}"#),
                "at least one code",
            ),
        ] {
            let invalid = read(&rule).check(&schema()).unwrap_err();
            assert!(invalid.to_string().contains(fault), "{rule}: {invalid}");
        }
    }

    #[test]
    fn a_misspelt_field_is_not_passed_over() {
        let rule = r#"{"members":{"where":{"all":[]},"at_leats":2}}"#;
        assert!(serde_json::from_str::<Rule>(rule).is_err());
    }

    #[test]
    fn limits_hold_at_the_last_and_break_at_the_next() {
        let wide = |nodes: usize| {
            // One label, one connective, and the rest leaves.
            labelled(Rule::All(vec![rooms(Comparison::AtLeast, 1); nodes - 2]))
        };
        let deep = |depth: usize| {
            let mut rule = rooms(Comparison::AtLeast, 1);
            for _ in 0..depth - 2 {
                rule = Rule::negate(rule);
            }
            labelled(rule)
        };
        assert!(wide(RULE_NODES_MAX - 1).check(&schema()).is_ok());
        assert!(wide(RULE_NODES_MAX).check(&schema()).is_ok());
        assert!(wide(RULE_NODES_MAX + 1).check(&schema()).is_err());
        assert!(deep(RULE_DEPTH_MAX - 1).check(&schema()).is_ok());
        assert!(deep(RULE_DEPTH_MAX).check(&schema()).is_ok());
        assert!(deep(RULE_DEPTH_MAX + 1).check(&schema()).is_err());
    }

    #[test]
    fn findings_point_at_waste_contradiction_and_special_facts() {
        let rule = Rule::All(vec![
            labelled(rooms(Comparison::MoreThan, 3)),
            labelled(rooms(Comparison::LessThan, 4)),
            labelled(Rule::members_at_least(
                1,
                Rule::Is(FactName::from_static("disabled")),
            )),
        ]);
        let named = FactName::from_static;
        assert_eq!(
            rule.check(&schema()).unwrap(),
            [
                Finding::Unused(named("age")),
                Finding::Unused(named("area")),
                Finding::Special(named("disabled")),
                Finding::Contradiction(named("rooms")),
            ]
        );
        let possible = Rule::All(vec![
            labelled(rooms(Comparison::AtLeast, 3)),
            labelled(rooms(Comparison::AtMost, 3)),
        ]);
        let found = possible.check(&schema()).unwrap();
        assert!(!found.contains(&Finding::Contradiction(named("rooms"))));
    }
}
