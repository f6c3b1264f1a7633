//! A batch: load what it touches, decide, write back set by set.

use rusqlite::{Connection, params};
use rustc_hash::FxHashMap;
use solidarity_payments::{
    AccountFlags, CreateAccountStatus, CreateTransferStatus, LEDGER_BATCH_MAX, NewAccount,
    NewTransfer, PendingState, Timestamp, TransferFlags, TransferId,
};
use uuid::Uuid;

use super::books::Books;
use super::rows::{self, ACCOUNTS, Entry, TRANSFERS};
use super::writing::{Row, Writer};
use super::{Fail, Refusal};

const INSERT_ACCOUNT: &str = "INSERT INTO ledger_account (number, id, timestamp, ledger, code, \
    flags, user_data_128, user_data_64, user_data_32) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const INSERT_PENDING: &str = "INSERT INTO ledger_pending (transfer, state, due, debit_account, \
    credit_account) VALUES (?1, ?2, ?3, ?4, ?5)";
const SETTLE_PENDING: &str = "UPDATE ledger_pending SET state = ?2, due = NULL WHERE transfer = ?1";
const INSERT_BURNT: &str = "INSERT INTO ledger_burnt (transfer) VALUES (?1) ON CONFLICT DO NOTHING";

/// What is taken of the ids of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ids {
    /// None was booked before. Where one was, the batch fails and nothing of
    /// it stays.
    New,
    /// Any may have been booked before.
    Any,
}

pub(super) fn create_accounts(
    conn: &Connection,
    books: &mut Books,
    accounts: &[NewAccount],
    now: Timestamp,
) -> Result<Vec<CreateAccountStatus>, Fail> {
    for new in accounts {
        books.load(conn, new.id)?;
        if new.flags.contains(AccountFlags::IMPORTED) && TRANSFERS.has(conn, new.timestamp)? {
            books.state.load_transfer_time(new.timestamp);
        }
    }
    let earlier = books.state.account_count();
    let statuses = books
        .state
        .create_accounts(accounts, now)
        .map_err(Fail::refused)?;
    let mut insert = conn.prepare_cached(INSERT_ACCOUNT)?;
    for place in earlier..books.state.account_count() {
        let number = books.number();
        let Some(account) = books.state.account_at(place) else {
            continue;
        };
        let body = account.body();
        insert.execute(params![
            number,
            body.id.as_uuid().as_bytes(),
            rows::time(account.timestamp()),
            body.ledger.get(),
            body.code.get(),
            body.flags.bits(),
            body.user_data_128.to_be_bytes(),
            body.user_data_64.cast_signed(),
            body.user_data_32,
        ])?;
    }
    Ok(statuses)
}

pub(super) fn create_transfers(
    conn: &Connection,
    books: &mut Books,
    transfers: &[NewTransfer],
    now: Timestamp,
    ids: Ids,
) -> Result<Vec<CreateTransferStatus>, Fail> {
    let end = books
        .state
        .ends_at(transfers.len(), now)
        .map_err(Fail::refused)?;
    expire(conn, books, end)?;
    let mut batch = Batch {
        conn,
        books,
        numbers: FxHashMap::default(),
    };
    batch.load(transfers, ids)?;
    let statuses = batch
        .books
        .state
        .create_transfers(transfers, now)
        .map_err(Fail::refused)?;
    batch.remember_failures(transfers, &statuses, ids)?;
    batch.write()?;
    Ok(statuses)
}

/// Releases what is over at `now`, a batch at a time, so that however much is
/// due there is never more than that in memory.
fn expire(conn: &Connection, books: &mut Books, now: Timestamp) -> Result<(), Fail> {
    loop {
        let due = rows::some_due(conn, now, LEDGER_BATCH_MAX)?;
        if due.is_empty() {
            return Ok(());
        }
        let mut settle = conn.prepare_cached(SETTLE_PENDING)?;
        let expired = rows::pending_code(PendingState::Expired);
        let count = due.len();
        for Entry {
            number, transfer, ..
        } in due
        {
            let body = transfer.body();
            for account in [body.debit_account, body.credit_account] {
                books.load(conn, account)?;
                let place = books.state.place(account);
                books.change(place.ok_or_else(|| Fail::unreadable("an account is missing"))?);
            }
            books
                .state
                .load_transfer(transfer, Some(PendingState::Pending));
            settle.execute(params![number, expired])?;
        }
        if books.state.expire(now).len() != count {
            return Err(Fail::unreadable("what is due does not expire"));
        }
        books.close(conn)?;
    }
}

