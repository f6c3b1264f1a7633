//! Expressions: conditions in the manner of MongoDB, read and written.
//!
//! Of its operators those that the standard's examples show, and their
//! negations: `$and`, `$or`, `$nor`, `$not`, `$eq`, `$ne`, `$gt`, `$gte`,
//! `$lt`, `$lte`, `$in`, `$nin`.

use serde_json::{Map, Value as Json};

use super::attributes::Attribute;
use super::body::{Expression, ExpressionQuery, ExpressionValue, Operator, Query};
use super::filter::{Filter, Reader, Test, all, fault};
use crate::json::{Object, Path};
use crate::limits::QUERY_DEPTH_MAX;
use crate::{Fault, Rule, Term};

/// What `query`, at `path`, seeks.
pub(super) fn read(
    query: &Expression,
    reader: &mut Reader<'_>,
    path: &Path<'_>,
) -> Result<Filter, Fault> {
    let value = path.field("value");
    let expression = value.field("expression");
    let conditions = query.value.expression.query.expose();
    reader.conditions(conditions, 0, &expression.field("query"))
}

/// One condition deeper than `above` of them.
fn deeper(above: usize, path: &Path<'_>) -> Result<usize, Fault> {
    if above == QUERY_DEPTH_MAX {
        return Err(fault(path, Rule::TooMany));
    }
    Ok(above + 1)
}

/// The operator that compares, and whether it is negated.
fn comparison(name: &str) -> Option<(Operator, bool)> {
    Some(match name {
        "$eq" => (Operator::Eq, false),
        "$ne" => (Operator::Eq, true),
        "$gt" => (Operator::Gt, false),
        "$gte" => (Operator::Ge, false),
        "$lt" => (Operator::Lt, false),
        "$lte" => (Operator::Le, false),
        "$in" => (Operator::In, false),
        "$nin" => (Operator::In, true),
        _ => return None,
    })
}

const fn name(operator: Operator) -> &'static str {
    match operator {
        Operator::Eq => "$eq",
        Operator::Gt => "$gt",
        Operator::Ge => "$gte",
        Operator::Lt => "$lt",
        Operator::Le => "$lte",
        Operator::In => "$in",
    }
}

impl Reader<'_> {
    /// `{"$or": […], "age": {"$gt": 5}}`: every member holds. `above` is how
    /// many conditions it stands in.
    fn conditions(
        &mut self,
        members: &Map<String, Json>,
        above: usize,
        path: &Path<'_>,
    ) -> Result<Filter, Fault> {
        let above = match members.len() {
            0 => return Err(fault(path, Rule::Empty)),
            1 => above,
            _ => deeper(above, path)?,
        };
        let filters = members.iter().map(|(name, written)| match name.as_str() {
            "$and" => self
                .list(written, above, &path.field("$and"))
                .map(Filter::And),
            "$or" => self
                .list(written, above, &path.field("$or"))
                .map(Filter::Or),
            "$nor" => self.none_of(written, above, &path.field("$nor")),
            "$not" => {
                let path = path.field("$not");
                let members = object(written, &path)?;
                let filter = self.conditions(members, deeper(above, &path)?, &path)?;
                Ok(filter.negated())
            }
            name if name.starts_with('$') => Err(fault(path, Rule::UnknownValue)),
            name => {
                let attribute = self.attribute(name, path)?;
                match written {
                    Json::Object(operators) => self.operators(attribute, operators, above, path),
                    _ => self.compare(attribute, (Operator::Eq, path), (written, path)),
                }
            }
        });
        all(filters.collect::<Result<_, _>>()?, path)
    }

    /// `[{…}, {…}]`, in a condition that `above` others hold.
    fn list(
        &mut self,
        written: &Json,
        above: usize,
        path: &Path<'_>,
    ) -> Result<Vec<Filter>, Fault> {
        let above = deeper(above, path)?;
        let Json::Array(items) = written else {
            return Err(fault(path, Rule::WrongType));
        };
        if items.is_empty() {
            return Err(fault(path, Rule::Empty));
        }
        let filters = items.iter().enumerate().map(|(at, item)| {
            let path = path.item(at);
            self.conditions(object(item, &path)?, above, &path)
        });
        filters.collect()
    }

    fn none_of(&mut self, written: &Json, above: usize, path: &Path<'_>) -> Result<Filter, Fault> {
        // One alone needs no condition but the negation.
        let one = matches!(written, Json::Array(items) if items.len() == 1);
        let above = if one { above } else { deeper(above, path)? };
        let filters = self.list(written, above, path)?;
        Ok(if one {
            all(filters, path)?.negated()
        } else {
            Filter::Or(filters).negated()
        })
    }

    /// `{"$gt": 5, "$lt": 9}`: every comparison holds.
    fn operators(
        &mut self,
        attribute: &Attribute,
        operators: &Map<String, Json>,
        above: usize,
        path: &Path<'_>,
    ) -> Result<Filter, Fault> {
        let above = match operators.len() {
            0 => return Err(fault(path, Rule::Empty)),
            1 => above,
            _ => deeper(above, path)?,
        };
        let filters = operators.iter().map(|(name, written)| {
            if name == "$not" {
                let path = path.field("$not");
                let operators = object(written, &path)?;
                let above = deeper(above, &path)?;
                return Ok(self
                    .operators(attribute, operators, above, &path)?
                    .negated());
            }
            let Some((operator, negated)) = comparison(name) else {
                return Err(fault(path, Rule::UnknownValue));
            };
            let path = path.field(name);
            if operator == Operator::In && !written.is_array() {
                return Err(fault(&path, Rule::WrongType));
            }
            if negated {
                deeper(above, &path)?;
            }
            let filter = self.compare(attribute, (operator, &path), (written, &path))?;
            Ok(if negated { filter.negated() } else { filter })
        });
        all(filters.collect::<Result<_, _>>()?, path)
    }
}

