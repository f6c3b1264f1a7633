//! Queries as trees.

use super::attributes::{Attribute, Attributes, Kind};
use super::body::{IdTypeValue, Operator, Query};
use super::value::Value;
use super::{expression, predicate};
use crate::json::Path;
use crate::limits::{QUERY_DEPTH_MAX, QUERY_TERMS_MAX, QUERY_VALUES_MAX};
use crate::{Fault, Rule, Term};

/// What is sought, whichever language it was written in.
///
/// One that [`Query::filter`] gives holds within the
/// [limits](crate::limits), and compares declared attributes as their types
/// allow. [`matches`](Self::matches) says what it means.
///
/// ```
/// use solidarity_dci::query::{Attributes, Filter, Test};
/// use solidarity_dci::{Rule, Term};
///
/// let poor = Filter::new(Term::new("poverty_score")?, Test::Lt(5.into()));
/// let young = Filter::new(Term::new("age")?, Test::Lt(25.into()));
/// let both = Filter::And(vec![poor, young]);
///
/// let attributes = Attributes::new().whole("poverty_score")?.whole("age")?;
/// let query = both.to_predicate()?;
/// assert_eq!(query.filter(&attributes), Ok(both));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a part that is passed over finds other people than those sought"
)]
pub enum Filter {
    /// All of them hold: one at least.
    And(Vec<Self>),
    /// One of them holds, or more: one at least.
    Or(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// An attribute passes a test.
    Compare {
        /// The attribute.
        attribute: Term,
        /// The test.
        test: Test,
    },
}

/// How an attribute is compared, and with what. It may hold personal data:
/// `Debug` does not show it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a comparison that is not known finds nobody"
)]
pub enum Test {
    /// Greater than.
    Gt(Value),
    /// Less than.
    Lt(Value),
    /// Equal to.
    Eq(Value),
    /// Greater than or equal to.
    Ge(Value),
    /// Less than or equal to.
    Le(Value),
    /// One of these: one at least, at most [`QUERY_VALUES_MAX`].
    In(Vec<Value>),
}

impl Test {
    /// The standard's name of it.
    #[must_use]
    pub const fn operator(&self) -> Operator {
        match self {
            Self::Gt(_) => Operator::Gt,
            Self::Lt(_) => Operator::Lt,
            Self::Eq(_) => Operator::Eq,
            Self::Ge(_) => Operator::Ge,
            Self::Le(_) => Operator::Le,
            Self::In(_) => Operator::In,
        }
    }

    /// What is compared with.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        match self {
            Self::Gt(value)
            | Self::Lt(value)
            | Self::Eq(value)
            | Self::Ge(value)
            | Self::Le(value) => std::slice::from_ref(value),
            Self::In(values) => values,
        }
    }
}

impl Filter {
    /// Those of whom `attribute` passes `test`.
    #[must_use]
    pub const fn new(attribute: Term, test: Test) -> Self {
        Self::Compare { attribute, test }
    }

    /// The same, where it does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// It as a query of the type `expression`, for records of the kind
    /// `collection`.
    ///
    /// ```
    /// use solidarity_dci::query::{Filter, Test};
    /// use solidarity_dci::registry::SearchCriteria;
    /// use solidarity_dci::{Rule, Term};
    ///
    /// let poor = Filter::new(Term::new("poverty_score")?, Test::Lt(5.into()));
    /// let criteria = SearchCriteria::new(poor.to_expression(Some(Term::new("Group")?))?);
    /// assert_eq!(
    ///     serde_json::to_value(&criteria).unwrap()["query"]["value"]["expression"],
    ///     serde_json::json!({"collection": "Group", "query": {"poverty_score": {"$lt": 5}}})
    /// );
    /// # Ok::<(), Rule>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Rule::TooMany`] beyond the [limits](crate::limits), [`Rule::Empty`]
    /// for a list of nothing, [`Rule::NotAccepted`] for an attribute that
    /// begins with `$`, and the rules that a [`Value`] breaks.
    pub fn to_expression(&self, collection: Option<Term>) -> Result<Query, Rule> {
        self.check(0, &mut 0)?;
        expression::write(self, collection)
    }

    /// It as a query of the type `predicate`, if that can say it: comparisons,
    /// pairs of them joined by `and` or `or`, the negation of one, and lists
    /// of these that hold together. A list of one is written as that one.
    ///
    /// # Errors
    ///
    /// [`Rule::DoesNotFit`] for any other tree, and for `in` with more than
    /// one value, which the standard's schema of a predicate does not take;
    /// else as [`to_expression`](Self::to_expression).
    pub fn to_predicate(&self) -> Result<Query, Rule> {
        self.check(0, &mut 0)?;
        predicate::write(self)
    }

