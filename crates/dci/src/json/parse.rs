//! From bytes to a [`Tree`], or a reason why not.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Kind, Number, Tree};
use crate::limits::{
    BODY_MAX_BYTES, DEPTH_MAX, INTEGER_MAX, KEYS_MAX, STRING_MAX_BYTES, VALUES_MAX,
};

/// How bytes fail to be a message, before anything in them is looked at.
///
/// It says nothing of what they hold.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Longer than [`BODY_MAX_BYTES`].
    #[error("must be at most {BODY_MAX_BYTES} bytes")]
    TooLong,
    /// Bytes that are no UTF-8: another encoding, or compressed.
    #[error("must be UTF-8, without a byte order mark")]
    NotUtf8,
    /// It ends before it is whole.
    #[error("must not end before it is whole")]
    CutOff,
    /// No JSON text of RFC 8259, or more than one.
    #[error("must be one JSON text")]
    NotJson,
    /// A name that comes twice in one object, however it is written.
    #[error("must not hold a name twice in one object")]
    DuplicateName,
    /// Deeper than [`DEPTH_MAX`].
    #[error("must not nest deeper than {DEPTH_MAX}")]
    TooDeep,
    /// A number beyond [`INTEGER_MAX`], on either side of zero.
    #[error("must not hold a number beyond {INTEGER_MAX}")]
    NumberTooGreat,
    /// An object with more than [`KEYS_MAX`] members.
    #[error("must not hold an object with more than {KEYS_MAX} members")]
    TooManyNames,
    /// More than [`VALUES_MAX`] values.
    #[error("must not hold more than {VALUES_MAX} values")]
    TooManyValues,
    /// A string of more than [`STRING_MAX_BYTES`].
    #[error("must not hold a string of more than {STRING_MAX_BYTES} bytes")]
    StringTooLong,
}

/// Reads the value that is the whole of `body`.
pub(crate) fn parse(body: &[u8]) -> Result<Tree<'_>, Malformed> {
    if body.len() > BODY_MAX_BYTES {
        return Err(Malformed::TooLong);
    }
    let text = std::str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
    if text.starts_with('\u{feff}') {
        return Err(Malformed::NotUtf8);
    }
    // A value takes about as many bytes in most messages.
    let tree = RefCell::new(Tree::with_capacity(body.len() / BYTES_PER_VALUE + 1));
    let flaw = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = Seed {
        reading: Reading {
            tree: &tree,
            flaw: &flaw,
        },
        name: Cow::Borrowed(""),
        depth: 0,
        string_max: STRING_MAX_BYTES,
    };
    let read = seed.deserialize(&mut reader).and_then(|()| reader.end());
    match (read, flaw.get()) {
        (Ok(()), _) => Ok(tree.into_inner()),
        (Err(_), Some(flaw)) => Err(flaw),
        (Err(error), None) if error.is_eof() => Err(Malformed::CutOff),
        (Err(error), None) if beyond_range(&error) => Err(Malformed::NumberTooGreat),
        (Err(_), None) => Err(Malformed::NotJson),
    }
}

const BYTES_PER_VALUE: usize = 16;

/// `serde_json` has no other way to say that a number is none of 64 bits.
fn beyond_range(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("number out of range")
}

#[derive(Clone, Copy)]
struct Reading<'c, 'de> {
    tree: &'c RefCell<Tree<'de>>,
    flaw: &'c Cell<Option<Malformed>>,
}

impl<'de> Reading<'_, 'de> {
    fn refuse<E: serde::de::Error>(self, flaw: Malformed) -> E {
        self.flaw.set(Some(flaw));
        E::custom("refused")
    }

    fn open<E: serde::de::Error>(self, name: Cow<'de, str>, kind: Kind<'de>) -> Result<usize, E> {
        let at = self.tree.borrow_mut().open(name, kind);
        if at == VALUES_MAX {
            return Err(self.refuse(Malformed::TooManyValues));
        }
        Ok(at)
    }

    fn close(self, at: usize) {
        self.tree.borrow_mut().close(at);
    }
}