fn object<'j>(written: &'j Json, path: &Path<'_>) -> Result<&'j Map<String, Json>, Fault> {
    let object = written.as_object();
    object.ok_or_else(|| fault(path, Rule::WrongType))
}

/// `filter`, which keeps the limits.
pub(super) fn write(filter: &Filter, collection: Option<Term>) -> Result<Query, Rule> {
    let Json::Object(query) = conditions(filter)? else {
        return Err(Rule::WrongType);
    };
    Ok(Query::Expression(Expression {
        kind: Term::new("ns:org:QueryType:expression")?,
        value: ExpressionValue {
            expression: ExpressionQuery {
                collection,
                query: Object::new(query),
            },
        },
    }))
}

fn conditions(filter: &Filter) -> Result<Json, Rule> {
    let list = |filters: &[Filter]| {
        filters
            .iter()
            .map(conditions)
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match filter {
        Filter::And(filters) => member("$and", list(filters)?),
        Filter::Or(filters) => member("$or", list(filters)?),
        Filter::Compare { attribute, test } => member(attribute.as_str(), operators(test)?),
        // `$not` stands between an attribute and its operators only.
        Filter::Not(filter) => match filter.as_ref() {
            Filter::Compare { attribute, test } => {
                member(attribute.as_str(), member("$not", operators(test)?))
            }
            other => member("$nor", vec![conditions(other)?]),
        },
    })
}

fn operators(test: &Test) -> Result<Json, Rule> {
    let value = match test {
        Test::Gt(value) | Test::Lt(value) | Test::Eq(value) | Test::Ge(value) | Test::Le(value) => {
            value.to_json()?
        }
        Test::In(values) => {
            let values = values.iter().map(super::Value::to_json);
            Json::Array(values.collect::<Result<_, _>>()?)
        }
    };
    Ok(member(name(test.operator()), value))
}

