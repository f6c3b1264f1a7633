use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use solidarity_core::Invalid;

use crate::{Method, Result};

/// How far evidence can be relied on: the three levels of Regulation (EU)
/// 910/2014, article 8. Compare with `>=`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssuranceLevel {
    /// It lowers the risk that somebody else is there.
    Low,
    /// It lowers that risk substantially.
    Substantial,
    /// It is meant to exclude it.
    High,
}

/// One row of a [`LevelTable`]: whoever was verified by all of `methods` is
/// verified at `level`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LevelRule {
    /// The methods that must all have succeeded.
    pub methods: BTreeSet<Method>,
    /// The level that they give together.
    pub level: AssuranceLevel,
}

impl LevelRule {
    /// `methods`, together, give `level`.
    pub fn new(methods: impl IntoIterator<Item = Method>, level: AssuranceLevel) -> Self {
        Self {
            methods: methods.into_iter().collect(),
            level,
        }
    }
}

/// Which methods, together, give which level: a country's own data, not code.
///
/// Evidence that no row speaks of is [`Low`](AssuranceLevel::Low).
///
/// ```
/// use solidarity_identity::{AssuranceLevel, LevelTable, Method};
///
/// let table = LevelTable::default();
/// let one = [Method::DEMOGRAPHIC].into_iter().collect();
/// let two = [Method::DEMOGRAPHIC, Method::ONE_TIME_CODE].into_iter().collect();
/// assert_eq!(table.level(&one), AssuranceLevel::Low);
/// assert_eq!(table.level(&two), AssuranceLevel::Substantial);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<LevelRule>", into = "Vec<LevelRule>")]
pub struct LevelTable(Vec<LevelRule>);

impl LevelTable {
    /// A table of `rules`.
    ///
    /// # Errors
    ///
    /// [`Invalid`], with its position, if a rule names no method: it would
    /// hold without evidence.
    pub fn new(rules: Vec<LevelRule>) -> Result<Self, Invalid> {
        match rules.iter().position(|rule| rule.methods.is_empty()) {
            Some(position) => Err(Invalid::new("methods", "must not be empty").at(position)),
            None => Ok(Self(rules)),
        }
    }

    /// The level of somebody verified by `methods`: the highest of the rows
    /// that hold.
    #[must_use]
    pub fn level(&self, methods: &BTreeSet<Method>) -> AssuranceLevel {
        self.0
            .iter()
            .filter(|rule| rule.methods.is_subset(methods))
            .map(|rule| rule.level)
            .max()
            .unwrap_or(AssuranceLevel::Low)
    }

    /// The rows.
    #[must_use]
    pub fn rules(&self) -> &[LevelRule] {
        &self.0
    }
}

impl Default for LevelTable {
    /// A cautious start: one method is low, two of different kinds are
    /// substantial, a document seen beside fingerprints is high.
    fn default() -> Self {
        use AssuranceLevel::{High, Substantial};
        let pair = |a, b, level| LevelRule::new([a, b], level);
        Self(vec![
            pair(Method::DEMOGRAPHIC, Method::ONE_TIME_CODE, Substantial),
            pair(Method::DEMOGRAPHIC, Method::DOCUMENT_SEEN, Substantial),
            pair(
                Method::DEMOGRAPHIC,
                Method::COMMUNITY_COMMITTEE,
                Substantial,
            ),
            pair(Method::ONE_TIME_CODE, Method::DOCUMENT_SEEN, Substantial),
            pair(Method::INTRODUCER, Method::COMMUNITY_COMMITTEE, Substantial),
            LevelRule::new([Method::BIOMETRIC], Substantial),
            pair(Method::BIOMETRIC, Method::DOCUMENT_SEEN, High),
        ])
    }
}

impl TryFrom<Vec<LevelRule>> for LevelTable {
    type Error = Invalid;

    fn try_from(rules: Vec<LevelRule>) -> Result<Self, Invalid> {
        Self::new(rules)
    }
}

impl From<LevelTable> for Vec<LevelRule> {
    fn from(table: LevelTable) -> Self {
        table.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const METHODS: [Method; 6] = [
        Method::DEMOGRAPHIC,
        Method::ONE_TIME_CODE,
        Method::DOCUMENT_SEEN,
        Method::BIOMETRIC,
        Method::INTRODUCER,
        Method::COMMUNITY_COMMITTEE,
    ];

    #[test]
    fn a_row_without_methods_is_refused_also_when_it_is_read() {
        let free = LevelRule::new([], AssuranceLevel::High);
        assert!(LevelTable::new(vec![free]).is_err());
        let json = r#"[{"methods":[],"level":"high"}]"#;
        assert!(serde_json::from_str::<LevelTable>(json).is_err());
    }

    proptest! {
        #[test]
        fn more_evidence_never_lowers_the_level(some in 0_u8..64, more in 0_u8..64) {
            let set = |bits: u8| -> BTreeSet<Method> {
                METHODS.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, m)| m.clone()).collect()
            };
            let table = LevelTable::default();
            prop_assert!(table.level(&set(some | more)) >= table.level(&set(some)));
        }
    }
}
