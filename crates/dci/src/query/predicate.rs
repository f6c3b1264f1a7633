//! Predicates: lists of pairs of comparisons, read and written.

use super::body::{Comparison, Condition, Literal, Predicate, Query};
use super::filter::{Filter, Reader, all, fault};
use crate::json::Path;
use crate::{Fault, Rule};

/// What `query`, at `path`, seeks: every one of them holds.
pub(super) fn read(
    query: &[Predicate],
    reader: &mut Reader<'_>,
    path: &Path<'_>,
) -> Result<Filter, Fault> {
    let filters = query.iter().enumerate();
    let filters = filters.map(|(at, predicate)| reader.predicate(predicate, &path.item(at)));
    all(filters.collect::<Result<_, _>>()?, path)
}

impl Reader<'_> {
    fn predicate(&mut self, predicate: &Predicate, path: &Path<'_>) -> Result<Filter, Fault> {
        let first = self.comparison(&predicate.expression1, &path.field("expression1"))?;
        let second = match &predicate.expression2 {
            Some(second) => Some(self.comparison(second, &path.field("expression2"))?),
            None => None,
        };
        match (predicate.condition, second) {
            (None, None) => Ok(first),
            (Some(Condition::And), Some(second)) => Ok(Filter::And(vec![first, second])),
            (Some(Condition::Or), Some(second)) => Ok(Filter::Or(vec![first, second])),
            (Some(Condition::Not), Some(second)) => Ok(Filter::And(vec![first, second.negated()])),
            (Some(Condition::Not), None) => Ok(first.negated()),
            (None, Some(_)) => Err(fault(&path.field("condition"), Rule::Required)),
            (Some(Condition::And | Condition::Or), None) => {
                Err(fault(&path.field("expression2"), Rule::Required))
            }
        }
    }

    fn comparison(&mut self, comparison: &Comparison, path: &Path<'_>) -> Result<Filter, Fault> {
        let name = comparison.attribute_name.as_str();
        let attribute = self.attribute(name, &path.field("attribute_name"))?;
        self.compare(
            attribute,
            (comparison.operator, &path.field("operator")),
            (
                comparison.attribute_value.expose(),
                &path.field("attribute_value"),
            ),
        )
    }
}

/// `filter`, which keeps the limits.
pub(super) fn write(filter: &Filter) -> Result<Query, Rule> {
    let filters = match alone(filter) {
        Filter::And(filters) => filters.as_slice(),
        other => std::slice::from_ref(other),
    };
    let predicates = (1..).zip(filters);
    let predicates = predicates.map(|(number, filter)| predicate(number, filter));
    Ok(Query::Predicate(predicates.collect::<Result<_, _>>()?))
}

/// What a list of one holds.
fn alone(filter: &Filter) -> &Filter {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => match filters.as_slice() {
            [only] => alone(only),
            _ => filter,
        },
        _ => filter,
    }
}

fn predicate(number: u32, filter: &Filter) -> Result<Predicate, Rule> {
    let filter = alone(filter);
    let (first, condition, second) = match filter {
        Filter::Compare { .. } => (filter, None, None),
        Filter::Not(inner) => (inner.as_ref(), Some(Condition::Not), None),
        Filter::And(filters) => match filters.as_slice() {
            [first, second] => match alone(second) {
                Filter::Not(second) => (first, Some(Condition::Not), Some(second.as_ref())),
                second => (first, Some(Condition::And), Some(second)),
            },
            _ => return Err(Rule::DoesNotFit),
        },
        Filter::Or(filters) => match filters.as_slice() {
            [first, second] => (first, Some(Condition::Or), Some(second)),
            _ => return Err(Rule::DoesNotFit),
        },
    };
    Ok(Predicate {
        seq_num: Some(number),
        expression1: comparison(first)?,
        condition,
        expression2: second.map(comparison).transpose()?,
    })
}

