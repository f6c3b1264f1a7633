use super::{LedgerState, Undo};
use crate::ledger::{
    Account, AccountFlags, Balances, CreateAccountStatus as Status, NewAccount, Timestamp,
};

const BOTH_LIMITS: AccountFlags =
    AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS.with(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);

impl LedgerState {
    /// Opens `new` at `at`, or says why not. The order of the checks is part
    /// of the contract.
    pub(super) fn create_account(&mut self, new: &NewAccount, at: Timestamp) -> Result<(), Status> {
        if new.flags.has_reserved() {
            return Err(Status::ReservedFlag);
        }
        if new.id.as_uuid().is_nil() {
            return Err(Status::IdMustNotBeZero);
        }
        if new.id.as_uuid().is_max() {
            return Err(Status::IdMustNotBeIntMax);
        }
        if let Some(known) = self.account(new.id) {
            return Err(exists(new, known.body()));
        }
        if new.flags.contains(BOTH_LIMITS) {
            return Err(Status::FlagsAreMutuallyExclusive);
        }
        if new.ledger.get() == 0 {
            return Err(Status::LedgerMustNotBeZero);
        }
        if new.code.get() == 0 {
            return Err(Status::CodeMustNotBeZero);
        }
        if new.flags.contains(AccountFlags::IMPORTED)
            && (self.account_times.last().is_some_and(|last| at <= *last)
                || self.transfer_times.binary_search(&at).is_ok())
        {
            return Err(Status::ImportedEventTimestampMustNotRegress);
        }
        let closed = new.flags.contains(AccountFlags::CLOSED);
        let account = Account::from_parts(*new, closed, Balances::default(), at);
        self.add_account(&account);
        self.account_times.push(at);
        if let Some(journal) = &mut self.journal {
            journal.push(Undo::Account(new.id));
        }
        Ok(())
    }
}

/// What to answer where the id is taken: the first field that differs.
///
/// The flags compared are those that the account was opened with, so that a
/// repeat is one also after the account was closed.
fn exists(new: &NewAccount, known: &NewAccount) -> Status {
    if new.flags != known.flags {
        Status::ExistsWithDifferentFlags
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
