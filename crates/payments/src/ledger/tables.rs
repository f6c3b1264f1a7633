//! TigerBeetle's own tables, row by row, against the state machine behind
//! [`MemoryLedger`]. They are read from the folder that `SOLIDARITY_VECTORS`
//! names (payments/tigerbeetle/README.md there has the grammar).

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use solidarity_core::testing::block_on;
use solidarity_core::{Page, Paged};
use uuid::Uuid;

use crate::{
    Account, AccountCode, AccountFilter, AccountFlags, AccountId, Balances, Ledger, LedgerExt,
    LedgerNumber, MemoryLedger, NewAccount, NewTransfer, Side, Timestamp, TransferCode,
    TransferFlags, TransferId,
};

/// What this ledger leaves out, with how many times it is asked for: lists
/// across accounts, and change events. Their rows are passed over; what the
/// same tables open and book is not.
const LEFT_OUT: [(&str, usize); 3] = [
    ("query_accounts", 21),
    ("query_transfers", 21),
    ("get_change_events", 2),
];

/// Statuses of what no [`NewAccount`] can say; their rows are passed over.
const UNSAYABLE: [&str; 5] = [
    "reserved_field",
    "debits_pending_must_be_zero",
    "debits_posted_must_be_zero",
    "credits_pending_must_be_zero",
    "credits_posted_must_be_zero",
];

#[derive(Deserialize)]
struct Table {
    name: String,
    checks: Vec<Vec<String>>,
}

#[test]
fn every_table_holds() {
    let Some(vectors) = std::env::var_os("SOLIDARITY_VECTORS") else {
        println!("skipped: no vectors");
        return;
    };
    let path = Path::new(&vectors).join("payments/tigerbeetle/state_machine_tables.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let tables: Vec<Table> = serde_json::from_str(&text).unwrap();
    let (mut unsayable, mut left_out) = (Vec::new(), Vec::new());
    for table in &tables {
        for rows in &table.checks {
            let mut runner = Runner::default();
            for row in rows {
                println!("{}: {row}", table.name);
                runner.row(row);
            }
            unsayable.append(&mut runner.unsayable);
            left_out.append(&mut runner.left_out);
        }
    }
    unsayable.sort_unstable();
    let mut expected = UNSAYABLE.map(str::to_owned);
    expected.sort_unstable();
    assert_eq!(unsayable, expected);
    for (what, times) in LEFT_OUT {
        let asked = left_out.iter().filter(|word| *word == what).count();
        assert_eq!(asked, times, "{what}");
    }
    assert_eq!(tables.len(), 38);
}

#[derive(Default)]
struct Runner {
    ledger: MemoryLedger,
    now: u64,
    accounts: Vec<(NewAccount, String)>,
    transfers: Vec<(NewTransfer, String)>,
    /// What look-ups and filters found and what they should have.
    lines: Vec<(String, String)>,
    statement: Vec<String>,
    statement_due: Vec<String>,
    unsayable: Vec<String>,
    left_out: Vec<String>,
}

/// The words of a row, read one after another.
struct Words<'a>(std::str::SplitWhitespace<'a>);

impl<'a> Words<'a> {
    fn text(&mut self) -> &'a str {
        self.0.next().expect("the row is too short")
    }

    /// A number up to `max`; `_` is zero, `-n` is `max` less n, letters before
    /// it do not count.
    fn number(&mut self, max: u128) -> u128 {
        self.maybe(max).unwrap_or_default()
    }

    fn maybe(&mut self, max: u128) -> Option<u128> {
        match self
            .text()
            .trim_start_matches(|c: char| c.is_ascii_alphabetic())
        {
            "_" => None,
            word => Some(match word.strip_prefix('-') {
                Some(less) => max - less.parse::<u128>().unwrap(),
                None => word.parse().unwrap(),
            }),
        }
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u128(self.number(u128::MAX))
    }

    fn small<T: TryFrom<u128>>(&mut self, max: u128) -> T {
        T::try_from(self.number(max)).ok().unwrap()
    }

    /// The bits of the flags that are named, not `_`; the last column is
    /// padding, which stands behind the known ones.
    fn flags(&mut self, known: u16, padding: u16) -> u16 {
        let mut bits = 0;
        for flag in 0..known {
            if self.text() != "_" {
                bits |= 1 << flag;
            }
        }
        if self.text() != "_" {
            bits |= 1 << padding;
        }
        bits
    }

    fn balances(&mut self) -> Balances {
        let mut next = || self.number(u128::MAX);
        Balances {
            debits_pending: next(),
            debits_posted: next(),
            credits_pending: next(),
            credits_posted: next(),
        }
    }
}

fn show(balances: Balances) -> String {
    let Balances {
        debits_pending,
        debits_posted,
        credits_pending,
        credits_posted,
    } = balances;
    format!("{debits_pending} {debits_posted} {credits_pending} {credits_posted}")
}

