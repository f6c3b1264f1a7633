//! `POST /registry/sync/enrolled`: `EnrolledRequest`.

use serde::{Deserialize, Serialize};

use crate::header::RequestHeader;
use crate::json::{Object, Read};
use crate::leniency::Seen;
use crate::message::Message;
use crate::query::{Query, QueryType};
use crate::registry::{ResponseEntity, criteria};
use crate::{Action, Deviation, Fault, Leniency, TransactionId};

/// Is somebody a beneficiary?
///
/// ```
/// use solidarity_dci::TransactionId;
/// use solidarity_dci::query::Query;
/// use solidarity_dci::registry::ibr::{EnrolledCriteria, EnrolledRequest};
///
/// let criteria = EnrolledCriteria::new(&Query::id("UIN", "TEST-001")?)?;
/// let message = EnrolledRequest::new(TransactionId::new("t-1")?, criteria);
/// assert_eq!(
///     serde_json::to_value(&message)?["enrolled_criteria"],
///     serde_json::json!({"query_type": "idtype-value", "query": {"type": "UIN", "value": "TEST-001"}})
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnrolledRequest {
    /// The business transaction.
    pub transaction_id: TransactionId,
    /// Who.
    pub enrolled_criteria: EnrolledCriteria,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl EnrolledRequest {
    /// The question about `criteria`, within `transaction`.
    #[must_use]
    pub fn new(transaction: TransactionId, criteria: EnrolledCriteria) -> Self {
        Self {
            transaction_id: transaction,
            enrolled_criteria: criteria,
            other: Object::default(),
        }
    }
}

/// Who is asked about.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnrolledCriteria {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query_type: Option<QueryType>,
    /// Whether groups or members are asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_entity: Option<ResponseEntity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<Object>,
    /// What a newer version adds.
    #[serde(flatten)]
    pub other: Object,
}

impl EnrolledCriteria {
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

impl Message for EnrolledRequest {
    type Header = RequestHeader;
    const ACTION: Action = Action::Search;

    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let query = self.enrolled_criteria.query(leniency);
        let met = query.map(|query| query.deviations);
        met.seen_from_field("enrolled_criteria")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What the OpenAPI of December 2025 gives as an example of a query.
    #[test]
    fn conditions_stand_alone() {
        let query = json!({"person_identifier": {"eq": "ABC451123"}});
        let criteria = json!({"query_type": "expression", "query": query});
        let criteria: EnrolledCriteria = serde_json::from_value(criteria).unwrap();
        let read = criteria.query(&Leniency::none()).unwrap().value;
        let Query::Expression(expression) = &read else {
            panic!("{read:?}")
        };
        let conditions = &expression.value.expression.query;
        assert_eq!(json!(conditions), query);
        assert_eq!(EnrolledCriteria::new(&read), Ok(criteria));
    }

    #[test]
    fn nothing_is_guessed() {
        let fault = |criteria| {
            let criteria: EnrolledCriteria = serde_json::from_value(criteria).unwrap();
            criteria.query(&Leniency::all()).unwrap_err().to_string()
        };
        let query = json!({"type": "UIN", "value": "1"});
        assert_eq!(fault(json!({"query": query})), "`query_type` is required");
        assert_eq!(
            fault(json!({"query_type": "expression"})),
            "`query` is required"
        );
        assert_eq!(
            fault(json!({"query_type": "predicate", "query": query})),
            "`query` must be what the field beside it says"
        );
    }
}
