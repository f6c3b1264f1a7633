//! What a filter means.

use super::filter::{Filter, Test};
use super::value::Value;
use crate::Term;

/// Whether something holds.
///
/// The rules are Kleene's: what is not known stays so, unless the rest
/// decides.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "what is not known must be taken neither for true nor for false"
)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// The record does not say.
    Unknown,
}

impl Truth {
    /// Whether it holds for certain: a search finds those records alone.
    #[must_use]
    pub const fn is_true(self) -> bool {
        matches!(self, Self::True)
    }

    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Unknown,
        }
    }
}

/// What was not known stays so.
impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl Filter {
    /// Whether a record is among those sought, where `lookup` gives what it
    /// says of an attribute. It is the reference: what a store makes of a
    /// filter finds the same records.
    ///
    /// - An attribute with several values passes a test if one of them does;
    ///   `Not` of that: none does.
    /// - Of an attribute without a value nothing is known, and its negation
    ///   is as little known: a record that does not say its age is found
    ///   neither by *over 60* nor by *not over 60*. (MongoDB finds it by the
    ///   second.)
    /// - A value of another type than the one that it is compared with says
    ///   nothing; numbers are compared whether they are whole or not.
    ///
    /// ```
    /// use solidarity_dci::query::{Filter, Test, Truth, Value};
    /// use solidarity_dci::{Rule, Term};
    ///
    /// let old = Filter::new(Term::new("age")?, Test::Gt(60.into()));
    /// assert_eq!(old.matches(|_| vec![Value::Whole(61)]), Truth::True);
    /// assert_eq!(old.matches(|_| vec![]), Truth::Unknown);
    /// assert_eq!(old.negated().matches(|_| vec![]), Truth::Unknown);
    /// # Ok::<(), Rule>(())
    /// ```
    #[must_use]
    pub fn matches(&self, lookup: impl Fn(&Term) -> Vec<Value>) -> Truth {
        self.holds(&lookup)
    }

    fn holds(&self, lookup: &dyn Fn(&Term) -> Vec<Value>) -> Truth {
        match self {
            Self::And(filters) => {
                let filters = filters.iter().map(|filter| filter.holds(lookup));
                filters.fold(Truth::True, Truth::and)
            }
            Self::Or(filters) => {
                let filters = filters.iter().map(|filter| filter.holds(lookup));
                filters.fold(Truth::False, Truth::or)
            }
            Self::Not(filter) => !filter.holds(lookup),
            Self::Compare { attribute, test } => match lookup(attribute).as_slice() {
                [] => Truth::Unknown,
                values => values
                    .iter()
                    .fold(Truth::False, |found, value| found.or(test.of(value))),
            },
        }
    }
}

