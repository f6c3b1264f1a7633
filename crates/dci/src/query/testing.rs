//! Random filters, and records that they may find; readings in short.

use chrono::NaiveDate;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Attributes, Filter, Query, QueryBody, QueryType, Test, Value};
use crate::{Decimal, Leniency, Rule, Term};

pub(super) fn attributes() -> Attributes {
    let build = || {
        Attributes::new()
            .id("UIN")?
            .text("name.surname")?
            .code("demographic_info.sex", ["male", "female"])?
            .whole("age")?
            .decimal("poverty_score")?
            .date("birth_date")?
            .time("last_updated")?
            .bool("is_disabled")
    };
    let built: Result<_, Rule> = build();
    built.unwrap()
}

pub(super) fn term(text: &str) -> Term {
    Term::new(text).unwrap()
}

fn moment(seconds: i64) -> Value {
    let moment = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    Value::Time(moment.into())
}

/// A value of the attribute `name`, out of so few that filters and records
/// meet.
fn value(name: &'static str) -> BoxedStrategy<Value> {
    match name {
        "age" => (-2_i64..3).prop_map(Value::Whole).boxed(),
        "poverty_score" => "-?(0\\.)?[0-3]"
            .prop_map(|text| Value::Decimal(Decimal::new(text).unwrap()))
            .boxed(),
        "birth_date" => (1_u32..4)
            .prop_map(|day| Value::Date(NaiveDate::from_ymd_opt(1999, 12, day).unwrap()))
            .boxed(),
        "last_updated" => (0_i64..3).prop_map(moment).boxed(),
        "is_disabled" => any::<bool>().prop_map(Value::Bool).boxed(),
        "demographic_info.sex" => prop_oneof![Just("male"), Just("female")]
            .prop_map(Value::from)
            .boxed(),
        _ => "[a-c]".prop_map(Value::from).boxed(),
    }
}

const NAMES: [&str; 8] = [
    "UIN",
    "name.surname",
    "demographic_info.sex",
    "age",
    "poverty_score",
    "birth_date",
    "last_updated",
    "is_disabled",
];

/// A comparison; of `in`, with up to `values` of them.
pub(super) fn comparison(values: usize) -> BoxedStrategy<Filter> {
    let name = prop::sample::select(&NAMES[..]);
    name.prop_flat_map(move |name| {
        let kind = attributes().kind(name).unwrap().clone();
        let tests = if kind.is_ordered() { 6 } else { 2 };
        (0..tests, prop::collection::vec(value(name), 1..=values)).prop_map(
            move |(test, values)| {
                let first = values.first().unwrap().clone();
                let test = match test {
                    0 => Test::In(values),
                    1 => Test::Eq(first),
                    2 => Test::Gt(first),
                    3 => Test::Ge(first),
                    4 => Test::Lt(first),
                    _ => Test::Le(first),
                };
                Filter::new(term(name), test)
            },
        )
    })
    .boxed()
}

/// Any filter within the limits.
pub(super) fn filter() -> BoxedStrategy<Filter> {
    comparison(3)
        .prop_recursive(6, 16, 3, |inner| {
            let some = || prop::collection::vec(inner.clone(), 1..4);
            prop_oneof![
                some().prop_map(Filter::And),
                some().prop_map(Filter::Or),
                inner.prop_map(Filter::negated),
            ]
        })
        .prop_filter("within the limits", |filter| {
            filter.to_expression(None).is_ok()
        })
        .boxed()
}

/// A filter that a predicate can say.
pub(super) fn simple() -> BoxedStrategy<Filter> {
    let one = comparison(1);
    let negated = one.clone().prop_map(Filter::negated);
    let two = (one.clone(), one.clone());
    let item = prop_oneof![
        one.clone(),
        negated,
        two.clone().prop_map(|(a, b)| Filter::And(vec![a, b])),
        two.clone().prop_map(|(a, b)| Filter::Or(vec![a, b])),
        two.prop_map(|(a, b)| Filter::And(vec![a, b.negated()])),
    ];
    let items = prop::collection::vec(item.clone(), 2..6).prop_map(Filter::And);
    prop_oneof![item, items].boxed()
}

/// What a record says of each attribute: nothing, one thing, or several.
pub(super) fn record() -> impl Strategy<Value = Vec<(&'static str, Vec<Value>)>> {
    NAMES
        .map(|name| (Just(name), prop::collection::vec(value(name), 0..3)))
        .to_vec()
}

fn body(written: &Json) -> QueryBody {
    serde_json::from_value(written.clone()).unwrap()
}

/// What `written` seeks, or the refusal in words.
pub(super) fn read(query_type: QueryType, written: &Json) -> Result<Filter, String> {
    let query = Query::read(query_type, &body(written), &Leniency::none());
    let query = query.map_err(|fault| format!("unread: {fault}"))?.value;
    query
        .filter(&attributes())
        .map_err(|fault| fault.to_string())
}

fn expression(conditions: &Json) -> Json {
    json!({"type": "ns:org:QueryType:expression", "value": {"expression": {"query": conditions}}})
}

/// The same, of the conditions of an expression.
pub(super) fn of(conditions: &Json) -> Result<Filter, String> {
    read(QueryType::Expression, &expression(conditions))
}

pub(super) fn new(name: &str, test: Test) -> Filter {
    Filter::new(term(name), test)
}
