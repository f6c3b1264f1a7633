use std::collections::{BTreeMap, BTreeSet};

use solidarity_core::PersonId;

use super::{Comparison, Gap, Quantity, Question, Reason, ReasonCode, Rule, Truth};
use crate::{Fact, FactCode, FactName, FactValue, Facts, Roster};

/// What a rule looks at: a unit with its members, or one of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    values: &'a BTreeMap<FactName, Fact>,
    of: Option<PersonId>,
    unit: Option<&'a Facts>,
}

impl<'a> View<'a> {
    pub(crate) const fn of(facts: &'a Facts) -> Self {
        Self {
            values: facts.values(),
            of: None,
            unit: Some(facts),
        }
    }

    /// Whether members that are not known may belong to the unit.
    fn is_partial(self) -> bool {
        (self.unit).is_some_and(|unit| unit.roster() == Roster::Partial)
    }

    fn members(self) -> impl Iterator<Item = Self> {
        let members = self.unit.into_iter().flat_map(|unit| unit.members());
        members.map(|(person, values)| Self {
            values,
            of: Some(*person),
            unit: None,
        })
    }

    fn value(self, fact: &FactName) -> Option<&'a FactValue> {
        Some(self.values.get(fact)?.value().expose())
    }
}

/// How many of the members that are known are certainly such, and how many
/// may be.
pub(crate) fn count(rule: &Rule, view: View<'_>) -> (u32, u32) {
    let (mut sure, mut most) = (0_u32, 0_u32);
    for member in view.members() {
        let holds = rule.truth(member);
        sure = sure.saturating_add(u32::from(holds == Truth::True));
        most = most.saturating_add(u32::from(holds != Truth::False));
    }
    (sure, most)
}

