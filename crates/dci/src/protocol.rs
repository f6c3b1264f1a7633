//! What the header of every message is made of.

use std::fmt;

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
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Url(String);

impl Url {
    /// The URL, if it is one.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAUrl`].
    pub fn new(text: impl Into<String>) -> Result<Self, Rule> {
        let text = text.into();
        let host = host(&text).ok_or(Rule::NotAUrl)?;
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_host) {
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
