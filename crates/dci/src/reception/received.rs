use solidarity_signing::Arrival;

use crate::message::Message;
use crate::signature::Trust;
use crate::{Deviation, Fault, Leniency, ReferenceId};

/// A message that was taken in, and all that is known of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Received<M: Message, R = std::convert::Infallible> {
    /// The header.
    pub header: M::Header,
    /// The message; of one read item by item, those that are in order.
    pub message: M,
    /// The items that are not.
    pub rejected: Vec<Rejected<R>>,
    /// Where it differs from the standard, which the partner may.
    pub deviations: Vec<Deviation>,
    /// What is known of who sent it.
    pub trust: Trust,
    arrival: Arrival,
    leniency: Leniency,
}

/// An item that is not in order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rejected<R> {
    /// Its place in the message, from 0.
    pub position: usize,
    /// What its sender calls it, if that much can be read.
    pub reference_id: Option<ReferenceId>,
    /// The standard's code.
    pub reason: R,
    /// The field, and the rule that it breaks.
    pub fault: Fault,
}

impl<M: Message, R> Received<M, R> {
    pub(super) const fn new(
        header: M::Header,
        message: M,
        rejected: Vec<Rejected<R>>,
        deviations: Vec<Deviation>,
        trust: Trust,
        arrival: Arrival,
        leniency: Leniency,
    ) -> Self {
        Self {
            header,
            message,
            rejected,
            deviations,
            trust,
            arrival,
            leniency,
        }
    }

    /// What a [`ReplayGuard`](solidarity_signing::ReplayGuard) is asked with,
    /// before anything is done that may not be done twice.
    #[must_use]
    pub const fn arrival(&self) -> &Arrival {
        &self.arrival
    }

    /// What is taken from the partner, to read the message's queries and
    /// records with.
    #[must_use]
    pub const fn leniency(&self) -> &Leniency {
        &self.leniency
    }
}
