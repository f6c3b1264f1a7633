//! The names of messages and systems, which `signing` has, on the wire.

use serde::{Deserialize, Deserializer, Serializer};
use solidarity_signing::{MessageId, PartyId};

use crate::{Rule, spelling, text};

/// A field that stands for its default where it is absent, however that is
/// written.
pub(crate) fn or_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

pub(crate) trait Named: Sized {
    fn text(&self) -> &str;
    fn parse(text: String) -> Result<Self, Rule>;
}

impl Named for MessageId {
    fn text(&self) -> &str {
        self.as_str()
    }

    fn parse(text: String) -> Result<Self, Rule> {
        Self::new(text).map_err(|_| Rule::NotAnId)
    }
}

impl Named for PartyId {
    fn text(&self) -> &str {
        self.as_str()
    }

    fn parse(text: String) -> Result<Self, Rule> {
        Self::new(text).map_err(|_| Rule::NotAnId)
    }
}

pub(crate) fn serialize<T: Named, S: Serializer>(
    name: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name.text())
}

pub(crate) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    text::read(deserializer, spelling::PARTY, T::parse)
}

pub(crate) mod optional {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Named;

    struct Inner<T>(T);

    impl<'de, T: Named> Deserialize<'de> for Inner<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            super::deserialize(deserializer).map(Self)
        }
    }

    pub(crate) fn serialize<T: Named, S: Serializer>(
        name: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match name {
            Some(name) => serializer.serialize_str(name.text()),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let name = Option::<Inner<T>>::deserialize(deserializer)?;
        Ok(name.map(|Inner(name)| name))
    }
}
