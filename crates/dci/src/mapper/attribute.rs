//! `AttributeNameValue`, of which `additional_info` is a list.

use std::fmt;

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use solidarity_core::{Pii, exposed};

use crate::Term;
use crate::json::Object;

/// Something more about a pair, by a name that both sides know.
///
/// The value is a text, a number, a boolean or an object, and may be personal.
/// Whole numbers go as text: the standard's schema takes one for two of its
/// types at once, and so for none.
///
/// ```
/// use solidarity_dci::{Rule, Term, mapper::Attribute};
///
/// let branch = Attribute::text(Term::new("branch")?, "0042");
/// assert_eq!(branch.value(), "0042");
/// assert!(!format!("{branch:?}").contains("0042"));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Attribute {
    name: Term,
    #[serde(serialize_with = "exposed::serialize", deserialize_with = "value")]
    value: Pii<Value>,
}

impl Attribute {
    /// `name`, with the text `value`.
    #[must_use]
    pub fn text(name: Term, value: impl Into<String>) -> Self {
        Self::new(name, Value::String(value.into()))
    }

    /// `name`, which holds or does not.
    #[must_use]
    pub fn flag(name: Term, value: bool) -> Self {
        Self::new(name, Value::Bool(value))
    }

    /// `name`, with members of its own.
    #[must_use]
    pub fn object(name: Term, value: &Object) -> Self {
        Self::new(name, Value::Object(value.expose().clone()))
    }

    const fn new(name: Term, value: Value) -> Self {
        Self {
            name,
            value: Pii::new(value),
        }
    }

    /// What it is about.
    #[must_use]
    pub const fn name(&self) -> &Term {
        &self.name
    }

    /// What it says. It may be personal data.
    #[must_use]
    pub const fn value(&self) -> &Value {
        self.value.expose()
    }
}

fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pii<Value>, D::Error> {
    struct Single;
    impl serde::de::Expected for Single {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text, a number, a boolean or an object")
        }
    }
    match Value::deserialize(deserializer)? {
        Value::Null => Err(Error::invalid_type(Unexpected::Unit, &Single)),
        Value::Array(_) => Err(Error::invalid_type(Unexpected::Seq, &Single)),
        value => Ok(Pii::new(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, Leniency, Rule};

    fn read(value: &str) -> Result<Attribute, Fault> {
        let json = format!(r#"{{"name":"YOB","value":{value}}}"#);
        let object: Object = serde_json::from_str(&json).unwrap();
        object.read(&Leniency::none()).map(|read| read.value)
    }

    #[test]
    fn a_value_is_no_list_and_not_nothing() {
        for taken in [r#""1990""#, "1990", "1990.5", "true", r#"{"year":"1990"}"#] {
            let attribute = read(taken).unwrap();
            assert_eq!(
                attribute.value(),
                &serde_json::from_str::<Value>(taken).unwrap()
            );
        }
        for refused in ["null", "[]", r#"["1990"]"#] {
            let fault = read(refused).unwrap_err();
            assert_eq!(
                (fault.path().to_string(), fault.rule()),
                ("`value`".to_owned(), Rule::WrongType)
            );
        }
    }
}
