use serde::{Deserialize, Serialize};

use crate::limits::LINE_MAX_BYTES;
use crate::{Invalid, Pii, check_text};

crate::code! {
    /// A language, as an IETF tag (BCP 47): `sw`, `am`, `fr-CM`.
    pub struct Language;
}

/// By what a person is reached.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channel {
    /// A call to a telephone.
    Call,
    /// A text message to a telephone.
    Sms,
    /// A message in an app, to a telephone number or a handle.
    App,
    /// Electronic mail.
    Email,
    /// A letter to an address.
    Letter,
    /// A visit, or a word at an office or with a community worker.
    InPerson,
}

/// Whether a person takes in a message by reading or by hearing.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "who cannot read must never fall under a wildcard"
)]
pub enum MessageForm {
    /// They read.
    Text,
    /// They do not: speak to them.
    Voice,
}

/// Who else may see or hear what comes by a contact.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a shared telephone must never fall under a wildcard"
)]
pub enum Sharing {
    /// The person alone.
    Private,
    /// Others too: a family's telephone, a neighbor's letter box.
    Shared,
}

/// How a person says that they are safely reached.
///
/// It belongs to one person. A telephone that a register happens to hold is
/// not one: it may be a husband's, or an agent's.
///
/// ```
/// use solidarity_core::{Channel, Language, MessageForm, SafeContact, Sharing};
///
/// let contact = SafeContact::new(Channel::Call, Language::new("am")?, MessageForm::Voice, Sharing::Private)
///     .with_address("+251911000000")?;
/// assert!(contact.may_carry_secret());
/// assert!(!format!("{contact:?}").contains("251"));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Wire")]
pub struct SafeContact {
    channel: Channel,
    #[serde(with = "crate::exposed")]
    address: Option<Pii<String>>,
    language: Language,
    form: MessageForm,
    sharing: Sharing,
}

#[derive(Deserialize)]
struct Wire {
    channel: Channel,
    #[serde(default)]
    address: Option<Pii<String>>,
    language: Language,
    form: MessageForm,
    sharing: Sharing,
}

impl TryFrom<Wire> for SafeContact {
    type Error = Invalid;

    fn try_from(wire: Wire) -> Result<Self, Invalid> {
        let contact = Self::new(wire.channel, wire.language, wire.form, wire.sharing);
        match wire.address {
            Some(address) => contact.with_address(address.into_exposed()),
            None => Ok(contact),
        }
    }
}

impl SafeContact {
    /// Reached by `channel`, in `language`.
    #[must_use]
    pub const fn new(
        channel: Channel,
        language: Language,
        form: MessageForm,
        sharing: Sharing,
    ) -> Self {
        Self {
            channel,
            address: None,
            language,
            form,
            sharing,
        }
    }

    /// The same, at this number or address.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is blank or longer than
    /// [`LINE_MAX_BYTES`](crate::limits::LINE_MAX_BYTES).
    pub fn with_address(mut self, address: impl Into<String>) -> Result<Self, Invalid> {
        let address = address.into();
        check_text("contact address", &address, LINE_MAX_BYTES)?;
        self.address = Some(Pii::new(address));
        Ok(self)
    }

    /// By what the person is reached.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// The number or address, for a channel that has one.
    #[must_use]
    pub const fn address(&self) -> Option<&Pii<String>> {
        self.address.as_ref()
    }

    /// The language that the person understands.
    #[must_use]
    pub const fn language(&self) -> &Language {
        &self.language
    }

    /// Whether they read or hear.
    #[must_use]
    pub const fn form(&self) -> MessageForm {
        self.form
    }

    /// Who else may see or hear.
    #[must_use]
    pub const fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Whether a secret, such as a one-time code, may go this way: to a
    /// telephone or mailbox that the person shares with nobody.
    #[must_use]
    pub const fn may_carry_secret(&self) -> bool {
        matches!(
            (self.channel, self.sharing),
            (
                Channel::Call | Channel::Sms | Channel::App | Channel::Email,
                Sharing::Private
            )
        ) && self.address.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_checked_as_what_is_said() {
        let read = |address: serde_json::Value| {
            let json = serde_json::json!({
                "channel": "sms", "address": address, "language": "sw", "form": "text",
                "sharing": "private",
            });
            serde_json::from_value::<SafeContact>(json)
        };
        let contact = read("0712".into()).unwrap();
        assert_eq!(contact, read("0712".into()).unwrap());
        let again = serde_json::to_value(&contact).unwrap();
        assert_eq!(
            serde_json::from_value::<SafeContact>(again).unwrap(),
            contact
        );
        assert!(!read(().into()).unwrap().may_carry_secret());
        for bad in [" ", "07\u{0}12", &"7".repeat(LINE_MAX_BYTES + 1)] {
            let error = read(bad.into()).unwrap_err().to_string();
            assert!(!error.contains("77") && !error.contains("07"), "{error}");
        }
    }

    #[test]
    fn a_secret_goes_only_where_nobody_else_reads() {
        let contact = |channel, sharing| {
            SafeContact::new(
                channel,
                Language::from_static("sw"),
                MessageForm::Text,
                sharing,
            )
            .with_address("0712")
            .unwrap()
        };
        assert!(contact(Channel::Sms, Sharing::Private).may_carry_secret());
        assert!(!contact(Channel::Sms, Sharing::Shared).may_carry_secret());
        assert!(!contact(Channel::Letter, Sharing::Private).may_carry_secret());
        let nowhere = SafeContact::new(
            Channel::Sms,
            Language::from_static("sw"),
            MessageForm::Text,
            Sharing::Private,
        );
        assert!(!nowhere.may_carry_secret());
    }
}
