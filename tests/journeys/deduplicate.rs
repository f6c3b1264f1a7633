//! The example that finds who is registered twice, run as a user runs it: what
//! it prints and writes, and what it says to bad input.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use chrono::NaiveDate;
use serde_json::Value;
use solidarity_synthetic::{Options, Population};
use tempfile::TempDir;

use crate::example::built;

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("deduplicate"))
}

/// A made-up register, with what its columns say and whose each record is.
const MAP: &str = r#"
id = "person_id"
[columns]
name = "full_name"
sex = "sex"
birth = "birth_date"
phone = { kind = "phone", region = { code = "254", trunk = "0" } }
document_number = "identifier"
district = "place"
village = "place"
[tables]
nicknames = { bob = ["robert"] }
particles = ["mzee"]
"#;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the example on the file `input` with these arguments more, each
    /// after `@` a file of this folder.
    fn run(&self, input: &str, more: &[&str]) -> Output {
        let mut command = Command::new(program());
        command.arg("--input").arg(self.path(input));
        command.arg("--out").arg(self.path("pairs.csv"));
        for argument in more {
            match argument.strip_prefix('@') {
                Some(file) => command.arg(self.path(file)),
                None => command.arg(argument),
            };
        }
        command.output().unwrap()
    }

    /// The pairs found in `input`, and what was said about it.
    fn pairs(&self, input: &str) -> (String, String) {
        let output = self.run(input, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        (self.read("pairs.csv"), said)
    }
}

/// The names of the records of each match.
fn matches(pairs: &str) -> BTreeSet<(String, String)> {
    let rows = pairs.lines().filter(|line| line.ends_with(",match"));
    let pair = |row: &str| {
        let mut values = row.split(',').map(str::to_owned);
        (values.next().unwrap(), values.next().unwrap())
    };
    rows.map(pair).collect()
}

