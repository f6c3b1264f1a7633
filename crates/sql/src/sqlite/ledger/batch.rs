//! A batch: load what it touches, decide, write back set by set.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use solidarity_payments::{
    Account, AccountFlags, AccountId, CreateAccountStatus, CreateTransferStatus, LEDGER_BATCH_MAX,
    LedgerState, NewAccount, NewTransfer, PendingState, Timestamp, Transfer, TransferFlags,
    TransferId,
};

use super::{Fail, rows};

const INSERT_ACCOUNT: &str = "INSERT INTO ledger_account (id, timestamp, ledger, code, flags, \
    user_data_128, user_data_64, user_data_32, closed, debits_pending, debits_posted, \
    credits_pending, credits_posted) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const UPDATE_ACCOUNT: &str = "UPDATE ledger_account SET closed = ?2, debits_pending = ?3, \
    debits_posted = ?4, credits_pending = ?5, credits_posted = ?6 WHERE id = ?1";
const INSERT_TRANSFER: &str = "INSERT INTO ledger_transfer (timestamp, id, debit_account, \
    credit_account, amount, pending_id, user_data_128, user_data_64, user_data_32, \
    timeout_seconds, ledger, code, flags) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const SET_PENDING: &str = "INSERT INTO ledger_pending (transfer, state, due) VALUES (?1, ?2, ?3) \
    ON CONFLICT (transfer) DO UPDATE SET state = excluded.state, due = excluded.due";
const INSERT_BURNT: &str = "INSERT INTO ledger_burnt (transfer) VALUES (?1) ON CONFLICT DO NOTHING";
const INSERT_BALANCE: &str = "INSERT INTO ledger_balance (account, timestamp, debits_pending, \
    debits_posted, credits_pending, credits_posted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

pub(super) fn create_accounts(
    conn: &Connection,
    accounts: &[NewAccount],
    now: Timestamp,
) -> Result<Vec<CreateAccountStatus>, Fail> {
    let mut state = rows::state(conn)?;
    for new in accounts {
        load_account(conn, &mut state, new.id)?;
        if new.flags.contains(AccountFlags::IMPORTED)
            && rows::is_transfer_time(conn, new.timestamp)?
        {
            state.load_transfer_time(new.timestamp);
        }
    }
    let statuses = state
        .create_accounts(accounts, now)
        .map_err(Fail::refused)?;
    let mut insert = conn.prepare_cached(INSERT_ACCOUNT)?;
    for (new, status) in accounts.iter().zip(&statuses) {
        if let (CreateAccountStatus::Created, Some(account)) = (status, state.account(new.id)) {
            insert_account(&mut insert, account)?;
        }
    }
    Ok(statuses)
}

pub(super) fn create_transfers(
    conn: &Connection,
    transfers: &[NewTransfer],
    now: Timestamp,
) -> Result<Vec<CreateTransferStatus>, Fail> {
    let mut state = rows::state(conn)?;
    let end = state.ends_at(transfers.len(), now).map_err(Fail::refused)?;
    expire(conn, end)?;
    for new in transfers {
        load_transfer(conn, &mut state, new)?;
    }
    let statuses = state
        .create_transfers(transfers, now)
        .map_err(Fail::refused)?;
    write(conn, &mut state, transfers, &statuses)?;
    Ok(statuses)
}

/// Releases what is over at `now`, a batch at a time, so that however much is
/// due there is never more than that in memory.
fn expire(conn: &Connection, now: Timestamp) -> Result<(), Fail> {
    loop {
        let due = rows::some_due(conn, now, LEDGER_BATCH_MAX)?;
        if due.is_empty() {
            return Ok(());
        }
        let mut state = LedgerState::new();
        let mut touched = BTreeSet::new();
        for transfer in due {
            let body = transfer.body();
            for account in [body.debit_account, body.credit_account] {
                load_account(conn, &mut state, account)?;
                touched.insert(account);
            }
            state.load_transfer(transfer, Some(PendingState::Pending));
        }
        let expired = state.expire(now);
        if expired.is_empty() {
            return Err(Fail::unreadable("what is due does not expire"));
        }
        write_pendings(conn, &state, expired)?;
        update_accounts(conn, &state, touched)?;
    }
}

fn load_account(conn: &Connection, state: &mut LedgerState, id: AccountId) -> Result<(), Fail> {
    if state.account(id).is_none()
        && let Some(account) = rows::account(conn, id)?
    {
        state.load_account(account);
    }
    Ok(())
}

/// Loads all that `new` touches.
fn load_transfer(
    conn: &Connection,
    state: &mut LedgerState,
    new: &NewTransfer,
) -> Result<(), Fail> {
    if let Some(known) = rows::transfer(conn, new.id)? {
        load_known(conn, state, known)?;
    } else if rows::is_burnt(conn, new.id)? {
        state.load_burnt(new.id);
    }
    if let Some(settled) = new.pending_id
        && state.transfer(settled).is_none()
        && let Some(known) = rows::transfer(conn, settled)?
    {
        load_known(conn, state, known)?;
    }
    load_account(conn, state, new.debit_account)?;
    load_account(conn, state, new.credit_account)?;
    if new.flags.contains(TransferFlags::IMPORTED) && rows::is_account_time(conn, new.timestamp)? {
        state.load_account_time(new.timestamp);
    }
    Ok(())
}

