use std::fmt;

use serde::Serialize;

use crate::Schema;
use crate::comparator::Comparator;
use crate::model::{MATCH, Model, SORTS, add};
use crate::pattern::{Pattern, level};

/// Why two records are, or are not, taken for one person.
///
/// The evidence is taken up in the order of [`fields`](Self::fields): first
/// what a household shares, then what is a person's own. The weight of each
/// field is what it adds to those before it, so that the same village says
/// little once the telephone is the same. The weights, with
/// [`before`](Self::before), add up to the weight of the pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The weight before anything is compared: how rare one person is among
    /// the candidates.
    pub before: f64,
    /// The evidence, field by field.
    pub fields: Vec<FieldEvidence>,
    /// The weight of the pair: the binary logarithm of the odds that it is one
    /// person.
    pub weight: f64,
    /// The same as a probability, 0 to 1.
    pub probability: f64,
}

/// What one field says about a pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FieldEvidence {
    /// Which field.
    pub field: String,
    /// How the two compare; `None` if a side says nothing.
    pub level: Option<&'static str>,
    /// What that adds: over zero for one person, under zero for two. In bits:
    /// one more doubles the odds.
    pub weight: f64,
}

impl Explanation {
    pub(crate) fn new(
        schema: &Schema,
        comparators: &[Box<dyn Comparator>],
        model: &Model,
        pattern: Pattern,
    ) -> Self {
        let mut order: Vec<usize> = (0..comparators.len()).collect();
        let fields = schema.fields();
        order.sort_by_key(|n| fields.get(*n).is_none_or(|field| field.kind.is_personal()));
        let mut logs = model.shares();
        let before = weight(logs);
        let mut sum = before;
        let evidence = order.into_iter().filter_map(|n| {
            let (field, comparator) = (fields.get(n)?, comparators.get(n)?);
            let found = level(pattern, n);
            logs = add(logs, model.row(n)?, found);
            let now = weight(logs);
            let added = now - sum;
            sum = now;
            let level = found
                .checked_sub(1)
                .and_then(|level| comparator.levels().get(level));
            Some(FieldEvidence {
                field: field.name.clone(),
                level: level.map(|level| level.name),
                weight: added,
            })
        });
        Self {
            before,
            fields: evidence.collect(),
            weight: sum,
            probability: model.probability(pattern),
        }
    }
}

/// The binary logarithm of the odds that these logarithms stand for.
fn weight(logs: [f64; SORTS]) -> f64 {
    let most = logs.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let share = |log: f64| (log - most).exp().max(f64::MIN_POSITIVE);
    let two: f64 = logs.into_iter().skip(MATCH + 1).map(share).sum();
    let one = logs.get(MATCH).copied().map_or(0.0, share);
    one.log2() - two.log2()
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>+7.1}  before anything is compared", self.before)?;
        for field in &self.fields {
            let level = field.level.unwrap_or("not said");
            writeln!(f, "{:>+7.1}  {}: {level}", field.weight, field.field)?;
        }
        write!(
            f,
            "{:>+7.1}  together: probability {:.4}",
            self.weight, self.probability
        )
    }
}
