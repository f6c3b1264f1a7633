//! Bare `rusqlite`: is given the transfers that the ledger is, and writes the
//! rows that the ledger would, in as many statements and transactions. It takes
//! every transfer to be new, allowed and plain, so it decides nothing.

#![expect(
    clippy::indexing_slicing,
    reason = "its accounts are those that it was made with"
)]

use std::fmt::Write;
use std::path::Path;

use rusqlite::{Connection, Statement, ToSql, params};
use rustc_hash::FxHashMap;
use solidarity_payments::{AccountId, NewAccount, NewTransfer, Timestamp};

use crate::load::{ACCOUNT_CODE, LEDGER, TRANSFER_CODE};

/// The ledger's own tables.
const SCHEMA: &str = include_str!("../../crates/sql/migrations/V4__ledger.sql");
const COLUMNS: &str = "id, timestamp, debit_account, credit_account, debit_before, credit_before, \
    amount, code, flags, user_data_128, user_data_64, user_data_32, timeout_seconds, settles, \
    debit_after, credit_after";
const REST: &str = "0, 0, 0, NULL, NULL, NULL";
const BOUND: usize = 10;
/// The rows of one statement, the accounts of one row, the bytes of one
/// account, and the transfers of it between two milestones.
const MANY: usize = 64;
const BLOCK: usize = 32;
const BYTES: usize = 74;
const MILESTONE: u64 = 64;

type Result<T = ()> = rusqlite::Result<T>;

/// A file of the ledger's rows.
pub(crate) struct Bare {
    conn: Connection,
    one: String,
    many: String,
    /// Where in `standings` each account is.
    places: FxHashMap<AccountId, usize>,
    standings: Vec<Standing>,
    changed: Vec<bool>,
    now: i64,
    number: i64,
}

#[derive(Clone, Copy, Default)]
struct Standing {
    debits: u128,
    credits: u128,
    last: i64,
    entries: u64,
}

