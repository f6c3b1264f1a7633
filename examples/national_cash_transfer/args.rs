//! What the run is told, and how it is remembered beside the database.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Parser;
use serde::{Deserialize, Serialize};

/// Runs a cash transfer programme from a file of households to reconciled
/// payments, answered complaints and a report.
///
/// Without options it makes up 2,000 households. The people are made up, the
/// payment provider is simulated, and time is virtual: it begins on --start.
#[derive(Clone, Debug, Parser)]
#[command(name = "national_cash_transfer")]
pub(crate) struct Args {
    /// A CSV file of people, with --map to say which column is what
    #[arg(long, value_name = "FILE", requires = "map")]
    pub(crate) input: Option<PathBuf>,
    /// The mapping of the input's columns (TOML; examples in examples/maps)
    #[arg(long, value_name = "FILE", requires = "input")]
    pub(crate) map: Option<PathBuf>,
    /// How many households to make up
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000), conflicts_with = "input")]
    pub(crate) households: u32,
    /// What chance is seeded with: the same seed gives the same run
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The database; a run that was stopped goes on from it [default: a new one in --out]
    #[arg(long, value_name = "PATH")]
    pub(crate) db: Option<PathBuf>,
    /// The folder for the report and the rejects file
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
    /// The programme's first day
    #[arg(long, value_name = "DATE", default_value = "2026-11-02")]
    pub(crate) start: NaiveDate,
    /// Print the figures as one JSON object instead of the summary
    #[arg(long)]
    pub(crate) json: bool,
}

impl Args {
    /// The database: the one that is given, or one in the folder.
    pub(crate) fn database(&self) -> PathBuf {
        self.db
            .clone()
            .unwrap_or_else(|| self.out.join("programme.db"))
    }
}

/// Keeps other runs away from the database `db` for as long as the file is
/// held.
pub(crate) fn lock(db: &Path) -> Result<File, String> {
    let path = beside(db, "lock");
    let cannot = |error| format!("cannot write the file {}: {error}", path.display());
    let file = File::create(&path).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err("another run is at work on the database".to_owned()),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

/// Removes the database `db`, and what is beside it.
pub(crate) fn discard(db: &Path) -> Result<(), String> {
    let own = ["run.json", "wallet.jsonl", "post.jsonl", "telephones.jsonl"];
    let beside = own.iter().map(|what| beside(db, what));
    let log = ["-wal", "-shm"].map(|suffix| {
        let mut name = db.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    });
    let files = beside.chain(log).chain([db.to_owned()]);
    for file in files.filter(|file| file.exists()) {
        std::fs::remove_file(&file)
            .map_err(|error| format!("cannot remove {}: {error}", file.display()))?;
    }
    Ok(())
}

/// What decides the run's results. It is written beside the database, so that
/// a run goes on only as what it began as.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Settings {
    pub(crate) source: Source,
    pub(crate) seed: u64,
    pub(crate) start: NaiveDate,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    Synthetic {
        households: u32,
    },
    File {
        input_sha256: String,
        map_sha256: String,
    },
}

impl Settings {
    /// Remembers these settings beside `db`, or checks that they are those
    /// that the database was begun with. Whether it is new.
    pub(crate) fn hold(&self, db: &Path) -> Result<bool, String> {
        let path = beside(db, "run.json");
        let text = serde_json::to_string_pretty(self).map_err(|e| e.to_string())?;
        match std::fs::read_to_string(&path) {
            Ok(before) if before == text => Ok(!db.exists()),
            Ok(_) => Err(
                "the database was begun with another input, seed, number of households or start; \
                 give those again, or another --db"
                    .to_owned(),
            ),
            Err(_) if db.exists() => {
                Err("the database was not begun by this program; give another --db".to_owned())
            }
            Err(_) => write_whole(&path, &text).map(|()| true),
        }
    }
}

/// The file `NAME.what` beside `NAME`.
pub(crate) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(what);
    path.with_file_name(name)
}

/// Writes `text` to `path` so that the file is whole or not there.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<(), String> {
    let new = beside(path, "new");
    std::fs::write(&new, text)
        .and_then(|()| std::fs::rename(&new, path))
        .map_err(|e| format!("cannot write the file {}: {e}", path.display()))
}
