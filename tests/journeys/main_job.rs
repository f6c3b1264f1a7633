//! The main job, run as a user runs it: what it prints and writes, what it
//! says to bad input, and what becomes of it when it is killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use solidarity_core::Money;
use solidarity_core::testing::{Random, seed};

use crate::example::built;

/// The figures that hold of any run, in minor units where they are money.
const BUCKETS: [&str; 7] = [
    "credited",
    "in_flight",
    "not_submitted",
    "rejected",
    "returned",
    "cancelled",
    "unresolved",
];

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("national_cash_transfer"))
}

/// A run over forty households in the folder `out`.
fn command(out: &Path) -> Command {
    let mut command = Command::new(program());
    command
        .args(["--households", "40", "--json", "--out"])
        .arg(out);
    command.arg("--db").arg(out.join("national.db"));
    command
}

fn figures(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The same without what the clock on the wall says.
fn lasting(mut figures: Value) -> Value {
    let figures = figures.as_object_mut().unwrap();
    assert!(figures.remove("seconds").unwrap().is_u64());
    Value::Object(std::mem::take(figures))
}

/// How often each payment was paid, by the books of both providers.
fn paid(out: &Path) -> BTreeMap<String, u64> {
    let mut paid = BTreeMap::new();
    for rail in ["wallet", "post"] {
        let books = std::fs::read_to_string(out.join(format!("national.db.{rail}.jsonl"))).unwrap();
        for line in books.lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            if entry["booked"] == "paid" {
                *paid.entry(entry["payment"].to_string()).or_default() += 1;
            }
        }
    }
    paid
}

/// Every amount is in one bucket, every unit has one outcome, and the page is
/// there and asks nothing of a network.
#[test]
fn the_main_job_adds_up_and_reports() {
    let out = tempfile::tempdir().unwrap();
    let figures = figures(&command(out.path()).output().unwrap());
    let money = |bucket: &str| {
        let amount = figures["control_totals"][bucket].as_str().unwrap();
        Money::parse(amount, "KES".parse().unwrap()).unwrap()
    };
    let sum = Money::sum("KES".parse().unwrap(), BUCKETS.map(money)).unwrap();
    assert_eq!(sum, money("envelope"));
    assert!(money("credited").is_positive());

    let count = |what: &str| figures[what].as_u64().unwrap();
    let outcomes = ["eligible", "ineligible", "undetermined", "waiting"].map(count);
    assert_eq!(outcomes.iter().sum::<u64>(), count("units"));
    assert_eq!(
        count("enrolled"),
        count("eligible") + count("appeals_upheld")
    );
    assert_eq!(count("appeals_upheld"), 1);
    assert!(count("people") > count("units") && count("exceptions") > 0 && count("complaints") > 3);

    let page = std::fs::read_to_string(out.path().join("report.html")).unwrap();
    assert!(page.contains("The control totals balance") && page.contains("<svg"));
    for outside in ["http:", "https:", "<script", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

/// Killed at any moment, and again, it goes on where it was: the figures are
/// those of a run that nobody stopped, and no payment was paid twice.
#[test]
fn a_killed_run_goes_on_and_pays_nobody_twice() {
    let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let began = Instant::now();
    let expected = lasting(figures(&command(whole.path()).output().unwrap()));
    let long = u64::try_from(began.elapsed().as_millis()).unwrap();

    let seed = seed();
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for _ in 0..10 {
        let mut run = quiet(killed.path());
        std::thread::sleep(Duration::from_millis(random.below(long)));
        run.kill().unwrap();
        run.wait().unwrap();
    }
    // And while payments are on their way: as soon as a provider has so many.
    let books = killed.path().join("national.db.post.jsonl");
    for payments in [1, 2, 4, 8, 16] {
        let mut run = quiet(killed.path());
        let booked =
            || std::fs::read(&books).map_or(0, |b| b.iter().filter(|b| **b == b'\n').count());
        while booked() < payments && run.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        run.kill().unwrap();
        run.wait().unwrap();
    }
    let found = lasting(figures(&command(killed.path()).output().unwrap()));
    assert_eq!(found, expected, "seed {seed}");
    assert_eq!(paid(killed.path()), paid(whole.path()), "seed {seed}");
    assert!(
        paid(killed.path()).values().all(|times| *times == 1),
        "seed {seed}"
    );
}

fn quiet(out: &Path) -> Child {
    let mut command = command(out);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// A file that cannot be taken is named, with what is wrong with it, and the
/// same database can then be begun with the file put right.
#[test]
fn a_bad_file_is_named_and_can_be_put_right() {
    let out = tempfile::tempdir().unwrap();
    let (input, map) = (
        out.path().join("people.csv"),
        out.path().join("people.toml"),
    );
    let mapping = "effective_on = '2026-11-01'\n[[names]]\ncolumn = 'name'\n[unit]\nid = 'house'\n";
    std::fs::write(&map, mapping).unwrap();
    let run = || {
        let mut command = Command::new(program());
        command.arg("--input").arg(&input).arg("--map").arg(&map);
        command.arg("--db").arg(out.path().join("national.db"));
        command.arg("--out").arg(out.path()).output().unwrap()
    };
    for (file, told) in [
        (&b""[..], "the file is empty"),
        (b"name,house\n", "no row"),
        (b"naam,house\nTuti,1\n", "`name`"),
        (b"name,house\n,1\n", "none of its 1 rows"),
        (b"\xff\xfen\0a\0", "UTF-8"),
    ] {
        std::fs::write(&input, file).unwrap();
        let refused = run();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains(told), "{said}");
        assert!(
            said.contains("people.csv") && refused.stdout.is_empty(),
            "{said}"
        );
    }
    std::fs::write(&input, "name,house\nTuti,1\n\"Eko\" x,2\n").unwrap();
    let taken = run();
    let said = String::from_utf8(taken.stderr).unwrap();
    assert!(taken.status.success(), "{said}");
    let rejects = std::fs::read_to_string(out.path().join("rejects.csv")).unwrap();
    assert!(
        rejects.lines().nth(1).unwrap().starts_with("3,rejected,"),
        "{rejects}"
    );
}

/// Two runs at once on one database would both be the same programme.
#[test]
fn a_second_run_on_a_database_is_turned_away() {
    let out = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(out.path().join("national.db.lock")).unwrap();
    lock.lock().unwrap();
    let refused = command(out.path()).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("another run"),
        "{said}"
    );
    drop(lock);
    figures(&command(out.path()).output().unwrap());
}
