//! What the writer remembers of the ledger from one batch to the next.

use std::collections::hash_map::Entry;
use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension, params};
use rustc_hash::FxHashMap;
use solidarity_payments::{AccountId, LedgerState};
use uuid::Uuid;

use super::rows::{self, ACCOUNTS, TRANSFERS};
use super::standing::{self, BLOCK_BYTES, Standing, Trail};
use super::{Fail, lock};

/// The accounts, and the rows of them, beyond which all are forgotten.
const ACCOUNTS_MAX: usize = 100_000;
const BLOCKS_MAX: usize = 8_192;

const BLOCK: &str = "SELECT accounts FROM ledger_standing WHERE block = ?1";
const WRITE_BLOCK: &str = "INSERT INTO ledger_standing (block, accounts) VALUES (?1, ?2) \
    ON CONFLICT (block) DO UPDATE SET accounts = excluded.accounts";
const INSERT_MILESTONE: &str = "INSERT INTO ledger_milestone (account, transfer) VALUES (?1, ?2)";
const WRITE_MARK: &str = "UPDATE ledger_mark SET mark = ?1";

/// Accounts as they stand in the file that has this mark.
#[derive(Debug, Default)]
pub(super) struct Books {
    mark: Option<[u8; 16]>,
    pub(super) state: LedgerState,
    /// What the file knows besides of each account, by its place in the state.
    filed: Vec<Filed>,
    blocks: FxHashMap<i64, Block>,
    /// The places of the accounts that are not as in the file.
    changed: Vec<usize>,
    /// The numbers of the last account and of the last transfer.
    last_account: i64,
    pub(super) last_transfer: i64,
}

#[derive(Debug)]
struct Filed {
    number: i64,
    trail: Trail,
    changed: bool,
}

/// A row of accounts, byte by byte.
#[derive(Debug)]
struct Block {
    bytes: Vec<u8>,
    changed: bool,
}

/// Lets `f` work on books that are as the file is. What it remembers is kept
/// only if it succeeds, and is of use only if the write is then committed.
pub(super) fn with<T>(
    books: &Mutex<Books>,
    conn: &Connection,
    f: impl FnOnce(&mut Books) -> Result<T, Fail>,
) -> Result<T, Fail> {
    // Taken out, so that nothing is left of a batch that fails.
    let mut kept = lock(books);
    let mut current = std::mem::take(&mut *kept);
    if current.mark != Some(rows::mark(conn)?) {
        current = Books::open(conn)?;
    }
    let answer = f(&mut current)?;
    current.close(conn)?;
    *kept = current;
    Ok(answer)
}

impl Books {
    /// Books that know the ledger's own time, and no account.
    fn open(conn: &Connection) -> Result<Self, Fail> {
        let (last_account, account_time) = ACCOUNTS.last(conn)?;
        let (last_transfer, transfer_time) = TRANSFERS.last(conn)?;
        let mut state = LedgerState::new();
        state.load_account_time(account_time);
        state.load_transfer_time(transfer_time);
        Ok(Self {
            mark: Some(rows::mark(conn)?),
            state,
            last_account,
            last_transfer,
            ..Self::default()
        })
    }

    /// Writes how the changed accounts stand, and forgets what is not of use
    /// to the next batch.
    pub(super) fn close(&mut self, conn: &Connection) -> Result<(), Fail> {
        self.state.forget_transfers();
        if !self.changed.is_empty() {
            self.write(conn)?;
            let mark = Uuid::new_v4().into_bytes();
            conn.prepare_cached(WRITE_MARK)?.execute([mark])?;
            self.mark = Some(mark);
        }
        if self.filed.len() > ACCOUNTS_MAX {
            *self = Self::open(conn)?;
        }
        Ok(())
    }

    /// Knows the account `id`, if there is one.
    pub(super) fn load(&mut self, conn: &Connection, id: AccountId) -> Result<(), Fail> {
        if self.state.place(id).is_none()
            && let Some(found) = rows::account(conn, id)?
        {
            self.state.load_account(found.account);
            self.file(found.number, found.standing.trail);
        }
        Ok(())
    }