    /// Whether what is written is read again.
    fn check(&self, above: usize, terms: &mut usize) -> Result<(), Rule> {
        let within = |filter: &Self, terms: &mut usize| {
            if above == QUERY_DEPTH_MAX {
                return Err(Rule::TooMany);
            }
            filter.check(above + 1, terms)
        };
        match self {
            Self::And(filters) | Self::Or(filters) if filters.is_empty() => Err(Rule::Empty),
            Self::And(filters) | Self::Or(filters) => {
                filters.iter().try_for_each(|filter| within(filter, terms))
            }
            Self::Not(filter) => within(filter, terms),
            Self::Compare { attribute, test } => {
                *terms += 1;
                let values = test.values();
                if *terms > QUERY_TERMS_MAX || values.len() > QUERY_VALUES_MAX {
                    return Err(Rule::TooMany);
                }
                if values.is_empty() {
                    return Err(Rule::Empty);
                }
                if attribute.as_str().starts_with('$') {
                    return Err(Rule::NotAccepted);
                }
                values.iter().try_for_each(Value::check)
            }
        }
    }
}

impl Query {
    /// What it seeks, by `attributes`.
    ///
    /// Comparisons of one predicate are joined by its `condition`, predicates
    /// by `and`; `seq_num` decides nothing. In an expression several members
    /// of one object, and several operators on one attribute, all hold.
    ///
    /// # Errors
    ///
    /// [`Fault`], seen from what holds the query, such as
    /// `query[0].expression1.attribute_value`. It names nothing that the
    /// sender chose. GraphQL is always refused.
    pub fn filter(&self, attributes: &Attributes) -> Result<Filter, Fault> {
        let path = Path::ROOT.field("query");
        let mut reader = Reader {
            attributes,
            terms: 0,
        };
        match self {
            Self::IdTypeValue(query) => reader.id(query, &path),
            Self::Expression(query) => expression::read(query, &mut reader, &path),
            Self::Predicate(query) => predicate::read(query, &mut reader, &path),
            Self::GraphQl(_) => Err(fault(&path, Rule::NotAccepted)),
        }
    }
}

/// That `rule` is broken at `path`.
pub(super) fn fault(path: &Path<'_>, rule: Rule) -> Fault {
    path.onto(Fault::new(rule))
}

/// All of `filters`, which stand at `path`.
pub(super) fn all(mut filters: Vec<Filter>, path: &Path<'_>) -> Result<Filter, Fault> {
    match (filters.len(), filters.pop()) {
        (1, Some(only)) => Ok(only),
        (_, Some(last)) => {
            filters.push(last);
            Ok(Filter::And(filters))
        }
        (_, None) => Err(fault(path, Rule::Empty)),
    }
}

/// What a reading may name, and how many comparisons it has met.
pub(super) struct Reader<'a> {
    attributes: &'a Attributes,
    terms: usize,
}

