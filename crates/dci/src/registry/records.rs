use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::json::Object;

/// `reg_records`: a list of records for most registers, one record for the
/// disability register and in notifications.
///
/// The standard leaves their fields open; [`data`](crate::data) has its
/// classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Records {
    /// A list.
    List(Vec<Object>),
    /// One, alone.
    One(Object),
}

impl Records {
    /// The records, whichever way they came.
    #[must_use]
    pub fn as_slice(&self) -> &[Object] {
        match self {
            Self::List(records) => records,
            Self::One(record) => std::slice::from_ref(record),
        }
    }
}

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Records;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a record or a list of records")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Records, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Records::List)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Records, A::Error> {
                Object::deserialize(MapAccessDeserializer::new(members)).map(Records::One)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