/// Whether any of `transfers` may have an id that is burnt.
fn is_any_burnt(conn: &Connection, transfers: &[NewTransfer]) -> Result<bool, Fail> {
    if !rows::is_any_burnt(conn, Uuid::nil(), Uuid::max())? {
        return Ok(false);
    }
    let ids = transfers.iter().map(|new| new.id.as_uuid());
    match (ids.clone().min(), ids.max()) {
        (Some(first), Some(last)) => rows::is_any_burnt(conn, *first, *last),
        _ => Ok(false),
    }
}

/// A batch of transfers and the books that it is decided by.
struct Batch<'a> {
    conn: &'a Connection,
    books: &'a mut Books,
    /// The numbers of the pending transfers that it may settle.
    numbers: FxHashMap<TransferId, i64>,
}

impl Batch<'_> {
    /// Knows what `transfers` touch.
    fn load(&mut self, transfers: &[NewTransfer], ids: Ids) -> Result<(), Fail> {
        for unknown in self.books.state.look_ahead(transfers) {
            self.books.load(self.conn, unknown)?;
        }
        let is_any_burnt = is_any_burnt(self.conn, transfers)?;
        for new in transfers {
            if ids == Ids::Any {
                self.load_transfer(new.id)?;
            }
            if is_any_burnt && rows::is_burnt(self.conn, new.id)? {
                self.books.state.load_burnt(new.id);
            }
            if let Some(settled) = new.pending_id {
                self.load_transfer(settled)?;
            }
            if new.flags.contains(TransferFlags::IMPORTED)
                && ACCOUNTS.has(self.conn, new.timestamp)?
            {
                self.books.state.load_account_time(new.timestamp);
            }
        }
        Ok(())
    }

    /// Knows the transfer `id`, if there is one; if it is pending, with what
    /// became of it and the accounts that its end would change.
    fn load_transfer(&mut self, id: TransferId) -> Result<(), Fail> {
        if self.books.state.transfer(id).is_some() {
            return Ok(());
        }
        let Some(Entry {
            number, transfer, ..
        }) = rows::transfer(self.conn, id)?
        else {
            return Ok(());
        };
        let body = transfer.body();
        if !body.flags.contains(TransferFlags::PENDING) {
            self.books.state.load_transfer(transfer, None);
            return Ok(());
        }
        self.books.load(self.conn, body.debit_account)?;
        self.books.load(self.conn, body.credit_account)?;
        let pending = rows::pending(self.conn, number)?;
        self.books.state.load_transfer(transfer, Some(pending));
        self.numbers.insert(id, number);
        Ok(())
    }

    /// Burns the ids that must not succeed later. Where ids were taken to be
    /// new, that is true of those that were not booked only if none is in the
    /// file; for those that were, it is for the file to refuse them.
    fn remember_failures(
        &self,
        transfers: &[NewTransfer],
        statuses: &[CreateTransferStatus],
        ids: Ids,
    ) -> Result<(), Fail> {
        for (new, status) in transfers.iter().zip(statuses) {
            if *status == CreateTransferStatus::Created {
                continue;
            }
            if ids == Ids::New && rows::is_booked(self.conn, new.id)? {
                return Err(Fail::refused(Refusal::Known));
            }
            if status.is_transient() {
                self.conn
                    .prepare_cached(INSERT_BURNT)?
                    .execute([new.id.as_uuid().as_bytes()])?;
            }
        }
        Ok(())
    }

    /// Writes what was booked.
    fn write(&mut self) -> Result<(), Fail> {
        let mut number = self.books.last_transfer;
        let entered = self.books.enter(self.conn)?;
        let mut writer = Writer::new(self.conn)?;
        for (booking, sides) in self.books.state.booked().zip(entered) {
            number += 1;
            let body = booking.transfer.body();
            if body.flags.contains(TransferFlags::PENDING) {
                self.numbers.insert(body.id, number);
                let [debit, credit] = sides;
                self.conn.prepare_cached(INSERT_PENDING)?.execute(params![
                    number,
                    rows::pending_code(PendingState::Pending),
                    booking.transfer.expires_at().map(rows::time),
                    debit.account,
                    credit.account,
                ])?;
            }
            writer.push(Row {
                booking,
                sides,
                settles: self.settle(body)?,
            })?;
        }
        writer.finish()
    }

    /// Says of what `body` settles what became of it, and gives its number.
    fn settle(&self, body: &NewTransfer) -> Result<Option<i64>, Fail> {
        let Some(settled) = body.pending_id else {
            return Ok(None);
        };
        let number = self.numbers.get(&settled).copied();
        let number = number.ok_or_else(|| Fail::unreadable("what is settled has no number"))?;
        let became = if body.flags.contains(TransferFlags::VOID_PENDING) {
            PendingState::Voided
        } else {
            PendingState::Posted
        };
        self.conn
            .prepare_cached(SETTLE_PENDING)?
            .execute(params![number, rows::pending_code(became)])?;
        Ok(Some(number))
    }
}
