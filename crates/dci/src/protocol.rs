//! What the header of every message is made of.

use std::fmt;
use std::net::Ipv6Addr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{Term, read};
use crate::{Rule, spelling};

macro_rules! actions {
    ($( $(#[$doc:meta])* $variant:ident = $code:literal, )+) => {
        /// What a message is (`header.action`).
        ///
        /// Closed, because nobody may act on a message whose kind is not
        /// known: `rjct.action.invalid`.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[non_exhaustive]
        pub enum Action {
            $( $(#[$doc])* #[doc = concat!("`", $code, "`")] #[serde(rename = $code)] $variant, )+
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The action, as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }
        }
    };
}

actions! {
    Search = "search",
    OnSearch = "on-search",
    Subscribe = "subscribe",
    OnSubscribe = "on-subscribe",
    Notify = "notify",
    Unsubscribe = "unsubscribe",
    OnUnsubscribe = "on-unsubscribe",
    TxnStatus = "txn-status",
    TxnOnStatus = "txn-on-status",
    Disburse = "disburse",
    OnDisburse = "on-disburse",
    Link = "link",
    OnLink = "on-link",
    Update = "update",
    OnUpdate = "on-update",
    Unlink = "unlink",
    OnUnlink = "on-unlink",
    Resolve = "resolve",
    OnResolve = "on-resolve",
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The version of the protocol that a message speaks.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Version {
    /// 1.0.0, the only one so far.
    #[default]
    V1_0_0,
    /// Another.
    Other(Term),
}

impl Version {
    /// The version, as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::V1_0_0 => "1.0.0",
            Self::Other(version) => version.as_str(),
        }
    }

    fn parse(text: String) -> Result<Self, Rule> {
        if text == "1.0.0" {
            return Ok(Self::V1_0_0);
        }
        Term::new(text).map(Self::Other)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NAME, Self::parse)
    }
}

/// Where an answer goes: `sender_uri`.
///
/// An http, https or sftp URL of visible ASCII, at most 2,048 characters,
/// without a user or password in it. Whether the host is one of the sender's
/// is for whoever calls it: nobody fetches or posts to a place only because a
/// message names it.
///
/// ```
/// use solidarity_dci::{Rule, Url};
///
/// assert_eq!(Url::new("https://sp.example/callback")?.host(), "sp.example");
/// assert_eq!(Url::new("https://user@sp.example/"), Err(Rule::NotAUrl));
/// assert_eq!(Url::new("javascript:alert(1)"), Err(Rule::NotAUrl));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Url(String);

/// The path of a callback may be a secret.
impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({}/…)", self.host())
    }
}

impl Url {
    /// The URL, if it is one.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAUrl`].
    pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
        let text = text.into();
        if !host(&text).is_some_and(is_host_and_port) {
            return Err(Rule::NotAUrl);
        }
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if text.len() > 2_048 || !text.bytes().all(plain) {
            return Err(Rule::NotAUrl);
        }
        Ok(Self(text))
    }

    /// The host, with its port where one is given.
    #[must_use]
    pub fn host(&self) -> &str {
        host(&self.0).unwrap_or_default()
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name of labels or an address in brackets (RFC 3986, 3.2.2), and a port.
fn is_host_and_port(text: &str) -> bool {
    let port = |text: &str| text.is_empty() || text.strip_prefix(':').is_some_and(is_port);
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, after)) = rest.split_once(']') else {
            return false;
        };
        return address.parse::<Ipv6Addr>().is_ok() && port(after);
    }
    let end = text.find(':').unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    let is_label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(plain)
    };
    name.split('.').all(is_label) && port(after)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>()
        .is_ok_and(|port| port.to_string() == text && port > 0)
}

fn host(url: &str) -> Option<&str> {
    let rest = ["https://", "http://", "sftp://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme))?;
    rest.split(['/', '?', '#']).next()
}

impl Serialize for Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, spelling::NAME, Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_and_no_credentials() {
        for good in [
            "https://sp.example",
            "http://localhost:3333/callback",
            "https://192.0.2.1/",
            "https://[2001:db8::1]:8443/x?y#z",
            "sftp://files.example/in",
        ] {
            assert_eq!(
                Url::new(good).map(|url| url.as_str() == good),
                Ok(true),
                "{good}"
            );
        }
        for bad in [
            "",
            "https://",
            "https://:",
            "https://:80/",
            "https://[x",
            "https://[::1",
            "https://...",
            "https://h:99999999/",
            "https://h:080/",
            "https://h:0/",
            "https://user@h/",
            "https://h\\.example/",
            "ftp://h/",
            "javascript:alert(1)",
            "https://h /",
            "https://h\u{e9}/",
            "//h/",
            "https://a..b/",
        ] {
            assert_eq!(Url::new(bad), Err(Rule::NotAUrl), "{bad}");
        }
        let url = Url::new("https://sp.example/callback?token=SECRET").unwrap();
        assert_eq!(format!("{url:?}"), "Url(sp.example/…)");
    }
}
