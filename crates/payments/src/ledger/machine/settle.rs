use super::{LedgerState, PendingState};
use crate::ledger::{
    AMOUNT_MAX, CreateTransferStatus as Status, NewTransfer, Timestamp, Transfer, TransferFlags,
};

/// What a post or void must not be besides.
const EXCLUDED: TransferFlags = TransferFlags::PENDING
    .with(TransferFlags::BALANCING_DEBIT)
    .with(TransferFlags::BALANCING_CREDIT)
    .with(TransferFlags::CLOSING_DEBIT)
    .with(TransferFlags::CLOSING_CREDIT);

impl LedgerState {
    /// Posts or voids what is pending, or says why not.
    pub(super) fn settle(&mut self, new: &NewTransfer, at: Timestamp) -> Result<(), Status> {
        let pending_id = check_fields(new)?;
        let pending: Transfer = *self
            .transfer(pending_id)
            .ok_or(Status::PendingTransferNotFound)?;
        let state = self
            .pending(pending_id)
            .ok_or(Status::PendingTransferNotPending)?;
        let reserved = pending.body();
        let (at_debit, debit) = self
            .find(reserved.debit_account, usize::MAX)
            .ok_or(Status::DebitAccountNotFound)?;
        let (at_credit, credit) = self
            .find(reserved.credit_account, usize::MAX)
            .ok_or(Status::CreditAccountNotFound)?;

        let body = new.filled(reserved);
        check_same(&body, reserved)?;
        match state {
            PendingState::Pending => {}
            PendingState::Posted => return Err(Status::PendingTransferAlreadyPosted),
            PendingState::Voided => return Err(Status::PendingTransferAlreadyVoided),
            PendingState::Expired => return Err(Status::PendingTransferExpired),
        }
        self.check_imported(new, at, debit, credit)?;
        let void = new.flags.contains(TransferFlags::VOID_PENDING);
        // A closed account takes only the end of what is pending.
        if debit.closed && !void {
            return Err(Status::DebitAccountAlreadyClosed);
        }
        if credit.closed && !void {
            return Err(Status::CreditAccountAlreadyClosed);
        }

        if let Some(due) = pending.expires_at() {
            self.due.remove(&(due, pending_id));
        }
        let settled = if void {
            PendingState::Voided
        } else {
            PendingState::Posted
        };
        self.pendings.insert(pending_id, settled);
        self.book(body, at, [at_debit, at_credit], |debit, credit| {
            debit.release(reserved);
            credit.release(reserved);
            if !void {
                // What was reserved left room for this.
                let (taken, given) = (&mut debit.balances, &mut credit.balances);
                taken.debits_posted = taken.debits_posted.saturating_add(body.amount);
                given.credits_posted = given.credits_posted.saturating_add(body.amount);
            }
        });
        Ok(())
    }
}

impl NewTransfer {
    /// This post or void with what it leaves open filled in from `pending`.
    pub(super) fn filled(&self, pending: &Self) -> Self {
        let mut filled = *self;
        let all = if self.flags.contains(TransferFlags::VOID_PENDING) {
            0
        } else {
            AMOUNT_MAX
        };
        if filled.amount == all {
            filled.amount = pending.amount;
        }
        if filled.debit_account.as_uuid().is_nil() {
            filled.debit_account = pending.debit_account;
        }
        if filled.credit_account.as_uuid().is_nil() {
            filled.credit_account = pending.credit_account;
        }
        if filled.user_data_128 == 0 {
            filled.user_data_128 = pending.user_data_128;
        }
        if filled.user_data_64 == 0 {
            filled.user_data_64 = pending.user_data_64;
        }
        if filled.user_data_32 == 0 {
            filled.user_data_32 = pending.user_data_32;
        }
        if filled.ledger.get() == 0 {
            filled.ledger = pending.ledger;
        }
        if filled.code.get() == 0 {
            filled.code = pending.code;
        }
        filled
    }
}

/// What can be said of a post or void without looking at the ledger; gives
/// what it settles.
fn check_fields(new: &NewTransfer) -> Result<crate::TransferId, Status> {
    let both = TransferFlags::POST_PENDING.with(TransferFlags::VOID_PENDING);
    if new.flags.contains(both) || new.flags.intersects(EXCLUDED) {
        return Err(Status::FlagsAreMutuallyExclusive);
    }
    let pending_id = new
        .pending_id
        .filter(|id| !id.as_uuid().is_nil())
        .ok_or(Status::PendingIdMustNotBeZero)?;
    if pending_id.as_uuid().is_max() {
        return Err(Status::PendingIdMustNotBeIntMax);
    }
    if pending_id == new.id {
        return Err(Status::PendingIdMustBeDifferent);
    }
    if new.timeout_seconds != 0 {
        return Err(Status::TimeoutReservedForPendingTransfer);
    }
    Ok(pending_id)
}

/// The post or void `body` says nothing but what is `reserved`.
fn check_same(body: &NewTransfer, reserved: &NewTransfer) -> Result<(), Status> {
    let failed = if body.debit_account != reserved.debit_account {
        Status::PendingTransferHasDifferentDebitAccountId
    } else if body.credit_account != reserved.credit_account {
        Status::PendingTransferHasDifferentCreditAccountId
    } else if body.ledger != reserved.ledger {
        Status::PendingTransferHasDifferentLedger
    } else if body.code != reserved.code {
        Status::PendingTransferHasDifferentCode
    } else if body.amount > reserved.amount {
        Status::ExceedsPendingTransferAmount
    } else if body.flags.contains(TransferFlags::VOID_PENDING) && body.amount < reserved.amount {
        Status::PendingTransferHasDifferentAmount
    } else {
        return Ok(());
    };
    Err(failed)
}
