use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;

use crate::claim::FACTS_MAX;
use crate::{FactName, Facts, Likeness, compare};

/// What a fact counts for in a [`MatchPolicy`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a fact that must agree must never fall under a wildcard"
)]
pub enum Weight {
    /// Without it nobody is verified.
    Must,
    /// It counts if it agrees; others can stand in for it.
    May,
}

/// One fact that a [`MatchPolicy`] compares.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FactRule {
    /// Which fact.
    pub fact: FactName,
    /// From how much likeness on it agrees.
    pub least: Likeness,
    /// What it counts for.
    pub weight: Weight,
}

impl FactRule {
    /// `fact` agrees from `least` on.
    #[must_use]
    pub const fn new(fact: FactName, least: Likeness, weight: Weight) -> Self {
        Self {
            fact,
            least,
            weight,
        }
    }
}

/// Which facts are compared, and how many of them have to agree: a country's
/// own data.
///
/// ```
/// use solidarity_identity::{FactName, FactRule, Likeness, MatchPolicy, Weight};
///
/// let mother = FactName::new("mother_name")?;
/// let policy = MatchPolicy::new(
///     vec![
///         FactRule::new(FactName::NAME, Likeness::Partial, Weight::Must),
///         FactRule::new(FactName::BIRTH_DATE, Likeness::Partial, Weight::May),
///         FactRule::new(mother, Likeness::Partial, Weight::May),
///     ],
///     2, // the name, and one of the others
/// )?;
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct MatchPolicy {
    rules: Vec<FactRule>,
    needed: usize,
}

#[derive(Deserialize, Serialize)]
struct Wire {
    rules: Vec<FactRule>,
    needed: usize,
}

/// What a [`MatchPolicy`] says of the facts stated and the facts held.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "what could not be compared must never fall under a wildcard"
)]
pub enum MatchDecision {
    /// Enough agree: these.
    Agree(Vec<FactName>),
    /// Enough were compared to say that they do not.
    Differ,
    /// It depends on a fact that the source does not hold, or not closely
    /// enough.
    NotHeld,
    /// It depends on a fact that the person did not state.
    NotStated,
}

impl MatchPolicy {
    /// `needed` of `rules` have to agree, among them every [`Weight::Must`].
    ///
    /// # Errors
    ///
    /// [`Invalid`] if nothing would have to agree, more than there is, or if a
    /// fact is named twice or agrees when it differs.
    pub fn new(rules: Vec<FactRule>, needed: usize) -> Result<Self, Invalid> {
        if rules.len() > FACTS_MAX {
            return Err(Invalid::new(
                "rules",
                format!("must be at most {FACTS_MAX}"),
            ));
        }
        for (position, rule) in rules.iter().enumerate() {
            if rule.least == Likeness::Different {
                return Err(Invalid::new("least", "must be partial or same").at(position));
            }
            if rules.iter().take(position).any(|r| r.fact == rule.fact) {
                return Err(Invalid::new("fact", "must not be named twice").at(position));
            }
        }
        if needed == 0 || needed > rules.len() {
            return Err(Invalid::new("needed", "must be 1 to the number of rules"));
        }
        Ok(Self { rules, needed })
    }

    /// The facts that are compared.
    pub fn facts(&self) -> impl Iterator<Item = &FactName> {
        self.rules.iter().map(|rule| &rule.fact)
    }

