use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::read;
use crate::{Rule, spelling};

/// A person's id or a financial address (`cdpi_PersonId`,
/// `cdpi_FinancialAddress`): `type:id@provider`, such as
/// `token:12345@national-id`.
///
/// Visible ASCII, at most 256 characters, one `@`. The type and the provider
/// are letters, digits, `.`, `-` and `_`. The type may be missing
/// (`12345@national-id`), as the standard's pattern has it; that pattern has no
/// place for the colon of the standard's own examples, and stands where nothing
/// checks it.
///
/// Two are equal in whatever letters they are written: the standard calls them
/// case-insensitive. What was written is kept. `Debug` does not show it.
///
/// ```
/// use solidarity_dci::Rule;
/// use solidarity_dci::mapper::Address;
///
/// let account = Address::new("account:12345@ABCD0000001.ifsc.pymt-rail")?;
/// assert_eq!(account.kind(), Some("account"));
/// assert_eq!((account.id(), account.provider()), ("12345", "ABCD0000001.ifsc.pymt-rail"));
/// assert_eq!(account, Address::new("ACCOUNT:12345@abcd0000001.IFSC.pymt-rail")?);
/// assert_eq!(format!("{account:?}"), "Address([redacted])");
/// assert_eq!(Address::new("account:12345"), Err(Rule::NotAnAddress));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone)]
pub struct Address(String);

impl Address {
    /// The most characters: longer than any that the standard shows, short
    /// enough for an index.
    pub const MAX_CHARS: usize = 256;

    /// The address, if it is one.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAnAddress`].
    pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
        let text = text.into();
        let (kind, id, provider) = parts(&text).ok_or(Rule::NotAnAddress)?;
        let of_id = |byte: u8| byte.is_ascii_graphic() && byte != b'@';
        if text.len() > Self::MAX_CHARS
            || !kind.is_none_or(is_name)
            || !is_name(provider)
            || id.is_empty()
            || !id.bytes().all(of_id)
        {
            return Err(Rule::NotAnAddress);
        }
        Ok(Self(text))
    }

    /// The type of id, if it says so: `token`, `vid`, `mobile`, `account`, …
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.parts().0
    }

    /// The id, among the provider's.
    #[must_use]
    pub fn id(&self) -> &str {
        self.parts().1
    }

    /// Who gave it, and knows whose it is.
    #[must_use]
    pub fn provider(&self) -> &str {
        self.parts().2
    }

    /// The address, as it was written. It is personal data.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> (Option<&str>, &str, &str) {
        parts(&self.0).unwrap_or((None, &self.0, ""))
    }
}

/// The type, the id, the provider. The id may have colons of its own.
fn parts(text: &str) -> Option<(Option<&str>, &str, &str)> {
    let (local, provider) = text.split_once('@')?;
    Some(match local.split_once(':') {
        Some((kind, id)) => (Some(kind), id, provider),
        None => (None, local, provider),
    })
}

fn is_name(text: &str) -> bool {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !text.is_empty() && text.bytes().all(of_name)
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Address {}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address([redacted])")
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NAME, Self::new)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The examples of the standard (`cdpi_PersonId`, `cdpi_FinancialAddress`),
    /// and what deployed mappers write.
    #[test]
    fn an_address_is_read_part_by_part() {
        for (text, parts) in [
            ("token:12345@nid", (Some("token"), "12345", "nid")),
            ("brn:12345@civil-reg", (Some("brn"), "12345", "civil-reg")),
            (
                "mobile:+254700000001@mobile-pymt",
                (Some("mobile"), "+254700000001", "mobile-pymt"),
            ),
            (
                "account_number:1.branch:2@bank",
                (Some("account_number"), "1.branch:2", "bank"),
            ),
            ("12345@mosip", (None, "12345", "mosip")),
        ] {
            let address = Address::new(text).unwrap();
            let read = (address.kind(), address.id(), address.provider());
            assert_eq!(read, parts, "{text}");
            assert_eq!(address.expose(), text);
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        let long = format!("token:{}@nid", "1".repeat(Address::MAX_CHARS));
        for text in [
            "",
            "@",
            ":@",
            "token:1@",
            "token:@nid",
            ":1@nid",
            "@nid",
            "token:1",
            "token:1@a@b",
            "token:1@a:b",
            "to ken:1@nid",
            "token:1 2@nid",
            "token:1@n\u{131}d",
            "token:1@nid\n",
            &long,
        ] {
            assert_eq!(Address::new(text), Err(Rule::NotAnAddress), "{text}");
        }
    }

    #[test]
    fn the_longest_address_is_the_last_one_taken() {
        let of_length = |length| format!("{}@nid", "1".repeat(length - "@nid".len()));
        assert!(Address::new(of_length(Address::MAX_CHARS)).is_ok());
        assert!(Address::new(of_length(Address::MAX_CHARS + 1)).is_err());
    }

    #[test]
    fn equal_addresses_are_one_in_a_set() {
        let addresses = ["VID:54321@Nid", "vid:54321@nid", "vid:54321@other"];
        let set: HashSet<_> = addresses.map(|a| Address::new(a).unwrap()).into();
        assert_eq!(set.len(), 2);
    }
}