#[test]
fn it_prints_the_figures_and_writes_pairs_and_groups() {
    let folder = Folder::new();
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let population = Population::new(7, Options::new(400, day));
    let (mut people, mut truth) = (Vec::new(), Vec::new());
    population.write_csv(&mut people).unwrap();
    population.write_truth_csv(&mut truth).unwrap();
    folder.write("people.csv", people);
    folder.write("truth.csv", truth);
    folder.write("map.toml", MAP);
    let arguments = [
        "--json",
        "--map",
        "@map.toml",
        "--truth",
        "@truth.csv",
        "--clusters",
        "@clusters.csv",
    ];
    let output = folder.run("people.csv", &arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    // Who is of two units has a row in each.
    assert!(
        said.lines()
            .all(|line| line.ends_with("another row has the same number")),
        "{said}"
    );

    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |what: &str| figures[what].as_u64().unwrap();
    let share = |what: &str| figures[what].as_f64().unwrap();
    assert_eq!(
        count("records"),
        folder.read("truth.csv").lines().count() as u64 - 1
    );
    assert_eq!(count("rejected"), said.lines().count() as u64);
    for what in ["seconds", "cpu_seconds", "peak_rss_mb"] {
        assert!(share(what) >= 0.0, "{what}");
    }
    for what in [
        "precision",
        "recall",
        "f1",
        "best_f1",
        "cluster_f1",
        "blocking_recall",
    ] {
        assert!((0.0..=1.0).contains(&share(what)), "{what}");
    }
    let (precision, recall) = (share("precision"), share("recall"));
    assert!((share("f1") - 2.0 * precision * recall / (precision + recall)).abs() < 1e-9);
    assert!(
        share("f1") > 0.75 && share("best_f1") >= share("f1"),
        "{figures}"
    );
    assert!(share("blocking_recall") >= recall);

    let pairs = folder.read("pairs.csv");
    let mut rows = pairs.lines();
    assert_eq!(rows.next(), Some("left,right,probability,class"));
    let known = folder.read("truth.csv");
    let known: BTreeSet<&str> = known
        .lines()
        .skip(1)
        .filter_map(|l| l.split(',').next())
        .collect();
    let mut classes = [0, 0];
    for row in rows {
        let values: Vec<&str> = row.split(',').collect();
        assert!(known.contains(values[0]) && known.contains(values[1]) && values.len() == 4);
        assert!((0.0..=1.0).contains(&values[2].parse::<f64>().unwrap()));
        classes[usize::from(values[3] == "match")] += 1;
        assert!(["match", "possible"].contains(&values[3]));
    }
    assert_eq!(classes, [count("possible"), count("matches")]);
    assert!(count("candidate_pairs") >= count("possible") + count("matches"));

    let groups = folder.read("clusters.csv");
    assert_eq!(groups.lines().next(), Some("record,cluster"));
    let numbers: BTreeSet<&str> = groups
        .lines()
        .skip(1)
        .map(|row| row.split_once(',').unwrap().1)
        .collect();
    assert_eq!(numbers.len() as u64, count("clusters"));

    for (side, group) in [
        ("names", "single name"),
        ("birth", "missing"),
        ("script", "plain letters"),
    ] {
        let side = &figures["fairness"][side];
        assert!(
            side["groups"][group]["true_pairs"].as_u64().unwrap() > 0,
            "{side}"
        );
        assert!(
            side.get("missed_gap").is_some() && side.get("false_gap").is_some(),
            "{side}"
        );
    }
    let sum = |side: &str, what: &str| -> u64 {
        let groups = figures["fairness"][side]["groups"].as_object().unwrap();
        groups
            .values()
            .map(|errors| errors[what].as_u64().unwrap())
            .sum()
    };
    for side in ["names", "birth", "father", "script"] {
        assert_eq!(sum(side, "matches"), count("matches"), "{side}");
        let right = sum(side, "true_pairs") - sum(side, "missed");
        assert_eq!(right, count("matches") - sum(side, "false"), "{side}");
    }

    // One thread more or less changes nothing.
    for threads in ["1", "3"] {
        let again = folder.run("people.csv", &["--map", "@map.toml", "--threads", threads]);
        assert!(again.status.success());
        assert_eq!(folder.read("pairs.csv"), pairs, "{threads} threads");
    }
}

const HEADER: &str = "record_id,given_name,family_name,dob,phone,village\n";

/// So many rows under [`HEADER`], of which every fifth is of somebody again, with
/// a slip.
fn rows() -> Vec<String> {
    let syllables = [
        "ka", "mi", "to", "sa", "ru", "ne", "pha", "li", "do", "gu", "be",
    ];
    let name = |n: usize| {
        [n * 7 % 11, n / 11 % 11, n / 3 % 11]
            .map(|n| syllables[n])
            .concat()
    };
    let row = |id: usize, n: usize, given: &str| {
        let (family, year, month) = (name(n * 5 + 2), 1950 + n % 60, 1 + n % 12);
        let (day, phone, village) = (1 + n * 3 % 28, 10_000_000 + n * 7_919, n % 9);
        format!("r{id},{given},{family},{year}-{month:02}-{day:02},07{phone},Tola {village}\n")
    };
    let of = |id: usize| match id % 5 {
        4 => row(id, id - 3, &format!("{}n", name(id - 3))),
        _ => row(id, id, &name(id)),
    };
    (0..400).map(of).collect()
}

#[test]
fn a_bad_row_is_left_out_with_its_line_and_the_rest_is_as_without_it() {
    let folder = Folder::new();
    let rows = rows();
    folder.write("good.csv", HEADER.to_owned() + &rows.concat());
    let (expected, said) = folder.pairs("good.csv");
    assert_eq!(said, "");
    assert!(matches(&expected).len() >= 70, "{expected}");

    let huge = format!(
        "h,{},Roy,1984-05-12,0712345678,Tola\n",
        "x".repeat(10_000_000)
    );
    let long = format!("l,{},Roy,1984-05-12,0712345678,Tola\n", "x".repeat(5_000));
    let bad: [(&[u8], &str); 8] = [
        (b"x,Tuti,Roy\n", "the row has 3 values, and not 6"),
        (
            b"x,Tuti,Roy,1984-05-12,0712345678,Tola,more\n",
            "the row has 7 values, and not 6",
        ),
        (
            b"x,Tut\xed,Roy,1984-05-12,0712345678,Tola\n",
            "the row is not UTF-8",
        ),
        (
            b"x,Tu\0ti,Roy,1984-05-12,0712345678,Tola\n",
            "the row holds NUL bytes",
        ),
        (
            b"r1,Tuti,Roy,1984-05-12,0712345678,Tola\n",
            "another row has the same number",
        ),
        (
            b",Tuti,Roy,1984-05-12,0712345678,Tola\n",
            "the row has no number of its own",
        ),
        (huge.as_bytes(), "the row is longer than 1 MiB"),
        (long.as_bytes(), "given_name must be at most 4096 bytes"),
    ];
    let mut file = HEADER.as_bytes().to_vec();
    let mut told = Vec::new();
    let mut bad_rows = bad.iter().enumerate().peekable();
    for (n, row) in rows.iter().enumerate() {
        file.extend_from_slice(row.as_bytes());
        if let Some((at, (bad, rule))) = bad_rows.next_if(|(at, _)| n == 10 + at * 40) {
            file.extend_from_slice(bad);
            // The header is line 1.
            told.push(format!("line {}: {rule}", n + 3 + at));
        }
    }
    assert_eq!(told.len(), bad.len());
    folder.write("bad.csv", file);
    let (found, said) = folder.pairs("bad.csv");
    assert_eq!(said.lines().collect::<Vec<_>>(), told);
    assert!(
        found == expected,
        "the pairs of the other rows are the same"
    );
}

/// The rows with a column more, under this name.
fn with_column(name: &str, value: &dyn Fn(usize) -> String) -> String {
    let header = HEADER.trim_end().to_owned() + "," + name + "\n";
    let rows = rows().into_iter().enumerate();
    let rows = rows.map(|(n, row)| format!("{},{}\n", row.trim_end(), value(n)));
    header + &rows.collect::<String>()
}

#[test]
fn a_column_that_says_nothing_changes_nothing() {
    let folder = Folder::new();
    folder.write("good.csv", HEADER.to_owned() + &rows().concat());
    let (expected, _) = folder.pairs("good.csv");
    for name in ["email", "national_id", "occupation", "unheard_of", ""] {
        folder.write("more.csv", with_column(name, &|_| String::new()));
        assert_eq!(
            folder.pairs("more.csv"),
            (expected.clone(), String::new()),
            "an empty {name}"
        );
    }
    for (name, value) in [("district", "Kozi"), ("unheard_of", "yes"), ("sex", "F")] {
        folder.write("more.csv", with_column(name, &|_| value.to_owned()));
        let (found, said) = folder.pairs("more.csv");
        assert_eq!(said, "");
        assert_eq!(matches(&found), matches(&expected), "a constant {name}");
    }
}

#[test]
fn a_phone_that_all_share_costs_little_and_hides_nobody() {
    let folder = Folder::new();
    folder.write("good.csv", HEADER.to_owned() + &rows().concat());
    let expected = matches(&folder.pairs("good.csv").0);
    folder.write(
        "same.csv",
        with_column("mobile", &|_| "0799912345".to_owned()),
    );
    let output = folder.run("same.csv", &["--json"]);
    assert!(output.status.success());
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        figures["candidate_pairs"].as_u64().unwrap() < 400 * 40,
        "{figures}"
    );
    let found = matches(&folder.read("pairs.csv"));
    let kept = expected.intersection(&found).count();
    assert!(
        kept * 100 >= expected.len() * 95,
        "{kept} of {}",
        expected.len()
    );
}