fn member(name: &str, value: impl Into<Json>) -> Json {
    Json::Object(Map::from_iter([(name.to_owned(), value.into())]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::testing::{new, of};
    use serde_json::json;

    #[test]
    fn an_expression_is_a_tree() {
        let sex = || new("demographic_info.sex", Test::Eq("female".into()));
        let young = || new("age", Test::Lt(25.into()));
        let grown = || new("age", Test::Ge(18.into()));
        let cases = [
            (json!({"demographic_info.sex": "female"}), sex()),
            (json!({"age": {"$lt": 25}}), young()),
            (json!({"age": {"$lt": "25"}}), young()),
            (
                json!({"age": {"$gte": 18, "$lt": 25}}),
                Filter::And(vec![grown(), young()]),
            ),
            (
                json!({"age": {"$lt": 25}, "demographic_info.sex": "female"}),
                Filter::And(vec![young(), sex()]),
            ),
            (
                json!({"$and": [{"age": {"$lt": 25}}]}),
                Filter::And(vec![young()]),
            ),
            (
                json!({"$or": [{"age": {"$lt": 25}}, {"demographic_info.sex": {"$eq": "female"}}]}),
                Filter::Or(vec![young(), sex()]),
            ),
            (json!({"$nor": [{"age": {"$lt": 25}}]}), young().negated()),
            (
                json!({"$nor": [{"age": {"$lt": 25}}, {"demographic_info.sex": "female"}]}),
                Filter::Or(vec![young(), sex()]).negated(),
            ),
            (json!({"$not": {"age": {"$lt": 25}}}), young().negated()),
            (json!({"age": {"$not": {"$lt": 25}}}), young().negated()),
            (
                json!({"demographic_info.sex": {"$ne": "female"}}),
                sex().negated(),
            ),
            (
                json!({"age": {"$in": [1, "2"]}}),
                new("age", Test::In(vec![1.into(), 2.into()])),
            ),
            (
                json!({"age": {"$nin": [1]}}),
                new("age", Test::In(vec![1.into()])).negated(),
            ),
        ];
        for (written, expected) in cases {
            assert_eq!(of(&written), Ok(expected), "{written}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_by_name_of_field() {
        let at = "query.value.expression.query";
        let cases = [
            (json!({}), "", "must not be empty"),
            (
                json!({"shoe_size": 44}),
                "",
                "must name attributes that may be searched",
            ),
            (
                json!({"$and": [{"age": 1}, {"shoe_size": 44}]}),
                ".$and[1]",
                "must name attributes that may be searched",
            ),
            (
                json!({"$where": "1"}),
                "",
                "must be one of the standard's values",
            ),
            (
                json!({"age": {"$regex": "1"}}),
                "",
                "must be one of the standard's values",
            ),
            (
                json!({"age": {"lt": 5}}),
                "",
                "must be one of the standard's values",
            ),
            (json!({"age": {}}), "", "must not be empty"),
            (
                json!({"age": [1, 2]}),
                "",
                "must be of the type that the standard gives it",
            ),
            (
                json!({"age": null}),
                "",
                "must be of the type that the standard gives it",
            ),
            (
                json!({"age": {"$gt": true}}),
                ".$gt",
                "must compare attributes as their types allow",
            ),
            (
                json!({"age": {"$in": 5}}),
                ".$in",
                "must be of the type that the standard gives it",
            ),
            (json!({"age": {"$in": []}}), ".$in", "must not be empty"),
            (
                json!({"age": {"$in": [1, "x"]}}),
                ".$in[1]",
                "must compare attributes as their types allow",
            ),
            (
                json!({"age": {"$not": 5}}),
                ".$not",
                "must be of the type that the standard gives it",
            ),
            (
                json!({"is_disabled": {"$gt": true}}),
                ".$gt",
                "must compare attributes as their types allow",
            ),
            (
                json!({"name.surname": {"$lt": "m"}}),
                ".$lt",
                "must compare attributes as their types allow",
            ),
            (
                json!({"demographic_info.sex": "m"}),
                "",
                "must be one of the standard's values",
            ),
            (
                json!({"$and": {"age": 1}}),
                ".$and",
                "must be of the type that the standard gives it",
            ),
            (json!({"$or": []}), ".$or", "must not be empty"),
            (
                json!({"$or": [{"age": 1}, 5]}),
                ".$or[1]",
                "must be of the type that the standard gives it",
            ),
            (json!({"$or": [{}]}), ".$or[0]", "must not be empty"),
            (
                json!({"$not": [{"age": 1}]}),
                ".$not",
                "must be of the type that the standard gives it",
            ),
        ];
        for (written, place, rule) in cases {
            let expected = format!("`{at}{place}` {rule}");
            assert_eq!(of(&written), Err(expected), "{written}");
        }
    }

    /// `$ne` is a condition more than `$eq`.
    #[test]
    fn a_negated_comparison_is_as_deep_as_its_tree() {
        let within =
            |inner: Json, count| (0..count).fold(inner, |inner, _| json!({"$nor": [inner]}));
        for name in ["$ne", "$nin"] {
            let value = if name == "$ne" { json!(1) } else { json!([1]) };
            let one = json!({"age": {name: value}});
            assert!(of(&within(one.clone(), QUERY_DEPTH_MAX - 1)).is_ok());
            assert!(of(&within(one, QUERY_DEPTH_MAX)).is_err());
        }
    }
}
