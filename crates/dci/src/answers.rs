//! Whether a message answers another.

use crate::{Batch, CorrelationId, Fault, ReferenceId, Rule, TransactionId};

/// The ids by which an answer and its request are held against each other.
pub(crate) struct Ids<'a> {
    pub(crate) transaction: &'a TransactionId,
    pub(crate) correlation: Option<&'a CorrelationId>,
}

impl Ids<'_> {
    /// Whether `answer` bears the same ids. Where one of the two has no
    /// correlation id there is none to compare: G2P Connect lets it be left
    /// out.
    pub(crate) fn check(&self, answer: &Ids<'_>) -> Result<(), Fault> {
        if self.transaction != answer.transaction {
            return Err(Fault::field("transaction_id", Rule::WrongAnswer));
        }
        match (self.correlation, answer.correlation) {
            (Some(given), Some(borne)) if given != borne => {
                Err(Fault::field("correlation_id", Rule::WrongAnswer))
            }
            _ => Ok(()),
        }
    }
}

/// Whether every item of `answer` is about something that was asked for.
pub(crate) fn all_asked<A: Batch>(
    answer: &A,
    asked: impl Fn(&ReferenceId) -> bool,
) -> Result<(), Fault> {
    let mut items = answer.items().iter();
    match items.position(|item| !asked(A::reference(item))) {
        Some(position) => Err(wrong_reference::<A>(position)),
        None => Ok(()),
    }
}

fn wrong_reference<A: Batch>(position: usize) -> Fault {
    Fault::field("reference_id", Rule::WrongAnswer)
        .within_item(position)
        .within_field(A::ITEMS)
}

/// The item of `request` that each item of `answer` is about, in the answer's
/// order.
pub(crate) fn pair<'a, Q: Batch, A: Batch>(
    request: &'a Q,
    answer: &'a A,
) -> Result<Vec<(&'a Q::Item, &'a A::Item)>, Fault> {
    let asked: std::collections::HashMap<&ReferenceId, &Q::Item> = request
        .items()
        .iter()
        .map(|item| (Q::reference(item), item))
        .collect();
    let pairs = answer.items().iter().enumerate().map(|(position, item)| {
        let asked = asked.get(A::reference(item)).copied();
        asked
            .map(|asked| (asked, item))
            .ok_or_else(|| wrong_reference::<A>(position))
    });
    pairs.collect()
}
