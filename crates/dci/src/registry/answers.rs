//! Whether a message answers the request that it says it answers.

use crate::answers::Ids;
use crate::{CorrelationId, Fault, ReferenceId, Rule, TransactionId};

/// Both of the transaction `asked`, and under `correlation`, where that is
/// known.
pub(super) fn same_transaction(
    answered: (&TransactionId, &CorrelationId),
    asked: &TransactionId,
    correlation: Option<&CorrelationId>,
) -> Result<(), Fault> {
    let asked = Ids {
        transaction: asked,
        correlation,
    };
    asked.check(&Ids {
        transaction: answered.0,
        correlation: Some(answered.1),
    })
}

/// Every one of `answered`, the items of the field `list`, was asked for.
pub(super) fn all_asked<'a>(
    list: &str,
    answered: impl IntoIterator<Item = &'a ReferenceId>,
    asked: impl Fn(&ReferenceId) -> bool,
) -> Result<(), Fault> {
    match answered.into_iter().position(|id| !asked(id)) {
        Some(position) => Err(Fault::field("reference_id", Rule::WrongAnswer)
            .within_item(position)
            .within_field(list)),
        None => Ok(()),
    }
}
