//! Undoing what a chain booked before it broke.

use super::{Held, LedgerState, PendingState};
use crate::ledger::{AccountId, Transfer};

/// How to undo one event of a chain.
#[derive(Clone, Debug)]
pub(super) enum Undo {
    Account(AccountId),
    /// The last transfer, which found its accounts so, and the history so long.
    Transfer {
        accounts: Box<[Held; 2]>,
        history: usize,
    },
}

impl LedgerState {
    /// From here on, what is booked can be rolled back.
    pub(super) fn open_chain(&mut self) {
        self.journal = Some(Vec::new());
    }

    /// What was booked since the chain was opened stays.
    pub(super) fn close_chain(&mut self) {
        self.journal = None;
    }

    /// Undoes what was booked since the chain was opened.
    pub(super) fn roll_back(&mut self) {
        for undo in self.journal.take().into_iter().flatten().rev() {
            match undo {
                Undo::Account(id) => {
                    self.places.remove(&id);
                    self.held.pop();
                    self.bodies.pop();
                    self.account_times.pop();
                }
                Undo::Transfer { accounts, history } => {
                    let places = self.booked.pop().into_iter().flatten();
                    for (place, before) in places.zip(*accounts) {
                        if let Some(held) = self.held.get_mut(place) {
                            *held = before;
                        }
                    }
                    self.history.truncate(history);
                    self.transfer_times.pop();
                    self.unbook();
                }
            }
        }
    }

    /// Forgets the last transfer; what it settled is pending again.
    fn unbook(&mut self) {
        let Some(transfer) = self.transfers.pop() else {
            return;
        };
        let id = transfer.id();
        self.known.remove(&id);
        if self.pendings.remove(&id).is_some()
            && let Some(due) = transfer.expires_at()
        {
            self.due.remove(&(due, id));
        }
        if let Some(settled) = transfer.body().pending_id {
            self.pendings.insert(settled, PendingState::Pending);
            if let Some(due) = self.transfer(settled).and_then(Transfer::expires_at) {
                self.due.insert((due, settled));
            }
        }
    }
}