impl Rule {
    /// Whether the rule holds of what is in view.
    pub(crate) fn truth(&self, view: View<'_>) -> Truth {
        match self {
            Self::All(rules) => rules
                .iter()
                .fold(Truth::True, |all, rule| all.and(rule.truth(view))),
            Self::Any(rules) => rules
                .iter()
                .fold(Truth::False, |any, rule| any.or(rule.truth(view))),
            Self::Not(rule) => rule.truth(view).not(),
            Self::Because { rule, .. } => rule.truth(view),
            Self::Members {
                r#where,
                at_least,
                at_most,
            } => {
                let (sure, most) = count(r#where, view);
                let most = (!view.is_partial()).then_some(most);
                let enough = at_least.map_or(Truth::True, |least| {
                    Truth::certain(sure >= least, most.is_some_and(|most| most < least))
                });
                let few = at_most.map_or(Truth::True, |limit| {
                    Truth::certain(most.is_some_and(|most| most <= limit), sure > limit)
                });
                enough.and(few)
            }
            Self::Is(_) | Self::Compare { .. } | Self::OneOf { .. } => {
                self.answer(view).unwrap_or(Truth::Unknown)
            }
        }
    }

    /// What one condition says, or why it says nothing.
    fn answer(&self, view: View<'_>) -> Result<Truth, Gap> {
        let read = |fact| view.value(fact).ok_or(Gap::Missing);
        match self {
            Self::Is(fact) => match read(fact)? {
                FactValue::Flag(flag) => Ok(Truth::certain(*flag, !flag)),
                _ => Err(Gap::Unreadable),
            },
            Self::OneOf { fact, codes } => match read(fact)? {
                FactValue::Code(code) => Ok(one_of(code, codes)),
                _ => Err(Gap::Unreadable),
            },
            Self::Compare { fact, is, value } => {
                let (low, high) = interval(read(fact)?, *value).ok_or(Gap::Unreadable)?;
                match compare(low, high, *is, value.number()) {
                    Truth::Unknown => Err(Gap::TooVague),
                    certain => Ok(certain),
                }
            }
            // Not one condition: its parts are asked.
            _ => Ok(self.truth(view)),
        }
    }

    /// What to ask, so that a rule whose answer is unknown gets one.
    pub(crate) fn questions(&self, view: View<'_>, out: &mut BTreeSet<Question>) {
        if self.truth(view) != Truth::Unknown {
            return;
        }
        match self {
            Self::All(rules) | Self::Any(rules) => {
                rules.iter().for_each(|rule| rule.questions(view, out));
            }
            Self::Not(rule) | Self::Because { rule, .. } => rule.questions(view, out),
            Self::Members { r#where, .. } => {
                view.members()
                    .for_each(|member| r#where.questions(member, out));
                if view.is_partial() {
                    out.insert(Question::OtherMembers);
                }
            }
            Self::Is(fact) | Self::Compare { fact, .. } | Self::OneOf { fact, .. } => {
                if let Err(gap) = self.answer(view) {
                    out.insert(Question::Fact {
                        fact: fact.clone(),
                        of: view.of,
                        gap,
                    });
                }
            }
        }
    }

    /// The parts of a connective that its answer hangs on: those that answer
    /// the same, turned round below a `Not`.
    fn decisive<'a>(&'a self, view: View<'a>) -> impl Iterator<Item = &'a Self> {
        let answer = self.truth(view);
        let parts: &[Self] = match self {
            Self::All(rules) | Self::Any(rules) => rules,
            _ => &[],
        };
        parts.iter().filter(move |part| part.truth(view) == answer)
    }

    /// The conditions with a code that decided, in the rule's order.
    pub(crate) fn reasons(&self, view: View<'_>, out: &mut Vec<Reason>) {
        match self {
            Self::Because { reason, rule } => {
                let mut facts = BTreeSet::new();
                rule.facts(view, &mut facts);
                out.push(Reason::new(reason.clone(), rule.truth(view), facts));
            }
            Self::Not(rule) => rule.reasons(view, out),
            _ => self.decisive(view).for_each(|part| part.reasons(view, out)),
        }
    }

    /// The facts on which the answer hangs.
    fn facts(&self, view: View<'_>, out: &mut BTreeSet<FactName>) {
        match self {
            Self::Not(rule) | Self::Because { rule, .. } => rule.facts(view, out),
            Self::Members { r#where, .. } => r#where.all_facts(out),
            Self::Is(fact) | Self::Compare { fact, .. } | Self::OneOf { fact, .. } => {
                out.insert(fact.clone());
            }
            Self::All(_) | Self::Any(_) => {
                self.decisive(view).for_each(|part| part.facts(view, out));
            }
        }
    }

    fn all_facts(&self, out: &mut BTreeSet<FactName>) {
        match self {
            Self::All(rules) | Self::Any(rules) => rules.iter().for_each(|r| r.all_facts(out)),
            Self::Not(rule) | Self::Because { rule, .. } | Self::Members { r#where: rule, .. } => {
                rule.all_facts(out);
            }
            Self::Is(fact) | Self::Compare { fact, .. } | Self::OneOf { fact, .. } => {
                out.insert(fact.clone());
            }
        }
    }

    /// The fewest conditions whose answers would have to become others for the
    /// rule to answer `wanted`; of several such sets, the first in the rule's
    /// order.
    pub(crate) fn nearest(&self, view: View<'_>, wanted: Truth) -> Vec<ReasonCode> {
        if self.truth(view) == wanted {
            return Vec::new();
        }
        let each = |rules: &[Self]| -> Vec<Vec<ReasonCode>> {
            rules.iter().map(|r| r.nearest(view, wanted)).collect()
        };
        match (self, wanted) {
            (Self::Because { reason, .. }, _) => vec![reason.clone()],
            (Self::Not(rule), _) => rule.nearest(view, wanted.not()),
            (Self::All(rules), Truth::True) | (Self::Any(rules), Truth::False) => {
                each(rules).concat()
            }
            (Self::All(rules) | Self::Any(rules), _) => each(rules)
                .into_iter()
                .min_by_key(Vec::len)
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

fn one_of(code: &FactCode, codes: &BTreeSet<FactCode>) -> Truth {
    let among = codes.contains(code);
    Truth::certain(among, !among)
}

/// The least and the most that `value` may be, where it can be compared with
/// `constant`.
fn interval(value: &FactValue, constant: Quantity) -> Option<(i128, i128)> {
    let point = |number: i128| Some((number, number));
    match (value, constant) {
        (FactValue::Integer(number), Quantity::Integer(_)) => point((*number).into()),
        (FactValue::Money(money), Quantity::Money(other))
            if money.currency() == other.currency() =>
        {
            point(money.minor())
        }
        (FactValue::Age(age), Quantity::Years(_)) if age.min() <= age.max() => {
            Some((age.min().into(), age.max().into()))
        }
        _ => None,
    }
}

fn compare(low: i128, high: i128, is: Comparison, constant: i128) -> Truth {
    match is {
        Comparison::AtLeast => Truth::certain(low >= constant, high < constant),
        Comparison::LessThan => Truth::certain(high < constant, low >= constant),
        Comparison::AtMost => Truth::certain(high <= constant, low > constant),
        Comparison::MoreThan => Truth::certain(low > constant, high <= constant),
        Comparison::Equals => Truth::certain(
            low == constant && high == constant,
            constant < low || high < constant,
        ),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use solidarity_core::{StatedDate, UnitId, Version};

    use super::*;
    use crate::Source;

    #[test]
    fn an_age_compares_only_where_it_is_certain() {
        use Comparison::{AtLeast, AtMost, Equals, LessThan, MoreThan};
        use Truth::{False, True, Unknown};
        for (low, high, is, constant, expected) in [
            (59, 60, AtLeast, 60, Unknown),
            (60, 60, AtLeast, 60, True),
            (58, 59, AtLeast, 60, False),
            (59, 60, LessThan, 60, Unknown),
            (58, 59, LessThan, 60, True),
            (17, 18, AtMost, 18, True),
            (18, 19, AtMost, 18, Unknown),
            (18, 19, MoreThan, 18, Unknown),
            (19, 20, MoreThan, 18, True),
            (17, 18, MoreThan, 18, False),
            (18, 18, Equals, 18, True),
            (17, 18, Equals, 18, Unknown),
            (16, 17, Equals, 18, False),
        ] {
            assert_eq!(
                compare(low, high, is, constant),
                expected,
                "{low} to {high} {is:?} {constant}"
            );
        }
    }

    fn name(name: &'static str) -> FactName {
        FactName::from_static(name)
    }

    fn source() -> Source {
        Source::new(&UnitId::derive(&uuid::Uuid::nil(), "s"), Version::FIRST)
    }

    fn older(count: u32) -> Rule {
        let age = Rule::compare(name("age"), Comparison::AtLeast, Quantity::Years(60));
        Rule::members_at_least(count, age)
    }

    fn unit_of(births: &[Option<&str>]) -> Facts {
        let on = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
        let unit = UnitId::derive(&uuid::Uuid::nil(), "u");
        let mut facts = Facts::new(unit, on);
        for (index, born) in births.iter().enumerate() {
            let person = PersonId::derive(&unit, &index.to_string());
            facts = facts.with_member(person);
            if let Some(born) = born {
                let born: StatedDate = born.parse().unwrap();
                let age = FactValue::Age(born.age_on(on).unwrap());
                facts = facts.with_member_fact(person, name("age"), age, source());
            }
        }
        facts
    }

    #[test]
    fn a_member_who_is_not_known_makes_nobody_fewer() {
        use Truth::{False, True, Unknown};
        for (births, roster, least, expected) in [
            (&[Some("1950"), Some("2010")][..], Roster::Complete, 1, True),
            (&[Some("1966"), Some("2010")], Roster::Complete, 1, Unknown),
            (&[None, Some("2010")], Roster::Complete, 1, Unknown),
            (&[None, Some("2010")], Roster::Complete, 2, False),
            (&[Some("2010")], Roster::Complete, 1, False),
            (&[Some("2010")], Roster::Partial, 1, Unknown),
            (&[Some("1950")], Roster::Partial, 1, True),
            (&[], Roster::Complete, 1, False),
        ] {
            let facts = unit_of(births).with_roster(roster);
            assert_eq!(
                older(least).truth(View::of(&facts)),
                expected,
                "{births:?} {roster:?} {least}"
            );
        }
    }

    #[test]
    fn questions_name_the_fact_the_member_and_the_gap() {
        let facts = unit_of(&[None, Some("1966"), Some("1990")]).with_roster(Roster::Partial);
        let mut asked = BTreeSet::new();
        older(2).questions(View::of(&facts), &mut asked);
        let fact = |index: u32, gap| Question::Fact {
            fact: name("age"),
            of: Some(PersonId::derive(&facts.unit(), &index.to_string())),
            gap,
        };
        let expected = [
            fact(0, Gap::Missing),
            fact(1, Gap::TooVague),
            Question::OtherMembers,
        ];
        assert_eq!(asked, expected.into());
    }

    #[test]
    fn another_currency_or_sort_of_value_is_no_answer() {
        let rule = Rule::compare(
            name("income"),
            Comparison::AtMost,
            Quantity::Money("100 KES".parse().unwrap()),
        );
        for (value, expected) in [
            (FactValue::Money("99 KES".parse().unwrap()), Ok(Truth::True)),
            (
                FactValue::Money("101 KES".parse().unwrap()),
                Ok(Truth::False),
            ),
            (
                FactValue::Money("101 UGX".parse().unwrap()),
                Err(Gap::Unreadable),
            ),
            (FactValue::Integer(101), Err(Gap::Unreadable)),
        ] {
            let facts = unit_of(&[]).with(name("income"), value, source());
            assert_eq!(rule.answer(View::of(&facts)), expected);
        }
    }

    #[test]
    fn the_nearest_way_is_the_one_with_fewest_changes() {
        let flag =
            |fact: &'static str| Rule::because(ReasonCode::from_static(fact), Rule::Is(name(fact)));
        let rule = Rule::Any(vec![
            Rule::All(vec![flag("a"), flag("b")]),
            Rule::All(vec![flag("c"), Rule::negate(flag("d"))]),
        ]);
        let facts = |up: &[&str]| {
            ["a", "b", "c", "d"]
                .into_iter()
                .fold(unit_of(&[]), |facts, fact| {
                    facts.with(name(fact), FactValue::Flag(up.contains(&fact)), source())
                })
        };
        let nearest = |up: &[&str], wanted| -> Vec<String> {
            let facts = facts(up);
            let codes = rule.nearest(View::of(&facts), wanted);
            codes.iter().map(ToString::to_string).collect()
        };
        assert_eq!(nearest(&[], Truth::True), ["c"]);
        assert_eq!(nearest(&["c", "d"], Truth::True), ["d"]);
        assert_eq!(nearest(&["a", "c", "d"], Truth::True), ["b"]);
        assert_eq!(nearest(&["a", "b", "c"], Truth::False), ["a", "c"]);
        assert!(nearest(&["c"], Truth::True).is_empty());
    }

    fn rules() -> impl Strategy<Value = Rule> {
        let flags = prop::sample::select(vec!["a", "b", "c"]);
        let leaf = flags
            .prop_map(|fact| Rule::because(ReasonCode::from_static(fact), Rule::Is(name(fact))));
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Rule::All),
                prop::collection::vec(inner.clone(), 1..4).prop_map(Rule::Any),
                inner.prop_map(Rule::negate),
            ]
        })
    }

    proptest! {
        /// What is certain stays so, whatever the missing facts turn out to be.
        #[test]
        fn an_answer_holds_for_every_completion(rule in rules(), known in prop::collection::vec(prop::option::of(any::<bool>()), 3), rest in any::<[bool; 3]>()) {
            let names = ["a", "b", "c"];
            let put = |facts: Facts, at: usize, flag| facts.with(name(names[at]), FactValue::Flag(flag), source());
            let some = (0..3).fold(unit_of(&[]), |facts, at| match known[at] {
                Some(flag) => put(facts, at, flag),
                None => facts,
            });
            let all = (0..3).fold(unit_of(&[]), |facts, at| put(facts, at, known[at].unwrap_or(rest[at])));
            let (early, late) = (rule.truth(View::of(&some)), rule.truth(View::of(&all)));
            prop_assert_ne!(late, Truth::Unknown);
            if early != Truth::Unknown {
                prop_assert_eq!(early, late);
            }
            // An open question is asked exactly where the answer is unknown.
            let mut asked = BTreeSet::new();
            rule.questions(View::of(&some), &mut asked);
            prop_assert_eq!(asked.is_empty(), early != Truth::Unknown);
            // And there is always a reason.
            let mut reasons = Vec::new();
            rule.reasons(View::of(&some), &mut reasons);
            prop_assert!(!reasons.is_empty());
        }
    }
}