impl Bare {
    /// A new file at `path`, with `accounts` opened at `now`.
    pub(crate) fn create(
        path: &Path,
        accounts: &[Vec<NewAccount>],
        now: Timestamp,
    ) -> Result<Self> {
        let conn = Connection::open(path)?;
        conn.set_prepared_statement_cache_capacity(256);
        conn.pragma_update(None, "page_size", 8_192)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "wal_autocheckpoint", 2_000)?;
        conn.pragma_update(None, "cache_size", -65_536)?;
        conn.pragma_update(None, "cell_size_check", true)?;
        conn.execute_batch(SCHEMA)?;
        let places: FxHashMap<_, _> = accounts
            .iter()
            .flatten()
            .map(|one| one.id)
            .zip(0..)
            .collect();
        let count = places.len();
        let mut bare = Self {
            conn,
            one: insert(1),
            many: insert(MANY),
            places,
            standings: vec![Standing::default(); count],
            changed: vec![true; count],
            now: 0,
            number: 0,
        };
        let mut number = 0;
        for batch in accounts {
            bare.conn.execute_batch("BEGIN IMMEDIATE")?;
            bare.advance(now, batch.len());
            let mut insert = bare.conn.prepare_cached(
                "INSERT INTO ledger_account VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, 0)",
            )?;
            for account in batch {
                bare.now += 1;
                number += 1;
                insert.execute(params![
                    number,
                    account.id.as_uuid().as_bytes(),
                    bare.now,
                    LEDGER.get(),
                    ACCOUNT_CODE.get(),
                    [0_u8; 16],
                ])?;
            }
            drop(insert);
            bare.conn.execute_batch("COMMIT")?;
        }
        bare.conn.execute_batch("BEGIN IMMEDIATE")?;
        bare.write_standings()?;
        bare.conn.execute_batch("COMMIT")?;
        Ok(bare)
    }

    /// The mode in which it makes a batch durable.
    pub(crate) fn synchronous(&self) -> Result<&'static str> {
        let mode: i64 = self
            .conn
            .pragma_query_value(None, "synchronous", |row| row.get(0))?;
        Ok(match mode {
            0 => "OFF",
            1 => "NORMAL",
            2 => "FULL",
            _ => "EXTRA",
        })
    }

    /// Writes `batch` in one durable transaction.
    pub(crate) fn book(&mut self, batch: &[NewTransfer], now: Timestamp) -> Result {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        self.advance(now, batch.len());
        let (many, rest) = batch.split_at(batch.len() - batch.len() % MANY);
        self.write_transfers(MANY, many)?;
        self.write_transfers(1, rest)?;
        self.write_standings()?;
        self.conn
            .prepare_cached("UPDATE ledger_mark SET mark = ?1")?
            .execute([self.number.to_be_bytes().repeat(2)])?;
        self.conn.execute_batch("COMMIT")
    }

    /// The time before that of the first of `count` events of a batch at `now`.
    fn advance(&mut self, now: Timestamp, count: usize) {
        let first = now.nanos().saturating_sub(count as u64);
        self.now = self.now.max(first.cast_signed());
    }

    /// Writes `transfers`, `rows` to a statement.
    fn write_transfers(&mut self, rows: usize, transfers: &[NewTransfer]) -> Result {
        if transfers.is_empty() {
            return Ok(());
        }
        let mut insert = self.conn.prepare_cached(match rows {
            MANY => &self.many,
            _ => &self.one,
        })?;
        for transfers in transfers.chunks(rows) {
            let mut next = Next(&mut insert, 0);
            for new in transfers {
                let (from, to) = (
                    self.places[&new.debit_account],
                    self.places[&new.credit_account],
                );
                self.now += 1;
                self.number += 1;
                let mut before = [0; 2];
                for (before, account) in before.iter_mut().zip([from, to]) {
                    let standing = &mut self.standings[account];
                    *before = std::mem::replace(&mut standing.last, self.number);
                    standing.entries += 1;
                    self.changed[account] = true;
                    if standing.entries.is_multiple_of(MILESTONE) {
                        self.conn
                            .prepare_cached("INSERT INTO ledger_milestone VALUES (?1, ?2)")?
                            .execute([number_of(account), self.number])?;
                    }
                }
                self.standings[from].debits += new.amount;
                self.standings[to].credits += new.amount;
                next.bind(new.id.as_uuid().as_bytes())?;
                next.bind(self.now)?;
                next.bind(number_of(from))?;
                next.bind(number_of(to))?;
                next.bind(before[0])?;
                next.bind(before[1])?;
                next.bind(new.amount.to_be_bytes())?;
                next.bind(TRANSFER_CODE.get())?;
                next.bind(0)?;
                next.bind(None::<[u8; 16]>)?;
            }
            insert.raw_execute()?;
        }
        Ok(())
    }

    /// Writes how the changed accounts stand, once a batch.
    fn write_standings(&mut self) -> Result {
        let mut write = self.conn.prepare_cached(
            "INSERT INTO ledger_standing (block, accounts) VALUES (?1, ?2) \
             ON CONFLICT (block) DO UPDATE SET accounts = excluded.accounts",
        )?;
        let blocks = self.standings.chunks(BLOCK);
        for ((number, standings), changed) in (0..).zip(blocks).zip(self.changed.chunks_mut(BLOCK))
        {
            if changed.iter().any(|changed| *changed) {
                changed.fill(false);
                let mut bytes = [0; BLOCK * BYTES];
                for (place, standing) in bytes.chunks_exact_mut(BYTES).zip(standings) {
                    place[16..32].copy_from_slice(&standing.debits.to_be_bytes());
                    place[48..64].copy_from_slice(&standing.credits.to_be_bytes());
                    place[64..72].copy_from_slice(&standing.last.to_be_bytes());
                    place[72] = u8::try_from(standing.entries % MILESTONE).unwrap_or_default();
                }
                write.execute(params![number, bytes])?;
            }
        }
        Ok(())
    }
}

/// Binds one parameter after another.
struct Next<'a, 'conn>(&'a mut Statement<'conn>, usize);

impl Next<'_, '_> {
    fn bind(&mut self, value: impl ToSql) -> Result {
        self.1 += 1;
        self.0.raw_bind_parameter(self.1, value)
    }
}

fn number_of(account: usize) -> i64 {
    i64::try_from(account).unwrap_or_default() + 1
}

fn insert(rows: usize) -> String {
    let mut sql = format!("INSERT OR FAIL INTO ledger_transfer ({COLUMNS}) VALUES ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=BOUND {
            let _written = write!(sql, "?{}, ", row * BOUND + column);
        }
        sql.push_str(REST);
        sql.push(')');
    }
    sql
}
