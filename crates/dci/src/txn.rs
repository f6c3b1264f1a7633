//! Of which requests a status is asked, as the messages of G2P Connect write it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::answers;
use crate::json::{Object, Read, Reading, read_value};
use crate::leniency::Seen;
use crate::limits::ITEMS_MAX;
use crate::{Batch, CorrelationId, Fault, Leniency, ReferenceId, Rule, TransactionId};

/// The requests that are asked about.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Sought {
    /// Those of a transaction.
    Transaction(TransactionId),
    /// Those that their sender named so: 1 to
    /// [`ITEMS_MAX`](crate::limits::ITEMS_MAX).
    References(Vec<ReferenceId>),
    /// The one that its receiver named so.
    Correlation(CorrelationId),
}

/// By what requests are named: `attribute_type`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum TxnAttribute {
    /// Their transaction.
    #[serde(rename = "transaction_id")]
    Transaction,
    /// What their sender named them.
    #[serde(rename = "reference_id_list")]
    References,
    /// What their receiver named them.
    #[serde(rename = "correlation_id")]
    Correlation,
}

/// `attribute_value`: a text or a list of texts, as `attribute_type` says.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct TxnValue(Value);

impl std::fmt::Debug for TxnValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TxnValue")
    }
}

impl<'de> Deserialize<'de> for TxnValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}

impl Sought {
    pub(crate) const fn attribute(&self) -> TxnAttribute {
        match self {
            Self::Transaction(_) => TxnAttribute::Transaction,
            Self::References(_) => TxnAttribute::References,
            Self::Correlation(_) => TxnAttribute::Correlation,
        }
    }

    pub(crate) fn value(&self) -> TxnValue {
        TxnValue(match self {
            Self::Transaction(id) => id.as_str().into(),
            Self::References(ids) => ids.iter().map(ReferenceId::as_str).collect(),
            Self::Correlation(id) => id.as_str().into(),
        })
    }

    /// `value`, read as `attribute` says, never by its shape.
    pub(crate) fn read(
        attribute: TxnAttribute,
        value: &TxnValue,
        leniency: &Leniency,
    ) -> Result<Read<Self>, Fault> {
        let subject = match attribute {
            TxnAttribute::Transaction => one(value, leniency, Self::Transaction),
            TxnAttribute::Correlation => one(value, leniency, Self::Correlation),
            TxnAttribute::References => one(value, leniency, Self::References),
        };
        let subject = subject.and_then(|read| match &read.value {
            Self::References(ids) if ids.is_empty() => Err(Fault::new(Rule::Empty)),
            Self::References(ids) if ids.len() > ITEMS_MAX => Err(Fault::new(Rule::TooMany)),
            _ => Ok(read),
        });
        subject.seen_from_field("attribute_value")
    }

    /// Whether `answer`, of this transaction and acknowledged so, is about what
    /// is asked for.
    pub(crate) fn check_about<M: Batch>(
        &self,
        answer: &M,
        transaction: &TransactionId,
        correlation: Option<&CorrelationId>,
    ) -> Result<(), Fault> {
        match self {
            Self::Transaction(asked) if asked != transaction => {
                Err(Fault::field("transaction_id", Rule::WrongAnswer))
            }
            Self::Correlation(asked) if correlation.is_some_and(|given| given != asked) => {
                Err(Fault::field("correlation_id", Rule::WrongAnswer))
            }
            Self::References(asked) => answers::all_asked(answer, |id| asked.contains(id)),
            Self::Transaction(_) | Self::Correlation(_) => Ok(()),
        }
    }
}

/// `txn_status`, read as the type that `txn_type` says.
pub(crate) fn outcome<T: DeserializeOwned, O>(
    status: &Object,
    leniency: &Leniency,
    make: fn(T) -> O,
) -> Result<Read<O>, Fault> {
    let outcome = status.read(leniency).map(|read| read.map(make));
    outcome.seen_from_field("txn_status")
}

fn one<T: DeserializeOwned>(
    value: &TxnValue,
    leniency: &Leniency,
    make: fn(T) -> Sought,
) -> Result<Read<Sought>, Fault> {
    let reading = Reading::new(*leniency);
    let value = read_value(&value.0, &reading).map(make)?;
    Ok(Read {
        value,
        deviations: reading.into_deviations(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Tolerance;

    fn read_as(attribute: TxnAttribute, value: Value) -> Result<Sought, (String, Rule)> {
        Sought::read(attribute, &TxnValue(value), &Leniency::none())
            .map(|read| read.value)
            .map_err(|fault| (fault.path().to_string(), fault.rule()))
    }

    #[test]
    fn the_attribute_s_type_says_how_its_value_is_read() {
        let transaction = Sought::Transaction(TransactionId::new("7").unwrap());
        let correlation = Sought::Correlation(CorrelationId::new("7").unwrap());
        let references = Sought::References(vec![ReferenceId::new("7").unwrap()]);
        for subject in [transaction, correlation, references] {
            let TxnValue(value) = subject.value();
            assert_eq!(read_as(subject.attribute(), value), Ok(subject));
        }
    }

    #[test]
    fn a_value_of_another_shape_is_refused() {
        use TxnAttribute::{Correlation, References, Transaction};
        let long = vec!["1"; ITEMS_MAX + 1];
        for (attribute, value, at, rule) in [
            (
                Transaction,
                json!(["1"]),
                "`attribute_value`",
                Rule::WrongType,
            ),
            (Correlation, json!({}), "`attribute_value`", Rule::WrongType),
            (References, json!("1"), "`attribute_value`", Rule::WrongType),
            (References, json!([]), "`attribute_value`", Rule::Empty),
            (References, json!(long), "`attribute_value`", Rule::TooMany),
            (
                References,
                json!(["1", 2]),
                "`attribute_value[1]`",
                Rule::WrongType,
            ),
            (Transaction, json!(" "), "`attribute_value`", Rule::Empty),
        ] {
            assert_eq!(read_as(attribute, value), Err((at.to_owned(), rule)));
        }
    }

    #[test]
    fn one_reference_for_a_list_is_taken_where_that_is_tolerated() {
        let leniency = Leniency::none().with(Tolerance::SingleForList);
        let value = TxnValue(json!("7"));
        let read = Sought::read(TxnAttribute::References, &value, &leniency).unwrap();
        assert_eq!(
            read.value,
            Sought::References(vec![ReferenceId::new("7").unwrap()])
        );
        assert_eq!(read.deviations[0].tolerance, Tolerance::SingleForList);
    }
}