#[test]
fn where_nothing_can_be_done_it_says_why() {
    let folder = Folder::new();
    let good = HEADER.to_owned() + &rows()[..40].concat();
    folder.write("good.csv", &good);
    folder.write("short.csv", "record_id,entity_id\nr1,1\n");
    folder.write(
        "no.toml",
        "id = 'record_id'\n[columns]\nfather = 'parent_name'\n",
    );
    folder.write(
        "odd.toml",
        "id = 'record_id'\n[columns]\ngiven_name = 'nickname'\n",
    );
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = [&b"\xff\xfe"[..], &utf16].concat();
    for (file, told) in [
        (&b""[..], "is empty"),
        (HEADER.as_bytes(), "has no row"),
        (rows().concat().as_bytes(), "a header is needed"),
        (b"given_name,dob\nTuti\n\xff\xff,1984\n", "has no row"),
        (b"village,district\nTola,Kozi\n", "must have a name"),
        (&utf16, "not UTF-8"),
        (&[0; 100], "the header holds NUL bytes"),
        (b"a,b\n1,2\n1,2\n", "no column is recognized"),
    ] {
        folder.write("bad.csv", file);
        let output = folder.run("bad.csv", &["--json"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && output.stdout.is_empty(),
            "{told}"
        );
        assert!(
            said.contains(told) && said.contains("bad.csv"),
            "{told}: {said}"
        );
        assert!(!folder.path("pairs.csv").exists(), "{told}");
    }
    for (input, more, told) in [
        ("absent.csv", &[][..], "absent.csv"),
        ("", &[], "is a folder"),
        ("good.csv", &["--map", "@absent.toml"], "absent.toml"),
        ("good.csv", &["--map", "@no.toml"], "no column `father`"),
        ("good.csv", &["--map", "@odd.toml"], "nickname"),
        (
            "good.csv",
            &["--block-max", "1"],
            "`block_max` must be 2 to 1000",
        ),
        ("good.csv", &["--truth", "@absent.csv"], "absent.csv"),
        (
            "good.csv",
            &["--truth", "@short.csv"],
            "does not name a record",
        ),
        (
            "good.csv",
            &["--explain", "r1", "nobody"],
            "no second record",
        ),
    ] {
        let output = folder.run(input, more);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && output.stdout.is_empty(),
            "{told}"
        );
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[test]
fn it_says_why_two_records_are_one_person() {
    let folder = Folder::new();
    folder.write("good.csv", HEADER.to_owned() + &rows().concat());
    let output = folder.run("good.csv", &["--explain", "r1", "r4"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    for line in [
        "r1 and r4, in bits:",
        "before anything is compared",
        "phone: the same",
        "together: probability",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(said.trim_end().ends_with(", match"), "{said}");
    let printed = String::from_utf8(output.stdout).unwrap();
    for line in [
        "400 records, compared by given_name",
        "candidate pairs",
        "matches",
        "peak memory",
    ] {
        assert!(printed.contains(line), "{printed}");
    }
}

/// What follows is one row until the file ends: it is not held in memory.
#[test]
fn a_quote_that_is_left_open_ends_the_run() {
    let folder = Folder::new();
    let row = "2,Tuti Juma,1984-05-12\n";
    let rows = row.repeat((17 << 20) / row.len());
    folder.write(
        "open.csv",
        format!("id,name,born\n1,\"Asha,1990-01-02\n{rows}"),
    );
    let output = folder.run("open.csv", &["--json"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("open.csv: line 2: "), "{said}");
    assert!(said.contains("is a quote left open?"), "{said}");
    assert!(!said.contains("Asha"), "{said}");
}