    /// Numbers the account at the next place, which was opened, and gives its
    /// number.
    pub(super) fn number(&mut self) -> i64 {
        self.last_account += 1;
        self.file(self.last_account, Trail::default());
        self.change(self.filed.len() - 1);
        self.last_account
    }

    fn file(&mut self, number: i64, trail: Trail) {
        self.filed.push(Filed {
            number,
            trail,
            changed: false,
        });
    }

    /// Numbers what was booked, and enters it in the statements of its debit
    /// accounts and credit accounts.
    pub(super) fn enter(&mut self, conn: &Connection) -> Result<Vec<[Entered; 2]>, Fail> {
        // All of it before any is written: this is to reach for one account
        // after another, wherever it lies in memory.
        let mut entered = Vec::with_capacity(self.state.booked().len());
        let mut milestones = Vec::new();
        for booking in self.state.booked() {
            self.last_transfer += 1;
            let mut sides = [Entered::default(); 2];
            for (side, place) in sides.iter_mut().zip(booking.places) {
                let filed = self.filed.get_mut(place).ok_or_else(unfiled)?;
                *side = Entered {
                    account: filed.number,
                    before: filed.trail.last,
                };
                if filed.trail.extend(self.last_transfer) {
                    milestones.push([filed.number, self.last_transfer]);
                }
                if !std::mem::replace(&mut filed.changed, true) {
                    self.changed.push(place);
                }
            }
            entered.push(sides);
        }
        let mut insert = conn.prepare_cached(INSERT_MILESTONE)?;
        for milestone in milestones {
            insert.execute(milestone)?;
        }
        Ok(entered)
    }

    /// The account at `place` is not as in the file any more.
    pub(super) fn change(&mut self, place: usize) {
        if let Some(filed) = self.filed.get_mut(place)
            && !std::mem::replace(&mut filed.changed, true)
        {
            self.changed.push(place);
        }
    }

    /// Writes how the changed accounts stand.
    fn write(&mut self, conn: &Connection) -> Result<(), Fail> {
        // In the order of memory, unless that would be to look at many others.
        if self.changed.len() > self.filed.len() / 8 {
            self.changed.clear();
            let places = self.filed.iter().enumerate();
            let changed = places.filter(|(_, filed)| filed.changed);
            self.changed.extend(changed.map(|(place, _)| place));
        }
        let mut blocks = Vec::new();
        for place in self.changed.drain(..) {
            let filed = self.filed.get_mut(place).ok_or_else(unfiled)?;
            let account = self.state.account_at(place).ok_or_else(unfiled)?;
            filed.changed = false;
            let standing = Standing {
                balances: account.balances(),
                closed: account.is_closed(),
                trail: filed.trail,
            };
            let (number, at) = standing::place(filed.number);
            let block = match self.blocks.entry(number) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(Block::read(conn, number)?),
            };
            if !std::mem::replace(&mut block.changed, true) {
                blocks.push(number);
            }
            block.set(at, standing)?;
        }
        blocks.sort_unstable();
        let mut write = conn.prepare_cached(WRITE_BLOCK)?;
        for number in blocks {
            if let Some(block) = self.blocks.get_mut(&number) {
                write.execute(params![number, block.bytes])?;
                block.changed = false;
            }
        }
        if self.blocks.len() > BLOCKS_MAX {
            self.blocks.clear();
        }
        Ok(())
    }
}

/// An account that a transfer was entered in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entered {
    pub(super) account: i64,
    /// The transfer before it in the account's statement.
    pub(super) before: i64,
}

impl Block {
    fn read(conn: &Connection, number: i64) -> Result<Self, Fail> {
        let bytes: Option<Vec<u8>> = conn
            .prepare_cached(BLOCK)?
            .query_row([number], |row| row.get(0))
            .optional()?;
        Ok(Self {
            bytes: bytes.unwrap_or_else(|| vec![0; BLOCK_BYTES]),
            changed: false,
        })
    }

    fn set(&mut self, at: usize, standing: Standing) -> Result<(), Fail> {
        let slot = self.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut);
        *slot.ok_or_else(|| Fail::unreadable("a row of accounts is too short"))? =
            standing.to_bytes();
        Ok(())
    }
}

fn unfiled() -> Fail {
    Fail::unreadable("an account has no number")
}
