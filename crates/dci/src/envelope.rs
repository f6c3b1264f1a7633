use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use solidarity_core::Invalid;
use solidarity_signing::{Error, PartyId, Signer};

use crate::header::Header;
use crate::header::sealed::Sealed as _;
use crate::json::{Tree, parse};
use crate::limits::ITEMS_MAX;
use crate::message::Message;
use crate::signature::{Profile, sign_detached, sign_digest, sign_token};
use crate::{EncryptedMessage, HeaderReason, Leniency, ReplyHeader};

/// A message with its header: what is written.
///
/// The message fixes `action` and `total_count` of the header.
///
/// ```
/// use chrono::DateTime;
/// use solidarity_core::testing::block_on;
/// use solidarity_dci::query::Query;
/// use solidarity_dci::registry::{SearchCriteria, SearchItem, SearchRequest};
/// use solidarity_dci::{Envelope, Profile, ReferenceId, RequestHeader, TransactionId};
/// use solidarity_signing::{MessageId, PartyId, SigningKey};
///
/// let now = DateTime::UNIX_EPOCH;
/// let criteria = SearchCriteria::new(Query::id("UIN", "TEST-001")?);
/// let item = SearchItem::new(ReferenceId::new("1")?, now, criteria);
/// let search = SearchRequest::new(TransactionId::new("t-1")?, vec![item]);
/// let header = RequestHeader::new(MessageId::new("m-1")?, now, PartyId::new("sp.example")?);
///
/// let envelope = Envelope::new(header.to(PartyId::new("sr.example")?), search);
/// let wire = block_on(envelope.sign(Profile::Detached, &SigningKey::generate_ed25519()?, now))?;
/// assert!(wire.body.starts_with(r#"{"header":{"version":"1.0.0","message_id":"m-1","#));
/// assert!(wire.signature.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope<M: Message> {
    header: M::Header,
    message: Body<M>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Body<M> {
    Plain(M),
    Encrypted(EncryptedMessage),
    Absent,
}

/// What goes over the wire. `Debug` does not show it.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Wire {
    /// The body of the HTTP request or answer, `application/json`.
    pub body: String,
    /// The HTTP header `Signature`, if the profile has one.
    pub signature: Option<String>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("length", &self.body.len())
            .field("signature", &self.signature.is_some())
            .finish_non_exhaustive()
    }
}

/// The order in which an envelope is written.
#[derive(Serialize)]
struct Written<'a, H, M> {
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'a str>,
    header: &'a H,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a M>,
}

impl<M: Message> Envelope<M> {
    /// `message`, under `header`.
    #[must_use]
    pub fn new(mut header: M::Header, message: M) -> Self {
        let count = u32::try_from(message.count()).unwrap_or(u32::MAX);
        header.settle(M::ACTION, count, false);
        Self {
            header,
            message: Body::Plain(message),
        }
    }

    /// A message of `count` items that its caller has encrypted, under
    /// `header`.
    #[must_use]
    pub fn encrypted(mut header: M::Header, message: EncryptedMessage, count: u32) -> Self {
        header.settle(M::ACTION, count, true);
        Self {
            header,
            message: Body::Encrypted(message),
        }
    }

    /// The rejection of a whole request, for `reason`: a header alone.
    #[must_use]
    pub fn rejection(header: ReplyHeader, reason: HeaderReason) -> Self
    where
        M: Message<Header = ReplyHeader>,
    {
        let mut header = header.rejected_for(reason);
        header.settle(M::ACTION, 0, false);
        Self {
            header,
            message: Body::Absent,
        }
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &M::Header {
        &self.header
    }

    /// As it is written without a signature.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the message holds what its own reader refuses, goes
    /// beyond a [limit](crate::limits), or has no items where it must.
    pub fn unsigned(&self) -> Result<Wire, Error> {
        self.check()?;
        let wire = Wire {
            body: self.body(None)?,
            signature: None,
        };
        readable(&wire.body)?;
        Ok(wire)
    }

    /// As it is written with the signature of `signer`, made at `now`.
    ///
    /// # Errors
    ///
    /// - As [`unsigned`](Self::unsigned).
    /// - [`Error::Invalid`] if the key is not one of the profile's, or the
    ///   header names no sender.
    /// - The signer's own.
    pub async fn sign(
        &self,
        profile: Profile,
        signer: &dyn Signer,
        now: DateTime<Utc>,
    ) -> Result<Wire, Error> {
        self.check()?;
        let plain = self.body(None)?;
        let tree = readable(&plain)?;
        let in_body = match profile {
            Profile::Detached => {
                let signature = sign_detached(plain.as_bytes(), signer).await?;
                return Ok(Wire {
                    body: plain,
                    signature: Some(signature),
                });
            }
            Profile::Digest => sign_digest(tree.root(), self.sender()?, signer, now).await?,
            Profile::Token => sign_token(plain.as_bytes(), signer).await?,
        };
        let wire = Wire {
            body: self.body(Some(&in_body))?,
            signature: None,
        };
        readable(&wire.body)?;
        Ok(wire)
    }

    /// Nobody is sent what would be refused here.
    fn check(&self) -> Result<(), Error> {
        let Body::Plain(message) = &self.message else {
            return Ok(());
        };
        let items = if M::Header::COUNTS_ITEMS { 1 } else { 0 }..=ITEMS_MAX;
        if !items.contains(&message.count()) {
            let rule = format!("must hold {} to {ITEMS_MAX} items", items.start());
            return Err(Invalid::new("message", rule).into());
        }
        let checked = message.check(&Leniency::none());
        checked.map(drop).map_err(|fault| {
            let field = fault.path().to_string();
            Invalid::new(field.trim_matches('`').to_owned(), fault.rule().to_string()).into()
        })
    }

    fn sender(&self) -> Result<&PartyId, Error> {
        let missing = || Invalid::new("sender_id", "is required to sign");
        self.header.sender_id().ok_or_else(|| missing().into())
    }

    fn body(&self, signature: Option<&str>) -> Result<String, Error> {
        let written = Written {
            signature,
            header: &self.header,
            message: match &self.message {
                Body::Absent => None,
                message => Some(message),
            },
        };
        let invalid = || Invalid::new("message", "must be written as JSON");
        serde_json::to_string(&written).map_err(|_| invalid().into())
    }
}

/// Nobody is sent what would be refused here.
fn readable(body: &str) -> Result<Tree<'_>, Error> {
    parse(body.as_bytes())
        .map_err(|malformed| Invalid::new("message", malformed.to_string()).into())
}
