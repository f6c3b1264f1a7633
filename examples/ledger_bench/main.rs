//! How many transfers a second the ledgers book, beside bare `rusqlite` that
//! is given the same transfers and writes the same rows, but decides nothing:
//! the two take turns, batch by batch.
//!
//! `cargo run --release --example ledger_bench -- --transfers 1000000 --batch 8190 --db PATH`
//!
//! The baseline's file, `PATH` with `-bare` behind it, is made anew and then
//! removed. The ledger's stays; another run goes on in it.

#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "rates are measured"
)]

mod bare;
mod load;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use solidarity_core::testing::block_on;
use solidarity_core::{Clock, SystemClock};
use solidarity_payments::{LEDGER_BATCH_MAX, Ledger, MemoryLedger, NewTransfer, Timestamp};
use solidarity_sql::sqlite::{Database, SqliteLedger};

use crate::bare::Bare;
use crate::load::{Ids, Load};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Measures the ledgers beside bare rusqlite.
#[derive(Parser)]
struct Args {
    /// How many transfers to book.
    #[arg(long, default_value_t = 1_000_000)]
    transfers: usize,
    /// How many at once; more than a ledger takes is as many as it takes.
    #[arg(long, default_value_t = LEDGER_BATCH_MAX, value_parser = at_least::<1>)]
    batch: usize,
    /// How many accounts they are between.
    #[arg(long, default_value_t = 10_000, value_parser = at_least::<2>)]
    accounts: usize,
    /// How their ids are made: `ordered` by time, or `random`.
    #[arg(long, default_value_t = Ids::Ordered)]
    ids: Ids,
    /// How many to book one at a time, besides.
    #[arg(long, default_value_t = 2_000)]
    singles: usize,
    /// The file of the ledger.
    #[arg(long)]
    db: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Figures {
    transfers: usize,
    batch: usize,
    accounts: usize,
    ids: String,
    synchronous: &'static str,
    transfers_per_second: f64,
    baseline_per_second: f64,
    ratio: f64,
    single_per_second: f64,
    single_baseline_per_second: f64,
    single_ratio: f64,
    memory_per_second: f64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(figures) => {
            figures.print(args.json);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<Figures, Error> {
    let now = Timestamp::try_from(SystemClock.now())?;
    let mut load = Load::new(args.accounts, args.ids, now.nanos());
    let beside = Beside::new(&args.db)?;
    let mut bare = Bare::create(&beside.0, &load.accounts(), now)?;
    let sqlite = SqliteLedger::new(&Database::open(&args.db)?);
    let memory = MemoryLedger::new();
    for batch in load.accounts() {
        for ledger in [&sqlite as &dyn Ledger, &memory] {
            let opened = block_on(ledger.create_accounts(&batch, now.to_datetime()))?;
            if !opened.iter().all(|status| status.is_held()) {
                return Err("an account was not opened".into());
            }
        }
    }
    let batch = args.batch.min(LEDGER_BATCH_MAX);
    let mut both = |count, batch| {
        rates(&mut load, count, batch, args.json, |transfers| {
            let ours = time(|| book(&sqlite, transfers, now))?;
            Ok([ours, time(|| Ok(bare.book(transfers, now)?))?])
        })
    };
    let [ours, baseline] = both(args.transfers, batch)?;
    let [single, single_baseline] = both(args.singles, 1)?;
    let [memory] = rates(&mut load, args.transfers, batch, args.json, |transfers| {
        Ok([time(|| book(&memory, transfers, now))?])
    })?;
    Ok(Figures {
        transfers: args.transfers,
        batch,
        accounts: args.accounts,
        ids: args.ids.to_string(),
        synchronous: bare.synchronous()?,
        transfers_per_second: ours,
        baseline_per_second: baseline,
        ratio: ours / baseline,
        single_per_second: single,
        single_baseline_per_second: single_baseline,
        single_ratio: single / single_baseline,
        memory_per_second: memory,
    })
}

/// How many of `count` transfers a second each of those that `race` times
/// books, in batches of `batch`. What there is to book is not timed.
fn rates<const N: usize>(
    load: &mut Load,
    count: usize,
    batch: usize,
    quiet: bool,
    mut race: impl FnMut(&[NewTransfer]) -> Result<[Duration; N], Error>,
) -> Result<[f64; N], Error> {
    let bar = progress(count, quiet);
    let (mut spent, mut left) = ([Duration::ZERO; N], count);
    while left > 0 {
        let transfers = load.batch(batch.min(left));
        left -= transfers.len();
        for (sum, spent) in spent.iter_mut().zip(race(&transfers)?) {
            *sum += spent;
        }
        bar.inc(transfers.len() as u64);
    }
    bar.finish_and_clear();
    Ok(spent.map(|spent| count as f64 / spent.as_secs_f64()))
}

/// How long `work` takes.
fn time(work: impl FnOnce() -> Result<(), Error>) -> Result<Duration, Error> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn book(ledger: &dyn Ledger, batch: &[NewTransfer], now: Timestamp) -> Result<(), Error> {
    let booked = block_on(ledger.create_transfers(batch, now.to_datetime()))?;
    if !booked.iter().all(|status| status.is_held()) {
        return Err("a transfer was not booked".into());
    }
    Ok(())
}

/// The baseline's file, which is removed at the end.
struct Beside(PathBuf);

impl Beside {
    fn new(path: &Path) -> Result<Self, Error> {
        let mut name = path.file_name().ok_or("name a file")?.to_owned();
        name.push("-bare");
        let beside = Self(path.with_file_name(name));
        beside.remove();
        Ok(beside)
    }

    fn remove(&self) {
        for suffix in ["", "-wal", "-shm"] {
            // What is not there need not be removed.
            let file = format!("{}{suffix}", self.0.display());
            let _removed = std::fs::remove_file(file);
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.remove();
    }
}

impl Figures {
    fn print(&self, json: bool) {
        if json {
            println!("{}", serde_json::to_string(self).unwrap_or_default());
            return;
        }
        println!(
            "{} transfers between {} accounts, {} ids, batches of {}, synchronous={}",
            self.transfers, self.accounts, self.ids, self.batch, self.synchronous
        );
        let line = |name: &str, rate: f64, note: &str| println!("{name:<28}{rate:>12.0}/s{note}");
        line(
            "SqliteLedger",
            self.transfers_per_second,
            &format!("   {:.2} of bare rusqlite", self.ratio),
        );
        line("bare rusqlite", self.baseline_per_second, "");
        line(
            "SqliteLedger, one at a time",
            self.single_per_second,
            &format!("   {:.2} of bare rusqlite", self.single_ratio),
        );
        line("bare, one at a time", self.single_baseline_per_second, "");
        line("MemoryLedger", self.memory_per_second, "");
    }
}

fn progress(count: usize, hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len}");
    ProgressBar::new(count as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A whole number, at least `LEAST`.
fn at_least<const LEAST: usize>(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number >= LEAST)
        .ok_or_else(|| format!("expected a whole number, at least {LEAST}"))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use rusqlite::types::Value;

    use super::*;

    /// The two are measured against each other because their files hold the
    /// same.
    #[test]
    fn the_ledger_writes_the_same_rows() {
        let folder = tempfile::tempdir().unwrap();
        let [ours, bare] = ["ours.db", "bare.db"].map(|name| folder.path().join(name));
        let now = Timestamp::from_nanos(1_780_000_000_000_000_000);
        let mut load = Load::new(100, Ids::Random, 7);
        let accounts = load.accounts();
        let database = Database::open(&ours).unwrap();
        let ledger = SqliteLedger::new(&database);
        for batch in &accounts {
            block_on(ledger.create_accounts(batch, now.to_datetime())).unwrap();
        }
        let mut other = Bare::create(&bare, &accounts, now).unwrap();
        for count in [1, 200, 1, 1_000, 64, 3_000] {
            let batch = load.batch(count);
            let statuses = block_on(ledger.create_transfers(&batch, now.to_datetime()));
            assert!(statuses.unwrap().iter().all(|status| status.is_held()));
            other.book(&batch, now).unwrap();
        }
        let [ours, bare] = [ours, bare].map(|path| Connection::open(path).unwrap());
        for table in [
            "account",
            "standing",
            "transfer",
            "milestone",
            "pending",
            "burnt",
        ] {
            let rows = |conn: &Connection| -> Vec<Vec<Value>> {
                let mut select = conn
                    .prepare(&format!("SELECT * FROM ledger_{table}"))
                    .unwrap();
                let columns = select.column_count();
                let rows = select.query_map([], |row| (0..columns).map(|n| row.get(n)).collect());
                rows.unwrap().map(Result::unwrap).collect()
            };
            assert!(rows(&ours) == rows(&bare), "{table}");
        }
        let schema = |conn: &Connection| -> Vec<String> {
            let names = "SELECT sql FROM sqlite_schema WHERE name LIKE 'ledger%' ORDER BY name";
            let mut select = conn.prepare(names).unwrap();
            let rows = select.query_map([], |row| row.get(0)).unwrap();
            rows.map(Result::unwrap).collect()
        };
        assert_eq!(schema(&ours), schema(&bare));
    }
}
