//! Statements and histories, page by page: the transfers of an account, each
//! of which names the one before it.

use rusqlite::{Connection, OptionalExtension};
use solidarity_core::{Cursor, Page, Paged};
use solidarity_payments::{AccountBalance, AccountFilter, Timestamp, Transfer};

use super::Fail;
use super::rows::{self, Entry, EntrySide, Numbered, TRANSFERS};
use crate::sqlite::paging;

const MILESTONE: &str = "SELECT transfer FROM ledger_milestone \
    WHERE account = ?1 AND transfer >= ?2 ORDER BY transfer LIMIT 1";

pub(super) fn transfers(
    conn: &Connection,
    filter: &AccountFilter,
    page: &Page,
) -> Result<Paged<Transfer>, Fail> {
    paged(conn, filter, page, |transfer, _| Some(transfer))
}

pub(super) fn balances(
    conn: &Connection,
    filter: &AccountFilter,
    page: &Page,
) -> Result<Paged<AccountBalance>, Fail> {
    paged(conn, filter, page, |transfer, side| {
        Some(AccountBalance::new(transfer.timestamp(), side.after?))
    })
}

/// The page of what passes `filter` and gives a `T`.
fn paged<T>(
    conn: &Connection,
    filter: &AccountFilter,
    page: &Page,
    give: impl Fn(Transfer, EntrySide) -> Option<T>,
) -> Result<Paged<T>, Fail> {
    let (first, last) = within(conn, filter, page)?;
    let Some(account) = rows::account(conn, filter.account)? else {
        return Ok(Paged::new(Vec::new(), None));
    };
    let mut found: Vec<(Timestamp, T)> = Vec::new();
    let take = |entry: Entry, side: EntrySide| {
        if filter.admits(&entry.transfer)
            && let Some(item) = give(entry.transfer, side)
        {
            found.push((entry.transfer.timestamp(), item));
        }
        // One more than asked for tells whether there is a next page.
        found.len() <= page.limit()
    };
    if filter.latest_first {
        backward(conn, &account, first, last, take)?;
    } else {
        forward(conn, &account, first, last, take)?;
    }
    let more = found.len() > page.limit();
    found.truncate(page.limit());
    let next = found
        .last()
        .filter(|_| more)
        .map(|(at, _)| Cursor::from_position(at.nanos()));
    let found = found.into_iter().map(|(_, item)| item).collect();
    Ok(Paged::new(found, next))
}

/// The first and the last transfer of the ledger that can be on the page.
fn within(conn: &Connection, filter: &AccountFilter, page: &Page) -> Result<(i64, i64), Fail> {
    let (mut from, mut until) = (filter.from, filter.until);
    if page.cursor().is_some() {
        let after = paging::after(page).map_err(Fail::refused)?.unsigned_abs();
        if filter.latest_first {
            let before = Timestamp::from_nanos(after.saturating_sub(1));
            until = Some(until.map_or(before, |until| until.min(before)));
        } else {
            from = from.max(Some(Timestamp::from_nanos(after + 1)));
        }
    }
    let first = match from {
        Some(from) => TRANSFERS.first_from(conn, from)?,
        None => 1,
    };
    let last = match until {
        Some(until) if until < Timestamp::MAX => {
            TRANSFERS.first_from(conn, Timestamp::from_nanos(until.nanos() + 1))? - 1
        }
        _ => i64::MAX,
    };
    Ok((first, last))
}

/// Gives `take` the transfers of `account` numbered `first` to `last`, the
/// last first, as long as it wants more.
fn backward(
    conn: &Connection,
    account: &Numbered,
    first: i64,
    last: i64,
    mut take: impl FnMut(Entry, EntrySide) -> bool,
) -> Result<(), Fail> {
    let mut number = milestone(conn, account, last)?;
    while number >= first {
        let entry = rows::transfer_numbered(conn, number)?;
        let side = entry.side(account.number)?;
        if number <= last && !take(entry, side) {
            return Ok(());
        }
        number = earlier(number, side)?;
    }
    Ok(())
}

/// The same, the first first: from milestone to milestone.
fn forward(
    conn: &Connection,
    account: &Numbered,
    first: i64,
    last: i64,
    mut take: impl FnMut(Entry, EntrySide) -> bool,
) -> Result<(), Fail> {
    let mut from = first;
    while from <= last {
        let end = milestone(conn, account, from)?;
        let (mut number, mut stretch) = (end, Vec::new());
        while number >= from {
            let entry = rows::transfer_numbered(conn, number)?;
            let side = entry.side(account.number)?;
            stretch.push((entry, side));
            number = earlier(number, side)?;
        }
        if stretch.is_empty() {
            return Ok(());
        }
        for (entry, side) in stretch.into_iter().rev() {
            if entry.number > last || !take(entry, side) {
                return Ok(());
            }
        }
        from = end + 1;
    }
    Ok(())
}

/// The first milestone of `account` from the transfer `number` on, or its last
/// transfer.
fn milestone(conn: &Connection, account: &Numbered, number: i64) -> Result<i64, Fail> {
    let found = conn
        .prepare_cached(MILESTONE)?
        .query_row([account.number, number], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(account.standing.trail.last))
}

/// The transfer before `number`, which must be before it.
fn earlier(number: i64, side: EntrySide) -> Result<i64, Fail> {
    if side.before < number {
        Ok(side.before)
    } else {
        Err(Fail::unreadable("a statement turns back on itself"))
    }
}
