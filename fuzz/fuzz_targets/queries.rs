//! Bytes as a query: read with each tolerance, made a tree, asked of a record,
//! written anew in both languages.
//!
//! The first byte says the language: `i`, `e`, `p` or `g`.

#![no_main]

use std::sync::LazyLock;

use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use solidarity_dci::query::{Attributes, Filter, Query, QueryBody, QueryType, Truth, Value};
use solidarity_dci::registry::SearchCriteria;
use solidarity_dci::{Decimal, Leniency, Rule, Term, Tolerance};

static ATTRIBUTES: LazyLock<Attributes> = LazyLock::new(|| attributes().expect("names that fit"));

fn attributes() -> Result<Attributes, Rule> {
    Attributes::new()
        .id("UIN")?
        .text("name.surname")?
        .code("sex", ["male", "female"])?
        .whole("age")?
        .decimal("poverty_score")?
        .date("birth_date")?
        .time("last_updated")?
        .bool("is_disabled")?
        .whole("person")?
        .whole("programs_enrollments")
}

const TOLERANCES: [Tolerance; 16] = [
    Tolerance::NumbersAsText,
    Tolerance::TextAsNumbers,
    Tolerance::BooleansAsText,
    Tolerance::EmptyForAbsent,
    Tolerance::NullForAbsent,
    Tolerance::EmptyIds,
    Tolerance::SingleForList,
    Tolerance::ListForSingle,
    Tolerance::TimesWithoutOffset,
    Tolerance::LocaleSpelling,
    Tolerance::Misspellings,
    Tolerance::ValueSpelling,
    Tolerance::ActionOfRequest,
    Tolerance::AckInEnvelope,
    Tolerance::WrappedObjects,
    Tolerance::RewrittenBody,
];

/// What a record says: one thing, several, or nothing.
fn record(attribute: &Term) -> Vec<Value> {
    match attribute.as_str() {
        "UIN" => vec!["471".into(), "0471".into()],
        "name.surname" => vec!["Example".into()],
        "sex" => vec!["female".into()],
        "age" => vec![25.into()],
        "poverty_score" => Decimal::new("2.5").map(Value::from).into_iter().collect(),
        "birth_date" => vec![NaiveDate::default().into()],
        _ => Vec::new(),
    }
}

/// As it goes over the wire, and back, without any tolerance.
fn again(query: Query) -> Filter {
    let written = serde_json::to_string(&SearchCriteria::new(query)).expect("JSON");
    let criteria: SearchCriteria = serde_json::from_str(&written).expect("what was written");
    let read = criteria.query(&Leniency::none()).expect("a query");
    assert!(read.deviations.is_empty(), "written strictly");
    read.value.filter(&ATTRIBUTES).expect("a tree")
}

fn check(filter: &Filter) {
    let found = filter.matches(record);
    assert_eq!(filter.clone().negated().matches(record), !found);
    let expression = filter
        .to_expression(None)
        .expect("an expression says every tree");
    assert_eq!(&again(expression), filter);
    match filter.to_predicate() {
        // It writes a list of one as that one.
        Ok(predicate) => assert_eq!(again(predicate).matches(record), found),
        Err(rule) => assert_eq!(rule, Rule::DoesNotFit),
    }
    assert!(matches!(found, Truth::True | Truth::False | Truth::Unknown));
}

fuzz_target!(|data: &[u8]| {
    let Some((first, written)) = data.split_first() else {
        return;
    };
    let query_type = match first {
        b'i' => QueryType::IdTypeValue,
        b'e' => QueryType::Expression,
        b'p' => QueryType::Predicate,
        _ => QueryType::GraphQl,
    };
    let Ok(body) = serde_json::from_slice::<QueryBody>(written) else {
        return;
    };
    let each = TOLERANCES.map(|tolerance| Leniency::none().with(tolerance));
    let strict = Query::read(query_type, &body, &Leniency::none());
    for leniency in each.into_iter().chain([Leniency::all()]) {
        let read = Query::read(query_type, &body, &leniency);
        if let Ok(strict) = &strict {
            let read = read.as_ref().expect("what is strict is tolerated");
            assert_eq!(
                read.value, strict.value,
                "tolerance changes nothing that is strict"
            );
        }
        let Ok(read) = read else { continue };
        assert_eq!(read.value.query_type(), query_type);
        match read.value.filter(&ATTRIBUTES) {
            Ok(filter) => check(&filter),
            Err(fault) => drop(fault.to_string()),
        }
    }
});
