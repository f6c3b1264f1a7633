use std::borrow::Cow;

/// Something said breaks a rule of the field that it was said in.
///
/// It names the field, the rule and, where there are many, the position. It
/// never repeats the value, which may be personal data.
///
/// ```
/// use solidarity_core::Invalid;
///
/// let invalid = Invalid::new("amount", "must not be negative").at(3);
/// assert_eq!(invalid.to_string(), "item 3: `amount` must not be negative");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}`{field}` {rule}", position.map(|p| format!("item {p}: ")).unwrap_or_default())]
pub struct Invalid {
    field: Cow<'static, str>,
    rule: Cow<'static, str>,
    position: Option<usize>,
}

impl Invalid {
    /// `field` breaks `rule`, a verb phrase such as `"must not be empty"`.
    ///
    /// Neither may hold anything that the caller said.
    pub fn new(field: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: field.into(),
            rule: rule.into(),
            position: None,
        }
    }

    /// The same, of the item at `position` (from 0) of a list or batch.
    #[must_use]
    pub const fn at(mut self, position: usize) -> Self {
        self.position = Some(position);
        self
    }

    /// The field whose rule is broken.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The rule, as a verb phrase.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Which item of a list or batch, from 0.
    #[must_use]
    pub const fn position(&self) -> Option<usize> {
        self.position
    }
}

/// Checks that `text` is not blank, at most `max` bytes and free of control
/// characters.
///
/// Any script, any length from one character on: a name of one letter is a
/// name.
///
/// # Errors
///
/// [`Invalid`], naming `field` and the rule.
pub fn check_text(field: &'static str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new(field, "must not be empty"));
    }
    if text.len() > max {
        return Err(Invalid::new(field, format!("must be at most {max} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(field, "must not hold control characters"));
    }
    Ok(())
}

/// Checks the same of text that may have several lines: what somebody says in
/// their own words. Line ends and tabs are no control characters there.
///
/// # Errors
///
/// [`Invalid`], naming `field` and the rule.
pub fn check_lines(field: &'static str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new(field, "must not be empty"));
    }
    if text.len() > max {
        return Err(Invalid::new(field, format!("must be at most {max} bytes")));
    }
    let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(is_bad) {
        let rule = "must not hold control characters other than line ends and tabs";
        return Err(Invalid::new(field, rule));
    }
    Ok(())
}

/// Checks that `code` is 1 to [`limits::CODE_MAX`](crate::limits::CODE_MAX)
/// ASCII letters, digits, `-`, `_`, `.`, `:` or `/`, so that it is safe in a
/// log, a file name's place and a URL.
///
/// # Errors
///
/// [`Invalid`], naming `field` and the rule.
pub fn check_code(field: &'static str, code: &str) -> Result<(), Invalid> {
    let max = crate::limits::CODE_MAX;
    if code.is_empty() || code.len() > max {
        return Err(Invalid::new(
            field,
            format!("must be 1 to {max} characters"),
        ));
    }
    if !is_code(code) {
        return Err(Invalid::new(
            field,
            "must be ASCII letters, digits, `-`, `_`, `.`, `:` or `/`",
        ));
    }
    Ok(())
}

/// Whether `code` is what [`check_code`] asks for.
#[doc(hidden)]
#[must_use]
pub const fn is_code(code: &str) -> bool {
    let mut rest = code.as_bytes();
    let fits = !rest.is_empty() && rest.len() <= crate::limits::CODE_MAX;
    while let [first, others @ ..] = rest {
        if !(first.is_ascii_alphanumeric() || matches!(first, b'-' | b'_' | b'.' | b':' | b'/')) {
            return false;
        }
        rest = others;
    }
    fits
}

/// Declares a coded word: a short ASCII string that is checked when it is
/// made, so that a vocabulary can be a country's own and still be safe to
/// print.
///
/// ```
/// solidarity_core::code! {
///     /// How a payee is paid.
///     pub struct Modality;
/// }
///
/// let modality = Modality::new("mobile-money")?;
/// assert_eq!(modality.as_str(), "mobile-money");
/// assert!(Modality::new("mobile money").is_err());
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[macro_export]
macro_rules! code {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident;)+) => {$(
        $(#[$meta])*
        ///
        /// 1 to 64 ASCII letters, digits, `-`, `_`, `.`, `:` or `/`.
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        $vis struct $name(::std::borrow::Cow<'static, str>);

        impl $name {
            /// The code `code`, if it is one.
            ///
            /// # Errors
            ///
            #[doc = concat!("[`Invalid`](", stringify!($crate), "::Invalid) if `code` breaks the rule above.")]
            $vis fn new(code: impl Into<::std::string::String>) -> ::std::result::Result<Self, $crate::Invalid> {
                let code = code.into();
                $crate::check_code(::std::stringify!($name), &code)?;
                Ok(Self(::std::borrow::Cow::Owned(code)))
            }

            /// A code written in the source, checked when it is compiled if
            /// used in a `const`.
            ///
            /// # Panics
            ///
            /// If `code` breaks the rule above.
            #[must_use]
            $vis const fn from_static(code: &'static str) -> Self {
                assert!($crate::__private::is_code(code), "not a code");
                Self(::std::borrow::Cow::Borrowed(code))
            }

            /// The code.
            #[must_use]
            $vis fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let code = <::std::string::String as $crate::__private::serde::Deserialize>::deserialize(deserializer)?;
                Self::new(code).map_err($crate::__private::serde::de::Error::custom)
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_script_and_length_are_text() {
        for name in ["Ọ", "X Æ", "አማን", "محمد", "O'Brien-Śmith", "李", "N'"] {
            assert_eq!(check_text("name", name, 64), Ok(()));
        }
    }

    #[test]
    fn broken_rules_are_named_and_values_are_not() {
        for (text, rule) in [
            ("  ", "must not be empty"),
            ("secretsecret", "must be at most 8 bytes"),
            ("a\u{0}b", "must not hold control characters"),
        ] {
            let invalid = check_text("name", text, 8).unwrap_err();
            assert_eq!((invalid.field(), invalid.rule()), ("name", rule));
        }
    }

    #[test]
    fn lines_end_only_where_text_has_lines() {
        let two = "one\r\n\ttwo";
        assert!(check_lines("words", two, 64).is_ok() && check_text("name", two, 64).is_err());
        for bad in ["\n", "", "a\u{0}", "a\u{1b}[2J", &"x".repeat(65)] {
            assert!(check_lines("words", bad, 64).is_err(), "{bad:?}");
        }
    }

    crate::code! {
        struct Word;
    }

    /// What is stored is read back: a code that only a program wrote, too.
    #[test]
    fn a_code_in_the_source_is_checked_like_any_other() {
        for word in ["a b", "a\n", "é", "=cmd", "o'clock", ""] {
            let made = std::panic::catch_unwind(|| Word::from_static(word));
            assert!(made.is_err(), "{word:?}");
        }
        let word = Word::from_static("urn:x/Y-1_2.3");
        assert_eq!(Word::new(word.as_str()), Ok(word));
    }

    #[test]
    fn a_code_is_safe_to_print() {
        assert!(check_code("c", "urn:x/Y-1_2.3").is_ok());
        for bad in ["", "a b", "a\n", "é", "=cmd", &"x".repeat(65)] {
            assert!(check_code("c", bad).is_err(), "{bad:?}");
        }
    }
}