/// Loads `known`; if it is pending, with what became of it and the accounts
/// that its end would change.
fn load_known(conn: &Connection, state: &mut LedgerState, known: Transfer) -> Result<(), Fail> {
    let body = known.body();
    if !body.flags.contains(TransferFlags::PENDING) {
        state.load_transfer(known, None);
        return Ok(());
    }
    load_account(conn, state, body.debit_account)?;
    load_account(conn, state, body.credit_account)?;
    let pending = rows::pending(conn, known.id())?;
    state.load_transfer(known, Some(pending));
    Ok(())
}

/// Writes what became of `transfers`.
fn write(
    conn: &Connection,
    state: &mut LedgerState,
    transfers: &[NewTransfer],
    statuses: &[CreateTransferStatus],
) -> Result<(), Fail> {
    let (mut accounts, mut pendings) = (BTreeSet::new(), BTreeSet::new());
    let mut insert = conn.prepare_cached(INSERT_TRANSFER)?;
    let mut burn = conn.prepare_cached(INSERT_BURNT)?;
    for (new, status) in transfers.iter().zip(statuses) {
        if status.is_transient() {
            burn.execute([new.id.as_uuid().as_bytes()])?;
        }
        let (CreateTransferStatus::Created, Some(transfer)) = (status, state.transfer(new.id))
        else {
            continue;
        };
        insert_transfer(&mut insert, transfer)?;
        let body = transfer.body();
        accounts.extend([body.debit_account, body.credit_account]);
        pendings.extend(body.pending_id);
        if body.flags.contains(TransferFlags::PENDING) {
            pendings.insert(new.id);
        }
    }
    write_pendings(conn, state, pendings)?;
    update_accounts(conn, state, accounts)?;
    let mut insert = conn.prepare_cached(INSERT_BALANCE)?;
    for (account, after) in state.take_history() {
        let sums = after.balances;
        insert.execute(params![
            account.as_uuid().as_bytes(),
            rows::time(after.timestamp),
            sums.debits_pending.to_be_bytes(),
            sums.debits_posted.to_be_bytes(),
            sums.credits_pending.to_be_bytes(),
            sums.credits_posted.to_be_bytes(),
        ])?;
    }
    Ok(())
}

fn write_pendings(
    conn: &Connection,
    state: &LedgerState,
    pendings: impl IntoIterator<Item = TransferId>,
) -> Result<(), Fail> {
    let mut set = conn.prepare_cached(SET_PENDING)?;
    for id in pendings {
        let Some(pending) = state.pending(id) else {
            continue;
        };
        let due = state
            .transfer(id)
            .filter(|_| pending == PendingState::Pending)
            .and_then(Transfer::expires_at)
            .map(rows::time);
        let code = rows::pending_code(pending);
        set.execute(params![id.as_uuid().as_bytes(), code, due])?;
    }
    Ok(())
}

fn update_accounts(
    conn: &Connection,
    state: &LedgerState,
    accounts: BTreeSet<AccountId>,
) -> Result<(), Fail> {
    let mut update = conn.prepare_cached(UPDATE_ACCOUNT)?;
    for account in accounts.iter().filter_map(|id| state.account(*id)) {
        let sums = account.balances();
        update.execute(params![
            account.id().as_uuid().as_bytes(),
            account.is_closed(),
            sums.debits_pending.to_be_bytes(),
            sums.debits_posted.to_be_bytes(),
            sums.credits_pending.to_be_bytes(),
            sums.credits_posted.to_be_bytes(),
        ])?;
    }
    Ok(())
}

fn insert_account(insert: &mut rusqlite::Statement<'_>, account: &Account) -> Result<(), Fail> {
    let (body, sums) = (account.body(), account.balances());
    insert.execute(params![
        body.id.as_uuid().as_bytes(),
        rows::time(account.timestamp()),
        body.ledger.get(),
        body.code.get(),
        body.flags.bits(),
        body.user_data_128.to_be_bytes(),
        body.user_data_64.cast_signed(),
        body.user_data_32,
        account.is_closed(),
        sums.debits_pending.to_be_bytes(),
        sums.debits_posted.to_be_bytes(),
        sums.credits_pending.to_be_bytes(),
        sums.credits_posted.to_be_bytes(),
    ])?;
    Ok(())
}

fn insert_transfer(insert: &mut rusqlite::Statement<'_>, transfer: &Transfer) -> Result<(), Fail> {
    let body = transfer.body();
    insert.execute(params![
        rows::time(transfer.timestamp()),
        body.id.as_uuid().as_bytes(),
        body.debit_account.as_uuid().as_bytes(),
        body.credit_account.as_uuid().as_bytes(),
        body.amount.to_be_bytes(),
        body.pending_id.map(|id| id.as_uuid().into_bytes()),
        body.user_data_128.to_be_bytes(),
        body.user_data_64.cast_signed(),
        body.user_data_32,
        body.timeout_seconds,
        body.ledger.get(),
        body.code.get(),
        body.flags.bits(),
    ])?;
    Ok(())
}