impl Runner {
    fn at(&self) -> DateTime<Utc> {
        Timestamp::from_nanos(self.now).to_datetime()
    }

    fn row(&mut self, row: &str) {
        let mut words = Words(row.split_whitespace());
        match words.text() {
            "account" => self.account(&mut words),
            "transfer" => self.transfer(&mut words),
            "setup" => self.setup(&mut words),
            "tick" => self.tick(&mut words),
            "lookup_account" => self.lookup_account(&mut words),
            "lookup_transfer" => self.lookup_transfer(&mut words),
            word @ ("get_account_transfers" | "get_account_balances") => {
                self.statement(&mut words, word);
            }
            "get_account_transfers_result" => {
                let id = words.id();
                self.statement_due.push(id.to_string());
            }
            "get_account_balances_result" => {
                let at = self.timestamp_of(&mut words).unwrap();
                let due = format!("{} {}", at.nanos(), show(words.balances()));
                self.statement_due.push(due);
            }
            "commit" => self.commit(words.text()),
            word if LEFT_OUT.iter().any(|(what, _)| word.starts_with(what)) => {
                self.left_out.push(word.to_owned());
                return;
            }
            other => panic!("unknown row `{other}`"),
        }
        assert_eq!(words.0.next(), None, "the row is too long");
    }

    fn account(&mut self, words: &mut Words<'_>) {
        let id = AccountId::from_uuid(words.id());
        words.balances();
        let mut new = NewAccount::new(id, LedgerNumber::new(0), AccountCode::new(0));
        new.user_data_128 = words.number(u128::MAX);
        new.user_data_64 = words.small(u64::MAX.into());
        new.user_data_32 = words.small(u32::MAX.into());
        words.text();
        new.ledger = LedgerNumber::new(words.small(u32::MAX.into()));
        new.code = AccountCode::new(words.small(u16::MAX.into()));
        new.flags = AccountFlags::from_bits(words.flags(6, 15));
        new.timestamp = Timestamp::from_nanos(words.small(u64::MAX.into()));
        let status = words.text().to_owned();
        if UNSAYABLE.contains(&status.as_str()) {
            self.unsayable.push(status);
        } else {
            self.accounts.push((new, status));
        }
    }

    fn transfer(&mut self, words: &mut Words<'_>) {
        let id = TransferId::from_uuid(words.id());
        let debit = AccountId::from_uuid(words.id());
        let credit = AccountId::from_uuid(words.id());
        let amount = words.number(u128::MAX);
        let pending = words.id();
        let (mut new, zero) = (NewTransfer::void(id, id), LedgerNumber::new(0));
        new = NewTransfer::new(id, debit, credit, zero, amount, new.code);
        new.pending_id = (!pending.is_nil()).then_some(TransferId::from_uuid(pending));
        new.user_data_128 = words.number(u128::MAX);
        new.user_data_64 = words.small(u64::MAX.into());
        new.user_data_32 = words.small(u32::MAX.into());
        new.timeout_seconds = words.small(u32::MAX.into());
        new.ledger = LedgerNumber::new(words.small(u32::MAX.into()));
        new.code = TransferCode::new(words.small(u16::MAX.into()));
        // The table's columns are not in the order of the bits.
        let columns = [
            TransferFlags::LINKED,
            TransferFlags::PENDING,
            TransferFlags::POST_PENDING,
            TransferFlags::VOID_PENDING,
            TransferFlags::BALANCING_DEBIT,
            TransferFlags::BALANCING_CREDIT,
            TransferFlags::IMPORTED,
            TransferFlags::CLOSING_DEBIT,
            TransferFlags::CLOSING_CREDIT,
            TransferFlags::from_bits(1 << 15),
        ];
        for flag in columns {
            if words.text() != "_" {
                new.flags = new.flags.with(flag);
            }
        }
        new.timestamp = Timestamp::from_nanos(words.small(u64::MAX.into()));
        self.transfers.push((new, words.text().to_owned()));
    }

    fn setup(&mut self, words: &mut Words<'_>) {
        let (id, balances) = (AccountId::from_uuid(words.id()), words.balances());
        self.ledger.with_state(|state| {
            let known = state.account(id).unwrap();
            state.load_account(Account::from_parts(
                *known.body(),
                known.is_closed(),
                balances,
                known.timestamp(),
            ));
        });
    }

    fn tick(&mut self, words: &mut Words<'_>) {
        let (ticks, unit) = (words.text(), words.text());
        let nanos = if unit == "seconds" { 1_000_000_000 } else { 1 };
        self.now += match ticks.strip_prefix('-') {
            Some(before_end) => Timestamp::MAX.nanos() - before_end.parse::<u64>().unwrap() * nanos,
            None => ticks.parse::<u64>().unwrap() * nanos,
        };
    }

