use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{Path, Reading, Tree, read};
use crate::{Deviation, Fault, Leniency, Rule, spelling};

/// A JSON object that the standard leaves open: a record of a register, what
/// a partner or a newer version adds.
///
/// It may be about a person: `Debug` says how many members it has, and no
/// more.
///
/// ```
/// use solidarity_dci::{Leniency, data::Name, json::Object};
///
/// let record: Object = serde_json::from_str(r#"{"given_name":"Amina"}"#)?;
/// assert_eq!(format!("{record:?}"), "Object(1 member)");
///
/// let name = record.read::<Name>(&Leniency::none())?.value;
/// assert_eq!(name.given_name.unwrap().expose(), "Amina");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Object(Map<String, Value>);

/// What was read, and what was tolerated on the way.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Read<T> {
    /// What was read.
    pub value: T,
    /// Where it differs from the standard.
    pub deviations: Vec<Deviation>,
}

impl<T> Read<T> {
    /// The same, with `make` of the value.
    #[must_use]
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Read<U> {
        Read {
            value: make(self.value),
            deviations: self.deviations,
        }
    }
}

impl Object {
    /// The object with these members.
    #[must_use]
    pub const fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// `value` as it is written.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is not written as an object.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, Fault> {
        match serde_json::to_value(value) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            _ => Err(Fault::new(Rule::WrongType)),
        }
    }

    /// What it says, as a `T`.
    ///
    /// # Errors
    ///
    /// [`Fault`]: the field that is no `T`, and why.
    pub fn read<T: DeserializeOwned>(&self, leniency: &Leniency) -> Result<Read<T>, Fault> {
        let reading = Reading::new(*leniency);
        let value = read(Tree::from(&self.0).root(), &Path::ROOT, &reading)?;
        Ok(Read {
            value,
            deviations: reading.into_deviations(),
        })
    }

    /// Its members. They may be personal data.
    #[must_use]
    pub const fn expose(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Its members, to change. They may be personal data.
    pub const fn expose_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    /// Whether it has no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(f, "Object({} member{plural})", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Open;
        impl<'de> Visitor<'de> for Open {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Self::Value, D::Error> {
                Map::deserialize(deserializer)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                Map::deserialize(MapAccessDeserializer::new(members))
            }
        }
        let members = deserializer.deserialize_newtype_struct(spelling::OPEN, Open)?;
        Ok(Self(members))
    }
}
