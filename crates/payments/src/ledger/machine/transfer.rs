use super::{Held, LedgerState, PendingState, Undo};
use crate::ledger::{
    AccountId, CreateTransferStatus as Status, NewTransfer, Timestamp, Transfer, TransferFlags,
};

const CLOSING: TransferFlags = TransferFlags::CLOSING_DEBIT.with(TransferFlags::CLOSING_CREDIT);

impl LedgerState {
    /// Books `new`, the `index`th of its batch, at `at`, or says why not. The
    /// order of the checks is part of the contract.
    pub(super) fn create_transfer(
        &mut self,
        new: &NewTransfer,
        index: usize,
        at: Timestamp,
    ) -> Result<(), Status> {
        if new.flags.has_reserved() {
            return Err(Status::ReservedFlag);
        }
        if new.id.as_uuid().is_nil() {
            return Err(Status::IdMustNotBeZero);
        }
        if new.id.as_uuid().is_max() {
            return Err(Status::IdMustNotBeIntMax);
        }
        if let Some(known) = self.transfer(new.id) {
            return Err(self.exists(new, known.body()));
        }
        if self.burnt.contains(&new.id) {
            return Err(Status::IdAlreadyFailed);
        }
        if new.settles() {
            return self.settle(new, at);
        }
        check_fields(new)?;

        let [debit_hint, credit_hint] = self.hints.get(index).copied().unwrap_or([usize::MAX; 2]);
        let (at_debit, debit) = self
            .find(new.debit_account, debit_hint)
            .ok_or(Status::DebitAccountNotFound)?;
        let (at_credit, credit) = self
            .find(new.credit_account, credit_hint)
            .ok_or(Status::CreditAccountNotFound)?;
        if debit.ledger != credit.ledger {
            return Err(Status::AccountsMustHaveTheSameLedger);
        }
        if new.ledger != debit.ledger {
            return Err(Status::TransferMustHaveTheSameLedgerAsAccounts);
        }
        self.check_imported(new, at, debit, credit)?;
        if debit.closed {
            return Err(Status::DebitAccountAlreadyClosed);
        }
        if credit.closed {
            return Err(Status::CreditAccountAlreadyClosed);
        }
        let amount = balanced(new, debit, credit);
        check_sums(new, amount, at, debit, credit)?;

        let body = NewTransfer { amount, ..*new };
        self.book(body, at, [at_debit, at_credit], |debit, credit| {
            if new.flags.contains(TransferFlags::PENDING) {
                debit.balances.debits_pending += amount;
                credit.balances.credits_pending += amount;
            } else {
                debit.balances.debits_posted += amount;
                credit.balances.credits_posted += amount;
            }
            debit.closed |= new.flags.contains(TransferFlags::CLOSING_DEBIT);
            credit.closed |= new.flags.contains(TransferFlags::CLOSING_CREDIT);
        });
        Ok(())
    }

    /// The account `id`, and its place, which may be the one hinted at.
    pub(super) fn find(&self, id: AccountId, hint: usize) -> Option<(usize, &Held)> {
        if let Some(held) = self.held.get(hint)
            && held.id == id
        {
            return Some((hint, held));
        }
        let place = self.place(id)?;
        Some((place, self.held.get(place)?))
    }

    /// Files the transfer `body`, and lets it change its two accounts.
    pub(super) fn book(
        &mut self,
        body: NewTransfer,
        at: Timestamp,
        places: [usize; 2],
        change: impl FnOnce(&mut Held, &mut Held),
    ) {
        // Two accounts that are there, as was checked.
        let Ok([debit, credit]) = self.held.get_disjoint_mut(places) else {
            return;
        };
        if let Some(journal) = &mut self.journal {
            journal.push(Undo::Transfer {
                accounts: Box::new([*debit, *credit]),
                history: self.history.len(),
            });
        }
        change(debit, credit);
        for held in [debit, credit] {
            if held.keeps_history() {
                self.history.push(held.balances);
            }
        }
        let transfer = Transfer::from_parts(body, at);
        if body.flags.contains(TransferFlags::PENDING) {
            self.pendings.insert(body.id, PendingState::Pending);
            if let Some(due) = transfer.expires_at() {
                self.due.insert((due, body.id));
            }
        }
        self.known.insert(body.id, self.transfers.len());
        self.transfers.push(transfer);
        self.booked.push(places);
        self.transfer_times.push(at);
    }

    /// What an imported transfer must keep to, the closing of accounts aside.
    pub(super) fn check_imported(
        &self,
        new: &NewTransfer,
        at: Timestamp,
        debit: &Held,
        credit: &Held,
    ) -> Result<(), Status> {
        if !new.flags.contains(TransferFlags::IMPORTED) {
            return Ok(());
        }
        if self.transfer_times.last().is_some_and(|last| at <= *last)
            || self.account_times.binary_search(&at).is_ok()
        {
            return Err(Status::ImportedEventTimestampMustNotRegress);
        }
        if at <= debit.timestamp {
            return Err(Status::ImportedEventTimestampMustPostdateDebitAccount);
        }
        if at <= credit.timestamp {
            return Err(Status::ImportedEventTimestampMustPostdateCreditAccount);
        }
        if new.timeout_seconds != 0 {
            return Err(Status::ImportedEventTimeoutMustBeZero);
        }
        Ok(())
    }

