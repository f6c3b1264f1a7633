//! Queries as they are written.

use std::fmt;

use serde::de::{Error as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use solidarity_core::{Pii, exposed};

use crate::json::{Object, Read, Reading, read_value};
use crate::{Fault, Leniency, Rule, Term, spelling};

/// The language of a query: `query_type`, `filter_type`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum QueryType {
    /// A type of identifier and its value.
    #[serde(rename = "idtype-value")]
    IdTypeValue,
    /// Conditions in the manner of MongoDB.
    #[serde(rename = "expression")]
    Expression,
    /// A list of pairs of comparisons.
    #[serde(rename = "predicate")]
    Predicate,
    /// GraphQL: known by name only (CRVS, DR, FR, and every `filter_type`).
    #[serde(rename = "graphql")]
    GraphQl,
}

/// A query as it is written, in any language. It may hold personal data:
/// `Debug` does not show it.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct QueryBody(Value);

impl QueryBody {
    /// What is written. It may be personal data.
    #[must_use]
    pub const fn expose(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for QueryBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueryBody([redacted])")
    }
}

impl<'de> Deserialize<'de> for QueryBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Open;
        impl<'de> Visitor<'de> for Open {
            type Value = QueryBody;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a query")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<QueryBody, D::Error> {
                Value::deserialize(deserializer).map(QueryBody)
            }
        }
        deserializer.deserialize_newtype_struct(spelling::OPEN, Open)
    }
}

/// A query, in its language.
///
/// A field that the standard does not have is refused, unlike elsewhere: a
/// part of a query that is passed over finds people who are not sought.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Query {
    /// `idtype-value`.
    IdTypeValue(IdTypeValue),
    /// `expression`.
    Expression(Expression),
    /// `predicate`: every one of them holds.
    Predicate(Vec<Predicate>),
    /// `graphql`: its text, which nothing here interprets.
    GraphQl(GraphQl),
}

/// A type of identifier and its value.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IdTypeValue {
    /// The type, such as `UIN`.
    #[serde(rename = "type")]
    pub id_type: Term,
    /// The value.
    pub value: Literal,
}

/// A value that something is compared with. It may be personal data: `Debug`
/// does not show it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Literal(#[serde(with = "exposed")] Pii<Value>);

impl Literal {
    /// The text `value`.
    #[must_use]
    pub fn text(value: impl Into<String>) -> Self {
        Self(Pii::new(Value::String(value.into())))
    }

    /// The value. It may be personal data.
    #[must_use]
    pub const fn expose(&self) -> &Value {
        self.0.expose()
    }
}

impl From<Value> for Literal {
    fn from(value: Value) -> Self {
        Self(Pii::new(value))
    }
}

/// Conditions in the manner of MongoDB.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Expression {
    /// `ns:org:QueryType:expression`, or what a partner writes there. It
    /// decides nothing.
    #[serde(rename = "type")]
    pub kind: Term,
    /// What is sought.
    pub value: ExpressionValue,
}

/// The template that holds an expression.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpressionValue {
    /// The expression.
    pub expression: ExpressionQuery,
}

/// What an expression asks of which collection.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpressionQuery {
    /// The kind of record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<Term>,
    /// The conditions: `{"$and": [{"poverty_score": {"$lt": 5}}]}`.
    #[serde(deserialize_with = "as_written")]
    pub query: Object,
}

/// An object of names that are attributes', not the standard's: no tolerance
/// changes them.
fn as_written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
    match QueryBody::deserialize(deserializer)?.0 {
        Value::Object(conditions) => Ok(Object::new(conditions)),
        _ => Err(D::Error::invalid_type(
            Unexpected::Other("no object"),
            &"an object",
        )),
    }
}

/// GraphQL, as it is written. It may hold personal data.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GraphQl {
    /// `ns:org:QueryType:graphql`.
    #[serde(rename = "type")]
    pub kind: Term,
    /// The text, in its template.
    pub value: GraphQlValue,
}

/// The template that holds GraphQL.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GraphQlValue {
    /// The text.
    #[serde(with = "exposed")]
    pub expression: Pii<String>,
}

/// One comparison, or two with a condition between them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Predicate {
    /// Its place among the others. It decides nothing: all of them hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq_num: Option<u32>,
    /// The first comparison.
    pub expression1: Comparison,
    /// What is between the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// The second comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression2: Option<Comparison>,
}

