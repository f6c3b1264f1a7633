use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use solidarity_core::{CaseId, Invalid, Pii, SafeContact};

use crate::{Case, Result};

mod memory;

pub use memory::MemoryNotifier;

solidarity_core::id! {
    /// A message to a complainant, however often it is tried.
    pub struct MessageId;
}

/// What a message is about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageKind {
    /// The complaint came in.
    Received,
    /// There is an answer.
    Answered,
}

/// A message to a complainant: no more than they need.
///
/// It names no case, nobody's name and nothing of the complaint. How it is
/// worded, in which language and form, follows from the contact; where the
/// contact is shared with others, the wording does not say that there is a
/// complaint.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// The same for every try.
    pub id: MessageId,
    /// What it is about.
    pub kind: MessageKind,
    /// The answer itself, where nobody else reads it.
    #[serde(with = "solidarity_core::exposed", default)]
    pub answer: Option<Pii<String>>,
}

impl Message {
    /// That the complaint came in.
    #[must_use]
    pub fn received(case: CaseId) -> Self {
        Self {
            id: MessageId::derive(&case, "received"),
            kind: MessageKind::Received,
            answer: None,
        }
    }

    /// That there is an answer to `case`; with the answer, if `contact` is
    /// private. `None` if there is none.
    #[must_use]
    pub fn answered(case: &Case, contact: &SafeContact) -> Option<Self> {
        let answer = case.answer()?;
        let step = format!("answered {}", answer.version());
        let private = contact.may_carry_secret();
        Some(Self {
            id: MessageId::derive(&case.id(), &step),
            kind: MessageKind::Answered,
            answer: private.then(|| answer.words().clone()),
        })
    }

    /// What the complainant of `case` is still to be told, for `contact`.
    /// `None` if nothing.
    #[must_use]
    pub fn owed(case: &Case, contact: &SafeContact) -> Option<Self> {
        match case.untold()? {
            MessageKind::Received => Some(Self::received(case.id())),
            MessageKind::Answered => Self::answered(case, contact),
        }
    }

    /// Checks that the message may go to `contact`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it holds an answer and others read what goes there.
    pub fn check(&self, contact: &SafeContact) -> Result<(), Invalid> {
        if self.answer.is_some() && !contact.may_carry_secret() {
            return Err(Invalid::new("answer", "must not go where others read it"));
        }
        Ok(())
    }
}

/// What came of telling somebody.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "somebody who was not reached must never pass for somebody who was told"
)]
pub enum Told {
    /// They have the message.
    Delivered,
    /// It is on its way: ask again later, by telling again.
    Queued,
    /// They cannot be reached this way. Nothing was sent.
    CouldNotReach,
}

/// Tells a complainant something, by the way that they said is safe.
///
/// # Contract
///
/// An implementation must pass [`conformance::notifier`](crate::conformance::notifier).
/// In words:
///
/// - **Once.** The same message told again is not sent again; the answer says
///   what became of it. What was delivered stays delivered.
/// - **Safe.** An answer goes only where nobody else reads, which
///   [`Message::check`] says.
/// - **Honest.** `Delivered` is said of what arrived, not of what was handed
///   on.
///
/// # Sharing
///
/// Shared as `Arc<dyn Notifier>`.
///
/// # Wrapping
///
/// A wrapper passes the message's id through untouched.
///
/// # Example
///
/// ```
/// use solidarity_core::testing::block_on;
/// use solidarity_core::{CaseId, Channel, Language, MessageForm, SafeContact, Sharing};
/// use solidarity_grievance::{MemoryNotifier, Message, Notifier, Told};
///
/// let notifier = MemoryNotifier::new();
/// let contact = SafeContact::new(Channel::Call, Language::new("am")?, MessageForm::Voice, Sharing::Shared)
///     .with_address("+251911000000")?;
/// let told = block_on(notifier.tell(&contact, &Message::received(CaseId::generate())))?;
/// assert_eq!(told, Told::Delivered);
/// # Ok::<(), solidarity_grievance::Error>(())
/// ```
#[async_trait]
pub trait Notifier: fmt::Debug + Send + Sync + 'static {
    /// Tells `message` by `contact`.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`](crate::Error::Invalid) for an answer that others
    ///   would read. Nothing was sent.
    /// - [`Error::Store`](crate::Error::Store) if the way there failed; its
    ///   `retry` says whether the message may have gone out all the same.
    async fn tell(&self, contact: &SafeContact, message: &Message) -> Result<Told>;
}

#[async_trait]
impl<T: Notifier + ?Sized> Notifier for Arc<T> {
    async fn tell(&self, contact: &SafeContact, message: &Message) -> Result<Told> {
        (**self).tell(contact, message).await
    }
}
