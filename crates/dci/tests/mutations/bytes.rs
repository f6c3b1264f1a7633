//! Classes 25 to 27, 29 to 34, 39 and 40: bytes that are no message, each well
//! signed.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use solidarity_dci::{ErrorCode, HeaderReason};

use crate::exchange::{BAD_REQUEST, Exchange, class};

/// A good body, with `with` in the place of `of`.
fn changed(x: &mut Exchange, of: &str, with: &str) -> String {
    let text = x.search().unsigned().unwrap().body;
    assert!(text.contains(of), "{of}");
    text.replacen(of, with, 1)
}

#[test]
fn classes_25_to_27_a_name_twice() {
    // At the top, within, and by another spelling.
    for place in [0..1, 1..4, 4..5] {
        class(|x| {
            let word = x.word();
            let text = match place.start + x.random.below(place.end - place.start) {
                0 => changed(x, "{\"header\":", "{\"header\":{},\"header\":"),
                1 => changed(x, "\"action\":", "\"action\":\"notify\",\"action\":"),
                4 => changed(x, "\"action\":", "\"\\u0061ction\":\"notify\",\"action\":"),
                2 => changed(x, "\"query\":{", "\"query\":{\"type\":\"BRN\","),
                _ => {
                    let twice = format!("\"{word}\":[{{\"{word}\":1,\"{word}\":2}}],\"message\":");
                    changed(x, "\"message\":", &twice)
                }
            };
            (x.sealed(text.as_bytes()), BAD_REQUEST)
        });
    }
}

#[test]
fn classes_29_and_30_a_number_beyond_what_others_hold() {
    // Many digits, and a great exponent.
    for digits in [0..4, 4..6] {
        class(|x| {
            let beyond = x.random.below(1 << 62) + (1 << 53);
            let number = match digits.start + x.random.below(digits.end - digits.start) {
                0 => beyond.to_string(),
                1 => format!("-{beyond}"),
                2 => format!("{beyond}.5"),
                4 => format!("1e{}", 16 + x.random.below(10_000)),
                3 => format!("{beyond}{beyond}{beyond}"),
                _ => format!("-9e{}", 20 + x.random.below(300)),
            };
            let text = changed(x, "\"total_count\":1", &format!("\"total_count\":{number}"));
            (x.sealed(text.as_bytes()), BAD_REQUEST)
        });
    }
}

#[test]
fn class_31_a_count_that_is_no_count() {
    class(|x| {
        let number = match x.random.below(6) {
            0 => "-0".to_owned(),
            1 => "1.0".to_owned(),
            2 => "1e0".to_owned(),
            3 => format!("-{}", x.random.below(1 << 50)),
            4 => format!("{}.5", x.random.below(1_000)),
            _ => format!("{}", 2 + x.random.below(1 << 50)),
        };
        let text = changed(x, "\"total_count\":1", &format!("\"total_count\":{number}"));
        let expected = (ErrorCode::BadRequest, Some(HeaderReason::TotalCountInvalid));
        (x.sealed(text.as_bytes()), expected)
    });
}

#[test]
fn class_32_depth() {
    class(|x| {
        let depth = usize::try_from(31 + x.random.below(10_000)).unwrap();
        let (open, close) = x.pick(&[("[", "]"), ("{\"a\":", "}")]);
        let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let text = changed(x, "\"message\":", &format!("\"more\":{deep},\"message\":"));
        (x.sealed(text.as_bytes()), BAD_REQUEST)
    });
}

#[test]
fn class_33_size() {
    class(|x| {
        let long = match x.random.below(4) {
            0 => format!("\"{}\"", "x".repeat(64 * 1_024 + 1)),
            1 => {
                let members: Vec<_> = (0..1_001).map(|n| format!("\"n{n}\":0")).collect();
                format!("{{{}}}", members.join(","))
            }
            2 => format!("{{\"{}\":0}}", "x".repeat(64 * 1_024 + 1)),
            _ => format!("[{}0]", "\"x\",".repeat(262_144)),
        };
        let text = changed(x, "\"message\":", &format!("\"more\":{long},\"message\":"));
        // What is beyond the limit of a signature is sent with another's.
        let mut message = x.sealed(b"{}");
        if text.len() <= 1_024 * 1_024 {
            message = x.sealed(text.as_bytes());
        }
        message.body = text.into_bytes();
        (message, BAD_REQUEST)
    });
}

#[test]
fn class_34_text_that_is_no_text() {
    class(|x| {
        let text = x.search().unsigned().unwrap().body;
        let at = text.find("\"transaction_id\":\"").unwrap() + 18;
        let (before, after) = text.split_at(at);
        let bytes = match x.random.below(6) {
            0 => [before.as_bytes(), &[0xff], after.as_bytes()].concat(),
            1 => [before.as_bytes(), &[0xc0, 0xaf], after.as_bytes()].concat(),
            2 => [before.as_bytes(), &[0xed, 0xa0, 0x80], after.as_bytes()].concat(),
            3 => [before.as_bytes(), b"\\ud800", after.as_bytes()].concat(),
            4 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            _ => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        (x.sealed(&bytes), BAD_REQUEST)
    });
}

#[test]
fn class_39_something_after_the_message_or_half_of_it() {
    class(|x| {
        let mut text = x.search().unsigned().unwrap().body;
        match x.random.below(4) {
            0 => text.push_str(&x.word()),
            1 => text.push_str("{}"),
            2 => text.push('\0'),
            _ => text.truncate(usize::try_from(x.random.below(text.len() as u64)).unwrap()),
        }
        (x.sealed(text.as_bytes()), BAD_REQUEST)
    });
}

#[test]
fn class_40_a_body_that_is_compressed() {
    class(|x| {
        let size = usize::try_from(x.random.below(1_024 * 1_024)).unwrap();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&vec![b' '; size]).unwrap();
        let bomb = gzip.finish().unwrap();
        assert!(bomb.len() * 100 < size + 100_000);
        (x.sealed(&bomb), BAD_REQUEST)
    });
}
