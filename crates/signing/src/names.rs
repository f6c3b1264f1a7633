use std::fmt;

use solidarity_core::Invalid;

use crate::limits::NAME_MAX_BYTES;

macro_rules! name {
    ($($(#[$meta:meta])* $name:ident = $field:literal;)+) => {$(
        $(#[$meta])*
        ///
        /// 1 to [`NAME_MAX_BYTES`] visible ASCII characters, compared byte by
        /// byte: no space, no control character, and nothing that looks like
        /// something else.
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("The ", $field, " `name`, if it is one.")]
            ///
            /// # Errors
            ///
            /// [`Invalid`] if `name` breaks the rule above.
            pub fn new(name: impl Into<String>) -> Result<Self, Invalid> {
                let name = name.into();
                if is_name(&name) {
                    Ok(Self(name))
                } else {
                    let rule = format!("must be 1 to {NAME_MAX_BYTES} visible ASCII characters");
                    Err(Invalid::new($field, rule))
                }
            }

            #[doc = concat!("The ", $field, ", as it was given.")]
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

name! {
    /// Names a key among its owner's keys: the `kid` of RFC 7515, 4.1.4.
    KeyId = "key id";
    /// Names who signs: a system that takes part in an exchange, such as the
    /// `sender_id` of a DCI header.
    PartyId = "party id";
    /// Names a message among its sender's messages, such as the `message_id`
    /// of a DCI header.
    MessageId = "message id";
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_MAX_BYTES
        && name.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_visible_ascii_within_its_limit() {
        let longest = "x".repeat(NAME_MAX_BYTES);
        for good in [
            "a",
            "https://crvs.example/dci",
            "bilbo.baggins@hobbiton.example",
            &longest,
        ] {
            assert_eq!(KeyId::new(good).unwrap().as_str(), good);
        }
        let too_long = "x".repeat(NAME_MAX_BYTES + 1);
        // Latin small letter o with a combining mark, a zero-width space, a
        // right-to-left override, Cyrillic а.
        let look_alikes = ["o\u{301}", "a\u{200b}", "\u{202e}a", "\u{430}dmin"];
        for bad in ["", " ", "a b", "a\n", "a\0", too_long.as_str()]
            .iter()
            .chain(&look_alikes)
        {
            let invalid = PartyId::new(*bad).unwrap_err();
            assert_eq!(invalid.field(), "party id");
        }
    }
}
