//! What accounts and transfers have in common: chains, imported times, and
//! one status an event, in order.

use std::hint::black_box;

use super::LedgerState;
use crate::ledger::{
    AccountFlags, CreateAccountStatus, CreateTransferStatus, NewAccount, NewTransfer, Timestamp,
    TransferFlags,
};

/// How many events are reached for together.
const REACH: usize = 16;

/// An event of a batch.
pub(super) trait Event {
    type Status: Copy + From<Fault>;

    fn is_linked(&self) -> bool;
    fn is_imported(&self) -> bool;
    fn timestamp(&self) -> Timestamp;

    /// Reaches for what `events`, of which the first is the `first`th of the
    /// batch, need: all at once, because it may lie far apart in memory.
    fn reach(state: &LedgerState, events: &[Self], first: usize)
    where
        Self: Sized;

    /// Applies the event, the `index`th of the batch, at `at`, or says why not
    /// and changes nothing.
    fn apply(
        &self,
        state: &mut LedgerState,
        index: usize,
        at: Timestamp,
    ) -> Result<Self::Status, Self::Status>;

    /// Remembers that the event failed.
    fn fail(&self, state: &mut LedgerState, status: Self::Status);
}

/// What an event may fail for before it is looked at.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Fault {
    LinkedEventFailed,
    LinkedEventChainOpen,
    ImportedEventExpected,
    ImportedEventNotExpected,
    TimestampMustBeZero,
    ImportedEventTimestampOutOfRange,
    ImportedEventTimestampMustNotAdvance,
}

/// Links of events that stand or fall together.
struct Chain {
    start: usize,
    broken: bool,
}

/// Applies `events` one after another; the last one is at `now`, each before
/// it a nanosecond earlier.
pub(super) fn run<E: Event>(
    state: &mut LedgerState,
    events: &[E],
    now: Timestamp,
) -> Vec<E::Status> {
    let imported = events.first().is_some_and(Event::is_imported);
    let mut statuses: Vec<E::Status> = Vec::with_capacity(events.len());
    let mut chain: Option<Chain> = None;
    for (index, event) in events.iter().enumerate() {
        if index.is_multiple_of(REACH) {
            let next = events.get(index..events.len().min(index + REACH));
            E::reach(state, next.unwrap_or_default(), index);
        }
        let left = events.len() - index - 1;
        if event.is_linked() && chain.is_none() {
            state.open_chain();
            chain = Some(Chain {
                start: index,
                broken: false,
            });
        }
        let open = event.is_linked() && left == 0;
        let broken = chain.as_ref().is_some_and(|chain| chain.broken);
        let result = if open {
            Err(Fault::LinkedEventChainOpen.into())
        } else if broken {
            Err(Fault::LinkedEventFailed.into())
        } else {
            check_time(event, imported, now)
                .map_err(Into::into)
                .and_then(|()| event.apply(state, index, stamp(event, now, left)))
        };
        if let Err(status) = result {
            if let Some(chain) = chain.as_mut().filter(|chain| !chain.broken) {
                chain.broken = true;
                state.roll_back();
                for earlier in statuses.iter_mut().skip(chain.start) {
                    *earlier = Fault::LinkedEventFailed.into();
                }
            }
            // After the roll-back: what burns an id burns it for ever.
            event.fail(state, status);
        }
        statuses.push(result.unwrap_or_else(|status| status));
        if !event.is_linked() || open {
            state.close_chain();
            chain = None;
        }
    }
    statuses
}

/// When the event that has `left` after it takes place.
fn stamp<E: Event>(event: &E, now: Timestamp, left: usize) -> Timestamp {
    if event.is_imported() {
        event.timestamp()
    } else {
        Timestamp::from_nanos(now.nanos().saturating_sub(left as u64))
    }
}

fn check_time<E: Event>(event: &E, imported: bool, now: Timestamp) -> Result<(), Fault> {
    match (imported, event.is_imported()) {
        (true, false) => return Err(Fault::ImportedEventExpected),
        (false, true) => return Err(Fault::ImportedEventNotExpected),
        (true, true) | (false, false) => {}
    }
    let at = event.timestamp();
    if !imported {
        return if at == Timestamp::ZERO {
            Ok(())
        } else {
            Err(Fault::TimestampMustBeZero)
        };
    }
    if at == Timestamp::ZERO || at > Timestamp::MAX {
        return Err(Fault::ImportedEventTimestampOutOfRange);
    }
    if at >= now {
        return Err(Fault::ImportedEventTimestampMustNotAdvance);
    }
    Ok(())
}

macro_rules! fault_is_status {
    ($status:ident) => {
        impl From<Fault> for $status {
            fn from(fault: Fault) -> Self {
                match fault {
                    Fault::LinkedEventFailed => Self::LinkedEventFailed,
                    Fault::LinkedEventChainOpen => Self::LinkedEventChainOpen,
                    Fault::ImportedEventExpected => Self::ImportedEventExpected,
                    Fault::ImportedEventNotExpected => Self::ImportedEventNotExpected,
                    Fault::TimestampMustBeZero => Self::TimestampMustBeZero,
                    Fault::ImportedEventTimestampOutOfRange => {
                        Self::ImportedEventTimestampOutOfRange
                    }
                    Fault::ImportedEventTimestampMustNotAdvance => {
                        Self::ImportedEventTimestampMustNotAdvance
                    }
                }
            }
        }
    };
}

fault_is_status!(CreateAccountStatus);
fault_is_status!(CreateTransferStatus);

impl Event for NewAccount {
    type Status = CreateAccountStatus;

    fn is_linked(&self) -> bool {
        self.flags.contains(AccountFlags::LINKED)
    }

    fn is_imported(&self) -> bool {
        self.flags.contains(AccountFlags::IMPORTED)
    }

    fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    fn reach(_: &LedgerState, _: &[Self], _: usize) {}

    fn apply(
        &self,
        state: &mut LedgerState,
        _: usize,
        at: Timestamp,
    ) -> Result<Self::Status, Self::Status> {
        state
            .create_account(self, at)
            .map(|()| CreateAccountStatus::Created)
    }

    fn fail(&self, _: &mut LedgerState, _: Self::Status) {}
}

impl Event for NewTransfer {
    type Status = CreateTransferStatus;

    fn is_linked(&self) -> bool {
        self.flags.contains(TransferFlags::LINKED)
    }

    fn is_imported(&self) -> bool {
        self.flags.contains(TransferFlags::IMPORTED)
    }

    fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    fn reach(state: &LedgerState, events: &[Self], first: usize) {
        let hints = state.hints.iter().skip(first).take(events.len()).flatten();
        let held = hints.filter_map(|hint| state.held.get(*hint));
        // From one end of it to the other.
        let read = held.filter(|held| held.closed | (held.balances.debits_pending > 0));
        let known = events
            .iter()
            .filter(|new| state.known.contains_key(&new.id));
        black_box(read.count() + known.count());
    }

    fn apply(
        &self,
        state: &mut LedgerState,
        index: usize,
        at: Timestamp,
    ) -> Result<Self::Status, Self::Status> {
        state
            .create_transfer(self, index, at)
            .map(|()| CreateTransferStatus::Created)
    }

    fn fail(&self, state: &mut LedgerState, status: Self::Status) {
        if status.is_transient() {
            state.burnt.insert(self.id);
        }
    }
}