/// Reads one value into the tree.
struct Seed<'c, 'de> {
    reading: Reading<'c, 'de>,
    name: Cow<'de, str>,
    depth: usize,
    string_max: usize,
}

impl<'c, 'de> Seed<'c, 'de> {
    fn scalar<E: serde::de::Error>(self, kind: Kind<'de>) -> Result<(), E> {
        self.reading.open(self.name, kind).map(drop)
    }

    fn text<E: serde::de::Error>(self, text: Cow<'de, str>) -> Result<(), E> {
        if text.len() > self.string_max {
            return Err(self.reading.refuse(Malformed::StringTooLong));
        }
        self.scalar(Kind::Text(text))
    }

    fn deeper<E: serde::de::Error>(&self) -> Result<usize, E> {
        if self.depth == DEPTH_MAX {
            return Err(self.reading.refuse(Malformed::TooDeep));
        }
        Ok(self.depth + 1)
    }

    fn within(reading: Reading<'c, 'de>, name: Cow<'de, str>, depth: usize) -> Self {
        // They may hold the whole message.
        let string_max = match (depth, name.as_ref()) {
            (1, "signature") | (2, "ciphertext") => BODY_MAX_BYTES,
            _ => STRING_MAX_BYTES,
        };
        Self {
            reading,
            name,
            depth,
            string_max,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.scalar(Kind::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.scalar(Kind::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        if value.unsigned_abs() > INTEGER_MAX.unsigned_abs() {
            return Err(self.reading.refuse(Malformed::NumberTooGreat));
        }
        self.scalar(Kind::Number(Number::Whole(value)))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => Err(self.reading.refuse(Malformed::NumberTooGreat)),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the limit is below 2^53, where none is lost"
        )]
        let limit = INTEGER_MAX as f64;
        if value.abs() > limit {
            return Err(self.reading.refuse(Malformed::NumberTooGreat));
        }
        self.scalar(Kind::Number(Number::Decimal(value)))
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<(), E> {
        self.text(Cow::Borrowed(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.text(Cow::Owned(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let at = self.reading.open(self.name, Kind::List)?;
        let item = || Self::within(self.reading, Cow::Borrowed(""), depth);
        while items.next_element_seed(item())?.is_some() {}
        self.reading.close(at);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let at = self.reading.open(self.name, Kind::Object)?;
        let mut count = 0;
        while let Some(Name(name)) = members.next_key()? {
            if name.len() > STRING_MAX_BYTES {
                return Err(self.reading.refuse(Malformed::StringTooLong));
            }
            if count == KEYS_MAX {
                return Err(self.reading.refuse(Malformed::TooManyNames));
            }
            count += 1;
            members.next_value_seed(Self::within(self.reading, name, depth))?;
        }
        self.reading.close(at);
        if holds_a_name_twice(&self.reading.tree.borrow(), at, count) {
            return Err(self.reading.refuse(Malformed::DuplicateName));
        }
        Ok(())
    }
}

/// A table is slower than looking, up to about here.
const FEW: usize = 24;

fn holds_a_name_twice(tree: &Tree<'_>, at: usize, count: usize) -> bool {
    let mut members = tree.node(at).children();
    if count > FEW {
        let mut seen = HashSet::with_capacity(count);
        return !members.all(|member| seen.insert(member.name().as_ref()));
    }
    while let Some(member) = members.next() {
        let name = member.name();
        if members.clone().any(|other| other.name() == name) {
            return true;
        }
    }
    false
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

    fn refused(text: &str) -> Option<Malformed> {
        parse(text.as_bytes()).err()
    }

    #[test]
    fn each_limit_holds_to_the_last() {
        let long = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        type Text<'a> = &'a dyn Fn(usize) -> String;
        let cases: [(&str, usize, Text<'_>, Malformed); 7] = [
            (
                "body",
                BODY_MAX_BYTES,
                &|n| format!("[{}]", " ".repeat(n - 2)),
                Malformed::TooLong,
            ),
            (
                "string",
                STRING_MAX_BYTES + 2,
                &long,
                Malformed::StringTooLong,
            ),
            (
                "name",
                STRING_MAX_BYTES + 2,
                &|n| format!("{{{}:0}}", long(n)),
                Malformed::StringTooLong,
            ),
            (
                "depth",
                DEPTH_MAX,
                &|n| format!("{}{}", "[".repeat(n), "]".repeat(n)),
                Malformed::TooDeep,
            ),
            (
                "names",
                KEYS_MAX,
                &|n| {
                    let members: Vec<_> = (0..n).map(|n| format!("\"{n}\":0")).collect();
                    format!("{{{}}}", members.join(","))
                },
                Malformed::TooManyNames,
            ),
            (
                "values",
                VALUES_MAX,
                &|n| format!("[{}0]", "0,".repeat(n - 2)),
                Malformed::TooManyValues,
            ),
            (
                "number",
                usize::try_from(INTEGER_MAX).unwrap(),
                &|n| format!("[{n},-{n},{n}.0]"),
                Malformed::NumberTooGreat,
            ),
        ];
        for (what, limit, text, flaw) in cases {
            assert_eq!(refused(&text(limit - 1)), None, "{what} below the limit");
            assert_eq!(refused(&text(limit)), None, "{what} at the limit");
            assert_eq!(
                refused(&text(limit + 1)),
                Some(flaw),
                "{what} beyond the limit"
            );
        }
    }

    #[test]
    fn a_signature_may_hold_the_whole_message() {
        let long = "x".repeat(STRING_MAX_BYTES + 1);
        assert_eq!(refused(&format!(r#"{{"signature":"{long}"}}"#)), None);
        for elsewhere in [
            format!(r#"{{"message":{{"signature":"{long}"}}}}"#),
            format!(r#"{{"meta":"{long}"}}"#),
        ] {
            assert_eq!(refused(&elsewhere), Some(Malformed::StringTooLong));
        }
    }

    #[test]
    fn a_name_that_comes_twice_is_found_however_it_is_written() {
        let many: String = (0..FEW + 1).map(|n| format!("\"{n}\":0,")).collect();
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":{"c":{"d":[0]}},"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[{"a":{"b":1,"\u0062":2}}]"#,
            r#"{"":1,"":1}"#,
            &format!("{{{many}\"7\":1}}"),
        ] {
            assert_eq!(refused(twice), Some(Malformed::DuplicateName), "{twice}");
        }
        for once in [
            r#"{"a":{"a":{"a":1}}}"#,
            r#"[{"a":1},{"a":1}]"#,
            "{\"\u{e9}\":1,\"e\u{301}\":2}",
            &format!("{{{many}\"x\":1}}"),
        ] {
            assert_eq!(refused(once), None, "{once}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (text, flaw) in [
            ("", Malformed::CutOff),
            ("{", Malformed::CutOff),
            (r#"{"a":"#, Malformed::CutOff),
            (r#"{"a":1}x"#, Malformed::NotJson),
            ("{}{}", Malformed::NotJson),
            (r#"{"a":1,}"#, Malformed::NotJson),
            ("{'a':1}", Malformed::NotJson),
            (r#""\ud800""#, Malformed::NotJson),
            ("[01]", Malformed::NotJson),
            ("[NaN]", Malformed::NotJson),
            ("[1e999]", Malformed::NumberTooGreat),
            ("[18446744073709551616]", Malformed::NumberTooGreat),
            ("\u{feff}{}", Malformed::NotUtf8),
        ] {
            assert_eq!(refused(text), Some(flaw), "{text}");
        }
        assert_eq!(parse(b"\"\xff\"").err(), Some(Malformed::NotUtf8));
        assert_eq!(parse(b"\x1f\x8b\x08").err(), Some(Malformed::NotUtf8));
    }
}