impl Test {
    /// Whether `value` passes.
    fn of(&self, value: &Value) -> Truth {
        let passes = match self {
            Self::Gt(than) => value.order(than).map(std::cmp::Ordering::is_gt),
            Self::Lt(than) => value.order(than).map(std::cmp::Ordering::is_lt),
            Self::Ge(than) => value.order(than).map(std::cmp::Ordering::is_ge),
            Self::Le(than) => value.order(than).map(std::cmp::Ordering::is_le),
            Self::Eq(to) => value.equals(to),
            Self::In(these) => {
                let these = these.iter().map(|to| Self::Eq(to.clone()).of(value));
                return these.fold(Truth::False, Truth::or);
            }
        };
        passes.map_or(Truth::Unknown, Truth::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;
    use crate::query::Query;
    use crate::query::testing::{attributes, comparison, filter, record, simple, term};
    use proptest::prelude::*;
    use std::ops::Not as _;

    type Record = Vec<(&'static str, Vec<Value>)>;

    fn of(filter: &Filter, record: &Record) -> Truth {
        filter.matches(|attribute| {
            let said = record.iter().find(|(name, _)| *name == attribute.as_str());
            said.map(|(_, values)| values.clone()).unwrap_or_default()
        })
    }

    fn read(query: Result<Query, crate::Rule>) -> Filter {
        query.unwrap().filter(&attributes()).unwrap()
    }

    #[test]
    fn tests_hold_as_they_say() {
        use Truth::{False, True, Unknown};
        let age = |test| Filter::new(term("age"), test);
        let two_and_a_half = Value::Decimal(Decimal::new("2.5").unwrap());
        let cases = [
            (Test::Gt(2.into()), vec![Value::Whole(2)], False),
            (Test::Ge(2.into()), vec![Value::Whole(2)], True),
            (Test::Lt(2.into()), vec![Value::Whole(2)], False),
            (Test::Le(2.into()), vec![Value::Whole(2)], True),
            (Test::Eq(2.into()), vec![Value::Whole(2)], True),
            (Test::Lt(3.into()), vec![two_and_a_half], True),
            (
                Test::In(vec![1.into(), 2.into()]),
                vec![Value::Whole(2)],
                True,
            ),
            (
                Test::In(vec![1.into(), 3.into()]),
                vec![Value::Whole(2)],
                False,
            ),
            (
                Test::Eq(2.into()),
                vec![Value::Whole(1), Value::Whole(2)],
                True,
            ),
            (
                Test::Gt(5.into()),
                vec![Value::Whole(1), Value::Whole(2)],
                False,
            ),
            (Test::Eq("Ali".into()), vec![Value::from("ali")], False),
            (Test::Eq(2.into()), vec![], Unknown),
            (Test::Eq(2.into()), vec![Value::from("2")], Unknown),
            (
                Test::Eq(2.into()),
                vec![Value::Whole(1), Value::from("2")],
                Unknown,
            ),
            (
                Test::Eq(2.into()),
                vec![Value::from("2"), Value::Whole(2)],
                True,
            ),
            (Test::Gt("a".into()), vec![Value::from("b")], Unknown),
        ];
        for (at, (test, values, expected)) in cases.into_iter().enumerate() {
            let record = vec![("age", values)];
            assert_eq!(of(&age(test.clone()), &record), expected, "case {at}");
            assert_eq!(
                of(&age(test).negated(), &record),
                expected.not(),
                "case {at}, negated"
            );
        }
    }

    /// Kleene's tables.
    #[test]
    fn what_is_unknown_stays_so_unless_the_rest_decides() {
        use Truth::{False, True, Unknown};
        let table = [
            (True, True, True, True),
            (True, False, False, True),
            (True, Unknown, Unknown, True),
            (False, False, False, False),
            (False, Unknown, False, Unknown),
            (Unknown, Unknown, Unknown, Unknown),
        ];
        let filter = |truth: Truth| {
            let name = match truth {
                True => "true",
                False => "false",
                Unknown => "unknown",
            };
            Filter::new(term(name), Test::Eq(true.into()))
        };
        let record = vec![("true", vec![true.into()]), ("false", vec![false.into()])];
        for (a, b, and, or) in table {
            for pair in [vec![filter(a), filter(b)], vec![filter(b), filter(a)]] {
                assert_eq!(
                    of(&Filter::And(pair.clone()), &record),
                    and,
                    "{a:?} and {b:?}"
                );
                assert_eq!(of(&Filter::Or(pair), &record), or, "{a:?} or {b:?}");
            }
        }
        assert!(True.is_true() && !False.is_true() && !Unknown.is_true());
    }

    proptest! {
        #[test]
        fn de_morgan(filters in prop::collection::vec(filter(), 1..4), record in record()) {
            let negated: Vec<_> = filters.iter().cloned().map(Filter::negated).collect();
            let not_all = Filter::And(filters.clone()).negated();
            prop_assert_eq!(of(&not_all, &record), of(&Filter::Or(negated.clone()), &record));
            let none = Filter::Or(filters).negated();
            prop_assert_eq!(of(&none, &record), of(&Filter::And(negated), &record));
        }

        #[test]
        fn double_negation(filter in filter(), record in record()) {
            let twice = filter.clone().negated().negated();
            prop_assert_eq!(of(&twice, &record), of(&filter, &record));
        }

        #[test]
        fn one_of_several_is_equal_to_one_or_another(filter in comparison(4), record in record()) {
            if let Filter::Compare { attribute, test: Test::In(values) } = &filter {
                let each = values.iter().map(|value| Filter::new(attribute.clone(), Test::Eq(value.clone())));
                prop_assert_eq!(of(&Filter::Or(each.collect()), &record), of(&filter, &record));
            }
        }

        #[test]
        fn both_languages_mean_the_same(filter in simple(), record in record()) {
            let expression = read(filter.to_expression(None));
            let predicate = read(filter.to_predicate());
            prop_assert_eq!(of(&expression, &record), of(&predicate, &record));
            prop_assert_eq!(of(&expression, &record), of(&filter, &record));
        }
    }
}