/// An attribute, compared with a value.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Comparison {
    /// The attribute.
    pub attribute_name: Term,
    /// How it is compared.
    pub operator: Operator,
    /// With what. A number is written as text: the standard's schema takes a
    /// whole number for two of its types at once, and so for none.
    pub attribute_value: Literal,
}

/// How an attribute is compared (`ExpOperator`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a comparison that is not known finds nobody"
)]
pub enum Operator {
    /// Greater than.
    Gt,
    /// Less than.
    Lt,
    /// Equal to.
    Eq,
    /// Greater than or equal to.
    Ge,
    /// Less than or equal to.
    Le,
    /// One of.
    In,
}

/// What is between two comparisons (`ExpCondition`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a condition that is not known finds nobody"
)]
pub enum Condition {
    /// Both hold.
    And,
    /// One of them holds.
    Or,
    /// The first holds and the second does not; without a second, the first
    /// does not.
    Not,
}

impl Query {
    /// The record whose identifier of the type `id_type` is `value`.
    ///
    /// # Errors
    ///
    /// The [`Rule`] that `id_type` breaks.
    pub fn id(id_type: impl Into<String>, value: impl Into<String>) -> Result<Self, Rule> {
        Ok(Self::IdTypeValue(IdTypeValue {
            id_type: Term::new(id_type)?,
            value: Literal::text(value),
        }))
    }

    /// Its language.
    #[must_use]
    pub const fn query_type(&self) -> QueryType {
        match self {
            Self::IdTypeValue(_) => QueryType::IdTypeValue,
            Self::Expression(_) => QueryType::Expression,
            Self::Predicate(_) => QueryType::Predicate,
            Self::GraphQl(_) => QueryType::GraphQl,
        }
    }

    /// `body`, as `query_type` says, never by its shape.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is none of that type.
    pub fn read(
        query_type: QueryType,
        body: &QueryBody,
        leniency: &Leniency,
    ) -> Result<Read<Self>, Fault> {
        let reading = Reading::new(*leniency);
        let query = match query_type {
            QueryType::IdTypeValue => read_value(&body.0, &reading).map(Self::IdTypeValue),
            QueryType::Expression => read_value(&body.0, &reading).map(Self::Expression),
            QueryType::Predicate => read_value(&body.0, &reading).map(Self::Predicate),
            QueryType::GraphQl => read_value(&body.0, &reading).map(Self::GraphQl),
        }?;
        Ok(Read {
            value: query,
            deviations: reading.into_deviations(),
        })
    }

