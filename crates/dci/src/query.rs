//! What is sought in a register.
//!
//! A query comes in one of the standard's languages ([`QueryType`]), which
//! `query_type` names and its shape never decides. [`Query::filter`] makes of
//! it a tree of comparisons over [attributes that were declared](Attributes),
//! within [limits](crate::limits); whatever is not such a tree is refused with
//! `rjct.search_criteria.invalid`.

mod attributes;
mod body;
mod expression;
mod filter;
mod matches;
mod predicate;
#[cfg(test)]
mod testing;
mod value;

pub use attributes::{Attributes, Kind};
pub use body::{
    Comparison, Condition, Expression, ExpressionQuery, ExpressionValue, GraphQl, GraphQlValue,
    IdTypeValue, Literal, Operator, Predicate, Query, QueryBody, QueryType,
};
pub use filter::{Filter, Test};
pub use matches::Truth;
pub use value::Value;