    /// What to answer where the id is taken: the first field that differs.
    fn exists(&self, new: &NewTransfer, known: &NewTransfer) -> Status {
        if new.flags != known.flags {
            return Status::ExistsWithDifferentFlags;
        }
        if new.pending_id != known.pending_id {
            return Status::ExistsWithDifferentPendingId;
        }
        if new.timeout_seconds != known.timeout_seconds {
            return Status::ExistsWithDifferentTimeout;
        }
        match known.pending_id.and_then(|id| self.transfer(id)) {
            Some(pending) => first_difference(&new.filled(pending.body()), known),
            None => first_difference(new, known),
        }
    }
}

/// The first of the remaining fields in which `new` differs from `known`.
fn first_difference(new: &NewTransfer, known: &NewTransfer) -> Status {
    let balancing = TransferFlags::BALANCING_DEBIT.with(TransferFlags::BALANCING_CREDIT);
    let other_amount = if new.flags.intersects(balancing) {
        // What was said is the most; less of it may have moved.
        new.amount < known.amount
    } else {
        new.amount != known.amount
    };
    if new.debit_account != known.debit_account {
        Status::ExistsWithDifferentDebitAccountId
    } else if new.credit_account != known.credit_account {
        Status::ExistsWithDifferentCreditAccountId
    } else if other_amount {
        Status::ExistsWithDifferentAmount
    } else if new.user_data_128 != known.user_data_128 {
        Status::ExistsWithDifferentUserData128
    } else if new.user_data_64 != known.user_data_64 {
        Status::ExistsWithDifferentUserData64
    } else if new.user_data_32 != known.user_data_32 {
        Status::ExistsWithDifferentUserData32
    } else if new.ledger != known.ledger {
        Status::ExistsWithDifferentLedger
    } else if new.code != known.code {
        Status::ExistsWithDifferentCode
    } else {
        Status::Exists
    }
}

/// What can be said of a transfer without looking at the ledger.
fn check_fields(new: &NewTransfer) -> Result<(), Status> {
    let (debit, credit) = (new.debit_account.as_uuid(), new.credit_account.as_uuid());
    let pending = new.flags.contains(TransferFlags::PENDING);
    let failed = if debit.is_nil() {
        Status::DebitAccountIdMustNotBeZero
    } else if debit.is_max() {
        Status::DebitAccountIdMustNotBeIntMax
    } else if credit.is_nil() {
        Status::CreditAccountIdMustNotBeZero
    } else if credit.is_max() {
        Status::CreditAccountIdMustNotBeIntMax
    } else if debit == credit {
        Status::AccountsMustBeDifferent
    } else if new.pending_id.is_some() {
        Status::PendingIdMustBeZero
    } else if !pending && new.timeout_seconds != 0 {
        Status::TimeoutReservedForPendingTransfer
    } else if !pending && new.flags.intersects(CLOSING) {
        Status::ClosingTransferMustBePending
    } else if new.ledger.get() == 0 {
        Status::LedgerMustNotBeZero
    } else if new.code.get() == 0 {
        Status::CodeMustNotBeZero
    } else {
        return Ok(());
    };
    Err(failed)
}

/// How much moves: all that is said, or what the accounts let through.
fn balanced(new: &NewTransfer, debit: &Held, credit: &Held) -> u128 {
    let mut amount = new.amount;
    if new.flags.contains(TransferFlags::BALANCING_DEBIT) {
        let has = debit.balances;
        let taken = has.debits_posted.saturating_add(has.debits_pending);
        amount = amount.min(has.credits_posted.saturating_sub(taken));
    }
    if new.flags.contains(TransferFlags::BALANCING_CREDIT) {
        let has = credit.balances;
        let given = has.credits_posted.saturating_add(has.credits_pending);
        amount = amount.min(has.debits_posted.saturating_sub(given));
    }
    amount
}

/// No sum overflows, also when all that is pending is posted, and no limit is
/// passed.
fn check_sums(
    new: &NewTransfer,
    amount: u128,
    at: Timestamp,
    debit: &Held,
    credit: &Held,
) -> Result<(), Status> {
    let overflows = |sum: u128| sum.checked_add(amount).is_none();
    let (taken, given) = (debit.balances, credit.balances);
    let pending = new.flags.contains(TransferFlags::PENDING);
    let failed = if pending && overflows(taken.debits_pending) {
        Status::OverflowsDebitsPending
    } else if pending && overflows(given.credits_pending) {
        Status::OverflowsCreditsPending
    } else if overflows(taken.debits_posted) {
        Status::OverflowsDebitsPosted
    } else if overflows(given.credits_posted) {
        Status::OverflowsCreditsPosted
    } else if overflows(taken.debits_pending.saturating_add(taken.debits_posted)) {
        Status::OverflowsDebits
    } else if overflows(given.credits_pending.saturating_add(given.credits_posted)) {
        Status::OverflowsCredits
    } else if at.after_seconds(new.timeout_seconds).is_none() {
        Status::OverflowsTimeout
    } else if debit.debits_exceed_credits(amount) {
        Status::ExceedsCredits
    } else if credit.credits_exceed_debits(amount) {
        Status::ExceedsDebits
    } else {
        return Ok(());
    };
    Err(failed)
}
