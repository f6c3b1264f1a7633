//! A process that posts is killed, or may write no further, again and again:
//! after each restart the books balance, every request is there as a whole or
//! not at all, and so is each that was acknowledged.

mod requests;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use solidarity_core::testing::{Random, block_on, seed};
use solidarity_payments::CreateTransferStatus::{
    self as Status, Exists, IdAlreadyFailed, LinkedEventFailed,
};
use solidarity_payments::{Balances, Ledger};
use solidarity_sql::sqlite::{Database, SqliteLedger};

use self::requests::{ACCOUNTS, CALLERS, FIRST, account, ledgers, now, request};

/// What a request is answered again. A chain ends at the first of it that
/// exists.
const AGAIN: [Status; 6] = [
    Exists,
    Exists,
    Exists,
    IdAlreadyFailed,
    Exists,
    LinkedEventFailed,
];

/// What each posted request adds to the debits and the credits of each account.
const MOVES: [[u128; 2]; 3] = [[10, 2], [4, 10], [2, 4]];

const POSTER: &str = env!("CARGO_BIN_EXE_ledger_poster");

/// A process that posts, and what it says.
struct Posting {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// How many requests of each caller it acknowledged.
    acknowledged: BTreeMap<u32, u32>,
}

impl Posting {
    fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            lines,
            acknowledged: BTreeMap::new(),
        }
    }

    fn read(&mut self, count: u64) {
        for _ in 0..count {
            let Some(line) = self.lines.next() else {
                return;
            };
            let line = line.unwrap();
            // A line that was cut off acknowledges nothing.
            if let Some((caller, n)) = line.split_once(' ')
                && let (Ok(caller), Ok(n)) = (caller.parse(), n.parse::<u32>())
            {
                let next = self.acknowledged.entry(caller).or_default();
                assert_eq!(n, *next, "a request was left out");
                *next += 1;
            }
        }
    }

    /// What it had acknowledged when it ended, which was not of its own will.
    fn end(mut self) -> BTreeMap<u32, u32> {
        // What is in the pipe has left it.
        self.read(u64::MAX);
        assert!(!self.child.wait().unwrap().success(), "it ended by itself");
        self.acknowledged
    }
}

/// The books that one process after another wrote in.
struct Books {
    path: PathBuf,
    /// How many requests each ledger holds.
    posted: [u128; 2],
    /// How many were under way and were not booked.
    lost: u32,
}

impl Books {
    fn in_folder(folder: &Path) -> Self {
        Self {
            path: folder.join("ledger.db"),
            posted: [0; 2],
            lost: 0,
        }
    }

    /// Looks at what the process `run` left.
    fn look(&mut self, run: u32, acknowledged: &BTreeMap<u32, u32>) {
        let ledger = SqliteLedger::new(&Database::open(&self.path).unwrap());
        let mut unanswered = Vec::new();
        for caller in 0..CALLERS {
            let next = acknowledged.get(&caller).copied().unwrap_or_default();
            let posted = &mut self.posted[usize::from(caller % 2 == 1)];
            for n in 0..next {
                assert!(
                    holds(&ledger, run, caller, n),
                    "run {run}: {n} of {caller} is lost"
                );
                *posted += 1;
            }
            // The one that was under way may be there, and none after it.
            let is_there = holds(&ledger, run, caller, next);
            *posted += u128::from(is_there);
            self.lost += u32::from(!is_there);
            assert!(!holds(&ledger, run, caller, next + 1));
            unanswered.push((caller, next, is_there));
        }
        if acknowledged.is_empty() && self.posted == [0; 2] {
            return;
        }
        self.balance(&ledger);
        // Sent again, it is booked now, or was.
        for (caller, n, was_there) in unanswered {
            let new = request(run, caller, n);
            let answers = block_on(ledger.create_transfers(&new, now())).unwrap();
            assert_eq!(answers, if was_there { AGAIN } else { FIRST });
            self.posted[usize::from(caller % 2 == 1)] += u128::from(!was_there);
        }
        self.balance(&ledger);
    }

    /// What is in each ledger is what so many requests moved, and adds up.
    fn balance(&self, ledger: &SqliteLedger) {
        for (number, posted) in ledgers().into_iter().zip(self.posted) {
            let ids = ACCOUNTS.map(|n| account(number, n));
            let found = block_on(ledger.accounts(&ids, now())).unwrap();
            let sums: Vec<Balances> = found.iter().flatten().map(|a| a.balances()).collect();
            let moved: Vec<_> = sums
                .iter()
                .map(|sums| [sums.debits_posted, sums.credits_posted])
                .collect();
            assert_eq!(moved, MOVES.map(|sums| sums.map(|sum| sum * posted)));
            assert!(
                sums.iter()
                    .all(|s| (s.debits_pending, s.credits_pending) == (0, 0))
            );
            let [debits, credits] = moved.iter().fold([0; 2], |[d, c], m| [d + m[0], c + m[1]]);
            assert_eq!(debits, credits, "the postings do not add up to nothing");
        }
    }
}

/// Whether the ledger holds this request; never a part of it.
fn holds(ledger: &SqliteLedger, run: u32, caller: u32, n: u32) -> bool {
    let request = request(run, caller, n);
    let found = block_on(ledger.transfers(&request.map(|new| new.id))).unwrap();
    let found: Vec<_> = found.iter().map(Option::is_some).collect();
    let whole = FIRST.map(|status| status.is_held());
    assert!(
        found == whole || found == [false; 6],
        "run {run}: half of request {n} of {caller}: {found:?}"
    );
    found == whole
}

#[test]
fn a_killed_poster_leaves_whole_batches_and_all_that_it_acknowledged() {
    let mut random = Random::new(seed());
    let folder = tempfile::tempdir().unwrap();
    let mut books = Books::in_folder(folder.path());
    for run in 0..200 {
        let mut poster = Command::new(POSTER);
        let mut posting = Posting::start(poster.arg(&books.path).arg(run.to_string()));
        posting.read(1 + random.below(12));
        for _ in 0..random.below(3_000) {
            std::hint::spin_loop();
        }
        posting.child.kill().unwrap();
        books.look(run, &posting.end());
    }
    assert!(books.lost > 0, "no kill met a request that was under way");
}

/// The system lets no file grow beyond so many blocks: the write fails that
/// would, wherever it is.
#[cfg(unix)]
#[test]
fn a_poster_without_room_leaves_whole_batches_and_all_that_it_acknowledged() {
    let mut random = Random::new(seed());
    let folder = tempfile::tempdir().unwrap();
    let mut books = Books::in_folder(folder.path());
    let mut acknowledged = 0;
    for run in 0..40 {
        drop(Database::open(&books.path).unwrap());
        let bytes = std::fs::metadata(&books.path).unwrap().len();
        let blocks = bytes.div_ceil(512) + random.below(300);
        let mut poster = Command::new("sh");
        poster.args([
            "-c",
            "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"",
            "sh",
        ]);
        poster.arg(blocks.to_string()).arg(POSTER);
        let posting = Posting::start(poster.arg(&books.path).arg(run.to_string()));
        let left = posting.end();
        acknowledged += left.values().sum::<u32>();
        books.look(run, &left);
    }
    assert!(
        acknowledged > 40 && books.lost > 40,
        "{acknowledged}, {}",
        books.lost
    );
}
