use std::collections::HashSet;
use std::fmt::{Debug, Display};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::Step;
use crate::header::Header;
use crate::leniency::Seen;
use crate::{Action, Deviation, Fault, Leniency, ReferenceId, Rule};

/// What stands under `message`, with the header and the action that go with
/// it.
pub trait Message: Clone + Debug + PartialEq + Serialize + DeserializeOwned {
    /// The header beside it.
    type Header: Header;

    /// The action in its header.
    const ACTION: Action;

    /// The action of the request that it answers, if it is an answer.
    const ANSWERS: Option<Action> = None;

    /// Other actions that the standard's own OpenAPI names for it, by mistake.
    const ALSO: &'static [Action] = &[];

    /// Whether the standard declares the header of requests for it, which has
    /// no status, though it is a reply.
    const MAY_LACK_STATUS: bool = false;

    /// How many requests, events or answers it holds: `total_count`.
    fn count(&self) -> usize {
        1
    }

    /// What its type alone does not say, such as whether a query is of the type
    /// that stands beside it. It gives what was tolerated.
    ///
    /// # Errors
    ///
    /// [`Fault`], seen from the message.
    fn check(&self, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let _ = leniency;
        Ok(Vec::new())
    }
}

/// A message of many items, each with an outcome of its own.
pub trait Batch: Message {
    /// One request, event or answer.
    type Item: Clone + Debug + DeserializeOwned;

    /// The standard's codes for what may be wrong with one.
    type Reason: Clone + Debug + Display + PartialEq;

    /// The field that holds the items.
    const ITEMS: &'static str;

    /// The items.
    fn items(&self) -> &[Self::Item];

    /// The items, to change.
    fn items_mut(&mut self) -> &mut Vec<Self::Item>;

    /// What its sender calls the item.
    fn reference(item: &Self::Item) -> &ReferenceId;

    /// What the item's type alone does not say, as [`Message::check`].
    ///
    /// # Errors
    ///
    /// [`Fault`], seen from the item.
    fn check_item(item: &Self::Item, leniency: &Leniency) -> Result<Vec<Deviation>, Fault> {
        let _ = (item, leniency);
        Ok(Vec::new())
    }

    /// The code for an item that breaks a rule as `fault` says, seen from the
    /// item.
    fn reason(fault: &Fault) -> Self::Reason;
}

/// [`Message::check`] of a message of items: each is new, and in order.
pub(crate) fn check_items<M: Batch>(
    message: &M,
    leniency: &Leniency,
) -> Result<Vec<Deviation>, Fault> {
    let mut met = Vec::new();
    let mut seen = HashSet::new();
    for (position, item) in message.items().iter().enumerate() {
        if !seen.insert(M::reference(item)) {
            let fault = Fault::field("reference_id", Rule::Duplicate);
            return Err(fault.within_item(position).within_field(M::ITEMS));
        }
        let item = M::check_item(item, leniency).seen_from(&Step::Item(position));
        met.extend(item.seen_from_field(M::ITEMS)?);
    }
    Ok(met)
}
