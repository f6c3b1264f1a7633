use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use solidarity_core::limits::TEXT_MAX_BYTES;
use solidarity_core::{Invalid, Pii, StatedDate, check_lines};

use crate::Decimal;
use crate::limits::ATTRIBUTES_MAX;

solidarity_core::code! {
    /// What an attribute is called: `disability`, `roof-material`.
    pub struct AttributeName;
    /// One of the answers that a coded attribute allows.
    pub struct Choice;
}

/// The attributes of a person or a unit. None of their values is ever shown
/// by `Debug`.
pub type Attributes = BTreeMap<AttributeName, Pii<AttributeValue>>;

/// What an attribute says: of a person or a unit, one value under each name.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttributeValue {
    /// Free text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Decimal(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A date, as stated.
    Date(StatedDate),
    /// One of the declared answers.
    Choice(Choice),
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

macro_rules! value_from {
    ($($type:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$type> for AttributeValue {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    )+};
}

value_from!(i64 => Integer, Decimal => Decimal, bool => Bool, StatedDate => Date, Choice => Choice);

/// What an attribute may say.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttributeKind {
    /// Free text, at most [`TEXT_MAX_BYTES`] bytes.
    Text,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// Yes or no.
    Bool,
    /// A date, as stated.
    Date,
    /// One of these answers.
    Choice(BTreeSet<Choice>),
}

/// What is declared about one attribute.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AttributeRule {
    /// What it may say.
    pub kind: AttributeKind,
    /// Whether it tells something about a person, so that an export leaves it
    /// out unless it is asked for.
    pub personal: bool,
}

/// The attributes that a country declares, and what each may say.
///
/// ```
/// use solidarity_registry::{AttributeKind, AttributeName, AttributeSchema};
///
/// let rooms = AttributeName::new("rooms")?;
/// let schema = AttributeSchema::new().with(rooms.clone(), AttributeKind::Integer);
/// assert!(schema.check_value(&rooms, &3.into()).is_ok());
/// assert!(schema.check_value(&rooms, &"three".into()).is_err());
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct AttributeSchema(BTreeMap<AttributeName, AttributeRule>);

impl AttributeSchema {
    /// A schema that declares nothing, so that nothing can be said.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The same, with a personal attribute.
    #[must_use]
    pub fn with(mut self, name: AttributeName, kind: AttributeKind) -> Self {
        self.0.insert(
            name,
            AttributeRule {
                kind,
                personal: true,
            },
        );
        self
    }

    /// The same, with an attribute that tells nothing about any person.
    #[must_use]
    pub fn with_impersonal(mut self, name: AttributeName, kind: AttributeKind) -> Self {
        self.0.insert(
            name,
            AttributeRule {
                kind,
                personal: false,
            },
        );
        self
    }

    /// What is declared about `name`.
    #[must_use]
    pub fn get(&self, name: &AttributeName) -> Option<&AttributeRule> {
        self.0.get(name)
    }

    /// What is declared, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&AttributeName, &AttributeRule)> {
        self.0.iter()
    }

    /// Checks that `name` may say `value`.
    ///
    /// # Errors
    ///
    /// [`Invalid`]: the name is not declared, or the value is not of its kind.
    pub fn check_value(&self, name: &AttributeName, value: &AttributeValue) -> Result<(), Invalid> {
        let rule = self
            .get(name)
            .ok_or_else(|| Invalid::new("attributes", "must all be declared"))?;
        let fits = match (&rule.kind, value) {
            (AttributeKind::Text, AttributeValue::Text(text)) => {
                return check_lines("attribute text", text, TEXT_MAX_BYTES);
            }
            (AttributeKind::Choice(choices), AttributeValue::Choice(choice)) => {
                choices.contains(choice)
            }
            (AttributeKind::Integer, AttributeValue::Integer(_))
            | (AttributeKind::Decimal, AttributeValue::Decimal(_))
            | (AttributeKind::Bool, AttributeValue::Bool(_))
            | (AttributeKind::Date, AttributeValue::Date(_)) => true,
            _ => false,
        };
        if fits {
            return Ok(());
        }
        // The name is the schema's own, so it may be repeated.
        Err(Invalid::new(
            format!("attribute {name}"),
            "must be of the kind and among the choices that are declared",
        ))
    }

    /// Checks all of `attributes`.
    ///
    /// # Errors
    ///
    /// [`Invalid`]: too many, or one that [`check_value`](Self::check_value)
    /// refuses.
    pub fn check(&self, attributes: &Attributes) -> Result<(), Invalid> {
        check_count("attributes", attributes.len(), ATTRIBUTES_MAX)?;
        attributes
            .iter()
            .try_for_each(|(name, value)| self.check_value(name, value.expose()))
    }
}

impl FromIterator<(AttributeName, AttributeRule)> for AttributeSchema {
    fn from_iter<I: IntoIterator<Item = (AttributeName, AttributeRule)>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

/// Checks that there are at most `max` of something.
pub(crate) fn check_count(field: &'static str, count: usize, max: usize) -> Result<(), Invalid> {
    if count > max {
        return Err(Invalid::new(field, format!("must be at most {max}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(code: &'static str) -> AttributeName {
        AttributeName::from_static(code)
    }

    #[test]
    fn each_kind_takes_its_own_values_and_no_other() {
        let kinds = [
            AttributeKind::Text,
            AttributeKind::Integer,
            AttributeKind::Decimal,
            AttributeKind::Bool,
            AttributeKind::Date,
            AttributeKind::Choice(BTreeSet::from([Choice::from_static("tin")])),
        ];
        let values: [AttributeValue; 6] = [
            "mud".into(),
            3.into(),
            "1.5".parse::<Decimal>().unwrap().into(),
            true.into(),
            "1984".parse::<StatedDate>().unwrap().into(),
            Choice::from_static("tin").into(),
        ];
        for (k, kind) in kinds.iter().enumerate() {
            let schema = AttributeSchema::new().with(name("roof"), kind.clone());
            for (v, value) in values.iter().enumerate() {
                let checked = schema.check_value(&name("roof"), value);
                assert_eq!(checked.is_ok(), k == v, "{kind:?}");
            }
            assert!(schema.check_value(&name("walls"), &true.into()).is_err());
        }
        let tin = AttributeSchema::new().with(name("roof"), kinds[5].clone());
        let thatch = Choice::from_static("thatch").into();
        assert!(tin.check_value(&name("roof"), &thatch).is_err());
    }

    #[test]
    fn free_text_has_lines() {
        let schema = AttributeSchema::new().with(name("note"), AttributeKind::Text);
        let taken = |text: &str| schema.check_value(&name("note"), &text.into()).is_ok();
        assert!(taken("lives with her aunt\r\n\tsince the flood"));
        assert!(!taken("a\u{0}b"));
    }

    #[test]
    fn an_undeclared_name_is_not_repeated() {
        let invalid = AttributeSchema::new()
            .check_value(&name("amina-0712"), &true.into())
            .unwrap_err();
        assert!(!invalid.to_string().contains("amina"));
    }
}