    /// Whether what is `stated` agrees with what is `held`.
    ///
    /// Every fact is compared, whatever the others say. People are told that
    /// facts differ only if no answer to the open questions could help them.
    #[must_use]
    pub fn decide(&self, stated: &Facts, held: &Facts) -> MatchDecision {
        let outcomes: Vec<(&FactRule, Outcome)> = self
            .rules
            .iter()
            .map(|rule| (rule, rule.outcome(stated, held)))
            .collect();
        let could_be_enough = |counts: &[Outcome]| {
            let all = outcomes.iter();
            let agreeing = all.clone().filter(|(_, o)| counts.contains(o)).count();
            let musts = outcomes.iter().filter(|(r, _)| r.weight == Weight::Must);
            agreeing >= self.needed && musts.clone().all(|(_, o)| counts.contains(o))
        };
        if could_be_enough(&[Outcome::Agrees]) {
            let agree = outcomes.iter().filter(|(_, o)| *o == Outcome::Agrees);
            MatchDecision::Agree(agree.map(|(rule, _)| rule.fact.clone()).collect())
        } else if could_be_enough(&[Outcome::Agrees, Outcome::NotStated]) {
            MatchDecision::NotStated
        } else if could_be_enough(&[Outcome::Agrees, Outcome::NotStated, Outcome::NotHeld]) {
            MatchDecision::NotHeld
        } else {
            MatchDecision::Differ
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    Agrees,
    Differs,
    NotHeld,
    NotStated,
}

impl FactRule {
    fn outcome(&self, stated: &Facts, held: &Facts) -> Outcome {
        let Some(held) = held.get(&self.fact) else {
            return Outcome::NotHeld;
        };
        let Some(stated) = stated.get(&self.fact) else {
            return Outcome::NotStated;
        };
        match compare(stated, held) {
            Some(likeness) if likeness >= self.least => Outcome::Agrees,
            Some(_) => Outcome::Differs,
            // Whose fault it is shows when each is compared with itself.
            None if compare(held, held).is_none() => Outcome::NotHeld,
            None => Outcome::NotStated,
        }
    }
}

impl Default for MatchPolicy {
    /// The name and the date of birth, as far as each is known.
    fn default() -> Self {
        let rule = |fact| FactRule::new(fact, Likeness::Partial, Weight::Must);
        Self {
            rules: vec![rule(FactName::NAME), rule(FactName::BIRTH_DATE)],
            needed: 2,
        }
    }
}

impl TryFrom<Wire> for MatchPolicy {
    type Error = Invalid;

    fn try_from(wire: Wire) -> Result<Self, Invalid> {
        Self::new(wire.rules, wire.needed)
    }
}

impl From<MatchPolicy> for Wire {
    fn from(policy: MatchPolicy) -> Self {
        Self {
            rules: policy.rules,
            needed: policy.needed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fact;

    const NAMES: [FactName; 3] = [
        FactName::from_static("a"),
        FactName::from_static("b"),
        FactName::from_static("c"),
    ];

    /// `stated` and `held` say each fact by one letter; `-` leaves it out.
    fn facts(letters: &str) -> Facts {
        NAMES
            .into_iter()
            .zip(letters.chars())
            .filter(|(_, letter)| *letter != '-')
            .map(|(name, letter)| (name, Fact::Text(letter.to_string().into())))
            .collect()
    }

    #[test]
    fn a_policy_decides_as_its_table_says() {
        use MatchDecision::{Differ, NotHeld, NotStated};
        let rule = |n: usize, weight| FactRule::new(NAMES[n].clone(), Likeness::Same, weight);
        let policy = MatchPolicy::new(
            vec![
                rule(0, Weight::Must),
                rule(1, Weight::May),
                rule(2, Weight::May),
            ],
            2,
        )
        .unwrap();
        let agree =
            |n: &[usize]| MatchDecision::Agree(n.iter().map(|n| NAMES[*n].clone()).collect());
        for (stated, held, expected) in [
            ("xyz", "xyz", agree(&[0, 1, 2])),
            ("xyz", "xy-", agree(&[0, 1])),
            ("x-z", "xyz", agree(&[0, 2])),
            // One that may agree differs: the other stands in for it.
            ("xqz", "xyz", agree(&[0, 2])),
            // The one that must agree differs: nothing stands in for it.
            ("qyz", "xyz", Differ),
            ("qyz", "x--", Differ),
            ("xqq", "xyz", Differ),
            // It depends on what the source does not hold.
            ("xyz", "-yz", NotHeld),
            ("xyz", "x--", NotHeld),
            ("xyz", "---", NotHeld),
            ("xq-", "xy-", NotHeld),
            // It depends on what was not stated.
            ("---", "xyz", NotStated),
            ("-yz", "xyz", NotStated),
            ("xq-", "xyz", NotStated),
            // What cannot be compared is not stated, or not held.
            ("'yz", "xyz", NotStated),
            ("xyz", "'yz", NotHeld),
            ("'yz", "'yz", NotHeld),
        ] {
            let decided = policy.decide(&facts(stated), &facts(held));
            assert_eq!(decided, expected, "{stated} / {held}");
        }
    }

    #[test]
    fn a_policy_that_asks_nothing_is_refused() {
        let rule = |least| FactRule::new(FactName::NAME, least, Weight::May);
        assert!(MatchPolicy::new(vec![], 0).is_err());
        assert!(MatchPolicy::new(vec![rule(Likeness::Same)], 0).is_err());
        assert!(MatchPolicy::new(vec![rule(Likeness::Same)], 2).is_err());
        assert!(MatchPolicy::new(vec![rule(Likeness::Different)], 1).is_err());
        assert!(MatchPolicy::new(vec![rule(Likeness::Same), rule(Likeness::Same)], 2).is_err());
        assert!(serde_json::from_str::<MatchPolicy>(r#"{"rules":[],"needed":0}"#).is_err());
        let json = serde_json::to_string(&MatchPolicy::default()).unwrap();
        assert_eq!(
            serde_json::from_str::<MatchPolicy>(&json).unwrap(),
            MatchPolicy::default()
        );
    }
}