fn comparison(filter: &Filter) -> Result<Comparison, Rule> {
    let Filter::Compare { attribute, test } = alone(filter) else {
        return Err(Rule::DoesNotFit);
    };
    let [value] = test.values() else {
        return Err(Rule::DoesNotFit);
    };
    Ok(Comparison {
        attribute_name: attribute.clone(),
        operator: test.operator(),
        attribute_value: Literal::from(value.to_json_text()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::testing::{new, read};
    use crate::query::{QueryType, Test};
    use serde_json::{Value as Json, json};

    #[test]
    fn a_predicate_is_a_list_of_pairs() {
        let age = |operator: &str, value: Json| json!({"attribute_name": "age", "operator": operator, "attribute_value": value});
        let young = || new("age", Test::Lt(25.into()));
        let grown = || new("age", Test::Ge(18.into()));
        let pair = |condition: Json| {
            json!([{"expression1": age("lt", json!("25")), "condition": condition,
                    "expression2": age("ge", json!(18))}])
        };
        let single = json!({"seq_num": 7, "expression1": age("lt", json!("25"))});
        let cases = [
            (json!([single]), young()),
            (json!([single, single]), Filter::And(vec![young(), young()])),
            (pair(json!("and")), Filter::And(vec![young(), grown()])),
            (pair(json!("or")), Filter::Or(vec![young(), grown()])),
            (
                pair(json!("not")),
                Filter::And(vec![young(), grown().negated()]),
            ),
            (
                json!([{"expression1": age("lt", json!("25")), "condition": "not"}]),
                young().negated(),
            ),
            (
                json!([{"expression1": age("in", json!(["1", 2]))}]),
                new("age", Test::In(vec![1.into(), 2.into()])),
            ),
            (
                json!([{"expression1": age("in", json!("1"))}]),
                new("age", Test::In(vec![1.into()])),
            ),
        ];
        for (written, expected) in cases {
            assert_eq!(
                read(QueryType::Predicate, &written),
                Ok(expected),
                "{written}"
            );
        }

        let of = |name: &str, operator: &str, value: Json| json!([{"expression1": {"attribute_name": name, "operator": operator, "attribute_value": value}}]);
        let one = || age("lt", json!("25"));
        let refused = [
            (json!([]), "`query` must not be empty"),
            (
                json!([{"expression1": one(), "expression2": one()}]),
                "`query[0].condition` is required",
            ),
            (
                json!([{"expression1": one(), "condition": "and"}]),
                "`query[0].expression2` is required",
            ),
            (
                json!([single, {"expression1": one(), "condition": "or"}]),
                "`query[1].expression2` is required",
            ),
            (
                of("shoe_size", "eq", json!("44")),
                "`query[0].expression1.attribute_name` must name attributes that may be searched",
            ),
            (
                of("age", "eq", json!("25x")),
                "`query[0].expression1.attribute_value` must compare attributes as their types allow",
            ),
            (
                of("age", "eq", json!(["25"])),
                "`query[0].expression1.attribute_value` must be of the type that the standard gives it",
            ),
            (
                of("is_disabled", "gt", json!(true)),
                "`query[0].expression1.operator` must compare attributes as their types allow",
            ),
            (
                of("birth_date", "eq", json!("1.5.1990")),
                "`query[0].expression1.attribute_value` must be a date, or a time, of RFC 3339",
            ),
            // A third comparison is passed over by nobody.
            (
                json!([{"expression1": one(), "condition": "and", "expression2": one(), "expression3": one()}]),
                "unread: `[0]` must not hold a field that the standard does not have",
            ),
            (
                of("age", "gte", json!(25)),
                "unread: `[0].expression1.operator` must be one of the standard's values",
            ),
        ];
        for (written, expected) in refused {
            assert_eq!(
                read(QueryType::Predicate, &written),
                Err(expected.to_owned()),
                "{written}"
            );
        }
    }

    #[test]
    fn predicates_are_limited_too() {
        let pairs = |count: usize| {
            let one = json!({"attribute_name": "age", "operator": "eq", "attribute_value": "1"});
            let pair = json!({"expression1": one, "condition": "or", "expression2": one});
            read(QueryType::Predicate, &json!(vec![pair; count]))
        };
        assert!(pairs(10).is_ok());
        assert_eq!(
            pairs(11),
            Err("`query[10].expression1.operator` must not hold more than the limit".to_owned())
        );
    }
}
