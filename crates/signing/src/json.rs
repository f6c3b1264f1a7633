//! JSON in which no name comes twice: RFC 7515, 4 and RFC 7517, 4 and 5.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::limits::JSON_DEPTH_MAX;

/// A value whose strings stay where they were read, unless they are written
/// with escapes. A number that is no whole number of 64 bits is refused.
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Number(i64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// The members of an object, in their order, each name once.
pub(crate) struct Object<'a>(pub(crate) Vec<(Cow<'a, str>, Json<'a>)>);

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    NotAnObject,
    Duplicate,
}

impl<'a> Object<'a> {
    /// Reads an object that is the whole of `text`.
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, Flaw> {
        let twice = Cell::new(false);
        let seed = Seed {
            twice: &twice,
            depth: 0,
        };
        let mut reader = serde_json::Deserializer::from_slice(text);
        let read = seed
            .deserialize(&mut reader)
            .and_then(|value| reader.end().map(|()| value));
        match read {
            Ok(Json::Object(object)) => Ok(object),
            _ if twice.get() => Err(Flaw::Duplicate),
            _ => Err(Flaw::NotAnObject),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The string `name`, where there is one that is written without escapes.
    pub(crate) fn plain(&self, name: &str) -> Option<&'a str> {
        match self.get(name) {
            Some(Json::Text(Cow::Borrowed(text))) => Some(text),
            _ => None,
        }
    }
}

impl Json<'_> {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Seed<'c> {
    twice: &'c Cell<bool>,
    depth: usize,
}

impl Seed<'_> {
    fn deeper<E: serde::de::Error>(mut self) -> Result<Self, E> {
        self.depth += 1;
        if self.depth > JSON_DEPTH_MAX {
            return Err(E::custom("too deep"));
        }
        Ok(self)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with whole numbers")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Json<'de>, E> {
        i64::try_from(value).map(Json::Number).map_err(E::custom)
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut object = Object(Vec::new());
        while let Some(Name(name)) = members.next_key()? {
            if object.get(&name).is_some() {
                self.twice.set(true);
                return Err(A::Error::custom("a name comes twice"));
            }
            object.0.push((name, members.next_value_seed(inner)?));
        }
        Ok(Json::Object(object))
    }
}

/// A member's name, with its escapes resolved.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(value)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(value.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_twice_is_found_however_it_is_written() {
        for twice in [
            r#"{"alg":"EdDSA","alg":"none"}"#,
            r#"{"alg":"EdDSA","\u0061lg":"none"}"#,
            r#"{"a":{"b":1,"\u0062":2}}"#,
            r#"{"a":[{"b":1,"b":1}]}"#,
            r#"{"":1,"":1}"#,
        ] {
            assert_eq!(
                Object::parse(twice.as_bytes()).err(),
                Some(Flaw::Duplicate),
                "{twice}"
            );
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let deep = format!(
            "{}1{}",
            r#"{"a":"#.repeat(JSON_DEPTH_MAX + 1),
            "}".repeat(JSON_DEPTH_MAX + 1)
        );
        let deeper = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for bad in [
            "",
            "{",
            "[]",
            "1",
            r#""a""#,
            "null",
            r#"{"a":1}x"#,
            r#"{"a":1}{}"#,
            "\u{feff}{}",
            r#"{"a":1,}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1e0}"#,
            r#"{"a":1e999}"#,
            r#"{"a":18446744073709551615}"#,
            r#"{"a":-0}"#,
            r#"{"a":"\ud800"}"#,
            "{\"a\":\"\n\"}",
            r#"{a:1}"#,
            "{'a':1}",
            &deep,
            &deeper,
        ] {
            assert_eq!(
                Object::parse(bad.as_bytes()).err(),
                Some(Flaw::NotAnObject),
                "{bad}"
            );
        }
        assert_eq!(
            Object::parse(b"{\"a\":\"\xff\"}").err(),
            Some(Flaw::NotAnObject)
        );
    }

    #[test]
    fn an_object_is_read_as_deep_as_the_limit() {
        let text = format!(
            "{}1{}",
            r#"{"a":"#.repeat(JSON_DEPTH_MAX),
            "}".repeat(JSON_DEPTH_MAX)
        );
        assert!(Object::parse(text.as_bytes()).is_ok());
        let object = Object::parse(b" {\"a\":\"\\u0062\", \"c\":\"d\"}\r\n")
            .ok()
            .unwrap();
        assert_eq!(object.get("a").and_then(Json::text), Some("b"));
        assert_eq!((object.plain("a"), object.plain("c")), (None, Some("d")));
    }
}
