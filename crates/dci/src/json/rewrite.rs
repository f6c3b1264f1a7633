//! A [`Node`] as a partner's program writes it, to check what it has signed.

use std::fmt::Write as _;

use super::{Kind, Node, Number};

/// The order of an object's members.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// As they were received.
    Received,
    /// By their names, code point by code point.
    Sorted,
}

/// What becomes of text beyond ASCII.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Escapes {
    /// It stays as it is: JavaScript's `JSON.stringify`, Python's `orjson`.
    Needed,
    /// `\uXXXX`: Python's `json.dumps`, if nothing else is said.
    Ascii,
}

/// `node` without white space.
pub(crate) fn rewrite(node: Node<'_, '_>, order: Order, escapes: Escapes) -> String {
    let mut out = String::new();
    write(node, order, escapes, &mut out);
    out
}

/// The same, appended to `out`.
pub(crate) fn write(node: Node<'_, '_>, order: Order, escapes: Escapes, out: &mut String) {
    match node.kind() {
        Kind::Null => out.push_str("null"),
        Kind::Bool(true) => out.push_str("true"),
        Kind::Bool(false) => out.push_str("false"),
        Kind::Number(number) => write_number(*number, out),
        Kind::Text(text) => write_text(text, escapes, out),
        Kind::List => {
            out.push('[');
            for (at, item) in node.children().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, order, escapes, out);
            }
            out.push(']');
        }
        Kind::Object => {
            let mut members: Vec<_> = node.children().collect();
            if order == Order::Sorted {
                members.sort_unstable_by_key(|member| member.name());
            }
            out.push('{');
            for (at, member) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(member.name(), escapes, out);
                out.push(':');
                write(member, order, escapes, out);
            }
            out.push('}');
        }
    }
}

/// `repr` of Python: the shortest digits that are read back as the number,
/// with an exponent below 1e-4 and from 1e16 on.
fn write_number(number: Number, out: &mut String) {
    let decimal = match number {
        Number::Whole(whole) => {
            let _ = write!(out, "{whole}");
            return;
        }
        Number::Decimal(decimal) => decimal,
    };
    let size = decimal.abs();
    if size != 0.0 && size < 1e-4 {
        // Rust writes 1e-5 where Python writes 1e-05.
        let text = format!("{decimal:e}");
        let (digits, exponent) = text.split_once("e-").unwrap_or((&text, "0"));
        let _ = write!(out, "{digits}e-{exponent:0>2}");
    } else {
        // Below 2^53 there is no exponent to write; a whole number has `.0`.
        let _ = write!(out, "{decimal:?}");
    }
}

fn write_text(text: &str, escapes: Escapes, out: &mut String) {
    out.push('"');
    let mut rest = text;
    let is_plain = |byte: u8| match byte {
        b'"' | b'\\' | 0..=0x1f => false,
        b' '..=b'~' => true,
        _ => escapes == Escapes::Needed,
    };
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        // The bytes before are whole characters: one that is to be escaped
        // begins here.
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = from.chars();
        if let Some(character) = characters.next() {
            write_escape(character, out);
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

fn write_escape(character: char, out: &mut String) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        other => {
            for unit in other.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    /// What CPython 3.12 prints for these.
    #[test]
    fn python_writes_it_so() {
        let cases = [
            (
                r#"{"b":1,"a":[true,false,null]}"#,
                r#"{"a":[true,false,null],"b":1}"#,
            ),
            (
                r#"{"é":"é","z":"\u007f"}"#,
                r#"{"z":"\u007f","\u00e9":"\u00e9"}"#,
            ),
            (
                r#"["😀","\u2028","\/"]"#,
                r#"["\ud83d\ude00","\u2028","/"]"#,
            ),
            (
                r#"["\u0000\u001f\b\f\n\r\t\"\\"]"#,
                r#"["\u0000\u001f\b\f\n\r\t\"\\"]"#,
            ),
            (
                "[1.0,0.1,1e5,1.5e-5,0.0001,0.00001,-0.0,100000000000000.5]",
                "[1.0,0.1,100000.0,1.5e-05,0.0001,1e-05,-0.0,100000000000000.5]",
            ),
            ("[9007199254740991,-1,0]", "[9007199254740991,-1,0]"),
        ];
        for (given, expected) in cases {
            let tree = parse(given.as_bytes()).ok().unwrap();
            assert_eq!(
                rewrite(tree.root(), Order::Sorted, Escapes::Ascii),
                expected
            );
        }
    }

    #[test]
    fn javascript_keeps_order_and_text() {
        let given = "{ \"b\" : \"é\\u0001\", \"a\" : [ ] }";
        let tree = parse(given.as_bytes()).ok().unwrap();
        assert_eq!(
            rewrite(tree.root(), Order::Received, Escapes::Needed),
            "{\"b\":\"é\\u0001\",\"a\":[]}"
        );
    }
}
