//! `POST /registry/sync/disabled`: `DisabledRequest`.

use serde::{Deserialize, Serialize};

use crate::header::RequestHeader;
use crate::json::{Object, Read};
use crate::leniency::Seen;
use crate::message::Message;
use crate::query::{Query, QueryType};
use crate::registry::criteria;
use crate::{Action, Deviation, Fault, Leniency, TransactionId};

/// Is somebody registered as disabled?
///
/// ```
/// use solidarity_dci::TransactionId;
/// use solidarity_dci::query::Query;
/// use solidarity_dci::registry::dr::{DisabledCriteria, DisabledRequest};
///
/// let criteria = DisabledCriteria::new(&Query::id("UIN", "TEST-001")?)?;
/// let message = DisabledRequest::new(TransactionId::new("t-1")?, criteria);
/// assert_eq!(
///     serde_json::to_value(&message)?["disabled_criteria"],
///     serde_json::json!({"query_type": "idtype-value", "query": {"type": "UIN", "value": "TEST-001"}})
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisabledRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// Who.
    pub disabled_criteria: DisabledCriteria,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl DisabledRequest {
    /// The question about `criteria`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, criteria: DisabledCriteria) -> Self {
        Self {
            transaction_id: transaction,
            disabled_criteria: criteria,
            other: Object::default(),
        }
    }
}

/// Who is asked about.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DisabledCriteria {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query_type: Option<QueryType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<Object>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl DisabledCriteria {
    /// Whoever `query` finds. The conditions of an expression are written
    /// without a template, as in the standard's example.
    ///
    /// # Errors
    ///
    /// [`Rule::DoesNotFit`](crate::Rule::DoesNotFit) for predicates: a list,
    /// where the standard has an object.
    pub fn new(query: &Query) -> Result<Self, Fault> {
        let (query_type, query) = criteria::written(query)?;
        Ok(Self {
            query_type: Some(query_type),
            query: Some(query),
            ..Self::default()
        })
    }

    /// The query, read as `query_type` says, never by its shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is none of that type, or if one of the two is not
    /// given, which the standard allows without saying what it means.
    pub fn query(&self, leniency: &Leniency) -> Result<Read<Query>, Fault> {
        criteria::read(self.query_type, self.query.as_ref(), leniency)
    }
}

impl Message for DisabledRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Search;

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let query = self.disabled_criteria.query(leniency);
        let met = query.map(|query| query.deviations);
        met.seen_from_field("disabled_criteria")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What the OpenAPI of December 2025 gives as an example of a query.
    #[test]
    fn conditions_stand_alone() {
        let query = json!({"member.member_identifier": {"eq": "ABC451123"}});
        let criteria = json!({"query_type": "expression", "query": query});
        let criteria: DisabledCriteria = serde_json::from_value(criteria).unwrap();
        let read = criteria.query(&Leniency::none()).unwrap().value;
        let Query::Expression(expression) = &read else {
            panic!("{read:?}")
        };
        let conditions = &expression.value.expression.query;
        assert_eq!(json!(conditions), query);
        assert_eq!(DisabledCriteria::new(&read), Ok(criteria));
    }
}
