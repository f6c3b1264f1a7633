//! A query and the field beside it that says its language, where both may be
//! absent.

use crate::json::{Object, Read};
use crate::leniency::Seen;
use crate::query::{Expression, ExpressionQuery, ExpressionValue, Query, QueryBody, QueryType};
use crate::{Fault, Leniency, Rule, Term};

/// The filter of a subscription. Without `filter_type` it is refused: read in
/// the wrong language, it would tell of the wrong people.
pub(super) fn filter(
    filter_type: Option<QueryType>,
    filter: &QueryBody,
    leniency: &Leniency,
) -> Result<Read<Query>, Fault> {
    let Some(filter_type) = filter_type else {
        return Err(Fault::field("filter_type", Rule::Required));
    };
    Query::read(filter_type, filter, leniency).seen_from_field("filter")
}

/// A query as the criteria of IBR's and DR's own requests hold it: always an
/// object, and the conditions of an expression stand in it without a
/// template, as in the standard's examples.
pub(super) fn written(query: &Query) -> Result<(QueryType, Object), Fault> {
    let body = match query {
        Query::IdTypeValue(query) => Object::of(query),
        Query::Expression(query) => Ok(query.value.expression.query.clone()),
        Query::GraphQl(query) => Object::of(query),
        Query::Predicate(_) => Err(Fault::field("query_type", Rule::DoesNotFit)),
    }?;
    Ok((query.query_type(), body))
}

/// The query that [`written`] writes.
pub(super) fn read(
    query_type: Option<QueryType>,
    query: Option<&Object>,
    leniency: &Leniency,
) -> Result<Read<Query>, Fault> {
    let required = |field| Fault::field(field, Rule::Required);
    let query_type = query_type.ok_or_else(|| required("query_type"))?;
    let query = query.ok_or_else(|| required("query"))?;
    let read = match query_type {
        QueryType::IdTypeValue => query
            .read(leniency)
            .map(|read| read.map(Query::IdTypeValue)),
        QueryType::GraphQl => query.read(leniency).map(|read| read.map(Query::GraphQl)),
        QueryType::Expression => Ok(Read {
            value: expression(query.clone()),
            deviations: Vec::new(),
        }),
        QueryType::Predicate => Err(Fault::new(Rule::DoesNotFit)),
    };
    read.seen_from_field("query")
}

fn expression(conditions: Object) -> Query {
    Query::Expression(Expression {
        kind: Term::fixed("ns:org:QueryType:expression"),
        value: ExpressionValue {
            expression: ExpressionQuery {
                collection: None,
                query: conditions,
            },
        },
    })
}
