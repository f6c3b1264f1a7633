use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use solidarity_core::{Channel, SafeContact};

use super::{Message, Notifier, Told};
use crate::Result;

/// A [`Notifier`] that keeps what it was told to say: the reference, for tests
/// and examples.
#[derive(Debug)]
pub struct MemoryNotifier {
    outcome: Told,
    sent: Mutex<Vec<(SafeContact, Message)>>,
}

impl Default for MemoryNotifier {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryNotifier {
    /// A notifier whose messages arrive.
    #[must_use]
    pub const fn new() -> Self {
        Self::with_outcome(Told::Delivered)
    }

    /// A notifier all of whose messages come to `outcome`.
    #[must_use]
    pub const fn with_outcome(outcome: Told) -> Self {
        Self {
            outcome,
            sent: Mutex::new(Vec::new()),
        }
    }

    /// What was sent, in order, each message once.
    #[must_use]
    pub fn sent(&self) -> Vec<(SafeContact, Message)> {
        self.sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl Notifier for MemoryNotifier {
    async fn tell(&self, contact: &SafeContact, message: &Message) -> Result<Told> {
        message.check(contact)?;
        let needs_address = contact.channel() != Channel::InPerson;
        if self.outcome == Told::CouldNotReach || (needs_address && contact.address().is_none()) {
            return Ok(Told::CouldNotReach);
        }
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.iter().all(|(_, known)| known.id != message.id) {
            sent.push((contact.clone(), message.clone()));
        }
        Ok(self.outcome)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::InMemory;

    use super::*;

    crate::notifier_conformance!(InMemory::new(
        || Arc::new(MemoryNotifier::new()) as Arc<dyn Notifier>
    ));

    mod slow {
        use super::*;

        crate::notifier_conformance!(InMemory::new(|| {
            Arc::new(MemoryNotifier::with_outcome(Told::Queued)) as Arc<dyn Notifier>
        }));
    }
}