    fn lookup_account(&mut self, words: &mut Words<'_>) {
        let id = AccountId::from_uuid(words.id());
        let due = words.0.clone().collect::<Vec<_>>().join(" ");
        let due = due.replace("-0", &u128::MAX.to_string());
        let due = due.replace("-1", &(u128::MAX - 1).to_string());
        let found = block_on(self.ledger.find_account(id, self.at())).unwrap();
        let found = found.map_or("_".to_owned(), |account| {
            let closed = if account.is_closed() { "CLSD" } else { "_" };
            format!("{} {closed}", show(account.balances()))
        });
        self.lines.push((found, due));
        while words.0.next().is_some() {}
    }

    fn lookup_transfer(&mut self, words: &mut Words<'_>) {
        let id = TransferId::from_uuid(words.id());
        let found = block_on(self.ledger.find_transfer(id)).unwrap();
        let (found, due) = match words.text() {
            "exists" => (found.is_some().to_string(), words.text().to_owned()),
            "amount" => (
                found.unwrap().body().amount.to_string(),
                words.number(u128::MAX).to_string(),
            ),
            "timestamp" => (
                found.unwrap().timestamp().nanos().to_string(),
                words.number(u128::MAX).to_string(),
            ),
            other => panic!("unknown field `{other}`"),
        };
        self.lines.push((found, due));
    }

    fn timestamp_of(&mut self, words: &mut Words<'_>) -> Option<Timestamp> {
        let id = TransferId::from_uuid(Uuid::from_u128(words.maybe(u128::MAX)?));
        let found = block_on(self.ledger.find_transfer(id)).unwrap();
        Some(found.unwrap().timestamp())
    }

    fn statement(&mut self, words: &mut Words<'_>, of: &str) {
        let mut filter = AccountFilter::new(AccountId::from_uuid(words.id()));
        filter.user_data_128 = words.maybe(u128::MAX);
        filter.user_data_64 = words.maybe(0).map(|n| n.try_into().unwrap());
        filter.user_data_32 = words.maybe(0).map(|n| n.try_into().unwrap());
        filter.code = words
            .maybe(0)
            .map(|n| TransferCode::new(n.try_into().unwrap()));
        filter.from = self.timestamp_of(words);
        filter.until = self.timestamp_of(words);
        let page = Page::of(words.small(0));
        let side = match (words.text(), words.text()) {
            ("_", "_") => None,
            (_, "_") => Some(Side::Debit),
            ("_", _) => Some(Side::Credit),
            _ => Some(Side::Both),
        };
        filter.latest_first = words.text() != "_";
        // Neither side, and a page of nothing, cannot be asked for here.
        let (Some(side), Ok(page)) = (side, page) else {
            return;
        };
        filter.side = side;
        self.statement = if of == "get_account_transfers" {
            let found = block_on(self.ledger.account_transfers(&filter, &page)).unwrap();
            lines(found, |transfer| transfer.id().to_string())
        } else {
            let found = block_on(self.ledger.account_balances(&filter, &page)).unwrap();
            lines(found, |after| {
                format!("{} {}", after.timestamp.nanos(), show(after.balances))
            })
        };
    }

    fn commit(&mut self, operation: &str) {
        match operation {
            "create_accounts" => {
                let (batch, due): (Vec<_>, Vec<_>) = self.accounts.drain(..).unzip();
                self.now += batch.len() as u64;
                let found = block_on(self.ledger.create_accounts(&batch, self.at())).unwrap();
                let found: Vec<_> = found.iter().map(|status| status.as_str()).collect();
                assert_eq!(found, due);
            }
            "create_transfers" => {
                let (batch, due): (Vec<_>, Vec<_>) = self.transfers.drain(..).unzip();
                self.now += batch.len() as u64;
                let found = block_on(self.ledger.create_transfers(&batch, self.at())).unwrap();
                let found: Vec<_> = found.iter().map(|status| status.as_str()).collect();
                assert_eq!(found, due);
            }
            _ => {
                for (found, due) in self.lines.drain(..) {
                    assert_eq!(found, due);
                }
                let found = std::mem::take(&mut self.statement);
                assert_eq!(found, std::mem::take(&mut self.statement_due));
            }
        }
    }
}

fn lines<T>(paged: Paged<T>, show: impl FnMut(T) -> String) -> Vec<String> {
    paged.into_items().into_iter().map(show).collect()
}

/// Only to say at once what a change to the grammar would break.
#[test]
fn numbers_are_read_as_the_grammar_says() {
    let mut words = Words("A7 -0 -2 _ L1 T102".split_whitespace());
    let read: HashMap<_, _> = (0..6).map(|n| (n, words.maybe(9))).collect();
    assert_eq!(read[&0], Some(7));
    assert_eq!((read[&1], read[&2]), (Some(9), Some(7)));
    assert_eq!((read[&3], read[&4], read[&5]), (None, Some(1), Some(102)));
}
