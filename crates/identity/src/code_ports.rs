use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::{Invalid, PersonId, Pii, SafeContact};
use uuid::Uuid;

use crate::Result;

/// Knows how a person is safely reached: the port through which a code finds
/// its way, so that nobody can have one sent anywhere else.
#[async_trait]
pub trait ContactSource: fmt::Debug + Send + Sync + 'static {
    /// The safe contacts of `person`, the preferred first. Empty where there
    /// are none, or the source does not know the person.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`](crate::Error::Unavailable) if it cannot tell.
    async fn contacts(&self, person: PersonId) -> Result<Vec<SafeContact>>;
}

/// A [`ContactSource`] in memory, for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryContactSource {
    contacts: RwLock<HashMap<PersonId, Vec<SafeContact>>>,
}

impl MemoryContactSource {
    /// A source that knows nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `person` can also be reached by `contact`.
    pub fn hold(&self, person: PersonId, contact: SafeContact) {
        // No code panics while it holds the lock, so a poisoned map is whole.
        let mut contacts = self
            .contacts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        contacts.entry(person).or_default().push(contact);
    }
}

#[async_trait]
impl ContactSource for MemoryContactSource {
    async fn contacts(&self, person: PersonId) -> Result<Vec<SafeContact>> {
        let contacts = self.contacts.read().unwrap_or_else(PoisonError::into_inner);
        Ok(contacts.get(&person).cloned().unwrap_or_default())
    }
}

/// A code on its way to a contact that may carry a secret.
#[derive(Clone, Debug)]
pub struct CodeMessage {
    contact: SafeContact,
    code: Pii<String>,
    expires_at: DateTime<Utc>,
}

impl CodeMessage {
    /// `code` goes to `contact`, in its language and form.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the contact [may not carry a
    /// secret](SafeContact::may_carry_secret).
    pub fn new(
        contact: SafeContact,
        code: Pii<String>,
        expires_at: DateTime<Utc>,
    ) -> Result<Self, Invalid> {
        if !contact.may_carry_secret() {
            return Err(Invalid::new(
                "contact",
                "must be one that may carry a secret",
            ));
        }
        Ok(Self {
            contact,
            code,
            expires_at,
        })
    }

    /// Where it goes, in which language, to be read or heard.
    #[must_use]
    pub const fn contact(&self) -> &SafeContact {
        &self.contact
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> &Pii<String> {
        &self.code
    }

    /// Until when it can be used.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

/// Brings a code to a person: a gateway for messages or calls.
#[async_trait]
pub trait CodeDelivery: fmt::Debug + Send + Sync + 'static {
    /// Hands `message` over.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`](crate::Error::Unavailable): with
    /// [`AfterInquiry`](solidarity_core::Retry::AfterInquiry) if it may have
    /// been sent, with any other advice if it certainly was not.
    async fn deliver(&self, message: &CodeMessage) -> Result<()>;
}

/// A [`CodeDelivery`] that keeps what it is given, for tests and examples.
#[derive(Debug, Default)]
pub struct MemoryCodeDelivery {
    delivered: Mutex<Vec<CodeMessage>>,
}

impl MemoryCodeDelivery {
    /// Nothing is delivered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All that was delivered, the oldest first.
    #[must_use]
    pub fn delivered(&self) -> Vec<CodeMessage> {
        // No code panics while it holds the lock, so a poisoned list is whole.
        let delivered = self
            .delivered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        delivered.clone()
    }
}

#[async_trait]
impl CodeDelivery for MemoryCodeDelivery {
    async fn deliver(&self, message: &CodeMessage) -> Result<()> {
        let mut delivered = self
            .delivered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        delivered.push(message.clone());
        Ok(())
    }
}

/// Where codes come from. What it gives must not be foreseeable.
pub trait CodeSource: fmt::Debug + Send + Sync + 'static {
    /// A number of at least 60 random bits.
    fn draw(&self) -> u64;
}

/// Codes from the operating system's source of randomness.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it never has anything to hold")]
pub struct SystemCodes;

impl CodeSource for SystemCodes {
    /// The last 62 bits of a version 4 UUID are random (RFC 9562, 5.4). A code
    /// of ten digits uses 34 of them, and is uneven by less than one in a
    /// hundred million.
    fn draw(&self) -> u64 {
        Uuid::new_v4().as_u64_pair().1 & (u64::MAX >> 2)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use solidarity_core::{Channel, Language, MessageForm, Sharing};

    use super::*;

    #[test]
    fn a_message_cannot_be_made_for_a_contact_that_others_see() {
        let message = |channel, sharing| {
            let language = Language::from_static("sw");
            let contact = SafeContact::new(channel, language, MessageForm::Text, sharing)
                .with_address("0712")
                .unwrap();
            CodeMessage::new(contact, Pii::new("123456".to_owned()), DateTime::UNIX_EPOCH)
        };
        assert!(message(Channel::Sms, Sharing::Private).is_ok());
        assert!(message(Channel::Sms, Sharing::Shared).is_err());
        assert!(message(Channel::Letter, Sharing::Private).is_err());
        let shown = format!("{:?}", message(Channel::Sms, Sharing::Private));
        assert!(
            !shown.contains("123456") && !shown.contains("0712"),
            "{shown}"
        );
    }

    #[test]
    fn system_codes_do_not_repeat_and_use_all_their_bits() {
        let drawn: HashSet<u64> = (0..1_000).map(|_| SystemCodes.draw()).collect();
        assert_eq!(drawn.len(), 1_000);
        assert_eq!(drawn.iter().fold(0, |all, n| all | n), u64::MAX >> 2);
    }
}