impl<'a> Reader<'a> {
    /// The attribute `name`; what breaks a rule stands at `path`.
    pub(super) fn attribute(&self, name: &str, path: &Path<'_>) -> Result<&'a Attribute, Fault> {
        let found = self.attributes.get(name);
        found.ok_or_else(|| fault(path, Rule::UnknownAttribute))
    }

    /// The comparison of `attribute` with what is `written`, at `path`, which
    /// leads to `operator` and to the value by the fields that come with them.
    pub(super) fn compare(
        &mut self,
        attribute: &Attribute,
        (operator, at): (Operator, &Path<'_>),
        (written, path): (&serde_json::Value, &Path<'_>),
    ) -> Result<Filter, Fault> {
        self.terms += 1;
        if self.terms > QUERY_TERMS_MAX {
            return Err(fault(at, Rule::TooMany));
        }
        let is_order = !matches!(operator, Operator::Eq | Operator::In);
        if is_order && !attribute.kind.is_ordered() {
            return Err(fault(at, Rule::NotComparable));
        }
        let take = |written, path: &Path<'_>| {
            let value = attribute.kind.take(written);
            value.map_err(|rule| fault(path, rule))
        };
        let test = match (operator, written) {
            (Operator::In, serde_json::Value::Array(written)) => {
                if written.is_empty() {
                    return Err(fault(path, Rule::Empty));
                }
                if written.len() > QUERY_VALUES_MAX {
                    return Err(fault(path, Rule::TooMany));
                }
                let values = written.iter().enumerate();
                let values = values.map(|(at, written)| take(written, &path.item(at)));
                Test::In(values.collect::<Result<_, _>>()?)
            }
            (Operator::In, written) => Test::In(vec![take(written, path)?]),
            (Operator::Gt, written) => Test::Gt(take(written, path)?),
            (Operator::Lt, written) => Test::Lt(take(written, path)?),
            (Operator::Eq, written) => Test::Eq(take(written, path)?),
            (Operator::Ge, written) => Test::Ge(take(written, path)?),
            (Operator::Le, written) => Test::Le(take(written, path)?),
        };
        Ok(Filter::new(attribute.name.clone(), test))
    }

    fn id(&mut self, query: &IdTypeValue, path: &Path<'_>) -> Result<Filter, Fault> {
        let at = path.field("type");
        let attribute = self.attribute(query.id_type.as_str(), &at)?;
        if attribute.kind != Kind::Id {
            return Err(fault(&at, Rule::UnknownAttribute));
        }
        let written = (query.value.expose(), &path.field("value"));
        self.compare(attribute, (Operator::Eq, path), written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Leniency;
    use crate::query::QueryType;
    use crate::query::testing::{attributes, filter, new, of, read, simple, term};
    use crate::registry::SearchCriteria;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    #[test]
    fn an_identifier_is_looked_for_where_its_type_is_declared() {
        let of = |id_type: &str, value: Json| {
            read(
                QueryType::IdTypeValue,
                &json!({"type": id_type, "value": value}),
            )
        };
        let found = new("UIN", Test::Eq("471".into()));
        assert_eq!(of("UIN", json!("471")), Ok(found.clone()));
        assert_eq!(of("UIN", json!(471)), Ok(found));
        let unknown = "`query.type` must name attributes that may be searched";
        assert_eq!(of("BRN", json!("471")), Err(unknown.to_owned()));
        assert_eq!(of("age", json!("471")), Err(unknown.to_owned()));
        assert_eq!(
            of("UIN", json!({"number": 471})),
            Err("`query.value` must be of the type that the standard gives it".to_owned())
        );
    }

    #[test]
    fn graphql_is_recognized_and_refused() {
        let written = json!({"type": "ns:org:QueryType:graphql", "value": {"expression": "{ member { name } }"}});
        assert_eq!(
            read(QueryType::GraphQl, &written),
            Err("`query` must be what the field takes".to_owned())
        );
    }

    #[test]
    fn every_refusal_has_the_standards_code() {
        use crate::registry::SearchRequest;
        use crate::{Batch, SearchReason};
        let query = Query::id("BRN", "471").unwrap();
        let fault = query.filter(&attributes()).unwrap_err();
        assert_eq!(
            SearchRequest::reason(&fault),
            SearchReason::SearchCriteriaInvalid
        );
    }

    /// What is read of `filter` once it is written, and what writing it says.
    fn both(filter: &Filter) -> (Result<Filter, String>, Result<(), Rule>) {
        let conditions = match filter {
            Filter::And(filters) => {
                json!({"$and": filters.iter().map(|_| json!({"age": 1})).collect::<Vec<_>>()})
            }
            Filter::Compare { test, .. } => {
                json!({"age": {"$in": test.values().iter().map(|_| 1).collect::<Vec<_>>()}})
            }
            _ => (1..depth(filter)).fold(
                json!({"$nor": [{"age": 1}]}),
                |inner, _| json!({"$nor": [inner]}),
            ),
        };
        (of(&conditions), filter.to_expression(None).map(drop))
    }

    fn depth(filter: &Filter) -> usize {
        match filter {
            Filter::Not(inner) => 1 + depth(inner),
            _ => 0,
        }
    }

    #[test]
    fn limits_hold_for_what_is_read_and_what_is_written() {
        let one = || new("age", Test::Eq(1.into()));
        let terms = |count| Filter::And(vec![one(); count]);
        let deep = |count| (0..count).fold(one(), |filter, _| filter.negated());
        let values = |count| new("age", Test::In(vec![1.into(); count]));
        let at = |place: &str| {
            Err(format!(
                "`query.value.expression.query{place}` must not hold more than the limit"
            ))
        };

        for count in [QUERY_TERMS_MAX - 1, QUERY_TERMS_MAX] {
            assert_eq!(both(&terms(count)), (Ok(terms(count)), Ok(())));
        }
        assert_eq!(
            both(&terms(QUERY_TERMS_MAX + 1)),
            (at(".$and[20]"), Err(Rule::TooMany))
        );

        for count in [QUERY_DEPTH_MAX - 1, QUERY_DEPTH_MAX] {
            assert_eq!(both(&deep(count)), (Ok(deep(count)), Ok(())));
        }
        let too_deep = format!("{}.$nor", ".$nor[0]".repeat(QUERY_DEPTH_MAX));
        assert_eq!(
            both(&deep(QUERY_DEPTH_MAX + 1)),
            (at(&too_deep), Err(Rule::TooMany))
        );

        for count in [QUERY_VALUES_MAX - 1, QUERY_VALUES_MAX] {
            assert_eq!(both(&values(count)), (Ok(values(count)), Ok(())));
        }
        assert_eq!(
            both(&values(QUERY_VALUES_MAX + 1)),
            (at(".$in"), Err(Rule::TooMany))
        );
    }

    #[test]
    fn only_what_is_read_again_is_written() {
        let one = || new("age", Test::Eq(1.into()));
        let late = chrono::NaiveDate::MAX;
        let cases = [
            (Filter::And(vec![]), Rule::Empty),
            (new("age", Test::In(vec![])), Rule::Empty),
            (new("$where", Test::Eq(1.into())), Rule::NotAccepted),
            (new("age", Test::Eq(i64::MAX.into())), Rule::OutOfRange),
            (new("birth_date", Test::Eq(late.into())), Rule::OutOfRange),
            (new("name.surname", Test::Eq("".into())), Rule::Empty),
        ];
        for (filter, rule) in cases {
            assert_eq!(filter.to_expression(None), Err(rule));
            assert_eq!(filter.to_predicate(), Err(rule));
        }

        let unfit = [
            Filter::Or(vec![one(), one(), one()]),
            Filter::Or(vec![one(), one().negated()]),
            Filter::And(vec![one(), Filter::And(vec![one(); 3])]),
            one().negated().negated(),
            Filter::And(vec![one(); 2]).negated(),
            new("age", Test::In(vec![1.into(), 2.into()])),
        ];
        for filter in unfit {
            assert_eq!(filter.to_predicate(), Err(Rule::DoesNotFit), "{filter:?}");
        }
        let alone = Filter::And(vec![Filter::Or(vec![Filter::And(vec![one()])])]);
        let alone = Filter::Or(vec![Filter::And(vec![alone])]);
        let query = alone.to_predicate().unwrap();
        assert_eq!(query.filter(&attributes()), Ok(one()));
    }

    #[test]
    fn nothing_personal_is_shown() {
        let filter = new("UIN", Test::Eq("SECRET".into()));
        assert!(!format!("{filter:?}").contains("SECRET"));
        let secret =
            json!({"SECRET": {"SECRET": "SECRET"}, "$and": [{"UIN": {"$SECRET": "SECRET"}}]});
        assert!(!of(&secret).unwrap_err().contains("SECRET"));
    }

    /// As it goes over the wire, and back.
    fn again(query: Query) -> Filter {
        let written = serde_json::to_string(&SearchCriteria::new(query)).unwrap();
        let criteria: SearchCriteria = serde_json::from_str(&written).unwrap();
        let query = criteria.query(&Leniency::none()).unwrap();
        assert_eq!(query.deviations, []);
        query.value.filter(&attributes()).unwrap()
    }

    fn without_lists_of_one(filter: Filter) -> Filter {
        let each = |filters: Vec<Filter>| -> Vec<_> {
            filters.into_iter().map(without_lists_of_one).collect()
        };
        match filter {
            Filter::And(filters) if filters.len() > 1 => Filter::And(each(filters)),
            Filter::Or(filters) if filters.len() > 1 => Filter::Or(each(filters)),
            Filter::And(filters) | Filter::Or(filters) => each(filters).remove(0),
            Filter::Not(filter) => without_lists_of_one(*filter).negated(),
            compare @ Filter::Compare { .. } => compare,
        }
    }

    proptest! {
        #[test]
        fn an_expression_says_every_filter(filter in filter()) {
            let query = filter.to_expression(Some(term("Person"))).unwrap();
            prop_assert_eq!(again(query), filter);
        }

        #[test]
        fn a_predicate_says_simple_filters(filter in simple()) {
            let query = filter.to_predicate().unwrap();
            prop_assert_eq!(again(query), filter);
        }

        #[test]
        fn a_predicate_says_a_filter_or_that_it_cannot(filter in filter()) {
            match filter.to_predicate() {
                Ok(query) => prop_assert_eq!(again(query), without_lists_of_one(filter)),
                Err(rule) => prop_assert_eq!(rule, Rule::DoesNotFit),
            }
        }
    }
}
