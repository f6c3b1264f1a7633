//! Base64url as RFC 7515, 2 has it: no padding, no line breaks, no stray bits.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// `bytes` in base64url.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What `text` stands for; `None` if it is not the one way to write it.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// What `text` stands for, if it is `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

/// How many bytes a text of `length` characters stands for.
pub(crate) const fn decoded_len(length: usize) -> usize {
    length / 4 * 3 + length % 4 * 3 / 4
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 4648, 10, without the padding.
    #[test]
    fn the_rfcs_examples() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn there_is_one_way_to_write_bytes() {
        let others = [
            "Zg==", "Zg=", "Zm8=", "Zh", "Zm9", "Z", "Zm9vY", " Zg", "Zg ", "Z\ng", "Zm9v\n",
            "+/8", "-_9", "Zg\0\0", "Zm.v", "Ｚg",
        ];
        for other in others {
            assert_eq!(decode(other), None, "{other:?}");
        }
        assert_eq!(decode_array::<2>("Zm8"), Some(*b"fo"));
        assert_eq!(decode_array::<1>("Zm8"), None);
        assert_eq!(decode_array::<3>("Zm8"), None);
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let text = encode(&bytes);
            prop_assert_eq!(bytes.len(), decoded_len(text.len()));
            prop_assert_eq!(decode(&text), Some(bytes));
        }

        #[test]
        fn what_can_be_read_is_written_alike(text in "[A-Za-z0-9_=+/ -]{0,12}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