    pub(crate) fn into_body(self) -> QueryBody {
        let body = match &self {
            Self::IdTypeValue(query) => serde_json::to_value(query),
            Self::Expression(query) => serde_json::to_value(query),
            Self::Predicate(query) => serde_json::to_value(query),
            Self::GraphQl(query) => serde_json::to_value(query),
        };
        // All of them are objects and lists of texts: nothing to fail at.
        QueryBody(body.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::testing::read;
    use crate::query::{Attributes, Filter};
    use crate::registry::SearchCriteria;
    use serde_json::json;

    /// Fields by their places, as some formats have them, are no objects.
    #[test]
    fn a_list_is_no_object() {
        let id = read(QueryType::IdTypeValue, &json!(["UIN", "471"]));
        assert_eq!(
            id,
            Err("unread: the message must be of the type that the standard gives it".to_owned())
        );
        let expression = json!(["x", [["Person", {"age": 1}]]]);
        assert!(read(QueryType::Expression, &expression).is_err());
    }

    /// Names of attributes are nobody's misspellings.
    #[test]
    fn a_lenient_reader_leaves_conditions_alone() {
        let conditions = json!({"person": {"programs_enrollments": 1}});
        let criteria = json!({
            "query_type": "expression",
            "query": {"type": "x", "value": {"expression": {"query": conditions}}},
        });
        let criteria: Object = serde_json::from_value(criteria).unwrap();
        let criteria = criteria.read::<SearchCriteria>(&Leniency::all()).unwrap();
        assert_eq!(criteria.deviations, []);
        let query = criteria.value.query(&Leniency::all()).unwrap();
        assert_eq!(query.deviations, []);
        let Query::Expression(query) = query.value else {
            panic!("an expression")
        };
        let read = query.value.expression.query.expose().clone();
        assert_eq!(Value::Object(read), conditions);
    }

    #[test]
    fn a_part_that_nobody_would_look_at_is_refused() {
        let comparison = json!({"attribute_name": "age", "operator": "eq", "attribute_value": "1"});
        let conditions = json!({"query": {"age": 1}});
        let bodies = [
            (
                QueryType::IdTypeValue,
                json!({"type": "UIN", "value": "471"}),
                "",
            ),
            (
                QueryType::Predicate,
                json!([{"expression1": comparison}]),
                "/0",
            ),
            (
                QueryType::Predicate,
                json!([{"expression1": comparison}]),
                "/0/expression1",
            ),
            (
                QueryType::Expression,
                json!({"type": "x", "value": {"expression": conditions}}),
                "",
            ),
            (
                QueryType::Expression,
                json!({"type": "x", "value": {"expression": conditions}}),
                "/value",
            ),
            (
                QueryType::Expression,
                json!({"type": "x", "value": {"expression": conditions}}),
                "/value/expression",
            ),
        ];
        for (query_type, mut body, place) in bodies {
            assert!(read(query_type, &body).is_ok(), "{query_type:?}");
            body.pointer_mut(place).unwrap()["sex"] = json!("female");
            let refusal = read(query_type, &body).unwrap_err();
            let rule = "must not hold a field that the standard does not have";
            assert!(
                refusal.starts_with("unread: ") && refusal.ends_with(rule),
                "{place}: {refusal}"
            );
        }
    }

    /// What the standard's samples search by.
    fn attributes() -> Attributes {
        let build = || {
            Attributes::new()
                .id("UIN")?
                .decimal("poverty_score")?
                .whole("household_size")?
                .text("demographic_info.person.sex")?
                .text("marital_status")?
                .text("disability_status")?
                .text("disability_details.impairment_type")?
                .date("member.demographic_info.birth_date")
        };
        let built: Result<_, Rule> = build();
        built.unwrap()
    }

    /// A tree, or the refusal in words.
    fn sought(criteria: &Value) -> String {
        let query_type = serde_json::from_value(criteria["query_type"].clone()).unwrap();
        let body = QueryBody(criteria["query"].clone());
        let query = match Query::read(query_type, &body, &Leniency::all()) {
            Ok(query) => query.value,
            Err(fault) => return format!("unread, {}", fault.rule()),
        };
        match query.filter(&attributes()) {
            Ok(Filter::And(filters)) => format!("all of {}", filters.len()),
            Ok(Filter::Compare { test, .. }) => format!("{:?}", test.operator()),
            Ok(_) => "another tree".to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    /// The queries among the standard's sample messages. What is written as a
    /// predicate, or as a bare comparison, and called an expression is refused
    /// however lenient the reader is.
    #[test]
    fn the_standards_samples_are_trees_or_refused() {
        let Some(vectors) = std::env::var_os("SOLIDARITY_VECTORS") else {
            println!("skipped: no vectors");
            return;
        };
        let other = "unread, must not hold a field that the standard does not have";
        let samples = [
            ("crvs/processflow1req", "Eq"),
            ("crvs/processflow2req", other),
            ("crvs/processflow3req", "Eq"),
            ("crvs/processflow4req", other),
            ("crvs/processflow5req", "Eq"),
            ("crvs/processflow6req", other),
            ("dr/processflow1req", "all of 2"),
            ("dr/processflow2req", other),
            ("dr/processflow3req", "all of 2"),
            ("fr/processflow1req", "all of 2"),
            ("fr/processflow2req", "all of 2"),
            ("ibr/processflow2req", other),
            ("ibr/processflow3areq", "Eq"),
            ("ibr/processflow4req", "Eq"),
            ("social/processflow1-1req", "all of 1"),
            ("social/processflow1-2req", "all of 1"),
            ("social/processflow1-3req", "all of 2"),
            ("social/processflow2req", other),
            ("social/processflow3areq", other),
            ("social/processflow4req", other),
        ];
        let folder = std::path::Path::new(&vectors).join("dci/spdci-standards-sample-json");
        let found: Vec<_> = samples
            .iter()
            .map(|(name, _)| {
                let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
                let sample: Value = serde_json::from_str(&text).unwrap();
                let message = &sample["message"];
                let places = [
                    &message["search_request"][0]["search_criteria"],
                    &message["search_request"]["search_criteria"],
                    &message["disabled_criteria"],
                    &message["enrolled_criteria"],
                ];
                let criteria = places.into_iter().find(|place| place.is_object());
                (*name, sought(criteria.unwrap()))
            })
            .collect();
        assert_eq!(found, samples.map(|(name, tree)| (name, tree.to_owned())));
    }
}
